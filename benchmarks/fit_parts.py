"""The three things that are fitted: the library of roles, the override detector, and the weights that join evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fleet_runtime.routing.overriding import OverrideDetector
from fleet_runtime.routing.terms import spoken_terms

Floats = npt.NDArray[np.float64]

STEPS = 300
RATE = 0.05
LEAST_USED = 6
TERM_SCALE = 0.3
VECTOR_SCALE = 3.0
DETECTOR_PENALTY = 0.003


class Adam:
    """Descends a gradient; see Kingma and Ba, 2014."""

    def __init__(self, size: int) -> None:
        """Begin at zero."""
        self.place = np.zeros(size)
        self._mean, self._square, self._step = np.zeros(size), np.zeros(size), 0

    def descend(self, gradient: Floats) -> None:
        """Take one step."""
        self._step += 1
        self._mean = 0.9 * self._mean + 0.1 * gradient
        self._square = 0.999 * self._square + 0.001 * gradient * gradient
        rate = RATE * (1 - self._step / (STEPS + 1))
        mean, square = self._mean / (1 - 0.9**self._step), self._square / (1 - 0.999**self._step)
        self.place = self.place - rate * mean / (np.sqrt(square) + 1e-8)


class Row(NamedTuple):
    """A message's outcomes as features, which of them are right, and how much the message counts."""

    features: Sequence[Mapping[str, float]]
    right: Sequence[bool]
    weight: float


def fit_weights(rows: Sequence[Row], penalty: float) -> dict[str, float]:
    """Maximise the likelihood of the right outcomes: a softmax over each message's own, with L2 on scaled features."""
    rows = [row for row in rows if any(row.right) and row.weight > 0]
    names = sorted({name for row in rows for features in row.features for name in features})
    values, mask, right = _packed(rows, names)
    spread = np.array([_spread(values[:, :, number]) for number in range(len(names))])
    values /= spread.astype(np.float32)
    counts = np.array([row.weight for row in rows])
    counts /= counts.sum()
    flat = values.reshape(-1, len(names))
    adam = Adam(len(names))
    for _ in range(STEPS):
        logits = (flat @ adam.place.astype(np.float32)).reshape(mask.shape) + mask
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        wanted = np.where(right, shares, 0.0)
        wanted /= wanted.sum(axis=1, keepdims=True) + 1e-12
        pull = ((shares - wanted) * counts[:, None]).astype(np.float32).reshape(-1)
        adam.descend((pull @ flat).astype(np.float64) + penalty * adam.place)
    return {name: round(float(weight), 3) for name, weight in zip(names, adam.place / spread, strict=True)}


def _packed(rows: Sequence[Row], names: Sequence[str]) -> tuple[npt.NDArray[np.float32], Floats, npt.NDArray[np.bool_]]:
    """Return features (message, outcome, name), a mask that hides absent outcomes, and the right ones."""
    column = {name: number for number, name in enumerate(names)}
    widest = max(len(row.features) for row in rows)
    values = np.zeros((len(rows), widest, len(names)), dtype=np.float32)
    mask = np.full((len(rows), widest), -1e9)
    right = np.zeros((len(rows), widest), dtype=bool)
    for number, row in enumerate(rows):
        mask[number, : len(row.features)] = 0.0
        right[number, : len(row.right)] = row.right
        for place, features in enumerate(row.features):
            for name, value in features.items():
                values[number, place, column[name]] = value
    return values, mask, right


def _spread(values: npt.NDArray[np.float32]) -> float:
    """Return how much a feature varies where it is there at all; 1 for one that does not."""
    spread = float(values[values != 0].std()) if (values != 0).any() else 0.0
    return spread if spread > 1e-3 else 1.0  # noqa: PLR2004 - a bias is 1 everywhere


def fit_detector(
    texts: Sequence[str], attempts: Sequence[bool], vectors: npt.NDArray[np.float32] | None, encoder: str
) -> OverrideDetector:
    """Fit a balanced logistic regression on the texts' terms and, if given, their vectors (rows in the same order)."""
    said = [set(spoken_terms(text)) for text in texts]
    used = Counter(term for terms in said for term in terms)
    column = {term: number for number, term in enumerate(sorted(term for term in used if used[term] >= LEAST_USED))}
    table = np.zeros((len(texts), len(column)), dtype=np.float32)
    for number, terms in enumerate(said):
        table[number, [column[term] for term in terms if term in column]] = TERM_SCALE
    parts = [np.ones((len(texts), 1), dtype=np.float32), table]
    if vectors is not None:
        parts.append(vectors * VECTOR_SCALE)
    values, wanted = np.hstack(parts), np.array(attempts, dtype=np.float64)
    counts = np.where(wanted == 1, 0.5 / wanted.sum(), 0.5 / (len(wanted) - wanted.sum()))
    adam = Adam(values.shape[1])
    penalties = np.full(values.shape[1], DETECTOR_PENALTY)
    penalties[0] = 0.0
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-(values @ adam.place.astype(np.float32)).astype(np.float64)))
        adam.descend(((likely - wanted) * counts) @ values + penalties * adam.place)
    weights: Any = adam.place.tolist()
    by_term = {term: round(weights[1 + number] * TERM_SCALE, 3) for term, number in column.items()}
    return OverrideDetector(
        encoder=encoder,
        bias=round(weights[0], 3),
        terms={term: weight for term, weight in by_term.items() if weight},
        vector=tuple(round(weight * VECTOR_SCALE, 3) for weight in weights[1 + len(column) :]),
    )
