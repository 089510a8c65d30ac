"""The engine of a process that accepts turns and has workers answer them. Answers nothing itself and knows no model.

A message is kept in the store, which gives it its place in the account's order; then its place is queued. Once that is
kept it is acknowledged: if the queue cannot be reached, or this process dies before, a worker finds the turn in the
store and queues it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

import anyio

from fleet_runtime.boards import TurnLog
from fleet_runtime.engine.durable.waiting import Waiting
from fleet_runtime.engine.leasing import Leasing
from fleet_runtime.engine.outcomes import outcome
from fleet_runtime.engines import TurnQueue, TurnWork
from fleet_runtime.errors import NotAnswered, Overloaded, StoreError
from fleet_runtime.ports import Store
from fleet_runtime.records import AccountKey, Reply, Turn
from fleet_runtime.signals import Listen, Signal

PAUSE_LOOK_SECONDS = 1.0
"""How often whoever waits looks whether the switch was turned off."""

Ending = Callable[[Reply], Sequence[Signal]]
"""Says what is still to be told of a turn, once it has its reply."""

Relay = Callable[[AccountKey, str, Listen, anyio.Event], Awaitable[Ending]]
"""Tells a listener the signals of a turn that runs elsewhere, until the event says that it is settled."""

_log = logging.getLogger(__name__)


class Patience(NamedTuple):
    """How long a caller waits for a reply, and how many turns may wait, of the tenant and of an account."""

    seconds: float
    turns: int | None
    account_turns: int | None


class GatewayEngine:
    """An `fleet_runtime.engines.Engine` whose turns are answered by workers."""

    def __init__(  # noqa: PLR0913 - a constructor may have eight, each of these is set by the composition
        self,
        store: Store,
        log: TurnLog,
        queue: TurnQueue,
        leasing: Leasing,
        *,
        tenant: str,
        patience: Patience,
        check_switch: Callable[[], Awaitable[None]],
        relay: Relay,
    ) -> None:
        """Keep the parts; ``check_switch`` raises `Paused` while the tenant's switch is off."""
        self._store = store
        self._log = log
        self._queue = queue
        self._leasing = leasing
        self._patience = patience
        self._check_switch = check_switch
        self._relay = relay
        self._waiting = Waiting(log, tenant)

    async def accept(self, turn: Turn, *, streams: bool = False) -> Turn:
        """Keep a message and queue it, or return the turn that has its id; one that had failed is tried again.

        Raises: Overloaded (nothing was stored); MessageError if the id belongs to another account; StoreError.
        """
        await self._make_room(turn)
        stored = await self._store.accept(turn)
        anew = turn.sequence > 0  # it was in the store already, and is to be brought to mind
        if stored.state == "failed":
            anew = True
            stored = await self._log.reopen(stored.key, stored.id) or stored
        if stored.state == "accepted":
            try:
                await self._queue.put(stored, streams=streams, anew=anew)
            except StoreError as error:
                _log.warning("turn %s: kept, and to be queued by a worker: %s", stored.id, error)
        return stored

    async def run(self, turn: Turn, work: TurnWork, *, heard: Listen | None = None) -> Reply:
        """Wait for the reply of an accepted turn.

        Raises: NotAnswered; Paused; TurnCancelled; the error that the turn was given up with; StoreError if it is not
            in the store.
        """
        del work  # workers have their own
        stored = await self._store.turn(turn.key, turn.id)
        if stored is None:
            raise StoreError(f"turn {turn.id} is not in the store", hint="accept the message before running it")
        reply = outcome(stored)
        if reply is not None:
            return reply
        if heard is None:
            return await self._reply(turn)
        settled = anyio.Event()
        relaying = asyncio.ensure_future(self._relay(turn.key, turn.id, heard, settled))
        try:
            reply = await self._reply(turn)
        finally:
            settled.set()
            ending = await relaying
        for signal in ending(reply):
            heard(signal)
        return reply

    def alone(self, key: AccountKey) -> AbstractAsyncContextManager[None]:
        """Hold an account for the time of a block: no turn of it runs meanwhile, here or in another process.

        Raises: AccountBusy if another process holds the account past the bounded wait.
        """
        return self._leasing.alone(key)

    async def stop(self, key: AccountKey, turn_id: str | None = None) -> None:
        """Take a turn, or all of the account, out of the queue, and interrupt whoever works on it.

        Raises: StoreError.
        """
        if turn_id is None:
            await self._queue.interrupt(key)
            return
        turn = await self._store.turn(key, turn_id)
        if turn is not None:
            await self._queue.drop(turn)

    async def forget(self, key: AccountKey) -> dict[str, int]:
        """Remove all that the queue keeps of an account; return how many rows went.

        Raises: StoreError; forget it again.
        """
        return await self._queue.forget(key)

    async def resume(self, work: TurnWork, *, tenant: str | None = None) -> int:
        """Do nothing: workers find what is left. Returns 0."""
        del work, tenant
        return 0

    async def close(self) -> None:
        """Wait for nothing any more, and stop renewing leases."""
        self._waiting.stop()
        self._leasing.stop()

    async def _reply(self, turn: Turn) -> Reply:
        """Wait for a turn's outcome within bounds."""
        with anyio.move_on_after(self._patience.seconds):
            while True:
                settled: Turn | None = None
                with anyio.move_on_after(PAUSE_LOOK_SECONDS):
                    settled = await self._waiting.settled(turn.id)
                reply = outcome(settled) if settled else None
                if reply is not None:
                    return reply
                await self._check_switch()
                if await self._store.turn(turn.key, turn.id) is None:
                    raise StoreError(f"turn {turn.id} is not in the store any more", hint="its account was erased")
        raise NotAnswered(
            f"turn {turn.id} was not answered within {self._patience.seconds:g} s",
            hint="the message is kept; see `fleet status` whether workers run, and repeat it under the same turn id",
        )

    async def _make_room(self, turn: Turn) -> None:
        """Refuse a new message where as many wait as may.

        Raises: Overloaded.
        """
        most, most_of_account = self._patience.turns, self._patience.account_turns
        if most is None and most_of_account is None:
            return
        limit = max(most or 0, most_of_account or 0)
        of_account, of_tenant = await self._log.waiting(turn.key, limit)
        full = (most_of_account is not None and of_account >= most_of_account, most is not None and of_tenant >= most)
        if any(full) and await self._store.turn(turn.key, turn.id) is None:
            whose = f"account {turn.key.account}" if full[0] else "all accounts"
            raise Overloaded(
                f"{whose}: {of_account if full[0] else of_tenant} messages wait already",
                hint="nothing was stored; wait for a reply, or repeat it in a minute",
            )
