"""What is read from an open connection of accounts, turns and contracts. Writes nothing.

Every query names tenant and account, save the scans for work left, the list of a tenant's pins, and
the text of a contract, which belongs to no account. What is read of memory rows stands in `memory_queries`.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from fleet_runtime.records import AccountKey, Contract, Pin, Turn
from fleet_runtime.stores import schema
from fleet_runtime.stores.rows import turn_of


class Place(NamedTuple):
    """Where an account's rows stand, and how often it was changed."""

    number: int
    version: int

    @property
    def stamp(self) -> int:
        """Return one number that no other state of any account has."""
        return (self.number << 32) + self.version


def of_account(table: Table, key: AccountKey) -> ColumnElement[bool]:
    """Return the condition that a row of ``table`` is the account's."""
    return and_(table.c.tenant == key.tenant, table.c.account == key.account)


def place(connection: Connection, key: AccountKey) -> Place | None:
    """Return the account's number and version, or None if it has no row yet."""
    table = schema.account
    found = connection.execute(select(table.c.number, table.c.version).where(of_account(table, key))).one_or_none()
    return None if found is None else Place(*found)


def next_sequence(connection: Connection, key: AccountKey) -> int:
    """Return the sequence of the account's next turn; the first is 1."""
    last = select(func.max(schema.turn.c.sequence)).where(of_account(schema.turn, key))
    return (connection.execute(last).scalar_one() or 0) + 1


def turns(connection: Connection, key: AccountKey, *, after: int = 0) -> tuple[Turn, ...]:
    """Return the account's turns beyond a sequence, in their order."""
    table = schema.turn
    found = select(table).where(of_account(table, key), table.c.sequence > after).order_by(table.c.sequence)
    return tuple(turn_of(row) for row in connection.execute(found).mappings())


def turn(connection: Connection, key: AccountKey, turn_id: str) -> Turn | None:
    """Return one turn of the account, or None."""
    found = select(schema.turn).where(of_account(schema.turn, key), schema.turn.c.id == turn_id)
    row = connection.execute(found).mappings().one_or_none()
    return None if row is None else turn_of(row)


def turn_of_tenant(connection: Connection, tenant: str, turn_id: str) -> Turn | None:
    """Return the tenant's turn of that id, whichever account it is on, or None."""
    found = select(schema.turn).where(schema.turn.c.tenant == tenant, schema.turn.c.id == turn_id)
    row = connection.execute(found).mappings().one_or_none()
    return None if row is None else turn_of(row)


def unfinished(connection: Connection, key: AccountKey | None) -> list[Turn]:
    """Return accepted turns without a reply, of one account or of all, by account and sequence."""
    table = schema.turn
    found = select(table).where(table.c.state == "accepted").order_by(table.c.tenant, table.c.account, table.c.sequence)
    if key is not None:
        found = found.where(of_account(table, key))
    return [turn_of(row) for row in connection.execute(found).mappings()]


def accounts(connection: Connection, tenant: str) -> list[str]:
    """Return the tenant's account ids, sorted."""
    found = select(schema.account.c.account).where(schema.account.c.tenant == tenant)
    return sorted(connection.execute(found).scalars())


def pins(connection: Connection, tenant: str) -> list[tuple[str, Pin]]:
    """Return the pins of the tenant's accounts, each with its account, by account and role."""
    table = schema.pin
    columns = (table.c.account, table.c.role, table.c.content_hash, table.c.since)
    found = select(*columns).where(table.c.tenant == tenant).order_by(table.c.account, table.c.role)
    return [
        (account, Pin(role=role, content_hash=content_hash, since=since))
        for account, role, content_hash, since in connection.execute(found)
    ]


def pins_of(connection: Connection, key: AccountKey) -> tuple[Pin, ...]:
    """Return what the account is pinned to, by role."""
    table = schema.pin
    found = select(table.c.role, table.c.content_hash, table.c.since).where(of_account(table, key))
    return tuple(
        Pin(role=role, content_hash=content_hash, since=since)
        for role, content_hash, since in connection.execute(found.order_by(table.c.role))
    )


def contract(connection: Connection, content_hash: str) -> Contract | None:
    """Return the contract of that hash, or None."""
    found = select(schema.contract).where(schema.contract.c.content_hash == content_hash)
    row = connection.execute(found).mappings().one_or_none()
    return None if row is None else Contract.model_validate(dict(row))
