"""What `fleet trace`, `fleet pause` and `fleet resume` print, over a store that holds a turn of every kind of thing."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import anyio
import pytest
from typer.testing import CliRunner

from fleet_runtime.cli.app import build
from fleet_runtime.cli.tracing import lines
from fleet_runtime.decisions import Decision, RuleHit
from fleet_runtime.messages import Usage
from fleet_runtime.ports import Store
from fleet_runtime.records import (
    AccountChange,
    AccountKey,
    Approval,
    Fact,
    Finding,
    HandOff,
    Part,
    Pause,
    Recalled,
    Reply,
    ToolUse,
    Turn,
)
from fleet_runtime.runtime.tracing import TraceRecorder, read_trace
from fleet_runtime.signals import (
    ApprovalAsked,
    Consulted,
    Decided,
    HandedOff,
    MemoryLearned,
    MemoryRecalled,
    ModelAnswered,
    Objected,
    StageDone,
    TextReleased,
    ToolAnswered,
)
from fleet_runtime.stores.sql.store import open_store

CSM, SUPPORT = "customer-success-manager", "support-agent"
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
KEY = AccountKey(tenant="default", account="acme")
RULE = RuleHit(role=CSM, text="Does NOT mend what is broken", where="roles/customer-success-manager.md:41")
DECISION = Decision(
    id="d", verdict="hand_off", choice=SUPPORT, stage="boundary", confidence=0.93, reason="a boundary", rule=RULE,
    seconds=0.002,
)  # fmt: skip
USAGE = Usage(prompt_tokens=800, cached_tokens=600, completion_tokens=40, calls=1, cost=Decimal("0.00012"))
USE = ToolUse(
    id="t1:1:0", role=SUPPORT, name="open_ticket", arguments='{"title": "login"}', result="ticket 7\nis open",
    seconds=0.03,
)  # fmt: skip
FAILED = USE.model_copy(update={"id": "t1:1:1", "name": "look_up", "failed": True, "result": "x" * 100})
PACKET = HandOff(id="h", from_role=CSM, to_role=SUPPORT, why="w", said="s", asked="a")
FINDING = Finding(kind="amount", text="40", sentence="It costs 40.", message="no evidence supports 40")
RECALLED = Recalled(
    text="We have 40 seats.", event_id="e1", author="Dana", at=NOON, valid_from=NOON, score=1.0, key="seats", value="40"
)
FACT = Fact(
    id="f", subject="account", key="seats", value="55", valid_from=NOON, known_from=NOON, event_id="e2", author="Dana",
    at=NOON,
)  # fmt: skip
ASKED = Approval(
    id="q1", key=KEY, turn_id="t1", conversation="main", role=CSM, speaker="Dana", kind="tool", question="May it?",
    asked_at=NOON,
)  # fmt: skip
TURN = Turn(
    id="t1", key=KEY, conversation="main", role=CSM, speaker="Dana", at=NOON, text="Our login is broken.\nHelp! \x1b[2J"
)
REPLY = Reply(
    turn_id="t1", conversation="main", text="The ticket is open.", role=SUPPORT,
    parts=(Part(role=SUPPORT, text="The ticket is open.", kind="answer"),),
    decision=DECISION, hand_offs=(PACKET,), recalled=(RECALLED,), learned=(FACT,),
    superseded=(FACT.model_copy(update={"value": "40", "event_id": "e1"}),),
    findings=(FINDING,), tools=(USE, FAILED), approvals=(ASKED,), exhausted="turn_tokens",
    usage=USAGE + Usage(calls=1, unpriced=1), model="gpt-x",
)  # fmt: skip


def recorded() -> str:
    """Record the turn's way on a timer that goes on by a hundredth of a second at each look."""
    looks = iter(range(1000))
    recorder = TraceRecorder(TURN, lambda: next(looks) / 100)
    for signal in (
        Decided("t1", decision=DECISION),
        StageDone("t1", name="route", seconds=0.01),
        MemoryRecalled("t1", recalled=(RECALLED,)),
        MemoryLearned("t1", learned=(FACT,), superseded=(FACT,)),
        HandedOff("t1", packet=PACKET),
        ModelAnswered("t1", role=SUPPORT, task="reply", model="gpt-x", usage=USAGE, finish_reason="length",
                      seconds=0.02),
        ModelAnswered("t1", role=SUPPORT, task="reply", model="gpt-x", usage=Usage(), finish_reason="", seconds=0.01,
                      error="model-timeout"),
        ModelAnswered("t1", role=SUPPORT, task="reply", model="new", usage=Usage(calls=1, unpriced=1),
                      finish_reason="stop", seconds=0.01),
        ToolAnswered("t1", use=USE),
        ToolAnswered("t1", use=FAILED),
        Consulted("t1", role=SUPPORT, colleague=CSM, question="?", answer="", why="not its work"),
        Objected("t1", finding=FINDING),
        ApprovalAsked("t1", approval=ASKED),
        TextReleased("t1", role=SUPPORT, text="The"),
    ):  # fmt: skip
        recorder(signal)
    return recorder.json()


