"""The way of one turn with its times: recorded from signals, kept as compact JSON, read again. Shows nothing.

A trace holds what the stored reply does not: when things began, how long they took, and what each model call cost.
It holds no texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

from pydantic_core import from_json, to_json

from fleet_runtime.errors import StoreError
from fleet_runtime.records import Turn
from fleet_runtime.signals import (
    ApprovalAsked,
    Consulted,
    Decided,
    HandedOff,
    MemoryLearned,
    MemoryRecalled,
    ModelAnswered,
    Objected,
    Signal,
    StageDone,
    TextReleased,
    ToolAnswered,
)

Attributes = dict[str, str | int | float | bool]


class Span(NamedTuple):
    """Something that happened in a turn: ``start`` in milliseconds after its beginning, and how long it took.

    ``name``: ``decision``, ``memory``, ``learned``, ``chat``, ``text`` (the first of it), ``tool``, ``hand_off``,
    ``consulted``, ``finding``, ``approval``, ``stage``.
    """

    name: str
    start: float
    ms: float
    attributes: Attributes

    def text(self, name: str) -> str:
        """Return an attribute as text; empty if it is not there."""
        return str(self.attributes.get(name, ""))

    def number(self, name: str) -> int:
        """Return a counting attribute; 0 if it is not there."""
        return int(self.attributes.get(name, 0))


class Trace(NamedTuple):
    """The way of a turn: ``ms`` until it was ready to be committed, and what happened, by when it ended."""

    ms: float
    spans: tuple[Span, ...]


class TraceRecorder:
    """Takes the signals of one turn, and gives its trace. A `fleet_runtime.signals.Listen`."""

    def __init__(self, turn: Turn, timer: Callable[[], float]) -> None:
        """Begin the turn's time now; ``timer`` gives seconds that only ever go up."""
        self._own = f"{turn.id}:"
        self._timer = timer
        self._began = timer()
        self._spans: list[tuple[str, float, float, Mapping[str, object]]] = []
        self._spoke = False

    def __call__(self, signal: Signal) -> None:
        """Note a signal and when it came."""
        if isinstance(signal, TextReleased):
            if self._spoke:
                return
            self._spoke = True
        told = _told(signal)
        if told is None:
            return
        name, seconds, attributes = told
        start = max(0.0, self._timer() - self._began - seconds)
        use = attributes.get("use")
        if use is not None:  # the turn's id need not stand in every line
            attributes["use"] = str(use).removeprefix(self._own)
        self._spans.append((name, round(1000 * start, 2), round(1000 * seconds, 2), attributes))

    def json(self) -> str:
        """Return the trace so far as JSON: ``{"ms": …, "spans": [[name, start, ms, {attribute: value}], …]}``."""
        ms = round(1000 * (self._timer() - self._began), 2)
        return to_json({"ms": ms, "spans": self._spans}).decode()


def read_trace(text: str) -> Trace:
    """Read what a recorder gave.

    Raises: StoreError if it is something else.
    """
    try:
        read = cast("dict[str, object]", from_json(text))
        spans = cast("list[tuple[str, float, float, Attributes]]", read["spans"])
        return Trace(ms=cast("float", read["ms"]), spans=tuple(Span(*span) for span in spans))
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            "the stored trace cannot be read", hint="the turn is sound all the same: see its reply"
        ) from error


def _told(signal: Signal) -> tuple[str, float, dict[str, object]] | None:
    """Return what is noted of a signal: a name, the seconds that it tells of, and attributes; or None."""
    match signal:
        case ModelAnswered():
            return "chat", signal.seconds, _chat(signal)
        case ToolAnswered(use=use):
            noted: dict[str, object] = {"tool": use.name, "role": use.role, "use": use.id}
            return "tool", use.seconds, noted | {"failed": True} if use.failed else noted
        case StageDone():
            return "stage", signal.seconds, {"stage": signal.name}
        case Decided(decision=decision):
            noted = {"verdict": decision.verdict, "stage": decision.stage, "choice": decision.choice or ""}
            return "decision", decision.seconds, noted
        case TextReleased(role=role):
            return "text", 0.0, {"role": role}
        case _:
            return _noted(signal)


def _chat(answered: ModelAnswered) -> dict[str, object]:
    """Note a model call, without what is nothing."""
    usage = answered.usage
    noted: dict[str, object] = {
        "role": answered.role,
        "task": answered.task,
        "model": answered.model,
        "in": usage.prompt_tokens,
        "cached": usage.cached_tokens,
        "out": usage.completion_tokens,
        "calls": usage.calls if usage.calls > 1 else 0,
        "cost": str(usage.cost) if usage.cost else "",
        "unpriced": usage.unpriced,
        "finish": answered.finish_reason if answered.finish_reason != "stop" else "",
        "error": answered.error,
    }
    return {name: value for name, value in noted.items() if value}


def _noted(signal: Signal) -> tuple[str, float, dict[str, object]] | None:
    """Return what is noted of a signal that tells of no time."""
    noted: tuple[str, float, dict[str, object]] | None = None
    match signal:
        case MemoryRecalled(recalled=recalled):
            noted = "memory", 0.0, {"items": len(recalled)}
        case MemoryLearned(learned=learned, superseded=superseded):
            noted = "learned", 0.0, {"facts": len(learned), "superseded": len(superseded)}
        case HandedOff(packet=packet):
            noted = "hand_off", 0.0, {"from": packet.from_role, "to": packet.to_role}
        case Consulted(role=role, colleague=colleague):
            noted = "consulted", 0.0, {"from": role, "to": colleague, "refused": not signal.answer}
        case Objected(finding=finding):
            noted = "finding", 0.0, {"finding": finding.kind}
        case ApprovalAsked(approval=approval):
            noted = "approval", 0.0, {"approval": approval.id, "asks": approval.kind}
        case _:
            pass
    return noted
