"""Which tools a role may use: what its contract's ``## Tools`` names, narrowed by what the turn grants.

It only ever narrows: no line of a contract and no grant brings in a tool that the fleet was not given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

from fleet_runtime.ports import Tool

_NAMED: Final = re.compile(r"\s*(?:`(?P<code>[^`]+)`|\*\*(?P<bold>[\w-]+)\*\*|(?P<bare>[\w*?\[\]!.-]+))")


def permitted(
    role_tools: Sequence[str], tools: Mapping[str, Tool], grant: Collection[str] | None = None
) -> tuple[Tool, ...]:
    """Return the tools that a role may use, in the order of its lines and, under a glob, by name.

    Args:
        role_tools: the lines of ``## Tools``: ``name``, `` `name` ``, ``name — what for``, or a glob (``crm_*``).
            A name that no tool has is passed over: its source may be absent.
        tools: all tools of the fleet, by name.
        grant: the only names that the turn may use, or None for whatever the role may.
    """
    names = dict.fromkeys(name for line in role_tools for name in _matching(line, tools))
    return tuple(tools[name] for name in names if grant is None or name in grant)


def unknown_tools(role_tools: Sequence[str], tools: Collection[str]) -> tuple[str, ...]:
    """Return the names and globs of ``## Tools`` lines that no tool of the fleet answers to, each once."""
    unknown = (_named(line) or line.strip() for line in role_tools if not _matching(line, tools))
    return tuple(dict.fromkeys(unknown))


def _matching(line: str, names: Collection[str]) -> list[str]:
    """Return the names that a line means: its own, or those under its glob, sorted."""
    wanted = _named(line)
    if wanted in names:
        return [wanted]
    return sorted(name for name in names if fnmatchcase(name, wanted))


def _named(line: str) -> str:
    """Return the name or glob at a line's beginning; empty if there is none."""
    found = _NAMED.match(line)
    return (found["code"] or found["bold"] or found["bare"]).strip() if found else ""
