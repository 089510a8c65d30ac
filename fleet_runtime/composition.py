"""Makes the parts of a fleet and joins adapters to ports. Decides nothing about messages.

Adapters load when a fleet opens, and only those that the settings ask for.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from fleet_runtime.adapters import boards_of
from fleet_runtime.boards import Boards
from fleet_runtime.books import Books
from fleet_runtime.engine.inline import InlineEngine
from fleet_runtime.engines import Engine, TurnQueue
from fleet_runtime.errors import SettingError
from fleet_runtime.machine import elapsed, present_time
from fleet_runtime.ports import ModelClient, Tool
from fleet_runtime.records import AccountKey, Turn
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.quiet import Quiet
from fleet_runtime.runtime.running import Runtime
from fleet_runtime.runtime.stages import Background, Directing, Guarding
from fleet_runtime.runtime.switch import Switch
from fleet_runtime.runtime.tooling import Workshop
from fleet_runtime.runtime.turns import TurnRunner
from fleet_runtime.settings import CALIBRATIONS_FILE, Voice
from fleet_runtime.signals import Listen
from fleet_runtime.weights import cache_folder

if TYPE_CHECKING:  # what loads late is named here; the floors hold for it all the same
    from fleet_runtime.engine.durable.gateway import Ending
    from fleet_runtime.runtime.account_memory import AccountMemory
    from fleet_runtime.runtime.book import Book
    from fleet_runtime.runtime.cases import Cases
    from fleet_runtime.runtime.dispatching import Dispatcher
    from fleet_runtime.runtime.indexes import Indexes
    from fleet_runtime.runtime.looks import Looks
    from fleet_runtime.runtime.motions import Motions


@asynccontextmanager
async def at_work(runtime: Runtime, *, resume: bool) -> AsyncGenerator[None]:
    """Run the engine for the time of a block, then finish what is under way; the block's own error comes bare."""
    failure: BaseException | None = None
    async with anyio.create_task_group() as tasks:
        await runtime.begin(tasks, resume=resume)
        try:
            yield
        except (anyio.get_cancelled_exc_class(), GeneratorExit):
            raise
        except BaseException as error:  # noqa: BLE001 - kept, so that the caller gets it bare and not in a group
            failure = error
        runtime.wind_down()
    if failure is not None:
        raise failure
    await runtime.finish()


