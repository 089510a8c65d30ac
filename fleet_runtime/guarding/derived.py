"""Decide whether a figure that no evidence writes follows exactly from what the evidence writes.

It counts what is listed, measures the time between known days, turns units of time into one another, and adds,
subtracts, multiplies and divides known figures where the sentence says that it does. It estimates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import combinations, takewhile

from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.figures import Figure
from fleet_runtime.guarding.readings import counted
from fleet_runtime.lexical import stem, stems, words

_FEWEST, _MOST_LISTED, _LONG_STEM, _SHORT_ENTRY = 2, 30, 4, 4
_MOST_FIGURES = 80
_UNITS: tuple[tuple[str, int, int], ...] = (
    (r"minutes?|mins?|minuten?|minutos?", 1, 0),
    (r"hours?|hrs?|stunden?|heures?|horas?", 60, 0),
    (r"days?|tage?n?|jours?|d\u00edas?", 1440, 0),
    (r"weeks?|wochen?|semaines?|semanas?", 7 * 1440, 3),
    (r"fortnights?|quinzaines?|quincenas?", 14 * 1440, 3),
    (r"months?|monate?n?|mois|mes(?:es)?", 43800, 6),
    (r"quarters?|quartale?n?|trimestres?", 3 * 43800, 10),
    (r"years?|jahre?n?|ans?|ann\u00e9es?|a\u00f1os?", 12 * 43800, 60),
)
"""Units of time with their minutes, and by how many days a distance may miss a whole number of them."""

_FULL_DAY = 1440
_BESIDE = 25
_HALF_PERCENT = Decimal("0.5")
_SMALLEST_WHOLE = 2
_PER_YEAR = (Decimal(12), Decimal(4), Decimal(3))


def is_derived(figure: Figure, sentence: str, days: Sequence[date], said: Sequence[Figure], support: Support) -> bool:
    """Tell whether a figure follows from the evidence.

    Args:
        figure: A figure of ``sentence`` that the evidence does not write.
        sentence: What is said.
        days: The known days that the reply has named, in this sentence or before.
        said: The supported figures that the reply has said, in this sentence or before.
        support: The evidence.
    """
    if figure.kind == "number" and (
        _counts_list(figure, sentence, days, support)
        or _is_length(figure, sentence, days, support)
        or _is_other_unit(figure, sentence, support)
    ):
        return True
    if figure.kind == "time":
        return False
    return _is_calculated(figure, sentence, said, support)


def _counts_list(figure: Figure, sentence: str, days: Sequence[date], support: Support) -> bool:
    """Tell whether it counts the entries of a list that the sentence gives, or that it takes an entry or name of."""
    if not _FEWEST <= figure.value <= _MOST_LISTED or figure.value % 1:
        return False
    number = int(figure.value)
    rest = sentence[figure.end :]
    for entries in (*_lists(sentence[: figure.start]), *_lists(rest)):
        named = [*takewhile(lambda entry: entry.lstrip()[:1].isupper(), entries)]
        if any(len(each) == number and _are_known(each, support) for each in (entries, named)):
            return True
    if any(number == len(listed) and not listed.isdisjoint(days) for listed in _listed_days(support)):
        return True
    spoken = frozenset(words(sentence))
    thing = counted(rest)
    for topic, entries in _evidence_lists(support):
        if len(entries) == number and (
            any(word in spoken for entry in entries for word in words(entry) if len(word) > _FEWEST)
            or (thing and thing in topic)
        ):
            return True
    return bool(thing) and number == sum(1 for read in support.shown if read.row and stem(read.row[0]) == thing)


def _are_known(entries: Sequence[str], support: Support) -> bool:
    """Tell whether the evidence holds the first word of every entry."""
    firsts = [next((word for word in words(entry) if len(word) > _FEWEST), "") for entry in entries]
    return all(first and (first in support.words or stem(first) in support.stems) for first in firsts)


def _lists(text: str) -> Iterator[list[str]]:
    """Yield the entries of each list of a piece of a sentence: "Graz, Linz, Wels and Steyr"."""
    for match in _listing().finditer(text):
        yield [entry for entry in _comma().split(match.group()) if entry.strip()]


def _evidence_lists(support: Support) -> Iterator[tuple[frozenset[str], list[str]]]:
    """Yield what the evidence lists in short after a colon or an equals sign, with the stems of what stands before."""
    for read in support.shown:
        for sentence in read.sentences:
            *before, tail = _after_label().split(sentence)
            entries = [entry for entry in _comma().split(tail.rstrip(".)")) if entry.strip()]
            if len(entries) >= _FEWEST and all(len(words(entry)) <= _SHORT_ENTRY for entry in entries):
                yield frozenset(stems(" ".join(before))), entries


def _listed_days(support: Support) -> Iterator[frozenset[date]]:
    """Yield the days that each sentence of the evidence names."""
    for row in support.rows:
        yield frozenset(mention.value for mention in row.dates if mention.value and mention.precision == "day")


def _is_length(figure: Figure, sentence: str, days: Sequence[date], support: Support) -> bool:
    """Tell whether it measures the time between two known days, one of which the reply names, or is today."""
    unit = _unit_after(sentence[figure.end :])
    if unit is None or unit[0] < _FULL_DAY:
        return False
    minutes, slack = unit
    length = figure.value * minutes / _FULL_DAY
    named = {*days, *([support.today] if days or _from_now().search(sentence) else [])}
    others = {*_days_spoken_of(sentence, support), *days, support.today}
    return any(
        abs(abs((other - one).days) + inclusive - length) <= slack
        for one in named
        for other in others
        if other != one
        for inclusive in ((0, 1) if minutes == _FULL_DAY and {one, other} <= {*days} else (0,))
    )


def _days_spoken_of(sentence: str, support: Support) -> frozenset[date]:
    """Return the days of what the evidence tells of the sentence's own topic."""
    topic = {each for each in stems(sentence) if len(each) >= _LONG_STEM}
    return frozenset(
        mention.value
        for row in support.rows
        if any(mention.precision == "day" for mention in row.dates) and topic.intersection(stems(row.text))
        for mention in row.dates
        if mention.value and mention.precision == "day"
    )


