"""Several models behind one face: what the first cannot answer, the next is asked. Repeats nothing, prices nothing.

A request that a model refuses for what it asks would be refused by the next one too, so that is final; a refused key
or a model that is not there is that model's own trouble.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from fleet_runtime.errors import ModelError, ModelGarbled, ModelRefused, ModelTimeout, ModelUnreachable
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest, Usage
from fleet_runtime.models.failures import is_about_access
from fleet_runtime.models.streams import streaming
from fleet_runtime.ports import ModelClient


class Fallback:
    """A `ModelClient` that asks ``models`` in their order until one answers. ``info`` is the first one's.

    With ``hedge_seconds`` the next one is asked too when no whole answer came for so long, and so on; the first whole
    answer counts, and the other requests are cancelled. A stream is never hedged, and falls back only as long as no
    piece of it was given. A request's ``timeout_seconds`` bounds all the models together.
    """

    def __init__(
        self,
        models: Sequence[ModelClient],
        *,
        hedge_seconds: float | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take the models, at least one."""
        self._models = tuple(models)
        self._hedge_seconds = hedge_seconds
        self._sleep = sleep

    @property
    def info(self) -> ModelInfo:
        """Say which model is asked first and why."""
        return self._models[0].info

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer one request, whole; `ModelReply.model` says who did.

        Raises: ModelError of the first model's kind, telling what became of each.
        """
        if self._hedge_seconds is not None and len(self._models) > 1:
            return await _Race(self._models, request, self._hedge_seconds, self._sleep).run()
        patience = _Patience(request)
        errors: list[ModelError] = []
        for model in self._models:
            try:
                return await model.complete(patience.request())
            except ModelError as error:
                errors.append(error)
                if not moves_on(error) or patience.over():
                    break
        raise _together(errors)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        """Give the pieces of one model's answer, then the whole.

        Raises: as `complete`; once a piece was given, that model's own error.
        """
        patience = _Patience(request)
        errors: list[ModelError] = []
        for model in self._models:
            given = False
            try:
                async with streaming(model, patience.request()) as pieces:
                    async for piece in pieces:
                        given = True
                        yield piece
            except ModelError as error:
                if given:
                    raise
                errors.append(error)
                if not moves_on(error) or patience.over():
                    break
            else:
                return
        raise _together(errors)

    async def close(self) -> None:
        """Close all the models; the client is not used afterwards."""
        for model in self._models:
            await model.close()


def moves_on(error: ModelError) -> bool:
    """Say whether another model may do what this one could not."""
    if isinstance(error, ModelRefused):
        return is_about_access(error)
    return isinstance(error, ModelUnreachable | ModelTimeout | ModelGarbled)


class _Patience:
    """The time that a request has, for all the models together."""

    def __init__(self, request: ModelRequest) -> None:
        self._request = request
        self._clock = asyncio.get_running_loop().time
        self._until = None if request.timeout_seconds is None else self._clock() + request.timeout_seconds
        self._first = True

    def over(self) -> bool:
        """Say whether no time is left."""
        return self._until is not None and self._clock() >= self._until

    def request(self) -> ModelRequest:
        """Return the request with the time that is left."""
        if self._first or self._until is None:
            self._first = False
            return self._request
        return self._request.model_copy(update={"timeout_seconds": max(self._until - self._clock(), 0.001)})


class _Race:
    """Several models at one request: each joins when the one before is silent for too long, or failed."""

    def __init__(
        self,
        models: Sequence[ModelClient],
        request: ModelRequest,
        seconds: float,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._waiting = list(models)
        self._patience = _Patience(request)
        self._seconds = seconds
        self._sleep = sleep
        self._running: list[asyncio.Task[ModelReply]] = []
        self._errors: list[ModelError] = []

    async def run(self) -> ModelReply:
        """Return the first whole answer, with what is known of the others' cost.

        Raises: ModelError as `Fallback.complete`.
        """
        timer = self._start()
        try:
            while self._running:
                watched: list[asyncio.Future[ModelReply] | asyncio.Future[None]] = [*self._running]
                await asyncio.wait([*watched, timer] if timer else watched, return_when=asyncio.FIRST_COMPLETED)
                failed = len(self._errors)
                reply = self._finished()
                if reply is not None:
                    return reply
                new = self._errors[failed:]
                if not all(map(moves_on, new)):
                    break
                if self._waiting and not self._patience.over() and (new or _is_up(timer)):
                    _stop(timer)
                    timer = self._start()
                elif _is_up(timer):
                    timer = None
            raise _together(self._errors)
        finally:
            _stop(timer)
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    def _start(self) -> asyncio.Future[None] | None:
        """Ask the next model; return what is up when the one after it is to join."""
        model = self._waiting.pop(0)
        self._running.append(asyncio.ensure_future(model.complete(self._patience.request())))
        return asyncio.ensure_future(self._sleep(self._seconds)) if self._waiting else None

    def _finished(self) -> ModelReply | None:
        """Take the first answer there is; failures are put aside. Every request that was begun counts as a call."""
        reply: ModelReply | None = None
        spent = Usage()
        for task in [task for task in self._running if task.done()]:
            self._running.remove(task)
            try:
                answered = task.result()
            except ModelError as error:
                self._errors.append(error)
                continue
            if reply is None:
                reply = answered
            else:
                spent += answered.usage
        if reply is None:
            return None
        spent += Usage(calls=len(self._running))
        return reply.model_copy(update={"usage": reply.usage + spent})


def _is_up(timer: asyncio.Future[None] | None) -> bool:
    """Say whether a timer ran out."""
    return timer is not None and timer.done()


def _stop(timer: asyncio.Future[None] | None) -> None:
    """Stop a timer, if it runs."""
    if timer is not None:
        timer.cancel()


def _together(errors: Sequence[ModelError]) -> ModelError:
    """Return the only error, or one of the first one's kind that tells all of them."""
    first = errors[0]
    if len(errors) == 1:
        return first
    told = "; then ".join(error.message for error in errors)
    joined = type(first)(f"none of {len(errors)} models answered: {told}", hint=first.hint)
    joined.__cause__ = first
    return joined
