"""Where turns run: the engine, the runner, and the background work of one open fleet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectSendStream

from fleet_runtime.contracts import Role
from fleet_runtime.engines import Engine
from fleet_runtime.errors import FleetError, StoreError
from fleet_runtime.records import Reply, Turn
from fleet_runtime.runtime.approvals import Approvals
from fleet_runtime.runtime.course import Course
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.pins import admit
from fleet_runtime.runtime.quiet import Quiet
from fleet_runtime.runtime.stages import Background
from fleet_runtime.runtime.tracing import TraceRecorder
from fleet_runtime.runtime.turns import TurnRunner
from fleet_runtime.signals import Listen, Signal, TurnFailed

Complaint = Callable[[str], str | None]
"""Says what is wrong with an object that a model wrote, or None."""

_log = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
"""How long nobody must have asked anything before learning begins; a turn never waits longer than one model call."""


class Outcome:
    """What a turn that runs in the background comes to."""

    def __init__(self) -> None:
        """Begin undecided."""
        self._done = anyio.Event()
        self._reply: Reply | None = None
        self._error: FleetError | None = None

    def settle(self, reply: Reply | None, error: FleetError | None = None) -> None:
        """Set the outcome, once."""
        self._reply, self._error = reply, error
        self._done.set()

    async def get(self) -> Reply:
        """Wait for the reply.

        Raises: the error that the turn ended with.
        """
        await self._done.wait()
        if self._error is not None:
            raise self._error
        if self._reply is None:
            raise anyio.ClosedResourceError
        return self._reply


class Runtime:
    """Runs turns through the engine, and has learned what awaits it when it is quiet. Begun once, wound down once."""

    def __init__(
        self, desk: Desk, engine: Engine, *, runner: TurnRunner, quiet: Quiet, background: Background | None
    ) -> None:
        """Keep the parts; nothing runs yet. ``background`` is None where memory is off."""
        self.desk = desk
        self.engine = engine
        self.listeners: list[Listen] = []
        self._runner = runner
        self._quiet = quiet
        self._background = background
        self._tasks: TaskGroup | None = None
        self._learning = anyio.CancelScope()
        self._fresh: set[str] = set()

    async def begin(self, tasks: TaskGroup, *, resume: bool) -> None:
        """Learn in pauses and, with ``resume``, take up in the background what a dead process left behind."""
        self._tasks = tasks
        if resume:
            tasks.start_soon(self._resume_or_report)
        if self._background is not None:
            tasks.start_soon(self._learn_in_pauses, self._background)
        # What was left behind is listed before a message of ours can stand among it.
        await anyio.lowlevel.checkpoint()

    def wind_down(self) -> None:
        """Stop waiting for pauses; turns under way go on to their end."""
        self._learning.cancel()

    async def finish(self) -> None:
        """Let go of accounts, and learn what still waits, after the last turn."""
        await self.engine.close()
        if self._background is not None:
            await self._background.drain()

    async def accept(self, turn: Turn, *, fresh: bool = False, streams: bool = False) -> Turn:
        """Store a message; once this returns it is not lost. ``fresh``: its id was made here and is nobody else's.

        ``streams``: it is listened to (`start`), wherever it is answered.

        Raises: RoleChanged, MessageError, Overloaded (nothing was stored); StoreError.
        """
        await admit(turn, self.desk)
        accepted = await self.engine.accept(turn, streams=streams)
        if fresh:
            self._fresh.add(turn.id)
        return accepted

    async def run(
        self, turn: Turn, listen: Listen | None = None, *, streams: bool = False, complaint: Complaint | None = None
    ) -> Reply:
        """Run one turn to its reply; an older unfinished turn that runs first is not heard by ``listen``.

        ``streams``: pieces of text are listened for. ``complaint`` judges a wanted object besides its schema.
        """

        async def work(due: Turn, owner: str) -> Reply:
            mine = due.id == turn.id
            course = await self._course(due, (listen,) if listen and mine else ())
            course.streams = streams and mine
            course.releases = mine
            course.complaint = complaint if mine else None
            return await self._answered(course, owner)

        with self._quiet.busy(turn.key.account):
            try:
                return await self.engine.run(turn, work, heard=listen if streams else None)
            finally:
                self._fresh.discard(turn.id)

    def start(self, turn: Turn, told: MemoryObjectSendStream[Signal]) -> Outcome:
        """Run one turn in the background, sending its signals as they come.

        Raises: RuntimeError if the fleet is not open.
        """
        outcome = Outcome()

        def tell(signal: Signal) -> None:
            with suppress(anyio.BrokenResourceError):  # nobody listens any more; the turn goes on
                told.send_nowait(signal)

        async def run() -> None:
            with told:
                try:
                    outcome.settle(await self.run(turn, tell, streams=True))
                except FleetError as error:
                    outcome.settle(None, error)

        if self._tasks is None:
            raise RuntimeError("the fleet is not open")
        self._tasks.start_soon(run)
        return outcome

    async def warm_up(self, role: Role) -> None:
        """Have the model read what all turns of a role share."""
        await self._runner.warm_up(role)

    async def resume(self) -> int:
        """Finish what dead processes left behind; what still fails stays accepted."""

        async def work(due: Turn, owner: str) -> Reply:
            return await self._answered(await self._course(due, ()), owner)

        async def decided(turn: Turn) -> Reply:
            return await self.run(await self.accept(turn))

        with self._quiet.busy():
            answered = await self.engine.resume(work, tenant=self.desk.settings.tenant)
        return answered + await Approvals(self.desk, decided).resume_decided()

    async def _course(self, turn: Turn, listeners: Sequence[Listen]) -> Course:
        """Make a turn's course, with the rounds of tools that an earlier attempt made."""
        steps = () if turn.id in self._fresh else await self.desk.store.steps(turn.key, turn.id)
        self._fresh.discard(turn.id)  # a second attempt looks
        grant = None if turn.grant is None else frozenset(turn.grant)
        everybody = (*self.listeners, *listeners)
        if self.desk.settings.trace == "off":
            return Course(turn, _told_to(everybody), grant=grant, steps=list(steps))
        recorder = TraceRecorder(turn, self.desk.timer)
        return Course(turn, _told_to((recorder, *everybody)), grant=grant, steps=list(steps), trace=recorder.json)

    async def _answered(self, course: Course, owner: str) -> Reply:
        """Answer a turn, and tell of an error that ends it."""
        try:
            return await self._runner.answer(course, owner)
        except FleetError as error:
            course.listen(TurnFailed(course.turn.id, code=error.code, message=error.message))
            raise

    def resume_soon(self) -> None:
        """Take up in the background what was left unanswered."""
        if self._tasks is not None:
            self._tasks.start_soon(self._resume_or_report)

    async def _resume_or_report(self) -> None:
        """Resume; a defect that one old turn meets must not keep the whole fleet from opening."""
        try:
            await self.resume()
        except Exception:  # noqa: BLE001 - whatever it is, the other accounts must go on
            _log.exception("a turn that was left unanswered met a defect; it stays accepted")

    async def _learn_in_pauses(self, background: Background) -> None:
        """Work off what awaits learning, a vector or a digest whenever nobody has asked anything for a while."""
        with self._learning:
            while True:
                await self._quiet.pause(PAUSE_SECONDS)
                try:
                    await background.catch_up(self._quiet.spoken_with())
                except StoreError as error:
                    _log.warning("what waited for a pause waits for the next: %s", error)
                await self._quiet.next_turn()


def _told_to(listeners: Sequence[Listen]) -> Listen:
    """Join listeners into one."""
    if len(listeners) == 1:
        return listeners[0]

    def tell(signal: Signal) -> None:
        for listen in listeners:
            listen(signal)

    return tell
