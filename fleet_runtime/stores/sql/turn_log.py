"""The way of turns on SQL: the verbs of `fleet_runtime.boards.TurnLog`, each one transaction. Answers no turn.

What waits is found by the index of accepted turns, from account to account, so that neither what was answered ever
before nor how much waits behind an account's first turn makes it slower. SQLite takes that index only where it saves
it to sort, which is why statements here order what they merely count.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as put  # SQLite takes its upserts too, and not the other way round

from fleet_runtime.records import AccountKey, Failure, QueueState, Turn, TurnRecord, TurnState
from fleet_runtime.stores.databases.database import Database
from fleet_runtime.stores.schema.rows import TURN_COLUMNS, Row, owned, stamp, turn_of
from fleet_runtime.stores.schema.shared_tables import signal
from fleet_runtime.stores.schema.tables import lease, turn
from fleet_runtime.stores.statements import queries
from fleet_runtime.stores.statements.queries import given_account, of_account

_AT_ONCE = 500
"""Ids asked for in one statement; the databases bound the variables of one."""

_MOST_COUNTED = 1_000_000
"""Up to where a tenant's turns that wait are counted."""

_columns = tuple(turn.c[name] for name in TURN_COLUMNS)
_one = turn.alias("one")
_tenant: BindParameter[str] = bindparam("of")
_most: BindParameter[int] = bindparam("most")
# The word stands in the statements themselves: the databases find the index of accepted turns by it.
_ACCEPTED = literal_column("'accepted'", Text)


