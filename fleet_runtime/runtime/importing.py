"""Brings a file's events on an account's record, batch by batch. How a file is read is `fleet_runtime.importing`'s.

What is known by its id is passed over, so whoever repeats an interrupted import goes on where it stopped, and a file
that has grown adds what is new. Files are read in a thread, never whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

import anyio.to_thread

from fleet_runtime.errors import MessageError
from fleet_runtime.importing import (
    HEAD_BYTES,
    DateOrder,
    Format,
    Found,
    How,
    Imported,
    Read,
    Reject,
    chosen_format,
    read_events,
)
from fleet_runtime.records import Event, Learned
from fleet_runtime.runtime.exporting import Rows, compared, restore

Told = Callable[[int, int], None]
"""Hears how many bytes of a file are read, and how many there are."""

BATCH: Final = 500
"""Events of one transaction."""
REJECTS_KEPT: Final = 1000
_CHUNK_BYTES: Final = 65_536


class Account(Rows, Protocol):
    """An account that takes events; an `AccountMemory` is such."""

    async def record_many(self, events: Iterable[Event]) -> Learned:
        """Keep several events in one transaction."""
        ...


def untold(_done: int, _total: int) -> None:
    """Hear nothing: a `Told` for those who do not look."""


async def import_file(  # noqa: PLR0913 - what a caller may know about a file
    account: Account,
    path: str | Path,
    *,
    now: datetime,
    format: Format | None = None,  # noqa: A002 - the word people use
    at: datetime | None = None,
    author: str | None = None,
    dates: DateOrder | None = None,
    told: Told = untold,
    dry_run: bool = False,
) -> Imported:
    """Import a file of events, or an export of an account.

    Args:
        account: whose record it goes on.
        path: the file: JSON lines, CSV, mbox, eml, a transcript, or what an export wrote.
        now: the present moment.
        format: what the file is; default by its name, else by how it begins.
        at: when it was said, where the file names no date; a transcript's times of day count on that day.
        author: who says it, where the file names nobody.
        dates: how "03/04/2026" is meant, where the file leaves it open.
        told: hears (bytes read, bytes in all), in the thread that reads.
        dry_run: read and count, and record nothing.

    Returns: how many events were read, new and known, and what became none, by line.

    Raises: MessageError if the file cannot be read at all; StoreError.
    """
    source = await anyio.to_thread.run_sync(opened, Path(path), told)
    try:
        found = chosen_format(str(path), source.head, format)
        if isinstance(found, Reject):
            return Imported(rejected=1, rejects=(found,))
        if found == "export":
            brought = await (compared if dry_run else restore)(account, source, now)
            read = brought.new + brought.known
            kept, count = brought.rejects[:REJECTS_KEPT], len(brought.rejects)
            return Imported(read=read, new=brought.new, known=brought.known, rejected=count, rejects=kept)
        importer = _Importer(account, {event.id for event in (await account.rows()).events}, dry_run=dry_run)
        reads = read_events(source, found, How(at=at, author=author or "", dates=dates))
        while batch := await anyio.to_thread.run_sync(lambda: list(islice(reads, BATCH))):
            await importer.take(batch)
        return importer.imported()
    except OSError as error:
        raise MessageError(f"{path} cannot be read on: {error.strerror}", hint="repeat the import") from error
    finally:
        await anyio.to_thread.run_sync(source.close)


class _Importer:
    """Records batches, and counts."""

    def __init__(self, account: Account, known: set[str], *, dry_run: bool) -> None:
        """Begin with the ids that the account has."""
        self._account = account
        self._ids = known
        self._dry_run = dry_run
        self._new = self._known = self._rejected = 0
        self._rejects: list[Reject] = []

    async def take(self, batch: Sequence[Read]) -> None:
        """Record what of a batch is new; an event that is refused is rejected alone.

        Raises: StoreError.
        """
        fresh: dict[str, Found] = {}
        for read in batch:
            if isinstance(read, Reject):
                self._reject(read)
            elif read.event.id in self._ids or read.event.id in fresh:
                self._known += 1
            else:
                fresh[read.event.id] = read
        await self._record(list(fresh.values()))

    def imported(self) -> Imported:
        """Return the counts."""
        read = self._new + self._known
        return Imported(
            read=read, new=self._new, known=self._known, rejected=self._rejected, rejects=tuple(self._rejects)
        )

    async def _record(self, fresh: Sequence[Found]) -> None:
        """Record events at once, or, where one of them is refused, half by half."""
        if not fresh:
            return
        try:
            if not self._dry_run:
                await self._account.record_many([read.event for read in fresh])
        except MessageError as error:
            if len(fresh) == 1:
                self._reject(Reject(line=fresh[0].line, why=str(error), text=fresh[0].event.text[:80]))
                return
            half = len(fresh) // 2
            await self._record(fresh[:half])
            await self._record(fresh[half:])
            return
        self._new += len(fresh)
        self._ids.update(read.event.id for read in fresh)

    def _reject(self, reject: Reject) -> None:
        """Count a reject, and keep the first ones."""
        self._rejected += 1
        if len(self._rejects) < REJECTS_KEPT:
            self._rejects.append(reject)


class Source:
    """An open file, read in pieces; whoever asked is told how far."""

    def __init__(self, path: Path, told: Told) -> None:
        """Open the file and read its beginning.

        Raises: OSError.
        """
        self._stream = path.open("rb")
        self._told = told
        try:
            self._total = path.stat().st_size
            self.head = self._stream.read(HEAD_BYTES)
        except OSError:
            self._stream.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        """Give the file's bytes once.

        Raises: OSError.
        """
        chunk = self.head
        done = 0
        while chunk:
            done += len(chunk)
            yield chunk
            self._told(done, max(done, self._total))
            chunk = self._stream.read(_CHUNK_BYTES)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def opened(path: Path, told: Told) -> Source:
    """Open a file.

    Raises: MessageError.
    """
    try:
        return Source(path, told)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise MessageError(f"{path} cannot be read: {why}", hint="check the path and its permissions") from error
