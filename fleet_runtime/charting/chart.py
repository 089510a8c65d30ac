"""The organisation as a chart: who is seated, who reports to whom, who hands what to whom, and what is wrong.

Joins what the staff, the compiled boundaries and the findings say. Finds no fault itself, places and colours nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Final

from pydantic import Field

from fleet_runtime.charting.words import plain
from fleet_runtime.contracts import Role, Seat, Staff, Value
from fleet_runtime.parsing import Complaint
from fleet_runtime.parsing.names import title_of
from fleet_runtime.routing.rules import Rule, compile_rules

_AS_WRITTEN: Final = ("name", "domain")
"""How owners are found when the contract's own word leads to somebody seated."""


class Unowned(Value):
    """Work that a role refuses and that nobody takes."""

    refused: str
    where: str


class Node(Value):
    """One class of the organisation.

    ``vacant``: the profile seats it, but no sound role file gives it. ``unowned`` is what it refuses and
    nobody takes. ``faults`` are the findings in its file.
    """

    role_class: str = Field(validation_alias="class", serialization_alias="class")
    title: str
    domain: str | None = None
    persistent: bool = False
    multiplicity: int = 1
    lead: bool = False
    floor: bool = False
    vacant: bool = False
    reports_to: str | None = None
    unowned: tuple[Unowned, ...] = ()
    faults: tuple[Complaint, ...] = ()


class HandOffLine(Value):
    """One boundary that somebody takes over: the asker refuses the work, the owners are there for it.

    ``refused`` is the refused work in short. Where the owner that the contract names is not staffed,
    ``wanted`` names it and ``resolved_by`` says how another was found.
    """

    asker: str
    owners: tuple[str, ...]
    refused: str
    resolved_by: str
    wanted: tuple[str, ...] = ()
    where: str

    @property
    def is_makeshift(self) -> bool:
        """Tell whether somebody else takes the work, because the named owner is not staffed."""
        return self.resolved_by not in _AS_WRITTEN

    @property
    def makeshift_note(self) -> str:
        """Say for whom the owner stands in, or nothing."""
        if not self.is_makeshift:
            return ""
        return f"for {' or '.join(self.wanted)}, not staffed" if self.wanted else f"by the {self.resolved_by}"


class Chart(Value):
    """The whole organisation. ``faults`` are the findings in files of no seated role, the profile's first of all."""

    title: str
    description: str = ""
    nodes: tuple[Node, ...]
    hand_offs: tuple[HandOffLine, ...] = ()
    faults: tuple[Complaint, ...] = ()

    def node(self, role_class: str) -> Node | None:
        """Return the node of that class, or None."""
        return next((node for node in self.nodes if node.role_class == role_class), None)

    def hand_offs_of(self, role_class: str) -> tuple[HandOffLine, ...]:
        """Return what a role hands to others, in its file's order."""
        return tuple(line for line in self.hand_offs if line.asker == role_class)

    def all_faults(self) -> tuple[Complaint, ...]:
        """Return every finding: the nodes' in their order, then the others."""
        return (*(fault for node in self.nodes for fault in node.faults), *self.faults)


def marked(faults: Iterable[Complaint]) -> tuple[Complaint, ...]:
    """Return the faults that a drawing marks: errors, then warnings. What is worth a note only is left out."""
    given = tuple(faults)
    return tuple(fault for severity in ("error", "warning") for fault in given if fault.severity == severity)


def chart_of(staff: Staff, findings: Sequence[Complaint] = (), files: Mapping[str, str] | None = None) -> Chart:
    """Draw up the chart of a staff.

    A seat whose class no role gives is a vacant node; a role without a seat stands beside the roster. A finding
    goes to the role in whose file it lies.

    Args:
        staff: the roles at work, with their profile.
        findings: what the checker found; those in no staffed role's file are the chart's own.
        files: the file of a class whose contract is too broken to be staffed.
    """
    files = files or {}
    seats = _seats(staff)
    rules = compile_rules(staff)
    by_file = _by_file(findings)
    nodes = tuple(
        _node(seat, staff, [rule for rule in rules if rule.role == seat.role_class], by_file, files)
        for seat in seats.values()
    )
    placed = {id(fault) for node in nodes for fault in node.faults}
    profile = staff.profile
    return Chart(
        title=plain(profile.title) if profile else "Organisation",
        description=plain(profile.description) if profile else "",
        nodes=nodes,
        hand_offs=tuple(_hand_off(rule, staff) for rule in rules if rule.owners),
        faults=tuple(finding for finding in findings if id(finding) not in placed),
    )


def _seats(staff: Staff) -> dict[str, Seat]:
    """Return the seats by class in the roster's order, and after them a seat for each role that has none."""
    seats: dict[str, Seat] = {}
    for seat in staff.profile.roster if staff.profile else ():
        seats.setdefault(seat.role_class, seat)
    for role in staff.roles:
        seats.setdefault(role.role_class, Seat.model_validate({"class": role.role_class}))
    return seats


def _by_file(findings: Iterable[Complaint]) -> dict[PurePath, list[Complaint]]:
    """Return the findings by file."""
    found: dict[PurePath, list[Complaint]] = {}
    for finding in findings:
        found.setdefault(PurePath(finding.file), []).append(finding)
    return found


def _node(
    seat: Seat,
    staff: Staff,
    rules: Sequence[Rule],
    by_file: Mapping[PurePath, Sequence[Complaint]],
    files: Mapping[str, str],
) -> Node:
    """Make the node of one seat."""
    role: Role | None = staff.get(seat.role_class)
    file = role.source if role else files.get(seat.role_class, "")
    faults = by_file.get(PurePath(file), ()) if file else ()
    return Node.model_validate(
        {
            "class": seat.role_class,
            "title": (plain(role.title) if role else "") or title_of(seat.role_class),
            "domain": plain(role.domain) or None if role and role.domain else None,
            "persistent": role.persistent_persona if role else False,
            "multiplicity": seat.multiplicity,
            "lead": seat.role_class == staff.lead,
            "floor": bool(staff.profile and seat.role_class in staff.profile.floor),
            "vacant": role is None,
            "reports_to": seat.reports_to,
            "unowned": tuple(Unowned(refused=_refused(rule), where=rule.where) for rule in rules if not rule.owners),
            "faults": tuple(faults),
        }
    )


def _hand_off(rule: Rule, staff: Staff) -> HandOffLine:
    """Make the hand-off of one boundary."""
    return HandOffLine(
        asker=rule.role,
        owners=rule.owners,
        refused=_refused(rule),
        resolved_by=rule.resolved_by,
        wanted=() if rule.resolved_by in _AS_WRITTEN else _wanted(rule, staff),
        where=rule.where,
    )


def _wanted(rule: Rule, staff: Staff) -> tuple[str, ...]:
    """Return whom a boundary names though they are not staffed; a domain where it names no class."""
    named = tuple(plain(name) for name in rule.named if staff.get(name) is None)
    if named or not rule.owner_domain:
        return named
    return (plain(rule.owner_domain),)


def _refused(rule: Rule) -> str:
    """Return the refused work in the contract's words, on one line."""
    return plain(rule.refuses or rule.text)
