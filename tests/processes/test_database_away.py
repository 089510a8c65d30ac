"""The database goes away and comes back, under gateways and workers that stay: they go on by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from durable_house import Place, host
from durable_worker import wait_until, workers_of
from postgres import GIVEN, PostgresServer

from fleet_runtime.errors import FleetError, StoreError
from fleet_runtime.records import Reply

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.slow,
    pytest.mark.skipif(bool(GIVEN), reason="a server that others use is not stopped"),
]


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """Give a server of the test's own."""
    server = PostgresServer()
    yield server
    server.stop()


async def test_the_database_crashes_in_a_turn_and_everybody_goes_on(tmp_path: Path, server: PostgresServer) -> None:
    place = Place(tmp_path, server.url)
    told: list[Reply | FleetError] = []
    async with place.gateway(reply_wait_seconds=60) as gateway:
        agent = await host(gateway)
        with workers_of(place) as workers:
            process = workers.start("w1")["w1"]

            async def ask() -> None:
                try:
                    told.append(await agent.ask("Hold on.", turn_id="t1"))
                except FleetError as error:
                    told.append(error)

            async with anyio.create_task_group() as group:
                group.start_soon(ask)
                await anyio.to_thread.run_sync(lambda: wait_until(workers.asked))
                await anyio.to_thread.run_sync(server.crash)
                workers.flag("go")
                with anyio.fail_after(30), pytest.raises(StoreError):
                    await (await host(gateway, "meanwhile")).accept("Nobody keeps me.", turn_id="m1")
                await anyio.to_thread.run_sync(server.start)
            with anyio.fail_after(60):
                reply = await agent.ask("Hold on.", turn_id="t1")
                later = await agent.ask("And now?", turn_id="t2")
            assert process.poll() is None, "the worker is the same process"
            assert [reply.text, later.text] == ["w1: Hold on.", "w1: And now?"]
            assert told[0] == reply or isinstance(told[0], FleetError), "who waited is told, one or the other"
            assert place.rows("SELECT text FROM event WHERE kind = 'message' ORDER BY at") == [
                ("Hold on.",), ("And now?",),
            ]  # fmt: skip
            again = await (await host(gateway, "meanwhile")).ask("Nobody keeps me.", turn_id="m1")
            assert again.text == "w1: Nobody keeps me."


async def test_a_gateway_that_cannot_reach_the_database_at_first_says_so_and_opens_later(
    tmp_path: Path, server: PostgresServer
) -> None:
    await anyio.to_thread.run_sync(server.crash)
    with anyio.fail_after(60), pytest.raises(StoreError) as told:
        async with Place(tmp_path, server.url).gateway():
            pass
    assert told.value.hint
    await anyio.to_thread.run_sync(server.start)
    async with Place(tmp_path, server.url).gateway() as gateway:
        assert (await (await host(gateway)).accept("Now.", turn_id="t1")).sequence == 1
