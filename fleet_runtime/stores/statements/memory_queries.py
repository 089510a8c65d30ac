"""What is read of an account's memory: events, facts, commitments, digests, vectors. Writes nothing.

Every query names the account's number, which is looked up by tenant and account in the same statement
or transaction; only the scans for work left look at all accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    ScalarSelect,
    Table,
    and_,
    case,
    func,
    or_,
    select,
    type_coerce,
)

from fleet_runtime.ports import RankingRows
from fleet_runtime.records import AccountKey, AccountState, Commitment, Digest, Event, Fact
from fleet_runtime.stores.common.caching import Kept, Place
from fleet_runtime.stores.common.choosing import FactFilter
from fleet_runtime.stores.schema import tables
from fleet_runtime.stores.schema.rows import Remembered, columns_of, value_of
from fleet_runtime.stores.statements import queries
from fleet_runtime.stores.statements.queries import of_account

_AT_ONCE = 500
"""Ids asked for in one statement; SQLite bounds the variables of one."""


def number_of(key: AccountKey) -> ScalarSelect[int]:
    """Return the account's number as part of a statement; no row is anybody's where there is no such account."""
    return select(tables.account.c.number).where(of_account(tables.account, key)).scalar_subquery()


def of_number(table: Table, key: AccountKey) -> ColumnElement[bool]:
    """Return the condition that a row of ``table`` is the account's."""
    return table.c.account_number == number_of(key)


def account_state(connection: Connection, key: AccountKey) -> AccountState:
    """Return all of the account's rows."""
    place = queries.place(connection, key)
    return AccountState(
        key=key,
        version=0 if place is None else place.version,
        events=_all(connection, Event, tables.event, key, tables.event.c.at),
        facts=_all(connection, Fact, tables.fact, key, tables.fact.c.known_from),
        commitments=commitments(connection, key),
        digests=_all(connection, Digest, tables.digest, key, tables.digest.c.id),
        turns=queries.turns(connection, key),
        pins=queries.pins_of(connection, key),
    )


def state_since(connection: Connection, key: AccountKey, kept: Kept | None) -> tuple[Place | None, AccountState]:
    """Read an account's rows, or only what may have come in since they were kept."""
    place = queries.place(connection, key)
    if kept is None or place != kept.place:
        return place, account_state(connection, key)
    unsettled = kept.unsettled
    if len(unsettled) > _AT_ONCE:
        return place, account_state(connection, key)
    news = queries.turns(connection, key, after=kept.last_sequence, again=unsettled)
    if not news:
        return place, kept.state
    turns = {turn.sequence: turn for turn in (*kept.state.turns, *news)}
    return place, kept.state.model_copy(update={"turns": tuple(turns.values())})


def events(connection: Connection, key: AccountKey, ids: Sequence[str]) -> tuple[Event, ...]:
    """Return the account's events of those ids, by time and then by id."""
    found: list[Event] = []
    for wanted in _portions(ids):
        chosen = select(*columns_of(Event, tables.event)).where(
            of_number(tables.event, key), tables.event.c.id.in_(wanted)
        )
        found += [value_of(Event, row) for row in connection.execute(chosen)]
    return tuple(sorted(found, key=lambda event: (event.at, event.id)))


def stored_ids(connection: Connection, table: Table, column: str, number: int, ids: Sequence[str]) -> set[str]:
    """Return which of ``ids`` stand in that column of the account's rows."""
    found: set[str] = set()
    for wanted in _portions(ids):
        chosen = select(table.c[column]).where(table.c.account_number == number, table.c[column].in_(wanted))
        found.update(connection.execute(chosen).scalars())
    return found


def facts(connection: Connection, key: AccountKey, wanted: FactFilter) -> tuple[Fact, ...]:
    """Return the facts that are wanted, by key, subject and validity."""
    table = tables.fact
    known = (table.c.known_from, table.c.known_to)
    believed = known[1].is_(None) if wanted.known_at is None else _covers(*known, wanted.known_at)
    conditions = [of_number(table, key), believed]
    if wanted.holding_at is not None:
        conditions.append(_covers(table.c.valid_from, table.c.valid_to, wanted.holding_at))
    if wanted.lasting_at is not None:
        conditions.append(or_(table.c.valid_to.is_(None), table.c.valid_to > wanted.lasting_at))
    if wanted.names is not None:
        conditions.append(table.c.key.in_(wanted.names))
    chosen = select(*columns_of(Fact, table)).where(*conditions)
    rows = connection.execute(chosen.order_by(table.c.key, table.c.subject, table.c.valid_from, table.c.id))
    return tuple(value_of(Fact, row) for row in rows)


def _covers(start: Column[datetime], end: Column[datetime], moment: datetime) -> ColumnElement[bool]:
    """Return the condition that a span, whose end may be open, covers a moment."""
    return and_(start <= moment, or_(end.is_(None), end > moment))


def commitments(connection: Connection, key: AccountKey) -> tuple[Commitment, ...]:
    """Return the account's commitments, by time and then by id."""
    return _all(connection, Commitment, tables.commitment, key, tables.commitment.c.at)


