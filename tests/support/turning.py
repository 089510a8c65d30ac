"""What models do besides talking, for tests of the turn: tool calls in one line, and a ledger of what tools did."""

from __future__ import annotations

import json

from fleet_runtime.messages import ModelReply, ToolCall, Usage

SPENT = Usage(prompt_tokens=100, cached_tokens=80, completion_tokens=10, calls=1)


def calls(*wanted: tuple[str, dict[str, object]], said: str = "") -> ModelReply:
    """Answer with tool calls, each given as (name, arguments)."""
    made = tuple(
        ToolCall(id=f"call-{place}", name=name, arguments=json.dumps(arguments))
        for place, (name, arguments) in enumerate(wanted)
    )
    return ModelReply(text=said, tool_calls=made, usage=SPENT, finish_reason="tool_calls")


def hand_off(to: str, why: str = "it is theirs", asked: str = "please take it up") -> ModelReply:
    """Answer with a hand-off."""
    return calls(("hand_off", {"to": to, "why": why, "asked": asked}))
