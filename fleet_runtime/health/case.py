"""One account's rows, prepared once so that it can be looked at as of any moment. Judges nothing.

Weeks become columns on a grid without holes: a week without a row, and a cell without a value, are NaN. As of a moment
only the weeks that were known then are there, each in the version that was known then.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from math import isnan
from typing import Final, NamedTuple

import numpy as np

from fleet_runtime.books import AccountBook
from fleet_runtime.contracts import MemoryKey
from fleet_runtime.health.tracks import Column, Courses
from fleet_runtime.learning import facts_at
from fleet_runtime.records import AccountKey, AccountState, Commitment, Event, Fact
from fleet_runtime.records.book import AccountDetails, Evidence, Invoice, Week

WEEK: Final = timedelta(days=7)
_NAN: Final = float("nan")
_HOLES: Final = 2
_MOST: Final = 1e9
_FIRST: Final = date(1900, 1, 1)
_LAST: Final = date(2999, 1, 1)
_CONTACTS: Final = frozenset({"message", "reply", "meeting", "call", "email", "mail"})
"""Kinds of events in which the customer was spoken with."""


class Weeks(NamedTuple):
    """The weeks known at a moment: ``columns`` by name, one value a week from ``first`` on, NaN where there is none.

    ``lists`` are the columns as plain numbers. Both may go on beyond the moment; the methods know where to end.
    """

    first: date
    columns: Mapping[str, Column]
    rows: Sequence[Week | None]
    lists: Mapping[str, Sequence[float]]

    def __len__(self) -> int:
        """Return how many weeks the grid has."""
        return len(self.rows)

    def until(self, count: int) -> Weeks:
        """Return the first so many weeks."""
        return Weeks(self.first, self.columns, self.rows[:count], self.lists)

    def column(self, name: str) -> Column:
        """Return a column; all NaN where nothing of that name was ever measured."""
        found = self.columns.get(name)
        return np.full(len(self.rows), np.nan) if found is None else found[: len(self.rows)]

    def value(self, name: str, index: int) -> float:
        """Return one value; NaN where there is none."""
        found = self.lists.get(name)
        place = index if index >= 0 else len(self.rows) + index
        return _NAN if found is None or not 0 <= place < len(self.rows) else found[place]

    def latest(self, name: str, count: int) -> list[float]:
        """Return the last values of a column that are there, oldest first; over a hole of two weeks, not over more."""
        found: list[float] = []
        values = self.lists.get(name, ())
        for place in range(len(self.rows) - 1, max(-1, len(self.rows) - 1 - count - _HOLES), -1):
            if len(found) == count or not values:
                break
            if not isnan(values[place]):
                found.append(values[place])
        return found[::-1]

    def start(self, index: int) -> date:
        """Return the first day of the week at an index, from the end where it is negative."""
        return self.first + (index if index >= 0 else len(self.rows) + index) * WEEK

    def source(self, index: int) -> str:
        """Say where the week at an index comes from."""
        row = self.rows[index]
        return f"week of {self.start(index)}" + (f" ({row.source})" if row is not None and row.source else "")


NO_WEEKS: Final = Weeks(date.min, {}, (), {})


class Named(NamedTuple):
    """Somebody on an account's record, and where that stands."""

    name: str
    source: str


class Dated(NamedTuple):
    """A date of an account, and where it stands. ``stated``: somebody said it of that time, it is no mere hint."""

    on: date
    text: str
    source: str
    stated: bool

    @property
    def evidence(self) -> Evidence:
        """Return it as evidence; most of what is looked at is never told."""
        return Evidence(text=self.text, source=self.source)


class KeptCourses(NamedTuple):
    """Courses that were laid out, and what they were laid out by."""

    rules: object
    industry: str
    courses: Courses


class KeptStrengths(NamedTuple):
    """How strongly each matter spoke in the figures at the moment that was reviewed last, and by what it was judged."""

    at: datetime
    last: int
    judged_by: tuple[object, ...]
    by_matter: Mapping[str, float]

    def are_of(self, at: datetime, last: int, judged_by: tuple[object, ...]) -> bool:
        """Tell whether another look would find the very same."""
        same = all(one is other for one, other in zip(self.judged_by, judged_by, strict=True))
        return same and (self.at, self.last) == (at, last)


