"""The library of roles: every file read once, which contract is in force, and where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import CLERK, KEEPER, Project, clerk, keeper

from fleet_runtime import documents
from fleet_runtime.errors import ContractError, UnknownRole
from fleet_runtime.role_library import RoleLibrary
from fleet_runtime.staffing import contracts_in_force


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    monkeypatch.setattr(documents, "shipped", made.shipped)
    return made


def test_the_highest_layer_is_in_force_and_every_class_has_its_status(project: Project) -> None:
    project.write(project.library, KEEPER, keeper("the shipped lamp"))
    project.write(project.library, "ferry-master", keeper().replace(KEEPER, "ferry-master"))
    project.write(project.local, CLERK, clerk("the local papers"))
    given = RoleLibrary(documents.layers("roles", project.roles))
    assert given.folders == (project.library, project.roles, project.local)
    assert given.statuses == {"ferry-master": "baseline", CLERK: "custom", KEEPER: "overridden"}
    assert given[CLERK].mandate[0].title == "Watch over the local papers"
    assert [role.source for role in given.contracts(KEEPER)] == [
        str(project.library / f"{KEEPER}.md"),
        str(project.roles / f"{KEEPER}.md"),
    ]
    assert given.status(KEEPER) == "overridden"
    assert dict(given) == documents.load_roles(given.folders)


def test_every_file_is_read_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write(project.library, KEEPER, keeper())
    read: list[Path] = []
    plainly = documents.read_text

    def noted(path: Path) -> str:
        read.append(path)
        return plainly(path)

    monkeypatch.setattr(documents, "read_text", noted)
    given = RoleLibrary(documents.layers("roles", project.roles))
    assert given.statuses
    assert given.contracts(KEEPER)
    assert len(read) == len(set(read)) == 3


def test_an_unknown_class_names_near_ones(project: Project) -> None:
    given = RoleLibrary(documents.layers("roles", project.roles))
    for asked in (given.status, given.contracts):
        with pytest.raises(UnknownRole, match=f"did you mean {KEEPER}"):
            asked("lighthouse-keper")


def test_a_broken_file_is_told_with_its_line(project: Project) -> None:
    project.write(project.roles, "broken", "# Broken\n\n(`class: broken`)\n")
    with pytest.raises(ContractError, match=r"broken\.md:1"):
        RoleLibrary(documents.layers("roles", project.roles))


def test_the_contracts_in_force_keep_their_texts(project: Project) -> None:
    contracts = contracts_in_force(documents.load_roles([project.roles]).values())
    assert {name: one.text for name, one in contracts.items()} == {KEEPER: keeper(), CLERK: clerk()}
