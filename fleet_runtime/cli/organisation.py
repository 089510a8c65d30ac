"""The command that draws the organisation. Reads, judges and draws nothing itself."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fleet_runtime.cli.running import Running
from fleet_runtime.errors import MessageError


class Form(StrEnum):
    """How the organisation is drawn."""

    TREE = "tree"
    MERMAID = "mermaid"
    SVG = "svg"


FormOption = Annotated[Form, typer.Option("--format", help="How it is drawn.")]
OutOption = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="File to write to; else print.")]
FaultsOption = Annotated[bool, typer.Option("--faults/--no-faults", help="Mark what the checker finds.")]


def org(run: Running, form: FormOption = Form.TREE, out: OutOption = None, faults: FaultsOption = True) -> None:
    """Draw the organisation: who reports to whom, who hands what to whom, and what is wrong.

    As a tree for the terminal, as Mermaid text, or as an SVG picture. A file that is there is written
    over. With --json the chart's values are given instead of a drawing.
    """
    from fleet_runtime.cli import organisation_chart as drawing  # noqa: PLC0415 - so that --help need not load it

    chart = drawing.chart_in_force(run.settings, faults=faults)
    if out is not None:
        text = drawing.as_json(chart) if run.out.as_json else drawing.as_text(chart, form)
        _write(out, text)
        run.out.note(f"written to {out}")
    elif run.out.as_json:
        run.out.json(chart)
    elif form is Form.TREE:
        run.out.drawing(drawing.tree_of(chart))
    else:
        run.out.line(drawing.as_text(chart, form))


def _write(file: Path, text: str) -> None:
    """Write the drawing, over an older one.

    Raises: MessageError if the file cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise MessageError(
            f"{file} cannot be written: {error.strerror}", hint="check --out and its permissions"
        ) from error
