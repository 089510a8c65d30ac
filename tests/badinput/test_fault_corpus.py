"""What ``fleet check`` must find, and what it must leave alone: small projects, written without the checker in view.

Each folder under ``tests/data/faults`` holds one fault. Its ``expected.yaml`` says the code, the file and the line
(``or``: other ends of the same fault, where it has several; ``beside``: errors that the same fault may bring along).
Each folder under ``tests/data/odd`` is sound, however odd: no error, no warning, and no hint but those in ``infos``.
Files that no editor would keep as they are (no UTF-8, a control character, far too large) are made here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from outcomes import cli

DATA: Final = Path(__file__).parents[1] / "data"
FAULTS: Final = sorted((DATA / "faults").iterdir())
ODD: Final = sorted((DATA / "odd").iterdir())

SEVERITIES: Final[Mapping[str, str | None]] = {
    "not-text": "error",
    "too-large": "error",
    "bad-frontmatter": "error",
    "unknown-frontmatter-key": "error",
    "no-class-marker": "warning",
    "two-class-markers": "error",
    "bad-class-name": "error",
    "bad-persistence-value": "error",
    "unknown-domain": "warning",
    "missing-title": "warning",
    "missing-section": "error",
    "missing-persona": "warning",
    "duplicate-section": "error",
    "empty-section": "error",
    "unknown-section": "warning",
    "boundary-without-refusal": "warning",
    "boundary-without-owner": "info",
    "bad-memory-key": "error",
    "ignored-text": "info",
    "self-hand-off": "error",
    "bad-profile": "error",
    "unknown-profile-key": "error",
    "missing-profile-key": "error",
    "lead-outside-roster": "error",
    "floor-outside-roster": "error",
    "reports-to-outside-roster": "error",
    "reports-to-cycle": "error",
    "duplicate-seat": "error",
    "bad-multiplicity": "error",
    "duplicate-class": "error",
    "profile-id-mismatch": "error",
    "unknown-seat": "error",
    "dangling-owner": "error",
    "owner-not-staffed": "warning",
    "refused-by-everyone": "error",
    "hand-off-cycle": "error",
    "unreachable-class": None,  # how bad it is depends on the organisation
    "overlapping-mandates": "warning",
    "boundary-contradicts-mandate": "error",
    "few-examples": "info",
    "duplicate-example": "warning",
    "prompt-over-budget": "warning",
    "unused-allow": "warning",
    "allow-without-reason": "error",
    "unknown-allow-code": "error",
}
"""Every code that needs no sentence vectors, with its severity."""

MADE_HERE: Final = {"too-large"}
PAIR: Final = next(folder for folder in ODD if "subagents" in folder.name) / "roles"
SOUND: Final = (PAIR / "ticket-clerk.md").read_bytes()

Place = tuple[str, int]


def expectation(folder: Path) -> dict[str, Any]:
    """Read what a folder of the corpus says about itself."""
    read: dict[str, Any] = yaml.safe_load((folder / "expected.yaml").read_text(encoding="utf-8"))
    return read


def place(finding: Mapping[str, Any], folder: Path) -> Place:
    """Return the file, relative to the project's folder, and the line of a finding."""
    here = Path.cwd() / finding["file"]
    whole = here if here.is_relative_to(folder) else folder / finding["file"]
    relative = whole.relative_to(folder) if whole.is_relative_to(folder) else whole
    return relative.as_posix(), finding["line"]


def check(folder: Path, arguments: Sequence[str]) -> tuple[int, list[dict[str, Any]]]:
    """Run the command and return its exit code and the findings in the project's own files."""
    status, out, err = cli("check", str(folder), "--format", "json", *arguments)
    assert status in (0, 1), err
    findings: list[dict[str, Any]] = json.loads(out)["findings"]
    for finding in findings:
        assert set(finding) >= {"file", "line", "severity", "code", "message", "hint"}
        assert finding["message"]
        assert finding["hint"]
    own = [finding for finding in findings if (folder / place(finding, folder)[0]).is_relative_to(folder)]
    return status, own


def assert_found(folder: Path, arguments: Sequence[str], code: str, places: set[Place], beside: Sequence[str]) -> None:
    """The fault is found at its place, as bad as its code says, and nothing else is called an error."""
    status, findings = check(folder, arguments)
    found = [finding for finding in findings if finding["code"] == code and place(finding, folder) in places]
    assert found, [f"{finding['file']}:{finding['line']}: {finding['code']}" for finding in findings]
    severity = found[0]["severity"]
    assert severity == (SEVERITIES[code] or severity)
    assert status == (1 if severity == "error" else 0)
    others = [
        finding
        for finding in findings
        if finding["severity"] == "error" and finding not in found and finding["code"] not in beside
    ]
    assert others == []


BEYOND_WORDS: Final = ("074", "080", "084")
"""Faults said on both sides in such different words that the quick check misses them; it says so here if it learns."""


