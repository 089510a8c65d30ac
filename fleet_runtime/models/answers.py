"""Reads what an endpoint answers, whole or in pieces, into a `ModelReply`. Judges its form, never its content.

Whoever asked decides what a bad answer means: here everything that is no chat completion is a ``ValueError``, which
is what a broken JSON is too, and an endpoint's own word of failure is an ``openai.APIError``.
"""

from __future__ import annotations

import json
import math

import httpx2
import openai
from pydantic import BaseModel, Field

from fleet_runtime.messages import ModelReply, Token, ToolCall, Usage


class _Details(BaseModel):
    """How the prompt tokens divide."""

    cached_tokens: int | None = None


class _Spent(BaseModel):
    """The endpoint's account of tokens."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
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


class _Function(BaseModel):
    """What is to be called. Some endpoints give the arguments as an object, though it should be text."""

    name: str | None = None
    arguments: str | dict[str, object] | None = None


class _Call(BaseModel):
    """A tool call, or a piece of the one at ``index``."""

    index: int | None = None
    id: str | None = None
    function: _Function = _Function()


class _Said(BaseModel):
    """A message, or a piece of one."""

    content: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(BaseModel):
    """One answer, whole (``message``) or a piece (``delta``)."""

    message: _Said | None = None
    delta: _Said | None = None
    finish_reason: str | None = None
    logprobs: _Chances | None = None


class _Completion(BaseModel):
    """What we read of a chat completion, or of one chunk of it."""

    id: str | None = None
    choices: list[_Choice] = []
    usage: _Spent | None = None
    model: str | None = None
    error: dict[str, object] | str | None = None


class _CallSoFar:
    """A tool call as far as it came."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self._arguments: list[str] = []

    def add(self, piece: _Call) -> None:
        """Take a piece: the id and the name come once, the arguments bit by bit."""
        self.id = self.id or piece.id or ""
        self.name = self.name or piece.function.name or ""
        arguments = piece.function.arguments
        self._arguments.append(json.dumps(arguments) if isinstance(arguments, dict) else arguments or "")

    def whole(self, stand_in: str) -> ToolCall:
        """Return the call; one without an id gets ``stand_in``, so that its result can name it.

        Raises: ValueError if it has no name.
        """
        if not self.name:
            raise ValueError("a tool call has no name")
        return ToolCall(id=self.id or stand_in, name=self.name, arguments="".join(self._arguments) or "{}")


class Answer:
    """One answer as far as it came. ``asked_model`` is its model unless the endpoint names another.

    ``request`` is told with an endpoint's own word of failure, as the ``openai`` package's errors have it.
    """

    def __init__(self, asked_model: str, request: httpx2.Request) -> None:
        """Begin with nothing said."""
        self.finish_reason = ""
        self._pieces: list[str] = []
        self._model = asked_model
        self._request = request
        self._id = ""
        self._spent = _Spent()
        self._tokens: list[Token] = []
        self._calls: list[_CallSoFar] = []
        self._open: dict[int, _CallSoFar] = {}

    def take(self, data: bytes) -> str:
        """Take a whole completion or a chunk of one, as JSON, and return the text that it adds.

        Raises: ValueError for anything else; openai.APIError for an error of the endpoint's.
        """
        read = _Completion.model_validate_json(data)
        if read.error:
            raise self._failure(read.error)
        self._spent = read.usage or self._spent
        self._model = read.model or self._model
        self._id = self._id or read.id or ""
        if not read.choices:
            return ""
        choice = read.choices[0]
        self.finish_reason = choice.finish_reason or self.finish_reason
        if choice.logprobs:
            self._tokens += _tokens(choice.logprobs)
        said = choice.delta or choice.message
        if said is None:
            return ""
        for place, call in enumerate(said.tool_calls or ()):
            self._take_call(call, place if call.index is None else call.index)
        if said.content:
            self._pieces.append(said.content)
        return said.content or ""

    def reply(self) -> ModelReply:
        """Return all that came as one reply.

        Raises: ValueError if a tool call has no name.
        """
        details = self._spent.prompt_tokens_details
        return ModelReply(
            text="".join(self._pieces),
            tool_calls=tuple(call.whole(f"{self._id or 'call'}-{place}") for place, call in enumerate(self._calls)),
            tokens=tuple(self._tokens),
            usage=Usage(
                prompt_tokens=self._spent.prompt_tokens or 0,
                cached_tokens=(details.cached_tokens if details else None) or 0,
                completion_tokens=self._spent.completion_tokens or 0,
                calls=1,
            ),
            finish_reason=self.finish_reason or "stop",
            model=self._model,
        )

    def _take_call(self, piece: _Call, index: int) -> None:
        """Put a piece to the call at its index; another id there begins another call, as some endpoints count badly."""
        call = self._open.get(index)
        if call is None or (piece.id and call.id and piece.id != call.id):
            call = _CallSoFar()
            self._calls.append(call)
            self._open[index] = call
        call.add(piece)

    def _failure(self, error: dict[str, object] | str) -> openai.APIError:
        """Word an endpoint's own failure as the ``openai`` package does."""
        said = error.get("message") if isinstance(error, dict) else error
        return openai.APIError(str(said or "no reason given"), self._request, body=error)


def _tokens(chances: _Chances) -> list[Token]:
    """Read an answer's tokens with their chances; those without alternatives say nothing, and are left out together."""
    places = chances.content or []
    if not any(place.top_logprobs for place in places):
        return []
    return [
        Token(
            text=place.token,
            chances={one.token: math.exp(min(one.logprob, 0.0)) for one in place.top_logprobs or ()},
        )
        for place in places
    ]
