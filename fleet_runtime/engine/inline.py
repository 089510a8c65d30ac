"""Runs turns in the process that accepted them. Answers nothing itself and knows no model.

Order. The turns of an account run one at a time, by sequence: before a turn runs, the account's older
unfinished turns run (a dead process left them, or they failed). A turn that fails stays accepted, and
its error goes to whoever asked for it. One that fails again while a newer turn waits is passed over
with a warning in the log, and loses its place: the newer turn is answered without it, and it is tried
again before the account's next turn, at `InlineEngine.resume`, or when its id is repeated. Only errors
of ours are passed over; any other is a defect, ends the run and is shown.

Single writer. In this process a line per account; between processes a lease in the store, renewed by a
heartbeat. A process that stalls beyond its lease loses it and cannot commit (`FenceLost`).

Two trips. A message is accepted and its account leased with one write, and where no older turn waits, `run` begins at
once. Nobody who accepts is bound to run: the lease then lapses after ``lease_seconds``, or goes when the engine closes,
and until then only other processes wait.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

import anyio

from fleet_runtime.engine.leasing import Leasing
from fleet_runtime.engine.outcomes import outcome
from fleet_runtime.engines import TurnWork
from fleet_runtime.errors import FenceLost, FleetError, StoreError
from fleet_runtime.ports import Clock, Store
from fleet_runtime.records import AccountKey, Reply, Turn
from fleet_runtime.signals import Listen

FENCE_ATTEMPTS = 3
"""How often one turn is worked on before a lost fence is passed on."""

_log = logging.getLogger(__name__)


class _Begun(NamedTuple):
    """A turn that was accepted with its account's lease, which holds until then."""

    turn: Turn
    until: datetime


class _Accepting:
    """A message that is being accepted; ``overtaken``: its account's lease was given up meanwhile, it may have run."""

    overtaken = False


