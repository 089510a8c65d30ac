"""What a whole industry does at a time of the year is no news of one account. Pure.

The calendar's known quiet times stand in the rules. Here is what the accounts of a book did together: how far the use
of an industry's accounts lies from where it was, week by week, and how far that of accounts which are well wanders by
itself. Medians carry both, so that neither says anything about one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fleet_runtime.health.case import WEEK, Case, end_of
from fleet_runtime.health.courses import DEPTH, LOGINS, SHARE, USERS, courses_at
from fleet_runtime.health.rules import Rules
from fleet_runtime.health.tracks import OF_MEDIAN, Courses

_FEWEST: Final = 5
"""Accounts of an industry from which on it tells anything; as many again tell half of it."""
_FEWEST_OF_ALL: Final = 20
_MOST_WANDER: Final = 4.0
_SIZES: Final = (12.0, 40.0, 150.0)
"""Active users at which one size of account ends and the next begins."""
_USUAL: Final = 0.7
_TYPICAL: Final = 1.0364
"""Within how many standard deviations that share of normal noise lies."""
_COLUMNS: Final = (USERS, LOGINS, DEPTH, SHARE)
_NO_END: Final = date(9999, 12, 24)


class Common(NamedTuple):
    """How an industry's active users stood in a week, as logarithms: against before, and against their height."""

    change: float = 0.0
    fallen: float = 0.0


class Seasons(NamedTuple):
    """What the accounts of a book do together.

    ``common`` is by industry and Monday; that of "" holds for industries that say nothing themselves. ``wander`` is by
    column, size of account and Monday: how many times further than its noise from week to week the level of an account
    wanders that is well; 1 where nobody knows.
    """

    common: Mapping[str, Mapping[date, Common]]
    wander: Mapping[str, Sequence[Mapping[date, float]]]

    def together(self, industry: str, week: date) -> Common:
        """Return how an industry stood in a week; as ever, where nobody knows."""
        of_weeks = self.common.get(industry.casefold()) or self.common.get("", {})
        return of_weeks.get(_monday(week), Common())

    def wandering(self, column: str, users: float, week: date) -> float:
        """Return how much further than its noise a column wanders by itself, in an account of so many active users."""
        sizes = self.wander.get(column)
        return sizes[_size(users)].get(_monday(week), 1.0) if sizes else 1.0


NO_SEASONS: Final = Seasons({}, {})

_Table = NDArray[np.float64]
"""One row an account, one column a week."""


class _Book(NamedTuple):
    """All accounts side by side, on the same weeks."""

    industries: Sequence[str]
    mondays: Sequence[date]
    fallen: _Table
    users: _Table
    changes: Mapping[str, _Table]
    noises: Mapping[str, _Table]


def seasons_of(cases: Iterable[Case], rules: Rules) -> Seasons:
    """Find what the accounts of a book do together; each week by what was measured until then."""
    book = _side_by_side(cases, rules)
    if book is None:
        return NO_SEASONS
    with np.errstate(all="ignore"):
        shares = _together(book)
        apart = book.changes[USERS] - np.array([shares[industry][0] for industry in book.industries])
        wander = {
            name: _wandering(book, (apart if name == USERS else book.changes[name]) / book.noises[name])
            for name in _COLUMNS
        }
    common = {
        industry: {
            monday: Common(float(change), float(fallen))
            for monday, change, fallen in zip(book.mondays, *found, strict=True)
            if change or fallen
        }
        for industry, found in shares.items()
    }
    return Seasons(common, wander)


