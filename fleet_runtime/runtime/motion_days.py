"""Carries out what is due, day by day and for all accounts at once, and keeps each day whole before the next.

A day's outcomes are written in one transaction, and only then the mark moves: a process that is killed repeats a day,
whose runs are on record, and so doubles nothing and skips nothing. Another process that works on the same day writes
the very same rows, of which the book keeps one. Only accounts for which something may be due are looked at.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import anyio
import anyio.lowlevel

from fleet_runtime.books import Books, Outcome, Versions
from fleet_runtime.contracts import Motion, Role
from fleet_runtime.health import Case, Seasons, end_of
from fleet_runtime.motions import after, begin_of, cron_days, due_dates, next_due, next_news, perform
from fleet_runtime.motions.due import RULE_DAYS
from fleet_runtime.motions.grammar import REVIEW
from fleet_runtime.records.book import Notice
from fleet_runtime.runtime.cases import Cases
from fleet_runtime.runtime.looks import Looks

_DAY: Final = timedelta(days=1)
_AT_A_TIME: Final = 16
"""Accounts that are looked at, some milliseconds, before others in this process have their turn."""
_ORDER: Final = ("cron", "date", "silence", "rule")
"""Reviews come first: a rule asks what they raised."""

Declared = Sequence[tuple[Role, Motion]]


class Raised(NamedTuple):
    """A notice of an account; ``new``: it was raised by this very call."""

    account: str
    notice: Notice
    new: bool


class Span(NamedTuple):
    """A time within one day, after ``begin`` up to and with ``end``; ``crons`` are the calendar's motions of it."""

    begin: datetime
    end: datetime
    crons: frozenset[str] = frozenset()


class _Seen(NamedTuple):
    """What is known of when an account must be looked at again: not before ``again``, seen from ``at`` on."""

    versions: Versions
    at: datetime
    again: datetime


class _Others(NamedTuple):
    """All accounts as they were ``at`` a moment: whatever was known by then is among it."""

    at: datetime
    versions: Mapping[str, Versions]
    seasons: Seasons


