"""The motions of contracts: whether each can be read, counts from a fact that is kept, and sends to somebody there is.

A mistake here would never be seen otherwise: a motion that is not understood simply never starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fleet_runtime.checking.codes import Finding, finding
from fleet_runtime.checking.organisation import Organisation, RoleFile
from fleet_runtime.contracts import Motion, Role
from fleet_runtime.motions.reading import read_motions
from fleet_runtime.parsing import DOMAINS

_OF_THE_CRM: Final = frozenset({"renewal_date", "go_live_date"})
"""Dates that an account has whether or not a role keeps them as facts."""

_CLASS: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def judge_motions(organisation: Organisation) -> Iterator[Finding]:
    """Find motions that cannot be read, dates that nobody keeps, and addressees that are nobody."""
    for file, role in organisation.in_force():
        source = file.source
        text = role.motions if source.motions is None else source.motions
        name = source.file if source.motions is None else source.motions_file
        if not text.strip():
            continue
        motions, complaints = read_motions(text, file=name, line=_line(file, role) if source.motions is None else 1)
        yield from (Finding(complaint, (source.file,)) for complaint in complaints)
        for motion in motions:
            yield from _judged(organisation, name, role, motion)


def _judged(organisation: Organisation, name: str, role: Role, motion: Motion) -> Iterator[Finding]:
    """Judge one motion."""
    fact = motion.trigger.fact
    if fact and fact not in _OF_THE_CRM and role.memory_key(fact) is None:
        yield finding(
            "motion-of-unknown-fact",
            name,
            motion.line,
            f"motion {motion.name!r} counts from {fact!r}, which the role does not keep",
            "declare it under ## Memory as a date, or correct the name",
        )
    to = motion.to
    if to and _CLASS.fullmatch(to) and to not in DOMAINS and not organisation.is_given(to):
        yield finding(
            "motion-to-nobody",
            name,
            motion.line,
            f"motion {motion.name!r} sends to {to!r}, which is no role and no domain",
            "name a role or a domain that exists; a person's name begins with a capital letter",
        )


def _line(file: RoleFile, role: Role) -> int:
    """Return the line on which a role's motions begin."""
    text = file.source.text.replace("\r\n", "\n").replace("\r", "\n")
    place = text.find(role.motions)
    return text.count("\n", 0, place) + 1 if place >= 0 else 1
