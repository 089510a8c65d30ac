"""What YAML says, as plain values with line numbers. Reads nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value, as text, whatever YAML would make of it."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of nodes."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their nodes, in the file's order."""

    entries: tuple[tuple[Scalar, Node], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text is no YAML that we read, and on which line."""

    message: str
    line: int


Node = Scalar | Sequence | Mapping
