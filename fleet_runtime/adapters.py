"""Opens the outside things that the settings ask for: store, queue, model, encoder, tools. Decides nothing else.

Each loads when a fleet opens that wants it.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import anyio
import anyio.to_thread

from fleet_runtime.boards import Boards, Gate
from fleet_runtime.books import Books
from fleet_runtime.engines import TurnQueue
from fleet_runtime.machine import elapsed, id_maker, present_time, without_collecting
from fleet_runtime.ports import Clock, Embedder, ModelClient, Store, Tool
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.settings import Settings
from fleet_runtime.staffing import load_staff
from fleet_runtime.weights import Progress, cache_folder
from fleet_runtime.words import load_words


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
        boards = boards_of(store) if settings.limits else None
        model = await _model(settings, cache, report, boards.gate if boards else None)
        if model is not None:
            stack.push_async_callback(model.close)
    embedder = await _embedder(settings, cache, report)
    desk = Desk(settings, staff, words, store, model, embedder, clock, id_maker(clock), elapsed)
    return replace(desk, books=books_of(store, clock))


async def _store(settings: Settings, clock: Clock) -> Store:
    """Open the store; what is to be kept in memory only needs no database."""
    if settings.database == "none":
        from fleet_runtime.stores.memory.store import MemoryStore  # noqa: PLC0415 - adapters load when a fleet opens

        return MemoryStore()
    from fleet_runtime.stores.sql.store import open_store  # noqa: PLC0415

    return await anyio.to_thread.run_sync(lambda: open_store(settings.database, now=clock))


def books_of(store: Store, clock: Clock) -> Books | None:
    """Return what keeps the book beside a store's memory; None for a store of the caller's own."""
    from fleet_runtime.stores.memory.store import MemoryStore  # noqa: PLC0415 - adapters load when a fleet opens

    if isinstance(store, MemoryStore):
        from fleet_runtime.stores.memory.books import MemoryBooks  # noqa: PLC0415

        return MemoryBooks(store)
    from fleet_runtime.stores.sql.store import SqlStore  # noqa: PLC0415

    if not isinstance(store, SqlStore):
        return None
    from fleet_runtime.stores.sql.books import SqlBooks  # noqa: PLC0415

    return SqlBooks(store.database, clock)


def boards_of(store: Store) -> Boards | None:
    """Return what processes on a store's database share besides memory; None where no other process could see it."""
    from fleet_runtime.stores.memory.store import MemoryStore  # noqa: PLC0415 - adapters load when a fleet opens

    if isinstance(store, MemoryStore):
        return None
    from fleet_runtime.stores.sql.crew import SqlCrew  # noqa: PLC0415
    from fleet_runtime.stores.sql.gate import SqlGate  # noqa: PLC0415
    from fleet_runtime.stores.sql.store import SqlStore  # noqa: PLC0415
    from fleet_runtime.stores.sql.turn_log import SqlTurnLog  # noqa: PLC0415

    if not isinstance(store, SqlStore):
        return None
    database = store.database
    return Boards(SqlTurnLog(database), SqlCrew(database), SqlGate(database, present_time))


def schema_version() -> str:
    """Return the version of the store's schema that this package knows."""
    from fleet_runtime.stores.schema.tables import SCHEMA_VERSION  # noqa: PLC0415 - adapters load when a fleet opens

    return SCHEMA_VERSION


async def open_turn_queue(settings: Settings, stack: AsyncExitStack) -> TurnQueue | None:
    """Open the queue that workers take turns from, where the engine is durable."""
    if settings.engine != "durable":
        return None
    from fleet_runtime.engine.durable.engine_tables import library  # noqa: PLC0415 - an extra, where it is wanted

    await anyio.to_thread.run_sync(library)
    from fleet_runtime.engine.durable.queue import open_queue  # noqa: PLC0415

    queue = await open_queue(settings.database, settings.tenant)
    stack.push_async_callback(queue.close)
    return queue


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


async def _model(settings: Settings, cache: Path, report: Progress, gate: Gate | None) -> ModelClient | None:
    """Make the model's client; where no model is wanted, no client library is loaded (0.7 s)."""
    if settings.model == "none":
        return None
    # In a thread: half a second of imports would hold the loop up, and it costs less on a stack that is not deep yet.
    resolve_model = await anyio.to_thread.run_sync(_resolver)
    model = await resolve_model(settings, environment=os.environ, cache=cache, report=report, gate=gate)
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
