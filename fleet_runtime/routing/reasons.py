"""Decisions in words for people: one verdict, one sentence, one line per piece of evidence. Decides nothing."""

from __future__ import annotations

from fleet_runtime.decisions import Stage, Verdict
from fleet_runtime.routing.index import Passage
from fleet_runtime.routing.rules import Rule

_QUOTED = 80  # characters of a message that a reason repeats


def verdict(choice: str | None, active: str | None, *, declined: bool) -> Verdict:
    """Name what happens to the message, seen from the role that held the conversation."""
    if declined:
        return "decline"
    if choice is None:
        return "nobody"
    if active is None:
        return "route"
    return "keep" if choice == active else "hand_off"


def line(passage: Passage, role: str) -> str:
    """Return a passage as evidence: where it stands, what it is, and its beginning."""
    kind = next(kind for owner, kind in passage.speaks_for if owner == role)
    said = {"edge": "handed to it", "line": "mandate"}.get(kind, kind)
    return f"{passage.where} ({said}): {shortened(passage.text)}"


def shortened(text: str) -> str:
    """Return a text on one line, cut at a word so that a sentence can quote it."""
    plain = " ".join(text.split())
    if len(plain) <= _QUOTED:
        return plain
    return f"{plain[:_QUOTED].rsplit(' ', 1)[0]} ..."


def sentence(
    wish: str,
    choice: str | None,
    rule: Rule | None,
    stage: Stage,
    *,
    active: str | None,
    refused_by: tuple[str, ...],
    declined: bool,
) -> str:
    """Say in one sentence why the message goes where it goes."""
    quote = f"'{shortened(wish)}'"
    if rule is not None:
        return f"{quote} falls under the boundary '{rule.label}' ({rule.where}), {_owned(rule, choice, refused_by, declined=declined)}"
    if choice is None:
        return f"no role here owns {quote}"
    if stage == "address":
        return f"{choice} was addressed, and none of its boundaries refuses {quote}"
    if stage == "owner":
        return f"{quote} stays with {choice}, who holds the conversation: none of its boundaries refuses it"
    held = f" rather than to {active}" if active and active != choice else ""
    return f"{quote} belongs to the mandate of {choice}{held}"


def _owned(rule: Rule, choice: str | None, refused_by: tuple[str, ...], *, declined: bool) -> str:
    """Say who owns what a rule refuses, and who takes it in the end."""
    if declined:
        return f"owned by nobody here: {choice} takes note and promises nothing"
    if choice is None:
        return "and no role here may take it"
    if choice not in rule.owners:
        return f"then under a boundary of {refused_by[-1]}, and comes to {choice}"
    if rule.resolved_by == "name":
        return f"owned by {choice}"
    if rule.resolved_by == "domain":
        return f"owned by {rule.owner_domain}, here by {choice}"
    return f"whose owner is not staffed; {choice} takes it as its {rule.resolved_by}"
