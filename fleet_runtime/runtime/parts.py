"""Has one scene voiced: by a model that speaks freely, by a weak one that is assisted, or without any.

The guard reads what a model wrote before anybody else does. Commits nothing, and decides nothing about who speaks.
"""

from __future__ import annotations

from collections.abc import Callable

from fleet_runtime.contracts import Role
from fleet_runtime.errors import BudgetSpent, ModelGarbled
from fleet_runtime.messages import ModelReply, ModelRequest, ToolSpec
from fleet_runtime.records import Approval, Finding, HandOff, Part
from fleet_runtime.runtime.asking import Asking
from fleet_runtime.runtime.course import Course
from fleet_runtime.runtime.delegation import own_tools
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.drafting import Drafting, Objections
from fleet_runtime.runtime.scenes import Setting
from fleet_runtime.runtime.stages import Guarding, Reader
from fleet_runtime.runtime.tooling import Tooling
from fleet_runtime.signals import ApprovalAsked, Objected, StageDone, TextReleased
from fleet_runtime.voicing.free import Terms, Wanted, speak_freely
from fleet_runtime.voicing.looking import LOOKS, Looking, with_results
from fleet_runtime.voicing.scene import Draft, Scene, Speaking, ToolsUsed, UseTools, Voice, Voiced

Guards = Callable[[], Guarding]
"""Gives the guard; it loads when it is first needed."""


