"""Examples that the dispatcher would clearly send to another role, when it has not learned from the very example.

Costs seconds to a minute; only a deep check asks for it. Changes no weights.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fleet_runtime.checking.codes import Finding, finding
from fleet_runtime.checking.examples import example_line
from fleet_runtime.checking.lines import excerpt
from fleet_runtime.checking.organisation import SHIPPED, Organisation, RoleFile, is_own
from fleet_runtime.checking.staffing import staff_of
from fleet_runtime.contracts import Role, Staff
from fleet_runtime.decisions import Decision
from fleet_runtime.ports import TextVectors
from fleet_runtime.routing import RouteQuery, VectorTable, build_index, route

_FOLDS: Final = 5
"""So many times a staff's index is built, each time without another fifth of every role's examples."""
_BELIEF: Final = 0.5
"""The other role must have at least so much of all belief,"""
_TIMES: Final = 5.0
"""and so many times as much as the role whose example it is; what is close says more of the dispatcher's luck."""


def judge_dispatch(organisation: Organisation, vectors: TextVectors) -> Iterator[Finding]:
    """Route every example at the front door of a staff by an index that lacks it, and find those that go elsewhere.

    Each role is judged in one staff, the largest of `staffs` that it is in. ``vectors`` are those of
    `dispatched_texts`.
    """
    reported, done = organisation.reported(), set[str]()
    for staff in staffs(organisation):
        files = {role.role_class: organisation.roles[role.role_class] for role in staff.roles}
        due = [role for role in staff.roles if files[role.role_class].file in reported and role.role_class not in done]
        done.update(role.role_class for role in due)
        for fold in range(_FOLDS if due else 0):
            index = build_index(staff.model_copy(update={"roles": tuple(_without(role, fold) for role in staff.roles)}))
            table = VectorTable([vectors.by_text[text] for text in index.texts()], vectors.encoder)
            for role in due:
                for example in _fold(role, fold):
                    query = RouteQuery(text=example)
                    said = tuple(vectors.by_text[text] for text in query.texts())
                    query = query.model_copy(update={"message_vectors": said})
                    decision = route(query, index, vectors=table, decision_id="check")
                    if _clearly_elsewhere(decision, role):
                        yield _sent_elsewhere(files[role.role_class], example, decision, staff)


def staffs(organisation: Organisation) -> list[Staff]:
    """Return the staffs in which roles meet, the largest first: a profile's seats, and beside a shipped one's all own.

    The profiles are those that staff the fleet, or all in force where the shipped library itself is checked;
    where there is none, all roles are one staff.
    """
    whole = any(file.source.checked and file.source.layer == SHIPPED for file in organisation.role_files)
    files = list(organisation.profiles.values()) if whole and not organisation.named else organisation.staffing
    own = [role for file, role in organisation.in_force() if is_own(file.source)]
    found: list[Staff] = []
    for file in files:
        if file.profile is None:
            continue
        staff = staff_of(organisation, file.profile)
        besides = [role for role in own if file.source.layer == SHIPPED and staff.get(role.role_class) is None]
        found.append(staff.model_copy(update={"roles": (*staff.roles, *besides)}))
    if not found:
        found = [Staff(roles=tuple(role for _, role in organisation.in_force()), lead="")]
    return sorted(found, key=lambda staff: -len(staff.roles))


def dispatched_texts(organisation: Organisation) -> list[str]:
    """Return all texts whose vectors `judge_dispatch` looks up."""
    texts: list[str] = []
    for staff in staffs(organisation):
        queries = [RouteQuery(text=example) for role in staff.roles for example in role.examples]
        texts += build_index(staff).texts()
        texts += [text for query in queries for text in query.texts()]
    return texts


def _clearly_elsewhere(decision: Decision, role: Role) -> bool:
    """Tell whether a decision sends a role's example to another role without much doubt."""
    if decision.choice in (None, role.role_class):
        return False
    beliefs = {candidate.role: candidate.score for candidate in decision.candidates}
    taken = beliefs.get(decision.choice or "", 0.0)
    return taken >= max(_BELIEF, _TIMES * beliefs.get(role.role_class, 0.0))


def _sent_elsewhere(file: RoleFile, example: str, decision: Decision, staff: Staff) -> Finding:
    """Say where an example would go."""
    among = f"of the profile {staff.profile.id!r}" if staff.profile else "of these roles"
    return finding(
        "example-sent-elsewhere",
        file.file,
        example_line(file, example),
        f'had it not learned "{excerpt(example)}", the dispatcher {among} would send it to {decision.choice}',
        "write it so that it says whose work it is, or give this role more examples of the kind",
    )


def _fold(role: Role, fold: int) -> Sequence[str]:
    """Return the examples of a role that belong to a fold."""
    return role.examples[fold::_FOLDS]


def _without(role: Role, fold: int) -> Role:
    """Return a role without its examples of one fold."""
    kept = tuple(example for number, example in enumerate(role.examples) if number % _FOLDS != fold)
    return role.model_copy(update={"examples": kept})
