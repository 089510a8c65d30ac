"""Fit the note reader, and say by cross-validation how well it reads.

Run: ``python benchmarks/fit_notes.py [--write]``. Prints what a reader taught by two authors' notes makes of a third's
(``notes_teaching*.jsonl``, then ``notes_dev.jsonl``). ``--write`` fits on all and replaces the shipped weights; their
bars and beliefs come from folds over all, set on notes that the fold's weights have not seen. Reads no held-out file.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from notes_data import (
    ALARMING,
    DEV,
    TEACHING,
    Floats,
    LabelledNote,
    beliefs_report,
    encoded,
    load_notes,
    report,
    table_of,
    wanted,
)
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from fleet_runtime import noting
from fleet_runtime.noting import THEMES, NoteReader
from fleet_runtime.noting.cues import CueFinder, shipped_cues
from fleet_runtime.noting.features import features
from fleet_runtime.noting.reader import WEIGHTS, Head, against_harmless, assembled

KINDS = ("words", "pieces", "cues")
LEAST_USED = {"words": 2, "pieces": 4, "cues": 2}
SIZE = {"words": 0.42, "pieces": 0.5, "cues": 0.12}
"""How much a feature of a kind may count, times the log of how rare it is."""
RARITY = {"words": (0.1, 9.0), "pieces": (0.1, 9.0), "cues": (1.6, 3.7)}
"""Between which bounds that log is held."""
VECTOR_SIZE = 3.5
PENALTY = 4e-5
STEPS = 60
FOLDS = 4
BETA, ALARMING_BETA = 1.0, 0.7
"""What a bar is set to maximise: F with this beta; below 1, precision counts more than recall."""
HARMLESS_MOST, ALARMED_MOST = 0.069, 0.0095
"""The largest share of harmless notes that may pass any bar, and any bar of an alarming theme."""
DEARER = 1.15
"""By how much a theme found in a harmless note gets dearer at each round until those shares are met."""
LOWEST_BAR, HIGHEST_BAR, BAR_STEP = -2.5, 4.0, 0.1
EVENED_OVER = 5
"""Over how many neighbouring bars the gain of each is evened, so that no single note decides."""
WORDS_SHARE = 0.35
"""How much the head by words counts in the head for notes with vectors; the rest is one that learned both at once."""
ODDS_RIDGE = 1.0
_LOWER_CASE = re.compile(r"(?<![\w'-])[^\W\d_A-Z]+(?:['-][^\W\d_]+)*")


class Space(NamedTuple):
    """The features that are learned: by kind, in order, with how much each may count."""

    lists: dict[str, list[str]]
    sizes: Floats
    known: frozenset[str]
    finder: CueFinder

    def table(self, notes: Sequence[LabelledNote]) -> Any:  # noqa: ANN401 - scipy's sparse tables have no types
        """Return the notes' features, sized (notes, features)."""
        columns = {kind: {one: at for at, one in enumerate(self.lists[kind])} for kind in KINDS}
        firsts = dict(zip(KINDS, np.cumsum([0, *(len(self.lists[kind]) for kind in KINDS)]).tolist(), strict=False))
        rows: list[int] = []
        places: list[int] = []
        values: list[float] = []
        for number, note in enumerate(notes):
            found = features(note.text, self.known, self.finder)
            for kind, seen in zip(KINDS, found, strict=True):
                ids = [firsts[kind] + columns[kind][one] for one in seen if one in columns[kind]]
                evened = 1.0 if kind == "cues" else 1 / np.sqrt(max(len(ids), 1))
                rows += [number] * len(ids)
                places += ids
                values += [self.sizes[place] * evened for place in ids]
        return csr_matrix((values, (rows, places)), shape=(len(notes), len(self.sizes)))


def space_of(notes: Sequence[LabelledNote]) -> Space:
    """Collect the features of notes that stand in enough of them."""
    finder = shipped_cues()
    known = frozenset(finder.words | {word for note in notes for word in _LOWER_CASE.findall(note.text)})
    found = [features(note.text, known, finder) for note in notes]
    lists: dict[str, list[str]] = {}
    sizes: list[float] = []
    for place, kind in enumerate(KINDS):
        used = Counter(one for feature in found for one in feature[place])
        lists[kind] = sorted(one for one, count in used.items() if count >= LEAST_USED[kind])
        rarity = np.clip([np.log(len(notes) / used[one]) for one in lists[kind]], *RARITY[kind])
        sizes += (SIZE[kind] * rarity).tolist()
    return Space(lists, np.array(sizes), known, finder)