def _is_other_unit(figure: Figure, sentence: str, support: Support) -> bool:
    """Tell whether the evidence gives the same length in another unit: "14 days" and "two weeks"."""
    unit = _unit_after(sentence[figure.end :])
    if unit is None:
        return False
    length = figure.value * unit[0]
    for row in support.rows:
        for known in row.figures:
            given = _unit_after(row.text[known.end :]) if known.kind == "number" else None
            if given is not None and any(value * given[0] == length for value in known.readings):
                return True
    return any(
        length == count * minutes
        for read in support.shown
        for count, minutes in ((Decimal("0.5"), 60), (Decimal(1), 60), (Decimal(1), 7 * _FULL_DAY))
        if _lone(count, minutes).search(read.lowered)
    )


@cache
def _lone(count: Decimal, minutes: int) -> re.Pattern[str]:
    """Give how a lone unit is written: "half an hour", "an hour", "a week"."""
    if count < 1:
        return re.compile(r"\bhalf\s+an?\s+hour\b|\bhalbe\s+stunde\b|\bdemi-heure\b|\bmedia\s+hora\b")
    names = next(names for names, length, _ in _UNITS if length == minutes)
    return re.compile(rf"\b(?:an?|one|eine[rn]?|une|una)\s+(?:{names})\b")


def _unit_after(rest: str) -> tuple[int, int] | None:
    """Return the minutes of the unit that follows a number, and its slack in days."""
    match = _unit().match(rest)
    return next((_UNITS[n][1:] for n in range(len(_UNITS)) if match[f"u{n}"]), None) if match else None


