"""Fit the note reader, and say by cross-validation how well it reads.

Run: ``python benchmarks/fit_notes.py [--write]``. Prints what a reader taught by one author's notes makes of another's
(``notes_teaching.jsonl``, then ``notes_dev.jsonl``). ``--write`` fits on both and replaces the shipped weights; their
bars come from folds over both, set on notes that the fold's weights have not seen. Reads no held-out file.
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
from notes_data import ALARMING, DEV, TEACHING, Floats, LabelledNote, encoded, load_notes, report, table_of, wanted
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
VECTOR_SIZE = 2.5
PENALTY = 7e-5
STEPS = 60
FOLDS = 4
BETA, ALARMING_BETA = 1.0, 0.7
"""What a bar is set to maximise: F with this beta; below 1, precision counts more than recall."""
HARMLESS_MOST = {"by_words": 0.09, "with_vectors": 0.08}
"""All bars of a head are raised together until no larger share of harmless notes passes any."""
LOWEST_BAR, HIGHEST_BAR, BAR_STEP = -2.5, 3.0, 0.1
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


def rounded(fitted: Fitted, bars: Floats) -> Head:
    """Return a head as it ships, its weights rounded to whole numbers of their scale."""
    whole, scale = whole_numbers(fitted.weights)
    return Head(
        weights=whole * scale,
        bias=fitted.bias.astype(np.float32),
        bars=bars.astype(np.float32),
        vector=fitted.vector.astype(np.float16).astype(np.float32),
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


def bars_of(scores: Floats, labels: Floats, harmless_most: float) -> Floats:
    """Return the bar of each theme that serves it best on notes that its scores have not learned from."""
    bars = np.zeros(len(THEMES))
    tried = np.arange(LOWEST_BAR, HIGHEST_BAR, BAR_STEP)
    for number, theme in enumerate(THEMES):
        weight = (ALARMING_BETA if theme in ALARMING else BETA) ** 2
        gains: list[float] = []
        for bar in tried:
            said = scores[:, number] > bar
            hit = (said * labels[:, number]).sum()
            gains.append((1 + weight) * hit / (weight * labels[:, number].sum() + said.sum()))
        evened = np.convolve(np.pad(gains, 2, mode="edge"), np.full(5, 0.2), mode="valid")
        bars[number] = tried[int(evened.argmax())]
    harmless = scores[labels.sum(axis=1) == 0]
    while (harmless > bars).any(axis=1).mean() > harmless_most:
        bars += BAR_STEP / 2
    return bars


def folded_scores(notes: Sequence[LabelledNote], vectors: Floats | None) -> Floats:
    """Return the scores of notes by heads that have not seen them."""
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
    return against_harmless(scores.astype(np.float32)).astype(np.float64)


def fit_reader(notes: Sequence[LabelledNote], vectors: Floats, *, title: str = "") -> tuple[Space, Head, Head]:
    """Fit both heads on notes, their bars by folds; with a title, the folds' figures are printed."""
    space, labels = space_of(notes), wanted(notes)
    heads: list[Head] = []
    for name, given in (("by_words", None), ("with_vectors", vectors)):
        scores = folded_scores(notes, given)
        bars = bars_of(scores, labels, HARMLESS_MOST[name])
        if title:
            print(*report(f"{title}, {name}", (scores > bars).astype(float), labels), sep="\n", flush=True)
        heads.append(rounded(fit_head(space, notes, given), bars))
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
    teaching, dev = load_notes(TEACHING), load_notes(DEV)
    given = encoded([*teaching, *dev])
    if given is None:
        raise SystemExit("fitting needs the encoder: install the 'local' extra and fetch its weights")
    vectors = np.array(given.vectors)
    if options.write:
        write(*fit_reader([*teaching, *dev], vectors, title="both authors, by folds"), given.encoder)
        return
    reader = reader_of(*fit_reader(teaching, vectors[: len(teaching)], title="one author, by folds"), given.encoder)
    texts, rest = [note.text for note in dev], given.vectors[len(teaching) :]
    print(*report("taught by one author, by words", table_of(reader.themes_of(texts)), wanted(dev)), sep="\n")
    print(*report("the same, with vectors", table_of(reader.themes_of(texts, rest)), wanted(dev)), sep="\n")


if __name__ == "__main__":
    main()
