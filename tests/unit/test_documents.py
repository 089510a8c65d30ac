"""Layers of folders: what is shipped, what lies over it, and what cannot be read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fleet_runtime import documents
from fleet_runtime.contracts import Profile, Seat
from fleet_runtime.errors import ContractError, UnknownProfile, UnknownRole

ROOT = Path(__file__).parents[2]
ROLE = (
    "# Some Role — fleet role definition\n\nThe **some-role** is x (`class: {name}`{domain}).\n\n"
    "## Mandate\n\n1. **Do it** — well.\n\n"
    "## Boundaries\n\n- **Does NOT sell** — that belongs to the **sales-lead**.\n\n"
    "## Persona\n\nCalm.\n"
)


def write_role(path: Path, name: str, domain: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ROLE.replace("{name}", name).replace("{domain}", domain), encoding="utf-8")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project's roles folder with one custom role, and one that lies over a shipped role."""
    write_role(tmp_path / "roles" / "some-role.md", "some-role", ", `domain: sales`")
    write_role(tmp_path / "roles" / "support.md", "support-agent")
    return tmp_path / "roles"


def test_a_checkout_ships_its_top_level_folders() -> None:
    assert documents.shipped("roles") == ROOT / "roles"
    assert documents.shipped("profiles") == ROOT / "profiles"


def test_a_wheel_ships_the_folders_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "package" / "_shipped" / "roles").mkdir(parents=True)
    monkeypatch.setattr(documents, "_PACKAGE", tmp_path / "package")
    assert documents.shipped("roles") == tmp_path / "package" / "_shipped" / "roles"
    with pytest.raises(ContractError, match="no prompts folder"):
        documents.shipped("prompts")


def test_layers_are_lowest_first_and_only_those_that_exist(project: Path) -> None:
    local = project.with_name("roles.local")
    assert documents.layers("roles", None) == (ROOT / "roles",)
    assert documents.layers("roles", project) == (ROOT / "roles", project)
    local.mkdir()
    assert documents.layers("roles", project) == (ROOT / "roles", project, local)
    assert documents.layers("profiles", project.parent / "profiles") == (ROOT / "profiles",)
    assert documents.layers("roles", ROOT / "roles") == (ROOT / "roles",)


def test_a_higher_layer_replaces_a_class_whole(project: Path) -> None:
    local = write_role(project.with_name("roles.local") / "deep" / "mine.md", "some-role", ", `domain: customer`")
    folders = documents.layers("roles", project)
    roles = documents.load_roles(folders)
    assert roles["some-role"].source == str(local)
    assert roles["support-agent"].examples == ()
    assert roles["customer-success-manager"].source == str(ROOT / "roles" / "customer-success-manager.md")


def test_an_index_is_no_role_and_a_folder_tells_the_domain(tmp_path: Path) -> None:
    write_role(tmp_path / "research" / "some-role.md", "some-role")
    (tmp_path / "LIBRARY.md").write_text("# Index\n", encoding="utf-8")
    (tmp_path / "folder.md").mkdir()
    assert documents.load_roles([tmp_path])["some-role"].domain == "research"
    assert documents.read_role_file(tmp_path / "research" / "some-role.md").domain == "research"
    assert documents.load_roles([tmp_path / "missing"]) == {}


def test_two_files_of_one_class_in_one_layer_are_an_error(project: Path) -> None:
    second = write_role(project / "zz.md", "some-role")
    with pytest.raises(ContractError, match="also given by") as caught:
        documents.load_roles([project])
    assert caught.value.where == f"{second}:1"


