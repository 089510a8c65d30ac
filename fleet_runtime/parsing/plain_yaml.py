"""Reads the plain part of YAML that profiles and frontmatter are written in, line by line. Gives up where unsure.

Keys with a single value, a folded text, a list of names, or a list of keys with values: nothing else. On any other
line it returns None, and `yamldata` reads the text instead; a property test holds that both say the same.
"""

from __future__ import annotations

import re
from typing import Final

from fleet_runtime.parsing.nodes import LONGEST, Fault, Mapping, Node, Scalar, Sequence

_ENTRY: Final = re.compile(r"( *)(- )?([A-Za-z_][A-Za-z0-9_-]{0,99}):(?: (.+))?")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_FOLDED: Final = ">-"
_STEP: Final = 2  # blanks that "- " takes


def read_data(text: str, first_line: int = 1) -> Mapping | Fault:
    """Read one YAML mapping, which begins on ``first_line`` of its file: plainly where that is sure."""
    plain = read_plain(text, first_line)
    if plain is not None:
        return plain
    from fleet_runtime.parsing.yamldata import read_yaml  # noqa: PLC0415 -- loads PyYAML, which most runs do without

    return read_yaml(text, first_line)


def read_plain(text: str, first_line: int = 1) -> Mapping | None:
    """Read YAML ``text``, which begins on ``first_line`` of its file, or return None where only YAML itself is sure."""
    if len(text) > LONGEST:
        return None
    lines = text.split("\n")
    if any(not line.isprintable() or line.endswith(" ") for line in lines):
        return None
    return _Reader(lines, first_line).read()


class _Reader:
    """Reads one text. ``at`` is the line that comes next."""

    def __init__(self, lines: list[str], first_line: int) -> None:
        self._lines = lines
        self._first = first_line
        self._at = 0

    def read(self) -> Mapping | None:
        """Read all entries, or None if one of them was unsure or a key came twice."""
        entries: dict[str, tuple[Scalar, Node]] = {}
        while (line := self._next()) is not None:
            sign = _ENTRY.fullmatch(line)
            if sign is None or sign[1] or sign[2] or sign[3] in entries:
                return None
            number = self._number()
            self._at += 1
            value = self._value(sign[4], number)
            if value is None:
                return None
            entries[sign[3]] = (Scalar(sign[3], number), value)
        found = tuple(entries.values())
        return Mapping(found, found[0][0].line) if found else None

    def _next(self) -> str | None:
        """Go to the next line that says something, and return it."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line and line.lstrip(" ")[0] != "#":
                return line
            self._at += 1
        return None

    def _number(self) -> int:
        """Return the present line's number in its file."""
        return self._first + self._at

    def _value(self, said: str | None, number: int) -> Node | None:
        """Read what stands behind a key at the margin, or below it."""
        if said is None:
            return self._list()
        if said == _FOLDED:
            return self._folded(number)
        if said.startswith("["):
            return _names(said, number)
        return _scalar(said, number)

    def _folded(self, number: int) -> Scalar | None:
        """Read a text of several lines that are joined; blank lines and deeper ones in it are not sure."""
        words: list[str] = []
        depth = 0
        while self._at < len(self._lines) and self._lines[self._at].startswith(" "):
            line = self._lines[self._at]
            bare = line.lstrip(" ")
            depth = depth or len(line) - len(bare)
            if len(line) - len(bare) != depth:
                return None
            words.append(bare)
            self._at += 1
        return Scalar(" ".join(words), number) if words else None

    def _list(self) -> Sequence | None:
        """Read the items below a key: all of them have keys, with a single value each."""
        first = self._next()
        begin = _ENTRY.fullmatch(first) if first is not None else None
        if begin is None or not begin[2]:
            return None
        number, depth = self._number(), len(begin[1])
        items: list[Node] = []
        while (line := self._next()) is not None and line.startswith(" " * depth + "- "):
            item = self._item(depth)
            if item is None:
                return None
            items.append(item)
        return Sequence(tuple(items), number)

    def _item(self, depth: int) -> Mapping | None:
        """Read one item of a list whose signs stand at ``depth``."""
        number = self._number()
        entries: list[tuple[Scalar, Node]] = []
        while (line := self._next()) is not None:
            sign = _ENTRY.fullmatch(line)
            begins = sign is not None and sign[2] is not None and len(sign[1]) == depth
            goes_on = sign is not None and sign[2] is None and len(sign[1]) == depth + _STEP
            if not (goes_on if entries else begins):
                break
            value = _scalar(sign[4] or "", self._number()) if sign is not None else None
            if sign is None or value is None:
                return None
            entries.append((Scalar(sign[3], self._number()), value))
            self._at += 1
        return Mapping(tuple(entries), number) if entries else None


def _scalar(said: str, number: int) -> Scalar | None:
    """Take a single value that begins like a word or a number and holds no sign of YAML's."""
    plain = said[:1].isascii() and said[:1].isalnum() and ": " not in said and " #" not in said and said[-1] != ":"
    return Scalar(said, number) if plain else None


def _names(said: str, number: int) -> Sequence | None:
    """Read ``[one, another]``."""
    if not said.endswith("]"):
        return None
    names = said[1:-1].split(", ")
    if any(_NAME.fullmatch(name) is None for name in names):
        return None
    return Sequence(tuple(Scalar(name, number) for name in names), number)
