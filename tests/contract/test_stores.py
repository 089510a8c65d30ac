"""What every store must do, held by each that we have. A new database joins by one subclass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from postgres import OnPostgres
from store_of_database import StoreOfDatabase

from fleet_runtime.decisions import Decision, RuleHit
from fleet_runtime.errors import FenceLost, MessageError, StoreError
from fleet_runtime.ports import Store
from fleet_runtime.records import (
    AccountChange,
    AccountKey,
    AccountState,
    Commitment,
    Event,
    Fact,
    HandOff,
    Learned,
    Part,
    Reply,
    Turn,
)
from fleet_runtime.stores.memory.store import MemoryStore
from fleet_runtime.stores.sql.store import open_store

ACME = AccountKey(tenant="north", account="acme")
GLOBEX = AccountKey(tenant="north", account="globex")
OTHER_TENANT = AccountKey(tenant="south", account="acme")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_turn(turn_id: str, key: AccountKey = ACME, text: str = "We have 40 seats.") -> Turn:
    return Turn(
        id=turn_id, key=key, conversation="c", role="customer-success-manager", speaker="Ada", at=NOON, text=text
    )


def a_reply(turn_id: str, text: str = "Noted.") -> Reply:
    rule = RuleHit(role="customer-success-manager", text="Does NOT discount", where="csm.md:9", owner_domain="sales")
    return Reply(
        turn_id=turn_id,
        conversation="c",
        text=text,
        role="sales-lead",
        parts=(Part(role="sales-lead", text=text, kind="answer"),),
        decision=Decision(
            id="d", verdict="hand_off", choice="sales-lead", stage="boundary", confidence=0.9, rule=rule, reason="terms"
        ),
        hand_offs=(
            HandOff(id="h", from_role="customer-success-manager", to_role="sales-lead", why="w", said="s", asked="a"),
        ),
    )


def an_event(event_id: str, text: str = "We have 40 seats.", at: datetime = NOON) -> Event:
    return Event(id=event_id, at=at, kind="message", author="Ada", text=text)


def a_fact(fact_id: str, event_id: str, value: str | None = "40") -> Fact:
    return Fact(
        id=fact_id, key="seats", value=value, event_id=event_id, author="Ada", at=NOON, valid_from=NOON, known_from=NOON
    )


def a_change(seen: int, *events: Event, key: AccountKey = ACME, learned: Learned | None = None) -> AccountChange:
    return AccountChange(key=key, seen_version=seen, now=NOON, events=events, learned=learned or Learned())


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
class StoreContract(StoreOfDatabase):
    """A store of ``database``, fresh for each test."""

    keeps_nul = True

    async def test_an_unknown_account_is_empty_and_of_version_0(self, store: Store) -> None:
        assert await store.read(ACME) == AccountState(key=ACME)
        assert await store.accounts("north") == []

    async def test_accepted_turns_get_their_order_per_account(self, store: Store) -> None:
        first = await store.accept(a_turn("t1"))
        foreign = await store.accept(a_turn("t2", GLOBEX))
        second = await store.accept(a_turn("t3"))
        assert (first.sequence, foreign.sequence, second.sequence) == (1, 1, 2)
        assert (await store.read(ACME)).turns == (first, second)
        assert await store.accounts("north") == ["acme", "globex"]

    async def test_a_repeated_id_is_the_same_turn(self, store: Store) -> None:
        first = await store.accept(a_turn("t1"))
        assert await store.accept(a_turn("t1", text="said otherwise")) == first
        finish = a_change(0).model_copy(update={"finishes": "t1", "reply": a_reply("t1")})
        await store.apply(finish)
        done = await store.accept(a_turn("t1"))
        assert (done.state, done.reply) == ("done", a_reply("t1"))

    async def test_an_id_of_another_account_is_refused_but_tenants_are_apart(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        with pytest.raises(MessageError):
            await store.accept(a_turn("t1", GLOBEX))
        assert (await store.accept(a_turn("t1", OTHER_TENANT))).key == OTHER_TENANT
        assert await store.accounts("north") == ["acme"]

    async def test_accepting_does_not_fence_off_the_turn_at_work(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        seen = (await store.read(ACME)).version
        await store.accept(a_turn("t2"))
        assert await store.apply(a_change(seen, an_event("e1"))) == seen + 1

    async def test_a_change_is_read_back_as_it_was(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        promise = Commitment(id="k1", task="send the plan", owner="Ada", due="2026-04-01", event_id="e1", at=NOON)
        fact = a_fact("f1", "e1").model_copy(update={"quote": "40 seats", "confidence": 0.75, "valid_to": NOON})
        late, early = an_event("e1"), an_event("e2", at=NOON - timedelta(days=1, microseconds=1))
        change = a_change(0, late, early, learned=Learned(facts=(fact,), commitments=(promise,)))
        change = change.model_copy(update={"finishes": "t1", "reply": a_reply("t1")})
        assert await store.apply(change) == 1
        state = await store.read(ACME)
        assert state.version == 1
        assert state.events == (early, late)
        assert (state.facts, state.commitments) == ((fact,), (promise,))
        assert state.turns[0].reply == a_reply("t1")
        assert await store.turn(ACME, "t1") == state.turns[0]
        assert await store.read(GLOBEX) == AccountState(key=GLOBEX)
        assert await store.turn(GLOBEX, "t1") is None

    async def test_a_stale_version_writes_nothing(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        await store.apply(a_change(0, an_event("e1")))
        before = await store.read(ACME)
        stale = a_change(0, an_event("e2"), learned=Learned(facts=(a_fact("f1", "e2"),)))
        with pytest.raises(FenceLost):
            await store.apply(stale.model_copy(update={"finishes": "t1", "reply": a_reply("t1")}))
        assert await store.read(ACME) == before

    async def test_a_lost_lease_writes_nothing(self, store: Store) -> None:
        change = a_change(0, an_event("e1")).model_copy(update={"lease_owner": "us"})
        with pytest.raises(FenceLost):
            await store.apply(change)
        assert await store.lease(ACME, "us", NOON + timedelta(seconds=1), NOON)
        assert await store.lease(ACME, "them", NOON + timedelta(seconds=9), NOON + timedelta(seconds=1))
        with pytest.raises(FenceLost):
            await store.apply(change)
        assert await store.read(ACME) == AccountState(key=ACME)

    async def test_a_turn_is_done_once(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        await store.apply(a_change(0).model_copy(update={"finishes": "t1", "reply": a_reply("t1", "first")}))
        with pytest.raises(FenceLost):
            await store.apply(a_change(1).model_copy(update={"finishes": "t1", "reply": a_reply("t1", "again")}))
        turn = await store.turn(ACME, "t1")
        assert turn is not None
        assert turn.reply == a_reply("t1", "first")
        assert (await store.read(ACME)).version == 1

    async def test_an_unknown_turn_cannot_be_finished(self, store: Store) -> None:
        with pytest.raises(FenceLost):
            await store.apply(a_change(0, an_event("e1")).model_copy(update={"finishes": "t", "reply": a_reply("t")}))
        assert (await store.read(ACME)).events == ()

    @pytest.mark.parametrize("reply", [None, a_reply("another")])
    async def test_a_turn_is_not_finished_without_its_own_reply(self, store: Store, reply: Reply | None) -> None:
        await store.accept(a_turn("t1"))
        with pytest.raises(StoreError):
            await store.apply(a_change(0).model_copy(update={"finishes": "t1", "reply": reply}))
        assert [turn.id for turn in await store.unfinished(ACME)] == ["t1"]

    async def test_a_repeated_record_does_not_double_facts(self, store: Store) -> None:
        await store.apply(a_change(0, an_event("e1"), learned=Learned(facts=(a_fact("f1", "e1"),))))
        again = a_change(0, an_event("e1"), learned=Learned(facts=(a_fact("another-id", "e1"),)))
        assert await store.apply(again) == 1
        assert await store.apply(again.model_copy(update={"seen_version": 1})) == 1
        assert [fact.id for fact in (await store.read(ACME)).facts] == ["f1"]

    async def test_a_known_event_beside_a_new_one_is_skipped(self, store: Store) -> None:
        await store.apply(a_change(0, an_event("e1", "first")))
        assert await store.apply(a_change(1, an_event("e1", "second"), an_event("e2"), an_event("e2", "twice"))) == 2
        assert [event.text for event in (await store.read(ACME)).events] == ["first", "We have 40 seats."]

    async def test_closing_a_fact_sets_its_ends_only(self, store: Store) -> None:
        old = a_fact("f1", "e1")
        await store.apply(a_change(0, an_event("e1"), learned=Learned(facts=(old,))))
        later = NOON + timedelta(days=30)
        closed = old.model_copy(update={"valid_to": later, "known_to": later, "value": "never said"})
        new = a_fact("f2", "e2", "55")
        await store.apply(a_change(1, an_event("e2"), learned=Learned(facts=(new,), closed=(closed,))))
        expected = old.model_copy(update={"valid_to": later, "known_to": later})
        assert (await store.read(ACME)).facts == (expected, new)

    async def test_a_fact_cites_a_stored_event_and_closes_a_stored_fact(self, store: Store) -> None:
        await store.apply(a_change(0, an_event("e1"), key=GLOBEX, learned=Learned(facts=(a_fact("f1", "e1"),))))
        learned = Learned(facts=(a_fact("f1", "e1"),))
        with pytest.raises(StoreError):
            await store.apply(a_change(0, learned=learned))
        with pytest.raises(StoreError):
            await store.apply(a_change(0, an_event("e1"), learned=Learned(closed=(a_fact("f1", "e1"),))))
        assert await store.read(ACME) == AccountState(key=ACME)

    async def test_a_commitment_is_brought_up_to_date(self, store: Store) -> None:
        promise = Commitment(id="k1", task="send the plan", owner="Ada", event_id="e1", at=NOON)
        await store.apply(a_change(0, an_event("e1"), learned=Learned(commitments=(promise,))))
        done = promise.model_copy(update={"state": "done"})
        await store.apply(a_change(1, learned=Learned(commitments=(done,))))
        assert (await store.read(ACME)).commitments == (done,)

    async def test_learning_that_is_put_off_is_remembered_until_done(self, store: Store) -> None:
        put_off = a_change(0, an_event("e1"), an_event("e2")).model_copy(update={"learn_later": ("e1", "e1", "e2")})
        await store.apply(put_off)
        await store.apply(put_off)
        assert await store.unlearned() == [(ACME, an_event("e1")), (ACME, an_event("e2"))]
        learned = a_change(1, learned=Learned(facts=(a_fact("f1", "e1"),)))
        assert await store.apply(learned.model_copy(update={"learned_events": ("e1",)})) == 2
        assert await store.unlearned() == [(ACME, an_event("e2"))]

    async def test_learning_that_is_done_is_not_done_again(self, store: Store) -> None:
        await store.apply(a_change(0, an_event("e1")).model_copy(update={"learn_later": ("e1",)}))
        for fact_id in ("f1", "f2"):
            learned = a_change(1, learned=Learned(facts=(a_fact(fact_id, "e1"),)))
            assert await store.apply(learned.model_copy(update={"learned_events": ("e1",)})) == 2
        assert [fact.id for fact in (await store.read(ACME)).facts] == ["f1"]

    async def test_unfinished_turns_come_by_account_and_sequence(self, store: Store) -> None:
        for turn_id, key in (("t9", GLOBEX), ("t8", ACME), ("t1", ACME), ("t7", OTHER_TENANT)):
            await store.accept(a_turn(turn_id, key))
        await store.apply(a_change(0).model_copy(update={"finishes": "t8", "reply": a_reply("t8")}))
        assert [turn.id for turn in await store.unfinished()] == ["t1", "t9", "t7"]
        assert [turn.id for turn in await store.unfinished(ACME)] == ["t1"]

    async def test_a_lease_has_one_owner_until_it_lapses_or_is_released(self, store: Store) -> None:
        soon, later = NOON + timedelta(seconds=5), NOON + timedelta(seconds=9)
        assert await store.lease(ACME, "us", soon, NOON)
        assert not await store.lease(ACME, "them", later, NOON + timedelta(seconds=4))
        assert await store.lease(GLOBEX, "them", later, NOON)
        assert await store.lease(ACME, "us", later, NOON + timedelta(seconds=4))
        assert not await store.lease(ACME, "them", later, soon)
        await store.release(ACME, "them")
        assert not await store.lease(ACME, "them", later, soon)
        await store.release(ACME, "us")
        assert await store.lease(ACME, "them", later, soon)
        assert await store.lease(ACME, "us", later + timedelta(seconds=9), later)

    async def test_any_text_is_kept_as_it_is(self, store: Store) -> None:
        texts = (
            "",
            "{{ 7*7 }} '; DROP TABLE turn; --",
            "\U0001f680 Größe \u202e",
            "x" * 100_000,
        )
        for number, text in enumerate(texts):
            await store.accept(a_turn(f"t{number}", text=text))
        assert tuple(turn.text for turn in (await store.read(ACME)).turns) == texts

    async def test_a_nul_is_kept_as_it_is_or_refused_whole(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        nul = a_turn("t2", text="\x00 in \x00 between")
        if self.keeps_nul:
            await store.accept(nul)
            assert (await store.read(ACME)).turns[-1].text == nul.text
        else:
            with pytest.raises(StoreError, match="NUL"):
                await store.accept(nul)
            assert [turn.id for turn in await store.unfinished()] == ["t1"]

    async def test_text_that_is_no_unicode_is_refused_whole(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        with pytest.raises(StoreError):
            await store.accept(a_turn("t2", text="half \ud83d"))
        finish = a_change(0, an_event("e1")).model_copy(update={"finishes": "t1", "reply": a_reply("t1", "\ud83d")})
        with pytest.raises(StoreError):
            await store.apply(finish)
        assert [turn.id for turn in await store.unfinished()] == ["t1"]
        assert (await store.read(ACME)).version == 0

    async def test_a_cancelled_write_happens_whole_or_not_at_all(self, store: Store) -> None:
        await store.accept(a_turn("t1"))
        for number in range(20):
            seen = (await store.read(ACME)).version
            change = a_change(
                seen, an_event(f"e{number}"), learned=Learned(facts=(a_fact(f"f{number}", f"e{number}"),))
            )
            writing = asyncio.create_task(store.apply(change))
            await asyncio.sleep(number * 0.0002)
            writing.cancel()
            await asyncio.wait([writing])
            state = await store.read(ACME)
            written = state.version > seen
            assert (f"e{number}" in {event.id for event in state.events}) is written
            assert (f"f{number}" in {fact.id for fact in state.facts}) is written
            assert written or writing.cancelled()

    async def test_writes_at_once_neither_lose_nor_double(self, store: Store) -> None:
        turns = await asyncio.gather(*(store.accept(a_turn(f"t{number % 10}")) for number in range(20)))
        assert sorted({turn.sequence for turn in turns}) == list(range(1, 11))
        outcomes = await asyncio.gather(
            *(store.apply(a_change(0, an_event(f"e{number}"))) for number in range(5)), return_exceptions=True
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["FenceLost"] * 4 + ["int"]

    async def test_a_closed_store_says_so(self, store: Store) -> None:
        await store.close()
        await store.close()
        with pytest.raises(StoreError, match="closed"):
            await store.read(ACME)


class TestSqliteInMemory(StoreContract):
    @pytest.fixture
    def database(self) -> str | None:
        return None


class TestMemoryStore(StoreContract):
    @pytest.fixture
    async def store(self) -> AsyncGenerator[Store]:
        store = MemoryStore()
        yield store
        await store.close()


class SharedStoreContract(StoreContract):
    """Of a database that several stores may open at once."""

    async def test_what_was_written_is_there_when_opened_again(self, store: Store, database: str) -> None:
        await store.accept(a_turn("t1"))
        await store.apply(a_change(0, an_event("e1"), learned=Learned(facts=(a_fact("f1", "e1"),))))
        before = await store.read(ACME)
        await store.close()
        reopened = open_store(database if "://" in database else f"sqlite:///{database}", now=lambda: NOON)
        assert await reopened.read(ACME) == before
        await reopened.close()

    async def test_two_writers_on_one_database_wait_for_each_other(self, store: Store, database: str) -> None:
        second = open_store(database, now=lambda: NOON)
        writers = [(number, writer) for number in range(30) for writer in (store, second)]
        await asyncio.gather(*(writer.accept(a_turn(f"t{number}{id(writer)}")) for number, writer in writers))
        assert [turn.sequence for turn in await store.unfinished(ACME)] == list(range(1, 61))
        await second.close()

    async def test_two_stores_on_one_database_see_each_other(self, store: Store, database: str) -> None:
        second = open_store(database, now=lambda: NOON)
        await store.accept(a_turn("t1"))
        assert [turn.id for turn in await second.unfinished()] == ["t1"]
        assert await second.lease(ACME, "them", NOON + timedelta(seconds=5), NOON)
        assert not await store.lease(ACME, "us", NOON + timedelta(seconds=5), NOON)
        await second.close()


class TestFileStore(SharedStoreContract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> str | None:
        return str(tmp_path / "new folder" / "fleet store.db")


class TestPostgresStore(OnPostgres, SharedStoreContract):
    """The same promises on a server."""

    keeps_nul = False
