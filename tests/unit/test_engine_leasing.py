"""Leases are not left behind: a renewal that comes too late must put none back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from engine_doubles import ACME, NOON

from fleet_runtime.engine.leasing import Leasing
from fleet_runtime.stores.memory_store import MemoryStore


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def leasing_of(store: MemoryStore) -> Leasing:
    return Leasing(store, clock=lambda: NOON, owner="us", seconds=10.0, wait_seconds=0.0)


async def is_free(store: MemoryStore) -> bool:
    taken = await store.lease(ACME, "them", NOON + timedelta(seconds=1), NOON)
    await store.release(ACME, "them")
    return taken


@pytest.mark.anyio
async def test_a_renewal_that_was_on_its_way_when_the_lease_was_given_back_leaves_none() -> None:
    store = MemoryStore()
    leasing = leasing_of(store)
    async with leasing.alone(ACME):
        assert not await is_free(store)
    assert await is_free(store)
    assert await leasing._renew(ACME)
    assert await is_free(store), "an erased account would be in the lease's row"


@pytest.mark.anyio
async def test_a_renewal_keeps_the_lease_of_whoever_is_at_work() -> None:
    store = MemoryStore()
    leasing = leasing_of(store)
    async with leasing.alone(ACME):
        assert await leasing._renew(ACME)
        assert not await is_free(store)
