"""Find counts, amounts of money and percentages in a text, in digits or in words.

Refuses to convert between currencies or to guess one that is not named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from fleet_runtime.contracts import Value

QuantityKind = Literal["count", "money", "percent"]

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_UNITS = {word: number for number, word in enumerate(_ONES)} | {w: 10 * n for n, w in enumerate(_TENS, 2)}
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 1_000_000}
_SUFFIXES = {"k": 1000, "thousand": 1000, "m": 1_000_000, "mn": 1_000_000, "million": 1_000_000}
_CURRENCY_NAMES = {
    "USD": ("$", "us$", "usd", "dollar", "dollars"),
    "EUR": ("\u20ac", "eur", "euro", "euros"),
    "GBP": ("\u00a3", "gbp", "pounds"),
    "CHF": ("chf", "francs"),
}
_CURRENCIES = {name: code for code, names in _CURRENCY_NAMES.items() for name in names}
_DIGITS = r"(?P<digits>\d{1,3}(?:[.,\u202f\u00a0'\u2019 ]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?)"
_SUFFIX = r"(?:(?:\s?(?P<suffix>k|thousand|million)|(?P<tight>mn|m))\b)?"
_SIGN = r"(?P<sign>US\$|\$|\u20ac|\u00a3)"
_CODE = r"(?P<code>USD|EUR|GBP|CHF|dollars?|euros?|pounds|francs)"
_WORD = "|".join(sorted([*_UNITS, *_SCALES], key=len, reverse=True))
_WORDS = (
    r"(?P<words>half\s+a\s+dozen|(?:an?\s+(?=dozen|hundred|thousand|million))?"
    rf"(?:{_WORD})(?:(?:\s+and\s+|[\s-]+)(?:{_WORD}))*)"
)
_FREE = r"(?<![\w.,:#/$-])"
_HAS_NUMBER = re.compile(rf"\d|\b(?:{_WORD})\b", re.IGNORECASE)

_FORMS: tuple[tuple[re.Pattern[str], QuantityKind], ...] = (
    (re.compile(rf"(?<!\w){_SIGN}\s?{_DIGITS}{_SUFFIX}", re.IGNORECASE), "money"),
    (re.compile(rf"\b(?P<code>USD|EUR|GBP|CHF)\s?{_DIGITS}{_SUFFIX}", re.IGNORECASE), "money"),
    (re.compile(rf"{_FREE}{_DIGITS}{_SUFFIX}\s?(?:{_SIGN}|{_CODE}\b)", re.IGNORECASE), "money"),
    (re.compile(rf"\b{_WORDS}\s+{_CODE}\b", re.IGNORECASE), "money"),
    (re.compile(rf"{_FREE}{_DIGITS}\s?(?:%|percent\b|per\s+cent\b)", re.IGNORECASE), "percent"),
    (re.compile(rf"\b{_WORDS}\s+(?:percent|per\s+cent)\b", re.IGNORECASE), "percent"),
    (re.compile(rf"{_FREE}{_DIGITS}{_SUFFIX}(?:(?![\w/:%]|[.,-]\d)|(?=/100\b))", re.IGNORECASE), "count"),
    (re.compile(rf"\b{_WORDS}\b", re.IGNORECASE), "count"),
)


class Quantity(Value):
    """One quantity at ``text[start:end]``; ``currency`` is a three-letter code for money, else empty."""

    start: int
    end: int
    text: str
    kind: QuantityKind
    number: Decimal
    currency: str = ""

    @property
    def value(self) -> str:
        """Say it in one form: "120", "30%"; money as it was written ("$113k", "EUR 48,000")."""
        if self.kind == "money":
            return " ".join(self.text.split())
        return format(self.number.normalize(), "f") + ("%" if self.kind == "percent" else "")


def find_quantities(text: str) -> tuple[Quantity, ...]:
    """Return the quantities of ``text`` in their order; spans do not overlap, the longer reading wins.

    Parts of dates, versions and times are not told apart here: look for dates first.
    """
    if not _HAS_NUMBER.search(text):
        return ()
    found = sorted(_candidates(text), key=lambda quantity: (quantity.start, -quantity.end))
    kept: list[Quantity] = []
    for quantity in found:
        if not kept or quantity.start >= kept[-1].end:
            kept.append(quantity)
    return tuple(kept)


def same_quantity(one: str, other: str) -> bool:
    """Tell whether two texts are the same quantity, however they are written: "$48k" is "USD 48,000"."""
    mine, yours = _only(one), _only(other)
    if mine is None or yours is None:
        return False
    return (mine.kind, mine.number, mine.currency) == (yours.kind, yours.number, yours.currency)


def _only(text: str) -> Quantity | None:
    """Read a text that is one quantity and nothing else."""
    found = find_quantities(text)
    return found[0] if len(found) == 1 and found[0].text == text.strip() else None


def _candidates(text: str) -> Iterator[Quantity]:
    """Yield what each form finds by itself."""
    for pattern, kind in _FORMS:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            number = _in_words(groups["words"]) if groups.get("words") else _in_digits(match["digits"])
            number *= _SUFFIXES.get((groups.get("suffix") or groups.get("tight") or "").lower(), 1)
            sign = (groups.get("sign") or groups.get("code") or "").lower()
            yield Quantity(
                start=match.start(),
                end=match.end(),
                text=match[0],
                kind=kind,
                number=number,
                currency=_CURRENCIES.get(sign, "") if kind == "money" else "",
            )


def _in_digits(digits: str) -> Decimal:
    """Read digits: a mark before exactly three of them parts thousands, the last other one is the decimal mark."""
    plain = re.sub(r"[\s\u202f\u00a0'\u2019]", "", digits)
    plain = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", plain)
    return Decimal(plain.replace(",", "."))


def _in_words(words: str) -> Decimal:
    """Read "one hundred and twenty", "two dozen", "half a dozen"."""
    lowered = words.lower()
    if lowered.startswith("half"):
        return Decimal(6)
    total = part = 0
    for word in re.split(r"[\s-]+", lowered):
        if word in _UNITS:
            part += _UNITS[word]
        elif word in {"hundred", "dozen"}:
            part = max(part, 1) * _SCALES[word]
        elif word in _SCALES:
            total, part = total + max(part, 1) * _SCALES[word], 0
    return Decimal(total + part)
