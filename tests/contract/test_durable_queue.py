"""What gateways may expect with and without workers: limits, bounded waits, tenants; and how workers come and go."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import psycopg
import pytest
from durable_house import Echo, OnPostgres, OnSqlite, Place, host, working

from fleet_runtime.errors import (
    MessageError,
    NotAnswered,
    Overloaded,
    SettingError,
    WorkerError,
)

pytestmark = pytest.mark.anyio


class Queue:
    async def test_a_message_needs_no_worker_and_is_answered_once_one_starts(self, place: Place) -> None:
        async with place.gateway(reply_wait_seconds=0.3) as gateway:
            agent = await host(gateway)
            with anyio.fail_after(10), pytest.raises(NotAnswered) as told:
                await agent.ask("A room, please.", turn_id="t1")
            assert told.value.hint
            stream = agent.stream("A second room.", turn_id="t2")
            with anyio.fail_after(10), pytest.raises(NotAnswered):
                assert [signal async for signal in stream] == []
            await agent.accept("A third room.", turn_id="t3")
        assert place.states("acme") == [(name, "accepted") for name in ("t1", "t2", "t3")]
        model = Echo()
        async with place.worker(model):
            await place.until("SELECT count(*) FROM turn WHERE state = 'done'", 3)
        assert model.heard == ["A room, please.", "A second room.", "A third room."]
        async with place.gateway(reply_wait_seconds=0.3) as gateway:
            assert (
                await (await host(gateway)).ask("A room, please.", turn_id="t1")
            ).text == "You said: A room, please."

    async def test_an_account_s_and_a_tenant_s_queue_are_bounded(self, place: Place) -> None:
        limits: dict[str, Any] = {"queue_account_turns": 2, "queue_turns": 4}
        async with place.gateway(**limits) as gateway, place.gateway(**limits) as other:
            busy, calm, late = [await host(gateway, name) for name in ("busy", "calm", "late")]
            await busy.accept("One.", turn_id="b1")
            await (await host(other, "busy")).accept("Two.", turn_id="b2")
            before = {name: len(rows) for name, rows in place.tables().items()}
            for fleet in (gateway, other):
                with pytest.raises(Overloaded) as told:
                    await (await host(fleet, "busy")).accept("Three.", turn_id="b3")
                assert told.value.hint
            with pytest.raises(Overloaded):
                await gateway.dispatch("Three at the door.", account="busy")
            after = {name: len(rows) for name, rows in place.tables().items()}
            assert after == before, "nothing was stored"
            assert (await busy.accept("One.", turn_id="b1")).sequence == 1, "what is repeated is never refused"
            await calm.accept("Three.", turn_id="c1")
            await calm.accept("Four.", turn_id="c2")
            with pytest.raises(Overloaded):
                await late.accept("Five.", turn_id="l1")
            assert (await busy.accept("Two.", turn_id="b2")).sequence == 2
            assert place.rows("SELECT count(*) FROM turn") == [(4,)]
            async with place.worker(**limits):
                await place.until("SELECT count(*) FROM turn WHERE state = 'done'", 4)
                assert (await late.ask("Five.", turn_id="l1")).text == "You said: Five."
                assert (await busy.ask("Three.", turn_id="b3")).text == "You said: Three."

    async def test_what_an_older_version_queued_and_what_the_engine_lost_is_answered(self, place: Place) -> None:
        """The engine's own rows are of another version for one turn, and gone for another."""
        async with place.gateway() as gateway:
            for number in (1, 2):
                await (await host(gateway)).accept(f"Message {number}.", turn_id=f"t{number}")
        change_engine(place, "UPDATE {schema}workflow_status SET application_version = 'older'")
        change_engine(place, "DELETE FROM {schema}workflow_status WHERE workflow_uuid LIKE '%2'")
        model = Echo()
        async with place.worker(model):
            await place.until("SELECT count(*) FROM turn WHERE state = 'done'", 2)
        assert model.heard == ["Message 1.", "Message 2."]

    async def test_tenants_share_a_database_and_nothing_else(self, place: Place) -> None:
        odd = "north: 100% 'ünï#\"" + "x" * 280
        async with place.gateway(tenant=odd) as north, place.gateway(tenant="south", reply_wait_seconds=0.5) as south:
            ours, theirs = Echo(), Echo()
            async with place.worker(ours, tenant=odd):
                assert (await (await host(north)).ask("North.", turn_id="t1")).text == "You said: North."
                with pytest.raises(NotAnswered):
                    await (await host(south)).ask("South.", turn_id="t1")
            assert (ours.heard, place.states("acme", "south")) == (["North."], [("t1", "accepted")])
            async with place.worker(theirs, tenant="south"):
                await place.until("SELECT state FROM turn WHERE tenant = 'south'", "done")
            assert theirs.heard == ["South."]
            assert [event.text for event in await south.memory("acme").events()] == ["South."]
            with pytest.raises(MessageError):
                await south.turns.show("t2")

    async def test_what_was_left_inline_is_answered_by_a_worker_and_the_other_way_round(self, place: Place) -> None:
        broken = Echo(Left=RuntimeError("the power went"))
        async with place.gateway(broken, engine="inline", resume=False) as inline:
            await (await host(inline)).accept("Left inline.", turn_id="t1")
        async with place.worker():
            await place.until("SELECT state FROM turn WHERE id = 't1'", "done")
        async with place.gateway() as gateway:
            await (await host(gateway)).accept("Left queued.", turn_id="t2")
        async with place.gateway(Echo(), engine="inline") as inline:
            reply = await (await host(inline)).ask("Left queued.", turn_id="t2")
            assert reply.text == "You said: Left queued."
            assert (await (await host(inline)).ask("Left inline.", turn_id="t1")).text == "You said: Left inline."
        assert place.states("acme") == [("t1", "done"), ("t2", "done")]


