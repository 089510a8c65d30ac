"""Looks whether a store is sound: its schema, its pages, its turns, the disk. Changes and mends nothing.

Works on a store of any schema, so that it can be looked at before it is brought up to date.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import URL, Connection, and_, create_engine, exists, func, inspect, or_, select, union
from sqlalchemy.pool import NullPool, StaticPool

from fleet_runtime.contracts import Value
from fleet_runtime.errors import MissingExtra, StoreError
from fleet_runtime.stores.databases.failures import explained
from fleet_runtime.stores.maintenance.backup import StoreFiles, damage, is_ours, opened
from fleet_runtime.stores.schema import shared_tables, tables
from fleet_runtime.stores.schema.book_tables import BOOK, portfolio
from fleet_runtime.stores.schema.rows import stamp
from fleet_runtime.stores.schema.tables import SCHEMA_VERSION

MEBIBYTE = 1 << 20
ENGINE_SCHEMA = "dbos"

_CONNECT_SECONDS = 10
_SPARE_BYTES = 64 * MEBIBYTE
_NO_ENGINE = "{} is not there (yet): the next worker makes it, and queues all turns that wait"


class Examined(Value):
    """What was found about one thing; ``broken`` asks for somebody to see to it, as ``hint`` says."""

    name: str
    state: Literal["ok", "note", "broken"]
    text: str
    hint: str = ""


def examine_files(files: StoreFiles, *, durable: bool, now: datetime, lapse_seconds: float) -> list[Examined]:
    """Look at a store on SQLite, its engine's file (which belongs there if ``durable``), and the disk. Blocks.

    A worker counts as living until it was not heard of for ``lapse_seconds``.

    Raises: StoreError if there is no store.
    """
    if not files.store.is_file():
        raise StoreError(f"there is no store at {files.store}", hint="name the store's file with --database")
    pages = _pages("file", files.store)
    found = [pages]
    if pages.state == "ok":
        try:
            with explained(f"store {files.store}"), _connected(files.store) as connection:
                found = [*examine_rows(connection, now=now, lapse_seconds=lapse_seconds), pages]
        except StoreError as error:
            found.append(Examined(name="schema", state="broken", text=error.message, hint=error.hint))
    return [*found, *_engine(files.engine, durable=durable), _disk(files)]


def examine_server(url: URL, place: str, *, durable: bool, now: datetime, lapse_seconds: float) -> list[Examined]:
    """Look at a store on Postgres and at its engine's tables, which belong there if ``durable``. Blocks.

    Raises: StoreError if the server cannot be asked.
    """
    with at_server(url, place) as connection:
        found = list(examine_rows(connection, now=now, lapse_seconds=lapse_seconds))
        size = connection.execute(select(func.pg_database_size(func.current_database()))).scalar_one()
        has_engine = inspect(connection).has_schema(ENGINE_SCHEMA)
    found.append(Examined(name="size", state="ok", text=f"the database takes {_mebibytes(size)}"))
    if has_engine:
        found.append(Examined(name="engine", state="ok", text=f"its tables are in the schema {ENGINE_SCHEMA}"))
    elif durable:
        found.append(Examined(name="engine", state="note", text=_NO_ENGINE.format(f"the schema {ENGINE_SCHEMA}")))
    return found


@contextmanager
def at_server(url: URL, place: str) -> Generator[Connection]:
    """Give a connection to Postgres that sees one moment and writes nothing.

    Raises: StoreError if the server cannot be reached or asked; MissingExtra if its driver is not installed.
    """
    try:
        from fleet_runtime.stores.databases.postgres_failures import explained as explained_by_server  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtra(
            "a store on Postgres needs psycopg", hint="install it: pip install 'fleet-runtime[durable]'"
        ) from error
    reading = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
    patient = {"connect_timeout": _CONNECT_SECONDS} if "connect_timeout" not in url.query else {}
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=patient)
    with explained_by_server(place), engine.connect().execution_options(**reading) as connection:
        yield connection


def examine_rows(connection: Connection, *, now: datetime, lapse_seconds: float) -> Iterator[Examined]:
    """Look at the schema of an open database and, where it is ours and up to date, at its turns."""
    version = found_version(connection)
    yield _schema(version)
    if version == SCHEMA_VERSION:
        yield _turns(connection, now, timedelta(seconds=lapse_seconds))
        yield from _book(connection)


def found_version(connection: Connection) -> str:
    """Return the schema's version that a database says it has, or nothing."""
    if not inspect(connection).has_table(tables.schema_version.name):
        return ""
    return connection.execute(select(tables.schema_version.c.version_num)).scalar_one_or_none() or ""


