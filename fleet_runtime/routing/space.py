"""The passages as points in the space of meaning, and what of it speaks for whom.

Nearness looks at single passages; the classifiers look at all of an owner's at once, and so learn which directions
tell one owner from another. All is computed in closed form from the contracts, whenever a staff is met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from fleet_runtime.ports import Vector
from fleet_runtime.routing.library import Library
from fleet_runtime.routing.passages import Owner
from fleet_runtime.routing.vectors import VectorTable

Array = npt.NDArray[np.float32]

_RIDGE: Final = 3.0
_BALANCE: Final = -0.5  # an owner of many passages counts more than one of few, but less than in proportion
_SHRINK: Final = 0.6  # how far the common spread of the passages is drawn to a sphere
_PRIOR: Final = 2.0  # an owner's centre is believed as if so many passages of everybody's stood beside it
_PROBES: Final = 300  # passages of others that show how near to everything an owner is
_SEVERAL: Final = 3
_LEAST_SPREAD: Final = 1e-3


class DenseReading:
    """One message in the space: how near it is to every passage, and what each classifier says of every owner.

    Each array is the mean of the whole message and of the reading that fits best; ``context`` is of what was said
    before, for a message too short to stand alone.
    """

    def __init__(self, space: Space, vectors: Sequence[Vector], *, said: int) -> None:
        """Take the vectors of the message and its clauses (the first ``said``), then of the context if there is one."""
        spoken = np.asarray(vectors, dtype=np.float32)
        self._space = space
        self._near = _joined(spoken[:said] @ space.matrix.T)
        self._votes = {name: _joined(table) for name, table in space.votes(spoken[:said]).items()}
        self._named = _joined(space.library.shares(spoken[:said])) if space.library else None
        before = spoken[said:]
        self._near_before = (before[:1] @ space.matrix.T)[0] if len(before) else None
        self._votes_before = space.votes(before[:1])["ridge"][0] if len(before) else None

    def nearness(self, number: int) -> float:
        """Return how near the message is to a passage."""
        return float(self._near[number])

    def likeliest(self) -> Sequence[Owner]:
        """Return the owners by their nearest passage and the regression's share, the likeliest first."""
        space = self._space
        nearest = np.maximum.reduceat(self._near[space.order], space.starts)
        looks = nearest / 2 + self._votes["ridge"][space.columns]
        best: list[int] = np.argsort(-looks, kind="stable").tolist()
        return [space.owners[number] for number in best]

    def describe(self, owner: Owner) -> dict[str, float]:
        """Describe how near the message is to an owner, as named numbers."""
        space, near = self._space, self._near
        group = space.groups.get(owner)
        if group is None:
            return {}
        best = np.sort(near[group.all])[::-1][:_SEVERAL]
        line = float(near[group.line].max()) if len(group.line) else float(best[0])
        found = {
            "top1": float(best[0]),
            "top3": float(best.mean()),
            "line": line,
            "example": float(near[group.example].max()) if len(group.example) else line,
            "edge": float(near[group.edge].max()) if len(group.edge) else min(line, 0.2),
        }
        column = space.column[owner]
        found.update({name: float(votes[column]) for name, votes in self._votes.items()})
        for name, (mean, spread) in space.usual[owner].items():
            found[f"z.{name}"] = (found[name] - mean) / spread
        found.update(self._by_name(owner))
        if self._near_before is not None and self._votes_before is not None:
            found["top1.context"] = float(self._near_before[group.all].max())
            found["ridge.context"] = float(self._votes_before[column])
        return found

    def nearest(self, numbers: Sequence[int]) -> dict[str, float]:
        """Describe the nearest of some passages."""
        found = {"near": float(self._near[list(numbers)].max()) if numbers else 0.0}
        if self._near_before is not None:
            found["near.context"] = float(self._near_before[list(numbers)].max()) if numbers else 0.0
        return found

    def _by_name(self, owner: Owner) -> dict[str, float]:
        """Say what the library knows of the role that has this owner's name."""
        library = self._space.library
        if self._named is None or library is None:
            return {}
        place = library.place(owner)
        return {"name": float(self._named[place])} if place is not None else {"unnamed": 1.0}


