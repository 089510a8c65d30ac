"""Decide whether a line of what was really done tells a claimed deed in other words. It judges no reply.

A line is what was done this turn, a tool's answer that says it went well ("tool add_note -> ok"), or a past entry of
the record. The deed must be of the same small family of acts, and be done to the same person or thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from fleet_runtime.guarding.deeds import is_done
from fleet_runtime.guarding.evidence import Support
from fleet_runtime.lexical import stem, stems, words

_WENT_WELL = re.compile(
    r"->\s*(?:[a-z]+\s+)?(?:ok|okay|delivered|saved|done|sent|created|booked|stored)\b", re.IGNORECASE
)
_DATED = re.compile(r"\W*(?P<day>\d{4}-\d{2}-\d{2})\b(?P<rest>.*)", re.DOTALL)
_SPOKEN = re.compile(r"[^:]{1,40}:\s+(?:\w+\s+){0,6}(?:we|i|you|my|our|us|please|can|could)\b", re.IGNORECASE)
_TOWARDS = re.compile(r"\b(?:her|him|them)\b", re.IGNORECASE)
_SHARED = 2
_FAMILIES = (
    (
        "send sent forward forwarded message mail email write wrote written remind reminded ask asked pass passed hand"
        " handed tell told relay relayed"
    ),
    "note noted record recorded add added put log logged list save saved enter entered create event calendar",
    "look looked read check checked get search searched fetch",
)


def is_retold(verb: str, clause: str, support: Support, *, abroad: bool = False) -> bool:
    """Tell whether a line says that something of the verb's family was done to what the clause speaks of.

    Args:
        verb: The verb of the claim, English, in any form.
        clause: What is claimed.
        support: The evidence.
        abroad: The clause is in another language than the lines; what it was done to cannot be compared then.
    """
    root = stem(verb.lower())
    family = next((group for group in _families() if root in group), None)
    if family is None:
        return False
    topic = frozenset(each for each in stems(clause) if each.isalpha()) - family
    talks = family is _families()[0]
    return any(
        family & held and (abroad or topic & held or (talks and _TOWARDS.search(clause) is not None))
        for held in _lines(support)
    )


def is_past_entry(verb: str, clause: str, support: Support) -> bool:
    """Tell whether an entry of the record that is dated before today tells the deed of the same things."""
    topic = frozenset(stems(clause))
    for text in support.statements():
        dated = _DATED.match(text)
        if not dated or dated["day"] >= support.today.isoformat() or _SPOKEN.match(dated["rest"]):
            continue
        held = frozenset(stems(dated["rest"], drop_stopwords=False))
        if is_done(verb, held) and len(topic & held) >= _SHARED:
            return True
    return False


def _lines(support: Support) -> Iterator[frozenset[str]]:
    """Yield the stems of each line that tells a deed; a tool's name counts by its words."""
    went_well = (text for text in support.statements() if _WENT_WELL.search(text))
    for text in (*support.evidence.done, *went_well):
        yield frozenset(stem(word) for word in words(text.replace("_", " ")))


@cache
def _families() -> tuple[frozenset[str], ...]:
    """Give the families by stem; made at the first question, so that importing costs nothing."""
    return tuple(frozenset(stem(word) for word in words(family)) for family in _FAMILIES)
