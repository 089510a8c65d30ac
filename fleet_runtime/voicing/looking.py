"""Tools for a voice that is assisted: what is asked of the model before it speaks, and what is made of the results.

A weak model may choose a tool and its arguments; what the tool gave is said by the runtime, word for word.
"""

from __future__ import annotations

from collections.abc import Sequence

from fleet_runtime.messages import ChatMessage, ModelReply, ModelRequest, ToolSpec
from fleet_runtime.prompting import PromptBook
from fleet_runtime.records import Recalled, Step, ToolUse
from fleet_runtime.voicing.free import after_tools
from fleet_runtime.voicing.scene import Scene, ToolsUsed, UseTools

LOOKS = 2
"""Rounds of tools before a weak model speaks: it takes seconds for each."""

_MOST_TOKENS = 200
_SHOWN = 400  # characters of a result that are said


class Looking:
    """The chat in which a model chooses tools."""

    def __init__(self, scene: Scene, book: PromptBook, tools: tuple[ToolSpec, ...], begun: Sequence[Step]) -> None:
        """Begin with the message, and the rounds that an earlier attempt made."""
        self._tools = tools
        self.rounds = len(begun)
        self._messages = [
            ChatMessage(role="system", content=scene.system),
            ChatMessage(role="user", content=book.render("look_up.md.j2", text=scene.text)),
        ]
        for step in begun:
            after_tools(self._messages, step.said, step, step.results)

    def request(self) -> ModelRequest:
        """Ask which tool helps, if any does."""
        return ModelRequest(task="look_up", messages=tuple(self._messages), max_tokens=_MOST_TOKENS, tools=self._tools)

    def add(self, reply: ModelReply, used: ToolsUsed) -> None:
        """Add a round."""
        self.rounds += 1
        after_tools(self._messages, reply.text, UseTools(said=reply.text, calls=reply.tool_calls), used.results)


def with_results(scene: Scene, uses: Sequence[ToolUse]) -> Scene:
    """Set what tools gave before what was recalled: it is the newest that is known."""
    if not uses:
        return scene
    found = tuple(
        Recalled(
            text=use.result[:_SHOWN], event_id=use.id, author=use.name.replace("_", " "), at=scene.at,
            valid_from=scene.at, score=1.0, key=use.name, fact_id="",
        )
        for use in uses
    )  # fmt: skip
    return scene.model_copy(
        update={
            "recalled": (*found, *scene.recalled),
            "evidence": (*scene.evidence, *(use.result for use in uses)),
        }
    )
