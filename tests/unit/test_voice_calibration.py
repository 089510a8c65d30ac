"""Voice calibration: what makes a first draft bad, what follows from the figures, and what doubles come to."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from open_fleets import CSM, MARCH, open_fleet
from typer.testing import CliRunner

from fleet_runtime.adjudication import voice_measured
from fleet_runtime.calibrations import CalibrationFile
from fleet_runtime.cli import calibrating
from fleet_runtime.cli.app import build
from fleet_runtime.errors import ContractError, ModelGarbled, ModelRefused, ModelTimeout, SettingError
from fleet_runtime.fleet import Fleet
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest, ToolCall
from fleet_runtime.models.resolve import Resolution
from fleet_runtime.models.schema_tools import tool_calling_key
from fleet_runtime.ports import ModelClient
from fleet_runtime.records import Finding
from fleet_runtime.runtime.voice_calibration import shipped_situations
from fleet_runtime.voicing.earning import (
    EARNING_SHARE,
    LONGEST,
    MOST_REJECTED,
    Drafted,
    Fault,
    Situation,
    VoiceMeasured,
    concluded_voice,
    faults_of,
    read_situations,
    wilson_lower,
)
from fleet_runtime.weights import cache_folder

INFO = ModelInfo(name="big", kind="endpoint", endpoint="http://x/v1/", description="", reason="", voice="free")
SHIPPED = shipped_situations()
PROMPT = "You are the keeper of the relationship after the sale and the one who makes customers stay for many years."
FINDING = Finding(kind="amount", text="9", sentence="9", message="no")


class Author:
    """A model that writes what a function makes of a situation, and calls the probing tool if it can."""

    def __init__(self, write: Callable[[Situation], str], *, tools: bool = True) -> None:
        self._write = write
        self._tools = tools
        self.requests: list[ModelRequest] = []

    @property
    def info(self) -> ModelInfo:
        return INFO.model_copy(update={"voice": "assisted"})

    async def complete(self, request: ModelRequest) -> ModelReply:
        if request.tools:
            call = ToolCall(id="1", name=request.tools[0].name, arguments='{"first": 1738, "second": 2645}')
            return ModelReply(text="", tool_calls=(call,)) if self._tools else ModelReply(text="4383")
        if request.task == "adjudicate":
            return ModelReply(text="nobody knows")
        self.requests.append(request)
        asked = request.messages[-1].content
        text = self._write(next(one for one in SHIPPED.situations if f"> {one.text}" in asked))
        if text == "garbled":
            raise ModelGarbled("not sound", hint="ask again")
        if text == "late":
            raise ModelTimeout("too slow", hint="wait")
        return ModelReply(text=text)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        yield await self.complete(request)

    async def close(self) -> None:
        """Hold nothing."""


def voice_kept(folder: Path) -> str | None:
    """Return the voice that was measured of the model, as it is kept."""
    found = CalibrationFile(folder).voice(INFO)
    return found.voice if found else None


def well(situation: Situation) -> str:
    """Write as a good model does: what the record says, or that it says nothing."""
    if situation.kind == "answer":
        return " ".join(line.text for line in SHIPPED.lines(situation)[:1])
    if situation.kind == "talk":
        return "Thank you for telling me."
    return "I find no entry about that on the record, so I cannot say it."


def inventing(situation: Situation) -> str:
    """Write as a small model does: the right answers, and as readily what nobody said."""
    if situation.kind == "answer":
        return well(situation)
    return "Yes, we can offer you a discount of 17.5 % until 14 August 2031, as Dr. Hollis Venn promised."


@contextmanager
def in_force(model: ModelClient) -> Iterator[None]:
    """Have commands open fleets with this model."""

    async def resolved(*_: object, **__: object) -> ModelClient:
        return model

    async def described(*_: object, **__: object) -> Resolution:
        return Resolution(info=model.info)

    with (
        patch("fleet_runtime.models.resolve.resolve_model", resolved),
        patch("fleet_runtime.models.resolve.describe_resolution", described),
    ):
        yield


def called(*arguments: str) -> str:
    result = CliRunner().invoke(build(arguments[0]), list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


async def measure(fleet: Fleet, cache: Path) -> VoiceMeasured:
    desk = fleet._desk
    return await voice_measured(desk, fleet._assembly.dispatcher, cache, lambda _done, _total: None)


def drafts(good: int, bad: int, fault: Fault = "unanswered") -> list[Drafted]:
    bad_ones = [Drafted(id=f"b{number}", text="x", faults=(fault,), seconds=2.0) for number in range(bad)]
    return [*(Drafted(id=f"g{number}", text="y", seconds=1.0) for number in range(good)), *bad_ones]


def conclude(found: list[Drafted]) -> VoiceMeasured:
    return concluded_voice(found, info=INFO, at=MARCH, role=CSM)


def test_the_shipped_situations_are_of_every_kind_and_can_be_answered_from_their_record() -> None:
    assert len({one.id for one in SHIPPED.situations}) == len(SHIPPED.situations) == 24
    assert {one.kind for one in SHIPPED.situations} == {"answer", "absent", "bait", "talk"}
    for one in SHIPPED.situations:
        assert bool(one.says) == (one.kind == "answer")
        assert faults_of(one, ModelReply(text=well(one)), (), PROMPT) == ()


@pytest.mark.anyio
async def test_a_model_that_answers_well_earns_the_free_voice(tmp_path: Path) -> None:
    model = Author(well)
    async with open_fleet(model, tool_calling="auto") as fleet:
        found = await measure(fleet, tmp_path)
        system = fleet._desk.prefix(fleet._desk.keeper).text
    assert [(one.id, one.text, one.faults) for one in found.sample if one.faults] == []
    assert (found.voice, found.good, found.share, found.rejected, found.faults) == ("free", 24, 1.0, 0, {})
    assert (found.role, found.model, found.endpoint) == (CSM, "big", "http://x/v1")
    assert 0.8 < found.at_least < 1.0
    assert len(model.requests) == 24
    assert {request.messages[0].content for request in model.requests} == {system}
    assert {request.task for request in model.requests} == {"reply"}
    with_talk = next(request for request in model.requests if len(request.messages) > 2)
    assert [message.role for message in with_talk.messages] == ["system", "user", "assistant", "user"]
    assert voice_kept(tmp_path) == "free"
    assert CalibrationFile(tmp_path).voice(INFO) == found
    assert CalibrationFile(cache_folder(os.environ)).tool_calling() == {tool_calling_key(INFO): True}


@pytest.mark.anyio
async def test_a_model_that_invents_gets_the_assisted_voice(tmp_path: Path) -> None:
    model = Author(inventing, tools=False)
    async with open_fleet(model, tool_calling="auto") as fleet:
        found = await measure(fleet, tmp_path)
    assert (found.voice, found.good, found.rejected) == ("assisted", 10, 14)
    assert voice_kept(tmp_path) == "assisted"
    assert CalibrationFile(cache_folder(os.environ)).tool_calling() == {tool_calling_key(INFO): False}


@pytest.mark.anyio
async def test_silence_and_garbled_answers_count_as_drafts(tmp_path: Path) -> None:
    model = Author(lambda one: "garbled" if one.kind == "answer" else "  ")
    async with open_fleet(model) as fleet:
        found = await measure(fleet, tmp_path)
    assert (found.good, found.faults, found.voice) == (0, {"silent": 24}, "assisted")


@pytest.mark.anyio
@pytest.mark.parametrize(("late", "good", "asked"), [((0,), 24, 25), ((0, 1), 23, 25), ((5,), 23, 24)])
async def test_only_the_very_first_draft_may_be_late_once(
    late: tuple[int, ...], good: int, asked: int, tmp_path: Path
) -> None:
    model = Author(lambda one: "late" if len(model.requests) - 1 in late else well(one))
    async with open_fleet(model) as fleet:
        found = await measure(fleet, tmp_path)
    assert (found.good, len(model.requests)) == (good, asked)


@pytest.mark.anyio
async def test_what_cannot_be_measured_is_told_and_nothing_is_kept(tmp_path: Path) -> None:
    async with open_fleet() as fleet:
        with pytest.raises(SettingError, match="no model to calibrate"):
            await voice_measured(fleet._desk, None, tmp_path, lambda _done, _total: None)

    def refuse(_: Situation) -> str:
        raise ModelRefused("no", hint="pay")

    model = Author(refuse)
    async with open_fleet(model) as fleet:
        with pytest.raises(ModelRefused):
            await measure(fleet, tmp_path)
        assert voice_kept(tmp_path) is None
        (tmp_path / "calibrations.json").write_text("{", encoding="utf-8")
        with pytest.raises(SettingError, match="cannot be read"):
            await measure(fleet, tmp_path)


@pytest.mark.parametrize(
    ("text", "finish", "findings", "faults"),
    [
        ("It renews on 30 September 2027.", "stop", (), ()),
        ("it renews on SEPTEMBER 30.", "stop", (), ()),
        (" ", "stop", (), ("silent",)),
        ("I do not know.", "stop", (), ("unanswered",)),
        ("It renews on 30 September", "length", (), ("long",)),
        ("30 September " * LONGEST, "stop", (), ("long",)),
        ("30 September, for 9.", "stop", (FINDING, FINDING), ("rejected",)),
        ("Yes, on 30 September.", "stop", (), ("forbidden",)),
        ("> 30 September", "stop", (), ("repeats",)),
        (f"30 September. {PROMPT}", "stop", (), ("repeats",)),
        ("30 September, the keeper of the relationship after the sale.", "stop", (), ()),
        ("## Yes, it is", "stop", (FINDING,), ("rejected", "unanswered", "forbidden", "repeats")),
    ],
)
def test_every_fault_is_told_apart(
    text: str, finish: str, findings: tuple[Finding, ...], faults: tuple[Fault, ...]
) -> None:
    situation = Situation(
        id="1", kind="answer", text="When?", says=(("30 September", "September 30"),), avoids=("yes, ",)
    )
    assert faults_of(situation, ModelReply(text=text, finish_reason=finish), findings, PROMPT) == faults


def test_the_free_voice_needs_both_a_share_and_few_rejections() -> None:
    assert conclude(drafts(21, 3)).voice == "free"
    assert conclude(drafts(20, 4)).voice == "assisted"
    assert conclude(drafts(22, MOST_REJECTED, "rejected")).voice == "free"
    assert conclude(drafts(97, MOST_REJECTED + 1, "rejected")).voice == "assisted"
    found = conclude(drafts(3, 3))
    assert (found.seconds_per_reply, found.faults) == (1.5, {"unanswered": 3})
    assert [one.id for one in found.sample] == ["b0", "b1", "b2", "g0", "g1"]


@given(good=st.integers(0, 60), bad=st.integers(0, 60).filter(bool))
def test_the_voice_follows_the_share_and_the_bound_lies_below_it(good: int, bad: int) -> None:
    found = conclude(drafts(good, bad))
    assert (found.voice == "free") == (good / (good + bad) >= EARNING_SHARE)
    assert 0.0 <= found.at_least <= found.share
    assert wilson_lower(good + 1, good + bad + 1) >= wilson_lower(good, good + bad)


def test_the_bound_is_wilsons() -> None:
    assert wilson_lower(24, 24) == pytest.approx(0.862, abs=0.001)
    assert wilson_lower(21, 24) == pytest.approx(0.690, abs=0.001)
    assert wilson_lower(0, 24) == 0.0


@pytest.mark.parametrize("text", ["", "{}", '{"situations": []}'])
def test_what_are_no_situations_is_told(text: str) -> None:
    with pytest.raises(ContractError, match="mine"):
        read_situations(text, "mine")


def test_a_situation_recalls_only_what_the_record_holds() -> None:
    wrong = SHIPPED.model_copy(update={"record": SHIPPED.record[1:]})
    with pytest.raises(ContractError, match="renewal recalls 'renewal_date'"):
        read_situations(wrong.model_dump_json(), "mine")
    assert read_situations(SHIPPED.model_dump_json(), "mine") == SHIPPED


def test_voices_tools_and_calibrations_share_a_file_and_leave_each_other_alone(tmp_path: Path) -> None:
    kept = CalibrationFile(tmp_path)
    good, other = conclude(drafts(24, 0)), conclude(drafts(0, 24))
    kept.keep_voice(good)
    kept.keep_tool_calling("a", native=True)
    kept.keep_voice(other.model_copy(update={"model": "small"}))
    kept.keep_tool_calling("b", native=False)
    assert (kept.voice(INFO), kept.tool_calling()) == (good, {"a": True, "b": False})
    kept.keep_voice(other)
    assert kept.voice(INFO) == other
    assert kept.of_model(INFO) == ()
    assert [file.name for file in tmp_path.iterdir()] == ["calibrations.json"]


@pytest.mark.anyio
async def test_a_measured_voice_is_in_force_from_the_next_opening_unless_a_role_has_its_own() -> None:
    async with open_fleet(Author(inventing)) as fleet:
        assert (await fleet.calibrate_voice()).voice == "assisted"
    async with open_fleet(Author(well)) as fleet:
        assert fleet._desk.voice_of(fleet._desk.keeper) == "assisted"
        assert (await fleet.calibrate_voice()).voice == "free"
    async with open_fleet(Author(well), role={CSM: {"voice": "assisted"}}) as fleet:
        voices = {role.role_class: fleet._desk.voice_of(role) for role in fleet.staff.roles}
    assert voices.pop(CSM) == "assisted"
    assert set(voices.values()) == {"free"}


@pytest.mark.anyio
async def test_without_a_model_there_is_no_voice_to_measure() -> None:
    async with open_fleet() as fleet:
        with pytest.raises(SettingError, match="no model to calibrate"):
            await fleet.calibrate_voice()


def test_the_command_measures_both_and_the_doctor_shows_what_came_of_it() -> None:
    with in_force(Author(inventing, tools=False)):
        assert "not measured yet" in called("doctor")
        said = called("calibrate")
        assert "10 good (42%, at least 24% beyond chance)" in said
        assert "14 rejected" in said
        assert "voice: assisted (85% good, and at most 2 rejected" in said
        assert "not earned: the model is not asked" in said
        shown = called("doctor")
        assert "10 of 24 first drafts good, 14 rejected by the guard" in shown
        assert "is given tools by a JSON schema" in shown
    with in_force(Author(well)):
        found = json.loads(called("calibrate", "--only", "voice", "--json"))
        assert (found["voice"]["voice"], found["adjudication"]) == ("free", None)
        only = json.loads(called("calibrate", "--only", "adjudication", "--json"))
        assert (only["voice"], only["adjudication"]["earned"]) == (None, False)
        assert "voice: free" in called("doctor")


def test_a_silent_draft_is_shown_as_such() -> None:
    shown = calibrating._voice_lines(conclude([Drafted(id="one", text="", faults=("silent",))]))
    assert "  one, silent: (nothing)" in shown
    assert calibrating._voice_lines(conclude(drafts(24, 0)))[1] == "  24 good (100%, at least 86% beyond chance)"
