"""Read the figures of a text by value: "120", "one hundred and twenty", "1.2k", "30 %", "£4,000".

It reads what is written; it does not calculate, and it leaves dates to whoever reads dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Literal

from fleet_runtime.contracts import Value
from fleet_runtime.guarding.clock_words import clock_times
from fleet_runtime.guarding.languages import Language
from fleet_runtime.guarding.number_words import small_number, spelled_numbers
from fleet_runtime.lexical import words

FigureKind = Literal["number", "percentage", "amount", "time", "share"]


class Figure(Value):
    """One figure at ``text[start:end]``; ``value`` is in units (a time in minutes, a share in percent).

    ``currency`` is a three-letter code for an amount, else empty. ``others`` are the values that the same
    writing has elsewhere: "1.234" is one and a bit here, and a thousand there.
    """

    start: int
    end: int
    text: str
    kind: FigureKind
    value: Decimal
    currency: str = ""
    others: tuple[Decimal, ...] = ()

    @property
    def readings(self) -> tuple[Decimal, ...]:
        """All values that it may have."""
        return (self.value, *self.others)


_SCALES = {
    "hundred": 100,
    "dozen": 12,
    "k": 1_000,
    "m": 1_000_000,
    "mn": 1_000_000,
    "bn": 1_000_000_000,
    **dict.fromkeys(("thousand", "tausend", "tsd", "mille", "mil"), 1_000),
    **dict.fromkeys(("million", "millions", "millionen", "mio", "mill\u00f3n", "millones"), 1_000_000),
    **dict.fromkeys(("billion", "milliarde", "milliarden", "mrd", "milliard", "milliards"), 1_000_000_000),
}
_SIGNS = {"$": "USD", "us$": "USD", "\u20ac": "EUR", "\u00a3": "GBP", "\u00a5": "JPY"}
_SPELLED_OUT = 3
_CODES = "usd eur gbp chf jpy cad aud sek nok dkk pln czk inr brl mxn"
_CURRENCIES = _SIGNS | {code: code.upper() for code in _CODES.split()}
_CURRENCY_WORDS = {
    **dict.fromkeys(("dollar", "dollars", "bucks", "d\u00f3lar", "d\u00f3lares"), "USD"),
    **dict.fromkeys(("euro", "euros"), "EUR"),
    **dict.fromkeys(("pound", "pounds", "quid", "pfund", "livres sterling", "libras"), "GBP"),
    **dict.fromkeys(("franc", "francs", "franken", "francos"), "CHF"),
    **dict.fromkeys(("yen",), "JPY"),
}
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10} | {
    **dict.fromkeys(("h\u00e4lfte", "moiti\u00e9", "mitad"), 2),
    **dict.fromkeys(("drittel", "tiers", "tercio"), 3),
    **dict.fromkeys(("viertel", "quart", "cuarto"), 4),
    **dict.fromkeys(("f\u00fcnftel", "cinqui\u00e8me", "quinto"), 5),
    **dict.fromkeys(("zehntel", "dixi\u00e8me", "d\u00e9cimo"), 10),
}
_CHANGES = {
    **dict.fromkeys(("doubled", "verdoppelt", "doubl\u00e9", "duplicado"), Decimal(200)),
    **dict.fromkeys(("tripled", "verdreifacht", "tripl\u00e9", "triplicado"), Decimal(300)),
    **dict.fromkeys(("halved", "halbiert"), Decimal(-50)),
}

_DIGIT = re.compile(r"\d")
_CLOCK_WITHOUT_COLON = re.compile(r"\d\.\d")
_THOUSANDS = r"\d{1,3}(?:(?P<mark>[.,'\u2019\u00a0\u202f])\d{3}(?:(?P=mark)\d{3})*)(?:[.,]\d+)?(?![\d])"
_BLANKS = r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?(?!\d)"
_MARKS = re.compile(r"[.,'\u2019\u00a0\u202f ](?=\d{3}(?!\d))")
_ROUND_TAIL = r"(?:\s?(?P<suffix>bn|mn|mio\b\.?|mrd\b\.?|tsd\b\.?|[km](?=\b|\u20ac|\$))(?!\w)|\s+(?P<scale>"


@cache
def _digits(*, blanks: bool) -> re.Pattern[str]:
    """Give the pattern of a number in digits; a blank may part its thousands where the language does so."""
    scales = "|".join(sorted((word for word in _SCALES if len(word) >= _SPELLED_OUT), key=len, reverse=True))
    whole = (
        f"{_BLANKS}|{_THOUSANDS}"
        if blanks
        else rf"{_BLANKS}(?=\s?(?:[\u20ac$\u00a3%]|eur\b|euros?\b|chf\b|usd\b))|{_THOUSANDS}"
    )
    return re.compile(
        rf"(?<![\w.,])(?:(?P<sign>us\$|[$\u20ac\u00a3\u00a5]|(?:{'|'.join(_CODES.split())})\b)[\s\u00a0\u202f]?)?"
        rf"(?P<number>{whole}|\d+(?:[.,]\d+)?)"
        rf"{_ROUND_TAIL}{scales})\b)?(?P<ordinal>(?:st|nd|rd|th|er|\u00e8re|e|\u00e8me|\u00aa|\u00ba|\u00b0)(?!\w))?",
        re.IGNORECASE,
    )


@cache
def _after() -> re.Pattern[str]:
    """Give the pattern of the unit that follows a number."""
    return re.compile(
        r"\s*(?:-\s*|(?:de\s+|d['\u2019]\s?)(?=euro|dollar|d\u00f3lar|franc))?(?:(?P<percent>%|percent\b"
        r"|per\s+cent\b|percentage\s+points?\b|pct\b"
        r"|prozent(?:punkte?n?)?\b|pour\s+cent\b|por\s+ciento\b|points?\s+de\s+pourcentage\b"
        r"|puntos?\s+porcentual(?:es)?\b)"
        r"|(?:,-+\s*)?(?P<currency>[$\u20ac\u00a3\u00a5]|(?:"
        + "|".join([*_CURRENCY_WORDS, *_CODES.split()])
        + r")\b)(?!\s?\d))",
        re.IGNORECASE,
    )


_FRACTION = r"(?:half|(?:an?|one|two|three|four|nine)[\s-](?:third|quarter|fifth|sixth|eighth|tenth)s?)"
_FRACTION_ABROAD = (
    r"(?:die\s+h\u00e4lfte|der\s+h\u00e4lfte|(?:ein|zwei|drei|vier|neun)[\s-]?(?:drittel|viertel|f\u00fcnftel"
    r"|zehntel)|la\s+moiti\u00e9"
    r"|(?:un|deux|trois|quatre|neuf|le|les\s+deux|les\s+trois)\s+(?:tiers|quarts?|cinqui\u00e8mes?"
    r"|dixi\u00e8mes?)|la\s+mitad"
    r"|(?:un|dos|tres|cuatro)\s+(?:tercios?|cuartos?|quintos?|d\u00e9cimos?))"
)
_JOINS = re.compile(r"\s*(?:to|and|or|bis|auf|und|oder|\u00e0|et|ou|a|y|o|-|\u2013)\s*\Z", re.IGNORECASE)


def find_figures(text: str, skip: Sequence[tuple[int, int]] = (), language: Language = "en") -> tuple[Figure, ...]:
    """Return the figures of ``text`` in order, leaving out the spans in ``skip`` (dates, links).

    Ordinals ("2nd"), a lone "one" and digits inside a word ("T-4471", "v2") are no figures.
    """
    kept: list[Figure] = []
    for figure in sorted(_candidates(text, language), key=lambda found: (found.start, -found.end)):
        taken = any(figure.start < end and start < figure.end for start, end in skip)
        if not taken and (not kept or figure.start >= kept[-1].end):
            kept.append(figure)
    following = [*kept[1:], None] if kept else []
    return tuple(_with_unit_of_next(figure, after, text) for figure, after in zip(kept, following, strict=True))


def _with_unit_of_next(figure: Figure, after: Figure | None, text: str) -> Figure:
    """Give "9.4" its unit in "from 9.4 to 8.1 percent", and its scale in "from 1.2 to 1.5 million"."""
    if after is None or figure.kind != "number" or not _JOINS.match(text[figure.end : after.start]):
        return figure
    scale = next((_SCALES[word] for word in words(after.text) if word in _SCALES and len(word) > _SPELLED_OUT), 1)
    update: dict[str, object] = {"others": (*figure.others, figure.value * scale)} if scale > 1 else {}
    if after.kind in {"percentage", "amount"}:
        update |= {"kind": after.kind, "currency": after.currency}
    return figure.model_copy(update=update) if update else figure


def _candidates(text: str, language: Language) -> Iterator[Figure]:
    """Yield figures of every form; overlaps are settled by the caller."""
    for clock in clock_times(text, language):
        first, *others = (Decimal(minutes) for minutes in clock.minutes)
        figure = _figure(text, (clock.start, clock.end), "time", first)
        yield figure.model_copy(update={"others": tuple(others)})
    if _has_digit(text):
        for match in _time().finditer(text):
            if (minutes := _minutes(match)) is not None:
                yield _figure(text, match.span(), "time", Decimal(minutes))
        for match in _digits(blanks=language != "en").finditer(text):
            if not match["ordinal"] and not _inside_word(text, match.start(), match.end()):
                yield _from_digits(text, match)
    for spelled in spelled_numbers(text, language):
        yield _measured(text, spelled.start, spelled.end, spelled.value, "")
    for match in _shares().finditer(text) if _may_share().search(text) else ():
        yield _figure(
            text, (match.start(), match.start() + len(match.group().rstrip())), "share", _share(match.group().lower())
        )


def _has_digit(text: str) -> bool:
    """Tell whether there is any digit at all."""
    return _DIGIT.search(text) is not None


def _inside_word(text: str, start: int, end: int) -> bool:
    """Tell whether digits belong to a name: "T-4471", "3D"."""
    return text[end : end + 1].isalnum() or (start > 1 and text[start - 1] == "-" and text[start - 2].isalpha())


def _share(phrase: str) -> Decimal:
    """Read "two thirds" as 66.7 percent, "doubled" as 200."""
    spoken = re.split(r"[\s-]+", phrase.strip())
    for change, value in _CHANGES.items():
        if spoken[-1].startswith(change):
            return value
    for place, word in enumerate(spoken):
        for part, size in _PARTS.items():
            if word.removesuffix("s").endswith(part.removesuffix("s")):
                before = word[: word.index(part[:3])] or (spoken[place - 1] if place else "")
                return (Decimal(100 * (small_number(before) or 1)) / size).quantize(Decimal("0.1"))
    return Decimal(0)


def _measured(text: str, start: int, end: int, value: Decimal, sign: str) -> Figure:
    """Give a number its unit: the sign before it, or the percent or currency after it."""
    after = _after().match(text, end)
    if sign:
        return _figure(text, (start, end), "amount", value, _CURRENCIES[sign])
    if after and after["percent"]:
        return _figure(text, (start, after.end()), "percentage", value)
    if after and after["currency"]:
        word = after["currency"].lower()
        return _figure(
            text, (start, after.end()), "amount", value, _CURRENCIES.get(word) or _CURRENCY_WORDS.get(word, "")
        )
    return _figure(text, (start, end), "number", value)


def _figure(text: str, span: tuple[int, int], kind: FigureKind, value: Decimal, currency: str = "") -> Figure:
    """Cut the span out of the text."""
    start, end = span
    return Figure(start=start, end=end, text=text[start:end], kind=kind, value=value, currency=currency)


def _minutes(match: re.Match[str]) -> int | None:
    """Return a time of day in minutes; "10.30" is a time only with "am", "pm" or "Uhr"."""
    half = (match["half"] or match["bare_half"] or "").lower()
    if not half and not match["clock"] and match["hour"] and _CLOCK_WITHOUT_COLON.search(match.group()):
        return None
    hour = int(match["hour"] or match["bare"] or match["round"])
    minute = int(match["minute"] or match["past"] or 0)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return 60 * hour + minute


def _from_digits(text: str, match: re.Match[str]) -> Figure:
    """Read digits with their thousands' marks and their multiplier."""
    word = (match["suffix"] or match["scale"] or "").lower().rstrip(".")
    factor = _SCALES.get(word, 1)
    first, *others = (Decimal(written) * factor for written in _written(match["number"]))
    figure = _measured(text, match.start(), match.end(), first, (match["sign"] or "").lower())
    return figure.model_copy(update={"others": tuple(others)}) if others else figure


