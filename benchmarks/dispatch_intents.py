"""Public intent sets as staffs: a role per intent, with its name as the summary and five of its messages as examples.

The files are given by path and never come with this repository. What counts as the answer is the best candidate, since
every message that is measured has an owner.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from dispatch_metrics import Share

from fleet_runtime.contracts import Role, Staff, Value
from fleet_runtime.ports import Embedder
from fleet_runtime.routing import RouteQuery, VectorTable, build_index, route

SHOTS = 5
MEASURED = 1_500
SEED = 5

Told = tuple[str, str]
"""A message and its intent."""


class IntentSet(Value):
    """Messages to draw examples from, and messages to measure."""

    train: tuple[Told, ...]
    test: tuple[Told, ...]

    def staff(self, seed: int = SEED) -> Staff:
        """Return a role per intent, its examples drawn at random."""
        by_intent: dict[str, list[str]] = {}
        for text, intent in self.train:
            by_intent.setdefault(intent, []).append(text)
        chance = random.Random(seed)  # noqa: S311 - no secret
        roles = tuple(
            Role(
                role_class=intent,
                title=intent,
                summary=intent.replace("_", " "),
                mandate=(),
                boundaries=(),
                examples=tuple(chance.sample(texts, min(SHOTS, len(texts)))),
                content_hash=intent,
            )
            for intent, texts in sorted(by_intent.items())
        )
        return Staff(roles=roles, lead=roles[0].role_class)

    def sample(self, seed: int = SEED) -> Sequence[Told]:
        """Return the messages to measure: all, or so many at random."""
        return random.Random(seed).sample(self.test, min(MEASURED, len(self.test)))  # noqa: S311 - no secret


def load_clinc(file: Path) -> IntentSet:
    """Read CLINC150 (``data_full.json`` or ``data_small.json``); its out-of-scope messages are left out."""
    found: Mapping[str, list[list[str]]] = json.loads(file.read_text(encoding="utf-8"))
    return IntentSet(train=_pairs(found["train"]), test=_pairs(found["test"]))


def load_banking(folder: Path) -> IntentSet:
    """Read Banking77: ``train.csv`` and ``test.csv``, each with the columns ``text`` and ``category``."""
    return IntentSet(train=_table(folder / "train.csv"), test=_table(folder / "test.csv"))


def load_hwu(folder: Path) -> IntentSet:
    """Read HWU64: folders ``train`` and ``test``, each with ``seq.in`` and ``label``, a line a message."""
    return IntentSet(train=_split(folder / "train"), test=_split(folder / "test"))


def _pairs(rows: Sequence[Sequence[str]]) -> tuple[Told, ...]:
    """Read pairs of text and intent."""
    return tuple((row[0], row[1]) for row in rows)


def _table(file: Path) -> tuple[Told, ...]:
    """Read a table of comma-separated values."""
    with file.open(encoding="utf-8", newline="") as handle:
        return tuple((row["text"], row["category"]) for row in csv.DictReader(handle))


def _split(folder: Path) -> tuple[Told, ...]:
    """Read two files of as many lines."""
    texts, labels = ((folder / name).read_text(encoding="utf-8").splitlines() for name in ("seq.in", "label"))
    return tuple((text.strip(), label.strip()) for text, label in zip(texts, labels, strict=True))


async def five_shot(given: IntentSet, embedder: Embedder | None) -> Share:
    """Count for how many messages the best candidate is the right one."""
    index = build_index(given.staff())
    vectors = VectorTable(await embedder.embed(index.texts()), encoder=embedder.name) if embedder else None
    right = 0
    messages = given.sample()
    for text, intent in messages:
        query = RouteQuery(text=text)
        if embedder:
            query = query.model_copy(update={"message_vectors": tuple(await embedder.embed(query.texts()))})
        candidates = route(query, index, vectors=vectors, decision_id="").candidates
        right += bool(candidates) and candidates[0].role == intent
    return Share(right=right, of=len(messages))
