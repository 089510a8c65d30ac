"""Verbs by which one delivers or acts, grouped by what is done: "forwarded" is done where "passed on" was.

Data and its lookup only.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from fleet_runtime.lexical import stem, words

_IRREGULAR = (
    r"sent|put|made|done|set|built|told|spoke|spoken|(?:re)?(?:wrote|written)|took|taken|gave|given|brought|bought|paid|cut|ran|held"
    r"|shown|drawn|drew|chosen|chose|dealt|reset|redone|redid|begun|began|sought|spent|went\s+ahead|gone\s+ahead|got|run|let|left"
)
PAST = rf"(?P<verb>[a-z]{{2,}}ed|{_IRREGULAR})\b"
"""A pattern for a verb that tells a deed done, as the group ``verb``."""

ADVERBS = r"(?:(?:[a-z]+ly|also|then|now|just|already|since|both|and|today|yesterday)\s+)*"
"""A pattern for the small words that may stand before it."""

_GROUPS: tuple[str, ...] = (
    "note noted record recorded log logged write wrote written put keep kept save saved register document enter",
    (
        "pass passed hand handed forward escalate escalated transfer route relay raise raised bring brought carry"
        " carried flag flagged refer referred move share shared took take taken gave give given"
    ),
    "send sent email emailed mail share attach attached deliver provide give gave",
    "schedule book booked arrange set plan calendar organise organize",
    "fix fixed repair resolve resolved solve correct mend restore restored rectify",
    (
        "ask asked contact speak spoke spoken talk reach call called inform notify tell told alert update remind"
        " escalate checked"
    ),
    "check review look verify confirm investigate find found examine",
    "open opened create file raise raised submit start log",
    "change update adjust add enable upgrade apply extend assign grant set move moved",
    "change update adjust remove cancel reset disable delete set",
    "create created set",
    "move moved reschedule rescheduled postpone postponed shift shifted change",
    "approve grant agree accept refund credit waive sign reduce lower discount",
    "prepare draft build built make made write wrote compile",
    "build built ship release add launch develop implement deliver introduce roll deploy",
)


@lru_cache(maxsize=1)
def _stem_groups() -> tuple[frozenset[str], ...]:
    """Give the groups by stem; made at the first question, so that importing costs nothing."""
    return tuple(frozenset(stem(word) for word in words(group)) for group in _GROUPS)


def is_done(verb: str, done: Iterable[str]) -> bool:
    """Tell whether ``done`` (stems of what was really done) holds the verb, or one of its group."""
    own, known = stem(verb.lower()), frozenset(done)
    return own in known or any(own in group and group & known for group in _stem_groups())
