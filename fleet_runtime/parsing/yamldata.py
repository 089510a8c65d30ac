"""Reads YAML into plain nodes with line numbers. Builds no objects; aliases and deep nesting are refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

import yaml

from fleet_runtime.parsing.nodes import LONGEST, Fault, Mapping, Node, Scalar, Sequence

DEEPEST: Final = 8


class _Mark(Protocol):
    """A place in PyYAML's text; its class differs between the pure and the C reader."""

    line: int


def read_yaml(text: str, first_line: int = 1) -> Mapping | Fault:
    """Read one YAML mapping; ``first_line`` is the line on which ``text`` begins in its file."""
    if len(text) > LONGEST:
        return Fault(f"longer than {LONGEST} characters", first_line)
    try:
        node = _Builder(first_line).built(yaml.parse(text, Loader=_loader()))
    except yaml.MarkedYAMLError as error:
        return Fault(f"not YAML: {error.problem or error.context}", first_line + _row(error.problem_mark))
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        return Fault(f"not YAML: {str(error).splitlines()[0]}", first_line)
    if isinstance(node, Mapping):
        return _twice(node) or node
    return node if isinstance(node, Fault) else Fault("keys with values are wanted", node.line)


def _loader() -> type[yaml.SafeLoader | yaml.CSafeLoader]:
    """Return PyYAML's reader in C where it is there, which is ten times as fast."""
    return yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def _row(mark: _Mark | None) -> int:
    """Return the row of a place in the text, from 0."""
    return mark.line if mark else 0


class _Open:
    """A list or mapping while its nodes are still coming; a mapping's keys and values come in turn."""

    def __init__(self, line: int, *, is_mapping: bool) -> None:
        self.line = line
        self.is_mapping = is_mapping
        self.nodes: list[Node] = []

    def closed(self) -> Node | Fault:
        """Make a node of it."""
        if not self.is_mapping:
            return Sequence(tuple(self.nodes), self.line)
        entries: list[tuple[Scalar, Node]] = []
        for key, value in zip(self.nodes[::2], self.nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                return Fault("a key must be a single word", key.line)
            entries.append((key, value))
        return Mapping(tuple(entries), self.line)


class _Builder:
    """Builds nodes of PyYAML's events, one pass and no recursion; what would blow up ends it."""

    def __init__(self, first_line: int) -> None:
        self._first_line = first_line

    def built(self, events: Iterable[yaml.Event]) -> Node | Fault:
        """Return the one document's node; no text at all is an empty mapping."""
        outer = _Open(self._first_line, is_mapping=False)
        opened = [outer]
        for event in events:
            line = self._first_line + _row(event.start_mark)
            node: Node | Fault | None = None
            if isinstance(event, yaml.AliasEvent):
                return Fault("aliases (*name) are not read", line)
            if isinstance(event, yaml.DocumentStartEvent) and outer.nodes:
                return Fault("not YAML: a second document", line)
            if isinstance(event, yaml.ScalarEvent):
                node = Scalar(str(event.value), line)
            elif isinstance(event, yaml.CollectionStartEvent):
                opened.append(_Open(line, is_mapping=isinstance(event, yaml.MappingStartEvent)))
            elif isinstance(event, yaml.CollectionEndEvent):
                node = opened.pop().closed()
            if len(opened) > DEEPEST + 1:
                return Fault(f"nested deeper than {DEEPEST}", line)
            if isinstance(node, Fault):
                return node
            if node is not None:
                opened[-1].nodes.append(node)
        return outer.nodes[0] if outer.nodes else Mapping((), self._first_line)


def _twice(mapping: Mapping) -> Fault | None:
    """Find a key that is given twice."""
    seen: set[str] = set()
    for key, _ in mapping.entries:
        if key.value in seen:
            return Fault(f"the key {key.value!r} is given twice", key.line)
        seen.add(key.value)
    return None
