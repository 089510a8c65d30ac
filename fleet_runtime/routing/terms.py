"""The words by which routing compares texts: stems, neighbouring pairs, and what kind of matter the words belong to.

A fault may be told with a hundred words; ``concepts.json`` lists common company talk by matter, so that
"crashes" and "error" meet without an embedding. It names no role, and decides nothing alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from fleet_runtime.lexical import STOPWORDS, stem, words
from fleet_runtime.routing.weights import shipped_concepts

_LONGEST = 40  # characters; the stemmer takes its time over longer ones
_MARK = "~"  # no word of a text begins with it


def topic_terms(text: str) -> list[str]:
    """Return the stems of a text's topic words and its concepts, in order."""
    spoken = _words(text)
    return [*(stem(word) for word in spoken if word not in STOPWORDS), *concepts(text)]


def spoken_terms(text: str) -> list[str]:
    """Return the stems of all of a text's words, and the pairs of neighbours."""
    single = [stem(word) for word in _words(text)]
    return [*single, *_pairs(single)]


def _words(text: str) -> list[str]:
    """Return the text's words without what is far too long to be one."""
    return [word for word in words(text) if len(word) <= _LONGEST]


def _pairs(single: Sequence[str]) -> list[str]:
    """Return the pairs of neighbouring stems."""
    return [f"{first} {second}" for first, second in pairwise(single)]


def concepts(text: str) -> list[str]:
    """Return the matters that a text's words or pairs belong to, each once."""
    table = _table()
    return list(dict.fromkeys(name for term in spoken_terms(text) for name in table.get(term, ())))


@cache
def _table() -> dict[str, tuple[str, ...]]:
    """Return the concepts of each stem and pair."""
    table: dict[str, tuple[str, ...]] = {}
    for concept, entries in shipped_concepts().items():
        for entry in entries:
            term = " ".join(stem(word) for word in words(entry))
            table[term] = tuple(dict.fromkeys((*table.get(term, ()), _MARK + concept)))
    return table
