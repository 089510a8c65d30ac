"""Rank an account's events against a question: stemmed BM25 over text, speaker and date.

The neighbouring events count a little, so that an answer is found by the question before it. Vectors
are joined by plain z-scores where they are given. Recency does not count; validity is the caller's.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fleet_runtime.dates import say_date
from fleet_runtime.lexical import Bm25, stems, words
from fleet_runtime.ports import Vector
from fleet_runtime.recall.question import Question
from fleet_runtime.records import Event, Recalled

_OWN, _NEIGHBOURS = 0.7, 0.3
_SPEAKER = 0.5
_DATED = 0.5
_LENGTH = 0.15
_ONLY_ASKS = 0.6
_DENSE = 0.5
_DENSE_FROM, _DENSE_TO = 0.25, 0.75
_LEAST = 0.05


@dataclass(frozen=True)
class RecallVectors:
    """Unit vectors of one encoder: the question's, and those of events, facts and commitments by their ids."""

    question: Vector
    items: Mapping[str, Vector] = field(default_factory=dict[str, Vector])

    def similarity(self, item_id: str) -> float | None:
        """Return the cosine between the question and one item, or None if it has no vector."""
        vector = self.items.get(item_id)
        return None if vector is None else sum(a * b for a, b in zip(self.question, vector, strict=True))

    def belief(self, item_id: str) -> float:
        """Return how near one item is to the question, from 0 (unrelated) to 1 (the same)."""
        cosine = self.similarity(item_id)
        return 0.0 if cosine is None else min(1.0, max(0.0, (cosine - _DENSE_FROM) / (_DENSE_TO - _DENSE_FROM)))


def rank_events(events: Sequence[Event], question: Question, vectors: RecallVectors | None) -> list[Recalled]:
    """Return the events that bear on the question, best first.

    The order comes from the fused rank; the score (0..1) is the share of the question's information
    that the event holds, or its nearness by vectors, and never rises down the list.
    """
    if not events:
        return []
    own = [stems(f"{event.author} {event.text} {say_date(event.at.date())}") for event in events]
    asked = question.stems
    index = Bm25(own)
    alone = index.scores(asked)
    lexical = [
        _OWN * score + _NEIGHBOURS * (_at(alone, place - 1) + _at(alone, place + 1))
        for place, score in enumerate(alone)
    ]
    speakers = [_names_speaker(event, question) for event in events]
    fused = _fused(events, lexical, vectors)
    for place, event in enumerate(events):
        fused[place] += _SPEAKER * speakers[place] + _DATED * question.asks_about(event.at.date())
        fused[place] += _LENGTH * math.log1p(len(own[place]))
    beliefs = _beliefs(own, index, asked)
    ranked: list[Recalled] = []
    ceiling = 1.0
    for place in sorted(range(len(events)), key=lambda place: (-fused[place], place)):
        event = events[place]
        dense = vectors.belief(event.id) if vectors else 0.0
        score = max(beliefs[place], dense) * (_ONLY_ASKS if _only_asks(event.text) else 1.0)
        if score < _LEAST:
            continue
        ceiling = min(ceiling, score + 0.1 * (speakers[place] and score > 0))
        ranked.append(remembered(event, ceiling, _reasons(event, own[place], question, speakers[place], dense)))
    return ranked


def _fused(events: Sequence[Event], lexical: Sequence[float], vectors: RecallVectors | None) -> list[float]:
    """Join the lexical and the dense scores by z-scores; an event without a vector counts as the mean."""
    told = [score * (_ONLY_ASKS if _only_asks(each.text) else 1) for score, each in zip(lexical, events, strict=True)]
    joined = _standardised(told)
    if vectors is None:
        return joined
    cosines = [vectors.similarity(event.id) for event in events]
    known = [cosine for cosine in cosines if cosine is not None]
    mean = statistics.fmean(known) if known else 0.0
    dense = _standardised([mean if cosine is None else cosine for cosine in cosines])
    return [one + _DENSE * other for one, other in zip(joined, dense, strict=True)]


def _standardised(scores: Sequence[float]) -> list[float]:
    """Bring scores to mean 0 and deviation 1; a flat row becomes zeros."""
    spread = statistics.pstdev(scores)
    mean = statistics.fmean(scores)
    return [(score - mean) / spread if spread else 0.0 for score in scores]


def _beliefs(own: Sequence[Sequence[str]], index: Bm25, asked: Sequence[str]) -> list[float]:
    """Give each event the share of the question's information (by word rarity) that it holds.

    One that only stands beside a holder gets a small part of the holder's share.
    """
    weights = {stem: index.idf(stem) for stem in asked}
    total = sum(weights.values())
    if not total:
        return [0.0] * len(own)
    held = [sum(weight for stem, weight in weights.items() if stem in row) / total for row in own]
    return [
        max(share, _NEIGHBOURS * max(_at(held, place - 1), _at(held, place + 1))) for place, share in enumerate(held)
    ]


def _names_speaker(event: Event, question: Question) -> bool:
    """Tell whether the question names the one who said it."""
    return any(word in question.words for word in words(event.author) if len(word) > 1)


def _only_asks(text: str) -> bool:
    """Tell whether an event only asks: it tells nothing, however well its words fit."""
    return text.rstrip().endswith("?") and not any(mark in text.rstrip("?! ") for mark in ".!\n;")


def _at(scores: Sequence[float], place: int) -> float:
    """Return the score at a place, or nothing beyond the ends."""
    return scores[place] if 0 <= place < len(scores) else 0.0


def _reasons(event: Event, own: Sequence[str], question: Question, speaker: bool, dense: float) -> tuple[str, ...]:  # noqa: FBT001 - one of several signs
    """Say why an event was picked."""
    held = set(own)
    found = [f"word {stem}" for stem in question.stems if stem in held]
    if speaker:
        found.append(f"said by {event.author}")
    if question.asks_about(event.at.date()):
        found.append(f"dated {say_date(event.at.date())}")
    if dense > 0:
        found.append("similar meaning")
    return tuple(found) or ("stands beside what was asked",)


def remembered(event: Event, score: float, reasons: tuple[str, ...]) -> Recalled:
    """Give an event as a remembered item."""
    return Recalled(
        text=event.text,
        event_id=event.id,
        author=event.author,
        at=event.at,
        valid_from=event.at,
        score=round(min(1.0, score), 4),
        reasons=reasons,
    )
