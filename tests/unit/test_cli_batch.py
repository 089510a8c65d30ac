"""The commands on files of messages and on stored decisions: small folders of roles, by words alone."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from small_project import CLERK, KEEPER, clerk, keeper
from stored_decisions import MARCH, RULE, TENANT, decided, keep, store_of
from typer.testing import CliRunner

from fleet_runtime.batch import folder_staff, open_batch
from fleet_runtime.calibrations import CalibrationFile
from fleet_runtime.cli.app import build
from fleet_runtime.errors import ContractError
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest, Usage
from fleet_runtime.models.resolve import Resolution
from fleet_runtime.ports import Vector
from fleet_runtime.routing import Labelled
from fleet_runtime.routing.earning import Calibration, roster_hash
from fleet_runtime.routing.index import NOBODY
from fleet_runtime.settings import Settings
from fleet_runtime.testing import HashEmbedder
from fleet_runtime.weights import cache_folder

PLAIN = """# Tide reader

Reads the tide.

## Mandate

1. **Read the tide** — twice a day.

## Boundaries

- **Does NOT mend the lamp** — that belongs to the **lighthouse-keeper**.

## Persona

Wet.
"""
READER = "tide-reader"
LINES: list[dict[str, Any]] = [
    {"id": "1", "text": "The lamp of the tower is out.", "active_role": None, "kind": "not looked at"},
    {"id": "2", "text": "Please write the harbour papers.", "active_role": KEEPER, "account": "acme"},
    {"id": 3, "text": "And now?", "active_role": CLERK, "history": ["Mend the lamp."]},
    {"id": "4", "text": "When is the tide high?"},
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with three roles and a file of messages, without a model."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLEET_MODEL", "none")
    roles = tmp_path / "crew"
    roles.mkdir()
    (roles / f"{KEEPER}.md").write_text(keeper(), encoding="utf-8")
    (roles / f"{CLERK}.md").write_text(clerk(), encoding="utf-8")
    (roles / f"{READER}.md").write_text(PLAIN, encoding="utf-8")
    write(tmp_path / "in.jsonl", *LINES)
    return tmp_path


def write(file: Path, *lines: object) -> None:
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def call(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(build(), list(arguments), prog_name="fleet")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def batch(*more: str, given: str = "in.jsonl", out: str = "out.jsonl") -> tuple[int, list[dict[str, Any]], str]:
    """Decide a batch; the time that it took is left out, so that two runs can be compared."""
    code, _, err = call("route", "--batch", given, "--out", out, "--roles", "crew", *more)
    text = Path(out).read_text(encoding="utf-8") if Path(out).exists() else ""
    return code, [json.loads(line) | {"seconds": 0} for line in text.splitlines()], err


def test_every_line_is_answered_in_its_order_by_the_roles_of_the_folder_alone() -> None:
    code, answers, err = batch()
    assert (code, [answer["id"] for answer in answers]) == (0, ["1", "2", 3, "4"])
    assert "4 of 4 messages decided, written to out.jsonl" in err
    assert "by their words alone" in err
    staff = {KEEPER, CLERK, READER}
    for answer in answers:
        assert answer["choice"] in {*staff, "none"}
        assert {candidate["role"] for candidate in answer["candidates"]} == staff
        assert 0 <= answer["none_score"] <= 1
        assert 0 <= answer["confidence"] <= 1
        assert (answer["choice"] == "none") == (answer["verdict"] == "nobody")
        assert (answer["rule"] is not None) == (answer["stage"] == "boundary")
        assert answer["usage"]["calls"] == 0
    assert batch()[1] == answers


def test_without_out_the_answers_are_printed() -> None:
    _, answers, _ = batch()
    code, out, _ = call("route", "--batch", "in.jsonl", "--roles", "crew", "--model", "none")
    assert code == 0
    assert [json.loads(line) | {"seconds": 0} for line in out.splitlines()] == answers


def test_examples_teach_and_adversarial_ones_do_not() -> None:
    text = "Splice the mainbrace before supper."
    write(Path("one.jsonl"), {"id": "1", "text": text})
    _, before, _ = batch(given="one.jsonl")
    example = {"text": text, "active_role": None, "expected": [READER], "kind": "plain"}
    write(Path("tricks.jsonl"), {**example, "kind": "adversarial"})
    write(Path("plain.jsonl"), example, {"id": "x", "text": "Ahoy.", "expected": ["stranger"]})
    assert batch("--examples", "tricks.jsonl", given="one.jsonl")[1] == before
    code, after, err = batch("--examples", "plain.jsonl", given="one.jsonl")
    assert code == 0
    assert "1 of 2 examples name no role that is staffed" in err
    assert share(after[0], READER) > share(before[0], READER)


@pytest.mark.anyio
async def test_an_example_of_nobodys_work_is_known_to_be_nobodys() -> None:
    lesson = Labelled(text="Splice the mainbrace before supper.", expected=(NOBODY,))
    for examples in ((), (lesson,)):
        settings = Settings(model="none", embeddings="none")
        async with open_batch(settings, folder=Path("crew"), examples=examples, messages=()) as desk:
            index = desk.dispatcher._index
            nobodys = {index.passages[number].text for number in index.numbers(NOBODY)}
        assert (lesson.text in nobodys) == bool(examples)


def share(answer: dict[str, Any], role: str) -> float:
    return next(float(candidate["score"]) for candidate in answer["candidates"] if candidate["role"] == role)


def test_a_bad_line_is_reported_with_its_place_and_the_others_are_answered() -> None:
    good, other = json.dumps(LINES[0]), json.dumps({**LINES[3], "active_role": "harbour-clark"})
    Path("in.jsonl").write_text(f'{good}\nnot JSON\n\n{{"id": "2"}}\n{other}\n{good}\n', encoding="utf-8")
    code, answers, err = batch()
    assert (code, [answer["id"] for answer in answers]) == (1, ["1", "1"])
    errors = [line for line in err.splitlines() if line.startswith("error[")]
    assert [error.split(":")[:3] for error in errors] == [
        ["error[message]", " in.jsonl", "2"],
        ["error[message]", " in.jsonl", "4"],
        ["error[unknown-role]", " in.jsonl", "5"],
    ]
    assert f"did you mean {CLERK}" in err
    assert "2 of 5 messages decided" in err


def test_what_cannot_be_decided_at_all_leaves_an_older_file_of_answers_alone() -> None:
    Path("out.jsonl").write_text("{}\n", encoding="utf-8")
    Path("bad.jsonl").write_text("\nnot JSON\n", encoding="utf-8")
    (Path("empty")).mkdir()
    for more, code, place in (
        (("--examples", "bad.jsonl"), "contract", "bad.jsonl:2"),
        (("--examples", "gone.jsonl"), "message", "gone.jsonl"),
        (("--roles", "empty"), "contract", "empty"),
        (("--roles", "gone"), "contract", "gone"),
        (("--profile", "gone"), "unknown-profile", "gone"),
    ):
        ended, answers, err = batch(*more)
        assert (ended, answers) == (1, [{"seconds": 0}])
        assert err.startswith(f"error[{code}]: ")
        assert place in err
    assert sorted(path.name for path in Path().glob(".*out*")) == []


def test_answers_that_cannot_be_written_are_an_error(folder: Path) -> None:
    (folder / "file").write_text("", encoding="utf-8")
    for out in ("crew", "file/out.jsonl"):
        code, _, err = call("route", "--batch", "in.jsonl", "--out", out, "--roles", "crew")
        assert (code, err.splitlines()[0].split(":")[0]) == (1, "error[message]")
        assert f"{out} cannot be written" in err
    code, _, err = call("route", "--batch", "gone.jsonl", "--out", "out.jsonl", "--roles", "crew")
    assert (code, Path("out.jsonl").exists()) == (1, False)
    assert "gone.jsonl cannot be read" in err


@pytest.mark.parametrize("more", [("Hello.",), ("--role", KEEPER), ("--explain",)])
def test_a_batch_and_a_single_message_exclude_each_other(more: tuple[str, ...]) -> None:
    code, _, err = call("route", *more, "--batch", "in.jsonl", "--roles", "crew")
    assert (code, err.split(":")[0]) == (1, "error[message]")


def test_what_is_only_for_a_batch_needs_one_and_no_message_is_wrong_usage() -> None:
    for more in (("--out", "out.jsonl"), ("--examples", "in.jsonl")):
        code, _, err = call("route", "Hello.", *more)
        assert (code, err.split(":")[0]) == (1, "error[message]")
    assert call("route")[0] == 2


def test_with_a_profile_its_roster_is_the_staff(folder: Path) -> None:
    (folder / "profiles").mkdir()
    roster = f"roster:\n  - class: {KEEPER}\n  - class: {READER}\n"
    text = f"id: watch\ntitle: The watch\nlead: {KEEPER}\n{roster}"
    (folder / "profiles" / "watch.yaml").write_text(text, encoding="utf-8")
    write(folder / "in.jsonl", LINES[0])
    code, answers, err = batch("--profile", "watch")
    assert code == 0, err
    assert {candidate["role"] for candidate in answers[0]["candidates"]} == {KEEPER, READER}


def test_a_folder_without_markers_or_a_profile_is_led_by_its_first_role(folder: Path) -> None:
    staff = folder_staff(folder / "crew")
    assert (staff.lead, [role.role_class for role in staff.roles]) == (CLERK, [CLERK, KEEPER, READER])
    assert staff.domains == {CLERK: "operations", KEEPER: "operations"}
    with pytest.raises(ContractError, match="no role files"):
        folder_staff(folder / "in.jsonl")


def test_replay_and_gaps_of_a_record_that_is_empty_or_has_not_moved() -> None:
    assert call("replay")[1] == "0 of 0 decisions would move\n"
    assert call("gaps")[1] == "every message had an owner\n"
    assert call("dispatch", "Our login is broken.", "--account", "acme", "--turn-id", "t1")[0] == 0
    assert call("replay", "--check")[:2] == (0, "0 of 1 decision would move\n")
    assert json.loads(call("replay", "--account", "acme", "--json")[1]) == {"decisions": 1, "moved": []}
    assert json.loads(call("replay", "--account", "globex", "--json")[1])["decisions"] == 0


async def a_record(file: Path) -> None:
    """Store two messages of nobody's, one that a rule declined, and one that a model gave to a role that is gone."""
    nobody = decided(choice=None, verdict="nobody", stage="nobody")
    judged = decided(choice="ghost", verdict="route", stage="adjudication", role_hashes={KEEPER: "former"})
    async with store_of(file) as store:
        await keep(store, "t1", "Can you walk my dog, please?", nobody)
        await keep(store, "t2", f"Walk the dog, {'please ' * 40}", nobody, account="globex", day=3)
        await keep(store, "t3", "Walk the dog!", decided(verdict="decline", rule=RULE), role=KEEPER, day=3)
        await keep(store, "t4", "Sing.", judged, account="zeta")


