"""One account's rows in memory: what `MemoryStore` keeps of it. Pure Python; knows no other account and no lock.

A change is first held against the rows (`refuse`), then written (`write`), and writing cannot fail: so it happens whole
or not at all. What is read comes as tuples that are made once and kept until the next change of their rows.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from fleet_runtime.books import AccountBook
from fleet_runtime.errors import FenceLost, StoreError
from fleet_runtime.records import (
    AccountChange,
    AccountKey,
    AccountState,
    Approval,
    Commitment,
    Digest,
    Event,
    Fact,
    Pin,
    Spent,
    Step,
    Turn,
)
from fleet_runtime.stores.common.caching import Place

_AGAIN = "read the account again and repeat the turn; nothing was written"


class AccountRows:
    """The rows of one account."""

    def __init__(self, key: AccountKey, place: Place) -> None:
        """Begin without rows, where the account is opened."""
        self.key = key
        self.place = place
        self.turns: list[Turn] = []
        self.sequences: dict[str, int] = {}
        self.open_turns: dict[str, int] = {}
        self.events: dict[str, Event] = {}
        self.facts: dict[str, Fact] = {}
        self.commitments: dict[str, Commitment] = {}
        self.digests: dict[str, Digest] = {}
        self.pins: dict[str, Pin] = {}
        self.awaiting: dict[str, datetime] = {}
        self.encoder = ""
        self.vectors: dict[str, bytes] = {}
        self.terms: dict[str, bytes] = {}
        self.steps: dict[str, dict[int, Step]] = {}
        self.approvals: dict[str, Approval] = {}
        self.spent: dict[date, Spent] = {}
        self.traces: dict[str, str] = {}
        self.book = AccountBook(key)
        self._by_time: list[Event] = []
        self._by_knowledge: list[Fact] = []
        self._tuples: dict[str, tuple[Any, ...]] = {}
        self._state: AccountState | None = None

    def accept(self, turn: Turn) -> Turn:
        """Add a message as the next turn."""
        turn = turn.model_copy(
            update={"sequence": len(self.turns) + 1, "state": "accepted", "reply": None, "failure": None}
        )
        self.turns.append(turn)
        self.sequences[turn.id] = turn.sequence
        self.open_turns[turn.id] = turn.sequence
        self._moved("turns")
        return turn

    def turn(self, turn_id: str) -> Turn | None:
        """Return the turn of that id, or None."""
        sequence = self.sequences.get(turn_id)
        return None if sequence is None else self.turns[sequence - 1]

    def unfinished(self) -> list[Turn]:
        """Return the accepted turns, by sequence."""
        return [self.turns[sequence - 1] for sequence in self.open_turns.values()]

    def state(self) -> AccountState:
        """Return all rows."""
        if self._state is None:
            self._state = AccountState.model_construct(
                key=self.key,
                version=self.place.version,
                events=self._kept("events", lambda: self._by_time),
                facts=self._kept("facts", lambda: self._by_knowledge),
                commitments=self._kept("commitments", lambda: sorted(self.commitments.values(), key=_time)),
                digests=self._kept("digests", lambda: (self.digests[name] for name in sorted(self.digests))),
                turns=self._kept("turns", lambda: self.turns),
                pins=self._kept("pins", lambda: (self.pins[role] for role in sorted(self.pins))),
            )
        return self._state

    def repeats(self, change: AccountChange) -> bool:
        """Tell whether all that a change brings was brought before."""
        brings = bool(change.events or change.learned_events)
        if change.finishes is not None or not brings or any(event.id not in self.events for event in change.events):
            return False
        return self.awaiting.keys().isdisjoint(change.learned_events)

    def refuse(self, change: AccountChange, lease_owner: str | None) -> None:
        """Refuse a change that cannot be written.

        Raises: FenceLost if the version moved on, the lease is another's, or the turn is done;
            StoreError if the change contradicts itself or what is stored.
        """
        name, present = f"account {self.key.account}", self.place.version
        if present != change.seen_version:
            raise FenceLost(f"{name}: version {change.seen_version} was read, {present} is stored", hint=_AGAIN)
        if change.lease_owner is not None and lease_owner != change.lease_owner:
            raise FenceLost(f"{name}: the lease was lost", hint=_AGAIN)
        self._refuse_learned(change)
        turn_id = change.finishes
        if turn_id is None:
            return
        if change.reply is None or change.reply.turn_id != turn_id:
            raise StoreError(
                f"turn {turn_id} is finished without a reply of its own", hint="give the change the turn's reply"
            )
        if turn_id not in self.open_turns:
            raise FenceLost(
                f"turn {turn_id} is done already, given up, or unknown", hint="read the turn; nothing was written"
            )

    def write(self, change: AccountChange) -> int:
        """Write a change that was not refused, and return the new version."""
        self.place = Place(self.place.number, self.place.version + 1)
        self._state = None
        later = [name for name in change.learn_later if name not in self.events and name not in self.awaiting]
        for event in change.events:
            if event.id not in self.events:
                self._add_event(event if event.operations is None else event.model_copy(update={"operations": None}))
        self._learn(change)
        for event_id in change.learned_events:
            self.awaiting.pop(event_id, None)
        self.awaiting.update(dict.fromkeys(later, change.now))
        for contract in change.pinned:
            self.pins[contract.role] = Pin(role=contract.role, content_hash=contract.content_hash, since=change.now)
            self._moved("pins")
        if change.finishes is not None:
            self._finish(change, change.finishes)
        for asked in change.asks:
            self.approvals.setdefault(asked.id, asked)
        if change.spent != Spent():
            self.spend(change.now.astimezone(UTC).date(), change.spent)
        return self.place.version

    def spend(self, day: date, more: Spent) -> None:
        """Add to what was spent on a day."""
        self.spent[day] = self.spent.get(day, Spent()) + more

    def events_in_order(self) -> Sequence[Event]:
        """Return the events by time, then by id."""
        return self._by_time

    def _finish(self, change: AccountChange, turn_id: str) -> None:
        """Give a turn its reply."""
        at = self.open_turns.pop(turn_id) - 1
        self.turns[at] = self.turns[at].model_copy(update={"state": "done", "reply": change.reply})
        if change.trace:
            self.traces[turn_id] = change.trace
        self._moved("turns")

    def _learn(self, change: AccountChange) -> None:
        """Write what was learned, and digests."""
        for fact in change.learned.facts:
            self.facts[fact.id] = fact
            insort(self._by_knowledge, fact, key=_knowledge)
            self._moved("facts")
        for fact in change.learned.closed:
            self._close(fact)
        for promise in change.learned.commitments:
            self.commitments[promise.id] = promise
            self._moved("commitments")
        for digest in change.digests:
            self.digests[digest.id] = digest
            self._moved("digests")

    def _add_event(self, event: Event) -> None:
        """Add an event where its time is."""
        self.events[event.id] = event
        insort(self._by_time, event, key=_time)
        self._moved("events")

    def _close(self, fact: Fact) -> None:
        """Set the ends of a stored fact; what it says is never rewritten."""
        stored = self.facts[fact.id]
        ended = stored.model_copy(update={"valid_to": fact.valid_to, "known_to": fact.known_to})
        self.facts[fact.id] = ended
        self._by_knowledge[bisect_left(self._by_knowledge, _knowledge(stored), key=_knowledge)] = ended
        self._moved("facts")

    def _refuse_learned(self, change: AccountChange) -> None:
        """Refuse facts and promises of no event, facts whose id is taken, and ends of facts that are not stored.

        Raises: StoreError.
        """
        if not (change.learned.facts or change.learned.closed or change.learned.commitments or change.learn_later):
            return
        known = self.events.keys() | {event.id for event in change.events}
        cited = [fact.event_id for fact in change.learned.facts]
        cited += [promise.event_id for promise in change.learned.commitments]
        fresh = [fact.id for fact in change.learned.facts]
        if not known.issuperset((*cited, *change.learn_later)) or len(set(fresh) - self.facts.keys()) != len(fresh):
            raise StoreError(
                "store in memory: a row contradicts what is stored",
                hint="an id is used twice, or a fact cites an event that is not there; nothing was written",
            )
        if not (self.facts.keys() | fresh).issuperset(fact.id for fact in change.learned.closed):
            raise StoreError(
                f"account {self.key.account}: a change closes a fact that is not stored",
                hint="compute the change from the account's present state; nothing was written",
            )

    def _kept(self, name: str, make: Callable[[], Iterable[Any]]) -> tuple[Any, ...]:
        """Return rows as a tuple that is made once until they move."""
        if name not in self._tuples:
            self._tuples[name] = tuple(make())
        return self._tuples[name]

    def _moved(self, name: str) -> None:
        """Forget the tuple of rows that were changed."""
        self._tuples.pop(name, None)
        self._state = None


def _time(row: Event | Commitment) -> tuple[datetime, str]:
    """Order by time, then by id."""
    return row.at, row.id


def _knowledge(fact: Fact) -> tuple[datetime, str]:
    """Order by when a fact was known, then by id."""
    return fact.known_from, fact.id
