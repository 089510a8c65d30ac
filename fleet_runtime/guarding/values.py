"""Decide whether the evidence supports a figure of a reply: by value, not by how it is written.

A reply may round what it calls rounded, and add or subtract two figures that stand beside the result. It
calculates nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.figures import Figure
from fleet_runtime.guarding.readings import counted
from fleet_runtime.lexical import stems

_LEAST = 10
_NEAR, _LONG_NUMBER = Decimal("0.05"), 3
_SHARE_NEAR, _SHARE_ABOUT, _SHARE_BEYOND = Decimal(1), Decimal(4), Decimal(12)
_COMPARES = re.compile(r"(?:by|than|nearly|almost|exactly)\s+", re.IGNORECASE)
_PERCENT_SAID = re.compile(
    r"percent|per\s+cent|%|pct|prozent|rate|share|quote|taux|porcent|tasa|pourcent", re.IGNORECASE
)
_CURRENCY_SAID = {
    "USD": re.compile(r"\busd\b|\$|dollar|d\u00f3lar", re.IGNORECASE),
    "EUR": re.compile(r"\beur\b|\u20ac|euro", re.IGNORECASE),
    "GBP": re.compile(r"\bgbp\b|\u00a3|pound", re.IGNORECASE),
    "CHF": re.compile(r"\bchf\b|franken|franc", re.IGNORECASE),
}


def has_figure(figure: Figure, sentence: str, support: Support) -> bool:
    """Tell whether the evidence holds that value in that unit, or one that its wording rounds."""
    near = support.figures if figure.kind in {"share", "percentage"} else support.figures_of(figure.readings)
    if any(_same(figure, known) for known in near):
        return True
    if figure.kind == "number" and (figure.value in support.years or _is_spelled_out(figure, support)):
        return True
    if figure.kind in {"amount", "percentage"} and _has_unit_apart(figure, support):
        return True
    lead = _COMPARES.match(figure.text)
    before = sentence[: figure.start] + (lead.group() if lead else "")
    return (figure.kind == "share" and _is_ratio(figure, before, support)) or _is_rounded(figure, before, support)


def counts_other(figure: Figure, following: str, support: Support, beside: Sequence[Figure] = ()) -> bool:
    """Tell whether a known number is said of a thing that the evidence counts differently ("140 seats").

    So it is when the evidence gives other numbers for that thing, no sentence of it holds both, and the reply
    does not set it against one of those ("98 of 150 seats").
    """
    thing = counted(following)
    if not thing:
        return False
    given = support.counts_of(thing)
    if not given or any(given.intersection(each.readings) for each in (figure, *beside)):
        return False
    rows = [row for row in support.rows if any(row.counts(value) for value in figure.readings)]
    return not any(row.language != support.language or thing in stems(row.text) for row in rows)


def is_remainder(figure: Figure, sentence: str, said: Sequence[Figure]) -> bool:
    """Tell whether it is what two figures said before leave ("24 are still free"), differ by, or make in percent."""
    numbers = {known.value for known in said if known.kind in {"number", figure.kind} and known.value}
    pairs = [(small, large) for small in numbers for large in numbers if small < large]
    if figure.kind == "number":
        return bool(_left_over().search(sentence)) and any(large - small == figure.value for small, large in pairs)
    if figure.kind not in {"percentage", "share"}:
        return False
    near = _SHARE_ABOUT if _hedge().search(sentence[: figure.start]) else _SHARE_NEAR / 2
    return any(abs(100 * small / large - figure.value) <= near for small, large in pairs if small >= _LEAST)


def is_computed(figure: Figure, beside: Sequence[Figure], sentence: str, support: Support) -> bool:
    """Tell whether it is exactly the sum, difference or share of two figures that stand beside it in the sentence.

    For a sum, one text of the evidence must hold both: what lies further apart is seldom added up.
    """
    plain = [each.value for each in beside if each is not figure and each.kind in {"number", "amount", "percentage"}]
    hedged = bool(_hedge().search(sentence[: figure.start]))
    for place, one in enumerate(plain):
        for two in plain[place + 1 :]:
            if figure.kind in {"percentage", "share"}:
                small, large = sorted((one, two))
                part = 100 * small / large if large else Decimal(0)
                if part and (
                    part == figure.value
                    or (
                        abs(part - figure.value) < (_SHARE_ABOUT if hedged else _SHARE_NEAR)
                        and (hedged or figure.kind == "share")
                    )
                ):
                    return True
            elif figure.value == abs(one - two) or (figure.value == one + two and support.holds_both(one, two)):
                return True
    return False


def _same(figure: Figure, known: Figure) -> bool:
    """Compare by value; a third is 33 as well as 33.3 percent, and an amount may lose its currency."""
    if {figure.kind, known.kind} == {"share", "percentage"} or figure.kind == known.kind == "share":
        return abs(figure.value - known.value) < _SHARE_NEAR
    if figure.kind != known.kind and (figure.kind, known.kind) not in {("number", "amount"), ("time", "number")}:
        return False
    if figure.kind == "amount" and figure.currency != known.currency:
        return False
    if figure.kind == "time" and known.kind != "time":
        return False
    return any(value in known.readings for value in figure.readings)


def _is_spelled_out(figure: Figure, support: Support) -> bool:
    """Tell whether a number is part of a code of the evidence: "4471" of "T-4471", "5" of "v5"."""
    long = figure.text.isdigit() and len(figure.text) > _LONG_NUMBER and figure.text in support.words
    return long or f"v{figure.text}" in support.words


def _has_unit_apart(figure: Figure, support: Support) -> bool:
    """Tell whether the evidence writes the number apart from its unit, as tables and JSON do."""
    said = _PERCENT_SAID if figure.kind == "percentage" else _CURRENCY_SAID.get(figure.currency)
    return said is not None and any(
        said.search(row.text)
        and any(each.kind == "number" and set(each.readings) & set(figure.readings) for each in row.figures)
        for row in support.rows
    )


def _is_rounded(figure: Figure, before: str, support: Support) -> bool:
    """Tell whether it is called rounded, and rounds a figure of the evidence by a little."""
    if not (_hedge().search(before) or _above().search(before) or _below().search(before)):
        return False
    for known in support.figures:
        if (known.kind, known.currency) != (figure.kind, figure.currency) or not known.value:
            continue
        gap = figure.value - known.value
        if (
            abs(gap) > _NEAR * known.value
            or (_above().search(before) and gap > 0)
            or (_below().search(before) and gap < 0)
        ):
            continue
        if _digits(figure.value) < _digits(known.value):
            return True
    return False


def _digits(value: Decimal) -> int:
    """Return how many figures a number has before its zeros."""
    return len(f"{value.normalize():f}".replace(".", "").strip("0")) or 1


def _is_ratio(figure: Figure, before: str, support: Support) -> bool:
    """Tell whether a share is what two numbers of one sentence of the evidence make."""
    for row in support.rows:
        plain = [each.value for each in row.figures if each.kind == "number" and each.value]
        for small in plain:
            for large in plain:
                if small < large:
                    gap = 100 * small / large - figure.value
                    near = _SHARE_ABOUT if _hedge().search(before) else _SHARE_NEAR
                    beyond = (_below().search(before) and -_SHARE_BEYOND < gap < 0) or (
                        _above().search(before) and 0 < gap < _SHARE_BEYOND
                    )
                    if abs(gap) < near or beyond:
                        return True
    return False


@cache
def _hedge() -> re.Pattern[str]:
    """Give the words that call a figure rounded."""
    return re.compile(
        r"\b(?:about|around|roughly|approximately|some|circa|ca\.|etwa|rund|ungef\u00e4hr|circa|gut|environ"
        r"|quelque|pr\u00e8s\s+des?"
        r"|\u00e0\s+peu\s+pr\u00e8s|unos|unas|alrededor\s+de|aproximadamente|casi|cerca\s+de|nearly|almost"
        r"|just\s+(?:under|over)|close\s+to"
        r"|fast|knapp|presque|the\s+order\s+of)\s+(?:a\s+|an\s+|de\s+)?[$\u20ac\u00a3]?\Z",
        re.IGNORECASE,
    )


@cache
def _below() -> re.Pattern[str]:
    """Give the words that say that it is less."""
    return re.compile(
        r"\b(?:less\s+than|under|below|fewer\s+than|weniger\s+als|unter|moins\s+de|moins\s+d['\u2019]"
        r"|menos\s+de)\s+\Z",
        re.IGNORECASE,
    )


@cache
def _above() -> re.Pattern[str]:
    """Give the words that say that it is more."""
    return re.compile(
        r"\b(?:more\s+than|over|above|mehr\s+als|\u00fcber|plus\s+de|plus\s+d['\u2019]"
        r"|m\u00e1s\s+de)\s+\Z",
        re.IGNORECASE,
    )


@cache
def _left_over() -> re.Pattern[str]:
    """Give the words for what is left, or lies between."""
    return re.compile(
        r"\b(?:free|unused|left|idle|remaining|remain|leaves|spare|available|more|fewer|not\s+(?:in\s+use|used"
        r"|active)|to\s+go|short|frei\w*|ungenutzt\w*"
        r"|nicht\s+(?:\w+\s+)?(?:genutzt|aktiv)|\u00fcbrig|mehr|weniger|libres?|restent|reste|disponibles?"
        r"|inutilis\w+|de\s+plus|de\s+moins|quedan|quedaron|sin\s+usar|m\u00e1s|menos)\b",
        re.IGNORECASE,
    )
