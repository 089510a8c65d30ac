"""Labelled messages and the staff they are asked of: what all measurements of the dispatcher share."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from fleet_runtime.contracts import Staff, Value
from fleet_runtime.decisions import Decision, Verdict
from fleet_runtime.documents import layers, load_profile, load_roles, staff
from fleet_runtime.ports import Embedder, Vector
from fleet_runtime.routing import Labelled, RouteQuery

ADVERSARIAL = "adversarial"
DATA = Path(__file__).resolve().parent.parent / "tests" / "data" / "routing"


class Message(Value):
    """One labelled message. ``expected`` are the classes that count as right, or ``none``."""

    id: str
    text: str
    active_role: str | None
    expected: tuple[str, ...]
    kind: str
    verdict: Verdict | None = None
    history: tuple[str, ...] = ()

    def query(self) -> RouteQuery:
        """Ask the dispatcher about it."""
        return RouteQuery(text=self.text, active_role=self.active_role, history=self.history)

    def labelled(self) -> Labelled:
        """Return it as an example that teaches the dispatcher."""
        return Labelled(text=self.text, active_role=self.active_role, expected=self.expected)

    def is_right(self, decision: Decision) -> bool:
        """Say whether the decision is one that the label allows; declining is right only where it is asked for."""
        if self.verdict == "decline" or decision.verdict == "decline":
            return self.verdict == decision.verdict
        return (decision.choice or "none") in self.expected


class Remembered:
    """An `Embedder` that embeds each text once: folds share most of their texts."""

    def __init__(self, embedder: Embedder) -> None:
        """Stand before another embedder."""
        self._embedder = embedder
        self.known: dict[str, Vector] = {}

    @property
    def name(self) -> str:
        """Return the encoder's name."""
        return self._embedder.name

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return one unit vector per text."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        self.known.update(zip(new, await self._embedder.embed(new), strict=True))
        return [self.known[text] for text in texts]


def load(file: Path) -> tuple[Message, ...]:
    """Read one labelled file."""
    return tuple(Message.model_validate(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())


def load_staff(folder: Path | None, profile: str) -> Staff:
    """Staff the profile from the shipped roles, or all roles of a folder with the first as lead."""
    if folder is None:
        return staff(load_roles(layers("roles", None)), load_profile(profile, layers("profiles", None)))
    roles = tuple(load_roles([folder]).values())
    return Staff(roles=roles, lead=roles[0].role_class)


def folds(messages: Sequence[Message], count: int, seed: int) -> Iterator[tuple[list[Message], list[Message]]]:
    """Give pairs of messages to learn from and to measure, with every kind spread evenly over the folds.

    Adversarial messages are measured and never learned from: their right answer is the owner or nobody.
    """
    by_kind: dict[str, list[Message]] = {}
    for message in random.Random(seed).sample(list(messages), len(messages)):  # noqa: S311 - no secret
        by_kind.setdefault(message.kind, []).append(message)
    ordered = [message for group in by_kind.values() for message in group]
    fold_of = {message.id: number % count for number, message in enumerate(ordered)}
    for fold in range(count):
        learned = [one for one in messages if fold_of[one.id] != fold and one.kind != ADVERSARIAL]
        yield learned, [one for one in messages if fold_of[one.id] == fold]


def without(crew: Staff, messages: Sequence[Message]) -> Staff:
    """Take the messages out of all examples in the contracts: what is measured never meets itself."""
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
