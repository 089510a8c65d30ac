"""Opens the store as it stands, without a fleet. Makes none where there is none."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio.to_thread

from fleet_runtime.errors import StoreError
from fleet_runtime.ports import Store
from fleet_runtime.settings import Settings


@asynccontextmanager
async def store_as_it_stands(settings: Settings) -> AsyncGenerator[Store | None]:
    """Open the store for the time of the block; None where nothing is kept, or nothing has been yet.

    Raises: StoreError, StoreTooNew.
    """
    from fleet_runtime.stores.sql.store import open_store  # noqa: PLC0415 - loads the database driver

    if settings.database == "none" or is_yet_to_be_made(settings.database):
        yield None
        return
    store = await anyio.to_thread.run_sync(lambda: open_store(settings.database, now=present_time))
    try:
        yield store
    finally:
        await store.close()


def is_yet_to_be_made(database: str) -> bool:
    """Find out whether the store's file is not there, and whether it could be made.

    Raises: StoreError if it could not.
    """
    file = Path(database).expanduser().absolute()
    if "://" in database or file.exists():
        return False
    folder = next(parent for parent in file.parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise StoreError(f"{file} cannot be made: {folder} is not writable", hint="name another file with --database")
    return True


def present_time() -> datetime:
    """Return the machine's time."""
    return datetime.now(UTC)
