"""What is said to a model and what comes back, as frozen values. Sends nothing."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from fleet_runtime.contracts import Value


class ChatMessage(Value):
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class Usage(Value):
    """Tokens and calls spent; ``cached_tokens`` are the prompt tokens that were not read anew."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0

    def __add__(self, other: Usage) -> Usage:
        """Add two usages field by field."""
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            calls=self.calls + other.calls,
        )


class Token(Value):
    """One token of an answer, with the chances of what might have stood there, itself among them."""

    text: str
    chances: dict[str, float]


class ModelRequest(Value):
    """One question to a model.

    ``json_schema`` asks for JSON of that shape; ``grammar`` (GBNF) is honoured by llama.cpp
    endpoints only. ``alternatives`` asks for so many of the likeliest tokens at each place of the
    answer, with their chances. ``task`` names the call in traces and scripted models.
    """

    task: str
    messages: tuple[ChatMessage, ...]
    max_tokens: int = Field(default=512, ge=1)
    temperature: float = Field(default=0.0, ge=0.0)
    json_schema: dict[str, Any] | None = None
    grammar: str | None = None
    alternatives: int = Field(default=0, ge=0)
    timeout_seconds: float | None = None


class ModelReply(Value):
    """The answer to one request. ``finish_reason`` is the endpoint's word (``stop``, ``length``).

    ``tokens`` are the answer's tokens with their chances, where they were asked for and the endpoint gives them.
    """

    text: str
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
