"""Decide whether a figure that no evidence writes follows exactly from what the evidence writes.

What is listed is counted, and lengths of time are measured, by modules of their own; here known figures are added,
subtracted, multiplied and divided where the sentence says that it does. Nothing is estimated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import combinations

from fleet_runtime.guarding.changes import follows_from_change
from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.figures import Figure
from fleet_runtime.guarding.lengths import is_length, unit_after
from fleet_runtime.guarding.listing import counts_list
from fleet_runtime.guarding.number_words import small_number
from fleet_runtime.guarding.readings import counted
from fleet_runtime.lexical import stems

_FEWEST, _MOST_LISTED, _LONG_STEM, _SHORT_ENTRY = 2, 30, 4, 4
_MOST_FIGURES = 80
_BESIDE = 25
_HUNDRED, _NOON, _HALF_DAY = Decimal(100), 12, 720
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
        counts_list(figure, sentence, days, support)
        or _is_hour(figure, sentence, support)
        or is_length(figure, sentence, days, said, support)
        or (figure.value == _NOON and _is_year_of_months(figure, sentence, support))
        or _is_ratio_in_words(figure, sentence, said, support)
    ):
        return True
    if follows_from_change(figure, sentence, said, support):
        return True
    if figure.kind == "time":
        return _is_opening_hour(figure, support)
    return any(
        _is_calculated(figure.model_copy(update={"value": value}), sentence, said, support) for value in figure.readings
    )


def _is_opening_hour(figure: Figure, support: Support) -> bool:
    """Tell whether the evidence gives a full hour as a bare number among hours: "support hours 9 to 5"."""
    return any(
        value % _HALF_DAY == 60 * number % _HALF_DAY
        for row in support.rows
        if _hours().search(row.text)
        for known in row.figures
        if known.kind == "number"
        for number in known.readings
        for value in figure.readings
    )


def _is_hour(figure: Figure, sentence: str, support: Support) -> bool:
    """Tell whether it is the hour of a time that the evidence gives: "from two to three in the afternoon"."""
    hour = figure.value
    if not 1 <= hour <= _NOON or not _spoken_hour().match(sentence, figure.end):
        return False
    return any(
        value in {60 * hour, 60 * (hour % _NOON + _NOON)}
        for known in support.figures
        if known.kind == "time"
        for value in known.readings
    )


def _is_year_of_months(figure: Figure, sentence: str, support: Support) -> bool:
    """Tell whether it is the months of a year by which a known sum is turned into another."""
    unit = unit_after(sentence[figure.end :])
    return ((unit is not None and unit.months == 1) or bool(_instalments().match(sentence, figure.end))) and any(
        _period().search(row.text) and any(each.kind == "amount" for each in row.figures) for row in support.rows
    )


def _is_ratio_in_words(figure: Figure, sentence: str, said: Sequence[Figure], support: Support) -> bool:
    """Tell whether it is either number of "four out of five", where known figures stand in just that ratio."""
    for match in _out_of().finditer(sentence):
        if not (match.start() <= figure.start < match.end()):
            continue
        one, two = (
            Decimal(written) if written.isdigit() else Decimal(small_number(written.lower()) or 0)
            for written in (match["part"], match["whole"])
        )
        if not one or one >= two:
            continue
        groups = [*([each for each in row.figures if each.value] for row in support.rows), [*said]]
        if any(
            abs(100 * one / two - share) <= _HALF_PERCENT
            for group in groups
            for share in (
                *(each.value for each in group if each.kind == "percentage"),
                *(100 * min(a.value, b.value) / max(a.value, b.value) for a, b in _pairs(group)),
            )
        ):
            return True
    return False


def _is_calculated(figure: Figure, sentence: str, said: Sequence[Figure], support: Support) -> bool:
    """Tell whether two known figures make it, and the sentence says how they do."""
    sets = [[each for each in row.figures if each.value] for row in support.rows]
    sets += [[each for each in said if each.value], _spoken_of(sentence, said, support)]
    if figure.kind in {"percentage", "share"}:
        changes = bool(_differs().search(sentence))
        return (
            bool(_remains().search(sentence) or _lacks().search(sentence))
            and any(
                each.kind == "percentage" and each.value + figure.value == _HUNDRED for group in sets for each in group
            )
        ) or any(
            _is_part(figure.value, one.value, two.value, changes=changes)
            for group in (sets if changes or _of_what().match(sentence, figure.end) else [[*said]])
            for one, two in _pairs(group)
        )
    if _totals().search(sentence) and any(_is_sum(figure, group) for group in [*sets, *_alike(support)]):
        return True
    if _differs().search(sentence) and any(
        abs(one.value - two.value) == figure.value for group in [*sets, *_alike(support)] for one, two in _pairs(group)
    ):
        return True
    return (
        _is_by_period(figure, sentence, said, support)
        or _is_product(figure, support)
        or _is_made_of(figure, said)
        or _is_price_for_one(figure, sentence, support)
        or (figure.kind == "number" and any(_is_percent_of(figure.value, group) for group in sets))
    )


def _is_price_for_one(figure: Figure, sentence: str, support: Support) -> bool:
    """Tell whether it is a known sum divided by a known number of things, to the cent: "per seat that is 240 euros"."""
    if not _for_one().search(sentence):
        return False
    known = support.figures[:_MOST_FIGURES]
    return any(
        round(total.value / number.value, 2) == figure.value
        for total in known
        if total.kind == "amount" and (total.currency == figure.currency or figure.kind == "number")
        for number in known
        if number.kind == "number" and number.value > 1
    )


def _is_made_of(figure: Figure, said: Sequence[Figure]) -> bool:
    """Tell whether two figures that the reply has said make it by multiplying or dividing."""
    values = {each.value for each in said if each.value > 1}
    return any(
        figure.value in {one * two, one / two} for one in values for two in values if figure.value not in {one, two}
    )


def _spoken_of(sentence: str, said: Sequence[Figure], support: Support) -> list[Figure]:
    """Return the figures of what the evidence tells of the sentence's own topic, and those said."""
    topic = {each for each in stems(sentence) if len(each) >= _LONG_STEM and each.isalpha()}
    rows = (row for row in support.rows if row.figures and topic.intersection(stems(row.text)))
    return [*(each for row in rows for each in row.figures if each.value), *said][:_MOST_FIGURES]


