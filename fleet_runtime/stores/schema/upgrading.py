"""Brings a database to the present schema. Looks at one row where it is current; loads Alembic only to migrate.

A fresh database gets the whole schema at once, whichever it is. Revisions older than 0005 were written when there was
only SQLite and are in its dialect; no Postgres database ever had one, so there the history begins with 0005.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, func, inspect, select

from fleet_runtime.errors import StoreError, StoreTooNew
from fleet_runtime.stores.schema.book_tables import every_table
from fleet_runtime.stores.schema.tables import SCHEMA_VERSION, schema_version

_SCRIPTS = Path(__file__).parents[1] / "migrations"

_FIRST_ON_POSTGRES = "0005"
_UPGRADING = 5_494_212_035_201_007_993
"""The number of the lock under which a Postgres database is upgraded; no other number of ours is chosen by hand."""


def bring_up_to_date(reader: Engine, writer: Engine) -> None:
    """Make the schema in a fresh database, migrate an older one, and leave a current one alone.

    All of it is one transaction under the write lock, so that two processes may do it at once.

    Raises: StoreTooNew if a newer version wrote it; StoreError if it is another program's.
    """
    with reader.begin() as connection:
        if _version(connection) == SCHEMA_VERSION:
            return
    with _alone(reader, writer) as connection:
        found = _version(connection)
        if found is None:
            every_table().create_all(connection, checkfirst=False)
            connection.execute(schema_version.insert().values(version_num=SCHEMA_VERSION))
        elif found > SCHEMA_VERSION:
            raise StoreTooNew(
                f"the store has schema {found}, this version knows {SCHEMA_VERSION} and older",
                hint="upgrade fleet-runtime, or name another store",
            )
        elif found < SCHEMA_VERSION:
            migrate(connection, _SCRIPTS)
            _check_bonds(connection)


def migrate(connection: Connection, scripts: Path, *, to: str = "head") -> None:
    """Run the migrations that are missing up to a revision, inside the connection's present transaction."""
    from alembic import command  # noqa: PLC0415 - loading Alembic costs more than opening the store
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    # The options are read as a configuration file's, in which % has a meaning.
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)


@contextmanager
def _alone(reader: Engine, writer: Engine) -> Generator[Connection]:
    """Give the block a transaction in which nobody else upgrades; SQLite's foreign keys are off in it."""
    if writer.dialect.name == "postgresql":
        with writer.begin() as connection:
            connection.execute(select(func.pg_advisory_xact_lock(_UPGRADING)))
            yield connection
        return
    # Dropping a table deletes what is bound to it, and the switch does nothing inside a transaction.
    with _unbound(reader), writer.begin() as connection:
        yield connection


@contextmanager
def _unbound(engine: Engine) -> Generator[None]:
    """Switch foreign keys off on the engine's one connection while the block runs."""
    _switch(engine, "OFF")
    try:
        yield
    finally:
        _switch(engine, "ON")


def _switch(engine: Engine, to: str) -> None:
    """Switch foreign keys on or off, outside of any transaction."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute(f"PRAGMA foreign_keys = {to}")
    finally:
        connection.close()


def _check_bonds(connection: Connection) -> None:
    """Refuse a migration that left a row bound to nothing; then it is rolled back. Postgres refuses by itself.

    Raises: StoreError.
    """
    if connection.dialect.name == "postgresql":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StoreError(
            f"the store could not be migrated: a row of {broken[0]} belongs to nothing",
            hint="the file is as it was; report this",
        )


def _version(connection: Connection) -> str | None:
    """Return the database's revision, or None if it is fresh: the engine's own schema beside ours does not count.

    Raises: StoreError if it is another program's.
    """
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    found: str | None = None
    if schema_version.name in tables:
        found = connection.execute(select(schema_version.c.version_num)).scalar_one_or_none()
    # Other programs migrate with Alembic too; their revisions are no numbers of our width.
    oldest = _FIRST_ON_POSTGRES if connection.dialect.name == "postgresql" else ""
    if found is None or not found.isdecimal() or len(found) != len(SCHEMA_VERSION) or found < oldest:
        raise StoreError("the database belongs to another program", hint="name another file or database")
    return found
