"""How a message becomes a turn, who may work on it, and how it is done. Commits nothing itself.

The caller holds the write lock from the beginning, so what is looked up here still holds when it is written.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Text, bindparam, delete, func, insert, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert as put  # SQLite takes its upserts too, and not the other way round

from fleet_runtime.errors import FenceLost, MessageError, StoreError
from fleet_runtime.records import AccountChange, AccountKey, Reply, Turn
from fleet_runtime.stores.common.caching import Place
from fleet_runtime.stores.common.deciding import was_weighed
from fleet_runtime.stores.schema import tables
from fleet_runtime.stores.schema.packing import packed
from fleet_runtime.stores.schema.rows import decision_row, hand_off_rows, owned, stamp, turn_row
from fleet_runtime.stores.statements import queries
from fleet_runtime.stores.statements.prepared import Prepared
from fleet_runtime.stores.statements.queries import given_account

_DONE, _ACCEPTED = literal_column("'done'", Text), literal_column("'accepted'", Text)
_turn, _lease = tables.turn, tables.lease

_INSERT_TURN = Prepared(insert(_turn))
_LAST_SEQUENCE = Prepared(select(func.max(_turn.c.sequence)).where(given_account(_turn)))
_FIRST_UNFINISHED = Prepared(select(func.min(_turn.c.sequence)).where(given_account(_turn), _turn.c.state == _ACCEPTED))
_FINISH = Prepared(
    update(_turn)
    .where(given_account(_turn), _turn.c.id == bindparam("turn_id"), _turn.c.state == _ACCEPTED)
    .values(state=_DONE, reply=bindparam("packed"), trace=bindparam("way"))
)
_INSERT_DECISION = Prepared(insert(tables.decision))
_INSERT_HAND_OFF = Prepared(insert(tables.hand_off))
_put_lease = put(_lease)
_TAKE_LEASE = Prepared(
    _put_lease.on_conflict_do_update(
        index_elements=[_lease.c.tenant, _lease.c.account],
        set_={"owner": _put_lease.excluded.owner, "until": _put_lease.excluded.until},
        where=or_(_lease.c.owner == _put_lease.excluded.owner, _lease.c.until <= bindparam("now")),
    )
)
_LEASE_OWNER = Prepared(select(_lease.c.owner).where(given_account(_lease)))
_RELEASE = Prepared(delete(_lease).where(given_account(_lease), _lease.c.owner == bindparam("owner")))
_LAST_ERASED = Prepared(select(func.max(tables.erasure.c.version)))


class Lease(NamedTuple):
    """Who asks for an account, until when, and what time it is."""

    owner: str
    until: datetime
    now: datetime


class Begun(NamedTuple):
    """A turn that was accepted: whether it may be worked on at once, and where its account's rows stand if so."""

    turn: Turn
    first: bool
    place: Place | None


def accept_turn(connection: Connection, turn: Turn, now: datetime) -> Turn:
    """Insert a message as the account's next turn, or return the turn that has its id.

    Raises: MessageError if the id belongs to another account of the tenant.
    """
    return _accept(connection, turn, now)[0]


def begin_turn(connection: Connection, turn: Turn, accepted_at: datetime, lease: Lease) -> Begun:
    """Insert a message as `accept_turn` does, and lease its account unless it is done already, or given up.

    Raises: as `accept_turn`.
    """
    stored, place = _accept(connection, turn, accepted_at)
    if stored.state != "accepted" or not take_lease(connection, turn.key, lease):
        return Begun(stored, first=False, place=None)
    (first,) = _FIRST_UNFINISHED.first(connection, owned(turn.key))
    return (
        Begun(stored, first=True, place=place) if first == stored.sequence else Begun(stored, first=False, place=None)
    )


def finish_turn(connection: Connection, change: AccountChange, turn_id: str) -> None:
    """Give an accepted turn its reply, with what one may ask of its decision and hand-offs as rows of their own.

    Raises: FenceLost if it is done already, given up, or unknown; StoreError if the change has no reply of its own.
    """
    reply = _whole_reply(change, turn_id)
    done = owned(change.key, turn_id=turn_id, packed=packed(reply), way=change.trace or None)
    if not _FINISH.run(connection, done).rowcount:
        raise FenceLost(
            f"turn {turn_id} is done already, given up, or unknown", hint="read the turn; nothing was written"
        )
    if was_weighed(reply.decision):
        _INSERT_DECISION.run(connection, decision_row(change.key, reply, change.now))
    for row in hand_off_rows(change.key, reply, change.now):
        _INSERT_HAND_OFF.run(connection, row)


def take_lease(connection: Connection, key: AccountKey, lease: Lease) -> bool:
    """Take or renew the lease; False if another owner holds it beyond now."""
    wanted = owned(key, owner=lease.owner, until=stamp(lease.until), now=stamp(lease.now))
    return _TAKE_LEASE.run(connection, wanted).rowcount > 0


def lease_owner(connection: Connection, key: AccountKey) -> str | None:
    """Return who has the account's lease, lapsed or not."""
    row = _LEASE_OWNER.first(connection, owned(key))
    return None if row is None else str(row[0])


def release_lease(connection: Connection, key: AccountKey, owner: str) -> None:
    """Remove the lease if it is ``owner``'s."""
    _RELEASE.run(connection, owned(key, owner=owner))


def open_account(connection: Connection, key: AccountKey, now: datetime) -> Place:
    """Insert the account's own row: its number no account ever had, its version comes after all that were erased."""
    (version,) = _LAST_ERASED.first(connection, {})
    fresh = {"version": version or 0, "opened_at": stamp(now), "events": 0, "embedded": 0, "encoder": 0}
    made = insert(tables.account).values(owned(key, **fresh)).returning(tables.account.c.number)
    return Place(int(connection.execute(made).scalar_one()), version or 0)


def _accept(connection: Connection, turn: Turn, now: datetime) -> tuple[Turn, Place | None]:
    """Insert a message, or find the turn that has its id; the place is told of a turn that is new.

    Raises: MessageError if the id belongs to another account of the tenant.
    """
    known = queries.turn_of_tenant(connection, turn.key.tenant, turn.id)
    if known is not None and known.key != turn.key:
        raise MessageError(f"turn {turn.id} belongs to another account", hint="give the message a turn id of its own")
    if known is not None:
        return known, None
    place = queries.place(connection, turn.key) or open_account(connection, turn.key, now)
    (last,) = _LAST_SEQUENCE.first(connection, owned(turn.key))
    sequence = (last or 0) + 1
    _INSERT_TURN.run(connection, turn_row(turn, sequence, now))
    return turn.model_copy(update={"sequence": sequence, "state": "accepted", "reply": None, "failure": None}), place


def _whole_reply(change: AccountChange, turn_id: str) -> Reply:
    """Return the change's reply, which must be the finished turn's."""
    if change.reply is None or change.reply.turn_id != turn_id:
        raise StoreError(
            f"turn {turn_id} is finished without a reply of its own", hint="give the change the turn's reply"
        )
    return change.reply