def seeded(folder: Path) -> Any:
    """Give a fault as a case; one that is beyond words must be missed, or this list is out of date."""
    marks = [pytest.mark.xfail(strict=True, reason="said in other words")] if folder.name[:3] in BEYOND_WORDS else []
    return pytest.param(folder, id=folder.name, marks=marks)


@pytest.mark.parametrize("folder", [seeded(folder) for folder in FAULTS])
def test_each_seeded_fault_is_found_at_its_line(folder: Path) -> None:
    expected = expectation(folder)
    places = {(end["file"], end["line"]) for end in (expected, *expected.get("or", ()))}
    assert_found(folder, expected["args"], expected["code"], places, expected.get("beside", ()))


@pytest.mark.parametrize("folder", ODD, ids=lambda folder: folder.name)
def test_what_is_odd_but_sound_is_left_alone(folder: Path) -> None:
    expected = expectation(folder)
    status, findings = check(folder, expected["args"])
    blamed = [finding for finding in findings if finding["severity"] != "info"]
    assert blamed == []
    assert {finding["code"] for finding in findings} <= set(expected["infos"])
    assert status == 0


def test_the_corpus_covers_every_code_and_every_folder_is_what_it_says() -> None:
    codes = [expectation(folder)["code"] for folder in FAULTS]
    assert set(codes) | MADE_HERE == set(SEVERITIES)
    assert len(FAULTS) >= 48
    assert len(ODD) >= 18
    for folder, code in zip(FAULTS, codes, strict=True):
        assert folder.name.split("-", 1)[1].startswith(code)
        file, line = expectation(folder)["file"], expectation(folder)["line"]
        assert 1 <= line <= (folder / file).read_bytes().count(b"\n") + 1


def test_what_editors_like_to_mend_is_still_in_the_odd_files() -> None:
    for name, sign in (("crlf", b"\r\n"), ("byte-order-mark", b"\xef\xbb\xbf")):
        (folder,) = (folder for folder in ODD if folder.name.endswith(name))
        files = [*folder.rglob("roles/*.md"), *folder.rglob("profiles/*.yaml")]
        assert len(files) == 3
        assert all(sign in file.read_bytes() for file in files)


def project(folder: Path, role: bytes, profile: bytes | None = None) -> Path:
    """Write a project of two roles, one of them as given."""
    (folder / "roles").mkdir()
    (folder / "roles" / "ticket-clerk.md").write_bytes(role)
    (folder / "roles" / "museum-guide.md").write_bytes((PAIR / "museum-guide.md").read_bytes())
    if profile is not None:
        (folder / "profiles").mkdir()
        (folder / "profiles" / "desk.yaml").write_bytes(profile)
    return folder


LINES: Final = SOUND.count(b"\n")
CLERK: Final = "roles/ticket-clerk.md"


@pytest.mark.parametrize(
    ("role", "code", "line"),
    [
        pytest.param(SOUND + b"- caf\xe9 open?\n", "not-text", LINES + 1, id="latin-1"),
        pytest.param(SOUND + b"- a \x00 in it\n", "not-text", LINES + 1, id="nul"),
        pytest.param(SOUND + b"- \x1b[31mred\x1b[0m\n", "not-text", LINES + 1, id="terminal colours"),
        pytest.param(SOUND.decode().encode("utf-16"), "not-text", 1, id="utf-16"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "not-text", 1, id="a picture"),
        pytest.param(SOUND + b"".join(b"- ticket %d, please\n" % n for n in range(3000)), "too-large", 1, id="much"),
        pytest.param(SOUND + b"\n" * 2500, "too-large", 1, id="many lines"),
        pytest.param(SOUND + b"x" * 5_000_000, "too-large", 1, id="5 MB"),
        pytest.param(SOUND + b"x" * 9_000_000, "too-large", 1, id="9 MB"),
    ],
)
def test_files_that_are_no_contract_are_found_before_anything_reads_them(
    tmp_path: Path, role: bytes, code: str, line: int
) -> None:
    # The clerk cannot be read, so who hands work to the clerk may be told that nobody is there.
    beside = ("dangling-owner",)
    assert_found(project(tmp_path, role), ("--alone",), code, {(CLERK, line)}, beside)


@pytest.mark.parametrize(
    "profile",
    [b"id: desk\ntitle: caf\xe9\n", b"id: desk\ntitle: \x00\n", b"a: " + b"[" * 5000, b"x" * 5_000_000],
    ids=["latin-1", "nul", "deep", "5 MB"],
)
def test_profiles_that_are_no_text_or_no_profile_are_found(tmp_path: Path, profile: bytes) -> None:
    status, findings = check(project(tmp_path, SOUND, profile), ("--alone",))
    errors = [finding for finding in findings if finding["severity"] == "error"]
    assert {place(finding, tmp_path)[0] for finding in errors} == {"profiles/desk.yaml"}
    assert {finding["code"] for finding in errors} <= {"not-text", "too-large", "bad-profile"}
    assert status == 1
