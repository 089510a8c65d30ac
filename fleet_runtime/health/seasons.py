"""What a whole industry does at a time of the year is no news of one account. Pure.

Two sources: the calendar's known quiet times (the rules name them), and what most accounts of an industry did in the
same week. The latter is told only where enough accounts moved together, so that it says nothing about any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np

from fleet_runtime.health.case import WEEK, Case, end_of

_FEWEST: Final = 8
"""Accounts of an industry from which on a common move is told."""
_AGREE: Final = 0.75
_LEAST_MOVE: Final = 0.07
_NO_END: Final = date(9999, 12, 24)


class Seasons(NamedTuple):
    """The common moves of an industry's active users, week by week, as changes of their logarithm."""

    moves: Mapping[str, Mapping[date, float]]

    def moved(self, industry: str, week: date) -> float:
        """Return the common move of an industry into a week; 0 where there was none, or nobody knows."""
        return self.moves.get(industry.casefold(), {}).get(_monday(week), 0.0)


NO_SEASONS: Final = Seasons({})


def seasons_of(cases: Iterable[Case]) -> Seasons:
    """Find the weeks in which most accounts of an industry moved together."""
    steps: dict[str, dict[date, list[float]]] = {}
    for case in cases:
        weeks = case.weeks(end_of(_NO_END))
        hint = case.hint(end_of(_NO_END))
        if len(weeks) == 0 or hint is None or not hint.industry:
            continue
        of_industry = steps.setdefault(hint.industry.casefold(), {})
        logs = np.log(np.maximum(weeks.column("active_users"), 0.5))
        for index in range(1, len(weeks)):
            step = float(logs[index] - logs[index - 1])
            if not np.isnan(step):
                of_industry.setdefault(_monday(weeks.first + index * WEEK), []).append(step)
    return Seasons({industry: _common(of_weeks) for industry, of_weeks in steps.items()})


def _common(of_weeks: Mapping[date, list[float]]) -> dict[date, float]:
    """Keep the weeks in which enough accounts went the same way."""
    found: dict[date, float] = {}
    for week, steps in of_weeks.items():
        middle = float(np.median(steps))
        agreeing = sum(step * middle > 0 for step in steps)
        if len(steps) >= _FEWEST and abs(middle) >= _LEAST_MOVE and agreeing >= _AGREE * len(steps):
            found[week] = middle
    return found


def _monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())
