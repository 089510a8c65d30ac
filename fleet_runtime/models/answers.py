"""Reads what an endpoint answers, whole or in pieces, into a `ModelReply`. Judges its form, never its content.

Whoever asked decides what a bad answer means: here everything that is no chat completion is a ``ValueError``, which
is what a broken JSON is too, and an endpoint's own word of failure is an ``openai.APIError``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TypeVar, cast

import httpx2
import openai
from pydantic_core import from_json

from fleet_runtime.messages import ModelReply, Token, ToolCall, Usage

_Read = Mapping[str, object]
"""A JSON object as it came."""

_T = TypeVar("_T")


def _given(read: _Read, name: str, kind: type[_T]) -> _T | None:
    """Return a value of an object; one that is missing or null is None.

    Raises: ValueError if it is of another kind.
    """
    value = read.get(name)
    if value is None or isinstance(value, kind):
        return value
    raise ValueError(f"{name!r} is a {type(value).__name__}, not a {kind.__name__}")


def _object(read: _Read, name: str) -> _Read:
    """Return an object within an object, an empty one where there is none.

    Raises: ValueError.
    """
    return cast("_Read", _given(read, name, dict) or {})


def _objects(read: _Read, name: str) -> list[_Read]:
    """Return a list of objects within an object.

    Raises: ValueError.
    """
    found = cast("list[object]", _given(read, name, list) or [])
    if not all(isinstance(one, dict) for one in found):
        raise ValueError(f"{name!r} holds something that is no object")
    return cast("list[_Read]", found)


def _count(read: _Read, name: str) -> int:
    """Return a number of tokens, 0 where none is given.

    Raises: ValueError.
    """
    value = read.get(name)
    if value is None or isinstance(value, int | float):
        return int(value or 0)
    raise ValueError(f"{name!r} is no number")


class _CallSoFar:
    """A tool call as far as it came."""

    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self._arguments: list[str] = []

    def add(self, piece: _Read) -> None:
        """Take a piece: the id and the name come once, the arguments bit by bit.

        Some endpoints give the arguments as an object, though they should be text.

        Raises: ValueError.
        """
        function = _object(piece, "function")
        self.id = self.id or _given(piece, "id", str) or ""
        self.name = self.name or _given(function, "name", str) or ""
        arguments = function.get("arguments")
        text = json.dumps(arguments) if isinstance(arguments, dict) else _given(function, "arguments", str)
        self._arguments.append(text or "")

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
        self._spent: _Read = {}
        self._tokens: list[Token] = []
        self._calls: list[_CallSoFar] = []
        self._open: dict[int, _CallSoFar] = {}

    def take(self, data: bytes) -> str:
        """Take a whole completion or a chunk of one, as JSON, and return the text that it adds.

        Raises: ValueError for anything else; openai.APIError for an error of the endpoint's.
        """
        read: object = from_json(data)
        if not isinstance(read, dict):
            raise ValueError("the answer is no object")  # noqa: TRY004 - all that is no completion is a ValueError
        return self._take(cast("_Read", read))

    def _take(self, read: _Read) -> str:
        """Take a completion or a chunk, and return the text that it adds."""
        if error := read.get("error"):
            raise self._failure(error)
        self._spent = _object(read, "usage") or self._spent
        self._model = _given(read, "model", str) or self._model
        self._id = self._id or _given(read, "id", str) or ""
        choices = _objects(read, "choices")
        if not choices:
            return ""
        choice = choices[0]
        self.finish_reason = _given(choice, "finish_reason", str) or self.finish_reason
        if chances := _object(choice, "logprobs"):
            self._tokens += _tokens(chances)
        said = _object(choice, "delta") or _object(choice, "message")
        for place, call in enumerate(_objects(said, "tool_calls")):
            index = _given(call, "index", int)
            self._take_call(call, place if index is None else index)
        content = (_given(said, "content", str) or "").replace("\0", "")  # no database keeps it
        if content:
            self._pieces.append(content)
        return content

    def reply(self) -> ModelReply:
        """Return all that came as one reply.

        Raises: ValueError if a tool call has no name.
        """
        details = _object(self._spent, "prompt_tokens_details")
        return ModelReply(
            text="".join(self._pieces),
            tool_calls=tuple(call.whole(f"{self._id or 'call'}-{place}") for place, call in enumerate(self._calls)),
            tokens=tuple(self._tokens),
            usage=Usage(
                prompt_tokens=_count(self._spent, "prompt_tokens"),
                cached_tokens=_count(details, "cached_tokens"),
                completion_tokens=_count(self._spent, "completion_tokens"),
                calls=1,
            ),
            finish_reason=self.finish_reason or "stop",
            model=self._model,
        )

    def _take_call(self, piece: _Read, index: int) -> None:
        """Put a piece to the call at its index; another id there begins another call, as some endpoints count badly."""
        call = self._open.get(index)
        other = _given(piece, "id", str)
        if call is None or (other and call.id and other != call.id):
            call = _CallSoFar()
            self._calls.append(call)
            self._open[index] = call
        call.add(piece)

    def _failure(self, error: object) -> openai.APIError:
        """Word an endpoint's own failure as the ``openai`` package does."""
        body, said = error, error
        if isinstance(error, dict):
            said = cast("_Read", error).get("message")
        return openai.APIError(str(said or "no reason given"), self._request, body=body)


def _tokens(chances: _Read) -> list[Token]:
    """Read an answer's tokens with their chances; those without alternatives say nothing, and are left out together.

    Raises: ValueError.
    """
    places = [(_text(place), _objects(place, "top_logprobs")) for place in _objects(chances, "content")]
    if not any(likely for _, likely in places):
        return []
    return [Token(text=text, chances={_text(one): _chance(one) for one in likely}) for text, likely in places]


def _text(read: _Read) -> str:
    """Return the text of a token.

    Raises: ValueError if it has none.
    """
    text = _given(read, "token", str)
    if text is None:
        raise ValueError("a token without its text")
    return text


def _chance(read: _Read) -> float:
    """Return the chance (0..1) of a token, which is given by its natural logarithm.

    Raises: ValueError if that is no number.
    """
    value = read.get("logprob")
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("a token without the logarithm of its chance")
    return math.exp(min(value, 0.0))
