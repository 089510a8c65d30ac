"""The book as callers see it: who needs attention, how one account stands, and what is to be written about it.

Everything is looked at as of a moment: only what was known then counts, and looking writes nothing down. What comes in
is taken in by `fleet_runtime.runtime.taking_in`; raising and carrying out is work of `fleet_runtime.runtime.motions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final

import anyio.lowlevel

from fleet_runtime.books import Books, Kept
from fleet_runtime.contracts import Motion, Role
from fleet_runtime.errors import MessageError, SettingError
from fleet_runtime.health import Case, HealthWeek, Seasons, assess, health_by_week, readiness
from fleet_runtime.importing import DateOrder
from fleet_runtime.intake import ColumnNames, SignalKind
from fleet_runtime.motions import next_due
from fleet_runtime.motions.owners import addressee
from fleet_runtime.products import Composed
from fleet_runtime.records.book import Concern, Health, NoticeKind, ProductKind, Signals
from fleet_runtime.runtime import taking_in
from fleet_runtime.runtime.book_pages import AccountPage, BookOrder, BookRow, NextMotion
from fleet_runtime.runtime.book_rows import is_known, last_moment, open_notices, ordered, row_of
from fleet_runtime.runtime.cases import Cases
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.intake_tally import SignalsImported
from fleet_runtime.runtime.looks import Looks, known_details

HISTORY_WEEKS: Final = 12
"""How many weeks of health a row shows."""

_FEW: Final = 6
"""How many of the latest or nearest an account's page holds of each kind."""


