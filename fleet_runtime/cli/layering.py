"""The commands on a role's layers: customize, new, diff. Writes new files only, never over one that is there."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from fleet_runtime import documents
from fleet_runtime.cli.options import ClassArgument
from fleet_runtime.cli.running import Running
from fleet_runtime.contracts import Role
from fleet_runtime.documents import file_is_there, layers, read_text, role_files, shown, write_contract
from fleet_runtime.errors import ContractError
from fleet_runtime.locking import contract_diff
from fleet_runtime.parsing import DOMAINS, is_class_name, read_role
from fleet_runtime.parsing.names import title_of
from fleet_runtime.role_library import RoleLibrary

CopyOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder to copy it to; else ROLES.local.", show_default=False),
]
DomainOption = Annotated[str | None, typer.Option("--domain", metavar="D", help="Its domain.", show_default=False)]
PersistentOption = Annotated[bool, typer.Option("--persistent", help="It keeps an account memory.")]
TitleOption = Annotated[
    str | None, typer.Option("--title", metavar="T", help="Its title; else made of the class.", show_default=False)
]

_THERE = "change that file, or take it away first"
_MARKUP = frozenset("<>`*_\\[]#|~")
_SCAFFOLD = """# {title} — fleet role definition

<!-- Say here in a sentence or two what this role is, before the markers; then why it keeps a memory, or none. -->

The **{role_class}** ({markers}).

It is a **{adjective}** role (`persistent_persona: {flag}`).

## Mandate

<!-- What it is there for, numbered. Each: 1. **Do something** — what that means -->

## Boundaries

<!-- What it does not do, and whose work that is; messages that fall under a boundary stand below it. Each:
- **Does NOT do something** — who owns it: the **class-of-the-owner**.
  - a message as people really write it -->

## Persona

<!-- One paragraph: how it is, how it speaks, what it is worth. -->

## Examples

