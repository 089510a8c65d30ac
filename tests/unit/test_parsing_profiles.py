"""Profiles: what they say, and file:line for all that does not hold together."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet_runtime.errors import ContractError
from fleet_runtime.parsing import parse_profile

ROOT = Path(__file__).parents[2]
SOUND = "id: small\ntitle: Small\nlead: a-lead\nroster:\n  - class: a-lead\n  - class: b-mate\n    reports_to: a-lead\n"


def test_the_shipped_profile() -> None:
    path = ROOT / "profiles" / "customer.yaml"
    profile = parse_profile(path.read_text(encoding="utf-8"), source="customer.yaml")
    assert (profile.id, profile.lead) == ("customer", "orchestrator")
    assert profile.floor == ("orchestrator", "customer-success-manager")
    assert sorted(profile.classes()) == sorted(path.stem for path in (ROOT / "roles").glob("*.md"))
    assert [seat.role_class for seat in profile.roster if seat.reports_to is None] == ["orchestrator"]
    assert profile.source == "customer.yaml"


def test_optional_keys() -> None:
    text = SOUND + "    multiplicity: 3\nfloor: [b-mate]\nnotes: |\n  two\n  lines\ndescription: ~\n"
    profile = parse_profile(text, source="x.yaml")
    assert profile.roster[1].multiplicity == 3
    assert (profile.floor, profile.notes, profile.description) == (("b-mate",), "two lines", "")


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        (SOUND + "colour: red\n", "x.yaml:8", "unknown key 'colour'"),
        (SOUND + "    colour: red\n", "x.yaml:8", "unknown key 'colour'"),
        (SOUND.replace("lead: a-lead", "lead: ghost"), "x.yaml:3", "lead 'ghost'"),
        (SOUND + "floor: [ghost]\n", "x.yaml:8", "floor 'ghost'"),
        (SOUND.replace("reports_to: a-lead", "reports_to: ghost"), "x.yaml:7", "reports_to 'ghost'"),
        (SOUND.replace("reports_to: a-lead", "reports_to: b-mate"), "x.yaml:7", "circle"),
        (SOUND.replace("title: Small\n", ""), "x.yaml:1", "'title' is missing"),
        (SOUND.replace("id: small", "id: ../small"), "x.yaml:1", "is no name"),
        (SOUND.replace("title: Small", "title: [Small]"), "x.yaml:2", "single value"),
        (SOUND + "    multiplicity: none\n", "x.yaml:8", "no count"),
        (SOUND + "    multiplicity: 100000\n", "x.yaml:8", "no count"),
        (SOUND + "    multiplicity: 0\n", "x.yaml:8", "no count"),
        (SOUND + "  - class: a-lead\n", "x.yaml:8", "seated twice"),
        (SOUND + "  - reports_to: a-lead\n", "x.yaml:8", "without a class"),
        (SOUND + "  - word\n", "x.yaml:8", "keys with values"),
        ("id: x\ntitle: x\nlead: a\nroster: a\n", "x.yaml:4", "a list"),
        ("id: x\ntitle: x\nlead: a\nroster: []\n", "x.yaml:4", "empty"),
        ("", "x.yaml:1", "'id' is missing"),
        ("- a\n", "x.yaml:1", "keys with values"),
        ("a: [b\n", "x.yaml:2", "not YAML"),
        ("a: \x00", "x.yaml:1", "not YAML"),
        ("a: &x [1]\nb: *x\n", "x.yaml:2", "aliases"),
        ("a: " + "[" * 100, "x.yaml:1", "nested deeper"),
        ("[[a]]: b\n", "x.yaml:1", "a key must be"),
        ("a: {[b]: c}\n", "x.yaml:1", "a key must be"),
        ("a: [{[b]: c}]\n", "x.yaml:1", "a key must be"),
        ("? {[b]: c}\n: d\n", "x.yaml:1", "a key must be"),
        (SOUND + "#" * 13_000, "x.yaml:1", "longer than"),
    ],
)
def test_what_does_not_hold_together_is_refused_with_its_place(text: str, place: str, word: str) -> None:
    with pytest.raises(ContractError) as caught:
        parse_profile(text, source="x.yaml")
    assert caught.value.where == place
    assert word in caught.value.message
    assert caught.value.hint


def test_a_circle_of_reports_is_refused() -> None:
    text = (ROOT / "tests" / "data" / "profiles" / "circle.yaml").read_text(encoding="utf-8")
    with pytest.raises(ContractError, match=r"circle\.yaml:6: 'a-lead' reports to itself in a circle"):
        parse_profile(text, source="circle.yaml")
