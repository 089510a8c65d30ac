"""A worker at work: answers what is queued, shows signs of life, and looks after what dead workers left.

It knows no queue but by its port. Whether a turn is done stands in the store, so an attempt may be made as often as one
likes, by whomever; the account's lease, taken in this incarnation's name, keeps it to one at a time, and a commit
without that lease is refused.

Who lives is told without anybody's clock: a worker counts, and whoever watches it waits by its own timer for the count
to move. A worker whose count stood still for too long is struck off, its leases with it, and what it had taken is
queued anew. If it was only asleep, it finds that it was struck, and stops.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

import anyio

from fleet_runtime.boards import Boards
from fleet_runtime.engines import AtWork, TurnQueue
from fleet_runtime.errors import (
    AccountBusy,
    FenceLost,
    FleetError,
    ModelError,
    ModelRefused,
    ModelTimeout,
    OutputInvalid,
    Paused,
    StoreError,
    TurnCancelled,
    WorkerError,
)
from fleet_runtime.records import AccountKey, Failure, Turn, Worker
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.relaying import SignalWriter
from fleet_runtime.runtime.running import Runtime
from fleet_runtime.runtime.ticking import DueSource, scan, tick_work

BEAT_SECONDS = 1.0
"""How often a worker shows a sign of life and looks after the others, and how often a paused turn looks again."""

HEADS = 1000
"""How many accounts are looked at for turns that were never queued, the longest waiting first."""

HEADS_SECONDS = 3.0
"""How often that is looked for."""

SCAN_SECONDS = 60.0
"""How often is looked what fell due."""

TRIM_SECONDS = 600.0
"""How often the engine's history is shortened."""

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 60.0
_SHORT_PAUSE_SECONDS = 0.2
_HEARD_FOR = timedelta(hours=1)

_log = logging.getLogger(__name__)


class Watch:
    """Who lives, by this process's own timer."""

    def __init__(self, timer: Callable[[], float], lapse_seconds: float, is_gone: Callable[[Worker], bool]) -> None:
        """Give somebody up whose count stands still for so long, or of whom ``is_gone`` says so."""
        self._timer = timer
        self._lapse_seconds = lapse_seconds
        self._is_gone = is_gone
        self._seen: dict[str, tuple[int, float]] = {}

    def dead(self, workers: Iterable[Worker]) -> list[Worker]:
        """Return those that are dead as far as one can tell now."""
        now = self._timer()
        known, self._seen = self._seen, {}
        found: list[Worker] = []
        for worker in workers:
            beat, since = known.get(worker.token, (-1, now))
            self._seen[worker.token] = (worker.beat, now if worker.beat != beat else since)
            if self._is_gone(worker) or now - self._seen[worker.token][1] >= self._lapse_seconds:
                found.append(worker)
        return found


