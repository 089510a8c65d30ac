"""What only a server brings: writers at the same moment, readers that stay, other people's databases, and secrets."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import traceback
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from forked import start
from postgres import PostgresDatabases
from remembered import ACME, GLOBEX, MINI, NOON, OTHER_TENANT, a_change, an_event, fill
from sqlalchemy import Connection, create_engine, make_url
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from fleet_runtime.cli.app import build
from fleet_runtime.errors import FenceLost, MessageError, MissingExtra, StoreError, StoreFull, StoreTooNew
from fleet_runtime.records import AccountKey, Contract, Pause, Turn
from fleet_runtime.stores.databases.locating import locate
from fleet_runtime.stores.databases.postgres import PostgresDatabase, lock_numbers
from fleet_runtime.stores.schema import tables
from fleet_runtime.stores.schema.book_tables import every_table
from fleet_runtime.stores.schema.upgrading import bring_up_to_date
from fleet_runtime.stores.sql.store import SqlStore, open_store

SECRET = "hunter2"  # noqa: S105 - nobody's


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def stores(postgres_database: str) -> AsyncGenerator[list[SqlStore]]:
    """Two stores on one database, as two processes would have."""
    opened = [open_store(postgres_database, now=lambda: NOON) for _ in range(2)]
    yield opened
    for store in opened:
        await store.close()


def a_turn(turn_id: str, key: AccountKey = ACME) -> Turn:
    return Turn(id=turn_id, key=key, conversation="c", role="r", speaker="Ada", at=NOON, text="We have 40 seats.")


def raising(state: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'the row says {SECRET}' USING ERRCODE = '{state}'; END $$"


# Writers at the same moment.


@pytest.mark.anyio
async def test_one_turn_id_on_two_accounts_at_once_is_one_turn_s(stores: list[SqlStore]) -> None:
    """No lock is common to the two accounts: the loser runs into the winner's row and says whose the id is."""
    for number in range(15):
        accepting = [store.accept(a_turn(f"t{number}", key)) for store, key in zip(stores, (ACME, GLOBEX), strict=True)]
        came = await asyncio.gather(*accepting, return_exceptions=True)
        assert sorted(type(one).__name__ for one in came) == ["MessageError", "Turn"]
    found = [turn.sequence for turn in await stores[0].unfinished(ACME)]
    assert found == list(range(1, len(found) + 1))
    with pytest.raises(MessageError):
        await stores[0].accept(a_turn("t0", AccountKey(tenant="north", account="third")))


@pytest.mark.anyio
async def test_of_many_changes_at_once_each_version_is_made_by_one(stores: list[SqlStore]) -> None:
    writing = [store.apply(a_change([an_event(f"e{n}-{at}")])) for n in range(6) for at, store in enumerate(stores)]
    came = await asyncio.gather(*writing, return_exceptions=True)
    assert [one for one in came if not isinstance(one, FenceLost)] == [1]
    assert len((await stores[0].read(ACME)).events) == 1


@pytest.mark.anyio
async def test_changes_of_the_same_accounts_in_crossing_orders_wait_for_each_other(stores: list[SqlStore]) -> None:
    keys = [AccountKey(tenant="north", account=f"a{number}") for number in range(5)]
    began = time.monotonic()
    for seen in range(6):
        writing = [
            store.apply_many([a_change([an_event(f"e{seen}")], key=key, seen=seen) for key in order])
            for store, order in zip(stores * 2, (keys, keys[::-1], keys[2:] + keys[:2], keys[::-2]), strict=True)
        ]
        came = await asyncio.gather(*writing, return_exceptions=True)
        assert all(one is None or isinstance(one, FenceLost) for one in came)
        for key in keys:
            assert (await stores[1].read(key)).version == seen + 1
    assert time.monotonic() - began < 10  # a deadlock alone takes the server a second to notice


