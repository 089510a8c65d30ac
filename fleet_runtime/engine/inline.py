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
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

import anyio

from fleet_runtime.engine.heartbeat import Heartbeat
from fleet_runtime.engine.lines import Lines
from fleet_runtime.engines import TurnWork
from fleet_runtime.errors import AccountBusy, FenceLost, FleetError, StoreError
from fleet_runtime.ports import Clock, Store
from fleet_runtime.records import AccountKey, Reply, Turn
from fleet_runtime.signals import Listen

FENCE_ATTEMPTS = 3
"""How often one turn is worked on before a lost fence is passed on."""

_FIRST_PAUSE_SECONDS = 0.02
_LONGEST_PAUSE_SECONDS = 0.25
_BEATS_PER_LEASE = 3

_log = logging.getLogger(__name__)


class _Begun(NamedTuple):
    """A turn that was accepted with its account's lease, which holds until then."""

    turn: Turn
    until: datetime


class _Accepting:
    """A message that is being accepted; ``overtaken``: meanwhile a turn of its account ran, maybe this one."""

    overtaken = False


class InlineEngine:
    """An `fleet_runtime.ports.Engine` over leases in the store."""

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
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._wait_seconds = lease_wait_seconds
        self._sleep = sleep
        self._commits_release = commits_release
        self._lines = Lines()
        self._begun: dict[AccountKey, _Begun] = {}
        self._accepting: dict[AccountKey, list[_Accepting]] = {}
        self._heartbeat = Heartbeat(self._lease, sleep, lease_seconds / _BEATS_PER_LEASE)

    async def accept(self, turn: Turn, *, streams: bool = False) -> Turn:
        """Keep a message and lease its account, or return the turn that has its id; `run` it soon.

        Raises: MessageError if the id belongs to another account; StoreFull, StoreError.
        """
        del streams  # whoever runs it here hears it anyway
        now = self._clock()
        until = now + timedelta(seconds=self._lease_seconds)
        accepting = _Accepting()
        others = self._accepting.setdefault(turn.key, [])
        others.append(accepting)
        try:
            stored, may_run = await self._store.begin(turn, self._owner, until, now)
        finally:
            others.remove(accepting)
            if not others:
                self._accepting.pop(turn.key, None)
        # What was read while a turn ran may be outdated: then `run` looks into the store.
        if may_run and not accepting.overtaken and not self._lines.busy(turn.key):
            self._begun[turn.key] = _Begun(stored, until)
        return stored

    async def run(self, turn: Turn, work: TurnWork, *, heard: Listen | None = None) -> Reply:
        """Answer an accepted turn, after the account's older unfinished turns; ``work`` gets each.

        If another process answered it meanwhile, that reply is returned.

        Raises: AccountBusy if another process holds the account past the bounded wait; what ``work``
            raises for this turn (it stays accepted); StoreError if the turn was never accepted.
        """
        del heard  # the work tells its own listeners
        async with self._lines.turn_at(turn.key):
            begun = self._begun.pop(turn.key, None)
            try:
                if begun is not None and begun.turn.id == turn.id and self._clock() < begun.until:
                    return await self._run_begun(begun.turn, work)
                turn = await self._stored(turn)
                return turn.reply or await self._run_leased(turn, work)
            finally:
                for accepting in self._accepting.get(turn.key, ()):
                    accepting.overtaken = True

    async def stop(self, key: AccountKey, turn_id: str) -> None:
        """Do nothing: whoever works on a turn that was given up cannot commit it."""

    async def forget(self, key: AccountKey) -> dict[str, int]:
        """Return nothing: all that this engine keeps of an account is its lease, which goes with the account."""
        self._begun.pop(key, None)
        return {}

    async def close(self) -> None:
        """Give up the leases of messages that were accepted and not run, and stop renewing any."""
        self._heartbeat.stop()
        for key in list(self._begun):
            await self._give_back(key)

    @asynccontextmanager
    async def alone(self, key: AccountKey) -> AsyncGenerator[None]:
        """Hold an account for the time of a block: no turn of it runs meanwhile, here or in another process.

        Raises: AccountBusy if another process holds the account past the bounded wait.
        """
        async with self._lines.turn_at(key):
            try:
                await self._wait_for_lease(key, self._wait_seconds)
                with self._heartbeat.of(key):
                    yield
            finally:
                await self._give_back(key)

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
        with self._heartbeat.of(turn.key):
            try:
                reply = await work(turn, self._owner)
            except FenceLost:
                return await self._run_leased(turn, work, attempts=FENCE_ATTEMPTS - 1)
            except BaseException:
                await self._give_back(turn.key)
                raise
        if not self._commits_release:
            await self._give_back(turn.key)
        return reply

    async def _run_leased(self, turn: Turn, work: TurnWork, attempts: int = FENCE_ATTEMPTS) -> Reply:
        """Take the lease, answer older turns and this one, and give the lease back whatever happens."""
        try:
            reply = await self._take_lease(turn, self._wait_seconds)
            if reply is not None:
                return reply
            with self._heartbeat.of(turn.key):
                older = await self._store.unfinished(turn.key)
                await self._pass_through([one for one in older if one.sequence < turn.sequence], work)
                return await self._finish(turn, work, self._wait_seconds, attempts)
        finally:
            await self._give_back(turn.key)

    async def _resume_account(self, key: AccountKey, turns: list[Turn], work: TurnWork) -> int:
        """Answer an account's turns unless its lease is held; return how many were answered."""
        async with self._lines.turn_at(key):
            try:
                if not await self._lease(key):
                    return 0
                with self._heartbeat.of(key):
                    return await self._pass_through(turns, work)
            finally:
                await self._give_back(key)

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

    async def _finish(self, turn: Turn, work: TurnWork, wait_seconds: float, attempts: int = FENCE_ATTEMPTS) -> Reply:
        """Work on a turn until it is done; a lost fence is answered by looking again, a few times."""
        while True:
            stored = await self._stored(turn)
            if stored.reply is not None:
                return stored.reply
            try:
                return await work(stored, self._owner)
            except FenceLost:
                attempts -= 1
                if not attempts:
                    raise
                reply = await self._take_lease(turn, wait_seconds)
                if reply is not None:
                    return reply

    async def _take_lease(self, turn: Turn, wait_seconds: float) -> Reply | None:
        """Take the account's lease; return the turn's reply instead if its holder writes one meanwhile."""

        async def written() -> Reply | None:
            return (await self._stored(turn)).reply

        kept = f"the message is kept; repeat it later under the same turn id, {turn.id}"
        return await self._wait_for_lease(turn.key, wait_seconds, instead=written, hint=kept)

    async def _wait_for_lease(
        self,
        key: AccountKey,
        wait_seconds: float,
        *,
        instead: Callable[[], Awaitable[Reply | None]] | None = None,
        hint: str = "repeat it later; nothing was done",
    ) -> Reply | None:
        """Take the account's lease, waiting for its holder within bounds, or until there is a reply ``instead``.

        Raises: AccountBusy with the ``hint``.
        """
        left, pause = wait_seconds, _FIRST_PAUSE_SECONDS
        while not await self._lease(key):
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

    async def _lease(self, key: AccountKey) -> bool:
        """Take or renew the lease from now on."""
        now = self._clock()
        until = now + timedelta(seconds=self._lease_seconds)
        return await self._store.lease(key, self._owner, until, now)

    async def _give_back(self, key: AccountKey) -> None:
        """Release the lease, though the task may be cancelled; if that fails it lapses by itself."""
        with anyio.CancelScope(shield=True):
            try:
                await self._store.release(key, self._owner)
            except StoreError as error:
                _log.warning("account %s: the lease was not released and will lapse: %s", key.account, error)
        self._begun.pop(key, None)

    async def _stored(self, turn: Turn) -> Turn:
        """Return the turn as it is stored now."""
        stored = await self._store.turn(turn.key, turn.id)
        if stored is None:
            raise StoreError(f"turn {turn.id} is not in the store", hint="accept the message before running it")
        return stored
