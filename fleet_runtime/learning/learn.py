"""Join reading and ledger: what a row of events teaches about an account. Pure; asks nobody.

An event that says by ``operations`` what it means is taken at its word; any other is read by rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning.claims import KindOf, judged
from fleet_runtime.learning.ledger import Ledger, first_name, same_value
from fleet_runtime.learning.names import same_person
from fleet_runtime.learning.operations import apply_operations, check_operations
from fleet_runtime.learning.promises import Promises
from fleet_runtime.learning.reading.closings import read_closings
from fleet_runtime.learning.reading.commitments import read_commitments
from fleet_runtime.learning.reading.passages import Passage
from fleet_runtime.learning.reading.rules import Reading, learn_by_rules, own_names
from fleet_runtime.records import AccountState, Event, Fact, Learned


def learn(state: AccountState, events: Sequence[Event], keys: Sequence[MemoryKey]) -> Learned:
    """Learn from events in their order, and keep the ledger.

    Args:
        state: The account's rows; of the facts those still believed are enough. What they already hold of these
            events is not learned again.
        events: The events to learn from.
        keys: The keys that the role keeps; operations may set others.

    Returns:
        New rows, each known from its event's own time: whoever reports late what was told in March
        can still ask what we believed in March.

    Raises: MessageError for an operation that cannot be right; then nothing was learned.
    """
    for event in events:
        check_operations(event)
    ledger, promises = Ledger(state.facts), Promises(state.commitments)
    kind_of = _kinds((*state.events, *events))
    for event in events:
        if event.operations is not None:
            apply_operations(event, ledger, promises)
            continue
        held = ledger.holding_at(event.at)
        account = state.key.account
        passage = Passage(event.text, event.at, own_names(account))
        readings = learn_by_rules(event, keys, state_facts=held, now=event.at, account=account, passage=passage)
        for reading in readings:
            _take(reading, ledger, event.at, kind_of)
        _take_promises(event, passage, promises)
    return ledger.learned(promises.changed)


def merge(state: AccountState, facts: Iterable[Fact], *, now: datetime) -> Learned:
    """Keep the ledger for facts that were read elsewhere (by a model), known from ``now``.

    A key that was already learned from the same event keeps what it has.
    """
    ledger = Ledger(state.facts)
    kind_of = _kinds(state.events)
    for fact in facts:
        _take(Reading(fact=fact.model_copy(update={"known_from": now}), changes=False), ledger, now, kind_of)
    return ledger.learned()


def _take_promises(event: Event, passage: Passage, promises: Promises) -> None:
    """Read which promises a text says were kept, then which it makes."""
    for row in read_closings(event, passage, promises.open_at(event.at)):
        promises.update(row)
    for row in read_commitments(event, passage):
        promises.make(row)


def _take(reading: Reading, ledger: Ledger, now: datetime, kind_of: KindOf) -> None:
    """Take in one reading."""
    fact = reading.fact
    if fact.id in ledger:
        return
    held = ledger.holding(fact.subject, fact.key, fact.valid_from)
    if reading.how == "withdraws":
        if held is not None and held.value and fact.value and _same(held.value, fact.value):
            ledger.withdraw(held, now)
    elif reading.how == "corrects" and held is not None:
        ledger.correct(held, fact)
    elif reading.changes:
        ledger.add(fact)
    elif not _said_before(fact, held, ledger):
        ledger.add(judged(ledger, fact, kind_of))


def _kinds(events: Sequence[Event]) -> KindOf:
    """Return what gives an event's kind; the events are looked through when it is asked, which is rare."""
    return lambda event_id: next((event.kind for event in events if event.id == event_id), "")


def _said_before(fact: Fact, held: Fact | None, ledger: Ledger) -> bool:
    """Tell whether its author's claim is already kept as one that yields to what holds."""
    against = first_name(held.id) if held else ""
    claims = (one for one in ledger.yielding(fact.subject, fact.key) if one.yields_to == against)
    return any(same_value(one.value, fact.value) and one.author == fact.author for one in claims)


def _same(one: str, other: str) -> bool:
    """Tell whether two values mean the same thing or the same person."""
    return same_value(one, other) or same_person(one, other)
