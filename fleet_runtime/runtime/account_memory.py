"""One account's memory as callers see it. The object is bound to its account and cannot be asked for another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from pydantic import ValidationError

from fleet_runtime.briefing import Brief, brief
from fleet_runtime.errors import FenceLost, MessageError
from fleet_runtime.learning import facts_at, history, learn, worth_asking
from fleet_runtime.recall import recall
from fleet_runtime.records import AccountChange, AccountKey, AccountState, Commitment, Event, Fact, Learned, Recalled
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.plain_text import refuse_bytes


class AccountMemory:
    """What is remembered of one account. Made by ``Fleet.memory``."""

    def __init__(self, key: AccountKey, desk: Desk) -> None:
        """Bind the account; nothing is read yet."""
        self._key = key
        self._desk = desk

    @property
    def account(self) -> str:
        """Return the account's id."""
        return self._key.account

    async def record(self, event: Event | Mapping[str, object]) -> Learned:
        """Keep one event that a colleague or a system reports, and learn from it.

        Args:
            event: id, at, kind, author, text. An id that is known already is the same event.

        Returns: what it taught; empty for a known event.

        Raises: MessageError for an event that cannot be kept; StoreError.
        """
        return await self.record_many((event,))

    async def record_many(self, events: Iterable[Event | Mapping[str, object]]) -> Learned:
        """Keep several events in one transaction, in the order of their times. Errors as for `record`."""
        given = sorted((_event(event) for event in events), key=lambda event: (event.at, event.id))
        while True:  # a lost fence means that somebody else got on: nobody waits for ever
            state = await self._state()
            known = {event.id for event in state.events}
            fresh = tuple(event for event in given if event.id not in known)
            if not fresh:
                return Learned()
            learned = learn(state, fresh, self._desk.memory_keys)
            with suppress(FenceLost):
                await self._desk.store.apply(self._change(state, fresh, learned))
                return learned

    async def events(self, *, as_of: datetime | None = None) -> tuple[Event, ...]:
        """Return what happened, oldest first, up to ``as_of``."""
        state = await self._state()
        return tuple(event for event in state.events if as_of is None or event.at <= _aware(as_of, self._desk))

    async def facts(self, *, as_of: datetime | None = None, known_at: datetime | None = None) -> tuple[Fact, ...]:
        """Return the facts that hold at ``as_of`` (now), as believed at ``known_at`` (today), sorted by key."""
        state = await self._state()
        rows = facts_at(state.facts, now=self._desk.clock(), as_of=as_of, known_at=known_at)
        return tuple(sorted((row for row in rows if row.value is not None), key=lambda row: (row.key, row.subject)))

    async def history(self, key: str) -> tuple[Fact, ...]:
        """Return the values that one key has had, oldest first."""
        return history((await self._state()).facts, key)

    async def commitments(self, *, open: bool = True) -> tuple[Commitment, ...]:  # noqa: A002 - the word people use
        """Return who promised what to whom, by when; only those still open, unless told otherwise."""
        state = await self._state()
        return tuple(one for one in state.commitments if not open or one.state == "open")

    async def recall(self, question: str, *, as_of: datetime | None = None, limit: int = 10) -> tuple[Recalled, ...]:
        """Return what bears on a question, best first. As of a date, nothing learned later is used."""
        return recall(
            await self._state(),
            question,
            keys=self._desk.memory_keys,
            as_of=as_of,
            now=self._desk.clock(),
            limit=limit,
        )

    async def brief(self, *, as_of: datetime | None = None) -> Brief:
        """Return the dated, cited summary of the account."""
        moment = _aware(as_of, self._desk) if as_of else self._desk.clock()
        return brief(await self._state(), keys=self._desk.memory_keys, as_of=moment)

    async def _state(self) -> AccountState:
        """Read the account."""
        return await self._desk.store.read(self._key)

    def _change(self, state: AccountState, events: tuple[Event, ...], learned: Learned) -> AccountChange:
        """Gather the events and what they taught."""
        taught = {fact.event_id for fact in learned.news}
        later = [
            event.id
            for event in events
            if self._desk.learner
            and worth_asking(event, tuple(fact for fact in learned.news if fact.event_id == event.id))
        ]
        return AccountChange(
            key=self._key,
            seen_version=state.version,
            now=self._desk.clock(),
            events=events,
            learned=learned,
            learn_later=tuple(event_id for event_id in later if event_id not in taught),
        )


def _event(given: Event | Mapping[str, object]) -> Event:
    """Read an event.

    Raises: MessageError naming the field that is wrong.
    """
    try:
        event = given if isinstance(given, Event) else Event.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(step) for step in first["loc"])
        raise MessageError(
            f"the event's {field or 'form'} is wrong: {first['msg']}", hint="an event has id, at, kind, author and text"
        ) from error
    for name in ("id", "kind", "author", "text"):
        refuse_bytes(f"event's {name}", getattr(event, name))
    if not event.id.strip() or not event.text.strip():
        raise MessageError("the event has no id or no text", hint="give an id of your own and what happened")
    return event


def _aware(moment: datetime, desk: Desk) -> datetime:
    """Read a naive time in the clock's zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=desk.clock().tzinfo)
