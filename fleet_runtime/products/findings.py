"""What a review found, made printable: health and its sides, what was raised, readiness, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from fleet_runtime.dates import say_date
from fleet_runtime.health import HealthWeek
from fleet_runtime.products.citing import Cited, Ledger
from fleet_runtime.products.escaping import plain
from fleet_runtime.products.values import Chart, Material, Series
from fleet_runtime.records.book import Concern, Evidence, Health, Measure, Severity

RULES: Final = "prompts/health.yaml"
_STEADY: Final = 0.5
_CHARTED: Final = 26
_MOST_PANELS: Final = 8
_TRENDS: Final = {"up": "rising", "steady": "steady", "down": "falling", "unknown": "of unknown direction"}
_SURE: Final = ((0.75, "well founded"), (0.45, "fairly well founded"), (0.0, "thinly founded"))

_OWNERS: Final = {"price": "sales", "terms": "sales", "paper": "legal", "contract": "legal", "issue": "support"}
"""Whose an item of readiness is, by a part of its name."""


class MeasureRow(NamedTuple):
    """One side of health; ``score`` is None where there is no data."""

    name: str
    score: Cited | None
    course: str
    says: Cited | None


class HealthView(NamedTuple):
    """How the account fares; ``score`` is None where too little is known. ``sure`` says how well it is founded."""

    score: Cited | None
    trend: str
    course: Cited | None
    sure: Cited
    measures: tuple[MeasureRow, ...]
    reasons: tuple[Cited, ...]


class ConcernView(NamedTuple):
    """Something to be looked at. ``since`` is the day it was raised, None where it was not yet."""

    kind: str
    matter: str
    severity: Severity
    title: Cited
    reasons: tuple[Cited, ...]
    evidence: tuple[Cited, ...]
    play: Cited | None
    since: Cited | None


class CheckRow(NamedTuple):
    """One item of readiness; ``owner`` is whose it is, by role."""

    name: str
    state: str
    owner: str
    says: Cited


class Milestone(NamedTuple):
    """A day so many days before the renewal; ``state`` is passed, next or ahead."""

    days: int
    on: Cited
    state: str


class Findings:
    """Makes an assessment printable."""

    def __init__(self, material: Material, ledger: Ledger) -> None:
        """Keep both."""
        self._material = material
        self._ledger = ledger
        self._day = material.at.date()

    def health(self) -> HealthView:
        """Return how the account fares."""
        health = self._material.assessment.health
        rests_on = self._health_evidence(health)
        score = None
        if health.score is not None:
            score = self._ledger.cite("health.score", health.score, str(health.score), rests_on)
        course = None
        if health.trend != "unknown":
            shown = _moved(health.slope)
            course = self._ledger.cite("health.slope", health.slope, shown, rests_on)
        sure = next(words for least, words in _SURE if health.confidence >= least)
        return HealthView(
            score=score,
            trend=_TRENDS[health.trend],
            course=course,
            sure=self._ledger.cite(
                "health.confidence", health.confidence, f"{sure} (confidence {health.confidence:.0%})", rests_on
            ),
            measures=tuple(self._measure(one) for one in health.measures),
            reasons=tuple(self._said(f"health.reason.{one.name}", one.says, one.evidence) for one in health.reasons),
        )

    def concerns(self) -> tuple[ConcernView, ...]:
        """Return all that was found, the gravest first."""
        return tuple(self.concern(one) for one in self._material.assessment.concerns)

    def concern(self, one: Concern) -> ConcernView:
        """Make one concern printable."""
        raised = [notice for notice in self._material.notices if _same(notice.concern, one)]
        since = None
        if open_ones := [notice for notice in raised if notice.open_on(self._day)]:
            first = min(open_ones, key=lambda notice: notice.on)
            evidence = Evidence(text=f"raised by the motion {first.motion}", source=f"notice {first.id}")
            since = self._ledger.cite(f"notice.{one.matter}.since", first.on, say_date(first.on), evidence)
        reasons = (
            self._said(f"concern.{one.matter}.{number}", text, self._grounds(one, number))
            for number, text in enumerate(one.reasons)
        )
        return ConcernView(
            kind=one.kind,
            matter=plain(one.matter.replace("_", " ")),
            severity=one.severity,
            title=self._said(f"concern.{one.matter}", one.title, one.evidence),
            reasons=tuple(reasons),
            evidence=tuple(self._said(f"evidence.{item.source}", item.text, (item,)) for item in one.evidence),
            play=self._said(f"play.{one.matter}", one.play, one.evidence) if one.play else None,
            since=since,
        )

    def checks(self) -> tuple[CheckRow, ...]:
        """Return how ready the renewal is."""
        return tuple(
            CheckRow(
                name=plain(_capital(one.name)),
                state=one.state,
                owner=_owner(one.name, self._material.role_title),
                says=self._as_said(f"check.{one.name}", one.says, one.evidence),
            )
            for one in self._material.checks
        )

    def milestones(self) -> tuple[Milestone, ...]:
        """Return the days before the renewal, the first first; none where no renewal is on record."""
        renewal = self._material.case.renewal(self._material.at)
        if renewal is None:
            return ()
        rows: list[Milestone] = []
        for days in sorted(self._material.milestones, reverse=True):
            on = renewal.on - timedelta(days=days)
            passed = on < self._day
            state = "passed" if passed else "ahead" if any(row.state == "next" for row in rows) else "next"
            cited = self._ledger.cite(f"milestone.{days}", on, say_date(on), renewal.evidence)
            rows.append(Milestone(days, cited, state))
        return tuple(rows)

    def after(self, days: int) -> Cited:
        """Return the day that lies so many days after the one of writing: a proposal."""
        on = self._day + timedelta(days=days)
        text = f"{days} days after {say_date(self._day)}"
        return self._ledger.cite(f"proposed.{days}", on, say_date(on), Evidence(text=text, source="proposed here"))

    def charts(self) -> tuple[Chart, ...]:
        """Give health week by week, and one panel for each of its sides; none without a history."""
        weeks = self._material.history[-_CHARTED:]
        if not any(one.score is not None for one in weeks):
            return ()
        days = tuple(one.on for one in weeks)
        total = Series("health", days, tuple(None if one.score is None else float(one.score) for one in weeks))
        names = list(dict.fromkeys(name for one in weeks for name in one.sides))[:_MOST_PANELS]
        sides = tuple(Series(name.replace("_", " "), days, _scores(weeks, name)) for name in names)
        source = f"health of {days[0]} to {days[-1]}"
        charts = [
            Chart("health", "line", "Health, week by week", "as of", "of 100", (total,), top=100.0, source=source)
        ]
        shown = tuple(one for one in sides if any(value is not None for value in one.values))
        if shown:
            title = "The sides of health"
            charts.append(Chart("measures", "panels", title, "as of", "of 100", shown, top=100.0, source=source))
        return tuple(charts)

    def _measure(self, one: Measure) -> MeasureRow:
        """Make one side of health printable."""
        evidence = one.evidence or (self._health_evidence(self._material.assessment.health),)
        score = None
        if one.score is not None:
            score = self._ledger.cite(f"health.{one.name}", one.score, f"{one.score:.0f}", *evidence)
        says = self._said(f"health.{one.name}.says", one.says, evidence) if one.says else None
        return MeasureRow(plain(_capital(one.name)), score, _points(one.slope) if score else "", says)

    def _said(self, name: str, text: str, evidence: Sequence[Evidence]) -> Cited:
        """Cite a sentence, written as one."""
        return self._as_said(name, text, evidence, _sentence(text))

    def _as_said(self, name: str, text: str, evidence: Sequence[Evidence], shown: str = "") -> Cited:
        """Cite a text as it stands; what rests on nothing by itself rests on the review as a whole."""
        return self._ledger.cite(name, text, shown or text, *(evidence or (self._review(),)))

    def _review(self) -> Evidence:
        """Name the review itself, for what rests on the record as a whole."""
        return Evidence(text="the record as a whole, as it was known", source=f"review of {self._day}")

    def _health_evidence(self, health: Health) -> Evidence:
        """Say where a score comes from."""
        sides = ", ".join(f"{one.name} {one.score:.0f}" for one in health.measures if one.score is not None)
        return Evidence(text=sides or "no side of health has data", source=f"health of {health.on}, by {RULES}")

    @staticmethod
    def _grounds(one: Concern, number: int) -> Sequence[Evidence]:
        """Return what a reason rests on: its own piece of evidence where they go in pairs, else all."""
        return one.evidence[number : number + 1] if len(one.reasons) == len(one.evidence) else one.evidence


def _owner(check: str, role_title: str) -> str:
    """Say whose an item is, by role: questions of price, contract and repair are not ours."""
    words = check.lower()
    owners = (
        (("price", "terms"), "sales"),
        (("paper", "legal", "contract"), "legal"),
        (("issue", "ticket"), "support"),
    )
    return next((owner for parts, owner in owners if any(part in words for part in parts)), plain(role_title))


def _capital(name: str) -> str:
    """Write a name as the beginning of a line."""
    spoken = name.replace("_", " ")
    return f"{spoken[:1].upper()}{spoken[1:]}"


def _scores(weeks: Iterable[HealthWeek], name: str) -> tuple[float | None, ...]:
    """Return one side's score in each week."""
    return tuple(week.sides.get(name) for week in weeks)


def _moved(slope: float) -> str:
    """Say a slope, in points per four weeks."""
    return "steady" if abs(slope) < _STEADY else f"{_points(slope)} in four weeks"


def _points(slope: float) -> str:
    """Say a slope in points alone."""
    if abs(slope) < _STEADY:
        return "steady"
    points = round(abs(slope))
    return f"{'up' if slope > 0 else 'down'} {points} {'point' if points == 1 else 'points'}"


def _same(one: Concern, two: Concern) -> bool:
    """Tell whether two concerns are about the same matter."""
    return (one.kind, one.matter) == (two.kind, two.matter)


def _sentence(text: str) -> str:
    """Begin a text with a capital and end it with a full stop."""
    line = " ".join(text.split())
    if not line:
        return line
    return f"{line[0].upper()}{line[1:]}" if line[-1] in ".!?\u2026" else f"{line[0].upper()}{line[1:]}."
