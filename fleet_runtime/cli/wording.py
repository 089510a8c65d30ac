"""Puts values into the words and forms that commands print: replies, decisions, roles. Prints nothing."""

from __future__ import annotations

from collections.abc import Sequence

from fleet_runtime.cli.printing import day
from fleet_runtime.contracts import Role
from fleet_runtime.locking import changed_lines
from fleet_runtime.records import Fact, Reply, RoleChange


def role_change_line(change: RoleChange, account: str) -> str:
    """Say that a role is another than the account knew, and how to see and accept it."""
    count = f"{changed_lines(change.diff)} lines" if change.diff else "the contract"
    return (
        f"{change.role} has changed since {day(change.since)}, when {account} knew it: {count};"
        f" see: fleet lock --account {account}; accept: fleet lock --accept --account {account}"
    )


def role_json(role: Role) -> dict[str, object]:
    """Give a role in the form that other programs rely on."""
    return {
        "class": role.role_class,
        "title": role.title,
        "domain": role.domain,
        "persistent_persona": role.persistent_persona,
        "mandate": [str(item) for item in role.mandate],
        "boundaries": [
            {"text": rule.text, "owners": list(rule.owners), "owner_domain": rule.owner_domain, "line": rule.line}
            for rule in role.boundaries
        ],
        "examples": list(role.examples),
        "source": role.source,
    }


def hand_off_lines(reply: Reply) -> list[str]:
    """Say who handed the turn to whom, and by which rule."""
    rule = f" ({reply.decision.rule.where})" if reply.decision.rule else ""
    return [f"{hop.from_role} → {hop.to_role}{f' ({hop.rule})' if hop.rule else rule}" for hop in reply.hand_offs]


def remembered_lines(reply: Reply) -> list[str]:
    """Say what was put on record, and what it replaces."""
    return [
        f"remembered: {fact.key} = {fact.value or 'nothing any more'}{_was(fact, reply.superseded)}"
        for fact in reply.learned
    ]


def _was(fact: Fact, superseded: Sequence[Fact]) -> str:
    """Name the value that a fact replaces, if it differs."""
    former = next((old.value for old in superseded if (old.subject, old.key) == (fact.subject, fact.key)), None)
    return f" (was {former})" if former and former != fact.value else ""
