"""The command that writes the index of the roles, and tells whether a written one is current."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fleet_runtime.cli.running import Running
from fleet_runtime.documents import layers, load_roles, read_text
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing import write_library_page

OutOption = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="File to write; else print.")]
CheckOption = Annotated[
    Path | None, typer.Option("--check", metavar="FILE", help="Write nothing; end with 1 if FILE is not current.")
]


def index(run: Running, out: OutOption = None, check: CheckOption = None) -> None:
    """Write the index of all roles in force: class, memory, purpose, and whom each hands work to."""
    page = write_library_page(load_roles(layers("roles", Path(run.settings.roles))).values())
    if check is not None:
        if read_text(check) != page:
            raise ContractError(
                "the index is not what the contracts say now", hint=f"fleet roles index --out {check}", where=str(check)
            )
        run.out.line(f"{check} is current")
    elif out is not None:
        try:
            out.write_text(page, encoding="utf-8")
        except OSError as error:
            raise ContractError(f"cannot be written: {error}", hint="check the path", where=str(out)) from error
        run.out.line(f"written to {out}")
    else:
        run.out.line(page.rstrip("\n"))
