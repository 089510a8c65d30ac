"""What a work product is made from, and what it comes to: text, figures and charts as values. Draws nothing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from fleet_runtime.health import Assessment, Case, Check, HealthWeek
from fleet_runtime.records import Commitment
from fleet_runtime.records.book import Concern, Notice

Occasion = Literal["quiet", "usage", "review", "renewal"]
"""Why a customer is written to: nothing heard for long, use falls, a review is due, the renewal comes up."""

MILESTONES: Final = (180, 120, 90, 60, 30, 14)
"""How many days before a renewal its milestones lie, where nobody says otherwise."""


class Material(NamedTuple):
    """All that a work product may rest on.

    ``at`` is the moment as of which it is written. ``company`` is the customer's name, ``author`` who writes in our
    name, ``to`` who gets it (a person, or a role's class). ``concern`` is what it is about, where it is about one.
    ``history`` is the health week by week, oldest first.
    """

    account: str
    role_title: str
    company: str
    at: datetime
    case: Case
    assessment: Assessment
    history: tuple[HealthWeek, ...] = ()
    checks: tuple[Check, ...] = ()
    notices: tuple[Notice, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    concern: Concern | None = None
    to: str = ""
    author: str = ""
    occasion: Occasion | None = None
    milestones: tuple[int, ...] = MILESTONES


FigureValue = str | int | float | Decimal | date


class Figure(NamedTuple):
    """A number, date or name that stands in a work product: ``value`` as it was found, ``shown`` as it is written."""

    name: str
    value: FigureValue
    source: str
    shown: str


class Series(NamedTuple):
    """One line or row of bars: a value for each day; None where nothing was measured, which is drawn as a gap."""

    name: str
    days: tuple[date, ...]
    values: tuple[float | None, ...]


class Reference(NamedTuple):
    """A level that the values are held against, such as the seats of the contract."""

    name: str
    value: float


class Chart(NamedTuple):
    """A picture as a value. ``name`` is what a text places it by; ``top`` is where the axis ends, None: by the values.

    ``line`` and ``bar`` lay all series on one pair of axes; ``panels`` gives each series axes of its own.
    """

    name: str
    kind: Literal["line", "bar", "panels"]
    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    references: tuple[Reference, ...] = ()
    top: float | None = None
    source: str = ""


class Composed(NamedTuple):
    """A work product. ``text`` is Markdown in which ``[n]`` refers to the n-th of ``cites``, its sources.

    A chart stands in it as ``![title](chart:name)``. An e-mail's ``text`` is what would be sent and no more: it has no
    marks, and its ``title`` is the subject; its ``cites`` tell whoever approves it what each of its figures rests on.
    ``on`` is the day as of which it was written.
    """

    title: str
    text: str
    cites: tuple[str, ...]
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...] = ()
    on: date | None = None

    @property
    def headed(self) -> str:
        """Return the text under its title; an e-mail's is its subject."""
        return self.text if self.text.startswith("# ") else f"# {self.title}\n\n{self.text}"
