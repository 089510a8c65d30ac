"""The command that answers queued turns: a worker, from its start to its end. Decides nothing about turns.

The first signal to stop lets it finish what it can within a bound, the second ends the process at once. A worker that
the others gave up for dead ends at once too, without any of the tidying that ends a program: its turns are others' now.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn, Protocol, cast, runtime_checkable

import anyio
import typer

import fleet_runtime
from fleet_runtime.cli.health import Health, Place, health_endpoint, place
from fleet_runtime.cli.logging_json import TurnLines, log_to
from fleet_runtime.cli.running import INTERRUPTED, Running
from fleet_runtime.errors import FleetError, SettingError, StoreError, WorkerError
from fleet_runtime.runtime.overseeing import without_password
from fleet_runtime.settings import Settings

GIVEN_UP = 70
"""How a worker ends whose id is taken, or that was given up for dead."""

_SAID = (
    "engine", "worker_id", "worker_turns", "worker_drain_seconds", "database", "model", "profile", "roles", "tenant",
)  # fmt: skip
"""Settings that the command line may say."""

_log = logging.getLogger(__name__)


class LogForm(StrEnum):
    """How logs are written."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class Post:
    """Which worker it is, and how much it takes on."""

    worker_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Its name, the same over restarts; else the machine's.")
    ] = None
    turns: Annotated[int | None, typer.Option(metavar="N", min=1, help="How many turns at a time.")] = None
    drain: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.0, help="How long it may finish on leaving.")
    ] = None

    def settings(self, others: Settings) -> Settings:
        """Return the settings with what is said here; a worker without an id is named after its machine and process."""
        given = {"worker_id": self.worker_id, "worker_turns": self.turns, "worker_drain_seconds": self.drain}
        named = {"engine": "durable", "worker_id": others.worker_id or f"{socket.gethostname()}-{os.getpid()}"}
        return others.model_copy(update=named | {name: value for name, value in given.items() if value is not None})


AppOption = Annotated[
    str | None, typer.Option("--app", metavar="MODULE:NAME", help="What opens the fleet: a callable of your own.")
]
HealthOption = Annotated[
    Place | None, typer.Option("--health", metavar="HOST:PORT", parser=place, help="Answer /live and /ready there.")
]
LogOption = Annotated[LogForm, typer.Option("--log", metavar="FORM", help="text or json, on standard error.")]


@runtime_checkable
class Works(Protocol):
    """What a worker needs of a fleet."""

    @property
    def settings(self) -> Settings:
        """Return the settings in force."""
        ...

    async def work(self, *, worker: str, ready: Callable[[], None]) -> None:
        """Answer queued turns until cancelled."""
        ...

    async def paused(self) -> object:
        """Look at the switch, which is in the store."""
        ...


async def worker(
    run: Running, post: Post, app: AppOption = None, health: HealthOption = None, log: LogOption = LogForm.TEXT
) -> None:
    """Answer queued turns until stopped.

    SIGTERM or Ctrl-C: takes no new turns, finishes what it can, and leaves; once more ends it at once.
    Ends with 70 if another worker has its id or it was given up for dead, so that it is started again.
    With --app the fleet is the one that your callable opens, with its tools and models.
    """
    settings = post.settings(run.settings)
    name = settings.worker_id or ""
    log_to(None, log.value, worker=name)
    opened = _opened_by(app, settings) if app is not None else _opened(settings)
    shift = Shift(name)
    with _reported_as(log), shift.stopped_by_signals(), _told(health, shift) as where:

        def ready(fleet: Works) -> None:
            told = _introduction(name, fleet.settings, where)
            if run.out.as_json or log is LogForm.JSON:
                run.out.json({"ready": True} | told, on_one_line=True)
            else:
                run.out.line(_sentence(told))

        await shift.work(opened, ready)


class Shift:
    """One worker's time at work."""

    def __init__(self, name: str) -> None:
        """Work under a name, once."""
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._fleet: Works | None = None
        self._enrolled = False
        self._stopping = False
        self._scope: anyio.CancelScope | None = None

    async def work(self, opened: AbstractAsyncContextManager[object], ready: Callable[[Works], None]) -> None:
        """Open the fleet and work, until stopped; ``ready`` is called once turns are taken.

        A signal that comes before the fleet is open ends the opening.

        Raises: SettingError if what was opened is no fleet; FleetError of any kind.
        """
        with self._stoppable():
            async with opened as fleet:
                if not isinstance(fleet, Works):
                    raise SettingError(
                        f"--app: what was opened is no fleet but {type(fleet).__name__}",
                        hint="give a callable that returns Fleet.open(...)",
                    )
                self._fleet = fleet
                with self._stoppable():
                    await self._answer(fleet, ready)
                _log.info("worker %s has left", self._name)

    async def why_not_ready(self) -> str:
        """Say why no turns are taken; empty if they are."""
        if self._stopping:
            return "it is leaving"
        if self._fleet is None or not self._enrolled:
            return "it is starting"
        try:
            await self._fleet.paused()
        except StoreError as error:
            return error.message
        return ""

    @contextmanager
    def stopped_by_signals(self) -> Generator[None]:
        """Stop at SIGTERM and SIGINT while the block runs; at the second one of them the process ends."""
        numbers = (signal.SIGTERM, signal.SIGINT)
        former = {number: signal.signal(number, self._heard) for number in numbers}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    async def _answer(self, fleet: Works, ready: Callable[[Works], None]) -> None:
        """Answer queued turns; end the process if that is no longer ours to do."""

        def enrolled() -> None:
            self._enrolled = True
            ready(fleet)

        try:
            await fleet.work(worker=self._name, ready=enrolled)
        except WorkerError as error:
            _end(error)
        except BaseExceptionGroup as group:  # what fails beside other work comes in a group
            lost = _worker_error(group)
            if lost is None:
                raise
            _end(lost)

    @contextmanager
    def _stoppable(self) -> Generator[None]:
        """Let a signal cancel what the block awaits; within another such block, only the inner one."""
        outer = self._scope
        with anyio.CancelScope() as self._scope:
            if self._stopping:
                self._scope.cancel()
            yield
        self._scope = outer

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        """Stop, or end the process. Runs between any two steps of the program, so the loop does what is to be done."""
        if self._stopping:
            os._exit(INTERRUPTED)
        self._stopping = True
        self._loop.call_soon_threadsafe(self._stop, signal.Signals(number).name)

    def _stop(self, name: str) -> None:
        """Cancel what is awaited."""
        _log.info("worker %s takes no new turns: %s", self._name, name)
        if self._scope is not None:
            self._scope.cancel()