class Assembly:
    """What one open fleet is put together of, each piece made when it is first needed: the rest is not even loaded."""

    def __init__(self, desk: Desk, tools: dict[str, Tool], *, queue: TurnQueue | None = None) -> None:
        """Keep what all are made of; ``queue`` is where workers find turns, if they are not answered here."""
        self.desk = desk
        self.queue = queue
        self.listeners: list[Listen] = []
        self._tools = tools
        self.switch = Switch(desk.store, desk.settings.tenant, elapsed)
        self.engine: Engine = self._gateway(queue) if queue else self.engine_of(secrets.token_hex(8))

    def shared(self, wanted_by: str) -> Boards:
        """Return what processes on the database share besides memory.

        Raises: SettingError where there is no database that others could see.
        """
        if self._boards is None:
            raise SettingError(f"{wanted_by} needs a database", hint="name a file or a Postgres URL as database")
        return self._boards

    @cached_property
    def _boards(self) -> Boards | None:
        """Load what few fleets ask for."""
        return boards_of(self.desk.store)

    def engine_of(self, owner: str) -> InlineEngine:
        """Make what answers turns in this process, under leases of ``owner``."""
        settings = self.desk.settings
        return InlineEngine(
            self.desk.store,
            clock=present_time,  # leases are between processes: told time does not count
            owner=owner,
            lease_seconds=settings.lease_seconds,
            lease_wait_seconds=settings.lease_wait_seconds,
            commits_release=True,
        )

    def _gateway(self, queue: TurnQueue) -> Engine:
        """Make what has turns answered by workers."""
        from fleet_runtime.engine.durable.gateway import GatewayEngine, Patience  # noqa: PLC0415 - where it is wanted
        from fleet_runtime.engine.leasing import Leasing  # noqa: PLC0415
        from fleet_runtime.runtime.relaying import relay  # noqa: PLC0415

        desk, settings, log = self.desk, self.desk.settings, self.shared("a durable engine").log
        leasing = Leasing(
            desk.store, clock=present_time, owner=secrets.token_hex(8), seconds=settings.lease_seconds,
            wait_seconds=settings.lease_wait_seconds,
        )  # fmt: skip

        async def relayed(key: AccountKey, turn_id: str, heard: Listen, done: anyio.Event) -> Ending:
            return (await relay(log, key, turn_id, heard, done, anyio.sleep)).end

        return GatewayEngine(
            desk.store, log, queue, leasing,
            tenant=settings.tenant,
            patience=Patience(settings.reply_wait_seconds, settings.queue_turns, settings.queue_account_turns),
            check_switch=self.switch.check,
            relay=relayed,
        )  # fmt: skip

    @cached_property
    def dispatcher(self) -> Dispatcher:
        """Make what decides who takes a message."""
        from fleet_runtime.routing import build_index  # noqa: PLC0415
        from fleet_runtime.runtime.dispatching import Dispatcher  # noqa: PLC0415

        desk = self.desk
        return Dispatcher(build_index(desk.staff), desk.embedder, clock=desk.clock, timer=elapsed)

    @cached_property
    def indexes(self) -> Indexes:
        """Make what keeps the accounts' indexes."""
        from fleet_runtime.runtime.indexes import Indexes  # noqa: PLC0415

        return Indexes(self.desk.store, self.desk.embedder)

    def memory(self, account: str) -> AccountMemory:
        """Return the memory of one account."""
        from fleet_runtime.runtime.account_memory import AccountMemory  # noqa: PLC0415

        return AccountMemory(self.desk.key(account), self.desk, self.indexes, self.engine)

    @cached_property
    def cases(self) -> Cases:
        """Make what keeps the accounts prepared for reviews.

        Raises: SettingError where nothing but memory is kept of accounts.
        """
        from fleet_runtime.runtime.cases import Cases  # noqa: PLC0415

        return Cases(self.desk, self._books, self._looks.rules)

    @cached_property
    def motions(self) -> Motions:
        """Make what starts work by itself. Errors as for `cases`, and ContractError for a wrong motion or rule."""
        from fleet_runtime.runtime.motions import Motions  # noqa: PLC0415

        async def carry(turn: Turn) -> None:
            accepted = await self.runtime.accept(turn)
            if self.queue is None:  # else a worker puts it; this one may hold the account, and would wait for itself
                await self.runtime.run(accepted)

        return Motions(
            self.desk, self._books, self.cases, carry=carry, check_switch=self.switch.check, looks=self._looks
        )

    @cached_property
    def book(self) -> Book:
        """Make what shows the book. Errors as for `motions`."""
        from fleet_runtime.runtime.book import Book  # noqa: PLC0415

        return Book(self.desk, self.cases, self._looks, self.motions.declared())

    @cached_property
    def _looks(self) -> Looks:
        """Make what looks at accounts: one for all, since what is kept with an account is by its rules."""
        from fleet_runtime.runtime.looks import Looks  # noqa: PLC0415

        return Looks(self.desk)

    @property
    def _books(self) -> Books:
        """Return the store of the book."""
        if self.desk.books is None:
            raise SettingError("this store keeps no book", hint="open the fleet on a database, or with none")
        return self.desk.books

    @cached_property
    def runtime(self) -> Runtime:
        """Make what accepts turns, and answers them unless workers do."""
        return self.runtime_over(self.engine, learns=self.queue is None)

    def runtime_over(self, engine: Engine, *, learns: bool) -> Runtime:
        """Join an engine, a turn runner and, where it ``learns``, background work."""
        quiet = Quiet()
        background = self._background(quiet) if learns else None
        runtime = Runtime(self.desk, engine, runner=self._runner(), quiet=quiet, background=background)
        runtime.listeners = self.listeners  # whoever listens to this fleet hears each turn that is answered in it
        return runtime

    def _runner(self) -> TurnRunner:
        """Make what answers turns, with the stages that are on."""
        desk, settings = self.desk, self.desk.settings
        workshop = Workshop(self._tools, desk.store, settings, self.switch, desk.clock, elapsed)
        directing = memory = None
        if settings.routing == "on":
            from fleet_runtime.runtime.directing import Director  # noqa: PLC0415

            directing = Director(desk, self.dispatcher)
        if settings.memory == "on":
            from fleet_runtime.runtime.remembering import TurnMemory  # noqa: PLC0415

            memory = TurnMemory(desk, self.indexes)
        return TurnRunner(desk, workshop, directing=directing, memory=memory, guards=_guards_once(directing))

    def _background(self, quiet: Quiet) -> Background | None:
        """Make what is worked off in pauses, where memory is on."""
        if self.desk.settings.memory == "off":
            return None
        from fleet_runtime.runtime.background import MemoryWork  # noqa: PLC0415
        from fleet_runtime.runtime.learner import Learner  # noqa: PLC0415

        return MemoryWork(Learner(self.desk, quiet), self.indexes, self.memory)


def _guards_once(directing: Directing | None) -> Callable[[], Guarding]:
    """Give the guard, made when it is first needed."""
    made: list[Guarding] = []

    def guards() -> Guarding:
        if not made:
            from fleet_runtime.runtime.clearing import Clearing  # noqa: PLC0415

            made.append(Clearing(directing))
        return made[0]

    return guards


def _measured() -> Path | None:
    """Return the folder with what was measured of models; None where nothing was, and nothing has to be loaded."""
    cache = cache_folder(os.environ)
    return cache if (cache / CALIBRATIONS_FILE).exists() else None


async def measured_voice(model: ModelClient | None) -> Voice | None:
    """Return the voice that `fleet calibrate` found the model fit for, or None."""
    folder = _measured()
    if model is None or folder is None:
        return None
    from fleet_runtime.calibrations import CalibrationFile  # noqa: PLC0415 - loads where something was measured

    found = await anyio.to_thread.run_sync(CalibrationFile(folder).voice, model.info)
    return found.voice if found else None


async def let_adjudicate(assembly: Assembly) -> None:
    """Have the model choose where routing is unsure, if it was measured to be worth it and is wanted for it."""
    folder = _measured()
    if folder is None or assembly.desk.model is None:
        return
    from fleet_runtime.adjudication import earned_adjudicator  # noqa: PLC0415

    assembly.dispatcher.adjudicator = await earned_adjudicator(assembly.desk, folder)


def listeners(desk: Desk, listen: Listen | None) -> list[Listen]:
    """Gather who is told every signal."""
    own = [listen] if listen is not None else []
    if desk.settings.telemetry == "off":
        return own
    from fleet_runtime.telemetry import Telemetry, provider_of  # noqa: PLC0415 - loads where it is on

    return [*own, Telemetry(content=desk.settings.telemetry_content, provider=provider_of(desk.model_info))]
