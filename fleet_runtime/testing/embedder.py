"""An embedder for offline tests: words hashed into a short vector. Knows no meaning."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence

from fleet_runtime.ports import Vector

_WORD = re.compile(r"\w+")


class HashEmbedder:
    """A bag of hashed words: texts that share words are alike, and the same text is always the same vector."""

    def __init__(self, dimensions: int = 64) -> None:
        """Set the vectors' length."""
        self._dimensions = dimensions

    @property
    def name(self) -> str:
        """Name the encoder; part of every cache key."""
        return f"hash-{self._dimensions}"

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return one unit vector per text, in order."""
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Vector:
        """Count each word at its place; a text without words points along the first axis."""
        counts = [0.0] * self._dimensions
        for word in _WORD.findall(text.casefold()):
            digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
            counts[int.from_bytes(digest) % self._dimensions] += 1.0
        length = math.hypot(*counts)
        if length == 0.0:
            return [1.0] + [0.0] * (self._dimensions - 1)
        return [count / length for count in counts]
