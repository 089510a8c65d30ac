"""An old store becomes exactly what a fresh one is, keeps what it held, and a newer one is left alone."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.exc import OperationalError

from fleet_runtime.errors import StoreError, StoreTooNew
from fleet_runtime.stores import upgrading
from fleet_runtime.stores.schema import SCHEMA_VERSION, metadata
from fleet_runtime.stores.sql_store import open_store
from fleet_runtime.stores.upgrading import _SCRIPTS as SCRIPTS
from fleet_runtime.stores.upgrading import migrate

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

NEXT_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("account", sa.Column("note", sa.Text))
    {more}
"""


def open_and_close(database: Path) -> None:
    asyncio.run(open_store(str(database), now=lambda: NOON).close())


def drawn(database: Path) -> list[tuple[str, str, str]]:
    """Return what the database says of its own schema, without the layout of the words."""
    connection = sqlite3.connect(database)
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 1, 2"
    ).fetchall()
    connection.close()
    return [(kind, name, " ".join(sql.split())) for kind, name, sql in rows]


def columns(connection: Connection) -> dict[str, list[tuple[str, str, bool]]]:
    inspector = inspect(connection)
    return {
        table: [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)]
        for table in inspector.get_table_names()
    }


def migrated_from_nothing(database: Path) -> None:
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        migrate(connection, SCRIPTS)
    engine.dispose()


def a_later_version(folder: Path, more: str = "") -> Path:
    """Return migrations of a version after this one."""
    scripts = folder / "100% later"
    shutil.copytree(SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "revision_0002.py").write_text(NEXT_REVISION.format(more=more), encoding="utf-8")
    return scripts


def test_the_schema_is_what_the_last_revision_makes() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA_VERSION


def test_a_fresh_store_equals_a_migrated_one(tmp_path: Path) -> None:
    fresh, migrated = tmp_path / "fresh.db", tmp_path / "migrated.db"
    open_and_close(fresh)
    migrated_from_nothing(migrated)
    assert len(drawn(fresh)) == len(metadata.tables) + 1
    assert drawn(fresh) == drawn(migrated)
    engines = [create_engine(f"sqlite:///{database}") for database in (fresh, migrated)]
    with engines[0].begin() as first, engines[1].begin() as second:
        assert columns(first) == columns(second)
    for engine in engines:
        engine.dispose()


def test_every_table_belongs_to_an_account() -> None:
    for table in metadata.tables.values():
        if table.name != "alembic_version":
            assert [column.name for column in table.primary_key][:2] == ["tenant", "account"]


def test_an_older_store_is_migrated_when_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "fleet.db"
    migrated_from_nothing(database)
    scripts = a_later_version(tmp_path, 'op.execute("UPDATE account SET note = account")')
    connection = sqlite3.connect(database)
    connection.execute("INSERT INTO account VALUES ('north', 'acme', 3, 'noon')")
    connection.commit()
    monkeypatch.setattr(upgrading, "SCHEMA_VERSION", "0002")
    monkeypatch.setattr(upgrading, "_SCRIPTS", scripts)
    open_and_close(database)
    open_and_close(database)
    assert connection.execute("SELECT * FROM account").fetchall() == [("north", "acme", 3, "noon", "acme")]
    assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("0002",)]
    connection.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "fleet.db"
    open_and_close(database)
    before = drawn(database)
    monkeypatch.setattr(upgrading, "SCHEMA_VERSION", "0002")
    monkeypatch.setattr(
        upgrading, "_SCRIPTS", a_later_version(tmp_path, 'op.execute("INSERT INTO nowhere VALUES (1)")')
    )
    with pytest.raises(StoreError) as caught:
        open_and_close(database)
    assert isinstance(caught.value.__cause__, OperationalError)
    assert drawn(database) == before


def test_a_newer_store_is_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "fleet.db"
    open_and_close(database)
    connection = sqlite3.connect(database)
    connection.execute("UPDATE alembic_version SET version_num = '0999'")
    connection.commit()
    with pytest.raises(StoreTooNew) as caught:
        open_and_close(database)
    assert "0999" in caught.value.message
    assert "upgrade" in caught.value.hint
    assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("0999",)]
    connection.close()


@pytest.mark.parametrize(
    "content",
    [
        "CREATE TABLE theirs (id)",
        "CREATE TABLE alembic_version (version_num)",
        "CREATE TABLE alembic_version AS SELECT 'ae1027a6acf0' AS version_num",
    ],
)
def test_another_program_s_database_is_left_alone(tmp_path: Path, content: str) -> None:
    database = tmp_path / "theirs.db"
    connection = sqlite3.connect(database)
    connection.execute(content)
    connection.commit()
    connection.close()
    before = database.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        open_and_close(database)
    assert database.read_bytes() == before


def test_a_current_store_opens_without_alembic(tmp_path: Path) -> None:
    program = (
        "import sys; from fleet_runtime.stores.sql_store import open_store; "
        "open_store(sys.argv[1], now=None); sys.exit('alembic' in sys.modules)"
    )
    database = str(tmp_path / "fleet.db")
    assert subprocess.run([sys.executable, "-c", program, database], check=False).returncode == 0
