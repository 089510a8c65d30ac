"""The one DBOS of this process: takes queued work and hands it to whoever does it. Knows no role and no store.

DBOS is a singleton of the process, and so is this: a second one is an error. What it runs is one step a turn, which is
done as often as it takes: whoever does the work knows what was done before. The step can be interrupted (a turn that is
cancelled), and what it returns is nothing, so that the engine's tables hold ids only.

A worker's executor id is its token, which is this incarnation's alone. DBOS never finds work of its own from before;
what a dead incarnation left is queued anew by those that live (`fleet_runtime.runtime.working`).
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import anyio.to_thread
from dbos import DBOS, DBOSPortableJSONSerializer
from sqlalchemy import Engine

from fleet_runtime.engine.durable.engine_tables import explained, open_engine
from fleet_runtime.engine.durable.places import APPLICATION, ENGINE_VERSION, TICK, TURN, engine_url, queue_of
from fleet_runtime.engines import Attempt, TickWork
from fleet_runtime.errors import WorkerError
from fleet_runtime.records import AccountKey

POLL_SECONDS = 0.05
"""How often a worker looks for work: a turn that finds a free worker begins within twice that."""

EVERYBODY = 100_000
"""More turns than all workers together run at once. A bound on all makes DBOS take work serialisably: without one, two
workers have been seen to take two turns of one account at the same time."""

_CONNECTIONS = 8
_LIBRARY_LEVEL: Literal["WARNING"] = "WARNING"


class Consumer:
    """Takes work from a tenant's queue while it is open. One in a process at a time."""

    _open: Consumer | None = None

    def __init__(self, database: str, tenant: str, *, token: str, turns: int) -> None:
        """Take up to ``turns`` at a time, as the executor ``token``.

        The number is kept with the queue: the worker of the tenant that started last sets it for all.
        """
        self._database = database
        self._tenant = tenant
        self._token = token
        self._turns = turns
        self._engine: Engine | None = None

    def reserve(self) -> None:
        """Make sure of being the only one; `stop` lets another one be.

        Raises: WorkerError if this process has a worker already.
        """
        if Consumer._open is not None:
            raise WorkerError("this process has a worker already", hint="start another process for another worker")
        Consumer._open = self

    async def start(self, attempt: Attempt, tick: TickWork) -> None:
        """Begin to take work, which runs on the present event loop.

        Raises: StoreError.
        """
        _register(attempt, tick)
        try:
            with explained():
                self._launch()
                await DBOS.register_queue_async(
                    queue_of(self._tenant),
                    partition_concurrency=1,
                    global_concurrency=EVERYBODY,
                    worker_concurrency=self._turns,
                    polling_interval_sec=POLL_SECONDS,
                    on_conflict="always_update",
                )
        except BaseException:
            await self.stop()
            raise

    async def stop(self, *, drain_seconds: float = 0.0) -> None:
        """Take no more, wait so long for what runs, and let go. What is not done then is left for other workers."""
        if Consumer._open is not self:
            return
        if self._engine is None:
            Consumer._open = None
            return
        # In a thread: DBOS waits there, while what it waits for runs on this loop.
        await anyio.to_thread.run_sync(
            lambda: (
                DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=round(drain_seconds + 0.5))
                if drain_seconds
                else DBOS.destroy(destroy_registry=True)
            )
        )
        # DBOS had its own threads serve the whole loop, and has ended them.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        self._engine.dispose()
        self._engine = Consumer._open = None

    def _launch(self) -> None:
        """Start DBOS. It adopts the loop of the thread that calls this."""
        url = engine_url(self._database)
        self._engine = open_engine(url, connections=_CONNECTIONS)
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": url.render_as_string(hide_password=False),
                "system_database_engine": self._engine,
                "application_version": ENGINE_VERSION,
                "executor_id": self._token,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": _LIBRARY_LEVEL,
                "enable_otlp": False,
                "use_listen_notify": False,
                "run_migrations": False,
                "scheduler_polling_interval_sec": 3600.0,
            }
        )
        DBOS.listen_queues([queue_of(self._tenant)])
        DBOS.launch()


def _register(attempt: Attempt, tick: TickWork) -> None:
    """Tell DBOS what is done under which name."""

    @DBOS.workflow(name=TURN, max_recovery_attempts=None)
    async def turn(tenant: str, account: str, turn_id: str, streams: bool) -> None:  # noqa: FBT001 - as it was queued
        await DBOS.run_step_async(
            {"name": "answer", "preemptible": True},
            attempt,
            AccountKey(tenant=tenant, account=account),
            turn_id,
            streams,
        )

    @DBOS.workflow(name=TICK, max_recovery_attempts=None)
    async def due(tenant: str, account: str, kind: str, date: str) -> None:
        await DBOS.run_step_async({"name": "do"}, tick, AccountKey(tenant=tenant, account=account), kind, date)

    del turn, due
