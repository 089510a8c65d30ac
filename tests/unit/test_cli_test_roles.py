"""`fleet test-roles`: what it finds, what it holds roles to, and that a boundary that is deleted does not pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bakery_street import BAKER, LOCKSMITH, VET, contract, write_project
from outcomes import cli, cli_fails

from fleet_runtime import documents

ALLOW = "<!-- check: allow shipped-boundary-gone — our baker was a vet -->"

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a street whose three roles are shipped; the project has none of its own yet."""
    shipped = {"roles": write_project(tmp_path / "library"), "profiles": tmp_path / "shipped-profiles"}
    shipped["profiles"].mkdir()
    seats = "".join(f"  - class: {name}\n" for name in (BAKER, LOCKSMITH, VET))
    (shipped["profiles"] / "street.yaml").write_text(f"id: street\ntitle: S\nlead: street-baker\nroster:\n{seats}")
    root = Path(__file__).parents[2]
    monkeypatch.setattr(documents, "shipped", lambda kind: shipped.get(kind, root / kind))
    monkeypatch.setenv("FLEET_PROFILE", "street")
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def own(text: str) -> Path:
    Path("roles").mkdir(exist_ok=True)
    path = Path("roles") / f"{BAKER}.md"
    path.write_text(text, encoding="utf-8")
    return path


def passes(*arguments: str) -> str:
    status, out, err = cli("test-roles", *arguments)
    assert status == 0, (out, err)
    return out


def fails(*arguments: str) -> str:
    status, out, err = cli("test-roles", *arguments)
    assert (status, err) == (1, ""), (out, err)
    return out


def told(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cli("test-roles", "--json", *arguments)[1])
    return found


def test_sound_roles_pass_with_one_line_each() -> None:
    lines = passes("--words-only").splitlines()
    assert lines[0].split() == ["role", "in-lane", "out-of-lane", "hand-off", "adversarial"]
    assert [line.split()[0] for line in lines[1:4]] == [BAKER, LOCKSMITH, VET]
    assert lines[-1].startswith("3 roles, ")
    assert "by words alone: 0 failures" in lines[-1]


def test_only_the_roles_asked_for_are_tested_and_by_default_the_project_s_own() -> None:
    assert [row["class"] for row in told(LOCKSMITH, VET)["roles"]] == [LOCKSMITH, VET]
    own(contract(BAKER))
    assert [row["class"] for row in told()["roles"]] == [BAKER]
    assert [row["class"] for row in told("--profile", "street")["roles"]] == [BAKER, LOCKSMITH, VET]
    assert [row["class"] for row in told("--roles", "../library")["roles"]] == [VET, LOCKSMITH, BAKER]


def test_a_class_that_is_not_there_or_not_staffed_is_told() -> None:
    assert "keysmith" in cli_fails("unknown-role", "test-roles", "keysmith")
    (Path("../library") / "harbour-pilot.md").write_text(
        contract(VET).replace("class: animal-doctor", "class: harbour-pilot")
    )
    assert "harbour-pilot is not staffed" in cli_fails("unknown-role", "test-roles", "harbour-pilot")


def test_a_deleted_boundary_of_a_shipped_role_fails_without_any_recording() -> None:
    own(contract(BAKER))
    passes()
    own(contract(BAKER, without=VET))
    out = fails()
    assert "shipped library/street-baker.md:18: boundary 'Does NOT treat sick animals' is not in street-baker's" in out
    assert "  hint: put it back" in out
    (broken,) = told()["broken"]
    assert (broken["origin"], broken["role"], broken["gone"]) == ("shipped", BAKER, True)


def test_a_boundary_that_is_left_out_may_be_argued_and_check_knows_the_argument() -> None:
    own(contract(BAKER, without=VET, comment=ALLOW))
    assert "argued: shipped library/street-baker.md:18 boundary 'Does NOT treat sick animals' is left out" in passes()
    assert len(told()["argued"]) == 1
    findings = json.loads(cli("check", "--json")[1])["findings"]
    assert not [finding for finding in findings if "allow" in finding["code"]]
    own(contract(BAKER, without=VET, comment=ALLOW.replace(" — our baker was a vet", "")))
    fails()


