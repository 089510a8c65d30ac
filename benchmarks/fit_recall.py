"""Fit the weights by which recall joins the signs of an event, and say by leaving out how well that works.

Run: ``python benchmarks/fit_recall.py --data PATH [--write]``. The data are LoCoMo conversations (see `locomo_data`).
Fitted is one linear model over the signs of `fleet_runtime.recall.fusion`, with vectors and by words alone: each
event that answers is to stand before all events that do not. ``--write`` replaces what ships by weights fitted on all
conversations given; the printed figures are of weights that saw nothing of the conversation they rank.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from locomo_data import Conversation, averages, marks, read_conversations

from fleet_runtime.embedding import load_embedder
from fleet_runtime.ports import Embedder, Vector
from fleet_runtime.recall import EventIndex, embedded_text, packed_vector, read_question
from fleet_runtime.recall import fusion as shipped
from fleet_runtime.recall.features import Sight
from fleet_runtime.recall.fusion import Weights, signs
from fleet_runtime.settings import Settings
from fleet_runtime.vector_cache import VectorCache
from fleet_runtime.weights import cache_folder

WEIGHTS = Path(shipped.__file__).with_name("weights.json")
PENALTY = 1e-3
CANDIDATES = 150
STEPS, ENOUGH = 300, 1e-5

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Case(NamedTuple):
    """One question: the signs of all events (a row each), which of them answer, and which the model learns from."""

    conversation: int
    category: str
    signs: npt.NDArray[np.float32]
    answers: Bools
    candidates: npt.NDArray[np.intp]


def sights(conversation: Conversation, vectors: Sequence[Vector] | None, asked: Sequence[Vector] | None) -> list[Sight]:
    """Return what ranking sees of a conversation under each of its questions."""
    rows = EventIndex.of_events(conversation.events).rows
    if vectors is not None:
        rows = rows._replace(vectors=[packed_vector(vector) for vector in vectors])
    columns = EventIndex.of(rows).columns
    end = conversation.events[-1].at
    return [
        Sight(columns, read_question(question.text, end), asked[number] if asked else None)
        for number, question in enumerate(conversation.questions)
    ]


def cases(
    conversations: Sequence[Conversation], embedded: Sequence[tuple[list[Vector], list[Vector]]] | None
) -> tuple[list[str], list[Case]]:
    """Return the names of the signs, and every question with its events; without vectors by words alone."""
    names: list[str] = []
    found: list[Case] = []
    for number, conversation in enumerate(conversations):
        vectors, asked = embedded[number] if embedded else (None, None)
        for sight, question in zip(sights(conversation, vectors, asked), conversation.questions, strict=True):
            seen = signs(sight)
            names = list(seen)
            table = np.stack([seen[name] for name in names], axis=1).astype(np.float32)
            guess = shipped.first_guess(seen)
            candidates = np.sort(np.argsort(-guess, kind="stable")[:CANDIDATES])
            answers = np.array([event.id in question.evidence for event in conversation.events])
            found.append(Case(number, question.category, table, answers, candidates))
    return names, found


def fit(known: Sequence[Case]) -> Floats:
    """Return the weights under which each answer stands best before the other candidates of its question.

    A question with several answers counts as often as it has answers.
    """
    kept = [case for case in known if case.answers[case.candidates].any()]
    table = np.concatenate([case.signs[case.candidates] for case in kept])
    answers = np.concatenate([case.answers[case.candidates] for case in kept])
    of = np.repeat(np.arange(len(kept)), [len(case.candidates) for case in kept])
    told = np.flatnonzero(answers)
    count = len(kept)

    def loss(weights: Floats) -> tuple[float, Floats]:
        """Return the mean loss of all answers, and its slope."""
        scores = (table @ weights.astype(np.float32)).astype(np.float64)
        most = np.full(count, -np.inf)
        np.maximum.at(most, of, scores)
        others = np.where(answers, 0, np.exp(scores - most[of]))
        own = np.exp(scores[told] - most[of[told]])
        total = own + np.bincount(of, weights=others, minlength=count)[of[told]]
        slope = others * np.bincount(of[told], weights=1 / total, minlength=count)[of]
        slope[told] = own / total - 1
        value = float(np.log(total / own).sum() / count + PENALTY * weights @ weights)
        return value, table.T @ slope.astype(np.float32) / count + 2 * PENALTY * weights

    return descend(loss, np.zeros(table.shape[1]))


def descend(loss: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    """Return where a smooth function of few numbers is least (BFGS with halved steps)."""
    at, (value, slope) = start, loss(start)
    inverse = np.eye(len(start))
    for _ in range(STEPS):
        step = -inverse @ slope
        reach = 1.0
        while loss(at + reach * step)[0] > value + 1e-4 * reach * (slope @ step) and reach > ENOUGH:
            reach /= 2
        moved = reach * step
        value, new_slope = loss(at + moved)
        at, bent, slope = at + moved, new_slope - slope, new_slope
        if np.abs(slope).max() < ENOUGH or reach <= ENOUGH:
            break
        if (curve := float(bent @ moved)) > 0:
            turn = np.eye(len(at)) - np.outer(moved, bent) / curve
            inverse = turn @ inverse @ turn.T + np.outer(moved, moved) / curve
    return at


def left_out(known: Sequence[Case]) -> list[Floats]:
    """Return every question's scores by weights fitted on the other conversations."""
    weights = {
        number: fit([case for case in known if case.conversation != number])
        for number in sorted({case.conversation for case in known})
    }
    return [case.signs @ weights[case.conversation] for case in known]


