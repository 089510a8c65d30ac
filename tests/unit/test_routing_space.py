"""The space of meaning against the same figures reckoned naively, in double precision, from the textbook's formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime.routing.library import Library
from fleet_runtime.routing.passages import Owner
from fleet_runtime.routing.space import (
    _BALANCE,
    _LEAST_SPREAD,
    _PRIOR,
    _PROBES,
    _RIDGE,
    _SHRINK,
    DenseReading,
    Lesson,
    Space,
    fit_ridge,
)
from fleet_runtime.routing.vectors import VectorTable

Doubles = npt.NDArray[np.float64]
Taught = list[dict[Owner, float]]

OWNERS: tuple[Owner, ...] = ("baker", "porter", 4)
STRENGTHS = (1.0, 0.5, 0.3)
DIMENSIONS = 5


def assert_near(found: npt.ArrayLike, wanted: Doubles) -> None:
    """Compare what was reckoned in single precision with what was reckoned in double."""
    np.testing.assert_allclose(np.asarray(found, dtype=np.float64), wanted, rtol=1e-3, atol=2e-4)


def unit_rows(seed: int, rows: int, dimensions: int = DIMENSIONS) -> Doubles:
    drawn = np.random.default_rng(seed).normal(size=(rows, dimensions))
    unit: Doubles = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


@st.composite
def lessons(draw: st.DrawFn) -> Taught:
    """Draw who is taught by each passage: some by several, some by none, every owner by one at least."""
    told = st.dictionaries(st.sampled_from(OWNERS), st.sampled_from(STRENGTHS), max_size=3)
    return [{owner: 1.0} for owner in OWNERS] + draw(st.lists(told, max_size=9))


def dense(taught: Sequence[Mapping[Owner, float]]) -> tuple[list[Owner], Doubles]:
    """Lay the lesson out as a matrix: rows are passages, columns owners."""
    owners = list(dict.fromkeys(owner for row in taught for owner in row))
    return owners, np.array([[row.get(owner, 0.0) for owner in owners] for row in taught])


def spaced(vectors: Doubles, taught: Taught, library: Library | None = None) -> Space:
    """Build a space in which each owner's examples are the passages that teach about it."""
    owners, _ = dense(taught)
    groups = {owner: {"example": [number for number, row in enumerate(taught) if owner in row]} for owner in owners}
    return Space(VectorTable(vectors.tolist()), taught, groups, library)