def _is_calculated(figure: Figure, sentence: str, said: Sequence[Figure], support: Support) -> bool:
    """Tell whether two known figures make it, and the sentence says how they do."""
    rows = [[each for each in row.figures if each.value] for row in support.rows]
    sets = [*rows, [each for each in said if each.value]]
    if figure.kind in {"percentage", "share"}:
        changes = bool(_differs().search(sentence))
        return any(
            _is_part(figure.value, one.value, two.value, changes=changes) for group in sets for one, two in _pairs(group)
        )
    if _totals().search(sentence) and any(_is_sum(figure, group) for group in [*sets, *_alike(support)]):
        return True
    if _differs().search(sentence) and any(
        abs(one.value - two.value) == figure.value for group in [*sets, *_alike(support)] for one, two in _pairs(group)
    ):
        return True
    return _is_by_period(figure, sentence, support) or _is_product(figure, support)


def _pairs(group: Iterable[Figure]) -> Iterator[tuple[Figure, Figure]]:
    """Yield every two figures of one kind that differ."""
    for one, two in combinations(group, 2):
        if (one.kind, one.currency) == (two.kind, two.currency) and one.value != two.value:
            yield one, two


def _alike(support: Support) -> Iterator[list[Figure]]:
    """Yield the figures that the evidence gives for one thing, from whichever texts."""
    found: dict[str, list[Figure]] = {}
    for row in support.rows:
        for figure in row.figures:
            thing = counted(row.text[figure.end :]) or figure.currency
            if thing:
                found.setdefault(thing, []).append(figure)
    yield from (group for group in found.values() if len(group) >= _FEWEST)


def _is_sum(figure: Figure, group: Sequence[Figure]) -> bool:
    """Tell whether it is the sum of all figures of a group that are of its kind, or of two of them."""
    plain = [each.value for each in group if each.kind == figure.kind]
    return len(plain) >= _FEWEST and (
        sum(plain) == figure.value or any(one + two == figure.value for one, two in combinations(plain, 2))
    )


def _is_part(percent: Decimal, one: Decimal, two: Decimal, *, changes: bool) -> bool:
    """Tell whether it is what one is of the other in percent, or by how much it ``changes``, rounded to a whole."""
    return any(
        whole >= _SMALLEST_WHOLE and abs(abs(value) - percent) <= _HALF_PERCENT
        for part, whole in ((one, two), (two, one))
        for value in (100 * part / whole, *([100 * (part - whole) / whole] if changes else []))
    )


def _is_by_period(figure: Figure, sentence: str, support: Support) -> bool:
    """Tell whether it is a known sum of a year by the month, or the other way: the sentence and the evidence say so."""
    if not _period().search(sentence[figure.end : figure.end + _BESIDE]):
        return False
    return any(
        value and (value == figure.value * factor or figure.value == value * factor)
        for row in support.rows
        if _period().search(row.text)
        for known in row.figures
        if known.kind == "amount" and (known.currency == figure.currency or figure.kind == "number")
        for value in known.readings
        for factor in _PER_YEAR
    )


def _is_product(figure: Figure, support: Support) -> bool:
    """Tell whether it is a price for one, times a known number of things (and twelve, where that is a year's)."""
    prices = {
        value
        for row in support.rows
        if _for_one().search(row.text)
        for known in row.figures
        if known.kind == "amount" and (known.currency == figure.currency or figure.kind == "number")
        for value in known.readings
    }
    if not prices:
        return False
    numbers = {each.value for each in support.figures[:_MOST_FIGURES] if each.kind == "number" and each.value > 1}
    return any(price * number * factor == figure.value for price in prices for number in numbers for factor in (1, 12))



@cache
def _after_label() -> re.Pattern[str]:
    """Give what parts the name of a list from its entries."""
    return re.compile(r"[:=(]\s*(?!\d\d\b)")


