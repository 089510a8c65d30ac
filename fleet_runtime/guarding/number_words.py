"""Read numbers written in words, of four languages: "one hundred and twenty", "hundertzwanzig", "quatre-vingt-dix".

It reads what is written; a lone "one" of any language is no number, since it mostly is an article.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from fleet_runtime.guarding.languages import Language

_NO_NUMBER = re.compile(r"\b(?:de|\u00e0|tout|du)\s+neuf\Z|\b(?:au\u00dfer|in|sich\s+in)\s+Acht\Z", re.IGNORECASE)
"""Words that are a number elsewhere: "rien de neuf", "außer Acht"."""

_HUNDRED, _THOUSAND, _SCORE = 100, 1000, 20


class Spelled(NamedTuple):
    """One number in words at ``text[start:end]``."""

    start: int
    end: int
    value: Decimal


class _Words(NamedTuple):
    """What the numbers of one language are made of; ``joins`` are the words between them."""

    values: Mapping[str, int]
    scales: Mapping[str, int]
    joins: frozenset[str]
    leads: str


def spelled_numbers(text: str, language: Language) -> Iterator[Spelled]:
    """Yield the numbers that ``text`` spells in ``language``, in order."""
    for match in _pattern(language).finditer(text):
        value = _READERS[language](match.group().lower())
        if value is not None and value != 1 and not _NO_NUMBER.search(text[: match.end()]):
            yield Spelled(match.start(), match.end(), value)


def small_number(word: str) -> int | None:
    """Return the value of one lower-case number word of any of the languages up to twenty, or None."""
    return _small().get(word)


@cache
def _small() -> Mapping[str, int]:
    """Give the small numbers of all languages."""
    one = dict.fromkeys(["a", "an", "one", "ein", "eine", "einem", "einen", "einer", "un", "une", "una", "uno"], 1)
    every = (_words(language).values for language in ("en", "fr", "es"))
    return one | _GERMAN_UNITS | {word: value for values in every for word, value in values.items() if value <= _SCORE}


@cache
def _pattern(language: Language) -> re.Pattern[str]:
    """Give the pattern of a spelled number; made when the first text of that language comes."""
    if language == "de":
        piece = "|".join(
            sorted({*_GERMAN_UNITS, *_GERMAN_TENS, "und", "hundert", "tausend", "ein"}, key=len, reverse=True)
        )
        alone = "|".join((*_GERMAN_UNITS, *_GERMAN_TENS, "hundert", "tausend"))
        scale = r"(?:\s+(?:dutzend|millionen|milliarden|tausend))"
        return re.compile(
            rf"\b(?:eine?n?\s+(?:dutzend|million|milliarde)|anderthalb|eineinhalb"
            rf"|(?=\w*(?:{alone}))(?:{piece})+{scale}?)\b",
            re.IGNORECASE,
        )
    known = _words(language)
    unit = "|".join(sorted(known.values, key=len, reverse=True))
    scale = "|".join(sorted(known.scales, key=len, reverse=True))
    join = "|".join(known.joins)
    return re.compile(
        rf"\b(?:(?:{known.leads})[\s-]+(?:{scale})|(?:{unit}|{scale}))s?(?:(?:[\s-]+(?:{join}))?[\s-]+(?:{unit}"
        rf"|{scale})s?)*\b",
        re.IGNORECASE,
    )


@cache
def _words(language: Language) -> _Words:
    """Give the number words of a language."""
    return _ROWS[language]()


def _english() -> _Words:
    """Give the English ones."""
    return _Words(
        values=_numbered(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
            " sixteen seventeen eighteen nineteen",
            0,
        )
        | _tens("twenty thirty forty fifty sixty seventy eighty ninety", 2),
        scales={"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "dozen": 12},
        joins=frozenset({"and"}),
        leads="an?",
    )


def _french() -> _Words:
    """Give the French ones; "soixante-dix" adds up, "quatre-vingt" multiplies."""
    return _Words(
        values=_numbered(
            "z\u00e9ro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize", 0
        )
        | {"une": 1, "septante": 70, "huitante": 80, "octante": 80, "nonante": 90}
        | _tens("vingt trente quarante cinquante soixante", 2)
        | {"dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "cinquantaine": 50},
        scales={"cent": 100, "centaine": 100, "mille": 1000, "million": 10**6, "milliard": 10**9},
        joins=frozenset({"et", "de"}),
        leads="une?",
    )


def _spanish() -> _Words:
    """Give the Spanish ones."""
    hundreds = "doscient trescient cuatrocient quinient seiscient setecient ochocient novecient"
    return _Words(
        values=_numbered(
            "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince diecis\u00e9is"
            " diecisiete dieciocho diecinueve veinte veintiuno veintid\u00f3s veintitr\u00e9s veinticuatro veinticinco"
            " veintis\u00e9is veintisiete veintiocho veintinueve",
            0,
        )
        | _tens("treinta cuarenta cincuenta sesenta setenta ochenta noventa", 3)
        | {"un": 1, "una": 1, "ciento": 100, "cien": 100, "docena": 12, "decena": 10}
        | {f"{root}{end}": 100 * n for n, root in enumerate(hundreds.split(), 2) for end in ("os", "as")},
        scales={"mil": 1000, "mill\u00f3n": 10**6, "millones": 10**6},
        joins=frozenset({"y", "de"}),
        leads="una?",
    )


def _german() -> _Words:
    """Give none: German numbers are read as one word."""
    return _Words({}, {}, frozenset(), "")


def _numbered(text: str, first: int) -> dict[str, int]:
    """Number the words of a row."""
    return {word: number for number, word in enumerate(text.split(), first)}


def _tens(text: str, first: int) -> dict[str, int]:
    """Number the tens of a row."""
    return {word: 10 * number for number, word in enumerate(text.split(), first)}


def _added(language: Language) -> Callable[[str], Decimal | None]:
    """Make the reader of a language that writes its numbers apart."""

    def read(phrase: str) -> Decimal | None:
        return _sum(re.split(r"[\s-]+", phrase), _words(language))

    return read


def _sum(spelled: Sequence[str], known: _Words) -> Decimal | None:
    """Add words up: "one hundred and twenty thousand" is 120,000; None if they do not add up."""
    total = current = 0
    for written in spelled:
        word = written if written in known.values or written in known.scales else written.removesuffix("s")
        if word in known.values:
            value = known.values[word]
            current = 80 if (current, value) == (4, _SCORE) else current + value  # quatre-vingt
        elif word in known.scales:
            if written != word and not current:
                return None  # "hundreds" say no number
            scale = known.scales[word]
            current = max(current, 1) * scale
            if scale >= _THOUSAND:
                total, current = total + current, 0
        elif word not in known.joins and word not in known.leads.replace("?", "") and word not in {"a", "an"}:
            return None
    return Decimal(total + current)


_GERMAN_UNITS: dict[str, int] = {
    word: number
    for number, word in enumerate(
        [
            "null",
            "eins",
            "zwei",
            "drei",
            "vier",
            "fünf",
            "sechs",
            "sieben",
            "acht",
            "neun",
            "zehn",
            "elf",
            "zwölf",
            "dreizehn",
            "vierzehn",
            "fünfzehn",
            "sechzehn",
            "siebzehn",
            "achtzehn",
            "neunzehn",
        ]
    )
} | {"zwo": 2}
_GERMAN_TENS: dict[str, int] = {
    "zwanzig": 20,
    "drei\u00dfig": 30,
    "dreissig": 30,
    "vierzig": 40,
    "f\u00fcnfzig": 50,
    "sechzig": 60,
    "siebzig": 70,
    "achtzig": 80,
    "neunzig": 90,
}
_GERMAN_SCALES = {"dutzend": 12, "million": 10**6, "millionen": 10**6, "milliarde": 10**9, "milliarden": 10**9}


def _read_german(phrase: str) -> Decimal | None:
    """Read "zweihundertf\u00fcnfunddrei\u00dfig", "ein Dutzend", "anderthalb"."""
    if phrase in {"anderthalb", "eineinhalb"}:
        return Decimal("1.5")
    first, *further = phrase.split()
    scale = _GERMAN_SCALES.get(further[0], _THOUSAND) if further else 1
    number = 1 if first.startswith("ein") and first in {"ein", "eine", "einen"} else _below_million(first)
    return None if number is None else Decimal(number * scale)


def _below_million(word: str) -> int | None:
    """Read a German number word below a million."""
    many, thousand, rest = word.rpartition("tausend")
    if not thousand:
        return _below_thousand(word)
    head, tail = _below_thousand(many) if many else 1, _below_thousand(rest) if rest else 0
    return None if head is None or tail is None else _THOUSAND * head + tail


def _below_thousand(word: str) -> int | None:
    """Read a German number word below a thousand."""
    many, hundred, rest = word.rpartition("hundert")
    if not hundred:
        return _below_hundred(word)
    head, tail = _below_hundred(many) if many else 1, _below_hundred(rest.removeprefix("und")) if rest else 0
    return None if head is None or tail is None else _HUNDRED * head + tail


def _below_hundred(word: str) -> int | None:
    """Read a German number word below a hundred: the unit stands before the ten."""
    if word in {"ein", "eine", "einer", "einem"}:
        return 1
    alone = _GERMAN_UNITS.get(word, _GERMAN_TENS.get(word))
    if alone is not None:
        return alone
    unit, joined, ten = word.partition("und")
    value = 1 if unit == "ein" else _GERMAN_UNITS.get(unit)
    return value + _GERMAN_TENS[ten] if joined and value and ten in _GERMAN_TENS else None


_ROWS: Mapping[Language, Callable[[], _Words]] = {
    "en": _english,
    "de": _german,
    "fr": _french,
    "es": _spanish,
}
_READERS: Mapping[Language, Callable[[str], Decimal | None]] = {
    "en": _added("en"),
    "de": _read_german,
    "fr": _added("fr"),
    "es": _added("es"),
}
