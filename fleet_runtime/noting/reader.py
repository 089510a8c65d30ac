"""The note reader: learned weights over a note's features, and over its vector where one is at hand.

Two linear models, each with a bar per theme that was set by cross-validation, higher for themes that alarm, and with
what makes a belief of a score. The weights ship as ``weights.npz`` beside this module (see `NoteWeights`); learning
them is the work of ``benchmarks/fit_notes.py``. Reads no model and never changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fleet_runtime.noting.cues import CueFinder, shipped_cues
from fleet_runtime.noting.features import features
from fleet_runtime.noting.themes import THEMES

Floats = npt.NDArray[np.float32]
WEIGHTS = "weights.npz"
UNLIKELY = 0.12
"""A theme of which a note makes one less sure is no theme of it."""
EVEN, JUST_BELOW = 0.5, 0.499
"""A belief from which on a theme is there, and the most of one that did not pass its bar."""
LISTS = ("words", "pieces", "cues", "known")
HARMLESS_SHARE, HARMLESS_FLOOR = 0.6, -4.0
"""How much the belief that a note is harmless talk takes from every theme; below the floor it adds no more."""


class Head(NamedTuple):
    """One linear model: a row of weights a feature, in the vocabulary's order, and what every note starts with.

    ``weights`` are (features, themes and, last, harmless), ``vector`` (dimensions, the same), empty in the model that
    goes by words alone. A theme is there when its score passes its bar. ``odds`` (2, themes) make of a score the log
    odds that the theme is there: a factor and what is added.
    """

    weights: Floats
    bias: Floats
    bars: Floats
    vector: Floats
    odds: Floats


class NoteWeights(NamedTuple):
    """What was learned: the vocabulary, the words that are no names, both heads, and the encoder of the vectors."""

    words: Mapping[str, int]
    pieces: Mapping[str, int]
    cues: Mapping[str, int]
    known: frozenset[str]
    by_words: Head
    with_vectors: Head
    encoder: str


class NoteReader:
    """Tells the themes of notes. Made by `load_reader`; pure, and safe to share between threads."""

    def __init__(self, weights: NoteWeights, finder: CueFinder) -> None:
        """Take what was learned, and the finder of cues that it was learned with."""
        self._weights = weights
        self._finder = finder

    @property
    def encoder(self) -> str:
        """Name the encoder whose vectors the reader was taught with; another's mean nothing to it."""
        return self._weights.encoder

    def themes(self, text: str) -> tuple[str, ...]:
        """Return the themes of one note by its words, in the order of `THEMES`; empty for harmless talk."""
        return self._passing(self._scored(text, None), self._weights.by_words)

    def themes_of(
        self, texts: Sequence[str], vectors: Sequence[Sequence[float] | None] | None = None
    ) -> list[tuple[str, ...]]:
        """Return the themes of each note, in the order given.

        Args:
            texts: The notes.
            vectors: A unit vector for each note, made by `encoder` (384 floats); None where a note has none, and that
                note goes by its words. A vector of another length is not used.
        """
        given = vectors if vectors is not None else [None] * len(texts)
        return [self._read(text, vector) for text, vector in zip(texts, given, strict=True)]

    def beliefs_of(
        self, texts: Sequence[str], vectors: Sequence[Sequence[float] | None] | None = None
    ) -> list[dict[str, float]]:
        """Return how sure each theme of each note is, from 0 to 1; from .5 on it is one of `themes_of`.

        A belief of .7 is right in seven of ten notes like those that were taught. Only at .5 it is not: there stands
        what passed its bar though it is less sure, and just below it what is surer and did not, since a false alarm
        costs more. Those that are unlikely are left out. Arguments as for `themes_of`.
        """
        given = vectors if vectors is not None else [None] * len(texts)
        return [self._believed(text, vector) for text, vector in zip(texts, given, strict=True)]

    def scores(self, text: str, vector: Sequence[float] | None = None) -> dict[str, float]:
        """Return by how much each theme passes its bar (negative: it is not there), in log odds."""
        head = self._weights.by_words if vector is None else self._weights.with_vectors
        return dict(zip(THEMES, (self._scored(text, vector) - head.bars).tolist(), strict=True))

    def _believed(self, text: str, vector: Sequence[float] | None) -> dict[str, float]:
        """Return how sure the themes of a note are."""
        fits = vector is not None and len(vector) == len(self._weights.with_vectors.vector)
        head = self._weights.with_vectors if fits else self._weights.by_words
        scores = self._scored(text, vector if fits else None)
        odds = scores * head.odds[0] + head.odds[1]
        sure = {
            theme: max(EVEN, belief) if passes else min(JUST_BELOW, belief)
            for theme, belief, passes in zip(
                THEMES, (1 / (1 + np.exp(-odds))).tolist(), (scores > head.bars).tolist(), strict=True
            )
        }
        return {theme: round(belief, 3) for theme, belief in sure.items() if belief >= UNLIKELY}

    def _read(self, text: str, vector: Sequence[float] | None) -> tuple[str, ...]:
        """Return the themes of a note, with its vector if it has one that fits."""
        head = self._weights.with_vectors
        if vector is None or len(vector) != len(head.vector):
            return self.themes(text)
        return self._passing(self._scored(text, vector), head)

    def _passing(self, scores: Floats, head: Head) -> tuple[str, ...]:
        """Return the themes whose scores pass their bars."""
        return tuple(THEMES[number] for number in np.flatnonzero(scores > head.bars).tolist())

    def _scored(self, text: str, vector: Sequence[float] | None) -> Floats:
        """Return a note's scores, one a theme; the more words and pieces there are, the less each of them counts."""
        head = self._weights.by_words if vector is None else self._weights.with_vectors
        found = features(text, self._weights.known, self._finder)
        scores = head.bias.copy()
        for seen, column, evened in (
            (found.words, self._weights.words, True),
            (found.pieces, self._weights.pieces, True),
            (found.cues, self._weights.cues, False),
        ):
            rows = [column[one] for one in seen if one in column]
            if rows:
                total = head.weights.take(rows, axis=0).sum(axis=0)
                scores += total / np.sqrt(np.float32(len(rows))) if evened else total
        if vector is not None:
            scores += np.asarray(vector, dtype=np.float32) @ head.vector
        return against_harmless(scores)


