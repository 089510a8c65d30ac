"""When two lines of contracts speak of the same work: by their weighty words, whatever the order.

A line's words are cut to their roots more boldly than for search ("closure" and "closing" are one), and some verbs
of work count as one another. Precision goes first: to share only a verb, or one noun of several, is not enough.
Knows no roles and no rules.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from fleet_runtime.lexical import STOPWORDS, words

_SUFFIXES: Final = (
    ("ications", 4), ("ication", 4), ("ations", 4), ("ation", 4), ("ating", 4), ("ments", 4), ("ances", 4),
    ("ences", 4), ("ment", 4), ("ance", 4), ("ence", 4), ("ions", 4), ("ings", 4), ("ures", 4), ("ates", 4),
    ("ated", 4), ("ion", 4), ("ing", 3), ("ure", 4), ("als", 4), ("ors", 4), ("ers", 4), ("ies", 4), ("ied", 4),
    ("ate", 4), ("ive", 4), ("al", 4), ("or", 4), ("er", 4), ("ic", 4), ("is", 4), ("ed", 3), ("es", 3), ("e", 3),
    ("y", 4), ("s", 3),
)  # fmt: skip
"""Endings with the fewest letters that must stand before them, longest first."""

_BY_LAST_LETTER: Final = {
    letter: tuple(entry for entry in _SUFFIXES if entry[0][-1] == letter)
    for letter in sorted({suffix[-1] for suffix, _ in _SUFFIXES})
}

_FAMILIES: Final = (
    "run manage management conduct perform execute operate operation carry",
    "close closure resolve resolution solve fix repair settle",
    "write written author draft compose",
    "build built create develop implement",
    "decide decision choose choice determine set pick",
    "hire recruit",
    "approve approval grant authorise authorize",
    "sell sale",
    "buy purchase procure",
    "negotiate negotiation bargain",
    "research investigate",
    "analyse analyze analysis",
    "strategy strategic",
)
"""Words that mean the same piece of work when they stand beside the same thing."""

_EMPTY: Final = """
    own handle handling take taking work working out keep deal make touch provide belong lane role job task matter
    question thing item piece part individual single whole itself herself everything anything answer talk speak
    look after remit call responsibility owner person someone one two three four each every all any
"""
"""Words that say no more than that there is work, and whose it is."""


_LIGHT_VERB: Final = 0.5
_BESIDE: Final = 0.5
_EXPLAINED: Final = 0.7
"""What a root beside the other head is worth, against one in it."""


@lru_cache(maxsize=20_000)
def root(word: str) -> str:
    """Return the root that a word shares with its derivations ("closing", "closed" and "closure" give one)."""
    word = word.removesuffix("'s")
    if not word.endswith(("ss", "us")):
        for suffix, least in _BY_LAST_LETTER.get(word[-1:], ()):
            if word.endswith(suffix) and len(word) - len(suffix) >= least:
                word = word[: -len(suffix)]
                break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] in "bdglmnprt" else word  # noqa: PLR2004


@cache
def _same_work() -> dict[str, str]:
    """Return the family's first root for every root that has a family."""
    return {root(word): root(words(family)[0]) for family in _FAMILIES for word in words(family)}


@cache
def _empty() -> frozenset[str]:
    """Return the roots that carry no topic."""
    return frozenset(root(word) for word in words(_EMPTY))


def topic_roots(text: str) -> list[str]:
    """Return the roots of a text's topic words in order; verbs of one family give one root."""
    same, empty = _same_work(), _empty()
    roots = (root(word) for word in words(text) if word not in STOPWORDS)
    return [same.get(found, found) for found in roots if found not in empty]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a contract as roots: what it is about (``head``), what is done there (``verb``), all else (``rest``).

    A head of empty words only keeps them, since it says nothing else.
    """

    head: frozenset[str]
    verb: str
    rest: frozenset[str]


def line_of(head: str, rest: str = "") -> Line:
    """Make a line of its two texts."""
    about = topic_roots(head)
    verb = about[0] if about and root_of_first(head) == about[0] else ""
    whole = frozenset(about) or frozenset(root(word) for word in words(head) if word not in STOPWORDS)
    return Line(whole, verb, frozenset(topic_roots(rest)) - whole)


def root_of_first(text: str) -> str:
    """Return the root of a text's first word, its verb where it says what is done; verbs of one family give one."""
    first = next((root(word) for word in words(text) if word not in STOPWORDS), "")
    return _same_work().get(first, first)