def in_store(work: Callable[[Store], Awaitable[None]]) -> None:
    """Work on the store of the working folder."""

    async def run() -> None:
        store = open_store(".fleet/fleet.db", now=lambda: NOON)
        try:
            await work(store)
        finally:
            await store.close()

    anyio.run(run)


async def keep(store: Store, trace: str) -> None:
    """Keep the turn, done."""
    await store.accept(TURN)
    state = await store.read(KEY)
    await store.apply(
        AccountChange(key=KEY, seen_version=state.version, now=NOON, finishes="t1", reply=REPLY, trace=trace)
    )


class Call:
    """One call of the program in this process."""

    def __init__(self, *arguments: str) -> None:
        result = CliRunner().invoke(build(), list(arguments), prog_name="fleet")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLEET_MODEL", "none")


def test_a_turns_whole_way_is_printed_as_it_went() -> None:
    in_store(lambda store: keep(store, recorded()))
    call = Call("trace", "t1")
    assert call.code == 0, call.err
    paid = "800 in (600 cached), 40 out, cost 0.00012"
    assert call.out.splitlines() == [
        "turn        t1 at 2027-03-01 12:00:00 UTC",
        "account     acme (tenant default), conversation main",
        'said        Dana: "Our login is broken. Help! [2J"',
        "answered by support-agent, with gpt-x",
        'reply       support-agent (answer): "The ticket is open."',
        "decision    hand_off to support-agent by boundary (0.93): a boundary",
        "rule        roles/customer-success-manager.md:41: Does NOT mend what is broken",
        'remembered  seats = 40, from "We have 40 seats." (Dana, 2027-03-01, e1)',
        "learned     seats = 55 (Dana, e2)",
        "superseded  seats = 40 (Dana, e1)",
        "",
        "      8.0        2.0 ms  decided: hand_off support-agent (by boundary)",
        "     10.0       10.0 ms  stage route",
        "     30.0                recalled: 1",
        "     40.0                learned: 1 new, 1 superseded",
        f"     40.0       20.0 ms  model gpt-x for {SUPPORT}, reply: {paid}, ended by length",
        "     50.0                handed off: customer-success-manager to support-agent",
        "     60.0       10.0 ms  model gpt-x for support-agent, reply: failed: model-timeout",
        '     60.0       30.0 ms  tool open_ticket {"title": "login"} -> ticket 7 is open',
        "     70.0       10.0 ms  model new for support-agent, reply: 0 in (0 cached), 0 out, unpriced",
        f'     70.0       30.0 ms  tool look_up {{"title": "login"}} -> failed: {"x" * 60} ...',
        "    110.0                consulted: support-agent asked customer-success-manager, refused",
        "    120.0                guard: amount: no evidence supports 40",
        "    130.0                waits for a person: q1",
        "    140.0                first words of support-agent",
        "",
        "exhausted   turn_tokens",
        "usage       2 calls, 800 tokens in (600 cached), 40 out, cost 0.00012, 1 unpriced",
        "total       150.0 ms until it was committed",
    ]


def test_without_a_trace_the_reply_tells_what_it_can() -> None:
    in_store(lambda store: keep(store, ""))
    call = Call("trace", "t1")
    assert call.code == 0, call.err
    told = call.out.splitlines()
    assert "                2.0 ms  decided" in told[11]
    assert [line.strip() for line in told[12:17]] == [
        "handed off: customer-success-manager to support-agent",
        '30.0 ms  tool open_ticket {"title": "login"} -> ticket 7 is open',
        f'30.0 ms  tool look_up {{"title": "login"}} -> failed: {"x" * 60} ...',
        "guard: amount: no evidence supports 40",
        "waits for a person: q1",
    ]
    assert told[-1] == "total       no times were kept"


