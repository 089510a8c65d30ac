"""What a turn log must do, on each database that we have: give turns up, take them up again, count them, list them."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres import OnPostgres
from remembered import ACME, GLOBEX, NOON, OTHER_TENANT, a_change, fill
from sqlalchemy import Connection
from store_of_database import StoreOfDatabase
from told import ToldClock
from turns_on_paper import FAILURE, IDS, LATER, VERBS, a_reply, a_turn, an_end, walk

from fleet_runtime.errors import FenceLost
from fleet_runtime.records import AccountKey, Failure, Turn
from fleet_runtime.stores.sql.store import SqlStore, open_store
from fleet_runtime.stores.sql.turn_log import SqlTurnLog

pytestmark = pytest.mark.anyio


async def accept(store: SqlStore, *ids: str, key: AccountKey = ACME) -> list[Turn]:
    return [await store.accept(a_turn(name, key)) for name in ids]


class TurnLogContract(StoreOfDatabase):
    """The promises; subclasses say where the database lies."""

    @pytest.fixture
    def clock(self) -> ToldClock:
        return ToldClock(NOON)

    @pytest.fixture
    async def store(self, database: str, clock: ToldClock) -> AsyncGenerator[SqlStore]:
        store = open_store(database, now=clock)
        yield store
        await store.close()

    @pytest.fixture
    def log(self, store: SqlStore) -> SqlTurnLog:
        return SqlTurnLog(store.database)

    @pytest.mark.parametrize("failure", [FAILURE, None])
    async def test_a_turn_that_is_given_up_is_out_of_the_way(
        self, store: SqlStore, log: SqlTurnLog, failure: Failure | None
    ) -> None:
        first, second = await accept(store, "t1", "t2")
        state = "failed" if failure else "cancelled"
        stopped = first.model_copy(update={"state": state, "failure": failure})
        assert await log.stop(ACME, "t1", failure) == stopped
        assert await store.turn(ACME, "t1") == stopped
        assert (await store.read(ACME)).turns == (stopped, second)
        assert await store.unfinished() == await store.unfinished(ACME) == [second]
        assert await store.begin(second, "us", LATER, NOON) == (second, True)

    @pytest.mark.parametrize("failure", [FAILURE, None])
    async def test_nobody_commits_a_turn_that_is_given_up(
        self, store: SqlStore, log: SqlTurnLog, failure: Failure | None
    ) -> None:
        await accept(store, "t1")
        assert await store.lease(ACME, "us", LATER, NOON)
        await log.stop(ACME, "t1", failure)
        before = await store.read(ACME)
        with pytest.raises(FenceLost, match="given up"):
            await store.apply(an_end("t1", owner="us"))
        assert await store.read(ACME) == before

    async def test_its_message_repeated_is_the_same_turn_and_asks_for_no_lease(
        self, store: SqlStore, log: SqlTurnLog
    ) -> None:
        await accept(store, "t1")
        stopped = await log.stop(ACME, "t1", FAILURE)
        assert await store.accept(a_turn("t1")) == stopped
        assert await store.begin(a_turn("t1"), "us", LATER, NOON) == (stopped, False)
        assert await store.lease(ACME, "them", LATER, NOON)

    async def test_only_an_accepted_turn_is_stopped(self, store: SqlStore, log: SqlTurnLog) -> None:
        await accept(store, "done", "failed", "cancelled")
        await store.apply(an_end("done"))
        await log.stop(ACME, "failed", FAILURE)
        await log.stop(ACME, "cancelled", None)
        state = await store.read(ACME)
        for turn in state.turns:
            for failure in (FAILURE.model_copy(update={"attempts": 9}), None):
                assert await log.stop(ACME, turn.id, failure) == turn
        assert await store.read(ACME) == state

    async def test_a_turn_is_known_on_its_account_only(self, store: SqlStore, log: SqlTurnLog) -> None:
        (turn,) = await accept(store, "t1")
        for key in (GLOBEX, OTHER_TENANT):
            assert await log.stop(key, "t1", None) is None
            assert await log.reopen(key, "t1") is None
        assert await log.stop(ACME, "t9", None) is None
        assert await store.turn(ACME, "t1") == turn

    @pytest.mark.parametrize("failure", [FAILURE, None])
    async def test_a_reopened_turn_has_its_old_place(
        self, store: SqlStore, log: SqlTurnLog, failure: Failure | None
    ) -> None:
        first, second = await accept(store, "t1", "t2")
        await log.stop(ACME, "t1", failure)
        assert await log.reopen(ACME, "t1") == first
        assert await store.unfinished(ACME) == [first, second]
        assert await store.begin(second, "us", LATER, NOON) == (second, False)
        await store.apply(an_end("t1", owner="us"))
        done = first.model_copy(update={"state": "done", "reply": a_reply("t1")})
        assert await log.reopen(ACME, "t1") == done
        assert await log.reopen(ACME, "t2") == second
        assert (await store.read(ACME)).turns == (done, second)

    async def test_what_was_read_before_is_not_told_after(
        self, store: SqlStore, log: SqlTurnLog, database: str
    ) -> None:
        """Whoever kept an account's rows sees a turn of it given up, here or elsewhere."""
        turns = await accept(store, "t1", "t2", "t3")
        elsewhere = open_store(database, now=lambda: NOON)
        for one in (store, elsewhere):
            assert (await one.read(ACME)).turns == tuple(turns)
        await SqlTurnLog(elsewhere.database).stop(ACME, "t2", FAILURE)
        failed = turns[1].model_copy(update={"state": "failed", "failure": FAILURE})
        assert (await store.read(ACME)).turns == (await elsewhere.read(ACME)).turns == (turns[0], failed, turns[2])
        assert await store.apply(a_change(seen=0)) == 1
        await log.reopen(ACME, "t2")
        await log.stop(ACME, "t1", None)
        cancelled = turns[0].model_copy(update={"state": "cancelled"})
        assert (await store.read(ACME)).turns == (await elsewhere.read(ACME)).turns == (cancelled, *turns[1:])
        assert await store.begin(a_turn("t4"), "us", LATER, NOON) == ((await store.read(ACME)).turns[3], False)
        await elsewhere.close()

    async def test_whoever_begins_a_turn_sees_what_was_given_up_elsewhere(self, store: SqlStore, database: str) -> None:
        (first,) = await accept(store, "t1")
        assert (await store.read(ACME)).turns == (first,)
        elsewhere = open_store(database, now=lambda: NOON)
        cancelled = await SqlTurnLog(elsewhere.database).stop(ACME, "t1", None)
        await elsewhere.close()
        second, may_run = await store.begin(a_turn("t2"), "us", LATER, NOON)
        assert may_run
        assert (await store.read(ACME)).turns == (cancelled, second)

    async def test_settled_turns_of_those_that_are_asked_for(self, store: SqlStore, log: SqlTurnLog) -> None:
        await accept(store, "t1", "t2", "t3", "t4")
        await accept(store, "s1", key=OTHER_TENANT)
        await accept(store, "g1", key=GLOBEX)
        await store.apply(an_end("t1"))
        await store.apply(an_end("g1", key=GLOBEX))
        await store.apply(an_end("s1", key=OTHER_TENANT))
        await log.stop(ACME, "t2", FAILURE)
        await log.stop(ACME, "t3", None)
        ids = ["t3", "t1", "t2", "t4", "s1", "g1", "unknown", *(f"x{number}" for number in range(1200))]
        found = {turn.id: turn for turn in await log.settled("north", ids)}
        assert {name: turn.state for name, turn in found.items()} == {
            "t1": "done", "t2": "failed", "t3": "cancelled", "g1": "done"
        }  # fmt: skip
        assert found["t1"].reply == a_reply("t1")
        assert found["t2"].failure == FAILURE
        assert found["g1"].key == GLOBEX
        assert [turn.id for turn in await log.settled("north", ["t4", "t1"])] == ["t1"]
        assert await log.settled("north", []) == []

    async def test_heads_are_first_accepted_turns_longest_waiting_first(
        self, store: SqlStore, log: SqlTurnLog, clock: ToldClock
    ) -> None:
        assert await log.heads("north", 9) == []
        keys = [AccountKey(tenant="north", account=name) for name in ("d", "B", "a", "\u00e9", "c")]
        for key in keys:
            await accept(store, f"{key.account}1", f"{key.account}2", key=key)
            clock.move(seconds=1)
        await accept(store, "s1", key=OTHER_TENANT)
        await store.apply(an_end("B1", key=keys[1]))
        await log.stop(keys[2], "a1", FAILURE)
        assert await store.lease(keys[4], "us", LATER, NOON)  # whoever works on it may be gone
        assert [turn.id for turn in await log.heads("north", 9)] == ["d1", "B2", "a2", "\u00e91", "c1"]
        assert [turn.id for turn in await log.heads("north", 2)] == ["d1", "B2"]
        assert await log.heads("north", 1) == [await store.turn(keys[0], "d1")]
        assert [turn.id for turn in await log.heads("south", 9)] == ["s1"]
        await log.reopen(keys[2], "a1")
        await log.stop(keys[0], "d1", None)
        await log.stop(keys[0], "d2", None)
        assert [turn.id for turn in await log.heads("north", 9)] == ["B2", "a1", "\u00e91", "c1"]

    async def test_what_waits_is_counted_up_to_a_limit(self, store: SqlStore, log: SqlTurnLog) -> None:
        assert await log.waiting(ACME, 9) == (0, 0)
        await accept(store, *(f"t{number}" for number in range(5)))
        await accept(store, "g1", "g2", "g3", key=GLOBEX)
        await accept(store, "s1", key=OTHER_TENANT)
        await store.apply(an_end("t0"))
        await log.stop(ACME, "t1", FAILURE)
        await log.stop(GLOBEX, "g1", None)
        assert await log.waiting(ACME, 9) == (3, 5)
        assert await log.waiting(ACME, 4) == (3, 4)
        assert await log.waiting(ACME, 2) == (2, 2)
        assert await log.waiting(OTHER_TENANT, 9) == (1, 1)

    async def test_how_a_tenant_s_turns_fare(self, store: SqlStore, log: SqlTurnLog, clock: ToldClock) -> None:
        empty = await log.queue("north")
        assert (empty.waiting, empty.running, empty.failed, empty.oldest) == (0, 0, 0, None)
        await accept(store, "t1", "t2")
        clock.move(seconds=60)
        await accept(store, "g1", "g2", key=GLOBEX)
        await accept(store, "s1", key=OTHER_TENANT)
        await store.lease(ACME, "us", LATER, NOON)
        await store.lease(AccountKey(tenant="north", account="idle"), "us", LATER, NOON)
        running = await log.queue("north")
        assert (running.waiting, running.running, running.oldest) == (3, 1, NOON)
        await log.stop(ACME, "t2", FAILURE)
        await log.stop(GLOBEX, "g1", FAILURE)
        await log.stop(GLOBEX, "g2", None)
        state = await log.queue("north")
        assert (state.waiting, state.running, state.failed, state.oldest) == (0, 1, 2, None)
        await store.release(ACME, "us")
        state = await log.queue("north")
        assert (state.waiting, state.running, state.oldest) == (1, 0, NOON)

    async def test_turns_are_listed_newest_first(self, store: SqlStore, log: SqlTurnLog, clock: ToldClock) -> None:
        await accept(store, "t1")
        clock.move(seconds=1)
        await accept(store, "g1", key=GLOBEX)
        await accept(store, "s1", key=OTHER_TENANT)
        clock.move(seconds=1)
        await accept(store, "t2", "t3")
        await log.stop(ACME, "t1", FAILURE)
        await store.apply(an_end("t2"))
        await store.lease(GLOBEX, "token", LATER, NOON)

        async def ids(**wanted: object) -> list[str]:
            return [record.turn.id for record in await log.turns("north", **wanted)]  # type: ignore[arg-type]

        assert await ids() == ["t3", "t2", "g1", "t1"]
        assert await ids(limit=2) == ["t3", "t2"]
        assert await ids(account="acme") == ["t3", "t2", "t1"]
        assert await ids(states=("failed", "done")) == ["t2", "t1"]
        assert await ids(states=("accepted",), account="globex") == ["g1"]
        assert await ids(states=("cancelled",)) == []
        by_id = {record.turn.id: record for record in await log.turns("north")}
        assert by_id["t1"].turn.failure == FAILURE
        assert by_id["t2"].turn.reply == a_reply("t2")
        assert [by_id[name].held_by for name in ("t1", "g1")] == ["", "token"]
        assert [by_id[name].accepted_at - NOON for name in ("t1", "g1", "t3")] == [
            timedelta(seconds=number) for number in range(3)
        ]
        assert await log.find("north", "g1") == by_id["g1"]
        assert await log.find("north", "s1") is None

    async def test_signals_are_kept_in_order_and_once(self, store: SqlStore, log: SqlTurnLog) -> None:
        await accept(store, "t1", "t2")
        await log.put_signals(ACME, "t1", 0, ["a", "b"])
        await log.put_signals(ACME, "t1", 1, ["other", "c \u00e9\U0001f680"])
        await log.put_signals(ACME, "t1", 9, ["j"])
        await log.put_signals(ACME, "t2", 0, ["of another turn"])
        await log.put_signals(ACME, "t1", 5, [])
        kept = [(0, "a"), (1, "b"), (2, "c \u00e9\U0001f680"), (9, "j")]
        assert await log.signals(ACME, "t1", -1) == kept
        assert await log.signals(ACME, "t1", 1) == kept[2:]
        assert await log.signals(ACME, "t1", 9) == []
        assert await log.signals(GLOBEX, "t1", -1) == []

    async def test_an_unknown_turn_keeps_no_signals(self, store: SqlStore, log: SqlTurnLog) -> None:
        await log.put_signals(ACME, "t1", 0, ["a"])
        await accept(store, "t1")
        await log.put_signals(GLOBEX, "t1", 0, ["a"])
        for key in (ACME, GLOBEX):
            assert await log.signals(key, "t1", -1) == []

    async def test_signals_of_turns_that_are_over_are_dropped(
        self, store: SqlStore, log: SqlTurnLog, clock: ToldClock
    ) -> None:
        await accept(store, "waits", "done", "failed")
        clock.move(seconds=60)
        await accept(store, "late")
        for name in ("waits", "done", "failed", "late"):
            await log.put_signals(ACME, name, 0, ["a", "b"])
        await store.apply(an_end("done"))
        await store.apply(an_end("late", seen=1))
        await log.stop(ACME, "failed", FAILURE)
        assert await log.drop_signals(NOON) == 0
        assert await log.drop_signals(NOON + timedelta(seconds=60)) == 4
        left = {name: len(await log.signals(ACME, name, -1)) for name in ("waits", "done", "failed", "late")}
        assert left == {"waits": 2, "done": 0, "failed": 0, "late": 2}
        assert await log.drop_signals(NOON + timedelta(seconds=60)) == 0

    async def test_an_erased_account_leaves_no_signal_and_no_failure(self, store: SqlStore, log: SqlTurnLog) -> None:
        for key in (ACME, GLOBEX):
            await fill(store, key)
            await accept(store, f"f-{key.account}", f"w-{key.account}", key=key)
            await log.stop(key, f"f-{key.account}", FAILURE)
            await log.put_signals(key, f"f-{key.account}", 0, ["a", "b"])
            await log.put_signals(key, f"w-{key.account}", 0, ["c"])
        await store.release(GLOBEX, "us")
        receipt = await store.erase(ACME, NOON)
        assert (receipt.counts["signal"], receipt.counts["turn"]) == (3, 3)
        assert await log.signals(ACME, "f-acme", -1) == await log.signals(ACME, "w-acme", -1) == []
        await log.put_signals(ACME, "w-acme", 1, ["too late"])
        assert await log.find("north", "f-acme") is None
        assert await log.stop(ACME, "w-acme", None) is await log.reopen(ACME, "f-acme") is None
        assert [turn.id for turn in await log.heads("north", 9)] == ["w-globex"]
        assert await log.signals(GLOBEX, "f-globex", -1) == [(0, "a"), (1, "b")]
        await accept(store, "w-acme")
        assert await log.signals(ACME, "w-acme", -1) == []

    async def test_any_order_of_verbs_comes_to_the_same_as_on_paper(self, database: str) -> None:
        rng = random.Random(7)  # noqa: S311 - repeatable
        await walk(database, [(rng.choice(VERBS), rng.choice(IDS), rng.randrange(2)) for _ in range(120)])


