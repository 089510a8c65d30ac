"""Who owns refused work: the wordings of real contracts, and words that only look like owners."""

from __future__ import annotations

import pytest

from fleet_runtime.parsing import parse_role

FRAME = (
    "# X Role — fleet role definition\n\nThe **x-role** is x (`class: x-role`, `domain: customer`).\n\n"
    "## Mandate\n\n1. **A** — b\n\n## Boundaries\n\n- {bullet}\n\n## Persona\n\nCalm.\n"
)


def owners(bullet: str) -> tuple[tuple[str, ...], str | None]:
    boundary = parse_role(FRAME.replace("{bullet}", bullet), source="x-role.md").boundaries[0]
    return boundary.owners, boundary.owner_domain


@pytest.mark.parametrize(
    ("bullet", "expected"),
    [
        ("**Does NOT own the books** — financial truth is the **cfo**'s lane.", "cfo"),
        ("**Does NOT run daily ops** — that is **coo**'s lane, and **cto**'s for architecture.", "coo cto"),
        ("**Does NOT do functional work** — that is the **cfo**'s and **cto**'s.", "cfo cto"),
        ("**Does NOT write copy** — the words come from a copywriter.", "copywriter"),
        ("Does NOT write — belongs to a copywriter; assets to **graphic-designer**.", "copywriter graphic-designer"),
        ("**Does NOT write copy** — it is a copywriter's job.", "copywriter"),
        ("Does NOT book — it goes to the **scheduler** or **executive-assistant**.", "scheduler executive-assistant"),
        ("Does NOT book — that is **scheduler** OR **executive-assistant**.", "scheduler executive-assistant"),
        ("**Does NOT merge** — only the `merge-gate` does.", "merge-gate"),
        ("Does NOT approve — it is given by **review** and **security-review**.", "review security-review"),
        ("Does NOT infer — belongs to **data-scientist**; counts to **data-analyst**.", "data-scientist data-analyst"),
        ("Does NOT sell — works with the **sales-lead**, but it is the **account-executive**'s.", "account-executive"),
        ("Does **NOT** do cold outreach — that belongs to the sdr.", "sdr"),
        ("Does **NOT** write the fix — repairs go back to the code role.", "code"),
        ("Does **NOT** hire end to end — running the hiring process belongs to the recruiter.", "recruiter"),
        ("Does **NOT** change contract clauses — that belongs to legal-counsel.", "legal-counsel"),
        ("Does not handle legal terms — refer to legal counsel.", "legal-counsel"),
        ("**Does NOT set salaries** — that belongs to the HR Generalist.", "hr-generalist"),
        ("**Does NOT lead** — that belongs to the CEO.", "ceo"),
        ("**Does NOT lead** → **ceo**", "ceo"),
        ("**Does NOT deal** — exceptions: **deal-desk**.", "deal-desk"),
        ("**Does NOT deal** - that's the deal-desk's lane.", "deal-desk"),
        ("**Does NOT plan**: planning belongs to **planner**.", "planner"),
        ("**Does NOT own social**; that is for the **social-media-manager**.", "social-media-manager"),
        ("**Does NOT do X** — the x-role owns the arc, the support-agent the queue.", "support-agent"),
        ("**Does NOT touch the queue** — handled by support-agent.", "support-agent"),
        ("**Does NOT write the code** — that belongs to `code`.", "code"),
        ("Does NOT keep calendars — a calendar is **executive-assistant** territory.", "executive-assistant"),
        ("**Does NOT close deals** — that's **Account Executive**.", "account-executive"),
        ("**Does NOT set budget** — owned by the cfo.", "cfo"),
        ("**Does NOT set budget** — owner: `cfo` or `coo`", "cfo coo"),
        ("**Does NOT set budget** — that belongs to the ceo, cfo and coo.", "ceo cfo coo"),
        ("**Does NOT sign** — the ceo signs.", "ceo"),
        ("**Does NOT write code** (coders), **review** (review), or **merge** (merge-gate).", "review merge-gate"),
        ("Never sells — that stays with the **sales-lead**.", "sales-lead"),
        ("**Does NOT dispatch** — the orchestrator dispatches it.", "orchestrator"),
        ("**Does NOT plan** — the planner does.", "planner"),
        ("**Does NOT plan** — only the planner does that.", "planner"),
        ("**Does NOT choose** — the choice belongs to the board.", "board"),
        ("**Does NOT cook** — the sommelier owns that.", "sommelier"),
        ("**Does NOT cook** — the **house** does that.", "house"),
        ("**Does NOT cook** — the **baker** and the **pastry-chef** do.", "baker pastry-chef"),
        ("**Does NOT bake** — couples get their appointment from the **pastry-chef**.", "pastry-chef"),
        ("**Does NOT bake** — whoever asks gets a date from the pastry-chef.", "pastry-chef"),
        ("**Does NOT bake** — guests receive the list from the **sommelier**.", "sommelier"),
    ],
)  # fmt: skip
def test_classes_that_own(bullet: str, expected: str) -> None:
    assert owners(bullet) == (tuple(expected.split()), None)


