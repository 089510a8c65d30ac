"""The quick readers say what the full one says, or nothing: on shipped, mutated and generated texts."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from exploring import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime.parsing import glance, read_role
from fleet_runtime.parsing.inline import read_inline
from fleet_runtime.parsing.markdown import inline_prose, read_markdown
from fleet_runtime.parsing.quick import read_quickly

ROOT = Path(__file__).parents[2]
ROLES = [path for path in sorted((ROOT / "roles").glob("*.md")) if path.name != "LIBRARY.md"]
LINES = st.sampled_from(
    [
        "", "", "", " ", "# Title", "# a #", "## Mandate", "##x", "## **a** b", "word", "a **b c** d", "a `b` c",
        "- a", "- b", "-", "- ", "-  a", "  - c", "  - d **e**", "    f", "  g", "   h", "   - i", "1. j", "2. k",
        "10. l", "1) m", "> n", "> o", ">", ">p", "> - q", "---", "***", "* r", "+ s", "  1. t", "**u**", "***v***",
        "```", "~~~", "    - w", "=x", "2026 was", "_y_", "snake_case", "- +18 -4", "- #12 is", "#12", "- _a_",
        "- *a*", "- --", "-- a", "+a", "- __", "_ _", "- ~a", "> **a**", "&amp; z", "a & b", "a ` b", "`a", "b`",
        "\\*", "(`class: a`,", "`domain: b`)", "a\tb", "- \ta", "a  ", "1.5 m", "- 5. a", "# ", "#", "a\u00a0b",
        "\u00a0", "- **a**: b", "> ", "<!-- a -->", "- a\\", "- ```", "1.", "- # a",
    ]
)  # fmt: skip
INLINE = st.text("ab1ä (.,:*_`\\&;#\n—)'!", max_size=24)
TOKENS = st.lists(
    st.sampled_from(
        [
            "a",
            "b",
            "ä",
            "1",
            " ",
            "\n",
            "**",
            "**",
            "`",
            "`",
            "*",
            "_",
            "(",
            ")",
            ".",
            ",",
            ":",
            "—",
            "\u2019",
            "``",
            "&",
            "x;",
        ]
    ),
    max_size=14,
).map("".join)


HIDDEN = "# A\n\nA (`class: a-b`, **x**, `dom**ain: creative`).\n\n## Mandate\n"


def same(text: str) -> bool:
    """Compare the two readers, and tell whether the quick one was sure."""
    quick = read_quickly(text)
    if quick is not None:
        assert quick == read_markdown(text), text
    return quick is not None


@settings(max_examples=examples(600))
@given(st.lists(LINES, max_size=9))
def test_generated_lines(lines: list[str]) -> None:
    same("\n".join(lines))


@settings(max_examples=examples(600))
@given(st.one_of(INLINE, TOKENS))
def test_generated_markup(content: str) -> None:
    plain = content.strip()
    assert read_inline(plain, 7) == inline_prose(plain, 7)


@pytest.mark.parametrize("path", ROLES, ids=lambda path: path.stem)
def test_shipped_roles_are_read_quickly_and_the_same(path: Path) -> None:
    assert same(path.read_text(encoding="utf-8"))


def mutated(path: Path, times: int) -> Iterator[str]:
    """Give damaged copies of a file: a line or two changed in a way that matters to Markdown or to the markers."""
    dice = random.Random(path.stem)  # noqa: S311 -- reproducible damage, no secrecy
    lines = path.read_text(encoding="utf-8").split("\n")
    for _ in range(times):
        damaged = list(lines)
        for _ in range(dice.randint(1, 2)):
            at = dice.randrange(9) if dice.random() < 0.5 else dice.randrange(len(damaged))
            line = damaged[at]
            cut = dice.randrange(len(line) + 1)
            before, after = line[:cut], line[cut:]
            damaged[at] = dice.choice(
                [
                    "", f" {line}", f"  {line}", line[1:], line[2:], before, f"{before}\n{after}",
                    f"{before}*{after}", f"{before}`{after}", f"{before} {after}", f"- {line}", f"> {line}",
                    f"1. {line}", f"{line}**", f"{before}({after}", f"{before}){after}", f"{before}_{after}",
                    f"{before}\n\n{after}", f"{before}(`class: x-y`){after}", f"{before}:{after}",
                    f"{before}`domain: sales`{after}", f"{before}<!-- (`class: z`) -->{after}",
                    f"{before}\u200b{after}", line.replace("`", ""), line.replace("`", "**"), line.replace("domain",
                    "demesne"), f"# {line}", f"{before}\r{after}", line.replace(", ", "; "), line.replace(": ",
                    ":\n"), f"{before}\n# A\n{after}", f"```\n{line}", f"{before}\\{after}",
                ]
            )  # fmt: skip
        yield "\n".join(damaged)


@pytest.mark.parametrize("path", ROLES[::6], ids=lambda path: path.stem)
def test_mutated_roles(path: Path) -> None:
    assert sum(same(text) for text in mutated(path, 25))


@pytest.mark.parametrize("path", ROLES, ids=lambda path: path.stem)
def test_a_glance_agrees_with_reading(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    seen = glance(text)
    assert seen is not None
    assert seen.role_class == path.stem
    for changed in (text, *mutated(path, 25)):
        seen, role = glance(changed), read_role(changed, source="other.md", domain_hint="creative").role
        if seen is not None and role is not None:
            assert (seen.role_class, seen.domain) == (role.role_class, role.domain)


@pytest.mark.parametrize(
    "text", ["", "# A", "# A\n\n## Mandate\n", "# A\n\n(`class: a`)\n\n## Mandate\n", "---\n---\n## x", HIDDEN]
)
def test_a_glance_is_sure_or_says_nothing(text: str) -> None:
    assert glance(text) is None


def test_a_glance_is_quick() -> None:
    texts = [path.read_text(encoding="utf-8") for path in ROLES]
    before = time.process_time()
    for _ in range(5):
        assert all(map(glance, texts))
    assert (time.process_time() - before) / (5 * len(texts)) < 0.000_3  # seconds; measured 0.000_04


@settings(max_examples=examples(10))
@given(st.lists(LINES, max_size=9))
def test_one_parser_serves_several_threads(lines: list[str]) -> None:
    text = "\n".join(["* a *b*", *lines])
    expected = read_markdown(text)
    with ThreadPoolExecutor(4) as pool:
        assert all(one == expected for one in pool.map(read_markdown, [text] * 8))
