"""The commands on role contracts: list, show, parse. Reads files; judges no contract itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fleet_runtime.cli.layering import place_of
from fleet_runtime.cli.options import ClassArgument
from fleet_runtime.cli.running import Running
from fleet_runtime.cli.wording import role_json
from fleet_runtime.contracts import Role
from fleet_runtime.documents import layers, read_text
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing import read_role
from fleet_runtime.role_library import RoleLibrary

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A role contract in any form.", show_default=False)]


def list_roles(run: Running) -> None:
    """List all roles, and whether each is baseline, overridden or custom."""
    given = RoleLibrary(layers("roles", Path(run.settings.roles)))
    roles, status = given.values(), given.statuses
    if run.out.as_json:
        run.out.json([role_json(role) | {"status": status[role.role_class]} for role in roles])
        return
    run.out.table(
        ("class", "domain", "persistent", "status", "file"),
        [
            (role.role_class, role.domain or "", _yes(role.persistent_persona), status[role.role_class], place_of(role))
            for role in roles
        ],
    )


def show(run: Running, role_class: ClassArgument) -> None:
    """Show the contract in force for a class, and where it comes from."""
    given = RoleLibrary(layers("roles", Path(run.settings.roles)))
    role = given.contracts(role_class)[-1]
    if run.out.as_json:
        run.out.json(role_json(role))
        return
    run.out.note(f"{role.source} ({given.status(role_class)})")
    run.out.line(read_text(Path(role.source)).rstrip("\n"))


def parse(run: Running, file: FileArgument) -> None:
    """Check one file: complaints on standard error, the role on standard output."""
    role = parsed(run, file)
    if run.out.as_json:
        run.out.json(role_json(role))
        return
    run.out.table(
        ("what", "read"),
        [
            ("class", role.role_class),
            ("domain", role.domain or ""),
            ("persistent", _yes(role.persistent_persona)),
            *(("mandate", str(item)) for item in role.mandate),
            *(
                ("boundary", f"{rule.text} [{', '.join(rule.owners) or rule.owner_domain or 'nobody'}]")
                for rule in role.boundaries
            ),
            *(("example", example) for example in role.examples),
        ],
    )


def parsed(run: Running, file: Path) -> Role:
    """Read a file and print its complaints.

    Raises: ContractError if an error is among them.
    """
    read = read_role(read_text(file), source=str(file))
    for complaint in read.complaints:
        run.out.note(str(complaint))
    if read.role is None:
        count = sum(complaint.severity == "error" for complaint in read.complaints)
        raise ContractError(
            f"{file} is no sound role contract ({count} error{'s' if count > 1 else ''})",
            hint="mend what is said above; docs/roles.md shows the form",
        )
    return read.role


def _yes(value: bool) -> str:
    """Say yes or no."""
    return "yes" if value else "no"
