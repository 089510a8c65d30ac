"""What recall keeps of an account: as current as the store, with vectors where few are missing, never of another."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from fleet_runtime.ports import Vector
from fleet_runtime.records import AccountChange, AccountKey, Event
from fleet_runtime.runtime import indexes as indexing
from fleet_runtime.runtime.indexes import Indexes
from fleet_runtime.stores.sql.store import SqlStore, open_store
from fleet_runtime.testing import HashEmbedder

pytestmark = pytest.mark.anyio

ACME = AccountKey(tenant="north", account="acme")
GLOBEX = AccountKey(tenant="north", account="globex")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class CountingEmbedder(HashEmbedder):
    """Counts the texts that it embeds."""

    def __init__(self, dimensions: int = 64) -> None:
        super().__init__(dimensions)
        self.seen: list[str] = []

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        self.seen += texts
        return await super().embed(texts)


@pytest.fixture
async def store() -> AsyncGenerator[SqlStore]:
    opened = open_store(None, now=lambda: NOON)
    yield opened
    await opened.close()


async def told(store: SqlStore, key: AccountKey, first: int, count: int) -> None:
    """Put events on record."""
    seen = (await store.read(key)).version
    events = tuple(
        Event(id=f"e{n}", at=NOON + timedelta(hours=n), kind="note", author="Ada", text=f"Thing number {n} happened.")
        for n in range(first, first + count)
    )
    await store.apply(AccountChange(key=key, seen_version=seen, now=NOON, events=events))


async def test_an_index_follows_the_store_and_is_kept_while_nothing_changes(store: SqlStore) -> None:
    indexes = Indexes(store, None)
    assert len((await indexes.remembered(ACME, NOON)).events) == 0
    await told(store, ACME, 0, 3)
    first = await indexes.remembered(ACME, NOON)
    assert first.events.rows.ids == ("e0", "e1", "e2")
    assert await indexes.remembered(ACME, NOON) is first
    await told(store, ACME, 3, 1)
    assert len((await indexes.remembered(ACME, NOON)).events) == 4


async def test_few_missing_vectors_are_made_before_ranking_and_only_once(store: SqlStore) -> None:
    embedder = CountingEmbedder()
    indexes = Indexes(store, embedder)
    await told(store, ACME, 0, 40)
    rows = (await indexes.remembered(ACME, NOON)).events.rows
    assert all(rows.vectors)
    assert rows.encoder == embedder.name
    assert len(embedder.seen) == len(set(embedder.seen)) == 40
    await indexes.remembered(ACME, NOON)
    assert len(embedder.seen) == 40
    assert await store.backlog(embedder.name) == 0


async def test_a_large_backlog_waits_to_be_asked_for(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "SMALL_BACKLOG", 10)
    embedder, heard = CountingEmbedder(), list[tuple[int, int]]()
    indexes = Indexes(store, embedder)
    await told(store, ACME, 0, 6)
    await told(store, GLOBEX, 0, 50)
    assert (await indexes.remembered(ACME, NOON)).events.rows.vectors == ()
    assert embedder.seen == []
    assert await indexes.embed_all(told=lambda done, total: heard.append((done, total))) == 56
    assert heard[-1] == (56, 56)
    assert all((await indexes.remembered(ACME, NOON)).events.rows.vectors)


async def test_another_encoder_makes_its_own_vectors(store: SqlStore) -> None:
    await told(store, ACME, 0, 5)
    await Indexes(store, CountingEmbedder(64)).remembered(ACME, NOON)
    other = CountingEmbedder(32)
    assert await store.backlog(other.name) == 5
    rows = (await Indexes(store, other).remembered(ACME, NOON)).events.rows
    assert (rows.encoder, len(other.seen)) == (other.name, 5)


async def test_an_erased_account_is_not_remembered_under_the_same_version(store: SqlStore) -> None:
    indexes = Indexes(store, None)
    await told(store, ACME, 0, 1)
    await indexes.remembered(ACME, NOON)
    await store.erase(ACME, NOON)
    await told(store, ACME, 7, 1)  # a new account of the same name, at version 1 as the old one was
    assert (await indexes.remembered(ACME, NOON)).events.rows.ids == ("e7",)


async def test_those_asked_for_longest_ago_make_room(store: SqlStore) -> None:
    indexes = Indexes(store, None, most_events=5)
    for key in (ACME, GLOBEX):
        await told(store, key, 0, 3)
    first = await indexes.remembered(ACME, NOON)
    second = await indexes.remembered(GLOBEX, NOON)
    assert await indexes.remembered(GLOBEX, NOON) is second
    assert await indexes.remembered(ACME, NOON) is not first
