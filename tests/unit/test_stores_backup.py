"""Backups of a store: taken while it is written to, refused where they are no good, put back only where it is safe."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from booked import a_whole_book
from sqlalchemy import create_engine

from fleet_runtime.books import AccountBook
from fleet_runtime.errors import StoreError, StoreTooNew
from fleet_runtime.records import AccountKey, Turn
from fleet_runtime.stores.maintenance.backup import StoreFiles, back_up, verified
from fleet_runtime.stores.maintenance.restoring import Restored, restore
from fleet_runtime.stores.schema.tables import SCHEMA_VERSION
from fleet_runtime.stores.schema.upgrading import _SCRIPTS as SCRIPTS
from fleet_runtime.stores.schema.upgrading import migrate
from fleet_runtime.stores.sql.books import SqlBooks
from fleet_runtime.stores.sql.store import SqlStore, open_store

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
KEY = AccountKey(tenant="default", account="acme")


def turn(number: int) -> Turn:
    return Turn(
        id=f"t{number}", key=KEY, conversation="main", role="csm", speaker="Dana", at=NOW, text=f"message {number}"
    )


def opened(file: Path) -> SqlStore:
    return open_store(str(file), now=lambda: NOW)


def accepted(file: Path) -> list[str]:
    """Return the ids of the turns that a store holds; it has them as a user's process would."""

    async def read() -> list[str]:
        store = opened(file)
        try:
            return [one.id for one in await store.unfinished()]
        finally:
            await store.close()

    return anyio.run(read)


def accept(file: Path, *numbers: int) -> None:
    async def write() -> None:
        store = opened(file)
        for number in numbers:
            await store.accept(turn(number))
        await store.close()

    anyio.run(write)


def queue(file: Path, *ids: str) -> None:
    """Write an engine's file as it looks from outside."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS dbos_migrations (version INTEGER NOT NULL PRIMARY KEY)")
        connection.execute("INSERT OR REPLACE INTO dbos_migrations VALUES (7)")
        connection.execute("CREATE TABLE IF NOT EXISTS workflow_status (id TEXT PRIMARY KEY)")
        connection.executemany("INSERT INTO workflow_status VALUES (?)", [(one,) for one in ids])


@pytest.fixture
def files(tmp_path: Path) -> StoreFiles:
    files = StoreFiles(tmp_path / "fleet.db", tmp_path / "fleet.engine.db")
    accept(files.store, 1, 2)
    queue(files.engine, "default:acme:1")
    return files


def put_back(folder: Path, files: StoreFiles, *, now: datetime = NOW) -> Restored:
    return restore(folder, files, now=now, lapse_seconds=6.0)


def test_what_is_backed_up_comes_back(files: StoreFiles, tmp_path: Path) -> None:
    made = back_up(files, tmp_path / "kept", now=NOW)
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["engine.db", "manifest.json", "store.db"]
    assert [(copy.part, copy.schema_version) for copy in made.copies] == [("engine", "7"), ("store", SCHEMA_VERSION)]
    assert verified(tmp_path / "kept") == made
    accept(files.store, 3)
    queue(files.engine, "default:acme:3")
    restored = put_back(tmp_path / "kept", files)
    assert accepted(files.store) == ["t1", "t2"]
    with closing(sqlite3.connect(files.engine)) as connection:
        assert connection.execute("SELECT id FROM workflow_status").fetchall() == [("default:acme:1",)]
    assert [path.name for path in restored.replaced] == [
        "fleet.engine.db.before-20270301T120000Z",
        "fleet.db.before-20270301T120000Z",
    ]
    assert accepted(restored.replaced[1]) == ["t1", "t2", "t3"]


def test_the_book_comes_back_with_the_memory(files: StoreFiles, tmp_path: Path) -> None:
    async def use(change: Callable[[SqlBooks], Awaitable[object]]) -> AccountBook:
        store = opened(files.store)
        books = SqlBooks(store.database, lambda: NOW)
        await change(books)
        found = await books.book(KEY)
        await store.close()
        return found

    kept = anyio.run(use, lambda books: books.put_back(a_whole_book(KEY)))
    back_up(files, tmp_path / "kept", now=NOW)
    assert anyio.run(use, lambda books: books.close_notice(KEY, "n1", NOW.date(), "better")) != kept
    put_back(tmp_path / "kept", files)
    assert anyio.run(use, lambda books: books.versions("default")) == kept


def test_it_is_for_its_owner_only_and_needs_nothing_beside_it(files: StoreFiles, tmp_path: Path) -> None:
    back_up(files, tmp_path / "kept", now=NOW)
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "kept" / "store.db").stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(tmp_path / "kept" / "store.db")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_store_without_an_engine_is_backed_up_too_and_takes_the_engine_of_later_away(tmp_path: Path) -> None:
    files = StoreFiles(tmp_path / "fleet.db", tmp_path / "fleet.engine.db")
    accept(files.store, 1)
    assert [copy.part for copy in back_up(files, tmp_path / "kept", now=NOW).copies] == ["store"]
    queue(files.engine, "default:acme:1")
    restored = put_back(tmp_path / "kept", files)
    assert not files.engine.exists()
    assert [path.exists() for path in restored.replaced] == [True, True]


def test_it_goes_to_a_machine_where_there_is_nothing(files: StoreFiles, tmp_path: Path) -> None:
    back_up(files, tmp_path / "kept", now=NOW)
    elsewhere = StoreFiles(tmp_path / "new" / "fleet.db", tmp_path / "new" / "fleet.engine.db")
    assert put_back(tmp_path / "kept", elsewhere).replaced == ()
    assert accepted(elsewhere.store) == ["t1", "t2"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["fleet.db", "fleet.engine.db"]


def test_every_backup_under_a_writer_is_one_moment_and_no_write_is_lost(files: StoreFiles, tmp_path: Path) -> None:
    """Another process writes on; each copy holds an unbroken run of its messages, and the writer never fails."""
    script = f"""
