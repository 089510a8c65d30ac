"""Where turns run: the engine, the runner, and the background work of one open fleet."""

from __future__ import annotations

import logging
from contextlib import suppress

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectSendStream

from fleet_runtime.contracts import Role
from fleet_runtime.errors import FleetError, StoreError
from fleet_runtime.ports import Engine
from fleet_runtime.records import Part, Reply, Turn
from fleet_runtime.runtime.account_memory import AccountMemory
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.indexes import Indexes
from fleet_runtime.runtime.learner import Learner, Quiet
from fleet_runtime.runtime.pins import admit
from fleet_runtime.runtime.turns import Say, TurnRunner

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
    """Runs turns through the engine, and learns when it is quiet. Begun once, wound down once."""

    def __init__(  # noqa: PLR0913 - six parts, each made by the composition
        self, desk: Desk, engine: Engine, *, runner: TurnRunner, learner: Learner, indexes: Indexes, quiet: Quiet
    ) -> None:
        """Keep the parts; nothing runs yet."""
        self.desk = desk
        self.learner = learner
        self.indexes = indexes
        self._engine = engine
        self._runner = runner
        self._quiet = quiet
        self._tasks: TaskGroup | None = None
        self._learning = anyio.CancelScope()
        self._spoken_with: set[str] = set()

    def memory(self, account: str) -> AccountMemory:
        """Return the memory of one account."""
        return AccountMemory(self.desk.key(account), self.desk, self.indexes, self._engine)

    async def begin(self, tasks: TaskGroup, *, resume: bool) -> None:
        """Learn in pauses and, with ``resume``, take up in the background what a dead process left behind."""
        self._tasks = tasks
        if resume:
            tasks.start_soon(self._resume_or_report)
        tasks.start_soon(self._learn_in_pauses)
        # What was left behind is listed before a message of ours can stand among it.
        await anyio.lowlevel.checkpoint()

    def wind_down(self) -> None:
        """Stop waiting for pauses; turns under way go on to their end."""
        self._learning.cancel()

    async def accept(self, turn: Turn) -> Turn:
        """Store a message; once this returns it is not lost.

        Raises: RoleChanged, MessageError (nothing was stored); StoreError.
        """
        await admit(turn, self.desk)
        return await self.desk.store.accept(turn)

    async def run(self, turn: Turn, say: Say = lambda _: None) -> Reply:
        """Run one turn to its reply; an older unfinished turn that runs first is not heard by ``say``."""

        async def work(due: Turn, owner: str) -> Reply:
            return await self._runner.answer(due, owner, say if due.id == turn.id else _unheard)

        self._spoken_with.add(turn.key.account)
        with self._quiet.busy():
            return await self._engine.run(turn, work)

    def start(self, turn: Turn, said: MemoryObjectSendStream[Part]) -> Outcome:
        """Run one turn in the background, sending its parts as they are cleared.

        Raises: RuntimeError if the fleet is not open.
        """
        outcome = Outcome()

        def tell(part: Part) -> None:
            with suppress(anyio.BrokenResourceError):  # nobody listens any more; the turn goes on
                said.send_nowait(part)

        async def run() -> None:
            with said:
                try:
                    outcome.settle(await self.run(turn, tell))
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
            return await self._runner.answer(due, owner, _unheard)

        with self._quiet.busy():
            return await self._engine.resume(work, tenant=self.desk.settings.tenant)

    async def _resume_or_report(self) -> None:
        """Resume; a defect that one old turn meets must not keep the whole fleet from opening."""
        try:
            await self.resume()
        except Exception:  # noqa: BLE001 - whatever it is, the other accounts must go on
            _log.exception("a turn that was left unanswered met a defect; it stays accepted")

    async def _learn_in_pauses(self) -> None:
        """Work off what awaits learning, a vector or a digest whenever nobody has asked anything for a while."""
        with self._learning:
            while True:
                await self._quiet.pause(PAUSE_SECONDS)
                await self.learner.drain()
                try:
                    await self.indexes.embed()
                    while self._spoken_with:
                        await self.memory(self._spoken_with.pop()).consolidate()
                except StoreError as error:
                    _log.warning("what waited for a pause waits for the next: %s", error)
                await self._quiet.next_turn()


def _unheard(_: Part) -> None:
    """Take a part that nobody listens to."""
