"""Hand-off and consulting, as a model may ask for them: two tools of the runtime's own. Boundaries and hops judge both.

``hand_off`` gives the turn to a colleague, who speaks with the customer from then on. ``ask_colleague`` has a colleague
answer a question; the role that asked voices the answer. Either is a hop of the root task. A colleague has the
tools of its own contract, within what the turn was granted: nothing is lent and nothing widens.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import cast

from fleet_runtime.contracts import Role, Staff
from fleet_runtime.messages import ToolCall, ToolSpec
from fleet_runtime.records import HandOff, ToolResult
from fleet_runtime.runtime.course import WAITING, Course
from fleet_runtime.runtime.stages import Directing
from fleet_runtime.signals import Consulted, HandedOff

HAND_OFF = "hand_off"
ASK_COLLEAGUE = "ask_colleague"

Answer = Callable[[Role, HandOff], Awaitable[str]]
"""Has a role answer a packet for a colleague, and returns what it says."""


def own_tools(role: Role, staff: Staff, *, may_hand_off: bool) -> tuple[ToolSpec, ...]:
    """Return the runtime's own tools for a role: whom it may give the turn to, and whom it may ask."""
    colleagues = tuple(other.role_class for other in staff.roles if other.role_class != role.role_class)
    owners = tuple(dict.fromkeys(owner for boundary in role.boundaries for owner in _owners(boundary.owners, staff)))
    takers = tuple(name for name in (*owners, *colleagues) if name in colleagues)
    if not colleagues:
        return ()
    ask = _tool(
        ASK_COLLEAGUE,
        "Ask a colleague something that is their work, and answer the customer yourself with what they say.",
        {"to": _one_of(colleagues), "question": _text("the question, complete in itself")},
    )
    if not may_hand_off:
        return (ask,)
    hand = _tool(
        HAND_OFF,
        "Give the conversation to the colleague whose work the message is. The customer is told, and they answer.",
        {
            "to": _one_of(tuple(dict.fromkeys(takers))),
            "why": _text("why it is theirs, in one sentence that the customer may read"),
            "asked": _text("what they are asked to do"),
        },
    )
    return (hand, ask)


class Delegation:
    """The hand-offs and consultations of one turn; together they stay within the hop budget."""

    def __init__(
        self, course: Course, staff: Staff, directing: Directing | None, *, hops_left: int, answer: Answer
    ) -> None:
        """Begin with the hops that the root task has left; ``answer`` has a colleague answer."""
        self._course = course
        self._roles = {role.role_class: role for role in staff.roles}
        self._directing = directing
        self._answer = answer
        self._hops_left = hops_left
        self._passed = 0
        self.pending: HandOff | None = None

    def taken(self) -> HandOff | None:
        """Return the packet of a hand-off that passed and was not followed yet, once."""
        packet, self.pending = self.pending, None
        return packet

    def role_of(self, packet: HandOff) -> Role:
        """Return the role that a packet which passed goes to.

        Raises: KeyError for a packet that did not pass.
        """
        return self._roles[packet.to_role]

    async def hand_off(self, role: Role, call: ToolCall, key: str) -> tuple[ToolResult, bool]:
        """Judge a hand-off; one that passes ends the role's part of the turn."""
        del key
        wish = _arguments(call)
        packet = self._packet(role, wish, asked=wish.get("asked", ""), why=wish.get("why", ""))
        refused = await self._refused(role, packet)
        if refused:
            return ToolResult(call_id=call.id, text=refused, failed=True), False
        self.pending = packet
        self._course.packets.append(packet)
        self._course.listen(HandedOff(self._course.turn.id, packet=packet))
        return ToolResult(call_id=call.id, text=f"{packet.to_role} has it now."), True

    async def ask_colleague(self, role: Role, call: ToolCall, key: str) -> tuple[ToolResult, bool]:
        """Have a colleague answer, unless a boundary or the hop budget refuses it."""
        del key
        wish = _arguments(call)
        question = wish.get("question", "")
        packet = self._packet(role, wish, asked=question, why=f"our {role.title} asks a colleague")
        packet = packet.model_copy(update={"said": question})
        refused = await self._refused(role, packet)
        if refused:
            self._tell(packet, "", refused)
            return ToolResult(call_id=call.id, text=refused, failed=True), False
        waiting = len(self._course.asks)
        answer = await self._answer(self._roles[packet.to_role], packet)
        if len(self._course.asks) > waiting:
            self._tell(packet, "", "a person is asked first")
            return ToolResult(call_id=call.id, text=WAITING), True
        self._tell(packet, answer, "" if answer else "no answer came")
        self._course.told.append(answer)
        if not answer:
            return ToolResult(call_id=call.id, text=f"{packet.to_role} gave no answer.", failed=True), False
        return ToolResult(call_id=call.id, text=f"{packet.to_role} says: {answer}"), False

    def _packet(self, role: Role, wish: dict[str, str], *, asked: str, why: str) -> HandOff:
        """Write the packet that a call asks for."""
        turn, target = self._course.turn, wish.get("to", "")
        return HandOff(
            id=f"{turn.id}:asked:{self._passed + 1:03}:{target}",
            from_role=role.role_class,
            to_role=target,
            why=why or "it is their work",
            said=turn.text,
            asked=asked or "Please take this up with the customer.",
        )

    async def _refused(self, role: Role, packet: HandOff) -> str:
        """Hold a packet against staff, hops and the target's boundaries; return what the model is told, or nothing.

        A packet that passes is a hop, whether the turn goes with it or only a question.
        """
        if packet.to_role == role.role_class or packet.to_role not in self._roles:
            known = ", ".join(name for name in self._roles if name != role.role_class)
            return f"Nobody called {packet.to_role!r} can take it. Your colleagues: {known}."
        if self._hops_left <= 0:
            self._course.exhausted = "hops"
            return (
                "Not passed on: that was done as often as it may be. Answer the customer yourself with what you have."
            )
        if self._directing is not None:
            decision = await self._directing.refusal(packet.asked, packet.to_role, decision_id=f"{packet.id}:check")
            if decision is not None:
                return f"{packet.to_role} may not do that: {decision.reason}."
        self._hops_left -= 1
        self._passed += 1
        return ""

    def _tell(self, packet: HandOff, answer: str, why: str) -> None:
        """Tell of a consultation."""
        self._course.listen(
            Consulted(
                self._course.turn.id, role=packet.from_role, colleague=packet.to_role, question=packet.asked,
                answer=answer, why=why,
            )
        )  # fmt: skip


def _owners(owners: tuple[str, ...], staff: Staff) -> tuple[str, ...]:
    """Keep the owners who are at work."""
    return tuple(name for name in owners if staff.get(name) is not None)


def _arguments(call: ToolCall) -> dict[str, str]:
    """Read a call's arguments as texts; what is no object has none."""
    try:
        given: object = json.loads(call.arguments or "{}")
    except ValueError:
        return {}
    if not isinstance(given, dict):
        return {}
    return {str(name): str(value) for name, value in cast("dict[object, object]", given).items()}


def _tool(name: str, description: str, properties: dict[str, object]) -> ToolSpec:
    """Write a tool whose arguments are all needed."""
    parameters = {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip
    return ToolSpec(name=name, description=description, parameters=parameters)


def _one_of(names: tuple[str, ...]) -> dict[str, object]:
    """Write a choice among classes."""
    return {"type": "string", "enum": list(names)}


def _text(description: str) -> dict[str, object]:
    """Write a text argument."""
    return {"type": "string", "description": description, "maxLength": 600}