import anyio
from datetime import UTC, datetime
from pathlib import Path
from fleet_runtime.records import AccountKey, Turn
from fleet_runtime.stores.sql.store import open_store
async def write():
    now = datetime(2027, 3, 1, tzinfo=UTC)
    store = open_store({str(files.store)!r}, now=lambda: now)
    key = AccountKey(tenant="default", account="busy")
    number = 0
    while not Path({str(tmp_path / "stop")!r}).exists():
        number += 1
        await store.accept(Turn(id=f"w{{number:06d}}", key=key, conversation="main", role="csm", speaker="D", at=now,
                                text="words " * 200))
        print(number, flush=True)
    await store.close()
anyio.run(write)
"""
    told: list[int] = []
    counts: list[int] = []
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = writer.stdout
        told.append(int(lines.readline()))
        reading = threading.Thread(target=lambda: told.extend(int(line) for line in lines))
        reading.start()
        try:
            for number in range(5):
                before = told[-1]
                back_up(files, tmp_path / f"kept{number}", now=NOW)
                counts.append(len(_numbers(tmp_path / f"kept{number}" / "store.db")))
                assert counts[-1] >= before, "what was acknowledged before the backup began is in it"
        finally:
            (tmp_path / "stop").touch()
            reading.join()
    assert writer.returncode == 0
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    assert len(_numbers(files.store)) == told[-1]


def _numbers(file: Path) -> list[int]:
    """Return the numbers of the writer's messages, which must be unbroken."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT id FROM turn WHERE account = 'busy' ORDER BY id").fetchall()
    numbers = [int(name[1:]) for (name,) in rows]
    assert numbers == list(range(1, len(numbers) + 1))
    return numbers


def test_nothing_is_overwritten_unless_it_is_a_backup_and_that_is_wanted(files: StoreFiles, tmp_path: Path) -> None:
    back_up(files, tmp_path / "kept", now=NOW)
    with pytest.raises(StoreError, match="is there already") as refused:
        back_up(files, tmp_path / "kept", now=NOW)
    assert "--force" in refused.value.hint
    accept(files.store, 3)
    back_up(files, tmp_path / "kept", now=NOW + timedelta(days=1), force=True)
    assert verified(tmp_path / "kept").made_at == NOW + timedelta(days=1)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(StoreError, match="is no backup"):
        back_up(files, tmp_path / "mine", now=NOW, force=True)
    assert (tmp_path / "mine" / "letter.txt").exists()
    assert _left(tmp_path) == []


def _left(folder: Path) -> list[str]:
    """Return what should not be left lying about."""
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_backup_of_nothing_or_of_something_else_is_refused(tmp_path: Path) -> None:
    files = StoreFiles(tmp_path / "fleet.db", tmp_path / "fleet.engine.db")
    with pytest.raises(StoreError, match="there is no store"):
        back_up(files, tmp_path / "kept", now=NOW)
    queue(files.store, "x")
    with pytest.raises(StoreError, match="no store of ours"):
        back_up(files, tmp_path / "kept", now=NOW)
    files.store.write_text("no database at all, but a text that is long enough to be one" * 30, encoding="utf-8")
    with pytest.raises(StoreError, match="not a database"):
        back_up(files, tmp_path / "kept", now=NOW)
    assert not (tmp_path / "kept").exists()
    assert _left(tmp_path) == []


