"""What a crew must do, on each database that we have: workers come, live and are struck off, scans move on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from postgres import OnPostgres
from remembered import ACME, GLOBEX, NOON, OTHER_TENANT, a_change, an_event
from sqlalchemy import Connection
from store_of_database import StoreOfDatabase
from told import ToldClock

from fleet_runtime.errors import FenceLost
from fleet_runtime.records import AccountKey, Worker
from fleet_runtime.stores.sql.crew import SqlCrew
from fleet_runtime.stores.sql.store import SqlStore, open_store

pytestmark = pytest.mark.anyio

LATER = NOON + timedelta(hours=1)


def a_worker(worker_id: str, token: str, tenant: str = "north") -> Worker:
    return Worker(
        id=worker_id,
        token=token,
        tenant=tenant,
        host="h\u00f6st",
        pid=77,
        version="1",
        started_at=NOON - timedelta(days=3),
    )


class CrewContract(StoreOfDatabase):
    """The promises; subclasses say where the database lies."""

    @pytest.fixture
    def clock(self) -> ToldClock:
        return ToldClock(NOON)

    @pytest.fixture
    async def store(self, database: str) -> AsyncGenerator[SqlStore]:
        store = open_store(database, now=lambda: NOON)
        yield store
        await store.close()

    @pytest.fixture
    async def elsewhere(self, database: str) -> AsyncGenerator[SqlStore]:
        """Another process's store on the same database."""
        store = open_store(database, now=lambda: NOON)
        yield store
        await store.close()

    @pytest.fixture
    def crew(self, store: SqlStore, clock: ToldClock) -> SqlCrew:
        return SqlCrew(store.database, clock)

    async def test_one_incarnation_at_a_time_stands_under_an_id(self, crew: SqlCrew) -> None:
        assert await crew.workers() == []
        assert await crew.enrol(a_worker("w1", "first"))
        assert not await crew.enrol(a_worker("w1", "second", tenant="south"))
        assert await crew.enrol(a_worker("w1", "first"))
        assert [(one.id, one.token, one.tenant) for one in await crew.workers()] == [("w1", "first", "north")]
        assert await crew.bury("w1", "first")
        assert await crew.enrol(a_worker("w1", "second", tenant="south"))
        assert [(one.id, one.token, one.tenant) for one in await crew.workers()] == [("w1", "second", "south")]

    async def test_of_two_that_come_at_once_one_is_enrolled(self, crew: SqlCrew, elsewhere: SqlStore) -> None:
        crews = (crew, SqlCrew(elsewhere.database))
        for number in range(5):
            tries = [one.enrol(a_worker(f"w{number}", f"t{which}")) for which, one in enumerate(crews)]
            won = await asyncio.gather(*tries)
            assert sorted(won) == [False, True]
            stands = next(one for one in await crew.workers() if one.id == f"w{number}")
            assert stands.token == f"t{won.index(True)}"

    async def test_workers_are_told_by_id(self, crew: SqlCrew) -> None:
        for name, tenant in (("b", "north"), ("B", "south"), ("a", "north")):
            await crew.enrol(a_worker(name, f"token-{name}", tenant))
        assert [one.id for one in await crew.workers()] == ["B", "a", "b"]
        assert [one.id for one in await crew.workers("north")] == ["a", "b"]
        said = (await crew.workers("south"))[0]
        told = a_worker("B", "token-B", "south").model_copy(
            update={"started_at": said.started_at, "seen_at": said.seen_at}
        )
        assert said == told

    async def test_a_beat_is_counted(self, crew: SqlCrew) -> None:
        await crew.enrol(a_worker("w1", "t1"))
        await crew.enrol(a_worker("w2", "t2"))
        assert await crew.beat("w1", "t1", turns=3, leaving=False)
        assert await crew.beat("w1", "t1", turns=2, leaving=True)
        first, second = await crew.workers()
        assert (first.beat, first.turns, first.leaving) == (2, 2, True)
        assert (second.beat, second.turns, second.leaving) == (0, 0, False)
        assert await crew.beat("w1", "t1", turns=0, leaving=False)
        assert not (await crew.workers())[0].leaving

    async def test_who_was_buried_beats_no_more(self, crew: SqlCrew) -> None:
        await crew.enrol(a_worker("w1", "t1"))
        assert not await crew.bury("w1", "another")
        assert not await crew.bury("w2", "t1")
        assert await crew.beat("w1", "t1", turns=1, leaving=False)
        assert await crew.bury("w1", "t1")
        assert not await crew.bury("w1", "t1")
        assert not await crew.beat("w1", "t1", turns=1, leaving=False)
        await crew.enrol(a_worker("w1", "t2"))
        assert not await crew.beat("w1", "t1", turns=1, leaving=False)
        assert [(one.token, one.beat) for one in await crew.workers()] == [("t2", 0)]

    async def test_a_burial_frees_the_accounts_of_that_incarnation(self, crew: SqlCrew, store: SqlStore) -> None:
        await crew.enrol(a_worker("w1", "t1"))
        for key, owner in ((ACME, "t1"), (OTHER_TENANT, "t1"), (GLOBEX, "t2")):
            assert await store.lease(key, owner, LATER, NOON)
        assert await crew.bury("w1", "t1")
        for key, free in ((ACME, True), (OTHER_TENANT, True), (GLOBEX, False)):
            assert await store.lease(key, "them", LATER, NOON) is free

    async def test_who_was_buried_commits_nothing(self, crew: SqlCrew, store: SqlStore) -> None:
        await crew.enrol(a_worker("w1", "t1"))
        assert await store.lease(ACME, "t1", LATER, NOON)
        await crew.bury("w1", "t1")
        change = a_change([an_event("e1")]).model_copy(update={"lease_owner": "t1"})
        with pytest.raises(FenceLost):
            await store.apply(change)
        assert (await store.read(ACME)).events == ()
        await crew.enrol(a_worker("w1", "t2"))
        assert await store.lease(ACME, "t2", LATER, NOON)
        with pytest.raises(FenceLost):
            await store.apply(change)

    async def test_a_burial_waits_for_what_is_being_committed(
        self, crew: SqlCrew, store: SqlStore, elsewhere: SqlStore
    ) -> None:
        """So that what a worker committed was committed before it was struck off, never after."""
        await crew.enrol(a_worker("w1", "t1"))
        assert await store.lease(ACME, "t1", LATER, NOON)
        begun, may_end = threading.Event(), threading.Event()

        def commit(connection: Connection) -> None:
            del connection
            begun.set()
            assert may_end.wait(10)

        committing = asyncio.create_task(elsewhere.database.write(commit, ACME))
        assert await asyncio.to_thread(begun.wait, 10)
        burying = asyncio.create_task(crew.bury("w1", "t1"))
        done, _ = await asyncio.wait([burying], timeout=0.1)
        assert not done
        may_end.set()
        await committing
        assert await burying

    async def test_many_burials_at_once_bury_once(self, crew: SqlCrew, store: SqlStore, elsewhere: SqlStore) -> None:
        await crew.enrol(a_worker("w1", "t1"))
        keys = [AccountKey(tenant="north", account=f"a{number}") for number in range(20)]
        for key in keys:
            await store.lease(key, "t1", LATER, NOON)
        crews = (crew, SqlCrew(elsewhere.database), crew)
        assert sorted(await asyncio.gather(*(one.bury("w1", "t1") for one in crews))) == [False, False, True]
        assert all([await store.lease(key, "them", LATER, NOON) for key in keys])

    async def test_a_mark_moves_from_where_it_was_seen(self, crew: SqlCrew) -> None:
        exact = datetime(2026, 3, 1, 12, 0, 0, 123457, tzinfo=UTC)
        assert await crew.mark("north", "renewals") is None
        assert not await crew.move_mark("north", "renewals", NOON, LATER)
        assert await crew.move_mark("north", "renewals", None, exact)
        assert await crew.mark("north", "renewals") == exact
        assert not await crew.move_mark("north", "renewals", None, LATER)
        assert not await crew.move_mark("north", "renewals", NOON, LATER)
        assert await crew.move_mark("north", "renewals", exact, LATER)
        assert await crew.mark("north", "renewals") == LATER
        assert [await crew.mark(*one) for one in (("south", "renewals"), ("north", "reviews"))] == [None, None]

    async def test_of_two_that_move_a_mark_one_does(self, crew: SqlCrew, elsewhere: SqlStore) -> None:
        crews = (crew, SqlCrew(elsewhere.database))
        seen = None
        for number in range(5):
            to = NOON + timedelta(seconds=number)
            assert sorted(await asyncio.gather(*(one.move_mark("north", "renewals", seen, to) for one in crews))) == [
                False,
                True,
            ]
            seen = to


class TestOnSqlite(CrewContract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> str | None:
        return str(tmp_path / "fleet.db")

    async def test_times_are_this_machine_s(self, crew: SqlCrew, clock: ToldClock) -> None:
        await crew.enrol(a_worker("w1", "t1"))
        clock.move(seconds=5)
        await crew.beat("w1", "t1", turns=0, leaving=False)
        (one,) = await crew.workers()
        assert (one.started_at, one.seen_at) == (NOON, NOON + timedelta(seconds=5))


class TestOnPostgres(OnPostgres, CrewContract):
    async def test_times_are_the_database_s(self, crew: SqlCrew, clock: ToldClock) -> None:
        del clock  # nobody asks it
        before = datetime.now(UTC)
        await crew.enrol(a_worker("w1", "t1"))
        await crew.beat("w1", "t1", turns=0, leaving=False)
        (one,) = await crew.workers()
        assert one.seen_at is not None
        assert before - timedelta(minutes=1) < one.started_at < one.seen_at < before + timedelta(minutes=1)