steps = st.tuples(st.sampled_from(VERBS), st.sampled_from(IDS), st.integers(0, 1))


@settings(max_examples=25, derandomize=True, database=None)
@given(st.lists(steps, max_size=25))
def test_no_order_of_verbs_leaves_half_a_turn(taken: list[tuple[str, str, int]]) -> None:
    with tempfile.TemporaryDirectory(prefix="fleet-walk-") as folder:
        asyncio.run(walk(str(Path(folder) / "fleet.db"), taken))


class TestOnSqlite(TurnLogContract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> str | None:
        return str(tmp_path / "fleet.db")

    async def test_neither_history_nor_depth_costs_who_looks_for_work(self, store: SqlStore, database: str) -> None:
        """Counted in steps of the database's machine."""
        log, ids = SqlTurnLog(store.database), [f"t{number}" for number in range(200)]
        for number in range(20):
            await accept(store, f"t{number}", key=AccountKey(tenant="north", account=f"a{number}"))

        async def looked() -> list[int]:
            verbs = (log.heads("north", 5), log.waiting(ACME, 9), log.settled("north", ids), log.find("north", "t1"))
            return [await counted(store, verb) for verb in verbs]

        few = await looked()
        with closing(sqlite3.connect(database)) as written:
            row = "('north', ?, ?, 'c', ?, 'r', 's', '', '', '', ?, ?, NULL, '', NULL, NULL, NULL)"
            done: list[tuple[object, ...]] = [(f"a{n % 20}", f"d{n}", n + 2, "done", "{}") for n in range(5000)]
            deep: list[tuple[object, ...]] = [(f"a{n % 20}", f"e{n}", n + 6000, "accepted", None) for n in range(3000)]
            written.executemany(f"INSERT INTO turn VALUES {row}", done + deep)  # noqa: S608 - our own table
            written.commit()
        for before, after in zip(few, await looked(), strict=True):
            assert 0 < after < 2 * before + 50


async def counted(store: SqlStore, verb: Awaitable[object]) -> int:
    """Return how many tens of steps of SQLite's machine a verb takes."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    def listen(step: Callable[[], int] | None) -> Callable[[Connection], None]:
        def job(connection: Connection) -> None:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.set_progress_handler(step, 10)

        return job

    await store.database.read(listen(step))
    await verb
    await store.database.read(listen(None))
    return count


class TestOnPostgres(OnPostgres, TurnLogContract):
    """The same on Postgres."""
