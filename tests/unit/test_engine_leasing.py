"""Leases are not left behind: when one is given back, no renewal of it is on its way any more."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import anyio
import pytest
from engine_doubles import ACME, NOON, Beats, HeldLeases

from fleet_runtime.engine.leasing import Leasing

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def store() -> HeldLeases:
    return HeldLeases()


@pytest.fixture
def beats() -> Beats:
    return Beats()


@pytest.fixture
def leasing(store: HeldLeases, beats: Beats) -> Leasing:
    return Leasing(store, clock=lambda: NOON, owner="us", seconds=10.0, wait_seconds=0.0, sleep=beats.sleep)


async def test_an_account_is_not_left_before_a_renewal_on_its_way_is_done_and_its_lease_given_back(
    leasing: Leasing, store: HeldLeases, beats: Beats
) -> None:
    ends = anyio.Event()

    async def be_alone() -> None:
        async with leasing.alone(ACME):
            await ends.wait()

    leaving = asyncio.create_task(be_alone())
    await anyio.wait_all_tasks_blocked()
    store.hold()
    await beats.beat()
    ends.set()
    await anyio.wait_all_tasks_blocked()
    assert not leaving.done()
    assert leasing.lines.busy(ACME)
    store.let_through()
    await leaving
    assert not leasing.lines.busy(ACME)
    assert await store.is_free(ACME), "an erased account would be in the lease's row"


async def test_a_renewal_keeps_the_lease_of_whoever_is_at_work(
    leasing: Leasing, store: HeldLeases, beats: Beats
) -> None:
    async with leasing.alone(ACME):
        await store.release(ACME, "us")
        await beats.beat()
        assert not await store.lease(ACME, "them", NOON + timedelta(seconds=1), NOON)
    assert await store.is_free(ACME)


async def test_a_beat_after_the_account_was_left_takes_no_lease(
    leasing: Leasing, store: HeldLeases, beats: Beats
) -> None:
    async with leasing.alone(ACME):
        await anyio.wait_all_tasks_blocked()
    await beats.beat()
    assert await store.is_free(ACME)
