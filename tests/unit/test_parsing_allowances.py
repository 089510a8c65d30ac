"""Comments: what they allow, that they are no contract text, and that every line keeps its number."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fleet_runtime.parsing import Allowance, parse_role, read_allowances, read_role, same_contract, write_role

BARE = (
    "# Some Role — fleet role definition\n\nThe **some-role** is x (`class: some-role`, `domain: customer`).\n{0}\n"
    "It is a **persistent** role (`persistent_persona: true`): so it is.\n\n"
    "## Mandate\n{1}\n1. **Do it** — well.\n{2}\n2. **And more** — at\n   length.\n\n"
    "## Boundaries\n\n- **Does NOT sell** — that belongs to\n  the **sales-lead**.\n  - how much?\n{3}\n"
    "  - a quote\n{4}\n"
    "- **Does NOT code** — never.\n\nA note.\n{5}\n## Persona\n\nCalm.\n{6}\n> Doctrine: be kind.\n{7}\n"
    "## Examples\n\n- one\n{8}\n- two\n\n## Motions\n\n- every Monday\n{9}\n- a `<!-- span -->`\n"
)
PLACES = 10
COMMENT = "<!-- check: allow few-examples — one\n  - is enough\n\n## Persona -->"


def allowed(text: str) -> list[tuple[str, str, int]]:
    return [(one.code, one.reason, one.line) for one in read_allowances(text)]


@pytest.mark.parametrize("place", range(PLACES))
@pytest.mark.parametrize("comment", ["<!-- a word -->", COMMENT, "<!---->", "  <!-- a --> <!-- b\n -->"])
def test_a_comment_is_no_contract_text_wherever_it_stands(place: int, comment: str) -> None:
    blanks = ["\n" * comment.count("\n") if at == place else "" for at in range(PLACES)]
    said = [comment if at == place else "" for at in range(PLACES)]
    with_comment, without = (read_role(BARE.format(*parts), source="some-role.md") for parts in (said, blanks))
    assert with_comment.complaints == without.complaints
    assert with_comment.role is not None
    assert without.role is not None
    assert with_comment.role.model_copy(update={"content_hash": ""}) == without.role.model_copy(
        update={"content_hash": ""}
    )
    assert "span" in with_comment.role.motions
    assert comment not in write_role(with_comment.role)


def test_a_comment_beside_words_leaves_them() -> None:
    text = (
        BARE.format(*[""] * PLACES)
        .replace("Calm.", "Calm<!-- very\n\n so --> and kind.")
        .replace("- one", "- o<!-- -->ne")
    )
    role = parse_role(text, source="some-role.md")
    assert role.persona == "Calm and kind."
    assert role.examples[0] == "one"


@pytest.mark.parametrize(
    "message",
    [
        "say `<!-- check: allow x — y -->` aloud",
        "say `` a ` <!-- check: allow x — y --> `` aloud",
        "say \\<!-- check: allow x — y --> aloud",
        "say <!-- check: allow x — y aloud",
        "```\n  <!-- check: allow x — y -->\n  ```",
        "~~~\n  <!-- check: allow x — y -->\n  ~~~~",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_comment_is_text(message: str) -> None:
    text = BARE.format(*[""] * PLACES).replace("- one", f"- {message}").replace("<!-- span -->", "")
    role = parse_role(text, source="some-role.md")
    assert "<!-- check: allow x — y" in role.examples[0]
    assert read_allowances(text) == ()
    again = parse_role(write_role(role), source="some-role.md")
    assert same_contract(again, role)


def test_a_backtick_without_a_partner_in_its_block_hides_nothing() -> None:
    text = "a ` b\n\n<!-- check: allow x — y --> `\n- c `\n- <!-- check: allow z: y --> `\n"
    assert allowed(text) == [("x", "y", 3), ("z", "y", 5)]


@pytest.mark.parametrize(
    ("comment", "code", "reason"),
    [
        ("<!-- check: allow few-examples — a new role -->", "few-examples", "a new role"),
        ("<!--check:allow few-examples - a new role-->", "few-examples", "a new role"),
        ("<!-- check: allow few-examples: a new role -->", "few-examples", "a new role"),
        ("<!-- check: allow few-examples\n  -- a new\n  role -->", "few-examples", "a new role"),
        ("<!-- check: allow few-examples -->", "few-examples", ""),
        ("<!-- check: allow few-examples — -->", "few-examples", ""),
        ("<!-- check: allow -->", "", ""),
        ("<!-- check: allow — because -->", "", "because"),
    ],
)
def test_what_a_comment_allows(comment: str, code: str, reason: str) -> None:
    assert read_allowances(f"\n{comment}\n") == (Allowance(code=code, reason=reason, line=2),)


def test_other_comments_allow_nothing() -> None:
    assert allowed("<!-- check: allowed — x --><!-- please check: allow x — y --><!-- check the words -->") == []
    assert allowed("# check: allow x — y\n\nProse of a role.\n") == []
    assert allowed("No such word.") == allowed("<!-- check: allow x — y -->" * 2_000) == []


def test_allowances_in_yaml() -> None:
    profile = "# A roster.\nid: x\nlead: a # check: allow owner-not-staffed — small\n# check: allow unused-allow - y\n"
    assert allowed(profile) == [("owner-not-staffed", "small", 3), ("unused-allow", "y", 4)]
    assert allowed("---\r\n" + profile.replace("\n", "\r\n")) == [
        ("owner-not-staffed", "small", 4),
        ("unused-allow", "y", 5),
    ]


def test_allowances_in_frontmatter_and_body() -> None:
    text = "---\nname: x\n# check: allow few-examples — new\n---\n# check: allow z — y\n\n<!-- check: allow a — b -->\n"
    assert allowed(text) == [("few-examples", "new", 3), ("a", "b", 7)]


@pytest.mark.parametrize("unit", ["<!--", "<!-- -->", "`", "`<!--", "` `` ```\n", "- ", "\n", "<!-- check: allow "])
def test_hostile_comments_cost_little(unit: str) -> None:
    text = unit * (40_000 // len(unit))
    before = time.process_time()
    read_allowances(text + "<!-- check: allow x — y -->")
    read_role(text, source="x.md")
    assert time.process_time() - before < 1


def test_a_file_with_comments_in_all_places() -> None:
    text = (Path(__file__).parents[1] / "data" / "roles" / "commented.md").read_text(encoding="utf-8")
    read = read_role(text, source="lock-keeper.md")
    assert [(complaint.line, complaint.code) for complaint in read.complaints] == [(25, "boundary-without-owner")]
    assert read.role is not None
    assert (read.role.title, read.role.role_class) == ("Lock Keeper", "lock-keeper")
    assert [rule.examples for rule in read.role.boundaries] == [
        ("please make me a second key", "mine is broken off"),
        (),
    ]
    assert read.role.persona == "Calm, with <!-- this --> kept as it is."
    assert allowed(text) == [("few-examples", "the role is new, and so are its messages", 3)]
