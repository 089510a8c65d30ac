"""What recall needs of an account: the index of its events, what stands on record now, and vectors where there are any.

All is kept as long as the account's version stands. Vectors are made where they are missing, but never many at a
time unasked: a bulk import is embedded on demand (`Indexes.embed_all`), and ranked by words until then.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import anyio
import anyio.to_thread

from fleet_runtime.ports import Embedder, Store, Vector
from fleet_runtime.recall import EventIndex, Question, embedded_text, packed_vector
from fleet_runtime.records import AccountKey, Commitment, Event, Fact

MOST_EVENTS = 400_000
"""Events whose columns are kept in all; about half a kilobyte each with vectors."""

SMALL_BACKLOG = 5_000
"""Events without vectors in the whole store that are made up unasked; it takes some seconds a thousand."""

_BATCH = 32  # customers' texts: fewer than what a vector cache would write down
_LARGE = 10_000


_FORMER_VALUES = 500
"""Up to so many events, former values stand by too: an event that told one of them is known to be outdated."""


class Remembered(NamedTuple):
    """An account as recall sees it: its index, and the facts and open commitments that stand since it was read."""

    events: EventIndex
    facts: tuple[Fact, ...]
    commitments: tuple[Commitment, ...]


class Indexes:
    """What is remembered by account, of those asked for last, up to a number of events in all."""

    def __init__(self, store: Store, embedder: Embedder | None, most_events: int = MOST_EVENTS) -> None:
        """Read nothing yet."""
        self._store = store
        self._embedder = embedder
        self._most_events = most_events
        self._kept: OrderedDict[AccountKey, Remembered] = OrderedDict()
        self._held = 0
        self._embedding = anyio.Lock()

    @property
    def encoder(self) -> str:
        """Name the encoder; empty where there is none."""
        return self._embedder.name if self._embedder else ""

    async def remembered(self, key: AccountKey, now: datetime) -> Remembered:
        """Return the account as it is stored now; few missing vectors are made first.

        Raises: StoreError.
        """
        await self.embed(key)
        kept = self._kept.get(key)
        known = kept.events.rows.version if kept else None
        rows = await self._store.ranking_rows(key, encoder=self.encoder, unless=known)
        if kept is not None and rows is None:
            self._kept.move_to_end(key)
            return kept
        index = EventIndex.of(rows) if rows else EventIndex.of_events(())
        if len(index) > _LARGE:
            await anyio.to_thread.run_sync(lambda: index.columns)
        facts = await self._store.facts(key, lasting_at=None if len(index) <= _FORMER_VALUES else now)
        promised = await self._store.commitments(key)
        found = Remembered(index, facts, tuple(one for one in promised if one.state == "open"))
        self._keep(key, found)
        return found

    async def vectors(self, texts: Sequence[str]) -> dict[str, Vector]:
        """Return the vectors of questions by their texts; none without an encoder."""
        asked = list(dict.fromkeys(texts))
        if self._embedder is None or not asked:
            return {}
        return dict(zip(asked, await self._embedder.embed(asked), strict=True))

    async def vector(self, question: Question, index: EventIndex) -> Vector | None:
        """Return a question's vector, where the index has any to compare it with."""
        if not index.rows.vectors:
            return None
        text = question.spoken if question.carried else question.text
        return (await self.vectors((text,))).get(text)

    async def embed(self, key: AccountKey | None = None) -> int:
        """Make the vectors that an account, or all, lack, if all that the store lacks are few; return how many."""
        if self._embedder is None or not await self._store.backlog(self.encoder, key):
            return 0
        if await self._store.backlog(self.encoder) > SMALL_BACKLOG:
            return 0
        return await self.embed_all(key)

    async def embed_all(
        self, key: AccountKey | None = None, told: Callable[[int, int], None] = lambda _done, _total: None
    ) -> int:
        """Make every vector that an account, or all, lack; ``told`` hears (done, in all). Return how many were made.

        Raises: StoreError.
        """
        if self._embedder is None:
            return 0
        async with self._embedding:
            total, done = await self._store.backlog(self.encoder, key), 0
            while waiting := await self._store.unembedded(self.encoder, _BATCH, key):
                await self._embed(waiting)
                done += len(waiting)
                told(done, max(total, done))
            return done

    def forget(self, key: AccountKey) -> None:
        """Let go of an account's index."""
        kept = self._kept.pop(key, None)
        self._held -= len(kept.events) if kept else 0

    async def _embed(self, waiting: Sequence[tuple[AccountKey, Event]]) -> None:
        """Embed some events and keep their vectors."""
        made = await self.vectors([embedded_text(event) for _, event in waiting])
        for key in dict.fromkeys(key for key, _ in waiting):
            packed = {event.id: packed_vector(made[embedded_text(event)]) for owner, event in waiting if owner == key}
            await self._store.put_vectors(key, self.encoder, packed)
            self.forget(key)

    def _keep(self, key: AccountKey, found: Remembered) -> None:
        """Keep an account; those asked for longest ago make room."""
        self.forget(key)
        self._kept[key] = found
        self._held += len(found.events)
        while self._held > self._most_events and len(self._kept) > 1:
            self._held -= len(self._kept.popitem(last=False)[1].events)