def damage(file: Path) -> None:
    """Overwrite the middle of a file."""
    with file.open("r+b") as writing:
        writing.seek(file.stat().st_size // 2)
        writing.write(b"\xff" * 8192)


def test_a_damaged_store_is_not_backed_up(files: StoreFiles, tmp_path: Path) -> None:
    with closing(sqlite3.connect(files.store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damage(files.store)
    with pytest.raises(StoreError, match="damaged"):
        back_up(files, tmp_path / "kept", now=NOW)
    assert not (tmp_path / "kept").exists()


@pytest.fixture
def kept(files: StoreFiles, tmp_path: Path) -> Iterator[Path]:
    back_up(files, tmp_path / "kept", now=NOW)
    before = files.store.read_bytes()
    yield tmp_path / "kept"
    assert files.store.read_bytes() == before, "a refused restore changes nothing"
    assert _left(tmp_path) == []


def manifest_of(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", ["store.db", "engine.db"])
def test_a_backup_that_was_changed_is_not_restored(kept: Path, files: StoreFiles, name: str) -> None:
    damage(kept / name)
    with pytest.raises(StoreError, match="not the file that was backed up"):
        put_back(kept, files)


def test_a_backup_whose_file_is_missing_is_not_restored(kept: Path, files: StoreFiles) -> None:
    (kept / "engine.db").unlink()
    with pytest.raises(StoreError, match="not the file that was backed up"):
        put_back(kept, files)


def test_a_damaged_copy_is_refused_even_if_its_hash_is_right(kept: Path, files: StoreFiles) -> None:
    damage(kept / "store.db")
    _tell_truly(kept)
    with pytest.raises(StoreError, match=r"damaged|cannot be|schema"):
        put_back(kept, files)


def _tell_truly(folder: Path) -> None:
    """Bring a manifest in line with its files."""
    import hashlib  # noqa: PLC0415 - for this alone

    told = manifest_of(folder)
    copies = told["copies"]
    assert isinstance(copies, list)
    for copy in copies:
        body = (folder / copy["name"]).read_bytes()
        copy |= {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")


def test_a_newer_backup_is_refused(kept: Path, files: StoreFiles) -> None:
    with closing(sqlite3.connect(kept / "store.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    _tell_truly(kept)
    with pytest.raises(StoreTooNew, match="9999"):
        put_back(kept, files)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("no JSON", "cannot be read"),
        ('{"form": 2, "made_at": "2027-03-01T12:00:00Z", "copies": []}', "cannot be read"),
        ('{"form": 1, "made_at": "2027-03-01T12:00:00Z", "copies": []}', "holds no store"),
        (
            json.dumps(
                {
                    "form": 1,
                    "made_at": "2027-03-01T12:00:00Z",
                    "copies": [{"part": "store", "name": "../x.db", "schema_version": "0005", "size": 1, "sha256": ""}],
                }
            ),
            "a file elsewhere",
        ),
    ],
)
def test_a_manifest_that_is_none_is_refused(kept: Path, files: StoreFiles, body: str, says: str) -> None:
    (kept / "manifest.json").write_text(body, encoding="utf-8")
    with pytest.raises(StoreError, match=says):
        put_back(kept, files)


def test_a_folder_that_is_no_backup_is_refused(kept: Path, files: StoreFiles, tmp_path: Path) -> None:
    del kept
    with pytest.raises(StoreError, match="is no backup"):
        put_back(tmp_path, files)


@pytest.mark.anyio
async def test_it_is_refused_while_the_store_is_open(files: StoreFiles, tmp_path: Path) -> None:
    back_up(files, tmp_path / "kept", now=NOW)
    store = opened(files.store)
    await store.accept(turn(3))
    with pytest.raises(StoreError, match="has it open"):
        put_back(tmp_path / "kept", files)
    await store.accept(turn(4))  # undisturbed
    await store.close()
    put_back(tmp_path / "kept", files)


def test_it_is_refused_while_another_process_has_the_store_open(files: StoreFiles, tmp_path: Path) -> None:
    back_up(files, tmp_path / "kept", now=NOW)
    script = (
        "import sys; from datetime import UTC, datetime; from fleet_runtime.stores.sql.store import open_store;"
        f"store = open_store({str(files.store)!r}, now=lambda: datetime.now(UTC)); print(1, flush=True);"
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(StoreError, match="has it open"):
            put_back(tmp_path / "kept", files)
        other.communicate("", timeout=30)
    put_back(tmp_path / "kept", files)
    assert accepted(files.store) == ["t1", "t2"]


@pytest.mark.anyio
async def test_it_is_refused_while_an_account_is_worked_on(files: StoreFiles, tmp_path: Path) -> None:
    back_up(files, tmp_path / "kept", now=NOW)
    store = opened(files.store)
    await store.lease(KEY, "somebody", NOW + timedelta(seconds=10), NOW)
    await store.close()
    with pytest.raises(StoreError, match="works on 1 of its accounts"):
        put_back(tmp_path / "kept", files)
    put_back(tmp_path / "kept", files, now=NOW + timedelta(seconds=11))


def test_it_is_refused_while_a_worker_shows_signs_of_life(files: StoreFiles, tmp_path: Path) -> None:
    back_up(files, tmp_path / "kept", now=NOW)
    seen = int(NOW.timestamp() * 1_000_000)
    with closing(sqlite3.connect(files.store)) as connection, connection:
        connection.execute(
            "INSERT INTO worker VALUES ('w-0', 'token', 'default', 'east', 7, '1', ?, 3, 0, 0, ?)", (seen, seen)
        )
    with pytest.raises(StoreError, match="worker w-0 on east"):
        put_back(tmp_path / "kept", files, now=NOW + timedelta(seconds=5))
    put_back(tmp_path / "kept", files, now=NOW + timedelta(seconds=7))


@pytest.mark.anyio
async def test_nothing_waits_for_those_who_were_at_work_when_it_was_taken(files: StoreFiles, tmp_path: Path) -> None:
    store = opened(files.store)
    await store.lease(KEY, "somebody", NOW + timedelta(days=1), NOW)
    await store.close()
    back_up(files, tmp_path / "kept", now=NOW)
    put_back(tmp_path / "kept", files, now=NOW + timedelta(days=2))
    store = opened(files.store)
    assert await store.lease(KEY, "somebody else", NOW + timedelta(seconds=1), NOW)
    await store.close()


def test_an_older_store_is_backed_up_and_restored_as_it_is(tmp_path: Path) -> None:
    files = StoreFiles(tmp_path / "fleet.db", tmp_path / "fleet.engine.db")
    engine = create_engine(f"sqlite:///{files.store}")
    with engine.begin() as connection:
        migrate(connection, SCRIPTS, to="0001")
    engine.dispose()
    assert back_up(files, tmp_path / "kept", now=NOW).copies[0].schema_version == "0001"
    put_back(tmp_path / "kept", files)
    assert accepted(files.store) == []


def test_a_damaged_store_is_replaced_and_kept_with_its_log(files: StoreFiles, tmp_path: Path) -> None:
    back_up(files, tmp_path / "kept", now=NOW)
    files.store.write_bytes(b"rubbish" * 4000)
    files.store.with_name("fleet.db-wal").write_bytes(b"log")
    restored = put_back(tmp_path / "kept", files)
    assert accepted(files.store) == ["t1", "t2"]
    assert restored.replaced[1].read_bytes() == b"rubbish" * 4000
    assert restored.replaced[1].with_name(f"{restored.replaced[1].name}-wal").read_bytes() == b"log"


def test_a_store_behind_a_link_is_replaced_where_it_lies(files: StoreFiles, tmp_path: Path) -> None:
    back_up(files, tmp_path / "kept", now=NOW)
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "fleet.db").symlink_to(files.store)
    put_back(tmp_path / "kept", StoreFiles(tmp_path / "links" / "fleet.db", files.engine))
    assert (tmp_path / "links" / "fleet.db").is_symlink()
    assert len([path for path in tmp_path.iterdir() if path.name.startswith("fleet.db.before-")]) == 1
    assert accepted(files.store) == ["t1", "t2"]


def test_where_no_folder_can_be_made_it_is_said(files: StoreFiles, tmp_path: Path) -> None:
    (tmp_path / "letter").touch()
    with pytest.raises(StoreError, match="backup "):
        back_up(files, tmp_path / "letter" / "kept", now=NOW)


def test_two_restores_in_one_second_keep_both_former_files(files: StoreFiles, tmp_path: Path) -> None:
    back_up(files, tmp_path / "kept", now=NOW)
    first, second = put_back(tmp_path / "kept", files), put_back(tmp_path / "kept", files)
    assert len({*first.replaced, *second.replaced}) == 4
