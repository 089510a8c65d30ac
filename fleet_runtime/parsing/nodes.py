"""What YAML says, as plain values with line numbers. Reads nothing."""

from __future__ import annotations

from typing import Final, NamedTuple

LONGEST: Final = 12_288
"""Characters of a text that is read at all."""


class Scalar(NamedTuple):
    """A single value, as text, whatever YAML would make of it."""

    value: str
    line: int


class Sequence(NamedTuple):
    """A list of nodes."""

    items: tuple[Node, ...]
    line: int


class Mapping(NamedTuple):
    """Keys with their nodes, in the file's order."""

    entries: tuple[tuple[Scalar, Node], ...]
    line: int


class Fault(NamedTuple):
    """Why a text is no YAML that we read, and on which line."""

    message: str
    line: int


Node = Scalar | Sequence | Mapping
