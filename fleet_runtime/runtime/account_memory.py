"""One account's memory as callers see it. The object is bound to its account and cannot be asked for another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from fleet_runtime.books import AccountBook, Kept
from fleet_runtime.briefing import Brief, brief
from fleet_runtime.digesting import digests_due
from fleet_runtime.engines import Engine
from fleet_runtime.errors import FenceLost, MessageError, StoreError
from fleet_runtime.importing import Format, Imported
from fleet_runtime.learning import facts_at, history, merge
from fleet_runtime.learning.changes import changes
from fleet_runtime.learning.claims import contradictions
from fleet_runtime.learning.remember import Refusal, on_record, remember_tool, remembered
from fleet_runtime.ports import AccountWork
from fleet_runtime.recall import read_question, recall
from fleet_runtime.records import (
    AccountChange,
    AccountKey,
    AccountState,
    Change,
    Commitment,
    Contradiction,
    Digest,
    Event,
    Fact,
    Learned,
    Recalled,
    Receipt,
)
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.exporting import export_file
from fleet_runtime.runtime.importing import Told, import_file, untold
from fleet_runtime.runtime.indexes import Indexes
from fleet_runtime.runtime.recording import Given, change_of, in_order

_EVIDENCE = 20
"""How many of the latest events a fact that a model hands over may be quoted from."""


class AccountMemory:
    """What is remembered of one account. Made by ``Fleet.memory``."""

    def __init__(self, key: AccountKey, desk: Desk, indexes: Indexes, engine: Engine) -> None:
        """Bind the account; nothing is read yet."""
        self._key = key
        self._desk = desk
        self._indexes = indexes
        self._engine = engine

    @property
    def account(self) -> str:
        """Return the account's id."""
        return self._key.account

    async def record(self, event: Given) -> Learned:
        """Keep one event that a colleague or a system reports, and learn from it.

        Args:
            event: id, at, kind, author, text. An id that is known already is the same event. Where the caller
                knows what the event means, ``operations`` say it (set, retract, correct, commit, close), and its
                text is not read.

        Returns: what it taught; empty for a known event.

        Raises: MessageError for an event that cannot be kept; StoreError.
        """
        return await self.record_many((event,))

    async def record_many(self, events: Iterable[Given]) -> Learned:
        """Keep several events in one transaction, in the order of their times. Errors as for `record`."""
        given = in_order(events)
        while True:  # a lost fence means that somebody else got on: nobody waits for ever
            change = change_of(await self.rows(), given, self._desk)
            if change is None:
                return Learned()
            with suppress(FenceLost):
                await self._desk.store.apply(change)
                return change.learned

    def remember_tool(self) -> dict[str, Any]:
        """Return the tool by which a model notes a fact by itself, as an OpenAI function over the declared keys."""
        return remember_tool(self._desk.memory_keys)

    async def remember(self, arguments: Mapping[str, object]) -> Fact:
        """Put on record what a model hands over by ``remember_tool``, if the latest events bear it out.

        Args:
            arguments: ``key``, ``value``, ``quote`` and maybe ``since``, as the model gave them.

        Returns: the fact as it is on record, of confidence 0.8; what was known already comes back as it was. One with
            ``yields_to`` is kept beside a weightier claim and does not hold.

        Raises: MessageError with the reason, which may be given to the model as the tool's result; StoreError.
        """
        keys = self._desk.memory_keys
        while True:  # a lost fence means that somebody else got on: nobody waits for ever
            state = await self.rows()
            fact = remembered(arguments, said=state.events[-_EVIDENCE:], keys=keys)
            if isinstance(fact, Refusal):
                raise _not_remembered(fact)
            learned = merge(state, (fact,), now=fact.at)
            kept = on_record(fact, learned, state.facts)
            if isinstance(kept, Refusal):
                raise _not_remembered(kept)
            if not learned.facts:
                return kept
            with suppress(FenceLost):
                now = self._desk.clock()
                await self.put(AccountChange(key=self._key, seen_version=state.version, now=now, learned=learned))
                return kept

    async def events(self, *, as_of: datetime | None = None) -> tuple[Event, ...]:
        """Return what happened, oldest first, up to ``as_of``."""
        state = await self.rows()
        return tuple(event for event in state.events if as_of is None or event.at <= self._aware(as_of))

    async def facts(self, *, as_of: datetime | None = None, known_at: datetime | None = None) -> tuple[Fact, ...]:
        """Return the facts that hold at ``as_of`` (now), as believed at ``known_at`` (today), sorted by key.

        With ``known_at`` alone, those that held then as it was believed then. Of a key that holds several values at
        once the newest comes last.
        """
        now = self._desk.clock()
        believed = self._aware(known_at) if known_at else None
        moment = self._aware(as_of) if as_of else (believed or now)
        rows = await self._desk.store.facts(self._key, holding_at=moment, known_at=believed)
        return facts_at(rows, now=now, as_of=moment, known_at=believed)

    async def history(self, key: str) -> tuple[Fact, ...]:
        """Return the values that one key is now known to have had, oldest first, retractions included."""
        return history(await self._desk.store.facts(self._key, names=(key,)), key)

    async def commitments(self, *, open: bool = True) -> tuple[Commitment, ...]:  # noqa: A002 - the word people use
        """Return who promised what to whom, by when; only those still open, unless told otherwise."""
        found = await self._desk.store.commitments(self._key)
        return tuple(one for one in found if not open or one.state == "open")

    async def changes(self, since: datetime) -> tuple[Change, ...]:
        """Return what was set, retracted or corrected by events after ``since``, oldest first."""
        return changes((await self.rows()).facts, self._aware(since))

    async def contradictions(self) -> tuple[Contradiction, ...]:
        """Return the claims of two people that cannot both hold, each with the one that counts and why."""
        return contradictions((await self.rows()).facts, as_of=self._desk.clock())

    async def recall(
        self, question: str, *, as_of: datetime | None = None, limit: int = 10, before: Sequence[str] = ()
    ) -> tuple[Recalled, ...]:
        """Return what bears on a question, best first. As of a date, nothing learned later is used.

        Args:
            question: what is asked, or said.
            as_of: the moment; default now.
            limit: how many items at most.
            before: what was said just before, oldest first; a question that leans on it ("and the price?") is
                understood by it.
        """
        store, key, now = self._desk.store, self._key, self._desk.clock()
        moment = self._aware(as_of) if as_of else None
        index, facts, commitments = await self._indexes.remembered(key, now)
        asked = read_question(question, moment or index.present(now), before=before)
        if moment is not None:
            commitments = await store.commitments(key)
        if moment is not None or asked.past:
            facts = await store.facts(key, known_at=moment)
        ranked = recall(
            index, facts, commitments, asked,
            keys=self._desk.memory_keys, now=now, as_of=moment, limit=limit,
            vector=await self._indexes.vector(asked, index),
        )  # fmt: skip
        texts = await store.events(key, ranked.wanted) if ranked.wanted else ()
        return ranked.tell({event.id: event for event in texts})

    async def brief(self, *, as_of: datetime | None = None) -> Brief:
        """Return the dated, cited summary of the account."""
        moment = self._aware(as_of) if as_of else self._desk.clock()
        return brief(await self.rows(), keys=self._desk.memory_keys, as_of=moment)

    async def consolidate(self) -> tuple[Digest, ...]:
        """Write the digests of the quarters that are over, and return those that are new; nothing is deleted by it.

        Raises: StoreError.
        """
        while True:
            state, now = await self.rows(), self._desk.clock()
            due = digests_due(state, now=now, keys=self._desk.memory_keys)
            if not due:
                return ()
            with suppress(FenceLost):
                change = AccountChange(key=self._key, seen_version=state.version, now=now, digests=due)
                await self._desk.store.apply(change)
                return due

    async def digests(self) -> tuple[Digest, ...]:
        """Return the digests of earlier quarters, oldest first."""
        return (await self.rows()).digests

    async def import_file(
        self,
        path: str | Path,
        *,
        format: Format | None = None,  # noqa: A002 - the word people use
        at: datetime | None = None,
        author: str | None = None,
        told: Told = untold,
    ) -> Imported:
        """Take in a file of JSONL events, CSV, e-mail (mbox, eml), a transcript or an export, as docs/memory.md tells.

        What is known already is passed over, so an interrupted import is resumed by repeating it.

        Args:
            path: the file.
            format: its form; default by its name, else by its beginning.
            at: the day of a transcript that names none.
            author: who speaks where the file does not say.
            told: hears (bytes read, bytes in all).

        Returns: how many events were read, new and known, and what was rejected, by line.

        Raises: MessageError for a file that cannot be read or whose form is unknown; StoreError.
        """
        return await import_file(
            self, path, now=self._desk.clock(), format=format, at=at, author=author, told=told
        )  # fmt: skip

    async def export(self, path: str | Path) -> int:
        """Write all of the account to a file that `import_file` takes back, and return the number of lines.

        Raises: MessageError if the file cannot be written; StoreError.
        """
        return await export_file(self, path, self._desk.clock)

    async def erase(self) -> Receipt:
        """Remove everything of the account, beyond recovery, and return the receipt.

        A turn under way is waited for, or interrupted where a worker answers it; what is queued is taken out. Whoever
        records under the same id later begins a new account.

        Raises: AccountBusy if another process holds the account; StoreError (erase it again).
        """
        await self._engine.stop(self._key)  # first, so that nobody is waited for longer than needed
        async with self._engine.alone(self._key):
            receipt = await self._desk.store.erase(self._key, self._desk.clock())
        counts = await self._engine.forget(self._key)
        self._indexes.forget(self._key)
        return receipt.model_copy(update={"counts": {**receipt.counts, **counts}})

    async def rows(self) -> AccountState:
        """Return all rows of the account as they are stored now."""
        return await self._desk.store.read(self._key)

    async def work(self) -> AccountWork:
        """Return the account's questions for a person, and what it spent by day."""
        return await self._desk.store.work(self._key)

    async def book_rows(self) -> AccountBook:
        """Return all that is kept of the account besides its memory: signals, notices, motions run, work products."""
        books = self._desk.books
        return await books.book(self._key) if books else AccountBook(self._key)

    async def put_back(self, book: AccountBook) -> Kept:
        """Put rows of this account's book back, as an export has them.

        Raises: MessageError for another account; StoreError, also where nothing but memory is kept.
        """
        if book.key != self._key:
            raise MessageError("the rows are of another account", hint="ask for that account's own memory")
        if self._desk.books is None:
            raise StoreError("there is no book to put rows back into", hint="open the fleet with a store of its own")
        return await self._desk.books.put_back(book)

    async def put(self, change: AccountChange) -> int:
        """Write a change of this account's rows, and return the new version.

        Raises: FenceLost if the rows moved on since they were read; MessageError for another account; StoreError.
        """
        if change.key != self._key:
            raise MessageError("the change is of another account", hint="ask for that account's own memory")
        return await self._desk.store.apply(change)

    def _aware(self, moment: datetime) -> datetime:
        """Read a naive time in the clock's zone."""
        return moment if moment.tzinfo else moment.replace(tzinfo=self._desk.clock().tzinfo)


def _not_remembered(refusal: Refusal) -> MessageError:
    """Say why a fact was not taken."""
    return MessageError(
        f"not remembered: {refusal.why}",
        hint="quote an event of the account that says it, and take the value from there",
    )