@cache
def _listing() -> re.Pattern[str]:
    """Give the pattern of a list of two or more short entries."""
    entry = r"[^\W\d_][\w'\u2019&/-]*(?:\s(?!and\b|und\b|et\b|y\b|or\b)[^\W_][\w'\u2019&/-]*){0,3}"
    joint = r"(?:,\s+(?:and|und|et|y)\s+|,\s+|\s+(?:and|und|et|y|&)\s+)"
    return re.compile(rf"(?:(?<=[:(\u2013\u2014,]\s)|(?<=\())({entry}(?:{joint}{entry})+)")


@cache
def _comma() -> re.Pattern[str]:
    """Give what parts the entries of a list."""
    return re.compile(r",\s+(?:and|und|et|y)\s+|[,;]\s+|\s+(?:and|und|et|y|&)\s+")


@cache
def _unit() -> re.Pattern[str]:
    """Give the pattern of a unit of time after its number."""
    names = "|".join(f"(?P<u{number}>{pattern})" for number, (pattern, _, _) in enumerate(_UNITS))
    return re.compile(
        rf"[\s-]*(?:full\s+|whole\s+|more\s+|further\s+|weitere[nr]?\s+|volle[nr]?\s+|ganze[nr]?\s+)?(?:{names})(?!\w)",
        re.IGNORECASE,
    )


@cache
def _from_now() -> re.Pattern[str]:
    """Give the words that count from today."""
    return re.compile(
        r"\b(?:left|until|till|to\s+go|away|ago|for|since|now|from\s+now|noch|seit|vor|bis|schon|restent?|reste|encore"
        r"|depuis|dans|il\s+y\s+a|quedan?|faltan?|desde|hace|hasta|dentro|llevan?|llevamos)\b",
        re.IGNORECASE,
    )


@cache
def _totals() -> re.Pattern[str]:
    """Give the words of a sum."""
    return re.compile(
        r"\b(?:total\w*|altogether|in\s+all|all\s+told|together|combined|both|sum|overall|insgesamt|zusammen|gesamt\w*"
        r"|summe|alles\s+in\s+allem|en\s+tout|ensemble|somme|en\s+conjunto|suman?|juntos|juntas|makes?|macht|ergibt"
        r"|soit|en\s+todo)\b|=",
        re.IGNORECASE,
    )


@cache
def _differs() -> re.Pattern[str]:
    """Give the words of a difference."""
    return re.compile(
        r"\b(?:difference|more|fewer|less|up|down|left|free|unused|idle|remain\w*|spare|short|over|under|higher|lower"
        r"|increase\w*|rise|rose|fell|drop\w*|grew|grown|missing|open|still|unterschied|differenz|mehr|weniger|frei\w*"
        r"|\u00fcbrig|ungenutzt\w*|gestiegen|gesunken|zuwachs|fehlen|fehlt|noch|h\u00f6her|niedriger|diff\u00e9rence|plus"
        r"|moins|restent?|reste|libres?|hausse|baisse|\u00e9cart|diferencia|m\u00e1s|menos|quedan?|faltan?|sobran?"
        r"|subid[ao]|bajad[ao]|aumento)\b",
        re.IGNORECASE,
    )


@cache
def _period() -> re.Pattern[str]:
    """Give the words of a regular period."""
    return re.compile(
        r"\b(?:month\w*|year\w*|annual\w*|annum|quarter\w*|week\w*|monat\w*|jahr\w*|j\u00e4hrlich\w*|quartal\w*|mensuel\w*"
        r"|mois|annuel\w*|ans?|ann\u00e9es?|trimestr\w*|mensual\w*|mes(?:es)?|anual\w*|a\u00f1os?)\b",
        re.IGNORECASE,
    )


@cache
def _for_one() -> re.Pattern[str]:
    """Give the words of a price for one."""
    return re.compile(r"\b(?:per|each|a\s+piece|apiece|pro|je|par|por|cada|chacun\w*)\b|/", re.IGNORECASE)
