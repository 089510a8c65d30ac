"""A contract that is written and read again says the same; what cannot be written is refused, not bent."""

from __future__ import annotations

from pathlib import Path

import pytest
from exploring import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime.contracts import Boundary, MandateItem, MemoryKey, Role
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing import DOMAINS, parse_role, read_role, same_contract, write_role

ROOT = Path(__file__).parents[2]
FILES = [*sorted((ROOT / "roles").glob("*.md")), *sorted((ROOT / "tests" / "data" / "roles").iterdir())]

# Signs that Markdown gives a meaning to stand among the letters on purpose.
SIGNS = "abcXYZ äß 0123 *_`#>+-=~[]()<>&|\\!?.,;:'\"$%{}/@"
NAMES = st.from_regex(r"[a-z]{2,6}-(agent|lead|manager|desk)", fullmatch=True).filter(lambda name: name != "own-role")


def said(alphabet: str = SIGNS, most: int = 40) -> st.SearchStrategy[str]:
    """Texts with single spaces that begin and end with a word."""
    return st.text(alphabet, max_size=most).map(lambda text: " ".join(f"A {text} z".split()))


COMMENTLIKE = st.sampled_from(
    ["<!-- a -->", "<!--", "-->", "`<!-- a -->", "\\<!-- a -->", "<!-->", "a <!-- check: allow x -->"]
)
MESSAGES = st.one_of(
    st.text(SIGNS, min_size=1, max_size=40).map(lambda text: " ".join(text.split())).filter(bool), COMMENTLIKE
)
WORDS = said("abc *_`#[]<>&\\'\"/0123")
TITLES = said("abc *_`[]<>&\\'/0123", 15)


@st.composite
def boundaries(draw: st.DrawFn) -> Boundary:
    """A boundary whose text names its owners."""
    refuses = draw(said("abc *_`[]<>&\\'", 20))
    owners = tuple(draw(st.lists(NAMES, max_size=2, unique=True)))
    domain = None if owners else draw(st.sampled_from([None, "sales", "marketing"]))
    given_to = f"that belongs to the {' and the '.join(owners)}" if owners else f"that is {domain}'s lane"
    rest = f" — {given_to}." if owners or domain else " — this is not done here."
    text = f"Does NOT {refuses}{rest}"
    return Boundary(
        text=text,
        refuses=refuses,
        owners=owners,
        owner_domain=domain,
        examples=tuple(draw(st.lists(MESSAGES, max_size=3))),
    )


@st.composite
def roles(draw: st.DrawFn) -> Role:
    """Any role that the canonical form can say."""
    keys = draw(st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), max_size=3, unique=True))
    return Role(
        role_class="own-role",
        title=draw(TITLES),
        domain=draw(st.sampled_from([None, *DOMAINS])),
        persistent_persona=draw(st.booleans()),
        summary=draw(st.one_of(st.just(""), WORDS, WORDS.map(lambda text: f"The own-role is x. {text}"))),
        persistence_reason=draw(st.one_of(st.just(""), WORDS)),
        mandate=tuple(
            MandateItem(title=title, text=text)
            for title, text in draw(st.lists(st.tuples(TITLES, st.one_of(st.just(""), said())), min_size=1, max_size=3))
        ),
        boundaries=tuple(draw(st.lists(boundaries(), min_size=1, max_size=3))),
        boundary_note=draw(st.one_of(st.just(""), WORDS)),
        persona=draw(st.one_of(st.just(""), said())),
        doctrine=draw(st.one_of(st.just(""), said())),
        examples=tuple(draw(st.lists(MESSAGES, max_size=4))),
        tools=tuple(draw(st.lists(MESSAGES, max_size=3, unique=True))),
        memory=tuple(
            MemoryKey(name=key, kind="date", sentence="It is {value}.", aliases=("one word", "two_words"))
            for key in keys
        ),
        motions=draw(st.sampled_from(["", "- every Monday: a *review*\n\nand more"])),
        model=draw(st.sampled_from([None, "small-1"])),
    )


@settings(max_examples=examples(25))
@given(roles())
def test_generated_roles_survive_writing_and_reading(role: Role) -> None:
    text = write_role(role)
    again = parse_role(text, source="own-role.md")
    assert same_contract(again, role)
    assert write_role(again) == text


@settings(max_examples=examples(25))
@given(roles().filter(lambda role: not role.motions), st.data())
def test_comments_between_the_lines_change_nothing_and_are_not_written(role: Role, data: st.DataObject) -> None:
    text = write_role(role)
    lines = text.split("\n")
    first = lines.index("---", 1) + 1 if role.model else 0
    for at in sorted(data.draw(st.sets(st.integers(first, len(lines) - 1), max_size=4)), reverse=True):
        lines.insert(at, data.draw(st.sampled_from(["<!-- a -->", "  <!-- check: allow x — y\n\n- b\n## C -->"])))
    again = parse_role("\n".join(lines), source="own-role.md")
    assert same_contract(again, role)
    assert write_role(again) == text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_survive_writing_and_reading(path: Path) -> None:
    role = read_role(path.read_text(encoding="utf-8"), source=path.name).role
    if role is not None:
        assert same_contract(parse_role(write_role(role), source=path.name), role)


def test_the_written_form_is_the_canonical_one() -> None:
    role = Role(
        role_class="some-role",
        title="Some Role",
        domain="customer",
        persistent_persona=True,
        summary="The some-role is x. It does y.",
        persistence_reason="it remembers.",
        mandate=(MandateItem(title="Do it", text="well."),),
        boundaries=(
            Boundary(
                text="Does NOT sell — that belongs to the sales-lead.",
                refuses="sell",
                owners=("sales-lead",),
                examples=('"a quote"', "1. one"),
            ),
        ),
        persona="Calm.",
        doctrine="be kind.",
        memory=(MemoryKey(name="seats", kind="count", sentence="{value} seats.", aliases=("licences",)),),
    )
    assert write_role(role) == (
        "# Some Role — fleet role definition\n\n"
        "The **some-role** is x (`class: some-role`, `domain: customer`). It does y.\n\n"
        "It is a **persistent** role (`persistent_persona: true`): it remembers.\n\n"
        "## Mandate\n\n1. **Do it** — well.\n\n"
        "## Boundaries\n\n- **Does NOT sell** — that belongs to the **sales-lead**.\n"
        '  - ""a quote""\n  - 1\\. one\n\n'
        "## Persona\n\nCalm.\n\n> Doctrine: be kind.\n\n"
        "## Memory\n\n- `seats` (count; licences) — {value} seats.\n"
    )


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (
            {"boundaries": (Boundary(text="Does NOT sell.", refuses="sell", owners=("sales-lead",)),)},
            "boundaries reads",
        ),
        ({"mandate": (MandateItem(title="One — two", text="three"),)}, "mandate reads back"),
        ({"persona": "two  blanks"}, "persona reads back"),
        ({"mandate": ()}, "empty-section"),
    ],
)
def test_what_the_form_cannot_say_is_refused(change: dict[str, object], word: str) -> None:
    role = parse_role((ROOT / "roles" / "sales-lead.md").read_text(encoding="utf-8"), source="sales-lead.md")
    with pytest.raises(ContractError, match=word):
        write_role(role.model_copy(update=change))
