"""Decide whether the evidence supports a day of a reply, or how far it says that a day is away: by value.

A reply may leave out a year, name the weekday or the week of a known day, and count from today.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

from fleet_runtime.dates import DateMention
from fleet_runtime.guarding.calendar_words import DAYS
from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.figures import Figure

_QUARTER = 3
_UNITS: tuple[tuple[re.Pattern[str], int, int], ...] = tuple(
    (re.compile(rf"[\s-]*(?:more\s+|weitere[nr]?\s+)?(?:{names})\b", re.IGNORECASE), days, slack)
    for names, days, slack in (
        (r"days?|tage?n?|jours?|d\u00edas?", 1, 0),
        (r"weeks?|wochen?|semaines?|semanas?", 7, 4),
        (r"months?|monate?n?|mois|mes(?:es)?", 30, 18),
        (r"years?|jahre?n?|ans|a\u00f1os?", 365, 183),
    )
)
_WEEKDAY_NAME = re.compile("|".join((*(word for _, word in DAYS), *(word for word, _ in DAYS))), re.IGNORECASE)
_BACK = re.compile(r"\bago\b|\bvor\b|\bseit\b|\bil\s+y\s+a\b|\bhace\b|\bdepuis\b", re.IGNORECASE)
_LENGTH_SLACK = {
    "day": 0,
    "tag": 0,
    "jour": 0,
    "d\u00eda": 0,
    "week": 4,
    "fortnight": 4,
    "woche": 4,
    "semaine": 4,
    "semana": 4,
    "month": 16,
    "monat": 16,
    "mois": 16,
    "mes": 16,
}
_A_WEEK = re.compile(r"\b(?:week|kw|kalenderwoche|\w*woche|semaine|semana)\b", re.IGNORECASE)
_WITHIN = re.compile(r"(?:within|innerhalb|binnen|en)\b", re.IGNORECASE)
_ROUND_DAYS = re.compile(
    r"\b(?:quinze|huit)\s+jours\b|\b(?:quince|ocho)\s+d\u00edas\b|\bacht\s+tagen?\b", re.IGNORECASE
)
"""Days that stand for whole weeks."""

_NUMBERED = re.compile(r"(?:the\s+)?\d{1,2}(?:st|nd|rd|th|\.)?\Z", re.IGNORECASE)
_BESIDE, _NEAR_DAYS = 12, 7
_SLASHED = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}\Z")


def is_distance(figure: Figure, sentence: str, support: Support, *, dated: bool) -> bool:
    """Tell whether a number of days, weeks, months or years is how far from today a day of the evidence is.

    The sentence says that it counts from today, or (``dated``) names a known day besides.
    """
    rest = sentence[figure.end :]
    for unit, days, slack in _UNITS:
        if unit.match(rest):
            far = days * int(figure.value)
            ahead = (dated or _ahead().search(sentence)) and _lies_about(far, slack, support)
            return bool(ahead or (_BACK.search(sentence) and _lies_about(-far, slack, support)))
    return False


def has_date(mention: DateMention, support: Support, beside: Sequence[DateMention] = ()) -> bool:
    """Tell whether the evidence speaks of that day, or of a day within that week, month, quarter or year."""
    written = " ".join(mention.text.lower().split())
    if written in support.lowered and re.search(rf"(?<!\w){re.escape(written)}(?!\w)", support.lowered):
        return True
    if mention.value is None:
        return False
    if any(known.value is not None and _covers(mention, known.value, known.precision) for known in support.dates):
        return True
    if _is_written_otherwise(mention, mention.value, support):
        return True
    if mention.relative and _counted_from_now().search(mention.text):
        return _is_counted(mention.text, (mention.value - support.today).days, support)
    return _is_weekday_of(mention, beside, support)


def _is_written_otherwise(mention: DateMention, said: date, support: Support) -> bool:
    """Tell whether it is a known date with its month first, without its month, or with its year apart."""
    if mention.precision == "month":
        return not mention.relative and _is_month_of_year(said, support)
    if _NUMBERED.match(mention.text):
        return any(known.value and known.precision == "day" and known.value.day == said.day for known in support.dates)
    slashed = _SLASHED.search(mention.text) or any(_SLASHED.search(known.text) for known in support.dates)
    return bool(slashed) and any(_swapped(mention, known) for known in support.dates)


def _is_counted(text: str, days: int, support: Support) -> bool:
    """Tell whether a known day lies as far from today as is said, or known days lie within that time."""
    unit = _length().search(text)
    slack = _LENGTH_SLACK.get(unit["unit"].lower(), 183) if unit else 0
    if _ROUND_DAYS.search(text):
        slack = 1
    return (bool(_WITHIN.match(text)) and _spans_listed(abs(days), support)) or _lies_about(days, slack, support)


def _spans_listed(length: int, support: Support) -> bool:
    """Tell whether the days that one sentence of the evidence lists fill more than half of a length, and not more."""
    for row in support.rows:
        days = [known.value for known in row.dates if known.value and known.precision == "day"]
        if days and length / 2 < (max(days) - min(days)).days <= length:
            return True
    return False


def _is_month_of_year(said: date, support: Support) -> bool:
    """Tell whether one text of the evidence names the month without a year, and the year apart ("2025: July 1,200")."""
    return any(
        known.relative and known.precision == "month" and known.value and known.value.month == said.month
        for row in support.rows
        if re.search(rf"\b{said.year}\b", row.text)
        for known in row.dates
    )


def _is_weekday_of(mention: DateMention, beside: Sequence[DateMention], support: Support) -> bool:
    """Tell whether it is the weekday of a date right beside it: "Wednesday, 31 March 2027", "tomorrow, a Friday"."""
    if not mention.relative or mention.value is None or any(sign.isdigit() for sign in mention.text):
        return False
    near = [
        each
        for each in beside
        if each is not mention
        and each.value is not None
        and min(abs(each.start - mention.end), abs(mention.start - each.end)) <= _BESIDE
    ]
    return any(
        each.value
        and each.value.weekday() == mention.value.weekday()
        and (each.value == support.today or has_date(each, support))
        for each in near
    )


def is_weekday_near(mention: DateMention, support: Support) -> bool:
    """Tell whether a bare weekday ("since Tuesday") is that of a known day of the last or the next seven."""
    if not mention.relative or mention.value is None or mention.precision != "day" or _is_turned_day(mention):
        return False
    weekday = mention.value.weekday()
    return any(
        known.value
        and known.precision == "day"
        and known.value.weekday() == weekday
        and 0 < abs((known.value - support.today).days) <= _NEAR_DAYS
        for known in support.dates
    )


def _is_turned_day(mention: DateMention) -> bool:
    """Tell whether it says more than a weekday's name."""
    return (
        bool(_turned().search(mention.text))
        or bool(_counted_from_now().search(mention.text))
        or any(sign.isdigit() for sign in mention.text)
        or not _WEEKDAY_NAME.search(mention.text)
    )


