"""Frees the room of deleted rows on Postgres, and says what that does not reach. Deletes nothing itself."""

from __future__ import annotations

import time

from sqlalchemy import Connection, text

from fleet_runtime.stores.schema.book_tables import every_table

REMAINS = (
    "free room in the pages of the tables, until new rows are written there (VACUUM FULL rewrites them at once)",
    "the server's write-ahead log, until its files are recycled, and the archive of it, if one is kept",
    "replicas, until they have followed",
    "backups that were made before",
)
"""Where bytes of deleted rows may lie, though no statement reads them any more."""

_WAIT_SECONDS = 0.5
_LOOK_SECONDS = 0.01

_NEXT_TRANSACTION = text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
_OLDER_READERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND greatest(age(backend_xid), age(backend_xmin)) > age(CAST(CAST(:mark AS text) AS xid))"
)


def mark_of(connection: Connection) -> str:
    """Return the number of the transaction that comes next: all rows that are deleted by now were deleted before it."""
    return str(connection.execute(_NEXT_TRANSACTION).scalar_one())


def unseen(connection: Connection, mark: str, *, wait: bool) -> bool:
    """Tell whether no open transaction is older than ``mark``, and so none may read what was deleted before it.

    With ``wait`` those that are under way get half a second: most take milliseconds.
    """
    deadline = time.monotonic() + (_WAIT_SECONDS if wait else 0)
    while connection.execute(_OLDER_READERS, {"mark": mark}).scalar_one():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def vacuum(connection: Connection) -> None:
    """Clear dead rows out of every table of ours, its indexes, and what the planner sampled; nobody has to wait for it.

    The connection must be outside of any transaction.
    """
    write = connection.dialect.identifier_preparer.format_table
    names = ", ".join(write(table) for table in every_table().sorted_tables)
    connection.exec_driver_sql(f"VACUUM (ANALYZE, INDEX_CLEANUP ON) {names}")
