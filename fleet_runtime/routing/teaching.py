"""Labelled messages written into the contracts, as if their authors had given them as examples.

Judges no label: a message that names roles nobody staffs teaches nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from fleet_runtime.contracts import Boundary, Role, Staff, Value
from fleet_runtime.routing.index import NOBODY


class Labelled(Value):
    """A message with the classes that own it (or ``none``), and the role that held the conversation, if one did."""

    text: str
    active_role: str | None = None
    expected: tuple[str, ...]


def taught(staff: Staff, labelled: Sequence[Labelled]) -> tuple[Staff, tuple[str, ...]]:
    """Add the messages to the staff's examples; return it with those that are nobody's work.

    A message that moved from the role that held it goes under the boundary that names its owner, where
    just one does, and else under the owner's own examples.
    """
    own: dict[str, list[str]] = {}
    under: dict[tuple[str, int], list[str]] = {}
    elsewhere: list[str] = []
    for message in labelled:
        if NOBODY in message.expected:
            elsewhere.append(message.text)
        for owner in message.expected:
            place = _boundary(staff, message.active_role, owner)
            if place is not None:
                under.setdefault(place, []).append(message.text)
            elif owner != NOBODY:
                own.setdefault(owner, []).append(message.text)
    roles = tuple(_with(role, own, under) for role in staff.roles)
    return staff.model_copy(update={"roles": roles}), tuple(dict.fromkeys(elsewhere))


def _boundary(staff: Staff, active: str | None, owner: str) -> tuple[str, int] | None:
    """Return the one boundary of the active role that names the owner, by its number, or None."""
    role = staff.get(active) if active is not None and active != owner else None
    named = [number for number, one in enumerate(role.boundaries) if owner in one.owners] if role else []
    return (role.role_class, named[0]) if role and len(named) == 1 else None


def _with(role: Role, own: dict[str, list[str]], under: dict[tuple[str, int], list[str]]) -> Role:
    """Return the role with its new examples."""
    boundaries = tuple(
        _more(boundary, under.get((role.role_class, number), ())) for number, boundary in enumerate(role.boundaries)
    )
    examples = tuple(dict.fromkeys((*role.examples, *own.get(role.role_class, ()))))
    return role.model_copy(update={"examples": examples, "boundaries": boundaries})


def _more(boundary: Boundary, texts: Sequence[str]) -> Boundary:
    """Return the boundary with more messages under it."""
    return boundary.model_copy(update={"examples": tuple(dict.fromkeys((*boundary.examples, *texts)))})