def ranking_rows(connection: Connection, key: AccountKey, encoder: str, unless: int | None) -> RankingRows | None:
    """Return the columns by which the account's events are ranked, or None if their version is still ``unless``."""
    place = queries.place(connection, key)
    if (0 if place is None else place.stamp) == unless:
        return None
    if place is None:
        return RankingRows(0, (), (), (), (), ())
    event, vector = tables.event, tables.vector
    columns = [event.c.id, type_coerce(event.c.at, BigInteger), event.c.kind, event.c.author, event.c.terms]
    made = encoder_number(connection, encoder) if encoder else None
    embedded = made is not None and _encoder_of(connection, place.number) == made
    if embedded:
        same = and_(vector.c.account_number == event.c.account_number, vector.c.event_id == event.c.id)
        chosen = select(*columns, vector.c.data).select_from(event.outerjoin(vector, same))
    else:
        chosen = select(*columns)
    mine = chosen.where(event.c.account_number == place.number).order_by(event.c.at, event.c.id)
    read = list(zip(*connection.execute(mine), strict=True)) or [()] * len(columns)
    ids, at, kinds, authors, terms, *vectors = read
    return RankingRows(place.stamp, ids, at, kinds, authors, terms, encoder if vectors else "", *vectors)


def unembedded(
    connection: Connection, encoder: str, limit: int, key: AccountKey | None
) -> list[tuple[AccountKey, Event]]:
    """Return up to ``limit`` events without a vector by ``encoder``, the newest first."""
    account, event, vector = tables.account, tables.event, tables.vector
    known = encoder_number(connection, encoder) or 0
    waiting = select(account).where(or_(account.c.encoder != known, account.c.embedded < account.c.events))
    if key is not None:
        waiting = waiting.where(of_account(account, key))
    found: list[tuple[AccountKey, Event]] = []
    for row in connection.execute(waiting.where(account.c.events > 0).order_by(account.c.number)).mappings():
        owner = AccountKey(tenant=row["tenant"], account=row["account"])
        chosen = select(*columns_of(Event, event)).where(event.c.account_number == row["number"])
        if row["encoder"] == known:
            has = select(vector.c.event_id).where(
                vector.c.account_number == event.c.account_number, vector.c.event_id == event.c.id
            )
            chosen = chosen.where(~has.exists())
        newest = chosen.order_by(event.c.at.desc(), event.c.id).limit(limit - len(found))
        found += [(owner, value_of(Event, each)) for each in connection.execute(newest)]
        if len(found) >= limit:
            break
    return found


def backlog(connection: Connection, encoder: str, key: AccountKey | None) -> int:
    """Return how many events have no vector by ``encoder``, in one account or in all."""
    account = tables.account
    known = encoder_number(connection, encoder) or 0
    missing = account.c.events - case((account.c.encoder == known, account.c.embedded), else_=0)
    counted = select(func.coalesce(func.sum(missing), 0))
    if key is not None:
        counted = counted.where(of_account(account, key))
    return int(connection.execute(counted).scalar_one())


def encoder_number(connection: Connection, name: str) -> int | None:
    """Return the number of an encoder that has made vectors here, or None."""
    found = select(tables.encoder.c.number).where(tables.encoder.c.name == name)
    return connection.execute(found).scalar_one_or_none()


def unlearned(connection: Connection) -> list[tuple[AccountKey, Event]]:
    """Return the events that await learning, by account, time and id."""
    event, learning, account = tables.event, tables.learning, tables.account
    same = and_(event.c.account_number == learning.c.account_number, event.c.id == learning.c.event_id)
    found = (
        select(account.c.tenant, account.c.account, *columns_of(Event, event))
        .select_from(learning.join(event, same).join(account, account.c.number == event.c.account_number))
        .order_by(account.c.tenant, account.c.account, event.c.at, event.c.id)
    )
    return [
        (AccountKey(tenant=row["tenant"], account=row["account"]), value_of(Event, list(row.values())[2:]))
        for row in connection.execute(found).mappings()
    ]


def _all(
    connection: Connection, kind: type[Remembered], table: Table, key: AccountKey, by: ColumnElement[object]
) -> tuple[Remembered, ...]:
    """Return the account's values of a kind, by a column and then by id."""
    found = select(*columns_of(kind, table)).where(of_number(table, key)).order_by(by, table.c.id)
    return tuple(value_of(kind, row) for row in connection.execute(found))


def _encoder_of(connection: Connection, number: int) -> int:
    """Return the number of the encoder that made an account's vectors; 0 for none."""
    found = select(tables.account.c.encoder).where(tables.account.c.number == number)
    return int(connection.execute(found).scalar_one())


def _portions(ids: Sequence[str]) -> list[list[str]]:
    """Cut ids, each once, into portions that fit into a statement."""
    each = list(dict.fromkeys(ids))
    return [each[start : start + _AT_ONCE] for start in range(0, len(each), _AT_ONCE)]
