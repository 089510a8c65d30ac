"""All that a template may print of an account, made ready; only what it prints gets a footnote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from fleet_runtime.dates import say_date
from fleet_runtime.products.citing import Cited, Ledger
from fleet_runtime.products.conclusions import Grounds, Proposal, Said, gaps, proposals, unknowns
from fleet_runtime.products.escaping import plain
from fleet_runtime.products.findings import CheckRow, ConcernView, Findings, HealthView, Milestone
from fleet_runtime.products.standing import Contract, Person, Promise, Standing, Statement
from fleet_runtime.products.usage import QUARTER, Usage, usage_charts, usage_of
from fleet_runtime.products.values import Chart, Material
from fleet_runtime.records.book import Concern

_CHARTS: Final = ("active_users", "depth", "tickets", "health", "measures")
_MOST_NOTES: Final = 5
_STEPS: Final = ((2, "checked"), (7, "spoken"), (14, "agreed"), (28, "reviewed"))
"""After how many days what is proposed is to be done."""


class Picture:
    """A chart, placed where a template prints it; only those that are placed belong to the work product."""

    def __init__(self, chart: Chart, placed: list[Chart]) -> None:
        """Keep the chart, and where placed ones are gathered."""
        self._chart = chart
        self._placed = placed

    def __str__(self) -> str:
        """Print it as an image of the name."""
        if self._chart not in self._placed:
            self._placed.append(self._chart)
        return f"![{plain(self._chart.title)}](chart:{self._chart.name})"


class Page(NamedTuple):
    """What stands ready for a template; docs/work-products.md says what each field holds."""

    account: str
    company: str
    role_title: str
    author: str
    to: str
    today: str
    since: str
    people: tuple[Person, ...]
    contract: Contract
    contact: Cited | None
    goals: tuple[Statement, ...]
    issues: tuple[Statement, ...]
    notes: tuple[Statement, ...]
    promises: tuple[Promise, ...]
    usage: Usage | None
    health: HealthView
    concern: ConcernView | None
    concerns: tuple[ConcernView, ...]
    quotes: tuple[Statement, ...]
    checks: tuple[CheckRow, ...]
    milestones: tuple[Milestone, ...]
    proposed: Mapping[str, Cited]
    proposals: tuple[Proposal, ...]
    unknown: tuple[Said, ...]
    gaps: tuple[Said, ...]
    charts: Mapping[str, Picture | str]
    sources: Ledger


def page_of(material: Material, about: Concern | None, ledger: Ledger, placed: list[Chart]) -> Page:
    """Make an account ready to be printed.

    Args:
        material: all that may be said.
        about: the concern that the work product is about, if it is about one.
        ledger: where footnotes are kept.
        placed: where the charts that a template prints are gathered.
    """
    standing, findings = Standing(material.case, material.at, ledger), Findings(material, ledger)
    contract, details = standing.contract(), material.case.hint(material.at)
    pictures = (*usage_charts(material.case, material.at, contract.seats), *findings.charts())
    grounds = Grounds(
        people=standing.people(),
        contract=contract,
        contact=standing.contact(),
        goals=standing.goals(),
        promises=standing.promises(material.commitments),
        usage=usage_of(material.case, material.at, contract.seats, ledger),
        health=findings.health(),
        concerns=findings.concerns(),
        checks=findings.checks(),
        differences=tuple(standing.differences()),
    )
    day, own = material.at.date(), grounds._asdict()
    del own["differences"]
    return Page(
        **own,
        account=plain(material.account),
        company=plain(material.company or (details.company if details else "") or material.account),
        role_title=plain(material.role_title),
        author="" if material.author == material.role_title else plain(material.author),
        to=plain(material.to),
        today=say_date(day),
        since=say_date(day - timedelta(weeks=QUARTER)),
        issues=standing.issues(),
        notes=standing.notes(_MOST_NOTES),
        concern=findings.concern(about) if about else None,
        quotes=standing.quotes(one.source for one in about.evidence) if about else (),
        milestones=findings.milestones(),
        proposed={name: findings.after(days) for days, name in _STEPS},
        proposals=proposals(grounds, plain(material.role_title)),
        unknown=unknowns(grounds),
        gaps=gaps(grounds),
        charts={**dict.fromkeys(_CHARTS, ""), **{one.name: Picture(one, placed) for one in pictures}},
        sources=ledger,
    )
