"""Who owns what the shipped roles refuse, boundary by boundary: a change to the wordings must not move one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from fleet_runtime.parsing import parse_role

ROLES: Final = Path(__file__).parents[2] / "roles"
OWNERS: Final = """
account-executive: sales-lead / sales-development-rep / legal-counsel
board: planner decomposition / orchestrator / documentation / ceo
brand-strategist: copywriter / content-strategist / growth-marketer
business-analyst: project-manager / operations-manager / -
ceo: - / coo / cfo
cfo: ceo / coo / cto
chief-of-staff: ceo / coo / cfo cto
code: merge-gate / review security-review / -
content-strategist: copywriter / seo-specialist / marketing-lead
coo: ceo / cfo / cto
copywriter: content-strategist / brand-strategist / marketing-lead growth-marketer
cto: ceo / coo / cfo
customer-success-manager: support-agent / (sales) / -
data-analyst: data-scientist / lead-researcher / market-analyst
data-scientist: data-analyst / lead-researcher / researcher
decomposition: code / planner / orchestrator
documentation: board / code / copywriter
editor: copywriter video-producer / graphic-designer video-producer / -
enhancer: - / review security-review / - / orchestrator
executive-assistant: personal-assistant / scheduler / inbox-manager
finance-analyst: - / sales-lead / hr-generalist
graphic-designer: video-producer / copywriter / -
growth-marketer: marketing-lead / copywriter / brand-strategist
hr-generalist: recruiter / legal-counsel / finance-analyst
inbox-manager: scheduler executive-assistant / personal-assistant / executive-assistant
lead-researcher: researcher / data-scientist / market-analyst
legal-counsel: account-executive / hr-generalist / -
market-analyst: lead-researcher / data-scientist / data-analyst
marketing-lead: copywriter content-strategist / seo-specialist / brand-strategist
merge-gate: code / rebase / review security-review / operator
operations-manager: project-manager / business-analyst / hr-generalist
operator: merge-gate / planner / review
orchestrator: planner decomposition / code review merge-gate / -
personal-assistant: executive-assistant / scheduler / inbox-manager
planner: decomposition / board / orchestrator
product-manager: ux-designer / user-researcher / ceo
project-manager: operations-manager / business-analyst / legal-counsel
rebase: merge-gate / code / operator
recruiter: hr-generalist / hr-generalist / finance-analyst
researcher: lead-researcher / data-scientist data-analyst / -
review: merge-gate / code / security-review
sales-development-rep: account-executive / sales-lead / account-executive legal-counsel
sales-lead: account-executive / sales-development-rep / finance-analyst
scheduler: executive-assistant / executive-assistant / inbox-manager
security-review: merge-gate / code / -
seo-specialist: copywriter content-strategist / growth-marketer marketing-lead / brand-strategist
session-review: enhancer / review / orchestrator
site-tester: merge-gate / code / review security-review
social-media-manager: content-strategist / brand-strategist / growth-marketer marketing-lead
support-agent: customer-success-manager / (engineering) / -
user-researcher: product-manager / ux-designer / product-manager
ux-designer: product-manager / user-researcher / (engineering)
video-producer: graphic-designer / editor / -
"""
"""A role a line, and its boundaries in their order: classes, (a domain), or - for nobody."""


@pytest.mark.parametrize("line", OWNERS.strip().splitlines(), ids=lambda line: str(line).partition(":")[0])
def test_each_boundary_names_the_owners_that_its_writer_meant(line: str) -> None:
    name, _, expected = line.partition(": ")
    role = parse_role((ROLES / f"{name}.md").read_text(encoding="utf-8"), source=f"{name}.md")
    found = [
        " ".join(rule.owners) or (f"({rule.owner_domain})" if rule.owner_domain else "-") for rule in role.boundaries
    ]
    assert found == expected.split(" / ")


def test_no_shipped_role_is_left_out() -> None:
    named = {line.partition(":")[0] for line in OWNERS.strip().splitlines()}
    assert named == {path.stem for path in ROLES.glob("*.md")} - {"LIBRARY"}
