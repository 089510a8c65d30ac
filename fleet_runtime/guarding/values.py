"""Decide whether the evidence supports a figure or a date of a reply: by value, not by how it is written.

A reply may round what it calls rounded, add or subtract two figures that stand beside the result, and say
how far a known day is away. It calculates nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from fleet_runtime.dates import DateMention
from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.figures import Figure
from fleet_runtime.guarding.readings import Row
from fleet_runtime.lexical import STOPWORDS, stem, stems

_NEXT_WORD = re.compile(r"[\s-]+(?:(?:of|der|de|des|del|Ihrer|vos|sus|your|our|the|active|aktive[nr]?)\s+)?([^\W\d_]{3,})")
_QUARTER = 3
_NEAR = Decimal("0.05")
_SHARE_NEAR, _SHARE_ABOUT, _SHARE_BEYOND = Decimal(1), Decimal("2.5"), Decimal(12)
_HEDGE = re.compile(
    r"\b(?:about|around|roughly|approximately|some|circa|ca\.|etwa|rund|ungef\u00e4hr|circa|gut|environ|quelque|pr\u00e8s\s+de"
    r"|\u00e0\s+peu\s+pr\u00e8s|unos|unas|alrededor\s+de|aproximadamente|casi|cerca\s+de|nearly|almost|just\s+(?:under|over)|close\s+to"
    r"|fast|knapp|presque|the\s+order\s+of)\s+(?:a\s+|an\s+|de\s+)?[$\u20ac\u00a3]?\Z",
    re.IGNORECASE,
)
_BELOW = re.compile(r"\b(?:less\s+than|under|below|fewer\s+than|weniger\s+als|unter|moins\s+de|moins\s+d['\u2019]|menos\s+de)\s+\Z", re.IGNORECASE)
_ABOVE = re.compile(r"\b(?:more\s+than|over|above|mehr\s+als|\u00fcber|plus\s+de|plus\s+d['\u2019]|m\u00e1s\s+de)\s+\Z", re.IGNORECASE)
_PERCENT_SAID = re.compile(r"percent|per\s+cent|%|pct|prozent|rate|share|quote|taux|porcent|tasa|pourcent", re.IGNORECASE)
_CURRENCY_SAID = {
    "USD": re.compile(r"\busd\b|\$|dollar|d\u00f3lar", re.IGNORECASE),
    "EUR": re.compile(r"\beur\b|\u20ac|euro", re.IGNORECASE),
    "GBP": re.compile(r"\bgbp\b|\u00a3|pound", re.IGNORECASE),
    "CHF": re.compile(r"\bchf\b|franken|franc", re.IGNORECASE),
}
_UNITS: tuple[tuple[re.Pattern[str], int, int], ...] = tuple(
    (re.compile(rf"[\s-]*(?:more\s+|weitere[nr]?\s+)?(?:{names})\b", re.IGNORECASE), days, slack)
    for names, days, slack in (
        (r"days?|tage?n?|jours?|d\u00edas?", 1, 0),
        (r"weeks?|wochen?|semaines?|semanas?", 7, 4),
        (r"months?|monate?n?|mois|mes(?:es)?", 30, 16),
        (r"years?|jahre?n?|ans|a\u00f1os?", 365, 183),
    )
)
_AHEAD = re.compile(
    r"\b(?:left|until|till|remain\w*|away|to\s+go|from\s+now|before|bis|noch|verbleib\w*|restants?|restent|il\s+reste|avant|encore|quedan?|faltan?"
    r"|antes|hasta|in|en|dans|within|binnen)\b",
    re.IGNORECASE,
)
_BACK = re.compile(r"\bago\b|\bvor\b|\bseit\b|\bil\s+y\s+a\b|\bhace\b|\bdepuis\b", re.IGNORECASE)
_LENGTH = re.compile(r"(?P<unit>day|week|fortnight|month|year|tag|woche|monat|jahr|jour|semaine|mois|ans?\b|d\u00eda|semana|mes|a\u00f1o)", re.IGNORECASE)
_LENGTH_SLACK = {"day": 0, "tag": 0, "jour": 0, "d\u00eda": 0, "week": 4, "fortnight": 4, "woche": 4, "semaine": 4, "semana": 4,
                 "month": 16, "monat": 16, "mois": 16, "mes": 16}
_COUNTED_FROM_NOW = re.compile(r"^(?:in|within|binnen|innerhalb|dans|d'ici|sous|en|dentro|vor|il\s+y\s+a|hace)\b|\bago\b|from\s+(?:now|today)", re.IGNORECASE)
_A_WEEK = re.compile(r"\b(?:week|kw|kalenderwoche|\w*woche|semaine|semana)\b", re.IGNORECASE)
_TURNED = re.compile(r"\b(?:next|last|this|coming|n\u00e4chste\w*|letzte\w*|diese\w*|prochaine?|derni\u00e8?re?|pr\u00f3xim[oa]|pasad[oa]|que\s+viene)\b", re.IGNORECASE)
_SLASHED = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}\Z")


def has_figure(figure: Figure, sentence: str, support: Support) -> bool:
    """Tell whether the evidence holds that value in that unit, or one that its wording rounds."""
    if any(_same(figure, known) for known in support.figures):
        return True
    if figure.kind == "number" and (figure.value in support.years or _is_spelled_out(figure, support)):
        return True
    if figure.kind in {"amount", "percentage"} and _has_unit_apart(figure, support):
        return True
    before = sentence[: figure.start]
    return figure.kind == "share" and _is_ratio(figure, before, support) or _is_rounded(figure, before, support)


def counts_other(figure: Figure, following: str, support: Support) -> bool:
    """Tell whether a known number is said of a thing that the evidence counts differently ("140 seats").

    So it is when the evidence gives other numbers for that thing, and no sentence of it holds both.
    """
    thing = _counted(following)
    if not thing:
        return False
    given = {number for row in support.rows for number in _counts(row, thing)}
    if not given or given.intersection(figure.readings):
        return False
    rows = (row for row in support.rows if any(row.counts(value) for value in figure.readings))
    return not any(thing in stems(row.text) for row in rows)


def is_computed(figure: Figure, beside: Sequence[Figure], sentence: str) -> bool:
    """Tell whether it is exactly the sum, difference or share of two figures that stand beside it in the sentence."""
    plain = [each.value for each in beside if each is not figure and each.kind in {"number", "amount", "percentage"}]
    hedged = bool(_HEDGE.search(sentence[: figure.start]))
    for place, one in enumerate(plain):
        for two in plain[place + 1 :]:
            if figure.kind in {"percentage", "share"}:
                small, large = sorted((one, two))
                part = 100 * small / large if large else Decimal(0)
                if part and (part == figure.value or (abs(part - figure.value) < _SHARE_NEAR and (hedged or figure.kind == "share"))):
                    return True
            elif figure.value in {one + two, abs(one - two)}:
                return True
    return False


def is_distance(figure: Figure, sentence: str, support: Support) -> bool:
    """Tell whether a number of days, weeks, months or years is how far from today a day of the evidence is."""
    rest = sentence[figure.end :]
    for unit, days, slack in _UNITS:
        if unit.match(rest):
            far = days * int(figure.value)
            ahead = _AHEAD.search(sentence) and _lies_about(far, slack, support)
            return bool(ahead or (_BACK.search(sentence) and _lies_about(-far, slack, support)))
    return False


def has_date(mention: DateMention, support: Support, beside: Sequence[DateMention] = ()) -> bool:
    """Tell whether the evidence speaks of that day, or of a day within that week, month, quarter or year."""
    if re.search(rf"(?<!\w){re.escape(' '.join(mention.text.lower().split()))}(?!\w)", support.lowered):
        return True
    if mention.value is None:
        return False
    if any(known.value is not None and _covers(mention, known.value, known.precision) for known in support.dates):
        return True
    if _SLASHED.search(mention.text) or any(_SLASHED.search(known.text) for known in support.dates):
        return any(_swapped(mention, known) for known in support.dates)
    if mention.relative and _COUNTED_FROM_NOW.search(mention.text):
        unit = _LENGTH.search(mention.text)
        slack = _LENGTH_SLACK.get(unit["unit"].lower(), 183) if unit else 0
        return _lies_about((mention.value - support.today).days, slack, support)
    return _is_weekday_of(mention, beside, support)


def _is_weekday_of(mention: DateMention, beside: Sequence[DateMention], support: Support) -> bool:
    """Tell whether it is the weekday of the date right beside it: "Wednesday, 31 March 2027"."""
    if not mention.relative or mention.value is None or any(sign.isdigit() for sign in mention.text):
        return False
    near = [
        each
        for each in beside
        if each is not mention and each.value is not None and 0 <= each.start - mention.end <= len(", den ")
    ]
    return any(each.value and each.value.weekday() == mention.value.weekday() and has_date(each, support) for each in near)


def _swapped(mention: DateMention, known: DateMention) -> bool:
    """Compare days when the order of day and month is not told by either."""
    said, day = mention.value, known.value
    if said is None or day is None or said.year != day.year or {mention.precision, known.precision} != {"day"}:
        return False
    return (said.day, said.month) == (day.month, day.day)


def _lies_about(days: int, slack: int, support: Support) -> bool:
    """Tell whether a day of the evidence lies that many days from today, back if negative."""
    known = [mention.value for mention in support.dates if mention.value and mention.precision == "day"]
    return any(abs((day - support.today).days - days) <= slack for day in known)


def _covers(mention: DateMention, day: date, precision: str) -> bool:
    """Tell whether a known date says what the mention says; a coarser one does not."""
    said = mention.value
    if said is None:
        return False
    if _A_WEEK.search(mention.text) and mention.precision == "day" and not _COUNTED_FROM_NOW.search(mention.text):
        return precision == "day" and abs((_monday(day) - _monday(said)).days) == 0
    if mention.relative and mention.precision in {"day", "month"} and not _is_from_now(mention):
        said = _in_year(said, day.year) or said
    if said.year != day.year:
        return False
    if mention.precision == "year":
        return True
    if mention.precision == "quarter":
        return precision != "year" and (said.month - 1) // _QUARTER == (day.month - 1) // _QUARTER
    same_month = said.month == day.month and precision in {"day", "month"}
    return same_month and (mention.precision == "month" or (precision == "day" and said.day == day.day))


def _is_from_now(mention: DateMention) -> bool:
    """Tell whether it is counted from the moment of saying, not merely lacks its year."""
    if _TURNED.search(mention.text) or _COUNTED_FROM_NOW.search(mention.text):
        return True
    return mention.precision == "day" and not any(sign.isdigit() for sign in mention.text)


def _monday(day: date) -> date:
    """Return the Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def _in_year(day: date, year: int) -> date | None:
    """Return the same day of another year, if it has one."""
    try:
        return day.replace(year=year)
    except ValueError:
        return None


