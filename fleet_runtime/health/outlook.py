"""A case as of one moment, with the courses of its columns and what colleagues noted. Judges nothing."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, partial
from math import exp, isnan
from typing import Final, NamedTuple

from fleet_runtime.health.case import WEEK, Case, Weeks, crm
from fleet_runtime.health.courses import USERS, courses_at
from fleet_runtime.health.rules import Rules, Season
from fleet_runtime.health.seasons import Common, Seasons
from fleet_runtime.health.talk import talk_of
from fleet_runtime.health.tracks import Courses, Survey, Track
from fleet_runtime.records.book import AccountDetails, Evidence, Week

_REMEMBERED_WEEKS: Final = 30
_SURE: Final = 0.5
_LONGEST_QUOTE: Final = 140
_STOPPED_WEEKS: Final = 3
"""For how long nobody uses it where use has stopped; a fault in the tracking is over sooner."""
_OLD_SURVEY: Final = 16
_COUNT: Final = re.compile(r"[0-9]{1,3}(?:[,. ][0-9]{3})+(?![0-9])|[0-9]+")

Cite = Callable[[], Evidence]
"""Gives a piece of evidence; it is written where somebody is told of it, and most of what is looked at is not."""


class Said(NamedTuple):
    """A colleague's note, or what was said with the customer: how many weeks ago, and what was found in it."""

    age: float
    row: Week
    by: str = "a colleague notes"

    @property
    def quote(self) -> str:
        """Return the note in quotation marks, cut where it is long."""
        note = " ".join(self.row.note.split())
        return f'"{note}"' if len(note) <= _LONGEST_QUOTE else f'"{note[:_LONGEST_QUOTE].rsplit(" ", 1)[0]} ..."'

    def evidence(self) -> Evidence:
        """Return the note as evidence."""
        return noted_in(self.row)


def noted_in(row: Week) -> Evidence:
    """Return the note of a week as evidence."""
    return Evidence(text=f'"{row.note}" ({row.start})', source=cite_of(row))


def cite_of(row: Week) -> str:
    """Return where the note of a week stands."""
    return f"event {row.event_id}" if row.event_id else row.source or f"week of {row.start}"


def words(text: str) -> list[str]:
    """Return the words of a text, in small letters."""
    return re.findall(r"\w+", text.casefold())


def sentence(says: str) -> str:
    """Write it as a sentence."""
    return f"{says[:1].upper()}{says[1:]}" + ("" if says.endswith(".") else ".")