def _written(number: str) -> tuple[str, ...]:
    """Return a number's readings as decimals with a point; "1.234" and "1,234" have two."""
    whole = _MARKS.sub("", number)
    plain = whole.replace(",", ".")
    alone = len(_MARKS.findall(number)) == 1 and "," not in whole and "." not in whole
    if not alone or not re.search(r"[.,]", number):
        return (plain,)
    small = number.replace(",", ".")
    return (small, plain) if "." in number else (plain, small)


@cache
def _time() -> re.Pattern[str]:
    """Give the pattern of a time of day."""
    return re.compile(
        r"\b(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?:\s*(?P<half>[ap])\.?m\b\.?|\s*(?P<clock>uhr\b|h\b))?"
        r"|\b(?P<bare>1[0-2]|[1-9])\s*(?P<bare_half>[ap])\.?m\b\.?"
        r"|\b(?P<round>[01]?\d|2[0-3])\s*(?:uhr\b|h(?=\s?(?:[0-5]\d)?\b))(?:\s?(?P<past>[0-5]\d)(?![.,:]?\d))?\b",
        re.IGNORECASE,
    )


@cache
def _shares() -> re.Pattern[str]:
    """Give the pattern of a share in words."""
    return re.compile(
        rf"\b(?P<share>{_FRACTION})\s+(?:of\s+)?"
        r"(?=(?:all|the|your|our|their|them|you|that|what)\b)(?!(?:the|an?)\s+(?:hour|day|year)\b)"
        rf"|\b(?:by|than|nearly|almost|exactly)\s+(?:about\s+|roughly\s+"
        rf"|more\s+than\s+)?(?P<by>{_FRACTION})\b(?!\s+(?:time|part))"
        rf"|\b(?P<abroad>{_FRACTION_ABROAD})\b(?!\s*(?:stunde|jahr|d'heure|de\s+hora|heure))"
        rf"|\b(?P<verb>{'|'.join(_CHANGES)})(?:e?s)?\b",
        re.IGNORECASE,
    )


@cache
def _may_share() -> re.Pattern[str]:
    """Give what every share in words holds something of."""
    return re.compile(
        r"hal[fvb]|third|quarter|fifth|sixth|eighth|tenth|doubl|tripl|h\u00e4lfte|drittel|viertel|f\u00fcnftel"
        r"|zehntel|verd|moiti\u00e9|tiers"
        r"|quart|cinqu|dixi|mitad|terci|cuarto|quinto|d\u00e9cimo|duplic",
        re.IGNORECASE,
    )
