"""The roles of each layer, every file read once: which contract is in force, and what lies below it.

Judges no contract; that is parsing's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fleet_runtime import documents
from fleet_runtime.contracts import Role, RoleStatus


class RoleLayers:
    """The contracts of all layers. A higher layer's class replaces a lower one's whole."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Read the layers, lowest first.

        Raises: ContractError for a broken file, or two files of one class in one layer.
        """
        self.folders = tuple(folders)
        self._layers = [documents.load_roles((folder,)) for folder in folders]
        base = documents.shipped("roles").resolve()
        self._shipped = {
            name
            for folder, roles in zip(folders, self._layers, strict=True)
            if folder.resolve() == base
            for name in roles
        }

    @property
    def in_force(self) -> dict[str, Role]:
        """Return the roles in force by class, sorted."""
        joined = {name: role for roles in self._layers for name, role in roles.items()}
        return dict(sorted(joined.items()))

    @property
    def statuses(self) -> dict[str, RoleStatus]:
        """Tell for every class whether its contract is the shipped one, lies over it, or is the project's own."""
        return {name: self._status(name) for name in self.in_force}

    def contracts(self, role_class: str) -> tuple[Role, ...]:
        """Return a class's contracts in all layers that give one, lowest first; the last is in force.

        Raises: UnknownRole with near names.
        """
        documents.find_role(self.in_force, role_class)
        return self._given(role_class)

    def status(self, role_class: str) -> RoleStatus:
        """Tell the status of one class.

        Raises: UnknownRole with near names.
        """
        documents.find_role(self.in_force, role_class)
        return self._status(role_class)

    def _given(self, role_class: str) -> tuple[Role, ...]:
        """Return a class's contracts, lowest first."""
        return tuple(roles[role_class] for roles in self._layers if role_class in roles)

    def _status(self, role_class: str) -> RoleStatus:
        """Tell the status of a class that is given."""
        if role_class not in self._shipped:
            return "custom"
        return "baseline" if len(self._given(role_class)) == 1 else "overridden"
