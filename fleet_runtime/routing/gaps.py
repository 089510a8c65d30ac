"""What nobody owned, grouped by what it is about: each group is a role or a boundary that may be missing.

Pure and deterministic: the same messages give the same groups in whatever order they come. It names no role
for a gap; that is for people to say.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from fleet_runtime.contracts import Value
from fleet_runtime.lexical import STOPWORDS, stem, words
from fleet_runtime.ports import Vector

_BY_VECTORS = 0.35  # mean cosine at which two groups of messages are one
_BY_WORDS = 0.2  # the same of their weighted stems, which meet less often
_WORDS = 4  # words that mark a gap
_READ = 4_000  # characters of a message that are read
_LONGEST = 40  # characters of a word; the stemmer takes its time over longer ones
_DIGITS = 6  # of a likeness: what lies behind them differs between machines


class Unowned(Value):
    """A message that no role took; ``rule`` is where the boundary stands that declined it, empty where none did."""

    turn_id: str
    account: str
    at: datetime
    text: str
    rule: str = ""


class Gap(Value):
    """Messages that nobody owned and that are about the same.

    ``size`` is how many there are, ``typical`` the one most like all others, ``words`` those that are said here and
    seldom elsewhere, ``rules`` the boundaries that declined some of them, ``turns`` the messages' ids, oldest first.
    """

    size: int
    typical: str
    words: tuple[str, ...]
    accounts: tuple[str, ...]
    first: datetime
    last: datetime
    rules: tuple[str, ...] = ()
    turns: tuple[str, ...]


def find_gaps(messages: Sequence[Unowned], *, vectors: Mapping[str, Vector] | None = None) -> tuple[Gap, ...]:
    """Group messages that are alike, the largest group first.

    Args:
        messages: what nobody owned, each turn once.
        vectors: the unit vector of each text; without them, or if one is missing, shared words tell what is alike.

    Returns:
        Groups that hold every message exactly once. Time grows with the square of how many different texts there are.
    """
    ordered = sorted(messages, key=lambda one: (one.at, one.account, one.turn_id))
    counts = Counter(one.text for one in ordered)
    texts = sorted(counts)
    if not texts:
        return ()
    by_meaning = vectors is not None and all(text in vectors for text in texts)
    told = [_Told(text) for text in texts]
    alike = _by_vectors([vectors[text] for text in texts]) if vectors and by_meaning else _by_words(told)
    groups = _grouped([array("d", row) for row in alike], [counts[text] for text in texts], _cut(by_meaning=by_meaning))
    gaps = [_gap(group, texts, ordered, _typical(group, alike, counts, texts), told) for group in groups]
    return tuple(sorted(gaps, key=lambda gap: (-gap.size, gap.first, gap.typical)))


class _Told:
    """A text's topic words, each stem once with the form that was said first."""

    def __init__(self, text: str) -> None:
        """Read the text, as far as it matters."""
        self.forms: dict[str, str] = {}
        for word in words(text[:_READ]):
            if word not in STOPWORDS and len(word) <= _LONGEST:
                self.forms.setdefault(stem(word), word)


def _cut(*, by_meaning: bool) -> float:
    """Return how alike two groups must be to be one."""
    return _BY_VECTORS if by_meaning else _BY_WORDS


def _gap(
    group: Sequence[int], texts: Sequence[str], ordered: Sequence[Unowned], typical: str, told: Sequence[_Told]
) -> Gap:
    """Describe one group of texts by the messages that say them."""
    said = {texts[number] for number in group}
    mine = [one for one in ordered if one.text in said]
    rules = Counter(one.rule for one in mine if one.rule)
    return Gap(
        size=len(mine),
        typical=typical,
        words=_marks(group, told),
        accounts=tuple(sorted({one.account for one in mine})),
        first=mine[0].at,
        last=mine[-1].at,
        rules=tuple(sorted(rules, key=lambda rule: (-rules[rule], rule))),
        turns=tuple(one.turn_id for one in mine),
    )


def _typical(
    group: Sequence[int], alike: Sequence[Sequence[float]], counts: Mapping[str, int], texts: Sequence[str]
) -> str:
    """Return the text that is most like all that was said in its group; a shorter one where several are."""

    def likeness(number: int) -> float:
        """Sum how like a text is to all messages of the group."""
        return round(sum(alike[number][other] * counts[texts[other]] for other in group), _DIGITS)

    return texts[min(group, key=lambda number: (-likeness(number), len(texts[number]), texts[number]))]


