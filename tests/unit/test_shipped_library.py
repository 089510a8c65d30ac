"""The shipped organisation as a whole: which roles and profiles there are, and that each can be staffed."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest

from fleet_runtime.contracts import Profile, Role
from fleet_runtime.documents import load_profile, load_roles, staff
from fleet_runtime.parsing import DOMAINS, write_library_page
from fleet_runtime.role_library import RoleLibrary

ROOT = Path(__file__).parents[2]
PROFILES = ("business", "customer", "marketing", "personal-assistant", "research", "software-delivery")
LEAST_EXAMPLES = 16
LEAST_MESSAGES_OF_A_BOUNDARY = 2
NOT_PERSISTENT = {
    *("user-researcher", "copywriter", "project-manager", "business-analyst", "researcher", "scheduler"),
    *("graphic-designer", "video-producer", "editor"),
}


@lru_cache(maxsize=1)
def roles() -> dict[str, Role]:
    """Read all shipped roles whole, once."""
    return load_roles([ROOT / "roles"])


def profile(name: str) -> Profile:
    """Read one shipped profile."""
    return load_profile(name, [ROOT / "profiles"])


def test_there_are_53_roles_over_ten_domains_each_in_a_file_of_its_name() -> None:
    assert len(roles()) == 53
    assert {role.domain for role in roles().values()} == set(DOMAINS)
    assert Counter(role.domain for role in roles().values())["engineering"] == 14
    assert all(Path(role.source).stem == name for name, role in roles().items())


def test_outside_engineering_the_contracts_say_which_roles_remember() -> None:
    forgetful = {name for name, role in roles().items() if not role.persistent_persona and role.domain != "engineering"}
    assert forgetful == NOT_PERSISTENT


def test_every_role_brings_messages_for_the_dispatcher_and_no_message_twice() -> None:
    for role in roles().values():
        assert len(role.examples) >= LEAST_EXAMPLES, role.role_class
        for boundary in role.boundaries:
            assert len(boundary.examples) >= LEAST_MESSAGES_OF_A_BOUNDARY, (role.role_class, boundary.refuses)
    said = Counter(" ".join(text.lower().split()) for role in roles().values() for text in role.examples)
    assert [text for text, times in said.items() if times > 1] == []


def test_every_named_owner_is_a_role_and_every_named_domain_has_one() -> None:
    for role in roles().values():
        for boundary in role.boundaries:
            assert set(boundary.owners) <= set(roles()), (role.role_class, boundary.text)
            assert boundary.owner_domain in {None, *DOMAINS}


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_can_be_staffed_and_leaves_each_roles_persistence_alone(name: str) -> None:
    crew = staff(RoleLibrary([ROOT / "roles"]), profile(name))
    assert crew.get(crew.lead) is not None
    assert {role.role_class: role.persistent_persona for role in crew.roles} == {
        role.role_class: roles()[role.role_class].persistent_persona for role in crew.roles
    }


def test_the_customer_desk_is_the_one_that_is_documented() -> None:
    desk = profile("customer")
    assert desk.lead == "orchestrator"
    assert set(desk.classes()) - {"orchestrator"} == {
        *("customer-success-manager", "support-agent", "account-executive", "sales-lead", "product-manager"),
        *("legal-counsel", "finance-analyst"),
    }


def test_every_role_is_seated_somewhere_or_handed_work_by_another() -> None:
    seated = {name for one in PROFILES for name in profile(one).classes()}
    named = {owner for role in roles().values() for rule in role.boundaries for owner in rule.owners}
    assert set(roles()) - seated - named == set()


def test_the_index_of_the_library_is_current() -> None:
    page = (ROOT / "roles" / "LIBRARY.md").read_text(encoding="utf-8")
    assert page == write_library_page(roles().values()), "fleet roles index --out roles/LIBRARY.md"
