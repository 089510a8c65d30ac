"""The accounts of a tenant, prepared to be looked at; read again only where something was written. Judges nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import NamedTuple

from fleet_runtime.books import AccountBook, Books, Outcome, Versions
from fleet_runtime.health import Case, Rules, Seasons, case_of, seasons_of
from fleet_runtime.motions import after
from fleet_runtime.runtime.desk import Desk


class _Read(NamedTuple):
    """An account as it was read last."""

    versions: Versions
    case: Case


class Cases:
    """All that is kept of the accounts, in memory: what was read once is read again only where its version moved.

    ``read`` counts the accounts that were read, for whoever measures.
    """

    def __init__(self, desk: Desk, books: Books, rules: Rules) -> None:
        """Read from the desk's store and the book beside it; nothing is read yet. ``rules`` are what reviews go by."""
        self._rules = rules
        self._desk = desk
        self._books = books
        self._known: dict[str, _Read] = {}
        self._seasons: Seasons | None = None
        self.read = 0

    async def all(self, versions: Mapping[str, Versions] | None = None) -> dict[str, Case]:
        """Return all accounts of the desk's tenant, by id, as they are on record now.

        Args:
            versions: those of all accounts, where they are at hand; else they are asked for.

        Raises: StoreError.
        """
        versions = await self._books.versions(self._tenant) if versions is None else versions
        self._forget(versions)
        return await self.some(versions)

    async def some(self, versions: Mapping[str, Versions]) -> dict[str, Case]:
        """Return the accounts whose versions are given; one that was read at its version is not read again.

        Raises: StoreError.
        """
        stale = [name for name, version in versions.items() if not self._is_fresh(name, version)]
        for book in await self._books.books(self._tenant, stale) if stale else ():
            version = versions[book.key.account]
            self._keep(_Read(version, await self._case(book, version)))
        return {name: self._known[name].case for name in versions}

    async def one(self, account: str) -> Case:
        """Return one account as it is on record now; an unknown one is empty.

        Raises: StoreError.
        """
        version = (await self._books.versions(self._tenant)).get(account, Versions(0, 0))
        return (await self.some({account: version}))[account]

    async def seasons(self, versions: Mapping[str, Versions] | None = None) -> Seasons:
        """Return what whole industries did, by all accounts of the tenant; found again only after an import.

        Arguments and errors as for `all`.
        """
        cases = await self.all(versions)
        if self._seasons is None:
            self._seasons = seasons_of(cases.values(), self._rules)
        return self._seasons

    def written(self, account: str, outcomes: Sequence[Outcome]) -> tuple[Case, Versions]:
        """Keep an account as it is after outcomes that were written in one commit, and all of them new.

        Its version is the next one: where somebody else wrote in between it is a later one, and it is read again.
        """
        known = self._known[account]
        case = copy(known.case)
        for outcome in outcomes:
            case.book = after(case.book, outcome)
        versions = known.versions._replace(book=known.versions.book + 1)
        self._known[account] = _Read(versions, case)
        return case, versions

    async def _case(self, book: AccountBook, version: Versions) -> Case:
        """Prepare an account; where only runs, notices or work products are new, what was prepared is carried on."""
        known = self._known.get(book.key.account)
        if known is None or known.versions.memory != version.memory:
            return case_of(book, await self._desk.store.read(book.key), self._desk.memory_keys)
        if known.case.book.signals != book.signals:
            return case_of(book, known.case.state, self._desk.memory_keys)
        case = copy(known.case)
        case.book = book
        return case

    def _keep(self, read: _Read) -> None:
        """Keep what was read; new signals, or an account that is new, may tell of other seasons."""
        account, former = read.case.key.account, self._known.get(read.case.key.account)
        if former is None or _imported(former.case) != _imported(read.case):
            self._seasons = None
        self._known[account] = read
        self.read += 1

    def _is_fresh(self, account: str, version: Versions) -> bool:
        """Tell whether an account was read at a version."""
        known = self._known.get(account)
        return known is not None and known.versions == version

    def _forget(self, there: Collection[str]) -> None:
        """Let go of accounts that are there no more."""
        for account in [account for account in self._known if account not in there]:
            del self._known[account]
            self._seasons = None

    @property
    def _tenant(self) -> str:
        """Return whose accounts these are."""
        return self._desk.settings.tenant


def _imported(case: Case) -> tuple[int, int, datetime | None]:
    """Return by what one tells whether rows of the CRM or weeks came in: they only ever grow in number or in time."""
    signals = case.book.signals
    times = [row.known_from for row in signals.details[-1:]]
    times += [row.known_from for row in signals.weeks[-1:]]
    return len(signals.details), len(signals.weeks), max(times, default=None)
