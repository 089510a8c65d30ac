"""A case as of one moment, with the courses of its columns and what colleagues noted. Judges nothing."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, partial
from math import isnan
from typing import Final, NamedTuple

import numpy as np

from fleet_runtime.health.case import WEEK, Case, KeptCourses, Weeks, crm
from fleet_runtime.health.rules import Rules, Season
from fleet_runtime.health.seasons import Seasons
from fleet_runtime.health.talk import talk_of
from fleet_runtime.health.tracks import Column, Courses, Survey, Track, means, track, usual
from fleet_runtime.records.book import AccountDetails, Evidence, Week

USERS: Final = "active_users"
LOGINS: Final = "logins_per_user"
DEPTH: Final = "key_uses_per_user"
SHARE: Final = "top_user_share"
TICKETS: Final = "tickets_opened"
URGENT: Final = "p1_open"
COUNTS: Final = (USERS, "logins", "key_feature_uses")
_LEAST_NOISE: Final = {USERS: 0.04, LOGINS: 0.06, DEPTH: 0.06, SHARE: 0.02}
_FEW: Final = 3
"""Active users below which a week of none may be a week of none."""
_REMEMBERED_WEEKS: Final = 30
_SURE: Final = 0.5
_LONGEST_QUOTE: Final = 140
_STOPPED_WEEKS: Final = 3
"""For how long nobody uses it where use has stopped; a fault in the tracking is over sooner."""
_OLD_SURVEY: Final = 16
_HALF_HEARD: Final = 0.5
"""What a survey counts of which it is said that nobody answered, and what they said."""

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
    cite = f"event {row.event_id}" if row.event_id else row.source or f"week of {row.start}"
    return Evidence(text=f'"{row.note}" ({row.start})', source=cite)


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

    @cached_property
    def courses(self) -> Courses:
        """Return the courses of all columns; they are kept with the case while its weeks have one version each."""
        kept = self.case.kept_courses
        fits = kept is not None and kept.seasons is self.seasons and kept.rules is self.rules
        if kept is not None and fits and kept.industry == self.industry:
            return kept.courses
        weeks = self.case.all_weeks if self.case.is_plain else self.weeks
        courses = courses_of(weeks, self.industry, self.seasons, self.rules)
        if self.case.is_plain:
            self.case.kept_courses = KeptCourses(self.seasons, self.rules, self.industry, courses)
        return courses

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

    def change(self, name: str) -> float:
        """Return by how much a course changed, as far as its whole industry did not; NaN where it cannot be told."""
        return self._apart(name, self.tracks[name].change(self.last), Track.change)

    def fallen(self, name: str) -> float:
        """Return by how much a course changed against the level that it once held, as far as its industry did not."""
        return self._apart(name, self.tracks[name].fallen(self.last), Track.fallen)

    def _apart(self, name: str, own: float, of: Callable[[Track, int], float]) -> float:
        """Return the part of a change that is the account's own."""
        common = self.courses.common
        if name != USERS or common is None or isnan(own):
            return own
        apart = of(common, self.last)
        return 0.0 if apart * own <= 0 else min(own, apart, key=abs)

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


def _has_figures(row: Week | None) -> bool:
    """Tell whether anything was measured in a week."""
    return row is not None and bool(row.values)


def _answers(count: float) -> float:
    """Return how many answered; two where nobody counted."""
    return 2.0 if isnan(count) else count


def courses_of(weeks: Weeks, industry: str, seasons: Seasons, rules: Rules) -> Courses:
    """Lay out the courses of use, without the weeks in which use says nothing."""
    users = weeks.column(USERS).copy()
    logins, uses = weeks.column("logins"), weeks.column("key_feature_uses")
    stopped = (users == 0) | ((logins == 0) & (users > _FEW))
    users[stopped] = np.nan
    quiet = np.array([_is_quiet(weeks.start(index), industry, rules) for index in range(len(weeks))], dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns: dict[str, Column] = {
            USERS: np.log(users),
            LOGINS: np.log(np.where(logins > 0, logins, np.nan)) - np.log(users),  # a quotient may overflow
            DEPTH: np.log(np.where(uses > 0, uses, np.nan)) - np.log(users),
        }
    for column in columns.values():
        column[quiet] = np.nan
    columns[SHARE] = weeks.column(SHARE)
    few = 0.6 / np.sqrt(np.maximum.accumulate(np.nan_to_num(users, nan=1.0, copy=True)))  # whole people come and go
    floors: dict[str, Column | float] = {**_LEAST_NOISE, USERS: np.maximum(few, _LEAST_NOISE[USERS])}
    tracks = {name: track(values, least_noise=floors[name]) for name, values in columns.items()}
    counts = {name: usual(weeks.column(name)) for name in COUNTS if name in weeks.columns}
    moves = np.cumsum([seasons.moved(industry, weeks.start(index)) for index in range(len(weeks))])
    common = track(columns[USERS] - moves, least_noise=floors[USERS]) if moves.any() else None
    return Courses(tracks, counts, means(weeks.column(TICKETS)), common, _surveys(weeks))


def _surveys(weeks: Weeks) -> list[Survey]:
    """Return the weeks in which somebody was asked, oldest first."""
    found: list[Survey] = []
    heard = points = 0.0
    for week in range(len(weeks)):
        score = weeks.value("nps", week)
        if not isnan(score):
            answers = _answers(weeks.value("nps_responses", week))
            heard, points = heard + max(answers, _HALF_HEARD), points + score * max(answers, _HALF_HEARD)
            found.append(Survey(week, score, answers, heard, points))
    return found


def _is_quiet(monday: date, industry: str, rules: Rules) -> bool:
    """Tell whether the middle of a week lies in a quiet season."""
    season = rules.season(monday + WEEK / 2, industry)
    return season is not None and season.quiet
