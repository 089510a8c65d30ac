"""Opens the database that holds the engine's own tables. Knows nothing of turns.

SQLite keeps every commit through a power cut (WAL, synchronous FULL) and overwrites what is deleted; DBOS would do
neither by itself.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from fleet_runtime.errors import MissingExtra, StoreError

BUSY_SECONDS = 30.0
"""How long a write waits for another process's write lock."""

SCHEMA = "dbos"
"""Where the engine's tables are in a Postgres database."""


def library() -> None:
    """Load DBOS, once, and leave its log to whoever set logging up.

    Raises: MissingExtra.
    """
    # DBOS prints to the console unless somebody handles its log.
    log = logging.getLogger("dbos")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    try:
        import_module("dbos")  # half a second, and an extra
    except ImportError as error:
        raise MissingExtra(
            "a durable engine needs DBOS", hint="install it: pip install 'fleet-runtime[durable]'"
        ) from error


def open_engine(url: URL, *, connections: int) -> Engine:
    """Return an engine of SQLAlchemy on the engine's tables, with up to so many connections."""
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, pool_size=connections, max_overflow=0, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare)
        return engine
    return create_engine(url, pool_size=connections, max_overflow=0, pool_pre_ping=True)


def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    """Set a new connection up; a transaction begins as a writer's at once."""
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.isolation_level = "IMMEDIATE"


def sweep(engine: Engine) -> bool:
    """Leave no byte of deleted rows in SQLite's files, or have Postgres free them.

    Returns: False while another process reads SQLite's write-ahead log.
    """
    connection = engine.raw_connection()
    try:
        driver: Any = connection.driver_connection
        if engine.dialect.name == "sqlite":
            driver.execute("VACUUM")
            busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
        driver.autocommit = True
        try:
            named = driver.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (SCHEMA,)).fetchall()
            for (name,) in named:
                driver.execute(f'VACUUM "{SCHEMA}"."{name}"')
        finally:
            driver.autocommit = False
        return True
    finally:
        connection.close()


@contextmanager
def explained() -> Generator[None]:
    """Turn a foreign error inside into a `StoreError`; the foreign error is the cause."""
    from dbos import error as library  # noqa: PLC0415 - half a second, and an extra

    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, library.DBOSException, OSError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise StoreError(
            f"the queue cannot be reached: {first}", hint="see `fleet db check`; repeat it later"
        ) from error
