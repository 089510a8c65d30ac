"""Calibration: the sign test, the cut chosen on other messages than it is tested on, what is kept, and what follows."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from open_fleets import CSM, MARCH, at_march, open_fleet, shipped
from told import Given, ToldModel
from typer.testing import CliRunner

from fleet_runtime.calibrations import CalibrationFile
from fleet_runtime.cli import calibrating
from fleet_runtime.cli.app import build
from fleet_runtime.cli.checks import adjudication
from fleet_runtime.documents import layers
from fleet_runtime.endpoints import endpoint_of
from fleet_runtime.errors import ContractError, ModelRefused, SettingError
from fleet_runtime.messages import ModelInfo, ModelRequest
from fleet_runtime.models.resolve import describe_resolution
from fleet_runtime.role_library import RoleLibrary
from fleet_runtime.routing.earning import (
    CUTS,
    LEVEL,
    Calibration,
    LabelledMessage,
    Trial,
    answerable,
    best_cut,
    chance,
    concluded,
    read_labelled,
    roster_hash,
)
from fleet_runtime.routing.index import NOBODY
from fleet_runtime.runtime.calibration import shipped_messages
from fleet_runtime.settings import Settings
from fleet_runtime.staffing import load_staff
from fleet_runtime.weights import cache_folder

INFO = ModelInfo(name="big", kind="endpoint", endpoint="http://x/v1/", description="", reason="", voice="free")
TRIALS = st.lists(
    st.builds(
        Trial,
        expected=st.just(("a",)),
        confidence=st.floats(0, 1),
        local=st.sampled_from("ab"),
        judged=st.sampled_from("ab"),
        asked=st.booleans(),
        seconds=st.floats(0, 9),
    ),
    min_size=1,
    max_size=60,
)


def trial(local: str, judged: str, confidence: float = 0.3) -> Trial:
    return Trial(expected=("a",), confidence=confidence, local=local, judged=judged, asked=True, seconds=2.0)


def conclude(trials: list[Trial]) -> Calibration:
    return concluded(trials, info=INFO, at=MARCH, roster="r1")


@pytest.mark.parametrize(
    ("better", "worse", "expected"),
    [(0, 0, 1.0), (5, 0, 1 / 32), (4, 0, 1 / 16), (1, 1, 0.75), (0, 3, 1.0), (9, 2, 67 / 2048)],
)
def test_the_sign_test_is_exact(better: int, worse: int, expected: float) -> None:
    assert chance(better, worse) == pytest.approx(expected)


@given(better=st.integers(0, 80), worse=st.integers(0, 80))
def test_the_sign_test_is_a_probability_and_more_successes_are_less_likely(better: int, worse: int) -> None:
    assert 0.0 < chance(better, worse) <= 1.0
    assert chance(better + 1, worse) <= chance(better, worse) + 1e-12
    assert chance(better, worse + 1) >= chance(better, worse) - 1e-12
    # better or more, and worse + 1 or more of the other kind, are all there is
    assert chance(better, worse) + chance(worse + 1, better - 1) == pytest.approx(1.0) if better else True


@given(trials=TRIALS)
def test_a_conclusion_counts_the_other_half_only(trials: list[Trial]) -> None:
    found = conclude(trials)
    tested = trials[1::2]
    assert found.cut in CUTS
    assert found.cut == best_cut(trials[::2])
    assert (found.messages, found.tested) == (len(trials), len(tested))
    gained = round((found.adjudicated_accuracy - found.local_accuracy) * len(tested))
    assert found.better - found.worse == (gained if tested else 0)
    assert found.earned == (chance(found.better, found.worse) < LEVEL)


def test_the_half_that_chose_the_cut_earns_nothing() -> None:
    flattering = [trial("b", "a") if number % 2 == 0 else trial("a", "a") for number in range(40)]
    assert (conclude(flattering).better, conclude(flattering).earned) == (0, False)
    good = conclude([trial("b", "a")] * 40)
    assert (good.better, good.worse, good.earned) == (20, 0, True)
    assert (good.local_accuracy, good.adjudicated_accuracy) == (0.0, 1.0)
    assert (good.calls, good.seconds_per_call) == (40, 2.0)
    bad = conclude([trial("a", "b")] * 40)
    assert (bad.better, bad.worse, bad.earned) == (0, 20, False)


def test_the_cut_gains_most_and_asks_least_among_equals() -> None:
    assert best_cut([trial("b", "a", 0.1), trial("b", "a", 0.6), trial("a", "b", 0.7)]) == 0.65
    assert best_cut([trial("b", "a", 0.1)]) == CUTS[0]
    assert best_cut([trial("a", "b", 0.1)]) == CUTS[0]
    assert trial("b", "a", 0.6).choice(0.5) == "b"
    unasked = trial("b", "a").model_copy(update={"asked": False})
    assert unasked.choice(0.8) == "b"


def test_the_shipped_messages_name_every_shipped_role_and_nobody() -> None:
    messages = shipped_messages()
    classes = set(RoleLibrary(layers("roles", None)))
    assert {name for message in messages for name in message.expected} == {*classes, NOBODY}
    assert {message.active_role for message in messages} <= {None, *classes}
    assert len({message.id for message in messages}) == len({message.text for message in messages}) == len(messages)
    assert answerable(messages, classes) == messages


def test_the_shipped_messages_were_not_fitted_on() -> None:
    data = Path(__file__).parent.parent / "data" / "routing"
    known = {
        json.loads(line)["text"].casefold()
        for file in data.glob("*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    }
    assert not known & {message.text.casefold() for message in shipped_messages()}


def test_only_what_a_staff_can_get_right_counts() -> None:
    messages = (
        LabelledMessage(id="1", text="x", expected=("ceo", CSM)),
        LabelledMessage(id="2", text="x", expected=("ceo",)),
        LabelledMessage(id="3", text="x", expected=(NOBODY,)),
        LabelledMessage(id="4", text="x", active_role="ceo", expected=(CSM,)),
    )
    assert [message.id for message in answerable(messages, {CSM})] == ["1", "3"]


@given(
    st.lists(
        st.builds(
            LabelledMessage,
            id=st.text(),
            text=st.text(min_size=1),
            active_role=st.none() | st.just(CSM),
            expected=st.just((NOBODY,)),
            history=st.tuples(st.text()),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_labelled_messages_are_read_as_they_were_written(messages: list[LabelledMessage]) -> None:
    assert read_labelled("\n".join(message.model_dump_json() for message in messages), "mine") == tuple(messages)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "mine"),
        ("nonsense", "mine:1"),
        ('{"id": "1", "text": "x", "expected": ["a"]}\n\n{"id": "2", "text": "x"}', "mine:3"),
        ('{"id": "1", "text": "x", "expected": []}', "mine:1"),
        ('{"id": "1", "text": "", "expected": ["a"]}', "mine:1"),
    ],
)
def test_what_is_no_labelled_message_is_told_with_its_line(text: str, where: str) -> None:
    with pytest.raises(ContractError) as told:
        read_labelled(text, "mine")
    assert told.value.where == where


def test_a_roster_is_its_classes() -> None:
    staff = shipped()[0]
    turned = staff.model_copy(update={"roles": staff.roles[::-1]})
    fewer = staff.model_copy(update={"roles": staff.roles[1:]})
    assert roster_hash(staff) == roster_hash(turned) != roster_hash(fewer)


def test_a_model_is_known_by_its_name_and_where_it_answers() -> None:
    embedded = INFO.model_copy(update={"kind": "embedded", "endpoint": "http://127.0.0.1:40123/v1"})
    assert (endpoint_of(INFO), endpoint_of(embedded)) == ("http://x/v1", "embedded")


def test_calibrations_are_kept_by_model_and_roster(tmp_path: Path) -> None:
    kept = CalibrationFile(tmp_path / "cache")
    assert kept.find(INFO, "r1") is None
    first = conclude([trial("b", "a")] * 40)
    other_roster = first.model_copy(update={"roster_hash": "r2", "at": MARCH + timedelta(days=1)})
    other_model = first.model_copy(update={"model": "small"})
    anew = first.model_copy(update={"earned": False})
    for one in (first, other_roster, other_model, anew):
        kept.keep(one)
    assert kept.find(INFO, "r1") == anew
    assert kept.of_model(INFO) == (anew, other_roster)
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["calibrations.json"]


@pytest.mark.parametrize("damage", [b"{", b"\xff", b'{"calibrations": [{}]}', b'{"other": 1}'])
def test_a_damaged_file_is_told_and_left_alone(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "calibrations.json"
    file.write_bytes(damage)
    kept = CalibrationFile(tmp_path)
    with pytest.raises(SettingError, match=r"calibrations\.json: cannot be read"):
        kept.find(INFO, "r1")
    with pytest.raises(SettingError, match=r"calibrations\.json: cannot be read"):
        kept.keep(conclude([trial("b", "a")] * 4))
    assert file.read_bytes() == damage


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way", encoding="utf-8")
    with pytest.raises(SettingError, match="cannot be"):
        CalibrationFile(tmp_path / "cache").keep(conclude([trial("b", "a")] * 4))


async def right(request: ModelRequest) -> str:
    """Answer with the expected role: the model knows the labels by heart."""
    said = request.messages[-1].content.rpartition("> ")[2].strip()
    wanted = {" ".join(message.text.split()): message.expected[0] for message in shipped_messages()}
    return json.dumps({"role": wanted[said]})


async def wrong(request: ModelRequest) -> str:
    """Answer with the last of the candidates."""
    assert request.json_schema is not None
    answer: str = request.json_schema["properties"]["role"]["enum"][-2]
    return json.dumps({"role": answer})


def told_model(answer: Given) -> ToldModel:
    return ToldModel("free", {"adjudicate": [answer] * 200})


@pytest.mark.anyio
async def test_calibrating_needs_a_model_and_messages_that_fit(tmp_path: Path) -> None:
    async with open_fleet() as fleet:
        with pytest.raises(SettingError, match="no model to calibrate"):
            await fleet.calibrate()
    data = tmp_path / "mine.jsonl"
    data.write_text('{"id": "1", "text": "x", "expected": ["night-guard"]}', encoding="utf-8")
    async with open_fleet(told_model(right)) as fleet:
        with pytest.raises(SettingError, match="of 1 labelled messages, 0 are for"):
            await fleet.calibrate(data)
        with pytest.raises(ContractError, match="no such file"):
            await fleet.calibrate(tmp_path / "absent")


@pytest.mark.anyio
async def test_a_model_that_spoils_decisions_is_never_asked_again() -> None:
    model = told_model(wrong)
    steps: list[tuple[int, int]] = []
    async with open_fleet(model) as fleet:
        found = await fleet.calibrate(told=lambda done, total: steps.append((done, total)))
        assert (found.earned, found.at, found.model) == (False, at_march(), "told")
        assert found.calls == len(model.calls) > 0
        assert found.adjudicated_accuracy <= found.local_accuracy
        asked = len(model.calls)
        for message in shipped_messages()[:20]:
            await fleet.route(message.text)
    assert len(model.calls) == asked
    assert steps[-1] == (found.messages, found.messages)
    assert len(steps) == found.messages


@pytest.mark.anyio
async def test_what_was_earned_is_in_force_at_once_after_a_restart_and_not_where_it_is_forbidden(
    tmp_path: Path,
) -> None:
    """The roster's own result is written down as earned, so that the shipped weights do not matter here."""
    async with open_fleet(told_model(right)) as fleet:
        found = await fleet.calibrate()
        cache = next(tmp_path.with_name(f"{tmp_path.name}-home").rglob("calibrations.json")).parent
        CalibrationFile(cache).keep(found.model_copy(update={"earned": True, "cut": 1.1}))
    vague = next(message for message in shipped_messages() if message.expected == (NOBODY,))
    for wanted, calls in (("auto", 1), ("never", 0)):
        model = told_model(right)
        async with open_fleet(model, adjudication=wanted) as fleet:
            decision = await fleet.route(vague.text)
        assert len(model.calls) == calls
        assert (decision.stage == "adjudication") == bool(calls)