def test_a_broken_file_is_named_with_its_line(project: Path) -> None:
    broken = project / "broken.md"
    broken.write_text("# Broken\n\n## Mandate\n\nnothing\n", encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        documents.load_roles([project])
    assert caught.value.where.startswith(f"{broken}:")


def test_unknown_names_get_near_ones_and_are_never_paths(project: Path) -> None:
    roles = documents.load_roles(documents.layers("roles", project))
    assert documents.find_role(roles, "sales-lead").role_class == "sales-lead"
    with pytest.raises(UnknownRole, match="did you mean support-agent"):
        documents.find_role(roles, "suport-agent")
    with pytest.raises(UnknownRole, match="lower-case words"):
        documents.find_role(roles, "../roles/sales-lead")
    with pytest.raises(UnknownRole, match="known: account-executive"):
        documents.find_role(roles, "zzzzzz")
    with pytest.raises(UnknownProfile, match="lower-case words"):
        documents.load_profile("../profiles/customer", [ROOT / "profiles"])


def test_the_shipped_profile_is_fully_staffed() -> None:
    profile = documents.load_profile("customer", documents.layers("profiles", None))
    staff = documents.staff(documents.load_roles(documents.layers("roles", None)), profile)
    assert [role.role_class for role in staff.roles] == list(profile.classes())
    assert staff.lead == "orchestrator"
    assert staff.get("customer-success-manager") is not None
    assert {role.role_class for role in staff.in_domain("sales")} == {
        "sales-lead",
        "account-executive",
    }


def test_a_seat_that_no_file_fills_is_named() -> None:
    profile = Profile(id="p", title="P", lead="sales-led", roster=(Seat(role_class="sales-led"),), source="p.yaml")
    with pytest.raises(UnknownRole, match=r"p\.yaml: profile 'p' seats 'sales-led'.*did you mean sales-lead"):
        documents.staff(documents.load_roles([ROOT / "roles"]), profile)


def test_profiles_lie_over_each_other_and_bear_their_file_name(tmp_path: Path) -> None:
    folder = tmp_path / "profiles"
    shutil.copytree(ROOT / "profiles", folder)
    text = (folder / "customer.yaml").read_text(encoding="utf-8")
    (folder / "customer.yaml").write_text(text.replace("Customer organisation", "Ours"), encoding="utf-8")
    (folder / "other.yml").write_text(text, encoding="utf-8")
    folders = documents.layers("profiles", folder)
    assert documents.load_profile("customer", folders).title == "Ours"
    with pytest.raises(ContractError, match="the file's name says 'other', its id 'customer'"):
        documents.load_profile("other", folders)
    with pytest.raises(UnknownProfile, match="did you mean customer"):
        documents.load_profile("costumer", folders)


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    latin = tmp_path / "latin.md"
    latin.write_bytes(b"# A\nb\xe4d\n")
    with pytest.raises(ContractError, match="not-text") as caught:
        documents.read_text(latin)
    assert caught.value.where == f"{latin}:2"
    assert isinstance(caught.value.__cause__, UnicodeDecodeError)
    with pytest.raises(ContractError, match="no such file"):
        documents.read_text(tmp_path / "missing.md")
    with pytest.raises(ContractError, match="is a folder"):
        documents.read_text(tmp_path)
    with pytest.raises(ContractError, match="cannot be read"):
        documents.read_text(Path("nul\x00.md"))
    monkeypatch.setattr(documents, "LARGEST", 4)
    with pytest.raises(ContractError, match="far too large"):
        documents.read_text(latin)


def test_paths_that_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ContractError, match="no folder can be"):
        documents.layers("roles", Path("x" * 5000))
    with pytest.raises(ContractError, match="cannot be listed"):
        documents.load_roles([Path("x" * 5000)])
    monkeypatch.chdir(tmp_path)
    assert documents.layers("roles", Path()) == (ROOT / "roles", Path())


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = write_role(tmp_path / "some-role.md", "some-role")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert documents.read_role_file(path).role_class == "some-role"


def test_pages_about_the_roles_are_no_contracts(tmp_path: Path) -> None:
    for name in documents.NO_ROLES:
        (tmp_path / name).write_text("# Our roles", encoding="utf-8")
    assert documents.load_roles([tmp_path]) == {}
