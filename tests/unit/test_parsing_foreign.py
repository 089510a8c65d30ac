"""Drafts of foreign agent files: what is taken, what is asked for, and that nothing is made up."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime.parsing import Draft, parse_role, read_role, same_contract, write_role
from fleet_runtime.parsing.foreign import draft_role, slug
from fleet_runtime.parsing.headings import HEADINGS, kind_of

ROOT = Path(__file__).parents[2]
AGENTS = ROOT / "tests" / "data" / "imports" / "agents"
CANONICAL = (ROOT / "roles" / "sales-lead.md").read_text(encoding="utf-8")
RENDERED = (ROOT / "tests" / "data" / "roles" / "bullets.rendered.txt").read_text(encoding="utf-8")


def drafted(name: str, domain_hint: str | None = None) -> Draft:
    path = AGENTS / name
    return draft_role(path.read_text(encoding="utf-8"), source=path.name, domain_hint=domain_hint)


def found(draft: Draft) -> list[tuple[int, str]]:
    return [(complaint.line, complaint.code) for complaint in draft.complaints]


def draft_of(body: str, front: str = "name: some-agent\ndescription: It helps") -> Draft:
    return draft_role(f"---\n{front}\n---\n\n{body}", source="some-agent.md", domain_hint="sales")


def test_a_subagent_becomes_a_draft() -> None:
    draft = drafted("engineering/pipeline-keeper.md", "engineering")
    role = parse_role(draft.text, source="pipeline-keeper.md")
    assert (role.role_class, role.title, role.domain) == ("pipeline-keeper", "Pipeline Keeper", "engineering")
    assert (role.model, role.tools) == ("sonnet", ("Read", "Grep", "Bash"))
    assert role.summary == "Use this agent when a build is red: it finds the first broken step."
    assert [str(item) for item in role.mandate] == [
        "Read the log of the first failed step",
        "Name the change that broke it",
        "Flaky tests — find the one that lies",
        "Caches that went stale",
    ]
    assert [rule.text for rule in role.boundaries] == [
        "Does NOT change product code.",
        "Never restart a build without naming the reason — a second run hides the fault.",
    ]
    assert role.persona == "You are a calm keeper of build pipelines. You look at logs before you look at code."
    assert found(draft) == [
        (1, "missing-persistence"),
        (8, "boundary-without-owner"),
        (18, "ignored-text"),
        (22, "boundary-without-owner"),
    ]
    assert "persistent_persona" not in draft.text.replace(
        "(persistent_persona: true) or (persistent_persona: false)", ""
    )
    assert draft.text.count("<!-- to be answered: who owns '") == 2


def test_a_persona_page_becomes_a_draft() -> None:
    draft = drafted("sales/renewal-whisperer.md", "sales")
    role = parse_role(draft.text, source="renewal-whisperer.md")
    assert (role.role_class, role.title, role.domain) == ("renewal-whisperer", "Renewal Whisperer", "sales")
    assert [str(item) for item in role.mandate] == [
        "See the risk early — Watch usage against the contract; Collect what the customer said.",
        "Prepare the talk — Write the one page that the talk needs.",
    ]
    assert [(rule.text, rule.owners) for rule in role.boundaries] == [
        ("Never wait for the last quarter", ()),
        ("Never offer a discount. Prices belong to the sales-lead.", ("sales-lead",)),
        ("Does NOT sign anything — contracts are legal-counsel's job", ("legal-counsel",)),
        ("Does NOT answer support tickets", ()),
        ("Does NOT: API integrations", ()),
        ("Does NOT: Legal advice", ()),
    ]
    assert role.boundaries[-1].refuses == "Legal advice"
    assert role.persona == (
        "You are Renewal Whisperer, a listener who reads the quiet signs of a customer who may leave. "
        "Role: Reader of renewal risk. Personality: Patient, plain-spoken. Be brief: one page, one question."
    )
    assert role.examples == ("Will the north office renew?", "What does their silence mean")
    assert [line for line, code in found(draft) if code == "ignored-frontmatter-key"] == [4, 5, 6]
    (left,) = [complaint for complaint in draft.complaints if complaint.code == "ignored-text"]
    assert (
        "'Money' (line 29), '📋 Your Technical Deliverables' (line 42), '🎯 Your Success Metrics' (line 60)"
        in left.message
    )
    assert "discount" not in left.message


def test_what_is_not_said_is_asked_for_and_never_invented() -> None:
    draft = drafted("empty-handed.md")
    assert found(draft) == [
        (1, "unknown-domain"),
        (1, "missing-persistence"),
        (1, "missing-section"),
        (1, "missing-section"),
        (3, "ignored-frontmatter-key"),
        (4, "ignored-frontmatter-key"),
    ]
    assert all(complaint.hint for complaint in draft.complaints)
    read = read_role(draft.text, source="empty-handed.md")
    assert read.role is None
    assert {complaint.code for complaint in read.complaints if complaint.severity == "error"} == {"empty-section"}
    assert draft.text.count("<!-- to be answered: ") == 4
    assert "model" not in draft.text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("# Meeting notes\n\nWe met and talked.\n", "not-a-role"),
        ("x" * 50_000, "too-large"),
        ("---\nname: a\n---\n\x00", "not-text"),
        ("---\nname: 四\n---\n## Mission\n\n- a\n", "bad-class-name"),
        (CANONICAL.replace("## Boundaries", "## Other"), "missing-section"),
        (RENDERED.replace("Boundaries", ""), "missing-section"),
    ],
    ids=["notes", "large", "binary", "no name", "own form", "rendered"],
)
def test_what_cannot_be_imported_has_no_text(text: str, code: str) -> None:
    draft = draft_role(text, source="notes.md")
    assert (draft.role_class, draft.text) == ("", "")
    assert code in {complaint.code for complaint in draft.complaints}


@pytest.mark.parametrize("text", [CANONICAL, RENDERED], ids=["canonical", "rendered"])
def test_sound_contracts_are_written_anew(text: str) -> None:
    draft = draft_role(text, source="sales-lead.md")
    role = parse_role(text, source="sales-lead.md")
    assert draft.text == write_role(role)
    assert draft.complaints == read_role(text, source="sales-lead.md").complaints


def test_our_own_keys_in_foreign_frontmatter_count() -> None:
    draft = draft_of(
        "## Mission\n- a\n## Rules\n- Never b\n", "name: x\ndomain: product\npersistent_persona: true\nhue: a"
    )
    role = parse_role(draft.text, source="x.md")
    assert (role.domain, role.persistent_persona) == ("product", True)
    assert "missing-persistence" not in {code for _, code in found(draft)}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("- Never guess", "Never guess"),
        ("- NEVER guess.", "Never guess."),
        ("- Do not guess", "Does NOT guess"),
        ("- Don't guess", "Does NOT guess"),
        ("- You do NOT guess", "Does NOT guess"),
        ("- You must never guess", "Never guess"),
        ("- **Never** guess", "Never guess"),
        ("- **No guesses** — do not guess", "Does NOT guess"),
        ("- **No guesses.** You cannot guess", "Does NOT guess"),
        ("- You won't guess", "Does NOT guess"),
        ("- Never guess\n  - not even once", "Never guess not even once"),
        ("Words first. Never guess.", "Never guess."),
    ],
)
def test_refusals_become_boundaries(line: str, text: str) -> None:
    draft = draft_of(f"## Mission\n\n- Help\n\n## 🚨 Critical Rules\n\n{line}\n")
    assert [rule.text for rule in parse_role(draft.text, source="x.md").boundaries] == [text]


@pytest.mark.parametrize(
    "line",
    ["- Do not hesitate to ask", "- Never forget to greet", "- Be kind", "- When asked: never guess", "- Nevertheless"],
)
def test_other_rules_do_not(line: str) -> None:
    draft = draft_of(f"## Mission\n\n- Help\n\n## Critical Rules\n\n{line}\n")
    assert (10, "ignored-text") in found(draft)
    assert (1, "missing-section") in found(draft)


def test_abilities_are_the_mandate_only_where_nothing_better_is_said() -> None:
    abilities = "## Capabilities\n\n### Charts\n\n- bars\n- lines\n\nPies too.\n"
    with_mission = draft_of(f"{abilities}\n## Mission\n\n- **Draw**: what is asked for\n")
    assert "1. **Draw** — what is asked for\n" in with_mission.text
    assert "bars" not in with_mission.text
    assert "1. **Charts** — Pies too; bars; lines.\n" in draft_of(abilities).text


@pytest.mark.parametrize(
    ("item", "title", "text"),
    [
        ("- **Win/loss: a** — b — c", "Win/loss: a", "b — c"),
        ("- **Label**: a — b", "Label", "a — b"),
        ("- — only a dash — here", "only a dash, here", ""),
        ("- Plain words", "Plain words", ""),
        ("- Plain\n  - and below", "Plain and below", ""),
    ],
)
def test_titles_of_mandate_items(item: str, title: str, text: str) -> None:
    draft = draft_of(f"## Responsibilities\n\n{item}\n\n## Never\n\n- Lie\n")
    role = parse_role(draft.text, source="x.md")
    assert [(one.title, one.text) for one in role.mandate] == [(title, text)]
    assert role.boundaries[0].text == "Does NOT lie"


def test_headings_below_an_unknown_one_belong_to_it_and_lone_ones_count_for_themselves() -> None:
    draft = draft_of("## Workflow\n\n### Step 1\n\n- Never skip\n- Plan\n\n### Responsibilities\n\n- Plan\n")
    assert "Never skip" in draft.text
    assert "1. **Plan**" in draft.text
    (left,) = [complaint for complaint in draft.complaints if complaint.code == "ignored-text"]
    assert (left.line, "'Workflow' (line 6)" in left.message, "Step" in left.message) == (6, True, False)


def test_lines_that_lead_in_a_list_are_as_good_as_headings() -> None:
    draft = draft_of(
        "You help.\n\nFocus areas:\n- Plan\n\nChecklist:\n- x\n\n## Goals\n\nInside:\n- a\n- b\n\n## Z\n\nHere:\n- c\n"
    )
    assert "1. **Inside** — a; b.\n" in draft.text
    (left,) = [complaint for complaint in draft.complaints if complaint.code == "ignored-text"]
    assert "'Checklist' (line 11), 'Z' (line 20)" in left.message


def test_words_beside_a_list_code_and_tables_are_named_as_left_out() -> None:
    draft = draft_of(
        "## Mission\n\nIt plans.\n\n- Plan\n\n## Examples\n\nWords.\n\n- Hello\n\n"
        "## X\n\n```\na\n```\n\n## Y\n\n| a |\n"
    )
    (left,) = [complaint for complaint in draft.complaints if complaint.code == "ignored-text"]
    assert [f"'{name}'" in left.message for name in ("Mission", "Examples", "X", "Y")] == [True] * 4
    assert "- Hello" in draft.text


def test_markers_in_a_description_do_not_become_ours() -> None:
    draft = draft_of("## Mission\n\n- a\n\n## Never\n\n- b\n", "name: A B\ndescription: It is (class: c) good")
    role = parse_role(draft.text, source="x.md")
    assert (role.role_class, role.summary) == ("a-b", "It is good")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("UX Researcher", "ux-researcher"),
        ("  Café & Bar's  ", "cafe-bars"),
        ("AgentsOrchestrator", "agentsorchestrator"),
        ("../../etc/passwd", "etc-passwd"),
        ("3D Artist", ""),
        ("四", ""),
        ("x" * 99, "x" * 64),
    ],
)
def test_slugs_are_class_names_or_nothing(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_the_table_of_headings_has_no_heading_twice() -> None:
    phrases = [phrase for known in HEADINGS.values() for phrase in known]
    assert len(set(phrases)) == len(phrases)
    assert all(kind_of(phrase) == kind for kind, known in HEADINGS.items() for phrase in known)
    assert kind_of("🧠 Your Identity & Memory") == "persona"
    assert kind_of("3. **Core Mission**") == "mandate"
    assert kind_of("🎯") is None


BITS = st.sampled_from(
    [
        "## Mission", "## Rules", "### Part — two", "## Never", "## Identity", "## Tools", "## Examples", "# Again",
        "- **Draw**: what — is", "- Never do x — the sales-lead owns it", "- plain", "  - below", "1. one — two",
        "- Do not", "- -", "- never", "- **Never**: ", "You are it. You do NOT x.", "Focus areas:", "", "", "```",
        "| a |", "> quote", "- `code` *it* _us_ \\* &amp;", "<!-- c -->", "- **—**: x", "Doctrine: y",
        "- that is the some-agent's job", "## Out of scope", "- (class: a)", "### 1.",
        "- Don't sign — it belongs to the some-agent", "## Mandate", "## Boundaries",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(BITS, max_size=14))
def test_a_draft_reads_back_as_far_as_it_goes(bits: list[str]) -> None:
    draft = draft_of("\n".join(["## Part", "", *bits]))
    assert draft.text
    read = read_role(draft.text, source="some-agent.md")
    errors = {complaint.code for complaint in read.complaints if complaint.severity == "error"}
    asked = {complaint.code for complaint in draft.complaints if complaint.severity == "error"}
    assert errors <= {"empty-section", "self-hand-off"}
    assert bool(errors) == bool(asked)
    if read.role is not None:
        again = parse_role(write_role(read.role), source="some-agent.md")
        assert same_contract(again, read.role)


@pytest.mark.parametrize(
    "unit",
    [
        "You never x. ",
        "- never do x — the y owns it\n",
        "Focus areas:\n- x\n\n",
        "### Mission\n- a\n",
        "**a",
        "# Never\n",
    ],
)
def test_hostile_files_cost_little(unit: str) -> None:
    text = f"---\nname: X Y\n---\n\n## Mission\n\n{unit * (20_000 // len(unit))}"
    before = time.process_time()
    assert draft_role(text, source="x.md").complaints
    assert time.process_time() - before < 1