def _side_by_side(cases: Iterable[Case], rules: Rules) -> _Book | None:
    """Lay the courses of all accounts on the same weeks; None where there are none."""
    found: list[tuple[str, date, Courses]] = []
    for case in cases:
        weeks, hint = case.weeks(end_of(_NO_END)), case.hint(end_of(_NO_END))
        if len(weeks):
            industry = hint.industry if hint is not None else ""
            found.append((industry.casefold(), _monday(weeks.first), courses_at(case, weeks, industry, rules)))
    if not found:
        return None
    first = min(monday for _, monday, _ in found)
    ends = [(monday - first) // WEEK + len(courses.tracks[USERS].now) for _, monday, courses in found]
    mondays = [first + step * WEEK for step in range(max(ends))]

    def of(name: str, part: str) -> _Table:
        laid = np.full((len(found), len(mondays)), np.nan)
        for row, (_, monday, courses) in enumerate(found):
            values: Sequence[float] = getattr(courses.tracks[name], part)
            begin = (monday - first) // WEEK
            laid[row, begin : begin + len(values)] = values
        return laid

    now = {name: of(name, "now") for name in _COLUMNS}
    return _Book(
        [industry for industry, _, _ in found],
        mondays,
        now[USERS] - of(USERS, "high"),
        np.exp(now[USERS]),
        {name: now[name] - of(name, "before") for name in _COLUMNS},
        {name: of(name, "noise") * OF_MEDIAN for name in _COLUMNS},
    )


def _together(book: _Book) -> dict[str, tuple[_Table, _Table]]:
    """Return the common change and fall of each industry; those of few accounts are drawn to the whole book's."""
    every = np.array(book.industries)
    tables = (book.changes[USERS], book.fallen)
    of_all = [_middle(table, np.zeros(len(book.mondays)), _FEWEST_OF_ALL) for table in tables]
    found = {"": (of_all[0], of_all[1])}
    for industry in dict.fromkeys(filter(None, book.industries)):
        rows = every == industry
        middles = [_middle(table[rows], drawn, _FEWEST) for table, drawn in zip(tables, of_all, strict=True)]
        found[industry] = (middles[0], middles[1])
    return found


def _middle(table: _Table, otherwise: _Table, fewest: int) -> _Table:
    """Return each week's median, the fewer it rests on the nearer to what holds otherwise."""
    middle, counts = _within(table, 0.5)
    weight = np.where(counts >= fewest, counts / (counts + fewest), 0.0)
    mixed: _Table = weight * np.nan_to_num(middle) + (1 - weight) * otherwise
    return mixed


def _within(table: _Table, share: float) -> tuple[_Table, NDArray[np.intp]]:
    """Return below which value such a share of each week's accounts lie, and how many accounts that rests on."""
    counts = (~np.isnan(table)).sum(axis=0)
    ordered: _Table = np.sort(table, axis=0)  # NaN last
    columns = np.indices((table.shape[1],))[0]
    place = share * np.maximum(counts - 1, 0)
    lower, upper = np.floor(place).astype(int), np.ceil(place).astype(int)
    return ordered[lower, columns] + (place - lower) * (ordered[upper, columns] - ordered[lower, columns]), counts


def _wandering(book: _Book, deviations: _Table) -> list[dict[date, float]]:
    """Return by size of account how far it wanders, in multiples of its noise, by all weeks until then."""
    sizes = np.searchsorted(_SIZES, np.nan_to_num(book.users), side="right")
    found: list[dict[date, float]] = []
    for size in range(len(_SIZES) + 1):
        of_size = np.where(sizes == size, np.abs(deviations), np.nan)
        usual, counts = _within(of_size, _USUAL)
        weekly = np.where(counts >= 2 * _FEWEST, usual / _TYPICAL, np.nan)
        known = np.cumsum(~np.isnan(weekly))
        mean = np.cumsum(np.nan_to_num(weekly)) / np.maximum(known, 1)
        told = np.clip(mean, 1.0, _MOST_WANDER)
        found.append({monday: float(one) for monday, one in zip(book.mondays, told, strict=True) if one > 1.0})
    return found


def _size(users: float) -> int:
    """Return which size of account so many active users make."""
    return sum(users >= least for least in _SIZES)


def _monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())
