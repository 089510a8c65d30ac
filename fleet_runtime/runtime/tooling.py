"""The one way from a turn to a tool: permitted, approved, kept before and after, bounded. Knows no model and no tool.

Each round is kept before its tools run and again with their results, so that a turn that is taken up again neither
loses an effect nor doubles it: calls go out under the same idempotency key however often they are made.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import anyio

from fleet_runtime.contracts import Role
from fleet_runtime.messages import ToolCall, ToolSpec
from fleet_runtime.ports import Clock, Store, Tool, ToolFailed
from fleet_runtime.records import Approval, Step, ToolContext, ToolResult, ToolUse
from fleet_runtime.runtime.course import WAITING, Course, Timer
from fleet_runtime.runtime.delegation import HAND_OFF
from fleet_runtime.runtime.switch import Switch
from fleet_runtime.settings import Settings
from fleet_runtime.signals import ApprovalAsked, ToolAnswered, ToolCalled
from fleet_runtime.tools import bounded, permitted
from fleet_runtime.voicing.scene import ToolsUsed

INTERRUPTED = (
    "The program was interrupted while this ran: it may have happened or not, and it is not made again. "
    "Say so, or look it up with another tool before you go on."
)
_LEAST_SECONDS = 0.05
LEFT_OUT = "Not done: the turn had been given to a colleague before."

Builtin = Callable[[Role, ToolCall, str], Awaitable[tuple[ToolResult, bool]]]
"""Does a call of the runtime's own tools under a key; the flag says that the role's turn ends with it."""


@dataclass(frozen=True)
class Workshop:
    """What every turn's tools are run with. ``tools`` are by name; none of them is the runtime's own."""

    tools: Mapping[str, Tool]
    store: Store
    settings: Settings
    switch: Switch
    clock: Clock
    timer: Timer


class Tooling:
    """Runs the tools of one turn, for whichever role calls them."""

    def __init__(self, workshop: Workshop, course: Course, builtins: Mapping[str, Builtin]) -> None:
        """Keep what is to be run with, and the runtime's own tools by name."""
        self._shop = workshop
        self._course = course
        self._builtins = builtins
        self._number = max((step.number for step in course.steps), default=0)

    def offered(self, role: Role) -> tuple[ToolSpec, ...]:
        """Return the tools that a role may use in this turn, in a stable order, without the runtime's own."""
        return tuple(tool.spec for tool in self._permitted(role))

    async def taken_up(self, role: Role) -> bool:
        """Complete the rounds of a role that an earlier attempt began; tell whether its turn had ended with them.

        What gave the turn away, or put a question to a person, does so again: neither is kept before the commit.
        """
        ended = False
        for index, step in enumerate(self._course.steps):
            if step.role != role.role_class:
                continue
            self._recall(step)
            if not step.results or self._ends(step):
                self._course.steps[index], ended = await self._run(role, step, again=not step.results)
        return ended

    async def use(self, role: Role, said: str, calls: Sequence[ToolCall]) -> ToolsUsed:
        """Run a round of calls, those that depend on nothing of each other at once.

        Raises: Paused; StoreError. What goes wrong in a tool is a result and no error.
        """
        self._number += 1
        step = Step(number=self._number, role=role.role_class, said=said, calls=tuple(calls))
        await self._shop.store.put_step(self._course.turn.key, self._course.turn.id, step)
        done, ended = await self._run(role, step, again=False)
        return ToolsUsed(results=done.results, ended=ended)

    async def carry_out(self, role: Role, approval: Approval, call: ToolCall) -> ToolResult:
        """Make the call that a person approved, under the key that it was asked for with, once.

        Raises: Paused; StoreError.
        """
        known = next((step for step in self._course.steps if step.calls == (call,)), None)
        if known is not None and known.results:
            return known.results[0]
        if known is None:
            self._number += 1
            known = Step(number=self._number, role=role.role_class, calls=(call,))
            await self._shop.store.put_step(self._course.turn.key, self._course.turn.id, known)
            again = False
        else:
            again = True
        result = await self._outcome(role, call, approval.use_id, again=again, approved=True)
        done = known.model_copy(update={"results": (result,)})
        await self._shop.store.put_step(self._course.turn.key, self._course.turn.id, done)
        self._course.steps = [*(step for step in self._course.steps if step.number != done.number), done]
        return result

    async def _run(self, role: Role, step: Step, *, again: bool) -> tuple[Step, bool]:
        """Run the calls of a round and keep their results."""
        await self._shop.switch.check()
        known = {place: one for place, one in enumerate(step.results) if not self._open(step.calls[place], one)}
        results: dict[int, ToolResult] = dict(known)
        ended = False
        outside: list[tuple[int, ToolCall]] = []
        for place, call in enumerate(step.calls):
            if place in known:
                continue
            if call.name in self._builtins:
                if ended:
                    results[place] = ToolResult(call_id=call.id, text=LEFT_OUT, failed=True)
                else:
                    results[place], ended = await self._builtins[call.name](role, call, self._key(step, place))
            else:
                outside.append((place, call))

        async def outcome(place: int, call: ToolCall) -> None:
            results[place] = await self._outcome(role, call, self._key(step, place), again=again)

        if len(outside) == 1:
            await outcome(*outside[0])
        elif outside:
            async with anyio.create_task_group() as group:
                for place, call in outside:
                    group.start_soon(outcome, place, call)
        done = step.model_copy(update={"results": tuple(results[place] for place in range(len(step.calls)))})
        await self._shop.store.put_step(self._course.turn.key, self._course.turn.id, done)
        waits = any(ask.use_id in {self._key(step, place) for place, _ in outside} for ask in self._course.asks)
        return done, ended or waits

    def _recall(self, step: Step) -> None:
        """Put what an earlier attempt did with its tools on the turn's account."""
        for place, result in enumerate(step.results):
            call = step.calls[place]
            if call.name not in self._builtins and not self._open(call, result):
                self._course.uses.append(
                    ToolUse(
                        id=self._key(step, place), role=step.role, name=call.name, arguments=call.arguments,
                        result=result.text, failed=result.failed,
                    )
                )  # fmt: skip

    def _ends(self, step: Step) -> bool:
        """Tell whether a round ended the role's turn."""
        return any(self._open(call, one) for call, one in zip(step.calls, step.results, strict=True))

    def _open(self, call: ToolCall, result: ToolResult) -> bool:
        """Tell whether a result stands for something that only the commit settles."""
        return result.text == WAITING or (call.name == HAND_OFF and not result.failed)

    async def _outcome(
        self, role: Role, call: ToolCall, key: str, *, again: bool, approved: bool = False
    ) -> ToolResult:
        """Make one call, or say why it is not made."""
        tool = next((one for one in self._permitted(role) if one.spec.name == call.name), None)
        if tool is None:
            names = ", ".join(spec.name for spec in self.offered(role)) or "none"
            told = f"There is no tool {call.name!r} for you; you have: {names}"
            return self._told(role, call, key, told, failed=True)
        if self._needs_approval(role, tool) and not approved:
            self._ask(role, call, key)
            return ToolResult(call_id=call.id, text=WAITING)
        if again and not tool.rules.repeatable:
            return self._told(role, call, key, INTERRUPTED, failed=True)
        return await self._made(role, tool, call, key)

    async def _made(self, role: Role, tool: Tool, call: ToolCall, key: str) -> ToolResult:
        """Run a tool within its time, and bound what it gives."""
        course, turn = self._course, self._course.turn
        course.listen(ToolCalled(turn.id, use_id=key, role=role.role_class, name=call.name, arguments=call.arguments))
        context = ToolContext(
            key=turn.key, role=role.role_class, conversation=turn.conversation, turn_id=turn.id, speaker=turn.speaker,
            idempotency_key=key,
        )  # fmt: skip
        seconds = tool.rules.timeout_seconds or self._shop.settings.tool_seconds
        began = self._shop.timer()
        if course.ends_at is not None:
            seconds = max(_LEAST_SECONDS, min(seconds, course.ends_at - began))
        failed, text = True, f"{call.name} gave no answer within {seconds:g} seconds; it may still have happened."
        with anyio.move_on_after(seconds):
            try:
                failed, text = False, await tool.run(call.arguments, context)
            except ToolFailed as error:
                text = str(error)
        return self._told(role, call, key, text, failed=failed, seconds=self._shop.timer() - began)

    def _told(  # noqa: PLR0913 - the fields of a result
        self, role: Role, call: ToolCall, key: str, text: str, *, failed: bool, seconds: float = 0.0
    ) -> ToolResult:
        """Keep what came of a call, and give it to the model, bounded."""
        course = self._course
        result = bounded(text, self._shop.settings.tool_result_characters)
        use = ToolUse(
            id=key, role=role.role_class, name=call.name, arguments=call.arguments, result=result, failed=failed,
            seconds=round(seconds, 6),
        )  # fmt: skip
        course.uses.append(use)
        course.listen(ToolAnswered(course.turn.id, use=use))
        return ToolResult(call_id=call.id, text=result, failed=failed)

    def _ask(self, role: Role, call: ToolCall, key: str) -> None:
        """Put the question to a person: it is kept with the turn's commit."""
        turn = self._course.turn
        approval = Approval(
            id=f"{key}:approval", key=turn.key, turn_id=turn.id, conversation=turn.conversation, role=role.role_class,
            speaker=turn.speaker, kind="tool", question=f"{role.title} wants to use {call.name} with {call.arguments}",
            call=call, use_id=key, asked_at=self._shop.clock(),
        )  # fmt: skip
        self._course.asks.append(approval)
        self._course.listen(ApprovalAsked(turn.id, approval=approval))

    def _needs_approval(self, role: Role, tool: Tool) -> bool:
        """Tell whether a person must say yes first."""
        asked_for = self._shop.settings.for_role(role.role_class).approve_tools
        return tool.rules.needs_approval or tool.spec.name in asked_for

    def _permitted(self, role: Role) -> tuple[Tool, ...]:
        """Return the tools of a role, narrowed by what the turn was granted."""
        if not self._shop.tools or not role.tools:
            return ()
        return permitted(role.tools, self._shop.tools, self._course.grant)

    def _key(self, step: Step, place: int) -> str:
        """Return the idempotency key of a call: the same however often it is made."""
        return f"{self._course.turn.id}:{step.number}:{place}"