class InlineEngine:
    """An `fleet_runtime.engines.Engine` over leases in the store."""

    def __init__(  # noqa: PLR0913 - a constructor may have eight, each of these is set by the composition
        self,
        store: Store,
        *,
        clock: Clock,
        owner: str,
        lease_seconds: float,
        lease_wait_seconds: float,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
        commits_release: bool = False,
    ) -> None:
        """Lease accounts as ``owner``, which no other engine on the store may be called.

        ``clock`` must go at the pace of the other processes' clocks, since it tells whether a lease
        has lapsed: give it the machine's time, not a told one. Another's lease is waited for
        ``lease_wait_seconds``, counted in what was slept. ``commits_release``: the work's commit gives the lease up
        (`AccountChange.releases`) if its turn is the one that `run` was asked for, and so the last under the lease.
        """
        self._store = store
        self._clock = clock
        self._leasing = Leasing(
            store,
            clock=clock,
            owner=owner,
            seconds=lease_seconds,
            wait_seconds=lease_wait_seconds,
            sleep=sleep,
            given_back=self._overtake,
        )
        self._commits_release = commits_release
        self._begun: dict[AccountKey, _Begun] = {}
        self._accepting: dict[AccountKey, list[_Accepting]] = {}

    async def accept(self, turn: Turn, *, streams: bool = False) -> Turn:
        """Keep a message and lease its account, or return the turn that has its id; `run` it soon.

        Raises: MessageError if the id belongs to another account; StoreFull, StoreError.
        """
        del streams  # whoever runs it here hears it anyway
        until, now = self._leasing.term()
        accepting = _Accepting()
        others = self._accepting.setdefault(turn.key, [])
        others.append(accepting)
        try:
            stored, may_run = await self._store.begin(turn, self._leasing.owner, until, now)
        finally:
            others.remove(accepting)
            if not others:
                self._accepting.pop(turn.key, None)
        # What was read while a turn ran may be outdated: then `run` looks into the store.
        if may_run and not accepting.overtaken and not self._leasing.lines.busy(turn.key):
            self._begun[turn.key] = _Begun(stored, until)
        return stored

    async def run(self, turn: Turn, work: TurnWork, *, heard: Listen | None = None) -> Reply:
        """Answer an accepted turn, after the account's older unfinished turns; ``work`` gets each.

        If another process answered it meanwhile, that reply is returned.

        Raises: AccountBusy if another process holds the account past the bounded wait; what ``work``
            raises for this turn (it stays accepted); StoreError if the turn was never accepted.
        """
        del heard  # the work tells its own listeners
        async with self._leasing.lines.turn_at(turn.key):
            begun = self._begun.pop(turn.key, None)
            try:
                if begun is not None and begun.turn.id == turn.id and self._clock() < begun.until:
                    return await self._run_begun(begun.turn, work)
                turn = await self._stored(turn)
                return outcome(turn) or await self._run_leased(turn, work)
            finally:
                self._overtake(turn.key)

    async def stop(self, key: AccountKey, turn_id: str | None = None) -> None:
        """Do nothing: whoever works on a turn that was given up cannot commit it."""

    async def forget(self, key: AccountKey) -> dict[str, int]:
        """Return nothing: all that this engine keeps of an account is its lease, which goes with the account."""
        self._overtake(key)
        return {}

    async def close(self) -> None:
        """Give up the leases of messages that were accepted and not run, and stop renewing any."""
        self._leasing.stop()
        for key in list(self._begun):
            await self._leasing.give_back(key)

    def alone(self, key: AccountKey) -> AbstractAsyncContextManager[None]:
        """Hold an account for the time of a block: no turn of it runs meanwhile, here or in another process.

        Raises: AccountBusy if another process holds the account past the bounded wait.
        """
        return self._leasing.alone(key)

    async def resume(self, work: TurnWork, *, tenant: str | None = None) -> int:
        """Finish the unfinished turns of every account (of ``tenant``, if told) that no living process holds.

        A turn or an account that fails is passed over with a warning in the log.

        Returns: How many turns were answered.
        Raises: StoreError if the unfinished turns cannot be listed.
        """
        answered = 0
        unfinished = [turn for turn in await self._store.unfinished() if tenant is None or turn.key.tenant == tenant]
        for key, turns in groupby(unfinished, key=lambda turn: turn.key):
            try:
                answered += await self._resume_account(key, list(turns), work)
            except FleetError as error:
                _log.warning("account %s: not resumed: %s", key.account, error)
        return answered

    async def _run_begun(self, turn: Turn, work: TurnWork) -> Reply:
        """Answer a turn that was accepted with its account's lease, and is the only unfinished one."""
        try:
            async with self._leasing.renewing(turn.key) as renewals:
                reply = await work(turn, self._leasing.owner)
        except FenceLost:
            return await self._run_leased(turn, work, attempts=FENCE_ATTEMPTS - 1)
        except BaseException:
            await self._leasing.give_back(turn.key)
            raise
        # The commit released the lease, but a renewal that was written after it took it again.
        if renewals.begun or not self._commits_release:
            await self._leasing.give_back(turn.key)
        return reply

    async def _run_leased(self, turn: Turn, work: TurnWork, attempts: int = FENCE_ATTEMPTS) -> Reply:
        """Take the lease, answer older turns and this one, and give the lease back whatever happens."""
        try:
            reply = await self._take_lease(turn)
            if reply is not None:
                return reply
            async with self._leasing.renewing(turn.key):
                older = await self._store.unfinished(turn.key)
                await self._pass_through([one for one in older if one.sequence < turn.sequence], work)
                return await self._finish(turn, work, None, attempts)
        finally:
            await self._leasing.give_back(turn.key)

    async def _resume_account(self, key: AccountKey, turns: list[Turn], work: TurnWork) -> int:
        """Answer an account's turns unless its lease is held; return how many were answered."""
        async with self._leasing.lines.turn_at(key):
            try:
                if not await self._leasing.take(key):
                    return 0
                async with self._leasing.renewing(key):
                    return await self._pass_through(turns, work)
            finally:
                await self._leasing.give_back(key)

    async def _pass_through(self, turns: list[Turn], work: TurnWork) -> int:
        """Answer turns in order, pass over those that fail, and return how many were answered."""
        answered = 0
        for turn in turns:
            try:
                await self._finish(turn, work, 0.0)
            except FleetError as error:
                _log.warning("turn %s: still unfinished, newer turns go on: %s", turn.id, error)
            else:
                answered += 1
        return answered

    async def _finish(self, turn: Turn, work: TurnWork, seconds: float | None, attempts: int = FENCE_ATTEMPTS) -> Reply:
        """Work on a turn until it is done; a lost fence is answered by looking again, a few times."""
        while True:
            stored = await self._stored(turn)
            reply = outcome(stored)
            if reply is not None:
                return reply
            try:
                return await work(stored, self._leasing.owner)
            except FenceLost:
                attempts -= 1
                if not attempts:
                    raise
                reply = await self._take_lease(turn, seconds)
                if reply is not None:
                    return reply

    async def _take_lease(self, turn: Turn, seconds: float | None = None) -> Reply | None:
        """Take the account's lease; return the turn's reply instead if its holder writes one meanwhile."""

        async def written() -> Reply | None:
            return outcome(await self._stored(turn))

        kept = f"the message is kept; repeat it later under the same turn id, {turn.id}"
        return await self._leasing.wait(turn.key, seconds=seconds, instead=written, hint=kept)

    def _overtake(self, key: AccountKey) -> None:
        """Have what was accepted so far look into the store when it is run: the lease that came with it is gone."""
        self._begun.pop(key, None)
        for accepting in self._accepting.get(key, ()):
            accepting.overtaken = True

    async def _stored(self, turn: Turn) -> Turn:
        """Return the turn as it is stored now."""
        stored = await self._store.turn(turn.key, turn.id)
        if stored is None:
            raise StoreError(f"turn {turn.id} is not in the store", hint="accept the message before running it")
        return stored
