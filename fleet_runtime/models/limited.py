"""A model that is asked no more often than its provider allows. Repeats nothing, and counts no money.

Before each call it asks a gate, which may be shared with other processes, and waits as it is told. Calls of one client
wait in a line, first come first served: only the first of them asks the gate, so that a crowd costs no more than one,
and a large call is not passed by small ones. What the endpoint itself says about its limits (429, ``Retry-After``) is
heeded beneath.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple
from urllib.parse import urlsplit

import anyio

from fleet_runtime.boards import Claim, Gate, ProviderLimit
from fleet_runtime.errors import ModelRefused, ModelUnreachable, SettingError, StoreError
from fleet_runtime.machine import id_maker, present_time
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest
from fleet_runtime.models.streams import streaming
from fleet_runtime.ports import ModelClient, NewId
from fleet_runtime.prompt_bounds import PromptBounds
from fleet_runtime.settings import Limit, Settings

ANY_OTHER = "*"
BYTES_PER_TOKEN = 3
"""English has about four; what was reckoned too much or too little is put right after the call."""

LEAST_SECONDS = 0.001
_PORTS = {"http": 80, "https": 443}


class Bounds(NamedTuple):
    """What one provider allows, how long a call without a time of its own waits, and how long one takes at most."""

    provider: str
    limit: ProviderLimit
    wait_seconds: float
    call_seconds: float


class LimitedModel:
    """A `ModelClient` that asks ``model`` when ``gate`` lets it.

    A request's ``timeout_seconds`` bounds waiting and asking together. Where it would have to wait for longer it fails
    at once, as it would if the endpoint itself refused it for its limits. ``sleep`` and ``clock``, in seconds that only
    grow, are the outside world.
    """

    def __init__(  # noqa: PLR0913 - what it waits for, and the outside world
        self,
        model: ModelClient,
        gate: Gate,
        bounds: Bounds,
        *,
        new_id: NewId,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with nobody in line."""
        self._model = model
        self._gate = gate
        self._bounds = bounds
        self._new_id = new_id
        self._sleep = sleep
        self._clock = clock
        self._line = asyncio.Lock()
        self._sizes = PromptBounds()

    @property
    def info(self) -> ModelInfo:
        """Say which model this is and why."""
        return self._model.info

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer one request, whole.

        Raises: ModelUnreachable if the limits leave no room for it in its time; as the model does. StoreError if the
            gate's database cannot be asked.
        """
        async with self._let_through(request) as call:
            reply = await self._model.complete(call.request)
            call.answered(reply)
        return reply

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        """Give the pieces of the answer as they come, then the whole.

        Raises: as `complete`.
        """
        async with self._let_through(request) as call, streaming(self._model, call.request) as pieces:
            async for piece in pieces:
                if isinstance(piece, ModelReply):
                    call.answered(piece)
                else:
                    call.begun = True
                yield piece

    async def close(self) -> None:
        """Close the model; the client is not used afterwards."""
        await self._model.close()

    @asynccontextmanager
    async def _let_through(self, request: ModelRequest) -> AsyncGenerator[_Call]:
        """Wait for the gate, and tell it when the call is over, however it ends.

        Raises: ModelUnreachable; StoreError.
        """
        call = await self._admitted(request)
        try:
            yield call
        except (ModelUnreachable, ModelRefused):
            call.refused()
            raise
        finally:
            await self._leave(call.claim, call.tokens)

    async def _admitted(self, request: ModelRequest) -> _Call:
        """Stand in line, and ask the gate until it lets the call through.

        Raises: ModelUnreachable; StoreError.
        """
        bounds, began = self._bounds, self._clock()
        own = request.timeout_seconds
        allowed = bounds.wait_seconds if own is None else own
        seconds = bounds.call_seconds if own is None else min(own, bounds.call_seconds)
        claim = Claim(self._new_id(), self._sizes.of(request, "") // BYTES_PER_TOKEN + request.max_tokens, seconds)
        try:
            async with asyncio.timeout(allowed):
                await self._line.acquire()
        except TimeoutError as error:
            raise self._refusal(request, allowed) from error
        try:
            while pause := await self._ask(claim):
                if self._clock() - began + pause > allowed:
                    raise self._refusal(request, allowed)
                await self._sleep(pause)
        finally:
            self._line.release()
        if own is not None:
            left = max(own - (self._clock() - began), LEAST_SECONDS)
            request = request.model_copy(update={"timeout_seconds": left})
        return _Call(request, claim)

    async def _ask(self, claim: Claim) -> float:
        """Ask the gate whether a call may be made; return for how long not.

        Whoever is cancelled meanwhile does not keep what the gate grants just then.

        Raises: StoreError.
        """
        asking = asyncio.ensure_future(self._gate.admit(self._bounds.provider, claim, self._bounds.limit))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            with anyio.CancelScope(shield=True), suppress(StoreError):
                await asking
                await self._leave(claim, 0)
            raise

    async def _leave(self, claim: Claim, tokens: int) -> None:
        """Tell the gate that a call is over; an answer is not lost because that cannot be noted: the place lapses."""
        with anyio.CancelScope(shield=True), suppress(StoreError):
            await self._gate.leave(self._bounds.provider, claim, tokens)

    def _refusal(self, request: ModelRequest, allowed: float) -> ModelUnreachable:
        """Say that the limits leave no room."""
        provider, limit = self._bounds.provider, self._bounds.limit
        parts = (
            (limit.requests_per_minute, "requests a minute"),
            (limit.tokens_per_minute, "tokens a minute"),
            (limit.concurrent, "at once"),
        )
        told = ", ".join(f"{bound} {what}" for bound, what in parts if bound is not None)
        return ModelUnreachable(
            f"{provider}: {request.task}: the limits ({told}) leave no room for it within {allowed:g} s",
            hint="try again later; or raise the setting limits if the provider allows more, name other models in "
            "fallback_models, or allow more time (turn_seconds, answer_seconds)",
        )


class _Call:
    """One call that was let through, and what it took as far as that is known: what it claimed, until it is over."""

    def __init__(self, request: ModelRequest, claim: Claim) -> None:
        """Begin with nothing heard."""
        self.request = request
        self.claim = claim
        self.tokens = claim.tokens
        self.begun = False

    def answered(self, reply: ModelReply) -> None:
        """Take what the endpoint counted; one that counts nothing took what was claimed."""
        self.tokens = reply.usage.tokens or self.claim.tokens

    def refused(self) -> None:
        """Count nothing for what was not answered, unless it broke off."""
        if not self.begun:
            self.tokens = 0


def limited(model: ModelClient, settings: Settings, gate: Gate) -> ModelClient:
    """Return the model held to the limit that is set for its host; the model itself where there is none.

    Only endpoints are limited: who is embedded or scripted has no provider.
    """
    provider = provider_at(model.info.endpoint)
    limit = settings.limits.get(provider) or settings.limits.get(ANY_OTHER)
    if model.info.kind != "endpoint" or limit is None or limit == Limit():
        return model
    bounds = Bounds(
        provider,
        ProviderLimit(limit.requests_per_minute, limit.tokens_per_minute, limit.concurrent),
        wait_seconds=settings.answer_seconds,
        call_seconds=2 * settings.model_timeout_seconds,
    )
    return LimitedModel(model, gate, bounds, new_id=id_maker(present_time))


def check_limits(settings: Settings) -> None:
    """Look at what the limits are set for: one that fits nowhere would be no limit.

    Raises: SettingError for a key that is no host.
    """
    for key in settings.limits:
        if key != ANY_OTHER and (not key or key != provider_at(f"//{key}")):
            raise SettingError(
                f"limits: {key!r} is no host",
                hint="give the host of an endpoint in small letters, as in api.openai.com or 127.0.0.1:8080, or *",
            )


def provider_at(address: str) -> str:
    """Return the host of an address, with its port where that is not the usual one; empty where there is none."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    host = f"[{host}]" if ":" in host else host
    return host if port is None or port == _PORTS.get(parts.scheme) else f"{host}:{port}"
