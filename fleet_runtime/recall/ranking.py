"""Rank an account's events against a question, and say how much each one bears on it. Needs no texts.

Recency does not count; validity is the caller's.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fleet_runtime.recall.features import Sight
from fleet_runtime.recall.fusion import fused
from fleet_runtime.recall.vectors import Floats

_BESIDE = 0.3
_BESIDE_STEPS = (-2, -1, 1, 2)
_SPEAKER = 0.1
_ONLY_ASKS = 0.6
_DENSE_FROM, _DENSE_TO = 0.25, 0.75
_LEAST = 0.05


class Bearing(NamedTuple):
    """One event that bears on a question: its place, its score (0..1), and the signs that need no text to be seen."""

    place: int
    score: float
    speaker: bool
    dated: bool
    similar: bool


def rank(sight: Sight, most: int) -> list[Bearing]:
    """Return up to ``most`` events that bear on the question, best first.

    The order comes from the fused rank; the score is the share of the question's information that the event holds,
    or its nearness by vectors, evened out so that it never rises down the list.
    """
    if not len(sight.columns):
        return []
    beliefs, similar = _beliefs(sight)
    fit = np.where(beliefs >= _LEAST, fused(sight), -np.inf)
    best = np.argpartition(-fit, most - 1)[:most] if most < len(fit) else np.arange(len(fit))
    order = best[np.lexsort((best, -fit[best]))]
    order = order[beliefs[order] >= _LEAST]
    scores = _falling(beliefs[order])
    return [
        Bearing(int(place), min(1.0, score), bool(sight.speaker[place]), bool(sight.dated[place]), bool(similar[place]))
        for place, score in zip(order, scores, strict=True)
    ]


def _beliefs(sight: Sight) -> tuple[Floats, Floats]:
    """Return how much each event bears on the question (0..1), and how much by meaning alone."""
    held = sight.held
    for steps in _BESIDE_STEPS:
        held = np.maximum(held, _BESIDE * sight.at(sight.held, steps))
    similar = np.zeros_like(held)
    if sight.cosine is not None:
        similar = ((sight.cosine - _DENSE_FROM) / (_DENSE_TO - _DENSE_FROM)).clip(0, 1) * sight.embedded
    told = np.where(sight.only_asks, np.float32(_ONLY_ASKS), np.float32(1))
    return np.maximum(held, similar) * told + np.float32(_SPEAKER) * sight.speaker, similar


def _falling(scores: Floats) -> list[float]:
    """Return the row that never rises and is nearest to the scores: where one rises, both take their mean."""
    pools: list[tuple[float, int]] = []
    for score in scores.tolist():
        total, count = score, 1
        while pools and pools[-1][0] / pools[-1][1] < total / count:
            before, others = pools.pop()
            total, count = total + before, count + others
        pools.append((total, count))
    return [total / count for total, count in pools for _ in range(count)]