def _opened(settings: Settings) -> AbstractAsyncContextManager[object]:
    """Open the fleet of the settings, whose turns are logged."""
    return fleet_runtime.Fleet.open(settings=settings, listen=TurnLines(_log))


@asynccontextmanager
async def _opened_by(app: str, settings: Settings) -> AsyncGenerator[object]:
    """Open what a callable of the user's gives, which finds what the command line says in the environment.

    Raises: SettingError if there is no such callable, or it gives nothing that can be opened.
    """
    for name in (
        "engine",
        "worker_id",
        "worker_turns",
        "worker_drain_seconds",
        "database",
        "model",
        "profile",
        "roles",
        "tenant",
    ):
        os.environ[f"FLEET_{name.upper()}"] = str(getattr(settings, name))
    made = _callable(app)()
    if not isinstance(made, AbstractAsyncContextManager):
        raise SettingError(
            f"--app: {app} returns {type(made).__name__}, which async with cannot open",
            hint="give a callable that returns Fleet.open(...)",
        )
    async with cast("AbstractAsyncContextManager[object]", made) as fleet:
        yield fleet


def _callable(app: str) -> Callable[[], object]:
    """Find ``MODULE:NAME``, also in the working folder.

    Raises: SettingError.
    """
    module, colon, name = app.partition(":")
    if not (module and colon and name):
        raise SettingError(f"--app: {app!r} is not MODULE:NAME", hint="for example: --app company.fleet:open_fleet")
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    try:
        found: object = import_module(module)
    except ImportError as error:
        raise SettingError(
            f"--app: {module} cannot be imported: {error}", hint="run it in the project's folder, or install the module"
        ) from error
    made: object = getattr(found, name, None)
    if not callable(made):
        raise SettingError(f"--app: {module} has no callable {name}", hint="name a function of the module")
    return cast("Callable[[], object]", made)


@contextmanager
def _reported_as(form: LogForm) -> Generator[None]:
    """Have what ends a worker logged, where logs are for machines; a defect never shows what it was about."""

    def ended(_kind: object, error: BaseException, _trace: object) -> None:
        _log.critical("a defect ended the worker", exc_info=error)

    sys.excepthook = ended
    try:
        yield
    except FleetError as error:
        if form is LogForm.TEXT:
            raise
        _log.critical("%s", error)
        raise typer.Exit(1) from error


@contextmanager
def _told(where: Place | None, shift: Shift) -> Generator[Place | None]:
    """Tell probes how the worker fares while the block runs, if that is wanted; gives where."""
    if where is None:
        yield None
        return
    with health_endpoint(where, Health(asyncio.get_running_loop(), shift.why_not_ready)) as at:
        yield at


def _introduction(name: str, settings: Settings, health: Place | None) -> dict[str, object]:
    """Say who works where."""
    told: dict[str, object] = {
        "worker": name,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "turns": settings.worker_turns,
        "database": without_password(settings.database),
        "tenant": settings.tenant,
    }
    return told | ({"health": f"{health.host}:{health.port}"} if health else {})


def _sentence(told: dict[str, object]) -> str:
    """Put an introduction into words."""
    line = "worker {worker} is ready: process {pid} on {host}, {turns} turns at a time, {database} (tenant {tenant})"
    return line.format_map(told) + (f", health at {told['health']}" if "health" in told else "")


def _end(error: BaseException) -> NoReturn:
    """End the process at once: not even what is under way may go on."""
    _log.critical("%s", error)
    logging.shutdown()
    os._exit(GIVEN_UP)


def _worker_error(error: BaseException) -> WorkerError | None:
    """Return the error that means that a worker is one no more, however deep in a group; or None."""
    if isinstance(error, BaseExceptionGroup):
        inner = cast("BaseExceptionGroup[BaseException]", error).exceptions
        return next((found for found in map(_worker_error, inner) if found), None)
    return error if isinstance(error, WorkerError) else None
