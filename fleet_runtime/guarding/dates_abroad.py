"""Read dates written in German, French or Spanish: each is said in English, and read as English dates are.

So "nächsten Dienstag", "mardi prochain" and "el próximo martes" come to the day that "next Tuesday" means.
It finds what is written and judges nothing; English dates are left to `fleet_runtime.dates`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from typing import Final, NamedTuple

from fleet_runtime.dates import MONTHS, DateMention, find_dates
from fleet_runtime.guarding.calendar_words import (
    ABOUT,
    COUNT,
    DAY,
    DAY_WORDS,
    DAYS,
    EDGE,
    EDGES,
    HINT_WORDS,
    LAST,
    MONTH,
    MONTH_NAMES,
    NEXT,
    ORDINALS,
    PERIODS,
    THIS,
    UNIT,
    UNITS,
    YEAR,
)
from fleet_runtime.guarding.joined_days import with_joined_days
from fleet_runtime.guarding.languages import Language
from fleet_runtime.guarding.number_words import small_number
from fleet_runtime.patterns import pattern

_Say = Callable[[re.Match[str]], str]


class _Form(NamedTuple):
    """One way to write a date, and how it is said in English."""

    pattern: re.Pattern[str]
    say: _Say


def find_all_dates(text: str, said_at: datetime, language: Language = "en") -> tuple[DateMention, ...]:
    """Return the dates of ``text`` in whichever of the four languages, in order; spans do not overlap.

    Args:
        text: What was said.
        said_at: When it was said; its calendar day resolves what is relative.
        language: What the text is in; "September 12" is a day in English alone.
    """
    return with_joined_days(text, _found(text, said_at, language))


def _found(text: str, said_at: datetime, language: Language) -> tuple[DateMention, ...]:
    """Return the dates that are written whole."""
    english = find_dates(text, said_at)
    if language != "en":
        english = tuple(mention for mention in english if not _MONTH_FIRST.match(mention.text))
    if _hints().isdisjoint(_WORD.findall(text.lower())) and not _SIGNS.search(text):
        return english
    found = sorted((*english, *_abroad(text, said_at, language)), key=lambda mention: (mention.start, -mention.end))
    kept: list[DateMention] = []
    for mention in found:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return tuple(kept)


def _abroad(text: str, said_at: datetime, language: Language) -> Iterator[DateMention]:
    """Yield what each form finds; overlaps are settled by the caller."""
    for form in _FORMS:
        for match in form.pattern.finditer(text):
            if language == "en" and _DOTTED.match(match["span"]):
                continue  # "version 6.3."
            said = form.say(match)
            read = find_dates(said, said_at) if said else ()
            if read or (said and not _is_real(said)):
                value = read[0].value if read else None
                yield DateMention(
                    start=match.start("span"),
                    end=match.end("span"),
                    text=match["span"],
                    value=value,
                    precision=read[0].precision if read else "day",
                    relative=read[0].relative if read else False,
                )


def _is_real(said: str) -> bool:
    """Tell whether an ISO date that was said is one of the calendar."""
    try:
        date.fromisoformat(said)
    except ValueError:
        return False
    return True


_WORD = re.compile(r"[^\W\d_]+")
_SIGNS = re.compile(r"\bT[1-4]\b|\b\d\d?[./]\s?\d|\b(?:am|vom|zum|dem|le|au|du|el|del|al|d\u00eda)\s+\d\d?\b(?!:)")
_DOTTED = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\Z")
_MONTH_FIRST = re.compile(r"[^\W\d_]{3,}\.?\s+\d{1,2}\Z")


@cache
def _hints() -> frozenset[str]:
    """Give the words of which every date abroad in letters holds one."""
    names = "|".join((*MONTH_NAMES, *(days for _, days in DAYS))).replace("s?", "").replace("\\.", "")
    return frozenset(names.split("|")) | frozenset(HINT_WORDS.split())


def _which(word: str, rows: tuple[str, ...]) -> int:
    """Return the number (from 1) of the row of names that holds the word."""
    return next((n for n, names in enumerate(rows, 1) if re.fullmatch(names, word, re.IGNORECASE)), 0)


def _unit(match: re.Match[str]) -> str:
    """Say the unit in English."""
    return next(unit for unit, names in UNITS.items() if re.fullmatch(names, match["unit"], re.IGNORECASE))


def _edge(match: re.Match[str]) -> str:
    """Say the edge of a period in English."""
    word = match.groupdict().get("edge") or ""
    return next((edge for edge, names in EDGES.items() if word and re.fullmatch(names, word, re.IGNORECASE)), "")


def _say_named_day(match: re.Match[str]) -> str:
    """Say "12. M\u00e4rz 2027"."""
    month = _which(match["month"], MONTH_NAMES)
    if match["year"]:
        return f"{match['year']}-{month:02}-{int(match['day']):02}"
    return f"on {match['day']} {MONTHS[month - 1]}"


def _say_day_and_month(match: re.Match[str]) -> str:
    """Say "12.3." or "le 12/03"."""
    month = int(match["number"])
    return f"on {match['day']} {MONTHS[month - 1]}" if 1 <= month <= len(MONTHS) else ""


def _say_numbered(match: re.Match[str]) -> str:
    """Say "am 9." or "el 9", a day of whichever month."""
    day = int(match["day"])
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10 if day not in {11, 12, 13} else 0, "th")
    return f"on the {day}{ending}"


def _say_month(match: re.Match[str]) -> str:
    """Say "Ende M\u00e4rz 2027", "en marzo"; a short name alone ("Jan.") says no month."""
    if match["month"].endswith("."):
        return ""
    month = MONTHS[_which(match["month"], MONTH_NAMES) - 1]
    return f"in {_edge(match)}{month} {match['year'] or ''}".strip()


def _say_quarter(match: re.Match[str]) -> str:
    """Say "drittes Quartal 2027", "T3"."""
    number = match["number"] or _which(match["ordinal"], ORDINALS)
    return f"{_edge(match)}Q{number} {match['year'] or ''}".strip()


def _say_week(match: re.Match[str]) -> str:
    """Say a week of the year by its Monday; without a year nobody knows which."""
    if not match["year"]:
        return ""
    try:
        return date.fromisocalendar(int(match["year"]), int(match["week"]), 1).isoformat()
    except ValueError:
        return ""


def _say_weekday(match: re.Match[str]) -> str:
    """Say "n\u00e4chsten Dienstag"."""
    day = next(day for day, names in DAYS if re.fullmatch(names, match["weekday"], re.IGNORECASE))
    turn, after = (match["turn"] or "").lower(), (match["after"] or "").lower()
    if re.match(LAST, turn) or "dernier" in after or "pasado" in after:
        return f"last {day}"
    return f"next {day}" if turn.startswith("n\u00e4chste") else day


def _say_ahead(match: re.Match[str]) -> str:
    """Say "in zwei Wochen"."""
    return f"in {_number(match)} {_unit(match)}s"


def _say_ago(match: re.Match[str]) -> str:
    """Say "vor zwei Wochen"."""
    return f"{_number(match)} {_unit(match)}s ago"


def _number(match: re.Match[str]) -> int:
    """Read the count."""
    word = match["count"].lower()
    return int(word) if word.isdigit() else small_number(word) or 1


def _say_whole_end(match: re.Match[str]) -> str:
    """Say "Jahresende"."""
    units = {"jahres": "year", "monats": "month", "quartals": "quarter", "wochen": "week"}
    return f"end of the {units[match['whole'].lower()]}"


def _say_year_end(_match: re.Match[str]) -> str:
    """Say "fin de l'ann\u00e9e"."""
    return "end of the year"


def _say_period(turn: str) -> _Say:
    """Make the saying of "next week" and its like."""

    def say(match: re.Match[str]) -> str:
        unit = _unit(match)
        return "" if unit == "day" else f"{_edge(match)}{turn} {unit}"

    return say


def _say_always(word: str) -> _Say:
    """Make the saying of one word."""

    def say(_match: re.Match[str]) -> str:
        return word

    return say


_FORMS: Final = tuple(
    _Form(pattern(source, re.IGNORECASE), say)
    for source, say in (
        (rf"\b(?P<span>(?P<day>\d{{1,2}})(?:\.|er)?\s*(?:de\s+)?{MONTH}{YEAR})(?![\w])", _say_named_day),
        (r"(?<![\w.,])(?P<span>(?P<day>\d{1,2})\.\s?(?P<number>\d{1,2})\.)(?!\d)(?!\s*\d{4})", _say_day_and_month),
        (
            (
                r"\b(?:am|vom|zum|dem|seit\s+dem|bis\s+zum)\s+(?P<span>(?P<day>\d{1,2})\.)"
                r"(?=\s*[,;:!?)]|\s*\Z|\s+(?-i:[a-z\u00e4\u00f6\u00fc]))(?!\s+(?:und|bis|oder|auf)\b)"
            ),
            _say_numbered,
        ),
        (
            (
                rf"\b(?:{'|'.join(names for _, names in DAYS)}),?\s+(?:den\s+|dem\s+)?(?P<span>(?P<day>\d{{1,2}})\.?)"
                r"(?=\s*[.,;:!?)](?!\d)|\s*\Z|\s+(?:a|\u00e0|um|y|et|und|de\s+\d)\b)"
            ),
            _say_numbered,
        ),
        (
            r"\b(?:le|au|du|el|del|al)\s+(?:d\u00eda\s+)?(?P<span>(?P<day>\d{1,2}))(?=\s*[.,;:!?)](?!\d)|\s*\Z)",
            _say_numbered,
        ),
        (r"\b(?:le|au|el|al|vom|am)\s+(?P<span>(?P<day>\d{1,2})/(?P<number>\d{1,2}))(?![\d/])", _say_day_and_month),
        (rf"(?<![\w-])(?P<span>{EDGE}{MONTH}{YEAR})(?![\w])", _say_month),
        (
            (
                rf"(?<![\w-])(?P<span>{EDGE}(?:(?P<ordinal>{'|'.join(ORDINALS)})\s+(?:quartal|trimestre)"
                rf"|T(?P<number>[1-4])\b)"
                r"(?:\s*(?:/|de\s+|del\s+)?\s*(?P<year>(?:19|20)\d{2}))?)(?!\w)"
            ),
            _say_quarter,
        ),
        (
            r"\b(?P<span>(?:KW|Kalenderwoche|semaine|semana)\s*(?P<week>\d{1,2})(?:[\s/]+(?P<year>20\d{2}))?)\b",
            _say_week,
        ),
        (
            (
                rf"\b(?P<span>(?:(?P<turn>{NEXT}|{LAST}|{THIS})\s+|(?:el|le)\s+(?P<ahead>pr\u00f3ximo\s+)?)?{DAY}"
                r"(?P<after>\s+(?:prochain|dernier|pr\u00f3ximo|pasado|que\s+viene))?)\b"
            ),
            _say_weekday,
        ),
        (
            (
                rf"\b(?P<span>(?:in|binnen|innerhalb\s+von|dans|d'ici|sous|en"
                rf"|dentro\s+de)\s+{ABOUT}{COUNT}\s+{UNIT})\b"
            ),
            _say_ahead,
        ),
        (rf"\b(?P<span>(?:vor|il\s+y\s+a|hace)\s+{ABOUT}{COUNT}\s+{UNIT})\b", _say_ago),
        (r"\b(?P<span>(?P<whole>jahres|monats|quartals|wochen)ende)\b", _say_whole_end),
        *((rf"\b(?P<span>{EDGE}{period})\b", _say_period(turn)) for turn, period in PERIODS),
        *((rf"\b(?P<span>{words})(?!\w)", _say_always(word)) for word, words in DAY_WORDS),
        (
            (
                r"\b(?P<span>(?P<edge>ende|fin|finales)\s+(?:des\s+|de\s+l'|de\s+)(?P<unit>jahres|ann\u00e9e"
                r"|a\u00f1o))\b"
            ),
            _say_year_end,
        ),
    )
)
"""Every form; each is compiled when a text comes that may hold one."""