class MotionDays:
    """Works days off. ``looked`` counts the accounts that were looked at, for whoever measures."""

    def __init__(  # noqa: PLR0913 - what a day is worked off with
        self,
        books: Books,
        cases: Cases,
        looks: Looks,
        *,
        tenant: str,
        declared: Declared,
        clock: Callable[[], datetime],
    ) -> None:
        """Carry out the declared motions for the tenant's accounts."""
        self._books = books
        self._cases = cases
        self._looks = looks
        self._tenant = tenant
        self._declared = sorted(declared, key=lambda one: _ORDER.index(one[1].trigger.kind))
        self._clock = clock
        self._seen: dict[str, _Seen] = {}
        self._others: _Others | None = None
        self._looking_around = anyio.Lock()
        self.looked = 0

    def spans(self, since: datetime, until: datetime, *, first: bool = False) -> Iterator[Span]:
        """Cut a time into days; what the calendar has several times in it stands on its last day only.

        Args:
            since: after which moment.
            until: up to and with which.
            first: nothing was looked at before: reviews stand on the last day, whatever the calendar says.
        """
        last: dict[date, set[str]] = {}
        for _, motion in self._declared:
            kind = motion.trigger.kind
            if kind not in ("cron", "rule"):
                continue
            reviews = kind == "rule" or REVIEW in motion.does
            days = [day for cron in self.crons(motion) for day in cron_days(cron, since, until)]
            if first:
                days = [until.date()] if reviews else [day for day in days if day == until.date()]
            if days:
                last.setdefault(max(days), set()).add(motion.name)
        begin = since
        while begin < until:
            end = end_of(begin.date())
            end = min(end if end > begin else end_of(begin.date() + _DAY), until)
            yield Span(begin, end, frozenset(last.get(end.date(), ())))
            begin = end

    def crons(self, motion: Motion) -> tuple[str, ...]:
        """Return when a motion of the calendar is due; rules are asked whenever their role reviews."""
        if motion.trigger.kind == "cron":
            return (motion.trigger.cron,)
        role = next(role for role, other in self._declared if other is motion)
        reviews = [
            other.trigger.cron
            for owner, other in self._declared
            if owner is role and other.trigger.kind == "cron" and REVIEW in other.does
        ]
        return tuple(dict.fromkeys(reviews)) or (RULE_DAYS,)

    async def work(self, span: Span) -> tuple[Raised, ...]:
        """Carry out what is due in a span for all accounts, and return what was raised by it.

        Raises: StoreFull, StoreError (nothing of the span was written); ContractError, PromptError.
        """
        versions = await self._books.versions(self._tenant)
        return await self._work(span, versions, lambda: self._cases.seasons(versions))

    async def work_one(self, account: str, span: Span) -> tuple[Raised, ...]:
        """Carry out what is due in a span for one account, as it is on record now. Returns and raises as `work`.

        The tenant's other accounts are looked at once for all that is due as of the same scan.
        """
        others = await self._around(span.end)
        if account not in others.versions:
            return ()
        (book,) = await self._books.books(self._tenant, (account,))
        version = others.versions[account]._replace(book=book.version)

        async def seasons() -> Seasons:
            return others.seasons

        return await self._work(span, {account: version}, seasons)

    async def _around(self, moment: datetime) -> _Others:
        """Return all accounts as they were at a moment or later."""
        async with self._looking_around:
            if self._others is None or self._others.at < moment:
                now, versions = self._clock(), await self._books.versions(self._tenant)
                self._others = _Others(now, versions, await self._cases.seasons(versions))
            return self._others

    async def _work(
        self, span: Span, versions: Mapping[str, Versions], seasons_of: Callable[[], Awaitable[Seasons]]
    ) -> tuple[Raised, ...]:
        """Carry out what is due in a span for some accounts."""
        settled = {name for name, version in versions.items() if self._is_settled(name, version, span)}
        wanted = {name: version for name, version in versions.items() if span.crons or name not in settled}
        if not wanted:
            return ()
        seasons, cases = await seasons_of(), await self._cases.some(wanted)
        outcomes: list[Outcome] = []
        for number, (name, case) in enumerate(cases.items()):
            if number % _AT_A_TIME == 0:
                await anyio.lowlevel.checkpoint()  # a large book must not hold up whoever else works in this process
            outcomes += self._outcomes(case, span, seasons, by_calendar=name in settled)
            if name not in settled:
                self._seen[name] = _Seen(wanted[name], span.end, self._again(case, span.end))
        if not outcomes:
            return ()
        told = await self._books.commit(outcomes)
        self._note(outcomes, told, span.end)
        return tuple(
            Raised(outcome.key.account, notice, new=True)
            for outcome, is_new in zip(outcomes, told, strict=True)
            if is_new
            for notice in outcome.notices
        )

    def _note(self, outcomes: Sequence[Outcome], told: Sequence[bool], at: datetime) -> None:
        """Keep accounts as they are now that their outcomes are written: they need not be read for it.

        Where another process wrote too, its versions tell, and the account is read.
        """
        by_account: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            by_account.setdefault(outcome.key.account, []).append(outcome)
        lost = {outcome.key.account for outcome, is_new in zip(outcomes, told, strict=True) if not is_new}
        for account, written in by_account.items():
            if account not in lost:
                case, versions = self._cases.written(account, written)
                self._seen[account] = _Seen(versions, at, self._again(case, at))

    async def due(self, span: Span) -> dict[str, list[tuple[Role, Motion, date]]]:
        """Return what is due in a span and was not carried out yet, by account; nothing is done."""
        versions = await self._books.versions(self._tenant)
        wanted = {
            name: version
            for name, version in versions.items()
            if span.crons or not self._is_settled(name, version, span)
        }
        cases = await self._cases.some(wanted)
        found = {name: list(self._due(case, span)) for name, case in cases.items()}
        return {name: due for name, due in found.items() if due}

    def _is_settled(self, name: str, versions: Versions, span: Span) -> bool:
        """Tell whether nothing but the calendar can make anything due for an account: no row and no day has come."""
        seen = self._seen.get(name)
        return seen is not None and seen.versions == versions and seen.at <= span.begin and span.end < seen.again

    def _due(self, case: Case, span: Span, *, by_calendar: bool = False) -> Iterator[tuple[Role, Motion, date]]:
        """Yield what is due for an account, or only ``by_calendar``, in the order in which it is done."""
        done: set[tuple[str, date]] | None = None
        for role, motion in self._declared:
            days: Sequence[date] = ()
            if motion.trigger.kind in ("cron", "rule"):
                days = (span.end.date(),) if motion.name in span.crons else ()
            elif not by_calendar:
                days = due_dates(motion, case, span.begin, span.end)
            if days and done is None:
                done = {(run.motion, run.due) for run in case.book.runs}
            yield from ((role, motion, day) for day in days if done is not None and (motion.name, day) not in done)

    def _outcomes(self, case: Case, span: Span, seasons: Seasons, *, by_calendar: bool) -> Iterator[Outcome]:
        """Carry out what is due for an account; each motion sees what those before it brought."""
        look = None
        for role, motion, day in self._due(case, span, by_calendar=by_calendar):
            if look is None:
                self.looked += 1
                look = self._looks.look(case, span.end, self._clock(), seasons)
            outcome = perform(role, motion, day, case, look)
            if outcome is not None:
                look = look._replace(book=after(look.book, outcome))
                yield outcome

    def _again(self, case: Case, at: datetime) -> datetime:
        """Return when something next is due for an account besides the calendar's, or becomes known of it."""
        motions = tuple(motion for _, motion in self._declared if motion.trigger.kind in ("date", "silence"))
        days = (next_due(motion, case, at) for motion in motions)
        moments = [begin_of(day) for day in days if day is not None]
        news = next_news(motions, case, at)
        return min((*moments, *([news] if news else ())), default=begin_of(date.max))