def figures(known: Sequence[Case], scores: Sequence[Floats]) -> dict[str, dict[str, float]]:
    """Return the mean figures of rankings by scores."""
    rows: list[tuple[str, dict[str, float]]] = []
    for case, score in zip(known, scores, strict=True):
        ranked = [str(place) for place in np.argsort(-score, kind="stable")]
        rows.append((case.category, marks(ranked, frozenset(map(str, np.flatnonzero(case.answers))))))
    return averages(rows)


async def embed(conversations: Sequence[Conversation]) -> list[tuple[list[Vector], list[Vector]]]:
    """Return the vectors of each conversation's events and questions, kept between runs.

    Raises: MissingExtra, WeightsError.
    """
    local = await load_embedder(Settings(embeddings="local"), cache_folder(os.environ))
    if local is None:
        return []
    embedder: Embedder = VectorCache(local, cache_folder(os.environ))
    return [
        (
            await embedder.embed([embedded_text(event) for event in conversation.events]),
            await embedder.embed([question.text for question in conversation.questions]),
        )
        for conversation in conversations
    ]


def main() -> None:
    """Fit, print the figures, and write the weights if told to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a LoCoMo file")
    parser.add_argument("--write", action="store_true", help="replace the shipped weights")
    given = parser.parse_args()
    conversations = read_conversations(given.data)
    embedded = asyncio.run(embed(conversations))
    fitted: dict[str, dict[str, float]] = {}
    report: dict[str, object] = {}
    for kind, vectors in (("with_vectors", embedded), ("words_only", None)):
        names, known = cases(conversations, vectors)
        fitted[kind] = {name: round(float(weight), 4) for name, weight in zip(names, fit(known), strict=True)}
        report[kind] = figures(known, left_out(known))
    print(json.dumps({"left out": report, "weights": fitted}, indent=1))
    if given.write:
        how = {
            "by": "benchmarks/fit_recall.py",
            "on": ", ".join(conversation.name for conversation in conversations),
            "questions": str(sum(len(conversation.questions) for conversation in conversations)),
            "penalty": str(PENALTY),
        }
        weights = Weights.model_validate({"fitted": how, **fitted})
        WEIGHTS.write_text(weights.model_dump_json(indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
