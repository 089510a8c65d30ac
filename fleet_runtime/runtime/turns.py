"""The way of a message: route, recall, compile, voice with tools, guard, commit. One turn, whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from fleet_runtime.budget import Purse, limits_of
from fleet_runtime.contracts import Role
from fleet_runtime.decisions import Decision
from fleet_runtime.errors import ApprovalError, FenceLost, FleetError, ModelGarbled
from fleet_runtime.messages import Usage
from fleet_runtime.prompt_bounds import PromptBounds
from fleet_runtime.records import AccountChange, AccountState, Approval, Learned, Reply, Spent, Turn
from fleet_runtime.runtime.course import Course
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.parts import Guards
from fleet_runtime.runtime.performing import Performance
from fleet_runtime.runtime.pins import first_pins, refuse_changed
from fleet_runtime.runtime.proposing import asked, proposes
from fleet_runtime.runtime.scenes import Setting, hand_off_events, message_event
from fleet_runtime.runtime.stages import Directing, Memory, Remembered, Routed, Way
from fleet_runtime.runtime.tooling import Workshop
from fleet_runtime.signals import ApprovalAsked, Decided, HandedOff, MemoryLearned, StageDone, TurnBegan, TurnDone


class TurnRunner:
    """Answers accepted turns. Between them it remembers only how many tokens a prompt's beginning had."""

    def __init__(
        self, desk: Desk, workshop: Workshop, *, directing: Directing | None, memory: Memory | None, guards: Guards
    ) -> None:
        """Keep what every turn needs; ``directing`` and ``memory`` are None where their stage is off."""
        self._desk = desk
        self._workshop = workshop
        self._directing = directing
        self._memory = memory
        self._guards = guards
        self._bounds = PromptBounds()

    async def answer(self, course: Course, lease_owner: str) -> Reply:
        """Answer one turn and commit it with all that it caused.

        Raises: FenceLost if another process took the turn over; RoleChanged if a changed contract is to be
            accepted first; Paused; ModelError if the model is needed and gives nothing of use. The turn then stays
            accepted, and what it spent is counted.
        """
        turn = course.turn
        course.listen(
            TurnBegan(
                turn.id, tenant=turn.key.tenant, account=turn.key.account, conversation=turn.conversation,
                role=turn.role, text=turn.text,
            )
        )  # fmt: skip
        try:
            return await self._answered(course, lease_owner)
        except FleetError:
            await self._count(course)
            raise

    async def warm_up(self, role: Role) -> None:
        """Have an assisted model read what all turns of a role share, so that the first turn need not wait for it."""
        desk = self._desk
        if desk.model is None or desk.voice_of(role) != "assisted":
            return
        from fleet_runtime.voicing.asking import Asker  # noqa: PLC0415 - loads with the assisted voice

        for request in Asker(desk.words.book, desk.words.tasks, desk.prefix(role).text).shared_prompts():
            with suppress(ModelGarbled):  # what one token says is of no matter
                await desk.model.complete(request)

    async def _answered(self, course: Course, lease_owner: str) -> Reply:
        """Take the turn through its stages."""
        turn = course.turn
        await self._workshop.switch.check()
        state = await self._desk.store.read(turn.key)
        refuse_changed(state, self._desk)
        if proposes(turn):
            return await self._propose(course, state, lease_owner)
        began = self._workshop.timer()
        routed = await self._routed(turn, state)
        course.listen(Decided(turn.id, decision=routed.decision))
        role = self._holder(turn, routed)
        began = self._stage(course, "route", began)
        memory = await self._remembered(course, state, routed)
        way = await self._directing.carry(turn, role, routed, memory) if self._directing else Way()
        for packet in way.hand_offs:
            course.listen(HandedOff(turn.id, packet=packet))
        began = self._stage(course, "recall", began)
        setting = Setting(self._desk, turn, state, routed, way, memory)
        await self._perform(setting, course, role)
        began = self._stage(course, "voice", began)
        reply = await self._commit(setting, course, lease_owner)
        self._stage(course, "commit", began)
        course.listen(TurnDone(turn.id, reply=reply))
        return reply

    async def _propose(self, course: Course, state: AccountState, lease_owner: str) -> Reply:
        """Put a motion's question to a person; nothing is said to the customer, and nothing is remembered.

        Raises: FenceLost if the lease was lost or the turn is done.
        """
        turn, desk = course.turn, self._desk
        reply = asked(turn, desk.clock())
        course.listen(Decided(turn.id, decision=reply.decision))
        for approval in reply.approvals:
            course.listen(ApprovalAsked(turn.id, approval=approval))
        while True:
            change = AccountChange(
                key=turn.key, seen_version=state.version, now=desk.clock(), finishes=turn.id, reply=reply,
                lease_owner=lease_owner, asks=reply.approvals, trace=course.trace(), releases=course.releases,
            )  # fmt: skip
            try:
                await desk.store.apply(change)
                break
            except FenceLost:
                seen, state = state.version, await desk.store.read(turn.key)
                if state.version == seen:
                    raise
        course.listen(TurnDone(turn.id, reply=reply))
        return reply

    async def _routed(self, turn: Turn, state: AccountState) -> Routed:
        """Decide who takes the message; a decided question, and a fleet that does not route, stay where they are."""
        if self._directing is not None and not turn.approval:
            return await self._directing.route(turn, state)
        why = "a question was decided" if turn.approval else "routing is off"
        held = turn.role or self._desk.staff.lead
        decision = Decision(
            id=f"{turn.id}:decision", verdict="keep", choice=held, active_role=turn.role or None, stage="address",
            confidence=1.0, reason=f"{held} was spoken to; {why}",
        )  # fmt: skip
        return Routed(decision=decision, moved=turn.text, kept="")

    def _holder(self, turn: Turn, routed: Routed) -> Role:
        """Return the role that has the message first."""
        staff, decision = self._desk.staff, routed.decision
        if not turn.role and decision.verdict == "nobody":
            return staff.get(staff.lead) or staff.roles[0]
        name = decision.active_role or turn.role or decision.choice or staff.lead
        return staff.get(name) or staff.get(staff.lead) or staff.roles[0]

    async def _remembered(self, course: Course, state: AccountState, routed: Routed) -> Remembered | None:
        """Read the message, and make ready to recall."""
        turn = course.turn
        if self._memory is None or turn.approval:
            return None
        memory = await self._memory.remember(turn, state, (turn.text, routed.moved, routed.kept))
        if memory.learned.news:
            learned = memory.learned
            course.listen(MemoryLearned(turn.id, learned=learned.news, superseded=learned.superseded))
        return memory

    async def _perform(self, setting: Setting, course: Course, role: Role) -> None:
        """Have the reply performed; a decided question is carried on."""
        seconds = self._desk.settings.turn_seconds
        course.ends_at = None if seconds is None else self._workshop.timer() + seconds
        performance = Performance(
            setting, course, workshop=self._workshop, purse=await self._purse(course.turn), guards=self._guards,
            directing=self._directing,
        )  # fmt: skip
        if course.turn.approval:
            await performance.carry_on(role, await self._approval(course.turn))
        else:
            await performance.perform(role)

    async def _approval(self, turn: Turn) -> Approval:
        """Return the decided question that a turn carries on.

        Raises: ApprovalError; StoreError.
        """
        known = await self._desk.store.approvals(turn.key.tenant)
        found = next((one for one in known if one.id == turn.approval and one.key == turn.key), None)
        if found is None:
            raise ApprovalError(f"no question {turn.approval} is known", hint="see with: fleet approvals list")
        return found

    async def _purse(self, turn: Turn) -> Purse:
        """Open the root task's purse; the day's spending is looked up only where it is bounded."""
        settings = self._desk.settings
        limits = limits_of(settings)
        today = await self._desk.store.spent(turn.key, self._desk.clock().date()) if limits.by_day else Spent()
        return Purse(
            limits, settings.prices, spent_today=today, fallbacks=settings.fallback_models, bounds=self._bounds
        )

    async def _count(self, course: Course) -> None:
        """Count what a failed turn spent; that it cannot be counted must not hide why the turn failed."""
        spent = _spent(course.usage)
        if spent.tokens:
            with suppress(FleetError):
                await self._desk.store.spend(course.turn.key, self._desk.clock().date(), spent)

    def _stage(self, course: Course, name: str, began: float) -> float:
        """Tell that a stage is over, and return when the next began."""
        now = self._workshop.timer()
        course.listen(StageDone(course.turn.id, name=name, seconds=now - began))
        return now

    async def _commit(self, setting: Setting, course: Course, lease_owner: str) -> Reply:
        """Write the turn whole; if only the account's record moved on meanwhile, learn against it anew.

        Raises: FenceLost if the lease was lost or the turn is done.
        """
        while True:  # a record that moved on means that somebody else got on: nobody waits for ever
            try:
                return await self._apply(setting, course, lease_owner)
            except FenceLost:
                state = await self._desk.store.read(setting.turn.key)
                if state.version == setting.state.version:
                    raise
                memory = setting.memory.against(state) if setting.memory else None
                setting = replace(setting, state=state, memory=memory)

    async def _apply(self, setting: Setting, course: Course, lease_owner: str) -> Reply:
        """Gather everything that the turn caused into one transaction, and write it."""
        turn, desk, memory = setting.turn, self._desk, setting.memory
        reply = self._reply(setting, course)
        events = (message_event(turn),) if memory else ()
        handed = hand_off_events(turn, reply.hand_offs) if self._memory else ()
        change = AccountChange(
            key=turn.key,
            seen_version=setting.state.version,
            now=desk.clock(),
            events=(*events, *handed),
            learned=memory.learned if memory else Learned(),
            finishes=turn.id,
            reply=reply,
            lease_owner=lease_owner,
            learn_later=tuple(event.id for event in events) if memory and memory.later else (),
            pinned=first_pins(setting.state, self._spoke(reply), desk.words.contracts),
            spent=_spent(reply.usage),
            asks=tuple(course.asks),
            trace=course.trace(),
            releases=course.releases,
        )
        await desk.store.apply(change)
        return reply

    def _spoke(self, reply: Reply) -> list[Role]:
        """Return the roles that said something in a reply."""
        return [role for role in map(self._desk.staff.get, {part.role for part in reply.parts}) if role is not None]

    def _reply(self, setting: Setting, course: Course) -> Reply:
        """Put the reply together."""
        memory, turn = setting.memory, setting.turn
        return Reply(
            turn_id=turn.id,
            conversation=turn.conversation,
            text="\n\n".join(part.text for part in course.parts if part.text),
            role=course.parts[-1].role,
            parts=tuple(course.parts),
            decision=setting.routed.decision,
            hand_offs=(*setting.way.hand_offs, *course.packets),
            recalled=tuple(course.recalled),
            learned=memory.learned.news if memory else (),
            superseded=memory.learned.superseded if memory else (),
            findings=tuple(course.findings),
            tools=tuple(course.uses),
            approvals=tuple(course.asks),
            exhausted=course.exhausted,
            owner=course.parts[-1].role,
            usage=course.usage + setting.routed.decision.usage,
            model=course.model or (self._desk.model.info.name if self._desk.model else ""),
        )


def _spent(usage: Usage) -> Spent:
    """Return what a turn spent, as it is counted by day."""
    return Spent(tokens=usage.tokens, cost=usage.cost, unpriced=usage.unpriced)
