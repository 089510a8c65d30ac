"""Gives tools to a model that cannot call them, and finds out by asking whether it can.

`SchemaTools` wraps any `ModelClient`; how it changes requests and replies stands in `fleet_runtime.tools.by_schema`. It
runs no tool, and goes by no model's name.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from typing import Final

from fleet_runtime.errors import ModelGarbled, ModelRefused
from fleet_runtime.messages import ChatMessage, ModelInfo, ModelReply, ModelRequest, ToolSpec
from fleet_runtime.ports import ModelClient
from fleet_runtime.shape import complaint
from fleet_runtime.tools import by_schema

PROBE: Final = "probe_tools"
"""The task of the request that finds out."""

_ADD: Final = ToolSpec(
    name="add_numbers",
    description="Add two whole numbers. It is exact; adding in your head is not.",
    parameters={
        "type": "object",
        "properties": {"first": {"type": "integer"}, "second": {"type": "integer"}},
        "required": ["first", "second"],
        "additionalProperties": False,
    },
)
_ASKED: Final = (
    ChatMessage(role="system", content="You answer with the help of tools."),
    ChatMessage(role="user", content="Use the tool add_numbers to add 1738 and 2645."),
)
_ENOUGH_TOKENS: Final = 256


class SchemaTools:
    """A model whose tools are asked for by a JSON schema. Requests without tools pass through as they are."""

    def __init__(self, model: ModelClient) -> None:
        """Wrap ``model``; closing this closes it."""
        self._model = model

    @property
    def info(self) -> ModelInfo:
        """Say which model this is and why."""
        return self._model.info

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer one request, with at most one tool call; who does not keep to the schema is asked without tools.

        Raises: ModelError or one of its kinds; ModelGarbled also where no call and no reply can be read.
        """
        if not by_schema.concerns(request):
            return await self._model.complete(request)
        try:
            return await self._by_schema(request)
        except ModelGarbled:
            if not request.tools or request.tool_choice == "required":
                raise
            return await self.complete(request.model_copy(update={"tools": ()}))

    async def _by_schema(self, request: ModelRequest) -> ModelReply:
        """Ask by the schema once."""
        return by_schema.read(request, await self._model.complete(by_schema.as_schema_request(request)))

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        """Give the pieces as they come, then the whole; with tools the text comes in one piece, once it is known.

        Raises: as `complete`.
        """
        if not by_schema.concerns(request):
            async for piece in self._model.stream(request):
                yield piece
            return
        reply = await self.complete(request)
        if reply.text:
            yield reply.text
        yield reply

    async def close(self) -> None:
        """Close the model."""
        await self._model.close()


async def calls_tools(model: ModelClient) -> bool:
    """Find out by one short request whether a model calls a harmless tool, told to and free not to.

    It is left free since turns leave it free, and since an endpoint can force the form of a call that the model would
    not make. Anything but the one call, well-formed, is a no; so is a refusal.

    Raises: ModelError where nothing can be known: the model cannot be reached, is too slow, or its answer is garbled.
    """
    request = ModelRequest(task=PROBE, messages=_ASKED, max_tokens=_ENOUGH_TOKENS, tools=(_ADD,))
    try:
        calls = (await model.complete(request)).tool_calls
    except ModelRefused:
        return False
    if len(calls) != 1 or calls[0].name != _ADD.name:
        return False
    try:
        arguments: object = json.loads(calls[0].arguments)
    except ValueError:
        return False
    return complaint(arguments, _ADD.parameters) is None


async def tool_calling(model: ModelClient, kept: Mapping[str, bool]) -> bool:
    """Return what is ``kept`` of the model under `tool_calling_key`, or find it out (`calls_tools`).

    Raises: as `calls_tools`.
    """
    known = kept.get(tool_calling_key(model.info))
    return await calls_tools(model) if known is None else known


def tool_calling_key(info: ModelInfo) -> str:
    """Name a model for the keeping of what was found out; the embedded one's endpoint is another at each start."""
    return f"{info.kind} {info.name}" if info.kind == "embedded" else f"{info.kind} {info.name} {info.endpoint}"