def counted(count: int, one: str, many: str = "") -> str:
    """Say how many: "1 week", "2 weeks"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def seats_in(details: AccountDetails) -> Cite:
    """Return what says how many seats the CRM knows of."""
    return lambda: Evidence(
        text=f"seats: {details.seats}, as the CRM of {details.known_from.date()} says", source=crm(details)
    )


class Seats(NamedTuple):
    """How many seats an account has, and where that stands; ``stated``: known at the moment, no mere hint."""

    number: float
    stated: bool
    evidence: Cite


class Outlook:
    """What a review sees. Columns of use are logarithms, so that changes are shares and small accounts count alike."""

    def __init__(self, case: Case, at: datetime, seasons: Seasons, rules: Rules, weeks: Weeks) -> None:
        """Look at a case as of a moment; ``weeks`` are those known then."""
        self.case = case
        self.at = at
        self.rules = rules
        self.weeks = weeks
        self.last = len(weeks) - 1
        hint = case.hint(at)
        self.industry = hint.industry if hint else ""
        self.seasons = seasons

    @property
    def week_before(self) -> Outlook:
        """Return the same without its last week, as known now; courses look back only, so they are the same."""
        earlier = Outlook(self.case, self.at - WEEK, self.seasons, self.rules, self.weeks.until(self.last))
        earlier.courses = self.courses
        return earlier

    @cached_property
    def courses(self) -> Courses:
        """Return the courses of all columns."""
        return courses_at(self.case, self.weeks, self.industry, self.rules)

    @property
    def tracks(self) -> Mapping[str, Track]:
        """Return the courses of use and support."""
        return self.courses.tracks

    @cached_property
    def said(self) -> Sequence[Said]:
        """Return the notes of the last half year that speak of anything, and what was said in it, the latest first."""
        rows = self.weeks.rows[max(0, len(self.weeks) - _REMEMBERED_WEEKS) :]
        noted = (row for row in reversed(rows) if row is not None and row.note and (row.themes or row.beliefs))
        notes = [Said(max(0.0, (self.today - row.start).days / WEEK.days - 1), row) for row in noted]
        ages = ((max(0.0, (self.today - row.start).days / WEEK.days), row) for row in talk_of(self.case))
        talk = [
            Said(age, row, "it was said") for age, row in ages if age <= _REMEMBERED_WEEKS and row.known_from <= self.at
        ]
        return sorted((*notes, *talk), key=lambda one: one.age) if talk else notes

    @property
    def today(self) -> date:
        """Return the day of the moment."""
        return self.at.date()

    @cached_property
    def surveys(self) -> Sequence[Survey]:
        """Return the weeks in which somebody was asked, oldest first."""
        asked = self.courses.surveys if self.last >= 0 else ()
        return asked[: bisect_right(asked, self.last, key=lambda one: one.week)]

    @cached_property
    def seats(self) -> Seats | None:
        """Return the seats on record at the moment: a fact, else the CRM's."""
        fact = self.case.fact("seats", self.at)
        count = _count_in(fact.value) if fact is not None else None
        if fact is not None and count:
            cited = partial(Evidence, text=f"seats: {fact.value}", source=f"fact {fact.id}")
            return Seats(count, stated=True, evidence=cited)
        details = self.case.hint(self.at)
        if details is None or not details.seats or details.seats < 0:
            return None
        return Seats(details.seats, details.known_from <= self.at, seats_in(details))

    @property
    def has_stopped(self) -> bool:
        """Tell whether nobody uses it any more."""
        return self.idle_weeks >= _STOPPED_WEEKS

    @property
    def asked_lately(self) -> bool:
        """Tell whether anybody was asked in the last months."""
        return bool(self.surveys) and self.age(self.surveys[-1].week) <= _OLD_SURVEY

    @cached_property
    def measured(self) -> int:
        """Return the last week of the grid in which anything was measured; -1 where there is none."""
        return next((place for place in range(self.last, -1, -1) if _has_figures(self.weeks.rows[place])), -1)

    @property
    def behind(self) -> float:
        """Return how many weeks ago the last week with any figure ended; negative while it is under way."""
        return self.age(self.measured)

    def age(self, week: int) -> float:
        """Return how many weeks ago a week of the grid ended."""
        return (self.today - self.weeks.first).days / WEEK.days - week - 1

    @cached_property
    def _common(self) -> Common:
        """Return how the whole industry stands in the last week."""
        return self.seasons.together(self.industry, self.weeks.start(self.last))

    def change(self, name: str) -> float:
        """Return by how much a course changed, as far as its whole industry did not; NaN where it cannot be told."""
        own = self.tracks[name].change(self.last)
        return _apart(own, self._common.change) if name == USERS else own

    def fallen(self, name: str) -> float:
        """Return by how much a course changed against the level that it once held, as far as its industry did not."""
        own = self.tracks[name].fallen(self.last)
        return _apart(own, self._common.fallen) if name == USERS else own

    def significance(self, name: str, change: float) -> float:
        """Return a change of a course, in standard deviations of what accounts of its size wander that are well."""
        now = self.tracks[USERS].now[self.last]
        users = 0.0 if isnan(now) else exp(now)
        wander = self.seasons.wandering(name, users, self.weeks.start(self.last))
        return self.tracks[name].significance(self.last, change) / wander

    @cached_property
    def idle_weeks(self) -> int:
        """Return for how many weeks on end nobody has used it, holes passed over."""
        idle = 0
        for place in range(self.last, -1, -1):
            users = self.weeks.value(USERS, place)
            if users > 0:
                break
            idle += not isnan(users)
        return idle

    def noted(self, theme: str, within: float) -> Said | None:
        """Return the latest note of a theme that is no older than so many weeks."""
        return next((one for one in self.said if one.age <= within and one.row.belief(theme) >= _SURE), None)

    def season(self) -> Season | None:
        """Return the season in which the last weeks lie: the moment's, or that of three weeks before."""
        found = (self.rules.season(day, self.industry) for day in (self.today - WEEK, self.today - 3 * WEEK))
        return next((season for season in found if season is not None), None)

    def latest(self, name: str, count: int = 4) -> list[float]:
        """Return the last values of a column that are there, oldest first."""
        return self.weeks.latest(name, count)

    def usual(self, name: str) -> float:
        """Return what was usual of a count in the eight weeks before the last; NaN where too little is known."""
        found = self.courses.usual.get(name)
        return float("nan") if found is None else found[self.last]

    def figures(self, label: str, name: str, before: float | None = None, *, digits: int = 0) -> Cite:
        """Return what says the last four weeks of a column, and what it was before."""
        return partial(self._figures, label, name, before, digits)

    def _figures(self, label: str, name: str, before: float | None, digits: int) -> Evidence:
        """Say the last four weeks of a column, and what it was before."""
        values = (self.weeks.value(name, index) for index in range(max(0, self.last - 3), self.last + 1))
        shown = ", ".join("no data" if isnan(one) else f"{one:.{digits}f}" for one in values)
        past = "" if before is None or isnan(before) else f"; {before:.{digits}f} before"
        return Evidence(text=f"{label} in the last four weeks: {shown}{past}", source=self.weeks.source(self.last))


def _count_in(value: str | None) -> float | None:
    """Read a count; None where there is none, or more than one."""
    found = _COUNT.findall(value or "")
    return float(re.sub(r"\D", "", found[0])) if len(found) == 1 else None


def _has_figures(row: Week | None) -> bool:
    """Tell whether anything was measured in a week."""
    return row is not None and bool(row.values)


def _apart(own: float, common: float) -> float:
    """Return the part of a change that is the account's own."""
    apart = own - common
    return own if isnan(own) else 0.0 if apart * own <= 0 else min(own, apart, key=abs)
