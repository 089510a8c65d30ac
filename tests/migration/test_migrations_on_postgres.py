"""A Postgres database is brought forward by the same history as a file, all of it or none, by one process of many."""

from __future__ import annotations

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from remembered import ACME, NOON, fill
from sqlalchemy.exc import ProgrammingError

from fleet_runtime.errors import StoreError
from fleet_runtime.records import AccountState
from fleet_runtime.stores.schema import upgrading
from fleet_runtime.stores.schema.tables import SCHEMA_VERSION
from fleet_runtime.stores.schema.upgrading import _SCRIPTS as SCRIPTS
from fleet_runtime.stores.sql.store import open_store

NEXT = f"{int(SCHEMA_VERSION) + 1:04}"
NEXT_REVISION = f"""
import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{SCHEMA_VERSION}"


def upgrade():
    op.add_column("pause", sa.Column("note", sa.Text))
    op.execute("MORE")
"""
NOTES = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'pause' AND column_name = 'note'"


def a_later_version(folder: Path, monkeypatch: pytest.MonkeyPatch, more: str) -> None:
    """Make this one the version after it."""
    scripts = folder / "later"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / f"revision_{NEXT}.py").write_text(NEXT_REVISION.replace("MORE", more), encoding="utf-8")
    monkeypatch.setattr(upgrading, "SCHEMA_VERSION", NEXT)
    monkeypatch.setattr(upgrading, "_SCRIPTS", scripts)


def asked(database: str, question: str) -> object:
    with psycopg.connect(database) as connection:
        (answer,) = connection.execute(question.encode()).fetchone() or (None,)
        return answer


async def state_of(database: str, *, filled: bool = False) -> AccountState:
    store = open_store(database, now=lambda: NOON)
    if filled:
        await fill(store, ACME)
    state = await store.read(ACME)
    await store.close()
    return state


def test_an_older_database_is_migrated_once_and_keeps_what_it_held(
    postgres_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = asyncio.run(state_of(postgres_database, filled=True))
    a_later_version(tmp_path, monkeypatch, "UPDATE account SET version = version + 1")
    with ThreadPoolExecutor(2) as threads:
        after = list(threads.map(lambda _: asyncio.run(state_of(postgres_database)), range(2)))
    assert after == [before.model_copy(update={"version": before.version + 1})] * 2
    assert asked(postgres_database, NOTES) == 1
    assert asked(postgres_database, "SELECT version_num FROM alembic_version") == NEXT


def test_a_migration_that_fails_changes_nothing(
    postgres_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = asyncio.run(state_of(postgres_database, filled=True))
    with monkeypatch.context() as later:
        a_later_version(tmp_path, later, "INSERT INTO nowhere VALUES (1)")
        with pytest.raises(StoreError) as caught:
            asyncio.run(state_of(postgres_database))
    assert isinstance(caught.value.__cause__, ProgrammingError)
    assert asked(postgres_database, NOTES) == 0
    assert asyncio.run(state_of(postgres_database)) == before
