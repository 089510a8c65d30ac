"""What is written through an open connection, inside the caller's transaction. Commits nothing itself.

The caller holds the write lock from the beginning, so what is looked up here still holds when it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date

from sqlalchemy import Connection, Table, and_, bindparam, delete, insert, update

from fleet_runtime.errors import FenceLost, StoreError
from fleet_runtime.records import AccountChange, AccountKey, Commitment, Digest, Fact, Spent
from fleet_runtime.stores.common.caching import Place
from fleet_runtime.stores.schema import tables
from fleet_runtime.stores.schema.rows import Row, memory_row, pin_row
from fleet_runtime.stores.statements import queries
from fleet_runtime.stores.statements.memory_queries import stored_ids
from fleet_runtime.stores.statements.prepared import Prepared
from fleet_runtime.stores.statements.queries import of_account
from fleet_runtime.stores.statements.turning import finish_turn, lease_owner, open_account, release_lease
from fleet_runtime.stores.statements.working import add_spent, ask

_account = tables.account
_GROW = Prepared(
    update(_account)
    .where(_account.c.number == bindparam("of"))
    .values(version=bindparam("next_version"), events=_account.c.events + bindparam("more"))
)

_AGAIN = "read the account again and repeat the turn; nothing was written"


def spend(connection: Connection, key: AccountKey, day: date, spent: Spent) -> None:
    """Add to what the account spent on a day.

    Raises: StoreError if there is no such account.
    """
    if queries.place(connection, key) is None:
        raise StoreError(
            f"account {key.account} is not in the store", hint="accept a message of it first; nothing was written"
        )
    add_spent(connection, key, day, spent)


def apply_change(connection: Connection, change: AccountChange) -> int:
    """Write a change whole and return the new version, or the present one if it is a repeat.

    Raises: FenceLost if the version moved on, the lease is another's, or the turn is done;
        StoreError if the change contradicts itself or what is stored.
    """
    opened = queries.place(connection, change.key)
    place = opened or Place(0, 0)
    ids = tuple(event.id for event in change.events)
    known = stored_ids(connection, tables.event, "id", place.number, ids)
    if _is_repeat(connection, change, place, known):
        return place.version
    _check_fence(connection, change, place.version)
    place = opened or open_account(connection, change.key, change.now)
    number = place.number
    # A change may name one event twice; the first mention counts.
    fresh = {event.id: event for event in reversed(change.events) if event.id not in known}
    _GROW.run(connection, {"of": number, "next_version": place.version + 1, "more": len(fresh)})
    _insert(connection, tables.event, [memory_row(number, event) for event in fresh.values()])
    _insert(connection, tables.fact, [memory_row(number, fact) for fact in change.learned.facts])
    _close_facts(connection, number, change)
    _put(connection, tables.commitment, number, change.learned.commitments)
    _put(connection, tables.digest, number, change.digests)
    _move_learning(connection, number, change, known)
    _pin(connection, change)
    if change.finishes is not None:
        finish_turn(connection, change, change.finishes)
    ask(connection, change.asks)
    if change.spent != Spent():
        add_spent(connection, change.key, change.now.astimezone(UTC).date(), change.spent)
    if change.releases and change.lease_owner is not None:
        release_lease(connection, change.key, change.lease_owner)
    return place.version + 1


def _is_repeat(connection: Connection, change: AccountChange, place: Place, known: set[str]) -> bool:
    """Tell whether all that a change brings was brought before."""
    brings = bool(change.events or change.learned_events)
    if change.finishes is not None or not brings or any(event.id not in known for event in change.events):
        return False
    return not stored_ids(connection, tables.learning, "event_id", place.number, change.learned_events)


def _check_fence(connection: Connection, change: AccountChange, present: int) -> None:
    """Refuse a change that was computed from an older version, or without the lease it claims."""
    name = f"account {change.key.account}"
    if present != change.seen_version:
        raise FenceLost(f"{name}: version {change.seen_version} was read, {present} is stored", hint=_AGAIN)
    if change.lease_owner is not None and lease_owner(connection, change.key) != change.lease_owner:
        raise FenceLost(f"{name}: the lease was lost", hint=_AGAIN)


def _insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, if there are any."""
    if rows:
        connection.execute(insert(table), rows)


def _close_facts(connection: Connection, number: int, change: AccountChange) -> None:
    """Set the ends of facts that are stored; what they say is never rewritten."""
    closed: Sequence[Fact] = change.learned.closed
    if not closed:
        return
    fact = tables.fact
    ends = update(fact).where(fact.c.account_number == number, fact.c.id == bindparam("closed_id"))
    ends = ends.values(valid_to=bindparam("held_until"), known_to=bindparam("known_until"))
    rows = [{"closed_id": one.id, "held_until": one.valid_to, "known_until": one.known_to} for one in closed]
    if connection.execute(ends, rows).rowcount != len(rows):
        raise StoreError(
            f"account {change.key.account}: a change closes a fact that is not stored",
            hint="compute the change from the account's present state; nothing was written",
        )


def _put(connection: Connection, table: Table, number: int, values: Sequence[Commitment] | Sequence[Digest]) -> None:
    """Insert values, or bring those of a known id up to date; of two with one id the later counts."""
    latest = {value.id: value for value in values}
    known = stored_ids(connection, table, "id", number, tuple(latest)) if latest else set[str]()
    _insert(connection, table, [memory_row(number, value) for value in latest.values() if value.id not in known])
    for value in latest.values():
        if value.id in known:
            same = and_(table.c.account_number == number, table.c.id == value.id)
            connection.execute(update(table).where(same).values(memory_row(number, value)))


def _move_learning(connection: Connection, number: int, change: AccountChange, known: set[str]) -> None:
    """Note which new events await learning, and strike those whose learning is done."""
    table = tables.learning
    if change.learned_events:
        done = table.c.event_id.in_(change.learned_events)
        connection.execute(delete(table).where(table.c.account_number == number, done))
    if not change.learn_later:
        return
    awaiting = known | stored_ids(connection, table, "event_id", number, change.learn_later)
    later = dict.fromkeys(event_id for event_id in change.learn_later if event_id not in awaiting)
    rows: list[Row] = [{"account_number": number, "event_id": event_id, "since": change.now} for event_id in later]
    _insert(connection, table, rows)


def _pin(connection: Connection, change: AccountChange) -> None:
    """Bind the account to contracts, instead of those of the same roles before; keep texts that are new."""
    for contract in change.pinned:
        row = pin_row(change.key, contract, change.now)
        same = and_(of_account(tables.pin, change.key), tables.pin.c.role == contract.role)
        if not connection.execute(update(tables.pin).where(same).values(row)).rowcount:
            connection.execute(insert(tables.pin), [row])
    # Texts are of all accounts: in one order everywhere, no two writers wait for each other's.
    for contract in sorted(change.pinned, key=lambda pinned: pinned.content_hash):
        if contract.text and queries.contract(connection, contract.content_hash) is None:
            connection.execute(insert(tables.contract), [contract.model_dump()])
