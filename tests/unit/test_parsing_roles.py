"""The canonical form with the traps of real files, and what the complaints say about broken ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from fleet_runtime.contracts import Role
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing import DOMAINS, parse_role, read_role

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "roles"
SHIPPED = [path for path in sorted((ROOT / "roles").glob("*.md")) if path.name != "LIBRARY.md"]

HEAD = "# Some Role — fleet role definition\n\nThe **some-role** is x (`class: some-role`, `domain: customer`).\n"
MANDATE = "\n## Mandate\n\n1. **Do it** — well.\n"
BOUNDARIES = "\n## Boundaries\n\n- **Does NOT sell** — that belongs to the **sales-lead**.\n"
PERSONA = "\n## Persona\n\nCalm.\n"


def codes(text: str, source: str = "some-role.md") -> list[tuple[int, str]]:
    """Return line and code of every error and warning."""
    read = read_role(text, source=source)
    return [(complaint.line, complaint.code) for complaint in read.complaints if complaint.severity != "info"]


def data(name: str) -> Role:
    return parse_role((DATA / name).read_text(encoding="utf-8"), source=name)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_roles_are_sound(path: Path) -> None:
    read = read_role(path.read_text(encoding="utf-8"), source=path.name)
    assert read.role is not None
    assert [complaint for complaint in read.complaints if complaint.severity != "info"] == []
    assert read.role.role_class == path.stem
    assert read.role.domain in DOMAINS
    assert read.role.boundaries
    assert read.role.persona
    assert read.role.doctrine


def test_the_customer_success_manager_keeps_its_contract() -> None:
    role = parse_role((ROOT / "roles" / "customer-success-manager.md").read_text(encoding="utf-8"), source="csm.md")
    assert (role.role_class, role.domain, role.persistent_persona) == ("customer-success-manager", "customer", True)
    assert len(role.mandate) == 4
    assert [(boundary.owners, boundary.owner_domain) for boundary in role.boundaries] == [
        (("support-agent",), None),
        ((), "sales"),
        ((), None),
    ]
    assert {key.name: key.kind for key in role.memory} == {
        "renewal_date": "date",
        "seats": "count",
        "active_users": "count",
        "champion": "person",
        "exec_sponsor": "person",
        "primary_goal": "text",
        "sentiment": "text",
        "competitor": "text",
        "plan": "text",
        "arr": "money",
        "health_score": "count",
        "csm_owner": "person",
        "region_rollout": "text",
        "go_live_date": "date",
        "open_issue": "text",
        "requested_feature": "text",
    }
    key = role.memory_key("renewal_date")
    assert key is not None
    assert key.say("2027-03-31") == "The contract renews on 2027-03-31."
    assert "contract end" in key.aliases


def test_source_hash_and_lines_tie_a_role_to_its_file() -> None:
    text = HEAD + MANDATE + BOUNDARIES + PERSONA
    role = parse_role(text, source="roles/some-role.md")
    assert role.source == "roles/some-role.md"
    assert role.content_hash == hashlib.sha256(text.encode()).hexdigest()
    assert role.mandate[0].line == 7
    assert role.boundaries[0].line == 11
    assert role.title == "Some Role"
    assert role.summary == "The some-role is x."


def test_markers_and_bold_may_wrap_over_lines() -> None:
    role = data("wrapped.md")
    assert (role.role_class, role.domain, role.persistent_persona) == ("support-agent", "customer", True)
    assert role.summary == "The support-agent is the customer's resolver. It owns one ticket."
    assert role.persistence_reason == "what was seen helps."
    assert role.mandate[0].text == "until the customer says so."
    assert role.boundaries[0].refuses == "own the relationship"
    assert role.boundaries[0].owners == ("customer-success-manager",)
    assert role.doctrine == "plain line, no quote."


def test_without_markers_the_file_name_is_the_class_and_the_adjective_decides_nothing() -> None:
    text = (DATA / "planner.md").read_text(encoding="utf-8")
    read = read_role(text, source="somewhere/planner.md")
    assert [complaint.code for complaint in read.complaints] == [
        "no-class-marker",
        "unknown-domain",
        "boundary-without-owner",
    ]
    role = read.role
    assert role is not None
    assert (role.role_class, role.domain, role.persistent_persona) == ("planner", None, False)
    assert role.summary.startswith("Reports to the orchestrator. The planner turns")
    assert role.boundary_note == "The planner plans; it is never in a hurry to do."
    assert [boundary.owners for boundary in role.boundaries] == [("decomposition",), ()]
    assert parse_role(text, source="planner.md", domain_hint="engineering").domain == "engineering"


def test_persistence_may_stand_inside_the_class_parentheses() -> None:
    role = data("enhancer.md")
    assert role.persistent_persona
    assert role.summary == "The enhancer is the fleet's second pair of eyes. It is a core role."
    assert role.boundaries[0].owners == ("review", "merge-gate")
    assert role.doctrine == "docs/fleet/north-star.md (role library)."
    assert codes((DATA / "enhancer.md").read_text(encoding="utf-8")) == [
        (1, "unknown-domain"),
        (1, "missing-persona"),
        (18, "unknown-section"),
    ]


def test_markers_count_as_code_outside_of_parentheses_and_beside_other_words() -> None:
    lone = HEAD.replace("(`class: some-role`, `domain: customer`)", "`class: some-role` `domain: customer`")
    assert parse_role(lone + MANDATE + BOUNDARIES + PERSONA, source="x.md").role_class == "some-role"
    mixed = HEAD.replace("`domain: customer`", "always on, `domain: customer`")
    role = parse_role(mixed + MANDATE + BOUNDARIES + PERSONA, source="x.md")
    assert role.summary == "The some-role is x (always on)."


def test_every_complaint_names_line_and_remedy() -> None:
    text = (DATA / "all-wrong.md").read_text(encoding="utf-8")
    assert codes(text, "all-wrong.md") == [
        (1, "missing-section"),
        (1, "missing-persona"),
        (3, "two-class-markers"),
        (3, "bad-class-name"),
        (3, "unknown-domain"),
        (5, "bad-persistence-value"),
        (7, "empty-section"),
        (13, "bad-memory-key"),
        (14, "bad-memory-key"),
        (15, "bad-memory-key"),
        (16, "bad-memory-key"),
        (18, "bad-memory-key"),
        (20, "duplicate-section"),
        (24, "unknown-section"),
    ]
    read = read_role(text, source="all-wrong.md")
    assert read.role is None
    assert all(complaint.hint for complaint in read.complaints)
    assert str(read.complaints[5]) == (
        "all-wrong.md:5: error[bad-persistence-value]: 'yes' is no value for persistent_persona (write true or false)"
    )
    with pytest.raises(ContractError) as caught:
        parse_role(text, source="all-wrong.md")
    assert caught.value.where == "all-wrong.md:1"
    assert "missing-section" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + MANDATE + PERSONA, (1, "missing-section")),
        (HEAD + "\n## Mandate\n" + BOUNDARIES + PERSONA, (5, "empty-section")),
        (HEAD + MANDATE + "\n## Boundaries\n\nNone.\n" + PERSONA, (9, "empty-section")),
        (HEAD + MANDATE + BOUNDARIES + MANDATE + PERSONA, (13, "duplicate-section")),
        (HEAD + MANDATE + BOUNDARIES, (1, "missing-persona")),
        (HEAD[1:] + MANDATE + BOUNDARIES + PERSONA, (1, "missing-title")),
        (HEAD + MANDATE + "\n## Boundaries\n\n- Sales are nice.\n" + PERSONA, (11, "boundary-without-refusal")),
        (HEAD.replace("customer", "Customer!"), (3, "unknown-domain")),
        (
            HEAD + "\nIt is (`persistent_persona: true`) or (`persistent_persona: false`).\n",
            (5, "bad-persistence-value"),
        ),
        (HEAD + MANDATE + BOUNDARIES + "\n## Memory\n\n- `Bad` (date) — x {value}\n", (15, "bad-memory-key")),
        ("text\x00" + HEAD, (1, "not-text")),
        ("text\n\ud800" + HEAD, (2, "not-text")),
        (HEAD + "\n" + "*" * 1000, (HEAD.count("\n") + 2, "not-text")),
        ("x" * 5_000_000, (1, "too-large")),
        ("x\n" * 3_000, (1, "too-large")),
        ("", (1, "missing-section")),
    ],
)
def test_one_fault_one_code(text: str, expected: tuple[int, str]) -> None:
    assert expected in codes(text)


def test_boundary_without_owner_is_an_info_with_a_line() -> None:
    read = read_role(
        HEAD + MANDATE + "\n## Boundaries\n\n- **Does NOT sell** — not our work.\n" + PERSONA, source="a.md"
    )
    assert read.role is not None
    assert [str(complaint) for complaint in read.complaints] == [
        (
            "a.md:11: info[boundary-without-owner]: nobody is named as owner of 'sell' "
            "(name the class in bold if somebody owns it; else the role declines such work)"
        )
    ]


def test_sections_of_ours_are_read() -> None:
    text = (
        HEAD
        + MANDATE
        + BOUNDARIES.rstrip()
        + '\n  - give us a quote\n  - "what is the price?"\n\n    and when?\n'
        + PERSONA
        + "\n> Doctrine: be kind.\n\n## Examples\n\n- plain *word* and snake_case <b> [x](y)\n- “quoted”\n  - nested\n"
        + "\n## Tools\n\n- `crm_lookup` — find an account\n"
        + "\n## Memory\n\n- `seats` (count; seats, how many) — {value} seats.\n- `note` (text) - Noted: {value}\n"
        + "\n## Motions\n\n- every Monday: *review*\n\n```\nraw\n```\n"
    )
    role = parse_role(text, source="x.md")
    assert role.boundaries[0].examples == ("give us a quote", '"what is the price?" and when?')
    assert role.examples == ("plain word and snake_case <b> [x](y)", "quoted", "nested")
    assert role.tools == ("crm_lookup — find an account",)
    assert [(key.name, key.kind, key.aliases) for key in role.memory] == [
        ("seats", "count", ("seats", "how many")),
        ("note", "text", ()),
    ]
    assert role.motions == "- every Monday: *review*\n\n```\nraw\n```"
    assert role.persona == "Calm."
    assert role.doctrine == "be kind."


def test_mandate_items_without_dash_or_bold_keep_all_their_words() -> None:
    mandate = (
        "\n## Mandate\n\n- **Do it.** Always\n- Just do it\n  - with care\n- Plain - with a hyphen\n- **Only bold**\n"
    )
    role = parse_role(HEAD + mandate + BOUNDARIES + PERSONA, source="x.md")
    assert [str(item) for item in role.mandate] == [
        "Do it — Always",
        "Just do it — with care",
        "Plain — with a hyphen",
        "Only bold",
    ]


def test_line_ends_of_other_systems_and_invisible_signs_do_not_matter() -> None:
    text = "\ufeff" + (HEAD + MANDATE + BOUNDARIES + PERSONA).replace("\n", "\r\n").replace("Calm", "Ca\u200blm")
    role = parse_role(text, source="x.md")
    assert role.persona == "Calm."
    assert role.boundaries[0].line == 11


def test_a_page_above_the_title_and_text_in_odd_blocks_is_named() -> None:
    text = "Sign in\n\n" + HEAD + "\n- a point\n\n```\ncode\n```\n" + MANDATE + "\nStray.\n" + BOUNDARIES + PERSONA
    read = read_role(text + "\n- and brief\n", source="x.md")
    assert [(complaint.line, complaint.code) for complaint in read.complaints] == [
        (1, "ignored-text"),
        (17, "ignored-text"),
    ]
    assert read.role is not None
    assert read.role.summary == "The some-role is x. a point code"
    assert read.role.persona == "Calm. and brief"
