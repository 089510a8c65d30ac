"""``fleet roles import``: files and folders, what is said of each, and that nothing is written over."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet_runtime.cli.app import build
from fleet_runtime.parsing import parse_role

AGENTS = Path(__file__).parents[1] / "data" / "imports" / "agents"


@pytest.fixture(autouse=True)
def agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work on a copy of the sample agents, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(AGENTS, tmp_path / "agents"))


def imported(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(build(), ["roles", "import", *arguments], prog_name="fleet")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_a_folder_is_imported_file_by_file() -> None:
    code, out, err = imported("agents", "--out", "drafts")
    assert code == 0, err
    assert sorted(path.name for path in Path("drafts").iterdir()) == [
        "empty-handed.md",
        "pipeline-keeper.md",
        "renewal-whisperer.md",
    ]
    assert out.count(" written to drafts/") == 3
    assert "agents/notes.md:1: warning[not-a-role]" in err
    assert "agents/empty-handed.md:1: error[missing-section]: no mandate found" in err
    assert "README" not in err + out
    role = parse_role(Path("drafts/pipeline-keeper.md").read_text(encoding="utf-8"), source="x.md")
    assert role.domain == "engineering"


def test_json_tells_of_every_file() -> None:
    code, out, _ = imported("agents", "--out", "drafts", "--json")
    assert code == 0
    files = {Path(one["file"]).name: one for one in json.loads(out)["imported"]}
    assert list(files) == ["empty-handed.md", "pipeline-keeper.md", "notes.md", "renewal-whisperer.md"]
    assert (files["notes.md"]["class"], files["notes.md"]["written"]) == (None, None)
    whisperer = files["renewal-whisperer.md"]
    assert set(whisperer) == {"class", "file", "written", "findings"}
    assert (whisperer["class"], whisperer["written"]) == ("renewal-whisperer", "drafts/renewal-whisperer.md")
    assert set(whisperer["findings"][0]) == {"file", "line", "severity", "code", "message", "hint"}


def test_one_file_is_printed_and_its_folder_may_be_its_domain() -> None:
    code, out, err = imported("agents/sales/renewal-whisperer.md")
    assert code == 0
    assert out.startswith("# Renewal Whisperer — fleet role definition\n")
    assert "`domain: sales`" in out
    assert "warning[missing-persistence]" in err
    told = json.loads(imported("agents/sales/renewal-whisperer.md", "--json")[1])["imported"]
    assert (told[0]["text"], told[0]["written"]) == (out, None)


def test_a_folder_needs_a_folder_to_write_to() -> None:
    for out in ((), ("--out", "one.md")):
        code, _, err = imported("agents", *out)
        assert code == 1
        assert "error[contract]: agents: a folder is written to a folder" in err
        assert "--out DIR" in err
    Path("hollow").mkdir()
    assert "no file here is an agent's" in imported("hollow", "--out", "drafts")[2]


def test_nothing_is_written_over_without_force() -> None:
    assert imported("agents", "--out", "drafts")[0] == 0
    Path("drafts/renewal-whisperer.md").write_text("mine", encoding="utf-8")
    Path("drafts/pipeline-keeper.md").unlink()
    code, _, err = imported("agents", "--out", "drafts")
    assert code == 1
    assert "drafts/renewal-whisperer.md: the file is there already" in err
    assert "2 of 4 files were not imported" in err
    assert Path("drafts/renewal-whisperer.md").read_text(encoding="utf-8") == "mine"
    assert Path("drafts/pipeline-keeper.md").is_file()
    assert imported("agents", "--out", "drafts", "--force")[0] == 0
    assert Path("drafts/renewal-whisperer.md").read_text(encoding="utf-8") != "mine"


def test_unreadable_files_fail_the_command_after_all_others_are_done(agents: Path) -> None:
    (agents / "a-binary.md").write_bytes(b"\xff\xfe\x00")
    (agents / "a-nul.md").write_text("---\nname: nul\n---\n\x00", encoding="utf-8")
    code, out, err = imported("agents", "--out", "drafts", "--json")
    assert code == 1
    assert "a-binary.md:1: not-text" in err
    assert "a-nul.md:4: error[not-text]" in err
    assert "error[contract]: agents: 2 of 6 files were not imported" in err
    files = {Path(one["file"]).name: one for one in json.loads(out)["imported"]}
    assert [one["severity"] for one in files["a-binary.md"]["findings"]] == ["error"]
    assert files["pipeline-keeper.md"]["written"]


def test_the_second_file_of_a_class_is_an_error(agents: Path) -> None:
    shutil.copy(agents / "empty-handed.md", agents / "sales" / "copied.md")
    code, _, err = imported("agents", "--out", "drafts")
    assert code == 1
    assert "sales/copied.md:1: duplicate-class: the class 'empty-handed' is already given by agents/empty" in err
    assert Path("drafts/empty-handed.md").is_file()


@pytest.mark.parametrize("name", ["notes.md", "absent.md"])
def test_a_lone_file_that_is_no_agent_fails(name: str) -> None:
    code, out, err = imported(f"agents/{name}")
    assert (code, out) == (1, "")
    assert err.count("error[contract]") == 1
    assert name in err


def test_a_place_that_cannot_be_written_to_is_named() -> None:
    Path("drafts").write_text("a file", encoding="utf-8")
    code, _, err = imported("agents/sales/renewal-whisperer.md", "--out", "drafts/deeper")
    assert code == 1
    assert "cannot be written" in err