class Group:
    """The numbers of an owner's passages, by kind and all together."""

    def __init__(self, kinds: Mapping[str, Sequence[int]]) -> None:
        """Take them under ``line``, ``example`` and ``edge``."""
        self.line, self.example, self.edge = (
            np.array(kinds.get(name, ()), dtype=np.intp) for name in ("line", "example", "edge")
        )
        self.all = np.unique(np.concatenate([self.line, self.example, self.edge]))


class Space:
    """The passages' vectors, and classifiers from vector to owner. Built once for a staff."""

    def __init__(
        self,
        table: VectorTable,
        taught: Sequence[Mapping[Owner, float]],
        groups: Mapping[Owner, Mapping[str, Sequence[int]]],
        library: Library | None,
    ) -> None:
        """Learn from the passages.

        Args:
            table: one unit vector a passage.
            taught: for each passage, how much it teaches about each owner.
            groups: for each owner, the numbers of its passages by kind.
            library: what is known of roles in general, if it was learned with the same encoder.
        """
        self.matrix: Array = table.matrix
        self.library = library
        self.groups = {owner: Group(kinds) for owner, kinds in groups.items() if any(kinds.values())}
        self.owners = tuple(self.groups)
        self.order = np.concatenate([group.all for group in self.groups.values()])
        self.starts = np.cumsum([0, *(len(group.all) for group in self.groups.values())])[:-1]
        lesson = Lesson(taught)
        self.column = lesson.column
        self.columns = np.array([self.column[owner] for owner in self.owners], dtype=np.intp)
        self._ridge = fit_ridge(self.matrix, lesson)
        self._discriminant = _discriminant(self.matrix, lesson)
        self._centres = _unit(lesson.summed(self.matrix))
        if library is not None:
            shares = lesson.summed(library.project(self.matrix) ** 2)
            self._library_centres = np.sqrt(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-9))
        self.usual = self._usual()

    def read(self, vectors: Sequence[Vector], *, said: int) -> DenseReading:
        """Measure a message; see `DenseReading`."""
        return DenseReading(self, vectors, said=said)

    def shares_of(self, number: int) -> Callable[[Owner], float]:
        """Return the ridge regression's shares of one passage, as a function of the owner."""
        shares = self.votes(self.matrix[[number]])["ridge"][0]
        return lambda owner: float(shares[self.column[owner]]) if owner in self.column else 0.0

    def votes(self, vectors: Array) -> dict[str, Array]:
        """Return what each classifier says: rows are vectors, columns owners."""
        centre, solution, share = self._ridge
        slope, offset = self._discriminant
        found: dict[str, Array] = {
            "ridge": np.asarray((vectors - centre) @ solution + share, dtype=np.float32),
            "lda": _log_softmax(vectors @ slope + offset),
            "centre": vectors @ self._centres.T,
        }
        if self.library is not None:
            found["library"] = self.library.project(vectors) @ self._library_centres.T
        return found

    def _usual(self) -> dict[Owner, dict[str, tuple[float, float]]]:
        """Measure how near each owner is to passages that are not its own: some are near to everything."""
        probes = np.arange(0, len(self.matrix), max(1, len(self.matrix) // _PROBES))
        cosines = self.matrix[probes] @ self.matrix.T
        centres = self.matrix[probes] @ self._centres.T
        found: dict[Owner, dict[str, tuple[float, float]]] = {}
        for owner, group in self.groups.items():
            others = ~np.isin(probes, group.all)
            if not others.any():
                found[owner] = {}
                continue
            best = cosines[np.ix_(others, group.all)]
            if best.shape[1] > _SEVERAL:
                best = -np.partition(-best, _SEVERAL - 1, axis=1)[:, :_SEVERAL]
            measured = {
                "top1": best.max(axis=1),
                "top3": best.mean(axis=1),
                "centre": centres[others, self.column[owner]],
            }
            found[owner] = {name: (float(v.mean()), float(v.std()) + _LEAST_SPREAD) for name, v in measured.items()}
        return found


class Lesson:
    """Which passage teaches how much about which owner, kept as the few pairs that are not zero."""

    def __init__(self, taught: Sequence[Mapping[Owner, float]]) -> None:
        """Number the owners, and sort the pairs by owner."""
        owners = dict.fromkeys(owner for row in taught for owner in row)
        self.column: dict[Owner, int] = {owner: number for number, owner in enumerate(owners)}
        pairs = sorted(
            (self.column[owner], row, weight) for row, told in enumerate(taught) for owner, weight in told.items()
        )
        self.columns = np.array([column for column, _, _ in pairs], dtype=np.intp)
        self.rows = np.array([row for _, row, _ in pairs], dtype=np.intp)
        self.weights = np.array([weight for _, _, weight in pairs], dtype=np.float32)
        self._starts = np.searchsorted(self.columns, np.arange(len(owners)))
        self.per_owner = np.bincount(self.columns, self.weights, len(owners)).astype(np.float32)
        self.per_row = np.bincount(self.rows, self.weights, len(taught)).astype(np.float32)

    def summed(self, table: Array, weights: Array | None = None) -> Array:
        """Return for each owner the weighted sum of its rows of a table; the lesson's own weights by default."""
        chosen = self.weights if weights is None else weights
        summed: Array = np.add.reduceat(table[self.rows] * chosen[:, None], self._starts, axis=0)
        return summed


def _joined(readings: Array) -> Array:
    """Join what was measured on a message and its clauses: the mean of the whole and of the best reading."""
    joined: Array = (readings[0] + readings.max(axis=0)) / 2
    return joined


def _unit(rows: Array) -> Array:
    """Return the rows at length one."""
    unit: Array = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit


def fit_ridge(vectors: Array, lesson: Lesson) -> tuple[Array, Array, Array]:
    """Solve a class-balanced ridge regression from vectors to owners' shares: (mean vector, solution, mean shares)."""
    balance = lesson.per_owner**_BALANCE
    rows = np.bincount(lesson.rows, lesson.weights * balance[lesson.columns], len(vectors)).astype(np.float32)
    rows /= rows[rows > 0].mean()
    shares = lesson.weights / lesson.per_row[lesson.rows] * rows[lesson.rows]
    centre = rows @ vectors / rows.sum()
    centred = vectors - centre
    square = centred.T @ (centred * rows[:, None]) + _RIDGE * np.eye(vectors.shape[1], dtype=np.float32)
    share = np.bincount(lesson.columns, shares, len(lesson.column)).astype(np.float32) / rows.sum()
    return centre, _solve(square, lesson.summed(centred, shares).T), share


def _discriminant(vectors: Array, lesson: Lesson) -> tuple[Array, Array]:
    """Return slope and offset of a linear discriminant with one shrunken spread for all owners."""
    counts, total = lesson.per_owner, lesson.per_owner.sum()
    sums = lesson.summed(vectors)
    means = (sums + _PRIOR * (lesson.per_row @ vectors / total)) / (counts[:, None] + _PRIOR)
    cross = sums.T @ means
    spread = vectors.T @ (vectors * lesson.per_row[:, None]) - cross - cross.T + means.T @ (means * counts[:, None])
    spread /= total
    sphere = np.trace(spread) / len(spread) * np.eye(len(spread), dtype=np.float32)
    slope = _solve((1 - _SHRINK) * spread + _SHRINK * sphere, means.T)
    return slope, -0.5 * (means.T * slope).sum(axis=0)


def _solve(square: Array, right: Array) -> Array:
    """Solve a linear system."""
    solve: Any = np.linalg.solve  # its overloads are only partly known to a strict checker
    solved: Array = np.asarray(solve(square, right), dtype=np.float32)
    return solved


def _log_softmax(logits: Array) -> Array:
    """Return the logarithms of the shares that the logits give."""
    lowered = logits - logits.max(axis=1, keepdims=True)
    shares: Array = lowered - np.log(np.exp(lowered).sum(axis=1, keepdims=True))
    return shares
