"""What is said to a model and what comes back, as frozen values. Sends nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from fleet_runtime.contracts import Value


class ToolSpec(Value):
    """A tool as a model sees it. ``parameters`` is the JSON schema of its arguments, an object."""

    name: str
    description: str
    parameters: dict[str, Any]


class ToolCall(Value):
    """A model's wish to use a tool. ``arguments`` is JSON as the model wrote it; ``id`` is the endpoint's."""

    id: str
    name: str
    arguments: str = "{}"


class ChatMessage(Value):
    """One message of a chat.

    An ``assistant`` may call tools; each call is answered by one ``tool`` message with its ``tool_call_id``.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


class Usage(Value):
    """Tokens, calls and money spent; ``cached_tokens`` are the prompt tokens that were not read anew.

    ``cost`` is in the currency of the settings' price table; ``unpriced`` counts the calls to models that stand in no
    table, which cost more than ``cost`` says.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0

    @property
    def tokens(self) -> int:
        """Return all tokens, read and written."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def cached_share(self) -> float:
        """Return the share (0..1) of the prompt tokens that the provider's cache held."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else 0.0

    def __add__(self, other: Usage) -> Usage:
        """Add two usages field by field."""
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            calls=self.calls + other.calls,
            cost=self.cost + other.cost,
            unpriced=self.unpriced + other.unpriced,
        )


class Token(Value):
    """One token of an answer, with the chances of what might have stood there, itself among them."""

    text: str
    chances: dict[str, float]


class ModelRequest(Value):
    """One question to a model.

    ``json_schema`` asks for JSON of that shape; ``grammar`` (GBNF) is honoured by llama.cpp
    endpoints only. ``alternatives`` asks for so many of the likeliest tokens at each place of the
    answer, with their chances. ``task`` names the call in traces and scripted models. ``tools`` may be called instead
    of answering, one or several at a time; ``tool_choice`` ``required`` leaves no other way.
    """

    task: str
    messages: tuple[ChatMessage, ...]
    max_tokens: int = Field(default=512, ge=1)
    temperature: float = Field(default=0.0, ge=0.0)
    json_schema: dict[str, Any] | None = None
    grammar: str | None = None
    alternatives: int = Field(default=0, ge=0)
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: Literal["auto", "required"] = "auto"
    timeout_seconds: float | None = None


class ModelReply(Value):
    """The answer to one request. ``finish_reason`` is the endpoint's word (``stop``, ``length``).

    ``tokens`` are the answer's tokens with their chances, where they were asked for and the endpoint gives them.
    ``text`` may be empty where there are ``tool_calls``. ``model`` is the name of the model that answered.
    """

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    tokens: tuple[Token, ...] = ()
    usage: Usage = Usage()
    finish_reason: str = "stop"
    model: str = ""


class ModelInfo(Value):
    """Which model is in force, in words for people.

    ``description`` says honestly what it is; ``reason`` says why this one was chosen;
    ``voice`` is the voice it gets until calibration says otherwise.
    """

    name: str
    kind: Literal["embedded", "endpoint", "scripted"]
    endpoint: str = ""
    description: str
    reason: str
    voice: Literal["free", "assisted"]
