"""What every store must do for account memory: bulk changes, bi-temporal facts, columns for recall, vectors.

Erasure is `test_store_erasure`'s. A new database joins by one subclass, as in `test_stores`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres import OnPostgres
from remembered import ACME, GLOBEX, MINI, NOON, OTHER_TENANT, WORDS, a_change, a_digest, a_fact, an_event, hours
from store_of_database import StoreOfDatabase

from fleet_runtime.errors import FenceLost, StoreError
from fleet_runtime.learning import facts_at
from fleet_runtime.ports import Store
from fleet_runtime.recall import event_terms
from fleet_runtime.records import AccountState, Commitment, Fact
from fleet_runtime.stores.memory.store import MemoryStore

pytestmark = pytest.mark.anyio

moments = st.integers(-3, 3).map(hours)
ends = st.none() | moments


@st.composite
def fact_rows(draw: st.DrawFn) -> tuple[Fact, ...]:
    """Rows in both times, also such as our own ledger would never leave: they overlap, end early, or yield."""
    made: list[dict[str, Any]] = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "subject": st.sampled_from(["account", "Mara Voss"]),
                    "key": st.sampled_from(["plan", "seats"]),
                    "value": st.sampled_from(["a", "b", None]),
                    "valid_from": moments,
                    "valid_to": ends,
                    "known_from": moments,
                    "known_to": ends,
                    "yields_to": st.sampled_from(["", "", "", "f0"]),
                }
            ),
            max_size=12,
        )
    )
    return tuple(
        Fact(id=f"f{number}", event_id="e1", author="Ada", at=NOON, **fields) for number, fields in enumerate(made)
    )


def sql_order(fact: Fact) -> tuple[object, ...]:
    return fact.key, fact.subject, fact.valid_from, fact.id


class MemoryContract(StoreOfDatabase):
    """The promises; subclasses say where the store lies."""

    async def test_changes_of_several_accounts_are_written_together(self, store: Store) -> None:
        keys = (ACME, GLOBEX, OTHER_TENANT)
        changes = [a_change([an_event("e1")], key=key, facts=[a_fact("f1", "e1")]) for key in keys]
        await store.apply_many(changes)
        for key in keys:
            state = await store.read(key)
            assert (state.version, state.events, state.facts) == (1, (an_event("e1"),), (a_fact("f1", "e1"),))
        await store.apply_many(changes)  # a repeat doubles nothing
        assert [(await store.read(key)).version for key in keys] == [1, 1, 1]
        await store.apply_many(())

    @pytest.mark.parametrize("spoilt", [0, 1, 2])
    async def test_a_lost_fence_among_many_writes_none(self, store: Store, spoilt: int) -> None:
        keys = (ACME, GLOBEX, OTHER_TENANT)
        await store.apply(a_change([an_event("e0")], key=keys[spoilt]))
        before = [await store.read(key) for key in keys]
        with pytest.raises(FenceLost):
            await store.apply_many([a_change([an_event("e1")], key=key) for key in keys])
        assert [await store.read(key) for key in keys] == before
        assert await store.accounts("north") == sorted(
            {key.account for key in (keys[spoilt],) if key.tenant == "north"}
        )

    async def test_a_change_that_contradicts_itself_among_many_writes_none(self, store: Store) -> None:
        wrong = a_change([an_event("e1")], key=GLOBEX, facts=[a_fact("f1", "of no event")])
        with pytest.raises(StoreError):
            await store.apply_many([a_change([an_event("e1")]), wrong])
        assert await store.read(ACME) == AccountState(key=ACME)
        assert await store.backlog(MINI) == 0

    async def test_events_come_by_time_and_id(self, store: Store) -> None:
        first, tied, last = an_event("b", hours(-9)), an_event("a", hours(1)), an_event("c", hours(1))
        await store.apply(a_change([last, tied, first]))
        await store.apply(a_change([an_event("a", text="globex")], key=GLOBEX))
        assert await store.events(ACME, ["c", "nowhere", "a", "b", "a"]) == (first, tied, last)
        assert await store.events(OTHER_TENANT, ["a"]) == ()
        assert await store.events(ACME, []) == ()

    async def test_twelve_hundred_ids_are_one_question(self, store: Store) -> None:
        events = [an_event(f"e{number:04}", hours(number % 7)) for number in range(1200)]
        await store.apply(a_change(events))
        ids = [event.id for event in reversed(events)]
        asked = [*ids, *(f"unknown-{number}" for number in range(300)), *ids[:40]]
        assert await store.events(ACME, asked) == tuple(sorted(events, key=lambda event: (event.at, event.id)))
        await store.put_vectors(ACME, MINI, dict.fromkeys(ids, b"\x01"))
        assert await store.backlog(MINI) == 0
        again = a_change([*events, an_event("new")], seen=1)
        assert await store.apply(again) == 2
        assert await store.backlog(MINI) == 1

    async def test_commitments_come_by_time_and_id(self, store: Store) -> None:
        made = [
            Commitment(id=name, task=f"task {name}", owner="Ada", event_id="e1", at=hours(at))
            for name, at in (("k2", 1), ("k3", -1), ("k1", 1))
        ]
        await store.apply(a_change([an_event("e1")], commitments=made))
        assert [one.id for one in await store.commitments(ACME)] == ["k3", "k1", "k2"]
        closed = made[0].model_copy(
            update={"state": "done", "closed_at": hours(5), "closed_by": "e1", "due": "2026-04-01"}
        )
        await store.apply(a_change(seen=1, commitments=[closed]))
        assert (await store.commitments(ACME))[-1] == closed
        assert (await store.read(ACME)).commitments == await store.commitments(ACME)
        assert await store.commitments(GLOBEX) == ()

    async def test_facts_are_chosen_by_both_times_and_by_key(self, store: Store) -> None:
        """The bounds are half open: a row is believed, and holds, from its beginning on and until before its end."""
        held = {"valid_from": hours(-2), "valid_to": hours(2), "known_from": hours(-1), "known_to": hours(1)}
        ended = a_fact("f1", "e1").model_copy(update=held)
        open_ended = a_fact("f2", "e1").model_copy(update={"key": "plan", "known_from": hours(1)})
        await store.apply(a_change([an_event("e1")], facts=[ended, open_ended]))
        assert await store.facts(ACME) == (open_ended,)
        for moment, found in ((-1.1, []), (-1, ["f1"]), (0.9, ["f1"]), (1, ["f2"])):
            assert [fact.id for fact in await store.facts(ACME, known_at=hours(moment))] == found
        for moment, found in ((-2.1, []), (-2, ["f1"]), (1.9, ["f1"]), (2, [])):
            got = await store.facts(ACME, known_at=NOON, holding_at=hours(moment))
            assert [fact.id for fact in got] == found
        assert await store.facts(ACME, known_at=NOON, names=("plan",)) == ()
        assert await store.facts(ACME, known_at=NOON, names=("plan", "seats")) == (ended,)
        assert await store.facts(ACME, known_at=NOON, names=()) == ()
        assert await store.facts(GLOBEX, known_at=NOON) == ()

    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(rows=fact_rows(), as_of=moments, known_at=ends)
    async def test_sql_and_the_ledger_choose_the_same_facts(
        self, store: Store, rows: tuple[Fact, ...], as_of: datetime, known_at: datetime | None
    ) -> None:
        await store.erase(ACME, NOON)
        await store.apply(a_change([an_event("e1")], facts=rows))
        whole = (await store.read(ACME)).facts
        assert sorted(whole, key=sql_order) == sorted(rows, key=sql_order)
        holding = await store.facts(ACME, holding_at=as_of, known_at=known_at)
        assert list(holding) == sorted(holding, key=sql_order)
        expected = facts_at(whole, now=NOON, as_of=as_of, known_at=known_at)
        assert facts_at(holding, now=NOON, as_of=as_of, known_at=known_at) == expected
        # What SQL leaves out, the comparison of four times leaves out as well, row by row.
        assert set(holding) == {row for row in whole if believed(row, known_at) and covers(row, as_of)}
        assert set(await store.facts(ACME, known_at=known_at)) == {row for row in whole if believed(row, known_at)}
        plans = await store.facts(ACME, holding_at=as_of, known_at=known_at, names=("plan",))
        assert plans == tuple(row for row in holding if row.key == "plan")

    async def test_ranking_rows_are_columns_by_time_and_id(self, store: Store) -> None:
        early = an_event("e2", datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), "Before it all began.")
        events = [an_event("e3", hours(2)), an_event("e1", hours(2), "Tied."), early]
        await store.apply(a_change(events))
        rows = await store.ranking_rows(ACME)
        assert rows is not None
        assert list(rows.ids) == ["e2", "e1", "e3"]
        assert rows.at[0] == -1
        assert rows.at[1] == int(hours(2).timestamp()) * 1_000_000
        assert set(rows.kinds) == {"note"}
        assert set(rows.authors) == {"Ada"}
        by_id = {event.id: event for event in events}
        assert list(rows.terms) == [event_terms(by_id[name]) for name in rows.ids]
        assert (rows.encoder, list(rows.vectors)) == ("", [])

    async def test_ranking_rows_are_given_once_a_version(self, store: Store) -> None:
        unknown = await store.ranking_rows(ACME)
        assert unknown is not None
        assert (unknown.version, list(unknown.ids)) == (0, [])
        assert await store.ranking_rows(ACME, unless=0) is None
        await store.apply(a_change([an_event("e1")]))
        await store.apply(a_change([an_event("e1")], key=GLOBEX))
        first = await store.ranking_rows(ACME, unless=0)
        foreign = await store.ranking_rows(GLOBEX)
        assert first is not None
        assert foreign is not None
        assert first.version != foreign.version
        assert await store.ranking_rows(ACME, unless=first.version) is None
        assert await store.ranking_rows(ACME, unless=foreign.version) is not None
        await store.apply(a_change([an_event("e2")], seen=1))
        second = await store.ranking_rows(ACME, unless=first.version)
        assert second is not None
        assert list(second.ids) == ["e1", "e2"]

    async def test_an_account_opened_anew_has_another_version(self, store: Store) -> None:
        versions: list[int] = []
        for _ in range(3):
            await store.apply(a_change([an_event("e1")]))
            rows = await store.ranking_rows(ACME)
            assert rows is not None
            versions.append(rows.version)
            await store.erase(ACME, NOON)
            assert await store.ranking_rows(ACME, unless=rows.version) is not None
        assert len(set(versions)) == 3

    async def test_vectors_are_those_of_the_encoder_asked_for(self, store: Store) -> None:
        await store.apply(a_change([an_event("e1"), an_event("e2", hours(1)), an_event("e3", hours(2))]))
        await store.put_vectors(ACME, MINI, {"e3": b"three", "e1": b"one"})
        rows = await store.ranking_rows(ACME, encoder=MINI)
        assert rows is not None
        assert (rows.encoder, list(rows.vectors)) == (MINI, [b"one", None, b"three"])
        for other in (WORDS, ""):
            bare = await store.ranking_rows(ACME, encoder=other)
            assert bare is not None
            assert (list(bare.ids), bare.encoder, list(bare.vectors)) == (list(rows.ids), "", [])
        assert (await store.read(ACME)).version == 1

    async def test_vectors_of_another_encoder_replace_all(self, store: Store) -> None:
        await store.apply(a_change([an_event("e1"), an_event("e2", hours(1))]))
        await store.put_vectors(ACME, MINI, {"e1": b"one", "e2": b"two"})
        await store.put_vectors(ACME, WORDS, {"e2": b"zwei"})
        rows = await store.ranking_rows(ACME, encoder=WORDS)
        assert rows is not None
        assert list(rows.vectors) == [None, b"zwei"]
        former = await store.ranking_rows(ACME, encoder=MINI)
        assert former is not None
        assert list(former.vectors) == []
        assert [await store.backlog(name) for name in (MINI, WORDS, "third")] == [2, 1, 2]

    async def test_vectors_of_unknown_events_are_passed_over(self, store: Store) -> None:
        await store.put_vectors(ACME, MINI, {"e1": b"of nobody"})
        assert await store.accounts("north") == []
        await store.apply(a_change([an_event("e1")]))
        await store.apply(a_change([an_event("e9")], key=GLOBEX))
        await store.put_vectors(ACME, MINI, {"e9": b"foreign", "e1": b"one"})
        await store.put_vectors(ACME, MINI, {})
        assert (await store.backlog(MINI, ACME), await store.backlog(MINI, GLOBEX)) == (0, 1)
        await store.erase(ACME, NOON)
        await store.put_vectors(ACME, MINI, {"e1": b"too late"})
        assert await store.accounts("north") == ["globex"]
        await store.apply(a_change([an_event("e1")]))
        assert await store.backlog(MINI, ACME) == 1

    async def test_what_has_no_vector_is_found_the_newest_first(self, store: Store) -> None:
        events = [an_event(f"e{number}", hours(number)) for number in range(4)]
        await store.apply(a_change(events))
        await store.apply(a_change(events[:2], key=GLOBEX))
        assert await store.unembedded(MINI, 10, ACME) == [(ACME, event) for event in reversed(events)]
        assert await store.unembedded(MINI, 3) == [(ACME, event) for event in reversed(events[1:])]
        assert (await store.unembedded(MINI, 5))[-1] == (GLOBEX, events[1])
        await store.put_vectors(ACME, MINI, {"e3": b"3", "e1": b"1"})
        assert await store.unembedded(MINI, 10, ACME) == [(ACME, events[2]), (ACME, events[0])]
        assert len(await store.unembedded(WORDS, 10)) == 6
        assert [await store.backlog(MINI), await store.backlog(MINI, ACME), await store.backlog(WORDS)] == [4, 2, 6]
        assert await store.backlog(MINI, OTHER_TENANT) == 0
        assert await store.unembedded(MINI, 10, OTHER_TENANT) == []

    async def test_digests_are_kept_and_replaced(self, store: Store) -> None:
        await store.apply(a_change([an_event("e1")], digests=[a_digest("First.")]))
        later = a_digest("Second.", hours(1)).model_copy(update={"cites": ("e1", 'quo"te', "")})
        next_quarter = a_digest("Third.").model_copy(update={"id": "2026-Q1", "period": "2026-Q1", "cites": ()})
        assert await store.apply(a_change(seen=1, digests=[next_quarter, later])) == 2
        assert (await store.read(ACME)).digests == (later, next_quarter)
        assert (await store.read(GLOBEX)).digests == ()
        with pytest.raises(FenceLost):
            await store.apply(a_change(seen=1, digests=[a_digest("Stale.")]))
        assert (await store.read(ACME)).digests == (later, next_quarter)


def believed(row: Fact, moment: datetime | None) -> bool:
    """Say in two comparisons what `known_at` promises."""
    if moment is None:
        return row.known_to is None
    return row.known_from <= moment and (row.known_to is None or moment < row.known_to)


def covers(row: Fact, moment: datetime) -> bool:
    return row.valid_from <= moment and (row.valid_to is None or moment < row.valid_to)


class TestSqliteInMemory(MemoryContract):
    @pytest.fixture
    def database(self) -> str | None:
        return None


class TestMemoryStore(MemoryContract):
    @pytest.fixture
    async def store(self) -> AsyncGenerator[Store]:
        store = MemoryStore()
        yield store
        await store.close()


class TestFileStore(MemoryContract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> str | None:
        return str(tmp_path / "fleet.db")


class TestPostgresStore(OnPostgres, MemoryContract):
    """The same promises on a server."""
