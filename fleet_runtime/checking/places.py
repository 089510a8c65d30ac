"""Finds the line of what a value no longer knows the place of: a marker, a seat, a heading, an example.

Looks at the raw text, and only when a finding is to be written. Where nothing is found the line is 1.
"""

from __future__ import annotations

import re
from typing import Final

from fleet_runtime.lexical import words

_CLASS: Final = re.compile(r"(?:^name|\bclass):\s*[\"']?(?P<name>[a-z][a-z0-9-]*)", re.MULTILINE)
_HEADING: Final = re.compile(r"^##[ \t]+(?P<title>[^\n#]+?)[ \t#]*$", re.MULTILINE)


def peeked_class(text: str) -> str | None:
    """Return the class that a broken role file most likely gives, or None."""
    heading = _HEADING.search(text)
    match = _CLASS.search(text, 0, heading.start() if heading else len(text))
    return match["name"] if match else None


def class_line(text: str, role_class: str) -> int:
    """Return the line on which a role file gives its class."""
    match = re.search(rf"(?:class|name):\s*[\"']?{re.escape(role_class)}(?![\w-])", text)
    return _line(text, match.start()) if match else 1


def key_line(text: str, key: str) -> int:
    """Return the line of a top-level key of a profile."""
    match = re.search(rf"^[\"']?{re.escape(key)}[\"']?[ \t]*:", text, re.MULTILINE)
    return _line(text, match.start()) if match else 1


def seat_line(text: str, role_class: str) -> int:
    """Return the line on which a profile seats a class."""
    match = re.search(rf"\bclass[\"']?[ \t]*:\s*[\"']?{re.escape(role_class)}(?![\w-])", text)
    return _line(text, match.start()) if match else 1


def heading_line(text: str, title: str) -> int:
    """Return the line of a section's heading."""
    for match in _HEADING.finditer(text):
        if match["title"].strip().rstrip(":").lower() == title:
            return _line(text, match.start())
    return 1


def longest_section_line(text: str) -> int:
    """Return the line of the heading whose section is the longest."""
    starts = [match.start() for match in _HEADING.finditer(text)]
    ends = [*starts[1:], len(text)]
    sizes = [(end - start, -start) for start, end in zip(starts, ends, strict=True)]
    return _line(text, -max(sizes)[1]) if sizes else 1


def message_lines(text: str, message: str) -> tuple[int, ...]:
    """Return the lines on which list items begin that say the message, in order; a wrapped item is found too."""
    wanted = words(message)
    found: list[int] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        bullet = re.match(r"\s*(?:[-*+]|\d+[.)])\s+", line)
        if bullet is None:
            continue
        said = words(line[bullet.end() :])
        following = number
        while len(said) < len(wanted) and following < len(lines) and re.match(r"\s+(?![-*+]\s)\S", lines[following]):
            said += words(lines[following])
            following += 1
        if said == wanted:
            found.append(number)
    return tuple(found)


def _line(text: str, at: int) -> int:
    """Return the line of a position."""
    return text.count("\n", 0, at) + 1
