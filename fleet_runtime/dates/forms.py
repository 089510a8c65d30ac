"""The forms in which English writes a date, each tied to what reads it. Finds nothing itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from fleet_runtime.dates import readings
from fleet_runtime.dates.readings import SMALL_NUMBERS, WEEKDAYS, Reader
from fleet_runtime.patterns import pattern

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WEEKDAY = r"(?P<weekday>" + "|".join(WEEKDAYS) + r")\b"
_EDGE = (
    r"(?:(?:the\s+)?(?P<edge>(?:very\s+)?end\s+of|beginning\s+of|start\s+of|middle\s+of|mid|early|late)"
    r"(?:\s+|-)(?:in\s+)?)?"
)
_SHORT_YEAR = r"(?P<year>(?:19|20)\d{2}|['\u2019]\d{2})(?!\d)"
_COUNTED = r"(?!\s*(?:%|percent|people|persons|users|seats|licen[cs]es|of\s+(?:our|us|the|them)\b)|[:.]\d)"
_NUMBER = r"(?P<number>\d{1,3}|" + "|".join(sorted(SMALL_NUMBERS, key=len, reverse=True)) + r")"
_UNIT = r"(?P<unit>day|week|fortnight|month|quarter|year)"
_CUE = r"(?:in|by|on|from|since|until|till|before|after|during|for|of|to|around|about|between|and|at)"


_TURN = r"(?P<turn>next|last|this|coming)"
_ALONE = r"(?<![\w./-])"
HINTS: Mapping[str, re.Pattern[str]] = {
    "signs": re.compile(r"\d\d|\d[-/.]\d|\dth|\dst|\dnd|\drd", re.IGNORECASE),
    "month": re.compile(r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE),
    "quarter": re.compile(r"Q[1-4]|quarter", re.IGNORECASE),
    "day": re.compile(r"day|morrow|night", re.IGNORECASE),
    "unit": re.compile(r"day|week|night|month|quarter|year", re.IGNORECASE),
}

"""What a text must hold for a form to be looked for: every date has one."""


class Form(NamedTuple):
    """One form: its pattern, what reads it, and the name of the hint without which no text holds it."""

    pattern: re.Pattern[str]
    read: Reader
    hint: str


def _form(source: str, read: Reader, hint: str) -> Form:
    """Make a form; letter case never matters."""
    return Form(pattern(source, re.IGNORECASE), read, hint)


FORMS: Final[tuple[Form, ...]] = (
    _form(
        _ALONE + r"(?P<span>(?P<year>(?:19|20)\d{2})[-/.](?P<b>\d{1,2})[-/.](?P<a>\d{1,2}))(?!\d)",
        readings.read_iso,
        "signs",
    ),
    _form(
        _ALONE + r"(?P<span>(?P<year>20\d{2})-(?P<b>0[1-9]|1[0-2]))(?![\w/]|[-.]\d)",
        readings.read_iso_month,
        "signs",
    ),
    _form(_ALONE + r"(?P<span>(?P<year>20\d{2})-?W(?P<week>\d{2}))(?!\w)", readings.read_iso_week, "signs"),
    _form(
        _ALONE + r"(?P<span>(?P<a>\d{1,2})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<year>(?:19|20)\d{2}|\d{2}))"
        r"(?![\d%]|[./-]\d)",
        readings.read_numeric,
        "signs",
    ),
    _form(
        rf"(?:\b(?P<cue>{_CUE})\s+(?:the\s+)?)?(?<![\w.,/-])(?P<span>(?P<day>\d{{1,2}})(?P<ordinal>st|nd|rd|th)?"
        rf"(?:\s+of)?\s+{_MONTH}(?:(?:,|\s+of)?\s*{_SHORT_YEAR})?)",
        readings.read_named_day,
        "month",
    ),
    _form(
        rf"(?:\b(?P<cue>{_CUE})\s+)?\b(?P<span>{_MONTH}\s+(?:the\s+)?(?P<day>[0-3]?\d)(?P<ordinal>st|nd|rd|th)?"
        rf"(?![\d,]\d|\d){_COUNTED}(?:,?\s+{_SHORT_YEAR})?)",
        readings.read_named_day,
        "month",
    ),
    _form(
        rf"(?:\b(?P<cue>{_CUE})\s+)?\b(?P<span>{_EDGE}(?:{_TURN}\s+)?{_MONTH}(?:(?:,|\s+of)?\s*{_SHORT_YEAR})?)",
        readings.read_month,
        "month",
    ),
    _form(
        rf"(?:\b(?P<cue>{_CUE})\s+)?\b(?P<span>{_EDGE}(?:the\s+)?(?:Q(?P<number>[1-4])|(?P<ordinal>first|second|third|fourth)\s+quarter)\b"
        rf"(?:\s*(?:of|/|,)?\s*{_SHORT_YEAR})?)",
        readings.read_quarter,
        "quarter",
    ),
    _form(
        rf"\b{_CUE}\s+(?P<span>{_EDGE}(?P<year>(?:19|20)\d{{2}}))(?![\d.,/-]?\d|\s*[%\w])",
        readings.read_year,
        "signs",
    ),
    _form(
        r"\b(?P<span>(?:the\s+)?(?P<word>day\s+after\s+tomorrow|day\s+before\s+yesterday|today|tonight|tomorrow|yesterday))\b",
        readings.read_day_word,
        "day",
    ),
    _form(
        rf"\b(?P<span>(?:a\s+(?P<later>week|fortnight)\s+(?:from|on)\s+|{_TURN}\s+)?{_WEEKDAY})",
        readings.read_weekday,
        "day",
    ),
    _form(
        rf"\b(?P<span>(?:in|within)\s+(?:the\s+next\s+)?{_NUMBER}\s+{_UNIT}s?(?P<after>))\b",
        readings.read_distance,
        "unit",
    ),
    _form(
        rf"\b(?P<span>{_NUMBER}\s+{_UNIT}s?\s+(?P<after>ago|earlier|from\s+(?:now|today)))\b",
        readings.read_distance,
        "unit",
    ),
    _form(
        rf"\b(?P<span>{_EDGE}(?P<turn>next|last|this|coming|previous|current|the)\s+"
        r"(?P<unit>week|month|quarter|year))\b(?!\s*['\u2019]s)",
        readings.read_period,
        "unit",
    ),
    _form(
        rf"\b(?P<cue>{_CUE})\s+(?P<span>the\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th))\b(?!\s+(?:of\s+)?\w)",
        readings.read_day_of_month,
        "signs",
    ),
)
"""Every form; each is compiled when a text comes that may hold it."""
