"""The organisation as its files give it: the roles in force by class, the profiles, and what reading complained of.

Pure: takes texts, reads no folder. A role file that is only context is read whole only when a checked
role could meet that role at work; otherwise its class and domain are all that is looked at.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from fleet_runtime.checking.places import peeked_class
from fleet_runtime.contracts import Profile, Role
from fleet_runtime.errors import UnknownProfile
from fleet_runtime.parsing import Complaint, glance, read_role
from fleet_runtime.parsing.allowances import Allowance, read_allowances
from fleet_runtime.parsing.names import file_stem
from fleet_runtime.parsing.profiles import read_profile

SHIPPED: Final = 0
"""The lowest layer; what lies above is a project's own."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file's text and where it stands.

    ``file`` is the name that is printed; ``layer`` counts from the shipped one, 0, upward;
    ``checked`` says that its findings are wanted, and not only its content. ``unreadable`` holds
    what kept the file from being read; its text is empty then. ``motions`` is the YAML that stands beside a role, as
    ``motions_file``, instead of its section.
    """

    file: str
    text: str
    layer: int = 1
    domain_hint: str | None = None
    kind: Literal["role", "profile"] = "role"
    checked: bool = True
    unreadable: Complaint | None = None
    motions: str | None = None
    motions_file: str = ""


@dataclass(frozen=True, slots=True)
class RoleFile:
    """A role file and what was read of it; ``role`` is None where it is broken, or was only glanced at."""

    source: Source
    role_class: str
    domain: str | None
    role: Role | None = None
    complaints: tuple[Complaint, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    glanced: bool = False

    @property
    def file(self) -> str:
        """Return the file's name as it is printed."""
        return self.source.file


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """A profile's file and what was read of it; ``profile`` is None where it is broken."""

    source: Source
    profile_id: str
    profile: Profile | None
    complaints: tuple[Complaint, ...]
    allowances: tuple[Allowance, ...]

    @property
    def file(self) -> str:
        """Return the file's name as it is printed."""
        return self.source.file


@dataclass(frozen=True, slots=True)
class Organisation:
    """All files, and which of them are in force.

    ``role_files`` and ``profile_files`` are all files, lowest layer first; ``roles`` are the files in
    force by class, read whole, glanced at or broken; ``profiles`` those in force by id. ``named`` is
    the profile that was asked for; ``staffing`` are those by which the checked roles are put to work.
    """

    role_files: tuple[RoleFile, ...]
    profile_files: tuple[ProfileFile, ...]
    roles: dict[str, RoleFile]
    profiles: dict[str, ProfileFile]
    named: ProfileFile | None
    staffing: tuple[ProfileFile, ...]

    def files(self) -> list[RoleFile | ProfileFile]:
        """Return all files, role files first."""
        return [*self.role_files, *self.profile_files]

    def in_force(self) -> list[tuple[RoleFile, Role]]:
        """Return the roles in force that were read whole, by class."""
        return [(file, file.role) for _, file in sorted(self.roles.items()) if file.role is not None]

    def is_given(self, role_class: str) -> bool:
        """Tell whether a role file gives a class; a broken file may mean the class that it is named after."""
        return role_class in self.roles or any(
            file_stem(file.file) == role_class for file in self.roles.values() if file.role is None and not file.glanced
        )

    def judged(self) -> list[tuple[ProfileFile, Profile]]:
        """Return the profiles whose staff is judged: the one asked for, else the checked project's own."""
        files = [self.named] if self.named else [file for file in self.profile_files if is_own(file.source)]
        return [(file, file.profile) for file in files if file.profile is not None]

    def reported(self) -> frozenset[str]:
        """Return the files whose findings are wanted: the checked ones, and those of the profile asked for."""
        checked = [file for file in self.files() if file.source.checked]
        files = {name for file in checked for name in (file.file, file.source.motions_file) if name}
        if self.named is not None:
            files.add(self.named.file)
            staffed = self.named.profile.classes() if self.named.profile else ()
            files.update(self.roles[name].file for name in staffed if name in self.roles)
        return frozenset(files)


