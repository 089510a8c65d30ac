"""A question is decided once and carried on by one turn, however often, wherever and whenever it is decided."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from open_fleets import shipped
from told import ToldClock

from fleet_runtime.decisions import Decision
from fleet_runtime.errors import ApprovalError, MessageError, ModelTimeout
from fleet_runtime.machine import elapsed
from fleet_runtime.messages import ToolCall
from fleet_runtime.ports import Store
from fleet_runtime.records import AccountChange, AccountKey, Approval, Reply, Turn
from fleet_runtime.runtime.approvals import Approvals
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.proposing import MOTIONS, turn_of
from fleet_runtime.settings import Settings
from fleet_runtime.stores.sql.store import open_store

KEY = AccountKey(tenant="north", account="acme")
CSM = "customer-success-manager"
ASKED_AT = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.anyio


def question(approval_id: str = "q1") -> Approval:
    return Approval(
        id=approval_id,
        key=KEY,
        turn_id="t1",
        conversation="main",
        role="customer-success-manager",
        speaker="Dana",
        kind="tool",
        question="May 40 euros be credited?",
        call=ToolCall(id="c", name="credit", arguments='{"euros": 40}'),
        asked_at=ASKED_AT,
    )


def letter(motion: str = "quiet") -> Approval:
    """Return the question of a motion: may a letter go out."""
    turn_id = turn_of(f"acme:{motion}:2027-03-01:email")
    return question(f"{turn_id}:question").model_copy(
        update={"turn_id": turn_id, "conversation": MOTIONS, "kind": "reply", "call": None, "draft": "Dear all."}
    )


def replied(turn: Turn, text: str) -> Reply:
    decision = Decision(id="d", verdict="keep", choice=turn.role, stage="address", confidence=1.0, reason="told")
    return Reply(
        turn_id=turn.id, conversation=turn.conversation, text=text, role=turn.role, parts=(), decision=decision
    )


class Carried:
    """Stands in for the runtime: accepts a turn, and runs it unless it has a reply."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run: list[Turn] = []
        self.fails = False

    async def __call__(self, turn: Turn) -> Reply:
        accepted = await self.store.accept(turn)
        if accepted.reply is not None:
            return accepted.reply
        if self.fails:
            raise ModelTimeout("no answer in 60 s", hint="ask again")
        self.run.append(turn)
        reply = replied(turn, f"Done: {turn.text}")
        state = await self.store.read(turn.key)
        await self.store.apply(
            AccountChange(key=turn.key, seen_version=state.version, now=turn.at, finishes=turn.id, reply=reply)
        )
        return reply


class Office:
    """One process: a store on a file, and the approvals over it."""

    def __init__(self, store: Store, clock: ToldClock, motions: str | None = None) -> None:
        staff, words = shipped()
        if motions is not None:
            roles = (
                one.model_copy(update={"motions": motions}) if one.role_class == CSM else one for one in staff.roles
            )
            staff = staff.model_copy(update={"roles": tuple(roles)})
        desk = Desk(Settings(tenant="north"), staff, words, store, None, None, clock, lambda: "id", elapsed)
        self.store = store
        self.carried = Carried(store)
        self.approvals = Approvals(desk, self.carried)

    async def ask(self, *questions: Approval) -> None:
        """Answer a turn by asking."""
        first = questions[0]
        turn = Turn(
            id=first.turn_id,
            key=KEY,
            conversation=first.conversation,
            role=first.role,
            speaker="Dana",
            at=ASKED_AT,
            text="Credit?",
        )
        await self.store.accept(turn)
        state = await self.store.read(KEY)
        change = AccountChange(
            key=KEY, seen_version=state.version, now=ASKED_AT, finishes=turn.id, reply=replied(turn, "I ask."),
            asks=questions,
        )  # fmt: skip
        await self.store.apply(change)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fleet.db"