@pytest.mark.parametrize(
    ("bullet", "domain"),
    [
        ("**Does NOT sell** — net-new closing is sales' lane; the CSM may refer expansion back to sales.", "sales"),
        ("**Does NOT sell** — sales owns that.", "sales"),
        ("**Does NOT sell** — that is the sales team's job.", "sales"),
        ("**Does NOT fix defects** — a product defect goes to the engineering roles with a repro.", "engineering"),
        ("**Does NOT own architecture** — engineering owns it.", "engineering"),
        ("**Does NOT do research** — it belongs to research.", "research"),
        ("**Does NOT ship** — the roadmap is product's call.", "product"),
        ("**Does NOT ship** — shipping is up to the product team.", "product"),
    ],
)
def test_domains_that_own(bullet: str, domain: str) -> None:
    assert owners(bullet) == ((), domain)


@pytest.mark.parametrize(
    "bullet",
    [
        "**Does NOT merge.**",
        "**Does NOT make the bet** — the decision stays with leadership.",
        "**Does NOT bend policy** — concessions are escalated, not granted.",
        "**Does NOT care end to end** — a **read-only** view is enough.",
        "**Does NOT decide** — the decision is **final** and belongs to the customer.",
        "**Does NOT build features** — it carries the customer's voice inward, not the delivery of the fix.",
        "**Does NOT set brand** — that sits above this role.",
        "**Does NOT run deep checks** — one brief for each instance, a first-time look by hand.",
        "**Does NOT own what belongs to others** — it belongs to nobody.",
        "**Does NOT own itself** — the x-role owns what is left.",
        "**Does NOT answer** — tickets belong to the same old queue.",
        "**Does NOT light fireworks** — the house does not allow them.",
        "**Does NOT wake guests** — the clock in the tower does.",
        "**Does NOT wake guests** — the clock in the **tower** does.",
        "**Does NOT wake guests** — the nurse in the clinic does.",
        "**Does NOT treat** — the clinic does not do that at all.",
        "**Does NOT seat** — which seat takes it is for nobody to say.",
        "**Does NOT merge** — `pr-merge.sh` holds the list.",
        "**Does NOT count** — the program does.",
        "**Does NOT count** — the program writes the figures.",
        "**Does NOT rain** — the weather decides.",
        "**Does NOT sell** — the **sales-lead** does not either.",
        "**Does NOT sell** — the planner never does.",
        "**Does NOT sell** — the planner takes no money.",
        "**Does NOT bake** — it gets its flour from the **pastry-chef**.",
        "**Does NOT bake** — couples get no cake from the **pastry-chef**.",
        "**Does NOT bake** — couples do not get their cake from the **pastry-chef**.",
        "**Does NOT bake** — couples get their cake from the shop.",
    ],
)
def test_nobody_owns(bullet: str) -> None:
    assert owners(bullet) == ((), None)
