"""Reads what a docstring says of a function and of its parameters: Google's ``Args:``, reST's ``:param``, or plain.

Knows no types: those stand in the signature.
"""

from __future__ import annotations

import inspect
import re
from typing import Final, NamedTuple

_HEADING: Final = re.compile(
    r"(?P<name>args|arguments|parameters|params|returns?|yields?|raises|examples?|notes?|warnings?|attributes):\s*",
    re.IGNORECASE,
)
_PARAMETERS: Final = frozenset({"args", "arguments", "parameters", "params"})
_ITEM: Final = re.compile(r"\*{0,2}`{0,2}(?P<name>\w+)`{0,2}\s*(?:\([^)]*\))?\s*:\s*(?P<text>.*)")
_FIELD: Final = re.compile(r":(?P<kind>\w+)(?:\s+(?P<words>[^:]*))?:\s*(?P<text>.*)")


class Said(NamedTuple):
    """What a docstring says: of the whole, and of each parameter, by name."""

    description: str
    parameters: dict[str, str]


def read_docstring(text: str | None) -> Said:
    """Read a docstring. What it says of results and errors is for people, and is left out."""
    lines = inspect.cleandoc(text or "").splitlines()
    end = next(
        (place for place, line in enumerate(lines) if _HEADING.fullmatch(line) or _FIELD.match(line)), len(lines)
    )
    description = "\n".join(lines[:end]).strip()
    return Said(description, _sections(lines[end:]) | _fields(lines[end:]))


def _sections(lines: list[str]) -> dict[str, str]:
    """Read the items of the sections for parameters: the shallowest lines begin one, deeper ones go on with it."""
    told: dict[str, str] = {}
    within, name, depth = False, "", 0
    for line in lines:
        heading = _HEADING.fullmatch(line)
        if heading:
            within, name, depth = heading["name"].lower() in _PARAMETERS, "", 0
        elif line.strip() and not line[0].isspace():
            within = False
        elif within and line.strip():
            indent = len(line) - len(line.lstrip())
            depth = depth or indent
            item = _ITEM.match(line.strip()) if indent <= depth else None
            if item:
                name = item["name"]
                told[name] = item["text"].strip()
            elif name:
                told[name] = f"{told[name]} {line.strip()}".strip()
    return told


def _fields(lines: list[str]) -> dict[str, str]:
    """Read ``:param type name: text`` and the indented lines that go on with it."""
    told: dict[str, str] = {}
    name = ""
    for line in lines:
        field = _FIELD.match(line)
        if field:
            words = (field["words"] or "").split()
            name = words[-1] if field["kind"] == "param" and words else ""
            if name:
                told[name] = field["text"].strip()
        elif name and line[:1].isspace():
            told[name] = f"{told[name]} {line.strip()}".strip()
        else:
            name = ""
    return told
