"""What every store must do for a turn's work: beginning it, its rounds, money, questions, its way; and the switch."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from postgres import OnPostgres
from remembered import ACME, GLOBEX, NOON, OTHER_TENANT, an_event, hours
from store_of_database import StoreOfDatabase

from fleet_runtime.decisions import Decision
from fleet_runtime.errors import ApprovalError, FenceLost, MessageError, StoreError
from fleet_runtime.messages import ToolCall
from fleet_runtime.ports import AccountWork, Store
from fleet_runtime.records import (
    AccountChange,
    AccountKey,
    AccountState,
    Approval,
    Part,
    Pause,
    Reply,
    Spent,
    Step,
    ToolResult,
    Turn,
)
from fleet_runtime.stores.memory.store import MemoryStore
from fleet_runtime.stores.sql.store import open_store

pytestmark = pytest.mark.anyio

TODAY = NOON.date()
CALLS = tuple(ToolCall(id=f"c{n}", name="look_up", arguments='{"what": "Gr\u00f6\u00dfe"}') for n in range(2))


def a_turn(turn_id: str, key: AccountKey = ACME) -> Turn:
    return Turn(id=turn_id, key=key, conversation="c", role="r", speaker="Ada", at=NOON, text="We have 40 seats.")


def a_reply(turn_id: str) -> Reply:
    return Reply(
        turn_id=turn_id,
        conversation="c",
        text="Noted.",
        role="r",
        parts=(Part(role="r", text="Noted.", kind="answer"),),
        decision=Decision(id="d", verdict="keep", choice="r", stage="owner", confidence=1.0, reason="owner"),
    )


def an_approval(approval_id: str, key: AccountKey = ACME, at: datetime = NOON) -> Approval:
    return Approval(
        id=approval_id, key=key, turn_id="t1", conversation="c", role="r", speaker="Ada", kind="tool",
        question="Refund 40 seats?", call=CALLS[0], use_id="t1:1:0", asked_at=at,
    )  # fmt: skip


def finishing(turn_id: str, seen: int = 0, key: AccountKey = ACME, **more: object) -> AccountChange:
    change = AccountChange(key=key, seen_version=seen, now=NOON, finishes=turn_id, reply=a_reply(turn_id))
    return change.model_copy(update=more)


class WorkContract(StoreOfDatabase):
    """The promises; subclasses say where the store lies."""

    async def test_to_begin_is_to_accept_and_to_lease(self, store: Store) -> None:
        turn, first = await store.begin(a_turn("t1"), "us", hours(1), NOON)
        assert (turn, first) == (a_turn("t1").model_copy(update={"sequence": 1}), True)
        assert await store.read(ACME) == AccountState(key=ACME, turns=(turn,))
        assert not await store.lease(ACME, "them", hours(1), NOON)
        assert await store.begin(a_turn("t1"), "us", hours(1), NOON) == (turn, True)
        assert await store.accounts("north") == ["acme"]

    async def test_who_begins_second_waits_for_the_older_turn(self, store: Store) -> None:
        await store.begin(a_turn("t1"), "us", hours(1), NOON)
        second, first = await store.begin(a_turn("t2"), "us", hours(1), NOON)
        assert (second.sequence, first) == (2, False)
        await store.apply(finishing("t1", lease_owner="us"))
        assert (await store.begin(a_turn("t2"), "us", hours(1), NOON))[1]
        assert [turn.id for turn in (await store.read(ACME)).turns] == ["t1", "t2"]

    async def test_what_another_leased_is_accepted_and_not_begun(self, store: Store) -> None:
        await store.lease(ACME, "them", hours(1), NOON)
        turn, first = await store.begin(a_turn("t1"), "us", hours(2), NOON)
        assert not first
        assert await store.unfinished(ACME) == [turn]
        assert (await store.begin(a_turn("t1"), "us", hours(3), hours(1)))[1]
        assert not await store.lease(ACME, "them", hours(9), hours(2))

    async def test_a_turn_that_is_done_is_returned_without_a_lease(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        await store.apply(finishing("t1"))
        turn, first = await store.begin(a_turn("t1"), "us", hours(1), NOON)
        assert (turn.reply, first) == (a_reply("t1"), False)
        assert await store.lease(ACME, "them", hours(1), NOON)

    async def test_an_id_of_another_account_begins_nothing(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        with pytest.raises(MessageError):
            await store.begin(a_turn("t1", GLOBEX), "us", hours(1), NOON)
        assert await store.lease(GLOBEX, "them", hours(1), NOON)
        assert (await store.begin(a_turn("t1", OTHER_TENANT), "us", hours(1), NOON))[1]

    async def test_what_a_beginning_saw_is_read_with_all_that_was_written_since(self, store: Store) -> None:
        await store.apply(AccountChange(key=ACME, seen_version=0, now=NOON, events=(an_event("e1"),)))
        await store.read(ACME)
        turn, _ = await store.begin(a_turn("t1"), "us", hours(1), NOON)
        await store.apply(AccountChange(key=ACME, seen_version=1, now=NOON, events=(an_event("e2", hours(1)),)))
        other = await store.accept(a_turn("t2"))
        state = await store.read(ACME)
        assert (state.version, state.events) == (2, (an_event("e1"), an_event("e2", hours(1))))
        assert state.turns[:1] == (turn,)
        assert (await store.read(ACME)).turns == (turn, other)
        await store.begin(a_turn("t3"), "us", hours(1), NOON)
        await store.erase(ACME, NOON)
        assert await store.read(ACME) == AccountState(key=ACME)

    async def test_everything_a_turn_says_is_kept(self, store: Store) -> None:
        schema = {"type": "object", "properties": {"Gr\u00f6\u00dfe": {"type": "integer"}}}
        more = {"approval": "t0:ask", "output_schema": schema, "grant": ("look_up", "refund")}
        turn = await store.accept(a_turn("t1").model_copy(update=more))
        bare = await store.accept(a_turn("t2").model_copy(update={"grant": ()}))
        assert (turn.approval, turn.output_schema, turn.grant) == ("t0:ask", schema, ("look_up", "refund"))
        assert await store.turn(ACME, "t1") == turn
        assert await store.unfinished(ACME) == [turn, bare]
        assert (await store.read(ACME)).turns == (turn, bare)

    async def test_a_round_is_kept_before_its_tools_run_and_completed_after(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        first = Step(number=1, role="r", said="I look.", calls=CALLS)
        second = Step(number=2, role="sales", calls=CALLS[:1])
        await store.put_step(ACME, "t1", second)
        await store.put_step(ACME, "t1", first)
        assert await store.steps(ACME, "t1") == (first, second)
        results = tuple(ToolResult(call_id=call.id, text="40", failed=call.id == "c1") for call in CALLS)
        done = first.model_copy(update={"results": results})
        await store.put_step(ACME, "t1", done)
        assert await store.steps(ACME, "t1") == (done, second)
        assert await store.steps(ACME, "t2") == ()
        assert await store.steps(GLOBEX, "t1") == ()
        assert (await store.read(ACME)).version == 0

    async def test_a_round_of_an_unknown_turn_is_refused(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        for key, turn_id in ((ACME, "t2"), (GLOBEX, "t1")):
            with pytest.raises(StoreError, match="not in the store"):
                await store.put_step(key, turn_id, Step(number=1, role="r", calls=CALLS))

    async def test_spending_adds_up_exactly_per_account_and_day(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        await store.accept(a_turn("t1", OTHER_TENANT))
        assert await store.spent(ACME, TODAY) == Spent()
        for cost in ("0.1", "0.2", "0.000000000001", "12345.5"):
            await store.spend(ACME, TODAY, Spent(tokens=3, cost=Decimal(cost), unpriced=1))
        expected = Spent(tokens=12, cost=Decimal("12345.800000000001"), unpriced=4)
        assert await store.spent(ACME, TODAY) == expected
        assert await store.spent(ACME, TODAY + timedelta(days=1)) == Spent()
        assert await store.spent(OTHER_TENANT, TODAY) == Spent()
        with pytest.raises(StoreError, match="not in the store"):
            await store.spend(GLOBEX, TODAY, Spent(tokens=1))
        assert await store.accounts("north") == ["acme"]

    async def test_a_change_s_spending_is_of_its_day_in_utc(self, store: Store) -> None:
        late = datetime(2026, 3, 1, 20, 30, tzinfo=timezone(timedelta(hours=-5)))
        await store.accept(a_turn("t1"))
        change = finishing("t1", spent=Spent(tokens=7, cost=Decimal("0.05")), now=late)
        await store.apply(change)
        with pytest.raises(FenceLost):
            await store.apply(change)
        assert await store.spent(ACME, datetime(2026, 3, 2, tzinfo=UTC).date()) == change.spent
        assert await store.spent(ACME, TODAY) == Spent()

    async def test_a_commit_gives_the_lease_up(self, store: Store) -> None:
        await store.begin(a_turn("t1"), "us", hours(1), NOON)
        with pytest.raises(FenceLost):
            await store.apply(finishing("t1", seen=9, lease_owner="us", releases=True))
        assert not await store.lease(ACME, "them", hours(1), NOON)
        await store.apply(finishing("t1", lease_owner="us", releases=True))
        assert await store.lease(ACME, "them", hours(1), NOON)

    async def test_a_turn_s_way_is_kept_and_found_by_its_id(self, store: Store) -> None:
        turn = await store.accept(a_turn("t1"))
        assert await store.trace("north", "t1") == (turn, "")
        await store.apply(finishing("t1", trace='{"stages": ["Gr\u00f6\u00dfe"]}'))
        found = await store.trace("north", "t1")
        assert found is not None
        assert found == (await store.turn(ACME, "t1"), '{"stages": ["Gr\u00f6\u00dfe"]}')
        assert await store.trace("south", "t1") is None
        assert await store.trace("north", "t2") is None

    async def test_an_account_s_work_is_its_questions_and_its_days(self, store: Store) -> None:
        assert await store.work(ACME) == AccountWork()
        for key in (ACME, OTHER_TENANT):
            await store.accept(a_turn("t1", key))
            asks = (an_approval("late", key, hours(2)), an_approval("early", key))
            await store.apply(finishing("t1", key=key, asks=asks, spent=Spent(tokens=7, cost=Decimal("0.1"))))
        await store.spend(ACME, TODAY - timedelta(days=1), Spent(unpriced=1))
        assert await store.work(ACME) == AccountWork(
            (an_approval("early"), an_approval("late", at=hours(2))),
            ((TODAY - timedelta(days=1), Spent(unpriced=1)), (TODAY, Spent(tokens=7, cost=Decimal("0.1")))),
        )

    async def test_questions_come_by_when_they_were_asked(self, store: Store) -> None:
        for key in (ACME, GLOBEX, OTHER_TENANT):
            turn = a_turn("t1" if key != GLOBEX else "t2", key)
            asked = (an_approval(f"late-{key.account}", key, hours(2)), an_approval(f"early-{key.account}", key))
            asks = tuple(one.model_copy(update={"turn_id": turn.id}) for one in asked)
            await store.accept(turn)
            await store.apply(finishing(turn.id, key=key, asks=asks))
        assert [one.id for one in await store.approvals("north")] == [
            "early-acme", "early-globex", "late-acme", "late-globex",
        ]  # fmt: skip
        assert await store.approvals("south", state="waiting") == [
            an_approval("early-acme", OTHER_TENANT), an_approval("late-acme", OTHER_TENANT, hours(2)),
        ]  # fmt: skip
        assert await store.approvals("south", state="approved") == []
        assert await store.approvals("west") == []

    async def test_a_question_is_decided_once(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        await store.apply(finishing("t1", asks=(an_approval("a1"), an_approval("a2", at=hours(1)))))
        decided = await store.decide("north", "a1", approve=True, by="Bo", note="fine", now=hours(3))
        expected = an_approval("a1").model_copy(
            update={"state": "approved", "decided_at": hours(3), "decided_by": "Bo", "note": "fine"}
        )
        assert decided == expected
        assert await store.decide("north", "a1", approve=True, by="Cy", note="me too", now=hours(4)) == expected
        with pytest.raises(ApprovalError, match="approved by Bo"):
            await store.decide("north", "a1", approve=False, by="Cy", note="", now=hours(4))
        assert (await store.decide("north", "a2", approve=False, by="", note="", now=NOON)).state == "rejected"
        with pytest.raises(ApprovalError, match="rejected already"):
            await store.decide("north", "a2", approve=True, by="Cy", note="", now=hours(4))
        for tenant, name in (("north", "a3"), ("south", "a1")):
            with pytest.raises(ApprovalError, match="no question"):
                await store.decide(tenant, name, approve=True, by="Bo", note="", now=NOON)
        assert [one.id for one in await store.approvals("north", state="approved")] == ["a1"]
        assert await store.approvals("north", state="waiting") == []

    async def test_of_two_who_decide_at_once_one_wins(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        await store.apply(finishing("t1", asks=(an_approval("a1"),)))
        outcomes = await asyncio.gather(
            *(
                store.decide("north", "a1", approve=number % 2 == 0, by=str(number), note="", now=NOON)
                for number in range(8)
            ),
            return_exceptions=True,
        )
        (winner,) = {one.decided_by for one in outcomes if isinstance(one, Approval)}
        assert sum(isinstance(one, ApprovalError) for one in outcomes) == 4
        assert (await store.approvals("north"))[0].decided_by == winner

    async def test_the_switch_is_the_tenant_s(self, store: Store) -> None:
        off = Pause(since=NOON, by="Bo", reason="a fault in the price list")
        assert await store.paused("north") is None
        await store.pause("north", off)
        await store.pause("north", off.model_copy(update={"reason": "still"}))
        assert await store.paused("north") == off.model_copy(update={"reason": "still"})
        assert await store.paused("south") is None
        await store.pause("north", None)
        await store.pause("north", None)
        assert await store.paused("north") is None


class TestSqliteInMemory(WorkContract):
    @pytest.fixture
    def database(self) -> str | None:
        return None


class TestMemoryStore(WorkContract):
    @pytest.fixture
    async def store(self) -> AsyncGenerator[Store]:
        store = MemoryStore()
        yield store
        await store.close()

    async def test_it_loads_no_database(self) -> None:
        program = (
            "import sys; import fleet_runtime.stores.memory.store; "
            "sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'sqlite3', 'fleet_runtime.recall')))"
        )
        running = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
        assert await running.wait() == 0


_DECIDES = """
import asyncio, sys
from datetime import UTC, datetime
from fleet_runtime.errors import ApprovalError
from fleet_runtime.stores.sql.store import open_store

