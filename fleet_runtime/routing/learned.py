"""Two small linear classifiers that learn from the passages alone, one by words and one by vectors.

Nearness looks at the best passage; these look at all of them at once, and so learn which words and
directions tell one owner from another. Both are computed afresh from the contracts and stored nowhere.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Any, overload

from fleet_runtime.ports import Vector

_PRIOR = 3.0  # an owner's counts are believed as if so many terms of common talk stood beside them
_RIDGE = 1.0


class WordVotes:
    """How much each owner's passages prefer a text's terms over all passages' terms (naive Bayes)."""

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
        self._absent = {owner: math.log(_PRIOR / (counts.total() + _PRIOR)) for owner, counts in owned.items()}
        self._gains: dict[str, list[tuple[Hashable, float]]] = {term: [] for term in common}
        for owner, counts in owned.items():
            for term, count in counts.items():
                self._gains[term].append((owner, math.log1p(count * total / (_PRIOR * common[term]))))

    def votes(self, text: str) -> dict[Hashable, float]:
        """Return each owner's share of the text (they sum to 1; all alike for a text of unknown words)."""
        known = [term for term in self._terms(text) if term in self._gains]
        calm = 1 / math.sqrt(len(known)) if known else 0.0  # words of one text repeat each other's evidence
        ratios = {owner: absent * len(known) for owner, absent in self._absent.items()}
        for term in known:
            for owner, gain in self._gains[term]:
                ratios[owner] += gain
        top = max(ratios.values(), default=0.0)
        shares = {owner: math.exp(calm * (ratio - top)) for owner, ratio in ratios.items()}
        total = sum(shares.values())
        return {owner: share / total for owner, share in shares.items()}


class VectorTable(Sequence[Vector]):
    """Vectors kept as one matrix: reading them is free, and no caller can change them by accident."""

    def __init__(self, vectors: Sequence[Vector]) -> None:
        """Copy the vectors; rows are texts."""
        import numpy as np  # noqa: PLC0415 - numpy is there only where vectors are

        self.matrix = np.array(vectors, dtype=np.float64)

    @overload
    def __getitem__(self, index: int) -> Vector: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Vector]: ...
    def __getitem__(self, index: int | slice) -> Vector | Sequence[Vector]:
        """Return a row, or some."""
        rows: Vector | Sequence[Vector] = self.matrix[index].tolist()
        return rows

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.matrix)


class VectorVotes:
    """The passages' vectors as one matrix, with a ridge regression from vector to owners."""

    def __init__(self, vectors: Sequence[Vector], labels: Sequence[Sequence[Hashable]]) -> None:
        """Solve for the owners once. Rows of ``vectors`` are passages, of unit length."""
        import numpy as np  # noqa: PLC0415 - numpy is there only where vectors are

        table = vectors if isinstance(vectors, VectorTable) else VectorTable(vectors)
        self._matrix = table.matrix
        self.owners = tuple(dict.fromkeys(owner for owners in labels for owner in owners))
        column = {owner: number for number, owner in enumerate(self.owners)}
        targets = np.zeros((len(labels), len(self.owners)))
        for row, owners in enumerate(labels):
            for owner in owners:
                targets[row, column[owner]] = 1.0
        self._mean = targets.mean(axis=0)
        self._centre = self._matrix.mean(axis=0)
        centred = self._matrix - self._centre
        square = centred.T @ centred + _RIDGE * np.eye(centred.shape[1])
        solve: Any = np.linalg.solve  # its overloads are only partly known to a strict checker
        self._solution = np.asarray(solve(square, centred.T @ (targets - self._mean)), dtype=np.float64)

    def cosines(self, vectors: Sequence[Vector]) -> list[list[float]]:
        """Return, per given unit vector, its cosine with every passage."""
        import numpy as np  # noqa: PLC0415 - as above

        table: list[list[float]] = (np.asarray(vectors, dtype=np.float64) @ self._matrix.T).tolist()
        return table

    def votes(self, vector: Vector) -> dict[Hashable, float]:
        """Return each owner's share of the vector (about 0 to 1)."""
        import numpy as np  # noqa: PLC0415 - as above

        centred = np.asarray(vector, dtype=np.float64) - self._centre
        shares: list[float] = (centred @ self._solution + self._mean).tolist()
        return dict(zip(self.owners, shares, strict=True))
