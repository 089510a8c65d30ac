"""The book of a fleet that keeps nothing when it ends: the verbs of `fleet_runtime.books.Books` over plain dicts.

It promises what `fleet_runtime.stores.sql.books` promises, within one process, and loads no database. The rows lie with
the account's memory in a `MemoryStore`: what is erased there is gone here. A verb runs whole, without waiting for
anything, so that no other comes in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from pydantic_core import PydanticSerializationError

from fleet_runtime.bookkeeping import BookRow, Place, book_of, laid_beside, place_of, refuse_unmeasured, rows_of
from fleet_runtime.books import AccountBook, Kept, Outcome, Versions
from fleet_runtime.errors import StoreError
from fleet_runtime.records import AccountKey
from fleet_runtime.records.book import MotionRun, Notice, ProductState, Signals, WorkProduct
from fleet_runtime.stores.memory.accounts import Accounts
from fleet_runtime.stores.memory.store import MemoryStore

Found = TypeVar("Found", Notice, WorkProduct)


class MemoryBooks:
    """The books of all accounts in one process. Once its store is closed every verb raises `StoreError`."""

    def __init__(self, store: MemoryStore) -> None:
        """Stand beside the memory of the same accounts."""
        self._store = store

    async def put_signals(self, key: AccountKey, signals: Signals) -> Kept:
        """Keep imported rows; an unknown account is opened.

        A row that says the same as the last version of its week (invoice, details) is passed over, ``source`` and
        ``known_from`` aside; one that says otherwise becomes a further version. Of versions known from the same
        moment on, the later replaces the earlier one.

        Raises: StoreError, also for a figure that is no number; nothing was written then.
        """
        return await self.put_back(AccountBook(key, signals=signals))

    async def put_back(self, book: AccountBook) -> Kept:
        """Put rows of an earlier export back; what is on record stays, save that a row that came further is carried on.

        Signals are kept as `put_signals` keeps them; a notice that is open may get its end, a work product what became
        of it later. ``book.version`` does not matter; an unknown account is opened.

        Raises: as `put_signals`.
        """
        accounts = self._accounts
        refuse_unmeasured(book)
        _check_unicode(rows_of(book))
        rows = accounts.get(book.key) or accounts.opened(book.key)
        news = laid_beside(rows.book, book)
        if news.rows:
            changed = {place_of(row): row for row in (*rows_of(rows.book), *news.rows)}
            accounts.put_book(book_of(rows.book, changed.values()))
        return news.kept

    async def book(self, key: AccountKey) -> AccountBook:
        """Return an account's book; that of an unknown account is empty and of version 0.

        Raises: StoreError.
        """
        rows = self._accounts.get(key)
        return rows.book if rows else AccountBook(key)

    async def books(self, tenant: str, accounts: Sequence[str]) -> list[AccountBook]:
        """Return the books of several accounts, in their order.

        Raises: StoreError.
        """
        return [await self.book(AccountKey(tenant=tenant, account=account)) for account in accounts]

    async def versions(self, tenant: str) -> Mapping[str, Versions]:
        """Return the versions of all the tenant's accounts, by id, sorted.

        Raises: StoreError.
        """
        mine = self._accounts.of_tenant(tenant)
        return {rows.key.account: Versions(rows.place.version, rows.book.version) for rows in mine}

    async def commit(self, outcomes: Sequence[Outcome]) -> tuple[bool, ...]:
        """Write outcomes together; tell of each whether it was new.

        One whose run (account, motion, due) is on record already is left out, also within ``outcomes``; so is that of
        an account that the store does not know: it was erased meanwhile, and nothing of it comes back. A notice or a
        work product whose id is on record stays as it is, and a notice that is closed stays closed as it was.

        Raises: StoreError; then none was written.
        """
        accounts = self._accounts
        for one in outcomes:
            _check_unicode((one.run, *one.notices, *one.closed, *one.products))
        fresh: dict[AccountKey, list[Outcome]] = {}
        told = [_is_new(accounts, one, fresh.setdefault(one.key, [])) for one in outcomes]
        for key, of_account in fresh.items():
            rows = accounts.get(key)
            if rows is not None and of_account:
                accounts.put_book(_with_outcomes(rows.book, of_account))
        return tuple(told)

    async def change_product(  # noqa: PLR0913 - what changes, and when
        self, key: AccountKey, product_id: str, state: ProductState, *, approval: str, outcome: str, at: datetime
    ) -> WorkProduct | None:
        """Note what became of a work product, and return it as it is now; None if there is none of that id.

        Raises: StoreError.
        """
        book = await self.book(key)
        stored = _found(book.products, product_id)
        if stored is None:
            return None
        became = {"state": state, "approval": approval, "outcome": outcome, "changed_at": at}
        return self._replaced(book, stored, stored.model_copy(update=became))

    async def close_notice(self, key: AccountKey, notice_id: str, on: date, outcome: str) -> Notice | None:
        """Note that a notice is over, and return it; one that is closed stays as it is. None if there is none.

        Raises: StoreError.
        """
        book = await self.book(key)
        stored = _found(book.notices, notice_id)
        if stored is None or stored.closed_on is not None:
            return stored
        return self._replaced(book, stored, stored.model_copy(update={"closed_on": on, "outcome": outcome}))

    async def notices(self, tenant: str, since: date, until: date) -> list[tuple[AccountKey, Notice]]:
        """Return what was raised from ``since`` to ``until``, both included, by day, account and id.

        Raises: StoreError.
        """
        books = (rows.book for rows in self._accounts.of_tenant(tenant))
        found = [(book.key, one) for book in books for one in book.notices if since <= one.on <= until]
        return sorted(found, key=lambda one: (one[1].on, one[0].account, one[1].id))

    async def runs(self, tenant: str, since: date, until: date) -> list[tuple[AccountKey, MotionRun]]:
        """Return the runs that were due from ``since`` to ``until``, both included, by day, account and motion.

        Raises: StoreError.
        """
        books = (rows.book for rows in self._accounts.of_tenant(tenant))
        found = [(book.key, one) for book in books for one in book.runs if since <= one.due <= until]
        return sorted(found, key=lambda one: (one[1].due, one[0].account, one[1].motion))

    async def products(self, tenant: str, states: Sequence[ProductState] = ()) -> list[tuple[AccountKey, WorkProduct]]:
        """Return work products of some states (none: all), by day, account and id.

        Raises: StoreError.
        """
        books = (rows.book for rows in self._accounts.of_tenant(tenant))
        found = [(book.key, one) for book in books for one in book.products if not states or one.state in states]
        return sorted(found, key=lambda one: (one[1].on, one[0].account, one[1].id))

    async def mark(self, tenant: str, scan: str) -> datetime | None:
        """Return up to when a scan for due motions has come, or None if it never ran.

        Raises: StoreError.
        """
        return self._accounts.marks.get((tenant, scan))

    async def move_mark(self, tenant: str, scan: str, seen: datetime | None, to: datetime) -> bool:
        """Note that a scan has come up to then; False if another process moved it since ``seen``.

        Raises: StoreError.
        """
        marks = self._accounts.marks
        if marks.get((tenant, scan)) != seen:
            return False
        marks[tenant, scan] = to
        return True

    @property
    def _accounts(self) -> Accounts:
        """Return the accounts.

        Raises: StoreError if the store is closed.
        """
        return self._store.everything

    def _replaced(self, book: AccountBook, stored: Found, now_is: Found) -> Found:
        """Put a changed row in place of the one on record, and return it."""
        _check_unicode((now_is,))
        if now_is != stored:
            changed = _by_place(book)
            changed[place_of(now_is)] = now_is
            self._accounts.put_book(_with_others(book, changed.values()))
        return now_is


def _is_new(accounts: Accounts, outcome: Outcome, fresh: list[Outcome]) -> bool:
    """Tell whether an outcome is to be written, and have it among the fresh ones of its account if it is."""
    rows = accounts.get(outcome.key)
    if rows is None:
        return False
    name = place_of(outcome.run)
    known = (*rows.book.runs, *(one.run for one in fresh))
    if any(place_of(run) == name for run in known):
        return False
    fresh.append(outcome)
    return True


def _with_outcomes(book: AccountBook, outcomes: Sequence[Outcome]) -> AccountBook:
    """Return a book with what several outcomes bring: first all that is new, then what ends."""
    rows = _by_place(book)
    for one in outcomes:
        brings: tuple[BookRow, ...] = (one.run, *one.notices, *one.products)
        for row in brings:
            rows.setdefault(place_of(row), row)
    for notice in (closed for one in outcomes for closed in one.closed):
        stored = rows.setdefault(place_of(notice), notice)
        if isinstance(stored, Notice) and stored.closed_on is None:
            ends = {"closed_on": notice.closed_on, "outcome": notice.outcome}
            rows[place_of(notice)] = stored.model_copy(update=ends)
    return _with_others(book, rows.values())


def _by_place(book: AccountBook) -> dict[Place, BookRow]:
    """Return the rows of a book that no import brings, by what they are known by."""
    rows: tuple[BookRow, ...] = (*book.notices, *book.runs, *book.products)
    return {place_of(row): row for row in rows}


def _with_others(book: AccountBook, rows: Iterable[BookRow]) -> AccountBook:
    """Return a book that has its signals, and these rows instead of its others."""
    return book_of(book, rows)._replace(signals=book.signals)


def _found(rows: Iterable[Found], name: str) -> Found | None:
    """Return the row of an id, or None."""
    return next((row for row in rows if row.id == name), None)


def _check_unicode(rows: Iterable[BookRow]) -> None:
    """Refuse what no database could keep: nothing is to depend on where a fleet remembers.

    Raises: StoreError.
    """
    try:
        for row in rows:
            row.model_dump_json(exclude_defaults=True)
    except PydanticSerializationError as error:
        raise StoreError(
            "store in memory: a text is not valid Unicode", hint="remove lone surrogates; nothing was written"
        ) from error
