"""The book on SQL: the verbs of `fleet_runtime.books.Books`, each one transaction. Decides nothing about an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from fleet_runtime.books import AccountBook, Kept, Outcome, Versions
from fleet_runtime.ports import Clock
from fleet_runtime.records import AccountKey
from fleet_runtime.records.book import MotionRun, Notice, ProductState, Signals, WorkProduct
from fleet_runtime.stores.databases.database import Database
from fleet_runtime.stores.statements import book_queries, book_writing
from fleet_runtime.stores.statements.marking import mark_of, move_mark


class SqlBooks:
    """The books of all accounts in one database, beside their memory: an account that is erased there is gone here."""

    def __init__(self, database: Database, now: Clock) -> None:
        """Speak to an open database, which somebody else closes; ``now`` stamps when an account was opened."""
        self._database = database
        self._now = now

    async def put_signals(self, key: AccountKey, signals: Signals) -> Kept:
        """Keep imported rows; an unknown account is opened.

        A row that says the same as the last version of its week (invoice, details) is passed over, ``source`` and
        ``known_from`` aside; one that says otherwise becomes a further version. Of versions known from the same
        moment on, the later replaces the earlier one.

        Raises: StoreFull, StoreError, also for a figure that is no number; nothing was written then.
        """
        return await self.put_back(AccountBook(key, signals=signals))

    async def put_back(self, book: AccountBook) -> Kept:
        """Put rows of an earlier export back; what is on record stays, save that a row that came further is carried on.

        Signals are kept as `put_signals` keeps them; a notice that is open may get its end, a work product what became
        of it later. ``book.version`` does not matter; an unknown account is opened.

        Raises: as `put_signals`.
        """
        now = self._now()
        return await self._database.write(lambda connection: book_writing.keep(connection, book, now), book.key)

    async def book(self, key: AccountKey) -> AccountBook:
        """Return an account's book; that of an unknown account is empty and of version 0.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: book_queries.book(connection, key))

    async def books(self, tenant: str, accounts: Sequence[str]) -> list[AccountBook]:
        """Return the books of several accounts, in their order, as of one moment.

        Raises: StoreError.
        """
        keys = [AccountKey(tenant=tenant, account=account) for account in accounts]
        return await self._database.read(lambda connection: book_queries.books(connection, keys))

    async def versions(self, tenant: str) -> Mapping[str, Versions]:
        """Return the versions of all the tenant's accounts, by id, sorted.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: book_queries.versions(connection, tenant))

    async def commit(self, outcomes: Sequence[Outcome]) -> tuple[bool, ...]:
        """Write outcomes in one transaction; tell of each whether it was new.

        One whose run (account, motion, due) is on record already is left out, also within ``outcomes``; so is that of
        an account that the store does not know: it was erased meanwhile, and nothing of it comes back. A notice or a
        work product whose id is on record stays as it is, and a notice that is closed stays closed as it was.

        Raises: StoreFull, StoreError; then none was written.
        """
        keys = (one.key for one in outcomes)
        return await self._database.write(lambda connection: book_writing.commit(connection, outcomes), *keys)

    async def change_product(  # noqa: PLR0913 - what changes, and when
        self, key: AccountKey, product_id: str, state: ProductState, *, approval: str, outcome: str, at: datetime
    ) -> WorkProduct | None:
        """Note what became of a work product, and return it as it is now; None if there is none of that id.

        Raises: StoreFull, StoreError.
        """
        return await self._database.write(
            lambda connection: book_writing.change_product(
                connection, key, product_id, state, approval=approval, outcome=outcome, at=at
            ),
            key,
        )

    async def close_notice(self, key: AccountKey, notice_id: str, on: date, outcome: str) -> Notice | None:
        """Note that a notice is over, and return it; one that is closed stays as it is. None if there is none.

        Raises: StoreFull, StoreError.
        """
        return await self._database.write(
            lambda connection: book_writing.close_notice(connection, key, notice_id, on, outcome), key
        )

    async def notices(self, tenant: str, since: date, until: date) -> list[tuple[AccountKey, Notice]]:
        """Return what was raised from ``since`` to ``until``, both included, by day, account and id.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: book_queries.notices(connection, tenant, since, until))

    async def runs(self, tenant: str, since: date, until: date) -> list[tuple[AccountKey, MotionRun]]:
        """Return the runs that were due from ``since`` to ``until``, both included, by day, account and motion.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: book_queries.runs(connection, tenant, since, until))

    async def products(self, tenant: str, states: Sequence[ProductState] = ()) -> list[tuple[AccountKey, WorkProduct]]:
        """Return work products of some states (none: all), by day, account and id.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: book_queries.products(connection, tenant, states))

    async def mark(self, tenant: str, scan: str) -> datetime | None:
        """Return up to when a scan for due motions has come, or None if it never ran.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: mark_of(connection, tenant, scan))

    async def move_mark(self, tenant: str, scan: str, seen: datetime | None, to: datetime) -> bool:
        """Note that a scan has come up to then; False if another process moved it since ``seen``.

        Raises: StoreFull, StoreError.
        """
        return await self._database.write(lambda connection: move_mark(connection, tenant, scan, seen, to))
