"""The brief as a document: its sections in their order, filled within a token budget. Knows no account's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from fleet_runtime.contracts import Value
from fleet_runtime.dates import say_date
from fleet_runtime.lexical import tokens
from fleet_runtime.records import Moment

TITLES = (
    *("Who they are", "Goals", "Health", "Renewal", "People", "Open commitments", "Hand-offs", "Risks"),
    *("Contradictions", "What changed", "Earlier quarters", "Unknown"),
)
"""The sections in the order in which they stand."""

_WEIGHTIEST_FIRST = (
    *("Renewal", "Goals", "Health", "Risks", "People", "Open commitments", "Who they are", "Contradictions"),
    *("What changed", "Unknown", "Hand-offs", "Earlier quarters"),
)
_SAMPLE = " " * 1000
_CHARACTERS_PER_TOKEN = len(_SAMPLE) // tokens(_SAMPLE)


class BriefLine(Value):
    """One dated statement; ``cites`` are the ids of the facts, events or commitments it rests on."""

    text: str
    cites: tuple[str, ...] = ()

    def markdown(self) -> str:
        """Give the line as a bullet with its ids."""
        return f"- {self.text} [{', '.join(self.cites)}]" if self.cites else f"- {self.text}"


class BriefSection(Value):
    """One section of a brief; it is left out where it has no lines."""

    title: str
    lines: tuple[BriefLine, ...]


class Brief(Value):
    """An account's summary as of a moment."""

    account: str
    as_of: Moment
    sections: tuple[BriefSection, ...]

    def markdown(self) -> str:
        """Give the brief as Markdown, ending in a line break."""
        rows = [f"# {self.account}: account brief as of {say_date(self.as_of.date())}"]
        for section in self.sections:
            rows += ["", f"## {section.title}", *(line.markdown() for line in section.lines)]
        return "\n".join(rows) + "\n"


def fitted(account: str, moment: datetime, lines: Mapping[str, Sequence[BriefLine]], *, token_budget: int) -> Brief:
    """Fill a brief section by section, the weightiest first, until the budget is spent.

    Args:
        account: The account's id.
        moment: As of when.
        lines: The lines by section, each section's weightiest first. The first that does not fit ends its section.
        token_budget: The most that the Markdown may take.
    """
    room = token_budget * _CHARACTERS_PER_TOKEN
    room -= len(Brief(account=account, as_of=moment, sections=()).markdown())
    kept: dict[str, tuple[BriefLine, ...]] = {}
    for title in _WEIGHTIEST_FIRST:
        taken: list[BriefLine] = []
        heading = len(f"\n## {title}\n")
        for line in lines.get(title, ()):
            cost = len(line.markdown()) + 1 + (0 if taken else heading)
            if cost > room:
                break
            room -= cost
            taken.append(line)
        if taken:
            kept[title] = tuple(taken)
    sections = tuple(BriefSection(title=title, lines=kept[title]) for title in TITLES if title in kept)
    return Brief(account=account, as_of=moment, sections=sections)