def _counted(following: str) -> str:
    """Return the stem of the word right after a number, if it can be a thing that is counted."""
    match = _NEXT_WORD.match(following)
    word = match[1].lower() if match else ""
    return stem(word) if word and word not in STOPWORDS else ""


def _counts(row: Row, thing: str) -> set[Decimal]:
    """Return the numbers that a sentence of the evidence gives for a thing."""
    return {
        value
        for figure in row.figures
        if figure.kind == "number" and _counted(row.text[figure.end :]) == thing
        for value in figure.readings
    }


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
    """Tell whether a long number is part of a code of the evidence: "4471" of "T-4471"."""
    return figure.text.isdigit() and len(figure.text) > _QUARTER and figure.text in support.words


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
    if not (_HEDGE.search(before) or _ABOVE.search(before) or _BELOW.search(before)):
        return False
    for known in support.figures:
        if (known.kind, known.currency) != (figure.kind, figure.currency) or not known.value:
            continue
        gap = figure.value - known.value
        if abs(gap) > _NEAR * known.value or (_ABOVE.search(before) and gap > 0) or (_BELOW.search(before) and gap < 0):
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
                    near = _SHARE_ABOUT if _HEDGE.search(before) else _SHARE_NEAR
                    beyond = (_BELOW.search(before) and -_SHARE_BEYOND < gap < 0) or (_ABOVE.search(before) and 0 < gap < _SHARE_BEYOND)
                    if abs(gap) < near or beyond:
                        return True
    return False
