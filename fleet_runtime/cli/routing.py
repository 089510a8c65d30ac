"""The command that asks where messages belong, one or a file of them. The dispatcher decides; this prints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from fleet_runtime.cli.reading import whole
from fleet_runtime.cli.running import Running
from fleet_runtime.errors import MessageError

TextArgument = Annotated[
    str | None, typer.Argument(metavar="TEXT", help="The message, or - for standard input.", show_default=False)
]
ActiveOption = Annotated[str | None, typer.Option("--role", metavar="CLASS", help="The role that is active now.")]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="Show the rule, the candidates and their nearest lines, cost and time.")
]


@dataclass(frozen=True)
class Batch:
    """A file of messages instead of one, where the answers go, and what teaches the dispatcher."""

    batch: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Decide a file of messages, one JSON object a line.")
    ] = None
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the batch's answers go; else print.")] = None
    examples: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Labelled messages that the batch learns from.")
    ] = None


async def route(
    run: Running, many: Batch, text: TextArgument = None, active: ActiveOption = None, explain: ExplainOption = False
) -> None:
    """Say which role a message belongs to, and why. Nothing is stored or answered.

    With --batch a file of messages is decided (docs/routing.md): the roles of --roles are then the whole
    staff, unless a --profile says otherwise.
    """
    if many.batch is not None:
        if text is not None or active is not None or explain:
            raise MessageError(
                "a batch is decided by what its lines say", hint="leave out TEXT, --role and --explain, or --batch"
            )
        from fleet_runtime.cli.routing_batch import route_batch  # noqa: PLC0415 - loads what --help does not need

        await route_batch(run, many.batch, many.out, many.examples)
        return
    if many.out is not None or many.examples is not None:
        raise MessageError("--out and --examples are for a batch", hint="name its messages with --batch FILE")
    if text is None:
        raise typer.BadParameter("give a TEXT, or a file of messages with --batch")
    said = whole(text)
    async with run.silent_fleet() as fleet:
        decision = await fleet.route(said, active_role=active)
    if run.out.as_json:
        run.out.json(decision)
        return
    run.out.line(f"{decision.choice or 'nobody'}: {decision.reason}")
    if explain:
        from fleet_runtime.cli.explaining import explained  # noqa: PLC0415 - loads rich

        run.out.drawing(explained(decision))
