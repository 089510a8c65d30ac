"""Vectors of events, as they are written. Makes none, and commits nothing itself."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, func, insert, select, update

from fleet_runtime.records import AccountKey
from fleet_runtime.stores.schema import tables
from fleet_runtime.stores.statements import queries
from fleet_runtime.stores.statements.memory_queries import encoder_number, stored_ids


def put_vectors(connection: Connection, key: AccountKey, encoder: str, vectors: Mapping[str, bytes]) -> None:
    """Keep packed vectors by event id, instead of those of another encoder; unknown events are passed over."""
    place = queries.place(connection, key)
    if place is None or not vectors:
        return
    account, vector, number = tables.account, tables.vector, place.number
    made_by = _number_of(connection, encoder)
    mine = account.c.number == number
    if connection.execute(select(account.c.encoder).where(mine)).scalar_one() != made_by:
        connection.execute(delete(vector).where(vector.c.account_number == number))
    known = stored_ids(connection, tables.event, "id", number, tuple(vectors))
    known -= stored_ids(connection, vector, "event_id", number, tuple(known))
    rows = [{"account_number": number, "event_id": each, "data": vectors[each]} for each in sorted(known)]
    if rows:
        connection.execute(insert(vector), rows)
    held = select(func.count()).select_from(vector).where(vector.c.account_number == number)
    connection.execute(update(account).where(mine).values(encoder=made_by, embedded=held.scalar_subquery()))


def _number_of(connection: Connection, encoder: str) -> int:
    """Return the number of an encoder, given to it now if it is new."""
    known = encoder_number(connection, encoder)
    if known is not None:
        return known
    made = insert(tables.encoder).values(name=encoder).returning(tables.encoder.c.number)
    return int(connection.execute(made).scalar_one())
