"""The way of a message: route, recall, compile, voice, guard, commit. One turn, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from fleet_runtime.contracts import Role
from fleet_runtime.decisions import Decision
from fleet_runtime.errors import FenceLost, ModelGarbled
from fleet_runtime.guarding import Claim, check, claimed_work, lane_findings
from fleet_runtime.learning import awaits_learning, learn
from fleet_runtime.messages import ModelReply, ModelRequest, Usage
from fleet_runtime.records import AccountChange, AccountState, Finding, Learned, Part, Recalled, Reply, Turn
from fleet_runtime.routing.passing import RootTask
from fleet_runtime.runtime import scenes
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.dispatching import Dispatcher, Routed
from fleet_runtime.runtime.indexes import Indexes
from fleet_runtime.runtime.passing import Passage, pass_on
from fleet_runtime.runtime.pins import first_pins, refuse_changed
from fleet_runtime.runtime.recollection import Recollection, recollect
from fleet_runtime.runtime.scenes import Setting
from fleet_runtime.voicing import (
    Asker,
    AssistedVoice,
    FreeVoice,
    LaneAnswer,
    LaneQuestion,
    Scene,
    Speaking,
    Voice,
    Voiced,
    colleagues_of,
    evidence_of,
    speak_freely,
)

Say = Callable[[Part], None]
"""Takes each part of a reply as soon as it is cleared."""


@dataclass
class _Spoken:
    """What has come of a turn so far."""

    parts: list[Part] = field(default_factory=list)
    recalled: list[Recalled] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)


class TurnRunner:
    """Answers accepted turns. Holds no state between them."""

    def __init__(self, desk: Desk, dispatcher: Dispatcher, indexes: Indexes) -> None:
        """Keep what every turn needs."""
        self._desk = desk
        self._dispatcher = dispatcher
        self._indexes = indexes

    async def answer(self, turn: Turn, lease_owner: str, say: Say) -> Reply:
        """Answer one turn and commit it with all that it caused.

        Raises: FenceLost if another process took the turn over; RoleChanged if a changed contract is to be
            accepted first; ModelError if the model is needed and
        gives nothing of use; the turn then stays accepted.
        """
        state = await self._desk.store.read(turn.key)
        refuse_changed(state, self._desk)
        routed = await self._route(turn, state)
        staff = self._desk.staff
        role = staff.get(turn.role or routed.decision.choice or staff.lead) or staff.roles[0]
        learned = self._learned(state, turn)
        said = (turn.text, routed.moved, routed.kept)
        recollection = await recollect(turn, state, said, indexes=self._indexes, keys=self._desk.memory_keys)
        passage = await self._passed(role, routed, learned, recollection)
        setting = Setting(self._desk, turn, state, routed, learned, passage, recollection)
        spoken = _Spoken()
        for scene in self._cast(setting, role, spoken):
            part = await self._part(scene, setting, spoken)
            spoken.parts.append(part)
            say(part)
        return await self._commit(setting, spoken, lease_owner)

    async def warm_up(self, role: Role) -> None:
        """Have an assisted model read what all turns of a role share, so that the first turn need not wait for it."""
        desk = self._desk
        if desk.model is None or desk.voice_of(role) != "assisted":
            return
        for request in Asker(desk.words.book, desk.words.tasks, desk.prefix(role).text).shared_prompts():
            with suppress(ModelGarbled):  # what one token says is of no matter
                await desk.model.complete(request)

    async def _route(self, turn: Turn, state: AccountState) -> Routed:
        """Decide who takes the message; a message at the front door has no active role."""
        history = [past.text for past in state.turns if past.conversation == turn.conversation and past.reply]
        decision_id = f"{turn.id}:decision"
        if turn.role:
            return await self._dispatcher.split(
                turn.text, active_role=turn.role, history=history, decision_id=decision_id
            )
        decision = await self._dispatcher.decide(turn.text, history=history, decision_id=decision_id)
        return Routed(decision=decision, moved=turn.text, kept="")

    async def _passed(self, role: Role, routed: Routed, learned: Learned, recollection: Recollection) -> Passage:
        """Send off the packet that the decision asks for, if it asks for one, until a role may keep it."""
        desk, turn = self._desk, recollection.turn
        task = RootTask(id=turn.id, first_role=role.role_class, said=turn.text, max_hops=desk.settings.max_hops)
        facts = scenes.cited(recollection.bearing_on(routed.moved, learned))
        packet = scenes.packet_of(task, routed, desk.staff, desk.words.bank(role.role_class).carry_to, facts)
        if packet is None:
            return Passage(task)
        return await pass_on(packet, task, dispatcher=self._dispatcher, staff=desk.staff)

    def _learned(self, state: AccountState, turn: Turn) -> Learned:
        """Read the message by rules, against the account as it stands."""
        return learn(state, (scenes.message_event(turn),), self._desk.memory_keys)

    def _cast(self, setting: Setting, role: Role, spoken: _Spoken) -> Iterator[Scene]:
        """Set the scenes in order: the role's own matters, what moved away, then the new owner's opening.

        Each is set only when it is due, so that it has heard the parts before it.
        """
        routed, decision, passage = setting.routed, setting.routed.decision, setting.passage
        if routed.kept:
            own = decision.model_copy(update={"verdict": "keep", "choice": role.role_class, "rule": None})
            yield setting.scene(role, routed.kept, own)
        packet = passage.arrived
        if decision.verdict == "hand_off" and packet is None:  # it came back: the role may not do it all the same
            decision = decision.model_copy(update={"verdict": "decline", "choice": role.role_class})
        yield setting.scene(role, routed.moved, decision, parts=spoken.parts)
        owner = self._desk.staff.get(packet.to_role) if packet is not None else None
        if decision.verdict == "hand_off" and packet is not None and owner is not None:
            yield setting.scene(owner, packet.said, passage.declined or decision, parts=spoken.parts)

    async def _part(self, scene: Scene, setting: Setting, spoken: _Spoken) -> Part:
        """Have one scene voiced and cleared. A role that hands over gets no model call for it."""
        role = scene.role
        policy = self._desk.settings.guard_of(role.role_class)
        hands_over = scene.decision.verdict == "hand_off" and scene.packet is None
        if hands_over or self._desk.model is None or self._desk.voice_of(role) == "assisted":
            voiced = await self._drive(self._assisted(scene), spoken)
            objections = () if policy == "off" else await self._objections(voiced.part, scene, setting)
            spoken.findings.extend(objections)
            if objections and policy == "enforce":
                voiced = self._composed(scene)
        else:
            scene = setting.with_tail(scene)
            evidence = evidence_of(scene, setting.deeds())
            voice = speak_freely(
                scene, self._desk.words.book, evidence, policy=policy, composed=lambda: self._composed(scene).part.text
            )
            voiced = await self._drive_freely(voice, scene, spoken)
        spoken.findings.extend(voiced.findings)
        spoken.recalled.extend(item for item in scene.recalled if item not in spoken.recalled)
        return voiced.part

    def _assisted(self, scene: Scene) -> Voice:
        """Make the assisted voice for a scene."""
        words = self._desk.words
        return AssistedVoice(scene, words.bank(scene.role.role_class), words.tasks, words.book).speak()

    def _composed(self, scene: Scene) -> Voiced:
        """Compose the reply without any model."""
        voice = Speaking(self._assisted(scene))
        while voice.request is not None:
            voice.answer(None)
        return voice.result

    async def _objections(self, part: Part, scene: Scene, setting: Setting) -> tuple[Finding, ...]:
        """Second line of defence: what a model wrote into an assisted reply must rest on evidence and stay in lane."""
        written = " ".join(part.model_written)
        if not written:
            return ()
        claims = claimed_work(written, colleagues_of(scene))
        out_of_lane = lane_findings(claims, await self._refusals(claims, scene))
        return (*check(written, evidence_of(scene, setting.deeds()), said_at=scene.at), *out_of_lane)

    async def _refusals(self, claims: Sequence[Claim], scene: Scene) -> tuple[Decision | None, ...]:
        """Hold claims of work against the role's own boundaries, as the dispatcher does with messages."""
        role, said = scene.role.role_class, (scene.text,)
        return tuple(
            [
                await self._dispatcher.refusal(claim.work, role, history=said, decision_id=f"{scene.decision.id}:claim")
                for claim in claims
            ]
        )

    async def _drive(self, voice: Voice, spoken: _Spoken) -> Voiced:
        """Fulfil an assisted voice's requests until it has spoken; where the model garbles, it composes."""
        speaking = Speaking(voice)
        while speaking.request is not None:
            speaking.answer(await self._ask(speaking.request, spoken, forgiving=True))
        return speaking.result

    async def _drive_freely(self, voice: FreeVoice, scene: Scene, spoken: _Spoken) -> Voiced:
        """Fulfil a free voice's requests until it has spoken: a model's words, and what the boundaries say of them."""
        speaking = Speaking(voice)
        while (request := speaking.request) is not None:
            if isinstance(request, LaneQuestion):
                speaking.answer(LaneAnswer(refusals=await self._refusals(request.claims, scene)))
            else:
                speaking.answer(await self._ask(request, spoken, forgiving=False))
        return speaking.result

    async def _ask(self, request: ModelRequest, spoken: _Spoken, *, forgiving: bool) -> ModelReply | None:
        """Ask the model, and count what it cost."""
        if self._desk.model is None:
            return None
        try:
            reply = await self._desk.model.complete(request)
        except ModelGarbled:
            if forgiving:
                return None
            raise
        spoken.usage = spoken.usage + reply.usage
        return reply

    async def _commit(self, setting: Setting, spoken: _Spoken, lease_owner: str) -> Reply:
        """Write the turn whole; if only the account's record moved on meanwhile, learn against it anew.

        Raises: FenceLost if the lease was lost or the turn is done.
        """
        while True:  # a record that moved on means that somebody else got on: nobody waits for ever
            try:
                return await self._apply(setting, spoken, lease_owner)
            except FenceLost:
                state = await self._desk.store.read(setting.turn.key)
                if state.version == setting.state.version:
                    raise
                setting = replace(setting, state=state, learned=self._learned(state, setting.turn))

    async def _apply(self, setting: Setting, spoken: _Spoken, lease_owner: str) -> Reply:
        """Gather everything that the turn caused into one transaction, and write it."""
        turn, desk = setting.turn, self._desk
        reply = self._reply(setting, spoken)
        event = scenes.message_event(turn)
        later = desk.learner is not None and awaits_learning(
            event, setting.state, desk.memory_keys, desk.learner.info.voice, found=setting.learned.news
        )
        change = AccountChange(
            key=turn.key,
            seen_version=setting.state.version,
            now=desk.clock(),
            events=(event, *scenes.hand_off_events(turn, setting.hand_offs)),
            learned=setting.learned,
            finishes=turn.id,
            reply=reply,
            lease_owner=lease_owner,
            learn_later=(event.id,) if later else (),
            pinned=first_pins(setting.state, self._spoke(reply), desk.words.contracts),
        )
        await desk.store.apply(change)
        return reply

    def _spoke(self, reply: Reply) -> list[Role]:
        """Return the roles that said something in a reply."""
        return [role for role in map(self._desk.staff.get, {part.role for part in reply.parts}) if role is not None]

    def _reply(self, setting: Setting, spoken: _Spoken) -> Reply:
        """Put the reply together."""
        return Reply(
            turn_id=setting.turn.id,
            conversation=setting.turn.conversation,
            text="\n\n".join(part.text for part in spoken.parts),
            role=spoken.parts[-1].role,
            parts=tuple(spoken.parts),
            decision=setting.routed.decision,
            hand_offs=setting.hand_offs,
            recalled=tuple(spoken.recalled),
            learned=setting.learned.news,
            superseded=setting.learned.superseded,
            findings=tuple(spoken.findings),
            usage=spoken.usage + setting.routed.decision.usage,
            model=self._desk.model.info.name if self._desk.model else "",
        )
