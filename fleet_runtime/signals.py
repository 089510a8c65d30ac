"""What is told while a turn runs, as it happens: to whoever streams it, to its trace, to telemetry. Values only.

Every signal has a ``kind``, by which it is told apart where types are not at hand. Signals carry no times: whoever
listens notes when they came. Nothing in them was retracted later: a `TextReleased` is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from fleet_runtime.decisions import Decision
from fleet_runtime.messages import Usage
from fleet_runtime.records import Approval, Fact, Finding, HandOff, Recalled, Reply, ToolUse


@dataclass(frozen=True, slots=True)
class Signal:
    """Base of all signals; ``turn_id`` is the turn that it belongs to."""

    kind: ClassVar[str]
    turn_id: str


@dataclass(frozen=True, slots=True)
class TurnBegan(Signal):
    """A turn is being answered. ``role`` is who was spoken to, empty at the front door; ``text`` the message."""

    kind: ClassVar[str] = "began"
    tenant: str
    account: str
    conversation: str
    role: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Decided(Signal):
    """It is decided who takes the message, and why."""

    kind: ClassVar[str] = "decision"
    decision: Decision


@dataclass(frozen=True, slots=True)
class MemoryRecalled(Signal):
    """What memory holds that bears on the message, best first."""

    kind: ClassVar[str] = "memory"
    recalled: tuple[Recalled, ...]


@dataclass(frozen=True, slots=True)
class MemoryLearned(Signal):
    """What the message put on record, and what that replaced."""

    kind: ClassVar[str] = "learned"
    learned: tuple[Fact, ...]
    superseded: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ModelAsked(Signal):
    """A model is asked, for a role; ``task`` names the call."""

    kind: ClassVar[str] = "model_asked"
    role: str
    task: str
    model: str


@dataclass(frozen=True, slots=True)
class ModelAnswered(Signal):
    """A model answered, or failed with the ``error`` of that code. ``seconds`` is wall time."""

    kind: ClassVar[str] = "model_answered"
    role: str
    task: str
    model: str
    usage: Usage
    finish_reason: str
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class TextReleased(Signal):
    """A piece of the reply is said: a token, or under the guard policy ``enforce`` a cleared sentence."""

    kind: ClassVar[str] = "token"
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolCalled(Signal):
    """A tool is being called; ``use_id`` is the call's idempotency key, ``arguments`` JSON."""

    kind: ClassVar[str] = "tool_call"
    use_id: str
    role: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolAnswered(Signal):
    """A tool gave its result, or failed."""

    kind: ClassVar[str] = "tool_result"
    use: ToolUse


@dataclass(frozen=True, slots=True)
class HandedOff(Signal):
    """The turn passed to another role."""

    kind: ClassVar[str] = "hand_off"
    packet: HandOff


@dataclass(frozen=True, slots=True)
class Consulted(Signal):
    """A role asked a colleague, who answered it and not the customer; an empty ``answer`` is a refusal for ``why``."""

    kind: ClassVar[str] = "consulted"
    role: str
    colleague: str
    question: str
    answer: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Objected(Signal):
    """The guard objects to something in a draft."""

    kind: ClassVar[str] = "finding"
    finding: Finding


@dataclass(frozen=True, slots=True)
class ApprovalAsked(Signal):
    """A question waits for a person; the turn ends without what it asks for."""

    kind: ClassVar[str] = "approval"
    approval: Approval


@dataclass(frozen=True, slots=True)
class StageDone(Signal):
    """A stage of the turn is over: ``route``, ``recall``, ``learn``, ``voice``, ``guard``, ``commit``; wall time."""

    kind: ClassVar[str] = "stage"
    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TurnDone(Signal):
    """The turn is committed; nothing follows."""

    kind: ClassVar[str] = "done"
    reply: Reply


@dataclass(frozen=True, slots=True)
class TurnFailed(Signal):
    """The turn ended with an error of that ``code`` and stays accepted; nothing follows."""

    kind: ClassVar[str] = "failed"
    code: str
    message: str


Listen = Callable[[Signal], None]
"""Takes each signal at once; it must be quick and must not raise."""
