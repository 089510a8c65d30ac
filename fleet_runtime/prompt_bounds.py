"""How many tokens a prompt can have at most, without a tokenizer. Pure; keeps numbers, and no text.

No tokenizer makes more tokens than there are bytes. That is a safe bound and a wide one: three to five times too much.
So what was measured narrows it: once an endpoint counted a prompt, everything that begins like it has at most what it
was counted as, and the bytes of the rest. This holds because a chat's messages are told apart by marks, so that what
follows a message does not change how it is read.
"""

from __future__ import annotations

import json

from fleet_runtime.messages import ChatMessage, ModelRequest, ToolSpec

MOST_KNOWN = 4096
"""Beginnings of prompts that are known at once; then it is begun anew."""

_PER_MESSAGE = 16  # tokens that a chat format puts around a message or a call
_PER_FEATURE = 512  # tokens of the instructions that endpoints add for tools, and for a wanted JSON schema


class PromptBounds:
    """What endpoints counted prompts as, shared by all turns of a fleet: roles' contracts come again and again."""

    def __init__(self) -> None:
        """Begin with nothing measured."""
        self._known: dict[int, int] = {}

    def of(self, request: ModelRequest, model: str) -> int:
        """Return at least as many tokens as ``model`` will count the request's prompt as."""
        features, mark = _features(request)
        key = hash((model, mark))
        bound = features
        for message in request.messages:
            key = _extended(key, message)
            bound += _message(message)
            known = self._known.get(key)
            if known is not None:
                bound = min(bound, known)
        return bound

    def measured(self, request: ModelRequest, model: str, tokens: int) -> None:
        """Learn that ``model`` counted the request's prompt as so many tokens: its first message has no more either."""
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        key = hash((model, _features(request)[1]))
        for number, message in enumerate(request.messages, start=1):
            key = _extended(key, message)
            if number in {1, len(request.messages)}:
                self._known[key] = min(tokens, self._known.get(key, tokens))


def _extended(key: int, message: ChatMessage) -> int:
    """Return the key of what begins as that of ``key`` and goes on with a message."""
    calls = tuple((call.id, call.name, call.arguments) for call in message.tool_calls)
    return hash((key, message.role, message.content, message.tool_call_id, calls))


def _message(message: ChatMessage) -> int:
    """Return at least as many tokens as a message has: its bytes, and the marks around it."""
    bound = _PER_MESSAGE + _bytes(message.content) + _bytes(message.tool_call_id)
    for call in message.tool_calls:
        bound += _PER_MESSAGE + _bytes(call.id) + _bytes(call.name) + _bytes(call.arguments)
    return bound


def _features(request: ModelRequest) -> tuple[int, int]:
    """Return at least as many tokens as tools and a wanted schema add to a prompt, and what tells them from others.

    An endpoint writes tools in a form of its own, and for a model that cannot call them they are written twice.
    """
    bound, marks = _PER_MESSAGE, 0
    if request.tools:
        tools = "".join(map(_tool, request.tools))
        bound += _PER_FEATURE + 2 * (_bytes(tools) + _PER_MESSAGE * len(request.tools))
        marks = hash(tools)
    if request.json_schema is not None:
        schema = json.dumps(request.json_schema)
        bound += _PER_FEATURE + _bytes(schema)
        marks = hash((marks, schema))
    return bound, marks


def _tool(tool: ToolSpec) -> str:
    """Return all that an endpoint is told of a tool."""
    return f"{tool.name}\n{tool.description}\n{json.dumps(tool.parameters)}\n"


def _bytes(text: str) -> int:
    """Return the length in UTF-8; a lone surrogate counts as what it would be replaced with."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
