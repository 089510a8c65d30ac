"""A `ModelClient` for any OpenAI-compatible endpoint (Chat Completions), over the ``openai`` package.

It sends ready bytes through the package's low-level ``post``, which keeps its authentication, addresses and errors
and leaves out its per-message transforms, and reads the raw answer itself. It repeats what is safe to repeat, checks
the form of an answer, and raises nothing but `ModelError` and its kinds. It never judges what an answer says.
Importing this module loads ``openai``: import it late.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from functools import partial
from typing import NamedTuple, TypeVar

import anyio
import httpx2
import openai

from fleet_runtime.errors import ModelGarbled, ModelUnreachable
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest
from fleet_runtime.models.answers import Answer
from fleet_runtime.models.connections import http_client
from fleet_runtime.models.events import EventReader
from fleet_runtime.models.failures import FOREIGN, explained
from fleet_runtime.models.retrying import RetryPolicy
from fleet_runtime.models.wire import Body, Wire, as_bytes
from fleet_runtime.shape import complaint

PATH = "chat/completions"
NO_KEY = "none"
AT_ONCE = 64
"""Requests under way at once; bounds the connections."""

DONE = b"[DONE]"
PARTING_SECONDS = 0.1
"""How long the end of a stream is waited for once all was said: then its connection can be used again."""

# What some models refuse, and what they take instead (None: nothing): reasoning models choose their own temperature.
INSTEAD: Mapping[str, str | None] = {
    "temperature": None, "max_tokens": "max_completion_tokens", "logprobs": None, "top_logprobs": None,
}  # fmt: skip
CHANCES = frozenset({"logprobs", "top_logprobs"})
"""What asks for the tokens' chances: of no use one without the other. Some refuse them as forbidden, naming none."""

_REFUSING = (openai.BadRequestError, openai.PermissionDeniedError, openai.UnprocessableEntityError)

_T = TypeVar("_T")


class _Opened(NamedTuple):
    """A stream of which something came: the response, what is still to be read of it, and the first events."""

    response: httpx2.Response
    reads: AsyncIterator[bytes]
    reader: EventReader
    events: list[bytes]


