"""Finds the files that a check looks at, and reads them as texts. Parses and judges none.

What cannot be read becomes a complaint of its file: one bad file must not hide what is wrong with the others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from fleet_runtime import documents
from fleet_runtime.checking.organisation import SHIPPED, Source
from fleet_runtime.errors import ContractError
from fleet_runtime.parsing import Complaint

Kind = Literal["role", "profile"]

_ENDINGS: Final[dict[Kind, tuple[str, ...]]] = {"role": (".md",), "profile": (".yaml", ".yml")}
_OWN: Final = SHIPPED + 1


@dataclass(frozen=True, slots=True)
class _Layer:
    """A folder of role files or of profiles; ``flat`` leaves out the folders below it."""

    folder: Path
    kind: Kind
    number: int
    checked: bool = True
    flat: bool = False


def sources_in_force(roles: Path, profiles: Path) -> list[Source]:
    """Read the layers that the runtime reads: shipped, the project's own, and its ``.local``.

    What the project has of its own is checked, with the shipped library as context; where it has nothing, the
    shipped library is.

    Raises: ContractError if nothing is shipped, or a folder cannot be listed.
    """
    found = [_Layer(folder, "role", number) for number, folder in enumerate(documents.layers("roles", roles))]
    found += [_Layer(folder, "profile", number) for number, folder in enumerate(documents.layers("profiles", profiles))]
    sources = [source for layer in found for source in _sources(layer)]
    if not any(source.layer > SHIPPED for source in sources):
        return sources
    return [replace(source, checked=source.layer > SHIPPED) for source in sources]


def sources_of(path: Path, *, alone: bool = False) -> list[Source]:
    """Read what a path names: a project, a folder of role files, or one file with its folder as context.

    The shipped library lies below as context, unless ``alone`` leaves it out, or the path is in it.

    Raises: ContractError if the path is not there, or holds no role and no profile.
    """
    if path.is_dir():
        layers, only = _of_folder(path), None
    elif path.is_file():
        layers, only = _around(path), path.resolve()
    else:
        raise ContractError("no such file or folder", hint="check the path", where=str(path))
    below = [] if alone else _shipped_below(layers)
    sources = [source for layer in (*below, *layers) for source in _sources(layer, only)]
    if not any(source.checked for source in sources):
        raise ContractError(
            "holds no role and no profile",
            hint="name a folder with role files (*.md) or profiles (*.yaml), or one such file",
            where=str(path),
        )
    return sources


def _of_folder(folder: Path) -> list[_Layer]:
    """Return the layers of a project, or of a folder of role files."""
    if (folder / "roles").is_dir():
        roles, profiles = folder / "roles", [_Layer(folder / "profiles", "profile", _OWN)]
    else:
        roles, profiles = folder, _profiles_near(folder)
    local = roles.absolute().with_name(f"{roles.absolute().name}.local")
    return [_Layer(roles, "role", _OWN), _Layer(local, "role", _OWN + 1), *profiles]


def _profiles_near(folder: Path) -> list[_Layer]:
    """Return where the profiles of a folder of role files are: in it, in its ``profiles``, else beside it."""
    inside = [_Layer(folder, "profile", _OWN, flat=True), _Layer(folder / "profiles", "profile", _OWN)]
    if any(True for layer in inside for _ in _files(layer)):
        return inside
    return [_Layer(folder.absolute().parent / "profiles", "profile", _OWN)]


def _around(file: Path) -> list[_Layer]:
    """Return the folders that one file stands in, as context."""
    if file.suffix in _ENDINGS["role"]:
        above = [folder for folder in file.absolute().parents if folder.name in ("roles", "roles.local")]
        return _of_folder(above[0] if above else file.absolute().parent)
    folder = file.absolute().parent
    project = folder.parent if folder.name == "profiles" else folder
    roles = project / "roles" if (project / "roles").is_dir() else project
    own = [_Layer(folder, "profile", _OWN, flat=True)] if file.suffix in _ENDINGS["profile"] else []
    return [layer for layer in _of_folder(roles) if layer.kind == "role"] + own


def _shipped_below(layers: Sequence[_Layer]) -> list[_Layer]:
    """Return the shipped library as context, without what is among the layers already."""
    present = {layer.folder.resolve() for layer in layers}
    below = (
        _Layer(documents.shipped("roles"), "role", SHIPPED, checked=False),
        _Layer(documents.shipped("profiles"), "profile", SHIPPED, checked=False),
    )
    return [layer for layer in below if layer.folder.resolve() not in present]


def _sources(layer: _Layer, only: Path | None = None) -> Iterator[Source]:
    """Read the files of a layer; with ``only``, that file alone is checked."""
    for file in _files(layer):
        source = Source(
            file=documents.shown(file),
            text="",
            layer=layer.number,
            domain_hint=documents.folder_domain(file, layer.folder),
            kind=layer.kind,
            checked=layer.checked and (only is None or file.resolve() == only),
        )
        yield _with_motions(_with_text(source, file), file)


def _files(layer: _Layer) -> list[Path]:
    """List the files of a layer, sorted by path.

    Raises: ContractError if a folder cannot be listed.
    """

    def refuse(error: OSError) -> None:
        raise ContractError(
            f"cannot be listed: {error.strerror}", hint="check its permissions", where=str(error.filename)
        ) from error

    if not layer.folder.is_dir():
        return []
    found: list[Path] = []
    for folder, folders, names in os.walk(layer.folder, onerror=refuse):
        if layer.flat:
            folders.clear()
        found += [
            Path(folder, name)
            for name in names
            if name.endswith(_ENDINGS[layer.kind])
            and name not in documents.NO_ROLES
            and not name.endswith(documents.MOTIONS_ENDING)
        ]
    return sorted(file for file in found if file.is_file())


def _with_text(source: Source, file: Path) -> Source:
    """Read a file's text, or say in its complaint why it cannot be read."""
    try:
        if file.stat().st_size > documents.LARGEST:
            return _unreadable(source, "too-large", 1, "far too large to be read", "a contract is a few pages of text")
        data = file.read_bytes()
    except OSError as error:
        return _unreadable(source, "not-text", 1, f"cannot be read: {error.strerror}", "check the file's permissions")
    try:
        return replace(source, text=data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _unreadable(
            source, "not-text", line, f"byte {data[error.start]:#04x} is no UTF-8", "save the file as UTF-8"
        )


def _with_motions(source: Source, file: Path) -> Source:
    """Read the motions that stand beside a role's file, if there are any."""
    beside = documents.motions_beside(file)
    if source.kind != "role" or not beside.is_file():
        return source
    read = _with_text(replace(source, file=documents.shown(beside)), beside)
    if read.unreadable is not None:
        return replace(source, unreadable=source.unreadable or read.unreadable, motions_file=read.file)
    return replace(source, motions=read.text, motions_file=read.file)


def _unreadable(source: Source, code: str, line: int, message: str, hint: str) -> Source:
    """Put the reason into the file's complaint."""
    complaint = Complaint(file=source.file, line=line, severity="error", code=code, message=message, hint=hint)
    return replace(source, unreadable=complaint)