class Case:
    """An account as reviews look at it. Made by `case_of`."""

    def __init__(self, book: AccountBook, state: AccountState, keys: Sequence[MemoryKey]) -> None:
        """Keep the rows; columns are made when weeks are first asked for."""
        self.key: AccountKey = book.key
        self.book = book
        self.state = state
        self.keys = tuple(keys)
        self.kept_courses: KeptCourses | None = None
        self.kept_talk: tuple[Week, ...] | None = None
        self.kept_strengths: KeptStrengths | None = None
        self.kept_looks: object = None
        self._dated: tuple[str, datetime, Dated | None] | None = None
        self._facts: tuple[datetime, tuple[Fact, ...]] | None = None
        self._details: tuple[datetime, AccountDetails | None] | None = None

    @cached_property
    def is_plain(self) -> bool:
        """Tell whether each week has one version, known in the order of weeks: then a moment is a number of weeks."""
        rows = self.book.signals.weeks
        apart = all(two.start - one.start > WEEK / 2 for one, two in pairwise(rows))
        return apart and all(one.known_from <= two.known_from for one, two in pairwise(rows))

    @cached_property
    def all_weeks(self) -> Weeks:
        """Return all weeks, where each has one version."""
        return _grid(self.book.signals.weeks)

    @cached_property
    def _times(self) -> list[datetime]:
        """Return when each week that there is became known, in order."""
        return [row.known_from for row in self.all_weeks.rows if row is not None]

    @cached_property
    def _places(self) -> list[int]:
        """Return how long the grid is once so many weeks are known."""
        return [0, *(place + 1 for place, row in enumerate(self.all_weeks.rows) if row is not None)]

    def weeks(self, at: datetime) -> Weeks:
        """Return the weeks as they were known at a moment."""
        if not self.is_plain:
            return _grid(self.book.signals.known_at(at).weeks)
        grid = self.all_weeks
        count = self._places[bisect_right(self._times, at)]
        return grid if count == len(grid) else grid.until(count)

    def notes(self, at: datetime) -> Iterator[Week]:
        """Yield the weeks known at a moment in which a colleague wrote something, the latest first."""
        return (row for row in reversed(self.weeks(at).rows) if row is not None and row.note)

    def facts(self, at: datetime) -> tuple[Fact, ...]:
        """Return the facts that held at a moment, as they were known then."""
        if not self.state.facts:
            return ()
        if self._facts is None or self._facts[0] != at:  # a review asks for several of one moment
            self._facts = (at, facts_at(self.state.facts, now=at, as_of=at, known_at=at))
        return self._facts[1]

    def fact(self, name: str, at: datetime) -> Fact | None:
        """Return the fact of that key that held at a moment, as it was known then."""
        return next((fact for fact in reversed(self.facts(at)) if fact.key == name), None)

    def named(self, key: str, at: datetime) -> Named | None:
        """Return who had a role on the account (``champion``, ``exec_sponsor``): by a fact, else by the CRM."""
        fact, details = self.fact(key, at), self.details(at)
        if fact is not None and fact.value:
            return Named(fact.value, f"fact {fact.id}")
        name = str(getattr(details, key, "")).strip()
        return Named(name, crm(details)) if details is not None and name else None

    def details(self, at: datetime) -> AccountDetails | None:
        """Return the CRM's row as it was known at a moment; before the first one was known there is none."""
        if self._details is None or self._details[0] != at:
            known = (row for row in reversed(self.book.signals.details) if row.known_from <= at)
            self._details = (at, next(known, None))
        return self._details[1]

    def hint(self, at: datetime) -> AccountDetails | None:
        """Return the CRM's row that was known at a moment, or else the first one that became known after it.

        That one tells what does not change (company, industry, segment); the rest of it may be ahead of the moment.
        """
        return self.details(at) or next(iter(self.book.signals.details), None)

    def invoices(self, at: datetime) -> tuple[Invoice, ...]:
        """Return the invoices as they were known at a moment."""
        return self.book.signals.known_at(at).invoices if self.book.signals.invoices else ()

    def events(self, at: datetime) -> tuple[Event, ...]:
        """Return what had happened by a moment, oldest first."""
        return tuple(event for event in self.state.events if event.at <= at)

    def commitments(self, at: datetime) -> tuple[Commitment, ...]:
        """Return the promises that were open at a moment, by when they were made."""
        return tuple(one for one in self.state.commitments if one.open_at(at))

    def spoken(self, at: datetime) -> Event | None:
        """Return the last event by a moment in which the customer was spoken with, or None."""
        events = (event for event in reversed(self.state.events) if event.at <= at and event.kind in _CONTACTS)
        return next(events, None)

    def contact(self, at: datetime) -> datetime | None:
        """Return when the customer was last spoken with by a moment, or None."""
        event = self.spoken(at)
        return None if event is None else event.at

    def dated(self, name: str, at: datetime) -> Dated | None:
        """Return the date that a fact of that key states, else the CRM's of that name, else None."""
        if self._dated is None or self._dated[:2] != (name, at):
            self._dated = (name, at, self._found_date(name, at))
        return self._dated[2]

    def _found_date(self, name: str, at: datetime) -> Dated | None:
        """Look for a date."""
        fact = self.fact(name, at)
        if fact is not None and (stated := _date(fact.value)) is not None:
            return Dated(stated, fact.quote or f"{name}: {stated}", f"fact {fact.id}", stated=True)
        for row, known in ((self.details(at), True), (self.hint(at), False)):
            found: object = getattr(row, name, None) if row is not None else None
            if row is not None and isinstance(found, date):
                text = f"{name}: {found}, as the CRM of {row.known_from.date()} says"
                return Dated(found, text, row.source or "the CRM", stated=known)
        return None

    def renewal(self, at: datetime) -> Dated | None:
        """Return when the contract renews, as far as it was known at a moment."""
        return self.dated("renewal_date", at)


