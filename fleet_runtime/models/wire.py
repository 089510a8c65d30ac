"""Writes a request as the JSON body of Chat Completions. Sends nothing, and knows no endpoint.

A body is first a mapping, so that parameters can still be left out or renamed, and becomes bytes last of all.
"""

from __future__ import annotations

import json
import re

from fleet_runtime.messages import ChatMessage, ModelRequest, ToolSpec

Body = dict[str, object]

NAME_LENGTH = 64
MOST_TOOLS = 256
"""Written tools that are kept; a process that makes more of them than that makes them anew for each call."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Wire:
    """Writes the requests to one model.

    ``llama_cpp`` says that the endpoint understands llama.cpp's ``grammar`` and ``cache_prompt``. A tool is written
    once and kept: roles bring the same tools to every turn.
    """

    def __init__(self, model: str, *, llama_cpp: bool = False) -> None:
        """Write for ``model``, by the endpoint's name for it."""
        self._model = model
        self._llama_cpp = llama_cpp
        # By identity: a spec holds a schema and cannot be hashed. The spec is kept, so its id is not given again.
        self._tools: dict[int, tuple[ToolSpec, Body]] = {}

    def body(self, request: ModelRequest, *, streamed: bool) -> Body:
        """Return the request's body."""
        body: Body = {
            "model": self._model,
            "messages": [_message(message) for message in request.messages],
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
        }
        if streamed:
            body["stream"] = True
            body["stream_options"] = {"include_usage": True}
        if request.alternatives:
            body |= {"logprobs": True, "top_logprobs": request.alternatives}
        if self._llama_cpp:
            body["cache_prompt"] = True
            if request.grammar is not None:
                # llama.cpp takes a grammar, a schema or tools, and only one of them; the grammar says most.
                return body | {"grammar": request.grammar}
        if request.tools:
            body["tools"] = [self._tool(spec) for spec in request.tools]
            if request.tool_choice != "auto":  # which is what endpoints do unasked
                body["tool_choice"] = request.tool_choice
        if request.json_schema is not None:
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": _schema_name(request.task), "schema": request.json_schema},
            }
        return body

    def _tool(self, spec: ToolSpec) -> Body:
        """Write a tool, or take what was written before."""
        kept = self._tools.get(id(spec))
        if kept is not None:
            return kept[1]
        function = {"name": spec.name, "description": spec.description, "parameters": spec.parameters}
        written: Body = {"type": "function", "function": function}
        if len(self._tools) < MOST_TOOLS:
            self._tools[id(spec)] = spec, written
        return written


def as_bytes(body: Body) -> bytes:
    """Return a body as JSON in UTF-8; half a character, which UTF-8 cannot write, becomes a question mark."""
    return _encode(body).encode(errors="replace")


def _message(message: ChatMessage) -> Body:
    """Write one message; what is empty is left out, as some endpoints mind it."""
    if message.tool_calls:
        calls = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
        return {"role": message.role, "content": message.content or None, "tool_calls": calls}
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.tool_call_id, "content": message.content}
    return {"role": message.role, "content": message.content}


def _schema_name(task: str) -> str:
    """Make a name of a task that endpoints take."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", task)[:NAME_LENGTH] or "answer"
