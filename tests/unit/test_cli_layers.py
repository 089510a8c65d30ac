"""The commands on layers: roles list, customize, new and diff, in a small project and a library of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from outcomes import cli, cli_fails
from small_project import CLERK, KEEPER, Project, clerk, keeper

from fleet_runtime import documents
from fleet_runtime.parsing import read_role

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Stand in a project whose library ships the keeper, over which the project lays its own."""
    made = Project(tmp_path)
    made.write(made.library, KEEPER, keeper("the shipped lamp"))
    made.write(made.library, "ferry-master", keeper().replace(KEEPER, "ferry-master"))
    monkeypatch.setattr(documents, "shipped", made.shipped)
    monkeypatch.chdir(tmp_path)
    for name, value in {"MODEL": "none", "EMBEDDINGS": "none", "PROFILE": "coast"}.items():
        monkeypatch.setenv(f"FLEET_{name}", value)
    return made


def printed(*arguments: str) -> str:
    """Call the program, which must end well."""
    status, out, err = cli(*arguments)
    assert status == 0, err
    return out


def test_the_list_shows_status_and_a_short_place() -> None:
    rows = [line.split(maxsplit=4) for line in printed("roles", "list").splitlines()]
    assert rows == [
        ["class", "domain", "persistent", "status", "file"],
        ["ferry-master", "operations", "yes", "baseline", "(shipped) roles/ferry-master.md"],
        [CLERK, "operations", "no", "custom", f"roles/{CLERK}.md"],
        [KEEPER, "operations", "yes", "overridden", f"roles/{KEEPER}.md"],
    ]
    listed = json.loads(printed("roles", "list", "--json"))
    assert [(role["class"], role["status"]) for role in listed] == [(row[0], row[3]) for row in rows[1:]]


def test_customize_copies_byte_for_byte_and_says_what_to_do(project: Project) -> None:
    odd = b"\xef\xbb\xbf" + keeper("the odd lamp").replace("\n", "\r\n").encode()
    (project.roles / f"{KEEPER}.md").write_bytes(odd)
    said = printed("roles", "customize", KEEPER)
    copy = project.local / f"{KEEPER}.md"
    assert copy.read_bytes() == odd
    assert f"copied from roles/{KEEPER}.md to roles.local/{KEEPER}.md" in said
    assert f"fleet roles diff {KEEPER}" in said
    assert "does not read" not in said
    assert printed("roles", "list").splitlines()[-1].endswith(f"roles.local/{KEEPER}.md")


def test_customize_writes_over_nothing(project: Project) -> None:
    mine = project.write(project.local / "deep", "my-keeper", keeper("my lamp"))
    error = cli_fails("contract", "roles", "customize", KEEPER)
    assert "roles.local/deep/my-keeper.md: the file is there already" in error
    mine.unlink()
    other = project.write(project.local, KEEPER, "no contract of this class").rename(project.local / f"{KEEPER}.txt")
    assert printed("roles", "customize", KEEPER)
    assert other.read_text() == "no contract of this class"
    assert "is there already" in cli_fails("contract", "roles", "customize", KEEPER)
    assert "is there already" in cli_fails("contract", "roles", "customize", KEEPER, "--out", "roles")
    elsewhere = project.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / f"{CLERK}.md").write_text("theirs")
    assert "is there already" in cli_fails("contract", "roles", "customize", CLERK, "--out", "elsewhere")
    assert (elsewhere / f"{CLERK}.md").read_text() == "theirs"


def test_customize_into_a_folder_that_nobody_reads_says_so(project: Project) -> None:
    said = json.loads(printed("roles", "customize", "ferry-master", "--out", "away", "--json"))
    assert said["class"] == "ferry-master"
    assert Path(said["written"]) == Path("away/ferry-master.md")
    assert Path(said["from"]) == project.library / "ferry-master.md"
    assert "this project does not read away2" in printed("roles", "customize", "ferry-master", "--out", "away2")


def test_customize_keeps_a_domain_that_only_the_folder_tells(project: Project) -> None:
    untold = keeper().replace(KEEPER, "pilot").replace(", `domain: operations`", "")
    project.write(project.library / "sales", "pilot", untold)
    printed("roles", "customize", "pilot")
    assert (project.local / "sales" / "pilot.md").read_text() == untold
    role = next(role for role in json.loads(printed("roles", "list", "--json")) if role["class"] == "pilot")
    assert (role["domain"], role["status"]) == ("sales", "overridden")


def test_customize_needs_a_name_to_go_by(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.roles)
    assert "no folder can lie beside" in cli_fails("contract", "roles", "customize", KEEPER, "--roles", ".")


