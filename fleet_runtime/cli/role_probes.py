"""What ``fleet test-roles`` does: staffs roles, has them probed, holds them to what was agreed to, keeps recordings.

Judges nothing itself, and prints nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from fleet_runtime import documents
from fleet_runtime.batch import folder_staff
from fleet_runtime.checking.codes import BOUNDARY_GONE
from fleet_runtime.cli.text_vectors import embedded
from fleet_runtime.contracts import Role, Staff
from fleet_runtime.errors import ContractError, UnknownRole
from fleet_runtime.parsing.allowances import read_allowances
from fleet_runtime.ports import TextVectors
from fleet_runtime.probing import (
    Agreed,
    Bench,
    BrokenReference,
    Bullet,
    BulletResult,
    MutantResult,
    bullets_of,
    judge,
    judge_mutants,
    judge_references,
    mutants_of,
    read_recording,
    recorded,
    shipped_boundaries,
    texts_to_embed,
    write_recording,
)
from fleet_runtime.role_library import RoleLibrary
from fleet_runtime.routing import compile_rules
from fleet_runtime.settings import Settings
from fleet_runtime.staffing import load_staff

RECORDING: Final = "roles.probes.jsonl"
"""The recording that is found by itself, beside the folder of roles or in the working folder."""


@dataclass(frozen=True)
class Outcome:
    """What came of a test.

    ``argued`` are boundaries of a shipped contract that a project's leaves out for a reason that it gives; ``mutants``
    is None where none were made; ``by_words``: there were no vectors.
    """

    staff: Staff
    results: tuple[BulletResult, ...]
    broken: tuple[BrokenReference, ...]
    argued: tuple[BrokenReference, ...]
    mutants: tuple[MutantResult, ...] | None
    by_words: bool

    @property
    def failures(self) -> int:
        """Return how much does not hold: bullets, and what was agreed to before."""
        return sum(bool(result.failed) for result in self.results) + len(self.broken)


@dataclass(frozen=True)
class RoleTest:
    """A staff, which of its roles are tested, and what these were agreed to be before."""

    settings: Settings
    staff: Staff
    tested: tuple[Role, ...]
    former: tuple[Agreed, ...]
    shipped: tuple[Agreed, ...]

    @classmethod
    def of(  # noqa: PLR0913 - what the command line can say
        cls,
        settings: Settings,
        *,
        classes: Sequence[str],
        folder: Path | None,
        seated: bool,
        against: Path | None,
        anew: bool,
    ) -> Self:
        """Staff the roles and read what they are held to.

        Args:
            settings: where roles and profiles are.
            classes: the roles to test; by default the project's own, or where it has none all.
            folder: whose roles are the staff, all of them; None for the profile's staff.
            seated: the profile was asked for: its seats are tested besides.
            against: the recording to hold the roles to; by default the one that is found.
            anew: the probes will be recorded anew, so that the roles are not held to former ones.

        Raises: ContractError, UnknownProfile, UnknownRole.
        """
        staff = load_staff(settings) if folder is None else folder_staff(folder)
        library = RoleLibrary(documents.layers("roles", Path(settings.roles)))
        tested = _tested(staff, library, classes, every=folder is not None or seated)
        names = {role.role_class for role in tested}
        file = against or _found(Path(settings.roles))
        former = read_recording(documents.read_text(file), source=documents.shown(file)) if file else ()
        shipped = [
            agreed
            for role in tested
            if role.role_class in library and library.status(role.role_class) == "overridden"
            for agreed in shipped_boundaries(library.contracts(role.role_class)[0], staff)
        ]
        held = () if anew else tuple(one for one in former if one.bullet.role in names)
        return cls(settings, staff, tested, held, tuple(shipped))

    async def run(self, *, words_only: bool, mutants: bool) -> Outcome:
        """Make the probes, decide and judge them.

        Raises: MissingExtra, WeightsError if embeddings are demanded and cannot be had.
        """
        rules = compile_rules(self.staff)
        bullets = [bullet for role in self.tested for bullet in bullets_of(role, rules)]
        agreed = (*self.former, *self.shipped)
        vectors = None if words_only else await self._vectors([*bullets, *(one.bullet for one in agreed)])
        bench = Bench(self.staff, vectors)
        results = judge(bullets, bench)
        broken = judge_references(agreed, bench, self.staff)
        argued = tuple(one for one in broken if one.agreed.origin == "shipped" and self._argues(one.agreed.bullet.role))
        return Outcome(
            staff=self.staff,
            results=results,
            broken=tuple(one for one in broken if one not in argued),
            argued=argued,
            mutants=judge_mutants(mutants_of(results), bench) if mutants else None,
            by_words=vectors is None,
        )

    def keep(self, file: Path, outcome: Outcome) -> None:
        """Write the recording: the tested roles anew, others as a former recording in this file has them.

        Raises: ContractError if the file cannot be read or written.
        """
        names = {role.role_class for role in self.tested}
        former = read_recording(documents.read_text(file), source=documents.shown(file)) if file.exists() else ()
        kept = (*(one for one in former if one.bullet.role not in names), *recorded(outcome.results))
        text = write_recording(sorted(kept, key=lambda one: one.bullet.role))
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ContractError(
                f"cannot be written: {error.strerror}", hint="check the path", where=documents.shown(file)
            ) from error

    async def _vectors(self, bullets: Sequence[Bullet]) -> TextVectors | None:
        """Embed what is compared, if there are embeddings."""
        probes = [probe for bullet in bullets for probe in bullet.probes]
        return await embedded(texts_to_embed(self.staff, probes), self.settings)

    def _argues(self, role_class: str) -> bool:
        """Tell whether a contract says why it leaves out boundaries of the shipped one."""
        role = documents.find_role({role.role_class: role for role in self.staff.roles}, role_class)
        allowances = read_allowances(documents.read_text(Path(role.source)))
        return any(one.code == BOUNDARY_GONE and one.reason for one in allowances)


def _tested(staff: Staff, library: RoleLibrary, classes: Sequence[str], *, every: bool) -> tuple[Role, ...]:
    """Choose which roles are tested.

    Raises: UnknownRole for a class that is not staffed.
    """
    if classes:
        return tuple(_staffed(staff, library, name) for name in dict.fromkeys(classes))
    own = [role for role in staff.roles if role.role_class in library and library.status(role.role_class) != "baseline"]
    return staff.roles if every or not own else tuple(own)


def _staffed(staff: Staff, library: RoleLibrary, name: str) -> Role:
    """Return the role of a class.

    Raises: UnknownRole.
    """
    role = staff.get(name)
    if role is None and name in library:
        raise UnknownRole(f"{name} is not staffed", hint="name a profile that seats it, with --profile")
    return role or documents.find_role({role.role_class: role for role in staff.roles}, name)


def _found(roles: Path) -> Path | None:
    """Return the recording that stands beside the folder of roles, or in the working folder, if one does."""
    return next((file for file in (roles.with_name(RECORDING), Path(RECORDING)) if file.is_file()), None)
