"""Turns signals into OpenTelemetry spans and metrics, in the words of the GenAI semantic conventions. Exports nothing.

A turn is one ``invoke_agent`` span under whatever span was current where it was begun. What happened in it are its
children, made when they are over: a signal that ends something says how long that took.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from opentelemetry import metrics, trace
from opentelemetry.metrics import Meter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from fleet_runtime.decisions import Decision
from fleet_runtime.messages import Usage
from fleet_runtime.records import HandOff, Reply, ToolUse
from fleet_runtime.signals import (
    ApprovalAsked,
    Consulted,
    Decided,
    HandedOff,
    Listen,
    MemoryLearned,
    MemoryRecalled,
    ModelAnswered,
    ModelAsked,
    Objected,
    Signal,
    ToolAnswered,
    TurnBegan,
    TurnDone,
    TurnFailed,
)

SCOPE: Final = "fleet_runtime"
MOST_OPEN: Final = 10_000
"""Turns that are followed at once; of one that never ends nothing is heard again, so the oldest gives way."""

Attributes = dict[str, str | int | float | bool | Sequence[str]]

_NANO = 1_000_000_000


@dataclass(slots=True)
class _Open:
    """A turn under way: its span, what was decided, and the models that were asked and have not answered yet."""

    span: Span
    role: str
    decision: Decision | None = None
    asked: dict[tuple[str, str], list[str]] = field(default_factory=dict[tuple[str, str], list[str]])


def spans_of_turns(*, content: bool, provider: str) -> Listen:
    """Make a listener over the providers that the program has set."""
    return TurnSpans(trace.get_tracer(SCOPE), metrics.get_meter(SCOPE), content=content, provider=provider).take


class TurnSpans:
    """Makes the spans of all turns; told apart by turn id."""

    def __init__(
        self,
        tracer: Tracer,
        meter: Meter,
        *,
        content: bool,
        provider: str,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """Make spans by ``tracer`` and metrics by ``meter``; ``now_ns`` gives nanoseconds since 1970."""
        self._tracer = tracer
        self._content = content
        self._provider = provider
        self._now_ns = now_ns
        self._turns: dict[str, _Open] = {}
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", unit="{token}", description="Tokens that a call read or wrote"
        )
        self._durations = meter.create_histogram(
            "gen_ai.client.operation.duration", unit="s", description="How long a call took"
        )

    def take(self, signal: Signal) -> None:
        """Take one signal; those of a turn whose beginning was not heard are passed over."""
        if isinstance(signal, TurnBegan):
            self._begin(signal)
            return
        turn = self._turns.get(signal.turn_id)
        if turn is None:
            return
        match signal:
            case ModelAsked():
                turn.asked.setdefault((signal.role, signal.task), []).append(signal.model)
            case ModelAnswered():
                self._chat(turn, signal)
            case ToolAnswered(use=use):
                self._tool(turn, use)
            case Decided(decision=decision):
                self._decided(turn, decision)
            case HandedOff(packet=packet):
                self._hand_off(turn, packet)
            case TurnDone(reply=reply):
                self._done(signal.turn_id, turn, reply)
            case TurnFailed():
                self._end(signal.turn_id, turn, failure=(signal.code, signal.message if self._content else ""))
            case _:
                self._told_in_passing(turn, signal)

    def _begin(self, began: TurnBegan) -> None:
        """Open a turn's span; one that was open under this id was abandoned."""
        earlier = self._turns.get(began.turn_id)
        if earlier is not None:
            self._end(began.turn_id, earlier, failure=("abandoned", "the turn was taken up again"))
        elif len(self._turns) >= MOST_OPEN:
            oldest = next(iter(self._turns))
            self._end(oldest, self._turns[oldest], failure=("abandoned", "nothing was heard of its end"))
        attributes: Attributes = self._common("invoke_agent", began.role) | {
            "gen_ai.conversation.id": f"{began.account}:{began.conversation}",
            "fleet.turn.id": began.turn_id,
            "fleet.tenant": began.tenant,
            "fleet.account": began.account,
        }
        if self._content and began.text:
            attributes["gen_ai.input.messages"] = _messages("user", began.text)
        span = self._tracer.start_span(
            f"invoke_agent {began.role}".rstrip(), attributes=attributes, start_time=self._now_ns()
        )
        self._turns[began.turn_id] = _Open(span, began.role)

    def _decided(self, turn: _Open, decision: Decision) -> None:
        """Put the decision onto the turn's span; a turn from the front door has its role now."""
        turn.decision = decision
        turn.span.set_attributes(_routing(decision))
        if not turn.role and decision.choice:
            turn.role = decision.choice
            turn.span.update_name(f"invoke_agent {decision.choice}")
            turn.span.set_attribute("gen_ai.agent.name", decision.choice)

    def _chat(self, turn: _Open, answered: ModelAnswered) -> None:
        """Make the span of a model call, and count it."""
        waiting = turn.asked.get((answered.role, answered.task))
        asked = waiting.pop(0) if waiting else answered.model
        attributes: Attributes = self._common("chat", answered.role) | {
            "gen_ai.request.model": asked,
            "fleet.task": answered.task,
        }
        if not answered.error:
            attributes |= _usage(answered.usage)
            attributes["gen_ai.response.model"] = answered.model
            attributes["gen_ai.response.finish_reasons"] = (answered.finish_reason,)
        error = (answered.error, "the model gave no usable answer") if answered.error else None
        self._over(turn, f"chat {asked}", attributes, answered.seconds, kind=SpanKind.CLIENT, failure=error)
        measured: dict[str, str] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self._provider,
            "gen_ai.request.model": asked,
        }
        if answered.error:
            self._durations.record(answered.seconds, measured | {"error.type": answered.error})
            return
        measured["gen_ai.response.model"] = answered.model
        self._durations.record(answered.seconds, measured)
        self._tokens.record(answered.usage.prompt_tokens, measured | {"gen_ai.token.type": "input"})
        self._tokens.record(answered.usage.completion_tokens, measured | {"gen_ai.token.type": "output"})

    def _tool(self, turn: _Open, use: ToolUse) -> None:
        """Make the span of a tool call."""
        attributes: Attributes = self._common("execute_tool", use.role) | {
            "gen_ai.tool.name": use.name,
            "gen_ai.tool.call.id": use.id,
            "gen_ai.tool.type": "function",
        }
        if self._content:
            attributes |= {"gen_ai.tool.call.arguments": use.arguments, "gen_ai.tool.call.result": use.result}
        error = ("tool", use.result if self._content else "the tool failed") if use.failed else None
        self._over(turn, f"execute_tool {use.name}", attributes, use.seconds, failure=error)

    def _hand_off(self, turn: _Open, packet: HandOff) -> None:
        """Make the span of a hand-off; the conventions have no name of their own for it yet."""
        name = f"transfer_to_{packet.to_role}"
        attributes: Attributes = self._common("execute_tool", packet.from_role) | {
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.id": packet.id,
            "gen_ai.tool.type": "function",
        }
        attributes |= _routing(turn.decision) if turn.decision else {}
        attributes |= {"fleet.routing.source": packet.from_role, "fleet.routing.target": packet.to_role}
        if packet.rule:
            attributes["fleet.routing.rule"] = packet.rule
        self._over(turn, f"execute_tool {name}", attributes, 0.0)

    def _told_in_passing(self, turn: _Open, signal: Signal) -> None:
        """Note what takes no time: memory as spans of their own, the rest as events of the turn."""
        match signal:
            case MemoryRecalled(recalled=recalled):
                self._memory(turn, "search_memory", [item.text for item in recalled])
            case MemoryLearned(learned=learned):
                self._memory(turn, "update_memory", [f"{fact.key} = {fact.value}" for fact in learned])
            case Objected(finding=finding):
                turn.span.add_event("fleet.guard.finding", {"fleet.guard.kind": finding.kind})
            case ApprovalAsked(approval=approval):
                asked = {"fleet.approval.id": approval.id, "fleet.approval.kind": approval.kind}
                turn.span.add_event("fleet.approval.asked", asked)
            case Consulted():
                turn.span.add_event(
                    "fleet.consulted",
                    {
                        "fleet.routing.source": signal.role,
                        "fleet.routing.target": signal.colleague,
                        "fleet.routing.refused": not signal.answer,
                    },
                )
            case _:
                pass

    def _memory(self, turn: _Open, operation: str, records: Sequence[str]) -> None:
        """Make the span of a memory operation."""
        attributes: Attributes = self._common(operation, turn.role) | {"fleet.memory.items": len(records)}
        if self._content:
            attributes["gen_ai.memory.records"] = json.dumps(records, ensure_ascii=False)
        self._over(turn, operation, attributes, 0.0)

    def _done(self, turn_id: str, turn: _Open, reply: Reply) -> None:
        """Say what came of the turn, and close its span."""
        attributes: Attributes = {"fleet.answered_by": reply.role, **_usage(reply.usage)}
        if reply.model:
            attributes["gen_ai.response.model"] = reply.model
        if reply.exhausted:
            attributes["fleet.exhausted"] = reply.exhausted
        if self._content:
            attributes["gen_ai.output.messages"] = _messages("assistant", reply.text)
        turn.span.set_attributes(attributes)
        self._end(turn_id, turn)

    def _end(self, turn_id: str, turn: _Open, *, failure: tuple[str, str] | None = None) -> None:
        """Close a turn's span and forget the turn."""
        del self._turns[turn_id]
        _fail(turn.span, failure)
        turn.span.end(self._now_ns())

    def _over(  # noqa: PLR0913 - what a span is made of
        self,
        turn: _Open,
        name: str,
        attributes: Attributes,
        seconds: float,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        failure: tuple[str, str] | None = None,
    ) -> None:
        """Make a span of something that is over and took so long."""
        ended = self._now_ns()
        span = self._tracer.start_span(
            name,
            context=trace.set_span_in_context(turn.span),
            kind=kind,
            attributes=attributes,
            start_time=ended - int(seconds * _NANO),
        )
        _fail(span, failure)
        span.end(ended)

    def _common(self, operation: str, role: str) -> Attributes:
        """Return what every span has."""
        attributes: Attributes = {"gen_ai.operation.name": operation, "gen_ai.provider.name": self._provider}
        return attributes | {"gen_ai.agent.name": role} if role else attributes


def _fail(span: Span, failure: tuple[str, str] | None) -> None:
    """Mark a span as failed: with the error's code, and what it says where that may be told."""
    if failure is not None:
        code, message = failure
        span.set_attribute("error.type", code)
        span.set_status(Status(StatusCode.ERROR, message or code))


def _routing(decision: Decision) -> Attributes:
    """Return who takes the message and why."""
    attributes: Attributes = {
        "fleet.routing.verdict": decision.verdict,
        "fleet.routing.stage": decision.stage,
        "fleet.routing.confidence": decision.confidence,
    }
    if decision.choice:
        attributes["fleet.routing.choice"] = decision.choice
    if decision.rule is not None:
        attributes["fleet.routing.rule"] = decision.rule.where
    return attributes


def _usage(usage: Usage) -> Attributes:
    """Return what was spent."""
    return {
        "gen_ai.usage.input_tokens": usage.prompt_tokens,
        "gen_ai.usage.output_tokens": usage.completion_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
        "fleet.usage.cost": float(usage.cost),
        "fleet.usage.unpriced": usage.unpriced,
    }


def _messages(role: str, text: str) -> str:
    """Return one message in the conventions' form."""
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}], ensure_ascii=False)