def naive_ridge(vectors: Doubles, weights: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Solve the weighted ridge regression as least squares with one more row for each dimension."""
    rows = weights @ (weights.sum(axis=0) ** _BALANCE)
    rows /= rows[rows > 0].mean()
    told = weights.sum(axis=1, keepdims=True)
    targets = np.divide(weights, told, out=np.zeros_like(weights), where=told > 0)
    centre = np.average(vectors, axis=0, weights=rows)
    share = np.average(targets, axis=0, weights=rows)
    root = np.sqrt(rows)[:, None]
    left = np.vstack([root * (vectors - centre), np.sqrt(_RIDGE) * np.eye(vectors.shape[1])])
    right = np.vstack([root * (targets - share), np.zeros((vectors.shape[1], weights.shape[1]))])
    solution, *_ = np.linalg.lstsq(left, right, rcond=None)
    return centre, solution, share


def naive_discriminant(vectors: Doubles, weights: Doubles, spoken: Doubles) -> Doubles:
    """Return the logarithms of the shares that Gaussians of one common, shrunken spread give to each vector."""
    total = weights.sum()
    everybody = (weights.sum(axis=1) @ vectors) / total
    means, spread = [], np.zeros((vectors.shape[1], vectors.shape[1]))
    for column in weights.T:
        mean = (column @ vectors + _PRIOR * everybody) / (column.sum() + _PRIOR)
        means.append(mean)
        for vector, weight in zip(vectors, column, strict=True):
            spread += weight * np.outer(vector - mean, vector - mean) / total
    sphere = np.trace(spread) / len(spread) * np.eye(len(spread))
    precision = np.linalg.inv((1 - _SHRINK) * spread + _SHRINK * sphere)
    distances = np.array([[-0.5 * (one - mean) @ precision @ (one - mean) for mean in means] for one in spoken])
    logarithms: Doubles = distances - np.log(np.exp(distances).sum(axis=1, keepdims=True))
    return logarithms


@settings(max_examples=30, deadline=None)
@given(taught=lessons(), seed=st.integers(0, 1_000))
def test_a_lesson_sums_as_a_dense_matrix_does(taught: Taught, seed: int) -> None:
    owners, weights = dense(taught)
    table = unit_rows(seed, len(taught))
    lesson = Lesson(taught)
    assert list(lesson.column) == owners
    np.testing.assert_allclose(lesson.summed(table.astype(np.float32)), weights.T @ table, atol=1e-5)
    np.testing.assert_allclose(lesson.per_owner, weights.sum(axis=0), rtol=1e-6)
    np.testing.assert_allclose(lesson.per_row, weights.sum(axis=1), rtol=1e-6)
    ones = np.ones(len(lesson.weights), dtype=np.float32)
    np.testing.assert_allclose(lesson.summed(table.astype(np.float32), ones), (weights > 0).T @ table, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(taught=lessons(), seed=st.integers(0, 1_000))
def test_the_ridge_regression_is_the_least_squares_solution(taught: Taught, seed: int) -> None:
    _, weights = dense(taught)
    vectors = unit_rows(seed, len(taught))
    for found, wanted in zip(
        fit_ridge(vectors.astype(np.float32), Lesson(taught)), naive_ridge(vectors, weights), strict=True
    ):
        assert_near(found, wanted)


@settings(max_examples=30, deadline=None)
@given(taught=lessons(), seed=st.integers(0, 1_000))
def test_each_classifier_votes_as_its_formula_says(taught: Taught, seed: int) -> None:
    owners, weights = dense(taught)
    vectors, spoken = unit_rows(seed, len(taught)), unit_rows(seed + 1, 4)
    space = spaced(vectors, taught)
    votes = space.votes(spoken.astype(np.float32))
    assert set(votes) == {"ridge", "lda", "centre"}
    centre, solution, share = naive_ridge(vectors, weights)
    assert_near(votes["ridge"], (spoken - centre) @ solution + share)
    np.testing.assert_allclose(votes["ridge"].sum(axis=1), 1.0, rtol=1e-4)
    assert_near(votes["lda"], naive_discriminant(vectors, weights, spoken))
    sums = weights.T @ vectors
    centres = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    np.testing.assert_allclose(votes["centre"], spoken @ centres.T, atol=1e-3)
    share_of = space.shares_of(1)
    told = [share_of(owner) for owner in owners]
    assert_near(told, (vectors[1] - centre) @ solution + share)
    assert share_of("a stranger") == 0.0


def naive_usual(vectors: Doubles, own: Sequence[int], centre: Doubles, step: int) -> dict[str, tuple[float, float]]:
    """Reckon mean and spread over the probes that are not the owner's, one by one."""
    measured: dict[str, list[float]] = {"top1": [], "top3": [], "centre": []}
    for probe in range(0, len(vectors), step):
        if probe in own:
            continue
        near = sorted((float(vectors[probe] @ vectors[number]) for number in own), reverse=True)[:3]
        measured["top1"].append(near[0])
        measured["top3"].append(sum(near) / len(near))
        measured["centre"].append(float(vectors[probe] @ centre))
    return {name: (float(np.mean(v)), float(np.std(v)) + _LEAST_SPREAD) for name, v in measured.items()}


@pytest.mark.parametrize(("count", "step"), [(40, 1), (2 * _PROBES + 10, 2)])
def test_what_is_usual_for_an_owner_is_measured_on_passages_of_others(count: int, step: int) -> None:
    vectors = unit_rows(3, count)
    taught: Taught = [{"baker": 1.0} if number % 5 < 2 else {"porter": 1.0} for number in range(count - 2)]
    taught += [{"guest": 1.0}, {"guest": 0.5, "porter": 1.0}]
    space = spaced(vectors, taught)
    owners, weights = dense(taught)
    assert list(space.usual) == owners
    for owner, column in zip(owners, weights.T, strict=True):
        centre = column @ vectors / np.linalg.norm(column @ vectors)
        wanted = naive_usual(vectors, np.flatnonzero(column).tolist(), centre, step)
        assert space.usual[owner].keys() == wanted.keys()
        for name, pair in wanted.items():
            assert space.usual[owner][name] == pytest.approx(pair, abs=1e-5)


def test_an_owner_of_everything_has_nothing_usual() -> None:
    space = spaced(unit_rows(5, 4), [{"baker": 1.0}] * 4)
    assert space.usual == {"baker": {}}
    assert not [name for name in space.read([[1.0, 0, 0, 0, 0]], said=1).describe("baker") if name.startswith("z.")]


# Three passages in a plane: the baker's line and example at right angles, the porter's edge between them.
PASSAGES = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]
WHOLE, CLAUSE, BEFORE = [0.8, 0.6], [0.0, 1.0], [1.0, 0.0]


def three(library: Library | None = None) -> Space:
    """Return the plane; a third owner has no passage and so does not exist."""
    groups: dict[Owner, dict[str, list[int]]] = {
        "baker": {"line": [0], "example": [1], "edge": []},
        "porter": {"line": [], "example": [], "edge": [2]},
        "ghost": {"line": [], "example": [], "edge": []},
    }
    taught: Taught = [{"baker": 1.0}, {"baker": 1.0}, {"porter": 0.5}]
    return Space(VectorTable(PASSAGES), taught, groups, library)