def fit_linear(table: Any, vectors: Floats, labels: Floats) -> tuple[Floats, Floats, Floats]:  # noqa: ANN401 - as above
    """Return one logistic regression a label, with L2 on the weights.

    Args:
        table: The notes' features, sparse (notes, features).
        vectors: The notes' vectors (notes, dimensions), of width 0 where there are none.
        labels: What is there (notes, labels).

    Returns: The weights of features and of dimensions, and the biases.
    """
    notes, width = table.shape
    size, count = width + vectors.shape[1], labels.shape[1]
    plain, dense, there = table.astype(np.float32), vectors.astype(np.float32), labels.astype(np.float32)
    turned = plain.T.tocsr()

    def loss(place: Floats) -> tuple[float, Floats]:
        """Return the loss and its gradient."""
        weights = place.astype(np.float32)
        kept = weights[: size * count].reshape(size, count)
        logits = plain @ kept[:width] + dense @ kept[width:] + weights[size * count :]
        pull = (1 / (1 + np.exp(-logits)) - there) / notes
        value = (np.logaddexp(0, logits) - there * logits).sum(dtype=np.float64) / notes
        slope = np.concatenate([turned @ pull, dense.T @ pull]) + PENALTY * kept
        value += PENALTY * float(np.square(place[: size * count]).sum()) / 2
        return float(value), np.concatenate([slope.ravel(), pull.sum(axis=0)]).astype(np.float64)

    start = np.concatenate([np.zeros(size * count), np.full(count, -2.5)])
    place: Floats = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "maxcor": 5}).x
    weights = place[: size * count].reshape(size, count)
    return weights[:width], weights[width:], place[size * count :]


class Fitted(NamedTuple):
    """A head before its bars: weights on plain features, on the vector, and biases."""

    weights: Floats
    vector: Floats
    bias: Floats


def fit_head(space: Space, notes: Sequence[LabelledNote], vectors: Floats | None) -> Fitted:
    """Fit one head; its last column learns what is harmless."""
    labels = wanted(notes)
    labels = np.hstack([labels, labels.sum(axis=1, keepdims=True) == 0])
    dense = np.zeros((len(notes), 0)) if vectors is None else vectors * VECTOR_SIZE
    weights, vector, bias = fit_linear(space.table(notes), dense, labels)
    return Fitted(weights * space.sizes[:, None], vector * VECTOR_SIZE, bias)


def joined(by_words: Fitted, both: Fitted) -> Fitted:
    """Return the average of two heads, which is a head again and costs no more."""
    rest = 1 - WORDS_SHARE
    return Fitted(
        weights=WORDS_SHARE * by_words.weights + rest * both.weights,
        vector=rest * both.vector,
        bias=WORDS_SHARE * by_words.bias + rest * both.bias,
    )


def rounded(fitted: Fitted, bars: Floats, odds: Floats) -> Head:
    """Return a head as it ships, its weights rounded to whole numbers of their scale."""
    whole, scale = whole_numbers(fitted.weights)
    return Head(
        weights=whole * scale,
        bias=fitted.bias.astype(np.float32),
        bars=bars.astype(np.float32),
        vector=fitted.vector.astype(np.float16).astype(np.float32),
        odds=odds.astype(np.float32),
    )


