"""Spans and metrics that signals become, seen through the SDK's own in-memory exporters."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from fleet_runtime.decisions import Decision, RuleHit
from fleet_runtime.errors import MissingExtra
from fleet_runtime.messages import ModelInfo, Usage
from fleet_runtime.records import AccountKey, Approval, Fact, Finding, HandOff, Recalled, Reply, ToolUse
from fleet_runtime.signals import (
    ApprovalAsked,
    Consulted,
    Decided,
    HandedOff,
    MemoryLearned,
    MemoryRecalled,
    ModelAnswered,
    ModelAsked,
    Objected,
    Signal,
    StageDone,
    ToolAnswered,
    TurnBegan,
    TurnDone,
    TurnFailed,
)
from fleet_runtime.telemetry import Telemetry, provider_of
from fleet_runtime.telemetry.spans import MOST_OPEN, TurnSpans

CSM, SUPPORT = "customer-success-manager", "support-agent"
NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
KEY = AccountKey(tenant="north", account="acme")
RULE = RuleHit(role=CSM, text="Does NOT mend", where="roles/csm.md:9")
DECISION = Decision(
    id="d", verdict="hand_off", choice=SUPPORT, stage="boundary", confidence=0.9, reason="secret reason", rule=RULE
)
USAGE = Usage(prompt_tokens=800, cached_tokens=600, completion_tokens=40, calls=1, cost=Decimal("0.5"), unpriced=1)
SECOND = 1_000_000_000


class Watched:
    """Telemetry with exporters of its own and a clock that goes on by a second at each look."""

    def __init__(self, *, content: bool = False) -> None:
        self.exporter = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        tracers = TracerProvider(shutdown_on_exit=False)
        tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        meters = MeterProvider([self.reader], shutdown_on_exit=False)
        self._now = 0
        self.spans_of_turns = TurnSpans(
            tracers.get_tracer("test"), meters.get_meter("test"), content=content, provider="openai", now_ns=self._ns
        )

    def _ns(self) -> int:
        self._now += SECOND
        return self._now

    def hear(self, *signals: Signal) -> Watched:
        for signal in signals:
            self.spans_of_turns.take(signal)
        return self

    def span(self, name: str) -> ReadableSpan:
        (found,) = (span for span in self.exporter.get_finished_spans() if span.name == name)
        return found

    def points(self, name: str) -> list[HistogramDataPoint]:
        data = self.reader.get_metrics_data()
        assert data is not None
        every = [
            metric for resource in data.resource_metrics for scope in resource.scope_metrics for metric in scope.metrics
        ]
        (metric,) = (metric for metric in every if metric.name == name)
        return [point for point in metric.data.data_points if isinstance(point, HistogramDataPoint)]


def attributes(span: ReadableSpan) -> Mapping[str, Any]:
    return span.attributes or {}


def began(turn_id: str = "t1", role: str = CSM, text: str = "secret words") -> TurnBegan:
    return TurnBegan(turn_id, tenant="north", account="acme", conversation="main", role=role, text=text)


def asked(model: str = "gpt-x", task: str = "reply") -> ModelAsked:
    return ModelAsked("t1", role=CSM, task=task, model=model)


def answered(model: str = "gpt-x-2027", task: str = "reply", error: str = "") -> ModelAnswered:
    return ModelAnswered(
        "t1", role=CSM, task=task, model=model, usage=USAGE, finish_reason="stop", seconds=0.5, error=error
    )


def done(turn_id: str = "t1") -> TurnDone:
    reply = Reply(
        turn_id=turn_id, conversation="main", text="secret answer", role=SUPPORT, parts=(), decision=DECISION,
        usage=USAGE, model="gpt-x-2027", exhausted="turn_tokens",
    )  # fmt: skip
    return TurnDone(turn_id, reply=reply)


def test_a_turn_is_one_agent_span_that_says_who_took_it_and_why() -> None:
    span = Watched().hear(began(), Decided("t1", decision=DECISION), done()).span(f"invoke_agent {CSM}")
    assert (span.kind, span.parent, span.status.status_code) == (SpanKind.INTERNAL, None, StatusCode.UNSET)
    assert attributes(span) == {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.provider.name": "openai",
        "gen_ai.agent.name": CSM,
        "gen_ai.conversation.id": "acme:main",
        "fleet.turn.id": "t1",
        "fleet.tenant": "north",
        "fleet.account": "acme",
        "fleet.routing.verdict": "hand_off",
        "fleet.routing.stage": "boundary",
        "fleet.routing.choice": SUPPORT,
        "fleet.routing.confidence": 0.9,
        "fleet.routing.rule": "roles/csm.md:9",
        "fleet.answered_by": SUPPORT,
        "fleet.exhausted": "turn_tokens",
        "gen_ai.response.model": "gpt-x-2027",
        "gen_ai.usage.input_tokens": 800,
        "gen_ai.usage.output_tokens": 40,
        "gen_ai.usage.cache_read.input_tokens": 600,
        "fleet.usage.cost": 0.5,
        "fleet.usage.unpriced": 1,
    }


def test_at_the_front_door_the_span_is_named_after_who_takes_it() -> None:
    watched = Watched().hear(began(role=""), Decided("t1", decision=DECISION), done())
    assert attributes(watched.span(f"invoke_agent {SUPPORT}"))["gen_ai.agent.name"] == SUPPORT
    nobody = Decision(id="d", verdict="nobody", choice=None, stage="nobody", confidence=0.1, reason="")
    assert Watched().hear(began(role=""), Decided("t1", decision=nobody), done()).span("invoke_agent")


def test_a_model_call_is_a_client_span_within_the_turn() -> None:
    watched = Watched().hear(began(), asked(), answered(), done())
    chat, turn = watched.span("chat gpt-x"), watched.span(f"invoke_agent {CSM}")
    assert chat.parent is not None
    assert chat.parent.span_id == turn.context.span_id
    assert chat.kind == SpanKind.CLIENT
    assert chat.end_time == 2 * SECOND
    assert chat.start_time == chat.end_time - SECOND // 2
    told = attributes(chat)
    assert told["gen_ai.request.model"] == "gpt-x"
    assert told["gen_ai.response.model"] == "gpt-x-2027"
    assert told["gen_ai.response.finish_reasons"] == ("stop",)
    assert told["gen_ai.usage.cache_read.input_tokens"] == 600
    assert told["fleet.task"] == "reply"


def test_calls_side_by_side_keep_their_own_models() -> None:
    watched = Watched().hear(began(), asked("one", "a"), asked("two", "b"), answered("two", "b"), answered("one", "a"))
    watched.hear(done())
    assert attributes(watched.span("chat two"))["fleet.task"] == "b"
    assert attributes(watched.span("chat one"))["fleet.task"] == "a"


def test_a_call_that_failed_says_so_and_claims_no_answer() -> None:
    watched = Watched().hear(began(), asked(), answered(error="model-timeout"), done())
    span = watched.span("chat gpt-x")
    assert span.status.status_code == StatusCode.ERROR
    assert attributes(span)["error.type"] == "model-timeout"
    assert "gen_ai.response.model" not in attributes(span)
    (point,) = watched.points("gen_ai.client.operation.duration")
    assert (point.attributes or {})["error.type"] == "model-timeout"


def test_tokens_and_times_are_measured() -> None:
    watched = Watched().hear(began(), asked(), answered(), done())
    tokens = {
        str((point.attributes or {})["gen_ai.token.type"]): point.sum
        for point in watched.points("gen_ai.client.token.usage")
    }
    assert tokens == {"input": 800, "output": 40}
    (point,) = watched.points("gen_ai.client.operation.duration")
    assert (point.sum, (point.attributes or {})["gen_ai.response.model"]) == (0.5, "gpt-x-2027")


def test_tools_and_hand_offs_are_executions() -> None:
    use = ToolUse(id="t1:1:0", role=CSM, name="look_up", arguments="{}", result="secret", failed=True, seconds=0.25)
    packet = HandOff(
        id="h1", from_role=CSM, to_role=SUPPORT, why="w", said="secret", asked="secret", rule="roles/csm.md:11"
    )
    watched = Watched().hear(began(), Decided("t1", decision=DECISION), ToolAnswered("t1", use=use))
    watched.hear(HandedOff("t1", packet=packet), done())
    tool = watched.span("execute_tool look_up")
    assert tool.status.status_code == StatusCode.ERROR
    assert attributes(tool)["gen_ai.tool.call.id"] == "t1:1:0"
    assert (tool.end_time or 0) - (tool.start_time or 0) == SECOND // 4
    told = attributes(watched.span(f"execute_tool transfer_to_{SUPPORT}"))
    assert told["gen_ai.tool.name"] == f"transfer_to_{SUPPORT}"
    assert told["fleet.routing.source"] == CSM
    assert told["fleet.routing.target"] == SUPPORT
    assert told["fleet.routing.rule"] == "roles/csm.md:11", "the hop's own rule, not the message's"
    assert told["fleet.routing.verdict"] == "hand_off"


def everything() -> tuple[Signal, ...]:
    """Give a turn whose every text is secret."""
    recalled = Recalled(text="secret", event_id="e", author="Dana", at=NOON, valid_from=NOON, score=1.0)
    fact = Fact(
        id="f", subject="account", key="seats", value="secret", valid_from=NOON, known_from=NOON, event_id="e",
        author="Dana", at=NOON,
    )  # fmt: skip
    approval = Approval(
        id="a", key=KEY, turn_id="t1", conversation="main", role=CSM, speaker="Dana", kind="tool", question="secret",
        asked_at=NOON,
    )  # fmt: skip
    return (
        began(),
        Decided("t1", decision=DECISION),
        StageDone("t1", name="route", seconds=0.1),
        MemoryRecalled("t1", recalled=(recalled,)),
        MemoryLearned("t1", learned=(fact,), superseded=()),
        asked(),
        answered(),
        ToolAnswered("t1", use=ToolUse(id="u", role=CSM, name="look_up", arguments="secret", result="secret")),
        ToolAnswered("t1", use=ToolUse(id="v", role=CSM, name="fail", arguments="", result="secret", failed=True)),
        HandedOff("t1", packet=HandOff(id="h", from_role=CSM, to_role=SUPPORT, why="secret", said="", asked="")),
        Consulted("t1", role=CSM, colleague=SUPPORT, question="secret", answer="secret"),
        Objected("t1", finding=Finding(kind="amount", text="secret", sentence="secret", message="secret")),
        ApprovalAsked("t1", approval=approval),
        done(),
        TurnFailed("t1", code="model", message="secret"),
    )


def test_no_text_leaves_unless_content_is_on() -> None:
    watched = Watched().hear(*everything(), began("t2"), TurnFailed("t2", code="model", message="secret"))
    told = "".join(span.to_json() for span in watched.exporter.get_finished_spans())
    assert "secret" not in told
    assert "fleet.guard.finding" in told
    assert "fleet.approval.asked" in told
    assert "fleet.consulted" in told
    assert attributes(watched.span("search_memory"))["fleet.memory.items"] == 1
    assert attributes(watched.span("update_memory"))["gen_ai.operation.name"] == "update_memory"


def test_with_content_the_texts_are_told() -> None:
    watched = Watched(content=True).hear(*everything())
    turn = attributes(watched.span(f"invoke_agent {CSM}"))
    assert json.loads(turn["gen_ai.input.messages"]) == [
        {"role": "user", "parts": [{"type": "text", "content": "secret words"}]}
    ]
    assert "secret answer" in turn["gen_ai.output.messages"]
    tool = attributes(watched.span("execute_tool look_up"))
    assert (tool["gen_ai.tool.call.arguments"], tool["gen_ai.tool.call.result"]) == ("secret", "secret")
    assert json.loads(attributes(watched.span("search_memory"))["gen_ai.memory.records"]) == ["secret"]
    assert json.loads(attributes(watched.span("update_memory"))["gen_ai.memory.records"]) == ["seats = secret"]


def test_a_turn_that_failed_is_an_error() -> None:
    span = Watched().hear(began(), TurnFailed("t1", code="paused", message="m")).span(f"invoke_agent {CSM}")
    assert span.status.status_code == StatusCode.ERROR
    assert attributes(span)["error.type"] == "paused"


def test_many_turns_at_once_are_kept_apart() -> None:
    watched = Watched().hear(began("t1"), began("t2"), answered(), done("t2"), done("t1"), done("t1"), done("t3"))
    turns = [span for span in watched.exporter.get_finished_spans() if span.name.startswith("invoke_agent")]
    assert [attributes(span)["fleet.turn.id"] for span in turns] == ["t2", "t1"]
    chat = watched.span("chat gpt-x-2027")
    assert chat.parent is not None
    assert chat.parent.span_id == turns[1].context.span_id


def test_turns_whose_end_is_never_told_are_ended() -> None:
    again = Watched().hear(began(), began(), done())
    first, second = again.exporter.get_finished_spans()
    assert (attributes(first)["error.type"], second.status.status_code) == ("abandoned", StatusCode.UNSET)
    many = Watched().hear(*(began(f"t{number}") for number in range(MOST_OPEN + 1)))
    (oldest,) = many.exporter.get_finished_spans()
    assert attributes(oldest)["fleet.turn.id"] == "t0"


@pytest.mark.parametrize(
    ("kind", "endpoint", "provider"),
    [
        ("endpoint", "", "openai"),
        ("endpoint", "https://api.openai.com/v1", "openai"),
        ("endpoint", "https://east.openai.azure.com/openai", "azure.ai.openai"),
        ("endpoint", "http://localhost:11434/v1", "localhost"),
        ("endpoint", "https://notapi.openai.com.example/v1", "notapi.openai.com.example"),
        ("embedded", "http://127.0.0.1:4000/v1", "llama.cpp"),
        ("scripted", "", "scripted"),
    ],
)
def test_who_serves_a_model_is_named(
    kind: Literal["embedded", "endpoint", "scripted"], endpoint: str, provider: str
) -> None:
    info = ModelInfo(name="m", kind=kind, endpoint=endpoint, description="d", reason="r", voice="free")
    assert provider_of(info) == provider
    assert provider_of(None) == "none"


def test_without_a_provider_it_is_silent() -> None:
    telemetry = Telemetry(content=True)
    for signal in everything():
        telemetry(signal)


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "fleet_runtime.telemetry.spans")
    with pytest.raises(MissingExtra, match="opentelemetry-api") as told:
        Telemetry(content=False)
    assert told.value.hint == "pip install 'fleet-runtime[otel]'"


def test_a_defect_of_ours_is_not_taken_for_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fleet_runtime.telemetry.spans", None)
    with pytest.raises(ModuleNotFoundError):
        Telemetry(content=False)
