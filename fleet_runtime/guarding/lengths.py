"""Decide whether a length of time, or a day, follows exactly from the days and lengths that the evidence gives.

It measures between known days, turns units into one another, and counts a known length on from a known day. It
estimates nothing: a length that is called "more than" or "nearly" may miss a whole unit by less than one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from fleet_runtime.dates import DateMention
from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.figures import Figure
from fleet_runtime.guarding.number_words import small_number
from fleet_runtime.lexical import stems

_LONG_STEM, _ROOT = 4, 5
_MINUTES_A_DAY, _MINUTES_A_MONTH = 1440, 43830


class Unit(NamedTuple):
    """A unit of time: its names, minutes, by how many days a distance may miss it, and its months or days."""

    names: str
    minutes: int
    slack: int
    months: int = 0
    days: int = 0


UNITS = (
    Unit(
        r"quarts?\s+d['\u2019]heure|quarters?\s+of\s+an\s+hour|viertelstunden?|viertel\s?stunden?|cuartos?\s+de\s+hora",
        15,
        0,
    ),
    Unit(r"minutes?|mins?|minuten?|minutos?", 1, 0),
    Unit(r"hours?|hrs?|stunden?|heures?|horas?", 60, 0),
    Unit(r"days?|tage?n?|jours?|d\u00edas?", _MINUTES_A_DAY, 0, days=1),
    Unit(r"weeks?|wochen?|semaines?|semanas?", 7 * _MINUTES_A_DAY, 3, days=7),
    Unit(r"fortnights?|quinzaines?|quincenas?", 14 * _MINUTES_A_DAY, 3, days=14),
    Unit(r"months?|monate?n?|mois|mes(?:es)?", _MINUTES_A_MONTH, 6, months=1),
    Unit(r"quarters?|quartale?n?|trimestres?", 3 * _MINUTES_A_MONTH, 10, months=3),
    Unit(r"years?|jahre?n?|ans?|ann\u00e9es?|a\u00f1os?", 12 * _MINUTES_A_MONTH, 60, months=12),
)


def unit_after(rest: str) -> Unit | None:
    """Return the unit of time that follows a number, if one does."""
    match = _unit().match(rest)
    return next((unit for number, unit in enumerate(UNITS) if match[f"u{number}"]), None) if match else None


def is_length(figure: Figure, sentence: str, days: Sequence[date], said: Sequence[Figure], support: Support) -> bool:
    """Tell whether a number of units measures the time between two known days or times, or is known in another unit.

    Args:
        figure: A number of ``sentence``.
        sentence: What is said.
        days: The known days that the reply has named, in this sentence or before.
        said: The supported figures that the reply has said.
        support: The evidence.
    """
    unit = unit_after(sentence[figure.end :])
    if unit is None:
        return False
    if unit.minutes < _MINUTES_A_DAY and _is_between_times(figure, unit, said, support):
        return True
    if unit.minutes >= _MINUTES_A_DAY and _is_between_days(figure, unit, sentence, days, support):
        return True
    return _is_other_unit(figure, unit, support)


def follows_from_length(mention: DateMention, sentence: str, days: Sequence[date], support: Support) -> bool:
    """Tell whether a day, or the month of one, lies a length that the evidence gives from a day of the same text.

    ``days`` are known days that the reply has named; from those, and from what the evidence tells of the
    sentence's own topic, lengths of every text count.
    """
    said = mention.value
    if said is None or mention.precision not in {"day", "month"}:
        return False
    starts = {*days, *_days_spoken_of(sentence, support)}
    for read in support.shown:
        own = {known.value for row in read.rows for known in row.dates if known.value and known.precision == "day"}
        steps = [(row.text, step) for row in read.rows for step in _steps(row.text, row.figures)]
        for text, step in steps:
            for start in {*own, *starts, *_days_spoken_of(text, support)}:
                for sign in (1, -1):
                    reached = _counted_on(start, sign * step)
                    if (reached.year, reached.month) == (said.year, said.month) and (
                        mention.precision == "month" or abs((reached - said).days) <= 1
                    ):
                        return True
    return False


def _counted_on(start: date, step: relativedelta) -> date:
    """Count a length on from a day; from the end of one month, whole months lead to the end of another."""
    reached = start + step
    if step.days == 0 and (start + timedelta(days=1)).day == 1:
        return reached + relativedelta(day=31)
    return reached


def _steps(text: str, figures: Sequence[Figure]) -> Iterator[relativedelta]:
    """Yield the lengths of days and more that a sentence of the evidence gives."""
    for figure in figures:
        unit = unit_after(text[figure.end :]) if figure.kind == "number" and figure.value < _MINUTES_A_DAY else None
        if unit is not None and (unit.months or unit.days) and figure.value % 1 == 0:
            count = int(figure.value)
            yield relativedelta(months=unit.months * count, days=unit.days * count)


def _is_between_days(figure: Figure, unit: Unit, sentence: str, days: Sequence[date], support: Support) -> bool:
    """Tell whether it is the time between two known days, one of which the reply names, or is today."""
    before = sentence[: figure.start]
    length = Decimal(figure.value * unit.minutes) / _MINUTES_A_DAY + _years_before(before)
    whole = Decimal(unit.minutes) / _MINUTES_A_DAY
    under = whole if _beyond().search(before) else unit.slack
    over = whole / 2 if _short_of().search(before) else unit.slack
    named = {*days, *([support.today] if days or _from_now().search(sentence) else [])}
    others = {*_days_spoken_of(sentence, support), *days, support.today}
    return any(
        -over <= abs((other - one).days) + inclusive - length <= under
        for one in named
        for other in others
        if other != one
        for inclusive in ((0, 1) if unit.days == 1 and {one, other} <= {*days} else (0,))
    )


def _years_before(before: str) -> Decimal:
    """Return the days of the years that stand before a number of months: "two years and five months"."""
    match = _years_and().search(before)
    if match is None:
        return Decimal(0)
    written = match["count"].lower()
    years = int(written) if written.isdigit() else small_number(written) or 0
    return Decimal(years) * 12 * _MINUTES_A_MONTH / _MINUTES_A_DAY


def _days_spoken_of(sentence: str, support: Support) -> frozenset[date]:
    """Return the days of what the evidence tells of the sentence's own topic."""
    topic = {each[:_ROOT] for each in stems(sentence) if len(each) >= _LONG_STEM and each.isalpha()}
    return frozenset(
        mention.value
        for row in support.rows
        if any(mention.precision == "day" for mention in row.dates)
        and any(each[:_ROOT] in topic for each in stems(row.text))
        for mention in row.dates
        if mention.value and mention.precision == "day"
    )