@pytest.mark.anyio
async def test_what_all_accounts_share_may_be_new_to_several_at_once(stores: list[SqlStore]) -> None:
    """An encoder's name, a contract's text: whoever comes second finds it."""
    keys = [AccountKey(tenant="north", account=f"a{number}") for number in range(8)]
    pinned = tuple(Contract(role=f"r{n}", content_hash=f"h{n}", text="# R") for n in range(3))
    changes = [
        a_change([an_event("e1")], key=key).model_copy(update={"pinned": pinned[:: (-1) ** at]})
        for at, key in enumerate(keys)
    ]
    pairs = list(zip(stores * 4, changes, strict=True))
    assert await asyncio.gather(*(store.apply(change) for store, change in pairs)) == [1] * len(keys)
    await asyncio.gather(*(store.put_vectors(change.key, MINI, {"e1": b"1"}) for store, change in pairs))
    assert await stores[0].backlog(MINI) == 0
    assert len(await stores[0].pins("north")) == len(keys) * 3


@pytest.mark.anyio
async def test_a_switch_that_is_turned_by_several_at_once_is_one_of_theirs(stores: list[SqlStore]) -> None:
    pauses = [Pause(since=NOON, by=f"p{number}", reason="") for number in range(8)]
    await asyncio.gather(*(store.pause("north", one) for store, one in zip(stores * 4, pauses, strict=True)))
    assert await stores[0].paused("north") in pauses


@pytest.mark.anyio
async def test_an_account_erased_amid_writing_is_all_gone_or_opened_anew(stores: list[SqlStore]) -> None:
    for number in range(8):
        await fill(stores[0], ACME)
        seen = (await stores[0].read(ACME)).version
        more = stores[1].apply(a_change([an_event(f"late{number}")], seen=seen))
        await asyncio.gather(stores[0].erase(ACME, NOON), more, return_exceptions=True)
        state = await stores[1].read(ACME)
        assert (*state.events, *state.turns, *state.facts) == ()
        await stores[0].erase(ACME, NOON)


def test_a_lock_s_number_is_the_account_s_in_every_version_and_process() -> None:
    assert lock_numbers([ACME]) == [-6531576319867808690]
    assert lock_numbers([GLOBEX, ACME, GLOBEX]) == sorted({*lock_numbers([ACME]), *lock_numbers([GLOBEX])})
    apart = [AccountKey(tenant=tenant, account=account) for tenant, account in (("a", "bc"), ("ab", "c"), ("bc", "a"))]
    assert len(lock_numbers(apart)) == 3


# A job is run again where others came in its way, and only there.


