"""Renews the leases of accounts that are worked on, all of them with one task. Takes none and gives none back.

The task begins with the first account and ends when it wakes and finds none: a turn that is shorter than a beat costs
no task and no timer of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

from fleet_runtime.errors import StoreError
from fleet_runtime.records import AccountKey

_log = logging.getLogger(__name__)


class Heartbeat:
    """One beat for all accounts of an engine."""

    def __init__(
        self, renew: Callable[[AccountKey], Awaitable[bool]], sleep: Callable[[float], Awaitable[None]], seconds: float
    ) -> None:
        """Renew with ``renew``, which says whether the lease is still ours, every so many ``seconds``."""
        self._renew = renew
        self._sleep = sleep
        self._seconds = seconds
        self._held: set[AccountKey] = set()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def of(self, key: AccountKey) -> Generator[None]:
        """Renew the account's lease, taken just now, while the block runs."""
        self._held.add(key)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._beat())
        try:
            yield
        finally:
            self._held.discard(key)

    def stop(self) -> None:
        """Renew no more."""
        self._held.clear()
        if self._task is not None:
            self._task.cancel()

    async def _beat(self) -> None:
        """Renew all until there are none; the fence at commit is what protects an account whose lease is lost."""
        while self._held:
            await self._sleep(self._seconds)
            for key in tuple(self._held):
                try:
                    held = key not in self._held or await self._renew(key)
                except StoreError as error:
                    _log.warning("account %s: the lease was not renewed: %s", key.account, error)
                else:
                    if not held:
                        self._held.discard(key)
