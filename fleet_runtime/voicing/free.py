"""The free voice: a capable model writes the reply, with tools, and the guard reads it before anyone else does.

A rejected draft is sent back with the findings spelled out; when the chances are used up, the runtime composes a
truthful reply instead. What was released sentence by sentence stays said, and the next draft goes on from there.
A generator of requests, like the assisted voice: it asks no model and runs no tool itself.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from fleet_runtime.errors import OutputInvalid
from fleet_runtime.messages import ChatMessage, ModelRequest, ToolSpec
from fleet_runtime.prompting import PromptBook
from fleet_runtime.records import Finding, Part, Step, ToolResult
from fleet_runtime.settings import GuardPolicy
from fleet_runtime.voicing.scene import Draft, FreeVoice, Scene, ToolsUsed, UseTools, Voiced

CHANCES = 2
"""Drafts before the runtime composes."""

OUTPUT_CHANCES = 3
"""Drafts of a wanted object before the turn fails."""

MOST_TOKENS = 700
_TEMPERATURE = 0.3

_Drafting = Generator[ModelRequest | UseTools, Draft | ToolsUsed | None, Draft | None]


@dataclass(frozen=True)
class Wanted:
    """An object that the reply is to be: its JSON schema, and what says what is wrong with a text (None: nothing)."""

    schema: dict[str, Any]
    complaint: Callable[[str], str | None]


@dataclass(frozen=True)
class Terms:
    """On what terms a model speaks.

    Under ``warn`` findings are kept with the reply and it passes; under ``off`` nothing is checked. ``composed`` gives
    the reply that needs no model. ``tools`` may be used ``rounds`` times; ``begun`` are the rounds that an earlier
    attempt at this turn had made, and ``ended``: the role had given the turn away with them.
    """

    policy: GuardPolicy
    composed: Callable[[], str]
    tools: tuple[ToolSpec, ...] = ()
    rounds: int = 8
    begun: tuple[Step, ...] = ()
    ended: bool = False
    wanted: Wanted | None = None


def speak_freely(scene: Scene, book: PromptBook, terms: Terms) -> FreeVoice:
    """Ask for a reply until the guard (or the wanted schema) has nothing against it, else compose one.

    Raises: OutputInvalid if an object was wanted and no draft became one.
    """
    role = scene.role.role_class
    talk = _Talk(scene, terms)
    if terms.ended:
        return Voiced(part=Part(role=role, text="", kind="ended"))
    findings: list[Finding] = []
    for _ in range(OUTPUT_CHANCES if terms.wanted else CHANCES):
        draft = yield from _drafted(talk, terms)
        if talk.ended:
            return Voiced(part=Part(role=role, text=talk.said, kind="ended"), findings=tuple(findings))
        if draft is None:
            break
        findings.extend(draft.findings)
        text = draft.reply.text.strip()
        complaint = terms.wanted.complaint(text) if terms.wanted else None
        if not text:
            continue  # silence has no finding, and answers nobody
        if complaint is None and (terms.policy != "enforce" or not draft.findings):
            whole = talk.said + text
            return Voiced(
                part=Part(role=role, text=whole, kind="free", model_written=(whole,)), findings=tuple(findings)
            )
        talk.said = _joined(talk.said, draft.released)
        talk.object_to(draft, book, complaint)
    if terms.wanted:
        raise _no_object(scene, talk, findings)
    kept = (talk.said.strip(),) if talk.said else ()
    part = Part(role=role, text=talk.said + terms.composed(), kind="composed", model_written=kept)
    return Voiced(part=part, findings=tuple(findings))


def opening(scene: Scene) -> list[ChatMessage]:
    """Lay out contract, what was said earlier, the conversation, and the tail with the message.

    All but the last is the same from turn to turn up to what was said meanwhile, so that prompt caches hold it.
    """
    messages = [ChatMessage(role="system", content=scene.system)]
    if scene.earlier:
        messages.append(ChatMessage(role="user", content=scene.earlier))
    for said, answered in scene.conversation_so_far:
        messages += [ChatMessage(role="user", content=said), ChatMessage(role="assistant", content=answered)]
    return [*messages, ChatMessage(role="user", content=scene.tail or scene.text)]


def after_tools(messages: list[ChatMessage], said: str, step: Step | UseTools, results: Sequence[ToolResult]) -> None:
    """Add a round of tool calls to a chat: what was called, and every result."""
    messages.append(ChatMessage(role="assistant", content=said, tool_calls=step.calls))
    messages += [ChatMessage(role="tool", content=result.text, tool_call_id=result.call_id) for result in results]


class _Talk:
    """The chat with the model as it grows. ``said`` is what was released of it."""

    def __init__(self, scene: Scene, terms: Terms) -> None:
        """Lay out what is known at the beginning, with the rounds that were made before."""
        self.messages = opening(scene)
        self.rounds = len(terms.begun)
        self.ended = False
        self.last = ""
        self.said = ""
        for step in terms.begun:
            after_tools(self.messages, step.said, step, step.results)

    def request(self, terms: Terms) -> ModelRequest:
        """Ask for the next draft; tools are offered while there are rounds left."""
        return ModelRequest(
            task="reply",
            messages=tuple(self.messages),
            max_tokens=MOST_TOKENS,
            temperature=_TEMPERATURE,
            json_schema=terms.wanted.schema if terms.wanted else None,
            tools=terms.tools if self.rounds < terms.rounds else (),
        )

    def object_to(self, draft: Draft, book: PromptBook, complaint: str | None) -> None:
        """Give a draft back with what is wrong with it."""
        self.last = draft.reply.text
        content = book.render("guard.md.j2", findings=draft.findings, complaint=complaint or "", said=self.said.strip())
        self.messages += [
            ChatMessage(role="assistant", content=draft.released or draft.reply.text),
            ChatMessage(role="user", content=content),
        ]


def _drafted(talk: _Talk, terms: Terms) -> _Drafting:
    """Ask for a draft, and have tools used until the model answers in words; None where nothing more is given."""
    while True:
        answer = yield talk.request(terms)
        if not isinstance(answer, Draft):
            return None
        if not answer.reply.tool_calls or talk.rounds >= terms.rounds:  # some call what is not offered any more
            return answer
        talk.said = _joined(talk.said, answer.released)
        wish = UseTools(said=answer.reply.text, calls=answer.reply.tool_calls)
        used = yield wish
        if not isinstance(used, ToolsUsed):
            return None
        talk.rounds += 1
        if used.ended:
            talk.ended = True
            return None
        after_tools(talk.messages, wish.said, wish, used.results)


def _joined(said: str, released: str) -> str:
    """Put what was released behind what was said before, with a blank after it."""
    return f"{(said + released).rstrip()} " if said or released else ""


def _no_object(scene: Scene, talk: _Talk, findings: Sequence[Finding]) -> OutputInvalid:
    """Say that no draft became the wanted object."""
    why = "; ".join(dict.fromkeys(finding.message for finding in findings)) or "none was valid"
    return OutputInvalid(
        f"{scene.role.role_class}: no answer became the object that was asked for ({why})",
        hint="look at the error's answer; loosen the type, say more in its field descriptions, or use a larger model",
        answer=talk.last,
    )
