"""The messages that contracts give as examples: whether there are enough, and none twice. Routes none of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleet_runtime.checking.codes import Finding, finding
from fleet_runtime.checking.lines import excerpt
from fleet_runtime.checking.organisation import Organisation, RoleFile
from fleet_runtime.checking.places import heading_line, message_lines
from fleet_runtime.contracts import Role

ENOUGH: Final = 16


def judge_examples(organisation: Organisation) -> Iterator[Finding]:
    """Find roles with few examples, and messages that stand twice."""
    own: dict[str, list[tuple[RoleFile, str]]] = {}
    for file, role in organisation.in_force():
        yield from _few(file, role)
        yield from _twice_in_one(file, role)
        for key, message in {_key(message): message for message in role.examples}.items():
            own.setdefault(key, []).append((file, message))
    for places in own.values():
        if len(places) > 1:
            yield from _twice_in_two(places)


def _key(message: str) -> str:
    """Return what makes two messages the same: their letters and words, not case or closing signs."""
    return " ".join(message.lower().split()).strip(" .!?,;")


def _few(file: RoleFile, role: Role) -> Iterator[Finding]:
    """Say that a role has too few examples for the dispatcher to learn from."""
    if len(role.examples) < ENOUGH:
        yield finding(
            "few-examples",
            file.file,
            heading_line(file.source.text, "examples"),
            f"{len(role.examples) or 'no'} examples; the dispatcher learns from {ENOUGH} or more",
            "add messages as people really write them under ## Examples, one a bullet",
        )


def _twice_in_one(file: RoleFile, role: Role) -> Iterator[Finding]:
    """Find messages that stand twice in a file, as examples of the role's own or under its boundaries."""
    messages = [*(message for boundary in role.boundaries for message in boundary.examples), *role.examples]
    first: dict[str, str] = {}
    said: set[str] = set()
    for message in messages:
        key = _key(message)
        if key not in first:
            first[key] = message
        elif key not in said:
            said.add(key)
            lines = sorted({*message_lines(file.source.text, first[key]), *message_lines(file.source.text, message)})
            before, here = (lines[0], lines[1]) if len(lines) > 1 else (1, 1)
            yield finding(
                "duplicate-example",
                file.file,
                here,
                f'"{excerpt(message)}" stands in line {before} already',
                "a message belongs to one place: keep it where the work is",
            )


def _twice_in_two(places: list[tuple[RoleFile, str]]) -> Iterator[Finding]:
    """Say in each of the files which other role has the same example."""
    for file, message in places:
        others = [(other, theirs) for other, theirs in places if other is not file]
        where = ", ".join(
            f"{other.role_class} ({other.file}:{example_line(other, theirs)})" for other, theirs in others[:2]
        )
        more = f" and {len(others) - 2} more" if len(others) > 2 else ""  # noqa: PLR2004 - as many as are named
        yield finding(
            "duplicate-example",
            file.file,
            example_line(file, message),
            f'"{excerpt(message)}" is an example of {where}{more} too',
            "a message belongs to one role: keep it there",
            also=tuple(other.file for other, _ in others),
        )


def example_line(file: RoleFile, message: str) -> int:
    """Return the line of one of a role's own examples: the last one that says it, as examples close a file."""
    return max(message_lines(file.source.text, message), default=1)