def days_of(mentions: Sequence[DateMention], support: Support) -> list[date]:
    """Return the days of the evidence that some dates of a reply name, each or by their month."""
    if not mentions:
        return []  # most sentences name no day, and then the evidence is not read for its own
    known = [each.value for each in support.dates if each.value and each.precision == "day"]
    return [
        day
        for mention in mentions
        if mention.value and mention.precision in {"day", "month"}
        for day in known
        if _covers(mention, day, "day")
    ]


def _swapped(mention: DateMention, known: DateMention) -> bool:
    """Compare days when the order of day and month is not told by either."""
    said, day = mention.value, known.value
    if said is None or day is None or said.year != day.year or {mention.precision, known.precision} != {"day"}:
        return False
    return (said.day, said.month) == (day.month, day.day)


def _lies_about(days: int, slack: int, support: Support) -> bool:
    """Tell whether a day of the evidence lies that many days from today, back if negative."""
    known = [mention.value for mention in support.dates if mention.value and mention.precision == "day"]
    return any(abs((day - support.today).days - days) <= slack for day in known)


def _covers(mention: DateMention, day: date, precision: str) -> bool:
    """Tell whether a known date says what the mention says; a coarser one does not."""
    said = mention.value
    if said is None:
        return False
    if _A_WEEK.search(mention.text) and mention.precision == "day" and not _counted_from_now().search(mention.text):
        return precision == "day" and abs((_monday(day) - _monday(said)).days) == 0
    if mention.relative and mention.precision in {"day", "month"} and not _is_from_now(mention):
        said = _in_year(said, day.year) or said
    if said.year != day.year:
        return False
    if mention.precision == "year":
        return True
    if mention.precision == "quarter":
        return precision != "year" and (said.month - 1) // _QUARTER == (day.month - 1) // _QUARTER
    same_month = said.month == day.month and precision in {"day", "month"}
    return same_month and (mention.precision == "month" or (precision == "day" and said.day == day.day))


def _is_from_now(mention: DateMention) -> bool:
    """Tell whether it is counted from the moment of saying, not merely lacks its year."""
    if _turned().search(mention.text) or _counted_from_now().search(mention.text):
        return True
    return mention.precision == "day" and not any(sign.isdigit() for sign in mention.text)


def _monday(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def _in_year(day: date, year: int) -> date | None:
    """Return the same day of another year, if it has one."""
    try:
        return day.replace(year=year)
    except ValueError:
        return None


@cache
def _ahead() -> re.Pattern[str]:
    """Give the words that count ahead."""
    return re.compile(
        r"\b(?:left|until|till|remain\w*|away|to\s+go|from\s+now|before|bis|noch|verbleib\w*|restants?|restent"
        r"|il\s+reste|avant|encore|quedan?|faltan?"
        r"|antes|hasta|in|en|dans|within|binnen)\b",
        re.IGNORECASE,
    )


@cache
def _length() -> re.Pattern[str]:
    """Give the words for lengths of time."""
    return re.compile(
        r"(?P<unit>day|week|fortnight|month|year|tag|woche|monat|jahr|jour|semaine|mois|ans?\b|d\u00eda|semana"
        r"|mes|a\u00f1o)",
        re.IGNORECASE,
    )


@cache
def _counted_from_now() -> re.Pattern[str]:
    """Give the words of a date that is counted from now."""
    return re.compile(
        r"^(?:in|within|binnen|innerhalb|dans|d'ici|sous|en|dentro|vor|il\s+y\s+a|hace)\b|\bago\b|from\s+(?:now"
        r"|today)",
        re.IGNORECASE,
    )


@cache
def _turned() -> re.Pattern[str]:
    """Give the words of a date that is turned from now."""
    return re.compile(
        r"\b(?:next|last|this|coming|n\u00e4chste\w*|letzte\w*|diese\w*|prochaine?|derni\u00e8?re?"
        r"|pr\u00f3xim[oa]|pasad[oa]|que\s+viene)\b",
        re.IGNORECASE,
    )
