"""What is written through an open connection, inside the caller's transaction. Commits nothing itself.

The caller holds the write lock from the beginning, so what is looked up here still holds when it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, and_, bindparam, delete, insert, or_, select, update

from fleet_runtime.errors import FenceLost, MessageError, StoreError
from fleet_runtime.records import AccountChange, AccountKey, Commitment, Fact, Reply, Turn
from fleet_runtime.stores import queries, schema
from fleet_runtime.stores.queries import of_account, stored_ids
from fleet_runtime.stores.rows import Row, decision_row, hand_off_rows, owned, pin_row, row_of, stamp, turn_row

_AGAIN = "read the account again and repeat the turn; nothing was written"


def accept_turn(connection: Connection, turn: Turn, now: datetime) -> Turn:
    """Insert a message as the account's next turn, or return the turn that has its id.

    Raises: MessageError if the id belongs to another account of the tenant.
    """
    known = queries.turn_of_tenant(connection, turn.key.tenant, turn.id)
    if known is not None and known.key != turn.key:
        raise MessageError(f"turn {turn.id} belongs to another account", hint="give the message a turn id of its own")
    if known is not None:
        return known
    if queries.version(connection, turn.key) is None:
        _open_account(connection, turn.key, 0, now)
    sequence = queries.next_sequence(connection, turn.key)
    connection.execute(insert(schema.turn), [turn_row(turn, sequence, now)])
    return turn.model_copy(update={"sequence": sequence, "state": "accepted", "reply": None})


def apply_change(connection: Connection, change: AccountChange) -> int:
    """Write a change whole and return the new version, or the present one if it is a repeat.

    Raises: FenceLost if the version moved on, the lease is another's, or the turn is done;
        StoreError if the change contradicts itself or what is stored.
    """
    opened = queries.version(connection, change.key)
    present = opened or 0
    ids = tuple(event.id for event in change.events)
    known = stored_ids(connection, schema.event, "id", change.key, ids)
    if _is_repeat(connection, change, known):
        return present
    _check_fence(connection, change, present)
    if opened is None:
        _open_account(connection, change.key, 1, change.now)
    else:
        bumped = {"version": present + 1}
        connection.execute(update(schema.account).where(of_account(schema.account, change.key)).values(bumped))
    # A change may name one event twice; the first mention counts.
    fresh = {event.id: event for event in reversed(change.events) if event.id not in known}
    _insert(connection, schema.event, [row_of(change.key, event) for event in fresh.values()])
    _insert(connection, schema.fact, [row_of(change.key, fact) for fact in change.learned.facts])
    _close_facts(connection, change.key, change.learned.closed)
    _put_commitments(connection, change.key, change.learned.commitments)
    _move_learning(connection, change, known)
    _pin(connection, change)
    if change.finishes is not None:
        _finish_turn(connection, change, change.finishes)
    return present + 1


def take_lease(connection: Connection, key: AccountKey, owner: str, until: datetime, now: datetime) -> bool:
    """Take or renew the lease for ``owner``; False if another holds it beyond ``now``."""
    lease = schema.lease
    taken = {"owner": owner, "until": stamp(until)}
    mine_or_lapsed = or_(lease.c.owner == owner, lease.c.until <= stamp(now))
    if connection.execute(update(lease).where(of_account(lease, key), mine_or_lapsed).values(taken)).rowcount:
        return True
    if connection.execute(select(lease.c.owner).where(of_account(lease, key))).first() is not None:
        return False
    connection.execute(insert(lease), [owned(key, **taken)])
    return True


def release_lease(connection: Connection, key: AccountKey, owner: str) -> None:
    """Remove the lease if it is ``owner``'s."""
    connection.execute(delete(schema.lease).where(of_account(schema.lease, key), schema.lease.c.owner == owner))


def _open_account(connection: Connection, key: AccountKey, version: int, now: datetime) -> None:
    """Insert the account's own row."""
    connection.execute(insert(schema.account), [owned(key, version=version, opened_at=stamp(now))])


def _is_repeat(connection: Connection, change: AccountChange, known: set[str]) -> bool:
    """Tell whether all that a change brings was brought before."""
    brings = bool(change.events or change.learned_events)
    if change.finishes is not None or not brings or any(event.id not in known for event in change.events):
        return False
    return not stored_ids(connection, schema.learning, "event_id", change.key, change.learned_events)


