"""Cut a text into sentences, whole or as it arrives in pieces; nothing is lost, added or judged.

An abbreviation, a decimal, an initial, a list number and a German ordinal ("am 12. März") end no sentence.
"""

from __future__ import annotations

import re
from functools import cache

_END = re.compile(r"[.!?\u2026]+[\"'\u201d\u2019\u00bb)\]*_]*\s+|\n\s*")
_LIST_NUMBER = re.compile(r"^\W*\d{1,2}\.$")
_ORDINAL = re.compile(r"(?:^|[\s(])\d{1,2}\.$")
_WORD = re.compile(r"[^\W\d_]+")
_NEXT = 1


class SentenceCutter:
    """Takes a text piece by piece and gives back its sentences as soon as each is whole.

    What `feed` gave and what `rest` gives, joined, is exactly what was fed; how it was cut into pieces
    makes no difference. A sentence keeps the blanks and line ends that follow it.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._held = ""

    def feed(self, piece: str) -> list[str]:
        """Take the next piece; return the sentences that are whole now, in order."""
        self._held += piece
        found: list[str] = []
        start = 0
        for end in _ends(self._held, final=False):
            found.append(self._held[start:end])
            start = end
        self._held = self._held[start:]
        return found

    def rest(self) -> str:
        """Return what is left, and begin anew."""
        held, self._held = self._held, ""
        return held


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, without blanks around them; every line ends one."""
    found: list[str] = []
    start = 0
    for end in (*_ends(text, final=True), len(text)):
        piece = text[start:end].strip()
        start = end
        if any(letter.isalnum() for letter in piece):
            found.append(piece)
    return found


def _ends(text: str, *, final: bool) -> list[int]:
    """Return where sentences end; unless ``final``, only where what follows cannot change it."""
    ends: list[int] = []
    start = 0
    for match in _END.finditer(text):
        if match.end() == len(text):
            break
        following = text[match.end() :]
        if "\n" not in match.group():
            piece = text[start : match.end()].strip()
            word = _WORD.match(following)
            if not final and word and word.end() == len(following) and _ORDINAL.search(piece):
                break
            if _runs_on(piece, following[:_NEXT], word.group() if word else ""):
                continue
        ends.append(match.end())
        start = match.end()
    return ends


def _runs_on(piece: str, following: str, word: str) -> bool:
    """Tell whether the full stop that ``piece`` ends in ends no sentence."""
    if _LIST_NUMBER.search(piece) or _abbreviation().search(piece):
        return True
    if _ORDINAL.search(piece):
        return word.lower() in _after_ordinal() or following.islower()
    if _before_number().search(piece):
        return following.isdigit()
    return bool(_half_day().search(piece)) and (following.islower() or following.isdigit())


@cache
def _abbreviation() -> re.Pattern[str]:
    """Give the abbreviations after which a sentence goes on, of four languages."""
    return re.compile(
        r"(?<![^\W_])(?:Mr|Mrs|Ms|Dr|Prof|St|vs|approx|e\.g|i\.e|etc|Inc|Ltd|Co|Jr|Sr|[A-Z]"
        r"|z\.\s?B|d\.\s?h|u\.\s?a|i\.\s?d\.\s?R|o\.\s?\u00e4|z|ca|bzw|usw|evtl|ggf|inkl|exkl|zzgl|bspw|sog|vgl"
        r"|Hr|Fr|Abs|Std|Mio|Mrd|Tsd|Tel|Str"
        r"|Mme|Mlle|env|p\.\s?ex|t\u00e9l|Sra|Srta|Ud|Uds|p\.\s?ej|p|aprox|EE|UU|p\u00e1g)\.$"
    )


@cache
def _before_number() -> re.Pattern[str]:
    """Give the abbreviations that belong to a number: "No. 5"."""
    return re.compile(r"(?<![^\W_])(?:No|Nr|n\u00fam|art|Art|fig|Fig)\.$", re.IGNORECASE)


@cache
def _half_day() -> re.Pattern[str]:
    """Give "a.m." and "p.m."."""
    return re.compile(r"\b[ap]\.m\.$", re.IGNORECASE)


@cache
def _after_ordinal() -> frozenset[str]:
    """Give the words that go on after a German ordinal: "12. M\u00e4rz", "2. Quartal"."""
    return frozenset(
        [
            "januar",
            "jan",
            "februar",
            "feb",
            "märz",
            "april",
            "apr",
            "mai",
            "juni",
            "jun",
            "juli",
            "jul",
            "august",
            "aug",
            "september",
            "sept",
            "sep",
            "oktober",
            "okt",
            "november",
            "nov",
            "dezember",
            "dez",
            "quartal",
            "kalenderwoche",
            "tag",
            "woche",
            "monat",
            "jahr",
            "platz",
            "stock",
            "etage",
            "ausgabe",
            "version",
            "termin",
            "schritt",
            "punkt",
            "phase",
            "runde",
            "stufe",
        ]
    )
