"""Reads the YAML frontmatter of a role file, as Claude Code subagents write it. Invents nothing that is missing."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from fleet_runtime.parsing.complaints import ComplaintBook
from fleet_runtime.parsing.nodes import Fault, Mapping, Scalar, Sequence
from fleet_runtime.parsing.plain_yaml import read_data
from fleet_runtime.patterns import pattern

KEYS: Final = ("name", "description", "tools", "model", "class", "domain", "persistent_persona")

_FENCE: Final = re.compile(r"---[ \t]*")
_PLAIN: Final = pattern(r"(?P<key>[A-Za-z][\w-]*):\s*(?P<value>.*)")

_YAML_SIGNS: Final = ("&", "*", "!", "[", "{", "|", ">")


class Frontmatter(NamedTuple):
    """The values given, each with its line; a list (tools) is kept comma-joined."""

    values: tuple[tuple[str, Scalar], ...] = ()

    def get(self, key: str) -> Scalar | None:
        """Return the value of ``key``, or None where it is missing or empty."""
        return next((value for name, value in self.values if name == key and value.value.strip()), None)

    def tools(self) -> tuple[str, ...]:
        """Return the named tools in order."""
        given = self.get("tools")
        return tuple(tool.strip() for tool in given.value.split(",") if tool.strip()) if given else ()


def split_frontmatter(text: str, book: ComplaintBook, *, foreign: bool = False) -> tuple[Frontmatter, str]:
    """Return the frontmatter and the body; the body keeps its line numbers (blank lines stand in).

    In a ``foreign`` file, one to be imported, other keys than ours are left out with an info.
    """
    lines = text.split("\n")
    if not _FENCE.fullmatch(lines[0]):
        return Frontmatter(), text
    end = next((at for at, line in enumerate(lines[1:], 1) if _FENCE.fullmatch(line)), None)
    if end is None:
        book.add("bad-frontmatter", 1, "the frontmatter has no end", "close it with a line ---")
        return Frontmatter(), "\n".join(["", *lines[1:]])
    body = "\n".join([""] * (end + 1) + lines[end + 1 :])
    return _values(lines[1:end], book, foreign=foreign), body


def _values(lines: list[str], book: ComplaintBook, *, foreign: bool) -> Frontmatter:
    """Read the lines between the fences, and complain about keys that mean nothing here."""
    read = read_data("\n".join(lines), first_line=2)
    mapping = (_line_by_line(lines) or read) if isinstance(read, Fault) else read
    if isinstance(mapping, Fault):
        book.add("bad-frontmatter", mapping.line, mapping.message, "write one key: value a line")
        return Frontmatter()
    values: list[tuple[str, Scalar]] = []
    for key, node in mapping.entries:
        known = key.value in KEYS
        listed = isinstance(node, Sequence) and key.value == "tools"
        if foreign and not (known and (listed or isinstance(node, Scalar))):
            message = f"the key {key.value[:40]!r} is left out"
            book.add("ignored-frontmatter-key", key.line, message, f"known keys: {', '.join(KEYS)}")
        elif not known:
            book.add(
                "unknown-frontmatter-key", key.line, f"unknown key {key.value[:40]!r}", f"known keys: {', '.join(KEYS)}"
            )
        elif isinstance(node, Scalar):
            values.append((key.value, node))
        elif isinstance(node, Sequence) and key.value == "tools":
            names = [item.value for item in node.items if isinstance(item, Scalar)]
            values.append((key.value, Scalar(", ".join(names), node.line)))
        else:
            book.add("bad-frontmatter", key.line, f"{key.value!r} must be a single value", "write it as key: value")
    return Frontmatter(tuple(values))


def _line_by_line(lines: list[str]) -> Mapping | None:
    """Read ``key: any text`` lines where YAML gives up: subagents' descriptions hold colons unquoted."""
    entries: dict[str, tuple[Scalar, Scalar]] = {}
    for number, line in enumerate(lines, 2):
        match = _PLAIN.fullmatch(line)
        if match is None or match["key"] in entries or match["value"].startswith(_YAML_SIGNS):
            return None
        value = Scalar(match["value"].strip().strip("\"'"), number)
        entries[match["key"]] = (Scalar(match["key"], number), value)
    return Mapping(tuple(entries.values()), 2) if entries else None
