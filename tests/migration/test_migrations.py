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
from sqlalchemy import Connection, create_engine, inspect, make_url
from sqlalchemy.exc import OperationalError

from fleet_runtime.errors import StoreError, StoreTooNew
from fleet_runtime.records import AccountChange, AccountKey, AccountState, Contract, Pin
from fleet_runtime.stores.schema import upgrading
from fleet_runtime.stores.schema.book_tables import BOOK
from fleet_runtime.stores.schema.ownership import metadata
from fleet_runtime.stores.schema.shared_tables import call, mark, provider, signal, worker
from fleet_runtime.stores.schema.tables import SCHEMA_VERSION
from fleet_runtime.stores.schema.upgrading import _SCRIPTS as SCRIPTS
from fleet_runtime.stores.schema.upgrading import migrate
from fleet_runtime.stores.sql.store import open_store

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

NEXT = f"{int(SCHEMA_VERSION) + 1:04}"
NEXT_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "{next}"
down_revision = "{last}"


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
    revision = NEXT_REVISION.format(next=NEXT, last=SCHEMA_VERSION, more=more)
    (scripts / "versions" / f"revision_{NEXT}.py").write_text(revision, encoding="utf-8")
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
    assert len(drawn(fresh)) == len(metadata.tables) + len(
        {
            *("turn_unfinished", "turn_failed", "call_until", "sqlite_sequence"),
            *("notice_day", "motion_run_due", "work_product_state"),
        }
    )
    assert drawn(fresh) == drawn(migrated)
    engines = [create_engine(f"sqlite:///{database}") for database in (fresh, migrated)]
    with engines[0].begin() as first, engines[1].begin() as second:
        assert columns(first) == columns(second)
    for engine in engines:
        engine.dispose()


def test_the_last_revisions_make_on_postgres_what_a_fresh_database_has(postgres_database: str) -> None:
    """No Postgres database was ever older, so an older one is made up: revision 0004, as SQLite had it."""
    engine = create_engine(make_url(postgres_database).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        fresh = shape(connection)
        for statement in (
            *(f"DROP TABLE {table.name}" for table in (*BOOK, signal, worker, mark, provider, call)),
            "ALTER TABLE turn DROP CONSTRAINT turn_whole",
            "DROP INDEX turn_failed",
            "ALTER TABLE turn DROP COLUMN failure",
            "ALTER TABLE turn ADD CONSTRAINT turn_whole CHECK ((state = 'done') = (reply IS NOT NULL))",
            "UPDATE alembic_version SET version_num = '0004'",
        ):
            connection.exec_driver_sql(statement)
        assert shape(connection) != fresh
        migrate(connection, SCRIPTS)
        assert shape(connection) == fresh
    engine.dispose()


def shape(connection: Connection) -> dict[str, list[str]]:
    """Return each table of a Postgres database, its columns in no order: a late one comes last."""
    inspector = inspect(connection)
    return {
        table: [
            *sorted(
                str(sorted((name, str(told)) for name, told in one.items())) for one in inspector.get_columns(table)
            ),
            *(str(one) for one in sorted(inspector.get_indexes(table), key=lambda one: str(one["name"]))),
            *(str(one) for one in sorted(inspector.get_unique_constraints(table), key=lambda one: str(one["name"]))),
            *(str(one) for one in inspector.get_check_constraints(table)),
            *(str(one) for one in inspector.get_foreign_keys(table)),
            str(inspector.get_pk_constraint(table)["constrained_columns"]),
        ]
        for table in inspector.get_table_names()
    }


def test_every_table_belongs_to_an_account() -> None:
    """Save what holds no customer's word: contracts, the switch, what workers share; erasing need not reach them."""
    of_nobody = {"alembic_version", "contract", "encoder", "erasure", "account", "pause"}
    of_nobody |= {"worker", "mark", "provider", "call"}
    for table in metadata.tables.values():
        if table.name not in of_nobody:
            key = [column.name for column in table.primary_key]
            assert key[:2] == ["tenant", "account"] or key[0] == "account_number"


def test_an_older_store_is_migrated_when_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "fleet.db"
    migrated_from_nothing(database)
    scripts = a_later_version(tmp_path, 'op.execute("UPDATE account SET note = account")')
    connection = sqlite3.connect(database)
    connection.execute("INSERT INTO account VALUES (1, 'north', 'acme', 3, 'noon', 0, 0, 0)")
    connection.commit()
    monkeypatch.setattr(upgrading, "SCHEMA_VERSION", NEXT)
    monkeypatch.setattr(upgrading, "_SCRIPTS", scripts)
    open_and_close(database)
    open_and_close(database)
    assert connection.execute("SELECT * FROM account").fetchall() == [(1, "north", "acme", 3, "noon", 0, 0, 0, "acme")]
    assert connection.execute("SELECT * FROM alembic_version").fetchall() == [(NEXT,)]
    connection.close()


def a_store_of_revision_0001(database: Path) -> None:
    """Make a store as the first released version made it, with one answered turn and what it taught."""
    engine = create_engine(f"sqlite:///{database}")
    with engine.begin() as connection:
        migrate(connection, SCRIPTS, to="0001")
    engine.dispose()
    written = sqlite3.connect(database)
    now, key = NOON.isoformat(timespec="microseconds"), ("north", "acme")
    written.execute("INSERT INTO account VALUES (?, ?, 1, ?)", (*key, now))
    written.execute(
        "INSERT INTO turn VALUES (?, ?, 't1', 'main', 1, 'r', 'Ada', ?, ?, 'Hi.', 'accepted', NULL)", (*key, now, now)
    )
    written.execute("INSERT INTO event VALUES (?, ?, 'e1', ?, 'note', 'Ada', 'We have 40 seats.')", (*key, now))
    written.execute(
        "INSERT INTO fact VALUES (?, ?, 'f1', 'account', 'seats', '40', 'e1', 'Ada', ?, '', 1.0, ?, NULL, ?, NULL)",
        (*key, now, now, now),
    )
    written.commit()
    written.close()


def test_a_store_of_the_first_version_keeps_everything_and_gets_pins(tmp_path: Path) -> None:
    old, fresh = tmp_path / "old.db", tmp_path / "fresh.db"
    a_store_of_revision_0001(old)
    open_and_close(fresh)
    key = AccountKey(tenant="north", account="acme")

    async def upgraded() -> tuple[AccountState, AccountState]:
        store = open_store(str(old), now=lambda: NOON)
        before = await store.read(key)
        contract = Contract(role="r", content_hash="h", text="# R")
        await store.apply(AccountChange(key=key, seen_version=1, now=NOON, pinned=(contract,)))
        assert await store.contract("h") == contract
        after = await store.read(key)
        await store.close()
        return before, after

    before, after = asyncio.run(upgraded())
    assert drawn(old) == drawn(fresh)
    assert (before.version, before.pins) == (1, ())
    assert [turn.text for turn in before.turns] == ["Hi."]
    assert [fact.value for fact in before.facts] == ["40"]
    assert after.pins == (Pin(role="r", content_hash="h", since=NOON),)
    assert (after.turns, after.events, after.facts) == (before.turns, before.events, before.facts)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = tmp_path / "fleet.db"
    open_and_close(database)
    before = drawn(database)
    monkeypatch.setattr(upgrading, "SCHEMA_VERSION", NEXT)
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
        "import sys; from fleet_runtime.stores.sql.store import open_store; "
        "open_store(sys.argv[1], now=None); sys.exit('alembic' in sys.modules)"
    )
    database = str(tmp_path / "fleet.db")
    assert subprocess.run([sys.executable, "-c", program, database], check=False).returncode == 0
