"""Role contracts and profiles as frozen values. Reads no files and knows no Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """Base of all values: frozen, closed, built by field name.

    A kind that few programs use says ``defer_build=True``: what checks it is made when one is first built.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class MandateItem(Value):
    """One thing that a role is there for."""

    title: str
    text: str
    line: int = 0

    def __str__(self) -> str:
        """Give the item as one sentence line."""
        return f"{self.title} — {self.text}" if self.text else self.title


class Boundary(Value):
    """One "Does NOT …" rule.

    ``refuses`` is the refused work without the words "Does NOT"; ``text`` is the whole bullet.
    ``owners`` are classes; ``owner_domain`` stands where the contract names a domain only;
    both are empty where nobody owns the work. ``examples`` are messages that fall under it.
    """

    text: str
    refuses: str
    owners: tuple[str, ...] = ()
    owner_domain: str | None = None
    examples: tuple[str, ...] = ()
    line: int = 0


MemoryKind = Literal["text", "date", "count", "money", "percent", "person"]


class MemoryKey(Value):
    """One kind of fact that a role keeps about an account.

    ``sentence`` holds ``{value}`` and says the fact plainly; ``aliases`` are words by which
    people ask for it.
    """

    name: str
    kind: MemoryKind = "text"
    sentence: str
    aliases: tuple[str, ...] = ()
    line: int = 0

    def say(self, value: str) -> str:
        """Say the fact with ``value``; plain substitution, never a template engine."""
        return self.sentence.replace("{value}", value)


class Trigger(Value, defer_build=True):
    """When a motion is due.

    ``cron``: by a calendar (five fields, UTC). ``date``: ``days`` after a fact's date (negative: before it), each a due
    date of its own. ``rule``: when a rule begins to hold (`fleet_runtime.health`). ``silence``: so many days after the
    last contact.
    """

    kind: Literal["cron", "date", "rule", "silence"]
    cron: str = ""
    fact: str = ""
    days: tuple[int, ...] = ()
    rule: str = ""


class Condition(Value, defer_build=True):
    """What must hold for a motion to be carried out; else it is moot. ``of`` is a fact's key, a measure or a signal."""

    of: str
    test: Literal["known", "is", "below", "above"]
    value: str = ""
    negated: bool = False


class Motion(Value, defer_build=True):
    """Proactive work that a role starts by itself.

    ``does`` are the steps in order: ``review``, ``check_renewal``, ``draft KIND`` (a work product), ``ask`` (a question
    to ``to``, worded by ``text``), ``hand_off`` (a packet to ``to``). ``approved_by`` names who must say yes before it
    goes out; empty: nobody. ``text`` is what the contract says of it, for people and for a model.
    """

    name: str
    trigger: Trigger
    when: tuple[Condition, ...] = ()
    does: tuple[str, ...]
    to: str = ""
    approved_by: str = ""
    text: str = ""
    line: int = 0


class Role(Value):
    """A parsed role contract. ``source`` and ``content_hash`` tie it to its file."""

    role_class: str = Field(validation_alias="class", serialization_alias="class")
    title: str
    domain: str | None = None
    persistent_persona: bool = False
    summary: str = ""
    persistence_reason: str = ""
    mandate: tuple[MandateItem, ...]
    boundaries: tuple[Boundary, ...]
    boundary_note: str = ""
    persona: str = ""
    doctrine: str = ""
    examples: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    memory: tuple[MemoryKey, ...] = ()
    motions: str = ""
    model: str | None = None
    source: str = ""
    content_hash: str = ""

    def memory_key(self, name: str) -> MemoryKey | None:
        """Return the declared key of that name, or None."""
        return next((key for key in self.memory if key.name == name), None)


RoleStatus = Literal["baseline", "overridden", "custom"]
"""Where a contract in force comes from: shipped, laid over a shipped one, or the project's own."""


class Seat(Value):
    """One staffed place of a profile."""

    role_class: str = Field(validation_alias="class", serialization_alias="class")
    reports_to: str | None = None
    multiplicity: int = Field(default=1, ge=1)


class Profile(Value):
    """A roster: which roles are staffed, who leads, who reports to whom."""

    id: str
    title: str
    description: str = ""
    lead: str
    floor: tuple[str, ...] = ()
    roster: tuple[Seat, ...]
    notes: str = ""
    source: str = ""

    def classes(self) -> tuple[str, ...]:
        """Return the staffed classes in the file's order, each once."""
        return tuple(dict.fromkeys(seat.role_class for seat in self.roster))


class Staff(Value):
    """The roles that are at work, with their profile; what routing and prompts look at.

    ``domains`` gives the domain of every class in the library, staffed or not: an owner who is not
    at work is stood in for by those of the same domain who are.
    """

    roles: tuple[Role, ...]
    lead: str
    profile: Profile | None = None
    domains: dict[str, str] = {}

    def get(self, role_class: str) -> Role | None:
        """Return the staffed role of that class, or None."""
        return next((role for role in self.roles if role.role_class == role_class), None)

    def in_domain(self, domain: str) -> tuple[Role, ...]:
        """Return the staffed roles of a domain, in roster order."""
        return tuple(role for role in self.roles if role.domain == domain)

    def joined_by(self, roles: Iterable[Role]) -> Staff:
        """Return this staff with the roles besides it that it does not have yet."""
        besides = tuple(role for role in roles if self.get(role.role_class) is None)
        return self.model_copy(update={"roles": (*self.roles, *besides)})

    def superiors(self, role_class: str) -> tuple[str, ...]:
        """Return who stands above a role, nearest first; a circle in the profile ends the walk."""
        above = {seat.role_class: seat.reports_to for seat in self.profile.roster} if self.profile else {}
        line: list[str] = []
        superior = above.get(role_class)
        while superior is not None and superior != role_class and superior not in line:
            line.append(superior)
            superior = above.get(superior)
        return tuple(line)

    def domain_lead(self, domain: str) -> str | None:
        """Return the staffed role of a domain that stands above the others of it; among equals nobody leads."""
        depth = {role.role_class: len(self.superiors(role.role_class)) for role in self.in_domain(domain)}
        highest = [name for name in depth if depth[name] == min(depth.values())]
        return highest[0] if len(highest) == 1 else None
