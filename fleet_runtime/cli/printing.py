"""Puts values on the screen: lines, tables, JSON. Foreign text is printed as text, never as markup."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime

import typer
from pydantic_core import to_json

PIPE_WIDTH = 10_000  # a line that goes to another program is not wrapped
_CONTROLS = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)))


class Printer:
    """Prints a command's result, as JSON if that was asked for."""

    def __init__(self, *, as_json: bool) -> None:
        """Remember whether JSON was asked for."""
        self.as_json = as_json

    def json(self, value: object, *, on_one_line: bool = False) -> None:
        """Print any value as JSON."""
        typer.echo(to_json(value, indent=None if on_one_line else 2, by_alias=True).decode())

    def line(self, text: str = "") -> None:
        """Print text on standard output, at once."""
        typer.echo(clean(text))
        sys.stdout.flush()

    def piece(self, text: str) -> None:
        """Print a piece of a line on standard output, at once."""
        typer.echo(clean(text), nl=False)
        sys.stdout.flush()

    def note(self, text: str) -> None:
        """Print a remark on standard error, at once."""
        typer.echo(typer.style(clean(text), dim=True), err=True)
        sys.stderr.flush()

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows under their heads; for a terminal fitted to its width."""
        from rich import box  # noqa: PLC0415 - rich takes 40 ms, which a check or a reply need not wait for
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table(box=box.SIMPLE_HEAD if sys.stdout.isatty() else None, pad_edge=False)
        for column in columns:
            table.add_column(column)
        for row in rows:
            table.add_row(*(Text(clean(cell)) for cell in row))
        self.drawing(table)

    def drawing(self, drawn: object) -> None:
        """Print what rich renders; coloured and wrapped for a terminal only."""
        for line in rendered(drawn, for_terminal=sys.stdout.isatty()):
            typer.echo(line)


def rendered(drawn: object, *, for_terminal: bool) -> list[str]:
    """Return what rich renders, line by line; for another program without colour and unwrapped."""
    from rich.console import Console  # noqa: PLC0415 - as above

    console = Console() if for_terminal else Console(width=PIPE_WIDTH, color_system=None)
    with console.capture() as capture:
        console.print(drawn)
    return [line.rstrip() for line in capture.get().splitlines()]


def clean(text: str) -> str:
    """Drop control characters: what a customer writes must not steer a terminal."""
    return text.translate(_CONTROLS)


def one_line(text: str) -> str:
    """Bring text onto one line."""
    return clean(" ".join(text.split()))


def day(moment: datetime | None) -> str:
    """Say a day, or nothing."""
    return moment.date().isoformat() if moment else ""