class PartMaker:
    """Makes the parts of one turn's reply."""

    def __init__(  # noqa: PLR0913 - what a part is made with
        self, desk: Desk, setting: Setting, course: Course, *, asking: Asking | None, tooling: Tooling, guards: Guards
    ) -> None:
        """Keep the turn's surroundings; ``asking`` is None where there is no model."""
        self._desk = desk
        self._setting = setting
        self._course = course
        self._asking = asking
        self._tooling = tooling
        self._guards = guards

    async def part(self, scene: Scene) -> Part:
        """Have a scene voiced and cleared, and told as it is said. A role that hands over gets no model call for it."""
        voiced = await self._voiced(scene)
        course = self._course
        course.findings.extend(voiced.findings)
        course.recalled.extend(item for item in scene.recalled if item not in course.recalled)
        part = voiced.part
        if part.kind == "ended":
            return self._ended(scene, part)
        return self._held(scene, part) if self._waits(scene.role, part.kind) else part

    def _ended(self, scene: Scene, part: Part) -> Part:
        """Say how a part ends whose role gave the turn away, or waits for a person."""
        packet = self._course.packets[-1] if self._course.packets else None
        if packet is not None and packet.from_role == scene.role.role_class and not self._course.asks:
            ending, kind = self.composed(over_to(packet, scene)).part.text, "hand_off"
        else:
            ending, kind = self.phrase(scene, "awaits_approval"), "awaits_approval"
        part = part.model_copy(update={"text": part.text.strip()})
        self.tell(f" {ending}" if part.text else self._gap + ending, scene.role.role_class)
        text = f"{part.text} {ending}" if part.text else ending
        return part.model_copy(update={"text": text, "kind": kind})

    def _held(self, scene: Scene, part: Part) -> Part:
        """Keep a reply that a person is to see first, and say so to the customer."""
        turn, role = self._course.turn, scene.role
        approval = Approval(
            id=f"{turn.id}:reply:{len(self._course.parts)}:approval", key=turn.key, turn_id=turn.id,
            conversation=turn.conversation, role=role.role_class, speaker=turn.speaker, kind="reply",
            question=f"May {role.title} send this to {turn.speaker} of {turn.key.account}?", draft=part.text,
            asked_at=self._desk.clock(),
        )  # fmt: skip
        self._course.asks.append(approval)
        self._course.listen(ApprovalAsked(turn.id, approval=approval))
        text = self.phrase(scene, "awaits_approval")
        self.tell(self._gap + text, role.role_class)
        return Part(role=role.role_class, text=text, kind="awaits_approval")

    def phrase(self, scene: Scene, name: str, **values: str) -> str:
        """Say a phrase of the role's bank that was not heard lately."""
        return self._desk.words.bank(scene.role.role_class).phrase(name, scene.heard, **values)

    async def consulted(self, scene: Scene) -> str:
        """Have a colleague answer a colleague: cleared words of a model, or nothing."""
        if self._asking is None:
            return ""
        voiced = await self._freely(scene, aside=True)
        return voiced.part.text if voiced.part.model_written else ""

    def composed(self, scene: Scene) -> Voiced:
        """Compose the reply without any model."""
        voice = Speaking(self._assisted(scene))
        while voice.request is not None:
            voice.answer(None)
        return voice.result

    def tell(self, text: str, role: str) -> None:
        """Tell a piece of the reply to whoever listens for pieces."""
        if self._course.streams and text:
            self._course.listen(TextReleased(self._course.turn.id, role=role, text=text))

    async def _voiced(self, scene: Scene) -> Voiced:
        """Choose the voice: wanted objects and capable models are free; a hand-over is always composed."""
        course, role = self._course, scene.role
        hands_over = scene.decision.verdict == "hand_off" and scene.packet is None
        if self._asking is None or course.exhausted or hands_over:
            return self._say(self.composed(scene))
        if course.turn.output_schema is not None or self._desk.voice_of(role) == "free":
            return await self._freely(self._setting.with_tail(scene), aside=False)
        scene = await self._looked_up(scene, self._asking)
        voiced = await self._drive(self._assisted(scene), role, self._asking)
        objections = await self._objections(voiced.part, scene)
        if objections and self._desk.settings.guard_of(role.role_class) == "enforce":
            voiced = self.composed(scene)
        findings = (*voiced.findings, *objections)
        self._object(findings)
        return self._say(voiced.model_copy(update={"findings": findings}))

    def _object(self, findings: tuple[Finding, ...]) -> None:
        """Tell what the guard objects to."""
        for finding in findings:
            self._course.listen(Objected(self._course.turn.id, finding=finding))

    async def _looked_up(self, scene: Scene, asking: Asking) -> Scene:
        """Have a model that is assisted use tools before it speaks: what they gave is composed from, as recalled is."""
        role, course = scene.role, self._course
        offered = self._tooling.offered(role)
        if not offered or scene.packet is not None or scene.decision.verdict != "keep":
            return scene
        await self._tooling.taken_up(role)
        talk = Looking(scene, self._desk.words.book, offered, course.begun_by(role.role_class))
        for _ in range(min(LOOKS, self._desk.settings.tool_rounds) - talk.rounds):
            try:
                reply = await asking.complete(talk.request(), role.role_class)
            except (ModelGarbled, BudgetSpent):
                break
            if not reply.tool_calls:
                break
            used = await self._tooling.use(role, reply.text, reply.tool_calls)
            talk.add(reply, used)
            if used.ended:
                break
        given = [use for use in course.uses if use.role == role.role_class and not use.failed]
        return with_results(scene, given)

    def _say(self, voiced: Voiced) -> Voiced:
        """Tell a part that was not told piece by piece, unless a person sees it first."""
        if voiced.part.kind not in self._desk.settings.for_role(voiced.part.role).approve_replies:
            self.tell(self._gap + voiced.part.text, voiced.part.role)
        return voiced

    @property
    def _gap(self) -> str:
        """Return what sets a part apart from the one before it."""
        return "\n\n" if any(part.text for part in self._course.parts) else ""

    async def _freely(self, scene: Scene, *, aside: bool) -> Voiced:
        """Have a capable model speak; ``aside`` it answers a colleague, and nobody else hears it."""
        course, role = self._course, scene.role
        asking = self._asking
        if asking is None:
            return self.composed(scene)
        policy = self._desk.settings.guard_of(role.role_class)
        reader = None if policy == "off" else self._guards().reader(scene)
        ended = await self._tooling.taken_up(role)
        waits = self._waits(role, "free") or self._waits(role, "composed")
        heard = course.streams and not aside and course.turn.output_schema is None and not waits
        drafting = Drafting(
            asking, role.role_class, policy=policy, objections=self._reading(reader),
            tell=self.tell if heard else None, lead=self._gap,
        )  # fmt: skip
        terms = Terms(
            policy=policy,
            composed=lambda: self._closing(scene),
            tools=self._offered(role, aside=aside),
            rounds=self._desk.settings.tool_rounds,
            begun=() if aside else course.begun_by(role.role_class),
            ended=ended,
            wanted=self._wanted(),
        )
        speaking = Speaking(speak_freely(scene, self._desk.words.book, terms))
        while (request := speaking.request) is not None:
            speaking.answer(await self._fulfilled(request, role, drafting))
        voiced = speaking.result
        return self._as_heard(voiced, drafting) if heard else voiced

    def _as_heard(self, voiced: Voiced, drafting: Drafting) -> Voiced:
        """Say what of a part was not said while it came; what was heard is the part, to the letter."""
        ended = voiced.part.kind == "ended"
        rest = "" if ended else drafting.rest_of(voiced.part.text)
        if rest:
            self.tell(rest if drafting.told else self._gap + rest, voiced.part.role)
        return voiced.model_copy(update={"part": voiced.part.model_copy(update={"text": drafting.told + rest})})

    async def _fulfilled(
        self, request: ModelRequest | UseTools, role: Role, drafting: Drafting
    ) -> Draft | ToolsUsed | None:
        """Give a free voice what it asks for; nothing more where a budget is spent."""
        try:
            if isinstance(request, UseTools):
                return await self._tooling.use(role, request.said, request.calls)
            draft = await drafting.draft(request)
        except BudgetSpent:
            return None
        self._object(draft.findings)
        return draft

    def _closing(self, scene: Scene) -> str:
        """Compose what is said where the model gave nothing that may be said; a spent budget is told."""
        text = self.composed(scene).part.text
        if not self._course.exhausted:
            return text
        return f"{self.phrase(scene, 'exhausted')} {text}".strip()

    def _offered(self, role: Role, *, aside: bool) -> tuple[ToolSpec, ...]:
        """Return the tools of a role in this turn: its own, and those by which it passes work on."""
        own = self._tooling.offered(role)
        if self._desk.settings.delegation == "off" or self._course.turn.output_schema is not None:
            return own
        return (*own, *own_tools(role, self._desk.staff, may_hand_off=not aside))

    def _wanted(self) -> Wanted | None:
        """Return the object that is asked for, if one is."""
        schema = self._course.turn.output_schema
        if schema is None:
            return None
        from fleet_runtime.outputs import against_schema  # noqa: PLC0415 - loads when an object is wanted

        return Wanted(schema, self._course.complaint or (lambda text: against_schema(text, schema)))

    def _reading(self, reader: Reader | None) -> Objections | None:
        """Return what reads a draft: with the results that the model saw, and what was done until then."""
        if reader is None:
            return None
        from fleet_runtime.outputs import in_sentences  # noqa: PLC0415 - loads where there is a guard

        async def objections(text: str, after: str = "") -> tuple[Finding, ...]:
            uses = self._course.uses
            shown = [use.result for use in uses] + self._course.told
            done = [f"{use.name.replace('_', ' ')}: {use.arguments} {use.result}" for use in uses if not use.failed]
            deeds = (*self._setting.deeds(self._course.packets), *done)
            if self._course.turn.output_schema is not None:
                text = in_sentences(text)
            began = self._desk.timer()
            found = await reader.objections(text, deeds=deeds, shown=shown, after=after)
            seconds = self._desk.timer() - began
            self._course.listen(StageDone(self._course.turn.id, name="guard", seconds=seconds))
            return found

        return objections

    async def _objections(self, part: Part, scene: Scene) -> tuple[Finding, ...]:
        """Second line of defence: what a model wrote into an assisted reply must rest on evidence and stay in lane."""
        written = " ".join(part.model_written)
        if not written or self._desk.settings.guard_of(scene.role.role_class) == "off":
            return ()
        reading = self._reading(self._guards().reader(scene))
        return await reading(written) if reading else ()

    def _waits(self, role: Role, kind: str) -> bool:
        """Tell whether a person sees replies of that kind before the customer does."""
        return kind in self._desk.settings.for_role(role.role_class).approve_replies

    async def _drive(self, voice: Voice, role: Role, asking: Asking) -> Voiced:
        """Fulfil an assisted voice's requests until it has spoken; where the model garbles, it composes."""
        speaking = Speaking(voice)
        while speaking.request is not None:
            answer: ModelReply | None = None
            if not self._course.exhausted:
                try:
                    answer = await asking.complete(speaking.request, role.role_class)
                except (ModelGarbled, BudgetSpent):
                    answer = None
            speaking.answer(answer)
        return speaking.result

    def _assisted(self, scene: Scene) -> Voice:
        """Make the assisted voice for a scene."""
        from fleet_runtime.voicing.assisted import AssistedVoice  # noqa: PLC0415 - loads when something is composed

        words = self._desk.words
        return AssistedVoice(scene, words.bank(scene.role.role_class), words.tasks, words.book).speak()


def over_to(packet: HandOff, scene: Scene) -> Scene:
    """Set the scene in which a role says that it gives the turn to a colleague, and why."""
    decision = scene.decision.model_copy(
        update={"verdict": "hand_off", "choice": packet.to_role, "reason": packet.why, "rule": None}
    )
    return scene.model_copy(update={"decision": decision, "hand_offs": (packet,)})
