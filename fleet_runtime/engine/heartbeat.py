"""Renews the leases of accounts that are worked on, all of them with one task. Takes none and gives none back.

The task begins with the first account and ends when it wakes and finds none: a turn that is shorter than a beat costs
no task and no timer of its own.

A renewal takes the lease again if it was given up meanwhile. So none is begun once an account was left, and whoever
leaves it waits for the one that is on its way: what is given back after that stays given back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio

from fleet_runtime.errors import StoreError
from fleet_runtime.records import AccountKey

_log = logging.getLogger(__name__)


class Renewals:
    """The renewals of one lease while it is held; ``begun``: there was one, and it may be written after any commit."""

    def __init__(self, key: AccountKey) -> None:
        """Begin without any."""
        self.key = key
        self.begun = False
        self.under_way = anyio.Lock()

    async def end(self) -> None:
        """Wait for a renewal that is on its way, though the task may be cancelled; then it is told so afterwards."""
        cancelled: asyncio.CancelledError | None = None
        with anyio.CancelScope(shield=True):
            while self.under_way.locked():
                try:
                    async with self.under_way:
                        pass
                except asyncio.CancelledError as error:  # the task's own: a shield keeps off those of scopes only
                    cancelled = error
        if cancelled is not None:
            raise cancelled


class Heartbeat:
    """One beat for all accounts of an engine."""

    def __init__(
        self, renew: Callable[[AccountKey], Awaitable[bool]], sleep: Callable[[float], Awaitable[None]], seconds: float
    ) -> None:
        """Renew with ``renew``, which says whether the lease is still ours, every so many ``seconds``."""
        self._renew = renew
        self._sleep = sleep
        self._seconds = seconds
        self._held: dict[Renewals, None] = {}  # in order of arrival
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def of(self, key: AccountKey) -> AsyncGenerator[Renewals]:
        """Renew the account's lease, taken just now, while the block runs; no renewal is on its way after it."""
        renewals = Renewals(key)
        self._held[renewals] = None
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._beat())
        try:
            yield renewals
        finally:
            self._held.pop(renewals, None)
            await renewals.end()

    def stop(self) -> None:
        """Renew no more."""
        self._held.clear()
        if self._task is not None:
            self._task.cancel()

    async def _beat(self) -> None:
        """Renew all until there are none; the fence at commit is what protects an account whose lease is lost."""
        while self._held:
            await self._sleep(self._seconds)
            for renewals in tuple(self._held):
                async with renewals.under_way:
                    if renewals in self._held:
                        await self._renew_one(renewals)

    async def _renew_one(self, renewals: Renewals) -> None:
        """Renew a lease; one that is another's by now is not asked for again."""
        renewals.begun = True
        try:
            if not await self._renew(renewals.key):
                self._held.pop(renewals, None)
        except StoreError as error:
            _log.warning("account %s: the lease was not renewed: %s", renewals.key.account, error)
