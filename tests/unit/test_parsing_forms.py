"""The other forms: frontmatter, rendered pages, hostile files; and the complaints they earn."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from fleet_runtime.contracts import Role
from fleet_runtime.parsing import INDEX_FILE, parse_role, read_role, write_library_page

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "roles"
CANONICAL = (ROOT / "roles" / "customer-success-manager.md").read_text(encoding="utf-8")
RENDERED = (DATA / "customer-success-manager.rendered.txt").read_text(encoding="utf-8")
BODY = "## Mandate\n\n- **Do** — it\n\n## Boundaries\n\n- Does NOT sell — belongs to the sdr.\n\n## Persona\n\nCalm.\n"


def data(name: str) -> Role:
    return parse_role((DATA / name).read_text(encoding="utf-8"), source=name)


def errors(text: str) -> list[tuple[int, str]]:
    read = read_role(text, source="some-role.md")
    return [(complaint.line, complaint.code) for complaint in read.complaints if complaint.severity == "error"]


def test_a_rendered_page_and_its_canonical_form_say_the_same() -> None:
    page, file = parse_role(RENDERED, source="page.txt"), parse_role(CANONICAL, source="file.md")
    assert (page.role_class, page.title, page.domain) == (file.role_class, file.title, file.domain)
    assert (page.summary, page.persistence_reason) == (file.summary, file.persistence_reason)
    assert page.persistent_persona
    assert [str(item) for item in page.mandate] == [str(item) for item in file.mandate]
    assert [(b.text, b.refuses, b.owners, b.owner_domain) for b in page.boundaries] == [
        (b.text, b.refuses, b.owners, b.owner_domain) for b in file.boundaries
    ]
    assert (page.persona, page.doctrine) == (file.persona, file.doctrine)


def test_page_chrome_is_left_out_and_named_once() -> None:
    read = read_role(RENDERED, source="page.txt")
    assert [(complaint.line, complaint.code) for complaint in read.complaints] == [
        (1, "ignored-text"),
        (27, "boundary-without-owner"),
    ]


def test_a_page_without_bullets_and_blank_lines_is_read_line_by_line() -> None:
    role = data("no-markup.rendered.txt")
    assert [item.title for item in role.mandate] == ["Set the strategy", "Call the number"]
    assert [boundary.owners for boundary in role.boundaries] == [("account-executive",), ("sales-development-rep",)]
    assert role.persistence_reason == "forecasts need memory."
    assert (role.persona, role.doctrine) == ("A calm coach.", "cross-domain persona library (sales); see LIBRARY.md.")


def test_a_page_with_round_bullets_keeps_examples_and_the_note() -> None:
    role = data("bullets.rendered.txt")
    assert role.title == "Scheduler"
    assert not role.persistent_persona
    assert role.mandate[0].text == "find a time that suits all."
    assert role.boundaries[0].examples == ("please sort my mail", "which of these need an answer?")
    assert role.boundary_note == "The scheduler keeps no content."
    assert role.examples == ("find us half an hour next week", "move the call")
    assert role.persona == "Polite."


def test_a_page_without_title_or_markers_is_complained_about() -> None:
    read = read_role("Mandate\nDo it\nBoundaries\nDoes NOT sell\nPersona\n", source="odd one.txt")
    assert read.role is None
    assert {"missing-title", "no-class-marker", "bad-class-name", "missing-persona"} <= {
        c.code for c in read.complaints
    }


def test_a_subagent_file_is_asked_for_what_is_missing() -> None:
    text = (DATA / "claude-subagent.md").read_text(encoding="utf-8")
    read = read_role(text, source="code-reviewer.md")
    assert read.role is None
    assert [complaint.code for complaint in read.complaints if complaint.severity == "error"] == ["missing-section"] * 2
    assert all("add ##" in complaint.hint for complaint in read.complaints if complaint.severity == "error")


def test_a_subagent_file_with_our_sections_is_a_role() -> None:
    role = data("subagent-with-sections.md")
    assert (role.role_class, role.domain, role.persistent_persona) == ("release-keeper", "engineering", True)
    assert (role.title, role.summary, role.model) == ("Release Keeper", "Keeps releases", "haiku")
    assert role.tools == ("Read", "Bash")
    assert role.boundaries[0].line == 17


def test_a_description_with_colons_is_read_as_its_writer_meant_it() -> None:
    role = parse_role(f"---\nname: some-role\ndescription: Use it: now\ntools: Read, Bash\n---\n{BODY}", source="x.md")
    assert role.summary == "Use it: now"
    assert role.tools == ("Read", "Bash")


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("name: a-b\ncolour: red", [(3, "unknown-frontmatter-key")]),
        ("name: a-b\nclass: b-c\ndomain: [x]", [(4, "bad-frontmatter")]),
        ("class: A B", [(2, "bad-class-name")]),
        ("name: ../../etc/passwd", [(2, "bad-class-name")]),
        ("name: a-b\npersistent_persona: maybe", [(3, "bad-persistence-value")]),
        ("name: a-b\nname: c-d", [(3, "bad-frontmatter")]),
        ("- a\n- b", [(2, "bad-frontmatter")]),
        ("just words", [(2, "bad-frontmatter")]),
        ("? [a]\n: b", [(2, "bad-frontmatter")]),
        ("tools: [a, [b, [*c]]]", [(2, "bad-frontmatter")]),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", [(3, "bad-frontmatter")]),
        ("tools: " + "[" * 500, [(2, "bad-frontmatter")]),
        ('name: "\\UFFFFFFFF"\n- x', [(2, "bad-frontmatter")]),
        ("name: \x7f", [(2, "not-text")]),
        ("name: x\n" + ("# " + "padding " * 20 + "\n") * 100, [(2, "bad-frontmatter")]),
        ("model: !!python/object/apply:os.system [ls]", [(2, "bad-frontmatter")]),
    ],
)
def test_bad_frontmatter_is_an_error_with_a_line(front: str, expected: list[tuple[int, str]]) -> None:
    assert errors(f"---\n{front}\n---\n{BODY}") == expected


def test_frontmatter_may_be_empty_but_not_endless() -> None:
    assert errors(f"---\n---\n{BODY}") == []
    assert errors(f"---\nname: a-b\n{BODY}") == [(1, "bad-frontmatter")]


def test_frontmatter_and_marker_must_agree() -> None:
    text = f"---\nclass: a-b\n---\n# A\n\nThe a (`class: c-d`).\n\n{BODY}"
    assert errors(text) == [(2, "two-class-markers")]


@pytest.mark.parametrize(
    "text",
    [
        CANONICAL.split("## Mandate")[0] + "## Mandate\n" + "- a\n" * 1_900,
        CANONICAL.split("## Mandate")[0] + "## Boundaries\n- Does NOT x — " + "belongs to a b, " * 1_000,
        "**a" * 4_000,
        "_a_ " * 4_000,
        "[" * 20_000,
        "  - a\n" * 1_900,
        "Mandate\n" * 1_900,
        "(class: a " * 4_000,
        "---\n" + "a: b\n" * 1_200 + "---\n",
        ">" * 40_000,
    ],
    ids=["list", "owners", "bold", "emphasis", "brackets", "nested", "rendered", "markers", "yaml", "quotes"],
)
def test_hostile_texts_cost_little(text: str) -> None:
    def seconds() -> float:
        before = time.process_time()
        assert read_role(text, source="x.md").complaints
        return time.process_time() - before

    assert any(seconds() < 1 for _ in range(3))  # a busy machine makes one try dearer, not all


@pytest.mark.parametrize("unit", ["a: ", "a, ", "(a;", "(a) ", "`a`: "])
def test_a_boundary_that_says_its_own_short_class_over_and_over_costs_little(unit: str) -> None:
    text = "# A\n\n## Boundaries\n\n- **Does NOT x** — " + unit * (40_000 // len(unit))
    before = time.process_time()
    assert read_role(text, source="a.md").role is None
    assert time.process_time() - before < 1


@pytest.mark.parametrize("ending", ["\n", "\r", "\r\n"], ids=["lf", "cr", "crlf"])
def test_lines_are_counted_whatever_ends_them(ending: str) -> None:
    before = time.process_time()
    assert errors(ending * 2_001) == [(1, "too-large")]
    assert time.process_time() - before < 0.1
    assert (1, "too-large") not in errors(ending * 2_000)
    assert errors(f"a{ending}b{ending}\x00") == [(3, "not-text")]


@pytest.mark.parametrize("whole", [CANONICAL, RENDERED], ids=["canonical", "rendered"])
def test_damaged_files_never_raise(whole: str) -> None:
    dice = random.Random(7)  # noqa: S311 -- reproducible damage, no secrecy
    for _ in range(20):
        damaged = bytearray(whole.encode())
        for _ in range(dice.randint(1, 30)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        del damaged[dice.randrange(len(damaged)) :]
        for errors_are in ("replace", "surrogateescape", "ignore"):
            read = read_role(damaged.decode("utf-8", errors_are), source="x.md")
            assert read.role is not None or read.complaints


def test_a_page_may_wrap_its_lines_and_put_the_persona_first() -> None:
    text = (
        "chrome\n\nSome Role\n\nThe some-role is long\nand wrapped (class: some-role, domain: sales).\n\n"
        "Persona\n\nCalm.\n\nBrief.\n\nMandate\n\n- Do it — well\n\nBoundaries\n\n- Does NOT sell — sales owns that.\n"
    )
    role = parse_role(text, source="page.txt")
    assert (role.title, role.persona) == ("Some Role", "Calm. Brief.")
    assert role.summary == "The some-role is long and wrapped."
    assert role.boundaries[0].owner_domain == "sales"


def test_the_index_lists_each_domain_once_and_whom_each_role_hands_over_to() -> None:
    roles = [
        parse_role(f"# {name}\n\nThe **{name}** is {what} (`class: {name}`{marker}).\n\n{BODY}", source=f"{name}.md")
        for name, what, marker in (
            ("b-two", "first. And more", ", `domain: sales`, `persistent_persona: true`"),
            ("a-one", "this | that", ", `domain: sales`"),
            ("c-three", "odd", ", `domain: gardening`"),
            ("d-four", "homeless", ""),
            ("e-five", "early", ", `domain: product`"),
        )
    ]
    lines = write_library_page(roles).splitlines()
    headings = [line for line in lines if line.startswith("## ")]
    assert headings == ["## product", "## sales", "## gardening", "## without a domain"]
    at = lines.index("## sales")
    assert lines[at + 4 : at + 6] == [
        "| `a-one` | none | this \\| that | sdr |",
        "| `b-two` | lasting | first | sdr |",
    ]


def test_the_shipped_index_is_what_the_shipped_roles_say() -> None:
    files = [path for path in sorted((ROOT / "roles").glob("*.md")) if path.name != INDEX_FILE]
    roles = [parse_role(path.read_text(encoding="utf-8"), source=path.name) for path in files]
    assert write_library_page(roles) == (ROOT / "roles" / INDEX_FILE).read_text(encoding="utf-8")