def whole_numbers(weights: npt.NDArray[np.floating]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return weights as whole numbers from -127 to 127, and what to multiply each column by."""
    scale = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
    return np.round(weights / scale).astype(np.int8), scale


def reader_of(space: Space, by_words: Head, with_vectors: Head, encoder: str) -> NoteReader:
    """Return a reader as it would ship."""
    return NoteReader(
        assembled({**space.lists, "known": sorted(space.known)}, by_words, with_vectors, encoder), space.finder
    )


def bars_of(scores: Floats, labels: Floats) -> Floats:
    """Return the bar of each theme that serves it best on notes that its scores have not learned from.

    What a theme found in a harmless note costs is raised, first for alarming themes, until few enough are found.
    """
    harmless = scores[labels.sum(axis=1) == 0]
    alarming = np.array([theme in ALARMING for theme in THEMES])
    prices = np.zeros(len(THEMES))
    bars = best_bars(scores, labels, prices)
    for themes, most in ((alarming, ALARMED_MOST), (np.ones_like(alarming), HARMLESS_MOST)):
        while (harmless > bars)[:, themes].any(axis=1).mean() > most:
            prices[themes] = prices[themes] * DEARER + 0.25
            bars = best_bars(scores, labels, prices)
            if prices.max() > len(labels):
                raise SystemExit("no bar is high enough: too many harmless notes have a theme")
    return bars


def best_bars(scores: Floats, labels: Floats, prices: Floats) -> Floats:
    """Return the bars that are best where a theme found in a harmless note counts as so many more false ones."""
    tried = np.arange(LOWEST_BAR, HIGHEST_BAR, BAR_STEP)
    harmless = labels.sum(axis=1) == 0
    bars = np.zeros(len(THEMES))
    for number, theme in enumerate(THEMES):
        weight = (ALARMING_BETA if theme in ALARMING else BETA) ** 2
        said = scores[:, number, None] > tried
        hits, there = said[labels[:, number] > 0].sum(axis=0), labels[:, number].sum()
        gains = (1 + weight) * hits / (weight * there + said.sum(axis=0) + prices[number] * said[harmless].sum(axis=0))
        padded = np.pad(gains, EVENED_OVER // 2, mode="edge")
        bars[number] = tried[int(np.convolve(padded, np.full(EVENED_OVER, 1 / EVENED_OVER), mode="valid").argmax())]
    return bars


def odds_of(scores: Floats, labels: Floats) -> Floats:
    """Return what makes log odds of each theme's score (2, themes), fitted on scores that have not seen the notes."""
    return np.array([_odds(scores[:, number], labels[:, number]) for number in range(len(THEMES))]).T


def _odds(scores: Floats, there: Floats) -> Floats:
    """Return the factor and the constant of one theme."""

    def loss(place: Floats) -> float:
        """Return the loss, with a light pull of the factor to 1."""
        logits = place[0] * scores + place[1]
        return float((np.logaddexp(0, logits) - there * logits).sum() + ODDS_RIDGE * (place[0] - 1) ** 2 / 2)

    found: Floats = minimize(loss, np.array([1.0, 0.0])).x
    return found


def folded_scores(notes: Sequence[LabelledNote], vectors: Floats | None) -> Floats:
    """Return the scores of notes by heads that have not seen them, that of harmless last."""
    part = np.random.default_rng(8).permutation(len(notes)) % FOLDS
    scores = np.zeros((len(notes), len(THEMES) + 1))
    for fold in range(FOLDS):
        learned, measured = np.flatnonzero(part != fold).tolist(), np.flatnonzero(part == fold).tolist()
        taught = [notes[number] for number in learned]
        space = space_of(taught)
        head = fit_head(space, taught, None if vectors is None else vectors[learned])
        plain = space.table([notes[number] for number in measured])
        plain.data /= space.sizes[plain.indices]
        scores[measured] = plain @ head.weights + head.bias
        if vectors is not None:
            scores[measured] += vectors[measured] @ head.vector
    return scores


def fit_reader(notes: Sequence[LabelledNote], vectors: Floats, *, title: str) -> tuple[Space, Head, Head]:
    """Fit both heads on notes, their bars and beliefs by folds, and print the folds' figures."""
    space, labels = space_of(notes), wanted(notes)
    by_words, both = fit_head(space, notes, None), fit_head(space, notes, vectors)
    seen = folded_scores(notes, None)
    joint = WORDS_SHARE * seen + (1 - WORDS_SHARE) * folded_scores(notes, vectors)
    heads: list[Head] = []
    for name, raw, fitted in (("by words", seen, by_words), ("with vectors", joint, joined(by_words, both))):
        scores = against_harmless(raw.astype(np.float32)).astype(np.float64)
        bars, odds = bars_of(scores, labels), odds_of(scores, labels)
        print(*report(f"{title}, {name}", (scores > bars).astype(float), labels), sep="\n", flush=True)
        heads.append(rounded(fitted, bars, odds))
    return space, heads[0], heads[1]


def write(space: Space, by_words: Head, with_vectors: Head, encoder: str) -> None:
    """Replace the shipped weights."""
    kept: dict[str, Any] = {kind: np.array("\n".join(space.lists[kind])) for kind in KINDS}
    kept["encoder"] = np.array(encoder)
    kept["known"] = np.array("\n".join(sorted(space.known)))
    for name, head in (("by_words", by_words), ("with_vectors", with_vectors)):
        kept |= {f"{name}_{part}": value for part, value in head._asdict().items()}
        kept[f"{name}_weights"], kept[f"{name}_scale"] = whole_numbers(head.weights)
        kept[f"{name}_vector"] = head.vector.astype(np.float16)
    np.savez_compressed(Path(noting.__file__).parent / WEIGHTS, **kept)


def main() -> None:
    """Measure across authors, and write if asked to."""
    parser = argparse.ArgumentParser(description="Fit the note reader.")
    parser.add_argument("--write", action="store_true", help="fit on all notes and replace the shipped weights")
    options = parser.parse_args()
    teaching, dev = load_notes(*TEACHING), load_notes(DEV)
    given = encoded([*teaching, *dev])
    if given is None:
        raise SystemExit("fitting needs the encoder: install the 'local' extra and fetch its weights")
    vectors = np.array(given.vectors)
    if options.write:
        write(*fit_reader([*teaching, *dev], vectors, title="three authors, by folds"), given.encoder)
        return
    reader = reader_of(*fit_reader(teaching, vectors[: len(teaching)], title="two authors, by folds"), given.encoder)
    texts, rest = [note.text for note in dev], given.vectors[len(teaching) :]
    for name, with_them in (("by words", None), ("with vectors", rest)):
        read = table_of(reader.themes_of(texts, with_them))
        print(*report(f"taught by two authors, a third's, {name}", read, wanted(dev)), sep="\n")
        print(*beliefs_report(reader.beliefs_of(texts, with_them), wanted(dev)), sep="\n", flush=True)


if __name__ == "__main__":
    main()
