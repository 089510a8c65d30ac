"""Boundaries become rules: owners are found among the staffed, and each rule says how."""

from __future__ import annotations

import pytest

from fleet_runtime.contracts import Boundary, MandateItem, Profile, Role, Seat, Staff
from fleet_runtime.routing import Rule, compile_rules


def role(name: str, *boundaries: Boundary, domain: str | None = None, source: str = "") -> Role:
    return Role.model_validate(
        {
            "class": name,
            "title": name,
            "domain": domain,
            "mandate": (MandateItem(title="Do the work", text="all of it"),),
            "boundaries": boundaries,
            "source": source,
        }
    )


def boundary(*owners: str, domain: str | None = None) -> Boundary:
    return Boundary(text="Does NOT bake — not here", refuses="bake", owners=owners, owner_domain=domain, line=7)


def only_rule(staff: Staff) -> Rule:
    (rule,) = compile_rules(staff)
    return rule


def rule_of(name: str, staff: Staff) -> Rule:
    return next(rule for rule in compile_rules(staff) if rule.role == name)


def test_a_named_owner_that_is_staffed_takes_the_work() -> None:
    staff = Staff(roles=(role("waiter", boundary("baker", "miller", "baker")), role("baker")), lead="waiter")
    rule = only_rule(staff)
    assert (rule.owners, rule.resolved_by) == (("baker",), "name")


def test_a_domain_means_its_staffed_roles_without_the_one_that_refuses() -> None:
    cook = role("cook", boundary(domain="kitchen"), domain="kitchen")
    staff = Staff(roles=(cook, role("baker", domain="kitchen"), role("waiter", domain="hall")), lead="waiter")
    rule = only_rule(staff)
    assert (rule.owners, rule.owner_domain, rule.resolved_by) == (("baker",), "kitchen", "domain")


def inn(*roles: Role, domains: dict[str, str] | None = None) -> Staff:
    """An inn: the owner leads, the manager reports to her, and everybody else to the manager."""
    above = {"owner": None, "manager": "owner"}
    roster = tuple(
        Seat.model_validate({"class": one.role_class, "reports_to": above.get(one.role_class, "manager")})
        for one in roles
    )
    profile = Profile(id="inn", title="Inn", lead="owner", roster=roster)
    return Staff(roles=roles, lead="owner", profile=profile, domains=domains or {})


WAITER = role("waiter", boundary("baker"), domain="hall")
COOK, CHEF = role("cook", domain="kitchen"), role("chef", domain="kitchen")


def test_an_unstaffed_owners_work_goes_to_the_lead_of_the_owners_domain() -> None:
    staff = inn(role("owner"), role("manager"), WAITER, CHEF, domains={"baker": "kitchen"})
    assert (rule_of("waiter", staff).owners, rule_of("waiter", staff).resolved_by) == (("chef",), "domain lead")


def test_the_lead_of_a_domain_is_who_stands_highest_and_among_equals_nobody() -> None:
    staff = inn(role("owner"), role("manager", domain="kitchen"), COOK, CHEF)
    assert staff.domain_lead("kitchen") == "manager"
    assert inn(role("owner"), role("manager"), COOK, CHEF).domain_lead("kitchen") is None
    assert inn(role("owner"), role("manager"), CHEF).domain_lead("kitchen") == "chef"
    assert staff.domain_lead("hall") is None


def test_who_leads_the_owners_domain_and_refuses_the_work_does_not_get_it_back() -> None:
    staff = inn(role("owner"), role("manager"), WAITER, domains={"baker": "hall"})
    assert (rule_of("waiter", staff).owners, rule_of("waiter", staff).resolved_by) == (("manager",), "reporting line")


def test_an_unstaffed_owner_falls_to_the_nearest_superior_who_is_staffed() -> None:
    seats = (("owner", None), ("manager", "owner"), ("waiter", "manager"))
    profile = Profile(
        id="inn",
        title="Inn",
        lead="owner",
        roster=tuple(Seat.model_validate({"class": name, "reports_to": superior}) for name, superior in seats),
    )
    staff = Staff(roles=(role("owner"), role("waiter", boundary("baker"))), lead="owner", profile=profile)
    rule = only_rule(staff)
    assert (rule.owners, rule.resolved_by, rule.named) == (("owner",), "reporting line", ("baker",))
    hit = rule.hit(0.5)
    assert (hit.named, hit.owners, hit.resolved_by) == (("baker",), ("owner",), "reporting line")


def test_an_absent_domain_falls_to_the_superior() -> None:
    staff = inn(role("owner"), role("manager"), role("waiter", boundary(domain="cellar")))
    assert (rule_of("waiter", staff).owners, rule_of("waiter", staff).resolved_by) == (("manager",), "reporting line")


def test_a_circle_in_the_reporting_line_ends() -> None:
    roster = tuple(
        Seat.model_validate({"class": name, "reports_to": superior}) for name, superior in (("a", "b"), ("b", "a"))
    )
    staff = Staff(
        roles=(role("a", boundary("gone")),), lead="a", profile=Profile(id="p", title="P", lead="a", roster=roster)
    )
    assert only_rule(staff).resolved_by == "nobody"


def test_without_a_profile_the_lead_takes_what_nobody_staffed_owns() -> None:
    staff = Staff(roles=(role("chef"), role("waiter", boundary("baker"))), lead="chef")
    rule = only_rule(staff)
    assert (rule.owners, rule.resolved_by) == (("chef",), "lead")


@pytest.mark.parametrize("owners", [(), ("waiter",)])
def test_who_names_nobody_else_leaves_the_work_unowned(owners: tuple[str, ...]) -> None:
    staff = Staff(roles=(role("waiter", boundary(*owners)),), lead="waiter")
    rule = only_rule(staff)
    assert (rule.owners, rule.resolved_by) == ((), "nobody")


def test_a_rule_cites_folder_file_and_line() -> None:
    staff = Staff(roles=(role("waiter", boundary(), source="/some/where/roles/waiter.md"),), lead="waiter")
    assert only_rule(staff).where == "roles/waiter.md:7"


def test_a_role_from_no_file_is_cited_by_its_class() -> None:
    assert only_rule(Staff(roles=(role("waiter", boundary()),), lead="waiter")).where == "waiter:7"


def test_a_rule_becomes_the_trace_of_a_decision() -> None:
    rule = only_rule(Staff(roles=(role("waiter", boundary("baker")), role("baker")), lead="waiter"))
    hit = rule.hit(0.5)
    assert (hit.role, hit.text, hit.where, hit.owners, hit.score) == (
        "waiter",
        "Does NOT bake — not here",
        "waiter:7",
        ("baker",),
        0.5,
    )


def test_a_rule_is_labelled_by_what_it_refuses_or_else_by_its_whole_text() -> None:
    bare = Boundary(text="Does NOT merge.", refuses="")
    assert only_rule(Staff(roles=(role("waiter", bare),), lead="waiter")).label == "Does NOT merge."
    assert only_rule(Staff(roles=(role("waiter", boundary()),), lead="waiter")).label == "Does NOT bake"
