"""The book: what is kept of accounts besides their memory, for whoever looks after them. Protocols and values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from fleet_runtime.records import AccountKey
from fleet_runtime.records.book import MotionRun, Notice, ProductState, Signals, WorkProduct


class Kept(NamedTuple):
    """What became of imported rows: how many are new, were known already, or replace a row that said otherwise."""

    new: int = 0
    same: int = 0
    changed: int = 0


class AccountBook(NamedTuple):
    """An account's rows in the book, oldest first; ``version`` tells them from all that it had before."""

    key: AccountKey
    version: int = 0
    signals: Signals = Signals()
    notices: tuple[Notice, ...] = ()
    runs: tuple[MotionRun, ...] = ()
    products: tuple[WorkProduct, ...] = ()


class Outcome(NamedTuple):
    """What one run of a motion brings: written whole, or, if that run is on record already, not at all.

    ``closed`` are notices with their ends.
    """

    key: AccountKey
    run: MotionRun
    notices: tuple[Notice, ...] = ()
    closed: tuple[Notice, ...] = ()
    products: tuple[WorkProduct, ...] = ()


class Versions(NamedTuple):
    """By which an account's rows are told from all that it had before: those of its memory, and those of the book."""

    memory: int
    book: int


class Books(Protocol):
    """The books of all accounts. Every verb is one transaction, or one consistent read."""

    async def put_signals(self, key: AccountKey, signals: Signals) -> Kept:
        """Keep imported rows; an unknown account is opened.

        A row that says the same as the last version of its week (invoice, details) is passed over, ``source`` and
        ``known_from`` aside; one that says otherwise becomes a further version. Of versions known from the same
        moment on, the later replaces the earlier one.

        Raises: StoreFull, StoreError.
        """
        ...

    async def book(self, key: AccountKey) -> AccountBook:
        """Return an account's book; that of an unknown account is empty and of version 0.

        Raises: StoreError.
        """
        ...

    async def books(self, tenant: str, accounts: Sequence[str]) -> list[AccountBook]:
        """Return the books of several accounts, in their order, as of one moment.

        Raises: StoreError.
        """
        ...

    async def versions(self, tenant: str) -> Mapping[str, Versions]:
        """Return the versions of all the tenant's accounts, by id, sorted.

        Raises: StoreError.
        """
        ...

    async def commit(self, outcomes: Sequence[Outcome]) -> tuple[bool, ...]:
        """Write outcomes in one transaction; tell of each whether it was new.

        One whose run (account, motion, due) is on record already is left out, also within ``outcomes``; so is that of
        an account that the store does not know: it was erased meanwhile, and nothing of it comes back. A notice or a
        work product whose id is on record stays as it is, and a notice that is closed stays closed as it was.

        Raises: StoreFull, StoreError; then none was written.
        """
        ...

    async def change_product(  # noqa: PLR0913 - what changes, and when
        self, key: AccountKey, product_id: str, state: ProductState, *, approval: str, outcome: str, at: datetime
    ) -> WorkProduct | None:
        """Note what became of a work product, and return it as it is now; None if there is none of that id.

        Raises: StoreFull, StoreError.
        """
        ...

    async def close_notice(self, key: AccountKey, notice_id: str, on: date, outcome: str) -> Notice | None:
        """Note that a notice is over, and return it; one that is closed stays as it is. None if there is none.

        Raises: StoreFull, StoreError.
        """
        ...

    async def notices(self, tenant: str, since: date, until: date) -> list[tuple[AccountKey, Notice]]:
        """Return what was raised from ``since`` to ``until``, both included, by day, account and id.

        Raises: StoreError.
        """
        ...

    async def runs(self, tenant: str, since: date, until: date) -> list[tuple[AccountKey, MotionRun]]:
        """Return the runs that were due from ``since`` to ``until``, both included, by day, account and motion.

        Raises: StoreError.
        """
        ...

    async def products(self, tenant: str, states: Sequence[ProductState] = ()) -> list[tuple[AccountKey, WorkProduct]]:
        """Return work products of some states (none: all), by day, account and id.

        Raises: StoreError.
        """
        ...

    async def put_back(self, book: AccountBook) -> Kept:
        """Put rows of an earlier export back; what is on record stays, save that a row that came further is carried on.

        Signals are kept as `put_signals` keeps them; a notice that is open may get its end, a work product what became
        of it later. ``book.version`` does not matter; an unknown account is opened.

        Raises: StoreFull, StoreError.
        """
        ...

    async def mark(self, tenant: str, scan: str) -> datetime | None:
        """Return up to when a scan for due motions has come, or None if it never ran.

        Raises: StoreError.
        """
        ...

    async def move_mark(self, tenant: str, scan: str, seen: datetime | None, to: datetime) -> bool:
        """Note that a scan has come up to then; False if another process moved it since ``seen``.

        Raises: StoreFull, StoreError.
        """
        ...
