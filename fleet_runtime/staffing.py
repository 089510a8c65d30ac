"""Staffs a profile from the layers of role files, and keeps the contracts' texts. Judges no contract."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from fleet_runtime import documents
from fleet_runtime.contracts import Profile, Role, Staff
from fleet_runtime.errors import ContractError
from fleet_runtime.records import Contract
from fleet_runtime.role_library import RoleLibrary
from fleet_runtime.settings import Settings


def load_staff(settings: Settings) -> Staff:
    """Staff the profile's roster; only its contracts are read whole.

    A profile of the project's own staffs exactly its roster. With a shipped one, every role of the project's own
    folders is staffed besides, so that a first role needs no profile.

    Raises: ContractError, UnknownProfile, UnknownRole.
    """
    folders = documents.layers("roles", Path(settings.roles))
    library = RoleLibrary(folders)
    profile = documents.load_profile(settings.profile, documents.layers("profiles", Path(settings.profiles)))
    staff = documents.staff(library, profile, library.domains)
    if not _is_shipped(profile):
        return staff
    shipped = documents.shipped("roles").resolve()
    return staff.joined_by(library.of_layers([folder for folder in folders if folder.resolve() != shipped]))


def _is_shipped(profile: Profile) -> bool:
    """Tell whether a profile comes with the package."""
    return Path(profile.source).resolve().is_relative_to(documents.shipped("profiles").resolve())


def contracts_in_force(roles: Iterable[Role]) -> dict[str, Contract]:
    """Return the contracts that roles were read from, by class.

    The text is left out where the file is gone or another by now; a role that no file gave is passed over.
    """
    return {role.role_class: _contract(role) for role in roles if role.content_hash}


def _contract(role: Role) -> Contract:
    """Read a role's file, and the motions beside it, once more for their text."""
    try:
        text = documents.contract_text(Path(role.source))
    except ContractError:
        text = ""
    same = hashlib.sha256(text.encode()).hexdigest() == role.content_hash
    return Contract(role=role.role_class, content_hash=role.content_hash, text=text if same else "")
