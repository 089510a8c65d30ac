"""Erasure of an account: every row that is its own, in one transaction. Commits nothing itself.

Rows are deleted table by table, children first: a cascade would look for the facts of each event anew.
With SQLite's ``secure_delete`` most bytes are overwritten as they go; the rest, and the journal, are the caller's to
sweep (`fleet_runtime.stores.databases.database.Database.sweep`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select

from fleet_runtime.records import AccountKey, Receipt
from fleet_runtime.stores.schema import book_tables, shared_tables, tables
from fleet_runtime.stores.statements import queries
from fleet_runtime.stores.statements.book_queries import book_place
from fleet_runtime.stores.statements.queries import of_account

_MEMORY = (
    *book_tables.BOOK,
    *(tables.vector, tables.learning, tables.digest),
    *(tables.commitment, tables.fact, tables.event),
)
_STORAGE = ("account_number", "number", "encoder", "version")  # how rows are kept; another store does it otherwise
_TURNS = (
    *(shared_tables.signal, tables.decision, tables.hand_off, tables.step, tables.approval),
    *(tables.turn, tables.pin, tables.spent),
)


def erase_account(connection: Connection, key: AccountKey, now: datetime) -> Receipt:
    """Delete an account's rows and return the receipt; an unknown account gives one of nothing."""
    place, book = queries.place(connection, key), book_place(connection, key)
    hashed = hashlib.sha256()
    counts: dict[str, int] = {}
    if place is not None and book is not None:
        owned = [(table, table.c.account_number == place.number) for table in _MEMORY]
        owned += [(table, of_account(table, key)) for table in (*_TURNS, tables.account)]
        for table, mine in owned:
            counts[table.name] = _delete(connection, table, mine, hashed.update)
        receipt = {"at": now, "counts": json.dumps(counts), "content_hash": hashed.hexdigest()}
        where = {"account_number": place.number, "version": max(place.version, book.version)}
        connection.execute(insert(tables.erasure).values(**where, **receipt))
    connection.execute(delete(tables.lease).where(of_account(tables.lease, key)))
    return Receipt(
        account=key.account, at=now, erased=place is not None, counts=counts, content_hash=hashed.hexdigest()
    )


def _delete(connection: Connection, table: Table, mine: ColumnElement[bool], tell: Callable[[bytes], None]) -> int:
    """Delete the rows of one table, telling each in canonical JSON, by primary key; return how many there were."""
    rows = connection.execute(select(table).where(mine).order_by(*table.primary_key.columns)).mappings()
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the last number is the count
        said = {name: value for name, value in row.items() if name not in _STORAGE}
        tell(json.dumps([table.name, said], sort_keys=True, default=_plain).encode())
    connection.execute(delete(table).where(mine))
    return count


def _plain(value: object) -> str:
    """Say a time or bytes as text."""
    return value.hex() if isinstance(value, bytes) else str(value)
