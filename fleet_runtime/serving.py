"""Puts a worker together and runs it until it is told to leave, or given up for dead. Answers nothing itself."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Callable
from dataclasses import replace

import anyio

from fleet_runtime.composition import Assembly, at_work
from fleet_runtime.engine.durable.consumer import Consumer
from fleet_runtime.engine.durable.places import ENGINE_VERSION
from fleet_runtime.errors import FleetError, SettingError
from fleet_runtime.machine import host_name, present_time, process_is_gone
from fleet_runtime.pulse import Pulse
from fleet_runtime.records import Worker
from fleet_runtime.runtime.agent import new_turn
from fleet_runtime.runtime.motions import MotionsDue
from fleet_runtime.runtime.ticking import Digests, DueSource
from fleet_runtime.runtime.working import BEAT_SECONDS, Staffing
from fleet_runtime.stores.memory.store import MemoryStore

_REHEARSED = "Thanks, we have 40 seats now, and Kim is our champion. When does our contract renew, on 3 May 2027?"

_log = logging.getLogger(__name__)


async def serve(assembly: Assembly, worker_id: str | None, ready: Callable[[], None]) -> None:
    """Work until cancelled. Arguments and errors as for `fleet_runtime.fleet.Fleet.work`."""
    settings, queue = assembly.desk.settings, assembly.queue
    if queue is None:
        raise SettingError("a worker needs a durable engine", hint="set engine = durable and a database")
    me = _worker(worker_id or settings.worker_id, settings.tenant)
    runtime = assembly.runtime_over(assembly.engine_of(me.token), learns=True)
    sources = await _due(assembly)
    staffing = Staffing(
        me, assembly.desk, runtime, assembly.shared("a worker"), queue,
        sources=sources,
        is_gone=lambda other: process_is_gone(other.host, other.pid),
    )  # fmt: skip
    consumer = Consumer(settings.database, settings.tenant, token=me.token, turns=settings.worker_turns)
    consumer.reserve()
    try:
        await _rehearse(assembly)
        await staffing.enrol()
        async with at_work(runtime, resume=False):
            await _take_turns(staffing, consumer, ready, settings.worker_drain_seconds)
    finally:
        with anyio.CancelScope(shield=True):
            await consumer.stop()
            await staffing.leave()


async def _rehearse(assembly: Assembly) -> None:
    """Answer a message that nobody wrote, in memory and without a model: what a first turn loads is loaded then.

    It takes a second or two, which the first customer would have waited for, and longer on a busy machine.
    """
    desk = replace(assembly.desk, store=MemoryStore(), model=None)
    runtime = Assembly(desk, {}).runtime
    turn = new_turn(desk, desk.key("nobody"), desk.staff.lead, "main", _REHEARSED, speaker=None, at=None, turn_id=None)
    try:
        await runtime.run(await runtime.accept(turn))
    except FleetError as error:
        _log.warning("the rehearsal broke off, turns are answered all the same: %s", error)


async def _take_turns(staffing: Staffing, consumer: Consumer, ready: Callable[[], None], drain_seconds: float) -> None:
    """Take turns and look after the others; leave well when cancelled, and at once when given up.

    Raises: WorkerError.
    """
    looking = asyncio.ensure_future(staffing.look_after())
    drain = 0.0
    with Pulse(staffing.beat, BEAT_SECONDS) as pulse:
        try:
            await consumer.start(staffing.attempt, staffing.tick)
            ready()
            await pulse.lost.wait()
            raise staffing.lost()
        except asyncio.CancelledError:
            staffing.say_leaving()  # and signs of life go on being shown
            drain = drain_seconds
            raise
        finally:
            with anyio.CancelScope(shield=True):
                await consumer.stop(drain_seconds=drain)
                looking.cancel()
                await staffing.let_go()


async def _due(assembly: Assembly) -> tuple[DueSource, ...]:
    """Return what falls due by the calendar.

    Raises: ContractError for a motion that cannot be read; StoreError.
    """
    desk = assembly.desk
    if desk.settings.memory == "off":
        return ()
    digests = Digests(lambda: desk.store.accounts(desk.settings.tenant), assembly.memory)
    if desk.books is None:
        return (digests,)
    await assembly.motions.begin()
    return (digests, MotionsDue(assembly.motions))


def _worker(worker_id: str | None, tenant: str) -> Worker:
    """Return this incarnation of a worker."""
    host = host_name()
    return Worker(
        id=worker_id or f"{host}-{os.getpid()}", token=secrets.token_hex(8), tenant=tenant, host=host, pid=os.getpid(),
        version=ENGINE_VERSION, started_at=present_time(),
    )  # fmt: skip
