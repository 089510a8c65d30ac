"""What happens beneath a store, for real: no space, no database, no permission, other processes; said in our words."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from fleet_runtime.errors import StoreError, StoreFull
from fleet_runtime.records import AccountKey, Turn
from fleet_runtime.stores.databases import sqlite as connecting
from fleet_runtime.stores.databases.failures import explained
from fleet_runtime.stores.schema.rows import stamp
from fleet_runtime.stores.sql.store import SqlStore, open_store

Result = TypeVar("Result")

ACME = AccountKey(tenant="north", account="acme")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def a_turn(turn_id: str, text: str = "We have 40 seats.") -> Turn:
    return Turn(id=turn_id, key=ACME, conversation="c", role="r", speaker="Ada", at=NOON, text=text)


def opened(database: str | None) -> SqlStore:
    return open_store(database, now=lambda: NOON)


def run(scene: Coroutine[object, object, Result]) -> Result:
    return asyncio.run(scene)


def test_a_full_disk_keeps_what_was_accepted(tmp_path: Path) -> None:
    async def scene() -> None:
        store = opened(str(tmp_path / "fleet.db"))
        await store.accept(a_turn("t1"))

        def limit(connection: Connection) -> None:
            used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {used + 2}")

        await store._database.read(limit)
        with pytest.raises(StoreFull) as caught:
            await store.accept(a_turn("t2", "x" * 100_000))
        assert "space" in caught.value.hint
        assert [turn.id for turn in (await store.read(ACME)).turns] == ["t1"]
        assert (await store.accept(a_turn("t3"))).sequence == 2
        await store.close()

    run(scene())


@pytest.mark.parametrize("content", [b"Dear Ada, this is no database. " * 400, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "letter.txt"
    file.write_bytes(content)
    with pytest.raises(StoreError, match="not a database") as caught:
        opened(str(file))
    assert str(file) in caught.value.message
    assert file.read_bytes() == content


def test_a_damaged_file_is_called_damaged(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"

    async def fill() -> None:
        store = opened(str(file))
        for number in range(50):
            await store.accept(a_turn(f"t{number}", "x" * 2_000))
        await store.close()

    run(fill())
    damaged = bytearray(file.read_bytes())
    damaged[8192:] = b"\xff" * (len(damaged) - 8192)
    file.write_bytes(damaged)

    async def look() -> None:
        store = opened(str(file))
        try:
            await store.read(ACME)
        finally:
            await store.close()

    with pytest.raises(StoreError, match="damaged"):
        run(look())


def test_a_row_that_was_changed_by_hand_is_said_to_be_unreadable(tmp_path: Path) -> None:
    async def scene() -> None:
        store = opened(str(tmp_path / "fleet.db"))
        await store.accept(a_turn("t1"))

        def spoil(connection: Connection) -> None:
            connection.exec_driver_sql("UPDATE turn SET state = 'done', reply = '{}'")

        await store._database.write(spoil)
        with pytest.raises(StoreError, match="stored Reply cannot be read"):
            await store.read(ACME)
        await store.close()

    run(scene())


@pytest.mark.parametrize("place", ["/proc/fleet/fleet.db", "/proc/fleet.db", "/proc/version/fleet.db"])
def test_a_place_that_cannot_be_written_says_so(place: str) -> None:
    with pytest.raises(StoreError, match="/proc") as caught:
        opened(place)
    assert "permissions" in caught.value.hint


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        opened(str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError):
        opened(str(tmp_path / "fleet.db"))


def test_a_read_only_database_says_so(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"
    run(opened(str(file)).close())

    async def scene() -> None:
        store = opened(f"sqlite:///file:{file}?mode=ro&uri=true")
        assert (await store.read(ACME)).version == 0
        with pytest.raises(StoreError, match="read-only"):
            await store.accept(a_turn("t1"))
        await store.close()

    run(scene())


@pytest.mark.parametrize(
    "url", ["postgresql+asyncpg://localhost/fleet", "mysql://x", "nonsense://", "sqlite:broken://x"]
)
def test_a_url_of_another_database_is_refused(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        opened(url)
    assert "sqlite:///FILE" in caught.value.hint


def test_a_write_lock_that_is_never_given_back_is_waited_for_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "fleet.db"
    run(opened(str(file)).close())
    monkeypatch.setattr(connecting, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    async def scene() -> None:
        store = opened(str(file))
        with pytest.raises(StoreError, match="write lock"):
            await store.accept(a_turn("t1"))
        assert (await store.read(ACME)).turns == ()
        holder.execute("ROLLBACK")
        await store.accept(a_turn("t1"))
        await store.close()

    run(scene())
    holder.close()


def test_opening_a_fresh_file_that_is_locked_is_waited_for_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "fleet.db"
    monkeypatch.setattr(connecting, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    threads = threading.active_count()
    with pytest.raises(StoreError, match="write lock"):
        opened(str(file))
    assert threading.active_count() == threads
    holder.close()


def test_the_pragmas_that_promise_durability_are_set(tmp_path: Path) -> None:
    async def scene() -> dict[str, object]:
        store = opened(str(tmp_path / "fleet.db"))

        def ask(connection: Connection) -> dict[str, object]:
            names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
            return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}

        found = await store._database.read(ask)
        await store.close()
        return found

    assert run(scene()) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 30_000,
    }


def test_closing_ends_the_thread_and_leaves_one_file(tmp_path: Path) -> None:
    threads = set(threading.enumerate())

    async def scene() -> None:
        store = opened(str(tmp_path / "fleet.db"))
        await store.accept(a_turn("t1"))
        await store.close()

    run(scene())
    for thread in set(threading.enumerate()) - threads:
        thread.join(timeout=5)
    assert set(threading.enumerate()) <= threads
    assert [file.name for file in tmp_path.iterdir()] == ["fleet.db"]


_WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from fleet_runtime.records import AccountKey, Turn
from fleet_runtime.stores.sql.store import open_store

async def main(database, name):
    store = open_store(database, now=lambda: datetime.now(UTC))
    for number in range(10):
        await store.accept(Turn(id=f"{name}{number}", key=AccountKey(tenant="north", account="acme"), conversation="c",
                                role="r", speaker="s", at=datetime.now(UTC), text="t"))
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


def test_processes_may_open_a_fresh_file_at_once(tmp_path: Path) -> None:
    database = str(tmp_path / "fleet.db")
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, database, name]) for name in "ab"]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]

    async def scene() -> list[Turn]:
        store = opened(database)
        turns = await store.unfinished(ACME)
        await store.close()
        return turns

    assert [turn.sequence for turn in run(scene())] == list(range(1, 21))


def test_a_foreign_os_error_keeps_its_cause() -> None:
    with pytest.raises(StoreError, match="No space") as caught, explained("store x"):
        raise OSError(28, "No space left on device")
    assert isinstance(caught.value.__cause__, OSError)


@given(st.lists(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])), min_size=2))
def test_stamps_sort_as_their_moments_and_have_one_width(moments: list[datetime]) -> None:
    ours = [moment for moment in moments if datetime(1, 1, 2, tzinfo=UTC) < moment < datetime(9999, 12, 30, tzinfo=UTC)]
    stamps = [stamp(moment) for moment in ours]
    assert sorted(stamps) == [stamp(moment) for moment in sorted(ours)]
    assert {len(text) for text in stamps} <= {32}
    assert [datetime.fromisoformat(text) for text in stamps] == ours
