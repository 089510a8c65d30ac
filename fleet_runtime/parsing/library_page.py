"""Writes the index of a role library: one table a domain. Lists what the contracts say; decides and reads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from fleet_runtime.contracts import Role
from fleet_runtime.parsing.names import DOMAINS

INDEX_FILE: Final = "LIBRARY.md"
"""The index's name in a roles folder; it is no contract, and no code reads it."""

_OPENING: Final = """# Role library

Generated from the contracts by `fleet roles index`: edit those, not this page. Nothing reads it but people.
"""
_COLUMNS: Final = ("| class | memory | what it is there for | hands over to |", "| --- | --- | --- | --- |")
_NO_DOMAIN: Final = "without a domain"
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s")


def write_library_page(roles: Iterable[Role]) -> str:
    """Return the page as Markdown: domains in their usual order, others behind, classes by name."""
    by_domain: dict[str, list[Role]] = {}
    for role in sorted(roles, key=lambda role: role.role_class):
        by_domain.setdefault(role.domain or _NO_DOMAIN, []).append(role)
    usual = [domain for domain in DOMAINS if domain in by_domain]
    others = sorted(domain for domain in by_domain if domain not in DOMAINS)
    return "\n".join([_OPENING, *(_table(domain, by_domain[domain]) for domain in (*usual, *others))])


def _table(domain: str, roles: list[Role]) -> str:
    """Write one domain's heading and rows."""
    return "\n".join([f"## {domain}", "", *_COLUMNS, *(_row(role) for role in roles), ""])


def _row(role: Role) -> str:
    """Write one role: what its contract's first sentence says of it, and whom its boundaries name."""
    memory = "lasting" if role.persistent_persona else "none"
    owners = dict.fromkeys(
        owner for rule in role.boundaries for owner in (rule.owners or (rule.owner_domain,)) if owner is not None
    )
    cells = (f"`{role.role_class}`", memory, _purpose(role), ", ".join(owners))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _purpose(role: Role) -> str:
    """Return the first sentence of the summary without the words that repeat the class."""
    first = _SENTENCE_END.split(role.summary, maxsplit=1)[0].rstrip(".")
    return re.sub(rf"^The {re.escape(role.role_class)} is\s+", "", first)