def case_of(book: AccountBook, state: AccountState, keys: Sequence[MemoryKey]) -> Case:
    """Prepare an account.

    Args:
        book: its signals, notices, runs and work products.
        state: its memory; that of the same account.
        keys: the facts that its role keeps.
    """
    return Case(book, state, keys)


def crm(details: AccountDetails) -> str:
    """Return where a row of the CRM stands."""
    return details.source or f"the CRM of {details.known_from.date()}"


def end_of(day: date) -> datetime:
    """Return the last moment of a day (UTC): what became known on it counts."""
    return datetime.combine(day, time.max, tzinfo=UTC)


def _grid(rows: Sequence[Week]) -> Weeks:
    """Lay weeks of one version each on a grid."""
    ordered = sorted((row for row in rows if _FIRST < row.start < _LAST), key=lambda row: row.start)
    if not ordered:
        return NO_WEEKS
    first = ordered[0].start
    places = [round((row.start - first) / WEEK) for row in ordered]
    laid: list[Week | None] = [None] * (places[-1] + 1)
    names = dict.fromkeys(name for row in ordered for name in row.values)
    columns = {name: np.full(len(laid), np.nan) for name in names}
    for place, row in zip(places, ordered, strict=True):
        laid[place] = row
        for name, value in row.values.items():
            columns[name][place] = _figure(name, value)
    return Weeks(first, columns, laid, {name: column.tolist() for name, column in columns.items()})


def _figure(name: str, value: float) -> float:
    """Return a figure, or NaN for one that cannot be."""
    lowest = -100.0 if name == "nps" else 0.0
    return value if lowest <= value <= _MOST else _NAN


def _date(value: str | None) -> date | None:
    """Read a fact's value as a date; None where it is none."""
    try:
        return date.fromisoformat((value or "")[:10])
    except ValueError:
        return None
