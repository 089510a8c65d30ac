"""No turn is worked on twice and no lease left, though renewals, acceptances and commits overtake one another."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime

import anyio
import pytest
from engine_doubles import (
    ACME,
    LEASE_SECONDS,
    NOON,
    WAIT_SECONDS,
    Beats,
    Desk,
    HeldLeases,
    a_turn,
    fence_lost,
    unreachable,
)

from fleet_runtime.engine.inline import InlineEngine
from fleet_runtime.errors import ModelUnreachable
from fleet_runtime.records import AccountKey, Reply, Turn

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class SlowAnswers(HeldLeases):
    """Writes what is accepted at once, and says so only when it is let to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = anyio.Event()
        self.may_answer.set()
        self.on_release: asyncio.Task[Turn] | None = None
        self.accepted_on_release: InlineEngine | None = None

    async def begin(self, turn: Turn, owner: str, until: datetime, now: datetime) -> tuple[Turn, bool]:
        begun = await super().begin(turn, owner, until, now)
        await self.may_answer.wait()
        return begun

    async def release(self, key: AccountKey, owner: str) -> None:
        if self.accepted_on_release is not None:
            self.on_release = asyncio.create_task(self.accepted_on_release.accept(a_turn("t2")))
            self.accepted_on_release = None
            await anyio.wait_all_tasks_blocked()
        await super().release(key, owner)


@pytest.fixture
def store() -> SlowAnswers:
    return SlowAnswers()


@pytest.fixture
def beats() -> Beats:
    return Beats()


@pytest.fixture
def engine(store: SlowAnswers, beats: Beats) -> InlineEngine:
    return InlineEngine(
        store,
        clock=lambda: NOON,
        owner="us",
        lease_seconds=LEASE_SECONDS,
        lease_wait_seconds=WAIT_SECONDS,
        sleep=beats.sleep,
        commits_release=True,
    )


@pytest.fixture
def desk(store: SlowAnswers) -> Desk:
    return Desk(store, releases={"t1", "t2"})


async def worked(engine: InlineEngine, store: SlowAnswers, beats: Beats, desk: Desk) -> asyncio.Task[Reply]:
    """Have a turn worked on to its end, while a renewal of its lease that began before is still on its way."""
    may_end = anyio.Event()

    async def wait(_turn: Turn) -> None:
        await may_end.wait()

    desk.during = wait
    running = asyncio.create_task(engine.run(await engine.accept(a_turn("t1")), desk.work))
    await desk.working.wait()
    store.hold()
    await beats.beat()
    may_end.set()
    await anyio.wait_all_tasks_blocked()
    return running


async def test_a_renewal_that_comes_after_the_commit_that_released_leaves_no_lease(
    engine: InlineEngine, store: SlowAnswers, beats: Beats, desk: Desk
) -> None:
    async def work(turn: Turn, owner: str) -> Reply:
        store.hold()
        await beats.beat()
        reply = await desk.work(turn, owner)
        store.let_through()
        await anyio.wait_all_tasks_blocked()
        assert not await store.is_free(ACME)
        return reply

    await engine.run(await engine.accept(a_turn("t1")), work)
    assert await store.is_free(ACME)


async def test_a_renewal_takes_no_lease_from_the_turn_that_is_accepted_next(
    engine: InlineEngine, store: SlowAnswers, beats: Beats, desk: Desk
) -> None:
    first = await worked(engine, store, beats, desk)
    assert (await store.read(ACME)).version == 1
    second = await engine.accept(a_turn("t2"))
    store.let_through()
    await first
    await anyio.wait_all_tasks_blocked()
    assert (await engine.run(second, desk.work)).turn_id == "t2"
    assert desk.began == ["t1", "t2"]
    assert await store.is_free(ACME)


async def test_a_renewal_during_a_turn_that_fails_leaves_no_lease(
    engine: InlineEngine, store: SlowAnswers, beats: Beats, desk: Desk
) -> None:
    desk.fails["t1"] = [unreachable()]
    failing = await worked(engine, store, beats, desk)
    assert not failing.done()
    store.let_through()
    with suppress(ModelUnreachable):
        await failing
    assert await store.is_free(ACME)


async def test_a_renewal_during_a_turn_that_loses_its_fence_leaves_no_lease(
    engine: InlineEngine, store: SlowAnswers, beats: Beats, desk: Desk
) -> None:
    desk.fails["t1"] = [fence_lost()]

    async def renew(_turn: Turn) -> None:
        await beats.beat()

    desk.during = renew
    await engine.run(await engine.accept(a_turn("t1")), desk.work)
    assert desk.began == ["t1", "t1"]
    assert await store.is_free(ACME)


async def test_a_turn_that_is_cancelled_while_its_last_renewal_is_on_its_way_leaves_no_lease(
    engine: InlineEngine, store: SlowAnswers, beats: Beats, desk: Desk
) -> None:
    running = await worked(engine, store, beats, desk)
    running.cancel()
    await anyio.wait_all_tasks_blocked()
    store.let_through()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await store.is_free(ACME)
    assert (await store.read(ACME)).version == 1


async def test_an_engine_that_closes_leaves_no_turn_waiting_for_a_renewal(
    engine: InlineEngine, store: SlowAnswers, beats: Beats, desk: Desk
) -> None:
    running = await worked(engine, store, beats, desk)
    await engine.close()
    with anyio.fail_after(10):
        assert (await running).turn_id == "t1"
    assert await store.is_free(ACME)


async def test_a_turn_whose_account_somebody_was_alone_with_since_it_was_accepted_is_worked_on_once(
    engine: InlineEngine, store: SlowAnswers, desk: Desk
) -> None:
    turn = await engine.accept(a_turn("t1"))
    async with engine.alone(ACME):
        pass
    assert await store.is_free(ACME)
    await engine.run(turn, desk.work)
    assert desk.began == ["t1"]


async def test_a_turn_that_was_being_accepted_while_somebody_was_alone_with_its_account_is_worked_on_once(
    engine: InlineEngine, store: SlowAnswers, desk: Desk
) -> None:
    store.may_answer = anyio.Event()
    async with engine.alone(ACME):
        accepting = asyncio.create_task(engine.accept(a_turn("t1")))
        await anyio.wait_all_tasks_blocked()
    store.may_answer.set()
    await engine.run(await accepting, desk.work)
    assert desk.began == ["t1"]


async def test_a_turn_that_was_being_accepted_while_another_was_resumed_is_worked_on_once(
    engine: InlineEngine, store: SlowAnswers, desk: Desk
) -> None:
    """It is written after the commit of the other and before the lease is given back; the answer comes after both."""
    await store.accept(a_turn("t1"))
    store.may_answer, store.accepted_on_release, desk.releases = anyio.Event(), engine, ()
    assert await engine.resume(desk.work) == 1
    store.may_answer.set()
    assert store.on_release is not None
    await engine.run(await store.on_release, desk.work)
    assert desk.began == ["t1", "t2"]
