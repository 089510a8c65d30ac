"""What a recorder notes of a turn's signals, and that what it gives can be read again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from fleet_runtime.decisions import Decision
from fleet_runtime.errors import StoreError
from fleet_runtime.messages import Usage
from fleet_runtime.records import AccountKey, Approval, Fact, Finding, HandOff, Recalled, Reply, ToolUse, Turn
from fleet_runtime.runtime.tracing import Span, TraceRecorder, read_trace
from fleet_runtime.signals import (
    ApprovalAsked,
    Consulted,
    Decided,
    HandedOff,
    MemoryLearned,
    MemoryRecalled,
    ModelAnswered,
    ModelAsked,
    Objected,
    Signal,
    StageDone,
    TextReleased,
    ToolAnswered,
    ToolCalled,
    TurnBegan,
    TurnDone,
)

CSM, SUPPORT = "customer-success-manager", "support-agent"
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
KEY = AccountKey(tenant="north", account="acme")
SAID = "our code is 0000"
TURN = Turn(id="t1", key=KEY, conversation="main", role=CSM, speaker="Dana", at=NOON, text=SAID)
DECISION = Decision(
    id="d", verdict="hand_off", choice=SUPPORT, stage="boundary", confidence=0.9, reason=SAID, seconds=0.002
)
RECALLED = Recalled(text=SAID, event_id="e", author="Dana", at=NOON, valid_from=NOON, score=1.0)
FACT = Fact(
    id="f", subject="account", key="seats", value=SAID, valid_from=NOON, known_from=NOON, event_id="e",
    author="Dana", at=NOON,
)  # fmt: skip
PACKET = HandOff(id="h", from_role=CSM, to_role=SUPPORT, why=SAID, said=SAID, asked=SAID)
ASKED = Approval(
    id="a", key=KEY, turn_id="t1", conversation="main", role=CSM, speaker="Dana", kind="tool", question=SAID,
    asked_at=NOON,
)  # fmt: skip
USE = ToolUse(id="t1:1:0", role=CSM, name="look_up", arguments=SAID, result=SAID, failed=True, seconds=0.25)


class Timed:
    """A timer that goes on by a tenth of a second whenever it is looked at."""

    def __init__(self) -> None:
        self.seconds = 5.0

    def __call__(self) -> float:
        self.seconds += 0.1
        return self.seconds


def answered(usage: Usage, finish: str = "stop", error: str = "") -> ModelAnswered:
    return ModelAnswered(
        "t1", role=CSM, task="reply", model="m", usage=usage, finish_reason=finish, seconds=0.04, error=error
    )


def recorded(*signals: Signal) -> TraceRecorder:
    recorder = TraceRecorder(TURN, Timed())
    for signal in signals:
        recorder(signal)
    return recorder


def spans(*signals: Signal) -> tuple[Span, ...]:
    return read_trace(recorded(*signals).json()).spans


def test_a_call_is_noted_with_what_it_took_and_without_what_is_nothing() -> None:
    usage = Usage(prompt_tokens=800, cached_tokens=600, completion_tokens=40, calls=1, cost=Decimal("0.00012"))
    (span,) = spans(answered(usage))
    assert (span.name, span.start, span.ms) == ("chat", 60.0, 40.0)
    assert span.attributes == {
        "role": CSM, "task": "reply", "model": "m", "in": 800, "cached": 600, "out": 40, "cost": "0.00012",
    }  # fmt: skip
    (failed,) = spans(answered(Usage(), finish="", error="model-timeout"))
    assert failed.attributes == {"role": CSM, "task": "reply", "model": "m", "error": "model-timeout"}
    (odd,) = spans(answered(Usage(calls=3, unpriced=2), finish="length"))
    assert (odd.number("calls"), odd.number("unpriced"), odd.text("finish"), odd.text("cost")) == (3, 2, "length", "")


def test_all_that_matters_is_noted_and_no_text() -> None:
    signals = (
        TurnBegan("t1", tenant="north", account="acme", conversation="main", role=CSM, text=SAID),
        Decided("t1", decision=DECISION),
        StageDone("t1", name="route", seconds=0.003),
        MemoryRecalled("t1", recalled=(RECALLED,)),
        MemoryLearned("t1", learned=(FACT,), superseded=()),
        ModelAsked("t1", role=CSM, task="reply", model="m"),
        ToolCalled("t1", use_id="t1:1:0", role=CSM, name="look_up", arguments=SAID),
        ToolAnswered("t1", use=USE),
        HandedOff("t1", packet=PACKET),
        Consulted("t1", role=CSM, colleague=SUPPORT, question=SAID, answer="", why=SAID),
        Objected("t1", finding=Finding(kind="amount", text=SAID, sentence=SAID, message=SAID)),
        ApprovalAsked("t1", approval=ASKED),
        TextReleased("t1", role=SUPPORT, text=SAID),
        TextReleased("t1", role=SUPPORT, text=SAID),
    )
    recorder = recorded(*signals)
    assert "0000" not in recorder.json()
    noted = {span.name: span.attributes for span in read_trace(recorder.json()).spans}
    assert noted == {
        "decision": {"verdict": "hand_off", "stage": "boundary", "choice": SUPPORT},
        "stage": {"stage": "route"},
        "memory": {"items": 1},
        "learned": {"facts": 1, "superseded": 0},
        "tool": {"tool": "look_up", "role": CSM, "use": "1:0", "failed": True},
        "hand_off": {"from": CSM, "to": SUPPORT},
        "consulted": {"from": CSM, "to": SUPPORT, "refused": True},
        "finding": {"finding": "amount"},
        "approval": {"approval": "a", "asks": "tool"},
        "text": {"role": SUPPORT},
    }
    assert [span.name for span in read_trace(recorder.json()).spans].count("text") == 1


def test_what_ended_the_turn_is_not_part_of_it() -> None:
    reply = Reply(turn_id="t1", conversation="main", text="x", role=CSM, parts=(), decision=DECISION)
    assert spans(TurnDone("t1", reply=reply)) == ()


def test_a_span_that_claims_to_have_begun_before_the_turn_begins_with_it() -> None:
    assert spans(StageDone("t1", name="route", seconds=9.0))[0].start == 0.0


def test_the_whole_time_is_told() -> None:
    assert read_trace(recorded().json()).ms == 100.0


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"ms": 1, "spans": [[0]]}', '{"ms": 1, "spans": [3]}'])
def test_what_is_no_trace_is_told(text: str) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        read_trace(text)


def test_a_plain_turns_trace_is_short() -> None:
    stages = [StageDone("t1", name=name, seconds=0.001) for name in ("route", "recall", "voice")]
    recorder = recorded(Decided("t1", decision=DECISION), *stages, answered(Usage(prompt_tokens=9, calls=1)))
    assert len(recorder.json()) < 384
    attributes = {"verdict": "hand_off", "stage": "boundary", "choice": SUPPORT}
    assert json.loads(recorder.json())["spans"][0] == ["decision", 98.0, 2.0, attributes]
