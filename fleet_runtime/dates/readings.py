"""Read what a form of date found: the day, or the period, that the writing means. It never looks at the clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta, weekday

from fleet_runtime.dates.mentions import MONTHS, Precision, Prefer

WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_NUMBER_WORDS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
SMALL_NUMBERS = {"a": 1, "an": 1, "a couple of": 2} | {word: n for n, word in enumerate(_NUMBER_WORDS, 1)}
_DAY_WORDS = (
    "day before yesterday",
    "yesterday",
    "today",
    "tonight",
    "tomorrow",
    "day after tomorrow",
)
_DAYS_FROM_TODAY: Mapping[str, int] = dict(zip(_DAY_WORDS, (-2, -1, 0, 0, 1, 2), strict=True))

Found = tuple[date | None, Precision, bool]
Reader = Callable[[re.Match[str], date, Prefer], Found | None]


def _day(year: int, month: int, day: int) -> date | None:
    """Return the day, or None if the calendar has none such."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(word: str) -> int:
    """Read a year of four digits, or of two as one of this century."""
    digits = word.strip("'\u2019")
    return int(digits) if len(digits) == 4 else 2000 + int(digits)  # noqa: PLR2004 - a year has four digits


def _month(word: str) -> int:
    """Read a month's name or short name."""
    return next(n for n, name in enumerate(MONTHS, 1) if name.lower().startswith(word.lower()[:3]))


def _without_year(today: date, prefer: Prefer, start_in: Callable[[int], tuple[date, date] | None]) -> date | None:
    """Pick the year for a period that recurs yearly; ``start_in`` gives its first and last day in a year."""
    spans = [span for year in range(today.year - 4, today.year + 5) if (span := start_in(year))]
    if prefer == "future":
        return min((first for first, last in spans if last >= today), default=None)
    if prefer == "past":
        return max((first for first, _ in spans if first <= today), default=None)
    return min(
        (first for first, _ in spans),
        key=lambda day: abs((day - today).days),
        default=None,
    )


def _at_edge(first: date, length: relativedelta, edge: str | None) -> date:
    """Move from a period's first day to its edge: its middle, or its last day."""
    words = (edge or "").lower()
    last = first + length - timedelta(days=1)
    if "end" in words or words == "late":
        return last
    if "mid" in words:
        return first + (last - first) // 2
    return first


def read_iso(match: re.Match[str], _today: date, _prefer: Prefer) -> Found | None:
    """Read 2027-03-31."""
    return _day(int(match["year"]), int(match["b"]), int(match["a"])), "day", False


def read_iso_month(match: re.Match[str], _today: date, _prefer: Prefer) -> Found | None:
    """Read 2027-03 as its first day."""
    return _day(int(match["year"]), int(match["b"]), 1), "month", False


def read_iso_week(match: re.Match[str], _today: date, _prefer: Prefer) -> Found | None:
    """Read 2027-W09 as its Monday."""
    try:
        return date.fromisocalendar(int(match["year"]), int(match["week"]), 1), "day", False
    except ValueError:
        return None


def read_numeric(match: re.Match[str], _today: date, _prefer: Prefer) -> Found | None:
    """Read 31.03.2027 or 31/03/27: the day first, unless that cannot be."""
    first, second, year = int(match["a"]), int(match["b"]), _year(match["year"])
    return _day(year, second, first) or _day(year, first, second), "day", False


def read_named_day(match: re.Match[str], today: date, prefer: Prefer) -> Found | None:
    """Read "31 March 2027", "March 31st" and their like."""
    word, day = match["month"], int(match["day"])
    if word == "may" and not (match["year"] or match["ordinal"] or match["cue"]):
        return None  # "30 may log in": the verb
    month = _month(word)
    if match["year"]:
        return _day(_year(match["year"]), month, day), "day", False

    def in_year(year: int) -> tuple[date, date] | None:
        value = _day(year, month, day)
        return (value, value) if value else None

    return _without_year(today, prefer, in_year), "day", True


def read_month(match: re.Match[str], today: date, prefer: Prefer) -> Found | None:
    """Read "March 2027", "end of June", "in March"."""
    word = match["month"]
    cued = bool(match["cue"] or match["edge"] or match["year"] or match["turn"])
    if not cued and (word.islower() or word.lower() in {"may", "march", "mar", "jan", "sep"}):
        return None  # "may", "march" and small letters are words first
    month, length = _month(word), relativedelta(months=1)
    if match["year"]:
        first, relative = date(_year(match["year"]), month, 1), False
    else:
        first = _month_by_turn(match["turn"], today, month) or _nearest_period(today, prefer, month, length)
        relative = True
    return _at_edge(first, length, match["edge"]), "month", relative


