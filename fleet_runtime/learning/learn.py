"""Join reading and ledger: what a row of events teaches about an account. Pure; asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning.commitments import read_commitments
from fleet_runtime.learning.ledger import LedgerChange, add_fact, same_value, withdraw
from fleet_runtime.learning.names import same_person
from fleet_runtime.learning.passages import Passage
from fleet_runtime.learning.rules import Reading, learn_by_rules
from fleet_runtime.records import AccountState, Commitment, Event, Fact, Learned


def learn(state: AccountState, events: Sequence[Event], keys: Sequence[MemoryKey]) -> Learned:
    """Read events by rules, in their order, and keep the ledger.

    Args:
        state: The account's rows. What they already hold of these events is not learned again.
        events: The events to learn from.
        keys: The keys that the role keeps.

    Returns:
        New rows, each known from its event's own time: whoever reports late what was told in March
        can still ask what we believed in March.
    """
    book = _Book(state.facts)
    known = {commitment.id for commitment in state.commitments}
    promised: list[Commitment] = []
    for event in events:
        for reading in learn_by_rules(event, keys, state_facts=book.facts, now=event.at, account=state.key.account):
            book.take(reading, event.at)
        promises = read_commitments(event, Passage(event.text, event.at))
        promised.extend(promise for promise in promises if promise.id not in known)
    return book.learned(promised)


def merge(state: AccountState, facts: Sequence[Fact], *, now: datetime) -> Learned:
    """Keep the ledger for facts that were read elsewhere (by a model), known from ``now``.

    A key that was already learned from the same event keeps what it has.
    """
    book = _Book(state.facts)
    for fact in facts:
        book.take(Reading(fact=fact.model_copy(update={"known_from": now})), now)
    return book.learned(())


class _Book:
    """The facts as they stand while a batch is learned; what the batch changed is told apart from what was stored."""

    def __init__(self, stored: Sequence[Fact]) -> None:
        """Open the book on the stored rows."""
        self.facts: tuple[Fact, ...] = tuple(stored)
        self._stored = {fact.id for fact in stored}
        self._closed: dict[str, Fact] = {}

    def take(self, reading: Reading, now: datetime) -> None:
        """Take in one reading."""
        fact = reading.fact
        if fact.id in {row.id for row in self.facts}:
            return
        held = self._held(fact)
        if reading.how == "withdraws":
            if held is not None and held.value and fact.value and _same(held.value, fact.value):
                self._apply(withdraw(self.facts, held, now))
            return
        if reading.how == "corrects" and held is not None:
            fact = fact.model_copy(update={"valid_from": held.valid_from})
        self._apply(add_fact(self.facts, fact))

    def learned(self, commitments: Sequence[Commitment]) -> Learned:
        """Return what the batch taught."""
        return Learned(
            facts=tuple(fact for fact in self.facts if fact.id not in self._stored),
            closed=tuple(self._closed.values()),
            commitments=tuple(commitments),
        )

    def _held(self, fact: Fact) -> Fact | None:
        """Return the believed row that holds where the fact begins, retractions included."""
        return next(
            (
                row
                for row in self.facts
                if (row.subject, row.key, row.known_to) == (fact.subject, fact.key, None)
                and row.valid_from <= fact.valid_from
                and (row.valid_to is None or fact.valid_from < row.valid_to)
            ),
            None,
        )

    def _apply(self, change: LedgerChange) -> None:
        """Make one change."""
        ends = {row.id: row for row in change.closed}
        self._closed |= {name: row for name, row in ends.items() if name in self._stored}
        self.facts = (*(ends.get(row.id, row) for row in self.facts), *change.added)


def _same(one: str, other: str) -> bool:
    """Tell whether two values mean the same thing or the same person."""
    return same_value(one, other) or same_person(one, other)