def test_an_owner_is_described_by_its_nearest_passages() -> None:
    """Cosines of the whole are .8, .6, .96; of the clause 0, 1, .8; the mean of whole and best is .8, .8, .96."""
    reading = three().read([WHOLE, CLAUSE], said=2)
    assert [reading.nearness(number) for number in range(3)] == pytest.approx([0.8, 0.8, 0.96])
    baker = reading.describe("baker")
    assert {name: baker[name] for name in ("top1", "top3", "line", "example", "edge")} == pytest.approx(
        {"top1": 0.8, "top3": 0.8, "line": 0.8, "example": 0.8, "edge": 0.2}
    )
    porter = reading.describe("porter")
    assert {name: porter[name] for name in ("top1", "top3", "line", "example", "edge")} == pytest.approx(
        dict.fromkeys(("top1", "top3", "line", "example", "edge"), 0.96)
    )
    assert reading.describe("ghost") == {}
    assert not [name for name in baker if name.endswith("context") or "name" in name]


def test_an_owner_is_described_by_its_centre_and_against_what_is_usual() -> None:
    """The baker's centre halves the right angle; the only passage of others is the porter's, so nothing is spread."""
    baker = three().read([WHOLE], said=1).describe("baker")
    half = 0.5**0.5
    assert baker["centre"] == pytest.approx(1.4 * half)
    assert baker["z.centre"] == pytest.approx((1.4 * half - 1.4 * half) / _LEAST_SPREAD, abs=1e-3)
    assert baker["z.top1"] == pytest.approx((0.8 - 0.8) / _LEAST_SPREAD, abs=1e-3)
    porter = three().read([CLAUSE], said=1).describe("porter")
    assert (porter["top1"], porter["centre"]) == pytest.approx((0.8, 0.8))
    # others: .6 and .8, so the mean is .7 and the spread .1
    assert porter["z.top1"] == pytest.approx((0.8 - 0.7) / (0.1 + _LEAST_SPREAD), rel=1e-4)


def test_the_votes_of_a_message_are_the_mean_of_the_whole_and_of_the_best_reading() -> None:
    space = three()
    told = space.votes(np.array([WHOLE, CLAUSE], dtype=np.float32))
    reading = space.read([WHOLE, CLAUSE], said=2)
    for owner in ("baker", "porter"):
        described, column = reading.describe(owner), space.column[owner]
        for name in ("ridge", "lda", "centre"):
            whole, clause = told[name][:, column].tolist()
            assert described[name] == pytest.approx((whole + max(whole, clause)) / 2)


def test_context_is_described_apart_and_never_mixed_in() -> None:
    space = three()
    alone, after = space.read([WHOLE], said=1), space.read([WHOLE, BEFORE], said=1)
    baker = after.describe("baker")
    assert baker["top1.context"] == pytest.approx(1.0)
    assert after.describe("porter")["top1.context"] == pytest.approx(0.6)
    ridge = space.votes(np.array([BEFORE], dtype=np.float32))["ridge"][0]
    assert baker["ridge.context"] == pytest.approx(float(ridge[space.column["baker"]]))
    assert {name: value for name, value in baker.items() if "context" not in name} == alone.describe("baker")
    assert after.nearest([1, 2]) == pytest.approx({"near": 0.96, "near.context": 0.6})
    assert after.nearest([]) == {"near": 0.0, "near.context": 0.0}
    assert alone.nearest([0, 1]) == pytest.approx({"near": 0.8})
    assert alone.nearest([]) == {"near": 0.0}


def looks(reading: DenseReading, owner: Owner) -> float:
    described = reading.describe(owner)
    return described["top1"] / 2 + described["ridge"]


@settings(max_examples=30, deadline=None)
@given(taught=lessons(), seed=st.integers(0, 1_000))
def test_the_likeliest_owners_come_first(taught: Taught, seed: int) -> None:
    space = spaced(unit_rows(seed, len(taught)), taught)
    reading = space.read(unit_rows(seed + 1, 2).tolist(), said=2)
    likeliest = reading.likeliest()
    assert set(likeliest) == set(OWNERS)
    ordered = [looks(reading, owner) for owner in likeliest]
    assert all(better >= worse - 1e-6 for better, worse in pairwise(ordered))


def test_a_library_describes_owners_by_their_kind_and_their_name() -> None:
    """The library's shares are the coordinates themselves, so roots of coordinates are compared."""
    library = Library(
        "", ["baker", "waiter"], np.zeros(2, np.float32), np.eye(2, dtype=np.float32), np.zeros(2, np.float32)
    )
    reading = three(library).read([WHOLE], said=1)
    baker, porter = reading.describe("baker"), reading.describe("porter")
    message = np.sqrt(np.array([0.8, 0.6]) / 1.4)
    assert porter["library"] == pytest.approx(float(message @ np.sqrt(np.array([0.6, 0.8]) / 1.4)), abs=1e-5)
    assert baker["library"] == pytest.approx(float(message @ np.sqrt(np.array([0.5, 0.5]))), abs=1e-5)
    assert baker["name"] == pytest.approx(0.8)
    assert "unnamed" not in baker
    assert (porter["unnamed"], "name" in porter) == (1.0, False)
