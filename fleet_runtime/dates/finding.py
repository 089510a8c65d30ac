"""Find the dates of a text: every form is looked for, and the longer reading wins. It never looks at the clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from fleet_runtime.dates.forms import FORMS, HINTS
from fleet_runtime.dates.mentions import DateMention, Prefer


def find_dates(text: str, said_at: datetime, prefer: Prefer = "nearest") -> tuple[DateMention, ...]:
    """Return the dates of ``text`` in their order; spans do not overlap, the longer reading wins.

    Args:
        text: What was said.
        said_at: When it was said; its calendar day resolves what is relative.
        prefer: Where to look for a year that was left out: the next such day ("future", for
            plans), the latest ("past"), or the closest.
    """
    hints = frozenset(name for name, hint in HINTS.items() if hint.search(text))
    if not hints:
        return ()
    found = sorted(
        _candidates(text, hints, said_at.date(), prefer),
        key=lambda mention: (mention.start, -mention.end),
    )
    kept: list[DateMention] = []
    for mention in found:
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return tuple(kept)


def _candidates(text: str, hints: frozenset[str], today: date, prefer: Prefer) -> Iterator[DateMention]:
    """Yield what each form finds by itself; overlaps are settled by the caller."""
    for pattern, read, hint in FORMS:
        for match in pattern.finditer(text) if hint in hints else ():
            found = read(match, today, _leaning(match, prefer))
            if found is None:
                continue
            value, precision, relative = found
            start, end = (
                match.start("span"),
                match.start("span") + len(match["span"].rstrip(" ,.")),
            )
            yield DateMention(
                start=start,
                end=end,
                text=text[start:end],
                value=value,
                precision=precision,
                relative=relative,
            )


def _leaning(match: re.Match[str], prefer: Prefer) -> Prefer:
    """Let "since" look back and "by", "until" look ahead, where the caller has no wish."""
    cue = (match.groupdict().get("cue") or "").lower()
    if prefer != "nearest" or not cue:
        return prefer
    return "past" if cue == "since" else "future" if cue in {"by", "until", "till", "before"} else prefer
