"""The roles of all layers by class: which is in force, what lies below it, and each read whole only when asked for.

A library holds dozens of contracts and a fleet staffs a few: who opens one should not wait for the rest.
Judges no contract; that is parsing's work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fleet_runtime import documents
from fleet_runtime.contracts import Role, RoleStatus
from fleet_runtime.parsing import glance


class _File(NamedTuple):
    """A role file that was looked at; its domain is what its head or its folder says."""

    text: str
    path: Path
    folder: Path
    domain: str | None


class RoleLibrary(Mapping[str, Role]):
    """The contracts of the layers, lowest first; a higher layer's class replaces a lower one's whole."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Look at every file's head for its class and domain.

        Raises: ContractError for a file that cannot be read or, where its head does not say the class, is
            broken; or for two files of one class in one layer.
        """
        self.folders = tuple(folders)
        self._roles: dict[Path, Role] = {}
        self._layers = [self._looked_at(folder) for folder in folders]
        self._in_force = {name: file for layer in self._layers for name, file in layer.items()}

    def __getitem__(self, role_class: str) -> Role:
        """Return the role in force of a class.

        Raises: KeyError; ContractError with ``file:line`` for a broken file.
        """
        return self._role(self._in_force[role_class])

    def __iter__(self) -> Iterator[str]:
        """Yield the classes by name."""
        return iter(sorted(self._in_force))

    def __len__(self) -> int:
        """Return how many classes there are."""
        return len(self._in_force)

    def __contains__(self, role_class: object) -> bool:
        """Tell whether a class is in force, without reading its file whole."""
        return role_class in self._in_force

    @property
    def domains(self) -> dict[str, str]:
        """Return the domain of every class that has one."""
        return {name: file.domain for name, file in self._in_force.items() if file.domain is not None}

    @property
    def statuses(self) -> dict[str, RoleStatus]:
        """Tell for every class whether its contract is the shipped one, lies over it, or is the project's own."""
        return {name: self.status(name) for name in self}

    def status(self, role_class: str) -> RoleStatus:
        """Tell the status of one class.

        Raises: UnknownRole with near names.
        """
        given = self._given(role_class)
        shipped = documents.shipped("roles").resolve()
        if all(file.folder.resolve() != shipped for file in given):
            return "custom"
        return "baseline" if len(given) == 1 else "overridden"

    def contracts(self, role_class: str) -> tuple[Role, ...]:
        """Return a class's contracts in all layers that give one, lowest first; the last is in force.

        Raises: UnknownRole with near names; ContractError with ``file:line`` for a broken file.
        """
        return tuple(self._role(file) for file in self._given(role_class))

    def of_layers(self, folders: Sequence[Path]) -> tuple[Role, ...]:
        """Return the roles in force whose files lie in one of these layers, by class.

        Raises: ContractError with ``file:line`` for a broken file.
        """
        return tuple(self[name] for name in self if self._in_force[name].folder in folders)

    def _given(self, role_class: str) -> list[_File]:
        """Return a class's files, lowest layer first.

        Raises: UnknownRole with near names.
        """
        if role_class not in self._in_force:
            raise documents.unknown_role(role_class, self._in_force)
        return [layer[role_class] for layer in self._layers if role_class in layer]

    def _role(self, file: _File) -> Role:
        """Read a file whole, once."""
        if file.path not in self._roles:
            self._roles[file.path] = documents.read_role_text(file.text, file.path, file.folder)
        return self._roles[file.path]

    def _looked_at(self, folder: Path) -> dict[str, _File]:
        """Take in one layer."""
        files: dict[str, _File] = {}
        for path in documents.role_files(folder):
            text = documents.read_text(path)
            seen = glance(text)
            if seen is None:
                role = self._roles[path] = documents.read_role_text(text, path, folder)
                name, domain = role.role_class, role.domain
            else:
                name, domain = seen.role_class, seen.domain
            if name in files:
                raise documents.duplicate_class(name, path, files[name].path)
            files[name] = _File(text, path, folder, domain)
        return files