def is_own(source: Source) -> bool:
    """Tell whether a checked file is the project's own, and not the shipped library's."""
    return source.checked and source.layer > SHIPPED


def organise(sources: Iterable[Source], *, profile: str | None = None, usual: str | None = None) -> Organisation:
    """Read the sources into an organisation.

    Args:
        sources: the files of all layers.
        profile: the profile asked for, whose staff is checked besides.
        usual: the profile that staffs the fleet where none is asked for and the project brings none.

    Raises: UnknownProfile with near ids if the profile asked for does not exist.
    """
    ordered = sorted(sources, key=lambda source: (source.layer, source.file))
    profile_files = tuple(_profile_file(source) for source in ordered if source.kind == "profile")
    profiles = {file.profile_id: file for file in profile_files}
    if profile is not None and profile not in profiles:
        near = difflib.get_close_matches(profile, profiles, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(sorted(profiles)) or 'none'}"
        raise UnknownProfile(f"no profile {profile[:64]!r}", hint=hint)
    named = profiles[profile] if profile is not None else None
    own = [file for file in profile_files if is_own(file.source)]
    staffing = [named] if named else own or ([profiles[usual]] if usual in profiles else [])
    seated = {name for file in staffing if file.profile for name in file.profile.classes()}
    files = [_read(source) if source.checked else _glanced(source) for source in ordered if source.kind == "role"]
    files = _met(files, seated)
    return Organisation(tuple(files), profile_files, _first_of_highest(files), profiles, named, tuple(staffing))


def _met(files: Sequence[RoleFile], seated: set[str]) -> list[RoleFile]:
    """Read those context files whole whose roles are seated, or named by a checked role, or by one so named."""
    found = list(files)
    wanted = {owner for file in found for owner in _owners(file)}
    while True:
        now = [number for number, file in enumerate(found) if file.glanced and file.role_class in wanted]
        if not now:
            break
        for number in now:
            found[number] = _read(found[number].source)
            wanted |= _owners(found[number])
    return [_read(file.source) if file.glanced and file.role_class in seated else file for file in found]


def _owners(file: RoleFile) -> set[str]:
    """Return the classes that a role's boundaries name."""
    return {owner for boundary in file.role.boundaries for owner in boundary.owners} if file.role else set()


def _read(source: Source) -> RoleFile:
    """Read a role file whole."""
    if source.unreadable is not None:
        return RoleFile(source, file_stem(source.file), source.domain_hint, None, (source.unreadable,))
    read = read_role(source.text, source=source.file, domain_hint=source.domain_hint)
    allowances = read_allowances(source.text) if "check:" in source.text else ()
    if read.role is None:
        seen = glance(source.text)
        role_class = seen.role_class if seen else peeked_class(source.text) or file_stem(source.file)
        domain = seen.domain if seen else source.domain_hint
        return RoleFile(source, role_class, domain, None, read.complaints, allowances)
    return RoleFile(source, read.role.role_class, read.role.domain, read.role, read.complaints, allowances)


def _glanced(source: Source) -> RoleFile:
    """Take a role file's class and domain from its head, where that is plain; else read it whole."""
    seen = glance(source.text)
    return RoleFile(source, seen.role_class, seen.domain, glanced=True) if seen else _read(source)


def _profile_file(source: Source) -> ProfileFile:
    """Read a profile's file; its id, as everywhere, is the file's name."""
    stem = file_stem(source.file)
    if source.unreadable is not None:
        return ProfileFile(source, stem, None, (source.unreadable,), ())
    read = read_profile(source.text, source=source.file)
    allowances = read_allowances(source.text) if "check:" in source.text else ()
    return ProfileFile(source, stem, read.profile, read.complaints, allowances)


def _first_of_highest(files: Sequence[RoleFile]) -> dict[str, RoleFile]:
    """Return the file in force of each class: the highest layer's, and in a layer the first."""
    roles: dict[str, RoleFile] = {}
    for file in files:
        other = roles.get(file.role_class)
        if other is None or file.source.layer > other.source.layer:
            roles[file.role_class] = file
    return roles
