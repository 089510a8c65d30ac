"""What every `Embedder` holds to, and when there is none."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

import anyio
import pytest

from fleet_runtime.embedding import PACKAGES, load_embedder
from fleet_runtime.errors import WeightsError
from fleet_runtime.ports import Embedder, Vector
from fleet_runtime.settings import Settings
from fleet_runtime.testing import HashEmbedder
from fleet_runtime.weights import MINILM, MINILM_TOKENIZER, cache_folder, is_present

TEXTS = ("our login is broken", "nobody can log in, the login is broken", "thirty more seats, please", "")


def likeness(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


class EmbedderContract:
    """Every adapter's test class derives from this and gives the embedder."""

    async def embedder(self) -> Embedder:
        raise NotImplementedError

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        async def work() -> list[Vector]:
            return await (await self.embedder()).embed(texts)

        return anyio.run(work)

    def test_one_unit_vector_per_text_in_order(self) -> None:
        vectors = self.embed(TEXTS)
        assert len(vectors) == len(TEXTS)
        assert len({len(vector) for vector in vectors}) == 1
        assert all(math.isclose(math.hypot(*vector), 1.0, abs_tol=1e-5) for vector in vectors)

    def test_a_vector_does_not_depend_on_its_neighbours(self) -> None:
        assert self.embed(TEXTS)[1] == self.embed(TEXTS[1:2])[0]

    def test_texts_of_one_matter_are_nearer(self) -> None:
        one, same, other, _ = self.embed(TEXTS)
        assert likeness(one, same) > likeness(one, other)

    def test_no_texts_give_no_vectors(self) -> None:
        assert self.embed([]) == []

    def test_it_has_a_name(self) -> None:
        async def work() -> str:
            return (await self.embedder()).name

        assert anyio.run(work)


class TestHash(EmbedderContract):
    async def embedder(self) -> Embedder:
        return HashEmbedder()


@pytest.mark.e2e
class TestMiniLm(EmbedderContract):
    """With the real weights, so outside the quick run."""

    async def embedder(self) -> Embedder:
        found = await load_embedder(Settings(embeddings="local"), cache_folder(os.environ))
        assert found is not None
        assert all(is_present(weights, cache_folder(os.environ)) for weights in (MINILM, MINILM_TOKENIZER))
        return found

    def test_a_long_text_is_cut_and_not_refused(self) -> None:
        assert len(self.embed(["word " * 5000])) == 1


def test_none_is_none(tmp_path: Path) -> None:
    assert anyio.run(load_embedder, Settings(embeddings="none"), tmp_path / "cache") is None
    assert not (tmp_path / "cache").exists()


def test_where_the_weights_cannot_be_had_auto_goes_without_and_local_says_why(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    assert PACKAGES
    assert anyio.run(load_embedder, Settings(embeddings="auto"), blocked / "cache") is None
    with pytest.raises(WeightsError):
        anyio.run(load_embedder, Settings(embeddings="local"), blocked / "cache")