def _is_between_times(figure: Figure, unit: Unit, said: Sequence[Figure], support: Support) -> bool:
    """Tell whether it is the time between two times of day that the reply or one sentence of the evidence gives."""
    length = figure.value * unit.minutes
    groups = [[each for each in said if each.kind == "time"]]
    groups += [[each for each in row.figures if each.kind == "time"] for row in support.rows]
    return any(
        abs(one - two) == length
        for group in groups
        for place, first in enumerate(group)
        for second in group[place + 1 :]
        for one in first.readings
        for two in second.readings
    )


def _is_other_unit(figure: Figure, unit: Unit, support: Support) -> bool:
    """Tell whether the evidence gives the same length in another unit: "14 days" and "two weeks"."""
    length = figure.value * unit.minutes
    for row in support.rows:
        for known in row.figures:
            given = unit_after(row.text[known.end :]) if known.kind == "number" else None
            if given is not None and any(value * given.minutes == length for value in known.readings):
                return True
    lone = next(((count, names) for count, minutes, names in _LONE if minutes * count == length), None)
    return lone is not None and any(re.search(lone[1], read.lowered) for read in support.shown)


_LONE = (
    (Decimal("0.5"), 60, r"\bhalf\s+an?\s+hour\b|\bhalbe\s+stunde\b|\bdemi-heure\b|\bmedia\s+hora\b"),
    (Decimal(1), 60, r"\b(?:an|one|eine[rn]?|une|una)\s+(?:hour|stunde|heure|hora)\b"),
    (Decimal(1), 7 * _MINUTES_A_DAY, r"\b(?:a|one|eine[rn]?|une|una)\s+(?:week|woche|semaine|semana)\b"),
    (Decimal(1), 14 * _MINUTES_A_DAY, r"\bfortnight\b"),
)
"""Lengths of one unit in words, with their count and the minutes of one."""


@cache
def _unit() -> re.Pattern[str]:
    """Give the pattern of a unit of time after its number."""
    names = "|".join(f"(?P<u{number}>{unit.names})" for number, unit in enumerate(UNITS))
    return re.compile(
        r"[\s-]*(?:full\s+|whole\s+|more\s+|further\s+|calendar\s+|weitere[nr]?\s+|volle[nr]?\s+|ganze[nr]?\s+)?"
        rf"(?:{names})(?!\w)",
        re.IGNORECASE,
    )


@cache
def _years_and() -> re.Pattern[str]:
    """Give the pattern of years before months."""
    return re.compile(
        r"(?P<count>\w+)\s+(?:years?|jahre?n?|ans?|a\u00f1os?)\s+(?:and|und|et|y)\s+"
        r"(?:(?:nearly|almost|about|just|over|fast|knapp|gut|rund|presque|environ|casi|unos)\s+)*\Z",
        re.IGNORECASE,
    )


@cache
def _beyond() -> re.Pattern[str]:
    """Give the words for more than a whole number of units."""
    return re.compile(
        r"\b(?:more\s+than|(?:just|well|a\s+little|little)\s+over|over|at\s+least|good|mehr\s+als|\u00fcber|gut|plus\s+de|un\s+peu\s+plus\s+de"
        r"|m\u00e1s\s+de|algo\s+m\u00e1s\s+de)\s+(?:a\s+|an\s+)?\Z",
        re.IGNORECASE,
    )


@cache
def _short_of() -> re.Pattern[str]:
    """Give the words for less than a whole number of units."""
    return re.compile(
        r"\b(?:nearly|almost|just\s+under|under|less\s+than|not\s+quite|fast|knapp|weniger\s+als|beinahe|presque|moins\s+de"
        r"|pr\u00e8s\s+de|casi|menos\s+de)\s+(?:a\s+|an\s+)?\Z",
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
