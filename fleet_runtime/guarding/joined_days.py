"""Read the days of a date that shares its month: "26 to 28 February", "vom 2. und 29. Oktober", "March 3 to 5".

Each of them becomes a date of its own. It reads what is written and judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from fleet_runtime.dates import DateMention

_BEFORE = re.compile(
    r"(?<![\w.,/-])(?P<span>(?P<day>\d{1,2})(?:st|nd|rd|th|\.|er)?)\s*"
    r"(?:to|and|or|until|through|bis|und|oder|au|et|ou|al|y|o|a|-|\u2013|,)\s*(?:the|zum|dem|den|vom|le|el|du)?\s*\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s*(?:(?:to|through|until|-|\u2013)\s*(?:the\s+)?(?P<to>\d{1,2})(?:st|nd|rd|th)?"
    r"|(?:,|and|or)\s+(?:the\s+)?(?P<and>\d{1,2})(?:st|nd|rd|th))(?![\w%]|[.:,]\d|\s*(?:%|percent|[ap]\.?m\b))",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    r"\d{1,2}(?:st|nd|rd|th|\.|er)?\s*(?:of\s+|de\s+)?(?:[^\W\d_]|\d{1,2}\.)"
    r"|(?:the\s+)?\d{1,2}(?:st|nd|rd|th|\.)?\Z",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(r"[^\W\d_]{3,}\.?\s+(?:the\s+)?\d{1,2}(?:st|nd|rd|th)?(?:,?\s+\d{4})?\Z", re.IGNORECASE)
_MOST = 6


def with_joined_days(text: str, mentions: Sequence[DateMention]) -> tuple[DateMention, ...]:
    """Return the dates with those that share the month of one of them, in order."""
    found: list[DateMention] = []
    for place, mention in enumerate(mentions):
        if mention.value is not None and mention.precision == "day":
            floor = mentions[place - 1].end if place else 0
            if _DAY_FIRST.match(mention.text):
                found += _days_before(text, mention, mention.value, floor)
            elif _MONTH_FIRST.match(mention.text):
                found += _day_after(text, mention, mention.value)
        found.append(mention)
    return tuple(sorted(found, key=lambda each: each.start)) if len(found) > len(mentions) else tuple(mentions)


def _days_before(text: str, mention: DateMention, value: date, floor: int) -> list[DateMention]:
    """Return the days that are joined to the front of a date."""
    found: list[DateMention] = []
    end = mention.start
    while len(found) < _MOST:
        match = _BEFORE.search(text[floor:end])
        joined = _in_month(text, match.span("span"), floor, value, mention) if match else None
        if match is None or joined is None:
            break
        found.append(joined)
        end = joined.start
    return found


def _day_after(text: str, mention: DateMention, value: date) -> list[DateMention]:
    """Return the day that is joined to the end of a date with its month first."""
    match = _AFTER.match(text, mention.end)
    if match is None:
        return []
    joined = _in_month(text, match.span("to" if match["to"] else "and"), 0, value, mention)
    return [joined] if joined else []


def _in_month(text: str, span: tuple[int, int], offset: int, value: date, of: DateMention) -> DateMention | None:
    """Make the day of the same month that stands at a span, if there is such a day."""
    start, end = span[0] + offset, span[1] + offset
    try:
        day = value.replace(day=int(re.sub(r"\D", "", text[start:end])))
    except ValueError:
        return None
    return DateMention(start=start, end=end, text=text[start:end], value=day, precision="day", relative=of.relative)