def _first(column: ColumnElement[Any], *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Return a column of the tenant's first accepted turn by account and sequence, of those that are meant."""
    found = select(column).where(_one.c.tenant == _tenant, _one.c.state == _ACCEPTED, *where)
    return found.order_by(_one.c.tenant, _one.c.account, _one.c.sequence).limit(1).scalar_subquery()


def _accepted(*columns: ColumnElement[Any], where: Sequence[ColumnElement[bool]] = ()) -> Select[*tuple[Any, ...]]:
    """Return columns of the tenant's accepted turns, up to a number of them."""
    found = select(*columns).where(turn.c.tenant == _tenant, turn.c.state == _ACCEPTED, *where)
    return found.order_by(turn.c.tenant, turn.c.account, turn.c.sequence).limit(_most)


def _heads() -> Select[*tuple[Any, ...]]:
    """Return the ids of accounts' first accepted turns: hop from account to account, then choose."""
    begin = select(_first(_one.c.account).label("account")).cte("waits", recursive=True)
    after = _first(_one.c.account, _one.c.account > begin.c.account)
    waits = begin.union_all(select(after).where(begin.c.account.is_not(None)))
    since = _first(_one.c.accepted_at, _one.c.account == waits.c.account).label("since")
    found = select(waits.c.account, since).where(waits.c.account.is_not(None))
    chosen = found.order_by(since, waits.c.account).limit(_most).subquery("chosen")
    of_each = select(_first(_one.c.id, _one.c.account == chosen.c.account)).select_from(chosen)
    return of_each.order_by(chosen.c.since, chosen.c.account)


def _waiting() -> Select[*tuple[Any, ...]]:
    """Return how many turns of an account are accepted, and how many of its tenant, each up to a number."""
    one: ColumnElement[int] = literal_column("1")
    some = (_accepted(one, where=[turn.c.account == bindparam("by")]), _accepted(one))
    return select(*(select(func.count()).select_from(found.subquery()).scalar_subquery() for found in some))


def _left() -> Select[*tuple[Any, ...]]:
    """Return how many accepted turns nobody works on, and when the first of them was accepted."""
    sequence = _first(_one.c.sequence, _one.c.account == lease.c.account).label("sequence")
    at_work = select(lease.c.account, sequence).where(lease.c.tenant == _tenant).subquery("at_work")
    known = _accepted(turn.c.account, turn.c.sequence, turn.c.accepted_at).subquery("known")
    same = and_(known.c.account == at_work.c.account, known.c.sequence == at_work.c.sequence)
    found = select(func.count(), func.min(known.c.accepted_at)).select_from(known.outerjoin(at_work, same))
    return found.where(at_work.c.sequence.is_(None))


_HEADS, _WAITING, _LEFT = _heads(), _waiting(), _left()
_AT_WORK = select(func.count()).where(
    lease.c.tenant == _tenant, _first(_one.c.sequence, _one.c.account == lease.c.account).is_not(None)
)
_FAILED = select(func.count()).where(turn.c.tenant == _tenant, turn.c.state == literal_column("'failed'", Text))
_KNOWN = select(turn.c.sequence).where(given_account(turn), turn.c.id == bindparam("turn"))
_PUT_SIGNALS = put(signal).on_conflict_do_nothing()
_SIGNALS = (
    select(signal.c.number, signal.c.body)
    .where(given_account(signal), signal.c.turn_id == bindparam("turn"), signal.c.number > bindparam("after"))
    .order_by(signal.c.number)
)
_its_turn = and_(
    *(turn.c.tenant == signal.c.tenant, turn.c.account == signal.c.account, turn.c.id == signal.c.turn_id),
    *(turn.c.state != _ACCEPTED, turn.c.accepted_at < bindparam("before")),
)
_DROP_SIGNALS = delete(signal).where(exists().where(_its_turn))


class SqlTurnLog:
    """How the turns in one database fare."""

    def __init__(self, database: Database) -> None:
        """Speak to an open database, which somebody else closes."""
        self._database = database

    async def turns(
        self, tenant: str, *, states: Sequence[TurnState] = (), account: str | None = None, limit: int = 100
    ) -> list[TurnRecord]:
        """Return the tenant's turns, the newest first, of some states (none: all) or of one account.

        Raises: StoreError.
        """
        where: list[ColumnElement[bool]] = [turn.c.state.in_(states)] if states else []
        if account is not None:
            where.append(turn.c.account == account)
        return await self._database.read(lambda connection: _newest(connection, tenant, where, limit))

    async def find(self, tenant: str, turn_id: str) -> TurnRecord | None:
        """Return the tenant's turn of that id, or None.

        Raises: StoreError.
        """
        found = await self._database.read(lambda connection: _records(connection, tenant, [turn_id]))
        return found.get(turn_id)

    async def stop(self, key: AccountKey, turn_id: str, failure: Failure | None) -> Turn | None:
        """Give an accepted turn up, as failed, or with None as cancelled; return it as it is now, or None.

        A turn that is not ``accepted`` any more stays as it is. Whoever works on it cannot commit it after this.

        Raises: StoreFull, StoreError.
        """
        if failure is None:
            moved: Row = {"state": "cancelled"}
        else:
            moved = {"state": "failed", "failure": failure.model_dump_json()}
        return await self._database.write(
            lambda connection: _moved(connection, key, turn_id, ("accepted",), moved), key
        )

    async def reopen(self, key: AccountKey, turn_id: str) -> Turn | None:
        """Make a failed or cancelled turn ``accepted`` again; return it as it is now, or None.

        It keeps its place in the account, and the rounds of tool calls that were made for it.

        Raises: StoreFull, StoreError.
        """
        moved: Row = {"state": "accepted", "failure": None}
        return await self._database.write(
            lambda connection: _moved(connection, key, turn_id, ("failed", "cancelled"), moved), key
        )

    async def settled(self, tenant: str, ids: Sequence[str]) -> list[Turn]:
        """Return those of the tenant's turns that are not ``accepted`` (any more).

        Raises: StoreError.
        """
        settled = turn.c.state != _ACCEPTED
        found = await self._database.read(lambda connection: _records(connection, tenant, ids, settled))
        return [record.turn for record in found.values()]

    async def heads(self, tenant: str, limit: int) -> list[Turn]:
        """Return the first accepted turn of each account, being worked on or not, the longest waiting first.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: _firsts(connection, tenant, limit))

    async def waiting(self, key: AccountKey, limit: int) -> tuple[int, int]:
        """Count accepted turns, of the account and of its tenant, each up to ``limit``.

        Raises: StoreError.
        """
        given = {"of": key.tenant, "by": key.account, "most": limit}
        of_account, of_tenant = await self._database.read(lambda connection: connection.execute(_WAITING, given).one())
        return int(of_account), int(of_tenant)

    async def queue(self, tenant: str) -> QueueState:
        """Return how the tenant's turns fare; of those that wait a million are counted at most.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: _queue(connection, tenant))

    async def put_signals(self, key: AccountKey, turn_id: str, first: int, bodies: Sequence[str]) -> None:
        """Keep packed signals of a turn, numbered from ``first``; numbers that are known are passed over.

        An unknown turn (its account was erased) keeps none, without an error.

        Raises: StoreFull, StoreError.
        """
        rows = [owned(key, turn_id=turn_id, number=number, body=body) for number, body in enumerate(bodies, first)]
        await self._database.note(lambda connection: _put_signals(connection, key, turn_id, rows), key)

    async def signals(self, key: AccountKey, turn_id: str, after: int) -> list[tuple[int, str]]:
        """Return the packed signals of a turn whose number is greater than ``after``, in order.

        Raises: StoreError.
        """
        given = owned(key, turn=turn_id, after=after)
        return await self._database.read(
            lambda connection: [(number, body) for number, body in connection.execute(_SIGNALS, given)]
        )

    async def drop_signals(self, before: datetime) -> int:
        """Forget the signals of turns that are not ``accepted`` and were accepted before that; return how many.

        Raises: StoreError.
        """
        given = {"before": stamp(before)}
        return await self._database.write(lambda connection: connection.execute(_DROP_SIGNALS, given).rowcount)


def _newest(connection: Connection, tenant: str, where: Sequence[ColumnElement[bool]], limit: int) -> list[TurnRecord]:
    """Return turns of the tenant, the newest first."""
    in_time = (turn.c.accepted_at.desc(), turn.c.sequence.desc(), turn.c.id.desc())
    chosen = select(turn.c.id).where(turn.c.tenant == tenant, *where).order_by(*in_time).limit(limit)
    ids = connection.execute(chosen).scalars().all()
    found = _records(connection, tenant, ids)
    return [found[name] for name in ids]


def _records(
    connection: Connection, tenant: str, ids: Sequence[str], *where: ColumnElement[bool]
) -> dict[str, TurnRecord]:
    """Return the turns of the tenant that have one of these ids, by id, each with who holds its account."""
    held = turn.outerjoin(lease, and_(lease.c.tenant == turn.c.tenant, lease.c.account == turn.c.account))
    wanted = (
        select(turn.c.accepted_at, lease.c.owner, *_columns).select_from(held).where(turn.c.tenant == tenant, *where)
    )
    found: dict[str, TurnRecord] = {}
    for start in range(0, len(ids), _AT_ONCE):
        mine = wanted.where(turn.c.id.in_(ids[start : start + _AT_ONCE])).order_by(turn.c.tenant, turn.c.id)
        for row in connection.execute(mine):
            accepted_at, owner, *columns = tuple[Any, ...](row)
            record = TurnRecord(turn=turn_of(columns), accepted_at=accepted_at, held_by=owner or "")
            found[record.turn.id] = record
    return found


def _moved(
    connection: Connection, key: AccountKey, turn_id: str, states: tuple[TurnState, ...], moved: Row
) -> Turn | None:
    """Move a turn that is in one of these states, and return it as it is then."""
    mine = and_(of_account(turn, key), turn.c.id == turn_id, turn.c.state.in_(states))
    connection.execute(update(turn).where(mine).values(moved))
    return queries.turn(connection, key, turn_id)


def _firsts(connection: Connection, tenant: str, limit: int) -> list[Turn]:
    """Return the accounts' first accepted turns, the longest waiting first."""
    ids: Sequence[str] = connection.execute(_HEADS, {"of": tenant, "most": limit}).scalars().all()
    found = _records(connection, tenant, ids)
    return [found[name].turn for name in ids]


def _queue(connection: Connection, tenant: str) -> QueueState:
    """Return how the tenant's turns fare."""
    waiting, oldest = connection.execute(_LEFT, {"of": tenant, "most": _MOST_COUNTED}).one()
    running, failed = (connection.execute(counted, {"of": tenant}).scalar_one() for counted in (_AT_WORK, _FAILED))
    return QueueState(waiting=waiting, running=running, failed=failed, oldest=oldest)


def _put_signals(connection: Connection, key: AccountKey, turn_id: str, rows: Sequence[Row]) -> None:
    """Insert signals that are new, of a turn that is there."""
    if rows and connection.execute(_KNOWN, owned(key, turn=turn_id)).first() is not None:
        connection.execute(_PUT_SIGNALS, rows)