class Book:
    """The book of a tenant's accounts. Made by ``Fleet.book``."""

    def __init__(self, desk: Desk, cases: Cases, looks: Looks, declared: Sequence[tuple[str, Motion]]) -> None:
        """Look at the accounts of the desk's tenant; nothing is read yet.

        Args:
            desk: whose accounts, and what they are written about with.
            cases: the accounts.
            looks: by which rules they are judged, and what is written about them.
            declared: the motions of the staffed roles, each with its role's class.
        """
        self._desk = desk
        self._cases = cases
        self._looks = looks
        self._rules = looks.rules
        self._declared = tuple(declared)

    async def rows(
        self,
        as_of: date | datetime | None = None,
        *,
        order: BookOrder = "attention",
        limit: int | None = None,
        history: int = HISTORY_WEEKS,
    ) -> tuple[BookRow, ...]:
        """Return one row for each account of which anything was known, those that need attention first.

        Args:
            as_of: the day (its end counts, UTC) or moment looked at; default now.
            order: how they are sorted; docs/book.md says what counts for ``attention``.
            limit: how many of the first are returned; default all.
            history: how many weeks of health each of those carries.

        Raises: MessageError for a year in which there is no book; StoreError.
        """
        at = self._moment(as_of)
        cases, seasons = await self._known(at), await self._cases.seasons()
        rows: list[BookRow] = []
        for case in cases.values():
            await anyio.lowlevel.checkpoint()  # a large book must not hold up whoever else works in this process
            found = assess(case, at, seasons, self._rules)
            rows.append(row_of(case, at, found, _foremost(self._following(case, at))))
        return await self.with_history(ordered(rows, order)[:limit], history)

    async def with_history(self, rows: Sequence[BookRow], weeks: int = HISTORY_WEEKS) -> tuple[BookRow, ...]:
        """Return rows with the scores of their last weeks, which take longer to find than all the rest of a row.

        Args:
            rows: as from `rows`.
            weeks: how many weeks.

        Raises: StoreError.
        """
        if not rows or weeks < 1:
            return tuple(rows)
        cases, seasons = await self._cases.all(), await self._cases.seasons()
        made: list[BookRow] = []
        for row in rows:
            await anyio.lowlevel.checkpoint()
            case = cases.get(row.account)  # None: erased since
            past = self._history(case, row.on, seasons, weeks) if case is not None else ()
            made.append(row.model_copy(update={"history": tuple(one.score for one in past)}))
        return tuple(made)

    async def accounts(self, as_of: date | datetime | None = None) -> tuple[str, ...]:
        """Return the ids of the accounts of which anything was known, sorted; arguments and errors as for `rows`."""
        return tuple(sorted(await self._known(self._moment(as_of))))

    async def account(self, account: str, as_of: date | datetime | None = None) -> AccountPage:
        """Return all that a person wants at hand of one account.

        Args:
            account: its id.
            as_of: as for `rows`.

        Raises: MessageError for an account of which nothing was known; StoreError.
        """
        at = self._moment(as_of)
        case, seasons = await self._case(account, at), await self._cases.seasons()
        found = assess(case, at, seasons, self._rules)
        following = self._following(case, at)
        past = self._history(case, at.date(), seasons, HISTORY_WEEKS)
        row = row_of(case, at, found, _foremost(following))
        return AccountPage(
            row=row.model_copy(update={"history": tuple(one.score for one in past)}),
            details=known_details(case, at),
            health=found.health,
            notices=open_notices(case, at.date()),
            commitments=tuple(sorted(case.commitments(at), key=lambda one: (not one.due, one.due, one.at))),
            checks=readiness(case, at, found),
            next_motions=tuple(one for one, _ in following[:_FEW]),
            weeks=tuple(week for week in case.weeks(at).rows if week is not None)[-_FEW:],
            events=case.events(at)[-_FEW:],
            products=tuple(one for one in case.book.products if one.on <= at.date())[-_FEW:],
        )

    async def health(self, account: str, as_of: date | datetime | None = None) -> Health:
        """Return how an account fares, with every measure and the weightiest reasons.

        Arguments and errors as for `account`.
        """
        at = self._moment(as_of)
        case = await self._case(account, at)
        return assess(case, at, await self._cases.seasons(), self._rules).health

    async def signals(self, account: str, as_of: date | datetime | None = None) -> Signals:
        """Return what was known of an account's signals, each week and invoice once; empty for an unknown one.

        Args:
            account: its id.
            as_of: as for `rows`.

        Raises: MessageError for an account id that cannot be kept; StoreError.
        """
        return await taking_in.known_signals(self._desk, self._books, account, self._moment(as_of))

    async def put_signals(self, account: str, signals: Signals) -> Kept:
        """Keep signals of an account as they are given, ``known_from`` included; notes are read and remembered.

        Args:
            account: its id.
            signals: its rows; what is known already is passed over.

        Raises: MessageError for an account id that cannot be kept; StoreError.
        """
        return await taking_in.put_signals(self._desk, self._books, self._reader, account, signals)

    async def import_signals(
        self,
        *paths: str | Path,
        kind: SignalKind | None = None,
        columns: ColumnNames | str | Path | None = None,
        at: datetime | None = None,
        dates: DateOrder | None = None,
        told: taking_in.SignalsTold = taking_in.unheard,
    ) -> SignalsImported:
        """Take in CSV files of accounts, weeks and invoices (docs/signals.md).

        Args:
            paths: the files; what they say of one account is looked at together.
            kind: what all of them are; default by their headers.
            columns: the files' own column names by kind, or a YAML file that tells them.
            at: when the accounts' details were exported; default now.
            dates: how "03/04/2026" is meant, where a file leaves it open.
            told: hears what is done, how much of it, and how much there is; may be called in another thread.

        Returns: what was read, new, known and changed; what was rejected or odd, by file and line.

        Raises: SettingError for ``columns``; MessageError if a file cannot be read on; StoreError. What was stored
            before stays, and is passed over when the import is repeated.
        """
        return await taking_in.import_signals(
            self._desk, self._books, self._reader, *paths, kind=kind, columns=columns, at=at, dates=dates, told=told
        )

    async def write(
        self,
        kind: ProductKind,
        account: str,
        as_of: date | datetime | None = None,
        *,
        concern: Concern | None = None,
    ) -> Composed:
        """Write a work product about an account; it is returned, and neither kept nor sent.

        Args:
            kind: which one.
            account: its id.
            as_of: as for `rows`.
            concern: what it is about; default the gravest that is open or found of the kind that fits.

        Raises: MessageError for an account of which nothing was known, or where there is nothing of that kind to
            write about; StoreError, PromptError.
        """
        at = self._moment(as_of)
        case, seasons = await self._case(account, at), await self._cases.seasons()
        found = assess(case, at, seasons, self._rules)
        notices = open_notices(case, at.date())
        role, to = self._writer(kind)
        about = concern or _subject(kind, (*found.concerns, *(one.concern for one in notices)))
        return self._looks.write(kind, case, at, found, seasons, role=role, to=to, concern=about, notices=notices)

    @cached_property
    def _reader(self) -> taking_in.ThemeReader:
        """Load what reads notes, when a first one is to be read."""
        from fleet_runtime.noting import load_reader  # noqa: PLC0415 - few who look at the book bring anything in

        return load_reader()

    @property
    def _books(self) -> Books:
        """Return what keeps the book.

        Raises: SettingError.
        """
        if self._desk.books is None:
            raise SettingError("this store keeps no book", hint="open the fleet on a database, or with none")
        return self._desk.books

    def _moment(self, as_of: date | datetime | None) -> datetime:
        """Return the moment that is looked at."""
        return last_moment(self._desk.clock() if as_of is None else as_of)

    async def _known(self, at: datetime) -> dict[str, Case]:
        """Return the accounts of which anything was known.

        Raises: StoreError.
        """
        cases = await self._cases.all()
        return {name: case for name, case in cases.items() if is_known(case, at)}

    async def _case(self, account: str, at: datetime) -> Case:
        """Return an account of which something was known.

        Raises: MessageError; StoreError.
        """
        case = await self._cases.one(account)
        if not is_known(case, at):
            raise MessageError(
                f"nothing was known of an account {account!r} on {at.date()}",
                hint="`fleet book` lists the accounts; look at the id, the day, the database and the tenant",
            )
        return case

    def _history(self, case: Case, day: date, seasons: Seasons, weeks: int) -> tuple[HealthWeek, ...]:
        """Return the health at the end of each of the last weeks, the latest on the day."""
        return health_by_week(case, seasons, self._rules, day - timedelta(weeks=weeks - 1), day)

    def _following(self, case: Case, at: datetime) -> list[tuple[NextMotion, Motion]]:
        """Return what is to come of every declared motion that has a date, the nearest first."""
        coming: list[tuple[NextMotion, Motion]] = []
        for role, motion in self._declared:
            due = None if motion.trigger.kind == "rule" else next_due(motion, case, at)
            if due is not None:
                coming.append((NextMotion(role=role, motion=motion.name, due=due), motion))
        return sorted(coming, key=lambda pair: (pair[0].due, pair[0].motion))

    def _writer(self, kind: ProductKind) -> tuple[Role, str]:
        """Return which role writes such a thing, and to whom it goes: as a motion says, else who has motions at all."""
        for role, motion in self._declared:
            if f"draft {kind}" in motion.does or (kind == "hand_off" and "hand_off" in motion.does):
                return self._desk.role(role), addressee(motion.to, self._desk.staff, role)
        return self._desk.role(self._declared[0][0]) if self._declared else self._desk.keeper, ""


def _foremost(coming: Sequence[tuple[NextMotion, Motion]]) -> NextMotion | None:
    """Return the next motion that is due by this account's own dates; where there is none, the next by the calendar."""
    own = (one for one, motion in coming if motion.trigger.kind in {"date", "silence"})
    return next(own, None) or (coming[0][0] if coming else None)


_SUBJECTS: Final[dict[ProductKind, NoticeKind]] = {"risk_memo": "risk", "hand_off": "expansion"}


def _subject(kind: ProductKind, concerns: tuple[Concern, ...]) -> Concern | None:
    """Return the first concern of the kind that a work product is about; None where it is about the whole account."""
    wanted = _SUBJECTS.get(kind)
    return next((concern for concern in concerns if concern.kind == wanted), None)
