"""Accounts' rows as they were last read, each good while its account's number and version stand. Reads nothing itself.

A version moves with every change, whoever makes it, so a state that was kept is never older than what is stored.
Messages come in without a new version, and turns are given up or taken up again without one: what was accepted beyond
the last turn that is kept, and what had no reply when it was kept, is read afresh. Whoever
began a turn just now has seen what was stored in the same transaction, and need not look again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import datetime
from typing import Any, NamedTuple

from fleet_runtime.records import AccountChange, AccountKey, AccountState, Commitment, Event, Fact, Pin, Turn

MOST_ROWS = 300_000
"""Rows kept in all; about a kilobyte each."""

SEEN_FOR_SECONDS = 0.25
"""How long what a turn's beginning saw passes for what is stored, once."""


class Place(NamedTuple):
    """Where an account's rows stand, and how often it was changed."""

    number: int
    version: int

    @property
    def stamp(self) -> int:
        """Return one number that no other state of any account has."""
        return (self.number << 32) + self.version


class Kept(NamedTuple):
    """An account's rows and where they stood."""

    place: Place
    state: AccountState

    @property
    def last_sequence(self) -> int:
        """Return the sequence of the last turn that is kept; 0 for none."""
        return self.state.turns[-1].sequence if self.state.turns else 0

    @property
    def unsettled(self) -> tuple[int, ...]:
        """Return the sequences of the turns that have no reply."""
        return tuple(turn.sequence for turn in self.state.turns if turn.reply is None)


class StateCache:
    """The accounts read last, up to a number of rows in all."""

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        """Keep nothing yet."""
        self._most_rows = most_rows
        self._rows = 0
        self._kept: OrderedDict[AccountKey, Kept] = OrderedDict()
        self._seen: dict[AccountKey, float] = {}

    def get(self, key: AccountKey) -> Kept | None:
        """Return what is kept of an account, or None."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: AccountKey, kept: Kept) -> None:
        """Keep an account's rows; those read longest ago make room."""
        self._put(key, kept)
        self.unseen(key)

    def drop(self, key: AccountKey) -> None:
        """Forget an account."""
        self._seen.pop(key, None)
        known = self._kept.pop(key, None)
        if known is not None:
            self._rows -= _size(known.state)

    def began(self, turn: Turn, place: Place) -> None:
        """Follow a turn that was begun where its account stood at ``place``, and remember that this was seen."""
        kept = self.get(turn.key)
        if kept is None and (turn.sequence, place.version) == (1, 0):
            kept = Kept(place, AccountState(key=turn.key))
        self.unseen(turn.key)
        if kept is None or kept.place != place or kept.last_sequence + 1 != turn.sequence or kept.unsettled:
            return
        turns = (*kept.state.turns, turn)
        self._put(turn.key, Kept(place, kept.state.model_copy(update={"turns": turns})))
        self._seen[turn.key] = time.monotonic() + SEEN_FOR_SECONDS

    def unseen(self, key: AccountKey) -> None:
        """Take note that something came in that was not followed here."""
        self._seen.pop(key, None)

    def just_seen(self, key: AccountKey) -> AccountState | None:
        """Return the rows as the beginning of a turn saw them just now, once; else None."""
        until = self._seen.pop(key, None)
        kept = self._kept.get(key)
        return kept.state if until is not None and kept is not None and time.monotonic() < until else None

    def applied(self, change: AccountChange, version: int) -> None:
        """Follow a change that was written and made ``version``; what was kept of another version is forgotten."""
        kept = self.get(change.key)
        if kept is None or version == kept.place.version:
            return
        state = changed(kept.state, change, version) if kept.place.version == change.seen_version else None
        if state is None:
            self.drop(change.key)
        else:
            self._put(change.key, Kept(kept.place._replace(version=version), state))

    def _put(self, key: AccountKey, kept: Kept) -> None:
        """Keep an account's rows; those read longest ago make room."""
        known = self._kept.get(key)
        self._kept[key] = kept
        self._kept.move_to_end(key)
        self._rows += _size(kept.state) - (0 if known is None else _size(known.state))
        while self._rows > self._most_rows and self._kept:
            self.drop(next(iter(self._kept)))


def changed(state: AccountState, change: AccountChange, version: int) -> AccountState | None:
    """Return the rows after a change; None where it finishes a turn that is not among them."""
    news: dict[str, Any] = {"version": version}
    if change.finishes is not None:
        turns = finished(state.turns, change)
        if turns is None:
            return None
        news["turns"] = turns
    if change.events:
        known = {event.id for event in state.events}
        fresh = {event.id: event.model_copy(update={"operations": None}) for event in reversed(change.events)}
        events = (*state.events, *(event for event in fresh.values() if event.id not in known))
        news["events"] = tuple(sorted(events, key=_by_time))
    if change.learned.facts or change.learned.closed:
        news["facts"] = tuple(sorted((*_closed(state.facts, change), *change.learned.facts), key=_by_knowledge))
    if change.learned.commitments:
        commitments = {one.id: one for one in (*state.commitments, *change.learned.commitments)}
        news["commitments"] = tuple(sorted(commitments.values(), key=_by_time))
    if change.digests:
        digests = {one.id: one for one in (*state.digests, *change.digests)}
        news["digests"] = tuple(digests[name] for name in sorted(digests))
    if change.pinned:
        news["pins"] = pinned(state.pins, change)
    return state.model_copy(update=news)


def finished(turns: tuple[Turn, ...], change: AccountChange) -> tuple[Turn, ...] | None:
    """Return the turns with the change's reply on the one that it finishes; None if that is not among them."""
    for at in range(len(turns) - 1, -1, -1):
        if turns[at].id == change.finishes:
            done = turns[at].model_copy(update={"state": "done", "reply": change.reply})
            return (*turns[:at], done, *turns[at + 1 :])
    return None


def pinned(pins: tuple[Pin, ...], change: AccountChange) -> tuple[Pin, ...]:
    """Return the pins after a change, by role."""
    by_role = {pin.role: pin for pin in pins}
    for one in change.pinned:
        by_role[one.role] = Pin(role=one.role, content_hash=one.content_hash, since=change.now)
    return tuple(by_role[role] for role in sorted(by_role))


def _closed(facts: tuple[Fact, ...], change: AccountChange) -> tuple[Fact, ...]:
    """Return stored facts with the ends that a change gives them."""
    ends = {fact.id: fact for fact in change.learned.closed}
    if not ends:
        return facts
    return tuple(
        fact.model_copy(update={"valid_to": ends[fact.id].valid_to, "known_to": ends[fact.id].known_to})
        if fact.id in ends
        else fact
        for fact in facts
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
