"""Tools for a model that cannot call them: a request with tools becomes one for a JSON answer, and the answer a call.

The answer is one object: ``{"tool": ..., "arguments": ...}``, or ``{"reply": ...}`` where it need not call. The schema
keeps to what llama.cpp makes a grammar of, and bounds every text and list, since a small model may not find an end. It
judges no arguments: the tool does. One call an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, Final, cast

from fleet_runtime.errors import ModelGarbled
from fleet_runtime.messages import ChatMessage, ModelReply, ModelRequest, ToolCall, ToolSpec

LONGEST_REPLY: Final = 1200
LONGEST_TEXT: Final = 400
MOST_ITEMS: Final = 20

_KEPT: Final = frozenset(
    {
        "type", "enum", "const", "properties", "required", "additionalProperties", "items", "prefixItems", "anyOf",
        "oneOf", "allOf", "$ref", "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum",
        "exclusiveMinimum", "exclusiveMaximum",
    }
)  # fmt: skip
_FORMATS: Final = frozenset({"date", "time", "date-time", "uuid"})
_GROUPS: Final = ("$defs", "definitions")

_HEAD: Final = "You can use these tools. You see what a tool found before you answer.\n"
_AUTO: Final = (
    '\nAnswer with one JSON object and nothing else: {"tool": "<its name>", "arguments": {...}} to use a tool, '
    'or {"reply": "<what you say>"} once you need none.'
)
_REQUIRED: Final = (
    '\nAnswer with one JSON object and nothing else: {"tool": "<its name>", "arguments": {...}}; use one of the tools.'
)


def concerns(request: ModelRequest) -> bool:
    """Tell whether a request has tools, or tells of calls made before."""
    return bool(request.tools) or any(message.tool_calls or message.role == "tool" for message in request.messages)


def as_schema_request(request: ModelRequest) -> ModelRequest:
    """Write a request without tools that asks for the same.

    What the tools are stands after the leading system messages, so that those stay the same, byte for byte; calls and
    results in the history become texts. Without tools only the history is rewritten.
    """
    messages = _plain(request.messages)
    if not request.tools:
        return request.model_copy(update={"messages": messages})
    leading = len(list(takewhile(lambda message: message.role == "system", messages)))
    told = ChatMessage(role="system", content=describe(request.tools, required=request.tool_choice == "required"))
    update = {
        "messages": (*messages[:leading], told, *messages[leading:]),
        "json_schema": answer_schema(request),
        "grammar": None,
        "tools": (),
        "tool_choice": "auto",
    }
    return request.model_copy(update=update)


def answer_schema(request: ModelRequest) -> dict[str, Any]:
    """Return the schema of the one object that answers a request with tools."""
    definitions: dict[str, Any] = {}
    ways = [_way(tool, definitions) for tool in request.tools]
    if request.tool_choice == "auto":
        said = _hoisted("reply", request.json_schema, definitions) if request.json_schema else None
        ways.append(_object({"reply": said or {"type": "string", "maxLength": LONGEST_REPLY}}))
    schema: dict[str, Any] = {"anyOf": ways}
    return schema | {"$defs": definitions} if definitions else schema


def describe(tools: Sequence[ToolSpec], *, required: bool = False) -> str:
    """Say in words what the tools are and how to answer; the same bytes for the same tools."""
    return _HEAD + "\n".join(_described(tool) for tool in tools) + (_REQUIRED if required else _AUTO)


def read(request: ModelRequest, reply: ModelReply) -> ModelReply:
    """Read the answer to `as_schema_request` of ``request`` back into a tool call or a text.

    A call's id tells how many calls came before it.

    Raises: ModelGarbled if it is neither a call of one of the tools nor, where that is allowed, a reply.
    """
    if not request.tools:
        return reply
    try:
        answer: object = json.loads(reply.text)
    except ValueError as error:
        raise _garbled(request, reply, "no JSON") from error
    if not isinstance(answer, dict):
        raise _garbled(request, reply, "no object")
    answer = cast("dict[str, object]", answer)
    if "reply" in answer and request.tool_choice == "auto":
        said = answer["reply"]
        text = said if isinstance(said, str) and request.json_schema is None else _as_json(said)
        return reply.model_copy(update={"text": text})
    name, arguments = answer.get("tool"), answer.get("arguments", {})
    if not isinstance(name, str) or name not in {tool.name for tool in request.tools}:
        raise _garbled(request, reply, "a call of no known tool")
    before = sum(len(message.tool_calls) for message in request.messages)
    call = ToolCall(id=f"call-{before + 1}", name=name, arguments=_as_json(arguments))
    return reply.model_copy(update={"text": "", "tool_calls": (call,), "finish_reason": "tool_calls"})


def _garbled(request: ModelRequest, reply: ModelReply, what: str) -> ModelGarbled:
    """Say that an answer cannot be read."""
    return ModelGarbled(
        f"{reply.model or 'the model'}: {request.task}: the answer is {what}: {reply.text[:80]!r}",
        hint="try again, or use a model that calls tools or follows JSON schemas",
    )


def _plain(messages: Iterable[ChatMessage]) -> tuple[ChatMessage, ...]:
    """Write calls as the assistant's own answers, and results as the user's texts; those in a row are one message."""
    plain: list[ChatMessage] = []
    names: dict[str, str] = {}
    joining = False
    for message in messages:
        if message.tool_calls:
            names |= {call.id: call.name for call in message.tool_calls}
            lines = [message.content, *map(_call_text, message.tool_calls)]
            plain.append(ChatMessage(role="assistant", content="\n".join(filter(None, lines))))
            joining = False
            continue
        result = message.role == "tool"
        text = f"{names.get(message.tool_call_id, 'The tool')} gave: {message.content}" if result else message.content
        if joining and (result or message.role == "user"):
            # Some chat templates refuse two messages of one role in a row.
            plain[-1] = ChatMessage(role="user", content=f"{plain[-1].content}\n\n{text}")
        else:
            plain.append(ChatMessage(role="user", content=text) if result else message)
            joining = result
    return tuple(plain)


def _call_text(call: ToolCall) -> str:
    """Write a call as the model would have; arguments that are no JSON are kept as a text."""
    try:
        arguments: object = json.loads(call.arguments or "{}")
    except ValueError:
        arguments = call.arguments
    return _as_json({"tool": call.name, "arguments": arguments})


def _described(tool: ToolSpec) -> str:
    """Describe one tool and its parameters, a line each."""
    required = cast("list[str]", tool.parameters.get("required", []))
    properties = cast("Mapping[str, object]", tool.parameters.get("properties", {}))
    lines = [f"- {tool.name}: {' '.join(tool.description.split())}"]
    for name, known in properties.items():
        schema = dict(cast("Mapping[str, object]", known)) if isinstance(known, Mapping) else {}
        said = " ".join(str(schema.pop("description", "")).split())
        needed = "required" if name in required else "may be left out"
        lines.append(f"  - {name} ({needed}): {said + ' ' if said else ''}{_as_json(schema)}")
    groups = {group: tool.parameters[group] for group in _GROUPS if tool.parameters.get(group)}
    return "\n".join([*lines, f"  where {_as_json(groups)}"] if groups else lines)


def _way(tool: ToolSpec, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a call; what the arguments' schema defines is added to ``definitions``."""
    return _object(
        {"tool": {"type": "string", "const": tool.name}, "arguments": _hoisted(tool.name, tool.parameters, definitions)}
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object of exactly these keys."""
    return {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


def _hoisted(owner: str, schema: Mapping[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Narrow a schema to what a grammar needs, and move its definitions to the whole's, under the owner's name."""
    renamed = {
        f"#/{group}/{name}": f"{owner}-{re.sub(r'[^A-Za-z0-9_-]', '-', name)}"
        for group in _GROUPS
        for name in cast("Mapping[str, object]", schema.get(group, {}))
    }
    for group in _GROUPS:
        for name, inner in cast("Mapping[str, Mapping[str, Any]]", schema.get(group, {})).items():
            definitions[renamed[f"#/{group}/{name}"]] = _narrowed(inner, renamed)
    return _narrowed(schema, renamed)


def _narrowed(schema: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    """Keep what a grammar can be made of, and bound texts and lists that have no bound."""
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            kept[key] = {name: _part(inner, renamed) for name, inner in cast("Mapping[str, object]", value).items()}
        elif key == "$ref":
            if value not in renamed:
                return {}  # it points out of reach: any value, which the tool will judge
            kept[key] = f"#/$defs/{renamed[value]}"
        elif key in _KEPT:
            kept[key] = value if key in ("enum", "const", "required") else _part(value, renamed)
        elif key == "format" and value in _FORMATS:
            kept[key] = value
    kinds = kept.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    if "string" in kinds and not kept.keys() & {"enum", "const", "format"}:
        kept.setdefault("maxLength", max(LONGEST_TEXT, kept.get("minLength", 0)))
    if "array" in kinds:
        kept.setdefault("maxItems", max(MOST_ITEMS, kept.get("minItems", 0)))
    return kept


def _part(part: object, renamed: Mapping[str, str]) -> object:
    """Do the same with whatever stands within a schema."""
    if isinstance(part, Mapping):
        return _narrowed(cast("Mapping[str, Any]", part), renamed)
    if isinstance(part, list):
        return [_part(one, renamed) for one in cast("list[object]", part)]
    return part


def _as_json(value: object) -> str:
    """Write JSON as a model would."""
    return json.dumps(value, ensure_ascii=False)
