"""What is told while a turn runs, as it happens: to whoever streams it, to its trace, to telemetry. Values only.

Every signal has a ``kind``, by which it is told apart where types are not at hand. Signals carry no times: whoever
listens notes when they came. Nothing in them was retracted later: a `TextReleased` is said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, dataclass_transform

from fleet_runtime.decisions import Decision
from fleet_runtime.messages import Usage
from fleet_runtime.records import Approval, Fact, Finding, HandOff, Recalled, Reply, ToolUse


@dataclass_transform(frozen_default=True, field_specifiers=())
class _Told:
    """What makes a class with annotated fields a value, as a frozen dataclass is one.

    It is no dataclass: defining seventeen of them takes longer than importing all other values of this package.
    """

    kind: ClassVar[str]

    _fields: ClassVar[tuple[str, ...]] = ()
    _needed: ClassVar[frozenset[str]] = frozenset()
    _known: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        """Note which fields a kind of signal has, and which of them must be given."""
        own = [name for name in cls.__annotations__ if name != "kind"]
        cls._fields = (*cls._fields, *own)
        cls._known = frozenset(cls._fields)
        cls._needed = cls._needed.union(name for name in own if name not in cls.__dict__)

    def __init__(self, *values: object, **named: object) -> None:
        """Keep what is told.

        Raises: TypeError for a field that there is not, or that is missing.
        """
        named.update(zip(self._fields, values, strict=False))
        if not self._needed <= named.keys() <= self._known:
            raise TypeError(f"{type(self).__name__} has {', '.join(self._fields)}; given were {', '.join(named)}")
        self.__dict__.update(named)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse: signals are values.

        Raises: AttributeError.
        """
        raise AttributeError(f"{type(self).__name__}.{name} cannot be set to {value!r}: signals are values")

    def __eq__(self, other: object) -> bool:
        """Compare kind and content."""
        return isinstance(other, _Told) and type(other) is type(self) and self._content() == other._content()

    def __hash__(self) -> int:
        """Hash by kind: a turn has few signals of one kind."""
        return hash(self.kind)

    def __repr__(self) -> str:
        """Show what is told."""
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._content().items())})"

    def _content(self) -> dict[str, object]:
        """Return the fields with their values."""
        return {name: getattr(self, name) for name in self._fields}


class Signal(_Told):
    """Base of all signals; ``turn_id`` is the turn that it belongs to."""

    turn_id: str


class TurnBegan(Signal):
    """A turn is being answered. ``role`` is who was spoken to, empty at the front door; ``text`` the message."""

    kind: ClassVar[str] = "began"
    tenant: str
    account: str
    conversation: str
    role: str
    text: str = ""


class Decided(Signal):
    """It is decided who takes the message, and why."""

    kind: ClassVar[str] = "decision"
    decision: Decision


class MemoryRecalled(Signal):
    """What memory holds that bears on the message, best first."""

    kind: ClassVar[str] = "memory"
    recalled: tuple[Recalled, ...]


class MemoryLearned(Signal):
    """What the message put on record, and what that replaced."""

    kind: ClassVar[str] = "learned"
    learned: tuple[Fact, ...]
    superseded: tuple[Fact, ...]


class ModelAsked(Signal):
    """A model is asked, for a role; ``task`` names the call."""

    kind: ClassVar[str] = "model_asked"
    role: str
    task: str
    model: str


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


class TextReleased(Signal):
    """A piece of the reply is said: a token, or under the guard policy ``enforce`` a cleared sentence."""

    kind: ClassVar[str] = "token"
    role: str
    text: str


class ToolCalled(Signal):
    """A tool is being called; ``use_id`` is the call's idempotency key, ``arguments`` JSON."""

    kind: ClassVar[str] = "tool_call"
    use_id: str
    role: str
    name: str
    arguments: str


class ToolAnswered(Signal):
    """A tool gave its result, or failed."""

    kind: ClassVar[str] = "tool_result"
    use: ToolUse


class HandedOff(Signal):
    """The turn passed to another role."""

    kind: ClassVar[str] = "hand_off"
    packet: HandOff


class Consulted(Signal):
    """A role asked a colleague, who answered it and not the customer; an empty ``answer`` is a refusal for ``why``."""

    kind: ClassVar[str] = "consulted"
    role: str
    colleague: str
    question: str
    answer: str
    why: str = ""


class Objected(Signal):
    """The guard objects to something in a draft."""

    kind: ClassVar[str] = "finding"
    finding: Finding


class ApprovalAsked(Signal):
    """A question waits for a person; the turn ends without what it asks for."""

    kind: ClassVar[str] = "approval"
    approval: Approval


class StageDone(Signal):
    """A stage of the turn is over: ``route``, ``recall``, ``learn``, ``voice``, ``guard``, ``commit``; wall time."""

    kind: ClassVar[str] = "stage"
    name: str
    seconds: float


class TurnDone(Signal):
    """The turn is committed; nothing follows."""

    kind: ClassVar[str] = "done"
    reply: Reply


class TurnFailed(Signal):
    """The turn ended with an error of that ``code`` and stays accepted; nothing follows."""

    kind: ClassVar[str] = "failed"
    code: str
    message: str


Listen = Callable[[Signal], None]
"""Takes each signal at once; it must be quick and must not raise."""