<!-- Messages that belong to this role, one a bullet, as people really write them: 16 or more. -->
"""


def customize(run: Running, role_class: ClassArgument, out: CopyOption = None) -> None:
    """Copy the contract in force, to be changed.

    It is copied byte for byte to ROLES.local/CLASS.md, beside the project's roles, and never over a file
    that is there.
    """
    roles = Path(run.settings.roles)
    contracts = RoleLibrary(layers("roles", roles)).contracts(role_class)
    role, folder = contracts[-1], out or _local(roles)
    home = _layer_around(folder, roles)
    for contract in contracts:
        if home is not None and home in Path(contract.source).resolve().parents:
            raise file_is_there(Path(contract.source), hint="change that file")
    target = _place_below(folder, role)
    write_contract(target, _bytes(Path(role.source)), hint=_THERE)
    if run.out.as_json:
        run.out.json({"class": role_class, "from": role.source, "written": str(target)})
        return
    run.out.line(f"{role_class} copied from {place_of(role)} to {shown(target)}")
    if _layer_around(folder, roles) is None:
        run.out.line(f"this project does not read {shown(folder)}; another does that has it as --roles")
    run.out.line(f"change it, then: fleet check {shown(target)}, fleet roles diff {role_class}, fleet lock")


def new(
    run: Running,
    role_class: ClassArgument,
    domain: DomainOption = None,
    persistent: PersistentOption = False,
    title: TitleOption = None,
) -> None:
    """Begin a contract: its form, and what to write.

    It is written to ROLES/CLASS.md. Nothing is made up: fleet check tells what is yet to be written, and
    until that is done the role cannot be staffed.
    """
    _refuse_names(role_class, domain, title)
    folder = Path(run.settings.roles)
    known = _classes(layers("roles", folder))
    if role_class in known:
        raise ContractError(
            f"there is a role {role_class!r} already",
            hint=f"to change it: fleet roles customize {role_class}",
            where=shown(known[role_class]),
        )
    target = folder / f"{role_class}.md"
    write_contract(target, _scaffold(role_class, domain, title, persistent=persistent).encode(), hint=_THERE)
    if run.out.as_json:
        run.out.json({"class": role_class, "written": str(target)})
        return
    run.out.line(f"{role_class} begun in {shown(target)}")
    run.out.line(f"write it, then: fleet check {shown(target)}, fleet lock")


def diff(run: Running, role_class: ClassArgument) -> None:
    """Show what the contract in force changes.

    A unified diff from the layer below, lowest first; with three layers each step.
    """
    given = RoleLibrary(layers("roles", Path(run.settings.roles)))
    contracts = given.contracts(role_class)
    status = given.status(role_class)
    steps = [(place_of(below), place_of(above), _diff(below, above)) for below, above in pairwise(contracts)]
    if run.out.as_json:
        rows = [{"from": below, "to": above, "diff": changed} for below, above, changed in steps]
        run.out.json({"class": role_class, "status": status, "steps": rows})
        return
    if not steps:
        run.out.line(f"{role_class} is {status}: {place_of(contracts[-1])} lies over no other contract")
    for below, above, changed in steps:
        run.out.line(changed or f"{above} says the same as {below}")


def place_of(role: Role) -> str:
    """Say where a contract stands: below the working folder, or as one that is shipped."""
    base = documents.shipped("roles").resolve()
    source = Path(role.source).resolve()
    if base in source.parents:
        return f"(shipped) roles/{source.relative_to(base).as_posix()}"
    return shown(Path(role.source))


def _diff(below: Role, above: Role) -> str:
    """Return the step from one layer's contract to the next one's."""
    texts = [read_text(Path(role.source)) for role in (below, above)]
    return contract_diff(texts[0], texts[1], was_name=place_of(below), now_name=place_of(above))


def _local(roles: Path) -> Path:
    """Return the folder beside the project's roles that lies over them.

    Raises: ContractError if the project's folder has no name to go by.
    """
    if not roles.name:
        raise ContractError("no folder can lie beside this one", hint="name one with --out", where=str(roles))
    return roles.with_name(f"{roles.name}.local")


def _layer_around(folder: Path, roles: Path) -> Path | None:
    """Return the layer that a folder is, or lies in."""
    around = (folder.resolve(), *folder.resolve().parents)
    return next((layer.resolve() for layer in layers("roles", roles) if layer.resolve() in around), None)


def _place_below(folder: Path, role: Role) -> Path:
    """Return where a copy goes; a domain that only its folder's name tells is kept by such a folder."""
    source = Path(role.source)
    named = folder / f"{role.role_class}.md"
    told = read_role(read_text(source), source=str(source)).role
    if told is not None and told.domain is None and role.domain in DOMAINS:
        return folder / role.domain / named.name
    return named


def _classes(folders: tuple[Path, ...]) -> dict[str, Path]:
    """Return the file of every class; one that is still broken counts by its name."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in role_files(folder):
            role = read_role(read_text(path), source=str(path)).role
            found[role.role_class if role else path.stem] = path
    return found


def _refuse_names(role_class: str, domain: str | None, title: str | None) -> None:
    """Refuse what cannot be a class, a domain or a title.

    Raises: ContractError.
    """
    for what, name in (("class", role_class), ("domain", domain)):
        if name is not None and not is_class_name(name):
            raise ContractError(f"{name[:64]!r} is no {what}", hint="a name is lower-case words joined by hyphens")
    if title is not None and (not title.strip() or not title.isprintable() or _MARKUP.intersection(title)):
        raise ContractError(f"{title[:64]!r} is no title", hint="a title is plain words on one line")


def _scaffold(role_class: str, domain: str | None, title: str | None, *, persistent: bool) -> str:
    """Return a contract of which only the form is there."""
    return _SCAFFOLD.format(
        title=(title or title_of(role_class)).strip(),
        role_class=role_class,
        markers=f"`class: {role_class}`" + (f", `domain: {domain}`" if domain else ""),
        adjective="persistent" if persistent else "task-oriented",
        flag="true" if persistent else "false",
    )


def _bytes(source: Path) -> bytes:
    """Read a contract as it is.

    Raises: ContractError.
    """
    try:
        return source.read_bytes()
    except OSError as error:
        raise ContractError(
            f"cannot be read: {error}", hint="check the file's permissions", where=str(source)
        ) from error