class Staffing:
    """One worker of a tenant: enrols, works, leaves. Begun once."""

    def __init__(  # noqa: PLR0913 - a constructor may have eight, each of these is set by the composition
        self,
        me: Worker,
        desk: Desk,
        runtime: Runtime,
        boards: Boards,
        queue: TurnQueue,
        *,
        sources: Sequence[DueSource],
        is_gone: Callable[[Worker], bool],
    ) -> None:
        """Work as ``me``; ``runtime`` runs turns under leases of ``me.token``, ``sources`` know what falls due."""
        self.me = me
        self._desk = desk
        self._runtime = runtime
        self._boards = boards
        self._queue = queue
        self._watch = Watch(desk.timer, desk.settings.worker_lapse_seconds, is_gone)
        self._at_work: dict[asyncio.Task[object], str] = {}
        self._leaving = False
        self._heads: set[str] = set()
        self._sources = sources
        self._headed_at: float | None = None
        self._scanned_at: float | None = None
        self._trimmed_at: float | None = None

    async def enrol(self) -> None:
        """Take the place under this worker's id, waiting until a dead predecessor is known to be dead.

        Raises: WorkerError if somebody else works under the id; StoreError.
        """
        crew, beats = self._boards.crew, set[int]()
        while not await crew.enrol(self.me):
            holder = next((one for one in await crew.workers() if one.id == self.me.id), None)
            if holder is None:
                continue
            beats.add(holder.beat)
            if holder in self._watch.dead([holder]):
                await crew.bury(holder.id, holder.token)
            elif len(beats) > 1:
                raise WorkerError(
                    f"worker {self.me.id} is at work already, on {holder.host} as process {holder.pid}",
                    hint="give each worker an id of its own (FLEET_WORKER_ID, or --id)",
                )
            else:
                await anyio.sleep(BEAT_SECONDS)

    async def beat(self) -> bool:
        """Show a sign of life; False once this worker was given up for dead.

        Raises: StoreError; beat again.
        """
        return await self._boards.crew.beat(self.me.id, self.me.token, turns=len(self._at_work), leaving=self._leaving)

    def lost(self) -> WorkerError:
        """Return the error of a worker that was given up for dead."""
        return WorkerError(
            f"worker {self.me.id} was given up for dead by the others, and its turns are theirs now",
            hint="start it again; if this happens often the machine is too busy: raise worker_lapse_seconds",
        )

    async def look_after(self) -> None:
        """Look after the others and what they left, until cancelled."""
        while True:
            await anyio.sleep(BEAT_SECONDS)
            try:
                living = await self._bury_dead()
                await self._mend(living)
                await self._now_and_then()
            except StoreError as error:
                _log.warning("worker %s: the database does not answer: %s", self.me.id, error)

    async def attempt(self, key: AccountKey, turn_id: str, streams: bool) -> None:  # noqa: FBT001 - an `Attempt`
        """Work on a queued turn until it is settled."""
        task = asyncio.current_task()
        if task is not None:
            self._at_work[task] = turn_id
        try:
            await self._until_settled(key, turn_id, streams=streams)
        except Exception as error:  # noqa: BLE001 - a defect that one turn meets must not come up again and again
            _log.exception("turn %s met a defect", turn_id, extra=_about(key, turn_id))
            defect = FleetError(f"a defect: {type(error).__name__}: {error}", hint="report it, with the worker's log")
            await self._give_up_somehow(key, turn_id, defect, attempts=1)
        finally:
            if task is not None:
                del self._at_work[task]

    async def tick(self, key: AccountKey, kind: str, due: str) -> None:
        """Do due work of an account, trying again where that may help; what cannot be done is told and passed over."""
        work = tick_work(self._sources)
        for number in range(1, self._desk.settings.answer_attempts + 1):
            try:
                await work(key, kind, due)
            except FleetError as error:
                _log.warning(
                    "%s of account %s, due on %s: attempt %d failed: %s", kind, key.account, due, number, error
                )
                if not may_pass(error):
                    return
                await anyio.sleep(_pause_after(number))
            else:
                return

    async def leave(self) -> None:
        """Strike this worker off, so that others take what it did not finish. It takes nothing any more."""
        with suppress(StoreError):
            await self._boards.crew.bury(self.me.id, self.me.token)

    def say_leaving(self) -> None:
        """Have it told from now on that this worker finishes and goes."""
        self._leaving = True

    async def let_go(self) -> None:
        """Interrupt what is under way."""
        tasks = list(self._at_work)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _bury_dead(self) -> Mapping[str, str]:
        """Strike the dead off; return the engine versions of those that live, by token."""
        workers = await self._boards.crew.workers()
        dead = {one.token for one in self._watch.dead(workers) if one.token != self.me.token}
        for one in workers:
            if one.token in dead and await self._boards.crew.bury(one.id, one.token):
                _log.warning("worker %s on %s shows no sign of life: its turns are taken over", one.id, one.host)
        return {one.token: one.version for one in workers if one.token not in dead}

    async def _mend(self, living: Mapping[str, str]) -> None:
        """Have turns queued that nobody would answer. One look is not enough: a turn is kept before it is queued."""
        now, twice = self._desk.timer(), list[Turn]()
        if self._headed_at is None or now - self._headed_at >= HEADS_SECONDS:
            self._headed_at = now
            heads = await self._boards.log.heads(self._desk.settings.tenant, HEADS)
            twice = [turn for turn in heads if turn.id in self._heads]
            self._heads = {turn.id for turn in heads}
        mine = AtWork(self.me.token, frozenset(self._at_work.values()))
        for key, turn_id in await self._queue.mend(twice, living, mine):
            error = WorkerError(
                f"turn {turn_id}: worker after worker was lost while it was answered",
                hint=f"look into their logs and memory, then: fleet turns retry {turn_id}",
            )
            await self._give_up(key, turn_id, error, attempts=1)

    async def _now_and_then(self) -> None:
        """Have due work queued, and shorten the engine's history."""
        now, present = self._desk.timer(), self._desk.clock()
        if self._scanned_at is None or now - self._scanned_at >= SCAN_SECONDS:
            self._scanned_at = now
            for source in self._sources:
                await scan(self._boards.crew, self._desk.settings.tenant, source, present, self._queue.put_tick)
        if self._trimmed_at is None or now - self._trimmed_at >= TRIM_SECONDS:
            self._trimmed_at = now
            await self._queue.trim(present - timedelta(days=self._desk.settings.history_days))
            await self._boards.log.drop_signals(present - _HEARD_FOR)

    async def _until_settled(self, key: AccountKey, turn_id: str, *, streams: bool) -> None:
        """Try until there is nothing left to do."""
        failed, pause = 0, 0.0
        while True:
            await anyio.sleep(pause)
            try:
                turn = await self._desk.store.turn(key, turn_id)
                if turn is None or turn.state != "accepted":
                    return
                await self._answer(turn, streams=streams)
            except (Paused, AccountBusy, FenceLost) as error:
                _log.debug("turn %s waits: %s", turn_id, error, extra=_about(key, turn_id))
                pause = BEAT_SECONDS if isinstance(error, Paused) else _SHORT_PAUSE_SECONDS
            except TurnCancelled:
                return
            except FleetError as error:
                failed += 1
                pause = _pause_after(failed)
                _log.warning("turn %s: attempt %d failed: %s", turn_id, failed, error, extra=_about(key, turn_id))
                if not may_pass(error) or failed >= self._desk.settings.answer_attempts:
                    await self._give_up_somehow(key, turn_id, error, failed)
            else:
                return

    async def _answer(self, turn: Turn, *, streams: bool) -> None:
        """Answer a turn once, within its time; whoever streams it elsewhere is told what happens.

        Raises: what the turn ends with; ModelTimeout if it took too long.
        """
        seconds = self._desk.settings.answer_seconds
        with anyio.move_on_after(seconds):
            if streams:
                await self._answer_aloud(turn)
            else:
                await self._runtime.run(turn)
            return
        raise ModelTimeout(
            f"turn {turn.id} was not answered within {seconds:g} s", hint="raise answer_seconds, or look at its tools"
        )

    async def _answer_aloud(self, turn: Turn) -> None:
        """Answer a turn while its signals are written for whoever listens elsewhere."""
        writer = SignalWriter(self._boards.log, turn.key, turn.id, anyio.sleep)
        writing = asyncio.ensure_future(writer.run())
        try:
            await self._runtime.run(turn, writer.tell, streams=True)
        finally:
            writing.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.gather(writing, return_exceptions=True)
                await writer.close()

    async def _give_up_somehow(self, key: AccountKey, turn_id: str, error: FleetError, attempts: int) -> None:
        """Give a turn up; while the store cannot be told, the turn is tried on."""
        try:
            await self._give_up(key, turn_id, error, attempts)
        except StoreError as trouble:
            _log.warning("turn %s cannot be given up yet: %s", turn_id, trouble, extra=_about(key, turn_id))

    async def _give_up(self, key: AccountKey, turn_id: str, error: FleetError, attempts: int) -> None:
        """Write down why a turn is given up; newer ones of its account go on."""
        failure = Failure(
            code=error.code, message=error.message, hint=error.hint, at=self._desk.clock(), attempts=attempts
        )
        await self._boards.log.stop(key, turn_id, failure)
        _log.error("turn %s is given up after %d attempts: %s", turn_id, attempts, error, extra=_about(key, turn_id))


def may_pass(error: FleetError) -> bool:
    """Tell whether what went wrong may be gone the next time: a model or a database that is away comes back."""
    if isinstance(error, ModelRefused | OutputInvalid):
        return False
    return isinstance(error, ModelError | StoreError)


def _pause_after(failures: int) -> float:
    """Return how long to wait after so many failures in a row, in seconds."""
    return min(_FIRST_PAUSE_SECONDS * 2.0 ** (failures - 1), _LONGEST_PAUSE_SECONDS)


def _about(key: AccountKey, turn_id: str) -> dict[str, str]:
    """Return what a log line is about, for logs that machines read."""
    return {"turn": turn_id, "account": key.account}
