"""Read dates written in German, French or Spanish: each is said in English, and read as English dates are.

So "nächsten Dienstag", "mardi prochain" and "el próximo martes" come to the day that "next Tuesday" means.
It finds what is written and judges nothing; English dates are left to `fleet_runtime.dates`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

from fleet_runtime.dates import MONTHS, DateMention, find_dates
from fleet_runtime.guarding.number_words import small_number

_Say = Callable[[re.Match[str]], str]


class _Form(NamedTuple):
    """One way to write a date, and how it is said in English."""

    pattern: re.Pattern[str]
    say: _Say


def find_all_dates(text: str, said_at: datetime) -> tuple[DateMention, ...]:
    """Return the dates of ``text`` in whichever of the four languages, in order; spans do not overlap.

    Args:
        text: What was said.
        said_at: When it was said; its calendar day resolves what is relative.
    """
    english = find_dates(text, said_at)
    if not _hint().search(text):
        return english
    found = sorted((*english, *_abroad(text, said_at)), key=lambda mention: (mention.start, -mention.end))
    kept: list[DateMention] = []
    for mention in found:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return tuple(kept)


def _abroad(text: str, said_at: datetime) -> Iterator[DateMention]:
    """Yield what each form finds; overlaps are settled by the caller."""
    for form in _forms():
        for match in form.pattern.finditer(text):
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


_MONTH_NAMES = (
    "januar|jan\\.|j\u00e4nner|janvier|janv\\.|enero",
    "februar|feb\\.|f\u00e9vrier|f\u00e9vr\\.|febrero",
    "m\u00e4rz|mrz\\.|mars|marzo",
    "april|apr\\.|avril|avr\\.|abril",
    "mai|mayo",
    "juni|juin|junio",
    "juli|juillet|juil\\.|julio",
    "august|aug\\.|ao\u00fbt|aout|agosto",
    "september|sept\\.|septembre|septiembre|setiembre",
    "oktober|okt\\.|octobre|oct\\.|octubre",
    "november|nov\\.|novembre|noviembre",
    "dezember|dez\\.|d\u00e9cembre|d\u00e9c\\.|diciembre",
)
_DAYS = (
    ("Monday", "montags?|lundi|lunes"),
    ("Tuesday", "dienstags?|mardi|martes"),
    ("Wednesday", "mittwochs?|mercredi|mi\u00e9rcoles"),
    ("Thursday", "donnerstags?|jeudi|jueves"),
    ("Friday", "freitags?|vendredi|viernes"),
    ("Saturday", "samstags?|sonnabends?|samedi|s\u00e1bado"),
    ("Sunday", "sonntags?|dimanche|domingo"),
)
_UNITS: Mapping[str, str] = {
    "day": "tage?n?|jours?|d\u00edas?",
    "week": "wochen?|semaines?|semanas?",
    "month": "monate?n?|mois|mes(?:es)?",
    "quarter": "quartale?n?|trimestres?",
    "year": "jahre?n?|ans?|ann\u00e9es?|a\u00f1os?",
}
_EDGES: Mapping[str, str] = {
    "end of ": "ende|fin|finales?|fines",
    "start of ": "anfang|d\u00e9but|principios?|comienzos?|inicios?",
    "mid ": "mitte|mi|mediados",
}
_EDGE = rf"(?:(?:(?:\u00e0\s+la|la|a)\s+)?(?P<edge>{'|'.join(_EDGES.values())})(?:\s+|-)(?:(?:des?|du|d'|del|vom)\s+)?(?:(?:l'|la\s+|el\s+|le\s+))?)?"
_MONTH = rf"(?P<month>{'|'.join(_MONTH_NAMES)})"
_YEAR = r"(?:\s+(?:de\s+|del\s+)?(?P<year>(?:19|20)\d{2}))?"
_DAY = rf"(?P<weekday>{'|'.join(names for _, names in _DAYS)})"
_UNIT = rf"(?P<unit>{'|'.join(_UNITS.values())})"
_COUNT = (
    r"(?P<count>\d{1,3}|ein(?:e[mnrs]?)?|zwei|drei|vier|f\u00fcnf|sechs|sieben|acht|neun|zehn|zw\u00f6lf|vierzehn|une?|deux|trois"
    r"|quatre|cinq|sept|huit|dix|douze|quinze|una?|dos|tres|cuatro|cinco|seis|siete|ocho|diez|quince)"
)
_ABOUT = r"(?:(?:etwa|rund|ca\.|ungef\u00e4hr|knapp|environ|unos|unas|aproximadamente|les|los|pr\u00f3ximos|pr\u00f3ximas|den|n\u00e4chsten|prochaine?s|las|spätestens)\s+)*"
_ORDINALS = (
    "ersten?|erstes|1\\.|premier|1er|primer",
    "zweiten?|zweites|2\\.|deuxi\u00e8me|2e|2\u00e8me|segundo|2\u00ba|2\\.\u00ba",
    "dritten?|drittes|3\\.|troisi\u00e8me|3e|3\u00e8me|tercer|3\u00ba",
    "vierten?|viertes|4\\.|quatri\u00e8me|4e|4\u00e8me|cuarto|4\u00ba",
)
_NEXT = r"(?:n\u00e4chste[nmrs]?|kommende[nmrs]?)"
_LAST = r"(?:letzte[nmrs]?|vergangene[nmrs]?|vorige[nmrs]?)"
_THIS = r"(?:diese[nmrs]?)"
_PERIODS: tuple[tuple[str, str], ...] = (
    ("next", rf"{_NEXT}\s+{_UNIT}"),
    ("last", rf"{_LAST}\s+{_UNIT}"),
    ("this", rf"{_THIS}\s+{_UNIT}"),
    ("next", rf"(?:la|le|l')\s*{_UNIT}\s+(?:prochaine?|qui\s+vient|suivante?)"),
    ("last", rf"(?:la|le|l')\s*{_UNIT}\s+(?:derni\u00e8re?|dernier|pass\u00e9e?)"),
    ("this", rf"(?:cette|ce|cet)\s+{_UNIT}"),
    ("next", rf"(?:la|el)\s+{_UNIT}\s+(?:que\s+viene|pr\u00f3xim[oa])"),
    ("next", rf"(?:la|el)?\s*pr\u00f3xim[oa]\s+{_UNIT}"),
    ("last", rf"(?:la|el)\s+{_UNIT}\s+pasad[oa]"),
    ("this", rf"est[ea]\s+{_UNIT}"),
)
_DAY_WORDS: tuple[tuple[str, str], ...] = (
    ("the day after tomorrow", "\u00fcbermorgen|apr\u00e8s-demain|pasado\\s+ma\u00f1ana"),
    ("the day before yesterday", "vorgestern|avant-hier|anteayer"),
    ("today", "heute|aujourd['\u2019]hui|hoy"),
    (
        "tomorrow",
        r"(?<!guten )(?<!guten, )(?<!am )(?<!Guten )(?-i:morgen|Morgen(?=\s+(?:fr\u00fch|um|kommt|ist|wird|habe|bekommen|erhalten)))"
        r"|demain|(?<!la )(?<!esta )(?<!buena )(?<!pasado )ma\u00f1ana",
    ),
    ("yesterday", "gestern|(?<!avant-)hier(?=[\\s,.!]+(?:par|nous|vous|il|elle|soir|matin|j'ai|\\Z))|ayer"),
)


@cache
def _hint() -> re.Pattern[str]:
    """Give what every date abroad holds something of."""
    months = "|".join(_MONTH_NAMES)
    words = "|".join(names for _, names in (*_DAYS, *_DAY_WORDS))
    units = "|".join(_UNITS.values()).replace("|ans?|", "|ans|")
    return re.compile(
        rf"\b(?:{months}|{words}|{units}|dans|kw)(?!\w)|\bT[1-4]\b|\b\d\d?[./]\d\d?\b"
        r"|(?:jahres|monats|quartals|wochen)ende",
        re.IGNORECASE,
    )


@cache
def _forms() -> tuple[_Form, ...]:
    """Give every form; made when the first text that may hold one comes."""
    pairs: list[tuple[str, _Say]] = [
        (rf"\b(?P<span>(?P<day>\d{{1,2}})(?:\.|er)?\s*(?:de\s+)?{_MONTH}{_YEAR})(?![\w])", _say_named_day),
        (r"(?<![\w.,])(?P<span>(?P<day>\d{1,2})\.\s?(?P<number>\d{1,2})\.)(?!\d)(?!\s*\d{4})", _say_day_and_month),
        (r"\b(?:le|au|el|al|vom|am)\s+(?P<span>(?P<day>\d{1,2})/(?P<number>\d{1,2}))(?![\d/])", _say_day_and_month),
        (rf"(?<![\w-])(?P<span>{_EDGE}{_MONTH}{_YEAR})(?![\w])", _say_month),
        (
            rf"(?<![\w-])(?P<span>{_EDGE}(?:(?P<ordinal>{'|'.join(_ORDINALS)})\s+(?:quartal|trimestre)|T(?P<number>[1-4])\b)"
            r"(?:\s*(?:/|de\s+|del\s+)?\s*(?P<year>(?:19|20)\d{2}))?)(?!\w)",
            _say_quarter,
        ),
        (r"\b(?P<span>(?:KW|Kalenderwoche|semaine|semana)\s*(?P<week>\d{1,2})(?:[\s/]+(?P<year>20\d{2}))?)\b", _say_week),
        (
            rf"\b(?P<span>(?:(?P<turn>{_NEXT}|{_LAST}|{_THIS})\s+|(?:el|le)\s+(?P<ahead>pr\u00f3ximo\s+)?)?{_DAY}"
            r"(?P<after>\s+(?:prochain|dernier|pr\u00f3ximo|pasado|que\s+viene))?)\b",
            _say_weekday,
        ),
        (rf"\b(?P<span>(?:in|binnen|innerhalb\s+von|dans|d'ici|sous|en|dentro\s+de)\s+{_ABOUT}{_COUNT}\s+{_UNIT})\b", _say_ahead),
        (rf"\b(?P<span>(?:vor|il\s+y\s+a|hace)\s+{_ABOUT}{_COUNT}\s+{_UNIT})\b", _say_ago),
        (r"\b(?P<span>(?P<whole>jahres|monats|quartals|wochen)ende)\b", _say_whole_end),
    ]
    pairs += [(rf"\b(?P<span>{_EDGE}{pattern})\b", _say_period(turn)) for turn, pattern in _PERIODS]
    pairs += [(rf"\b(?P<span>{pattern})(?!\w)", _say_always(word)) for word, pattern in _DAY_WORDS]
    pairs.append((r"\b(?P<span>(?P<edge>ende|fin|finales)\s+(?:des\s+|de\s+l'|de\s+)(?P<unit>jahres|ann\u00e9e|a\u00f1o))\b", _say_year_end))
    return tuple(_Form(re.compile(pattern, re.IGNORECASE), say) for pattern, say in pairs)


def _which(word: str, rows: tuple[str, ...]) -> int:
    """Return the number (from 1) of the row of names that holds the word."""
    return next((n for n, names in enumerate(rows, 1) if re.fullmatch(names, word, re.IGNORECASE)), 0)


def _unit(match: re.Match[str]) -> str:
    """Say the unit in English."""
    return next(unit for unit, names in _UNITS.items() if re.fullmatch(names, match["unit"], re.IGNORECASE))


def _edge(match: re.Match[str]) -> str:
    """Say the edge of a period in English."""
    word = match.groupdict().get("edge") or ""
    return next((edge for edge, names in _EDGES.items() if word and re.fullmatch(names, word, re.IGNORECASE)), "")


def _say_named_day(match: re.Match[str]) -> str:
    """Say "12. M\u00e4rz 2027"."""
    month = _which(match["month"], _MONTH_NAMES)
    if match["year"]:
        return f"{match['year']}-{month:02}-{int(match['day']):02}"
    return f"on {match['day']} {MONTHS[month - 1]}"


def _say_day_and_month(match: re.Match[str]) -> str:
    """Say "12.3." or "le 12/03"."""
    month = int(match["number"])
    return f"on {match['day']} {MONTHS[month - 1]}" if 1 <= month <= len(MONTHS) else ""


def _say_month(match: re.Match[str]) -> str:
    """Say "Ende M\u00e4rz 2027", "en marzo"; a short name alone ("Jan.") says no month."""
    if match["month"].endswith("."):
        return ""
    month = MONTHS[_which(match["month"], _MONTH_NAMES) - 1]
    return f"in {_edge(match)}{month} {match['year'] or ''}".strip()


def _say_quarter(match: re.Match[str]) -> str:
    """Say "drittes Quartal 2027", "T3"."""
    number = match["number"] or _which(match["ordinal"], _ORDINALS)
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
    day = next(day for day, names in _DAYS if re.fullmatch(names, match["weekday"], re.IGNORECASE))
    turn, after = (match["turn"] or "").lower(), (match["after"] or "").lower()
    if re.match(_LAST, turn) or "dernier" in after or "pasado" in after:
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