def change_engine(place: Place, statement: str) -> None:
    """Change what the engine keeps; it must be something."""
    if "://" in place.database:
        with closing(psycopg.connect(place.database, autocommit=True)) as connection:
            assert connection.execute(statement.format(schema="dbos.").encode()).rowcount > 0
        return
    with closing(sqlite3.connect(place.folder / "fleet.engine.db")) as connection:
        assert connection.execute(statement.format(schema="")).rowcount > 0
        connection.commit()


class Workers:
    async def test_an_id_that_is_taken_and_a_second_worker_in_a_process_are_told(self, place: Place) -> None:
        async with place.worker(worker="w1"), place.gateway(Echo()) as second:
            for name in ("w1", "w2"):
                with anyio.fail_after(20), pytest.raises(WorkerError) as told:
                    await second.work(worker=name)
                assert told.value.hint
            assert place.rows("SELECT id FROM worker") == [("w1",)], "who was refused leaves nothing"
            assert (await (await host(second)).ask("Still there?")).text == "You said: Still there?"

    async def test_a_worker_that_left_begins_again_at_once_under_its_id(self, place: Place) -> None:
        async with place.gateway(Echo()) as fleet:
            for number in range(2):
                async with working(fleet, "w1"):
                    assert (await (await host(fleet)).ask(f"Round {number}.")).text == f"You said: Round {number}."
                assert place.rows("SELECT id FROM worker") == []

    async def test_draining_finishes_what_is_under_way_and_leaves_the_rest_to_others(self, place: Place) -> None:
        begun, go_on = anyio.Event(), anyio.Event()

        async def wait(_: object) -> str:
            begun.set()
            await go_on.wait()
            return "Finished."

        model = Echo(Long=wait)
        async with place.gateway() as gateway:
            agent = await host(gateway)
            await agent.accept("Long.", turn_id="t1")
            async with anyio.create_task_group() as group:

                async def drain() -> None:
                    async with place.worker(model):
                        await begun.wait()
                        await agent.accept("Behind it.", turn_id="t2")
                    assert place.rows("SELECT count(*) FROM worker") == [(0,)]

                group.start_soon(drain)
                await place.until("SELECT leaving FROM worker", 1)
                await (await host(gateway, "new")).accept("New.", turn_id="t3")
                await anyio.sleep(0.3)
                go_on.set()
            assert place.states("acme") == [("t1", "done"), ("t2", "accepted")]
            assert place.states("new") == [("t3", "accepted")]
            assert model.heard == ["Long."]
            async with place.worker(worker="w2"):
                await place.until("SELECT count(*) FROM turn WHERE state = 'done'", 3)

    async def test_a_drain_is_bounded_and_another_worker_finishes_the_turn(self, place: Place) -> None:
        begun = anyio.Event()

        async def forever(_: object) -> str:
            begun.set()
            await anyio.sleep(3600)
            return "never"

        async with place.gateway() as gateway:
            turn = await (await host(gateway)).accept("Long.", turn_id="t1")
            with anyio.fail_after(20):
                async with place.worker(Echo(Long=forever), worker_drain_seconds=0.3):
                    await begun.wait()
            assert place.states("acme") == [("t1", "accepted")]
            async with place.worker(Echo()):
                assert (await (await host(gateway)).answer(turn)).text == "You said: Long."


@pytest.mark.parametrize("database", ["none", ":memory:"])
async def test_a_durable_engine_needs_a_database_that_others_see(database: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError) as told:
        async with Place(tmp_path, database).gateway():
            pass
    assert "database" in str(told.value)


async def test_an_inline_fleet_is_no_worker(tmp_path: Path) -> None:
    async with Place(tmp_path, str(tmp_path / "fleet.db")).gateway(Echo(), engine="inline") as fleet:
        with anyio.fail_after(10), pytest.raises(SettingError):
            await fleet.work(worker="w1")
        assert (await (await host(fleet)).ask("Here?")).text == "You said: Here?"


class TestQueueOnSqlite(OnSqlite, Queue):
    pass


class TestQueueOnPostgres(OnPostgres, Queue):
    pass


class TestWorkersOnSqlite(OnSqlite, Workers):
    pass


class TestWorkersOnPostgres(OnPostgres, Workers):
    pass
