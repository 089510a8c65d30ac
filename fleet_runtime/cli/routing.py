"""The command that asks where a message belongs. The dispatcher decides; this prints."""

from __future__ import annotations

from typing import Annotated

import typer

from fleet_runtime.cli.options import TextArgument
from fleet_runtime.cli.reading import whole
from fleet_runtime.cli.running import Running
from fleet_runtime.cli.wording import decision_lines

ActiveOption = Annotated[str | None, typer.Option("--role", metavar="CLASS", help="The role that is active now.")]
ExplainOption = Annotated[bool, typer.Option("--explain", help="Show the rule and all candidates.")]


async def route(run: Running, text: TextArgument, active: ActiveOption = None, explain: ExplainOption = False) -> None:
    """Say which role a message belongs to, and why. Nothing is stored or answered."""
    said = whole(text)
    async with run.silent_fleet() as fleet:
        decision = await fleet.route(said, active_role=active)
    if run.out.as_json:
        run.out.json(decision)
        return
    run.out.line(f"{decision.choice or 'nobody'}: {decision.reason}")
    for line in decision_lines(decision) if explain else ():
        run.out.line(f"  {line}")
