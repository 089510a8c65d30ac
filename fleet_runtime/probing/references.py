"""Boundaries that were agreed to before: recorded ones, and those of the shipped contract that a project's lies over.

Held against the staff as it is now, so that a boundary that is deleted or weakened is missed. Reads no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from fleet_runtime.contracts import Role, Staff, Value
from fleet_runtime.lexical import words
from fleet_runtime.probing.judging import Decider, ProbeResult, failed_kinds, result_of
from fleet_runtime.probing.probes import Bullet, Probe, bullets_of
from fleet_runtime.routing.rules import compile_rules

Origin = Literal["recorded", "shipped"]


class Agreed(Value):
    """A bullet as it was agreed to; ``held`` are the ids of its probes that held then."""

    origin: Origin
    bullet: Bullet
    held: tuple[str, ...]


class BrokenReference(Value):
    """An agreed bullet that does not hold any more; ``gone`` says that its boundary stands in the contract no more.

    ``results`` are of the probes that held, with ``holds`` as of now.
    """

    agreed: Agreed
    gone: bool
    results: tuple[ProbeResult, ...]


def shipped_boundaries(shipped: Role, staff: Staff) -> tuple[Agreed, ...]:
    """Make probes of the boundaries of a shipped contract that a staffed role's was made from.

    Whose the work is the project may say anew, so only that it is not this role's is demanded. A contract that has
    no bullet in common with the shipped one was not made from it, though it has its class: it is held to nothing.
    """
    own = staff.get(shipped.role_class)
    if own is None or _bullets(own).isdisjoint(_bullets(shipped)):
        return ()
    roles = tuple(shipped if role.role_class == shipped.role_class else role for role in staff.roles)
    rules = compile_rules(staff.model_copy(update={"roles": roles}))
    return tuple(
        Agreed(
            origin="shipped",
            bullet=bullet,
            held=tuple(probe.id for probe in bullet.probes if probe.allowed == "not this role"),
        )
        for bullet in bullets_of(shipped, rules)
        if bullet.part == "boundary"
    )


def judge_references(agreed: Sequence[Agreed], bench: Decider, staff: Staff) -> tuple[BrokenReference, ...]:
    """Find agreed bullets that do not hold any more; those of roles that are not at work are passed over.

    A recorded bullet fails where most of its probes that held do not hold now. A boundary whose text is gone holds
    only if the messages are moved by a boundary that came anew, as when it was reworded: those that were there before
    had work of their own, and a louder mandate elsewhere is no boundary. A shipped boundary that still stands is
    judged as the project's own, and not here.
    """
    known: dict[tuple[Origin, str], set[str]] = {}
    for one in agreed:
        if one.bullet.part == "boundary":
            known.setdefault((one.origin, one.bullet.role), set()).add(_same(one.bullet.text))
    found: list[BrokenReference] = []
    for one in agreed:
        role = staff.get(one.bullet.role)
        if role is None:
            continue
        gone = one.bullet.part == "boundary" and _same(one.bullet.text) not in {
            _same(boundary.text) for boundary in role.boundaries
        }
        if one.origin == "shipped" and not gone:
            continue
        results = [result_of(probe, bench) for probe in _demanded(one, staff)]
        if gone:
            before = known[one.origin, one.bullet.role]
            results = [_by_a_new_boundary(result, before) for result in results]
        if failed_kinds(results):
            found.append(BrokenReference(agreed=one, gone=gone, results=tuple(results)))
    return tuple(found)


def _demanded(agreed: Agreed, staff: Staff) -> Iterator[Probe]:
    """Give the probes that held, without those whose owners are all not at work any more."""
    held = set(agreed.held)
    for probe in agreed.bullet.probes:
        unstaffed = probe.allowed == "owners" and not any(staff.get(owner) for owner in probe.owners)
        if probe.id in held and not unstaffed:
            yield probe


def _by_a_new_boundary(result: ProbeResult, before: set[str]) -> ProbeResult:
    """Let a result hold only if a boundary of the role decided it that was not among some."""
    rule = result.decision.rule
    new = rule is not None and rule.role == result.probe.role and _same(rule.text) not in before
    return result.model_copy(update={"holds": result.holds and new})


def _bullets(role: Role) -> set[str]:
    """Return what makes the bullets of a contract what they are."""
    return {_same(text) for text in (*map(str, role.mandate), *(boundary.text for boundary in role.boundaries))}


def _same(text: str) -> str:
    """Return what makes two bullets the same: their words."""
    return " ".join(words(text))
