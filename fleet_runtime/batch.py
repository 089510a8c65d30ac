"""Composes what decides a file of messages: staff, what examples teach, vectors, and a model that earned it.

Opens no store and keeps no message: a batch is decided and forgotten. It starts no model that would not be asked.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from fleet_runtime import documents
from fleet_runtime.adjudication import earned
from fleet_runtime.contracts import Staff
from fleet_runtime.embedding import load_embedder
from fleet_runtime.errors import ContractError
from fleet_runtime.machine import elapsed, present_time
from fleet_runtime.prompt_files import read_prompt_files
from fleet_runtime.prompting import PromptBook
from fleet_runtime.routing import Labelled, build_index, taught
from fleet_runtime.runtime.ahead import EmbeddedAhead
from fleet_runtime.runtime.batching import Placed
from fleet_runtime.runtime.dispatching import Adjudicator, Dispatcher
from fleet_runtime.settings import Settings
from fleet_runtime.staffing import load_staff
from fleet_runtime.vector_cache import VectorCache
from fleet_runtime.weights import Progress, cache_folder, silent


@dataclass(frozen=True)
class BatchDesk:
    """What decides a batch. ``by_words``: there are no vectors. ``unasked`` is the model that has not earned it."""

    dispatcher: Dispatcher
    classes: tuple[str, ...]
    by_words: bool
    unasked: str = ""


def folder_staff(folder: Path) -> Staff:
    """Staff every role of a folder and no other; the first by name leads, as no profile says who does.

    Raises: ContractError if there is none, or one is broken.
    """
    roles = documents.load_roles([folder]) if folder.is_dir() else {}
    if not roles:
        raise ContractError(
            "no role files are here", hint="name a folder of role files with --roles", where=documents.shown(folder)
        )
    domains = {name: role.domain for name, role in roles.items() if role.domain}
    return Staff(roles=tuple(roles.values()), lead=next(iter(roles)), domains=domains)


@asynccontextmanager
async def open_batch(
    settings: Settings,
    *,
    folder: Path | None,
    examples: Sequence[Labelled],
    messages: Sequence[Placed],
    report: Progress = silent,
) -> AsyncGenerator[BatchDesk]:
    """Make ready to decide messages, with all their vectors, for the time of the block.

    Args:
        settings: model, embeddings, and where roles and profiles are.
        folder: whose roles are the staff, all of them; None for the profile's staff.
        examples: labelled messages that teach the dispatcher.
        messages: what will be decided.
        report: is told (label, bytes done, bytes in all) while weights are fetched.

    Raises: ContractError, SettingError, ModelError, MissingExtra.
    """
    staff = load_staff(settings) if folder is None else folder_staff(folder)
    knowing, elsewhere = taught(staff, examples)
    cache = cache_folder(os.environ)
    async with AsyncExitStack() as stack:
        encoder = await load_embedder(settings, cache, report)
        ahead = None
        if encoder is not None:
            said = [text for placed in messages for text in placed.message.query().texts()]
            ahead = EmbeddedAhead(VectorCache(encoder, cache), (*said, *(one.text for one in examples)))
            await ahead.prepare()
        index = build_index(knowing, elsewhere=elsewhere)
        dispatcher = Dispatcher(index, ahead, clock=present_time, timer=elapsed)
        await dispatcher.prepare()  # which is no message's time
        dispatcher.adjudicator, unasked = await _adjudicator(settings, staff, cache, report, stack)
        classes = tuple(role.role_class for role in staff.roles)
        yield BatchDesk(dispatcher, classes, by_words=ahead is None, unasked=unasked)


async def _adjudicator(
    settings: Settings, staff: Staff, cache: Path, report: Progress, stack: AsyncExitStack
) -> tuple[Adjudicator | None, str]:
    """Start the model if it earned to be asked among this staff, else return its name."""
    if settings.model == "none" or settings.adjudication == "never":
        return None, ""
    from fleet_runtime.models.resolve import describe_resolution, resolve_model  # noqa: PLC0415 - loads a client

    described = await describe_resolution(settings, environment=os.environ, cache=cache)
    if described.info is None:
        return None, ""
    found = await earned(described.info, staff, cache)
    if found is None:
        return None, described.info.name
    model = await resolve_model(settings, environment=os.environ, cache=cache, report=report)
    if model is None:
        return None, described.info.name
    stack.push_async_callback(model.close)
    files = read_prompt_files(documents.layers("prompts", Path(settings.prompts)))
    return Adjudicator(model, PromptBook(files.templates), found.cut), ""
