"""Passes a packet on from role to role until one may keep it: the same for hand-offs and for delegated tasks.

`judge_hop` ends loops and the dispatcher applies boundaries; this asks one after the other. No model is asked, and
no role speaks on the way.
"""

from __future__ import annotations

from dataclasses import dataclass

from fleet_runtime.contracts import Staff
from fleet_runtime.decisions import Decision
from fleet_runtime.records import HandOff
from fleet_runtime.routing.passing import Passed, RootTask, Stopped, judge_hop, onward
from fleet_runtime.runtime.dispatching import Dispatcher


@dataclass(frozen=True)
class Passage:
    """How a packet travelled.

    ``task`` holds the packets that were delivered. ``refusals`` are what the boundaries of those decided who could
    not keep it, in order. ``stopped`` is why it went no further, if it did not come to rest by itself; ``declined``
    the boundary under which its last holder keeps it, without doing the work.
    """

    task: RootTask
    refusals: tuple[Decision, ...] = ()
    stopped: Stopped | None = None
    declined: Decision | None = None

    @property
    def packets(self) -> tuple[HandOff, ...]:
        """Return all packets in order: the hops, and the refusal at their end if there is one."""
        refusal = self.stopped.escalation() if self.stopped else None
        return (*self.task.hops, *((refusal,) if refusal else ()))

    @property
    def rests_with(self) -> str:
        """Return the role that has it in the end."""
        return self.stopped.addressee if self.stopped else self.task.holder

    @property
    def arrived(self) -> HandOff | None:
        """Return the packet by which it came to rest with another role than the first, or None if it is kept there."""
        packets = self.packets
        return packets[-1] if packets and self.rests_with != self.task.first_role else None


async def pass_on(packet: HandOff, task: RootTask, *, dispatcher: Dispatcher, staff: Staff) -> Passage:
    """Deliver a packet, or pass it further, or stop it.

    Before it reaches its target, what was said is held against the target's own boundaries. What they refuse moves on
    to whom they name, within the task's hop budget, and never in a circle without news.

    Raises: UnknownRole, MessageError for a packet to nobody at work, to oneself, or from who does not hold the task.
    """
    refusals: list[Decision] = []
    while True:
        verdict = judge_hop(task, packet, staff)
        if not isinstance(verdict, Passed):
            return Passage(task, tuple(refusals), stopped=verdict)
        task = verdict.task
        refusal = await dispatcher.refusal(packet.said, task.holder, decision_id=f"{packet.id}:check")
        if refusal is None:
            return Passage(task, tuple(refusals))
        refusals.append(refusal)
        further = onward(task, packet, refusal, staff)
        if further is None:
            return Passage(task, tuple(refusals), declined=refusal)
        packet = further
