"""Copies of a store on SQLite, taken while it is written to. Knows no row, puts nothing back, touches no Postgres.

A backup is a folder: the store's file, the engine's if there is one, and a manifest that says when they were taken, of
which schema they are and what each hashes to. The folder appears whole or not at all.

The two files are two databases, and no moment is common to both. The engine's is therefore copied first. A message is
stored before it is queued, so whatever an older queue knows, a newer store knows too: work that was done meanwhile
finds nothing left to do, and a turn that waits without being queued is queued anew by any worker. The other way round
the queue would hold, as done, places in an account's order that the store gives to the next messages once more; those
would never be answered.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import quote

from pydantic import ValidationError

from fleet_runtime.contracts import Value
from fleet_runtime.errors import StoreError, StoreTooNew
from fleet_runtime.records.memory import Moment
from fleet_runtime.stores.databases.failures import explained
from fleet_runtime.stores.schema.tables import SCHEMA_VERSION

MANIFEST = "manifest.json"
BUSY_SECONDS = 30.0

Part = Literal["engine", "store"]
_VERSIONS: dict[Part, tuple[str, str]] = {
    "engine": ("dbos_migrations", "version"),
    "store": ("alembic_version", "version_num"),
}


class StoreFiles(NamedTuple):
    """Where a store lies, and its engine's tables if it has any."""

    store: Path
    engine: Path


class Copy(Value):
    """One file of a backup; ``schema_version`` is empty where the file has none yet."""

    part: Part
    name: str
    schema_version: str
    size: int
    sha256: str


class Manifest(Value):
    """What a backup holds."""

    form: Literal[1] = 1
    made_at: Moment
    copies: tuple[Copy, ...]

    def copy_of(self, part: Part) -> Copy | None:
        """Return the copy of the store or of the engine's tables, or None."""
        return next((copy for copy in self.copies if copy.part == part), None)


