"""Waits for turns that are answered elsewhere: one look at the store for all that wait in this process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from fleet_runtime.boards import TurnLog
from fleet_runtime.errors import StoreError
from fleet_runtime.records import Turn

LOOK_SECONDS = 0.02
"""How often the store is asked while somebody waits."""

_TROUBLE_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Waiting:
    """Those who wait, by turn; the task that looks ends when nobody does."""

    def __init__(self, log: TurnLog, tenant: str, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Look into the tenant's turns."""
        self._turns = log
        self._tenant = tenant
        self._sleep = sleep
        self._waiters: dict[str, list[asyncio.Future[Turn]]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def settled(self, turn_id: str) -> Turn:
        """Return the turn once it is done, failed or cancelled. Whoever does not want to wait longer cancels this."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Turn] = loop.create_future()
        self._waiters.setdefault(turn_id, []).append(waiter)
        if self._looking is None or self._looking.done():
            self._looking = loop.create_task(self._look())
        try:
            return await waiter
        finally:
            others = self._waiters.get(turn_id, [])
            if waiter in others:
                others.remove(waiter)
            if not others:
                self._waiters.pop(turn_id, None)

    def stop(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        """Look until nobody waits; a store that cannot be asked now is asked again."""
        while self._waiters:
            try:
                for turn in await self._turns.settled(self._tenant, list(self._waiters)):
                    for waiter in self._waiters.pop(turn.id, ()):
                        if not waiter.done():
                            waiter.set_result(turn)
            except StoreError as error:
                _log.warning("turns are waited for, and the store does not answer: %s", error)
                await self._sleep(_TROUBLE_SECONDS)
            await self._sleep(LOOK_SECONDS)
