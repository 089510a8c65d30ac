"""What the dispatcher is fitted on: labelled messages with the staff that each set of them is asked of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dispatch_data import DATA, Message, folds, load, load_staff, without
from pydantic import Field

from fleet_runtime.contracts import Boundary, MandateItem, Role, Staff, Value
from fleet_runtime.documents import layers, load_roles
from fleet_runtime.routing import taught

FOLDS = 5
TAUGHT_THE_ENCODER = frozenset({"agency", "faculty", "freight", "software_house"})
"""Organisations whose messages look nearer to their owners than a stranger's would: the encoder was trained on them."""
ORGANISATIONS = DATA / "organisations"
LIBRARY = DATA / "library"
DESK = DATA / "customer_desk_dev.jsonl"
FRONT_DOOR = DATA / "front_door_dev.jsonl"


class _BoundaryLine(Value):
    """A boundary as an organisation's file has it."""

    refuses: str
    owners: tuple[str, ...]


class _RoleLine(Value):
    """A role as an organisation's file has it."""

    name: str = Field(validation_alias="class")
    kind: str
    domain: str
    summary: str
    mandate: tuple[str, ...]
    boundaries: tuple[_BoundaryLine, ...]


class Case(NamedTuple):
    """Messages asked of one staff: ``source`` groups what must not be learned from together, ``weight`` counts it."""

    source: str
    staff: Staff
    elsewhere: tuple[str, ...]
    messages: tuple[Message, ...]
    weight: float


def cases(bench: Path | None) -> Iterator[Case]:
    """Give all sets to fit on: the invented organisations, the customer desk, the front door, and a bench if given.

    Messages of the other folds are examples, as a company's own would be; in the last fold of an organisation, and in
    one pass over the bench, there are none, so that roles without examples are learned too.
    """
    for file in sorted(ORGANISATIONS.glob("*.jsonl")):
        if file.stem in TAUGHT_THE_ENCODER:
            continue
        staff, messages = organisation(file)
        yield from _folded(file.stem, staff, messages, 0.5, bare_last=True)
    desk, messages = load_staff(None, "customer"), load(DESK)
    for _, measured in folds(messages, FOLDS, seed=1):
        yield Case("desk", without(desk, measured), (), tuple(measured), 1.5)
    yield Case("front door", shipped(), (), load(FRONT_DOOR), 0.3)
    if bench is not None:
        staff, messages = load_staff(bench / "roles", ""), load(bench / "dev.jsonl")
        yield from _folded("bench", staff, messages, 1.0, bare_last=False)
        yield Case("bench", staff, (), messages, 0.3)


def _folded(name: str, staff: Staff, messages: Sequence[Message], weight: float, *, bare_last: bool) -> Iterator[Case]:
    """Give one case a fold, taught by the others."""
    for number, (learned, measured) in enumerate(folds(messages, FOLDS, seed=0)):
        bare = bare_last and number == FOLDS - 1
        seen, elsewhere = (staff, ()) if bare else taught(staff, [message.labelled() for message in learned])
        yield Case(name, seen, elsewhere, tuple(measured), weight)


def shipped() -> Staff:
    """Staff every shipped role."""
    roles = tuple(load_roles(layers("roles", None)).values())
    domains = {role.role_class: role.domain for role in roles if role.domain}
    return Staff(roles=roles, lead="chief-of-staff", domains=domains)


def library_messages() -> tuple[Message, ...]:
    """Return the messages written for the shipped roles, beside those in their contracts."""
    return tuple(message for file in sorted(LIBRARY.glob("*.jsonl")) for message in _messages(file))


def organisation(file: Path) -> tuple[Staff, tuple[Message, ...]]:
    """Read an invented organisation: its roles, and messages to them."""
    lines = file.read_text(encoding="utf-8").splitlines()
    roles = tuple(_role(data) for data in map(json.loads, lines) if data["kind"] == "role")
    return Staff(roles=roles, lead=roles[0].role_class), _messages(file)


def _messages(file: Path) -> tuple[Message, ...]:
    """Read a file's messages, which are named by file and line."""
    lines = enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
    parsed = ((number, json.loads(line)) for number, line in lines)
    return tuple(
        Message.model_validate({"id": f"{file.stem}:{number}", **data})
        for number, data in parsed
        if data["kind"] != "role"
    )


def _role(data: dict[str, object]) -> Role:
    """Read one line as a role."""
    line = _RoleLine.model_validate(data)
    items = (item.partition(" — ") for item in line.mandate)
    return Role(
        role_class=line.name,
        domain=line.domain,
        title=line.name.replace("-", " ").capitalize(),
        summary=line.summary,
        mandate=tuple(MandateItem(title=title.strip("* "), text=text.strip()) for title, _, text in items),
        boundaries=tuple(
            Boundary(text=f"Does NOT {one.refuses}", refuses=one.refuses, owners=one.owners) for one in line.boundaries
        ),
    )
