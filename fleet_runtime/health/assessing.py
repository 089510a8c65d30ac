"""What a review says of an account at a moment: how it fares, and what somebody should look at. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final, Literal, NamedTuple

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


class HealthWeek(NamedTuple):
    """How an account fared on a day: its score, and those of its sides by name; None where too little was known."""

    on: date
    score: int | None
    sides: Mapping[str, float | None]


class KeptLooks(NamedTuple):
    """What was found at moments that were looked at before, and by which seasons and rules; without its evidence."""

    seasons: Seasons
    rules: Rules
    weighed: dict[datetime, Weighed]
    sides: dict[datetime, tuple[Standing, ...]]


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
    _kept(view).weighed[at] = against.plain()
    raised = (risk(view, against), upside(view, weigh_upside(view), against.together))
    concerns = (*(one for one in raised if one is not None), *doubts(view), *promises(view))
    return Assessment(
        lambda: _health(view, against), concerns, against.together, side=lambda name: side_of(view, against, name)
    )


def health_by_week(case: Case, seasons: Seasons, rules: Rules, since: date, until: date) -> tuple[HealthWeek, ...]:
    """Return how the account fared at the end of each week from ``since`` to ``until``, both included."""
    found: list[HealthWeek] = []
    for step in range(max(0, (until - since) // WEEK + 1)):
        day = since + step * WEEK
        sides = _standings(_look(case, end_of(day), seasons, rules))
        score, _ = _score(sides)
        found.append(HealthWeek(day, _whole(score), {side.name: side.score for side in sides}))
    return tuple(found)


def _standings(view: Outlook) -> tuple[Standing, ...]:
    """Return how the sides stand at a moment, without evidence; what was looked at before is not looked at again."""
    kept = _kept(view)
    if view.at not in kept.sides:
        weighed = kept.weighed.pop(view.at, None) or weigh_risk(view)
        kept.sides[view.at] = tuple(side._replace(evidence=()) for side in standings(view, weighed))
    return kept.sides[view.at]


def _kept(view: Outlook) -> KeptLooks:
    """Return what is kept with a case of the moments that were looked at, by the same seasons and rules."""
    kept = view.case.kept_looks
    if not isinstance(kept, KeptLooks) or kept.seasons is not view.seasons or kept.rules is not view.rules:
        kept = view.case.kept_looks = KeptLooks(view.seasons, view.rules, {}, {})
    return kept


def _look(case: Case, at: datetime, seasons: Seasons, rules: Rules) -> Outlook:
    """Look at a case as of a moment."""
    return Outlook(case, at, seasons, rules, case.weeks(at))


def _health(view: Outlook, against: Weighed) -> Health:
    """Return the health at a moment, with what became of it in four weeks."""
    sides = tuple(standings(view, against))
    before = _standings(_look(view.case, view.at - _MONTH, view.seasons, view.rules))
    earlier = {side.name: side for side in before}
    (score, confidence), (was, _) = _score(sides), _score(before)
    known = score is not None and was is not None
    slope = _moved(sides, earlier) if known else 0.0
    measures = tuple(side.told(_slope(side, earlier.get(side.name))) for side in sides)
    return Health(
        on=view.at.date(),
        score=_whole(score),
        trend=_trend(slope) if known else "unknown",
        slope=slope,
        confidence=round(confidence, 2),
        measures=measures,
        reasons=_reasons(measures),
    )


def _whole(score: float | None) -> int | None:
    """Return a score in whole points."""
    return None if score is None else round(score)


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
