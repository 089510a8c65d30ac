"""A `ModelClient` for any OpenAI-compatible endpoint (Chat Completions), over the ``openai`` package.

It sends a ready body through the package's low-level ``post``, which keeps its authentication,
addresses and streaming and leaves out its per-message transforms. It repeats what is safe to
repeat, checks the form of an answer, and raises nothing but `ModelError` and its kinds. It never
judges what an answer says. Importing this module loads ``openai``: import it late.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TypeVar

import anyio
import openai
from pydantic import BaseModel, Field

from fleet_runtime.errors import ModelGarbled, ModelUnreachable
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest, Token, Usage
from fleet_runtime.models.failures import FOREIGN, explained
from fleet_runtime.models.retrying import RetryPolicy
from fleet_runtime.models.shape import complaint

PATH = "/chat/completions"
NO_KEY = "none"
AT_ONCE = 64
"""Requests under way at once; bounds the connection pool, which is scanned linearly."""

NAME_LENGTH = 64

# What some models refuse, and what they take instead (None: nothing): reasoning models choose their own temperature.
INSTEAD: Mapping[str, str | None] = {
    "temperature": None, "max_tokens": "max_completion_tokens", "logprobs": None, "top_logprobs": None,
}  # fmt: skip
CHANCES = frozenset({"logprobs", "top_logprobs"})
"""What asks for the tokens' chances: of no use one without the other. Some refuse them as forbidden, naming none."""

_REFUSING = (openai.BadRequestError, openai.PermissionDeniedError, openai.UnprocessableEntityError)

_T = TypeVar("_T")
_Body = dict[str, object]
_Opened = tuple[object, openai.AsyncStream[object]]


class _Details(BaseModel):
    """How the prompt tokens divide."""

    cached_tokens: int | None = None


