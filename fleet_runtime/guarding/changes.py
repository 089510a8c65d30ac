"""Decide whether a figure follows exactly from a change that the evidence states: "5 more users", "+4 %", "6 h behind".

It computes with written values only; nothing is estimated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache

from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.figures import Figure
from fleet_runtime.guarding.lengths import unit_after
from fleet_runtime.guarding.readings import Row
from fleet_runtime.lexical import stem, stems

_HUNDRED, _YEAR, _DAY = Decimal(100), 12, 1440
_MOST_FIGURES, _MOST_POINTS = 80, 12


def follows_from_change(figure: Figure, sentence: str, said: Sequence[Figure], support: Support) -> bool:
    """Tell whether a figure follows from a stated change.

    Args:
        figure: A figure of ``sentence`` that the evidence does not write.
        sentence: What is said.
        said: The supported figures that the reply has said so far.
        support: The evidence.
    """
    if figure.kind == "time":
        return _is_in_other_zone(figure, support)
    if figure.kind == "number" and (
        _is_anniversary(figure, sentence, support)
        or _counts_months(figure, sentence, support)
        or _is_some_of(figure, sentence, said)
    ):
        return True
    return figure.kind in {"number", "amount"} and (
        _is_new_total(figure, support) or _is_by_percent(figure, support) or _is_yearly_gap(figure, sentence, support)
    )


def _known(figure: Figure, support: Support) -> Iterator[tuple[Row, Figure]]:
    """Yield the evidence's figures of the kind and currency, each with its row."""
    for row in support.rows:
        for known in row.figures:
            if known.value and (known.kind, known.currency) == (figure.kind, figure.currency):
                yield row, known


def _is_new_total(figure: Figure, support: Support) -> bool:
    """Tell whether it is a known count of a thing after a stated number of that thing was added or taken."""
    for row, change in _known(figure, support):
        named = _more().match(row.text, change.end)
        if not named:
            continue
        thing = stem(named["thing"].lower())
        step = -change.value if named["fewer"] else change.value
        if any(
            before is not change and before.value + step == figure.value and thing in stems(other.text)
            for other, before in _known(figure, support)
        ):
            return True
    return False


def _is_by_percent(figure: Figure, support: Support) -> bool:
    """Tell whether it is what a stated change in percent makes of a known sum, or by how much it changes it."""
    for row in support.rows:
        moved = _moves().search(row.text)
        for percent in row.figures if moved else ():
            if percent.kind != "percentage":
                continue
            for known in support.figures[:_MOST_FIGURES]:
                if known.kind != "amount" or (figure.kind == "amount" and known.currency != figure.currency):
                    continue
                part = known.value * percent.value / _HUNDRED
                if part and figure.value in {part, known.value + part, known.value - part}:
                    return True
    return False


def _is_yearly_gap(figure: Figure, sentence: str, support: Support) -> bool:
    """Tell whether it is what twelve monthly sums and a yearly one differ by, where the sentence compares them."""
    if figure.kind != "amount" or not _compares().search(sentence):
        return False
    values = [known.value for row, known in _known(figure, support) if _by_period().search(row.text)]
    return any(abs(_YEAR * one - two) == figure.value for one in values for two in values)


def _is_in_other_zone(figure: Figure, support: Support) -> bool:
    """Tell whether it is a known time, moved by the hours that the evidence says lie between two places."""
    gaps = [60 * int(match["hours"]) for row in support.rows for match in _apart().finditer(row.text)]
    times = [value for known in support.figures if known.kind == "time" for value in known.readings]
    moved = {(value + sign * gap) % _DAY for value in times for gap in gaps for sign in (1, -1)}
    return not moved.isdisjoint(figure.readings)


def _is_anniversary(figure: Figure, sentence: str, support: Support) -> bool:
    """Tell whether it is a number of years that the evidence gives as an ordinal: "10th anniversary"."""
    unit = unit_after(sentence[figure.end :])
    return unit is not None and unit.months == _YEAR and f"{figure.value:f}th" in support.words


def _counts_months(figure: Figure, sentence: str, support: Support) -> bool:
    """Tell whether it counts the months that one sentence of the evidence names."""
    unit = unit_after(sentence[figure.end :])
    if unit is None or unit.months != 1 or figure.value < 2:  # noqa: PLR2004 - one is no list
        return False
    return any(
        len({mention.value for mention in row.dates if mention.precision == "month"}) == figure.value
        for row in support.rows
    )


def _is_some_of(figure: Figure, sentence: str, said: Sequence[Figure]) -> bool:
    """Tell whether it is how many of few points the reply takes up: "of your seven, I can answer two"."""
    taken = _takes_up().search(sentence[: figure.start])
    return taken is not None and any(figure.value < whole.value <= _MOST_POINTS for whole in said)


@cache
def _more() -> re.Pattern[str]:
    """Give what makes a number a change of a thing's count."""
    return re.compile(
        r"\s+(?:more|additional|extra|further|weitere|zus\u00e4tzliche|(?P<fewer>fewer|less|weniger))\s+(?P<thing>[^\W\d_]{3,})",
        re.IGNORECASE,
    )


@cache
def _moves() -> re.Pattern[str]:
    """Give the words of a change in percent."""
    return re.compile(
        r"[+\u2212]\s*\d|\b(?:increas\w+|rais\w+|ris(?:e|es|ing)|reduc\w+|discount|rabatt|erh\u00f6h\w+|augment\w+|hausse|remise"
        r"|sub(?:e|ida)|aument\w+|descuento)\b",
        re.IGNORECASE,
    )


@cache
def _compares() -> re.Pattern[str]:
    """Give the words that set one sum against another."""
    return re.compile(
        r"\b(?:less|more|cheaper|sav\w+|difference|weniger|g\u00fcnstiger|spar\w+|moins|plus|menos|m\u00e1s|ahorr\w+)\b",
        re.IGNORECASE,
    )


@cache
def _by_period() -> re.Pattern[str]:
    """Give the words of a sum that is due each month or year."""
    return re.compile(
        r"\b(?:month\w*|year\w*|annual\w*|monat\w*|jahr\w*|j\u00e4hrlich\w*|mensuel\w*|mois|an(?:nuel\w*)?|mensual\w*|mes|anual\w*)\b",
        re.IGNORECASE,
    )


@cache
def _apart() -> re.Pattern[str]:
    """Give the pattern of the hours between two places."""
    return re.compile(
        r"\b(?P<hours>\d{1,2})\s*(?:h|hours?|hrs?|stunden|heures?|horas?)\s+(?:behind|ahead|earlier|later|zur\u00fcck|voraus"
        r"|de\s+moins|de\s+plus|de\s+retard|d['\u2019]avance|menos|m\u00e1s)(?!\w)",
        re.IGNORECASE,
    )


@cache
def _takes_up() -> re.Pattern[str]:
    """Give how a reply says which of the customer's points it takes up."""
    return re.compile(
        r"\bof\s+(?:your|the|these|those)\b[^.;]*\b(?:I|we)\s+can\s+(?:already\s+)?(?:answer|settle|clear\s+up)\s+\Z",
        re.IGNORECASE,
    )
