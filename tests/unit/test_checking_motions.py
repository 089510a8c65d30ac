"""What `fleet check` says of motions: in the contract's section, and in the YAML beside it."""

from __future__ import annotations

from pathlib import Path

from organisations import contract

from fleet_runtime.check_sources import sources_of
from fleet_runtime.checking import Report, check, organise, severity_of

MEMORY = "## Memory\n\n- `go_live` (date) — It went live on {value}.\n\n"


def checked(folder: Path, motions: str, beside: str | None = None) -> Report:
    """Check a role with these motions."""
    text = contract("a-desk", extra=f"{MEMORY}## Motions\n\n{motions}")
    (folder / "a-desk.md").write_text(text, encoding="utf-8")
    if beside is not None:
        (folder / "a-desk.motions.yaml").write_text(beside, encoding="utf-8")
    return check(organise(sources_of(folder, alone=True)))


def found(report: Report) -> list[tuple[str, str, int]]:
    """Return the findings about motions: code, file and line."""
    return [(one.code, Path(one.file).name, one.line) for one in report.findings if "motion" in one.code]


def line_of(folder: Path, words: str) -> int:
    """Return the line on which words stand."""
    lines = (folder / "a-desk.md").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


def test_sound_motions_are_left_alone(tmp_path: Path) -> None:
    motions = "- `a` (30 days after `go_live`) — review\n- `b` (90 days before `renewal_date`) — hand off to sales\n"
    assert found(checked(tmp_path, motions)) == []


def test_what_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    report = checked(tmp_path, "- `a` (every day) — review\n- `b` (every blue moon) — review\n")
    assert found(report) == [("bad-motion", "a-desk.md", line_of(tmp_path, "blue moon"))]


def test_a_date_that_nobody_keeps_and_an_addressee_that_is_nobody(tmp_path: Path) -> None:
    report = checked(
        tmp_path, "- `a` (30 days after `go_lvie`) — review; to Dana\n- `b` (every day) — hand off to b-desc\n"
    )
    assert found(report) == [
        ("motion-of-unknown-fact", "a-desk.md", line_of(tmp_path, "go_lvie")),
        ("motion-to-nobody", "a-desk.md", line_of(tmp_path, "b-desc")),
    ]
    assert [severity_of(code) for code, _, _ in found(report)] == ["warning", "warning"]


def test_yaml_beside_the_contract_is_checked_instead(tmp_path: Path) -> None:
    yaml = "- {name: a, every: day, do: review}\n- name: b\n  every: never\n  do: review\n"
    assert found(checked(tmp_path, "- nonsense", yaml)) == [("bad-motion", "a-desk.motions.yaml", 2)]


def test_yaml_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "a-desk.md").write_text(contract("a-desk"), encoding="utf-8")
    (tmp_path / "a-desk.motions.yaml").write_bytes(b"\xff\xfe")
    report = check(organise(sources_of(tmp_path, alone=True)))
    assert [(one.code, Path(one.file).name) for one in report.findings if one.severity == "error"] == [
        ("not-text", "a-desk.motions.yaml")
    ]


def test_it_is_no_profile(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text(
        "id: house\ntitle: A\nlead: a-desk\nroster: [{class: a-desk}]\n", encoding="utf-8"
    )
    report = checked(tmp_path, "- `a` (every day) — review", "- {name: a, every: day, do: review}\n")
    assert report.profiles == 1
    assert not [one for one in report.findings if "profile" in one.code]
