"""A model that says what a test tells it to, and objects to any other use. Calls nothing.

async with ScriptedModel([Step("kind", '{"kind": "thanks"}'), Step("reply", "You are welcome.")]) as model:
    ...
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from fleet_runtime.errors import FleetError
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest, ToolCall, Usage

PIECE = 7
"""Characters a streamed piece: short enough to cut words, as endpoints do."""


class UnexpectedCall(AssertionError):
    """The model was asked something that the script does not have next."""


class UnusedSteps(AssertionError):
    """The script has steps that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One expected call: the request's ``task``, and what comes of it.

    ``gives`` is a text, a tool call or several, a whole `ModelReply`, or an error to raise. ``breaks_after`` lets a
    streamed answer give that many pieces before the error.
    """

    task: str
    gives: str | ToolCall | tuple[ToolCall, ...] | ModelReply | FleetError
    breaks_after: int = 0


class ScriptedModel:
    """Answers `steps` in their order and records every request in ``calls``.

    As an ``async with`` block it fails at the end if steps are left over.
    """

    def __init__(self, steps: Iterable[Step] = (), *, voice: Literal["free", "assisted"] = "free") -> None:
        """Take the script; ``voice`` is the voice that the model claims."""
        self._steps = deque(steps)
        self._voice: Literal["free", "assisted"] = voice
        self.calls: list[ModelRequest] = []

    @property
    def info(self) -> ModelInfo:
        """Say honestly that this is a script."""
        return ModelInfo(
            name="scripted",
            kind="scripted",
            description="a script, for tests",
            reason="the test gave it",
            voice=self._voice,
        )

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Give the next step's answer.

        Raises: UnexpectedCall if the script has another task next, or is over; the step's own error.
        """
        gives = self._next(request).gives
        if isinstance(gives, FleetError):
            raise gives
        return _reply(gives, request)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        """Give the next step's answer in short pieces, then whole; tool calls come with the whole only.

        Raises: as `complete`; after a step's ``breaks_after`` pieces, its error.
        """
        step = self._next(request)
        if isinstance(step.gives, FleetError):
            for _ in range(step.breaks_after):
                yield "…"
            raise step.gives
        reply = _reply(step.gives, request)
        for start in range(0, len(reply.text), PIECE):
            yield reply.text[start : start + PIECE]
        yield reply

    async def close(self) -> None:
        """Do nothing; a script holds no connections."""

    def assert_done(self) -> None:
        """Fail if the script is not over.

        Raises: UnusedSteps.
        """
        if self._steps:
            raise UnusedSteps(f"the model was never asked for: {', '.join(step.task for step in self._steps)}")

    async def __aenter__(self) -> Self:
        """Give the model itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Fail on unused steps, unless the block failed already: its error says more."""
        if error is None:
            self.assert_done()

    def _next(self, request: ModelRequest) -> Step:
        """Take the next step if it is the request's."""
        self.calls.append(request)
        if not self._steps:
            raise UnexpectedCall(f"the model was asked for {request.task!r}, and the script is over")
        if self._steps[0].task != request.task:
            raise UnexpectedCall(f"the model was asked for {request.task!r}, and next is {self._steps[0].task!r}")
        return self._steps.popleft()


def _reply(gives: str | ToolCall | tuple[ToolCall, ...] | ModelReply, request: ModelRequest) -> ModelReply:
    """Make a whole reply of a text or of tool calls; tokens are counted as words."""
    if isinstance(gives, ModelReply):
        return gives
    text = gives if isinstance(gives, str) else ""
    calls = (gives,) if isinstance(gives, ToolCall) else () if isinstance(gives, str) else gives
    written = text.split() + [word for call in calls for word in (call.name, *call.arguments.split())]
    prompt = sum(len(message.content.split()) for message in request.messages)
    return ModelReply(
        text=text,
        tool_calls=calls,
        usage=Usage(prompt_tokens=prompt, completion_tokens=len(written), calls=1),
        finish_reason="tool_calls" if calls else "stop",
        model="scripted",
    )
