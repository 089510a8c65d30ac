"""Brings a database to the present schema. Looks at one row where it is current; loads Alembic only to migrate."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select

from fleet_runtime.errors import StoreError, StoreTooNew
from fleet_runtime.stores.schema import SCHEMA_VERSION, schema_version
from fleet_runtime.stores.schema_shared import every_table

_SCRIPTS = Path(__file__).parent / "migrations"


def bring_up_to_date(reader: Engine, writer: Engine) -> None:
    """Make the schema in a fresh database, migrate an older one, and leave a current one alone.

    All of it is one transaction under the write lock, so that two processes may do it at once.

    Raises: StoreTooNew if a newer version wrote it; StoreError if it is another program's.
    """
    with reader.begin() as connection:
        if _version(connection) == SCHEMA_VERSION:
            return
    # Dropping a table deletes what is bound to it, and the switch does nothing inside a transaction.
    with _unbound(reader), writer.begin() as connection:
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
    """Refuse a migration that left a row bound to nothing; then it is rolled back.

    Raises: StoreError.
    """
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StoreError(
            f"the store could not be migrated: a row of {broken[0]} belongs to nothing",
            hint="the file is as it was; report this",
        )


def _version(connection: Connection) -> str | None:
    """Return the database's revision, or None if it is fresh."""
    inspector = inspect(connection)
    if not inspector.get_table_names():
        return None
    found: str | None = None
    if inspector.has_table(schema_version.name):
        found = connection.execute(select(schema_version.c.version_num)).scalar_one_or_none()
    # Other programs migrate with Alembic too; their revisions are no numbers of our width.
    if found is None or not found.isdecimal() or len(found) != len(SCHEMA_VERSION):
        raise StoreError("the database belongs to another program", hint="name another file")
    return found
