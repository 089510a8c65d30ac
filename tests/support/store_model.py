"""One account of a store, as a person would keep it in a notebook: what any order of verbs must come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from fleet_runtime.records import (
    AccountChange,
    AccountKey,
    AccountState,
    Commitment,
    Digest,
    Event,
    Fact,
    Pin,
    Turn,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class Model:
    """One account, as a person would keep it in a notebook."""

    version: int = 0
    opened: bool = False
    events: dict[str, Event] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    commitments: dict[str, Commitment] = field(default_factory=dict)
    digests: dict[str, Digest] = field(default_factory=dict)
    encoder: str = ""
    vectors: dict[str, bytes] = field(default_factory=dict)
    turns: dict[str, Turn] = field(default_factory=dict)
    awaiting: set[str] = field(default_factory=set)
    lease: tuple[str, datetime] | None = None
    pins: dict[str, Pin] = field(default_factory=dict)

    def state(self, key: AccountKey) -> AccountState:
        return AccountState(
            key=key,
            version=self.version,
            events=tuple(sorted(self.events.values(), key=lambda event: (event.at, event.id))),
            facts=tuple(sorted(self.facts.values(), key=lambda fact: (fact.known_from, fact.id))),
            commitments=tuple(sorted(self.commitments.values(), key=lambda promise: (promise.at, promise.id))),
            digests=tuple(digest for _, digest in sorted(self.digests.items())),
            turns=tuple(self.turns.values()),
            pins=tuple(pin for _, pin in sorted(self.pins.items())),
        )

    def is_repeat(self, change: AccountChange) -> bool:
        return (
            change.finishes is None
            and bool(change.events or change.learned_events)
            and all(event.id in self.events for event in change.events)
            and not self.awaiting.intersection(change.learned_events)
        )

    def refuses(self, change: AccountChange) -> bool:
        turn = self.turns.get(change.finishes or "")
        return (
            change.seen_version != self.version
            or (change.lease_owner is not None and (self.lease is None or self.lease[0] != change.lease_owner))
            or (change.finishes is not None and (turn is None or turn.state == "done"))
        )

    def embedded(self, encoder: str) -> dict[str, bytes]:
        return self.vectors if encoder == self.encoder else {}

    def open(self, floor: int) -> None:
        """Begin; versions count on from the last one of any erased account."""
        if not self.opened:
            self.opened, self.version = True, floor

    def apply(self, change: AccountChange, floor: int) -> None:
        self.open(floor)
        self.version += 1
        new = {event.id: event for event in change.events if event.id not in self.events}
        self.events |= new
        self.facts |= {fact.id: fact for fact in (*change.learned.facts, *change.learned.closed)}
        self.commitments |= {promise.id: promise for promise in change.learned.commitments}
        self.digests |= {digest.id: digest for digest in change.digests}
        self.awaiting -= set(change.learned_events)
        self.awaiting |= set(change.learn_later) & set(new)
        self.pins |= {one.role: Pin(role=one.role, content_hash=one.content_hash, since=NOON) for one in change.pinned}
        if change.finishes is not None:
            done = self.turns[change.finishes].model_copy(update={"state": "done", "reply": change.reply})
            self.turns[change.finishes] = done
