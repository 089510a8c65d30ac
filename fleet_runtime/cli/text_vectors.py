"""Embeds the texts of contracts for the commands that look through all of them. Embeds no message of a customer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from zlib import crc32

from fleet_runtime.ports import TextVectors, Vector
from fleet_runtime.settings import Settings

_BATCH = 64
"""As many texts at least are embedded and kept together. A batch ends by a text's own hash, so that one new
example does not shift all the batches behind it."""
_ENDS = 32


async def embedded(texts: Sequence[str], settings: Settings) -> TextVectors | None:
    """Return the texts' vectors, or None where there are no embeddings; what was embedded before is kept by content.

    Raises: MissingExtra, WeightsError if embeddings are demanded and cannot be had.
    """
    from fleet_runtime.cli.progress import downloads  # noqa: PLC0415 - loads rich
    from fleet_runtime.embedding import load_embedder  # noqa: PLC0415
    from fleet_runtime.vector_cache import VectorCache  # noqa: PLC0415
    from fleet_runtime.weights import cache_folder  # noqa: PLC0415

    cache = cache_folder(os.environ)
    with downloads() as report:
        encoder = await load_embedder(settings, cache, report)
    if encoder is None:
        return None
    embedder = VectorCache(encoder, cache)
    found: dict[str, Vector] = {}
    for batch in batches(texts):
        found.update(zip(batch, await embedder.embed(batch), strict=True))
    return TextVectors(embedder.name, found)


def batches(texts: Sequence[str]) -> list[list[str]]:
    """Cut the texts into batches that mostly stay the same when a text is added or taken away."""
    found: list[list[str]] = [[]]
    for text in texts:
        if len(found[-1]) >= _BATCH and crc32(text.encode()) % _ENDS == 0:
            found.append([])
        found[-1].append(text)
    if len(found) > 1 and len(found[-1]) < _BATCH:
        found[-2:] = [found[-2] + found[-1]]
    return found