def test_a_deleted_boundary_fails_against_the_recording_that_is_found(project: Path) -> None:
    path = own(contract(BAKER).replace("class: street-baker", "class: pastry-cook"))
    _, out, err = cli("test-roles", "--record", "roles.probes.jsonl")
    assert "1 role, " in out
    assert err == "roles.probes.jsonl: the probes are kept\n"
    first = Path("roles.probes.jsonl").read_bytes()
    assert told()["broken"] == []
    path.write_text(contract(BAKER, without=VET).replace("class: street-baker", "class: pastry-cook"), encoding="utf-8")
    assert "recorded boundary 'Does NOT treat sick animals' is gone" in fails()
    assert f"{project.name}/" not in first.decode()
    Path("roles.probes.jsonl").rename("elsewhere.jsonl")
    assert told()["broken"] == []
    assert len(told("--against", "elsewhere.jsonl")["broken"]) == 1
    passes("--record", "elsewhere.jsonl", "--against", "elsewhere.jsonl")  # agreed to anew
    assert told("--against", "elsewhere.jsonl")["broken"] == []


def test_recording_some_roles_leaves_the_others_as_they_were() -> None:
    passes("--record", "r.jsonl")
    whole = Path("r.jsonl").read_text()
    passes(VET, "--record", "r.jsonl")
    assert Path("r.jsonl").read_text() == whole
    Path("r.jsonl").unlink()
    passes(VET, "--record", "r.jsonl")
    assert whole.startswith(Path("r.jsonl").read_text())


def test_recordings_that_cannot_be_read_or_written_are_told() -> None:
    Path("roles.probes.jsonl").write_text("{}\n")
    assert "roles.probes.jsonl:1: " in cli_fails("contract", "test-roles")
    Path("empty.jsonl").write_text("")
    message = cli_fails("contract", "test-roles", "--against", "empty.jsonl", "--record", "no/r")
    assert "cannot be written" in message


def test_a_boundary_with_a_message_of_the_role_s_own_work_fails_and_says_what_to_do() -> None:
    odd = contract(BAKER).replace("Does NOT open doors or change locks", "Does NOT bake rye bread")
    for line in odd.splitlines():
        if line.startswith("  - ") and any(word in line for word in ("door", "key", "lock")):
            odd = odd.replace(line, "  - please bake a loaf of bread from that dough")
    path = own(odd)
    out = fails()
    assert f"roles/{path.name}:11: boundary 'Does NOT bake rye bread' does not hold: " in out
    assert "stays with street-baker" in out
    assert "hint: write more messages of the kind under the boundary" in out
    (failed,) = [one for one in told()["bullets"] if not one["holds"] and one["part"] == "boundary"]
    assert failed["where"] == f"roles/{path.name}:11"


def test_every_mutant_is_reported() -> None:
    out = passes("--mutants")
    assert out.splitlines()[-2].startswith("mutants: 6 of 6 killed (100%)")
    assert told()["mutants"] is None
    assert {mutant["fate"] for mutant in told("--mutants")["mutants"]} == {"killed"}


def test_json_gives_every_probe() -> None:
    found = told(VET)
    assert set(found) == {"words_only", "failures", "roles", "bullets", "probes", "broken", "argued", "mutants"}
    kinds = ("in-lane", "out-of-lane", "hand-off", "adversarial")
    for kind in kinds:
        rows = [row for row in found["probes"] if row["kind"] == kind]
        assert found["roles"][0][kind] == {"holds": sum(row["holds"] for row in rows), "of": len(rows)}
        assert all(row["text"] and row["where"].startswith("library/animal-doctor.md") for row in rows)
