"""Decide whether a number counts what the reply or the evidence lists: "two shops, Graz and Linz".

It counts what is written and judges nothing else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from itertools import takewhile

from fleet_runtime.guarding.evidence import Support
from fleet_runtime.guarding.figures import Figure
from fleet_runtime.guarding.readings import counted
from fleet_runtime.lexical import stem, stems, words

_FEWEST, _MOST_LISTED, _LONG_STEM, _SHORT_ENTRY = 2, 30, 4, 4


def counts_list(figure: Figure, sentence: str, days: Sequence[date], support: Support) -> bool:
    """Tell whether it counts the entries of a list that the sentence gives, or that it takes an entry or name of."""
    if not _FEWEST <= figure.value <= _MOST_LISTED or figure.value % 1:
        return False
    number = int(figure.value)
    rest = sentence[figure.end :]
    for entries in (*_lists(sentence[: figure.start]), *_lists(rest)):
        named = [*takewhile(lambda entry: entry.lstrip()[:1].isupper(), entries)]
        if any(len(each) == number and _are_known(each, support) for each in (entries, named)):
            return True
    if any(number == len(listed) and not listed.isdisjoint(days) for listed in _listed_days(support)):
        return True
    spoken = frozenset(words(sentence))
    thing = counted(rest)
    for topic, entries in _evidence_lists(support):
        if len(entries) == number and (
            any(word in spoken for entry in entries for word in words(entry) if len(word) > _FEWEST)
            or (thing and thing in topic)
        ):
            return True
    if any(len(word) >= _LONG_STEM and word in spoken and number == count for word, count in _repeated(support)):
        return True
    return bool(thing) and number == sum(1 for read in support.shown if read.row and stem(read.row[0]) == thing)


def _repeated(support: Support) -> Iterator[tuple[str, int]]:
    """Yield the words that one text of the evidence holds more than once, each with how often it does."""
    for read in support.shown:
        yield from ((word, count) for word, count in Counter(read.row).items() if count >= _FEWEST)


def _are_known(entries: Sequence[str], support: Support) -> bool:
    """Tell whether the evidence holds the first word of every entry."""
    firsts = [next((word for word in words(entry) if len(word) > _FEWEST), "") for entry in entries]
    return all(first and (first in support.words or stem(first) in support.stems) for first in firsts)


def _lists(text: str) -> Iterator[list[str]]:
    """Yield the entries of each list of a piece of a sentence: "Graz, Linz, Wels and Steyr"."""
    for match in _listing().finditer(text):
        yield [entry for entry in _comma().split(match.group()) if entry.strip()]


def _evidence_lists(support: Support) -> Iterator[tuple[frozenset[str], list[str]]]:
    """Yield what the evidence lists in short after a colon or an equals sign, with the stems of what stands before."""
    for read in support.shown:
        for sentence in read.sentences:
            *before, tail = _after_label().split(sentence)
            entries = [entry for entry in _comma().split(tail.rstrip(".)")) if entry.strip()]
            if len(entries) >= _FEWEST and all(len(words(entry)) <= _SHORT_ENTRY for entry in entries):
                yield frozenset(stems(" ".join(before))), entries


def _listed_days(support: Support) -> Iterator[frozenset[date]]:
    """Yield the days that each sentence of the evidence names."""
    for row in support.rows:
        yield frozenset(mention.value for mention in row.dates if mention.value and mention.precision == "day")


@cache
def _after_label() -> re.Pattern[str]:
    """Give what parts the name of a list from its entries."""
    return re.compile(r"[:=(]\s*(?!\d\d\b)")


@cache
def _listing() -> re.Pattern[str]:
    """Give the pattern of a list of two or more short entries."""
    entry = r"[^\W\d_][\w'\u2019&/-]*(?:\s(?!and\b|und\b|et\b|y\b|or\b)[^\W_][\w'\u2019&/-]*){0,3}"
    joint = r"(?:,\s+(?:and|und|et|y)\s+|,\s+|\s+(?:and|und|et|y|&)\s+)"
    return re.compile(rf"(?:(?<=[:(\u2013\u2014,]\s)|(?<=\())({entry}(?:{joint}{entry})+)")


@cache
def _comma() -> re.Pattern[str]:
    """Give what parts the entries of a list."""
    return re.compile(r",\s+(?:and|und|et|y)\s+|[,;]\s+|\s+(?:and|und|et|y|&)\s+")
