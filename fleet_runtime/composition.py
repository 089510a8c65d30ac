"""Makes the parts of a fleet and joins adapters to ports. Decides nothing about messages.

Adapters load when a fleet opens, and only those that the settings ask for.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import anyio
import anyio.to_thread

from fleet_runtime.engine.inline import InlineEngine
from fleet_runtime.machine import id_maker, present_time
from fleet_runtime.ports import Clock, ModelClient
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.dispatching import Dispatcher
from fleet_runtime.runtime.indexes import Indexes
from fleet_runtime.runtime.learner import Learner, Quiet
from fleet_runtime.runtime.running import Runtime
from fleet_runtime.runtime.turns import TurnRunner
from fleet_runtime.settings import Settings
from fleet_runtime.staffing import load_staff
from fleet_runtime.vector_cache import VectorCache
from fleet_runtime.weights import Progress, cache_folder
from fleet_runtime.words import load_words


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
    await runtime.learner.drain()


async def make_desk(
    settings: Settings, clock: Clock, report: Progress, stack: AsyncExitStack, model: ModelClient | None
) -> Desk:
    """Make the adapters and the words, around the caller's own model if there is one.

    What must be closed is put on the stack.
    """
    from fleet_runtime.embedding import load_embedder  # noqa: PLC0415 - adapters load when a fleet opens
    from fleet_runtime.stores.sql_store import open_store  # noqa: PLC0415

    staff = load_staff(settings)
    words = load_words(settings, staff)
    cache = cache_folder(os.environ)
    database = None if settings.database == "none" else settings.database
    store = await anyio.to_thread.run_sync(lambda: open_store(database, now=clock))
    stack.push_async_callback(store.close)
    if model is None:
        model = await _model(settings, cache, report)
        if model is not None:
            stack.push_async_callback(model.close)
    encoder = await load_embedder(settings, cache, report)
    embedder = VectorCache(encoder, cache) if encoder else None
    return Desk(settings, staff, words, store, model, embedder, clock, id_maker(clock))


async def _model(settings: Settings, cache: Path, report: Progress) -> ModelClient | None:
    """Make the model's client; where no model is wanted, no client library is loaded (0.7 s)."""
    if settings.model == "none":
        return None
    from fleet_runtime.models.resolve import resolve_model  # noqa: PLC0415 - loads when a model is wanted

    return await resolve_model(settings, environment=os.environ, cache=cache, report=report)


def make_runtime(desk: Desk, dispatcher: Dispatcher) -> Runtime:
    """Join engine, turn runner and learner over a desk."""
    engine = InlineEngine(
        desk.store,
        clock=present_time,  # leases are between processes: told time does not count
        owner=secrets.token_hex(8),
        lease_seconds=desk.settings.lease_seconds,
        lease_wait_seconds=desk.settings.lease_wait_seconds,
    )
    quiet = Quiet()
    indexes = Indexes(desk.store, desk.embedder)
    runner = TurnRunner(desk, dispatcher, indexes)
    return Runtime(desk, engine, runner=runner, learner=Learner(desk, quiet), indexes=indexes, quiet=quiet)