def test_what_moved_and_what_nobody_owned_is_printed_with_its_reasons(folder: Path) -> None:
    anyio.run(a_record, folder / "f.db")
    where = ("--database", "f.db", "--tenant", TENANT)
    code, out, _ = call("replay", *where, "--check", "--account", "zeta")
    moved, was, _, changed, counted = out.splitlines()
    assert (code, moved) == (1, 'zeta 2027-03-01 "Sing." (turn t4)')
    assert was == "  from ghost (route; no rule, by adjudication; 0.90)"
    assert changed == f"  contracts changed since: {KEEPER}"
    assert counted == "1 of 1 decision would move; in 1 a model chose then, and none is asked now"
    every = json.loads(call("replay", *where, "--json")[1])
    assert every["decisions"] == 4
    ghost = next(one for one in every["moved"] if one["turn_id"] == "t4")
    assert ghost["from"] == {
        "choice": "ghost", "verdict": "route", "stage": "adjudication", "confidence": 0.9, "rule": None,
    }  # fmt: skip
    assert next(one for one in every["moved"] if one["turn_id"] == "t3")["from"]["rule"] == RULE.where
    gap = call("gaps", *where, "--min", "3")[1].splitlines()
    assert gap[0].startswith("3 x ")
    assert gap[1].startswith('  such as: "')
    assert gap[2:] == [
        "  2 accounts: acme, globex; 2027-03-01 to 2027-03-04",
        f"  declined by: {RULE.where}",
        "3 messages that nobody owned, 1 group",
    ]
    assert call("gaps", *where, "--min", "4")[1] == (
        "3 messages that nobody owned, 0 groups; 3 in groups of fewer than 4\n"
    )
    later = json.loads(call("gaps", *where, "--since", "2027-03-02", "--json")[1])
    assert (later["messages"], [gap["turns"] for gap in later["gaps"]]) == (2, [["t3", "t2"]])
    assert call("gaps", *where, "--since", "yesterday")[0] == 2


