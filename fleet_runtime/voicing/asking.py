"""The three small questions that the assisted voice puts to a model, as requests; sends nothing itself."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fleet_runtime.messages import ChatMessage, ModelReply, ModelRequest
from fleet_runtime.prompting import PromptBook
from fleet_runtime.voicing.bank import KindChoice, VoiceTasks

_ROOM = 28  # characters that a reflection may be longer than the clause it gives back
_SHORTEST = 6


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
        schema = {
            "type": "object",
            "properties": {"kind": {"enum": [kind.name for kind in choice.kinds]}},
            "required": ["kind"],
            "additionalProperties": False,
        }
        pairs = [(f"Customer: {said}", json.dumps({"kind": kind})) for said, kind in choice.examples]
        system = self._book.render("classify.md.j2", kinds=choice.kinds)
        return self._request("classify", system, pairs, f"Customer: {message}", max_tokens=24).model_copy(
            update={"json_schema": schema}
        )

    def reflection(self, clause: str, stem: str, questions: Sequence[str], *, temperature: float) -> ModelRequest:
        """Ask to give the clause back after the stem, and to pick one of the questions."""
        grammar = f"root ::= {_literal(stem + ' ')} x {_literal('.')}"
        if questions:
            grammar += f' "\\n" ({" | ".join(_literal(question) for question in questions)})'
        grammar += f"\nx ::= [^\\n?!]{{{_SHORTEST},{len(clause) + _ROOM}}}"
        user = f"Customer: {clause}\nBegin: {stem}\nQuestions: {' | '.join(questions) or 'none'}"
        request = self._request(
            "reflect", self._book.render("reflect.md.j2"), self._tasks.reflect.examples, user, max_tokens=90
        )
        return request.model_copy(update={"grammar": grammar, "temperature": temperature})

    def answer(self, question: str, facts: Sequence[str], *, temperature: float) -> ModelRequest:
        """Ask for one line per fact."""
        grammar = f"root ::= {' '.join(['l'] + [chr(34) + chr(92) + 'n' + chr(34) + ' l'] * (len(facts) - 1))}\n"
        grammar += "l ::= [^\\n?]{12,160} [.]"
        user = "Facts:\n" + "".join(f"- {fact}\n" for fact in facts) + f"Customer: {question}"
        request = self._request(
            "answer",
            self._book.render("answer.md.j2"),
            self._tasks.answer.examples,
            user,
            max_tokens=40 * len(facts) + 20,
        )
        return request.model_copy(update={"grammar": grammar, "temperature": temperature})

    def shared_prompts(self) -> tuple[ModelRequest, ...]:
        """Return one tiny request for each task: whoever answers them has read all that later turns share."""
        requests = (
            self.kind("", question=True),
            self.kind("", question=False),
            self.reflection("", "So", (), temperature=0.0),
            self.answer("", ("",), temperature=0.0),
        )
        plain = {"max_tokens": 1, "grammar": None, "json_schema": None}
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
    if reply is None:
        return None
    try:
        kind = json.loads(reply.text)["kind"]
    except (ValueError, KeyError, TypeError, RecursionError):  # the last for a thousand opening brackets
        return None
    return next((known.name for known in choice.kinds if known.name == kind), None)


def _literal(text: str) -> str:
    """Write a text as a GBNF literal."""
    return json.dumps(text, ensure_ascii=False)
