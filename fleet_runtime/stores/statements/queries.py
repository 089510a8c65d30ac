"""What is read from an open connection of accounts, turns and contracts. Writes nothing.

Every query names tenant and account, save the scans for work left, the list of a tenant's pins, and
the text of a contract, which belongs to no account. What is read of memory rows stands in `memory_queries`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, literal_column, or_, select

from fleet_runtime.records import AccountKey, Contract, Pin, Turn
from fleet_runtime.stores.common.caching import Place
from fleet_runtime.stores.schema import tables
from fleet_runtime.stores.schema.rows import TURN_COLUMNS, owned, turn_of
from fleet_runtime.stores.statements.prepared import Prepared


def of_account(table: Table, key: AccountKey) -> ColumnElement[bool]:
    """Return the condition that a row of ``table`` is the account's."""
    return and_(table.c.tenant == key.tenant, table.c.account == key.account)


def given_account(table: Table) -> ColumnElement[bool]:
    """Return the condition that a row of ``table`` is of the account that a prepared statement is given."""
    return and_(table.c.tenant == bindparam("tenant"), table.c.account == bindparam("account"))


_account, _turn = tables.account, tables.turn
_of_turns = select(*(_turn.c[name] for name in TURN_COLUMNS))
_in_order = (_turn.c.tenant, _turn.c.account, _turn.c.sequence)

_PLACE = Prepared(select(_account.c.number, _account.c.version).where(given_account(_account)))
_TURN = Prepared(_of_turns.where(given_account(_turn), _turn.c.id == bindparam("id")))
_TURN_OF_TENANT = Prepared(_of_turns.where(_turn.c.tenant == bindparam("tenant"), _turn.c.id == bindparam("id")))
_LATER_TURNS = Prepared(
    _of_turns.where(given_account(_turn), _turn.c.sequence > bindparam("after")).order_by(_turn.c.sequence)
)
# The word stands in the statement itself: SQLite finds the index of unfinished turns by it.
_ALL_UNFINISHED = _of_turns.where(_turn.c.state == literal_column("'accepted'")).order_by(*_in_order)
_UNFINISHED = Prepared(_ALL_UNFINISHED)
_UNFINISHED_OF = Prepared(_ALL_UNFINISHED.where(given_account(_turn)))


def place(connection: Connection, key: AccountKey) -> Place | None:
    """Return the account's number and version, or None if it has no row yet."""
    found = _PLACE.first(connection, owned(key))
    return None if found is None else Place(*found)


def turns(connection: Connection, key: AccountKey, *, after: int = 0, again: Sequence[int] = ()) -> tuple[Turn, ...]:
    """Return the account's turns beyond a sequence, and those of the sequences ``again``, in their order."""
    if not again:
        return tuple(map(turn_of, _LATER_TURNS.run(connection, owned(key, after=after)).fetchall()))
    wanted = or_(_turn.c.sequence > after, _turn.c.sequence.in_(again))
    found = _of_turns.where(of_account(_turn, key), wanted).order_by(_turn.c.sequence)
    return tuple(turn_of(tuple(row)) for row in connection.execute(found))


def turn(connection: Connection, key: AccountKey, turn_id: str) -> Turn | None:
    """Return one turn of the account, or None."""
    row = _TURN.first(connection, owned(key, id=turn_id))
    return None if row is None else turn_of(row)


def turn_of_tenant(connection: Connection, tenant: str, turn_id: str) -> Turn | None:
    """Return the tenant's turn of that id, whichever account it is on, or None."""
    row = _TURN_OF_TENANT.first(connection, {"tenant": tenant, "id": turn_id})
    return None if row is None else turn_of(row)


def unfinished(connection: Connection, key: AccountKey | None) -> list[Turn]:
    """Return ``accepted`` turns, of one account or of all, by account and sequence."""
    if key is None:
        return list(map(turn_of, _UNFINISHED.run(connection, {}).fetchall()))
    return list(map(turn_of, _UNFINISHED_OF.run(connection, owned(key)).fetchall()))


def accounts(connection: Connection, tenant: str) -> list[str]:
    """Return the tenant's account ids, sorted."""
    found = select(tables.account.c.account).where(tables.account.c.tenant == tenant)
    return sorted(connection.execute(found).scalars())


def pins(connection: Connection, tenant: str) -> list[tuple[str, Pin]]:
    """Return the pins of the tenant's accounts, each with its account, by account and role."""
    table = tables.pin
    columns = (table.c.account, table.c.role, table.c.content_hash, table.c.since)
    found = select(*columns).where(table.c.tenant == tenant).order_by(table.c.account, table.c.role)
    return [
        (account, Pin(role=role, content_hash=content_hash, since=since))
        for account, role, content_hash, since in connection.execute(found)
    ]


def pins_of(connection: Connection, key: AccountKey) -> tuple[Pin, ...]:
    """Return what the account is pinned to, by role."""
    table = tables.pin
    found = select(table.c.role, table.c.content_hash, table.c.since).where(of_account(table, key))
    return tuple(
        Pin(role=role, content_hash=content_hash, since=since)
        for role, content_hash, since in connection.execute(found.order_by(table.c.role))
    )


def contract(connection: Connection, content_hash: str) -> Contract | None:
    """Return the contract of that hash, or None."""
    found = select(tables.contract).where(tables.contract.c.content_hash == content_hash)
    row = connection.execute(found).mappings().one_or_none()
    return None if row is None else Contract.model_validate(dict(row))
