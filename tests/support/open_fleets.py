"""Opens real fleets whose only double is the model: everything else is what a user gets.

The shipped role and prompt files are read and indexed once for all fleets: they are the same values each time.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fleet_runtime import Fleet, Settings
from fleet_runtime.contracts import Staff
from fleet_runtime.ports import ModelClient
from fleet_runtime.records import AccountState
from fleet_runtime.routing import RoutingIndex, build_index
from fleet_runtime.runtime.desk import Words
from fleet_runtime.staffing import load_staff
from fleet_runtime.words import load_words

CSM = "customer-success-manager"
MARCH = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def at_march() -> datetime:
    """Stand still at nine o'clock on the first of March 2027."""
    return MARCH


@lru_cache(maxsize=1)
def shipped() -> tuple[Staff, Words]:
    """Read the shipped staff and words."""
    settings = Settings()
    staff = load_staff(settings)
    return staff, load_words(settings, staff)


@lru_cache(maxsize=1)
def shipped_index() -> RoutingIndex:
    """Index the shipped staff."""
    return build_index(shipped()[0])


@asynccontextmanager
async def open_fleet(
    model: ModelClient | None = None,
    database: Path | None = None,
    *,
    clock: Callable[[], datetime] = at_march,
    **settings: Any,
) -> AsyncGenerator[Fleet]:
    """Open a fleet on ``database`` (memory if None) that speaks with ``model``."""

    async def resolved(*_: object, **__: object) -> ModelClient | None:
        return model

    chosen = Settings.model_validate(
        {
            "database": str(database) if database else "none",
            "model": "auto" if model else "none",
            "embeddings": "none",
            "lease_seconds": 1.0,
            "tool_calling": "native",  # the doubles call tools as they are told
            **settings,
        }
    )
    staff, words = shipped()
    with (
        patch("fleet_runtime.models.resolve.resolve_model", resolved),
        patch("fleet_runtime.adapters.load_staff", lambda _: staff),
        patch("fleet_runtime.adapters.load_words", lambda *_: words),
        patch("fleet_runtime.routing.build_index", lambda _: shipped_index()),
    ):
        opened = Fleet.open(settings=chosen, clock=clock)
        fleet = await opened.__aenter__()
    try:
        yield fleet
    except BaseException as error:
        if not await opened.__aexit__(type(error), error, error.__traceback__):
            raise
    else:
        await opened.__aexit__(None, None, None)


async def state_of(fleet: Fleet, account: str = "acme") -> AccountState:
    """Read an account's rows as they are stored."""
    return await fleet._desk.store.read(fleet._desk.key(account))
