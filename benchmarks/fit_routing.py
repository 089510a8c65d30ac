"""Fit the dispatcher's weights on labelled messages, and say by cross-validation how well that works.

Run: ``python benchmarks/fit_routing.py [--transfer FILE --transfer-roles FOLDER] [--write]``. The weights are fitted on
the committed customer desk's dev messages and never on its held-out ones. ``--transfer`` measures the same weights, as
they are, on other roles and messages: first by the role texts alone, then with the messages of the other four
folds as examples. ``--write`` replaces the shipped ``weights.json``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from dispatch import DATA, Message, decide, load, load_staff, rows

from fleet_runtime.contracts import Staff
from fleet_runtime.decisions import Decision
from fleet_runtime.embedding import load_embedder
from fleet_runtime.ports import Embedder
from fleet_runtime.routing import RoutingIndex, VectorTable, build_index
from fleet_runtime.routing import weights as shipped
from fleet_runtime.routing.similarity import dense_nearness, lexical_nearness
from fleet_runtime.routing.weighing import Evidence, Outcome
from fleet_runtime.routing.weights import Cuts, Weights, WeightSet, shipped_weights
from fleet_runtime.settings import Settings
from fleet_runtime.weights import cache_folder

FOLDS = 5
STEPS = 500
RATE = 0.08
Measure = Literal["with_vectors", "words_only"]
PENALTY: dict[Measure, float] = {"with_vectors": 0.0003, "words_only": 0.0003}
CUTS = Cuts(boundary=0.4, onward=0.75, shortlist=0.5, front=0.5, nobody=0.4)
BIAS_PENALTY = 0.0003


class Example:
    """A message's possible outcomes as features, and which of them are right."""

    def __init__(self, message: Message, outcomes: Sequence[Outcome]) -> None:
        """Label the outcomes."""
        self.message = message
        self.features = [outcome.features for outcome in outcomes]
        self.right = [_is_right(message, outcome) for outcome in outcomes]


def _is_right(message: Message, outcome: Outcome) -> bool:
    """Say whether an outcome is what the label asks for."""
    if message.verdict == "decline" or outcome.kind == "refused":
        return message.verdict == "decline" and outcome.kind == "refused"
    return (outcome.role or "none") in message.expected


async def examples(messages: Sequence[Message], index: RoutingIndex, embedder: Embedder | None) -> list[Example]:
    """Measure every message against the index; one whose right outcome is not among the possible ones is left out."""
    vectors = VectorTable(await embedder.embed(index.texts())) if embedder else None
    found: list[Example] = []
    for message in messages:
        query = message.query()
        if embedder:
            query = query.model_copy(update={"message_vectors": tuple(await embedder.embed(query.texts()))})
        evidence = Evidence(query, index, lexical_nearness(query, index), dense_nearness(query, index, vectors))
        example = Example(message, evidence.outcomes(message.active_role))
        if any(example.right):
            found.append(example)
    return found


def fit(data: Sequence[Example], penalty: float) -> dict[str, float]:
    """Maximise the likelihood of the right outcomes (a softmax over each message's own), by Adam, with L2."""
    names = sorted({name for example in data for features in example.features for name in features})
    column = {name: number for number, name in enumerate(names)}
    widest = max(len(example.features) for example in data)
    values = np.zeros((len(data), widest, len(names)))
    mask = np.full((len(data), widest), -1e9)
    right = np.zeros((len(data), widest), dtype=bool)
    for row, example in enumerate(data):
        for place, features in enumerate(example.features):
            mask[row, place] = 0.0
            right[row, place] = example.right[place]
            for name, value in features.items():
                values[row, place, column[name]] = value
    penalties = np.array([BIAS_PENALTY if name.endswith(("bias", "front")) else penalty for name in names])
    weights, mean, square = (np.zeros(len(names)) for _ in range(3))
    for step in range(1, STEPS + 1):
        logits = values @ weights + mask
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        wanted = np.where(right, shares, 0.0)
        wanted /= wanted.sum(axis=1, keepdims=True) + 1e-12
        gradient = np.einsum("mo,mof->f", (shares - wanted) / len(data), values) + penalties * weights
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient * gradient
        weights -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return {name: round(float(weight), 2) for name, weight in zip(names, weights, strict=True)}


def folds(messages: Sequence[Message], seed: int) -> dict[str, int]:
    """Spread every kind evenly over the folds."""
    by_kind: dict[str, list[Message]] = {}
    for message in random.Random(seed).sample(list(messages), len(messages)):  # noqa: S311 - no secret
        by_kind.setdefault(message.kind, []).append(message)
    ordered = [message for group in by_kind.values() for message in group]
    return {message.id: number % FOLDS for number, message in enumerate(ordered)}


def weights_of(features: dict[str, float], fitted: dict[str, str] | None = None) -> Weights:
    """Wrap one model's features so that an index takes them for both measures."""
    one = WeightSet(features=features, cuts=CUTS)
    return Weights(fitted=fitted or {}, with_vectors=one, words_only=one)