def _schema(version: str) -> Examined:
    """Judge the schema's version."""
    if version == SCHEMA_VERSION:
        return Examined(name="schema", state="ok", text=f"version {version}")
    if not is_ours(version):
        return Examined(
            name="schema", state="broken", text="it holds no tables of ours", hint="name the store with --database"
        )
    text = f"version {version}, and this version of the package writes {SCHEMA_VERSION}"
    hint = "take a backup, then run fleet db upgrade" if version < SCHEMA_VERSION else "upgrade fleet-runtime"
    return Examined(name="schema", state="broken", text=text, hint=hint)


def _turns(connection: Connection, now: datetime, lapse: timedelta) -> Examined:
    """Judge the turns that are not answered: those that nobody carries on although they had begun need somebody."""
    turn, step, lease, worker = tables.turn, tables.step, tables.lease, shared_tables.worker
    waits = turn.c.state == "accepted"
    begun = exists().where(
        step.c.tenant == turn.c.tenant, step.c.account == turn.c.account, step.c.turn_id == turn.c.id
    )
    living = select(worker.c.token).where(worker.c.seen_at > now - lapse)
    held = exists().where(
        and_(lease.c.tenant == turn.c.tenant, lease.c.account == turn.c.account),
        or_(lease.c["until"] > stamp(now), lease.c.owner.in_(living)),
    )

    def count(*conditions: object) -> int:
        return connection.execute(select(func.count()).select_from(turn).where(waits, *conditions)).scalar_one()  # type: ignore[arg-type]

    waiting, half, left = count(), count(begun), count(begun, ~held)
    text = f"{waiting} not answered yet, {half} of them half done (tools were called)"
    if not left:
        return Examined(name="turns", state="ok", text=text)
    return Examined(
        name="turns",
        state="broken",
        text=f"{text}, and nobody works on {left} of those",
        hint="start a worker, or open the fleet: a turn goes on after its last round",
    )


def _book(connection: Connection) -> Iterator[Examined]:
    """Judge the book, if there is one: whatever stands there must be of an account whose book has a version."""
    held = {table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in BOOK}
    *kinds, accounts = held.items()
    if not any(held.values()):
        return
    text = f"of {accounts[1]} accounts: {', '.join(f'{count} {name}' for name, count in kinds)}"
    whose = [select(table.c.account_number) for table in BOOK if table is not portfolio]
    owners = union(*whose).subquery()
    lost = owners.c.account_number.not_in(select(portfolio.c.account_number))
    unseen = connection.execute(select(func.count()).select_from(owners).where(lost)).scalar_one()
    if not unseen:
        yield Examined(name="book", state="ok", text=text)
        return
    yield Examined(
        name="book",
        state="broken",
        text=f"{text}; the rows of {unseen} accounts have no version, and are not read",
        hint="rows were written by hand: restore a backup",
    )


def _pages(name: str, file: Path) -> Examined:
    """Judge a file's pages, indexes and bonds."""
    try:
        with closing(opened(file)) as connection:
            wrong = damage(connection)
    except sqlite3.Error as error:
        wrong = str(error)
    if not wrong:
        return Examined(name=name, state="ok", text=f"{file} is sound ({_mebibytes(_size(file))})")
    return Examined(
        name=name,
        state="broken",
        text=f"{file} is damaged: {wrong}",
        hint="restore a backup (fleet db restore); the damaged file is kept for rescue",
    )


def _engine(file: Path, *, durable: bool) -> list[Examined]:
    """Judge the engine's file; where it is missing, the queue is made anew from the store."""
    if file.is_file():
        return [_pages("engine", file)]
    if not durable:
        return []
    return [Examined(name="engine", state="note", text=_NO_ENGINE.format(file))]


def _disk(files: StoreFiles) -> Examined:
    """Judge the free space: an erasure writes the file anew, and the log of that is as large again."""
    free = shutil.disk_usage(files.store.parent).free
    wanted = 2 * max(_size(files.store), _size(files.engine)) + _SPARE_BYTES
    text = f"{_mebibytes(free)} are free"
    if free >= wanted:
        return Examined(name="disk", state="ok", text=text)
    return Examined(
        name="disk",
        state="broken",
        text=f"{text}, and erasing an account may need {_mebibytes(wanted)}",
        hint="free space, or move the store to a larger disk",
    )


@contextmanager
def _connected(file: Path) -> Generator[Connection]:
    """Open a file for queries that know both databases."""
    engine = create_engine("sqlite+pysqlite://", creator=lambda: opened(file), poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _size(file: Path) -> int:
    """Return how many bytes a file and its log take."""
    sizes = (file, file.with_name(f"{file.name}-wal"))
    return sum(path.stat().st_size for path in sizes if path.is_file())


def _mebibytes(size: int) -> str:
    """Say a size."""
    return f"{size / MEBIBYTE:,.1f} MiB"
