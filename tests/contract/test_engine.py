"""What every engine must do: order, one writer per account, and no accepted turn lost. Time is told, not waited for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from datetime import timedelta

import anyio
import pytest
from engine_doubles import (
    ACME,
    GLOBEX,
    LEASE_SECONDS,
    NOON,
    WAIT_SECONDS,
    Desk,
    NotingStore,
    ToldTime,
    a_turn,
    engine_named,
    fence_lost,
    read_only,
    unreachable,
)
from postgres import one_by_one

from fleet_runtime.engine.inline import FENCE_ATTEMPTS
from fleet_runtime.engines import Engine
from fleet_runtime.errors import AccountBusy, FenceLost, ModelUnreachable, StoreError
from fleet_runtime.ports import Store
from fleet_runtime.records import AccountKey, Reply, Turn
from fleet_runtime.stores.memory.store import MemoryStore
from fleet_runtime.stores.sql.store import SqlStore, open_store


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def database() -> AsyncGenerator[SqlStore]:
    opened = open_store(None, now=lambda: NOON)
    yield opened
    await opened.close()


@pytest.fixture(params=["sql", "memory", "postgres"])
async def store(request: pytest.FixtureRequest, database: SqlStore) -> AsyncGenerator[Store]:
    if request.param == "sql":
        yield database
        return
    other = MemoryStore() if request.param == "memory" else one_by_one(request.getfixturevalue("postgres_database"))
    yield other
    await other.close()


@pytest.fixture
def time(store: Store) -> ToldTime:
    return ToldTime(store)


@pytest.mark.anyio
class EngineContract:
    """An engine per ``owner``, as one process each would have, over one store."""

    @pytest.fixture
    def engine_of(self, store: Store, time: ToldTime) -> Callable[[str], Engine]:
        raise NotImplementedError

    @pytest.fixture
    def engine(self, engine_of: Callable[[str], Engine]) -> Engine:
        return engine_of("us")

    async def test_a_turn_is_answered_and_the_lease_given_back(self, engine: Engine, store: Store) -> None:
        reply = await engine.run(await store.accept(a_turn("t1")), Desk(store).work)
        assert reply.text == "desk answers t1"
        assert await store.unfinished() == []
        assert await store.lease(ACME, "them", NOON + timedelta(seconds=1), NOON)

    async def test_a_done_turn_is_not_worked_on_again(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        turn = await store.accept(a_turn("t1"))
        first = await engine.run(turn, desk.work)
        assert await engine.run(turn, desk.work) == first
        assert desk.began == ["t1"]

    async def test_a_turn_that_was_never_accepted_is_refused(self, engine: Engine, store: Store) -> None:
        with pytest.raises(StoreError, match="t1"):
            await engine.run(a_turn("t1"), Desk(store).work)

    async def test_turns_of_an_account_run_one_at_a_time_in_order(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        turns = [await store.accept(a_turn(f"t{number}")) for number in range(6)]
        await asyncio.gather(*(engine.run(turn, desk.work) for turn in reversed(turns)))
        assert desk.began == [turn.id for turn in turns]
        assert desk.most_at_once == 1

    async def test_accounts_run_side_by_side(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        both = anyio.Event()

        async def meet(_turn: Turn) -> None:
            if desk.at_once == 2:
                both.set()
            await both.wait()

        desk.during = meet
        turns = [await store.accept(a_turn("t1")), await store.accept(a_turn("t2", GLOBEX))]
        with anyio.fail_after(10):
            await asyncio.gather(*(engine.run(turn, desk.work) for turn in turns))
        assert desk.most_at_once == 2

    async def test_older_unfinished_turns_come_first(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        for turn_id in ("t1", "t2"):
            await store.accept(a_turn(turn_id))
        newer = await store.accept(a_turn("t3"))
        await store.accept(a_turn("t4"))
        assert (await engine.run(newer, desk.work)).turn_id == "t3"
        assert desk.began == ["t1", "t2", "t3"]

    async def test_a_failing_turn_stays_accepted_and_says_why(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        desk.fails["t1"] = [unreachable()]
        turn = await store.accept(a_turn("t1"))
        with pytest.raises(ModelUnreachable) as caught:
            await engine.run(turn, desk.work)
        assert caught.value.hint == "start one"
        assert [unfinished.id for unfinished in await store.unfinished()] == ["t1"]
        assert (await engine.run(turn, desk.work)).text == "desk answers t1"

    async def test_a_failing_older_turn_is_passed_over_and_tried_again(
        self, engine: Engine, store: Store, caplog: pytest.LogCaptureFixture
    ) -> None:
        desk = Desk(store)
        desk.fails["t1"] = [unreachable()]
        await store.accept(a_turn("t1"))
        with caplog.at_level(logging.WARNING):
            await engine.run(await store.accept(a_turn("t2")), desk.work)
        assert "t1" in caplog.text
        assert [turn.id for turn in await store.unfinished()] == ["t1"]
        await engine.run(await store.accept(a_turn("t3")), desk.work)
        assert desk.began == ["t1", "t2", "t1", "t3"]

    async def test_a_defect_is_shown_as_it_is(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        desk.fails["t1"] = [ZeroDivisionError("a defect")]
        with pytest.raises(ZeroDivisionError):
            await engine.run(await store.accept(a_turn("t1")), desk.work)
        assert await store.lease(ACME, "them", NOON + timedelta(seconds=1), NOON)

    async def test_another_process_is_waited_for_within_bounds(
        self, engine: Engine, store: Store, time: ToldTime
    ) -> None:
        await store.lease(ACME, "them", NOON + timedelta(hours=1), NOON)
        turn = await store.accept(a_turn("t1"))
        desk = Desk(store)
        async with time.flowing():
            with pytest.raises(AccountBusy, match="same turn id"):
                await engine.run(turn, desk.work)
        assert time.now - NOON == timedelta(seconds=WAIT_SECONDS)
        assert desk.began == []
        assert [unfinished.id for unfinished in await store.unfinished()] == ["t1"]
        assert not await store.lease(ACME, "others", NOON + timedelta(hours=2), NOON)

    async def test_whoever_is_alone_with_an_account_keeps_turns_waiting(self, engine: Engine, store: Store) -> None:
        desk, turn = Desk(store), await store.accept(a_turn("t1"))
        async with anyio.create_task_group() as tasks, engine.alone(ACME):
            tasks.start_soon(engine.run, turn, desk.work)
            await anyio.wait_all_tasks_blocked()
            assert desk.began == []
            assert not await store.lease(ACME, "them", NOON + timedelta(hours=1), NOON)
            other = await engine.run(await store.accept(a_turn("t2", GLOBEX)), desk.work)
            assert other.turn_id == "t2"
        assert desk.began == ["t2", "t1"]
        assert await store.lease(ACME, "them", NOON + timedelta(hours=1), NOON)

    async def test_being_alone_with_an_account_is_waited_for_within_bounds(
        self, engine: Engine, store: Store, time: ToldTime
    ) -> None:
        await store.lease(ACME, "them", NOON + timedelta(hours=1), NOON)
        async with time.flowing():
            with pytest.raises(AccountBusy, match="nothing was done"):
                async with engine.alone(ACME):
                    raise AssertionError
        assert time.now - NOON == timedelta(seconds=WAIT_SECONDS)

    async def test_a_lapsed_lease_is_taken_over(self, engine: Engine, store: Store, time: ToldTime) -> None:
        await store.lease(ACME, "them", NOON + timedelta(seconds=LEASE_SECONDS), NOON)
        turn = await store.accept(a_turn("t1"))
        async with time.flowing():
            await engine.run(turn, Desk(store).work)
        assert time.now - NOON >= timedelta(seconds=LEASE_SECONDS)

    async def test_the_heartbeat_keeps_a_long_turn_s_lease(
        self, engine_of: Callable[[str], Engine], store: Store, time: ToldTime
    ) -> None:
        ours, theirs = Desk(store, "us"), Desk(store, "them")

        async def think_long(_turn: Turn) -> None:
            await time.sleep(LEASE_SECONDS + WAIT_SECONDS + 1)

        ours.during = think_long
        first, second = await store.accept(a_turn("t1")), await store.accept(a_turn("t2"))
        async with time.flowing():
            running = asyncio.create_task(engine_of("us").run(first, ours.work))
            await ours.working.wait()
            with pytest.raises(AccountBusy):
                await engine_of("them").run(second, theirs.work)
            assert (await running).text == "us answers t1"
        assert theirs.began == []

    async def test_a_reply_that_another_process_wrote_is_returned(
        self, engine_of: Callable[[str], Engine], store: Store, time: ToldTime
    ) -> None:
        ours, theirs = Desk(store, "us"), Desk(store, "them")

        async def think(_turn: Turn) -> None:
            await time.sleep(1)

        ours.during = think
        first, second = await store.accept(a_turn("t1")), await store.accept(a_turn("t2"))
        async with time.flowing():
            running = asyncio.create_task(engine_of("us").run(second, ours.work))
            await ours.working.wait()
            assert (await engine_of("them").run(first, theirs.work)).text == "us answers t1"
            await running
        assert theirs.began == []

    async def test_a_lost_fence_is_retried(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        desk.fails["t1"] = [fence_lost()]
        reply = await engine.run(await store.accept(a_turn("t1")), desk.work)
        assert reply.text == "desk answers t1"
        assert desk.began == ["t1", "t1"]

    async def test_a_fence_lost_for_ever_is_passed_on(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        desk.fails["t1"] = [fence_lost() for _ in range(FENCE_ATTEMPTS)]
        with pytest.raises(FenceLost):
            await engine.run(await store.accept(a_turn("t1")), desk.work)
        assert len(desk.began) == FENCE_ATTEMPTS

    async def test_a_process_that_stalled_cannot_commit_over_its_successor(
        self, engine_of: Callable[[str], Engine], store: Store, time: ToldTime
    ) -> None:
        """The stalled one's lease lapses in the middle of its work; the other answers, once."""
        ours, theirs = Desk(store, "us"), Desk(store, "them")
        turn = await store.accept(a_turn("t1"))

        async def stall(_turn: Turn) -> None:
            time.now += timedelta(seconds=LEASE_SECONDS)
            assert (await engine_of("them").run(turn, theirs.work)).text == "them answers t1"

        ours.during = stall
        assert (await engine_of("us").run(turn, ours.work)).text == "them answers t1"
        assert (ours.began, theirs.began) == (["t1"], ["t1"])
        assert (await store.read(ACME)).version == 1

    async def test_cancelling_gives_the_lease_back(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)

        async def think_for_ever(_turn: Turn) -> None:
            await anyio.sleep_forever()

        desk.during = think_for_ever
        running = asyncio.create_task(engine.run(await store.accept(a_turn("t1")), desk.work))
        await desk.working.wait()
        assert not await store.lease(ACME, "them", NOON + timedelta(seconds=1), NOON)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await store.lease(ACME, "them", NOON + timedelta(seconds=1), NOON)
        assert [unfinished.id for unfinished in await store.unfinished()] == ["t1"]

    async def test_a_time_limit_gives_the_lease_back(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        turn = await store.accept(a_turn("t1"))
        with anyio.CancelScope() as limit:

            async def run_out_of_time(_turn: Turn) -> None:
                limit.cancel()
                await anyio.sleep_forever()

            desk.during = run_out_of_time
            await engine.run(turn, desk.work)
        assert limit.cancelled_caught
        assert await store.lease(ACME, "them", NOON + timedelta(seconds=1), NOON)

    async def test_resume_finishes_what_nobody_alive_holds(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        for turn_id, key in (("t1", ACME), ("t2", ACME), ("t3", GLOBEX)):
            await store.accept(a_turn(turn_id, key))
        await store.lease(GLOBEX, "them", NOON + timedelta(seconds=1), NOON)
        assert await engine.resume(desk.work) == 2
        assert desk.began == ["t1", "t2"]
        assert [turn.id for turn in await store.unfinished()] == ["t3"]
        await store.release(GLOBEX, "them")
        assert await engine.resume(desk.work) == 1
        assert await engine.resume(desk.work) == 0

    async def test_resume_goes_on_after_an_error(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        desk.fails["t1"] = [unreachable()]
        for turn_id, key in (("t1", ACME), ("t2", GLOBEX)):
            await store.accept(a_turn(turn_id, key))
        assert await engine.resume(desk.work) == 1
        assert [turn.id for turn in await store.unfinished()] == ["t1"]

    async def test_what_is_accepted_here_is_run_and_the_lease_given_back(self, engine: Engine, store: Store) -> None:
        turn = await engine.accept(a_turn("t1"))
        assert turn == a_turn("t1").model_copy(update={"sequence": 1})
        assert not await store.lease(ACME, "them", NOON + timedelta(seconds=1), NOON)
        assert (await engine.run(turn, Desk(store).work)).text == "desk answers t1"
        assert await engine.accept(a_turn("t1")) == await store.turn(ACME, "t1")
        assert await store.lease(ACME, "them", NOON + timedelta(seconds=1), NOON)

    async def test_turns_accepted_here_run_in_order_of_arrival(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        left = await store.accept(a_turn("t0"))
        turns = [await engine.accept(a_turn(f"t{number}")) for number in range(1, 6)]
        replies = await asyncio.gather(*(engine.run(turn, desk.work) for turn in (*reversed(turns), left)))
        assert [reply.turn_id for reply in replies] == ["t5", "t4", "t3", "t2", "t1", "t0"]
        assert desk.began == ["t0", "t1", "t2", "t3", "t4", "t5"]
        assert desk.most_at_once == 1

    async def test_an_accepted_turn_that_fails_stays_accepted(self, engine: Engine, store: Store) -> None:
        desk = Desk(store)
        desk.fails["t1"] = [unreachable(), ZeroDivisionError("a defect")]
        turn = await engine.accept(a_turn("t1"))
        for error in (ModelUnreachable, ZeroDivisionError):
            with pytest.raises(error):
                await engine.run(turn, desk.work)
            assert await store.unfinished() == [turn]
            assert await store.lease(ACME, "them", NOON, NOON)
        assert (await engine.run(turn, desk.work)).text == "desk answers t1"

    async def test_who_accepts_and_never_runs_holds_others_up_until_the_lease_lapses(
        self, engine_of: Callable[[str], Engine], store: Store, time: ToldTime
    ) -> None:
        await engine_of("us").accept(a_turn("t1"))
        theirs = Desk(store, "them")
        async with time.flowing():
            second = await engine_of("them").accept(a_turn("t2"))
            await engine_of("them").run(second, theirs.work)
        assert theirs.began == ["t1", "t2"]
        assert time.now - NOON >= timedelta(seconds=LEASE_SECONDS)

    async def test_a_turn_that_is_run_long_after_it_was_accepted_is_looked_up_anew(
        self, engine_of: Callable[[str], Engine], store: Store, time: ToldTime
    ) -> None:
        ours, theirs, engine = Desk(store, "us"), Desk(store, "them"), engine_of("us")
        turn = await engine.accept(a_turn("t1"))
        time.now += timedelta(seconds=LEASE_SECONDS)
        assert await engine_of("them").resume(theirs.work) == 1
        assert (await engine.run(turn, ours.work)).text == "them answers t1"
        assert ours.began == []

    async def test_a_fence_lost_by_an_accepted_turn_is_retried_within_bounds(
        self, engine: Engine, store: Store
    ) -> None:
        desk = Desk(store)
        desk.fails["t1"] = [fence_lost()]
        assert (await engine.run(await engine.accept(a_turn("t1")), desk.work)).text == "desk answers t1"
        desk.fails["t2"] = [fence_lost() for _ in range(FENCE_ATTEMPTS)]
        with pytest.raises(FenceLost):
            await engine.run(await engine.accept(a_turn("t2")), desk.work)
        assert desk.began == ["t1", "t1", *["t2"] * FENCE_ATTEMPTS]
        assert await store.lease(ACME, "them", NOON, NOON)

    async def test_an_engine_that_closes_lets_go_of_what_it_accepted(self, engine: Engine, store: Store) -> None:
        turn = await engine.accept(a_turn("t1"))
        await engine.accept(a_turn("t2", GLOBEX))
        await engine.run(turn, Desk(store).work)
        assert not await store.lease(GLOBEX, "them", NOON + timedelta(seconds=1), NOON)
        await engine.close()
        assert await store.lease(GLOBEX, "them", NOON + timedelta(seconds=1), NOON)
        assert [turn.id for turn in await store.unfinished()] == ["t2"]

    async def test_what_is_accepted_while_somebody_is_alone_with_its_account_waits(
        self, engine: Engine, store: Store
    ) -> None:
        desk = Desk(store)
        async with anyio.create_task_group() as tasks, engine.alone(ACME):
            tasks.start_soon(engine.run, await engine.accept(a_turn("t1")), desk.work)
            await anyio.wait_all_tasks_blocked()
            assert desk.began == []
        assert desk.began == ["t1"]


class TestInlineEngine(EngineContract):
    @pytest.fixture
    def engine_of(self, store: Store, time: ToldTime) -> Callable[[str], Engine]:
        return lambda owner: engine_named(owner, store, time)

    async def test_no_line_outlives_its_people(self, store: Store, time: ToldTime) -> None:
        engine = engine_named("us", store, time)
        desk = Desk(store)
        turns = [await store.accept(a_turn(f"t{n}", AccountKey(tenant="north", account=f"a{n % 3}"))) for n in range(9)]
        await asyncio.gather(*(engine.run(turn, desk.work) for turn in turns))
        assert len(desk.began) == 9
        assert len(engine._leasing.lines) == 0

    async def test_a_turn_that_is_accepted_and_run_takes_two_writes(self) -> None:
        store = NotingStore()
        engine = engine_named("us", store, ToldTime(store), commits_release=True)
        desk = Desk(store, releases={"t1", "t2"})
        for turn_id in ("t1", "t2"):
            await engine.run(await engine.accept(a_turn(turn_id)), desk.work)
            assert store.noted == ["begin", "read", "apply"]
            store.noted.clear()
        assert await store.lease(ACME, "them", NOON, NOON)

    async def test_neither_a_commit_that_releases_nor_a_failure_leaves_a_lease(
        self, store: Store, time: ToldTime
    ) -> None:
        engine, desk = engine_named("us", store, time, commits_release=True), Desk(store, releases={"t1", "t3"})
        desk.fails["t2"] = [unreachable()]
        for turn_id in ("t1", "t2", "t3"):
            turn = await engine.accept(a_turn(turn_id))
            with suppress(ModelUnreachable):
                await engine.run(turn, desk.work)
            assert await store.lease(ACME, "them", NOON, NOON)
        assert desk.began == ["t1", "t2", "t2", "t3"]
        assert await store.unfinished() == []

    async def test_one_heartbeat_serves_all_accounts_and_ends(self, store: Store, time: ToldTime) -> None:
        engine, desk = engine_named("us", store, time), Desk(store)

        async def think(turn: Turn) -> None:
            await time.sleep(2 * LEASE_SECONDS)
            assert not await store.lease(turn.key, "them", time.now + timedelta(seconds=1), time.now)

        desk.during = think
        turns = [await engine.accept(a_turn("t1")), await engine.accept(a_turn("t2", GLOBEX))]
        before = len(asyncio.all_tasks())
        running = [asyncio.create_task(engine.run(turn, desk.work)) for turn in turns]
        await desk.working.wait()
        await anyio.wait_all_tasks_blocked()
        assert len(asyncio.all_tasks()) == before + len(running) + 1
        async with time.flowing():
            await asyncio.gather(*running)
            await time.sleep(LEASE_SECONDS)
        assert len(asyncio.all_tasks()) == before

    async def test_a_reply_is_found_though_the_lease_cannot_be_had_again(self, store: Store, time: ToldTime) -> None:
        """Our lease lapses; another process answers our turn and goes on with the next under its lease."""
        ours, theirs = Desk(store, "us"), Desk(store, "them")
        first, second = await store.accept(a_turn("t1")), await store.accept(a_turn("t2"))
        at_second, may_end = anyio.Event(), anyio.Event()
        running: list[asyncio.Task[Reply]] = []

        async def work_long_at_second(turn: Turn) -> None:
            if turn.id == "t2":
                at_second.set()
                await may_end.wait()

        async def stall(_turn: Turn) -> None:
            time.now += timedelta(seconds=LEASE_SECONDS)
            running.append(asyncio.create_task(engine_named("them", store, time).run(second, theirs.work)))
            await at_second.wait()

        theirs.during, ours.during = work_long_at_second, stall
        assert (await engine_named("us", store, time).run(first, ours.work)).text == "them answers t1"
        may_end.set()
        assert (await running[0]).text == "them answers t2"
        assert ours.began == ["t1"]

    async def test_a_store_that_fails_for_a_while_does_not_end_the_heartbeat(
        self, database: SqlStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        desk, time = Desk(database), ToldTime(database)

        async def fail_for_a_while(_turn: Turn) -> None:
            await read_only(database, "ON")
            await time.sleep(LEASE_SECONDS / 2)
            await read_only(database, "OFF")
            await time.sleep(LEASE_SECONDS)
            assert not await database.lease(ACME, "them", time.now + timedelta(seconds=1), time.now)

        desk.during = fail_for_a_while
        async with time.flowing():
            await engine_named("us", database, time).run(await database.accept(a_turn("t1")), desk.work)
        assert "not renewed" in caplog.text

    async def test_a_store_that_fails_is_said_by_run_and_passed_over_by_resume(
        self, database: SqlStore, time: ToldTime, caplog: pytest.LogCaptureFixture
    ) -> None:
        engine, desk = engine_named("us", database, time), Desk(database)
        turn = await database.accept(a_turn("t1"))
        await read_only(database, "ON")
        with pytest.raises(StoreError, match="read-only"):
            await engine.run(turn, desk.work)
        assert "will lapse" in caplog.text
        assert await engine.resume(desk.work) == 0
        assert "not resumed" in caplog.text
        await read_only(database, "OFF")
        assert await engine.resume(desk.work) == 1
