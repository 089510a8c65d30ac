"""Profiles: what they say, and file:line for all that does not hold together."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet_runtime.errors import ContractError
from fleet_runtime.parsing import parse_profile, read_profile

ROOT = Path(__file__).parents[2]
SOUND = "id: small\ntitle: Small\nlead: a-lead\nroster:\n  - class: a-lead\n  - class: b-mate\n    reports_to: a-lead\n"


@pytest.mark.parametrize("path", sorted((ROOT / "profiles").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_profiles_are_sound(path: Path) -> None:
    read = read_profile(path.read_text(encoding="utf-8"), source=path.name)
    assert read.complaints == ()
    assert read.profile is not None
    assert read.profile.id == path.stem
    assert read.profile.source == path.name
    assert [seat.role_class for seat in read.profile.roster if seat.reports_to is None] == [read.profile.lead]


def test_the_customer_desk() -> None:
    profile = parse_profile((ROOT / "profiles" / "customer.yaml").read_text(encoding="utf-8"), source="customer.yaml")
    assert profile.lead == "orchestrator"
    assert {"orchestrator", "customer-success-manager"} <= set(profile.floor)
    assert {"customer-success-manager", "support-agent", "account-executive"} <= set(profile.classes())


def test_optional_keys() -> None:
    text = SOUND + "    multiplicity: 3\nfloor: [b-mate]\nnotes: |\n  two\n  lines\ndescription: ~\n"
    profile = parse_profile(text, source="x.yaml")
    assert profile.roster[1].multiplicity == 3
    assert (profile.floor, profile.notes, profile.description) == (("b-mate",), "two lines", "")


def codes(text: str) -> list[tuple[int, str]]:
    """Return line and code of every complaint."""
    read = read_profile(text, source="x.yaml")
    assert (read.profile is None) == bool(read.complaints)
    assert all(complaint.hint and complaint.severity == "error" for complaint in read.complaints)
    return [(complaint.line, complaint.code) for complaint in read.complaints]


@pytest.mark.parametrize(
    ("text", "place", "code", "word"),
    [
        (SOUND + "colour: red\n", "x.yaml:8", "unknown-profile-key", "unknown key 'colour'"),
        (SOUND + "    colour: red\n", "x.yaml:8", "unknown-profile-key", "unknown key 'colour'"),
        (SOUND.replace("lead: a-lead", "lead: ghost"), "x.yaml:3", "lead-outside-roster", "lead 'ghost'"),
        (SOUND + "floor: [ghost]\n", "x.yaml:8", "floor-outside-roster", "floor 'ghost'"),
        (
            SOUND.replace("reports_to: a-lead", "reports_to: ghost"),
            "x.yaml:7",
            "reports-to-outside-roster",
            "reports_to 'ghost'",
        ),
        (SOUND.replace("reports_to: a-lead", "reports_to: b-mate"), "x.yaml:7", "reports-to-cycle", "circle"),
        (SOUND.replace("title: Small\n", ""), "x.yaml:1", "missing-profile-key", "'title' is missing"),
        (SOUND.replace("id: small", "id: ../small"), "x.yaml:1", "bad-profile", "is no name"),
        (SOUND.replace("title: Small", "title: [Small]"), "x.yaml:2", "bad-profile", "single value"),
        (SOUND + "    multiplicity: none\n", "x.yaml:8", "bad-multiplicity", "no count"),
        (SOUND + "    multiplicity: 100000\n", "x.yaml:8", "bad-multiplicity", "no count"),
        (SOUND + "    multiplicity: 0\n", "x.yaml:8", "bad-multiplicity", "no count"),
        (SOUND + "  - class: a-lead\n", "x.yaml:8", "duplicate-seat", "seated twice"),
        (SOUND + "  - reports_to: a-lead\n", "x.yaml:8", "missing-profile-key", "without a class"),
        (SOUND.replace("lead: a-lead", "lead: [a-lead]"), "x.yaml:3", "bad-profile", "single value"),
        (SOUND + "  - word\n", "x.yaml:8", "bad-profile", "keys with values"),
        ("id: x\ntitle: x\nlead: a\nroster: a\n", "x.yaml:4", "bad-profile", "a list"),
        ("id: x\ntitle: x\nlead: a\nroster: []\n", "x.yaml:4", "bad-profile", "empty"),
        ("", "x.yaml:1", "missing-profile-key", "'id' is missing"),
        ("- a\n", "x.yaml:1", "bad-profile", "keys with values"),
        ("a: [b\n", "x.yaml:2", "bad-profile", "not YAML"),
        ("a: \x00", "x.yaml:1", "bad-profile", "not YAML"),
        ("a: &x [1]\nb: *x\n", "x.yaml:2", "bad-profile", "aliases"),
        ("a: " + "[" * 100, "x.yaml:1", "bad-profile", "nested deeper"),
        ("[[a]]: b\n", "x.yaml:1", "bad-profile", "a key must be"),
        ("a: {[b]: c}\n", "x.yaml:1", "bad-profile", "a key must be"),
        ("a: [{[b]: c}]\n", "x.yaml:1", "bad-profile", "a key must be"),
        ("? {[b]: c}\n: d\n", "x.yaml:1", "bad-profile", "a key must be"),
        (SOUND + "#" * 13_000, "x.yaml:1", "bad-profile", "longer than"),
    ],
)
def test_what_does_not_hold_together_is_refused_with_its_place(text: str, place: str, code: str, word: str) -> None:
    with pytest.raises(ContractError) as caught:
        parse_profile(text, source="x.yaml")
    assert caught.value.where == place
    assert word in caught.value.message
    assert f"{place}: {code}: " in caught.value.message
    assert (int(place.rpartition(":")[2]), code) in codes(text)
    assert caught.value.hint


def test_a_circle_of_reports_is_refused() -> None:
    text = (ROOT / "tests" / "data" / "profiles" / "circle.yaml").read_text(encoding="utf-8")
    with pytest.raises(
        ContractError, match=r"circle\.yaml:6: reports-to-cycle: 'a-lead' reports to itself in a circle"
    ):
        parse_profile(text, source="circle.yaml")


def test_all_that_is_wrong_is_said_at_once() -> None:
    text = (
        "id: Not A Name\nlead: ghost\nfloor: [phantom, a-lead]\ncolour: red\ndescription: [x]\nroster:\n"
        "  - class: a-lead\n    multiplicity: many\n    persistent_persona: false\n"
        "  - class: b-mate\n    reports_to: spectre\n  - class: b-mate\n  - plain\n"
    )
    assert codes(text) == [
        (1, "missing-profile-key"),
        (1, "bad-profile"),
        (2, "lead-outside-roster"),
        (3, "floor-outside-roster"),
        (4, "unknown-profile-key"),
        (5, "bad-profile"),
        (8, "bad-multiplicity"),
        (9, "unknown-profile-key"),
        (11, "reports-to-outside-roster"),
        (12, "duplicate-seat"),
        (13, "bad-profile"),
    ]


@pytest.mark.parametrize("key", ["persistent_persona: false", "reset_between_tasks: true", "persistence: none"])
def test_a_profile_says_nothing_of_persistence(key: str) -> None:
    for text in (SOUND + f"    {key}\n", SOUND + f"{key}\n"):
        (complaint,) = read_profile(text, source="x.yaml").complaints
        assert (complaint.line, complaint.code) == (8, "unknown-profile-key")
        assert "always wins" in complaint.hint


def test_two_circles_are_two_complaints_and_a_line_into_a_circle_is_none() -> None:
    seats = {"a": "b", "b": "a", "c": "a", "d": "d", "e": None}
    roster = "".join(
        f"  - class: {name}\n" + (f"    reports_to: {above}\n" if above else "") for name, above in seats.items()
    )
    assert codes(f"id: x\ntitle: X\nlead: e\nroster:\n{roster}") == [
        (6, "reports-to-cycle"),
        (12, "reports-to-cycle"),
    ]