@pytest.mark.anyio
@pytest.mark.parametrize("state", ["40001", "40P01", "23505", "23503"])
async def test_a_transaction_that_others_broke_is_run_again(stores: list[SqlStore], state: str) -> None:
    tries: list[int] = []

    def job(connection: Connection) -> int:
        tries.append(1)
        connection.execute(tables.pause.insert().values(tenant="north", since="", by=str(len(tries)), reason=""))
        if len(tries) < 3:
            connection.exec_driver_sql(raising(state))
        return len(tries)

    assert await stores[0].database.write(job, ACME) == 3
    assert await stores[1].database.read(lambda one: one.execute(tables.pause.select()).all()) == [
        ("north", "", "3", "")
    ]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("40001", "other writers"),
        ("23505", "contradicts"),
        ("23514", "contradicts"),
        ("25006", "read-only"),
        ("42501", "may not"),
        ("53100", "no space"),
        ("53200", "memory"),
        ("55P03", "holds the account"),
        ("57P01", "connection to the server was lost"),
        ("08006", "connection to the server was lost"),
        ("22003", "number"),
        ("54000", "shorten"),
    ],
)
async def test_what_the_server_refuses_is_said_and_quotes_no_row(stores: list[SqlStore], state: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        await stores[0].database.write(lambda connection: connection.exec_driver_sql(raising(state)).close(), ACME)
    assert isinstance(caught.value, StoreFull) is (state == "53100")
    assert SECRET not in str(caught.value)
    assert (await stores[0].accept(a_turn("t1"))).sequence == 1


@pytest.mark.anyio
async def test_an_error_that_a_job_passes_over_is_not_taken_for_written(stores: list[SqlStore]) -> None:
    def job(connection: Connection) -> None:
        with suppress(DBAPIError):
            connection.exec_driver_sql(raising("22003"))

    with pytest.raises(StoreError, match="nothing was written"):
        await stores[0].database.write(job, ACME)


@pytest.mark.anyio
async def test_a_read_is_one_snapshot_and_cannot_write(stores: list[SqlStore]) -> None:
    inside, written = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def job(connection: Connection) -> list[int]:
        counted = [len(connection.execute(tables.turn.select()).all())]
        loop.call_soon_threadsafe(inside.set)
        asyncio.run_coroutine_threadsafe(written.wait(), loop).result()
        return [*counted, len(connection.execute(tables.turn.select()).all())]

    reading = asyncio.create_task(stores[0].database.read(job))
    await inside.wait()
    await stores[1].accept(a_turn("t1"))
    written.set()
    assert await reading == [0, 0]
    with pytest.raises(StoreError, match="read-only"):
        await stores[0].database.read(lambda connection: connection.execute(tables.pause.delete()).close())


@pytest.mark.anyio
async def test_a_write_that_is_cancelled_has_ended_when_its_caller_goes_on(stores: list[SqlStore]) -> None:
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(connection: Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        time.sleep(0.1)
        connection.execute(tables.pause.insert().values(tenant="north", since="", by="", reason=""))

    writing = asyncio.create_task(stores[0].database.write(slow))
    await begun.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert len(await stores[1].database.read(lambda one: one.execute(tables.pause.select()).all())) == 1


@pytest.mark.anyio
async def test_a_note_is_written_and_waits_for_no_disk(stores: list[SqlStore]) -> None:
    def note(connection: Connection) -> str:
        connection.execute(tables.pause.insert().values(tenant="north", since="", by="", reason=""))
        return str(connection.exec_driver_sql("SHOW synchronous_commit").scalar_one())

    assert await stores[0].database.note(note) == "off"
    assert len(await stores[1].database.read(lambda one: one.execute(tables.pause.select()).all())) == 1
    shown = lambda connection: connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()  # noqa: E731 - a job
    assert await stores[0].database.write(shown) == "on"


@pytest.mark.anyio
async def test_a_write_that_stands_still_gives_its_account_back(postgres_database: str) -> None:
    """So it is with a process that was stopped amid a transaction, or a machine that nobody hears of any more."""
    databases = [
        PostgresDatabase(*locate(postgres_database), still_seconds=0.2, lock_seconds=wait) for wait in (5, 0.1)
    ]
    for database in databases:
        database.start(bring_up_to_date)
    inside = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stand_still(connection: Connection) -> None:
        connection.execute(tables.pause.insert().values(tenant="north", since="", by="", reason=""))
        loop.call_soon_threadsafe(inside.set)
        time.sleep(0.6)
        connection.execute(tables.pause.select()).close()

    standing = asyncio.create_task(databases[0].write(stand_still, ACME))
    await inside.wait()
    with pytest.raises(StoreError, match="holds the account"):
        await databases[1].write(lambda _: None, ACME)
    await databases[1].write(lambda _: None, GLOBEX)
    await databases[0].write(lambda _: None, ACME)
    with pytest.raises(StoreError, match="was lost"):
        await standing
    assert await databases[0].read(lambda one: one.execute(tables.pause.select()).all()) == []
    for database in databases:
        await database.close()


# Erasure.


@pytest.mark.anyio
async def test_a_receipt_says_where_bytes_may_be_left(stores: list[SqlStore]) -> None:
    await fill(stores[0], ACME)
    receipt = await stores[0].erase(ACME, NOON)
    assert receipt.journal_cleared
    said = " ".join(receipt.remains)
    assert all(word in said for word in ("write-ahead log", "replicas", "backups", "VACUUM FULL"))


def test_the_command_says_it_too(postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"DATABASE": postgres_database, "MODEL": "none"}.items():
        monkeypatch.setenv(f"FLEET_{name}", value)
    store = open_store(postgres_database, now=lambda: NOON)
    asyncio.run(filled(store, AccountKey(tenant="default", account="acme")))
    erased = CliRunner().invoke(build(), ["memory", "erase", "acme", "--yes"], prog_name="fleet")
    assert erased.exit_code == 0, erased.stderr
    assert "erased acme" in erased.stdout
    assert "bytes may be left in backups that were made before" in erased.stderr


def test_the_doctor_shows_no_password(postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = make_url(postgres_database).set(password=SECRET).update_query_dict({"application_name": SECRET})
    for name, value in {"DATABASE": url.render_as_string(hide_password=False), "MODEL": "none"}.items():
        monkeypatch.setenv(f"FLEET_{name}", value)
    said = CliRunner().invoke(build(), ["doctor"], prog_name="fleet")
    assert "accounts of tenant default: 0" in said.stdout
    assert SECRET not in said.stdout + said.stderr


async def filled(store: SqlStore, key: AccountKey) -> None:
    await fill(store, key)
    await store.release(key, "us")
    await store.close()


@pytest.mark.anyio
async def test_dead_rows_are_cleared_when_the_last_older_reader_is_gone(
    stores: list[SqlStore], postgres_database: str
) -> None:
    for key in (ACME, GLOBEX, OTHER_TENANT):
        await fill(stores[0], key)
    with psycopg.connect(postgres_database) as reader:
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert reader.execute("SELECT count(*) FROM event").fetchone() == (9,)
        receipt = await stores[0].erase(ACME, NOON)
        assert not receipt.journal_cleared
        assert reader.execute("SELECT count(*) FROM event").fetchone() == (9,)
        await stores[0].accept(a_turn("t1"))
        assert "0 removed, 9 remain, 3 are dead" in vacuumed(postgres_database)
    await stores[0].accept(a_turn("t2"))
    assert "0 removed, 6 remain, 0 are dead" in vacuumed(postgres_database)


def vacuumed(database: str) -> str:
    """Return what the server finds in the pages of the events that it may clear, or may not."""
    said: list[str] = []
    with psycopg.connect(database, autocommit=True) as connection:
        connection.add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
        connection.execute("VACUUM (VERBOSE) event")
    return " ".join(said)


@pytest.mark.anyio
async def test_the_planner_s_samples_hold_no_word_of_an_erased_account(
    stores: list[SqlStore], postgres_database: str
) -> None:
    for key, word in ((ACME, "zqxcanary"), (GLOBEX, "other"), (OTHER_TENANT, "third")):
        await stores[0].apply(a_change([an_event(f"e{n}", text=f"{word} {n % 3}") for n in range(60)], key=key))
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute("ANALYZE")
        sampled = "SELECT count(*) FROM pg_stats WHERE most_common_vals::text LIKE '%zqx%'"
        assert connection.execute(sampled).fetchone() == (1,)
        await stores[0].erase(ACME, NOON)
        assert connection.execute(sampled).fetchone() == (0,)


# Opening.


def test_a_fresh_database_is_what_the_tables_say(postgres_database: str) -> None:
    engine = create_engine(locate(postgres_database)[0])
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, every_table()) == []
        found = connection.execute(tables.schema_version.select()).all()
        ordered = (
            connection.exec_driver_sql(
                "SELECT DISTINCT collation_name FROM information_schema.columns "
                "WHERE table_schema = 'public' AND data_type = 'text'"
            )
            .scalars()
            .all()
        )
    engine.dispose()
    assert found == [(tables.SCHEMA_VERSION,)]
    assert ordered == ["C"]


_OPENS = """
import asyncio, sys
from datetime import UTC, datetime
from fleet_runtime.records import AccountKey, Turn
from fleet_runtime.stores.sql.store import open_store

async def main(database, name):
    now = datetime.now(UTC)
    store = open_store(database, now=lambda: now)
    key = AccountKey(tenant="north", account="acme")
    for number in range(5):
        turn = Turn(id=f"{name}-{number}", key=key, conversation="c", role="r", speaker="Ada", at=now, text="Hi.")
        await store.accept(turn)
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.slow
def test_processes_may_open_a_fresh_database_and_write_one_account_at_once(
    postgres_databases: PostgresDatabases,
) -> None:
    with postgres_databases.fresh(empty=True) as database:
        running = [start(_OPENS, database, f"p{number}") for number in range(5)]
        assert [(*process.communicate(), process.returncode) for process in running] == [("", "", 0)] * 5
        store = open_store(database, now=lambda: NOON)
        turns = asyncio.run(unfinished(store))
        assert [turn.sequence for turn in turns] == list(range(1, 26))


async def unfinished(store: SqlStore) -> list[Turn]:
    try:
        return await store.unfinished()
    finally:
        await store.close()


def opened(database: str) -> None:
    asyncio.run(open_store(database, now=lambda: NOON).close())


@pytest.mark.parametrize(
    "content",
    [
        "CREATE TABLE theirs (id integer)",
        "CREATE TABLE alembic_version (version_num text)",
        "CREATE TABLE alembic_version AS SELECT 'ae1027a6acf0' AS version_num",
        "CREATE TABLE alembic_version AS SELECT '0004' AS version_num",
    ],
)
def test_another_program_s_database_is_left_alone(postgres_databases: PostgresDatabases, content: str) -> None:
    with postgres_databases.fresh(empty=True) as database, psycopg.connect(database, autocommit=True) as connection:
        connection.execute(content.encode())
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        before = connection.execute(tables).fetchall()
        with pytest.raises(StoreError, match="another program"):
            opened(database)
        assert connection.execute(tables).fetchall() == before


def test_a_database_that_has_the_engine_s_schema_alone_is_fresh(postgres_databases: PostgresDatabases) -> None:
    with postgres_databases.fresh(empty=True) as database, psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA dbos")
        connection.execute("CREATE TABLE dbos.workflow_status (workflow_uuid text)")
        opened(database)
        opened(database)
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(tables.SCHEMA_VERSION,)]


def test_a_newer_database_is_left_alone(postgres_database: str) -> None:
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        with pytest.raises(StoreTooNew, match="0999"):
            opened(postgres_database)


# What is said, and what is not.


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"postgresql://fleet:{SECRET}@127.0.0.1:1/fleet", "postgresql://fleet@127.0.0.1:1/fleet"),
        (f"postgres://fleet:{SECRET}@127.0.0.1:1/fleet?password={SECRET}", "no connection"),
        (f"postgresql+psycopg://fleet:{SECRET}@/fleet?host=/nowhere&password={SECRET}", "nowhere"),
        (f"postgresql://fleet:{SECRET}@127.0.0.1:port/fleet", "not a database URL"),
        (f"postgresql //fleet:{SECRET}@127.0.0.1://fleet", "not a database URL"),
        (f"postgresql+asyncpg://fleet:{SECRET}@127.0.0.1:1/fleet", "postgresql+asyncpg is not supported"),
        (f"mysql://fleet:{SECRET}@127.0.0.1/fleet", "mysql is not supported"),
        (f"postgresql://fleet@127.0.0.1:1/fleet?unheard_of={SECRET}", "no connection"),
    ],
)
def test_no_error_shows_a_password(url: str, said: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(url, now=lambda: NOON)
    assert said in str(caught.value)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert caught.value.hint


def test_a_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("postgres", "postgres_failures"):
        monkeypatch.delitem(sys.modules, f"fleet_runtime.stores.databases.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra) as caught:
        open_store("postgresql://fleet@127.0.0.1/fleet", now=lambda: NOON)
    assert "fleet-runtime[durable]" in caught.value.hint


def test_a_store_on_sqlite_loads_no_driver_of_postgres(tmp_path: Path) -> None:
    program = (
        "import sys; from fleet_runtime.stores.sql.store import open_store; "
        "open_store(sys.argv[1], now=None); sys.exit('psycopg' in sys.modules)"
    )
    database = str(tmp_path / "fleet.db")
    assert subprocess.run([sys.executable, "-c", program, database], check=False).returncode == 0
