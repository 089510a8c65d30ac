"""What every store must do about pins: bound with the change, read with the account, gone with the account."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from postgres import OnPostgres
from sqlalchemy import delete
from store_of_database import StoreOfDatabase

from fleet_runtime.decisions import Decision
from fleet_runtime.errors import FenceLost
from fleet_runtime.ports import Store
from fleet_runtime.records import AccountChange, AccountKey, AccountState, Contract, Part, Pin, Reply, Turn
from fleet_runtime.stores.memory.store import MemoryStore
from fleet_runtime.stores.schema import tables
from fleet_runtime.stores.sql.store import open_store
from fleet_runtime.stores.statements.queries import of_account

ACME = AccountKey(tenant="north", account="acme")
GLOBEX = AccountKey(tenant="north", account="globex")
OTHER_TENANT = AccountKey(tenant="south", account="acme")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TURN = Turn(id="t1", key=ACME, conversation="c", role="csm", speaker="Ada", at=NOON, text="Hi.")
REPLY = Reply(
    turn_id="t1",
    conversation="c",
    text="Noted.",
    role="csm",
    parts=(Part(role="csm", text="Noted.", kind="answer"),),
    decision=Decision(id="d", verdict="keep", choice="csm", stage="owner", confidence=1.0, reason="owner"),
)


def a_contract(content_hash: str, role: str = "csm", text: str = "# CSM\n") -> Contract:
    return Contract(role=role, content_hash=content_hash, text=text)


def pinning(seen: int, *contracts: Contract, key: AccountKey = ACME, now: datetime = NOON) -> AccountChange:
    return AccountChange(key=key, seen_version=seen, now=now, pinned=contracts)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
class PinContract(StoreOfDatabase):
    """A store of ``database``, fresh for each test."""

    async def test_pins_are_written_with_the_turn_and_read_with_the_account(self, store: Store) -> None:
        await store.accept(TURN)
        first, other = a_contract("h1"), a_contract("h2", role="agent", text="# Agent\n")
        await store.apply(pinning(0, first, other).model_copy(update={"finishes": "t1", "reply": REPLY}))
        state = await store.read(ACME)
        assert state.pins == (
            Pin(role="agent", content_hash="h2", since=NOON),
            Pin(role="csm", content_hash="h1", since=NOON),
        )
        assert state.turns[0].reply == REPLY
        assert (state.pin("csm"), state.pin("nobody")) == (state.pins[1], None)
        assert (await store.read(GLOBEX)).pins == ()
        assert (await store.contract("h1"), await store.contract("h3")) == (first, None)

    async def test_a_later_pin_of_a_role_stands_in_for_the_former_whose_text_stays(self, store: Store) -> None:
        later = NOON + timedelta(days=9)
        assert await store.apply(pinning(0, a_contract("h0"))) == 1
        assert await store.apply(pinning(1, a_contract("h1", text="# Other\n"), now=later)) == 2
        assert (await store.read(ACME)).pins == (Pin(role="csm", content_hash="h1", since=later),)
        assert await store.contract("h0") == a_contract("h0")

    async def test_a_contract_is_kept_once_and_only_with_a_text(self, store: Store) -> None:
        unknown, known = a_contract("h", text=""), a_contract("h")
        for key, contract, kept in ((ACME, unknown, None), (GLOBEX, known, known), (OTHER_TENANT, known, known)):
            await store.apply(pinning(0, contract, key=key))
            assert await store.contract("h") == kept
            assert [pin.content_hash for pin in (await store.read(key)).pins] == ["h"]

    async def test_a_refused_change_pins_nothing(self, store: Store) -> None:
        unheard = REPLY.model_copy(update={"turn_id": "t9"})
        for change in (
            pinning(3, a_contract("h")),
            pinning(0, a_contract("h")).model_copy(update={"finishes": "t9", "reply": unheard}),
        ):
            with pytest.raises(FenceLost):
                await store.apply(change)
        assert await store.read(ACME) == AccountState(key=ACME)
        assert await store.contract("h") is None

    async def test_the_pins_of_a_tenant_come_by_account_and_role(self, store: Store) -> None:
        for key in (GLOBEX, ACME, OTHER_TENANT):
            await store.apply(pinning(0, a_contract("h1"), a_contract("h2", role="agent"), key=key))
        assert [(account, pin.role, pin.content_hash) for account, pin in await store.pins("north")] == [
            ("acme", "agent", "h2"),
            ("acme", "csm", "h1"),
            ("globex", "agent", "h2"),
            ("globex", "csm", "h1"),
        ]
        assert await store.pins("nobody") == []

    async def test_pins_go_with_their_account(self, store: Store) -> None:
        for key in (ACME, GLOBEX):
            await store.apply(pinning(0, a_contract("h"), key=key))
        await store.erase(ACME, NOON)
        assert [account for account, _ in await store.pins("north")] == ["globex"]
        assert await store.contract("h") == a_contract("h")


class TestSqliteInMemory(PinContract):
    @pytest.fixture
    def database(self) -> str | None:
        return None


class TestMemoryStore(PinContract):
    @pytest.fixture
    async def store(self) -> AsyncGenerator[Store]:
        store = MemoryStore()
        yield store
        await store.close()


class SharedPinContract(PinContract):
    """Of a database that several stores may open at once."""

    async def test_the_database_itself_binds_pins_to_their_account(self, database: str) -> None:
        store = open_store(database, now=lambda: NOON)
        for key in (ACME, GLOBEX):
            await store.apply(pinning(0, a_contract("h"), key=key))
        gone = delete(tables.account).where(of_account(tables.account, ACME))
        await store._database.write(lambda connection: connection.execute(gone).close())
        assert [account for account, _ in await store.pins("north")] == ["globex"]
        assert await store.contract("h") == a_contract("h")
        await store.close()


class TestFileStore(SharedPinContract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> str | None:
        return str(tmp_path / "fleet.db")


class TestPostgresStore(OnPostgres, SharedPinContract):
    """The same promises on a server."""
