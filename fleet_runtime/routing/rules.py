"""Boundaries compiled into rules: whose it is, what it refuses, and which staffed role takes the work.

Owners are resolved once, when the staff is known; routing never follows a name that nobody holds.
Matches no message: that is `route`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from fleet_runtime.contracts import Boundary, Role, Staff, Value
from fleet_runtime.decisions import ResolvedBy, RuleHit


class Rule(Value):
    """One boundary bullet of a staffed role.

    ``named`` are the classes that the contract names. ``owners`` are staffed classes, never the role itself;
    ``resolved_by`` says how they were found.
    No ``owners`` means that the work is refused and goes nowhere.
    """

    role: str
    text: str
    refuses: str
    where: str
    named: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    owner_domain: str | None = None
    resolved_by: ResolvedBy = "nobody"
    examples: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Return the refusal in the contract's words, short enough for a sentence."""
        return f"Does NOT {self.refuses}" if self.refuses else self.text

    def hit(self, score: float) -> RuleHit:
        """Return this rule as the trace of a decision, matched with ``score`` (0..1)."""
        return RuleHit(
            role=self.role,
            text=self.text,
            where=self.where,
            owners=self.owners,
            owner_domain=self.owner_domain,
            named=self.named,
            resolved_by=self.resolved_by,
            score=score,
        )


def place(role: Role, line: int) -> str:
    """Return ``file:line`` with the file's folder, as people cite it; a role from no file is named by its class."""
    source = PurePath(*PurePath(role.source).parts[-2:]).as_posix() if role.source else role.role_class
    return f"{source}:{line}" if line else source


def compile_rules(staff: Staff) -> tuple[Rule, ...]:
    """Turn every boundary bullet of every staffed role into one rule, in the staff's and the files' order.

    A named owner that is staffed takes the work; a domain means its staffed roles. Where neither is staffed, the lead
    of the owner's domain takes it, then the role's reporting line, then the staff's lead; in each of these steps
    nobody gets back what he refuses. A bullet that names nobody stays unowned.
    """
    present = frozenset(role.role_class for role in staff.roles)
    return tuple(_rule(boundary, role, staff, present) for role in staff.roles for boundary in role.boundaries)


def _rule(boundary: Boundary, role: Role, staff: Staff, present: frozenset[str]) -> Rule:
    """Compile one bullet."""
    owners, resolved_by = _owners(boundary, role, staff, present)
    return Rule(
        role=role.role_class,
        text=boundary.text,
        refuses=boundary.refuses,
        where=place(role, boundary.line),
        named=boundary.owners,
        owners=owners,
        owner_domain=boundary.owner_domain,
        resolved_by=resolved_by,
        examples=boundary.examples,
    )


def _owners(
    boundary: Boundary, role: Role, staff: Staff, present: frozenset[str]
) -> tuple[tuple[str, ...], ResolvedBy]:
    """Find who is there to take the refused work, and say how."""
    own = role.role_class
    named = tuple(name for name in dict.fromkeys(boundary.owners) if name != own and name in present)
    if named:
        return named, "name"
    if boundary.owner_domain:
        members = tuple(other.role_class for other in staff.in_domain(boundary.owner_domain) if other.role_class != own)
        if members:
            return members, "domain"
    if not boundary.owners and not boundary.owner_domain:
        return (), "nobody"
    return _stand_in(boundary.owners, own, staff)


def _stand_in(absent: Sequence[str], own: str, staff: Staff) -> tuple[tuple[str, ...], ResolvedBy]:
    """Find who takes the work of owners who are not staffed: upwards, and never back to the role that refuses it."""
    for domain in dict.fromkeys(staff.domains.get(name) for name in absent):
        lead = staff.domain_lead(domain) if domain else None
        if lead is not None and lead != own:
            return (lead,), "domain lead"
    for superior in staff.superiors(own):
        if staff.get(superior):
            return (superior,), "reporting line"
    if staff.lead != own and staff.get(staff.lead):
        return (staff.lead,), "lead"
    return (), "nobody"
