"""Rows of account memory for the stores' contract tests. Tests nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from fleet_runtime.decisions import Decision
from fleet_runtime.messages import ToolCall
from fleet_runtime.ports import Store
from fleet_runtime.records import (
    AccountChange,
    AccountKey,
    Approval,
    Commitment,
    Contract,
    Digest,
    Event,
    Fact,
    HandOff,
    Learned,
    Part,
    Reply,
    Spent,
    Step,
    Turn,
)

ACME = AccountKey(tenant="north", account="acme")
GLOBEX = AccountKey(tenant="north", account="globex")
OTHER_TENANT = AccountKey(tenant="south", account="acme")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINI, WORDS = "mini-encoder", "word-encoder"


def hours(count: float) -> datetime:
    return NOON + timedelta(hours=count)


def an_event(event_id: str, at: datetime = NOON, text: str = "We have 40 seats.") -> Event:
    return Event(id=event_id, at=at, kind="note", author="Ada", text=text)


def a_fact(fact_id: str, event_id: str, value: str | None = "40") -> Fact:
    return Fact(
        id=fact_id, key="seats", value=value, event_id=event_id, author="Ada", at=NOON, valid_from=NOON, known_from=NOON
    )


def a_digest(text: str, made_at: datetime = NOON) -> Digest:
    return Digest(id="2025-Q4", period="2025-Q4", text=text, cites=("e1", "f1"), events=2, made_at=made_at)


def a_change(  # noqa: PLR0913 - a change has that many sides
    events: Iterable[Event] = (),
    *,
    key: AccountKey = ACME,
    seen: int = 0,
    facts: Iterable[Fact] = (),
    commitments: Iterable[Commitment] = (),
    digests: Iterable[Digest] = (),
) -> AccountChange:
    learned = Learned(facts=tuple(facts), commitments=tuple(commitments))
    return AccountChange(
        key=key, seen_version=seen, now=NOON, events=tuple(events), learned=learned, digests=tuple(digests)
    )


async def fill(store: Store, key: AccountKey, *, count: int = 3) -> None:
    """Give an account a row of every kind."""
    turn_id = f"t-{key.account}"
    turn = Turn(id=turn_id, key=key, conversation="c", role="r", speaker="Ada", at=NOON, text="We have 40 seats.")
    await store.accept(turn)
    reply = Reply(
        turn_id=turn_id,
        conversation="c",
        text="Noted.",
        role="sales",
        parts=(Part(role="r", text="Noted.", kind="answer"),),
        decision=Decision(id="d", verdict="hand_off", choice="sales", stage="owner", confidence=1.0, reason="terms"),
        hand_offs=(HandOff(id="h", from_role="r", to_role="sales", why="w", said="s", asked="a"),),
    )
    seen = (await store.read(key)).version
    change = a_change(
        [an_event(f"e{number}", hours(number)) for number in range(count)],
        key=key,
        seen=seen,
        facts=[a_fact("f1", "e1")],
        commitments=[Commitment(id="k1", task="send the plan", owner="Ada", event_id="e1", at=NOON)],
        digests=[a_digest("A quiet quarter.")],
    )
    call = ToolCall(id="c1", name="refund", arguments='{"amount": 40}')
    await store.put_step(key, turn_id, Step(number=1, role="r", said="I ask.", calls=(call,)))
    asked = Approval(
        id=f"{turn_id}:ask", key=key, turn_id=turn_id, conversation="c", role="r", speaker="Ada", kind="tool",
        question="Refund 40?", call=call, use_id=f"{turn_id}:1:0", asked_at=NOON,
    )  # fmt: skip
    whole = {
        "asks": (asked,),
        "spent": Spent(tokens=40),
        "trace": '{"stages": []}',
        "finishes": turn_id,
        "reply": reply,
        "learn_later": ("e2",),
        "pinned": (Contract(role="r", content_hash="h", text="# R"),),
    }
    await store.apply(change.model_copy(update=whole))
    await store.put_vectors(key, MINI, {"e0": b"\x01\x02", "e1": b"\x03\x04"})
    assert await store.lease(key, "us", hours(1), NOON)
