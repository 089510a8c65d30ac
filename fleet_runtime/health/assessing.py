"""What a review says of an account at a moment: how it fares, and what somebody should look at. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final, Literal, cast

from fleet_runtime.contracts import Value
from fleet_runtime.health.case import WEEK, Case, end_of
from fleet_runtime.health.doubts import doubts
from fleet_runtime.health.measures import Standing, side_of, standings
from fleet_runtime.health.outlook import Outlook
from fleet_runtime.health.risks import Weighed, promises, risk, upside, weigh_risk, weigh_upside
from fleet_runtime.health.rules import Rules
from fleet_runtime.health.seasons import Seasons
from fleet_runtime.records.book import Concern, Evidence, Health, Measure, Trend

_MONTH: Final = timedelta(days=28)
_STEADY: Final = 4.0
"""Points in four weeks that are no trend."""
_LEAST_CONFIDENCE: Final = 0.2
_UNKNOWN: Final = 50.0
_UNKNOWN_COUNTS: Final = 0.2
_MOST_REASONS: Final = 3


class Assessment:
    """How an account fares, and what is to be looked at, the gravest first; ``alarm`` is the risk from 0 to 1."""

    def __init__(
        self,
        health: Health | Callable[[], Health],
        concerns: Sequence[Concern],
        alarm: float = 0.0,
        *,
        side: Callable[[str], Measure | None] | None = None,
    ) -> None:
        """Keep what was found; health may be worked out when it is first asked for: most reviews never ask.

        ``side`` gives one side of it alone, which is less work.
        """
        self.concerns = tuple(concerns)
        self.alarm = alarm
        self._health = health
        self._side = side

    def side(self, name: str) -> Measure | None:
        """Return one side of the health, as it stands; None for one that there is not."""
        if self._side is not None and "health" not in vars(self):
            return self._side(name)
        return next((one for one in self.health.measures if one.name == name), None)

    @cached_property
    def health(self) -> Health:
        """Return how the account fares."""
        return self._health if isinstance(self._health, Health) else self._health()


class Check(Value, defer_build=True):
    """One item of a renewal's readiness: ``unknown`` where nothing on record tells."""

    name: str
    state: Literal["ok", "open", "unknown"]
    says: str
    evidence: tuple[Evidence, ...] = ()


def assess(case: Case, at: datetime, seasons: Seasons, rules: Rules) -> Assessment:
    """Review an account as of a moment; only what was known then counts.

    Args:
        case: the account.
        at: the moment, aware.
        seasons: what its industry did (`seasons_of`).
        rules: how it is judged (`load_rules`).
    """
    view = _look(case, at, seasons, rules)
    against = weigh_risk(view)
    raised = (risk(view, against), upside(view, weigh_upside(view), against.together))
    concerns = (*(one for one in raised if one is not None), *doubts(view), *promises(view))
    return Assessment(
        lambda: _health(view, against), concerns, against.together, side=lambda name: side_of(view, against, name)
    )


def health_by_week(case: Case, seasons: Seasons, rules: Rules, since: date, until: date) -> tuple[Health, ...]:
    """Return the account's health at the end of each week from ``since`` to ``until``, both included."""
    known = _kept(case, seasons, rules)

    def standing(day: date) -> tuple[Standing, ...]:
        """Look at a day, once."""
        if day not in known:
            view = _look(case, end_of(day), seasons, rules)
            known[day] = tuple(side._replace(evidence=()) for side in standings(view, weigh_risk(view)))
        return known[day]

    days = [since + step * WEEK for step in range(max(0, (until - since) // WEEK + 1))]
    return tuple(_joined(day, standing(day), standing(day - _MONTH), Standing.plain) for day in days)


def _kept(case: Case, seasons: Seasons, rules: Rules) -> dict[date, tuple[Standing, ...]]:
    """Return what is kept with a case of the days that were looked at before, by the same seasons and rules."""
    if case.kept_days is None or case.kept_days[0] is not seasons or case.kept_days[1] is not rules:
        case.kept_days = (seasons, rules, {})
    return cast("dict[date, tuple[Standing, ...]]", case.kept_days[2])


def _look(case: Case, at: datetime, seasons: Seasons, rules: Rules) -> Outlook:
    """Look at a case as of a moment."""
    return Outlook(case, at, seasons, rules, case.weeks(at))


def _health(view: Outlook, against: Weighed) -> Health:
    """Return the health at a moment, with what became of it in four weeks."""
    before = _look(view.case, view.at - _MONTH, view.seasons, view.rules)
    sides, earlier = tuple(standings(view, against)), tuple(standings(before, weigh_risk(before)))
    return _joined(view.at.date(), sides, earlier, Standing.told)


def _joined(
    on: date, sides: Sequence[Standing], before: Sequence[Standing], tell: Callable[[Standing, float], Measure]
) -> Health:
    """Join the sides of a day, and those of four weeks before, to the health of that day."""
    earlier = {side.name: side for side in before}
    (score, confidence), (was, _) = _score(sides), _score(before)
    known = score is not None and was is not None
    slope = _moved(sides, earlier) if known else 0.0
    measures = tuple(tell(side, _slope(side, earlier.get(side.name))) for side in sides)
    return Health(
        on=on,
        score=None if score is None else round(score),
        trend=_trend(slope) if known else "unknown",
        slope=slope,
        confidence=round(confidence, 2),
        measures=measures,
        reasons=_reasons(measures),
    )


def _score(sides: Sequence[Standing]) -> tuple[float | None, float]:
    """Return the weighted mean of the sides, and how far it is to be trusted.

    A side without data counts a little, in the middle: what nobody knows is not well.
    """
    weights = sum(side.weight for side in sides)
    there = [side for side in sides if side.score is not None]
    confidence = sum(side.weight * side.confidence for side in there) / weights if weights else 0.0
    if confidence < _LEAST_CONFIDENCE:
        return None, confidence
    unknown = _UNKNOWN_COUNTS * sum(side.weight for side in sides if side.score is None)
    counted = unknown + sum(side.weight * side.confidence for side in there)
    total = unknown * _UNKNOWN + sum((side.score or 0.0) * side.weight * side.confidence for side in there)
    return total / counted, confidence


def _moved(sides: Sequence[Standing], earlier: Mapping[str, Standing]) -> float:
    """Return by how much the score moved, by the sides that had one at both times."""
    both = [(side, earlier[side.name]) for side in sides if side.score is not None and side.name in earlier]
    both = [(now, was) for now, was in both if was.score is not None]
    weights = sum(now.weight * now.confidence for now, _ in both)
    moved = sum(((now.score or 0.0) - (was.score or 0.0)) * now.weight * now.confidence for now, was in both)
    return round(moved / weights, 1) if weights else 0.0


def _slope(side: Standing, earlier: Standing | None) -> float:
    """Return by how much a side moved in four weeks."""
    if side.score is None or earlier is None or earlier.score is None:
        return 0.0
    return round(side.score - earlier.score, 1)


def _trend(slope: float) -> Trend:
    """Name a slope."""
    return "steady" if abs(slope) < _STEADY else "up" if slope > 0 else "down"


def _reasons(sides: Sequence[Measure]) -> tuple[Measure, ...]:
    """Return the sides that say the most: those that pull furthest from the middle, weighed."""
    there = [side for side in sides if side.score is not None and side.confidence > 0]
    there.sort(key=lambda side: (-abs((side.score or 0.0) - 65) * side.weight * side.confidence, side.name))
    return tuple(there[:_MOST_REASONS])
