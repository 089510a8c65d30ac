"""What an engine is tried with: a told time, and a desk that answers turns over a real store."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import anyio
import anyio.lowlevel
from sqlalchemy import Connection

from fleet_runtime.decisions import Decision
from fleet_runtime.engine.inline import InlineEngine
from fleet_runtime.errors import FenceLost, ModelUnreachable
from fleet_runtime.ports import Store
from fleet_runtime.records import AccountChange, AccountKey, AccountState, Part, Reply, Turn
from fleet_runtime.stores.memory.store import MemoryStore
from fleet_runtime.stores.sql.store import SqlStore

ACME = AccountKey(tenant="north", account="acme")
GLOBEX = AccountKey(tenant="north", account="globex")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LEASE_SECONDS = 3.0
WAIT_SECONDS = 5.0


def a_turn(turn_id: str, key: AccountKey = ACME) -> Turn:
    return Turn(id=turn_id, key=key, conversation="c", role="r", speaker="Ada", at=NOON, text=turn_id)


def a_reply(turn_id: str, text: str) -> Reply:
    return Reply(
        turn_id=turn_id,
        conversation="c",
        text=text,
        role="r",
        parts=(Part(role="r", text=text, kind="answer"),),
        decision=Decision(id="d", verdict="keep", choice="r", stage="owner", confidence=1.0, reason="owner"),
    )


class ToldTime:
    """A clock that stands while anybody works, and jumps to the next sleeper when all sleep."""

    def __init__(self, store: Store) -> None:
        self.now = NOON
        self._store = store
        self._sleepers: list[tuple[datetime, anyio.Event]] = []

    def clock(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken = anyio.Event()
        self._sleepers.append((self.now + timedelta(seconds=seconds), woken))
        await woken.wait()

    @asynccontextmanager
    async def flowing(self) -> AsyncGenerator[None]:
        async with anyio.create_task_group() as group:
            group.start_soon(self._flow)
            yield
            group.cancel_scope.cancel()

    async def _flow(self) -> None:
        while True:
            # The store is first come, first served: when this is answered, what was asked before is too.
            for _ in range(4):
                await self._store.accounts("nobody")
                await anyio.lowlevel.checkpoint()
            self._sleepers.sort(key=lambda sleeper: sleeper[0])
            if self._sleepers:
                self.now, woken = self._sleepers.pop(0)
                woken.set()


class Desk:
    """Answers turns as the runtime does: reads, works, commits under the lease; notes what it began."""

    def __init__(self, store: Store, name: str = "desk", *, releases: Collection[str] = ()) -> None:
        self.store = store
        self.name = name
        self.releases = releases
        self.began: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.fails: dict[str, list[Exception]] = {}
        self.during: Callable[[Turn], Awaitable[object]] | None = None
        self.working = anyio.Event()

    async def work(self, turn: Turn, owner: str) -> Reply:
        self.began.append(turn.id)
        self.working.set()
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            return await self._answer(turn, owner)
        finally:
            self.at_once -= 1

    async def _answer(self, turn: Turn, owner: str) -> Reply:
        seen = (await self.store.read(turn.key)).version
        if self.during is not None:
            await self.during(turn)
        if self.fails.get(turn.id):
            raise self.fails[turn.id].pop(0)
        reply = a_reply(turn.id, f"{self.name} answers {turn.id}")
        change = AccountChange(
            key=turn.key,
            seen_version=seen,
            now=NOON,
            finishes=turn.id,
            reply=reply,
            lease_owner=owner,
            releases=turn.id in self.releases,
        )
        await self.store.apply(change)
        return reply


def unreachable() -> ModelUnreachable:
    return ModelUnreachable("no model", hint="start one")


def fence_lost() -> FenceLost:
    return FenceLost("moved on", hint="again")


class NotingStore(MemoryStore):
    """Notes which verbs of a turn are used."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []

    async def accept(self, turn: Turn) -> Turn:
        self.noted.append("accept")
        return await super().accept(turn)

    async def begin(self, turn: Turn, owner: str, until: datetime, now: datetime) -> tuple[Turn, bool]:
        self.noted.append("begin")
        return await super().begin(turn, owner, until, now)

    async def turn(self, key: AccountKey, turn_id: str) -> Turn | None:
        self.noted.append("turn")
        return await super().turn(key, turn_id)

    async def unfinished(self, key: AccountKey | None = None) -> list[Turn]:
        self.noted.append("unfinished")
        return await super().unfinished(key)

    async def read(self, key: AccountKey) -> AccountState:
        self.noted.append("read")
        return await super().read(key)

    async def apply(self, change: AccountChange) -> int:
        self.noted.append("apply")
        return await super().apply(change)

    async def lease(self, key: AccountKey, owner: str, until: datetime, now: datetime) -> bool:
        self.noted.append("lease")
        return await super().lease(key, owner, until, now)

    async def release(self, key: AccountKey, owner: str) -> None:
        self.noted.append("release")
        await super().release(key, owner)


class HeldLeases(MemoryStore):
    """Takes and renews leases only when it is let to; all else is done at once."""

    def __init__(self) -> None:
        super().__init__()
        self._held = anyio.Event()
        self._held.set()

    def hold(self) -> None:
        self._held = anyio.Event()

    def let_through(self) -> None:
        self._held.set()

    async def lease(self, key: AccountKey, owner: str, until: datetime, now: datetime) -> bool:
        await self._held.wait()
        return await super().lease(key, owner, until, now)

    async def is_free(self, key: AccountKey) -> bool:
        """Tell whether another may have the account now."""
        free = await super().lease(key, "them", NOON + timedelta(seconds=1), NOON)
        await self.release(key, "them")
        return free


class Beats:
    """A sleep that ends when it is told to, however long it was to be."""

    def __init__(self) -> None:
        self._woken: list[anyio.Event] = []

    @property
    def sleepers(self) -> int:
        return len(self._woken)

    async def sleep(self, _seconds: float) -> None:
        woken = anyio.Event()
        self._woken.append(woken)
        await woken.wait()

    async def beat(self) -> None:
        """Wake all that sleep, and wait until they can go on no further; while nobody else waits for that."""
        await anyio.wait_all_tasks_blocked()
        woken, self._woken = self._woken, []
        for one in woken:
            one.set()
        await anyio.wait_all_tasks_blocked()


def engine_named(owner: str, store: Store, time: ToldTime, *, commits_release: bool = False) -> InlineEngine:
    return InlineEngine(
        store,
        clock=time.clock,
        owner=owner,
        lease_seconds=LEASE_SECONDS,
        lease_wait_seconds=WAIT_SECONDS,
        sleep=time.sleep,
        commits_release=commits_release,
    )


async def read_only(store: SqlStore, state: str) -> None:
    """Make the database refuse writes for a while, as a disk that was mounted read-only does."""

    def switch(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA query_only = {state}")

    await store._database.read(switch)
