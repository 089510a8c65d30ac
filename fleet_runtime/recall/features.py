"""What can be seen of each event in the light of a question, column by column. Weighs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fleet_runtime.lexical import words
from fleet_runtime.ports import Vector
from fleet_runtime.recall.columns import Bools, Columns
from fleet_runtime.recall.question import Question
from fleet_runtime.recall.terms import ONLY_ASKS, term_hash
from fleet_runtime.recall.vectors import Floats, cosines

_K1, _B = 1.2, 0.75
_CARRIED = 0.4


@dataclass(frozen=True)
class Sight:
    """The events of an account under one question; every property has one value for each event."""

    columns: Columns
    question: Question
    vector: Vector | None

    @cached_property
    def terms(self) -> dict[int, float]:
        """Return the hashes of the question's stems, and how much each counts: those carried over less."""
        own = dict.fromkeys(map(term_hash, self.question.stems), 1.0)
        return dict.fromkeys(map(term_hash, self.question.carried), _CARRIED) | own

    @cached_property
    def counts(self) -> Floats:
        """Return how often each event (column) has each term (row)."""
        rows = [self.columns.counts(term) for term in self.terms]
        return np.array(rows, dtype=np.float32).reshape(len(rows), len(self.columns))

    @cached_property
    def rarity(self) -> Floats:
        """Return how much each term tells among the account's events; one that none has tells as much as the rarest."""
        having = np.maximum((self.counts > 0).sum(axis=1), 1)
        return np.log(1 + (len(self.columns) - having + 0.5) / (having + 0.5)).astype(np.float32)

    @cached_property
    def weights(self) -> Floats:
        """Return each term's rarity, less for one that was carried over."""
        return self.rarity * np.array(list(self.terms.values()), dtype=np.float32)

    @cached_property
    def bm25(self) -> Floats:
        """Score each event's own words."""
        mean = float(self.columns.lengths.mean()) or 1.0
        norms = _K1 * (1 - _B + _B * self.columns.lengths / mean)
        gains = self.counts * (_K1 + 1) / (self.counts + norms)
        scores: Floats = self.weights @ gains
        return scores

    @cached_property
    def held(self) -> Floats:
        """Return which share of the question's information (by rarity) each event holds."""
        total = float(self.weights.sum())
        held: Floats = self.weights @ (self.counts > 0) / np.float32(total or 1.0)
        return held

    @cached_property
    def cosine(self) -> Floats | None:
        """Return each event's nearness by meaning, the mean of all where it has no vector; None without any."""
        if self.vector is None or not self.embedded.any():
            return None
        found = cosines(self.columns.vectors, self.columns.inverse_lengths, self.vector)
        return np.where(self.embedded, found, found[self.embedded].mean())

    @cached_property
    def embedded(self) -> Bools:
        """Tell whether it has a vector yet."""
        return self.columns.inverse_lengths > 0

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
        return (self.columns.flags & ONLY_ASKS) > 0

    def beside(self, scores: Floats) -> Floats:
        """Return the sum of a score over each event's neighbours in its session."""
        before, after = self._neighbours(scores)
        return before + after

    def beside_most(self, scores: Floats) -> Floats:
        """Return the higher one of a score (0 or more) of each event's neighbours in its session."""
        return np.maximum(*self._neighbours(scores))

    def _neighbours(self, scores: Floats) -> tuple[Floats, Floats]:
        """Return the score of the event before each one, and of that after it; 0 beyond its session."""
        same = self.columns.session[1:] == self.columns.session[:-1]
        before, after = np.zeros_like(scores), np.zeros_like(scores)
        before[1:] = scores[:-1] * same
        after[:-1] = scores[1:] * same
        return before, after


def standardised(scores: Floats) -> Floats:
    """Bring scores to mean 0 and deviation 1; a flat row becomes zeros."""
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if spread else np.zeros_like(scores)
