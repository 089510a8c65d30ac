"""What is read from an open connection. Writes nothing.

Every query names tenant and account, save the scans for work left, the list of a tenant's pins, and
the text of a contract, which belongs to no account.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, and_, func, select

from fleet_runtime.records import AccountKey, AccountState, Commitment, Contract, Event, Fact, Pin, Turn
from fleet_runtime.stores import schema
from fleet_runtime.stores.rows import Remembered, columns_of, turn_of, value_of


def of_account(table: Table, key: AccountKey) -> ColumnElement[bool]:
    """Return the condition that a row of ``table`` is the account's."""
    return and_(table.c.tenant == key.tenant, table.c.account == key.account)


def version(connection: Connection, key: AccountKey) -> int | None:
    """Return the account's version, or None if it has no row yet."""
    found = select(schema.account.c.version).where(of_account(schema.account, key))
    return connection.execute(found).scalar_one_or_none()


def next_sequence(connection: Connection, key: AccountKey) -> int:
    """Return the sequence of the account's next turn; the first is 1."""
    last = select(func.max(schema.turn.c.sequence)).where(of_account(schema.turn, key))
    return (connection.execute(last).scalar_one() or 0) + 1


def account_state(connection: Connection, key: AccountKey) -> AccountState:
    """Return all of the account's rows."""
    event, fact, commitment, turn = schema.event, schema.fact, schema.commitment, schema.turn
    turns = select(turn).where(of_account(turn, key)).order_by(turn.c.sequence)
    return AccountState(
        key=key,
        version=version(connection, key) or 0,
        events=_remembered(connection, Event, event, key, event.c.at),
        facts=_remembered(connection, Fact, fact, key, fact.c.known_from),
        commitments=_remembered(connection, Commitment, commitment, key, commitment.c.at),
        turns=tuple(turn_of(row) for row in connection.execute(turns).mappings()),
        pins=_pins(connection, key),
    )


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


def unlearned(connection: Connection) -> list[tuple[AccountKey, Event]]:
    """Return the events that await learning, by account, time and id."""
    event, learning = schema.event, schema.learning
    same = and_(
        event.c.tenant == learning.c.tenant,
        event.c.account == learning.c.account,
        event.c.id == learning.c.event_id,
    )
    found = (
        select(event).join_from(event, learning, same).order_by(event.c.tenant, event.c.account, event.c.at, event.c.id)
    )
    return [
        (
            AccountKey(tenant=row["tenant"], account=row["account"]),
            value_of(Event, [row[name] for name in Event.model_fields]),
        )
        for row in connection.execute(found).mappings()
    ]


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


def contract(connection: Connection, content_hash: str) -> Contract | None:
    """Return the contract of that hash, or None."""
    found = select(schema.contract).where(schema.contract.c.content_hash == content_hash)
    row = connection.execute(found).mappings().one_or_none()
    return None if row is None else Contract.model_validate(dict(row))


def stored_ids(connection: Connection, table: Table, column: str, key: AccountKey, ids: tuple[str, ...]) -> set[str]:
    """Return which of ``ids`` stand in that column of the account's rows."""
    if not ids:
        return set()
    found = select(table.c[column]).where(of_account(table, key), table.c[column].in_(ids))
    return set(connection.execute(found).scalars())


def _remembered(
    connection: Connection, kind: type[Remembered], table: Table, key: AccountKey, by: ColumnElement[str]
) -> tuple[Remembered, ...]:
    """Return the account's values of a kind, by a time and then by id."""
    found = select(*columns_of(kind, table)).where(of_account(table, key)).order_by(by, table.c.id)
    return tuple(value_of(kind, row) for row in connection.execute(found))


def _pins(connection: Connection, key: AccountKey) -> tuple[Pin, ...]:
    """Return what the account is pinned to, by role."""
    table = schema.pin
    found = select(table.c.role, table.c.content_hash, table.c.since).where(of_account(table, key))
    return tuple(
        Pin(role=role, content_hash=content_hash, since=since)
        for role, content_hash, since in connection.execute(found.order_by(table.c.role))
    )
