"""Reads YAML into plain nodes with line numbers. Builds no objects; aliases and deep nesting are refused."""

from __future__ import annotations

from typing import Final, Protocol

import yaml

from fleet_runtime.parsing.nodes import Fault, Mapping, Node, Scalar, Sequence

DEEPEST: Final = 8
LONGEST: Final = 12_288


class _Mark(Protocol):
    """A place in PyYAML's text; its class differs between the pure and the C reader."""

    line: int


def read_yaml(text: str, first_line: int = 1) -> Mapping | Fault:
    """Read one YAML mapping; ``first_line`` is the line on which ``text`` begins in its file."""
    if len(text) > LONGEST:
        return Fault(f"longer than {LONGEST} characters", first_line)
    try:
        node = _dangers(text, first_line) or _node(yaml.compose(text, Loader=yaml.SafeLoader), first_line)
    except yaml.MarkedYAMLError as error:
        return Fault(f"not YAML: {error.problem or error.context}", first_line + _row(error.problem_mark))
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        return Fault(f"not YAML: {str(error).splitlines()[0]}", first_line)
    if isinstance(node, Mapping):
        return _twice(node) or node
    return node if isinstance(node, Fault) else Fault("keys with values are wanted", node.line)


def _row(mark: _Mark | None) -> int:
    """Return the row of a place in the text, from 0."""
    return mark.line if mark else 0


def _dangers(text: str, first_line: int) -> Fault | None:
    """Walk the events, which costs no depth, for what would blow up when composed."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = first_line + _row(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            return Fault("aliases (*name) are not read", line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            return Fault(f"nested deeper than {DEEPEST}", line)
    return None


def _node(node: yaml.Node | None, first_line: int) -> Node | Fault:
    """Turn PyYAML's node into ours; no text at all is an empty mapping."""
    if node is None:
        return Mapping((), first_line)
    line = first_line + _row(node.start_mark)
    if isinstance(node, yaml.ScalarNode):
        return Scalar(str(node.value), line)
    if isinstance(node, yaml.SequenceNode):
        items = [_node(child, first_line) for child in node.value]
        fault = next((item for item in items if isinstance(item, Fault)), None)
        return fault or Sequence(tuple(item for item in items if not isinstance(item, Fault)), line)
    entries: list[tuple[Scalar, Node]] = []
    for left, right in node.value:
        key, value = _node(left, first_line), _node(right, first_line)
        if not isinstance(key, Scalar):
            return key if isinstance(key, Fault) else Fault("a key must be a single word", key.line)
        if isinstance(value, Fault):
            return value
        entries.append((key, value))
    return Mapping(tuple(entries), line)


def _twice(mapping: Mapping) -> Fault | None:
    """Find a key that is given twice."""
    seen: set[str] = set()
    for key, _ in mapping.entries:
        if key.value in seen:
            return Fault(f"the key {key.value!r} is given twice", key.line)
        seen.add(key.value)
    return None
