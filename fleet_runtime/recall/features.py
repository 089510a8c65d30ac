"""What can be seen of each event in the light of a question, column by column. Weighs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fleet_runtime.lexical import words
from fleet_runtime.ports import Vector
from fleet_runtime.recall.columns import BEFORE, BESIDE, Bools, Columns
from fleet_runtime.recall.question import Question
from fleet_runtime.recall.terms import ONLY_ASKS, term_hash
from fleet_runtime.recall.vectors import Floats, cosines, products

_K1, _B = 1.2, 0.75
_CARRIED = 0.4
_AROUND = 0.3
_BEST_OF_SESSION = 3


@dataclass(frozen=True)
class Sight:
    """The events of an account, at least one, under one question; every property has one value for each event."""

    columns: Columns
    question: Question
    vector: Vector | None

    @cached_property
    def terms(self) -> dict[int, float]:
        """Return the hashes of the question's stems, and how much each counts: those carried over less."""
        own = dict.fromkeys(map(term_hash, self.question.stems), 1.0)
        return dict.fromkeys(map(term_hash, self.question.carried), _CARRIED) | own

    @cached_property
    def told(self) -> Floats:
        """Return how often each event's text (column) has each term (row)."""
        return self._rows([self.columns.told(term) for term in self.terms])

    @cached_property
    def counts(self) -> Floats:
        """Return how often each event has each term, its author's name and its date included."""
        return self.told + self._rows([self.columns.named(term) for term in self.terms])

    @cached_property
    def told_beside(self) -> Floats:
        """Return how often the texts of each event's neighbours have each term."""
        return self._beside(self.told)

    @cached_property
    def weights(self) -> Floats:
        """Return how much each term tells among the account's events, less if it was carried over."""
        return self._rarity(self.counts)

    @cached_property
    def bm25_told(self) -> Floats:
        """Score each event by its text alone."""
        return self._bm25(self.told, self._rarity(self.told), self.columns.lengths)

    @cached_property
    def held(self) -> Floats:
        """Return which share of the question's information (by rarity) each event holds."""
        return self._share(self.counts)

    @cached_property
    def bm25_around(self) -> Floats:
        """Score each event by its own words and, as a field that counts less, those of its neighbours."""
        counts = self.counts + np.float32(_AROUND) * self.told_beside
        lengths = self.columns.lengths + np.float32(_AROUND) * self._beside(self.columns.lengths)
        return self._bm25(counts, self.weights, lengths)

    @cached_property
    def held_around(self) -> Floats:
        """Return which share of the question's information each event and its neighbours hold together."""
        return self._share(self.counts + self.told_beside)

    @cached_property
    def session_best(self) -> Floats:
        """Return the mean score of the three best events of each event's session."""
        left = self.bm25_around
        total = np.zeros(len(self.columns.first), dtype=np.float32)
        for _ in range(_BEST_OF_SESSION):
            best = np.maximum.reduceat(left, self.columns.first)
            total += best / _BEST_OF_SESSION
            left = np.where(left == best[self.columns.session], np.float32(0), left)
        return total[self.columns.session]

    @cached_property
    def embedded(self) -> Bools:
        """Tell whether it has a vector yet."""
        return self.columns.inverse_lengths > 0

    @cached_property
    def cosine(self) -> Floats | None:
        """Return each event's nearness by meaning, the mean of all where it has no vector; None without any."""
        if self.vector is None or not self.embedded.any():
            return None
        found = cosines(self.columns.vectors, self.columns.inverse_lengths, self.vector)
        return np.where(self.embedded, found, found[self.embedded].mean())

    def with_before(self, nearness: Floats) -> Floats:
        """Return the nearness of each event taken together with the one before it, as if both were one vector."""
        return (nearness + np.float32(BEFORE) * self.at(nearness, -1)) / self.columns.length_with_before

    def with_both(self, nearness: Floats) -> Floats:
        """Return the nearness of each event taken together with those before and after it."""
        return (nearness + np.float32(BESIDE) * self._beside(nearness)) / self.columns.length_with_both

    def like(self, places: npt.NDArray[np.intp], shares: Floats) -> Floats:
        """Return each event's nearness to some events, each by its share (together 1)."""
        scale = shares * self.columns.inverse_lengths[places]
        direction = (scale[:, None] * self.columns.vectors[places]).sum(axis=0).astype(np.float32)
        return products(self.columns.vectors, direction) * self.columns.inverse_lengths

    @cached_property
    def speaker(self) -> Bools:
        """Tell whether the question names the one who said it."""
        names = [{word for word in words(name) if len(word) > 1} for name in self.columns.authors.names]
        return self.columns.authors.where(lambda number: not names[number].isdisjoint(self.question.words))

    @cached_property
    def dated(self) -> Bools:
        """Tell whether it was said in a period that the question names."""
        years, months, days = self.columns.dates
        found = np.zeros(len(self.columns), dtype=np.bool_)
        for mention in self.question.dates:
            if (day := mention.value) is not None:
                fits = years == day.year
                if mention.precision == "quarter":
                    fits &= (months - 1) // 3 == (day.month - 1) // 3
                elif mention.precision != "year":
                    fits &= months == day.month
                found |= fits & (days == day.day) if mention.precision == "day" else fits
        return found

    @cached_property
    def only_asks(self) -> Bools:
        """Tell whether it only asks: it tells nothing, however well its words fit."""
        return self.flagged(ONLY_ASKS)

    def flagged(self, flag: int) -> Bools:
        """Tell whether it has a flag of `fleet_runtime.recall.terms`."""
        return (self.columns.flags & np.uint32(flag)) > 0

    def at(self, scores: Floats, steps: int) -> Floats:
        """Return the score of the event so many steps after each one (before it: negative); 0 beyond its session."""
        found = np.zeros_like(scores)
        if steps and abs(steps) < len(self.columns):
            here, there = (
                (slice(None, -steps), slice(steps, None)) if steps > 0 else (slice(-steps, None), slice(steps))
            )
            same = self.columns.session[here] == self.columns.session[there]
            found[..., here] = scores[..., there] * same
        return found

    def _beside(self, scores: Floats) -> Floats:
        """Return the sum of the scores of both neighbours of each event."""
        return self.at(scores, -1) + self.at(scores, 1)

    def _bm25(self, counts: Floats, weights: Floats, lengths: Floats) -> Floats:
        """Score by counts of terms, weighed."""
        norms = _K1 * (1 - _B + _B * lengths / (float(lengths.mean()) or 1.0))
        scores: Floats = weights @ (counts * (_K1 + 1) / (counts + norms))
        return scores

    def _share(self, counts: Floats) -> Floats:
        """Return which share of the question's information stands in each column of counts."""
        held: Floats = self.weights @ (counts > 0).astype(np.float32) / np.float32(self.weights.sum() or 1.0)
        return held

    def _rarity(self, counts: Floats) -> Floats:
        """Weigh each term by its rarity; one that no event has tells as much as the rarest."""
        having = np.maximum((counts > 0).sum(axis=1), 1)
        rarity = np.log(1 + (len(self.columns) - having + 0.5) / (having + 0.5))
        weights: Floats = (rarity * np.array(list(self.terms.values()))).astype(np.float32)
        return weights

    def _rows(self, rows: list[Floats]) -> Floats:
        """Put one row for each term together; there may be none."""
        return np.array(rows, dtype=np.float32).reshape(len(rows), len(self.columns))
