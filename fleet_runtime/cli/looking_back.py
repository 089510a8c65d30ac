"""The commands that look back at stored decisions: replay them, and show what nobody owned. They decide nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

import typer

from fleet_runtime.cli.options import moment
from fleet_runtime.cli.printing import day, one_line
from fleet_runtime.cli.running import Running
from fleet_runtime.decisions import Decision
from fleet_runtime.routing.gaps import Gap
from fleet_runtime.routing.replayed import Replayed

AccountOption = Annotated[str | None, typer.Option("--account", metavar="A", help="Of this account only.")]
CheckOption = Annotated[bool, typer.Option("--check", help="End with 1 if any decision would move.")]
SinceOption = Annotated[
    datetime | None, typer.Option("--since", parser=moment, metavar="DATE", help="What came from then on.")
]
MinOption = Annotated[int, typer.Option("--min", min=1, metavar="N", help="Show groups of at least so many messages.")]

_QUOTED = 100  # characters of a message that are printed
_NAMED = 6  # accounts that are named


async def replay(run: Running, account: AccountOption = None, check: CheckOption = False) -> None:
    """Decide stored messages anew, and show which would move.

    By the contracts in force, or with --roles DIR by those there. Nothing is stored or answered; no model is
    asked unless --model names one.
    """
    async with run.silent_fleet() as fleet:
        found = await fleet.replay(account)
    moved = [one for one in found if one.moves]
    if run.out.as_json:
        run.out.json({"decisions": len(found), "moved": [_replayed_json(one) for one in moved]})
    else:
        for line in _replay_lines(found, moved):
            run.out.line(line)
    if check and moved:
        raise typer.Exit(1)


async def gaps(run: Running, since: SinceOption = None, least: MinOption = 2) -> None:
    """Group the messages that nobody owned, over all accounts.

    Each group may be a role, a mandate line or an owner that is missing.
    """
    async with run.silent_fleet() as fleet:
        found = await fleet.gaps(since)
    shown = [gap for gap in found if gap.size >= least]
    if run.out.as_json:
        run.out.json({"messages": sum(gap.size for gap in found), "gaps": shown})
        return
    for gap in shown:
        for line in _gap_lines(gap):
            run.out.line(line)
    run.out.line(_gaps_summary(found, shown, least))


def _replayed_json(one: Replayed) -> dict[str, object]:
    """Give a replayed decision in the form that other programs rely on."""
    return {
        "account": one.account,
        "turn_id": one.turn_id,
        "at": one.at,
        "text": one.text,
        "from": _outcome_json(one.was),
        "to": _outcome_json(one.now),
        "contracts_changed": list(one.changed),
    }


def _outcome_json(decision: Decision) -> dict[str, object]:
    """Give what one compares of a decision."""
    return {
        "choice": decision.choice,
        "verdict": decision.verdict,
        "stage": decision.stage,
        "confidence": decision.confidence,
        "rule": decision.rule.where if decision.rule else None,
    }


def _replay_lines(found: Sequence[Replayed], moved: Sequence[Replayed]) -> Iterator[str]:
    """Say what would move, and count."""
    for one in moved:
        yield f"{one.account} {day(one.at)} {_quoted(one.text)} (turn {one.turn_id})"
        yield f"  from {_outcome(one.was)}"
        yield f"  to   {_outcome(one.now)}"
        if one.changed:
            yield f"  contracts changed since: {', '.join(one.changed)}"
    judged = sum(one.was.stage == "adjudication" and one.now.stage != "adjudication" for one in found)
    yield f"{len(moved)} of {_count(len(found), 'decision')} would move" + (
        f"; in {judged} a model chose then, and none is asked now" if judged else ""
    )


def _outcome(decision: Decision) -> str:
    """Say who took it, and by which rule or stage."""
    by = f"rule {decision.rule.where}" if decision.rule else f"no rule, by {decision.stage}"
    return f"{decision.choice or 'nobody'} ({decision.verdict}; {by}; {decision.confidence:.2f})"


def _gap_lines(gap: Gap) -> Iterator[str]:
    """Describe a group of messages."""
    when = day(gap.first) if day(gap.first) == day(gap.last) else f"{day(gap.first)} to {day(gap.last)}"
    yield f"{gap.size} x {', '.join(gap.words) or '(no words of a topic)'}"
    yield f"  such as: {_quoted(gap.typical)}"
    more = f" and {len(gap.accounts) - _NAMED} more" if len(gap.accounts) > _NAMED else ""
    yield f"  {_count(len(gap.accounts), 'account')}: {', '.join(gap.accounts[:_NAMED])}{more}; {when}"
    if gap.rules:
        yield f"  declined by: {', '.join(gap.rules)}"


def _gaps_summary(found: Sequence[Gap], shown: Sequence[Gap], least: int) -> str:
    """Count what was found, and what is not shown."""
    messages = sum(gap.size for gap in found)
    if not messages:
        return "every message had an owner"
    alone = messages - sum(gap.size for gap in shown)
    rest = f"; {alone} in groups of fewer than {least}" if alone else ""
    return f"{_count(messages, 'message')} that nobody owned, {_count(len(shown), 'group')}{rest}"


def _quoted(text: str) -> str:
    """Quote a message on one line, cut where it is long."""
    plain = one_line(text)
    return f'"{plain}"' if len(plain) <= _QUOTED else f'"{plain[:_QUOTED].rstrip()} ..."'


def _count(number: int, thing: str) -> str:
    """Say how many there are."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
