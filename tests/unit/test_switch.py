"""How soon the switch acts, and how rarely the store is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

import anyio
import anyio.lowlevel
import pytest

from fleet_runtime.errors import Paused, StoreError
from fleet_runtime.ports import Store
from fleet_runtime.records import Pause
from fleet_runtime.runtime.switch import FRESH_SECONDS, Switch

SINCE = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
OFF = Pause(since=SINCE, by="Dana", reason="a wrong price is out")
pytestmark = pytest.mark.anyio


class OnlySwitch:
    """A store of which nothing but the switch is asked; ``asked`` counts."""

    def __init__(self) -> None:
        self.pause: Pause | None = None
        self.broken = False
        self.asked: list[str] = []

    async def paused(self, tenant: str) -> Pause | None:
        self.asked.append(tenant)
        found = self.pause
        await anyio.lowlevel.checkpoint()
        if self.broken:
            raise StoreError("the disk is gone", hint="look for it")
        return found


class Timed:
    """A timer that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def switch_on(store: OnlySwitch, timer: Callable[[], float]) -> Switch:
    return Switch(cast("Store", store), "north", timer)


async def test_while_it_is_on_nothing_happens_and_the_store_is_asked_four_times_a_second_at_most() -> None:
    store, timer = OnlySwitch(), Timed()
    switch = switch_on(store, timer)
    for _ in range(1000):
        await switch.check()
        timer.seconds += 0.001
    assert 1 <= len(store.asked) <= 1 / FRESH_SECONDS
    assert set(store.asked) == {"north"}


async def test_it_acts_within_a_second_of_being_turned_off_and_at_once_when_it_is_on_again() -> None:
    store, timer = OnlySwitch(), Timed()
    switch = switch_on(store, timer)
    await switch.check()
    store.pause = OFF
    timer.seconds += 1.0
    with pytest.raises(Paused, match="paused since 2027-03-01 09:00 UTC by Dana: a wrong price is out") as told:
        await switch.check()
    assert "fleet resume" in told.value.hint
    with pytest.raises(Paused):
        await switch.check()
    store.pause = None
    await switch.check()


async def test_a_pause_may_say_nothing_of_who_and_why() -> None:
    store = OnlySwitch()
    store.pause = Pause(since=SINCE)
    with pytest.raises(Paused) as told:
        await switch_on(store, Timed()).check()
    assert told.value.message == "paused since 2027-03-01 09:00 UTC"


async def test_many_at_once_ask_once_when_the_answer_is_old() -> None:
    store, timer = OnlySwitch(), Timed()
    switch = switch_on(store, timer)
    await switch.check()
    timer.seconds += 1.0
    async with anyio.create_task_group() as tasks:
        for _ in range(200):
            tasks.start_soon(switch.check)
    assert len(store.asked) == 2


async def test_nobody_goes_on_before_the_first_answer() -> None:
    store = OnlySwitch()
    store.pause = OFF
    switch = switch_on(store, Timed())
    refused: list[Paused] = []

    async def check() -> None:
        try:
            await switch.check()
        except Paused as error:
            refused.append(error)

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(check)
    assert len(refused) == 5


async def test_a_store_that_cannot_say_is_an_error() -> None:
    store = OnlySwitch()
    store.broken = True
    with pytest.raises(StoreError, match="the disk is gone"):
        await switch_on(store, Timed()).check()
