"""A date found in a text, and how a date is said in plain words. Finds nothing itself."""

from __future__ import annotations

from datetime import date
from typing import Literal

from fleet_runtime.contracts import Value

Precision = Literal["day", "month", "quarter", "year"]
Prefer = Literal["future", "past", "nearest"]

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class DateMention(Value):
    """One date in a text, at ``text[start:end]``.

    ``value`` is the day itself, or a day of the period named by ``precision``: its first, or the
    last for "end of …" and "late …", the middle one for "mid-…"; None where no such day exists. ``relative``
    tells that the year or the day was taken from the moment of saying.
    """

    start: int
    end: int
    text: str
    value: date | None
    precision: Precision
    relative: bool


def say_date(day: date) -> str:
    """Say a date as "31 March 2027", whatever the locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
