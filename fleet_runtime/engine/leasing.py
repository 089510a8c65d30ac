"""Takes, renews and gives back the leases of accounts. Runs no turn.

A lease is what keeps two processes from one account: it is waited for within bounds, renewed while it is held, and
lapses where its holder died.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta

import anyio

from fleet_runtime.engine.heartbeat import Heartbeat, Renewals
from fleet_runtime.engine.lines import Lines
from fleet_runtime.errors import AccountBusy, StoreError
from fleet_runtime.ports import Clock, Store
from fleet_runtime.records import AccountKey, Reply

_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.25
_BEATS_PER_LEASE = 3

_log = logging.getLogger(__name__)


class Leasing:
    """The leases of one owner, and the lines before its accounts in this process."""

    def __init__(  # noqa: PLR0913 - a constructor may have eight, each of these is set by the composition
        self,
        store: Store,
        *,
        clock: Clock,
        owner: str,
        seconds: float,
        wait_seconds: float,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        given_back: Callable[[AccountKey], None] | None = None,
    ) -> None:
        """Lease as ``owner``, which nobody else on the store may be called.

        ``clock`` must go at the pace of the other processes' clocks, since it tells whether a lease
        has lapsed: give it the machine's time, not a told one. Another's lease is waited for
        ``wait_seconds``, counted in what was slept. ``given_back`` is told of each lease that was, before anybody who
        waits in the account's line goes on.
        """
        self._store = store
        self._clock = clock
        self.owner = owner
        self._seconds = seconds
        self._wait_seconds = wait_seconds
        self._sleep = sleep
        self._given_back = given_back
        self.lines = Lines()
        self._heartbeat = Heartbeat(self.take, sleep, seconds / _BEATS_PER_LEASE)

    def term(self) -> tuple[datetime, datetime]:
        """Return until when a lease that is taken now holds, and what time it is now."""
        now = self._clock()
        return now + timedelta(seconds=self._seconds), now

    async def take(self, key: AccountKey) -> bool:
        """Take or renew the lease from now on; False if another holds it."""
        until, now = self.term()
        return await self._store.lease(key, self.owner, until, now)

    async def wait(
        self,
        key: AccountKey,
        *,
        seconds: float | None = None,
        instead: Callable[[], Awaitable[Reply | None]] | None = None,
        hint: str = "repeat it later; nothing was done",
    ) -> Reply | None:
        """Take the account's lease, waiting for its holder within bounds, or until there is a reply ``instead``.

        Raises: AccountBusy with the ``hint``.
        """
        wait_seconds = self._wait_seconds if seconds is None else seconds
        left, pause = wait_seconds, _FIRST_PAUSE_SECONDS
        while not await self.take(key):
            reply = await instead() if instead else None
            if reply is not None:
                return reply
            if left <= 0:
                raise AccountBusy(
                    f"account {key.account} is held by another process for over {wait_seconds:g} s", hint=hint
                )
            pause = min(pause, left)
            await self._sleep(pause)
            left, pause = left - pause, min(2 * pause, _LONGEST_PAUSE_SECONDS)
        return None

    def renewing(self, key: AccountKey) -> AbstractAsyncContextManager[Renewals]:
        """Renew a lease, taken just now, while a block runs; give it back after the block, not inside."""
        return self._heartbeat.of(key)

    async def give_back(self, key: AccountKey) -> None:
        """Release the lease, though the task may be cancelled; if that fails it lapses by itself."""
        with anyio.CancelScope(shield=True):
            try:
                await self._store.release(key, self.owner)
            except StoreError as error:
                _log.warning("account %s: the lease was not released and will lapse: %s", key.account, error)
            finally:
                if self._given_back is not None:
                    self._given_back(key)

    @asynccontextmanager
    async def alone(self, key: AccountKey) -> AsyncGenerator[None]:
        """Hold an account for the time of a block: no turn of it runs meanwhile, here or in another process.

        Raises: AccountBusy if another process holds the account past the bounded wait.
        """
        async with self.lines.turn_at(key):
            try:
                await self.wait(key)
                async with self.renewing(key):
                    yield
            finally:
                await self.give_back(key)

    def stop(self) -> None:
        """Renew no more."""
        self._heartbeat.stop()
