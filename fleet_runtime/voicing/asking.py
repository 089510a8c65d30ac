"""The three small questions that the assisted voice puts to a model, as requests; sends nothing itself."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fleet_runtime.messages import ChatMessage, ModelReply, ModelRequest
from fleet_runtime.prompting import PromptBook
from fleet_runtime.voicing.bank import KindChoice, VoiceTasks

_ROOM = 28  # characters that a reflection may be longer than the clause it gives back
_SHORTEST = 6
_KIND_TOKENS = 12
_REFLECTION_TOKENS = 80


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

    def reflection(self, clause: str, stem: str, questions: Sequence[str], *, temperature: float) -> ModelRequest:
        """Ask to go on after the stem by giving the clause back, and to pick one of the questions by its number.

        The stem is given as the beginning of the answer: what is read costs a fraction of what is written.
        """
        ending = " | ".join(_literal(str(number)) for number, _ in enumerate(questions, start=1))
        letters = "[^\\n?!]" if "." in clause else "[^\\n?!.]"
        grammar = f"root ::= x {_literal('.')}" + (f' "\\n" ({ending})' if questions else "")
        grammar += f"\nx ::= {letters}{{{_SHORTEST},{len(clause) + _ROOM}}}"
        offered = "".join(f"\n{number} {question}" for number, question in enumerate(questions, start=1))
        request = self._request(
            "reflect",
            self._book.render("reflect.md.j2"),
            self._tasks.reflect.examples,
            f"Customer: {clause}{offered}",
            max_tokens=_REFLECTION_TOKENS,
        )
        begun = (*request.messages, ChatMessage(role="assistant", content=stem))
        return request.model_copy(update={"messages": begun, "grammar": grammar, "temperature": temperature})

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


def reflection_of(reply: ModelReply, stem: str, questions: Sequence[str]) -> tuple[str, str] | None:
    """Read (clause after the stem, question); None if the answer has another form.

    Some servers repeat the given beginning, others go on after it.
    """
    lines = [line.strip() for line in reply.text.strip().splitlines() if line.strip()]
    if len(lines) != (2 if questions else 1):
        return None
    clause = lines[0].removeprefix(stem).strip()
    if not questions:
        return clause, ""
    number = lines[1].rstrip(".")
    known = {str(place): question for place, question in enumerate(questions, start=1)}
    return (clause, known[number]) if number in known else None


def _literal(text: str) -> str:
    """Write a text as a GBNF literal."""
    return json.dumps(text, ensure_ascii=False)
