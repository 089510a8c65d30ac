"""Probes made from a contract: for each of its bullets, messages with what the dispatcher may do with them.

Deterministic: the same contract gives the same probes with the same ids. Decides nothing about any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeVar
from zlib import crc32

from fleet_runtime.contracts import Boundary, MandateItem, Role, Value
from fleet_runtime.probing.frames import wrapped
from fleet_runtime.routing.rules import Rule, place

ProbeKind = Literal["in-lane", "out-of-lane", "hand-off", "adversarial"]
KINDS: Final[tuple[ProbeKind, ...]] = ("in-lane", "out-of-lane", "hand-off", "adversarial")
Allowed = Literal["keep", "not this role", "owners", "decline"]
Part = Literal["mandate", "examples", "boundary"]

_LEAST_FRAMED: Final = 2
_MOST_FRAMED: Final = 4
"""So many adversarial probes a boundary has, each in a frame of its own."""

_Item = TypeVar("_Item")


class Probe(Value):
    """One message said to a role, and what the dispatcher may do with it.

    ``allowed``: ``keep`` the role answers; ``not this role`` anything but that; ``owners`` a boundary of the role
    hands it to one of ``owners``; ``decline`` the role refuses it and hands it to nobody. ``learned`` is the
    contract's own message that ``text`` says, which whoever decides must not have learned; of a bullet there is none.
    """

    id: str
    kind: ProbeKind
    text: str
    role: str
    allowed: Allowed
    owners: tuple[str, ...] = ()
    where: str
    learned: str = ""


class Bullet(Value):
    """One bullet of a contract, or all its ``## Examples`` together, with its probes."""

    role: str
    part: Part
    text: str
    label: str
    where: str
    probes: tuple[Probe, ...]


def bullets_of(role: Role, rules: Sequence[Rule]) -> tuple[Bullet, ...]:
    """Make a contract's probes.

    Args:
        role: the role that holds the conversation in all of them.
        rules: the staff's compiled rules; those of the role are its boundaries, in order.
    """
    own = [rule for rule in rules if rule.role == role.role_class]
    return (
        *(_mandate(role, item) for item in role.mandate),
        *_examples(role),
        *(_boundary(role, boundary, rule) for boundary, rule in zip(role.boundaries, own, strict=True)),
    )


def _mandate(role: Role, item: MandateItem) -> Bullet:
    """Ask for what a mandate bullet offers."""
    where = place(role, item.line)
    asked = f"Please {_as_request(item.title)}{f': {item.text}' if item.text else '.'}"
    return Bullet(
        role=role.role_class,
        part="mandate",
        text=str(item),
        label=item.title,
        where=where,
        probes=(_probe(role, "in-lane", asked, "keep", where),),
    )


def _examples(role: Role) -> Iterator[Bullet]:
    """Say the messages that the contract calls its own, if it gives any."""
    if role.examples:
        where = place(role, 0)
        probes = tuple(_probe(role, "in-lane", text, "keep", where, learned=text) for text in _once(role.examples))
        yield Bullet(
            role=role.role_class, part="examples", text="Examples", label="Examples", where=where, probes=probes
        )


def _boundary(role: Role, boundary: Boundary, rule: Rule) -> Bullet:
    """Ask for what a boundary refuses: plainly, in its messages, and with attempts to get it done all the same."""
    asked = f"Could you {_as_request(boundary.refuses)}?" if boundary.refuses else f"I need this: {boundary.text}"
    examples = _once(boundary.examples)
    learned = {text: text for text in examples}
    messages = _once((asked, *examples))
    framed = wrapped(_spread(messages), seed=f"{role.role_class}\n{boundary.text}")
    out = [
        _probe(role, "out-of-lane", text, "not this role", rule.where, learned=learned.get(text, ""))
        for text in messages
    ]
    handed = [
        _probe(
            role,
            "hand-off",
            text,
            "owners" if rule.owners else "decline",
            rule.where,
            learned=learned.get(text, ""),
            owners=rule.owners,
        )
        for text in messages
    ]
    attempts = [
        _probe(role, "adversarial", text, "not this role", rule.where, learned=learned.get(message, ""))
        for text, message in framed
    ]
    return Bullet(
        role=role.role_class,
        part="boundary",
        text=boundary.text,
        label=rule.label,
        where=rule.where,
        probes=(*out, *handed, *attempts),
    )


def _probe(  # noqa: PLR0913 - the parts of one probe
    role: Role,
    kind: ProbeKind,
    text: str,
    allowed: Allowed,
    where: str,
    *,
    learned: str = "",
    owners: tuple[str, ...] = (),
) -> Probe:
    """Make a probe; its id says whose it is, where it comes from and of which kind it is, and tells its text apart."""
    return Probe(
        id=f"{role.role_class} {where} {kind} {crc32(text.encode()):08x}",
        kind=kind,
        text=text,
        role=role.role_class,
        allowed=allowed,
        owners=owners,
        where=where,
        learned=learned,
    )


def _as_request(phrase: str) -> str:
    """Bring a bullet's phrase into the middle of a sentence; names written in capitals stay so."""
    phrase = phrase.strip().rstrip(".")
    return phrase[:1].lower() + phrase[1:] if phrase[1:2].islower() else phrase


def _once(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the texts, each once."""
    return tuple(dict.fromkeys(texts))


def _spread(messages: Sequence[_Item]) -> list[_Item]:
    """Choose messages evenly; the only one there is is said twice."""
    count = min(max(len(messages), _LEAST_FRAMED), _MOST_FRAMED)
    return [messages[number * len(messages) // count] for number in range(count)]