def _marks(group: Sequence[int], told: Sequence[_Told]) -> tuple[str, ...]:
    """Return the words that most of a group's texts share and few others do, in the form most often said."""
    inside = Counter(term for number in group for term in told[number].forms)
    everywhere = Counter(term for one in told for term in one.forms)
    least = 2 if len(group) > 1 and max(inside.values(), default=0) > 1 else 1

    def weight(term: str) -> float:
        """Weigh how often a stem is said here against how often it is said at all."""
        return round(inside[term] * math.log(1 + len(told) / everywhere[term]), _DIGITS)

    best = sorted((term for term in inside if inside[term] >= least), key=lambda term: (-weight(term), term))[:_WORDS]
    return tuple(_form(term, group, told) for term in best)


def _form(term: str, group: Sequence[int], told: Sequence[_Told]) -> str:
    """Return the word by which a group says a stem most often."""
    forms = Counter(told[number].forms[term] for number in group if term in told[number].forms)
    return min(forms, key=lambda form: (-forms[form], form))


def _by_vectors(vectors: Sequence[Vector]) -> list[list[float]]:
    """Return the cosine of each vector with each."""
    import numpy as np  # noqa: PLC0415 - heavy, and there whenever vectors are

    matrix = np.asarray(vectors, dtype=np.float64)
    product = matrix @ matrix.T
    table: list[list[float]] = np.round((product + product.T) / 2, _DIGITS).tolist()
    return table


def _by_words(told: Sequence[_Told]) -> list[list[float]]:
    """Return the cosine of each text's stems with each; a stem weighs more the fewer texts have it."""
    having: dict[str, list[int]] = {}
    for number, one in enumerate(told):
        for term in one.forms:
            having.setdefault(term, []).append(number)
    weights = {term: math.log(1 + len(told) / len(numbers)) ** 2 for term, numbers in having.items()}
    lengths = [math.sqrt(math.fsum(weights[term] for term in one.forms)) or 1.0 for one in told]
    table = [[0.0] * len(told) for _ in told]
    for term in sorted(having):  # sums in one order are the same sums
        for number in having[term]:
            row = table[number]
            for other in having[term]:
                row[other] += weights[term]
    return [
        [round(shared / (lengths[number] * lengths[other]), _DIGITS) for other, shared in enumerate(row)]
        for number, row in enumerate(table)
    ]


def _grouped(alike: list[array[float]], sizes: list[int], cut: float) -> list[list[int]]:
    """Join the two groups most alike on average, again and again, until no two reach ``cut``.

    A chain of nearest neighbours finds the same groups as trying all pairs each time, in the square of the number
    of texts. A group whose nearest neighbour is below the cut is done: what others join to can come no nearer.
    ``alike`` and ``sizes`` are used up.
    """
    members = {number: [number] for number in range(len(sizes))}
    done: list[list[int]] = []
    chain: list[int] = []
    while members:
        if not chain:
            chain.append(min(members))
        last = chain[-1]
        before = chain[-2] if len(chain) > 1 else -1
        nearest = _nearest(last, before, members, alike[last])
        if nearest is None or alike[last][nearest] < cut:
            done.append(members.pop(last))
            chain.pop()
        elif nearest == before:
            _join(before, last, members, alike, sizes)
            del chain[-2:]
        else:
            chain.append(nearest)
    return done


def _nearest(last: int, before: int, members: Mapping[int, list[int]], row: array[float]) -> int | None:
    """Return the group most like ``last``: among equals the one that the chain came from, else the first."""
    top = max((row[other] for other in members if other != last), default=None)
    if top is None:
        return None
    if before in members and row[before] == top:
        return before
    return next(other for other in members if other != last and row[other] == top)


def _join(kept: int, gone: int, members: dict[int, list[int]], alike: list[array[float]], sizes: list[int]) -> None:
    """Join two groups under one number; what they are to others is the mean over their messages."""
    total = sizes[kept] + sizes[gone]
    for other in members:
        mean = (sizes[kept] * alike[kept][other] + sizes[gone] * alike[gone][other]) / total
        alike[kept][other] = alike[other][kept] = mean
    members[kept] += members.pop(gone)
    sizes[kept] = total
