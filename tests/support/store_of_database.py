"""What every contract of stores begins with: a store of the database that a subclass names, fresh for each test."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from remembered import NOON

from fleet_runtime.ports import Store
from fleet_runtime.stores.sql.store import open_store


class StoreOfDatabase:
    """A contract's fixtures; subclasses say where the store lies, or give another store."""

    @pytest.fixture
    def database(self, tmp_path: Path) -> str | None:
        raise NotImplementedError

    @pytest.fixture
    async def store(self, database: str | None) -> AsyncGenerator[Store]:
        store = open_store(database, now=lambda: NOON)
        yield store
        await store.close()
