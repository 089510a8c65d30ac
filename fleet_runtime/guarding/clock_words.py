"""Read times of day that are said without minutes: "10 o'clock", "at 11", "a las cuatro", "um zehn", "à dix heures".

Whether morning or afternoon is meant may stay open; then both are given. It reads what is written and judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from fleet_runtime.guarding.languages import Language
from fleet_runtime.guarding.number_words import small_number

_NOON = 12
_HOURS_A_DAY = 24
_DAY = 1440
_MINUTES = {"five": 5, "ten": 10, "twenty": 20, "twenty-five": 25, "half": 30}


class Clock(NamedTuple):
    """One time at ``text[start:end]``, and the minutes of the day that it may mean."""

    start: int
    end: int
    minutes: tuple[int, ...]


def clock_times(text: str, language: Language) -> Iterator[Clock]:
    """Yield the times of day of a text that are written in none of the forms with minutes."""
    if language == "en":
        yield from _past_and_to(text)
    for match in _pattern(language).finditer(text):
        written = match["hour"].lower()
        hour = int(written) if written.isdigit() else small_number(written)
        if hour is None or hour > _HOURS_A_DAY:
            continue
        part = 30 if match["half"] else 0
        minutes = 60 * hour + part
        if match["half"] and language == "de":
            minutes -= 60
        late = bool(match["late"]) and hour < _NOON
        both = (minutes,) if hour > _NOON else (minutes, minutes + 60 * _NOON)
        yield Clock(match.start("span"), match.end("span"), (minutes + 60 * _NOON,) if late else both)


def _past_and_to(text: str) -> Iterator[Clock]:
    """Yield the times that are said as minutes past or to an hour: "ten past three", "quarter to four"."""
    for match in _minutes_beside().finditer(text):
        written, hour = match["hour"].lower(), match["minutes"].lower()
        whole = int(written) if written.isdigit() else small_number(written) or 0
        part = 15 if hour.endswith("quarter") else _MINUTES[hour]
        minutes = 60 * whole + (part if match["way"].lower() == "past" else -part)
        if 0 < whole <= _NOON:
            yield Clock(match.start(), match.end(), (minutes % _DAY, (minutes + 60 * _NOON) % _DAY))


@cache
def _minutes_beside() -> re.Pattern[str]:
    """Give the pattern of minutes past or to an hour."""
    return re.compile(
        rf"\b(?P<minutes>(?:a\s+)?quarter|{'|'.join(_MINUTES)})\s+(?P<way>past|to)\s+(?P<hour>1[0-2]|\d|{_ENGLISH})\b"
        r"(?!\s*(?:[.:]?\d|%|(?-i:[a-z])(?!\w*\s+(?:the|our|your)\b)))",
        re.IGNORECASE,
    )


@cache
def _pattern(language: Language) -> re.Pattern[str]:
    """Give the pattern of one language."""
    return re.compile(_PATTERNS[language], re.IGNORECASE)


_ENGLISH = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_GERMAN = "eins|zwei|drei|vier|f\u00fcnf|sechs|sieben|acht|neun|zehn|elf|zw\u00f6lf"
_FRENCH = "une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize"
_SPANISH = "una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce"
_PATTERNS: dict[Language, str] = {
    "en": rf"\b(?P<span>(?P<half>half\s+past\s+)?(?P<hour>\d{{1,2}}|{_ENGLISH})"
    rf"(?:\s+o['\u2019]?clock\b|(?:(?<=\bat\s\d)|(?<=\bat\s\d\d)|(?<=past\s\w\w\w)|(?<=past\s\w\w\w\w)"
    r"|(?<=past\s\w\w\w\w\w)|(?<=past\s\w\w\w\w\w\w))(?!\w)"
    r"(?!\s*(?:[.,:]?\d|%|percent|per\s+cent|[$\u20ac\u00a3]|(?!on\b|or\b|and\b|in\b|for\b|is\b|with\b|works?\b|suits?\b"
    r"|today\b|tomorrow\b|sharp\b|your\b|our\b|UTC\b|GMT\b|CET\b|if\b|but\b|then\b|to\b|as\b|still\b)(?-i:[a-z]))))"
    r"(?P<late>\s+(?:in\s+the\s+(?:afternoon|evening)|at\s+night))?)",
    "de": rf"\b(?:um|ab|gegen)\s+(?P<span>(?P<half>halb\s+)?(?P<hour>\d{{1,2}}|{_GERMAN})"
    r"(?:\s+uhr)?(?P<late>\s+(?:nachmittags|abends))?)(?=\s*[,.;:!?)]|\s+(?:und|oder|statt|am|in|an|bei|im|mit|geht|ist"
    r"|passt|los|recht)\b|\Z)",
    "fr": rf"\b(?:\u00e0|vers|d\u00e8s|avant|pour)\s+(?P<span>(?P<hour>\d{{1,2}}|{_FRENCH})\s+heures?"
    r"(?P<half>\s+(?:et\s+demie|trente))?"
    r"(?P<late>\s+(?:de\s+l['\u2019]apr\u00e8s-midi|du\s+soir))?)\b",
    "es": rf"\ba\s+las?\s+(?P<span>(?P<hour>\d{{1,2}}|{_SPANISH})(?P<half>\s+y\s+media)?"
    r"(?:\s+de\s+la\s+ma\u00f1ana)?(?P<late>\s+de\s+la\s+(?:tarde|noche))?)(?![\w:])",
}
