"""Opens the database that a user names, of whichever kind, with the present schema in it. Reads and writes no row."""

from __future__ import annotations

from fleet_runtime.errors import MissingExtra
from fleet_runtime.stores.databases.database import Database
from fleet_runtime.stores.databases.locating import locate
from fleet_runtime.stores.databases.sqlite import SqliteDatabase
from fleet_runtime.stores.schema.upgrading import bring_up_to_date


def open_database(database: str | None) -> Database:
    """Open the database of a file, an SQLAlchemy URL (SQLite or Postgres), or None for memory. Blocks.

    Raises: as `fleet_runtime.stores.sql.store.open_store`.
    """
    url, place = locate(database)
    if url.get_backend_name() == "sqlite":
        in_file = SqliteDatabase(url, place)
        in_file.start(bring_up_to_date)
        return in_file
    try:
        from fleet_runtime.stores.databases.postgres import PostgresDatabase  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtra(
            "a store on Postgres needs psycopg", hint="install it: pip install 'fleet-runtime[durable]'"
        ) from error
    on_server = PostgresDatabase(url, place)
    on_server.start(bring_up_to_date)
    return on_server
