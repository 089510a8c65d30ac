"""YAML into nodes: PyYAML's two readers, the one in C and the one in Python, say the same here."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from fleet_runtime.parsing.nodes import Fault, Mapping, Scalar, Sequence
from fleet_runtime.parsing.yamldata import read_yaml

ROOT = Path(__file__).parents[2]
TEXTS = [
    *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "profiles").glob("*.yaml"))),
    "", "a: b\nc: [d, {e: f}]\n", "- a\n", "word", "a: [b\n", "a: &x [1]\nb: *x\n", "a: " + "[" * 100, "[[a]]: b\n",
    "? {[b]: c}\n: d\n", "a: 1\na: 2\n", "a: b\n---\nc: d\n", "a: >-\n  b\n  c\n", "a: !!python/object:x y\n",
    "a: \x00", "a: @b\n",
    "a: 'b\n", "%YAML 9.9\n---\na: b\n", 'a: "\\UFFFFFFFF"\n', "--- {a: b}\n...\n",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_both_readers_say_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = read_yaml(text)
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    plain = read_yaml(text)
    if isinstance(plain, Fault):
        assert isinstance(usual, Fault)
        assert abs(usual.line - plain.line) <= 1
    else:
        assert usual == plain


def test_nodes_know_their_lines() -> None:
    assert read_yaml("a: b\nc:\n  - d\n  - {e: f}\n", first_line=5) == Mapping(
        (
            (Scalar("a", 5), Scalar("b", 5)),
            (
                Scalar("c", 6),
                Sequence((Scalar("d", 7), Mapping(((Scalar("e", 8), Scalar("f", 8)),), 8)), 7),
            ),
        ),
        5,
    )


@pytest.mark.parametrize("unit", ["[", "- ", "a:\n", "? ", "{", "'", "&a ", "!!x ", "a: |\n x\n", "- [", "\n", "#\n"])
def test_hostile_yaml_costs_little(unit: str) -> None:
    before = time.process_time()
    read_yaml(unit * (12_000 // len(unit)))
    read_yaml(unit * (5_000_000 // len(unit)))
    assert time.process_time() - before < 1
