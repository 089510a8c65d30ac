"""Whether the probes would notice: each boundary deleted in turn, in memory, and its probes asked again.

A boundary whose probes all the same hold without it is tested by nothing. Changes no file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from fleet_runtime.contracts import Value
from fleet_runtime.probing.bench import Bench
from fleet_runtime.probing.judging import BulletResult, failed_kinds, result_of
from fleet_runtime.probing.probes import Probe

Fate = Literal["killed", "survived", "failing already"]

_MESSAGES: Final = 12
"""So many of a boundary's messages are asked again, evenly chosen: more would not change which fails."""


class Mutant(Value):
    """The staff without one boundary: of a role, by its number, with what the boundary's probes did before."""

    role: str
    number: int
    owners: tuple[str, ...]
    before: BulletResult


class MutantResult(Value):
    """What became of a mutant: ``killed`` if its probes fail now. ``held`` counts those that still hold."""

    role: str
    where: str
    label: str
    fate: Fate
    held: int = 0
    probes: int = 0


def mutants_of(results: Sequence[BulletResult]) -> tuple[Mutant, ...]:
    """Make one mutant of every boundary; all boundaries of a role stand among the results in their order."""
    numbers: dict[str, int] = {}
    found: list[Mutant] = []
    for result in results:
        if result.bullet.part == "boundary":
            role = result.bullet.role
            number = numbers[role] = numbers.get(role, -1) + 1
            owners = {owner: None for probe in result.bullet.probes for owner in probe.owners}
            found.append(Mutant(role=role, number=number, owners=tuple(owners), before=result))
    return tuple(found)


def judge_mutants(mutants: Sequence[Mutant], bench: Bench) -> tuple[MutantResult, ...]:
    """Delete each boundary and ask its probes again.

    Building an index takes a second of a large staff, so boundaries that have nothing to do with each other are
    deleted together: of different roles, with no owner in common, and none leading to another's role.
    """
    found: dict[tuple[str, int], MutantResult] = {}
    sound = [mutant for mutant in mutants if not mutant.before.failed]
    for batch in _batches(sound):
        without = bench.without((mutant.role, mutant.number) for mutant in batch)
        for mutant in batch:
            results = [result_of(probe, without) for probe in _asked_again(mutant)]
            fate: Fate = "killed" if failed_kinds(results) else "survived"
            found[mutant.role, mutant.number] = _result(
                mutant, fate, held=sum(one.holds for one in results), probes=len(results)
            )
    return tuple(found.get((mutant.role, mutant.number)) or _result(mutant, "failing already") for mutant in mutants)


def _result(mutant: Mutant, fate: Fate, *, held: int = 0, probes: int = 0) -> MutantResult:
    """Say what became of a mutant."""
    bullet = mutant.before.bullet
    return MutantResult(role=mutant.role, where=bullet.where, label=bullet.label, fate=fate, held=held, probes=probes)


def _asked_again(mutant: Mutant) -> Iterator[Probe]:
    """Choose the probes that are asked again: of each kind but the framed ones, which say nothing new, a few."""
    for kind in ("out-of-lane", "hand-off"):
        probes = [probe for probe in mutant.before.bullet.probes if probe.kind == kind]
        count = min(len(probes), _MESSAGES)
        yield from (probes[number * len(probes) // count] for number in range(count))


def _batches(mutants: Sequence[Mutant]) -> list[list[Mutant]]:
    """Put mutants together that do not meet: each into the first batch that has none it meets."""
    batches: list[list[Mutant]] = []
    for mutant in mutants:
        free = next((batch for batch in batches if not any(_meet(mutant, other) for other in batch)), None)
        if free is None:
            batches.append([mutant])
        else:
            free.append(mutant)
    return batches


def _meet(one: Mutant, other: Mutant) -> bool:
    """Tell whether the roles at either end of two boundaries are partly the same."""
    return not {one.role, *one.owners}.isdisjoint((other.role, *other.owners))
