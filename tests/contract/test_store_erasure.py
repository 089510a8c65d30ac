"""What every store must do when an account is erased. What is left in a file's bytes is `test_erasure_of_bytes`'s."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest
from postgres import OnPostgres
from remembered import ACME, GLOBEX, MINI, NOON, OTHER_TENANT, WORDS, a_change, a_digest, a_fact, an_event, fill, hours
from store_of_database import StoreOfDatabase

from fleet_runtime.bookkeeping import KINDS
from fleet_runtime.decisions import Decision
from fleet_runtime.errors import FenceLost
from fleet_runtime.ports import Store
from fleet_runtime.records import AccountState, Contract, Reply, Spent, Turn
from fleet_runtime.stores.memory.store import MemoryStore
from fleet_runtime.stores.sql.store import SqlStore, open_store

pytestmark = pytest.mark.anyio


class ErasureContract(StoreOfDatabase):
    """The promises; subclasses say where the store lies."""

    async def test_erasure_removes_all_of_an_account_and_nothing_else(self, store: Store) -> None:
        for key in (ACME, GLOBEX, OTHER_TENANT):
            await fill(store, key)
        others = [await store.read(key) for key in (GLOBEX, OTHER_TENANT)]
        ranked = [await store.ranking_rows(key, encoder=MINI) for key in (GLOBEX, OTHER_TENANT)]
        receipt = await store.erase(ACME, hours(3))
        assert (receipt.account, receipt.at, receipt.erased, receipt.journal_cleared) == ("acme", hours(3), True, True)
        once = ("fact", "commitment", "digest", "learning", "turn", "decision", "hand_off", "pin", "account")
        expected = {"event": 3, "vector": 2, "signal": 0} | dict.fromkeys((*once, "step", "approval", "spent"), 1)
        expected |= dict.fromkeys((*KINDS, "portfolio"), 0)  # what becomes of a book is told by `test_books`
        assert receipt.counts == expected
        assert await store.read(ACME) == AccountState(key=ACME)
        assert await store.turn(ACME, "t-acme") is None
        assert await store.steps(ACME, "t-acme") == ()
        assert await store.spent(ACME, NOON.date()) == Spent()
        assert await store.trace("north", "t-acme") is None
        assert [one.key for one in await store.approvals("north")] == [GLOBEX]
        assert (*await store.facts(ACME), *await store.commitments(ACME), *await store.events(ACME, ["e1"])) == ()
        assert await store.events(ACME, ["e0", "e1", "e2"]) == ()
        assert await store.accounts("north") == ["globex"]
        assert await store.accounts("south") == ["acme"]
        assert [name for name, _ in await store.pins("north")] == ["globex"]
        assert {key for key, _ in await store.unlearned()} == {GLOBEX, OTHER_TENANT}
        assert {key for key, _ in await store.unembedded(MINI, 99)} == {GLOBEX, OTHER_TENANT}
        assert [await store.read(key) for key in (GLOBEX, OTHER_TENANT)] == others
        assert [await store.ranking_rows(key, encoder=MINI) for key in (GLOBEX, OTHER_TENANT)] == ranked
        assert await store.contract("h") == Contract(role="r", content_hash="h", text="# R")  # the project's, nobody's

    async def test_erasure_gives_up_the_lease_of_that_account_only(self, store: Store) -> None:
        for key in (ACME, GLOBEX):
            await fill(store, key)
        await store.erase(ACME, NOON)
        assert await store.lease(ACME, "them", hours(2), NOON)
        assert not await store.lease(GLOBEX, "them", hours(2), NOON)
        assert await store.lease(OTHER_TENANT, "us", hours(2), NOON)
        assert not (await store.erase(OTHER_TENANT, NOON)).erased
        assert await store.lease(OTHER_TENANT, "them", hours(2), NOON)

    async def test_a_second_erasure_finds_nothing(self, store: Store) -> None:
        nothing = await store.erase(ACME, NOON)
        assert (nothing.erased, nothing.counts) == (False, {})
        await fill(store, ACME)
        assert (await store.erase(ACME, NOON)).erased
        assert await store.erase(ACME, NOON) == nothing

    async def test_a_receipt_s_hash_tells_contents_apart(self, store: Store) -> None:
        """The same rows in the same order of ids give the same hash, whatever else was stored or erased meanwhile."""
        hashes: list[str] = []
        for text in ("Same.", "Same.", "Another."):
            await store.apply(a_change([an_event("e1", text=text)], facts=[a_fact("f1", "e1")]))
            hashes.append((await store.erase(ACME, hours(len(hashes)))).content_hash)
            await fill(store, GLOBEX)
            await store.erase(GLOBEX, NOON)
        assert hashes[0] == hashes[1]
        assert hashes[0] != hashes[2]
        assert all(len(bytes.fromhex(each)) == 32 for each in hashes)

    async def test_an_account_erased_and_opened_anew_begins_at_nothing(self, store: Store) -> None:
        await fill(store, ACME)
        stale = a_change([an_event("late")], seen=(await store.read(ACME)).version)
        await store.erase(ACME, NOON)
        with pytest.raises(FenceLost):
            await store.apply(stale)
        assert await store.accounts("north") == []
        version = await store.apply(a_change([an_event("e7")]))
        assert version > stale.seen_version
        assert await store.read(ACME) == AccountState(key=ACME, version=version, events=(an_event("e7"),))
        turn = Turn(id="t-acme", key=ACME, conversation="c", role="r", speaker="Ada", at=NOON, text="Hello.")
        assert (await store.accept(turn)).sequence == 1
        assert await store.backlog(MINI, ACME) == 1

    async def test_what_was_read_before_an_erasure_is_never_written_after_it(self, store: Store) -> None:
        """Not even where the account was opened anew and changed as often: a late digest would bring it back."""
        await store.apply(a_change([an_event("e1", text="Of old.")]))
        seen = (await store.read(ACME)).version
        await store.erase(ACME, NOON)
        await store.apply(a_change([an_event("e1", text="Anew.")]))
        before = await store.read(ACME)
        for late in (
            a_change(seen=seen, digests=[a_digest("Of old.")]),
            a_change(seen=seen, facts=[a_fact("f", "e1")]),
        ):
            with pytest.raises(FenceLost):
                await store.apply(late)
        assert await store.read(ACME) == before

    async def test_a_turn_under_way_cannot_finish_after_the_erasure(self, store: Store) -> None:
        turn = Turn(id="t1", key=ACME, conversation="c", role="r", speaker="Ada", at=NOON, text="Hello.")
        await store.accept(turn)
        assert await store.lease(ACME, "us", hours(1), NOON)
        await store.erase(ACME, NOON)
        reply = Reply(
            turn_id="t1",
            conversation="c",
            text="Hello.",
            role="r",
            parts=(),
            decision=Decision(id="d", verdict="keep", choice="r", stage="owner", confidence=1.0, reason="owner"),
        )
        finish = a_change([an_event("e1")]).model_copy(update={"finishes": "t1", "reply": reply, "lease_owner": "us"})
        with pytest.raises(FenceLost):
            await store.apply(finish)
        assert await store.read(ACME) == AccountState(key=ACME)

    async def test_a_cancelled_erasure_is_whole_or_none(self, store: Store) -> None:
        await fill(store, ACME)
        before = await store.read(ACME)
        for pause in range(12):
            erasing = asyncio.create_task(store.erase(ACME, NOON))
            await asyncio.sleep(pause * 0.0003)
            erasing.cancel()
            await asyncio.wait([erasing])
            state = await store.read(ACME)
            assert state in (before, AccountState(key=ACME))
            if state != before:
                await fill(store, ACME)
                before = await store.read(ACME)


async def numbers(store: Store, query: str) -> Sequence[tuple[int, ...]]:
    assert isinstance(store, SqlStore)
    return await store.database.read(lambda connection: [tuple(row) for row in connection.exec_driver_sql(query)])


class TestSqliteInMemory(ErasureContract):
    @pytest.fixture
    def database(self) -> str | None:
        return None


class TestMemoryStore(ErasureContract):
    @pytest.fixture
    async def store(self) -> AsyncGenerator[Store]:
        store = MemoryStore()
        yield store
        await store.close()


class SharedErasureContract(ErasureContract):
    """Of a database that several stores may open at once."""

    async def test_a_number_is_never_given_again(self, store: Store, database: str) -> None:
        """Not even the greatest one's, nor after the store was closed in between."""
        await store.apply(a_change([an_event("e1")], key=GLOBEX))
        given: list[int] = []
        for _ in range(3):
            await store.apply(a_change([an_event("e1")]))
            given += [number for (number,) in await numbers(store, "SELECT number FROM account WHERE account = 'acme'")]
            await store.erase(ACME, NOON)
            again = open_store(database, now=lambda: NOON)
            await again.close()
        assert given == sorted(set(given))
        assert len(given) == 3
        assert [row[0] for row in await numbers(store, "SELECT account_number FROM erasure ORDER BY 1")] == given

    async def test_the_record_of_erasures_names_nobody(self, store: Store) -> None:
        await fill(store, ACME)
        receipt = await store.erase(ACME, NOON)
        rows = await numbers(store, "SELECT * FROM erasure")
        assert "acme" not in repr(rows)
        assert receipt.content_hash in repr(rows)

    async def test_counts_of_events_and_vectors_are_true(self, store: Store) -> None:
        for key in (ACME, GLOBEX, OTHER_TENANT):
            await fill(store, key)
        await store.put_vectors(ACME, WORDS, {"e2": b"2", "e0": b"0", "unknown": b""})
        await store.put_vectors(GLOBEX, MINI, {"e0": b"again", "e2": b"2"})
        await store.erase(OTHER_TENANT, NOON)
        counted = (
            "SELECT number, events, embedded FROM account EXCEPT SELECT number,"
            " (SELECT count(*) FROM event WHERE account_number = number),"
            " (SELECT count(*) FROM vector WHERE account_number = number) FROM account"
        )
        assert await numbers(store, counted) == []

    async def test_another_store_s_changes_are_seen_through_a_warm_cache(self, store: Store, database: str) -> None:
        second = open_store(database, now=lambda: NOON)
        await fill(store, ACME)
        assert await store.read(ACME) == await second.read(ACME)
        await second.apply(a_change([an_event("e9")], seen=1, digests=[a_digest("New.")]))
        assert await store.read(ACME) == await second.read(ACME)
        await second.erase(ACME, NOON)
        assert await store.read(ACME) == AccountState(key=ACME)
        await second.apply(a_change([an_event("e5", text="Opened anew.")]))
        assert await store.read(ACME) == await second.read(ACME)
        seen = (await second.read(ACME)).version
        assert await store.apply(a_change([an_event("e6")], seen=seen)) == seen + 1
        assert await second.read(ACME) == await store.read(ACME)
        await second.close()


class TestFileStore(SharedErasureContract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> str | None:
        return str(tmp_path / "fleet.db")


class TestPostgresStore(OnPostgres, SharedErasureContract):
    """The same promises on a server."""