def test_the_command_says_what_follows_from_the_figures() -> None:
    earned = conclude([trial("b", "a")] * 40)
    assert calibrating._lines(earned, applied=True)[-1].startswith(
        "earned: it is asked where the confidence is below 0.35"
    )
    assert "set to never" in calibrating._lines(earned, applied=False)[-1]
    assert "big at http://x/v1: asked 40 times, 2.0 s each" in calibrating._lines(earned, applied=True)
    few = calibrating._lines(conclude([trial("b", "a")] * 8), applied=True)[-1]
    assert few.startswith("not earned")
    assert "too few changes" in few
    assert "too few" not in calibrating._lines(conclude([trial("a", "b")] * 40), applied=True)[-1]


def test_the_command_needs_a_model() -> None:
    result = CliRunner().invoke(build("calibrate"), ["calibrate", "--model", "none"])
    assert result.exit_code == 1
    assert "error[setting]: there is no model to calibrate" in result.stderr


@pytest.mark.anyio
async def test_the_doctor_says_what_was_measured_of_the_model_in_force() -> None:
    settings = Settings(model="embedded", database="none")
    cache = cache_folder(os.environ)
    model = (await describe_resolution(settings, environment={}, cache=cache)).info
    assert model is not None
    unmeasured = await adjudication(settings)
    assert (unmeasured.text, unmeasured.note) == (
        "not measured yet: routing asks no model", "to measure it: fleet calibrate"
    )  # fmt: skip
    good = concluded([trial("b", "a")] * 40, info=model, at=MARCH, roster="another")
    CalibrationFile(cache).keep(good)
    assert "with others on 2027-03-01" in (await adjudication(settings)).text
    for one, said in ((good, "earned: asked below"), (good.model_copy(update={"earned": False}), "not earned: ")):
        CalibrationFile(cache).keep(one.model_copy(update={"roster_hash": roster_hash(load_staff(settings))}))
        assert (await adjudication(settings)).text.startswith(said)
    assert (await adjudication(Settings(model="none"))).text == "none: there is no model to ask"
    assert (await adjudication(Settings(adjudication="never"))).text.startswith("never, as set")


@pytest.mark.anyio
async def test_a_model_that_refuses_is_not_measured() -> None:
    async with open_fleet(told_model(ModelRefused("no", hint="pay"))) as fleet:
        with pytest.raises(ModelRefused):
            await fleet.calibrate()