def back_up(files: StoreFiles, folder: Path, *, now: datetime, force: bool = False) -> Manifest:
    """Copy a store into a new folder; whoever writes to it goes on. Blocks.

    With ``force`` a backup that stands there already is replaced, and nothing else is.

    Raises: StoreError if there is no store, the folder is there, or a file is damaged; StoreFull. Nothing is left
        behind then.
    """
    if not files.store.is_file():
        raise StoreError(f"there is no store at {files.store}", hint="name the store's file with --database")
    _refuse_what_is_there(folder, force=force)
    part = beside(folder, "part")
    try:
        with explained(f"backup {folder}"):
            part.mkdir(mode=0o700, parents=True)  # customers' words are in it
        copies = (_copied(files.engine, part, "engine"), _copied(files.store, part, "store"))
        manifest = Manifest(made_at=now, copies=tuple(copy for copy in copies if copy is not None))
        with explained(f"backup {folder}"):
            (part / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
            to_disk(part / MANIFEST)
            to_disk(part)
            _put_in_place(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return manifest


def verified(folder: Path) -> Manifest:
    """Return what a backup holds, after a look at every byte of it. Blocks.

    Raises: StoreTooNew if a newer version made it; StoreError if it is no backup, or is not as it was made.
    """
    with explained(f"backup {folder}"):
        if not (folder / MANIFEST).is_file():
            raise StoreError(f"{folder} is no backup: it has no {MANIFEST}", hint="name a folder of fleet db backup")
        try:
            manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
        except ValidationError as error:
            raise StoreError(f"{folder / MANIFEST} cannot be read", hint="take another backup") from error
    if manifest.copy_of("store") is None:
        raise StoreError(f"backup {folder} holds no store", hint="take another backup")
    for copy in manifest.copies:
        _verify(copy, folder / copy.name)
    return manifest


def schema_of(connection: sqlite3.Connection, part: Part) -> str:
    """Return the schema's version of a store, or of an engine's tables; empty where there is none."""
    table, column = _VERSIONS[part]
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone():
        return ""
    row = connection.execute(f"SELECT {column} FROM {table}").fetchone()  # noqa: S608 - the names are ours
    return str(row[0]) if row else ""


def is_ours(version: str) -> bool:
    """Tell whether a schema's version is one of our store's: other programs migrate with Alembic too."""
    return version.isdecimal() and len(version) == len(SCHEMA_VERSION)


def damage(connection: sqlite3.Connection) -> str:
    """Say what is wrong with a file's pages, indexes, rules or bonds; nothing if it is sound.

    Raises: sqlite3.Error where it cannot be read at all.
    """
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        return " ".join(str(found).split())
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    return f"a row of {broken[0]} belongs to nothing" if broken else ""


def opened(file: Path, *, patience: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open a database file that is there; it is never made. Another's lock is waited for ``patience`` seconds.

    Raises: sqlite3.Error.
    """
    uri = f"file:{quote(str(file.absolute()))}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)


def to_disk(path: Path) -> None:
    """Have a file, or what a folder lists, survive a power failure.

    Raises: OSError.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def beside(path: Path, why: str) -> Path:
    """Return a fresh hidden name on the same disk, from where a rename puts it in place at once."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.{why}")


def _refuse_what_is_there(folder: Path, *, force: bool) -> None:
    """Refuse a folder that is there, unless it is a backup that may be replaced."""
    if not folder.exists():
        return
    if not force:
        raise StoreError(f"{folder} is there already", hint="name another folder, or replace that backup with --force")
    if not (folder / MANIFEST).is_file():
        raise StoreError(f"{folder} is there already and is no backup", hint="name another folder")


def _copied(source: Path, folder: Path, part: Part) -> Copy | None:
    """Copy one database as it stands at one moment; None where there is none."""
    if not source.is_file():
        return None
    target = folder / f"{part}.db"
    with explained(f"store {source}"), closing(opened(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)  # in one step: a copy in several begins anew whenever another process writes
        copy.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file, that needs no other beside it
        _refuse_damage(copy, f"store {source}", "restore an older backup; keep the damaged file for rescue")
        schema = schema_of(copy, part)
    if part == "store" and not is_ours(schema):
        raise StoreError(f"{source} is no store of ours", hint="name the store's file with --database")
    with explained(f"backup {target}"):
        target.chmod(0o600)
        to_disk(target)
        return Copy(
            part=part, name=target.name, schema_version=schema, size=target.stat().st_size, sha256=_hash(target)
        )


def _put_in_place(part: Path, folder: Path) -> None:
    """Rename a finished backup to its name; one that is replaced goes after that."""
    former = beside(folder, "former") if folder.exists() else None
    if former is not None:
        folder.rename(former)
    part.rename(folder)
    to_disk(folder.parent)
    if former is not None:
        shutil.rmtree(former)


def _verify(copy: Copy, file: Path) -> None:
    """Refuse a copy that is not as it was made, or that this version cannot read."""
    place, hint = f"backup {file}", "take another backup, or restore an older one"
    if Path(copy.name).name != copy.name:
        raise StoreError(f"{place}: the manifest names a file elsewhere", hint=hint)
    with explained(place):
        same = file.is_file() and file.stat().st_size == copy.size and _hash(file) == copy.sha256
    if not same:
        raise StoreError(f"{place}: it is not the file that was backed up", hint=hint)
    uri = f"file:{quote(str(file.absolute()))}?mode=ro&immutable=1"  # leaves no file beside it
    with explained(place), closing(sqlite3.connect(uri, uri=True)) as connection:
        _refuse_damage(connection, place, hint)
        found = schema_of(connection, copy.part)
    if copy.part == "store" and found > SCHEMA_VERSION:
        raise StoreTooNew(
            f"{place}: it has schema {found}, this version knows {SCHEMA_VERSION} and older",
            hint="upgrade fleet-runtime, then restore it",
        )
    if found != copy.schema_version or (copy.part == "store" and not is_ours(found)):
        raise StoreError(f"{place}: it has schema {found or 'unknown'}, the manifest says another", hint=hint)


def _refuse_damage(connection: sqlite3.Connection, place: str, hint: str) -> None:
    """Refuse a file that is not sound."""
    found = damage(connection)
    if found:
        raise StoreError(f"{place}: the file is damaged: {found}", hint=hint)


def _hash(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()
