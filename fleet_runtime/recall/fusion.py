"""Join all signs of an event into one score, by fitted weights. Fits nothing: ``benchmarks/fit_recall.py`` does.

Signs of words are shares (0..1), so that a match counts alike in small and in large accounts; signs of meaning are
brought to mean 0 and deviation 1 over the account's events; the rest are a plain yes (1) or no.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np

from fleet_runtime.contracts import Value
from fleet_runtime.recall.features import Sight
from fleet_runtime.recall.terms import ENDS_ASKING, HOLDS_NAME, HOLDS_NUMBER, HOLDS_TIME
from fleet_runtime.recall.vectors import Floats

_FED_BACK = 5
_WANTS_NAME = re.compile(r"\b(?:who|whom|whose|where|which|names?|called)\b", re.IGNORECASE)
_FIRST_GUESS = {"bm25_around": 4.0, "near": 0.5, "near_with_before": 0.3, "speaker": 0.5}


class Weights(Value):
    """The weight of each sign, where there are vectors and where there are words alone; ``fitted`` says how."""

    fitted: dict[str, str]
    with_vectors: dict[str, float]
    words_only: dict[str, float]


@cache
def shipped_weights() -> Weights:
    """Return the shipped weights; the file is read once."""
    text = files("fleet_runtime.recall").joinpath("weights.json").read_text(encoding="utf-8")
    return Weights.model_validate_json(text)


def fused(sight: Sight) -> Floats:
    """Return how well each event fits, by all signs together."""
    weights = shipped_weights()
    return _joined(signs(sight), weights.words_only if sight.cosine is None else weights.with_vectors)


def signs(sight: Sight) -> dict[str, Floats]:
    """Return all signs of the events by their names; those of meaning only where there are vectors."""
    found = {**_of_words(sight), **_of_event(sight)}
    if sight.cosine is not None:
        found["near"] = standardised(sight.cosine)
        found["near_after"] = standardised(sight.at(sight.cosine, 1))
        found["near_with_before"] = standardised(sight.with_before(sight.cosine))
        found["near_the_best"] = standardised(_near_the_best(sight, found))
    return found


def first_guess(found: Mapping[str, Floats]) -> Floats:
    """Return how well each event fits by the plainest signs, weighed by hand."""
    return _joined(found, {name: weight for name, weight in _FIRST_GUESS.items() if name in found})


def standardised(scores: Floats) -> Floats:
    """Bring scores to mean 0 and deviation 1; a flat row becomes zeros."""
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if spread > 1e-6 else np.zeros_like(scores)  # noqa: PLR2004 - rounding


def _joined(found: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """Add the signs up by their weights."""
    total = np.zeros_like(found["held"])
    for name, weight in weights.items():
        total += np.float32(weight) * found[name]
    return total


def _of_words(sight: Sight) -> dict[str, Floats]:
    """Return what the question's words tell."""
    told = sight.bm25_told
    found = {
        "bm25_told": told,
        "bm25_two_before": sight.at(told, -2),
        "bm25_of_question_before": sight.at(told * sight.flagged(ENDS_ASKING), -1),
        "bm25_around": sight.bm25_around,
        "session_best": sight.session_best,
    }
    shares = {"held": sight.held, "held_around": sight.held_around}
    return {**{name: _of_the_most(scores) for name, scores in found.items()}, **shares}


def _of_the_most(scores: Floats) -> Floats:
    """Return each score as its share of the highest: a match counts alike in small accounts and in large ones."""
    return scores / np.float32(max(float(scores.max()), 1e-6))


def _of_event(sight: Sight) -> dict[str, Floats]:
    """Return what the event is, and whether that suits the kind of question."""
    question = sight.question
    kept = sight.columns.kept
    if not kept:  # what the events are does not change with the question
        kept.update(_of_event_alone(sight))
    nothing = np.zeros(len(sight.columns), dtype=np.float32)
    return {
        **kept,
        "speaker": sight.speaker.astype(np.float32),
        "another_speaker": (~sight.speaker & sight.speaker.any()).astype(np.float32),
        "dated": sight.dated.astype(np.float32),
        "number_wanted": kept["holds_number"] if {"count", "money"} & set(question.wants) else nothing,
        "time_wanted": kept["holds_time"] if "date" in question.wants else nothing,
        "name_wanted": kept["holds_name"] if _WANTS_NAME.search(question.text) else nothing,
    }


def _of_event_alone(sight: Sight) -> dict[str, Floats]:
    """Return what the event is, whatever was asked."""
    columns = sight.columns
    plain = {
        "asks": sight.flagged(ENDS_ASKING),
        "only_asks": sight.only_asks,
        "begins_session": np.diff(columns.session, prepend=-1) > 0,
        "holds_number": sight.flagged(HOLDS_NUMBER),
        "holds_time": sight.flagged(HOLDS_TIME),
        "holds_name": sight.flagged(HOLDS_NAME),
    }
    return {
        "length": standardised(np.log1p(columns.spoken)),
        "content": standardised(columns.lengths / np.maximum(columns.spoken, np.float32(1))),
        "told_rarely": standardised(np.log1p(columns.told_rarely)),
        **{name: holds.astype(np.float32) for name, holds in plain.items()},
    }


def _near_the_best(sight: Sight, found: Mapping[str, Floats]) -> Floats:
    """Return how near each event is in meaning to the few that fit best at first guess."""
    guess = first_guess(found)
    count = min(_FED_BACK, len(guess))
    best = np.argpartition(-guess, count - 1)[:count]
    shares = np.exp(guess[best] - guess[best].max())
    return sight.with_both(sight.like(best, shares / shares.sum()))