INFO = ModelInfo(
    name="judge-1", endpoint="http://127.0.0.1:1/v1", kind="endpoint", description="told", reason="told", voice="free"
)


def calibration(*, earned: bool) -> Calibration:
    return Calibration(
        model=INFO.name, endpoint=INFO.endpoint, at=MARCH, messages=10, tested=5, local_accuracy=0.2,
        adjudicated_accuracy=0.8, better=3, worse=0, p_value=0.01, earned=earned, cut=1.0, calls=5,
        seconds_per_call=0.1, roster_hash=roster_hash(folder_staff(Path("crew"))),
    )  # fmt: skip


class Judge:
    """A model that finds nobody to own anything, and remembers how often it was asked and whether it was closed."""

    info = INFO

    def __init__(self) -> None:
        self.asked = 0
        self.closed = False

    async def complete(self, request: ModelRequest) -> ModelReply:
        self.asked += 1
        assert request.json_schema is not None
        return ModelReply(text='{"role": "none"}', usage=Usage(prompt_tokens=10, calls=1))

    def stream(self, request: ModelRequest) -> AsyncIterator[str | ModelReply]:
        raise AssertionError(request)

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("earned", [True, False])
def test_a_model_is_started_and_asked_only_where_it_earned_that(
    monkeypatch: pytest.MonkeyPatch,
    earned: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    judge = Judge()
    started: list[Judge] = []

    async def described(*_: object, **__: object) -> Resolution:
        return Resolution(info=INFO)

    async def resolved(*_: object, **__: object) -> Judge:
        started.append(judge)
        return judge

    monkeypatch.setattr("fleet_runtime.models.resolve.describe_resolution", described)
    monkeypatch.setattr("fleet_runtime.models.resolve.resolve_model", resolved)
    CalibrationFile(cache_folder(os.environ)).keep(calibration(earned=earned))
    code, answers, err = batch("--model", INFO.name)
    assert code == 0, err
    asked = [answer for answer in answers if answer["usage"]["calls"]]
    assert bool(asked) == bool(started) == judge.closed == earned
    assert len(asked) == judge.asked
    assert all(answer["choice"] == "none" and answer["stage"] == "adjudication" for answer in asked)
    assert ("judge-1 is not asked: it has not earned that" in err) != earned
    monkeypatch.setenv("FLEET_ADJUDICATION", "never")
    assert not any(answer["usage"]["calls"] for answer in batch("--model", INFO.name)[1])


def test_vectors_are_made_of_all_messages_before_the_first_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numpy")
    embedded: list[int] = []

    class Encoder(HashEmbedder):
        async def embed(self, texts: Sequence[str]) -> list[Vector]:
            embedded.append(len(texts))
            return await super().embed(texts)

    async def loaded(*_: object, **__: object) -> HashEmbedder:
        return Encoder()

    monkeypatch.setattr("fleet_runtime.batch.load_embedder", loaded)
    code, answers, err = batch()
    assert (code, len(answers)) == (0, 4)
    assert "by their words alone" not in err
    assert len(embedded) <= 3  # the messages, the contracts, and what stands for no message
    assert embedded[0] >= 4
