"""Opens real fleets whose only double is the model: everything else is what a user gets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fleet_runtime import Fleet, Settings
from fleet_runtime.ports import ModelClient

CSM = "customer-success-manager"
MARCH = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def at_march() -> datetime:
    """Stand still at nine o'clock on the first of March 2027."""
    return MARCH


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
            **settings,
        }
    )
    with patch("fleet_runtime.models.resolve.resolve_model", resolved):
        opened = Fleet.open(settings=chosen, clock=clock)
        fleet = await opened.__aenter__()
    try:
        yield fleet
    except BaseException as error:
        if not await opened.__aexit__(type(error), error, error.__traceback__):
            raise
    else:
        await opened.__aexit__(None, None, None)
