"""The roles in force over all layers, by class, each read whole only when it is asked for.

A library holds dozens of contracts and a fleet staffs a few: who opens one should not wait for the rest.
Judges no contract; that is parsing's work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from fleet_runtime.contracts import Role
from fleet_runtime.documents import duplicate_class, read_role_text, read_text, role_files
from fleet_runtime.parsing import glance


class RoleLibrary(Mapping[str, Role]):
    """The contracts of the layers, lowest first; a higher layer's class replaces a lower one's whole."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Look at every file's head for its class and domain.

        Raises: ContractError for a file that cannot be read or, where its head does not say the class, is
            broken; or for two files of one class in one layer.
        """
        self._texts: dict[str, tuple[str, Path, Path]] = {}
        self._domains: dict[str, str] = {}
        self._roles: dict[str, Role] = {}
        for folder in folders:
            self._look_at(folder)

    def __getitem__(self, role_class: str) -> Role:
        """Return the role in force of a class.

        Raises: KeyError; ContractError with ``file:line`` for a broken file.
        """
        if role_class not in self._roles:
            text, path, folder = self._texts[role_class]
            self._roles[role_class] = read_role_text(text, path, folder)
        return self._roles[role_class]

    def __iter__(self) -> Iterator[str]:
        """Yield the classes by name."""
        return iter(sorted(self._texts))

    def __len__(self) -> int:
        """Return how many classes there are."""
        return len(self._texts)

    def __contains__(self, role_class: object) -> bool:
        """Tell whether a class is in force, without reading its file whole."""
        return role_class in self._texts

    @property
    def domains(self) -> dict[str, str]:
        """Return the domain of every class that has one."""
        return dict(self._domains)

    def of_layers(self, folders: Sequence[Path]) -> tuple[Role, ...]:
        """Return the roles in force whose files lie in one of these layers, by class."""
        return tuple(self[name] for name in self if self._texts[name][2] in folders)

    def _look_at(self, folder: Path) -> None:
        """Take in one layer."""
        seen: dict[str, Path] = {}
        for path in role_files(folder):
            text = read_text(path)
            looked = glance(text)
            if looked is None:
                role = read_role_text(text, path, folder)
                name, domain = role.role_class, role.domain
                self._roles[name] = role
            else:
                name, domain = looked.role_class, looked.domain
                self._roles.pop(name, None)  # a lower layer's
            if name in seen:
                raise duplicate_class(name, path, seen[name])
            seen[name] = path
            self._texts[name] = (text, path, folder)
            self._domains.pop(name, None)
            if domain is not None:
                self._domains[name] = domain
