"""The account's commitments while events are learned: which are open, which one a text means, what became of them.

A promise is meant by its words, not by an id: people say "the questionnaire went out". Pure; a promise
that is not clearly meant stays open.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fleet_runtime.learning.names import same_person
from fleet_runtime.lexical import stems, words
from fleet_runtime.records import Commitment, Event

_ARTICLES = frozenset({"a", "an", "the"})
_SAME_TASK = 0.6


class Promises:
    """The commitments as they stand while a batch is learned."""

    def __init__(self, stored: Iterable[Commitment] = ()) -> None:
        """Open the book on the stored rows."""
        self._rows = {row.id: row for row in stored}
        self._changed: dict[str, Commitment] = {}

    @property
    def changed(self) -> tuple[Commitment, ...]:
        """Return the rows that are new or were updated, each once, as they now stand."""
        return tuple(self._changed.values())

    def open_at(self, moment: datetime) -> tuple[Commitment, ...]:
        """Return those made by a moment that nothing has closed, by time and then by id."""
        rows = (row for row in self._rows.values() if row.state == "open" and row.at <= moment)
        return tuple(sorted(rows, key=lambda row: (row.at, row.id)))

    def make(self, new: Commitment) -> None:
        """Take in a new promise; an id that is known already is the same promise."""
        if new.id not in self._rows:
            self.update(new)

    def update(self, row: Commitment) -> None:
        """Keep a row as it now stands."""
        self._rows[row.id] = self._changed[row.id] = row

    def close(self, task: str, event: Event, *, owner: str = "") -> None:
        """Mark the open promise that ``task`` means as kept by an event; nothing where none is clearly meant.

        Promises in the same words are closed together.
        """
        for row in meant_by(task, self.open_at(event.at), owner=owner):
            self.update(row.model_copy(update={"state": "done", "closed_at": event.at, "closed_by": event.id}))


def meant_by(task: str, candidates: Iterable[Commitment], *, owner: str = "") -> tuple[Commitment, ...]:
    """Return the promises that a task's words mean.

    Args:
        task: What was done, in words.
        candidates: The promises that may be meant.
        owner: Who did it; it decides among promises that are equally near, and bars none.

    Returns:
        All in the same words (regardless of case and articles); else the one whose words overlap most, if enough do;
        else none.
    """
    rows = tuple(candidates)
    plain = _plain(task)
    same = tuple(row for row in rows if plain and _plain(row.task) == plain)
    if same:
        return same
    near = [(_overlap(task, row.task), bool(owner) and same_person(owner, row.owner), row) for row in rows]
    best = max(near, key=lambda item: item[:2], default=None)
    return (best[2],) if best is not None and best[0] >= _SAME_TASK else ()


def _plain(task: str) -> list[str]:
    """Return a task's words in small letters, without articles."""
    return [word for word in words(task) if word not in _ARTICLES]


def _overlap(one: str, other: str) -> float:
    """Tell how much of two tasks' words they share (0..1, by stems, no stop words); one word alone is too little."""
    mine, yours = frozenset(stems(one)), frozenset(stems(other))
    shared = len(mine & yours)
    return 2 * shared / (len(mine) + len(yours)) if shared > 1 else 0.0