async def cross_validated(
    crew: Staff, messages: Sequence[Message], embedder: Embedder | None, penalty: float
) -> list[Example]:
    """Print what weights fitted on four folds do on the fifth, joined over the folds; return all examples.

    A message that stands as an example in a contract is measured without that example: it never meets itself.
    """
    fold_of = folds(messages, seed=1)
    parts = [[message for message in messages if fold_of[message.id] == fold] for fold in range(FOLDS)]
    crews = [without(crew, part) for part in parts]
    data = [await examples(part, build_index(seen), embedder) for part, seen in zip(parts, crews, strict=True)]
    decisions: dict[str, Decision] = {}
    for fold, (part, seen) in enumerate(zip(parts, crews, strict=True)):
        fitted = fit([one for number, others in enumerate(data) if number != fold for one in others], penalty)
        found, _ = await decide(part, build_index(seen, weights=weights_of(fitted)), embedder)
        decisions.update({decision.id: decision for decision in found})
    report("customer desk dev, cross-validated", messages, decisions)
    return [one for part in data for one in part]


def without(crew: Staff, messages: Sequence[Message]) -> Staff:
    """Take the messages out of all examples in the contracts."""
    hidden = {message.text for message in messages}

    def kept(texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(text for text in texts if text not in hidden)

    roles = tuple(
        role.model_copy(
            update={
                "examples": kept(role.examples),
                "boundaries": tuple(
                    boundary.model_copy(update={"examples": kept(boundary.examples)}) for boundary in role.boundaries
                ),
            }
        )
        for role in crew.roles
    )
    return crew.model_copy(update={"roles": roles})


async def transferred(crew: Staff, messages: Sequence[Message], weights: Weights, embedder: Embedder | None) -> None:
    """Print what the weights do on roles they were not fitted on, without and with examples of those roles."""
    alone, _ = await decide(messages, build_index(crew, weights=weights), embedder)
    report("other roles, no examples", messages, {decision.id: decision for decision in alone})
    fold_of = folds(messages, seed=0)
    decisions: dict[str, Decision] = {}
    for fold in range(FOLDS):
        shown = [one for one in messages if fold_of[one.id] != fold and one.kind != "adversarial"]
        index = build_index(with_examples(crew, shown), weights=weights)
        found, _ = await decide([one for one in messages if fold_of[one.id] == fold], index, embedder)
        decisions.update({decision.id: decision for decision in found})
    report("other roles, examples from the other folds", messages, decisions)


def with_examples(crew: Staff, messages: Sequence[Message]) -> Staff:
    """Give each role the messages that belong to it as its examples."""
    roles = tuple(
        role.model_copy(update={"examples": tuple(one.text for one in messages if role.role_class in one.expected)})
        for role in crew.roles
    )
    return crew.model_copy(update={"roles": roles})


def report(title: str, messages: Sequence[Message], decisions: dict[str, Decision]) -> None:
    """Print one table."""
    print(title)
    print(*rows(messages, [message.is_right(decisions[message.id]) for message in messages]), sep="\n", end="\n\n")


async def main() -> None:
    """Fit, cross-validate, and write if asked to."""
    parser = argparse.ArgumentParser(description="Fit the dispatcher's weights.")
    parser.add_argument("--transfer", type=Path, help="labelled messages of other roles")
    parser.add_argument("--transfer-roles", type=Path, help="the folder of those roles")
    parser.add_argument("--write", action="store_true", help="replace the shipped weights")
    options = parser.parse_args()
    crew = load_staff(None, "customer")
    messages = load(DATA / "customer_desk_dev.jsonl")
    embedder = await load_embedder(Settings(), cache_folder(os.environ))
    measures: dict[Measure, Embedder | None] = {"words_only": None}
    if embedder:
        measures["with_vectors"] = embedder
    models: dict[str, Any] = shipped_weights().model_dump()
    for measure, encoder in measures.items():
        print(f"== {measure}")
        features = fit(await cross_validated(crew, messages, encoder, PENALTY[measure]), PENALTY[measure])
        models[measure] = WeightSet(features=features, cuts=CUTS).model_dump()
        if options.transfer and options.transfer_roles:
            others = load_staff(options.transfer_roles, "")
            await transferred(others, load(options.transfer), weights_of(features), encoder)
    models["fitted"] = {
        "by": "benchmarks/fit_routing.py",
        "on": f"tests/data/routing/customer_desk_dev.jsonl ({len(messages)} messages) and the shipped roles",
        "how": "softmax regression over the possible outcomes of each message, L2 penalty, 500 steps of Adam",
        "penalty": ", ".join(f"{name} {value}" for name, value in PENALTY.items()),
        "cuts": "chosen on the cross-validated decisions of the same messages",
    }
    if options.write:
        file = Path(shipped.__file__).with_name("weights.json")
        file.write_text(json.dumps(models, indent=2) + "\n", encoding="utf-8")
        print(f"written: {file.name}")


if __name__ == "__main__":
    asyncio.run(main())
