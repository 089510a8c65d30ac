"""A model that fails on purpose: by a schedule, or at random by a seed. The same seed fails the same way.

It stands in front of another model, which it asks whenever the answer is not made up entirely. It retries nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from enum import Enum
from typing import Self

from fleet_runtime.errors import ModelError, ModelGarbled, ModelTimeout, ModelUnreachable
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest
from fleet_runtime.models.streams import streaming
from fleet_runtime.ports import ModelClient

NOT_THE_SCHEMA = '{"unexpected": true}'


class Fault(Enum):
    """A way to fail.

    Errors: the endpoint is ``BUSY``, ``UNREACHABLE``, silent (``TIMEOUT``) or answers ``GARBLED``. ``TRUNCATED``: a
    stream gives half of its answer and breaks off, a whole answer never comes. Bad answers: ``EMPTY``;
    ``WRONG_SCHEMA``, JSON of another shape where a schema was asked for; ``BAD_ARGUMENTS``, tool calls whose JSON is
    cut off. ``DELAY``: a good answer, late.
    """

    BUSY = "busy"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    GARBLED = "garbled"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    WRONG_SCHEMA = "wrong schema"
    BAD_ARGUMENTS = "bad arguments"
    DELAY = "delay"


class FaultyModel:
    """A `ModelClient` that fails at its requests as ``faults`` says, one for each in their order; None lets it be.

    Once ``faults`` is over nothing fails any more. ``injected`` tells what was done to each request so far. A delayed
    answer waits for ``delay_seconds`` by ``sleep``.
    """

    def __init__(
        self,
        model: ModelClient,
        faults: Iterable[Fault | None],
        *,
        delay_seconds: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Stand in front of ``model``."""
        self._model = model
        self._faults = iter(faults)
        self._delay_seconds = delay_seconds
        self._sleep = sleep
        self.injected: list[Fault | None] = []

    @classmethod
    def at_random(  # noqa: PLR0913 - each is one independent choice, and all but two have a default
        cls,
        model: ModelClient,
        *,
        seed: int,
        share: float = 0.3,
        faults: Sequence[Fault] = tuple(Fault),
        delay_seconds: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> Self:
        """Return a model that fails at a ``share`` (0..1) of its requests, in one of the ways ``faults``, for ever."""
        chance = random.Random(seed)  # noqa: S311 - the same failures again, no secret

        def drawn() -> Iterable[Fault | None]:
            """Draw for one request after the other."""
            while True:
                yield chance.choice(faults) if chance.random() < share else None

        return cls(model, drawn(), delay_seconds=delay_seconds, sleep=sleep)

    @property
    def info(self) -> ModelInfo:
        """Say which model stands behind."""
        return self._model.info

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer one request, or fail.

        Raises: the fault's error; as the model does.
        """
        fault = await self._begun()
        error = _error(fault, request)
        if error is not None:
            raise error
        return _spoilt(fault, request, await self._model.complete(request))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        """Give the pieces of the answer, or fail; a truncated one fails after half of its text.

        Raises: as `complete`.
        """
        fault = await self._begun()
        error = _error(fault, request)
        if error is not None and fault is not Fault.TRUNCATED:
            raise error
        if fault in (Fault.EMPTY, Fault.WRONG_SCHEMA, Fault.TRUNCATED):
            reply = _spoilt(fault, request, await self._model.complete(request))
            text = reply.text[: len(reply.text) // 2] if error else reply.text
            if text:
                yield text
            if error is not None:
                raise error
            yield reply
            return
        async with streaming(self._model, request) as stream:
            async for piece in stream:
                yield _spoilt(fault, request, piece) if isinstance(piece, ModelReply) else piece

    async def close(self) -> None:
        """Close the model behind."""
        await self._model.close()

    async def _begun(self) -> Fault | None:
        """Take the next fault, and wait if it is a delay."""
        fault = next(self._faults, None)
        self.injected.append(fault)
        if fault is Fault.DELAY:
            await self._sleep(self._delay_seconds)
        return fault


def _error(fault: Fault | None, request: ModelRequest) -> ModelError | None:
    """Return the error that a fault raises, if it raises one."""
    where = f"a fault on purpose: {request.task}"
    match fault:
        case Fault.BUSY:
            return ModelUnreachable(f"{where}: 429: too many requests", hint="ask it less often")
        case Fault.UNREACHABLE:
            return ModelUnreachable(f"{where}: nothing answers", hint="check that the endpoint runs")
        case Fault.TIMEOUT:
            return ModelTimeout(f"{where}: no answer in the time allowed", hint="try again")
        case Fault.GARBLED:
            return ModelGarbled(f"{where}: the answer is not a chat completion", hint="try again")
        case Fault.TRUNCATED:
            return ModelUnreachable(f"{where}: the answer broke off", hint="try again")
        case _:
            return None


def _spoilt(fault: Fault | None, request: ModelRequest, reply: ModelReply) -> ModelReply:
    """Return a reply as a fault leaves it."""
    if fault is Fault.EMPTY:
        return reply.model_copy(update={"text": "", "tool_calls": ()})
    if fault is Fault.WRONG_SCHEMA and request.json_schema is not None:
        return reply.model_copy(update={"text": NOT_THE_SCHEMA})
    if fault is Fault.BAD_ARGUMENTS:
        calls = [call.model_copy(update={"arguments": call.arguments[:-1]}) for call in reply.tool_calls]
        return reply.model_copy(update={"tool_calls": tuple(calls)})
    return reply
