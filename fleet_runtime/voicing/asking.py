"""The three small questions that the assisted voice puts to a model, as requests; sends nothing itself."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fleet_runtime.messages import ChatMessage, ModelReply, ModelRequest
from fleet_runtime.prompting import PromptBook
from fleet_runtime.voicing.bank import KindChoice, VoiceTasks

_ROOM = 28  # characters that a reflection may be longer than the clause it gives back
_SHORTEST = 6
_NEXT_LINE = ' "\\n" '
_KIND_TOKENS = 12
_REFLECTION_TOKENS = 60
_LINE_TOKENS = 50


class Asker:
    """Builds the requests of one reply: every system message is the compiled contract plus the small task."""

    def __init__(self, book: PromptBook, tasks: VoiceTasks, system: str) -> None:
        """Keep the templates, the examples and the compiled contract."""
        self._book = book
        self._tasks = tasks
        self._system = system

    def kind(self, message: str, *, question: bool) -> ModelRequest:
        """Ask which kind the message is, among those that its form admits."""
        choice = self._tasks.question if question else self._tasks.statement
        pairs = [(f"Customer: {said}", kind) for said, kind in choice.examples]
        system = self._book.render("classify.md.j2", kinds=choice.kinds)
        request = self._request("classify", system, pairs, f"Customer: {message}", max_tokens=_KIND_TOKENS)
        kinds = " | ".join(_literal(kind.name) for kind in choice.kinds)
        return request.model_copy(update={"grammar": f"root ::= {kinds}"})

    def reflection(self, clause: str, stem: str, *, word: str = "") -> ModelRequest:
        """Ask to go on after the stem by giving the clause back.

        The stem is given as the beginning of the answer: what is read costs a fraction of what is written. ``word`` is
        the one with which a question asks; the stem ends with it.
        """
        letters = "[^\\n?!]" if "." in clause else "[^\\n?!.]"
        grammar = f"root ::= x {_literal('.')}\nx ::= {letters}{{{_SHORTEST},{len(clause) + _ROOM}}}"
        system = self._book.render("reflect.md.j2")
        examples = self._tasks.reflect.examples
        said = f"Customer: {word} {clause}?" if word else f"Customer: {clause}"
        request = self._request("reflect", system, examples, said, max_tokens=_REFLECTION_TOKENS)
        begun = (*request.messages, ChatMessage(role="assistant", content=stem))
        return request.model_copy(update={"messages": begun, "grammar": grammar})

    def answer(self, question: str, facts: Sequence[str]) -> ModelRequest:
        """Ask for one line per fact."""
        grammar = f"root ::= {_NEXT_LINE.join('l' for _ in facts)}\nl ::= [^\\n?]{{12,160}} [.]"
        user = "Facts:\n" + "".join(f"- {fact}\n" for fact in facts) + f"Customer: {question}"
        system = self._book.render("answer.md.j2")
        most = _LINE_TOKENS * len(facts)
        return self._request("answer", system, self._tasks.answer.examples, user, max_tokens=most).model_copy(
            update={"grammar": grammar}
        )

    def shared_prompts(self) -> tuple[ModelRequest, ...]:
        """Return one tiny request for each task: whoever answers them has read all that later turns share."""
        requests = (
            self.kind("", question=True),
            self.kind("", question=False),
            self.reflection("", "So"),
            self.answer("", ("",)),
        )
        plain = {"max_tokens": 1, "grammar": None}
        return tuple(request.model_copy(update=plain) for request in requests)

    def _request(
        self, task: str, system: str, pairs: Sequence[tuple[str, str]], user: str, *, max_tokens: int
    ) -> ModelRequest:
        """Join contract, task, examples and the customer's words."""
        messages = [ChatMessage(role="system", content=f"{self._system}\n{system}")]
        for said, answered in pairs:
            messages += [ChatMessage(role="user", content=said), ChatMessage(role="assistant", content=answered)]
        messages.append(ChatMessage(role="user", content=user))
        return ModelRequest(task=task, messages=tuple(messages), max_tokens=max_tokens)


def kind_of(reply: ModelReply | None, choice: KindChoice) -> str | None:
    """Read the chosen kind; None if the model gave nothing of use."""
    said = reply.text.strip().strip('"') if reply else ""
    return said if said in {known.name for known in choice.kinds} else None


def reflected(reply: ModelReply | None, stem: str) -> str | None:
    """Read the clause after the stem; None if the model gave nothing of use.

    Some servers repeat the given beginning, others go on after it.
    """
    lines = reply.text.strip().splitlines() if reply else []
    return lines[0].strip().removeprefix(stem).strip() or None if len(lines) == 1 else None


def _literal(text: str) -> str:
    """Write a text as a GBNF literal."""
    return json.dumps(text, ensure_ascii=False)
