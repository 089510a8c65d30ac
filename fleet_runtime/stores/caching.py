"""Accounts' rows as they were last read, each good while its account's number and version stand. Reads nothing itself.

A version moves with every change, whoever makes it, so a state that was kept is never older than what is stored.
Turns come in without a new version: those beyond the last one known to be done, and pins, are read afresh.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import NamedTuple

from fleet_runtime.records import AccountChange, AccountKey, AccountState, Commitment, Event, Fact, Turn
from fleet_runtime.stores.queries import Place

MOST_ROWS = 300_000
"""Rows kept in all; about a kilobyte each."""


class Kept(NamedTuple):
    """An account's rows and where they stood."""

    place: Place
    state: AccountState

    @property
    def settled(self) -> tuple[Turn, ...]:
        """Return the turns up to the first that is not done: they change no more."""
        turns = self.state.turns
        return turns[: next((at for at, turn in enumerate(turns) if turn.reply is None), len(turns))]


class StateCache:
    """The accounts read last, up to a number of rows in all."""

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        """Keep nothing yet."""
        self._most_rows = most_rows
        self._rows = 0
        self._kept: OrderedDict[AccountKey, Kept] = OrderedDict()

    def get(self, key: AccountKey) -> Kept | None:
        """Return what is kept of an account, or None."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: AccountKey, kept: Kept) -> None:
        """Keep an account's rows; those read longest ago make room."""
        self.drop(key)
        self._kept[key] = kept
        self._rows += _size(kept.state)
        while self._rows > self._most_rows and self._kept:
            _, dropped = self._kept.popitem(last=False)
            self._rows -= _size(dropped.state)

    def drop(self, key: AccountKey) -> None:
        """Forget an account."""
        known = self._kept.pop(key, None)
        if known is not None:
            self._rows -= _size(known.state)

    def applied(self, change: AccountChange, version: int) -> None:
        """Follow a change that was written and made ``version``; what was kept of another version is forgotten."""
        kept = self.get(change.key)
        if kept is None or version == kept.place.version:
            return
        if kept.place.version != change.seen_version:
            self.drop(change.key)
            return
        self.put(change.key, Kept(kept.place._replace(version=version), changed(kept.state, change, version)))


def changed(state: AccountState, change: AccountChange, version: int) -> AccountState:
    """Return the rows after a change, with turns and pins as they were."""
    ends = {fact.id: fact for fact in change.learned.closed}
    facts = state.facts
    if ends:
        facts = tuple(
            fact.model_copy(update={"valid_to": ends[fact.id].valid_to, "known_to": ends[fact.id].known_to})
            if fact.id in ends
            else fact
            for fact in facts
        )
    known = {event.id for event in state.events}
    fresh = {event.id: event.model_copy(update={"operations": None}) for event in reversed(change.events)}
    events = (*state.events, *(event for event in fresh.values() if event.id not in known))
    commitments = {one.id: one for one in (*state.commitments, *change.learned.commitments)}
    digests = {one.id: one for one in (*state.digests, *change.digests)}
    return state.model_copy(
        update={
            "version": version,
            "events": tuple(sorted(events, key=_by_time)),
            "facts": tuple(sorted((*facts, *change.learned.facts), key=_by_knowledge)),
            "commitments": tuple(sorted(commitments.values(), key=_by_time)),
            "digests": tuple(digests[name] for name in sorted(digests)),
        }
    )


def _by_time(value: Event | Commitment) -> tuple[datetime, str]:
    """Order by time, then by id."""
    return value.at, value.id


def _by_knowledge(fact: Fact) -> tuple[datetime, str]:
    """Order by when a fact was known, then by id."""
    return fact.known_from, fact.id


def _size(state: AccountState) -> int:
    """Return how many rows a state holds."""
    return len(state.events) + len(state.facts) + len(state.commitments) + len(state.turns)
