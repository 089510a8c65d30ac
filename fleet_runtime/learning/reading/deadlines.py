"""Read the day by which something is promised, and cut it off from the words of the task. Pure.

A day counts only where the calendar day itself is told; a month or a quarter is none, unless its end is meant.
"""

from __future__ import annotations

import re

from fleet_runtime.learning.reading.passages import CLOSE, OPEN, Passage

DATE = rf"{OPEN}d(?P<date>\d+){CLOSE}"
DUE = re.compile(
    r"[\s,;:(\[|/\u2013\u2014-]*(?:\b(?:and|all|with|to\s+be|done|finished|completed|delivered|ready|deadline|due|"
    r"target(?:ed)?|date|eta|by|before|until|till|(?:no|not)\s+later\s+than|at\s+the\s+latest|latest|on\s+or\s+before|"
    r"on|for|within|is|being|set|that|the|as|close\s+of\s+business|cob|eob|eod|end\s+of\s+day|end\s+of|in\s+time|"
    r"come|promised|needed|wanted|expected|agreed|timeline|timing|when)\b[\s:=,(]*)*"
    rf"{DATE}(?:\s*(?:at\s+the\s+latest|latest|or\s+(?:sooner|earlier)|is\s+the\s+(?:deadline|due\s+date|date)))?"
    r"[)\]]?",
    re.IGNORECASE,
)
FIRM = re.compile(r"\b(?:by|before|until|till|later than|latest|due|deadline|within|end of)\b", re.IGNORECASE)
EDGES = " \t\n,.;:!?|/()[]\u2013\u2014-\u2192>=*\u2022\"'"
LEADS_IN = re.compile(
    r"^(?:to|will|shall|has to|must|needs to|is to|that (?:he|she|they) (?:will|would))\s+", re.IGNORECASE
)
_TOLD_APART = re.compile(
    r"^[\s,;.\u2013\u2014-]*(?:and\s+)?(?:that\s+)?(?:(?:the|its|their|his|her|our|agreed|promised)\s+)*"
    r"(?:promise|due|deadline|target|date|timing|timeline|delivery|eta|it|it's|this|that|that's|they|he|she|we|all|"
    r"to\s+be|done|by|before|until|no\s+later|latest|promised|expected|needed|wanted|until)\b[^.;!?]{0,40}?"
    rf"(?:\b(?:by|before|until|till|than|within|for|is|was|of|date|due|deadline|target|eta)\b|[:=])\s*"
    rf"(?:the\s+)?{DATE}",
    re.IGNORECASE,
)
_SOON_TOLD = re.compile(
    rf"^[\s,;.\u2013\u2014-]*(?:and\s+)?you(?:'ll|\s+will)\s+(?:have|get|hear)\b[^.;!?{OPEN}]{{0,30}}{DATE}",
    re.IGNORECASE,
)
_ANOTHER_DAY = re.compile(r"\b(?:renew\w*|expir\w+|contract|since|invoice|meet\w*|call|started?)\b", re.IGNORECASE)


def exact_day(passage: Passage, number: int) -> str:
    """Return a date of the text as an ISO day; empty where only a period is told, and not its end."""
    mention = passage.planned[number]
    exact = mention.precision == "day" or "end of" in mention.text.lower()
    return mention.value.isoformat() if exact and mention.value is not None else ""


def due_within(passage: Passage, text: str) -> tuple[re.Match[str] | None, str]:
    """Return the first stretch that names a day by which, and that day; a day after "by" goes before any other."""
    days = [(match, day) for match in DUE.finditer(text) if (day := exact_day(passage, int(match["date"])))]
    firm = [(match, day) for match, day in days if FIRM.search(match[0])]
    return next(iter(firm or days), (None, ""))


def due_told_apart(passage: Passage, after: str) -> str:
    """Return the day that follows a promise in words of its own ("Due date is 1 June."); empty where none does."""
    match = _TOLD_APART.match(after) or _SOON_TOLD.match(after)
    if match is None or _ANOTHER_DAY.search(match[0]):
        return ""
    return exact_day(passage, int(match["date"]))
