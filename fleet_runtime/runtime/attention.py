"""How much an account needs somebody: a sum of named parts, so that the order of the book can be argued with. Pure.

A risk weighs by its severity and the more the nearer the renewal is; poor health, the lack of data, a renewal that
comes near, overdue promises and upside that lies there are added. Whatever is well and far away comes to nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from fleet_runtime.records.book import NoticeKind, Severity, Trend

RISK: Final[Mapping[Severity, float]] = {"high": 60.0, "medium": 30.0, "low": 10.0}
"""What a risk counts with the renewal far away; it counts twice as much when that is `NEAR` days off or less."""

NEAR: Final = 30
FAR: Final = 180
"""Days to the renewal within which a risk counts twice, and from which on it counts once."""

UNKNOWN: Final = 0.25
"""Added to a risk's factor where nobody knows when the contract renews."""

NO_DATA: Final = 25.0
"""What an account counts of which too little is known: more than a healthy one whose renewal is near."""

WELL: Final = 70
"""From this score on health adds nothing; each point below adds half a one."""

FALLING: Final = 5.0
PLANNED: Final = 90
PLANNING: Final = 15.0
"""A renewal within `PLANNED` days adds up to `PLANNING`, the nearer the more."""

OVERDUE: Final = 5.0
MOST_OVERDUE: Final = 15.0
UPSIDE: Final = 8.0
DOUBT: Final = 20.0
"""What doubtful data counts, such as weeks that are missing: it may look well only because nobody looked."""


class Attention(NamedTuple):
    """The sum, and its parts in words, the largest first."""

    points: float
    because: tuple[str, ...]


class Standing(NamedTuple):
    """What counts of an account: ``days`` to the renewal, None where nobody knows when that is.

    ``seen`` are the kinds of what a review finds now, or was raised and is open.
    """

    severity: Severity | None
    days: int | None
    score: int | None
    trend: Trend
    overdue: int
    seen: Collection[NoticeKind]


def attention(standing: Standing) -> Attention:
    """Return how much an account needs somebody, and why."""
    parts = sorted(_parts(standing), key=lambda part: -part[0])
    return Attention(round(sum(points for points, _ in parts), 1), tuple(f"{why}: {points:g}" for points, why in parts))


def nearness(days: int | None) -> float:
    """Return by how much a risk counts more for the renewal's nearness: 1 far away, 2 when it is near or past."""
    if days is None:
        return 1.0 + UNKNOWN
    return 1.0 + min(max((FAR - days) / (FAR - NEAR), 0.0), 1.0)


def _parts(standing: Standing) -> Iterator[tuple[float, str]]:
    """Yield what counts, each with its points."""
    if standing.severity is not None:
        factor = nearness(standing.days)
        yield round(RISK[standing.severity] * factor, 1), f"{standing.severity} risk, {_when(standing.days)}"
    if standing.score is None:
        yield NO_DATA, "too little is known of its health"
    elif standing.score < WELL:
        yield (WELL - standing.score) / 2, f"health {standing.score}"
    if standing.trend == "down":
        yield FALLING, "its health falls"
    if standing.days is not None and standing.days < PLANNED:
        near = (PLANNED - max(standing.days, 0)) / PLANNED
        yield round(PLANNING * near, 1), _when(standing.days)
    if standing.overdue:
        yield min(OVERDUE * standing.overdue, MOST_OVERDUE), f"{standing.overdue} overdue"
    if "data_check" in standing.seen:
        yield DOUBT, "its data is in doubt"
    if "expansion" in standing.seen:
        yield UPSIDE, "there is upside"


def _when(days: int | None) -> str:
    """Say when the renewal is."""
    if days is None:
        return "renewal unknown"
    return f"renewal in {days} d" if days >= 0 else f"renewal {-days} d past"
