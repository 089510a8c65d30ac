"""What is known of roles in general: shares, their projection, and that no other encoder's vectors meet it."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.routing import library as libraries
from fleet_runtime.routing.library import Library, shipped_library

FILE = files("fleet_runtime.routing").joinpath("library.npz")
numbers = st.floats(-4, 4, width=32)


def kept() -> tuple[str, list[str], int]:
    """Return the encoder, the classes and the dimensions that the shipped file names."""
    with as_file(FILE) as file, np.load(file, allow_pickle=False) as table:
        return str(table["encoder"]), [str(name) for name in table["classes"]], len(table["centre"])


def small() -> Library:
    solution = np.array([[1.0, 0.0, -1.0], [0.0, 2.0, 0.0]], dtype=np.float32)
    centre, offset = np.array([1.0, 1.0], dtype=np.float32), np.array([0.5, 0.0, 0.25], dtype=np.float32)
    return Library("e", ["a", "b", "c"], centre, solution, offset)


def test_shares_are_the_linear_map_and_places_its_columns() -> None:
    shares = small().shares(np.array([[2.0, 3.0], [1.0, 1.0]], dtype=np.float32))
    assert shares.tolist() == [[1.5, 4.0, -0.75], [0.5, 0.0, 0.25]]
    assert [small().place(name) for name in ("a", "c", "stranger", 0)] == [0, 2, None, None]


def test_a_projection_is_the_root_of_the_positive_shares() -> None:
    (projected,) = small().project(np.array([[2.0, 3.0]], dtype=np.float32))
    assert projected.tolist() == pytest.approx([(1.5 / 5.5) ** 0.5, (4.0 / 5.5) ** 0.5, 0.0])


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5))
def test_a_projection_has_unit_length_where_any_share_is_positive(rows: list[tuple[float, float]]) -> None:
    vectors = np.array(rows, dtype=np.float32)
    lengths = np.linalg.norm(small().project(vectors), axis=1)
    most = small().shares(vectors).max(axis=1)
    np.testing.assert_allclose(lengths[most > 1e-3], 1.0, atol=1e-4)
    assert (lengths <= 1.0 + 1e-4).all()


def test_no_positive_share_gives_no_direction() -> None:
    none = Library(
        "e", ["a"], np.zeros(2, np.float32), np.zeros((2, 1), np.float32), np.array([-1.0], dtype=np.float32)
    )
    assert none.project(np.ones((1, 2), dtype=np.float32)).tolist() == [[0.0]]


def test_the_shipped_library_is_for_the_encoder_it_was_fitted_with() -> None:
    encoder, classes, dimensions = kept()
    shipped = shipped_library(encoder)
    assert shipped is not None
    assert shipped.encoder == encoder
    assert [shipped.place(name) for name in classes] == list(range(len(classes)))
    drawn = np.random.default_rng(0).normal(size=(20, dimensions)).astype(np.float32)
    unit = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    np.testing.assert_allclose(np.linalg.norm(shipped.project(unit), axis=1), 1.0, atol=1e-4)
    np.testing.assert_allclose(shipped.shares(unit).sum(axis=1), 1.0, atol=0.05)


def test_another_encoders_vectors_get_no_library() -> None:
    assert shipped_library("another encoder") is None
    assert shipped_library("") is None


def test_without_the_file_there_is_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, *_ = kept()
    monkeypatch.setattr(libraries, "files", lambda _: tmp_path)
    assert shipped_library.__wrapped__(encoder) is None
