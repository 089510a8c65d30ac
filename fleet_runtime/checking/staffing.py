"""Who is at work: owners that a profile does not seat, and roles that nobody seats or names. Judges no texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleet_runtime.checking.codes import Finding, finding
from fleet_runtime.checking.lines import excerpt
from fleet_runtime.checking.organisation import Organisation, ProfileFile, is_own
from fleet_runtime.checking.places import class_line
from fleet_runtime.contracts import Profile, Staff

_ALONE: Final = 1
"""A single role of one's own is no organisation: whether it is reached is not judged."""


def judge_staff(organisation: Organisation) -> Iterator[Finding]:
    """Find boundaries of seated roles whose owner is not seated, and say who takes the work instead."""
    judged = organisation.judged()
    if not judged:
        return
    from fleet_runtime.routing.rules import compile_rules  # noqa: PLC0415 - loads routing, which most checks do without

    for file, profile in judged:
        for rule in compile_rules(staff_of(organisation, profile)):
            meant = rule.named or ((f"the domain {rule.owner_domain}",) if rule.owner_domain else ())
            known = rule.owner_domain or any(name in organisation.roles for name in rule.named)
            if rule.resolved_by in ("name", "domain") or not meant or not known:
                continue
            taken = f"{rule.owners[0]} takes it ({rule.resolved_by})" if rule.owners else "nobody takes it"
            yield finding(
                "owner-not-staffed",
                organisation.roles[rule.role].file,
                int(rule.where.rpartition(":")[2]),
                f'"{excerpt(rule.label)}" belongs to {" and ".join(meant)}, not seated in the profile {profile.id!r};'
                f" there {taken}",
                "seat the owner, or argue it here or in the profile",
                also=(file.file,),
            )


def staff_of(organisation: Organisation, profile: Profile) -> Staff:
    """Return the roles that a profile seats, as far as they can be read."""
    files = [organisation.roles[name] for name in profile.classes() if name in organisation.roles]
    domains = {name: file.domain for name, file in organisation.roles.items() if file.domain}
    roles = tuple(file.role for file in files if file.role is not None)
    return Staff(roles=roles, lead=profile.lead, profile=profile, domains=domains)


def judge_reach(organisation: Organisation) -> Iterator[Finding]:
    """Find roles that no profile in sight seats and no other role's boundary names.

    The checked project's own profiles are in sight, if it has any, else all; then the runtime staffs the
    project's roles besides the profile, and it is worth a note only.
    """
    own = [file for file in organisation.profile_files if is_own(file.source)]
    files = [file for file in organisation.roles.values() if file.source.checked]
    if not own:
        files = [file for file in files if is_own(file.source)] or files
    if len(files) <= _ALONE:
        return
    seated = _seated(own or list(organisation.profiles.values()))
    named = {
        owner
        for file, role in organisation.in_force()
        for boundary in role.boundaries
        for owner in boundary.owners
        if owner != file.role_class
    }
    for file in files:
        if file.role is None or file.role_class in seated or file.role_class in named:
            continue
        yield finding(
            "unreachable-class",
            file.file,
            class_line(file.source.text, file.role_class),
            f"no profile seats {file.role_class!r}, and no other role's boundary names it",
            "seat it in a profile, or name it as owner where other roles refuse its work",
            mild=not own,
        )


def _seated(files: list[ProfileFile]) -> set[str]:
    """Return all classes that some profile seats."""
    return {name for file in files if file.profile for name in file.profile.classes()}
