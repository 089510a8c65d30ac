"""Two small linear classifiers that learn from the passages alone, one by words and one by vectors.

Nearness looks at the best passage; these look at all of them at once, and so learn which words and
directions tell one owner from another. Both are computed afresh from the contracts and stored nowhere.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import overload

from fleet_runtime.lexical import stems
from fleet_runtime.ports import Vector

_PRIOR_WORDS = 30.0  # an owner's word counts are believed as if so many words of common talk stood beside them
_RIDGE = 1.0


class WordVotes:
    """How much each owner's passages prefer a text's words and word pairs over all passages' words.

    Stop words count here: "how do I" and "when will you" tell a fault from a wish.
    """

    def __init__(self, texts: Sequence[str], labels: Sequence[Sequence[Hashable]]) -> None:
        """Count the words of each owner's texts; a text may have several owners."""
        self._common: Counter[str] = Counter()
        self._owned: dict[Hashable, Counter[str]] = {}
        for text, owners in zip(texts, labels, strict=True):
            features = _features(text)
            self._common.update(features)
            for owner in owners:
                self._owned.setdefault(owner, Counter()).update(features)
        self._total = self._common.total()

    def votes(self, text: str) -> dict[Hashable, float]:
        """Return each owner's share of the text (they sum to 1; all alike for a text of unknown words)."""
        known = [word for word in _features(text) if word in self._common]
        calm = 1 / math.sqrt(len(known)) if known else 0.0  # words of one text repeat each other's evidence
        ratios = {owner: calm * self._log_ratio(known, counts) for owner, counts in self._owned.items()}
        top = max(ratios.values(), default=0.0)
        shares = {owner: math.exp(ratio - top) for owner, ratio in ratios.items()}
        total = sum(shares.values())
        return {owner: share / total for owner, share in shares.items()}

    def _log_ratio(self, known: Sequence[str], counts: Counter[str]) -> float:
        """Sum over words how much likelier the owner says them than everybody."""
        size = counts.total() + _PRIOR_WORDS
        ratio = 0.0
        for word in known:
            common = self._common[word] / self._total
            ratio += math.log((counts[word] + _PRIOR_WORDS * common) / (size * common))
        return ratio


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
        self._solution = np.linalg.solve(square, centred.T @ (targets - self._mean))

    def cosines(self, vectors: Sequence[Vector]) -> list[list[float]]:
        """Return, per given unit vector, its cosine with every passage."""
        import numpy as np  # noqa: PLC0415 - as above

        table: list[list[float]] = (np.asarray(vectors, dtype=np.float64) @ self._matrix.T).tolist()
        return table

    def votes(self, vector: Vector) -> dict[Hashable, float]:
        """Return each owner's share of the vector (about 0 to 1)."""
        import numpy as np  # noqa: PLC0415 - as above

        shares = (np.asarray(vector, dtype=np.float64) - self._centre) @ self._solution + self._mean
        return dict(zip(self.owners, shares.tolist(), strict=True))


def _features(text: str) -> list[str]:
    """Return the stems and pairs of neighbouring stems of a text."""
    single = stems(text, drop_stopwords=False)
    return [*single, *(f"{first} {second}" for first, second in zip(single, single[1:], strict=False))]
