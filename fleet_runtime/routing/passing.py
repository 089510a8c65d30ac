"""Ends loops: whether a packet may pass on to the next role, or the root task stops with a reasoned refusal.

Pure. It knows who held a task and what each hop told, never what a role ought to do: that is `route`.
Nothing that a packet says lifts the budget.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Literal

from fleet_runtime.contracts import Staff, Value
from fleet_runtime.decisions import Decision
from fleet_runtime.errors import MessageError, UnknownRole
from fleet_runtime.lexical import stems
from fleet_runtime.records import HandOff

MOST_HOPS = 6
"""Hops that a root task may take where nothing else is set."""

_READ = 4_000  # characters that are read of what was said, as in routing

StopKind = Literal["circle", "budget"]


class RootTask(Value):
    """One piece of work, from the role that held it first through every packet that passed.

    ``said`` and ``fact_ids`` are what was told at the outset; ``hops`` the packets that were delivered, in order;
    ``max_hops`` is the budget of the whole task, whoever holds it.
    """

    id: str
    first_role: str
    said: str
    fact_ids: tuple[str, ...] = ()
    max_hops: int = MOST_HOPS
    hops: tuple[HandOff, ...] = ()

    @property
    def path(self) -> tuple[str, ...]:
        """Return the roles that held the task, in order; a role that got it back stands there again."""
        return (self.first_role, *(hop.to_role for hop in self.hops))

    @property
    def holder(self) -> str:
        """Return who holds the task now."""
        return self.path[-1]

    def news(self, packet: HandOff) -> frozenset[str]:
        """Return what a packet tells and the path did not yet: ids of facts, and stems of what was said."""
        told = _told(self.said, self.fact_ids).union(*(_told(hop.said, hop.fact_ids) for hop in self.hops))
        return _told(packet.said, packet.fact_ids) - told


class Passed(Value):
    """A packet may be delivered; ``task`` counts it already."""

    task: RootTask


class Stopped(Value):
    """A packet is not delivered, and the task goes nowhere else by itself.

    ``addressee`` is who gets the refusal: the lead; the lead's superior where the lead is part of the circle; else
    the role that held the task first. ``reason`` says who passed what to whom, and why it ends.
    """

    task: RootTask
    packet: HandOff
    kind: StopKind
    addressee: str
    reason: str

    def escalation(self) -> HandOff | None:
        """Return the refusal as a packet to its addressee, or None where that is who holds the task already."""
        if self.addressee == self.task.holder:
            return None
        return HandOff(
            id=packet_id(self.task, self.addressee),
            from_role=self.task.holder,
            to_role=self.addressee,
            why=self.reason,
            said=self.packet.said,
            asked=f"Please decide who takes this up: {self.reason}.",
            fact_ids=self.packet.fact_ids,
            rule=self.packet.rule,
        )


def judge_hop(task: RootTask, packet: HandOff, staff: Staff) -> Passed | Stopped:
    """Say whether a packet may be delivered to its target.

    A role that never held the task gets it while the budget lasts. One that held it gets it back only with news: a
    fact or a topic word that the path did not tell yet.

    Args:
        task: the root task as it stands; its holder is who passes the packet on.
        packet: what is to be passed.
        staff: the roles at work.

    Raises: UnknownRole where the target is not staffed; MessageError where a role passes to itself, or passes on
        what another holds.
    """
    _refuse_bad_address(task, packet, staff)
    if packet.to_role in task.path and not task.news(packet):
        return _stopped(task, packet, "circle", staff)
    if len(task.hops) >= task.max_hops:
        return _stopped(task, packet, "budget", staff)
    return Passed(task=task.model_copy(update={"hops": (*task.hops, packet)}))


def packet_id(task: RootTask, to_role: str) -> str:
    """Return the id of the next packet of a task: no other's, and sorted by hop."""
    return f"{task.id}:to:{len(task.hops) + 1:03}:{to_role}"


def onward(task: RootTask, packet: HandOff, refusal: Decision, staff: Staff) -> HandOff | None:
    """Write the packet by which a holder passes on what its boundary refuses, as it came to it.

    ``refusal`` is what the holder's own boundaries decided about ``packet.said``. Where they name an owner, it goes
    there; where nobody at work may take it, to the lead. None: nobody owns it by contract, or the holder is the lead;
    then the holder keeps it with the refusal in force.
    """
    if refusal.verdict == "decline":
        return None
    target = refusal.choice or staff.lead
    if target == task.holder:
        return None
    return packet.model_copy(
        update={
            "id": packet_id(task, target),
            "from_role": task.holder,
            "to_role": target,
            "why": refusal.reason,
            "rule": refusal.rule.where if refusal.rule else "",
        }
    )


def is_clear_refusal(decision: Decision, role: str, cut: float) -> bool:
    """Say whether a boundary of ``role`` itself refuses what was routed with ``role`` active, with at least ``cut``."""
    rule = decision.rule
    return decision.stage == "boundary" and rule is not None and rule.role == role and rule.score >= cut


def _told(said: str, fact_ids: tuple[str, ...]) -> frozenset[str]:
    """Return what was told: ids of facts (set apart from words) and topic stems."""
    return frozenset((*(f"fact {name}" for name in fact_ids), *stems(said[:_READ])))


def _refuse_bad_address(task: RootTask, packet: HandOff, staff: Staff) -> None:
    """Check the two ends of a packet.

    Raises: UnknownRole, MessageError.
    """
    if staff.get(packet.to_role) is None:
        known = ", ".join(role.role_class for role in staff.roles)
        raise UnknownRole(
            f"{packet.from_role} hands over to {packet.to_role!r}, and no such role is staffed",
            hint=f"staffed are {known}",
        )
    if packet.to_role == packet.from_role:
        raise MessageError(f"{packet.from_role} hands over to itself", hint="keep the message instead")
    if packet.from_role != task.holder:
        raise MessageError(
            f"{packet.from_role} passes on what {task.holder} holds", hint="let the role that holds a task pass it on"
        )


def _stopped(task: RootTask, packet: HandOff, kind: StopKind, staff: Staff) -> Stopped:
    """Refuse a packet, with the whole path in the reason."""
    target, path = packet.to_role, task.path
    if kind == "circle":
        involved, why = path[path.index(target) :], f"{target} held it before and is told nothing new"
    else:
        involved, why = (*path, target), f"its budget of {task.max_hops} hops is spent"
    reason = f"passed from {' to '.join((*path, target))}, it ends here: {why}"
    return Stopped(task=task, packet=packet, kind=kind, addressee=_addressee(task, involved, staff), reason=reason)


def _addressee(task: RootTask, involved: Container[str], staff: Staff) -> str:
    """Find who gets a refusal: the lead or who stands above the lead, unless involved; else the first role."""
    above = (staff.lead, *staff.superiors(staff.lead))
    return next((name for name in above if name not in involved and staff.get(name)), task.first_role)
