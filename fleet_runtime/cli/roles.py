"""The commands on role contracts: list, show, parse, import. Reads and writes files; judges no contract itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from fleet_runtime.cli.options import ClassArgument
from fleet_runtime.cli.printing import role_json
from fleet_runtime.cli.running import Running
from fleet_runtime.contracts import Role
from fleet_runtime.documents import RoleStatus, find_role, layers, load_roles, read_text, role_status
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing import read_role, write_role

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A role contract in any form.", show_default=False)]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="PATH", help="File or folder to write to; else print.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


def list_roles(run: Running) -> None:
    """List all roles, and whether each is baseline, overridden or custom."""
    folders = layers("roles", Path(run.settings.roles))
    roles = load_roles(folders)
    base = load_roles(folders[:1])
    status = {name: status_of(role, base) for name, role in roles.items()}
    if run.out.as_json:
        run.out.json([role_json(role) | {"status": status[role.role_class]} for role in roles.values()])
        return
    run.out.table(
        ("class", "domain", "persistent", "status", "file"),
        [
            (role.role_class, role.domain or "", _yes(role.persistent_persona), status[role.role_class], role.source)
            for role in roles.values()
        ],
    )


def show(run: Running, role_class: ClassArgument) -> None:
    """Show the contract in force for a class, and where it comes from."""
    folders = layers("roles", Path(run.settings.roles))
    role = find_role(load_roles(folders), role_class)
    if run.out.as_json:
        run.out.json(role_json(role))
        return
    run.out.note(f"{role.source} ({role_status(role_class, folders)})")
    run.out.line(read_text(Path(role.source)).rstrip("\n"))


def parse(run: Running, file: FileArgument) -> None:
    """Check one file: complaints on standard error, the role on standard output."""
    role = _parsed(run, file)
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


def import_role(run: Running, file: FileArgument, out: OutOption = None, force: ForceOption = False) -> None:
    """Write a role in the canonical form, from any form, a copied web page included.

    Without --out it is printed. Into a folder it is written as CLASS.md.
    """
    role = _parsed(run, file)
    text = write_role(role)
    if out is None:
        run.out.line(text.rstrip("\n"))
        return
    target = out / f"{role.role_class}.md" if out.is_dir() or out.suffix != ".md" else out
    _write(target, text, force=force)
    if run.out.as_json:
        run.out.json(role_json(role) | {"written": str(target)})
    else:
        run.out.line(f"{role.role_class} written to {target}")


def _parsed(run: Running, file: Path) -> Role:
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


def _write(target: Path, text: str, *, force: bool) -> None:
    """Write a contract.

    Raises: ContractError if the file is there already, or cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w" if force else "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise ContractError(
            "the file is there already", hint="use --force, or another --out", where=str(target)
        ) from error
    except OSError as error:
        raise ContractError(
            f"cannot be written: {error}", hint="check the path and its permissions", where=str(target)
        ) from error


def status_of(role: Role, base: Mapping[str, Role]) -> RoleStatus:
    """Tell where a role in force stands, as `role_status` does, without reading all files again for each."""
    if role.role_class not in base:
        return "custom"
    return "baseline" if base[role.role_class].source == role.source else "overridden"


def _yes(value: bool) -> str:
    """Say yes or no."""
    return "yes" if value else "no"