class Likeness:
    """How alike lines are, weighed by how rare their words are among all lines of the organisation."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """Count in how many lines each root stands, and note in whose heads."""
        self._lines = lines
        self._heads_with: dict[str, list[int]] = {}
        count: Counter[str] = Counter()
        for number, line in enumerate(lines):
            count.update(line.head)
            count.update(line.rest)
            for word in line.head:
                self._heads_with.setdefault(word, []).append(number)
        self._weights = {word: math.log(1 + (len(lines) + 1) / (having + 0.5)) for word, having in count.items()}
        self._rarest = math.log(1 + (len(lines) + 1) / 1.5)
        self._head_weights = [self.weight(line.head) for line in lines]
        self._sizes = [
            head + self.weight(line.rest) * _BESIDE for head, line in zip(self._head_weights, lines, strict=True)
        ]

    def weight(self, roots: Iterable[str]) -> float:
        """Return how much some roots tell together."""
        weights, rarest = self._weights, self._rarest
        return sum([weights.get(word, rarest) for word in roots])

    def near(self, line: int) -> dict[int, float]:
        """Return the other lines whose heads share a root with this one's, and how alike the heads are (0..1)."""
        shared: dict[int, float] = {}
        for word in self._lines[line].head:
            weight = self._weights[word]
            for number in self._heads_with[word]:
                shared[number] = shared.get(number, 0.0) + weight
        mine = self._head_weights[line]
        return {
            number: weight / math.sqrt(mine * self._head_weights[number])
            for number, weight in shared.items()
            if number != line
        }

    def covered(self, one: int, other: int) -> float:
        """Return the share (0..1) of one line's head that the other's head says."""
        return self._covered(self._lines[one], self._lines[other])

    def said(self, one: int, other: int) -> float:
        """Return the share (0..1) of one line's head that the other line says anywhere."""
        return self._covered(self._lines[one], self._lines[other], beside=1.0)

    def shared(self, one: int, other: int) -> int:
        """Return how many roots of one line's head the other line says anywhere."""
        mine, theirs = self._lines[one], self._lines[other]
        return len(mine.head & (theirs.head | theirs.rest))

    def told(self, one: int, other: int, more: Callable[[], tuple[frozenset[str], frozenset[str]]]) -> float:
        """Return how alike two heads are (0..1) if what stands beside the other head may explain them.

        ``more`` gives further roots beside either line. Where the heads share two things or more, it matters
        little which verbs stand before them; where they share nothing, they are not alike.
        """
        mine, theirs = self._lines[one], self._lines[other]
        if mine.head.isdisjoint(theirs.head):
            return 0.0
        things = len((mine.head - {mine.verb}) & (theirs.head - {theirs.verb}))
        verb = _LIGHT_VERB if things > 1 else 1.0
        beside_mine, beside_theirs = more()
        shares = (
            self._covered(mine, theirs, verb, beside_theirs, _EXPLAINED),
            self._covered(theirs, mine, verb, beside_mine, _EXPLAINED),
        )
        return math.sqrt(shares[0] * shares[1])

    def whole(self, one: int, other: int) -> float:
        """Return how alike two whole lines are (0..1); what stands beside the head weighs half."""
        mine, theirs = self._lines[one], self._lines[other]
        both = self.weight(mine.head & theirs.head)
        beside = self.weight(mine.head & theirs.rest) + self.weight(mine.rest & theirs.head)
        beside += self.weight(mine.rest & theirs.rest)
        sizes = math.sqrt(self._sizes[one] * self._sizes[other])
        return (both + beside * _BESIDE) / sizes if sizes else 0.0

    def _covered(
        self, mine: Line, theirs: Line, verb: float = 1.0, more: frozenset[str] = frozenset(), beside: float = 0.0
    ) -> float:
        """Return the share of one head that the other line says, with the verb's weight changed."""

        def weigh(roots: frozenset[str]) -> float:
            return self.weight(roots) - (1 - verb) * self.weight(roots & {mine.verb})

        whole = weigh(mine.head)
        said = weigh(mine.head & theirs.head)
        said += beside * weigh((mine.head - theirs.head) & (theirs.rest | more))
        return said / whole if whole else 0.0