def _is_percent_of(number: Decimal, group: Sequence[Figure]) -> bool:
    """Tell whether it is a known percentage of a known number, rounded to a whole."""
    return any(
        number >= _FEWEST and abs(percent.value * whole.value / _HUNDRED - number) < _HALF_PERCENT
        for percent in group
        if percent.kind == "percentage"
        for whole in group
        if whole.kind == "number" and whole.value > number
    )


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


def _is_by_period(figure: Figure, sentence: str, said: Sequence[Figure], support: Support) -> bool:
    """Tell whether it is a known sum of a year by the month, or the other way: the sentence and the evidence say so."""
    if not _period().search(sentence[max(0, figure.start - _BESIDE) : figure.end + _BESIDE]):
        return False
    known_sums = [known for row in support.rows if _period().search(row.text) for known in row.figures]
    return any(
        value and (value == figure.value * factor or figure.value == value * factor)
        for known in (*known_sums, *said)
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
        r"|increase\w*|leaves|balance|outstanding|to\s+pay|restera|solde|saldo|restante|rise|rose|fell|drop\w*|grew|grown|missing|open|still|unterschied|differenz|mehr|weniger|frei\w*"
        r"|\u00fcbrig|ungenutzt\w*|gestiegen|gesunken|zuwachs|fehlen|fehlt|noch|h\u00f6her|niedriger|diff\u00e9rence|plus"
        r"|moins|restent?|reste|libres?|hausse|baisse|\u00e9cart|sav\w+|spar\w+|\u00e9conom\w+|ahorr\w+|diferencia|m\u00e1s|menos|quedan?|faltan?|sobran?"
        r"|subid[ao]|bajad[ao]|aumento)\b",
        re.IGNORECASE,
    )


@cache
def _remains() -> re.Pattern[str]:
    """Give the words of what a share leaves."""
    return re.compile(
        r"\b(?:rest|remain\w*|other|others|\u00fcbrig\w*|restlich\w*|ander\w*|reste|restant\w*|autres?|resto|otr[oa]s?)\b",
        re.IGNORECASE,
    )


@cache
def _lacks() -> re.Pattern[str]:
    """Give the words of what is lacking to the whole."""
    return re.compile(
        r"\b(?:missing|left|to\s+go|outstanding|fehlen|fehlt|offen|manquent?|restent?|faltan?|quedan?)\b", re.IGNORECASE
    )


@cache
def _of_what() -> re.Pattern[str]:
    """Give what follows a percentage that is a part of something."""
    return re.compile(
        r"\s*(?:\)|of|von|der|des|du|de|del|d['\u2019]|active|in\s+use|used|adoption|usage|genutzt|aktiv|auslastung|utilis\w+"
        r"|usad[oa]s?|en\s+uso)(?!\w)",
        re.IGNORECASE,
    )


@cache
def _out_of() -> re.Pattern[str]:
    """Give the pattern of a share as two small numbers."""
    return re.compile(
        r"\b(?P<part>\w+)\s+(?:out\s+of|of|in|in\s+every|von|sur|de(?:\s+cada)?)\s+(?:every\s+)?(?P<whole>\w+)\b",
        re.IGNORECASE,
    )


@cache
def _hours() -> re.Pattern[str]:
    """Give the words of opening hours."""
    return re.compile(r"\b(?:hours|opening|\w*zeiten|horaires?|horario)\b", re.IGNORECASE)


@cache
def _spoken_hour() -> re.Pattern[str]:
    """Give what may follow an hour: nothing that it could count."""
    return re.compile(
        r"\s*(?:[.,;:?!)\u2013-]|\Z|(?:to|until|till|and|or|on|in\s+the|at|still|sharp|works?|suits?|o['\u2019]clock|bis|und|oder"
        r"|am|uhr|passt|geht|\u00e0|et|ou|heures?|a|y|o|de\s+la|hasta)\b)",
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
def _instalments() -> re.Pattern[str]:
    """Give the words of sums that are paid each month."""
    return re.compile(r"\s+(?:monthly\b|monatsraten|mensualit\u00e9s|mensualidades)", re.IGNORECASE)


@cache
def _for_one() -> re.Pattern[str]:
    """Give the words of a price for one."""
    return re.compile(r"\b(?:per|each|a\s+piece|apiece|pro|je|par|por|cada|chacun\w*)\b|/", re.IGNORECASE)