class OpenAICompatibleModel:
    """One model at one endpoint. ``info`` names both; ``info.endpoint`` is the base URL.

    ``timeout_seconds`` bounds one attempt of `complete`, and in `stream` each wait for a piece; a request's own
    ``timeout_seconds`` bounds all attempts and all pieces together. ``llama_cpp`` says that the endpoint understands
    llama.cpp's ``grammar`` and ``cache_prompt``. ``gate`` bounds requests under way; ``on_close`` is awaited when the
    client is closed.
    """

    def __init__(  # noqa: PLR0913 - each is one independent choice, and all but the first have a default
        self,
        info: ModelInfo,
        *,
        api_key: str | None = None,
        timeout_seconds: float = 60.0,
        retry: RetryPolicy | None = None,
        llama_cpp: bool = False,
        gate: anyio.Semaphore | None = None,
        on_close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._info = info
        self._timeout = timeout_seconds
        self._retry = retry or RetryPolicy(total_seconds=2 * timeout_seconds)
        self._wire = Wire(info.name, llama_cpp=llama_cpp)
        self._gate = gate or anyio.Semaphore(AT_ONCE, fast_acquire=True)
        self._on_close = on_close
        self._refused: set[str] = set()
        self._client = openai.AsyncOpenAI(
            base_url=info.endpoint or None,
            api_key=api_key or NO_KEY,
            max_retries=0,
            timeout=timeout_seconds,
            http_client=http_client(info.endpoint, at_once=AT_ONCE),
        )
        # Whole, it needs no joining to the base address at each call.
        self._url = f"{self._client.base_url}{PATH}"

    @property
    def info(self) -> ModelInfo:
        """Say which model this is and why."""
        return self._info

    async def close(self) -> None:
        """Let go of connections; the client is not used afterwards."""
        await self._client.close()
        if self._on_close:
            await self._on_close()

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer one request, whole; repeat what may pass by itself.

        Raises: ModelUnreachable, ModelRefused, ModelTimeout, ModelGarbled.
        """
        body = self._wire.body(request, streamed=False)
        async with self._gate:
            try:
                response = await self._patiently(self._post, body, request)
                answer = Answer(self._info.name, response.request)
                answer.take(response.content)
                reply = answer.reply()
            except FOREIGN as error:
                raise explained(error, self._info, request.task) from error
        return self._checked(request, reply)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        """Give the pieces as they come, then the whole as a `ModelReply`.

        Nothing is repeated once a piece was given. A stream that broke off raises and gives no reply.

        Raises: ModelUnreachable, ModelRefused, ModelTimeout, ModelGarbled.
        """
        body = self._wire.body(request, streamed=True)
        over = asyncio.get_running_loop().time() + (request.timeout_seconds or math.inf)
        async with self._gate:
            try:
                opened = await self._patiently(self._open, body, request)
                answer = Answer(self._info.name, opened.response.request)
                async with aclosing(_events(opened, self._timeout, over)) as reads:
                    async for events in reads:
                        for data in events:
                            if piece := answer.take(data):
                                yield piece
                reply = answer.reply()
            except FOREIGN as error:
                raise explained(error, self._info, request.task) from error
        if not answer.finish_reason:
            raise ModelUnreachable(
                f"{self._info.endpoint}: {request.task}: the answer broke off after {len(reply.text)} characters",
                hint="try again; if it happens often, look at the endpoint's log",
            )
        yield self._checked(request, reply)

    async def _patiently(self, send: Callable[[bytes, float], Awaitable[_T]], body: Body, request: ModelRequest) -> _T:
        """Make as many attempts as it takes and the policy allows, none of them past the request's own time."""
        attempt = partial(self._adapted, send, body, self._timeout)
        return await self._retry.patiently(attempt, attempt_seconds=self._timeout, within=request.timeout_seconds)

    async def _adapted(self, send: Callable[[bytes, float], Awaitable[_T]], body: Body, seconds: float) -> _T:
        """Make one attempt; a parameter that this model refuses is replaced, now and from then on."""
        try:
            return await send(as_bytes(self._spoken(body)), seconds)
        except _REFUSING as error:
            refused = _spared(error) & self._spoken(body).keys()
            if not refused:
                raise
            self._refused |= refused
        return await self._adapted(send, body, seconds)

    def _spoken(self, body: Body) -> Body:
        """Write a body in the parameters that this model takes."""
        if not self._refused:
            return body
        names = {name: INSTEAD[name] if name in self._refused else name for name in body}
        return {name: body[old] for old, name in names.items() if name is not None}

    async def _post(self, body: bytes, seconds: float) -> httpx2.Response:
        """Make one attempt and return the whole answer, not looked into yet."""
        async with asyncio.timeout(seconds):
            return await self._client.post(self._url, content=body, cast_to=httpx2.Response, options=_options(seconds))

    async def _open(self, body: bytes, seconds: float) -> _Opened:
        """Start one streamed attempt and wait for its first events (none if there are none)."""
        async with asyncio.timeout(seconds):
            response = await self._client.post(
                self._url,
                content=body,
                cast_to=httpx2.Response,
                options=_options(seconds),
                stream=True,
                stream_cls=None,
            )
            try:
                reads, reader = response.aiter_bytes(), EventReader()
                async for read in reads:
                    if events := reader.feed(read):
                        return _Opened(response, reads, reader, events)
            except BaseException:
                # A stream whose opening failed or was cancelled has no other owner to close it.
                await response.aclose()
                raise
        return _Opened(response, reads, reader, [])

    def _checked(self, request: ModelRequest, reply: ModelReply) -> ModelReply:
        """Return the reply if it has the form that was asked for; tool calls have whatever form they came in.

        Raises: ModelGarbled.
        """
        if reply.tool_calls:
            return reply
        where = f"{self._info.name}: {request.task}"
        if not reply.text.strip():
            raise ModelGarbled(f"{where}: the answer is empty", hint="try again, or use another model")
        if request.json_schema is None:
            return reply
        if reply.finish_reason == "length":
            hint = f"allow more than {request.max_tokens} tokens, or ask for less"
            raise ModelGarbled(f"{where}: the JSON was cut off", hint=hint)
        found = _json_complaint(reply.text, request.json_schema)
        if found:
            hint = "try again, or use a model that follows JSON schemas"
            raise ModelGarbled(f"{where}: {found}: {reply.text[:80]!r}", hint=hint)
        return reply


async def _events(opened: _Opened, seconds: float, over: float) -> AsyncGenerator[list[bytes]]:
    """Give the events read by read, up to ``[DONE]`` or the stream's end, and close the response.

    Raises: TimeoutError if no event comes for ``seconds``, or the loop's clock is past ``over``.
    """
    events = opened.events
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    try:
        while DONE not in events:
            if events:
                yield events
                until = clock() + seconds
            async with asyncio.timeout_at(min(until, over)):
                read = await anext(opened.reads, None)
            if read is None:
                return
            events = opened.reader.feed(read)
        yield events[: events.index(DONE)]
        with suppress(TimeoutError, httpx2.HTTPError):
            async with asyncio.timeout(PARTING_SECONDS):
                await anext(opened.reads, None)
    finally:
        with anyio.CancelScope(shield=True):
            await opened.response.aclose()


def _options(seconds: float) -> openai.RequestOptions:
    """Bound each wait on the network as well."""
    return {"timeout": seconds}


def _json_complaint(text: str, schema: Mapping[str, object]) -> str | None:
    """Say what is wrong with a JSON answer, or None."""
    try:
        value: object = json.loads(text)
    except ValueError as error:
        return f"the answer is not JSON ({error})"
    return complaint(value, schema)


def _spared(error: openai.APIStatusError) -> frozenset[str]:
    """Return the parameters that an endpoint will not take and that can be done without."""
    if error.param in CHANCES or "logprobs" in error.message:
        return CHANCES
    return frozenset(name for name in INSTEAD if name == error.param)