@pytest.fixture
async def office(file: Path, clock: ToldClock) -> AsyncGenerator[Office]:
    store = open_store(str(file), now=clock)
    yield Office(store, clock)
    await store.close()


async def test_what_waits_is_listed_and_what_was_decided_is_not(office: Office) -> None:
    await office.ask(question("q1"), question("q2"))
    assert [one.id for one in await office.approvals.list()] == ["q1", "q2"]
    await office.approvals.approve("q1")
    assert [one.id for one in await office.approvals.list()] == ["q2"]
    assert [one.id for one in await office.approvals.list("approved")] == ["q1"]
    assert [one.state for one in await office.approvals.list(None)] == ["approved", "waiting"]


async def test_a_yes_is_carried_on_by_a_turn_of_the_same_role_and_conversation(
    office: Office, clock: ToldClock
) -> None:
    await office.ask(question())
    clock.move(days=3)
    reply = await office.approvals.approve("q1", by="Kim", note="go ahead")
    assert reply.text == "Done: go ahead"
    (turn,) = office.carried.run
    assert (turn.id, turn.approval, turn.key, turn.speaker) == ("q1:decided", "q1", KEY, "Dana")
    assert (turn.role, turn.conversation, turn.at) == ("customer-success-manager", "main", clock.now)
    (decided,) = await office.approvals.list("approved")
    assert (decided.decided_by, decided.note, decided.decided_at) == ("Kim", "go ahead", clock.now)


async def test_said_again_it_is_the_same_reply_and_nothing_is_done_twice(office: Office, clock: ToldClock) -> None:
    await office.ask(question())
    first = await office.approvals.approve("q1", note="yes")
    clock.move(hours=1)
    assert await office.approvals.approve("q1", note="said otherwise now") == first
    assert len(office.carried.run) == 1


async def test_a_no_is_carried_on_too_and_final(office: Office) -> None:
    await office.ask(question())
    assert (await office.approvals.reject("q1")).text == "Done: rejected"
    with pytest.raises(ApprovalError, match="rejected"):
        await office.approvals.approve("q1")
    assert len(office.carried.run) == 1


async def test_a_question_that_nobody_asked_is_an_error(office: Office) -> None:
    with pytest.raises(ApprovalError, match="no question q9"):
        await office.approvals.approve("q9")
    with pytest.raises(MessageError):
        await office.approvals.approve("q1", note="nul \0 byte")


async def test_another_process_carries_it_on_days_later(office: Office, file: Path, clock: ToldClock) -> None:
    await office.ask(question())
    clock.move(days=5)
    store = open_store(str(file), now=clock)
    try:
        other = Office(store, clock)
        reply = await other.approvals.approve("q1")
    finally:
        await store.close()
    assert await office.approvals.approve("q1") == reply
    assert office.carried.run == []


async def test_what_was_decided_before_a_crash_is_carried_on_at_the_next_start(office: Office) -> None:
    await office.ask(question("q1"), question("q2"), question("q3"))
    decided = ASKED_AT
    await office.store.decide("north", "q1", approve=True, by="Kim", note="", now=decided)
    await office.store.decide("north", "q2", approve=False, by="Kim", note="too much", now=decided)
    assert await office.approvals.resume_decided() == 2
    assert [(turn.id, turn.text) for turn in office.carried.run] == [
        ("q1:decided", "approved"),
        ("q2:decided", "too much"),
    ]
    assert await office.approvals.resume_decided() == 0, "q3 waits, and the others are done"


