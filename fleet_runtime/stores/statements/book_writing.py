"""What is written of the book, in an open transaction. Commits nothing itself.

The caller is alone with the accounts from the beginning, so what is looked up here still holds when it is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Integer, Table, bindparam, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import insert as put  # SQLite takes its upserts too, and not the other way round

from fleet_runtime.bookkeeping import KINDS, BookRow, laid_beside, refuse_unmeasured
from fleet_runtime.books import AccountBook, Kept, Outcome
from fleet_runtime.records import AccountKey
from fleet_runtime.records.book import Notice, ProductState, WorkProduct
from fleet_runtime.stores.common.caching import Place
from fleet_runtime.stores.schema import book_tables, tables
from fleet_runtime.stores.schema.columns import micros
from fleet_runtime.stores.schema.rows import Row
from fleet_runtime.stores.statements.book_queries import TABLES, book_place, portions, stored_book
from fleet_runtime.stores.statements.prepared import Prepared
from fleet_runtime.stores.statements.turning import open_account

_KIND_NAMES: Final[Mapping[type[BookRow], str]] = {kind: name for name, kind in KINDS.items()}
_FOUND_BY: Final[Mapping[str, Mapping[str, str]]] = {
    "details": {"known_from": "known_from"},
    "week": {"start": "start", "known_from": "known_from"},
    "invoice": {"number": "number", "known_from": "known_from"},
    "notice": {"id": "id", "day": "on"},
    "motion_run": {"motion": "motion", "due": "due"},
    "work_product": {"id": "id", "state": "state"},
}
"""What rows are found by: a column, and the field that it shows."""


def _putting(table: Table, *, over: bool) -> Prepared:
    """Return the statement that writes a row, over the one of its key or only where there is none."""
    putting = put(table)
    key = list(table.primary_key.columns)
    if not over:
        return Prepared(putting.on_conflict_do_nothing(index_elements=key))
    rest = {column.name: putting.excluded[column.name] for column in table.columns if column not in key}
    return Prepared(putting.on_conflict_do_update(index_elements=key, set_=rest))


_PUT = {kind: _putting(table, over=True) for kind, table in TABLES.items()}
_ADD = {kind: _putting(table, over=False) for kind, table in TABLES.items()}
_portfolio = book_tables.portfolio
_MOVE = Prepared(
    put(_portfolio).on_conflict_do_update(
        index_elements=[_portfolio.c.account_number],
        set_={"version": _portfolio.c.version + literal_column("1", Integer)},
    )
)
_LAST_ERASED = Prepared(select(func.max(tables.erasure.c.version)))
"""What is read of an account before it is erased never passes for the book of a later one."""


def _body_of(table: Table) -> Prepared:
    """Return the statement for one row's value, by its account's number and its id."""
    mine = (table.c.account_number == bindparam("number"), table.c.id == bindparam("id"))
    return Prepared(select(table.c.body).where(*mine))


_NOTICE, _PRODUCT = _body_of(book_tables.notice), _body_of(book_tables.work_product)


def keep(connection: Connection, given: AccountBook, now: datetime) -> Kept:
    """Write what of some rows is new to an account's book, and open the account if it is unknown.

    Raises: StoreError for a figure that is no number.
    """
    refuse_unmeasured(given)
    place = book_place(connection, given.key)
    if place is None:
        place = Place(open_account(connection, given.key, now).number, 0)
    only_signals = not (given.notices or given.runs or given.products)
    stored = stored_book(connection, AccountBook(given.key), place, only_signals=only_signals)
    news = laid_beside(stored, given)
    if news.rows:
        for kind, rows in _by_kind((place.number, row) for row in news.rows).items():
            _PUT[kind].run_many(connection, rows)
        _move(connection, (place.number,))
    return news.kept


def commit(connection: Connection, outcomes: Sequence[Outcome]) -> tuple[bool, ...]:
    """Write the outcomes whose runs are not on record; tell of each whether it was written."""
    numbers = _numbers(connection, dict.fromkeys(one.key for one in outcomes))
    known = _known_runs(connection, [one for one in outcomes if one.key in numbers], numbers)
    fresh: list[tuple[int, Outcome]] = []
    told: list[bool] = []
    for one in outcomes:
        number = numbers.get(one.key, 0)
        name = (number, one.run.motion, one.run.due.isoformat())
        told.append(bool(number) and name not in known)
        if told[-1]:
            known.add(name)
            fresh.append((number, one))
    rows: list[tuple[int, BookRow]] = []
    for number, one in fresh:
        rows += [(number, one.run), *((number, row) for row in one.notices)]
        rows += [(number, row) for row in one.products]
    for kind, of_kind in _by_kind(rows).items():
        _ADD[kind].run_many(connection, of_kind)
    for number, one in fresh:
        for notice in one.closed:
            _close(connection, number, notice)
    _move(connection, {number for number, _ in fresh})
    return tuple(told)


def change_product(  # noqa: PLR0913 - what changes, and when
    connection: Connection, key: AccountKey, product_id: str, state: ProductState, *, approval: str, outcome: str,
    at: datetime,
) -> WorkProduct | None:  # fmt: skip
    """Note what became of a work product, and return it; None if there is none of that id."""
    place = book_place(connection, key)
    body = place and _PRODUCT.first(connection, {"number": place.number, "id": product_id})
    if place is None or body is None:
        return None
    stored = WorkProduct.model_validate_json(body[0])
    now_is = stored.model_copy(update={"state": state, "approval": approval, "outcome": outcome, "changed_at": at})
    if now_is != stored:
        _PUT["work_product"].run(connection, _row_of(place.number, "work_product", now_is))
        _move(connection, (place.number,))
    return now_is


def close_notice(connection: Connection, key: AccountKey, notice_id: str, on: date, outcome: str) -> Notice | None:
    """Note that a notice is over, and return it as it is then; None if there is none of that id."""
    place = book_place(connection, key)
    stored = None if place is None else _notice(connection, place.number, notice_id)
    if place is None or stored is None or stored.closed_on is not None:
        return stored
    now_is = stored.model_copy(update={"closed_on": on, "outcome": outcome})
    _close(connection, place.number, now_is)
    _move(connection, (place.number,))
    return now_is


def _close(connection: Connection, number: int, notice: Notice) -> None:
    """Give a notice its end, if it is open; one that is not on record is kept as it is given."""
    stored = _notice(connection, number, notice.id)
    if stored is None or stored.closed_on is None:
        ends = {"closed_on": notice.closed_on, "outcome": notice.outcome}
        now_is = notice if stored is None else stored.model_copy(update=ends)
        _PUT["notice"].run(connection, _row_of(number, "notice", now_is))


def _notice(connection: Connection, number: int, notice_id: str) -> Notice | None:
    """Return a notice, or None."""
    body = _NOTICE.first(connection, {"number": number, "id": notice_id})
    return None if body is None else Notice.model_validate_json(body[0])


def _move(connection: Connection, numbers: Collection[int]) -> None:
    """Give books their next versions."""
    (erased,) = _LAST_ERASED.first(connection, {})
    first = (erased or 0) + 1
    _MOVE.run_many(connection, [{"account_number": number, "version": first} for number in sorted(numbers)])


def _numbers(connection: Connection, keys: Collection[AccountKey]) -> dict[AccountKey, int]:
    """Return the numbers of those accounts that are known."""
    account = tables.account
    numbers: dict[AccountKey, int] = {}
    for tenant in {key.tenant for key in keys}:
        for names in portions(key.account for key in keys if key.tenant == tenant):
            known = select(account.c.account, account.c.number).where(
                account.c.tenant == tenant, account.c.account.in_(names)
            )
            found = connection.execute(known)
            numbers.update((AccountKey(tenant=tenant, account=name), number) for name, number in found)
    return numbers


def _known_runs(
    connection: Connection, outcomes: Sequence[Outcome], numbers: Mapping[AccountKey, int]
) -> set[tuple[int, str, str]]:
    """Return which runs of some outcomes are on record."""
    table = book_tables.motion_run
    name = (table.c.account_number, table.c.motion, table.c.due)
    wanted = [(numbers[one.key], one.run.motion, one.run.due.isoformat()) for one in outcomes]
    found: set[tuple[int, str, str]] = set()
    for portion in portions(wanted):
        rows = connection.execute(select(*name).where(tuple_(*name).in_(portion)))
        found.update((number, motion, due) for number, motion, due in rows)
    return found


def _by_kind(rows: Iterable[tuple[int, BookRow]]) -> dict[str, list[Row]]:
    """Return rows to write, by kind."""
    by_kind: dict[str, list[Row]] = {}
    for number, row in rows:
        kind = _KIND_NAMES[type(row)]
        by_kind.setdefault(kind, []).append(_row_of(number, kind, row))
    return by_kind


def _row_of(number: int, kind: str, row: BookRow) -> Row:
    """Return the row of a value: what it is found by, and all of it."""
    found_by = {column: _plain(getattr(row, field)) for column, field in _FOUND_BY[kind].items()}
    return {"account_number": number, **found_by, "body": row.model_dump_json(exclude_defaults=True)}


def _plain(value: Any) -> object:  # noqa: ANN401 - a field of any kind
    """Write a time as a number and a day as text, as the tables have them."""
    if isinstance(value, datetime):
        return micros(value)
    return value.isoformat() if isinstance(value, date) else value
