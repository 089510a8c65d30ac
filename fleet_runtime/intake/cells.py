"""Reads a cell: a number as spreadsheets of any country write it, a date, a name. Guesses nothing that is in doubt.

An empty cell, and one that says so ("n/a", "-", "null"), is no data: None, never zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from fleet_runtime.importing.reads import LONGEST_BYTES, cleaned
from fleet_runtime.importing.times import DateOrder, Unreadable, read_moment

DecimalMark = Literal[".", ",", ""]
"""What stands before the decimals in a file; empty where nothing tells it."""

LONGEST_NAME: Final = 200
_BLANK: Final = frozenset(
    (
        *("", "-", "--", "\u2013", "\u2014", "n/a", "#n/a", "na", "n.a.", "null", "(null)", "none", "nil", "nan"),
        *("#value!", "#div/0!", "#ref!", "#null!", "#num!", "#name?", "?"),
    )
)
_CODES: Final = {"\u20ac": "EUR", "$": "USD", "us$": "USD", "\u00a3": "GBP", "\u00a5": "JPY"}
_SIGN: Final = r"(?:us\$|[\u20ac$\u00a3\u00a5]|[a-z]{3}(?![a-z]))"
_NUMBER: Final = re.compile(
    rf"(?P<open>\()?\s*(?P<minus>[-+\u2212])?\s*(?P<before>{_SIGN})?\s*(?P<minus2>[-+\u2212])?"
    r"(?P<digits>\d[\d.,'\u2019 ]*|[.,]\d+)(?P<power>e[+-]?\d{1,2})?\s*(?P<scale>[km])?(?![a-z])"
    rf"\s*(?P<percent>%)?\s*(?P<after>{_SIGN})?\s*(?P<close>\))?",
    re.IGNORECASE | re.ASCII,
)
_GROUPED: Final = re.compile(r"(\d{1,3})(?:([.,' ])\d{3})(?:\2\d{3})*(?:([.,])\d+)?")
_WITH_DECIMALS: Final = re.compile(r"\d*([.,])\d+")
_SPACES: Final = str.maketrans("\u00a0\u202f\u2009\u2019", "   '")
_ISO: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].{0,32})?")
_LONGEST_NUMBER: Final = 40


class Wrong(NamedTuple):
    """Why a cell is not what its column holds."""

    why: str


class Number(NamedTuple):
    """A number as it was written: with a percent sign, or in a currency (a three-letter code, else empty)."""

    value: Decimal
    percent: bool = False
    currency: str = ""


def is_blank(cell: str) -> bool:
    """Tell whether a cell says nothing."""
    return cell.strip().casefold() in _BLANK


def read_number(cell: str, mark: DecimalMark, *, whole: bool = False) -> Number | Wrong:
    """Read a number with thousands separators, signs of currencies and per cent.

    Args:
        cell: the text, not blank.
        mark: what stands before the decimals in this file.
        whole: nothing but whole numbers make sense here, so that "1.234" leaves no doubt.
    """
    found = _NUMBER.fullmatch(cell.translate(_SPACES).strip()) if len(cell) <= _LONGEST_NUMBER else None
    if found is None or bool(found["open"]) != bool(found["close"]):
        return Wrong("is no number")
    digits = _plain_digits(found["digits"].strip(), mark, whole=whole)
    if isinstance(digits, Wrong):
        return digits
    value = Decimal(f"{digits}{found['power'] or ''}")
    value *= {"k": 1000, "m": 1_000_000}.get((found["scale"] or "").casefold(), 1)
    signs = f"{found['minus'] or ''}{found['minus2'] or ''}"
    negative = bool(found["open"]) or "-" in signs or "\u2212" in signs
    sign = found["before"] or found["after"] or ""
    return Number(-value if negative else value, bool(found["percent"]), currency_code(sign))


def currency_code(sign: str) -> str:
    """Return the three-letter code of a currency's sign; a code, or whatever else stands there, in capitals."""
    return _CODES.get(sign.casefold(), sign.upper())


def decimal_mark(cells: Iterable[str]) -> DecimalMark:
    """Tell what stands before the decimals from the first number that leaves no doubt."""
    for cell in cells:
        found = _NUMBER.fullmatch(cell.translate(_SPACES).strip()) if len(cell) <= _LONGEST_NUMBER else None
        shown = _shown_mark(found["digits"].strip()) if found else ""
        if shown:
            return shown
    return ""


def read_day(cell: str, dates: DateOrder | None, earliest: date, latest: date) -> date | Wrong:
    """Read a day within bounds; of a moment with a zone, the day as it is written there."""
    text = cell.strip()
    iso = _ISO.fullmatch(text)
    try:
        day = date.fromisoformat(iso[1]) if iso else None
    except ValueError as error:
        return Wrong(f"is no date ({error})")
    if day is None:
        moment = read_moment(text, dates)
        if isinstance(moment, Unreadable):
            return Wrong(f"is no date: {moment.why}")
        day = moment.date()
    if not earliest <= day <= latest:
        return Wrong(f"is out of reason ({day}; taken are dates from {earliest} to {latest})")
    return day


def read_name(cell: str) -> str | Wrong:
    """Read a name or a word; control characters are dropped."""
    text = " ".join(cleaned(cell).split())
    return Wrong(f"is longer than {LONGEST_NAME} characters") if len(text) > LONGEST_NAME else text


def read_note(cell: str) -> str | Wrong:
    """Read a free text; control characters are dropped, line ends stay."""
    text = cleaned(cell.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return Wrong(f"is longer than {LONGEST_BYTES:,} bytes") if len(text.encode()) > LONGEST_BYTES else text


def _plain_digits(digits: str, mark: DecimalMark, *, whole: bool) -> str | Wrong:
    """Write digits without separators, and with a point before the decimals."""
    digits = digits.rstrip(".,") if digits[:-1].isdecimal() else digits
    grouped = _GROUPED.fullmatch(digits)
    shown = _shown_mark(digits)
    if grouped is None:
        return digits.replace(",", ".") if shown or digits.isdecimal() else Wrong("is no number")
    group, decimals = grouped[2], grouped[3]
    if decimals == group:
        return Wrong("is no number")
    doubtful = not decimals and not shown and digits.count(group) == 1 and group in ".,"
    if doubtful and not mark and not whole:
        return Wrong(f"may be {digits.replace(group, '')} or {digits.replace(',', '.')}: write it without separators")
    if shown == group or (doubtful and mark == group):
        return digits.replace(group, ".")
    return digits.replace(group, "").replace(",", ".")


def _shown_mark(digits: str) -> DecimalMark:
    """Return what stands before a number's decimals where that leaves no doubt."""
    grouped = _GROUPED.fullmatch(digits)
    if grouped:
        found = grouped[3] or (grouped[2] if grouped[1] == "0" and digits.count(grouped[2]) == 1 else "")
    else:
        plain = _WITH_DECIMALS.fullmatch(digits)
        found = plain[1] if plain else ""
    return "." if found == "." else "," if found == "," else ""
