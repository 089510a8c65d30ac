"""How events come on an account's record: checked, learned from, and gathered into changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import islice

from pydantic import ValidationError

from fleet_runtime.errors import FenceLost, MessageError
from fleet_runtime.learning import awaits_learning, learn
from fleet_runtime.records import AccountChange, AccountKey, AccountState, Event, Fact, Learned
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.plain_text import refuse_bytes

Given = Event | Mapping[str, object]
"""An event as callers give it."""

_BULK = 1_000_000  # events held at once, about a gigabyte: an account that comes again in the next bulk is read anew
_ACCOUNTS_AT_ONCE = 200


def read_event(given: Given) -> Event:
    """Read an event.

    Raises: MessageError naming the field that is wrong.
    """
    try:
        event = given if isinstance(given, Event) else Event.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        name = given.get("id") if isinstance(given, Mapping) else None
        raise MessageError(
            f"the event's {field or 'form'} is wrong{f' (event {name})' if name else ''}: {first['msg']}",
            hint="an event has id, at, kind, author and text, and operations where its meaning is known",
        ) from error
    for name in ("id", "kind", "author", "text"):
        refuse_bytes(f"event's {name}", getattr(event, name))
    if not event.id.strip() or not event.text.strip():
        raise MessageError("the event has no id or no text", hint="give an id of your own and what happened")
    return event


def in_order(given: Iterable[Given]) -> tuple[Event, ...]:
    """Read events and return them in the order of their times, each id once.

    Raises: MessageError.
    """
    events = sorted((read_event(event) for event in given), key=lambda event: (event.at, event.id))
    return tuple({event.id: event for event in reversed(events)}.values())[::-1]


def change_of(state: AccountState, events: Sequence[Event], desk: Desk) -> AccountChange | None:
    """Return the change that puts on record what is new among ``events``, with what it teaches; None if all is known.

    Raises: MessageError for an operation that cannot be right.
    """
    known = {event.id for event in state.events}
    fresh = tuple(event for event in events if event.id not in known)
    if not fresh:
        return None
    learned = learn(state, fresh, desk.memory_keys)
    later = _to_learn_later(state, fresh, learned, desk)
    return AccountChange(
        key=state.key, seen_version=state.version, now=desk.clock(), events=fresh, learned=learned, learn_later=later
    )


def _to_learn_later(state: AccountState, fresh: Sequence[Event], learned: Learned, desk: Desk) -> tuple[str, ...]:
    """Return the ids of the new events that a model is to be asked about, if there is one to ask."""
    if desk.learner is None:
        return ()
    rows = {row.id: row for row in (*state.facts, *learned.closed, *learned.facts)}
    events = sorted((*state.events, *fresh), key=lambda event: (event.at, event.id))
    after = state.model_copy(update={"events": tuple(events), "facts": tuple(rows.values())})
    found: dict[str, list[Fact]] = {}
    for fact in learned.news:
        found.setdefault(fact.event_id, []).append(fact)
    keys, voice = desk.memory_keys, desk.learner.info.voice
    return tuple(
        event.id
        for event in fresh
        if event.operations is None and awaits_learning(event, after, keys, voice, found=found.get(event.id, ()))
    )


async def record_in_bulk(desk: Desk, given: Iterable[tuple[AccountKey, Given]]) -> int:
    """Keep events of many accounts, some accounts a transaction; return how many were new.

    Raises: MessageError, StoreError; what was written before stays.
    """
    new, taken = 0, iter(given)
    while bulk := list(islice(taken, _BULK)):
        events: dict[AccountKey, list[Given]] = {}
        for key, event in bulk:
            events.setdefault(key, []).append(event)
        keys = list(events)
        for start in range(0, len(keys), _ACCOUNTS_AT_ONCE):
            new += await _record(desk, {key: in_order(events[key]) for key in keys[start : start + _ACCOUNTS_AT_ONCE]})
    return new


async def _record(desk: Desk, events: Mapping[AccountKey, Sequence[Event]]) -> int:
    """Keep some accounts' events in one transaction."""
    while True:  # a lost fence means that somebody else got on: nobody waits for ever
        states = [await desk.store.read(key) for key in events]
        made = [change_of(state, events[state.key], desk) for state in states]
        changes = [change for change in made if change is not None]
        with suppress(FenceLost):
            await desk.store.apply_many(changes)
            return sum(len(change.events) for change in changes)
