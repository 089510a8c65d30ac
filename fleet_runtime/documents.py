"""Reads role and profile files from their layers of folders. Judges no Markdown and no YAML; that is parsing's work.

A layer is a folder; a later one lies over an earlier one. A class, or a profile, is replaced whole.
Names of classes and profiles are never made into paths: files are listed, and then looked up by name.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from fleet_runtime.contracts import Profile, Role, Staff
from fleet_runtime.errors import ContractError, UnknownProfile, UnknownRole
from fleet_runtime.parsing import DOMAINS, INDEX_FILE, is_class_name, parse_profile, parse_role

Kind = Literal["roles", "prompts", "profiles"]

_PACKAGE: Final = Path(__file__).resolve().parent
LARGEST: Final = 8_000_000
"""Bytes; a file beyond that is not even read."""
NO_ROLES: Final = (INDEX_FILE, "README.md")
"""Pages in a folder of roles that are no contracts."""


MOTIONS_ENDING: Final = ".motions.yaml"
"""How the file beside a role's ends that holds its motions."""


def shipped(kind: Kind) -> Path:
    """Return the folder that comes with the package: inside the wheel, or a checkout's top-level folder.

    Raises: ContractError if neither is there.
    """
    for folder in (_PACKAGE / "_shipped" / kind, _PACKAGE.parent / kind):
        if folder.is_dir():
            return folder
    raise ContractError(f"the package has no {kind} folder", hint="install fleet-runtime anew; its data is missing")


def layers(kind: Kind, project: Path | None) -> tuple[Path, ...]:
    """Return the folders of ``kind``, lowest first: shipped, the project's own, and ``roles.local`` beside it.

    Raises: ContractError if nothing is shipped, or a path cannot be one.
    """
    found = [shipped(kind)]
    if project is not None:
        found.append(project)
        if kind == "roles" and project.name:
            found.append(project.with_name(f"{project.name}.local"))
    try:
        unique = {folder.resolve(): folder for folder in reversed(found) if folder.is_dir()}
    except OSError as error:
        raise ContractError(f"no folder can be {str(project)[:80]!r}", hint="check the path") from error
    return tuple(reversed(unique.values()))


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises: ContractError if it cannot be read, is far too large, or is not UTF-8.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ContractError("the file is far too large", hint="a contract is a few pages of text", where=str(path))
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ContractError("no such file", hint="check the path", where=str(path)) from error
    except IsADirectoryError as error:
        raise ContractError("is a folder, not a file", hint="name a file in it", where=str(path)) from error
    except (OSError, ValueError) as error:
        raise ContractError(f"cannot be read: {error}", hint="check the file's permissions", where=str(path)) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ContractError(
            f"not-text: byte {data[error.start]:#04x} is no UTF-8",
            hint="save the file as UTF-8",
            where=f"{path}:{line}",
        ) from error


def read_role_file(path: Path, layer: Path | None = None) -> Role:
    """Read one role file; the folder it lies in tells the domain where the file does not.

    Raises: ContractError with ``file:line``.
    """
    return read_role_text(read_text(path), path, layer)


def read_role_text(text: str, path: Path, layer: Path | None = None) -> Role:
    """Read the text of a role file, as `read_role_file` does; motions that stand beside it replace its section.

    They are a part of the contract: its hash is of both texts then.

    Raises: ContractError with ``file:line``.
    """
    role = parse_role(text, source=str(path), domain_hint=folder_domain(path, layer))
    beside = motions_beside(path)
    if not beside.is_file():
        return role
    motions = read_text(beside)
    digest = hashlib.sha256(_joined(text, beside, motions).encode()).hexdigest()
    return role.model_copy(update={"motions": motions, "content_hash": digest})


def contract_text(path: Path) -> str:
    """Return the text whose hash a role has: its file's, followed by the motions that stand beside it, if any do.

    Raises: ContractError if a file cannot be read.
    """
    text, beside = read_text(path), motions_beside(path)
    return _joined(text, beside, read_text(beside)) if beside.is_file() else text


def _joined(text: str, beside: Path, motions: str) -> str:
    """Put a role's text and the motions beside it into one, told apart by the latter's file name."""
    return f"{text}\n<!-- {beside.name} -->\n\n{motions}"


def motions_beside(path: Path) -> Path:
    """Return where the motions of a role's file stand if they are a file of their own."""
    return path.with_name(f"{path.stem}{MOTIONS_ENDING}")


def folder_domain(path: Path, layer: Path | None) -> str | None:
    """Return the domain that a role file's folder within its layer is named after, if it is."""
    folders = path.relative_to(layer).parts[:-1] if layer else (path.parent.name,)
    return next((folder for folder in reversed(folders) if folder in DOMAINS), None)


def role_files(folder: Path) -> list[Path]:
    """List the role files of a layer, in every folder below it, sorted; index and README are none.

    Raises: ContractError if the folder cannot be listed.
    """
    return _files(folder, ("*.md",))


