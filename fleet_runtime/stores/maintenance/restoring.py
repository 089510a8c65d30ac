"""Puts a backup of a store on SQLite back. Deletes nothing: what is replaced is kept beside it.

Nobody may have the store open, and nobody may seem to work on it: a process that goes on writing to a file that was
replaced would acknowledge messages that nobody will ever see. The store is held alone meanwhile, so that whoever opens
it finds either the former or the restored one, whole. The engine's file is replaced first, for the reason that it is
backed up first (`fleet_runtime.stores.maintenance.backup`). Whoever was at work when the backup was taken is not any
more: leases and workers are struck from what is put back, so that nothing waits for them.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from fleet_runtime.errors import StoreError
from fleet_runtime.stores.databases.failures import explained, result_code
from fleet_runtime.stores.maintenance.backup import Manifest, Part, StoreFiles, beside, opened, to_disk, verified
from fleet_runtime.stores.schema.columns import micros
from fleet_runtime.stores.schema.rows import stamp

_SIDE_FILES = ("-wal", "-shm", "-journal")
_PATIENCE_SECONDS = 0.5
_UNREADABLE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Restored(NamedTuple):
    """What a backup held, and where the files are that it replaced."""

    manifest: Manifest
    replaced: tuple[Path, ...]


def restore(folder: Path, files: StoreFiles, *, now: datetime, lapse_seconds: float) -> Restored:
    """Put a backup in a store's place, after both were looked at. Blocks.

    A worker counts as living until it was not heard of for ``lapse_seconds``. A store that is damaged is replaced too.

    Raises: StoreTooNew, StoreError if the backup is no good, or if the store is open or worked on; nothing was changed
        then. StoreFull.
    """
    manifest = verified(folder)
    aside = f"before-{now:%Y%m%dT%H%M%SZ}"
    places: tuple[tuple[Part, Path], ...] = (("engine", files.engine.resolve()), ("store", files.store.resolve()))
    with ExitStack() as stack, explained(f"store {files.store}"):
        for _, place in places:
            place.parent.mkdir(parents=True, exist_ok=True)
        ready: dict[Part, Path] = {}
        for part, place in places:
            copy = manifest.copy_of(part)
            if copy is not None:
                ready[part] = stack.enter_context(_copied_beside(folder / copy.name, place))
        _strike_off(ready["store"])
        for _, place in reversed(places):
            if place.exists():
                stack.enter_context(_held(place, now, lapse_seconds))
        replaced = [
            _replace(place, ready.get(part), aside) for part, place in places if place.exists() or part in ready
        ]
        for _, place in places:
            to_disk(place.parent)
    return Restored(manifest, tuple(path for path in replaced if path is not None))


@contextmanager
def _copied_beside(source: Path, place: Path) -> Generator[Path]:
    """Copy a file onto the disk where it is wanted; what was not put in place is gone after the block."""
    target = beside(place, "restoring")
    try:
        shutil.copyfile(source, target)
        target.chmod(place.stat().st_mode & 0o777 if place.exists() else 0o600)
        to_disk(target)
        yield target
    finally:
        target.unlink(missing_ok=True)


def _strike_off(store: Path) -> None:
    """Remove leases and workers from a store that nobody has open."""
    with closing(opened(store)) as connection:
        for table in _tables(connection) & {"lease", "worker"}:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are ours


@contextmanager
def _held(place: Path, now: datetime, lapse_seconds: float) -> Generator[None]:
    """Be alone with a database for the time of the block; one that cannot be read is nobody's.

    Raises: StoreError if others have it open, or work on it.
    """
    with closing(opened(place, patience=_PATIENCE_SECONDS)) as connection:
        try:
            _refuse_work(connection, place, now, lapse_seconds)
            # Only the last one who has a file open may leave the write-ahead log; it is then moved into the file.
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
            if connection.execute("PRAGMA journal_mode").fetchone() != ("delete",):
                raise _open_elsewhere(place)  # somebody came in between
        except sqlite3.Error as error:
            if result_code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise _open_elsewhere(place) from error
            if result_code(error) not in _UNREADABLE:
                raise
        yield
        with suppress(sqlite3.Error):  # the file is not the store any more
            connection.execute("ROLLBACK")


def _open_elsewhere(place: Path) -> StoreError:
    """Make the error for a store that is in use."""
    return StoreError(
        f"store {place}: a process has it open",
        hint="stop every worker and every program that uses it, then repeat it; nothing was changed",
    )


def _refuse_work(connection: sqlite3.Connection, place: Path, now: datetime, lapse_seconds: float) -> None:
    """Refuse a store with a lease that holds, or a worker that was heard of a moment ago.

    Raises: StoreError.
    """
    hint = "stop it, or wait until it is given up for dead, then repeat it; nothing was changed"
    tables = _tables(connection)
    if "worker" in tables:
        since = micros(now - timedelta(seconds=lapse_seconds))
        found = connection.execute("SELECT id, host FROM worker WHERE seen_at > ? ORDER BY id", (since,)).fetchone()
        if found:
            raise StoreError(f"store {place}: worker {found[0]} on {found[1]} works on it", hint=hint)
    if "lease" in tables:
        (held,) = connection.execute('SELECT count(*) FROM lease WHERE "until" > ?', (stamp(now),)).fetchone()
        if held:
            raise StoreError(f"store {place}: a process works on {held} of its accounts", hint=hint)


def _tables(connection: sqlite3.Connection) -> set[str]:
    """Return which tables there are: an older store has fewer."""
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _replace(place: Path, ready: Path | None, aside: str) -> Path | None:
    """Put a file in place, or nothing; return where the former one is now.

    There is no moment without a file where one is to be: whoever opens the store then would make a fresh one.
    """
    former = _free_name(place.with_name(f"{place.name}.{aside}")) if place.exists() else None
    if former is not None:
        for side in _SIDE_FILES:  # those of a damaged file; they must not be taken for the restored one's
            with suppress(FileNotFoundError):
                place.with_name(place.name + side).rename(former.with_name(former.name + side))
        if ready is None:
            place.rename(former)
        else:
            _keep_also_as(place, former)
    if ready is not None:
        ready.replace(place)
    return former


def _keep_also_as(place: Path, former: Path) -> None:
    """Give a file a second name; a copy where the disk knows no second names."""
    try:
        os.link(place, former)
    except OSError:
        shutil.copy2(place, former)


def _free_name(path: Path) -> Path:
    """Return the name, with a number behind it if it is taken."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free
