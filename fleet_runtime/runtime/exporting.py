"""Writes an account to a file, whole or not at all, and reads it back; the form is `fleet_runtime.exporting`'s."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

import anyio.to_thread

from fleet_runtime.books import AccountBook, Kept
from fleet_runtime.errors import FenceLost, MessageError
from fleet_runtime.exporting import Restored, export_lines, read_rows, restored
from fleet_runtime.importing import as_utf8, numbered_lines
from fleet_runtime.ports import AccountWork, Clock
from fleet_runtime.records import AccountChange, AccountState


class Rows(Protocol):
    """One account's rows; an `AccountMemory` is such."""

    async def rows(self) -> AccountState:
        """Return all rows of the account as they are stored now."""
        ...

    async def put(self, change: AccountChange) -> int:
        """Write a change of these rows, or raise `FenceLost` if they moved on."""
        ...

    async def book_rows(self) -> AccountBook:
        """Return all that is kept of the account besides its memory."""
        ...

    async def put_back(self, book: AccountBook) -> Kept:
        """Put rows of the account's book back."""
        ...


class Whole(Rows, Protocol):
    """One account's rows, and what its turns left besides."""

    async def work(self) -> AccountWork:
        """Return the account's questions for a person, and what it spent."""
        ...


async def exported(account: Whole, clock: Clock) -> Iterator[str]:
    """Give an account as lines, without line ends.

    Raises: StoreError.
    """
    return export_lines(await account.rows(), clock(), await account.work(), await account.book_rows())


async def export_file(account: Whole, path: str | Path, clock: Clock) -> int:
    """Write an account to a file, which takes its place whole when all is written; return the number of lines.

    Raises: MessageError if the file cannot be written; StoreError.
    """
    lines = await exported(account, clock)
    return await anyio.to_thread.run_sync(_write, Path(path), lines)


async def restore(account: Rows, chunks: Iterable[bytes], now: datetime) -> Restored:
    """Put back what an export holds and the account lacks; for a dry run see `compared`.

    Memory and book are each written whole or not at all, the memory first: whoever was interrupted between them
    repeats it.

    Raises: StoreError; OSError if the file cannot be read.
    """
    rows = await anyio.to_thread.run_sync(lambda: list(read_rows(numbered_lines(as_utf8(chunks)))))
    while True:  # a lost fence means that somebody else got on: nobody waits for ever
        found = restored(await account.rows(), rows, now, await account.book_rows())
        with suppress(FenceLost):
            if found.change is not None:
                await account.put(found.change)
            if found.book is not None:
                await account.put_back(found.book)
            return found


async def compared(account: Rows, chunks: Iterable[bytes], now: datetime) -> Restored:
    """Find out what an export would bring, and write nothing.

    Raises: StoreError; OSError if the file cannot be read.
    """
    rows = await anyio.to_thread.run_sync(lambda: list(read_rows(numbered_lines(as_utf8(chunks)))))
    return restored(await account.rows(), rows, now, await account.book_rows())


def _write(path: Path, lines: Iterable[str]) -> int:
    """Write lines beside the file, and put them in its place.

    Raises: MessageError.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    count = 0
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as stream:
            for count, line in enumerate(lines, 1):  # noqa: B007 - the last number is the count
                stream.write(f"{line}\n")
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise MessageError(f"{path} cannot be written: {why}", hint="check the path and its permissions") from error
    finally:
        with suppress(OSError, ValueError):
            partial.unlink(missing_ok=True)
    return count
