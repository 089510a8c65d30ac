"""Role and profile files that were damaged or written in bad faith: findings or typed errors, quickly, nothing else.

Every shipped role and profile is mutated by each of the ways below, with seeds that give the same files each time.
A sample runs with the ordinary tests; ``MUTATED_FILES=10000 pytest tests/property/test_mutated_files.py`` runs as
many as it says. Time is the processor's, so that a busy machine does not fail the test.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from random import Random
from typing import Final

import pytest
from mutations import FILES, MUTATIONS, repeated
from outcomes import cli

from fleet_runtime.contracts import Profile, Role
from fleet_runtime.documents import read_text
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing import Complaint, read_allowances, read_profile, read_role

COUNT: Final = int(os.environ.get("MUTATED_FILES", "400"))
MOST_SECONDS: Final = 1.0


def judged(path: Path, kind: str) -> str:
    """Read a file as the program does, and tell what came of it; any other exception is a defect and comes through."""
    try:
        text = read_text(path)
    except ContractError:
        return "refused"
    read_allowances(text)
    read = read_role(text, source=path.name) if kind == ".md" else read_profile(text, source=path.name)
    value: Role | Profile | None = read.role if kind == ".md" else read.profile  # type: ignore[union-attr]  # by kind
    errors = [complaint for complaint in read.complaints if complaint.severity == "error"]
    assert (value is None) == bool(errors)
    for complaint in read.complaints:
        _assert_is_a_finding(complaint, text)
    return errors[0].code if errors else "sound"


def _assert_is_a_finding(complaint: Complaint, text: str) -> None:
    """A finding stands on a line of the file, and is short enough to be read."""
    assert 1 <= complaint.line <= len(text.splitlines()) + text.count("\r") + 1
    assert complaint.hint
    assert len(str(complaint)) < 1000


@pytest.mark.parametrize("way", MUTATIONS)
def test_a_mutated_file_gives_findings_or_a_typed_error_within_a_second(way: str, tmp_path: Path) -> None:
    worst = 0.0
    for seed in range(-(-COUNT // len(MUTATIONS))):
        rng = Random(f"{way} {seed}")  # noqa: S311 - the same files each time, no secrets
        source = FILES[seed % len(FILES)] if seed < len(FILES) else rng.choice(FILES)
        path = tmp_path / f"mutated{source.suffix}"
        path.write_bytes(MUTATIONS[way](source.read_bytes(), rng))
        begun = time.process_time()
        outcome = judged(path, source.suffix)
        spent = time.process_time() - begun
        assert spent < MOST_SECONDS, (way, seed, source.name, outcome, spent)
        worst = max(worst, spent)
    print(f"{way}: at most {worst * 1000:.0f} ms")  # noqa: T201 - shown with -s, for whoever measures


@pytest.mark.parametrize(
    ("opening", "unit"),
    [
        ("# A\n\n## Examples\n\n- ", "\r"),
        ("", "\r"),
        ("# A\n\n## Boundaries\n\n- **Does NOT x** — ", "a: "),
        ("# A\n\n## Boundaries\n\n- **Does NOT x** — ", "a, "),
        ("# A\n\n## Boundaries\n\n- **Does NOT x** — ", "(a;"),
        ("# A\n\n## Boundaries\n\n- **Does NOT x** — ", "(a) "),
        ("A\n\nMandate\n\n1. x\n\nBoundaries\n\n\u2022 ", "a: "),
    ],
)
def test_files_that_once_took_seconds(opening: str, unit: str, tmp_path: Path) -> None:
    path = tmp_path / "a.md"  # so that the class is a
    path.write_bytes(repeated(opening, unit))
    begun = time.process_time()
    judged(path, ".md")
    assert time.process_time() - begun < MOST_SECONDS


def test_the_ways_damage_most_files_and_leave_some_sound(tmp_path: Path) -> None:
    """A mutation that changes nothing, or a reader that refuses everything, would make the test above worthless."""
    outcomes: list[str] = []
    for way in MUTATIONS:
        for source in (FILES[0], FILES[-1]):
            path = tmp_path / f"mutated{source.suffix}"
            path.write_bytes(MUTATIONS[way](source.read_bytes(), Random(f"{way} once")))  # noqa: S311 - see above
            outcomes.append(judged(path, source.suffix))
    assert outcomes.count("sound") < len(outcomes) / 2
    assert len(set(outcomes)) >= 8


@pytest.mark.parametrize("seed", range(3))
def test_a_project_of_nothing_but_mutated_files_is_checked_to_its_end(seed: int, tmp_path: Path) -> None:
    for folder in ("roles", "profiles"):
        (tmp_path / folder).mkdir()
    for at, way in enumerate(MUTATIONS):
        source = FILES[(at + seed) % len(FILES)] if at % 3 else FILES[-1 - at % len(FILES)]
        folder = "profiles" if source.suffix == ".yaml" else "roles"
        data = MUTATIONS[way](source.read_bytes(), Random(f"{way} {seed}"))  # noqa: S311 - the same files each time
        (tmp_path / folder / f"{way.replace('_', '-')}{source.suffix}").write_bytes(data)
    status, out, err = cli("check", str(tmp_path), "--alone", "--format", "json")
    assert status == 1, err
    assert len({finding["code"] for finding in json.loads(out)["findings"]}) >= 8