def _check_fence(connection: Connection, change: AccountChange, present: int) -> None:
    """Refuse a change that was computed from an older version, or without the lease it claims."""
    name = f"account {change.key.account}"
    if present != change.seen_version:
        raise FenceLost(f"{name}: version {change.seen_version} was read, {present} is stored", hint=_AGAIN)
    if change.lease_owner is not None:
        held = select(schema.lease.c.owner).where(of_account(schema.lease, change.key))
        if connection.execute(held).scalar_one_or_none() != change.lease_owner:
            raise FenceLost(f"{name}: the lease was lost", hint=_AGAIN)


def _insert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, if there are any."""
    if rows:
        connection.execute(insert(table), rows)


def _close_facts(connection: Connection, key: AccountKey, closed: Sequence[Fact]) -> None:
    """Set the ends of facts that are stored; what they say is never rewritten."""
    if not closed:
        return
    fact = schema.fact
    ends = update(fact).where(of_account(fact, key), fact.c.id == bindparam("closed_id"))
    ends = ends.values(valid_to=bindparam("held_until"), known_to=bindparam("known_until"))
    rows = [
        {
            "closed_id": one.id,
            "held_until": None if one.valid_to is None else stamp(one.valid_to),
            "known_until": None if one.known_to is None else stamp(one.known_to),
        }
        for one in closed
    ]
    if connection.execute(ends, rows).rowcount != len(rows):
        raise StoreError(
            f"account {key.account}: a change closes a fact that is not stored",
            hint="compute the change from the account's present state; nothing was written",
        )


def _put_commitments(connection: Connection, key: AccountKey, commitments: Sequence[Commitment]) -> None:
    """Insert commitments, or bring those of a known id up to date."""
    table = schema.commitment
    for commitment in commitments:
        row = row_of(key, commitment)
        same = and_(of_account(table, key), table.c.id == commitment.id)
        if not connection.execute(update(table).where(same).values(row)).rowcount:
            connection.execute(insert(table), [row])


def _move_learning(connection: Connection, change: AccountChange, known: set[str]) -> None:
    """Note which new events await learning, and strike those whose learning is done."""
    table = schema.learning
    if change.learned_events:
        done = table.c.event_id.in_(change.learned_events)
        connection.execute(delete(table).where(of_account(table, change.key), done))
    since = stamp(change.now)
    awaiting = known | stored_ids(connection, table, "event_id", change.key, change.learn_later)
    later = dict.fromkeys(event_id for event_id in change.learn_later if event_id not in awaiting)
    _insert(connection, table, [owned(change.key, event_id=event_id, since=since) for event_id in later])


def _pin(connection: Connection, change: AccountChange) -> None:
    """Bind the account to contracts, instead of those of the same roles before; keep texts that are new."""
    for contract in change.pinned:
        row = pin_row(change.key, contract, change.now)
        same = and_(of_account(schema.pin, change.key), schema.pin.c.role == contract.role)
        if not connection.execute(update(schema.pin).where(same).values(row)).rowcount:
            connection.execute(insert(schema.pin), [row])
        if contract.text and queries.contract(connection, contract.content_hash) is None:
            connection.execute(insert(schema.contract), [contract.model_dump()])


def _finish_turn(connection: Connection, change: AccountChange, turn_id: str) -> None:
    """Give an accepted turn its reply, with the decision and the hand-offs as rows of their own."""
    reply = _whole_reply(change, turn_id)
    table = schema.turn
    done = {"state": "done", "reply": reply.model_dump_json()}
    open_turn = and_(of_account(table, change.key), table.c.id == turn_id, table.c.state == "accepted")
    if not connection.execute(update(table).where(open_turn).values(done)).rowcount:
        raise FenceLost(f"turn {turn_id} is done already, or unknown", hint="read the turn; nothing was written")
    _insert(connection, schema.decision, [decision_row(change.key, reply, change.now)])
    _insert(connection, schema.hand_off, hand_off_rows(change.key, reply, change.now))


def _whole_reply(change: AccountChange, turn_id: str) -> Reply:
    """Return the change's reply, which must be the finished turn's."""
    if change.reply is None or change.reply.turn_id != turn_id:
        raise StoreError(
            f"turn {turn_id} is finished without a reply of its own", hint="give the change the turn's reply"
        )
    return change.reply
