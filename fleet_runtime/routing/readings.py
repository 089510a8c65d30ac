"""One message measured against all passages: what every way of measuring offers, and the way by words.

Judges nothing: it describes owners by numbers, and does not weigh them. The way by meaning is `space`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from fleet_runtime.ports import Vector
from fleet_runtime.routing.index import RoutingIndex
from fleet_runtime.routing.passages import Owner
from fleet_runtime.routing.query import RouteQuery
from fleet_runtime.routing.terms import topic_terms

_SATURATED = 2.2  # what BM25 (k1 = 1.2) gives at most for a word, in units of its idf
_LEAST_SHARE = 1e-4
_SEVERAL = 3


class Reading(Protocol):
    """A message as one measure sees it. All numbers are the mean of the whole message and of its best clause."""

    def nearness(self, number: int) -> float:
        """Return how near the message is to a passage (about 0 to 1)."""
        ...

    def likeliest(self) -> Sequence[Owner]:
        """Return the owners in the order in which a first look finds them likely."""
        ...

    def describe(self, owner: Owner) -> dict[str, float]:
        """Describe how near the message is to an owner, as named numbers; nothing for an owner without passages."""
        ...

    def nearest(self, numbers: Sequence[int]) -> dict[str, float]:
        """Describe the nearest of some passages: ``near``, and ``near.context`` where there is a context."""
        ...


class LexicalReading:
    """A message by its words: BM25 against the most that its own words could earn, and naive Bayes."""

    def __init__(self, query: RouteQuery, index: RoutingIndex) -> None:
        """Measure the message and its clauses; what was said before is read by meaning only."""
        texts = (query.wish(), *query.clauses())
        readings = [_covered(text, index) for text in texts]
        self._index = index
        whole = readings[0]
        covered = {number for reading in readings for number in reading}
        self._near = {
            number: (whole.get(number, 0.0) + max(reading.get(number, 0.0) for reading in readings)) / 2
            for number in covered
        }
        self._votes = {
            "vote": [index.word_votes.votes(text) for text in texts],
            "matter": [index.matter_votes.votes(text) for text in texts],
        }

    def nearness(self, number: int) -> float:
        """Return how near the message is to a passage (0 to 1)."""
        return self._near.get(number, 0.0)

    def likeliest(self) -> Sequence[Owner]:
        """Return the owners whose words were used, in the order in which a first look finds them likely."""
        return [owner for owner in self._votes["vote"][0].likeliest() if isinstance(owner, str | int)]

    def describe(self, owner: Owner) -> dict[str, float]:
        """Describe how near the message is to an owner, as named numbers; nothing for an owner without passages."""
        numbers = self._index.numbers(owner)
        if not numbers:
            return {}
        near = self._near
        best = sorted((near[number] for number in numbers if number in near), reverse=True)[:_SEVERAL]
        top1, top3 = (best[0], sum(best) / min(len(numbers), _SEVERAL)) if best else (0.0, 0.0)
        line = max((near.get(number, 0.0) for number in self._index.numbers(owner, "line")), default=top1)
        example = max((near.get(number, 0.0) for number in self._index.numbers(owner, "example")), default=line)
        found = {"top1": top1, "top3": top3, "line": line, "example": example}
        found.update(
            {name: _joined([reading.share(owner) for reading in votes]) for name, votes in self._votes.items()}
        )
        return found

    def nearest(self, numbers: Sequence[int]) -> dict[str, float]:
        """Describe the nearest of some passages: ``near``, and ``near.context`` where there is a context."""
        return {"near": max((self.nearness(number) for number in numbers), default=0.0)}


def dense_reading(query: RouteQuery, index: RoutingIndex, vectors: Sequence[Vector] | None) -> Reading | None:
    """Measure by meaning; None where the passages or the message have no vectors, or their numbers do not fit."""
    if vectors is None or len(vectors) != len(index.passages) or len(query.message_vectors) != len(query.texts()):
        return None
    reading: Reading = index.space(vectors).read(query.message_vectors, said=1 + len(query.clauses()))
    return reading


def _joined(shares: Sequence[float]) -> float:
    """Join an owner's shares of a message and its clauses, as logarithms: the mean of the whole and of the best."""
    logs = [math.log(share + _LEAST_SHARE) for share in shares]
    return (logs[0] + max(logs)) / 2


def _covered(text: str, index: RoutingIndex) -> dict[int, float]:
    """Return the share of the text's weighty words that each passage covers, where it covers any."""
    tokens = list(dict.fromkeys(topic_terms(text)))
    most = _SATURATED * sum(index.words.idf(token) for token in tokens)
    return {number: score / most for number, score in index.words.matching(tokens).items()} if most else {}
