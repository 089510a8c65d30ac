"""Performs one turn's reply: who speaks, in which order, and what happens when a model gives the turn away.

Joins what makes parts with what runs tools and what passes work on, since each may call for the other. Commits nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from fleet_runtime.budget import Purse
from fleet_runtime.contracts import Role
from fleet_runtime.decisions import Decision
from fleet_runtime.errors import ApprovalError
from fleet_runtime.records import Approval, HandOff, Part, ToolResult
from fleet_runtime.runtime.asking import Asking
from fleet_runtime.runtime.course import Course
from fleet_runtime.runtime.delegation import ASK_COLLEAGUE, HAND_OFF, Delegation
from fleet_runtime.runtime.parts import Guards, PartMaker
from fleet_runtime.runtime.scenes import Setting
from fleet_runtime.runtime.stages import Directing
from fleet_runtime.runtime.tooling import Tooling, Workshop
from fleet_runtime.signals import MemoryRecalled
from fleet_runtime.voicing.scene import Scene


class Performance:
    """One turn on stage."""

    def __init__(  # noqa: PLR0913 - everything that has a part in it
        self,
        setting: Setting,
        course: Course,
        *,
        workshop: Workshop,
        purse: Purse,
        guards: Guards,
        directing: Directing | None,
    ) -> None:
        """Join the turn's parts."""
        desk = setting.desk
        self._setting = setting
        self._course = course
        self._delegation = Delegation(
            course, desk.staff, directing, hops_left=desk.settings.max_hops - setting.way.hops, answer=self._consulted
        )
        builtins = {HAND_OFF: self._delegation.hand_off, ASK_COLLEAGUE: self._delegation.ask_colleague}
        self._tooling = Tooling(workshop, course, builtins)
        asking = (
            Asking(
                desk.model, course, settings=desk.settings, purse=purse, switch=workshop.switch, timer=workshop.timer
            )
            if desk.model
            else None
        )
        self._maker = PartMaker(desk, setting, course, asking=asking, tooling=self._tooling, guards=guards)

    async def perform(self, role: Role) -> None:
        """Have every scene voiced: those of the message's way, then those that models hand the turn on to.

        Raises: Paused; StoreError; ModelError.
        """
        for scene in self._cast(role):
            await self._play(scene)
            if self._course.asks or self._delegation.pending:
                break
        while (packet := self._delegation.taken()) is not None:
            await self._play(self._handed(packet))

    async def carry_on(self, role: Role, approval: Approval) -> None:
        """Carry a decided question on: make the call or send the draft that was approved, or say that it was not.

        Raises: Paused; StoreError; ModelError; ApprovalError if it still waits.
        """
        if approval.state == "waiting":
            raise ApprovalError(f"question {approval.id} still waits", hint="approve or reject it first")
        approved = approval.state == "approved"
        if approved and approval.kind == "reply":
            self._say(Part(role=approval.role, text=approval.draft, kind="approved", model_written=(approval.draft,)))
            return
        result: ToolResult | None = None
        if approved and approval.call is not None:
            result = await self._tooling.carry_out(role, approval, approval.call)
        scene = self._setting.scene(role, self._told(approval), self._setting.routed.decision)
        if self._setting.desk.voice_of(role) == "free" and self._setting.desk.model and approval.kind == "tool":
            await self._play(scene)
            return
        name = "approved" if result and not result.failed else "approval_failed" if result else "not_approved"
        self._say(Part(role=role.role_class, text=self._maker.phrase(scene, name), kind=name))

    async def _play(self, scene: Scene) -> None:
        """Have one scene voiced."""
        if scene.recalled:
            self._course.listen(MemoryRecalled(self._course.turn.id, recalled=scene.recalled))
        self._course.parts.append(await self._maker.part(scene))

    def _say(self, part: Part) -> None:
        """Say what nobody has to voice."""
        self._maker.tell(part.text, part.role)
        self._course.parts.append(part)

    def _cast(self, role: Role) -> Iterator[Scene]:
        """Set the scenes in order: the role's own matters, what moved away, then the new owner's opening.

        Each is set only when it is due, so that it has heard the parts before it.
        """
        setting, parts = self._setting, self._course.parts
        routed, decision, way = setting.routed, setting.routed.decision, setting.way
        wants_object = setting.turn.output_schema is not None
        if routed.kept and not wants_object:
            own = decision.model_copy(update={"verdict": "keep", "choice": role.role_class, "rule": None})
            yield setting.scene(role, routed.kept, own)
        packet = way.arrived
        if decision.verdict == "hand_off" and packet is None:  # it came back: the role may not do it all the same
            decision = decision.model_copy(update={"verdict": "decline", "choice": role.role_class})
        owner = setting.desk.staff.get(packet.to_role) if packet is not None else None
        moves = decision.verdict == "hand_off" and packet is not None and owner is not None
        if not (wants_object and moves):  # an object has one author
            yield setting.scene(role, routed.moved, decision, parts=parts)
        if moves and owner is not None and packet is not None:
            yield setting.scene(owner, packet.said, way.declined or decision, parts=parts)

    def _handed(self, packet: HandOff) -> Scene:
        """Set the scene for whom a model gave the turn to."""
        owner, parts = self._delegation.role_of(packet), self._course.parts
        return self._setting.scene(owner, packet.said, self._moved(packet), parts=parts, packet=packet)

    async def _consulted(self, colleague: Role, packet: HandOff) -> str:
        """Have a colleague answer a colleague's question."""
        scene = self._setting.scene(colleague, packet.said, self._moved(packet), packet=packet)
        return await self._maker.consulted(self._setting.with_tail(scene))

    def _moved(self, packet: HandOff) -> Decision:
        """Return the turn's decision as it looks to whom a packet goes."""
        return self._setting.routed.decision.model_copy(
            update={"verdict": "hand_off", "choice": packet.to_role, "reason": packet.why, "rule": None}
        )

    def _told(self, approval: Approval) -> str:
        """Say to the model what was decided; what the person noted is data."""
        return self._setting.desk.words.book.render("approval.md.j2", approval=approval)
