"""Cuts a note into what its reader weighs: words and runs of up to three, pieces of words, cues and pairs of cues.

Names, numbers and dates stand for themselves only as kinds (``@``, ``#``), so that nothing is learned of a person.
Weighs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from fleet_runtime.noting.cues import CueFinder

LONGEST = 2_000
"""Characters read of a note; a colleague's note is one or two sentences."""
SHORTEST_PIECE, LONGEST_PIECE = 3, 5
_WORDS_IN_A_ROW = 3
_NAME, _NUMBER = "@", "#"
_TOKEN = re.compile(
    r"(?P<word>[^\W\d_]+(?:['-][^\W\d_]+)*)|(?P<number>\d+(?:[.,:]\d+)*)|(?P<end>[.;:!?]+|\n| - )|(?P<sign>[%€$£])"
)
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'", "\u2013": "-", "\u2014": ";"})
_TURNS = frozenset({"but", "although", "though", "whereas", "aber", "obwohl"})
_MONTHS = """
january february march april may june july august september october november december jan feb mar apr jun jul aug sep
sept oct nov dec januar februar märz mai juni juli oktober dezember
"""
_WEEKDAYS = """
monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag
"""
_CALENDAR = dict.fromkeys(_MONTHS.split(), "<month>") | dict.fromkeys(_WEEKDAYS.split(), "<weekday>")


class Features(NamedTuple):
    """The features of a note by their kind, each once."""

    words: tuple[str, ...]
    pieces: tuple[str, ...]
    cues: tuple[str, ...]


def sentences(text: str, known: Collection[str]) -> list[list[str]]:
    """Return the lower-case words of each sentence; names (capitalised and not ``known``) and numbers by their kind."""
    found: list[list[str]] = [[]]
    for match in _TOKEN.finditer(text[:LONGEST].translate(_APOSTROPHES)):
        token = match[0]
        if match.lastgroup == "end":
            found.append([])
            continue
        word = _NUMBER if match.lastgroup == "number" else _kind(token, known)
        if word in _TURNS:
            found.append([])
        if not (word == _NAME and found[-1] and found[-1][-1] == _NAME):
            found[-1].append(word)
    return [sentence for sentence in found if sentence]


def _kind(token: str, known: Collection[str]) -> str:
    """Return a word in lower case, or what kind of name it is."""
    lower = token.lower()
    if token[0].islower():
        return lower
    if lower in _CALENDAR:
        return _CALENDAR[lower]
    if lower in known:
        return lower
    if lower.endswith("'s") and lower[:-2] in known:
        return lower
    return _NAME


def features(text: str, known: Collection[str], finder: CueFinder) -> Features:
    """Return the features of a note."""
    cut = sentences(text, known)
    words: dict[str, None] = {}
    pieces: dict[str, None] = {}
    cues: dict[str, None] = {}
    for sentence in cut:
        words.update(dict.fromkeys(_runs(sentence)))
        for word in sentence:
            pieces.update(dict.fromkeys(_pieces(word)))
        said = sorted(set(finder.find(sentence)))
        cues.update(dict.fromkeys(said))
        cues.update(dict.fromkeys(f"{one}+{other}" for one, other in combinations(said, 2)))
    return Features(tuple(words), tuple(pieces), tuple(cues))


def _runs(sentence: Sequence[str]) -> Iterator[str]:
    """Give the words of a sentence, and each two and three in a row."""
    framed = ["<", *sentence, ">"]
    for length in range(1, _WORDS_IN_A_ROW + 1):
        for place in range(len(framed) - length + 1):
            yield " ".join(framed[place : place + length])


@lru_cache(maxsize=20_000)
def _pieces(word: str) -> tuple[str, ...]:
    """Return the pieces of a word, with its ends marked."""
    marked = f"^{word}$"
    return tuple(
        marked[place : place + length]
        for length in range(SHORTEST_PIECE, LONGEST_PIECE + 1)
        for place in range(len(marked) - length + 1)
    )
