"""A boundary that hands its work back to the role itself, and sentences that only mention the role."""

from __future__ import annotations

import pytest

from fleet_runtime.parsing import Complaint, read_role

FRAME = (
    "# X Agent — fleet role definition\n\nThe **{name}** is x (`class: {name}`, `domain: customer`).\n\n"
    "## Mandate\n\n1. **A** — b\n\n## Boundaries\n\n- **Does NOT y** — the **cfo** owns it.\n- {bullet}\n\n"
    "## Persona\n\nCalm.\n"
)


def complaints(bullet: str, name: str = "support-agent") -> list[Complaint]:
    read = read_role(FRAME.format(name=name, bullet=bullet), source="x.md")
    return [complaint for complaint in read.complaints if complaint.code == "self-hand-off"]


@pytest.mark.parametrize(
    "bullet",
    [
        "**Does NOT bill** — that belongs to the **support-agent**.",
        "**Does NOT bill** — billing belongs to the support-agent.",
        "**Does NOT bill** — that is the **support-agent**'s lane.",
        "**Does NOT bill** — billing is support-agent's lane; ask nobody else.",
        "**Does NOT bill** — that is support-agent's.",
        "**Does NOT bill** — the Support Agent owns it.",
        "**Does NOT bill** — only the `support-agent` does.",
        "**Does NOT bill** — the support agent handles that.",
        "**Does NOT bill** — owned by the support-agent.",
        "**Does NOT bill** — owner: `support-agent`",
        "**Does NOT bill** — it stays with the support-agent.",
        "**Does NOT bill** — **support-agent**.",
        "**Does NOT bill** → support-agent",
        "**Does NOT bill** — it goes to the support-agent.",
        "**Does NOT bill** — refer it to the **support-agent** at once.",
        "**Does NOT bill** — that belongs to the **finance-analyst** and the **support-agent**.",
        "**Does NOT bill** — that belongs to the **support-agent** or the **finance-analyst**.",
        "**Does NOT bill** — the finance-analyst owns the books, but billing is the support-agent's job.",
        "**Does NOT bill** — that belongs to\n  the **support-agent**\n  role.",
        "**Does NOT bill** — customers' questions go to the support agent.",
        "**Does NOT bill** — whatever concerns an invoice is sent to the support-agent.",
        "**Does NOT bill** — the **support-agent** decides on refunds.",
        "**Does NOT bill** — the `support-agent` alone approves a credit.",
    ],
)
def test_work_handed_to_the_role_itself_is_an_error_with_the_boundarys_line(bullet: str) -> None:
    (found,) = complaints(bullet)
    assert (found.line, found.severity) == (12, "error")
    assert "'bill' to 'support-agent' itself" in found.message
    assert found.hint


@pytest.mark.parametrize(
    "bullet",
    [
        "**Does NOT bill** — the support-agent escalates it.",
        "**Does NOT bill** — that belongs to the **finance-analyst**; the support-agent only asks for it.",
        "**Does NOT bill** — it is outside the support-agent's lane.",
        "**Does NOT bill** — this is not the support-agent's job.",
        "**Does NOT bill** — requests in the support-agent's queue go to the **finance-analyst**.",
        "**Does NOT bill** — the support-agent owns the ticket, the **finance-analyst** the invoice.",
        "**Does NOT bill** — it belongs to the support-agent's superior, the **cfo**.",
        "**Does NOT bill** — the finance-analyst decides, and tells the support-agent.",
        "**Does NOT bill** — a copy comes back to the support-agent.",
        "**Does NOT bill** — it never goes to the support-agent.",
        "**Does NOT bill** — the support-agent, like everyone, asks the **finance-analyst**.",
        "**Does NOT bill** — that belongs to the senior-support-agent.",
        "**Does NOT bill for the support-agent** — nobody does.",
        "**Does NOT bill** — a copy of the invoice goes to the support agent.",
        "**Does NOT bill** — no question goes to the support agent.",
        "**Does NOT bill** — the finance-analyst bills; questions about it go to the support agent.",
        "**Does NOT bill** — customers' questions go to the support agent's superior.",
        "**Does NOT bill** — the **support-agent** decides on refunds, the **finance-analyst** on bills.",
        "**Does NOT bill** — the **support-agent** decides on nothing here.",
        "**Does NOT bill** — the **support-agent** decides on refunds only after the **finance-analyst** agreed.",
        "**Does NOT bill** — the **support-agent** keeps the ticket.",
        "**Does NOT bill** — the support-agent decides on the tone.",
    ],
)
def test_a_mention_is_no_hand_off(bullet: str) -> None:
    assert complaints(bullet) == []


@pytest.mark.parametrize("bullet", ["Does NOT lead — that belongs to the CFO.", "Does NOT lead — the cfo signs that."])
def test_classes_of_one_word(bullet: str) -> None:
    assert len(complaints(bullet, "cfo")) == 2
    assert complaints(bullet, "coo") == []
