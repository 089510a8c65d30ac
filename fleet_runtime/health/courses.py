"""Lays out how an account's figures went: use and depth as logarithms, so that changes are shares. Judges nothing."""

from __future__ import annotations

from datetime import date
from math import isnan
from typing import Final

import numpy as np

from fleet_runtime.health.case import WEEK, Case, KeptCourses, Weeks
from fleet_runtime.health.rules import Rules
from fleet_runtime.health.tracks import Column, Courses, Survey, means, track, usual

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
_HALF_HEARD: Final = 0.5
"""What a survey counts of which it is said that nobody answered, and what they said."""


def courses_at(case: Case, weeks: Weeks, industry: str, rules: Rules) -> Courses:
    """Return the courses of an account; they are kept with it while each of its weeks has one version.

    Args:
        case: the account.
        weeks: its weeks as they were known at a moment; courses may go on beyond them.
        industry: whose quiet seasons count.
        rules: which seasons there are.
    """
    kept = case.kept_courses
    if kept is not None and kept.rules is rules and kept.industry == industry:
        return kept.courses
    courses = courses_of(case.all_weeks if case.is_plain else weeks, industry, rules)
    if case.is_plain:
        case.kept_courses = KeptCourses(rules, industry, courses)
    return courses


def courses_of(weeks: Weeks, industry: str, rules: Rules) -> Courses:
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
    return Courses(tracks, counts, means(weeks.column(TICKETS)), _surveys(weeks))


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


def _answers(count: float) -> float:
    """Return how many answered; two where nobody counted."""
    return 2.0 if isnan(count) else count
