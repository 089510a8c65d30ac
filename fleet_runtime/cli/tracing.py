"""The command that shows a turn's whole way: who decided what, when, how long it took, its cost. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple

import typer

from fleet_runtime.cli.printing import day, one_line
from fleet_runtime.cli.running import Running
from fleet_runtime.cli.storing import store_as_it_stands
from fleet_runtime.decisions import Decision
from fleet_runtime.errors import StoreError
from fleet_runtime.messages import Usage
from fleet_runtime.records import Fact, Recalled, Reply, ToolUse, Turn
from fleet_runtime.runtime.tracing import Span, Trace, read_trace

TurnArgument = Annotated[
    str, typer.Argument(metavar="TURN", help="The turn's id, as fleet ask says it.", show_default=False)
]

_SAID = 120  # characters of a message or a remembered line that are printed
_ARGUMENTS = 60  # of what a tool was called with, and what it gave


class _Line(NamedTuple):
    """Something on the way: when it began and how long it took, in milliseconds, where that is known."""

    what: str
    start: float | None = None
    ms: float = 0.0


async def trace(run: Running, turn_id: TurnArgument) -> None:
    """Show the whole way of one turn: decision, memory, model calls, tools, hand-offs, findings, times and costs.

    A turn that was answered with trace = "off" shows what its reply tells, without times.
    """
    async with store_as_it_stands(run.settings) as store:
        found = await store.trace(run.settings.tenant, turn_id) if store else None
    if found is None:
        raise StoreError(
            f"no turn {turn_id!r} is kept for the tenant {run.settings.tenant}",
            hint="`fleet ask` prints a turn's id as accepted, and `Reply.turn_id` holds it; look at --database",
        )
    turn, kept = found
    way = read_trace(kept) if kept else None
    if run.out.as_json:
        run.out.json({"turn": turn, "trace": _as_json(way) if way else None})
        return
    for line in lines(turn, way):
        run.out.line(line)


_STATES = {
    "accepted": "accepted, and not answered yet",
    "failed": "given up",
    "cancelled": "cancelled",
    "done": "answered",
}


def lines(turn: Turn, way: Trace | None) -> Iterator[str]:
    """Lay a turn and its trace out, line by line."""
    for label, value in _head(turn):
        yield f"{label:<12}{one_line(value)}".rstrip()
    reply = turn.reply
    if reply is None:
        yield f"{'state':<12}{_STATES[turn.state]}{f': {turn.failure.message}' if turn.failure else ''}"
        return
    yield ""
    shown = _from_trace(way, reply) if way else _from_reply(reply)
    for line in shown:
        began = "" if line.start is None else f"{line.start:.1f}"
        took = f"{line.ms:.1f} ms" if line.ms else ""
        yield f"{began:>9}  {took:>12}  {one_line(line.what)}".rstrip()
    yield ""
    for label, value in _foot(reply, way):
        yield f"{label:<12}{one_line(value)}".rstrip()


def _head(turn: Turn) -> Iterator[tuple[str, str]]:
    """Say which turn it is, what was said, who took it and why, and what was remembered."""
    yield "turn", f"{turn.id} at {turn.at:%Y-%m-%d %H:%M:%S} UTC"
    yield "account", f"{turn.key.account} (tenant {turn.key.tenant}), conversation {turn.conversation}"
    yield "said", f"{turn.speaker}: {_quoted(turn.text)}"
    if turn.approval:
        yield "carries on", f"approval {turn.approval}"
    if turn.reply is None:
        return
    reply = turn.reply
    yield "answered by", f"{reply.role}{f', with {reply.model}' if reply.model else ', without a model'}"
    for part in reply.parts:
        yield "reply", f"{part.role} ({part.kind}): {_quoted(part.text)}"
    yield from _reasons(reply.decision)
    for item in reply.recalled:
        yield "remembered", _remembered(item)
    for fact in reply.learned:
        yield "learned", _fact(fact)
    for fact in reply.superseded:
        yield "superseded", _fact(fact)


def _reasons(decision: Decision) -> Iterator[tuple[str, str]]:
    """Say what was decided and by which rule."""
    to = f" to {decision.choice}" if decision.choice and decision.verdict in {"hand_off", "route"} else ""
    yield "decision", f"{decision.verdict}{to} by {decision.stage} ({decision.confidence:.2f}): {decision.reason}"
    if decision.rule is not None:
        yield "rule", f"{decision.rule.where}: {decision.rule.text}"


def _from_trace(way: Trace, reply: Reply) -> Iterator[_Line]:
    """Give what the trace noted, in the order in which it began, with what the reply tells of it."""
    uses = {use.id.removeprefix(f"{reply.turn_id}:"): use for use in reply.tools}
    findings = iter(reply.findings)
    for span in sorted(way.spans, key=lambda span: span.start):
        match span.name:
            case "tool":
                use = uses.get(span.text("use"))
                what = _use(use) if use else f"tool {span.text('tool')}"
            case "finding":
                finding = next(findings, None)
                what = f"guard: {finding.kind}: {finding.message}" if finding else f"guard: {span.text('finding')}"
            case "chat":
                what = _call(span)
            case _:
                what = _happened(span)
        yield _Line(what, span.start, span.ms)


def _happened(span: Span) -> str:
    """Say what a span without a counterpart in the reply is about."""
    told = {name: str(value) for name, value in span.attributes.items()}
    said = {
        "decision": "decided: {verdict} {choice} (by {stage})",
        "memory": "recalled: {items}",
        "learned": "learned: {facts} new, {superseded} superseded",
        "text": "first words of {role}",
        "hand_off": "handed off: {from} to {to}",
        "consulted": "consulted: {from} asked {to}",
        "approval": "waits for a person: {approval}",
        "stage": "stage {stage}",
    }
    refused = ", refused" if told.get("refused") == "True" else ""
    return said.get(span.name, span.name).format_map(told) + refused


def _call(span: Span) -> str:
    """Say what one model call was: for whom, which, how many tokens, what it cost."""
    call = f"model {span.text('model')} for {span.text('role')}, {span.text('task')}"
    if span.text("error"):
        return f"{call}: failed: {span.text('error')}"
    tokens = f"{span.number('in')} in ({span.number('cached')} cached), {span.number('out')} out"
    cost = f", cost {span.text('cost')}" if span.text("cost") else ", unpriced" if span.number("unpriced") else ""
    ended = f", ended by {span.text('finish')}" if span.text("finish") else ""
    return f"{call}: {tokens}{cost}{ended}"


def _from_reply(reply: Reply) -> Iterator[_Line]:
    """Give what a reply tells of its way, where no trace was kept."""
    if reply.decision.seconds:
        yield _Line("decided", ms=1000 * reply.decision.seconds)
    for packet in reply.hand_offs:
        yield _Line(f"handed off: {packet.from_role} to {packet.to_role}")
    for use in reply.tools:
        yield _Line(_use(use), ms=1000 * use.seconds)
    for finding in reply.findings:
        yield _Line(f"guard: {finding.kind}: {finding.message}")
    for approval in reply.approvals:
        yield _Line(f"waits for a person: {approval.id}")


def _foot(reply: Reply, way: Trace | None) -> Iterator[tuple[str, str]]:
    """Say what the turn took in all."""
    if reply.exhausted:
        yield "exhausted", reply.exhausted
    yield "usage", _usage(reply.usage)
    yield "total", f"{way.ms:.1f} ms until it was committed" if way else "no times were kept"


def _usage(usage: Usage) -> str:
    """Say what was spent."""
    if not usage.calls:
        return "no model was asked"
    calls = f"{usage.calls} call{'' if usage.calls == 1 else 's'}"
    tokens = f"{usage.prompt_tokens} tokens in ({usage.cached_tokens} cached), {usage.completion_tokens} out"
    unpriced = f", {usage.unpriced} unpriced" if usage.unpriced else ""
    return f"{calls}, {tokens}, cost {usage.cost:f}{unpriced}"


def _use(use: ToolUse) -> str:
    """Say what a tool was called with, and what it gave."""
    failed = "failed: " if use.failed else ""
    return f"tool {use.name} {_cut(use.arguments, _ARGUMENTS)} -> {failed}{_cut(use.result, _ARGUMENTS)}"


def _remembered(item: Recalled) -> str:
    """Cite a remembered item."""
    named = f"{item.key} = {item.value}, from " if item.key else ""
    return f"{named}{_quoted(item.text)} ({item.author}, {day(item.at)}, {item.event_id})"


def _fact(fact: Fact) -> str:
    """Say a fact with its source."""
    return f"{fact.key} = {fact.value or '(retracted)'} ({fact.author}, {fact.event_id})"


def _quoted(text: str) -> str:
    """Quote text on one line, cut where it is long."""
    return f'"{_cut(text, _SAID)}"'


def _cut(text: str, most: int) -> str:
    """Bring text onto one line of at most so many characters."""
    plain = one_line(text)
    return plain if len(plain) <= most else f"{plain[:most].rstrip()} ..."


def _as_json(way: Trace) -> dict[str, object]:
    """Give a trace in the form that other programs rely on."""
    return {
        "ms": way.ms,
        "spans": [
            {"name": span.name, "start": span.start, "ms": span.ms, "attributes": span.attributes} for span in way.spans
        ],
    }