def against_harmless(scores: Floats) -> Floats:
    """Return the themes' scores (the last axis without its last) lessened by how harmless the note looks (its last)."""
    harmless = np.maximum(scores[..., -1:], HARMLESS_FLOOR)
    return (scores[..., :-1] - HARMLESS_SHARE * harmless).astype(np.float32)


@cache
def load_reader() -> NoteReader:
    """Return the reader with the shipped weights; they are read once, on first use."""
    return NoteReader(shipped_weights(), shipped_cues())


def shipped_weights() -> NoteWeights:
    """Read the weights that ship beside this module; those of features stand there as whole numbers times a scale."""
    place = files("fleet_runtime.noting").joinpath(WEIGHTS)
    with as_file(place) as file, np.load(file, allow_pickle=False) as kept:
        lists = {name: str(kept[name]).split("\n") for name in LISTS}
        heads = [
            Head(
                kept[f"{name}_weights"] * kept[f"{name}_scale"], *(kept[f"{name}_{part}"] for part in Head._fields[1:])
            )
            for name in ("by_words", "with_vectors")
        ]
        encoder = str(kept["encoder"])
    return assembled(lists, heads[0], heads[1], encoder)


def assembled(lists: Mapping[str, Sequence[str]], by_words: Head, with_vectors: Head, encoder: str) -> NoteWeights:
    """Join what was learned.

    Args:
        lists: ``words``, ``pieces`` and ``cues``, in the order of the heads' rows, one kind after the other; and
            ``known`` words.
        by_words: The head that goes by words alone.
        with_vectors: The head that has a vector too.
        encoder: Who made the vectors that it learned from.
    """
    columns: list[dict[str, int]] = []
    first = 0
    for kind in LISTS[:3]:
        columns.append({feature: first + number for number, feature in enumerate(lists[kind])})
        first += len(lists[kind])
    words, pieces, cues = columns
    return NoteWeights(words, pieces, cues, frozenset(lists["known"]), by_words, with_vectors, encoder)
