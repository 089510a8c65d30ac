"""Compare what was learned from labelled sessions with their labels; a part of ``memory_sessions.py``.

Judges values as a lenient reader would: words in the customer's own voice may be longer or shorter by two fifths, a
person may be named in part, money is compared by amount. Learns nothing itself.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from fleet_runtime.learning.names import same_person
from fleet_runtime.learning.quantities import same_quantity
from fleet_runtime.learning.reading.rules import SEVERAL_AT_ONCE
from fleet_runtime.records import Commitment, Event

LIKE_ENOUGH = 0.6
L = TypeVar("L")
ARTICLES = re.compile(r"^(?:(?:the|a|an|our|their|his|her)\s+)+", re.IGNORECASE)


class Said(NamedTuple):
    """A key and its value."""

    key: str
    value: str | None


class Row(BaseModel):
    """One labelled message."""

    session: str
    id: str
    account: str
    at: datetime
    kind: str
    author: str
    text: str
    facts: list[tuple[str, str | None, str]] = []
    commitments: list[tuple[str, str, str]] = []
    closes: list[str] = []

    @property
    def event(self) -> Event:
        """Return it as an event of an account."""
        return Event(id=self.id, at=self.at, kind=self.kind, author=self.author, text=self.text)


def same_words(one: str, other: str) -> bool:
    """Tell whether two pieces of text are the same, or one holds the other and is not much longer."""
    mine, yours = (ARTICLES.sub("", text.casefold().strip(" .,;:!?\"'")).split() for text in (one, other))
    shorter, longer = sorted((mine, yours), key=len)
    if not shorter:
        return not longer
    inside = f" {' '.join(shorter)} " in f" {' '.join(longer)} "
    return inside and len(shorter) >= LIKE_ENOUGH * len(longer)


def same(one: Said, other: Said, kinds: dict[str, str]) -> bool:
    """Tell whether two pairs of key and value say the same."""
    if one.key != other.key or one.value is None or other.value is None:
        return one == other
    match kinds[one.key]:
        case "person":
            return same_person(one.value, other.value)
        case "money" | "count" | "percent":
            return one.value == other.value or same_quantity(one.value, other.value)
        case "date":
            return one.value == other.value
        case _:
            return same_words(one.value, other.value)


@dataclass(slots=True)
class Tally:
    """What was labelled, got right and taken wrongly, by key; and the texts of the misses."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    shown: list[str] = field(default_factory=list)

    def add(self, row: Row, taken: Iterable[tuple[Said, bool]], labels: Sequence[Said], kinds: dict[str, str]) -> None:
        """Compare what one message gave with its labels; pairs marked True repeat what holds already."""
        left = list(labels)
        wrong: list[Said] = []
        for pair, repeats in taken:
            label = next((item for item in left if same(pair, item, kinds)), None)
            if label is not None:
                left.remove(label)
                self.counts[label.key]["right"] += 1
            elif not repeats:
                wrong.append(pair)
                self.counts[pair.key]["wrong"] += 1
        for label in left:
            self.counts[label.key]["missed"] += 1
        if left or wrong:
            self.shown.append(f"  {row.id} {row.author}: {row.text}\n      missed {pairs(left)}  wrong {pairs(wrong)}")

    def total(self) -> Counter[str]:
        """Return the counts over all keys."""
        return sum(self.counts.values(), Counter[str]())


def pairs(items: Sequence[Said]) -> str:
    """Say pairs of key and value in one line."""
    return ", ".join(f"{item.key}={item.value}" for item in items) or "-"


def shares(counts: Counter[str]) -> tuple[float, float]:
    """Return precision and recall."""
    right = counts["right"]
    return right / max(right + counts["wrong"], 1), right / max(right + counts["missed"], 1)


class Truth:
    """What the labels say holds, as a session goes on."""

    def __init__(self, kinds: dict[str, str]) -> None:
        """Begin with nothing."""
        self._kinds = kinds
        self._last: dict[str, list[Said]] = defaultdict(list)

    def repeats(self, pair: Said) -> bool:
        """Tell whether a pair says what the labels have said already, and not taken back."""
        return any(same(pair, said, self._kinds) for said in self._last[pair.key])

    def take(self, labels: Iterable[Said]) -> None:
        """Take in a message's labels."""
        for label in labels:
            if label.value is None or label.key not in SEVERAL_AT_ONCE:
                self._last[label.key].clear()
            self._last[label.key].append(label)


def same_promise(label: tuple[str, str, str], promise: Commitment) -> bool:
    """Tell whether a promise is the labelled one: task, owner and day."""
    task, owner, due = label
    return same_words(task, promise.task) and same_person(owner, promise.owner) and due == promise.due


def matched(labels: Sequence[L], found: Sequence[Commitment], alike: Callable[[L, Commitment], bool]) -> Counter[str]:
    """Count what was right, missed and wrong."""
    left = list(found)
    counts: Counter[str] = Counter()
    for label in labels:
        hit = next((one for one in left if alike(label, one)), None)
        counts["right" if hit is not None else "missed"] += 1
        if hit is not None:
            left.remove(hit)
    counts["wrong"] += len(left)
    return counts
