"""Reads a moment as files write it: ISO 8601, e-mail's form, Unix time, a date in words, a local date.

"03/04/2026" is read only if the file or the caller tells whether the day comes first: a wrong date is worse than
none. Never looks at the clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple

from fleet_runtime.dates import MONTHS

DateOrder = Literal["day-first", "month-first"]

_MONTH: Final = {name[:3].casefold(): number for number, name in enumerate(MONTHS, 1)}
_MONTH_WORD: Final = r"(?P<word>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_YEAR: Final = r"(?P<year>\d{4}|\d{2})"
_ISO_DATE: Final = r"(?P<iso>\d{4}-\d{2}-\d{2}|\d{4}/\d{1,2}/\d{1,2})"
_LOCAL_DATE: Final = rf"(?P<one>\d{{1,2}})(?P<mark>[./-])(?P<two>\d{{1,2}})(?P=mark){_YEAR}"
_DAY_MONTH: Final = rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{_MONTH_WORD},?\s+(?P<wide>\d{{4}})"
_MONTH_DAY: Final = (
    r"(?P<word2>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s+"
    r"(?P<day2>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<wide2>\d{4})"
)
_WEEKDAY: Final = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+)?"

TIME: Final = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d{1,6})?)?(?:[ \u00a0\u202f]?[ap]\.?m\.?)?"
"""A time of day, for other patterns."""
DATE: Final = (
    r"(?:\d{4}-\d{2}-\d{2}|\d{4}/\d{1,2}/\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})"
    r"|\d{1,2}(?:st|nd|rd|th|\.)?\s+(?:of\s+)?[a-z]{3,9}\.?,?\s+\d{4}"
    r"|[a-z]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4})"
)
"""A date, for other patterns."""
_ZONE: Final = r"(?:\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2}))?"
_MOMENT: Final = re.compile(
    rf"{_WEEKDAY}(?:{_ISO_DATE}|{_LOCAL_DATE}|{_DAY_MONTH}|{_MONTH_DAY})"
    rf"(?:(?:,|\s+at|t)?\s*(?P<time>{TIME}){_ZONE})?",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<part>\d{1,6}))?)?"
    r"\s?(?:(?P<half>[ap])\.?m\.?)?",
    re.IGNORECASE,
)
_UNIX: Final = re.compile(r"\d{9,10}(?:\.\d{1,6})?|\d{12,13}")
_MAIL: Final = re.compile(r"(?:[a-z]{3},\s+)?\d{1,2}\s+[a-z]{3}\s+\d{4}\s+\d{1,2}:\d{2}", re.IGNORECASE)
YEAR_ZERO: Final = re.compile(r"\s0\d{3}(?!\d)")
"""A year that the mail parser takes for one of our time."""
_LOCAL: Final = re.compile(r"(?<!\d)(\d{1,2})([./-])(\d{1,2})\2(?:\d{4}|\d{2})(?!\d)")
_MILLISECONDS_FROM: Final = 10_000_000_000
_LONGEST: Final = 64
_CENTURY: Final = 2000
_SHORT_YEAR: Final = 2
_MONTHS_A_YEAR: Final = 12
_NOON: Final = 12


class Unreadable(NamedTuple):
    """Why a text is no moment, and what to do."""

    why: str


def read_moment(told: str, dates: DateOrder | None = None) -> datetime | Unreadable:
    """Read a moment; without a zone it is UTC, a bare date is its first instant."""
    text = " ".join(told.split())
    if not text or len(text) > _LONGEST:
        return Unreadable("the date is empty or no date: write it as 2026-03-01T09:30")
    try:
        return _moment(text, dates)
    except _Ambiguous:
        return Unreadable(
            f"whether the day or the month comes first in {text!r} cannot be told: "
            "write 2026-03-01, or say --dates day-first or month-first"
        )
    except (ValueError, OverflowError, TypeError, IndexError) as error:
        return Unreadable(f"{text!r} is no date that can be kept ({error}): write it as 2026-03-01T09:30")


def read_clock(told: str) -> timedelta | Unreadable:
    """Read a time of day, or an offset from a recording's beginning, as the time since midnight."""
    found = _CLOCK.fullmatch(told.strip())
    if found is None:
        return Unreadable(f"{told!r} is no time of day: write it as 09:30")
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % _NOON + (_NOON if found["half"].casefold() == "p" else 0)
    part = int((found["part"] or "").ljust(6, "0") or 0)
    try:
        clock = time(hour, int(found["minute"]), int(found["second"] or 0), part)
    except ValueError as error:
        return Unreadable(f"{told!r} is no time of day ({error}): write it as 09:30")
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)


def date_order(lines: Iterable[str]) -> DateOrder | None:
    """Tell which comes first from the first local date in a text that leaves no doubt; dots put the day first."""
    for line in lines:
        for one, mark, two in _LOCAL.findall(line):
            if mark == "." or int(one) > _MONTHS_A_YEAR:
                return "day-first"
            if int(two) > _MONTHS_A_YEAR:
                return "month-first"
    return None


class _Ambiguous(Exception):
    """A local date may be read in two ways."""


def _moment(text: str, dates: DateOrder | None) -> datetime:
    """Read a moment by the first form that fits.

    Raises: ValueError and its like for no moment, _Ambiguous.
    """
    if _UNIX.fullmatch(text):
        seconds = float(text)
        return datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS_FROM else seconds, UTC)
    if _MAIL.match(text) and not YEAR_ZERO.search(text):
        from email.utils import parsedate_to_datetime  # noqa: PLC0415 - loads sockets and more

        return _in_utc(parsedate_to_datetime(text))
    found = _MOMENT.fullmatch(text)
    if found is None:
        return _in_utc(datetime.fromisoformat(text))
    day = _day(found, dates)
    if not found["time"]:
        return datetime.combine(day, time.min, tzinfo=UTC)
    since_midnight = read_clock(found["time"])
    if isinstance(since_midnight, Unreadable):
        raise ValueError(since_midnight.why)  # noqa: TRY004 - what is wrong is the text, not its type
    moment = datetime.combine(day, time.min) + since_midnight
    zone = (found["zone"] or "").upper()
    if zone and zone not in {"Z", "UTC", "GMT"}:
        return _in_utc(datetime.fromisoformat(f"{moment.isoformat()}{zone}"))
    return _in_utc(moment)


def _day(found: re.Match[str], dates: DateOrder | None) -> date:
    """Return the day that a moment's form names.

    Raises: ValueError, _Ambiguous.
    """
    if found["iso"]:
        year, month, day = (int(part) for part in re.split("[-/]", found["iso"]))
        return date(year, month, day)
    word = found["word"] or found["word2"]
    if word:
        return date(int(found["wide"] or found["wide2"]), _MONTH[word.casefold()], int(found["day"] or found["day2"]))
    one, two = int(found["one"]), int(found["two"])
    order = date_order([found[0]]) or dates
    if order is None and one != two:
        raise _Ambiguous
    year = int(found["year"]) + (_CENTURY if len(found["year"]) == _SHORT_YEAR else 0)
    return date(year, one, two) if order == "month-first" else date(year, two, one)


def _in_utc(moment: datetime) -> datetime:
    """Read a naive time as UTC.

    Raises: OverflowError at the ends of the calendar.
    """
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
