"""The command that checks the organisation. Reads and judges nothing itself, and has no other command wait for it."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from fleet_runtime.cli.running import Running
from fleet_runtime.errors import MessageError

FORMATS = ("text", "json", "sarif", "github")

PathArgument = Annotated[
    Path | None, typer.Argument(metavar="[PATH]", help="A project, a folder of role files, or one file.")
]
FormatOption = Annotated[str, typer.Option("--format", metavar="F", help=f"{', '.join(FORMATS)}.")]
DeepOption = Annotated[bool, typer.Option("--deep", help="Compare by meaning too, and route every example.")]
AloneOption = Annotated[bool, typer.Option("--alone", help="Leave the shipped library out of sight.")]


def check(
    run: Running,
    path: PathArgument = None,
    form: FormatOption = "text",
    deep: DeepOption = False,
    alone: AloneOption = False,
) -> None:
    """Check role files and profiles, each for itself and against each other.

    Without PATH the layers in force are checked. With --profile the roles that it seats are checked
    besides. Ends with 1 if an error stands; docs/checking.md lists all findings.
    """
    from fleet_runtime.cli.organisation_check import rendered, report_on  # noqa: PLC0415 - so that --help need not load

    if form not in FORMATS:
        raise MessageError(f"no format {form[:20]!r}", hint=f"formats: {', '.join(FORMATS)}")
    gc.disable()  # a check reads, prints and ends: collecting takes time and finds next to nothing
    try:
        report = report_on(path, run.settings, profile=run.named_profile, deep=deep, alone=alone)
    finally:
        gc.enable()
    run.out.line(rendered(report, "json" if run.out.as_json else form))
    if report.count("error"):
        raise typer.Exit(1)
