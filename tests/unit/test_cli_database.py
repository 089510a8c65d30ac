"""What `fleet db` prints and refuses, on real files."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import anyio
import psycopg
import pytest
from postgres import PostgresDatabases
from sqlalchemy import create_engine
from typer.testing import CliRunner

from fleet_runtime.cli.app import build
from fleet_runtime.messages import ToolCall
from fleet_runtime.records import AccountKey, Step, Turn
from fleet_runtime.stores.schema.tables import SCHEMA_VERSION
from fleet_runtime.stores.schema.upgrading import _SCRIPTS as SCRIPTS
from fleet_runtime.stores.schema.upgrading import migrate
from fleet_runtime.stores.sql.store import open_store

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
KEY = AccountKey(tenant="default", account="acme")
STORE = Path(".fleet/fleet.db")
URL = "postgresql://role:geheim@db.example.org:5433/fleet?password=geheim&sslmode=require"


class Call:
    """One call of the program in this process."""

    def __init__(self, *arguments: str) -> None:
        result = CliRunner().invoke(build(), ["db", *arguments], prog_name="fleet")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr

    def json(self) -> object:
        assert self.code in {0, 1}, self.err
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLEET_MODEL", "none")


def accept(database: str = str(STORE), *, with_step: bool = False) -> None:
    """Keep a message, and a round of tools if wanted."""

    async def write() -> None:
        store = open_store(database, now=lambda: NOW)
        turn = Turn(id="t1", key=KEY, conversation="main", role="csm", speaker="Dana", at=NOW, text="a message")
        await store.accept(turn)
        if with_step:
            call = ToolCall(id="c", name="credit", arguments="{}")
            await store.put_step(KEY, "t1", Step(number=1, role="csm", calls=(call,)))
        await store.close()

    anyio.run(write)


def change(statement: str, *values: object) -> None:
    """Change the store behind its back."""
    with closing(sqlite3.connect(STORE)) as connection, connection:
        connection.execute(statement, values)


def states(*arguments: str) -> dict[str, str]:
    """Return what a check says of each thing."""
    found = Call("check", "--json", *arguments).json()
    assert isinstance(found, list)
    return {one["name"]: one["state"] for one in found}


def test_a_store_is_made_and_is_up_to_date_then() -> None:
    assert Call("upgrade", "--json").json() == {"database": str(STORE), "from": None, "to": SCHEMA_VERSION}
    again = Call("upgrade")
    assert again.out == f".fleet/fleet.db is up to date: schema {SCHEMA_VERSION}\n"


def test_an_older_store_is_upgraded_and_a_check_says_that_it_is_to_be() -> None:
    STORE.parent.mkdir()
    engine = create_engine(f"sqlite:///{STORE}")
    with engine.begin() as connection:
        migrate(connection, SCRIPTS, to="0001")
    engine.dispose()
    told = Call("check")
    assert told.code == 1
    assert "broken  schema    version 0001" in told.out
    assert "fleet db upgrade" in told.out
    assert Call("upgrade").out == f".fleet/fleet.db is upgraded from schema 0001 to {SCHEMA_VERSION}\n"
    assert states()["schema"] == "ok"


def test_a_newer_store_is_refused_and_told() -> None:
    Call("upgrade")
    change("UPDATE alembic_version SET version_num = '9999'")
    assert Call("upgrade").err.startswith("error[store-too-new]")
    told = Call("check")
    assert told.code == 1
    assert "upgrade fleet-runtime" in told.out


def test_a_sound_store_is_said_to_be_so() -> None:
    accept()
    told = Call("check")
    assert told.code == 0
    assert "ok      turns     1 not answered yet, 0 of them half done" in told.out
    assert states() == {"schema": "ok", "turns": "ok", "file": "ok", "disk": "ok"}


def test_a_turn_that_is_half_done_and_nobodys_is_found() -> None:
    accept(with_step=True)
    assert states()["turns"] == "broken"
    change("INSERT INTO lease VALUES ('default', 'acme', 'token', '2999-01-01T00:00:00.000000+00:00')")
    assert states()["turns"] == "ok"
    change("UPDATE lease SET until = '2020-01-01T00:00:00.000000+00:00'")
    assert states()["turns"] == "broken"
    change("INSERT INTO worker VALUES ('w-0', 'token', 'default', 'east', 7, '1', 0, 0, 0, 0, 0)")
    assert states()["turns"] == "broken"
    change("UPDATE worker SET seen_at = ?", int(datetime.now(UTC).timestamp() * 1_000_000))
    assert states()["turns"] == "ok"


def test_a_damaged_file_is_found() -> None:
    accept()
    change("PRAGMA wal_checkpoint(TRUNCATE)")
    with STORE.open("r+b") as writing:
        writing.seek(STORE.stat().st_size // 2)
        writing.write(b"\xff" * 8192)
    told = Call("check")
    assert told.code == 1
    assert "broken  file      .fleet/fleet.db is damaged" in told.out
    assert "fleet db restore" in told.out


def test_a_row_that_belongs_to_nothing_is_found() -> None:
    accept(with_step=True)
    change("DELETE FROM turn")
    assert states()["file"] == "broken"


def test_another_programs_file_is_no_store() -> None:
    STORE.parent.mkdir()
    with closing(sqlite3.connect(STORE)) as connection, connection:
        connection.execute("CREATE TABLE letters (body TEXT)")
    assert states()["schema"] == "broken"
    change("CREATE TABLE alembic_version (version_num TEXT)")
    change("INSERT INTO alembic_version VALUES ('ae1027a6')")
    assert "it holds no tables of ours" in Call("check").out
    assert "no store of ours" in Call("backup", "kept").err


def test_the_engines_file_is_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    accept()
    assert "engine" not in states()
    monkeypatch.setenv("FLEET_ENGINE", "durable")
    assert states()["engine"] == "note"
    engine = Path(".fleet/fleet.engine.db")
    with closing(sqlite3.connect(engine)) as connection, connection:
        connection.execute("CREATE TABLE dbos_migrations (version INTEGER)")
    assert states()["engine"] == "ok"
    engine.write_bytes(b"rubbish" * 4000)
    assert states()["engine"] == "broken"


def test_little_space_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    accept()
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1024}))
    assert states()["disk"] == "broken"


def test_a_check_makes_nothing() -> None:
    assert Call("check").err.startswith("error[store]: there is no store at .fleet/fleet.db")
    assert not STORE.parent.exists()


def test_what_is_backed_up_is_restored() -> None:
    accept()
    made = Call("backup", "kept")
    assert made.code == 0, made.err
    assert made.out.splitlines()[-1] == "backup of .fleet/fleet.db is complete: kept"
    assert Call("backup", "kept").err.startswith("error[store]: kept is there already")
    told = Call("backup", "kept", "--force", "--json").json()
    assert isinstance(told, dict)
    assert told["folder"] == "kept"
    assert [copy["part"] for copy in told["manifest"]["copies"]] == ["store"]
    change("DELETE FROM turn")
    restored = Call("restore", "kept")
    assert restored.code == 0, restored.err
    assert "kept what was there as " in restored.out
    assert f"{STORE}.before-" in restored.out
    with closing(sqlite3.connect(STORE)) as connection:
        assert connection.execute("SELECT id FROM turn").fetchall() == [("t1",)]
    again = Call("restore", "kept", "--json").json()
    assert isinstance(again, dict)
    assert set(again) == {"manifest", "replaced"}


def test_a_url_names_the_same_file() -> None:
    accept()
    assert Call("check", "--database", f"sqlite:///{STORE}").code == 0


@pytest.mark.parametrize("database", ["none", "sqlite://", "sqlite:///:memory:"])
def test_what_is_in_memory_is_no_store(database: str) -> None:
    for command in (["upgrade"], ["check"], ["backup", "kept"], ["restore", "kept"]):
        assert "all is kept in memory" in Call(*command, "--database", database).err


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_on_postgres_the_servers_own_tools_are_named_without_the_password(command: str, tool: str) -> None:
    call = Call(command, "kept", "--database", URL)
    assert call.code == 1
    assert tool in call.err
    assert "pg_basebackup" in call.err
    assert "postgresql://role@db.example.org:5433/fleet?sslmode=require" in call.err
    assert "geheim" not in call.err + call.out


def test_a_database_on_a_server_is_made_and_looked_at(postgres_databases: PostgresDatabases) -> None:
    with postgres_databases.fresh(empty=True) as url:
        named = ("--database", url)
        assert states(*named)["schema"] == "broken"
        made = Call("upgrade", "--json", *named).json()
        assert isinstance(made, dict)
        assert (made["from"], made["to"]) == (None, SCHEMA_VERSION)
        assert "@" not in made["database"]
        assert "is up to date" in Call("upgrade", *named).out
        assert states(*named) == {"schema": "ok", "turns": "ok", "size": "ok"}
        with psycopg.connect(url) as connection:
            connection.execute("CREATE SCHEMA dbos")
        assert states(*named)["engine"] == "ok"


def test_a_turn_that_is_half_done_is_found_on_a_server_too(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_ENGINE", "durable")
    accept(postgres_database, with_step=True)
    assert states("--database", postgres_database) == {
        "schema": "ok", "turns": "broken", "size": "ok", "engine": "note",
    }  # fmt: skip


def test_a_server_that_does_not_answer_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_DATABASE", "postgresql://role:geheim@127.0.0.1:1/fleet")
    for command in ("check", "upgrade"):
        call = Call(command)
        assert call.code == 1
        assert call.err.startswith("error[store]: ")
        assert "geheim" not in call.err