def _month_by_turn(turn: str | None, today: date, month: int) -> date | None:
    """Place "next March", "last March" strictly after or before the present month, "this March" in this year."""
    if turn is None:
        return None
    if turn.lower() == "this":
        return date(today.year, month, 1)
    here = today.replace(day=1)
    if turn.lower() == "last":
        return max(day for year in (-1, 0) if (day := date(today.year + year, month, 1)) < here)
    return min(day for year in (0, 1) if (day := date(today.year + year, month, 1)) > here)


def _nearest_period(today: date, prefer: Prefer, month: int, length: relativedelta) -> date:
    """Pick the year of a period that begins in ``month`` each year."""
    last = length - relativedelta(days=1)
    nearest = _without_year(today, prefer, lambda year: (date(year, month, 1), date(year, month, 1) + last))
    return nearest or date(today.year, month, 1)


def read_quarter(match: re.Match[str], today: date, prefer: Prefer) -> Found | None:
    """Read "Q2 2027", "end of Q2", "the second quarter of 2027"."""
    number = int(match["number"]) if match["number"] else _ORDINALS[match["ordinal"].lower()]
    month, length = 3 * number - 2, relativedelta(months=3)
    if match["year"]:
        first, relative = date(_year(match["year"]), month, 1), False
    else:
        first, relative = _nearest_period(today, prefer, month, length), True
    return _at_edge(first, length, match["edge"]), "quarter", relative


def read_year(match: re.Match[str], _today: date, _prefer: Prefer) -> Found | None:
    """Read "in 2027", "end of 2027"."""
    first = date(int(match["year"]), 1, 1)
    return _at_edge(first, relativedelta(years=1), match["edge"]), "year", False


def read_day_word(match: re.Match[str], today: date, _prefer: Prefer) -> Found | None:
    """Read "tomorrow", "the day after tomorrow"."""
    return (
        today + timedelta(days=_DAYS_FROM_TODAY[" ".join(match["word"].lower().split())]),
        "day",
        True,
    )


def read_weekday(match: re.Match[str], today: date, prefer: Prefer) -> Found | None:
    """Read "last Friday" (the latest), "by Friday" (the coming one), "next Friday" (of next week)."""
    number = WEEKDAYS.index(match["weekday"].lower())
    turn = (match["turn"] or "").lower()
    if turn == "last" or (not turn and prefer == "past"):
        return today + relativedelta(days=-1, weekday=weekday(number)(-1)), "day", True
    if turn == "next":
        monday = today - timedelta(days=today.weekday())
        return monday + timedelta(days=7 + number), "day", True
    later = _LENGTHS[match["later"].lower()] if match["later"] else relativedelta()
    return (
        today + relativedelta(days=1, weekday=weekday(number)(1)) + later,
        "day",
        True,
    )


def read_distance(match: re.Match[str], today: date, _prefer: Prefer) -> Found | None:
    """Read "in two weeks", "two weeks ago", "a month from now"."""
    word = " ".join(match["number"].lower().split())
    number = int(word) if word.isdigit() else SMALL_NUMBERS[word]
    back = (match["after"] or "").lower() in {"ago", "earlier"}
    return (
        today + (-1 if back else 1) * number * _LENGTHS[match["unit"].lower()],
        "day",
        True,
    )


_LENGTHS: Mapping[str, relativedelta] = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "fortnight": relativedelta(weeks=2),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}


def read_period(match: re.Match[str], today: date, _prefer: Prefer) -> Found | None:
    """Read "next month", "last quarter", "end of the year", "end of this week" (its Friday)."""
    unit, turn, edge = match["unit"].lower(), match["turn"].lower(), match["edge"]
    if turn == "the" and not edge:
        return None
    steps = {"next": 1, "coming": 1, "last": -1, "previous": -1}.get(turn, 0)
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=steps)
        return _at_edge(monday, relativedelta(days=5), edge), "day", True
    starts = {
        "month": today.replace(day=1),
        "quarter": date(today.year, 3 * ((today.month - 1) // 3) + 1, 1),
        "year": date(today.year, 1, 1),
    }
    precision: dict[str, Precision] = {
        "month": "month",
        "quarter": "quarter",
        "year": "year",
    }
    return (
        _at_edge(starts[unit] + steps * _LENGTHS[unit], _LENGTHS[unit], edge),
        precision[unit],
        True,
    )


def read_day_of_month(match: re.Match[str], today: date, prefer: Prefer) -> Found | None:
    """Read "by the 15th": the nearest month that has such a day."""
    day = int(match["day"])
    months = [today.replace(day=1) + relativedelta(months=step) for step in range(-2, 3)]
    options = [value for first in months if (value := _day(first.year, first.month, day))]
    if prefer == "nearest":
        return (
            min(options, key=lambda value: abs((value - today).days), default=None),
            "day",
            True,
        )
    if prefer == "past":
        return (
            max((value for value in options if value <= today), default=None),
            "day",
            True,
        )
    return (
        min((value for value in options if value >= today), default=None),
        "day",
        True,
    )
