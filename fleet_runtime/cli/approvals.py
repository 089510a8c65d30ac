"""The commands for what waits for a person: list, approve, reject. They decide nothing."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from fleet_runtime.cli.printing import one_line
from fleet_runtime.cli.running import Running
from fleet_runtime.cli.storing import store_as_it_stands
from fleet_runtime.records import Approval, Reply

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The question's id.", show_default=False)]
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides; whom its motion names, if one asks.")]
NoteOption = Annotated[str, typer.Option("--note", metavar="TEXT", help="What the role is to know of it.")]
AllOption = Annotated[bool, typer.Option("--all", help="Those that are decided too.")]

_SHOWN = 200  # characters of what would be sent or done that are printed


async def list_approvals(run: Running, everything: AllOption = False) -> None:
    """List the questions that wait for a person, the oldest first."""
    async with store_as_it_stands(run.settings) as store:
        state = None if everything else "waiting"
        found = await store.approvals(run.settings.tenant, state=state) if store else []
    if run.out.as_json:
        run.out.json(found)
        return
    for approval in found:
        for line in _lines(approval):
            run.out.line(line)
    if not found:
        run.out.note("nothing waits for a person")


async def approve(run: Running, approval_id: IdArgument, by: ByOption = "", note: NoteOption = "") -> None:
    """Say yes: it is done once, however often this is repeated, and the customer is told. Prints the reply."""
    await _decide(run, approval_id, "approve", by, note)


async def reject(run: Running, approval_id: IdArgument, by: ByOption = "", note: NoteOption = "") -> None:
    """Say no: it is not done, and the customer is told. Prints the reply."""
    await _decide(run, approval_id, "reject", by, note)


async def _decide(run: Running, approval_id: str, verb: Literal["approve", "reject"], by: str, note: str) -> None:
    """Open the fleet, which carries the decision on, and print what the customer is told."""
    async with run.speaking_fleet() as fleet:
        decide = fleet.approvals.approve if verb == "approve" else fleet.approvals.reject
        reply: Reply = await decide(approval_id, by=by, note=note)
    if run.out.as_json:
        run.out.json(reply)
    else:
        run.out.line(reply.text)


def _lines(approval: Approval) -> list[str]:
    """Describe a question: what is asked, of whose account, and what would be done."""
    asked = f"{approval.asked_at:%Y-%m-%d %H:%M} UTC, {approval.role} for {approval.key.account}"
    lines = [f"{approval.id}  {one_line(approval.question)}", f"  asked {asked} (turn {approval.turn_id})"]
    if approval.call is not None:
        lines.append(f"  would call {approval.call.name} with {_cut(approval.call.arguments)}")
    if approval.draft:
        lines.append(f"  would say: {_cut(approval.draft)}")
    if approval.decided_at is not None:
        by = f" by {approval.decided_by}" if approval.decided_by else ""
        note = f": {one_line(approval.note)}" if approval.note else ""
        lines.append(f"  {approval.state} {approval.decided_at:%Y-%m-%d %H:%M} UTC{by}{note}")
    return lines


def _cut(text: str) -> str:
    """Bring text onto one line, cut where it is long."""
    plain = one_line(text)
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN].rstrip()} ..."
