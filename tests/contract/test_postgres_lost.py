"""A server that is broken amid use and comes back: what is said meanwhile, and that nothing confirmed is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator

import psycopg
import pytest
from postgres import PostgresDatabases, PostgresServer
from remembered import ACME, NOON
from sqlalchemy import Connection

from fleet_runtime.errors import StoreError
from fleet_runtime.records import AccountKey, Turn
from fleet_runtime.stores.sql.store import SqlStore, open_store
from fleet_runtime.stores.statements.turning import accept_turn

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def database(server: PostgresServer) -> Iterator[str]:
    databases = PostgresDatabases(server.url)
    with databases.fresh() as url:
        yield url
    databases.close()


@pytest.fixture
async def store(database: str) -> AsyncGenerator[SqlStore]:
    store = open_store(database, now=lambda: NOON)
    yield store
    await store.close()


def a_turn(turn_id: str, key: AccountKey = ACME) -> Turn:
    return Turn(id=turn_id, key=key, conversation="c", role="r", speaker="Ada", at=NOON, text="We have 40 seats.")


def keys(count: int) -> list[AccountKey]:
    return [AccountKey(tenant="north", account=f"a{number}") for number in range(count)]


async def test_a_restart_between_two_calls_is_not_noticed(store: SqlStore, server: PostgresServer) -> None:
    await asyncio.gather(*(store.accept(a_turn(f"before {key.account}", key)) for key in keys(20)))
    server.crash()
    server.start()
    came = await asyncio.gather(*(store.accept(a_turn(f"after {key.account}", key)) for key in keys(20)))
    assert [turn.sequence for turn in came] == [2] * 20


async def test_without_a_server_every_call_says_so_and_the_next_after_its_return_works(
    store: SqlStore, server: PostgresServer
) -> None:
    await store.accept(a_turn("t1"))
    server.crash()
    for _ in range(2):
        with pytest.raises(StoreError, match="no connection to the server"):
            await store.accept(a_turn("t2"))
        with pytest.raises(StoreError, match="no connection to the server"):
            await store.read(ACME)
    server.start()
    assert [turn.id for turn in (await store.read(ACME)).turns] == ["t1"]
    assert (await store.accept(a_turn("t2"))).sequence == 2


async def test_a_crash_amid_a_write_writes_nothing(store: SqlStore, server: PostgresServer) -> None:
    def crash(connection: Connection) -> None:
        accept_turn(connection, a_turn("t1"), NOON)
        server.crash()
        accept_turn(connection, a_turn("t2"), NOON)

    with pytest.raises(StoreError, match="was lost") as caught:
        await store.database.write(crash, ACME)
    assert "nothing was written" in caught.value.hint
    server.start()
    assert await store.unfinished() == []


async def test_a_commit_that_nobody_confirmed_is_said_to_be_one(store: SqlStore, database: str) -> None:
    """It is not repeated here; whoever repeats it under the same id writes it once."""
    runs: list[int] = []

    def lose(connection: Connection) -> None:
        runs.append(1)
        accept_turn(connection, a_turn("t1"), NOON)
        number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with psycopg.connect(database, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (number,))

    with pytest.raises(StoreError, match="it did or did not") as caught:
        await store.database.write(lose, ACME)
    assert "same id" in caught.value.hint
    assert runs == [1]
    assert (await store.accept(a_turn("t1"))).sequence == 1


async def test_what_was_accepted_while_the_server_crashed_again_and_again_is_kept(
    store: SqlStore, server: PostgresServer
) -> None:
    accepted: dict[AccountKey, list[str]] = {key: [] for key in keys(4)}

    async def write(key: AccountKey) -> None:
        for number in range(60):
            try:
                await store.accept(a_turn(f"{key.account}-{number}", key))
            except StoreError:
                await asyncio.sleep(0.02)
            else:
                accepted[key].append(f"{key.account}-{number}")

    writing = [asyncio.create_task(write(key)) for key in accepted]
    for _ in range(2):
        await asyncio.sleep(0.1)
        await asyncio.to_thread(server.crash)
        await asyncio.to_thread(server.start)
    await asyncio.gather(*writing)
    for key, ids in accepted.items():
        turns = await store.unfinished(key)
        assert [turn.sequence for turn in turns] == list(range(1, len(turns) + 1))
        assert set(ids) <= {turn.id for turn in turns}
