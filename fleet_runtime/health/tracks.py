"""The course of a column against the account's own past: level now, level before, noise, slope. Robust, and pure.

Everything is laid out for all weeks at once, each week looking back only: a review of any week reads one index.
Medians and absolute deviations carry it, so that one wild week moves nothing; slopes are Theil and Sen's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from math import isnan, sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Column = NDArray[np.float64]
"""One value a week; NaN where there is none."""

RECENT: Final = 4
"""Weeks that are "now"."""
_GAP: Final = 4
_BEFORE: Final = 18
_LONG: Final = 39
_FEWEST_RECENT: Final = 2
_FEWEST_BEFORE: Final = 5
_SLOPE_WEEKS: Final = 10
_FEWEST_SLOPE: Final = 6
_USUAL: Final = 8
OF_MEDIAN: Final = 0.65
"""The standard deviation of a median of four weeks, less that of a median of eighteen, against that of one week."""
_Z90: Final = 1.6448536269514722
_SIGMA: Final = 1.4826
"""A median absolute deviation times this is a standard deviation, for normal noise."""


class Track(NamedTuple):
    """A column's course, one value a week; NaN where too little is known.

    ``now`` is the median of the last four weeks, ``before`` that of the eighteen that end four weeks earlier; ``high``
    is the level that the account held for a quarter of the last nine months: a slow fall is measured from there.
    ``low`` is what it was below for a sixth of that time at most. ``noise`` is the standard deviation of one week.
    """

    values: Column
    now: Sequence[float]
    before: Sequence[float]
    high: Sequence[float]
    low: Sequence[float]
    noise: Sequence[float]

    def change(self, index: int) -> float:
        """Return by how much it changed, in units of the column; NaN where it cannot be told."""
        return self.now[index] - self.before[index]

    def fallen(self, index: int) -> float:
        """Return by how much it changed against the level that it once held."""
        return self.now[index] - self.high[index]

    def significance(self, index: int, change: float) -> float:
        """Return a change in standard deviations of a median of four weeks; 0 where it cannot be told."""
        noise = self.noise[index]
        return 0.0 if isnan(change) or isnan(noise) else change / max(noise * OF_MEDIAN, 1e-9)

    def slope(self, index: int) -> tuple[float, float, float]:
        """Return the change a week over the last ten weeks, with its 90 % bounds; zeros where it cannot be told."""
        window = self.values[max(0, index + 1 - _SLOPE_WEEKS) : index + 1]
        if np.count_nonzero(~np.isnan(window)) < _FEWEST_SLOPE:
            return 0.0, 0.0, 0.0
        return theil_sen(window)


class Survey(NamedTuple):
    """A week in which customers were asked: the NPS of its answers, and how many answered.

    ``heard`` is how many have answered until then, ``points`` the sum of what they answered.
    """

    week: int
    score: float
    answers: float
    heard: float
    points: float


class Courses(NamedTuple):
    """The courses of an account's columns, one value a week.

    ``usual`` is what is usual of its counts; ``means`` how many tickets a week it opened in the months before.
    """

    tracks: Mapping[str, Track]
    usual: Mapping[str, Sequence[float]]
    means: Sequence[float]
    surveys: Sequence[Survey]


def theil_sen(values: Column) -> tuple[float, float, float]:
    """Return the median slope between any two weeks that are there, two at least, with its 90 % bounds (Sen, 1968).

    The same as scipy's `theilslopes`, which takes a millisecond of wrapping for the twentieth of one that it works.
    """
    weeks = np.flatnonzero(~np.isnan(values))
    there, count = values[weeks], len(weeks)
    later, earlier = _pairs(count)
    slopes = np.sort((there[later] - there[earlier]) / (weeks[later] - weeks[earlier])).tolist()
    ties = np.unique(there, return_counts=True)[1]
    spread = _Z90 * sqrt((_variance(count) - sum(_variance(int(tied)) for tied in ties)) / 18)
    upper = min(round((len(slopes) + spread) / 2), len(slopes) - 1)
    lower = max(round((len(slopes) - spread) / 2) - 1, 0)
    middle = (slopes[(len(slopes) - 1) // 2] + slopes[len(slopes) // 2]) / 2
    return middle, slopes[lower], slopes[upper]


@cache
def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of all pairs among so many values, the later of each first."""
    return np.tril_indices(count, -1)


def _variance(count: int) -> int:
    """Return the variance, times 18, of how many of all pairs of so many values rise by chance."""
    return count * (count - 1) * (2 * count + 5)


def track(values: Column, *, least_noise: Column | float) -> Track:
    """Lay out the course of a column.

    Args:
        values: one value a week, NaN where there is none.
        least_noise: the noise that a week has at least, in units of the column.
    """
    now = _medians(values, RECENT, 0, _FEWEST_RECENT)
    before = _medians(values, _BEFORE, RECENT + _GAP, _FEWEST_BEFORE)
    early = _medians(values, _BEFORE // 2, RECENT, _FEWEST_BEFORE)
    before = np.where(np.isnan(before), early, before)
    steps = np.abs(np.diff(values, prepend=np.nan))
    noise = _medians(steps, _BEFORE + _GAP, RECENT, _FEWEST_RECENT) * (_SIGMA / np.sqrt(2))
    high = np.fmax(before, _share(now, 0.75, RECENT))
    low = _share(now, 1 / 6, 2 * RECENT)
    return Track(
        values, now.tolist(), before.tolist(), high.tolist(), low.tolist(), np.maximum(noise, least_noise).tolist()
    )


def _share(now: Column, share: float, back: int) -> Column:
    """Return for each week the level below which so many of nine months' levels lie; they end ``back`` weeks before."""
    ordered = np.sort(_windows(now, _LONG, back), axis=1)
    counts = (~np.isnan(ordered)).sum(axis=1)
    places = np.floor(share * np.maximum(counts - 1, 0)).astype(int)
    return np.where(counts >= _FEWEST_BEFORE, ordered[np.arange(len(now)), places], np.nan)


def usual(values: Column) -> Sequence[float]:
    """Return for each week what was usual in the eight weeks before it; NaN where too little is known."""
    found: list[float] = _medians(values, _USUAL, 1, _FEWEST_RECENT * 2).tolist()
    return found


def means(values: Column) -> Sequence[float]:
    """Return for each week the mean of the eighteen that end four weeks before it; NaN where too little is known."""
    windows = _windows(values, _BEFORE, RECENT)
    counts = (~np.isnan(windows)).sum(axis=1)
    sums = np.nansum(windows, axis=1)
    found: list[float] = np.where(counts >= _FEWEST_BEFORE, sums / np.maximum(counts, 1), np.nan).tolist()
    return found


def _medians(values: Column, width: int, back: int, fewest: int) -> Column:
    """Return for each week the median of ``width`` weeks that end ``back`` weeks before it; NaN where too few are."""
    ordered = np.sort(_windows(values, width, back), axis=1)  # NaN last; numpy's nanmedian takes twenty times as long
    counts = (~np.isnan(ordered)).sum(axis=1)
    rows, upper = np.arange(len(values)), counts // 2
    middle = (ordered[rows, np.maximum((counts - 1) // 2, 0)] + ordered[rows, np.minimum(upper, width - 1)]) / 2
    return np.where(counts >= fewest, middle, np.nan)


def _windows(values: Column, width: int, back: int) -> NDArray[np.float64]:
    """Return for each week the ``width`` weeks that end ``back`` weeks before it."""
    padded = np.concatenate([np.full(width - 1 + back, np.nan), values])
    return sliding_window_view(padded, width)[: len(values)]
