"""Words, stems and BM25: what routing, recall and the guard share when they compare texts.

Everything is computed from the texts given; nothing is loaded, stored or learned. It knows English
stems only: other languages still match word by word.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Protocol, cast

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'"})
_CHARACTERS_PER_TOKEN = 4


def words(text: str) -> list[str]:
    """Return the lower-case words of a text, in order; "don't" and "o'clock" stay whole."""
    plain = unicodedata.normalize("NFC", text).translate(_APOSTROPHES).lower()
    return _WORD.findall(plain)


STOPWORDS = frozenset(
    words("""
    a about all also am an and any are as at be because been being both but by can can't could did do does doing
    don't down each else few for from further get gets getting give go going had has have having he her here hers him
    his how i i'd i'll i'm i've if in into is isn't it it's its itself just let let's like me more most my no nor not
    now of off on once only or other our ours out over own please same say see she should so some such tell than that
    that's the their theirs them then there there's these they they're this those through to too under until up us
    very was wasn't we we'd we'll we're we've were what what's when where which while who whom who's whose why will
    with won't would yes you you'd you'll you're you've your yours""")
)
"""Words that carry no topic. Negations are among them: who cares for negation looks at `words`."""


class _Stemmer(Protocol):
    """The one method we use of a package that ships no types."""

    def stemWord(self, word: str) -> str:  # noqa: N802 - the package's spelling
        """Return the stem of a lower-case word."""
        ...


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the stem of one lower-case word ("renewals" and "renewed" give "renew").

    A possessive "'s" is dropped. The stemmer object keeps state between steps, so each miss of the
    memo makes its own (a microsecond): threads cannot disturb each other.
    """
    from snowballstemmer.english_stemmer import EnglishStemmer  # noqa: PLC0415 - loads every language's, 20 ms

    stemmer = cast("_Stemmer", EnglishStemmer())
    return stemmer.stemWord(word.removesuffix("'s"))


def stems(text: str, *, drop_stopwords: bool = True) -> list[str]:
    """Return the stems of a text's words, in order, by default without stop words."""
    return [stem(word) for word in words(text) if not (drop_stopwords and word in STOPWORDS)]


def tokens(text: str) -> int:
    """Estimate how many model tokens a text takes: one for every four characters, rounded up."""
    return math.ceil(len(text) / _CHARACTERS_PER_TOKEN)


class Bm25:
    """BM25 over a fixed row of documents, each given as its list of tokens.

    Word statistics are those of the given documents alone: an account's scores never depend on
    another account's words.
    """

    def __init__(self, documents: Iterable[Sequence[str]], *, k1: float = 1.2, b: float = 0.75) -> None:
        """Count the words once. ``k1`` bounds repetition, ``b`` (0..1) weighs against long documents."""
        lengths: list[int] = []
        self._having: dict[str, list[tuple[int, int]]] = {}
        for number, document in enumerate(documents):
            lengths.append(len(document))
            for token, count in Counter(document).items():
                self._having.setdefault(token, []).append((number, count))
        mean = sum(lengths) / len(lengths) if lengths else 0.0
        self._norms = tuple(k1 * (1 - b + b * length / mean) if mean else k1 for length in lengths)
        self._k1 = k1

    def __len__(self) -> int:
        """Return how many documents there are."""
        return len(self._norms)

    def idf(self, token: str) -> float:
        """Return how much one token tells (never negative); an unknown token tells as much as the rarest."""
        having = max(len(self._having.get(token, ())), 1)
        return math.log(1 + (len(self._norms) - having + 0.5) / (having + 0.5)) if self._norms else 0.0

    def matching(self, query_tokens: Sequence[str]) -> dict[int, float]:
        """Return the scores of the documents, by their numbers, in which any token of the query stands."""
        scores: dict[int, float] = {}
        for token in dict.fromkeys(query_tokens):
            weight = self.idf(token) * (self._k1 + 1)
            for number, count in self._having.get(token, ()):
                gain = weight * count / (count + self._norms[number])
                scores[number] = scores.get(number, 0.0) + gain
        return scores

    def scores(self, query_tokens: Sequence[str]) -> list[float]:
        """Return one score per document, in their order; 0.0 where no token of the query stands."""
        found = self.matching(query_tokens)
        return [found.get(number, 0.0) for number in range(len(self._norms))]
