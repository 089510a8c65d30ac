"""How near a message is to every passage and every owner, by words and, where vectors are given, by meaning.

Judges nothing: it returns numbers per reading of the message, and does not weigh them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from fleet_runtime.ports import Vector
from fleet_runtime.routing.index import RoutingIndex
from fleet_runtime.routing.query import RouteQuery
from fleet_runtime.routing.terms import topic_terms

_SATURATED = 2.2  # what BM25 (k1 = 1.2) gives at most for a word, in units of its idf


Votes = Mapping[Hashable, float]
"""Each owner's share, as a learned classifier sees it."""


class Nearness:
    """One measure's scores: per passage (0..1), and per owner as the learned classifier votes.

    ``near`` is the mean of the whole message and its nearest clause; ``context`` is of what was said
    before, and None where the message stands alone.
    """

    def __init__(self, query: RouteQuery, readings: Sequence[Sequence[float]], votes: Mapping[str, Votes]) -> None:
        """Take one row of scores per text of ``query.texts()``, in its order, and the votes by name."""
        said = 1 + len(query.clauses())
        self.near = [(column[0] + max(column)) / 2 for column in zip(*readings[:said], strict=True)]
        self.votes = votes
        self.context = readings[said] if len(readings) > said else None


def joined(query: RouteQuery, votes: Sequence[Votes]) -> Votes:
    """Join the votes on a message and its clauses: the mean of the whole and of the likeliest clause."""
    said = votes[: 1 + len(query.clauses())]
    return {owner: (share + max(reading[owner] for reading in said)) / 2 for owner, share in said[0].items()}


def lexical_nearness(query: RouteQuery, index: RoutingIndex) -> Nearness:
    """Measure by words: BM25 against the most that the reading's own words could earn."""
    texts = query.texts()
    readings = [_covered(text, index) for text in texts]
    votes = {
        "lex": joined(query, [index.word_votes.votes(text) for text in texts]),
        "matter": joined(query, [index.matter_votes.votes(text) for text in texts]),
    }
    return Nearness(query, readings, votes)


def dense_nearness(query: RouteQuery, index: RoutingIndex, vectors: Sequence[Vector] | None) -> Nearness | None:
    """Measure by cosine; None where the passages or the message have no vectors, or their numbers do not fit."""
    if vectors is None or len(vectors) != len(index.passages) or len(query.message_vectors) != len(query.texts()):
        return None
    table = index.vector_votes(vectors)
    votes = {"dense": joined(query, [table.votes(vector) for vector in query.message_vectors])}
    return Nearness(query, table.cosines(query.message_vectors), votes)


def _covered(text: str, index: RoutingIndex) -> list[float]:
    """Return the share of the text's weighty words that each passage covers."""
    tokens = list(dict.fromkeys(topic_terms(text)))
    most = _SATURATED * sum(index.words.idf(token) for token in tokens)
    scores = index.words.scores(tokens)
    return [score / most for score in scores] if most else scores
