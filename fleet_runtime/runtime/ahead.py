"""Vectors made before they are asked for, so that many messages are embedded together. Keeps nothing on disk.

What people say goes to the encoder in small batches: only large ones are kept between runs (`vector_cache`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fleet_runtime.ports import Embedder, Vector

AT_ONCE = 48
"""Texts of people that are embedded together; fewer than what counts as a contract's lines."""


class EmbeddedAhead:
    """An `Embedder` before another, which keeps what people ``said`` apart from the contracts' lines.

    It remembers every vector for as long as it lives.
    """

    def __init__(self, embedder: Embedder, said: Iterable[str]) -> None:
        """Take what people say; nothing is embedded yet."""
        self._embedder = embedder
        self._said = dict.fromkeys(said)
        self._known: dict[str, Vector] = {}

    @property
    def name(self) -> str:
        """Return the encoder's name."""
        return self._embedder.name

    async def prepare(self) -> None:
        """Embed all that is known to have been said, in small batches."""
        await self._remember([text for text in self._said if text not in self._known], AT_ONCE)

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return one unit vector per text; what was not said is embedded all together."""
        unknown = [text for text in dict.fromkeys(texts) if text not in self._known]
        lines = [text for text in unknown if text not in self._said]
        await self._remember(lines, len(lines))
        await self._remember([text for text in unknown if text in self._said], AT_ONCE)
        return [self._known[text] for text in texts]

    async def _remember(self, texts: Sequence[str], at_once: int) -> None:
        """Embed texts batch by batch."""
        for start in range(0, len(texts), at_once or 1):
            batch = texts[start : start + at_once]
            self._known.update(zip(batch, await self._embedder.embed(batch), strict=True))
