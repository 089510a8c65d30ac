"""What follows from a review: what to do next, and what nobody knows. Follows only from what is on record."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from fleet_runtime.products.citing import Cited, Phrase
from fleet_runtime.products.findings import CheckRow, ConcernView, HealthView
from fleet_runtime.products.standing import Contract, Person, Promise, Statement
from fleet_runtime.products.usage import Usage

_MOST: Final = 8
_TOLD_ABOVE: Final = frozenset({"sponsor", "champion", "goals"})
"""Items of readiness that are about what is told to be missing anyway."""

_PROPOSED_ABOVE: Final = frozenset({"promises"})
_PARTS: Final = {"Champion": "champion", "Executive sponsor": "executive sponsor"}

Said = Cited | Phrase | str
"""What a template can print."""


class Grounds(NamedTuple):
    """What conclusions are drawn from."""

    people: tuple[Person, ...]
    contract: Contract
    contact: Cited | None
    goals: tuple[Statement, ...]
    promises: tuple[Promise, ...]
    usage: Usage | None
    health: HealthView
    concerns: tuple[ConcernView, ...]
    checks: tuple[CheckRow, ...]
    differences: tuple[Cited, ...]


class Proposal(NamedTuple):
    """Something to do, who does it by role, and what it follows from."""

    what: Said
    owner: Said
    why: Said


def proposals(grounds: Grounds, role_title: str) -> tuple[Proposal, ...]:
    """Return what to do in the next quarter, the most pressing first.

    Args:
        grounds: what is on record.
        role_title: who does what is nobody else's.
    """
    return tuple(islice(_proposals(grounds, role_title), _MOST))


def unknowns(grounds: Grounds) -> tuple[Said, ...]:
    """Return what is not known, in sentences."""
    return (*_missing(grounds), *_unmeasured(grounds))


def gaps(grounds: Grounds) -> tuple[Said, ...]:
    """Return what of `unknowns` a customer can be asked for: people, goals, and what the contract says."""
    return tuple(_missing(grounds))


def _proposals(grounds: Grounds, role_title: str) -> Iterator[Proposal]:
    """Yield them: overdue promises of ours, what was found, open items of readiness, a goal where none is on record."""
    for one in grounds.promises:
        if one.state == "overdue" and one.side != "theirs":
            yield Proposal(Phrase("Settle what is overdue: ", one.task), one.owner, "it was promised")
    for found in grounds.concerns:
        if found.play is not None:
            yield Proposal(found.play, role_title, found.title)
    if not grounds.goals:
        yield Proposal("Agree on a goal with a figure and a date.", role_title, "no goal is on record")
    for row in grounds.checks:
        if row.state == "open" and row.name.lower() not in _PROPOSED_ABOVE:
            what = Phrase(f"Settle before the renewal: {row.name.lower()} (", row.says, ")")
            yield Proposal(what, row.owner, "it is open on the checklist")


def _missing(grounds: Grounds) -> Iterator[Said]:
    """Yield what is not on record of people, goals and contract, and where two sources part ways."""
    named = {person.part for person in grounds.people}
    for part, said in _PARTS.items():
        if part not in named:
            yield f"Who the {said} is: nobody is on record."
    if not grounds.goals:
        yield "What the account wants to reach: no goal is on record."
    if grounds.contract.renewal is None:
        yield "When the contract renews: no date is on record."
    if grounds.contract.seats is None:
        yield "How many seats there are: none are on record."
    yield from grounds.differences


def _unmeasured(grounds: Grounds) -> Iterator[Said]:
    """Yield what was not heard, measured or looked into."""
    if grounds.contact is None:
        yield "When we last spoke: no talk with the customer is on record."
    for row in grounds.checks:
        if row.state == "unknown" and row.name.lower() not in _TOLD_ABOVE:
            yield Phrase(f"{row.name}: ", row.says)
    if grounds.usage is None:
        yield "How much it is used: no weekly signals are on record."
    elif grounds.usage.missing is not None:
        of = f" of the last {grounds.usage.weeks} weeks: no data, which is not zero."
        yield Phrase("Use in ", grounds.usage.missing, of)
    if grounds.health.score is None:
        yield "How the account fares as a whole: too little is on record for a score."
    blank = [row.name.lower() for row in grounds.health.measures if row.score is None]
    if blank:
        yield f"These sides of health have no data: {', '.join(blank)}."