def test_as_json_the_turn_and_its_spans_are_given() -> None:
    in_store(lambda store: keep(store, recorded()))
    read = json.loads(Call("trace", "t1", "--json").out)
    assert read["turn"]["reply"]["text"] == "The ticket is open."
    assert read["trace"]["ms"] == 150.0
    assert read["trace"]["spans"][1] == {
        "name": "stage", "start": 10.0, "ms": 10.0, "attributes": {"stage": "route"},
    }  # fmt: skip


def test_a_turn_that_is_not_answered_yet_says_so() -> None:
    turn = TURN.model_copy(update={"approval": "q1"})
    assert list(lines(turn, None))[-2:] == ["carries on  approval q1", "state       accepted, and not answered yet"]


def test_a_plain_turn_is_laid_out_plainly() -> None:
    decision = Decision(id="d", verdict="keep", choice=CSM, stage="owner", confidence=1.0, reason="it has it")
    reply = Reply(turn_id="t1", conversation="main", text="Hello.", role=CSM, parts=(), decision=decision)
    turn = TURN.model_copy(update={"reply": reply, "text": "word " * 60})
    told = list(lines(turn, read_trace('{"ms": 2.5, "spans": []}')))
    assert told[2].endswith(' word ..."')
    assert told[3] == "answered by customer-success-manager, without a model"
    assert told[4] == "decision    keep by owner (1.00): it has it"
    assert told[-2:] == ["usage       no model was asked", "total       2.5 ms until it was committed"]
    retracted = reply.model_copy(update={"learned": (FACT.model_copy(update={"value": None}),)})
    assert "learned     seats = (retracted) (Dana, e2)" in list(
        lines(turn.model_copy(update={"reply": retracted}), None)
    )


@pytest.mark.parametrize("prepared", [False, True])
def test_an_unknown_turn_is_an_error_that_says_where_ids_are(*, prepared: bool) -> None:
    if prepared:
        in_store(lambda store: keep(store, ""))
    call = Call("trace", "t9")
    assert call.code == 1
    assert "error[store]: no turn 't9' is kept for the tenant default" in call.err
    assert "fleet ask" in call.err


def test_another_tenants_turn_is_unknown() -> None:
    in_store(lambda store: keep(store, ""))
    assert Call("trace", "t1", "--tenant", "other").code == 1


async def nothing(store: Store) -> None:
    """Only make the store."""


def test_pausing_turns_the_switch_off_and_resuming_on() -> None:
    seen: list[Pause | None] = []

    async def look(store: Store) -> None:
        seen.append(await store.paused("default"))
        assert await store.paused("other") is None

    in_store(nothing)
    call = Call("pause", "--reason", "a wrong price", "--by", "Dana")
    assert (call.code, call.out) == (
        0,
        "paused: nothing new is begun on .fleet/fleet.db (tenant default) until fleet resume\n",
    )
    in_store(look)
    assert seen[0] is not None
    assert (seen[0].reason, seen[0].by) == ("a wrong price", "Dana")
    resumed = Call("resume")
    assert resumed.out.startswith("resumed on .fleet/fleet.db (tenant default); it was paused since 2")
    in_store(look)
    assert seen[1] is None
    assert Call("resume").out == "nothing was paused on .fleet/fleet.db (tenant default)\n"


def test_the_switch_as_json() -> None:
    in_store(nothing)
    paused = json.loads(Call("pause", "--reason", "why", "--json").out)
    assert (paused["paused"], paused["pause"]["reason"]) == (True, "why")
    resumed = json.loads(Call("resume", "--json").out)
    assert (resumed["paused"], resumed["was"]["reason"]) == (False, "why")


@pytest.mark.parametrize("command", ["pause", "resume"])
@pytest.mark.parametrize("database", ["nowhere.db", "none"])
def test_a_switch_that_nobody_looks_at_does_not_seem_to_work(command: str, database: str) -> None:
    call = Call(command, "--database", database)
    assert call.code == 1
    assert f"there is no store at {database}" in call.err
    assert not Path("nowhere.db").exists()