class _Spent(BaseModel):
    """The endpoint's account of tokens."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None


class _Likely(BaseModel):
    """A token that was likely at its place, with the natural logarithm of its chance."""

    token: str
    logprob: float = Field(allow_inf_nan=False)


class _Place(BaseModel):
    """A token of the answer, and what was likely there."""

    token: str
    top_logprobs: list[_Likely] | None = None


class _Chances(BaseModel):
    """The answer token by token."""

    content: list[_Place] | None = None


class _Text(BaseModel):
    """A message, or a piece of one."""

    content: str | None = None


class _Choice(BaseModel):
    """One answer, whole (``message``) or a piece (``delta``)."""

    message: _Text | None = None
    delta: _Text | None = None
    finish_reason: str | None = None
    logprobs: _Chances | None = None


class _Completion(BaseModel):
    """What we read of a chat completion, or of one chunk of it."""

    choices: list[_Choice] = []
    usage: _Spent | None = None
    model: str = ""


class OpenAICompatibleModel:
    """One model at one endpoint. ``info`` names both; ``info.endpoint`` is the base URL.

    ``timeout_seconds`` bounds one attempt of `complete`, and in `stream` each wait for a piece;
    a request's own ``timeout_seconds`` goes before it. ``llama_cpp`` says that the endpoint
    understands llama.cpp's ``grammar`` and ``cache_prompt``. ``gate`` bounds requests under way;
    ``on_close`` is awaited when the client is closed.
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
        self._llama_cpp = llama_cpp
        self._gate = gate or anyio.Semaphore(AT_ONCE)
        self._on_close = on_close
        self._refused: set[str] = set()
        self._client = openai.AsyncOpenAI(
            base_url=info.endpoint or None, api_key=api_key or NO_KEY, max_retries=0, timeout=timeout_seconds
        )

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
        body = self._body(request)
        timeout = request.timeout_seconds or self._timeout
        async with self._gate:
            try:
                raw: object = await self._retry.retrying()(self._adapted, self._post, body, timeout)
                answer = _Completion.model_validate(raw)
            except FOREIGN as error:
                raise explained(error, self._info, request.task) from error
        choice = answer.choices[0] if answer.choices else _Choice()
        text = (choice.message.content if choice.message else None) or ""
        return self._checked(request, _reply(text, choice.finish_reason or "stop", answer, _tokens(choice)))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        """Give the pieces as they come, then the whole as a `ModelReply`.

        Nothing is repeated once a piece was given. A stream that broke off raises and gives no reply.

        Raises: ModelUnreachable, ModelRefused, ModelTimeout, ModelGarbled.
        """
        body = self._body(request) | {"stream": True, "stream_options": {"include_usage": True}}
        pieces: list[str] = []
        tokens: list[Token] = []
        finish, last = "", _Completion()
        async with self._gate, aclosing(self._chunks(request, body)) as chunks:
            async for chunk in chunks:
                last = chunk if chunk.usage or not last.usage else last
                for choice in chunk.choices[:1]:
                    finish = choice.finish_reason or finish
                    tokens += _tokens(choice)
                    piece = choice.delta.content if choice.delta else None
                    if piece:
                        pieces.append(piece)
                        yield piece
        if not finish:
            raise ModelUnreachable(
                f"{self._info.endpoint}: {request.task}: the answer broke off after {len(pieces)} pieces",
                hint="try again; if it happens often, look at the endpoint's log",
            )
        yield self._checked(request, _reply("".join(pieces), finish, last, tokens))

    async def _chunks(self, request: ModelRequest, body: _Body) -> AsyncGenerator[_Completion]:
        """Open the stream (with retries) up to its first chunk, then give the chunks one by one."""
        timeout = request.timeout_seconds or self._timeout
        try:
            opened: _Opened = await self._retry.retrying()(self._adapted, self._open, body, timeout)
            raw, stream = opened
            async with stream:
                while raw is not None:
                    yield _Completion.model_validate(raw)
                    with anyio.fail_after(timeout):
                        raw = await anext(stream, None)
        except FOREIGN as error:
            raise explained(error, self._info, request.task) from error

    async def _adapted(self, send: Callable[[_Body, float], Awaitable[_T]], body: _Body, seconds: float) -> _T:
        """Make one attempt; a parameter that this model refuses is replaced, now and from then on."""
        try:
            return await send(self._spoken(body), seconds)
        except _REFUSING as error:
            refused = _spared(error) & self._spoken(body).keys()
            if not refused:
                raise
            self._refused |= refused
        return await self._adapted(send, body, seconds)

    def _spoken(self, body: _Body) -> _Body:
        """Write a body in the parameters that this model takes."""
        names = {name: INSTEAD[name] if name in self._refused else name for name in body}
        return {name: body[old] for old, name in names.items() if name is not None}

    async def _open(self, body: _Body, seconds: float) -> _Opened:
        """Start one streamed attempt and wait for its first chunk (None if there is none)."""
        with anyio.fail_after(seconds):
            stream = await self._client.post(
                PATH, body=body, cast_to=object, stream=True, stream_cls=openai.AsyncStream[object],
                options={"timeout": seconds},
            )  # fmt: skip
            try:
                return await anext(stream, None), stream
            except BaseException:
                # A stream whose opening failed or was cancelled has no other owner to close it.
                await stream.close()
                raise

    async def _post(self, body: _Body, seconds: float) -> object:
        """Make one attempt and return the parsed JSON body."""
        with anyio.fail_after(seconds):
            return await self._client.post(PATH, body=body, cast_to=object, options={"timeout": seconds})

    def _body(self, request: ModelRequest) -> _Body:
        """Write the request's body."""
        body: _Body = {
            "model": self._info.name,
            "messages": [{"role": message.role, "content": message.content} for message in request.messages],
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
        }
        if request.alternatives:
            body |= {"logprobs": True, "top_logprobs": request.alternatives}
        if self._llama_cpp:
            body["cache_prompt"] = True
            if request.grammar is not None:
                # llama.cpp takes a grammar or a schema, not both; the grammar says more.
                return body | {"grammar": request.grammar}
        if request.json_schema is not None:
            name = re.sub(r"[^A-Za-z0-9_-]", "_", request.task)[:NAME_LENGTH] or "answer"
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": name, "schema": request.json_schema},
            }
        return body

    def _checked(self, request: ModelRequest, reply: ModelReply) -> ModelReply:
        """Return the reply if it has the form that was asked for.

        Raises: ModelGarbled.
        """
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


def _tokens(choice: _Choice) -> list[Token]:
    """Read an answer's tokens with their chances; those without alternatives say nothing, and are left out together."""
    places = (choice.logprobs.content if choice.logprobs else None) or []
    if not any(place.top_logprobs for place in places):
        return []
    return [
        Token(
            text=place.token,
            chances={one.token: math.exp(min(one.logprob, 0.0)) for one in place.top_logprobs or ()},
        )
        for place in places
    ]


def _reply(text: str, finish_reason: str, answer: _Completion, tokens: Sequence[Token]) -> ModelReply:
    """Put the parts of an answer together, with what it cost."""
    spent = answer.usage or _Spent()
    details = spent.prompt_tokens_details or _Details()
    usage = Usage(
        prompt_tokens=spent.prompt_tokens,
        cached_tokens=details.cached_tokens or 0,
        completion_tokens=spent.completion_tokens,
        calls=1,
    )
    return ModelReply(text=text, tokens=tuple(tokens), usage=usage, finish_reason=finish_reason, model=answer.model)