async def main(database, name):
    store = open_store(database, now=lambda: datetime.now(UTC))
    won = []
    for number in range(20):
        try:
            now = datetime.now(UTC)
            one = await store.decide("north", f"a{number}", approve=name == "yes", by=name, note="", now=now)
        except ApprovalError:
            continue
        won.append(one.id)
    await store.close()
    print(*won)

asyncio.run(main(*sys.argv[1:]))
"""


class SharedWorkContract(WorkContract):
    """Of a database that several stores may open at once."""

    async def test_of_two_processes_that_decide_otherwise_each_question_has_one_winner(
        self, store: Store, database: str
    ) -> None:
        await store.accept(a_turn("t1"))
        await store.apply(finishing("t1", asks=tuple(an_approval(f"a{number}") for number in range(20))))
        deciding = [
            subprocess.Popen([sys.executable, "-c", _DECIDES, database, name], stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220 - both at once
            for name in ("yes", "no")
        ]
        won = {name: set(one.communicate()[0].split()) for name, one in zip(("yes", "no"), deciding, strict=True)}
        assert won["yes"] | won["no"] == {f"a{number}" for number in range(20)}
        assert not won["yes"] & won["no"]
        stored = {one.id: one.decided_by for one in await store.approvals("north")}
        assert stored == {name: winner for winner, names in won.items() for name in names}

    async def test_another_store_s_changes_since_a_beginning_are_fenced_and_then_read(
        self, store: Store, database: str
    ) -> None:
        second = open_store(database, now=lambda: NOON)
        await store.begin(a_turn("t1"), "us", hours(1), NOON)
        await second.apply(AccountChange(key=ACME, seen_version=0, now=NOON, events=(an_event("e1"),)))
        seen = await store.read(ACME)
        with pytest.raises(FenceLost):
            await store.apply(finishing("t1", seen=seen.version, lease_owner="us"))
        assert (await store.read(ACME)).events == (an_event("e1"),)
        await second.accept(a_turn("t2"))
        assert [turn.id for turn in (await store.read(ACME)).turns] == ["t1", "t2"]
        await store.apply(finishing("t1", seen=1, lease_owner="us", releases=True))
        assert (await second.read(ACME)) == (await store.read(ACME))
        third, first = await store.begin(a_turn("t3"), "us", hours(1), NOON)
        assert (third.sequence, first) == (3, False)
        assert [turn.id for turn in (await store.read(ACME)).turns] == ["t1", "t2", "t3"]
        await second.close()


class TestFileStore(SharedWorkContract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> str | None:
        return str(tmp_path / "fleet.db")


class TestPostgresStore(OnPostgres, SharedWorkContract):
    """The same promises on a server."""
