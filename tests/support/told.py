"""Doubles that say what they are told: a clock, and a model that answers by task. Neither knows the other."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from fleet_runtime.errors import FleetError
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest, Usage

Given = str | ModelReply | FleetError | Callable[[ModelRequest], Awaitable[str | ModelReply]]
NOTHING_LEARNED = '{"facts": []}'


class ToldClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **lapse: float) -> None:
        """Let time pass: ``move(minutes=3)``."""
        self.now += timedelta(**lapse)


class UnexpectedTask(AssertionError):
    """The model was asked for something that the test did not expect."""


class ToldModel:
    """A model client that takes each task's answers in their order, whatever the order among tasks.

    Background learning (``learn``) is answered with nothing unless the test says otherwise, since it
    comes when it comes. Every request is kept in ``calls``.
    """

    def __init__(
        self, voice: Literal["free", "assisted"], answers: Mapping[str, Sequence[Given]] | None = None
    ) -> None:
        self._voice: Literal["free", "assisted"] = voice
        self._answers = {task: deque(given) for task, given in (answers or {}).items()}
        self.calls: list[ModelRequest] = []

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(name="told", kind="scripted", description="a script", reason="the test", voice=self._voice)

    @property
    def tasks(self) -> list[str]:
        """List the tasks asked for while somebody waited, in order."""
        return [call.task for call in self.calls if call.task != "learn"]

    def tell(self, task: str, *given: Given) -> None:
        """Add answers to a task."""
        self._answers.setdefault(task, deque()).extend(given)

    def left(self) -> dict[str, int]:
        """Count the answers that nobody asked for."""
        return {task: len(given) for task, given in self._answers.items() if given}

    async def complete(self, request: ModelRequest) -> ModelReply:
        self.calls.append(request)
        waiting = self._answers.get(request.task)
        if waiting:
            given = waiting.popleft()
        elif request.task == "learn":
            given = NOTHING_LEARNED
        else:
            raise UnexpectedTask(f"nothing was told for {request.task!r}: {request.messages[-1].content!r}")
        if isinstance(given, FleetError):
            raise given
        text = given if isinstance(given, str | ModelReply) else await given(request)
        if isinstance(text, ModelReply):
            return text
        return ModelReply(text=text, usage=Usage(prompt_tokens=100, cached_tokens=80, completion_tokens=10, calls=1))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        reply = await self.complete(request)
        yield reply.text
        yield reply

    async def close(self) -> None:
        """Hold nothing."""
