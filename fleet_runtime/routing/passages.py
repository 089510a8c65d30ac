"""What each line of the staff's contracts says, for whom, and where it stands. Compares nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from fleet_runtime.contracts import Role
from fleet_runtime.routing.rules import Rule, place
from fleet_runtime.routing.weights import shipped_background

PassageKind = Literal[
    "line",
    "example",
    "edge",
    "handed_example",
    "memory",
    "refusal",
    "refused_example",
    "small_talk",
    "news",
    "elsewhere",
]
Owner = str | int
"""Who a passage speaks for: a role (its class), a rule (its number), or the background (its kind)."""

GROUPS: Final[dict[PassageKind, str]] = {
    "line": "line",
    "memory": "line",
    "example": "example",
    "handed_example": "example",
    "edge": "edge",
    "refusal": "line",
    "refused_example": "example",
    "small_talk": "example",
    "news": "example",
    "elsewhere": "example",
}
"""How each kind is looked at: as a line about an owner, as a message of its own, or as what others say of it."""
STRENGTHS: Final[dict[PassageKind, float]] = {"memory": 0.3, "edge": 0.5}
"""How much a passage of that kind teaches about its owner, against 1."""

_VALUE_BLANK = "..."  # stands in a memory sentence where the value would


class Passage(NamedTuple):
    """One text with all that it speaks for, and ``file:line``.

    Kinds: ``line`` mandate or summary; ``example`` a message of the role's own; ``edge`` and ``handed_example`` what
    another role hands to it; ``memory`` a fact it keeps; ``refusal`` and ``refused_example`` what a rule refuses;
    ``small_talk`` and ``news`` go with whoever holds the conversation; ``elsewhere`` is no work of any company role.
    """

    text: str
    where: str
    speaks_for: tuple[tuple[Owner, PassageKind], ...]


_Labelled = tuple[str, str, Owner, PassageKind]


def passages_of(roles: Sequence[Role], rules: Sequence[Rule], elsewhere: Sequence[str] = ()) -> tuple[Passage, ...]:
    """Read the contracts, the background and what else is nobody's; each text once, with all that it speaks for."""
    found: dict[str, tuple[str, list[tuple[Owner, PassageKind]]]] = {}
    for text, where, owner, kind in (*_of_roles(roles), *_of_rules(rules), *_of_background(elsewhere)):
        found.setdefault(text, (where, []))[1].append((owner, kind))
    return tuple(Passage(text, where, tuple(dict.fromkeys(labels))) for text, (where, labels) in found.items())


def _of_roles(roles: Sequence[Role]) -> Iterator[_Labelled]:
    """Give the roles' own lines: summary, mandate, the facts they keep, and the examples of their work."""
    for role in roles:
        owner = role.role_class
        if role.summary:
            yield role.summary, place(role, 0), owner, "line"
        for item in role.mandate:
            yield str(item), place(role, item.line), owner, "line"
        for key in role.memory:
            yield key.say(_VALUE_BLANK), place(role, key.line), owner, "memory"
            yield f"what is our {key.name.replace('_', ' ')}?", place(role, key.line), owner, "memory"
        for example in role.examples:
            yield example, place(role, 0), owner, "example"


def _of_rules(rules: Sequence[Rule]) -> Iterator[_Labelled]:
    """Give what each rule refuses, which speaks for the roles that it names as owners too."""
    for number, rule in enumerate(rules):
        owners = rule.owners if rule.resolved_by in ("name", "domain") else ()
        refusal = rule.refuses or rule.text
        yield refusal, rule.where, number, "refusal"
        for owner in owners:
            yield refusal, rule.where, owner, "edge"
        for example in rule.examples:
            yield example, rule.where, number, "refused_example"
            for owner in owners:
                yield example, rule.where, owner, "handed_example"


def _of_background(elsewhere: Sequence[str]) -> Iterator[_Labelled]:
    """Give the texts that belong to no role."""
    for text in elsewhere:
        yield text, "", "elsewhere", "elsewhere"
    for kind, texts in shipped_background().items():
        for text in texts:
            yield text, "", kind, kind