async def test_one_that_fails_keeps_no_other_from_being_carried_on(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.ask(question("q1"))
    await office.store.decide("north", "q1", approve=True, by="", note="", now=ASKED_AT)
    office.carried.fails = True
    with caplog.at_level(logging.WARNING):
        assert await office.approvals.resume_decided() == 0
    assert "approval q1: decided, and not carried on yet: no answer in 60 s" in caplog.text
    assert await office.approvals.resume_decided() == 0, "its turn is accepted: the engine finishes it"
    office.carried.fails = False
    assert (await office.approvals.approve("q1")).text == "Done: approved"


def quiet(approver: str) -> str:
    """Return a contract's motions: one that writes a letter, with who approves."""
    return f"- `quiet` (no contact for 45 days) - draft `email`; {approver}"


@pytest.mark.parametrize("who", ["", "Kim", "Dana", "Dana Whit", "customer-success-manager"])
@pytest.mark.parametrize("yes", [True, False])
async def test_a_motion_s_question_is_for_whom_the_contract_names_alone(
    file: Path, clock: ToldClock, who: str, *, yes: bool
) -> None:
    store = open_store(str(file), now=clock)
    office = Office(store, clock, quiet("approved by Dana Whitfield"))
    asked = letter()
    await office.ask(asked)
    answer = office.approvals.approve if yes else office.approvals.reject
    with pytest.raises(ApprovalError, match="Dana Whitfield") as refused:
        await answer(asked.id, by=who, note="fine")
    assert '--by "Dana Whitfield"' in refused.value.hint
    assert (who or "nobody") in refused.value.message
    assert await office.approvals.list() == (asked,), "nothing is lost: it waits as it did"
    assert office.carried.run == []
    await answer(asked.id, by=" dana  whitfield", note="fine")
    assert [turn.text for turn in office.carried.run] == ["fine"]
    (decided,) = await office.approvals.list(None)
    assert (decided.state, decided.decided_by) == ("approved" if yes else "rejected", " dana  whitfield")
    await answer(asked.id)
    assert len(office.carried.run) == 1, "what is decided may be repeated by anybody"
    await store.close()


@pytest.mark.parametrize(
    ("approver", "by"),
    [
        ("approved", ""), ("approved by anybody", "Kim"), ("to Kim", ""),
        ("approved by the **sales-lead**", "Sales Lead"), ("approved by the sales lead", "sales-lead"),
        ("approved by Anna-Lena", "anna-lena"),
    ],
)  # fmt: skip
async def test_who_may_answer_a_motion_s_question(file: Path, clock: ToldClock, approver: str, by: str) -> None:
    store = open_store(str(file), now=clock)
    office = Office(store, clock, quiet(approver))
    await office.ask(letter())
    assert (await office.approvals.approve(letter().id, by=by)).text == "Done: approved"
    await store.close()


async def test_the_contract_in_force_says_who_answers(file: Path, clock: ToldClock) -> None:
    store = open_store(str(file), now=clock)
    await Office(store, clock, quiet("approved by Dana")).ask(letter())
    now = Office(store, clock, quiet("approved by Kim"))
    with pytest.raises(ApprovalError, match="Kim"):
        await now.approvals.approve(letter().id, by="Dana")
    assert (await now.approvals.approve(letter().id, by="Kim")).text == "Done: approved"
    await store.close()


async def test_a_motion_that_no_contract_has_any_more_sends_nothing_out(file: Path, clock: ToldClock) -> None:
    store = open_store(str(file), now=clock)
    office = Office(store, clock, quiet("approved"))
    await office.ask(letter("gone"))
    with pytest.raises(ApprovalError, match="'gone'") as refused:
        await office.approvals.approve(letter("gone").id, by="Dana")
    assert "reject" in refused.value.hint
    assert (await office.approvals.reject(letter("gone").id)).text == "Done: rejected"
    await store.close()


async def test_no_motion_decides_over_what_a_tool_asks(file: Path, clock: ToldClock) -> None:
    store = open_store(str(file), now=clock)
    office = Office(store, clock, quiet("approved by Dana"))
    named = letter().model_copy(update={"conversation": "main"})  # whoever calls gives turns their ids
    await office.ask(named)
    assert (await office.approvals.approve(named.id, by="Kim")).text == "Done: approved"
    await store.close()
