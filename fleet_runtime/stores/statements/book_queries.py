"""What is read of the book from an open connection. Writes nothing.

An account's rows come in one statement, and each is checked as it is read. Of many accounts the garbage collector takes
almost as long as all the rest, and finds nothing: it is spared that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Final, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Table,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)

from fleet_runtime.bookkeeping import KINDS, book_of
from fleet_runtime.books import AccountBook, Versions
from fleet_runtime.machine import without_collecting
from fleet_runtime.records import AccountKey
from fleet_runtime.records.book import MotionRun, Notice, ProductState, WorkProduct
from fleet_runtime.stores.common.caching import Place
from fleet_runtime.stores.schema import book_tables, tables
from fleet_runtime.stores.schema.columns import Words
from fleet_runtime.stores.schema.rows import owned
from fleet_runtime.stores.statements.prepared import Prepared
from fleet_runtime.stores.statements.queries import given_account

TABLES: Final[Mapping[str, Table]] = {
    "details": book_tables.details,
    "week": book_tables.week,
    "invoice": book_tables.invoice,
    "notice": book_tables.notice,
    "motion_run": book_tables.motion_run,
    "work_product": book_tables.work_product,
}
"""The tables by the kinds of `fleet_runtime.bookkeeping.KINDS`."""

AT_ONCE: Final = 500
"""Values asked for in one statement; SQLite bounds the variables of one."""

_SIGNALS: Final = ("details", "week", "invoice")

Bodied = TypeVar("Bodied", Notice, MotionRun, WorkProduct)
Item = TypeVar("Item")

_account, _portfolio = tables.account, book_tables.portfolio
_version = func.coalesce(_portfolio.c.version, literal_column("0", Integer))
_with_portfolio = _account.outerjoin(_portfolio, _portfolio.c.account_number == _account.c.number)

_PLACE = Prepared(select(_account.c.number, _version).select_from(_with_portfolio).where(given_account(_account)))
_VERSIONS = Prepared(
    select(_account.c.account, _account.c.version, _version)
    .select_from(_with_portfolio)
    .where(_account.c.tenant == bindparam("tenant"))
    .order_by(_account.c.account)
)


def _bodies(kinds: Iterable[str]) -> Prepared:
    """Return the statement for an account's rows of some kinds."""
    of_kinds = (
        select(literal_column(f"'{kind}'", Words), TABLES[kind].c.body).where(
            TABLES[kind].c.account_number == bindparam("number")
        )
        for kind in kinds
    )
    return Prepared(union_all(*of_kinds))


_ALL_BODIES, _SIGNAL_BODIES = _bodies(KINDS), _bodies(_SIGNALS)


def book_place(connection: Connection, key: AccountKey) -> Place | None:
    """Return the account's number and its book's version, 0 for an empty book; None for an unknown account."""
    found = _PLACE.first(connection, owned(key))
    return None if found is None else Place(*found)


def book(connection: Connection, key: AccountKey) -> AccountBook:
    """Return an account's book."""
    place = book_place(connection, key)
    empty = AccountBook(key)
    return empty if place is None or not place.version else stored_book(connection, empty, place)


def books(connection: Connection, keys: Sequence[AccountKey]) -> list[AccountBook]:
    """Return the books of several accounts, in their order."""
    with without_collecting():
        return [book(connection, key) for key in keys]


def stored_book(connection: Connection, empty: AccountBook, place: Place, *, only_signals: bool = False) -> AccountBook:
    """Fill an empty book with the rows of the account that has its place there.

    Raises: ValidationError where one is damaged.
    """
    wanted = _SIGNAL_BODIES if only_signals else _ALL_BODIES
    rows = wanted.run(connection, {"number": place.number}).fetchall()
    return book_of(empty, (KINDS[kind].model_validate_json(body) for kind, body in rows))._replace(
        version=place.version
    )


def versions(connection: Connection, tenant: str) -> dict[str, Versions]:
    """Return the versions of all the tenant's accounts, by id."""
    found = _VERSIONS.run(connection, {"tenant": tenant}).fetchall()
    return {account: Versions(memory, book) for account, memory, book in found}


def notices(connection: Connection, tenant: str, since: date, until: date) -> list[tuple[AccountKey, Notice]]:
    """Return what was raised in a span of days, by day, account and id."""
    table = book_tables.notice
    found = _of_tenant(connection, Notice, table, tenant, *_within(table.c.day, since, until))
    return sorted(found, key=lambda one: (one[1].on, one[0].account, one[1].id))


def runs(connection: Connection, tenant: str, since: date, until: date) -> list[tuple[AccountKey, MotionRun]]:
    """Return the runs that were due in a span of days, by day, account and motion."""
    table = book_tables.motion_run
    found = _of_tenant(connection, MotionRun, table, tenant, *_within(table.c.due, since, until))
    return sorted(found, key=lambda one: (one[1].due, one[0].account, one[1].motion))


def products(
    connection: Connection, tenant: str, states: Sequence[ProductState]
) -> list[tuple[AccountKey, WorkProduct]]:
    """Return work products of some states (none: all), by day, account and id."""
    table = book_tables.work_product
    conditions = [table.c.state.in_(states)] if states else []
    found = _of_tenant(connection, WorkProduct, table, tenant, *conditions)
    return sorted(found, key=lambda one: (one[1].on, one[0].account, one[1].id))


def portions(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Cut items into portions that fit into a statement."""
    left = iter(items)
    while portion := list(islice(left, AT_ONCE)):
        yield portion


def _within(day: Column[str], since: date, until: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a day lies in a span, its ends included."""
    return day >= since.isoformat(), day <= until.isoformat()


def _of_tenant(
    connection: Connection, kind: type[Bodied], table: Table, tenant: str, *conditions: ColumnElement[bool]
) -> list[tuple[AccountKey, Bodied]]:
    """Return the rows of a tenant's accounts that meet some conditions."""
    joined = table.join(_account, _account.c.number == table.c.account_number)
    chosen = select(_account.c.account, table.c.body).select_from(joined)
    found = connection.execute(chosen.where(_account.c.tenant == tenant, *conditions))
    return [(AccountKey(tenant=tenant, account=account), kind.model_validate_json(body)) for account, body in found]
