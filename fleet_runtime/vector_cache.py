"""Keeps the vectors of the staff's contracts between runs: embedding some hundred lines takes seconds.

Only whole large batches are kept, and those are contract lines: what customers say is never written here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import anyio.to_thread

from fleet_runtime.ports import Embedder, Vector

LEAST_TEXTS = 64
"""Smaller batches are messages, and are embedded anew."""


class VectorCache:
    """An `Embedder` before another, with a folder to remember large batches in."""

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        """Keep vectors below ``folder``, by encoder and content."""
        self._embedder = embedder
        self._folder = folder / "vectors"

    @property
    def name(self) -> str:
        """Return the encoder's name."""
        return self._embedder.name

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return one unit vector per text; a large batch is computed once."""
        if len(texts) < LEAST_TEXTS:
            return await self._embedder.embed(texts)
        digest = hashlib.sha256("\x00".join((self.name, *texts)).encode()).hexdigest()
        file = self._folder / f"{digest}.npy"
        kept = await anyio.to_thread.run_sync(_read, file, len(texts))
        if kept is not None:
            return kept
        vectors = await self._embedder.embed(texts)
        await anyio.to_thread.run_sync(_write, file, vectors)
        return vectors


def _read(file: Path, rows: int) -> list[Vector] | None:
    """Return the kept vectors; None if there are none, or the file is damaged."""
    import numpy as np  # noqa: PLC0415 - heavy, and there whenever an encoder is

    if not file.exists():
        return None
    with suppress(OSError, ValueError, EOFError):
        table = np.load(file, allow_pickle=False)
        if table.ndim == 2 and len(table) == rows:  # noqa: PLR2004 - a table
            return list(table.tolist())
    return None


def _write(file: Path, vectors: Sequence[Vector]) -> None:
    """Keep vectors; a full or read-only disk only costs the next start some seconds."""
    import numpy as np  # noqa: PLC0415

    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{id(vectors)}.part")
        with partial.open("wb") as handle:
            np.save(handle, np.asarray(vectors, dtype=np.float32))
        partial.replace(file)
