"""Names that must lead somewhere: classes given once, seats and owners that a role file gives, profiles' own ids."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from fleet_runtime.checking.codes import Finding, finding
from fleet_runtime.checking.organisation import Organisation, RoleFile
from fleet_runtime.checking.places import class_line, key_line, seat_line
from fleet_runtime.contracts import Boundary


def judge_classes(organisation: Organisation) -> Iterator[Finding]:
    """Find classes that two files of one layer give; the later file is told."""
    given: dict[tuple[int, str], RoleFile] = {}
    for file in organisation.role_files:
        key = (file.source.layer, file.role_class)
        first = given.setdefault(key, file)
        if first is not file:
            yield finding(
                "duplicate-class",
                file.file,
                class_line(file.source.text, file.role_class),
                f"the class {file.role_class!r} is also given by {first.file}",
                "keep one file of a class in each folder",
            )


def judge_owners(organisation: Organisation) -> Iterator[Finding]:
    """Find boundaries whose owner is no class that a role file gives, or a domain without any role."""
    domains = {file.domain for file in organisation.roles.values()}
    for file in organisation.role_files:
        for boundary in file.role.boundaries if file.role else ():
            unknown = [owner for owner in boundary.owners if not organisation.is_given(owner)]
            for owner in unknown:
                yield _dangling(file, boundary, f"the owner {owner!r} is no role", near(owner, organisation.roles))
            if boundary.owner_domain and boundary.owner_domain not in domains:
                message = f"the owner is the domain {boundary.owner_domain!r}, in which there is no role"
                yield _dangling(file, boundary, message, "add a role of that domain, or name another owner")


def judge_profiles(organisation: Organisation) -> Iterator[Finding]:
    """Find profiles whose id is not their file's name, and seats that no role file gives."""
    for file in organisation.profile_files:
        if file.profile is None:
            continue
        text = file.source.text
        if file.profile.id != file.profile_id:
            yield finding(
                "profile-id-mismatch",
                file.file,
                key_line(text, "id"),
                f"the file's name says {file.profile_id!r}, its id {file.profile.id!r}",
                "give both the same name",
            )
        for name in file.profile.classes():
            if not organisation.is_given(name):
                yield finding(
                    "unknown-seat",
                    file.file,
                    seat_line(text, name),
                    f"seats {name!r}, which no role file gives",
                    near(name, organisation.roles),
                )


def near(name: str, known: Iterable[str]) -> str:
    """Suggest which class may have been meant."""
    found = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.6)
    return f"did you mean {' or '.join(found)}?" if found else f"add a role file of the class {name}, or name another"


def _dangling(file: RoleFile, boundary: Boundary, message: str, hint: str) -> Finding:
    """Say that an owner leads nowhere."""
    return finding("dangling-owner", file.file, boundary.line, message, hint)