@pytest.mark.parametrize("command", ["customize", "diff", "show"])
@pytest.mark.parametrize("name", ["lighthouse-keper", "../roles/x", ""])
def test_an_unknown_class_is_always_an_error(command: str, name: str, project: Project) -> None:
    cli_fails("unknown-role", "roles", command, name)
    assert not project.local.exists()


def test_new_writes_the_form_and_makes_nothing_up(project: Project) -> None:
    options = ("--domain", "operations", "--persistent", "--title", "Guard of the Night")
    said = printed("roles", "new", "night-guard", *options)
    path = project.roles / "night-guard.md"
    assert said.startswith("night-guard begun in roles/night-guard.md")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Guard of the Night — fleet role definition\n")
    read = read_role(text, source="night-guard.md")
    assert {one.code for one in read.complaints} == {"empty-section", "missing-persona"}
    status, out, _ = cli("check", "roles/night-guard.md")
    assert status == 1
    assert out.count("roles/night-guard.md:") >= 3
    written = text.replace("## Boundaries", "1. **Watch** — all night\n\n## Boundaries")
    written = written.replace("## Persona", "- **Does NOT sleep** — nobody does.\n\n## Persona\n\nAwake.")
    role = read_role(written, source="night-guard.md").role
    assert role is not None
    assert (role.role_class, role.domain, role.persistent_persona) == ("night-guard", "operations", True)
    assert (role.title, role.persona, role.examples) == ("Guard of the Night", "Awake.", ())
    assert [one.refuses for one in role.boundaries] == ["sleep"]


def test_new_works_beside_a_contract_that_is_still_begun(project: Project) -> None:
    printed("roles", "new", "first-guard")
    said = json.loads(printed("roles", "new", "second-guard", "--json"))
    assert said == {"class": "second-guard", "written": "roles/second-guard.md"}
    text = (project.roles / "second-guard.md").read_text()
    assert "# Second Guard —" in text
    assert "domain" not in text.split("## Mandate")[0].replace("fleet role definition", "")
    assert "persistent_persona: false" in text
    assert "customize first-guard" in cli("roles", "new", "first-guard")[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ("../escaped",),
        ("Night Guard",),
        ("",),
        ("a" * 65,),
        ("guard", "--domain", "x`, `class: y"),
        ("guard", "--title", "two\nlines"),
        ("guard", "--title", "<!-- open"),
        ("guard", "--title", " "),
    ],
)
def test_new_refuses_what_is_no_name(arguments: tuple[str, ...], project: Project) -> None:
    before = sorted(project.folder.rglob("*"))
    cli_fails("contract", "roles", "new", *arguments)
    assert sorted(project.folder.rglob("*")) == before


def test_new_refuses_a_class_that_is_there_and_a_file_that_is_there(project: Project) -> None:
    assert "(shipped)" not in cli_fails("contract", "roles", "new", KEEPER)
    assert "fleet roles customize ferry-master" in cli("roles", "new", "ferry-master")[2]
    project.write(project.roles, "guard", clerk().replace(CLERK, "other-class"))
    assert "is there already" in cli_fails("contract", "roles", "new", "guard")
    (project.folder / "file").write_text("")
    assert "cannot be written" in cli_fails("contract", "roles", "new", "guardian", "--roles", "file/roles")


def test_diff_shows_each_step(project: Project) -> None:
    two = printed("roles", "diff", KEEPER).splitlines()
    assert two[:2] == [f"--- (shipped) roles/{KEEPER}.md", f"+++ roles/{KEEPER}.md"]
    assert "-1. **Watch over the shipped lamp** — by day and by night." in two
    assert "+1. **Watch over the lamp** — by day and by night." in two
    project.write(project.local, KEEPER, keeper("my lamp"))
    three = json.loads(printed("roles", "diff", KEEPER, "--json"))
    assert three["status"] == "overridden"
    assert [(step["from"], step["to"]) for step in three["steps"]] == [
        (f"(shipped) roles/{KEEPER}.md", f"roles/{KEEPER}.md"),
        (f"roles/{KEEPER}.md", f"roles.local/{KEEPER}.md"),
    ]
    assert "+1. **Watch over my lamp**" in three["steps"][1]["diff"]


def test_diff_says_where_there_is_nothing_below_or_nothing_changed() -> None:
    assert "ferry-master is baseline" in printed("roles", "diff", "ferry-master")
    assert f"{CLERK} is custom" in printed("roles", "diff", CLERK)
    printed("roles", "customize", "ferry-master")
    said = printed("roles", "diff", "ferry-master")
    assert said == "roles.local/ferry-master.md says the same as (shipped) roles/ferry-master.md\n"
