"""Lays a decision out on one screen: who, by which rule, who else was weighed, what it cost. Prints nothing."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from fleet_runtime.cli.printing import one_line
from fleet_runtime.decisions import Candidate, Decision, RuleHit
from fleet_runtime.messages import Usage

_SHOWN = 3  # candidates whose lines are quoted; of the others only the share is said


def explained(decision: Decision) -> Table:
    """Return a decision as label and value, line by line; quoted lines are cut where the screen ends."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    told = ""
    for label, value, quoted in _rows(decision):
        text = Text(one_line(value) if not quoted else f"      {one_line(value)}", style="dim" if quoted else "")
        if quoted:
            text.no_wrap, text.overflow = True, "ellipsis"
        grid.add_row(label if label != told else "", text)
        told = label
    return grid


def _rows(decision: Decision) -> Iterator[tuple[str, str, bool]]:
    """Give label, value, and whether it is a quoted line."""
    held = f", held by {decision.active_role}" if decision.active_role else ""
    yield "verdict", f"{decision.verdict}{held}", False
    yield "choice", decision.choice or "nobody", False
    yield "stage", decision.stage, False
    yield "confidence", f"{decision.confidence:.2f}, that it is nobody's work {decision.none_score:.2f}", False
    if decision.rule is not None:
        yield "rule", decision.rule.text, False
        yield "rule", _applied(decision.rule), False
    for candidate in decision.candidates[:_SHOWN]:
        yield "candidates", _share(candidate), False
        for reason in candidate.reasons:
            yield "candidates", reason, True
    if decision.candidates[_SHOWN:]:
        yield "candidates", ", ".join(_share(candidate) for candidate in decision.candidates[_SHOWN:]), False
    yield "cost", _cost(decision.usage), False
    at = f", decided {decision.at:%Y-%m-%d %H:%M:%S} UTC" if decision.at else ""
    yield "time", f"{1000 * decision.seconds:.1f} ms{at}", False
    yield "decision", decision.id, False


def _applied(rule: RuleHit) -> str:
    """Say where a rule stands, whose it is, and to whom it leads by what."""
    leads = f"leads to {' or '.join(rule.owners)} (by {rule.resolved_by})" if rule.owners else "leads to nobody"
    return f"{rule.where}, a rule of {rule.role}, {leads}, matched {rule.score:.2f}"


def _share(candidate: Candidate) -> str:
    """Name a candidate after its share."""
    return f"{candidate.score:.2f} {candidate.role}"


def _cost(usage: Usage) -> str:
    """Say what asking a model took."""
    if not usage.calls:
        return "no model was asked"
    read = f"{usage.prompt_tokens} tokens read ({usage.cached_tokens} cached)"
    return f"{read}, {usage.completion_tokens} written, in {usage.calls} call{'' if usage.calls == 1 else 's'}"
