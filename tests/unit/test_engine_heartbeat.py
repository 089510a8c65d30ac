"""One beat renews all leases that are held; whoever leaves waits for a renewal that is on its way."""

from __future__ import annotations

import asyncio
import logging

import anyio
import pytest
from engine_doubles import ACME, GLOBEX, Beats

from fleet_runtime.engine.heartbeat import Heartbeat
from fleet_runtime.errors import StoreError
from fleet_runtime.records import AccountKey

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Renewing:
    """A renewal that is noted, and may be held until it is let through."""

    def __init__(self) -> None:
        self.asked: list[AccountKey] = []
        self.done: list[AccountKey] = []
        self.lost: set[AccountKey] = set()
        self.fails = False
        self.may_pass = anyio.Event()
        self.may_pass.set()

    def hold(self) -> None:
        self.may_pass = anyio.Event()

    async def renew(self, key: AccountKey) -> bool:
        self.asked.append(key)
        await self.may_pass.wait()
        if self.fails:
            raise StoreError("no disk", hint="get one")
        self.done.append(key)
        return key not in self.lost


class Bench:
    """A heartbeat with what it is made of."""

    def __init__(self) -> None:
        self.beats = Beats()
        self.renewing = Renewing()
        self.heartbeat = Heartbeat(self.renewing.renew, self.beats.sleep, 1.0)

    async def hold(self, key: AccountKey, ends: anyio.Event) -> bool:
        async with self.heartbeat.of(key) as renewals:
            await ends.wait()
        return renewals.begun


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def started(bench: Bench, key: AccountKey = ACME) -> tuple[asyncio.Task[bool], anyio.Event]:
    """Begin to hold an account."""
    ends = anyio.Event()
    holding = asyncio.create_task(bench.hold(key, ends))
    await anyio.wait_all_tasks_blocked()
    return holding, ends


async def test_all_that_are_held_are_renewed_at_each_beat_and_none_after(bench: Bench) -> None:
    first, first_ends = await started(bench)
    second, second_ends = await started(bench, GLOBEX)
    await bench.beats.beat()
    assert bench.renewing.done == [ACME, GLOBEX]
    first_ends.set()
    assert await first
    await bench.beats.beat()
    assert bench.renewing.done == [ACME, GLOBEX, GLOBEX]
    second_ends.set()
    assert await second
    await bench.beats.beat()
    assert bench.renewing.done == [ACME, GLOBEX, GLOBEX]
    assert bench.beats.sleepers == 0


async def test_a_block_shorter_than_a_beat_is_told_that_no_renewal_began_and_yields_to_nobody(bench: Bench) -> None:
    others: list[str] = []
    asyncio.get_running_loop().call_soon(others.append, "ran")
    async with bench.heartbeat.of(ACME) as renewals:
        pass
    assert not renewals.begun
    assert others == []


async def test_whoever_leaves_waits_for_a_renewal_on_its_way(bench: Bench) -> None:
    bench.renewing.hold()
    holding, ends = await started(bench)
    await bench.beats.beat()
    ends.set()
    await anyio.wait_all_tasks_blocked()
    assert bench.renewing.asked == [ACME]
    assert not holding.done()
    bench.renewing.may_pass.set()
    assert await holding
    assert bench.renewing.done == [ACME]


async def test_whoever_leaves_does_not_wait_for_the_renewal_of_another_account(bench: Bench) -> None:
    bench.renewing.hold()
    first, first_ends = await started(bench)
    second, second_ends = await started(bench, GLOBEX)
    await bench.beats.beat()
    assert bench.renewing.asked == [ACME]
    second_ends.set()
    assert not await second
    first_ends.set()
    bench.renewing.may_pass.set()
    assert await first
    assert bench.renewing.done == [ACME], "an account that was left meanwhile is not renewed"


async def test_neither_a_cancelled_task_nor_a_cancelled_scope_leaves_before_the_renewal_is_done(bench: Bench) -> None:
    bench.renewing.hold()
    holding, ends = await started(bench)
    await bench.beats.beat()
    for _ in range(2):  # first while it holds, then while it waits
        holding.cancel()
        await anyio.wait_all_tasks_blocked()
        assert not holding.done()
    bench.renewing.may_pass.set()
    with pytest.raises(asyncio.CancelledError):
        await holding
    assert bench.renewing.done == [ACME]
    bench.renewing.hold()
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(bench.hold, ACME, ends)
            await bench.beats.beat()
            scope.cancel()
            with anyio.CancelScope(shield=True):
                await anyio.wait_all_tasks_blocked()
                bench.renewing.may_pass.set()
    assert bench.renewing.done == [ACME, ACME]


async def test_a_task_that_is_cancelled_while_it_leaves_is_told_so_afterwards(bench: Bench) -> None:
    bench.renewing.hold()
    holding, ends = await started(bench)
    await bench.beats.beat()
    ends.set()
    await anyio.wait_all_tasks_blocked()
    holding.cancel()
    await anyio.wait_all_tasks_blocked()
    assert not holding.done()
    bench.renewing.may_pass.set()
    with pytest.raises(asyncio.CancelledError):
        await holding


async def test_an_error_of_the_block_is_what_whoever_leaves_is_told(bench: Bench) -> None:
    bench.renewing.hold()
    ends = anyio.Event()

    async def fail() -> None:
        async with bench.heartbeat.of(ACME):
            await ends.wait()
            raise ZeroDivisionError

    failing = asyncio.create_task(fail())
    await bench.beats.beat()
    ends.set()
    await anyio.wait_all_tasks_blocked()
    assert not failing.done()
    bench.renewing.may_pass.set()
    with pytest.raises(ZeroDivisionError):
        await failing


async def test_a_heartbeat_that_is_stopped_leaves_nobody_waiting(bench: Bench) -> None:
    bench.renewing.hold()
    leaving, ends = await started(bench)
    staying, may_end = await started(bench, GLOBEX)
    await bench.beats.beat()
    ends.set()
    await anyio.wait_all_tasks_blocked()
    bench.heartbeat.stop()
    with anyio.fail_after(10):
        assert await leaving
        may_end.set()
        assert not await staying
    assert bench.renewing.done == []


async def test_a_renewal_that_fails_is_said_and_tried_again_at_the_next_beat(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    holding, ends = await started(bench)
    bench.renewing.fails = True
    with caplog.at_level(logging.WARNING):
        await bench.beats.beat()
    assert "not renewed: no disk" in caplog.text
    bench.renewing.fails = False
    await bench.beats.beat()
    assert bench.renewing.done == [ACME]
    ends.set()
    assert await holding, "what failed may have been written all the same"


async def test_a_lease_that_is_anothers_by_now_is_not_asked_for_again(bench: Bench) -> None:
    bench.renewing.lost = {ACME}
    first, first_ends = await started(bench)
    second, second_ends = await started(bench, GLOBEX)
    for _ in range(2):
        await bench.beats.beat()
    assert bench.renewing.asked == [ACME, GLOBEX, GLOBEX]
    first_ends.set()
    second_ends.set()
    assert await first
    assert await second
