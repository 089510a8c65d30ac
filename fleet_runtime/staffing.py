"""Staffs a profile from the layers of role files. Reads files through `documents`; judges no contract."""

from __future__ import annotations

from pathlib import Path

from fleet_runtime import documents
from fleet_runtime.contracts import Profile, Staff
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
    own = library.of_layers([folder for folder in folders if folder.resolve() != shipped])
    besides = tuple(role for role in own if staff.get(role.role_class) is None)
    return staff.model_copy(update={"roles": (*staff.roles, *besides)})


def _is_shipped(profile: Profile) -> bool:
    """Tell whether a profile comes with the package."""
    return Path(profile.source).resolve().is_relative_to(documents.shipped("profiles").resolve())