def duplicate_class(role_class: str, path: Path, other: Path | str) -> ContractError:
    """Return the error of two files in one layer that give the same class."""
    return ContractError(
        f"the class {role_class!r} is also given by {other}",
        hint="keep one file of a class in each folder",
        where=f"{path}:1",
    )


def shown(file: Path) -> str:
    """Return a file's name as it is printed: relative where it lies below the working folder, and always UTF-8."""
    here = os.path.join(os.getcwd(), "")  # noqa: PTH109, PTH118 - for hundreds of files; a Path takes ten times as long
    name = os.path.normpath(os.path.join(here, file)).removeprefix(here)  # noqa: PTH118
    return os.fsencode(name).decode("utf-8", "replace").replace(os.sep, "/")


def write_contract(target: Path, data: bytes, *, over: bool = False, hint: str) -> None:
    """Write a contract's file, and the folders that it lies in; ``over`` one that is there only if so told.

    Raises: ContractError if it is there, with ``hint`` on what to do, or cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb" if over else "xb") as stream:
            stream.write(data)
    except FileExistsError as error:
        raise file_is_there(target, hint=hint) from error
    except OSError as error:
        raise ContractError(
            f"cannot be written: {error}", hint="check the path and its permissions", where=str(target)
        ) from error


def file_is_there(file: Path, *, hint: str) -> ContractError:
    """Return the error of a file that would be written over."""
    return ContractError("the file is there already", hint=hint, where=shown(file))


def load_roles(folders: Sequence[Path]) -> dict[str, Role]:
    """Read all roles of the layers, lowest first, by class; a higher layer's class replaces a lower one's whole.

    Raises: ContractError for a broken file, or two files of one class in one layer.
    """
    roles: dict[str, Role] = {}
    for folder in folders:
        roles.update(_layer_roles(folder))
    return dict(sorted(roles.items()))


def load_profile(profile_id: str, folders: Sequence[Path]) -> Profile:
    """Read the profile of that id from the highest layer that has it.

    Raises: UnknownProfile with near ids; ContractError with ``file:line`` for a broken file.
    """
    files: dict[str, Path] = {}
    for folder in folders:
        files.update({path.stem: path for path in _files(folder, ("*.yaml", "*.yml"))})
    path = files.get(profile_id)
    if path is None:
        raise UnknownProfile(f"no profile {profile_id[:64]!r}", hint=_near(profile_id, files))
    profile = parse_profile(read_text(path), source=str(path))
    if profile.id != profile_id:
        raise ContractError(
            f"the file's name says {profile_id!r}, its id {profile.id!r}",
            hint="give both the same name",
            where=f"{path}:1",
        )
    return profile


def staff(roles: Mapping[str, Role], profile: Profile, domains: Mapping[str, str] | None = None) -> Staff:
    """Seat the profile's roster with roles, in its order.

    ``domains`` are those of all classes, staffed or not; without it they are taken from ``roles``.

    Raises: UnknownRole for a class that no role file gives.
    """
    seated: list[Role] = []
    for role_class in profile.classes():
        role = roles.get(role_class)
        if role is None:
            raise UnknownRole(
                f"profile {profile.id!r} seats {role_class!r}, which no role file gives",
                hint=_near(role_class, roles),
                where=profile.source,
            )
        seated.append(role)
    known = {name: role.domain for name, role in roles.items() if role.domain} if domains is None else dict(domains)
    return Staff(roles=tuple(seated), lead=profile.lead, profile=profile, domains=known)


def find_role(roles: Mapping[str, Role], role_class: str) -> Role:
    """Return the role of that class.

    Raises: UnknownRole with near names.
    """
    role = roles.get(role_class)
    if role is None:
        raise unknown_role(role_class, roles)
    return role


def unknown_role(role_class: str, known: Iterable[str]) -> UnknownRole:
    """Return the error of a class that no role file gives."""
    return UnknownRole(f"no role {role_class[:64]!r}", hint=_near(role_class, known))


def _layer_roles(folder: Path) -> dict[str, Role]:
    """Read the roles of one layer by class."""
    roles: dict[str, Role] = {}
    for path in role_files(folder):
        role = read_role_file(path, folder)
        other = roles.get(role.role_class)
        if other is not None:
            raise duplicate_class(role.role_class, path, other.source)
        roles[role.role_class] = role
    return roles


def _files(folder: Path, patterns: Iterable[str]) -> list[Path]:
    """List the files of a layer, in every folder below it, sorted."""
    try:
        return sorted(
            path
            for pattern in patterns
            for path in folder.rglob(pattern)
            if path.name not in NO_ROLES and path.is_file()
        )
    except OSError as error:
        raise ContractError(f"cannot be listed: {error.strerror}", hint="check the path", where=str(folder)) from error


def _near(name: str, known: Iterable[str]) -> str:
    """Suggest what may have been meant; a name with path parts is told so."""
    names = sorted(known)
    if not is_class_name(name):
        return f"a name is lower-case words joined by hyphens; known: {', '.join(names)}"
    import difflib  # noqa: PLC0415 - loads where a name is wrong

    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names) or 'none'}"
