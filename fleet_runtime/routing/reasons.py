"""Decisions in words for people: one verdict, one sentence, one line per piece of evidence. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fleet_runtime.contracts import Value
from fleet_runtime.decisions import ResolvedBy, Stage, Verdict
from fleet_runtime.routing.passages import Passage
from fleet_runtime.routing.rules import Rule

_STANDING: Final[Mapping[ResolvedBy, str]] = {
    "domain lead": "the lead of that domain",
    "reporting line": "the superior",
    "lead": "the lead of all",
}
_QUOTED = 80  # characters of a message that a reason repeats


class Story(Value):
    """What came of a message: who takes it, who held it, who was addressed, who refused it and by which rule.

    ``declined``: the active role keeps the message without doing what it asks.
    """

    choice: str | None
    active: str | None
    addressed: str | None
    refused_by: tuple[str, ...]
    rule: Rule | None
    moved: bool
    declined: bool

    @property
    def verdict(self) -> Verdict:
        """Name what happens to the message, seen from the role that held the conversation."""
        if self.declined:
            return "decline"
        if self.choice is None:
            return "nobody"
        if self.active is None:
            return "route"
        return "keep" if self.choice == self.active else "hand_off"

    @property
    def stage(self) -> Stage:
        """Name the stage that decided."""
        if self.rule is not None:
            return "boundary"
        if self.choice is None:
            return "nobody"
        if self.moved:
            return "shortlist"
        if self.addressed is not None:
            return "address"
        return "owner" if self.active is not None else "shortlist"

    def sentence(self, wish: str) -> str:
        """Say in one sentence why the message goes where it goes."""
        quote = f"'{shortened(wish)}'"
        if self.rule is not None:
            return f"{quote} falls under the boundary '{self.rule.label}' ({self.rule.where}), {self._owned(self.rule)}"
        if self.choice is None:
            return f"no role here owns {quote}"
        if self.stage == "address":
            return f"{self.choice} was addressed, and none of its boundaries refuses {quote}"
        if self.stage == "owner":
            return f"{quote} stays with {self.choice}, who holds the conversation: none of its boundaries refuses it"
        held = f" rather than to that of {self.active}" if self.active and self.active != self.choice else ""
        return f"{quote} belongs to the mandate of {self.choice}{held}"

    def _owned(self, rule: Rule) -> str:
        """Say who owns what a rule refuses, and who takes it in the end."""
        if self.declined:
            return f"owned by nobody here: {self.choice} takes note and promises nothing"
        if self.choice is None:
            return "and no role here may take it"
        if self.choice not in rule.owners:
            return f"and in the end to {self.choice}"
        if rule.resolved_by == "name":
            return f"owned by {self.choice}"
        if rule.resolved_by == "domain":
            return f"owned by {rule.owner_domain}, here by {self.choice}"
        absent = " or ".join(rule.named) or rule.owner_domain
        return f"owned by {absent}, who is not staffed here: {self.choice} takes it as {_STANDING[rule.resolved_by]}"


def line(passage: Passage, role: str) -> str:
    """Return a passage as evidence for a role: where it stands, what it is, and its beginning."""
    kind = next(kind for owner, kind in passage.speaks_for if owner == role)
    said = {"edge": "handed to it", "line": "mandate"}.get(kind, kind)
    return f"{passage.where} ({said}): {shortened(passage.text)}"


def shortened(text: str) -> str:
    """Return a text on one line, cut at a word so that a sentence can quote it."""
    plain = " ".join(text.split())
    if len(plain) <= _QUOTED:
        return plain
    return f"{plain[:_QUOTED].rsplit(' ', 1)[0]} ..."
