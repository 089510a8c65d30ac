"""Makes the parts of a fleet and joins adapters to ports. Decides nothing about messages.

Adapters load when a fleet opens, and only those that the settings ask for.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from fleet_runtime.engine.inline import InlineEngine
from fleet_runtime.machine import elapsed, id_maker, present_time, without_collecting
from fleet_runtime.ports import Clock, Embedder, ModelClient, Store, Tool
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.quiet import Quiet
from fleet_runtime.runtime.running import Runtime
from fleet_runtime.runtime.stages import Background, Directing, Guarding
from fleet_runtime.runtime.switch import Switch
from fleet_runtime.runtime.tooling import Workshop
from fleet_runtime.runtime.turns import TurnRunner
from fleet_runtime.settings import CALIBRATIONS_FILE, Settings, Voice
from fleet_runtime.signals import Listen
from fleet_runtime.staffing import load_staff
from fleet_runtime.weights import Progress, cache_folder
from fleet_runtime.words import load_words

if TYPE_CHECKING:  # what loads late is named here; the floors hold for it all the same
    from fleet_runtime.runtime.account_memory import AccountMemory
    from fleet_runtime.runtime.dispatching import Dispatcher
    from fleet_runtime.runtime.indexes import Indexes


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


async def make_desk(
    settings: Settings, clock: Clock, report: Progress, stack: AsyncExitStack, model: ModelClient | None
) -> Desk:
    """Make the adapters and the words, around the caller's own model if there is one.

    What must be closed is put on the stack.
    """
    staff = load_staff(settings)
    words = load_words(settings, staff)
    cache = cache_folder(os.environ)
    store = await _store(settings, clock)
    stack.push_async_callback(store.close)
    if model is None:
        model = await _model(settings, cache, report)
        if model is not None:
            stack.push_async_callback(model.close)
    embedder = await _embedder(settings, cache, report)
    return Desk(settings, staff, words, store, model, embedder, clock, id_maker(clock), elapsed)


async def _store(settings: Settings, clock: Clock) -> Store:
    """Open the store; what is to be kept in memory only needs no database."""
    if settings.database == "none":
        from fleet_runtime.stores.memory_store import MemoryStore  # noqa: PLC0415 - adapters load when a fleet opens

        return MemoryStore()
    from fleet_runtime.stores.sql_store import open_store  # noqa: PLC0415

    return await anyio.to_thread.run_sync(lambda: open_store(settings.database, now=clock))


async def _embedder(settings: Settings, cache: Path, report: Progress) -> Embedder | None:
    """Make the encoder, where a stage that compares meanings is on."""
    if settings.embeddings == "none" or (settings.routing == "off" and settings.memory == "off"):
        return None
    from fleet_runtime.embedding import load_embedder  # noqa: PLC0415 - adapters load when a fleet opens
    from fleet_runtime.vector_cache import VectorCache  # noqa: PLC0415

    encoder = await load_embedder(settings, cache, report)
    return VectorCache(encoder, cache) if encoder else None


def _resolver() -> Callable[..., Awaitable[ModelClient | None]]:
    """Load what finds and makes the model's client; its library first, while the stack is not deep yet."""
    with without_collecting():
        import_module("openai")  # the largest import by far
    from fleet_runtime.models.resolve import resolve_model  # noqa: PLC0415 - loads when a model is wanted

    return resolve_model


async def _model(settings: Settings, cache: Path, report: Progress) -> ModelClient | None:
    """Make the model's client; where no model is wanted, no client library is loaded (0.7 s)."""
    if settings.model == "none":
        return None
    # In a thread: half a second of imports would hold the loop up, and it costs less on a stack that is not deep yet.
    resolve_model = await anyio.to_thread.run_sync(_resolver)
    model = await resolve_model(settings, environment=os.environ, cache=cache, report=report)
    if model is None or settings.tool_calling == "native":
        return model
    from fleet_runtime.models.schema_tools import SchemaTools  # noqa: PLC0415
    from fleet_runtime.models.tool_calling import EitherTools  # noqa: PLC0415

    if settings.tool_calling == "schema":
        return SchemaTools(model)

    def known() -> Mapping[str, bool]:
        from fleet_runtime.calibrations import CalibrationFile  # noqa: PLC0415 - loads when tools are first offered

        return CalibrationFile(cache).tool_calling()

    def keep(name: str, native: bool) -> None:  # noqa: FBT001 - the signature of `EitherTools.keep`
        from fleet_runtime.calibrations import CalibrationFile  # noqa: PLC0415

        CalibrationFile(cache).keep_tool_calling(name, native=native)

    return EitherTools(model, known=known, keep=keep)


async def open_tools(settings: Settings, given: Sequence[Tool], stack: AsyncExitStack) -> dict[str, Tool]:
    """Gather the caller's tools and those of the MCP servers that the settings name.

    Raises: ToolError for a name that stands for two, or a server that cannot be reached; MissingExtra.
    """
    if not given and not settings.mcp:
        return {}
    from fleet_runtime.toolbox.functions import by_name  # noqa: PLC0415 - loads where there are tools

    if not settings.mcp:
        return by_name(given)
    from fleet_runtime.toolbox.mcp import mcp_tools  # noqa: PLC0415 - loads where there are servers

    return by_name((*given, *await stack.enter_async_context(mcp_tools(settings.mcp))))


class Assembly:
    """What one open fleet is put together of, each piece made when it is first needed: the rest is not even loaded."""

    def __init__(self, desk: Desk, tools: dict[str, Tool]) -> None:
        """Keep what all are made of."""
        self.desk = desk
        self._tools = tools
        self._quiet = Quiet()
        self.switch = Switch(desk.store, desk.settings.tenant, elapsed)
        self.engine = InlineEngine(
            desk.store,
            clock=present_time,  # leases are between processes: told time does not count
            owner=secrets.token_hex(8),
            lease_seconds=desk.settings.lease_seconds,
            lease_wait_seconds=desk.settings.lease_wait_seconds,
            commits_release=True,
        )

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
    def runtime(self) -> Runtime:
        """Join engine, turn runner and background work."""
        return Runtime(self.desk, self.engine, runner=self._runner(), quiet=self._quiet, background=self._background())

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

    def _background(self) -> Background | None:
        """Make what is worked off in pauses, where memory is on."""
        if self.desk.settings.memory == "off":
            return None
        from fleet_runtime.runtime.background import MemoryWork  # noqa: PLC0415
        from fleet_runtime.runtime.learner import Learner  # noqa: PLC0415

        return MemoryWork(Learner(self.desk, self._quiet), self.indexes, self.memory)


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
