"""Read the figures of a text by value: "120", "one hundred and twenty", "1.2k", "30 %", "£4,000".

It reads what is written; it does not calculate, and it leaves dates to whoever reads dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal

from fleet_runtime.contracts import Value

FigureKind = Literal["number", "percentage", "amount", "time", "share"]


class Figure(Value):
    """One figure at ``text[start:end]``; ``value`` is in units (a time in minutes, a share in percent).

    ``currency`` is a three-letter code for an amount, else empty.
    """

    start: int
    end: int
    text: str
    kind: FigureKind
    value: Decimal
    currency: str = ""


_SMALL = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_TEENS = "seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {word: number for number, word in enumerate(f"{_SMALL} {_TEENS}".split())} | {
    word: 10 * number for number, word in enumerate(_TENS.split(), 2)
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12}
_SUFFIXES = {"k": 1_000, "m": 1_000_000, "mn": 1_000_000, "bn": 1_000_000_000}
_CURRENCIES = {"$": "USD", "\u20ac": "EUR", "\u00a3": "GBP", "\u00a5": "JPY", "us$": "USD"} | {
    code.lower(): code for code in ("USD", "EUR", "GBP", "CHF", "JPY")
}
_CURRENCY_WORDS = {
    **dict.fromkeys(("usd", "dollar", "dollars", "bucks"), "USD"),
    **dict.fromkeys(("eur", "euro", "euros"), "EUR"),
    **dict.fromkeys(("gbp", "pound", "pounds", "quid"), "GBP"),
    **dict.fromkeys(("chf", "franc", "francs"), "CHF"),
    **dict.fromkeys(("jpy", "yen"), "JPY"),
}
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_CHANGES = {"doubled": Decimal(200), "tripled": Decimal(300), "halved": Decimal(-50)}

_UNIT_WORD = "|".join(sorted([*_VALUES, "hundred"], key=len, reverse=True))
_SCALE_WORD = "|".join(sorted(_SCALES, key=len, reverse=True))
_SPELLED = re.compile(
    rf"\b(?:an?[\s-]+(?:{_SCALE_WORD})|(?:{_UNIT_WORD}))s?"
    rf"(?:(?:[\s-]+and)?[\s-]+(?:{_UNIT_WORD}|{_SCALE_WORD}))*\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    r"|\b(?P<bare>1[0-2]|[1-9])\s*(?P<bare_half>[ap])\.?m\b\.?",
    re.IGNORECASE,
)
_CLOCK_WITHOUT_COLON = re.compile(r"\d\.\d")
_DIGITS = re.compile(
    r"(?<![\w.,])(?:(?P<sign>us\$|[$\u20ac\u00a3\u00a5]|(?:usd|eur|gbp|chf|jpy)\b)\s?)?"
    r"(?P<number>\d{1,3}(?:[,'\u2019\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)"
    r"(?:\s?(?P<suffix>bn|mn|[km])\b|\s+(?P<scale>hundred|thousand|million|billion|dozen)\b)?"
    r"(?P<ordinal>st|nd|rd|th)?",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s*(?:-\s*)?(?:(?P<percent>%|percent\b|per\s+cent\b|percentage\s+points?\b|pct\b)"
    r"|(?P<currency>[$\u20ac\u00a3\u00a5]|(?:" + "|".join(_CURRENCY_WORDS) + r")\b))",
    re.IGNORECASE,
)
_FRACTION = r"(?:half|(?:an?|one|two|three|four|nine)[\s-](?:third|quarter|fifth|sixth|eighth|tenth)s?)"
_SHARE = re.compile(
    rf"\b(?P<share>{_FRACTION})\s+(?:of\s+)?"
    r"(?=(?:all|the|your|our|their|them|you|that|what)\b)(?!(?:the|an?)\s+(?:hour|day|year)\b)"
    rf"|\b(?:by|than|nearly|almost|exactly)\s+(?:about\s+|roughly\s+|more\s+than\s+)?(?P<by>{_FRACTION})\b(?!\s+(?:time|part))"
    r"|\b(?P<verb>doubled|tripled|halved)\b",
    re.IGNORECASE,
)
_JOINS = re.compile(r"\s*(?:to|and|or|-|\u2013)\s*\Z", re.IGNORECASE)


def find_figures(text: str, skip: Sequence[tuple[int, int]] = ()) -> tuple[Figure, ...]:
    """Return the figures of ``text`` in order, leaving out the spans in ``skip`` (dates, links).

    Ordinals ("2nd"), a lone "one" and digits inside a word ("T-4471", "v2") are no figures.
    """
    kept: list[Figure] = []
    for figure in sorted(_candidates(text), key=lambda found: (found.start, -found.end)):
        taken = any(figure.start < end and start < figure.end for start, end in skip)
        if not taken and (not kept or figure.start >= kept[-1].end):
            kept.append(figure)
    following = [*kept[1:], None] if kept else []
    return tuple(_with_unit_of_next(figure, after, text) for figure, after in zip(kept, following, strict=True))


def _with_unit_of_next(figure: Figure, after: Figure | None, text: str) -> Figure:
    """Give "9.4" its unit in "from 9.4 to 8.1 percent"."""
    shared = after is not None and figure.kind == "number" and after.kind in {"percentage", "amount"}
    if after is None or not shared or not _JOINS.match(text[figure.end : after.start]):
        return figure
    return figure.model_copy(update={"kind": after.kind, "currency": after.currency})


def _candidates(text: str) -> Iterator[Figure]:
    """Yield figures of every form; overlaps are settled by the caller."""
    for match in _TIME.finditer(text):
        if (minutes := _minutes(match)) is not None:
            yield _figure(text, match.span(), "time", Decimal(minutes))
    for match in _DIGITS.finditer(text):
        if not match["ordinal"] and not _inside_word(text, match.start(), match.end()):
            yield _measured(text, match.start(), match.end(), _from_digits(match), (match["sign"] or "").lower())
    for match in _SPELLED.finditer(text):
        value = _from_words(re.split(r"[\s-]+", match.group().lower()))
        if value is not None and value != 1:
            yield _measured(text, match.start(), match.end(), value, "")
    for match in _SHARE.finditer(text):
        yield _figure(
            text, (match.start(), match.start() + len(match.group().rstrip())), "share", _share(match.group().lower())
        )


def _inside_word(text: str, start: int, end: int) -> bool:
    """Tell whether digits belong to a name: "T-4471", "3D"."""
    return text[end : end + 1].isalnum() or (start > 1 and text[start - 1] == "-" and text[start - 2].isalpha())


def _share(phrase: str) -> Decimal:
    """Read "two thirds" as 66.7 percent, "doubled" as 200."""
    spoken = re.split(r"[\s-]+", phrase.strip())
    if spoken[-1] in _CHANGES:
        return _CHANGES[spoken[-1]]
    place = next(place for place, word in enumerate(spoken) if word.removesuffix("s") in _PARTS)
    count = _VALUES.get(spoken[place - 1], 1) if place else 1
    return (Decimal(100 * count) / _PARTS[spoken[place].removesuffix("s")]).quantize(Decimal("0.1"))


def _measured(text: str, start: int, end: int, value: Decimal, sign: str) -> Figure:
    """Give a number its unit: the sign before it, or the percent or currency after it."""
    after = _AFTER.match(text, end)
    if sign:
        return _figure(text, (start, end), "amount", value, _CURRENCIES[sign])
    if after and after["percent"]:
        return _figure(text, (start, after.end()), "percentage", value)
    if after and after["currency"]:
        word = after["currency"].lower()
        return _figure(text, (start, after.end()), "amount", value, _CURRENCIES.get(word) or _CURRENCY_WORDS[word])
    return _figure(text, (start, end), "number", value)


def _figure(text: str, span: tuple[int, int], kind: FigureKind, value: Decimal, currency: str = "") -> Figure:
    """Cut the span out of the text."""
    start, end = span
    return Figure(start=start, end=end, text=text[start:end], kind=kind, value=value, currency=currency)


def _minutes(match: re.Match[str]) -> int | None:
    """Return a time of day in minutes; "10.30" is a time only with "am" or "pm"."""
    half = (match["half"] or match["bare_half"] or "").lower()
    if not half and _CLOCK_WITHOUT_COLON.search(match.group()):
        return None
    hour, minute = int(match["hour"] or match["bare"]), int(match["minute"] or 0)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return 60 * hour + minute


def _from_digits(match: re.Match[str]) -> Decimal:
    """Read digits with their thousands' marks and their multiplier."""
    written = re.sub(r"[,'\u2019\u00a0\u202f](?=\d{3}(?!\d))", "", match["number"]).replace(",", ".")
    factor = _SUFFIXES.get((match["suffix"] or "").lower(), 1) * _SCALES.get((match["scale"] or "").lower(), 1)
    return Decimal(written) * factor


def _from_words(spelled: Sequence[str]) -> Decimal | None:
    """Add spelled words up: "one hundred and twenty thousand" is 120,000; None if they do not add up."""
    total = current = 0
    for word in spelled:
        if word in {"a", "an"}:
            current = 1
        elif word in _VALUES:
            current += _VALUES[word]
        elif word.removesuffix("s") in _SCALES and not word.endswith("s"):
            scale = _SCALES[word]
            current = max(current, 1) * scale
            if scale >= _SCALES["thousand"]:
                total, current = total + current, 0
        elif word != "and":
            return None
    return Decimal(total + current)
