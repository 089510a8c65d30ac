"""The routing stage: decides who takes a message, nominating the conversation's owner, and sends it there.

Loads only where routing is on.
"""

from __future__ import annotations

from collections.abc import Sequence

from fleet_runtime.contracts import Role, Staff
from fleet_runtime.decisions import Decision
from fleet_runtime.records import AccountState, HandOff, Turn
from fleet_runtime.routing.passing import RootTask, packet_id
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.dispatching import Dispatcher
from fleet_runtime.runtime.passing import pass_on
from fleet_runtime.runtime.stages import Remembered, Routed, Way

_CLEARLY = 0.15
"""By how much more certain the role spoken to must be that a message is its own, for a colleague to give it back."""


class Director:
    """Directs messages by the dispatcher's decisions."""

    def __init__(self, desk: Desk, dispatcher: Dispatcher) -> None:
        """Keep both."""
        self._desk = desk
        self._dispatcher = dispatcher

    async def route(self, turn: Turn, state: AccountState) -> Routed:
        """Decide who takes a message; the conversation's owner is only nominated.

        Where the conversation was handed to a colleague, the colleague is nominated. What is not the colleague's work
        goes back to the role that is spoken to, which decides by its own boundaries.
        """
        talk = [past for past in state.turns if past.conversation == turn.conversation and past.reply]
        history = [past.text for past in talk]
        decision_id = f"{turn.id}:decision"
        owner = self._owner(talk)
        if not turn.role and owner is None:
            decision = await self._dispatcher.decide(turn.text, history=history, decision_id=decision_id)
            return Routed(decision=decision, moved=turn.text, kept="")
        if not turn.role or owner in {None, turn.role}:
            return await self._split(turn, owner or turn.role, history)
        theirs = await self._split(turn, owner or turn.role, history)
        home = await self._split(turn, turn.role, history)
        return theirs if _stays(theirs.decision, home.decision) else home

    async def carry(self, turn: Turn, role: Role, routed: Routed, memory: Remembered | None) -> Way:
        """Send off the packet that a decision asks for, if it asks for one, until a role may keep it."""
        desk = self._desk
        task = RootTask(id=turn.id, first_role=role.role_class, said=turn.text, max_hops=desk.settings.max_hops)
        if routed.decision.verdict not in {"hand_off", "decline"}:
            return Way()
        packet = packet_of(task, routed, desk.staff, desk.words.bank(role.role_class).carry_to)
        if packet is None:
            return Way()
        if memory is not None:
            packet = packet.model_copy(update={"fact_ids": memory.cited(routed.moved)})
        passage = await pass_on(packet, task, dispatcher=self._dispatcher, staff=desk.staff)
        return Way(
            hand_offs=passage.packets, arrived=passage.arrived, declined=passage.declined, hops=len(passage.task.hops)
        )

    async def refusal(self, text: str, role: str, *, history: Sequence[str] = (), decision_id: str) -> Decision | None:
        """Return the decision if a boundary of ``role`` clearly refuses the text, else None. No model is asked."""
        return await self._dispatcher.refusal(text, role, history=history, decision_id=decision_id)

    def _owner(self, talk: Sequence[Turn]) -> str | None:
        """Return who has the conversation, if that role is still staffed."""
        last = talk[-1].reply if talk else None
        return last.owner if last and last.owner and self._desk.staff.get(last.owner) else None

    async def _split(self, turn: Turn, active: str, history: Sequence[str]) -> Routed:
        """Decide with a role active."""
        return await self._dispatcher.split(
            turn.text, active_role=active, history=history, decision_id=f"{turn.id}:decision"
        )


def _stays(theirs: Decision, home: Decision) -> bool:
    """Tell whether a message stays with a colleague: it keeps it, and it is not clearly anybody else's."""
    if theirs.verdict != "keep":
        return False
    agreed = home.verdict == "hand_off" and home.choice == theirs.choice
    return agreed or home.confidence <= theirs.confidence + _CLEARLY


def packet_of(task: RootTask, routed: Routed, staff: Staff, carry_to: str | None) -> HandOff | None:
    """Write the packet that a decision asks for, or None where it asks for none; its target is a class of the staff.

    A declined need is carried inward to ``carry_to``, if that colleague is staffed; nothing is promised by it.
    """
    decision = routed.decision
    if decision.verdict == "hand_off" and decision.choice is not None:
        target, asked = decision.choice, "Please take this up with the customer."
    elif decision.verdict == "decline" and carry_to is not None and carry_to != task.holder and staff.get(carry_to):
        target, asked = carry_to, "Please know of this need. Nothing was promised to the customer."
    else:
        return None
    return HandOff(
        id=packet_id(task, target),
        from_role=task.holder,
        to_role=target,
        why=decision.reason,
        said=routed.moved,
        asked=asked,
        rule=decision.rule.where if decision.rule else "",
    )
