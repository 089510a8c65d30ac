"""A small linear classifier that learns from the passages' words alone (naive Bayes).

Nearness looks at the best passage; this looks at all of them at once, and so learns which words tell one owner from
another. It is computed afresh from the contracts and stored nowhere.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

_PRIOR = 3.0  # an owner's counts are believed as if so many terms of common talk stood beside them
_DIGITS = 2  # what an absent term costs an owner is rounded, so that owners of one size are reckoned together


class WordVotes:
    """How much each owner's passages prefer a text's terms over all passages' terms."""

    def __init__(
        self, terms: Callable[[str], list[str]], texts: Sequence[str], labels: Sequence[Sequence[Hashable]]
    ) -> None:
        """Count the ``terms`` of each owner's texts; a text may have several owners."""
        common: Counter[str] = Counter()
        owned: dict[Hashable, Counter[str]] = {}
        for text, owners in zip(texts, labels, strict=True):
            said = terms(text)
            common.update(said)
            for owner in owners:
                owned.setdefault(owner, Counter()).update(said)
        total = common.total()
        self._terms = terms
        self.absent = {
            owner: round(math.log(_PRIOR / (counts.total() + _PRIOR)), _DIGITS) for owner, counts in owned.items()
        }
        self.sizes = Counter(self.absent.values())
        self._gains: dict[str, list[tuple[Hashable, float]]] = {term: [] for term in common}
        for owner, counts in owned.items():
            for term, count in counts.items():
                self._gains[term].append((owner, math.log1p(count * total / (_PRIOR * common[term]))))

    def votes(self, text: str) -> Votes:
        """Return each owner's share of the text (all alike for a text of unknown words)."""
        known = [term for term in self._terms(text) if term in self._gains]
        gains: dict[Hashable, float] = {}
        for term in known:
            for owner, gain in self._gains[term]:
                gains[owner] = gains.get(owner, 0.0) + gain
        return Votes(self, gains, len(known))


class Votes:
    """The owners' shares of one text; they sum to 1. Only the owners of its terms are reckoned one by one."""

    def __init__(self, learned: WordVotes, gains: dict[Hashable, float], known: int) -> None:
        """Take what each owner gains by the text's ``known`` terms over the rest."""
        self._learned, self._gains, self._known = learned, gains, known
        self._calm = 1 / math.sqrt(known) if known else 0.0  # words of one text repeat each other's evidence
        others = learned.sizes - Counter(learned.absent[owner] for owner in gains)
        logits = [self._logit(owner) for owner in gains]
        logits += [self._calm * known * absent for absent in others]
        top = max(logits, default=0.0)
        weights = [1] * len(gains) + list(others.values())
        total = sum(weight * math.exp(logit - top) for weight, logit in zip(weights, logits, strict=True))
        self._offset = top + math.log(total) if total else 0.0

    def share(self, owner: Hashable) -> float:
        """Return an owner's share, 0..1; 0.0 for one without passages."""
        return math.exp(self._logit(owner) - self._offset) if owner in self._learned.absent else 0.0

    def likeliest(self) -> list[Hashable]:
        """Return the owners that gain by the text's terms, those that gain most first."""
        return sorted(self._gains, key=lambda owner: (-self._logit(owner), str(owner)))

    def _logit(self, owner: Hashable) -> float:
        """Return an owner's share before it is brought to a sum of 1, as a logarithm."""
        return self._calm * (self._learned.absent[owner] * self._known + self._gains.get(owner, 0.0))
