"""Many messages of a file decided one after the other: what a line says, and what is answered about it.

Reads no file and writes none. A bad line is an error of its own and keeps no other line from its answer; bad
examples are refused whole, since each of them changes every decision.
"""

from __future__ import annotations

import difflib
from collections.abc import AsyncGenerator, Collection, Iterator, Sequence
from typing import Annotated, NamedTuple, TypeVar

from pydantic import ConfigDict, Field, StringConstraints, ValidationError

from fleet_runtime.contracts import Value
from fleet_runtime.decisions import Candidate, Decision, Stage, Verdict
from fleet_runtime.errors import ContractError, FleetError, MessageError, UnknownRole
from fleet_runtime.messages import Usage
from fleet_runtime.routing import Labelled, RouteQuery
from fleet_runtime.routing.index import NOBODY
from fleet_runtime.runtime.dispatching import Dispatcher

ADVERSARIAL = "adversarial"
"""Kind of example that teaches nothing: its right answer is the owner or none."""

_LINE_HINT = 'write one JSON object a line: {"id": "1", "text": "...", "active_role": null}'
_EXAMPLE_HINT = 'write one JSON object a line: {"text": "...", "active_role": null, "expected": ["support-agent"]}'

Said = Annotated[str, StringConstraints(pattern=r"\S")]
"""A text that is not blank."""


class _Line(Value):
    """A line of a file; keys that nobody asks for are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class BatchMessage(_Line):
    """One message to decide: ``history`` is what the sender said before, oldest first."""

    id: str | int
    text: Said
    active_role: str | None = None
    account: str | None = None
    history: tuple[str, ...] = ()

    def query(self) -> RouteQuery:
        """Ask the dispatcher about it."""
        return RouteQuery(text=self.text, active_role=self.active_role, history=self.history)


class Example(_Line):
    """A labelled message: ``expected`` are the classes that own it, or ``none``."""

    text: Said
    active_role: str | None = None
    expected: tuple[str, ...] = Field(min_length=1)
    kind: str = ""

    def labelled(self) -> Labelled:
        """Return it as what teaches the dispatcher."""
        return Labelled(text=self.text, active_role=self.active_role, expected=self.expected)


class Share(Value):
    """A candidate with its share of belief (0..1)."""

    role: str
    score: float


class BatchAnswer(Value):
    """What was decided about one line; ``choice`` is a class or ``none``, ``rule`` the ``file:line`` that decided."""

    id: str | int
    choice: str
    none_score: float
    confidence: float
    stage: Stage
    verdict: Verdict
    rule: str | None
    reason: str
    seconds: float
    usage: Usage
    candidates: tuple[Share, ...]


class Placed(NamedTuple):
    """A message and where it stands (``file:line``)."""

    message: BatchMessage
    where: str


AnyLine = TypeVar("AnyLine", bound=_Line)


def read_messages(data: bytes, source: str) -> Iterator[Placed | MessageError]:
    """Read a file of messages, line by line; a line that is none is given as its error. Blank lines are no lines."""
    for where, line in _lines(data, source):
        try:
            yield Placed(_read(BatchMessage, line), where)
        except ValueError as error:
            yield MessageError(f"{where}: {_complaint(error)}", hint=_LINE_HINT)


def read_examples(data: bytes, source: str) -> tuple[Labelled, ...]:
    """Read a file of labelled messages, without those that teach nothing.

    Raises: ContractError with ``file:line`` for the first line that is none.
    """
    found: list[Example] = []
    for where, line in _lines(data, source):
        try:
            found.append(_read(Example, line))
        except ValueError as error:
            raise ContractError(_complaint(error), hint=_EXAMPLE_HINT, where=where) from error
    return tuple(example.labelled() for example in found if example.kind != ADVERSARIAL)


async def answers(
    lines: Sequence[Placed | MessageError], dispatcher: Dispatcher, classes: Collection[str]
) -> AsyncGenerator[BatchAnswer | FleetError]:
    """Decide every message, in their order; what was no message, or is held by an unknown role, stays an error."""
    for line in lines:
        if isinstance(line, FleetError):
            yield line
            continue
        message = line.message
        if message.active_role is not None and message.active_role not in classes:
            yield _unknown(message.active_role, line.where, classes)
            continue
        decision = await dispatcher.decide(
            message.text, active_role=message.active_role, history=message.history, decision_id=str(message.id)
        )
        yield answer(message, decision)


def answer(message: BatchMessage, decision: Decision) -> BatchAnswer:
    """Return a decision in the form that is written."""
    return BatchAnswer(
        id=message.id,
        choice=decision.choice or NOBODY,
        none_score=decision.none_score,
        confidence=decision.confidence,
        stage=decision.stage,
        verdict=decision.verdict,
        rule=decision.rule.where if decision.rule else None,
        reason=decision.reason,
        seconds=decision.seconds,
        usage=decision.usage,
        candidates=tuple(_share(candidate) for candidate in decision.candidates),
    )


def _share(candidate: Candidate) -> Share:
    """Return a candidate without its lines."""
    return Share(role=candidate.role, score=candidate.score)


def _lines(data: bytes, source: str) -> Iterator[tuple[str, bytes]]:
    """Give the lines that are not blank, each with ``file:line``."""
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            yield f"{source}:{number}", line


def _read(kind: type[AnyLine], line: bytes) -> AnyLine:
    """Read one line.

    Raises: ValueError if it is not UTF-8, no JSON, or another object.
    """
    return kind.model_validate_json(line.decode("utf-8"))


def _complaint(error: ValueError) -> str:
    """Say in one line what is wrong with a line."""
    if not isinstance(error, ValidationError):
        return "the line is not UTF-8"
    first = error.errors()[0]
    key = str(first["loc"][0]) if first["loc"] else ""
    said = "must not be blank" if first["type"] == "string_pattern_mismatch" else first["msg"]
    return f"{key}: {said}" if key else said


def _unknown(role_class: str, where: str, classes: Collection[str]) -> UnknownRole:
    """Return the error of an active role that is not staffed."""
    near = difflib.get_close_matches(role_class, sorted(classes), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "give a class of the staff, or null"
    return UnknownRole(f"active_role: no role {role_class[:64]!r} is staffed", hint=hint, where=where)
