"""The reader of plain YAML says what PyYAML says, or nothing: on shipped, mutated and generated texts."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from exploring import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime.parsing.nodes import LONGEST, Fault
from fleet_runtime.parsing.plain_yaml import read_data, read_plain
from fleet_runtime.parsing.yamldata import read_yaml

ROOT = Path(__file__).parents[2]
PROFILES = sorted((ROOT / "profiles").glob("*.yaml"))
LINES = st.sampled_from(
    [
        "", "", "a: b", "b: c d", "c:", "d:", "e: >-", "f: >-", "  words", "  more: words", "   deep", "  # in",
        "# comment", "  - g: h", "    i: j", "  - k", "- l: m", "  n: o", "- p", "q: [r, s-t]", "u: []", "v: [w,x]",
        "y: z # said", "aa: b: c", "bb: 'c'", 'cc: "d"', "dd: &e f", "ee: *f", "ff: ~", "gg: null", "hh: 2",
        "ii: 2026-01-01", "jj: a\tb", "kk: b ", "ll : m", "---", "...", "mm: é", "nn: \u2028x", "oo: |", "pp: x:",
        "qq: {a: b}", "rr:  two", "      ss: tt", "? uu", "a-b: c", "_x: y", "1x: y", "vv: - w", "  - ww: xx: yy",
        "  -  zz: a", "ab: [a, b", "ac: [a: b]", "ad: [a b]", "ae: >", "  - af: ", "ag: !h i", "ah: @i", "ai: %j",
        "  - aj:", "    ak: [a]", "  -", "al: a, b", "am: a]", "an: #b", "ao: b#c", "ap: b:c",
    ]
)  # fmt: skip


def same(text: str, first_line: int = 1) -> bool:
    """Compare the two readers, and tell whether the plain one was sure."""
    plain = read_plain(text, first_line)
    if plain is not None:
        assert plain == read_yaml(text, first_line), text
    return plain is not None


@settings(max_examples=examples(1500))
@given(st.lists(LINES, max_size=8), st.integers(1, 3))
def test_generated_lines(lines: list[str], first_line: int) -> None:
    same("\n".join(lines), first_line)


@settings(max_examples=examples(600))
@given(st.lists(st.text("ab1 :-#>[],é'\"&*!%@{}|?~\n", max_size=30), max_size=3))
def test_generated_signs(values: list[str]) -> None:
    same("\n".join(f"k{number}: {value}" for number, value in enumerate(values)))


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_shipped_profiles_are_plain(path: Path) -> None:
    assert same(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_mutated_profiles(path: Path) -> None:
    dice = random.Random(path.stem)  # noqa: S311 -- reproducible damage, no secrecy
    text = path.read_text(encoding="utf-8")
    sure = 0
    for _ in range(200):
        at = dice.randrange(len(text))
        sign = dice.choice([" ", "  ", "\n", "\n\n", ":", ": ", "#", " #", "-", "- ", ">", "[", "]", "'", ",", "a", ""])
        sure += same(text[:at] + sign + text[at + dice.randrange(3) :])
    assert sure


@pytest.mark.parametrize(
    "text",
    ["", "# nothing", "a", "a: b\na: c", "a: b\n c", "a:\n", "a:\n  - b", "a: 'b'", "a: >-\n\n  b", "a: >-\nb: c",
     f"a: {'b' * LONGEST}"],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_the_full_reader(text: str) -> None:
    assert read_plain(text) is None
    assert read_data(text) == read_yaml(text)


def test_reading_data_takes_the_plain_way_where_it_is_sure() -> None:
    found = read_data("a: b\nc: [d]", first_line=2)
    assert found == read_plain("a: b\nc: [d]", first_line=2)
    assert not isinstance(found, Fault)
