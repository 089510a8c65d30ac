"""Which files a path names, and the command over them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from organisations import contract, profile
from typer.testing import CliRunner

from fleet_runtime import check_sources, documents
from fleet_runtime.checking import Source, organise
from fleet_runtime.cli.app import build
from fleet_runtime.errors import ContractError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(path: str, text: str) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def own(sources: list[Source]) -> list[tuple[str, int]]:
    """Return the checked files with their layers."""
    return sorted((source.file, source.layer) for source in sources if source.checked)


def test_a_project() -> None:
    put("p/roles/sales/a.md", contract("a-desk"))
    put("p/roles/LIBRARY.md", "# The library")
    put("p/roles/README.md", "# Roles")
    put("p/roles.local/a.md", contract("a-desk"))
    put("p/profiles/day.yaml", profile("day", ["a-desk"]))
    put("p/notes.md", "no role")
    sources = check_sources.sources_of(Path("p"))
    assert own(sources) == [("p/profiles/day.yaml", 1), ("p/roles.local/a.md", 2), ("p/roles/sales/a.md", 1)]
    assert [source.domain_hint for source in sources if source.file.endswith("sales/a.md")] == ["sales"]
    assert any(source.layer == 0 and not source.checked for source in sources)
    assert own(check_sources.sources_of(Path("p"), alone=True)) == own(sources)
    assert all(source.checked for source in check_sources.sources_of(Path("p"), alone=True))


@pytest.mark.parametrize("where", ["r/day.yml", "r/profiles/day.yaml", "profiles/day.yaml"])
def test_a_folder_of_roles_with_its_profiles(where: str) -> None:
    put("r/a.md", contract("a-desk"))
    put("r.local/b.md", contract("b-desk"))
    put(where, profile("day", ["a-desk"]))
    assert own(check_sources.sources_of(Path("r"))) == sorted([("r/a.md", 1), ("r.local/b.md", 2), (where, 1)])


def test_a_file_has_its_folder_as_context() -> None:
    put("p/roles/a.md", contract("a-desk"))
    put("p/roles/sales/b.md", contract("b-desk"))
    put("p/profiles/day.yaml", profile("day", ["a-desk"]))
    sources = check_sources.sources_of(Path("p/roles/sales/b.md"), alone=True)
    assert own(sources) == [("p/roles/sales/b.md", 1)]
    assert {source.file for source in sources} == {"p/roles/a.md", "p/roles/sales/b.md", "p/profiles/day.yaml"}
    sources = check_sources.sources_of(Path("p/profiles/day.yaml"), alone=True)
    assert own(sources) == [("p/profiles/day.yaml", 1)]
    assert {source.file for source in sources} >= {"p/roles/a.md", "p/roles/sales/b.md"}


def test_the_shipped_library_is_not_doubled() -> None:
    sources = check_sources.sources_of(documents.shipped("roles"))
    roles = [source.file for source in sources if source.kind == "role"]
    assert len(roles) == len(set(roles))
    assert all(source.checked for source in sources if source.kind == "role")


def test_a_glance_tells_what_reading_tells() -> None:
    shipped = documents.shipped("roles")
    whole = organise(check_sources.sources_of(shipped))
    glanced = organise([Source(one.source.file, one.source.text, layer=0, checked=False) for one in whole.role_files])
    assert {name: file.domain for name, file in glanced.roles.items()} == {
        role.role_class: role.domain for _, role in whole.in_force()
    }


def test_layers_in_force() -> None:
    shipped = check_sources.sources_in_force(Path("roles"), Path("profiles"))
    assert all(source.checked and source.layer == 0 for source in shipped)
    put("roles/a.md", contract("a-desk"))
    put("profiles/day.yaml", profile("day", ["a-desk"]))
    sources = check_sources.sources_in_force(Path("roles"), Path("profiles"))
    assert own(sources) == [("profiles/day.yaml", 1), ("roles/a.md", 1)]


@pytest.mark.parametrize("path", ["nowhere", "empty", "empty/notes.txt"])
def test_what_holds_no_role(path: str) -> None:
    put("empty/notes.txt", "no role")
    with pytest.raises(ContractError, match=path):
        check_sources.sources_of(Path(path))


def test_what_cannot_be_read_is_a_complaint() -> None:
    put("r/a.md", contract("a-desk"))
    Path("r/b.md").write_bytes(b"# B\n\xff\n")
    with Path("r/c.md").open("wb") as stream:
        stream.truncate(9_000_000)
    Path("r/d.yaml").write_bytes(b"id: \xff")
    if os.geteuid() != 0:
        put("r/e.md", "x").chmod(0)
    complaints = {
        source.file: source.unreadable.code
        for source in check_sources.sources_of(Path("r"), alone=True)
        if source.unreadable is not None and not source.file.endswith("e.md")
    }
    assert complaints == {"r/b.md": "not-text", "r/c.md": "too-large", "r/d.yaml": "not-text"}


def test_a_name_that_is_no_text_can_be_printed() -> None:
    put("r/a.md", contract("a-desk"))
    Path(os.fsdecode(b"r/\xff.md")).write_text(contract("b-desk"), encoding="utf-8")
    assert ("r/\ufffd.md", 1) in own(check_sources.sources_of(Path("r")))


def command(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(build(), ["check", *arguments], env={"FLEET_EMBEDDINGS": "none"})
    return result.exit_code, result.output


def test_the_command_ends_with_1_if_an_error_stands() -> None:
    put("roles/a.md", contract("a-desk"))
    code, output = command("roles")
    assert (code, output.splitlines()[-1]) == (0, "1 role, 0 profiles: 0 errors, 0 warnings, 1 note")
    put("roles/b.md", contract("b-desk", boundaries=["- **Does NOT mend** — the **x-desk** does."]))
    code, output = command("roles", "--json")
    found: Any = json.loads(output)
    assert code == 1
    assert {one["code"] for one in found["findings"] if one["severity"] == "error"} == {"dangling-owner"}
    assert json.loads(command("roles", "--format", "json")[1]) == found
    assert json.loads(command("roles", "--format", "sarif")[1])["version"] == "2.1.0"
    assert "::error file=roles/b.md,line=11,title=dangling-owner::" in command("roles", "--format", "github")[1]


def test_a_shipped_owner_is_none_that_dangles_unless_alone() -> None:
    put("roles/a.md", contract("a-desk", boundaries=["- **Does NOT mend** — the **support-agent** does."]))
    assert command("roles")[0] == 0
    assert command("roles", "--alone")[0] == 1


def test_an_unknown_profile_format_or_path_is_told() -> None:
    put("roles/a.md", contract("a-desk"))
    assert "unknown-profile" in command("--profile", "nix")[1]
    assert "no format" in command("--format", "html")[1]
    assert "no such file" in command("nowhere")[1]


def test_a_deep_check_needs_embeddings() -> None:
    put("roles/a.md", contract("a-desk"))
    code, output = command("roles", "--deep")
    assert code == 1
    assert "--deep needs embeddings" in output


def test_the_prompt_budget_is_a_setting() -> None:
    put("roles/a.md", contract("a-desk"))
    put("fleet.toml", "prompt_budget = 100")
    assert "prompt-over-budget" in command("roles")[1]
