"""The forms in which a line of a transcript names its speaker and its time. Knows nothing of the lines around it.

A line that names neither in a known form is nobody's: its reader takes it for a continuation. Where in doubt, a line
is a continuation: a wrong speaker is worse than a long turn.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NamedTuple

from fleet_runtime.importing.times import DATE, TIME, DateOrder, Unreadable, read_moment

_NAME: Final = r"[^\W_][^:\n\t\[\]<>]{0,59}?"
_ISO_JOINED: Final = r"\d{4}-\d{2}-\d{2}t\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:z|[+-]\d{2}:?\d{2})?"
_STAMP: Final = rf"(?:(?P<joined>{_ISO_JOINED})|(?P<date>{DATE})(?:(?:,|\s+at)?\s*(?P<clock>{TIME}))?|(?P<hour>{TIME}))"
_FORMS: Final = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # Zoom's chat: 09:30:12 From Dana Whitfield to Everyone: text
        rf"{_STAMP}\s+From\s+(?P<name>{_NAME})(?:\s+to\s+[^:]{{1,80}}?)?\s*:\s*(?P<text>.*)",
        # [2026-03-01 09:30] Dana: text, WhatsApp on iOS, Teams
        rf"[\[(]{_STAMP}[\])]\s*[-\u2013]?\s*(?:\*\*|~\s?)?(?P<name>{_NAME})(?:\*\*)?\s*:(?!//)\s*(?:\*\*)?\s*(?P<text>.*)",
        # 01/03/2026, 09:30 - Dana: text (WhatsApp on Android), 2026-03-01 09:30 Dana: text
        rf"{_STAMP}(?:\s+[-\u2013])?\s+(?:~\s?)?(?P<name>{_NAME})\s*:(?!//)\s+(?P<text>.*)",
        # 2026-03-01 09:30 | Dana | text
        rf"{_STAMP}\s*\|\s*(?P<name>{_NAME})\s*\|\s*(?P<text>.*)",
        # Dana Whitfield (09:31): text, Dana [2026-03-01 09:31]: text
        rf"(?:\*\*)?(?P<name>{_NAME})(?:\*\*)?\s*[(\[]{_STAMP}[)\]]\s*:?\s*(?P<text>.*)",
    )
)
_NOBODY: Final = (
    re.compile(rf"[\[(]{_STAMP}[\])]\s*(?P<text>.*)", re.IGNORECASE),
    re.compile(rf"{_STAMP}\s+[-\u2013]\s+(?P<text>.*)", re.IGNORECASE),
)
_HEADED: Final = re.compile(rf"(?:\*\*)?(?P<name>{_NAME})(?:\*\*)?(?:\s*,)?\s+{_STAMP}", re.IGNORECASE)
_PLAIN: Final = re.compile(rf"(?:\*\*)?(?P<name>{_NAME})\s*:(?!//)(?:\*\*)?(?:\s+(?P<text>.*))?")
_DAY: Final = re.compile(
    rf"[#*=_\s\u2013\u2014-]{{0,12}}(?:date\s*:\s*)?(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{{0,6}},?\s+)?"
    rf"(?P<date>{DATE})[#*=_:\s\u2013\u2014-]{{0,12}}",
    re.IGNORECASE,
)
_PARTICLES: Final = frozenset(
    ("van", "von", "der", "den", "de", "del", "della", "da", "di", "la", "le", "bin", "al", "of")
)
_SPEAKERS: Final = re.compile(
    r"(?:speaker|agent|customer|user|assistant|client|host|guest|caller|interviewer|moderator|operator|participant)"
    r"(?:\s?#?\d{1,3})?",
    re.IGNORECASE,
)
_NO_SPEAKERS: Final = frozenset(
    (
        *(
            "note",
            "notes",
            "action",
            "actions",
            "agenda",
            "summary",
            "attendees",
            "participants",
            "subject",
            "date",
            "time",
        ),
        *(
            "location",
            "todo",
            "http",
            "https",
            "fyi",
            "ps",
            "decision",
            "decisions",
            "topic",
            "topics",
            "re",
            "warning",
        ),
        *("conclusion", "background", "goal", "goals", "risk", "risks", "question", "answer", "example", "important"),
        *("action items", "to do", "update", "status", "issue", "issues", "duration", "title", "meeting", "transcript"),
    )
)
_WORDS_OF_A_NAME: Final = 5
_STAMPED: Final = re.compile(r"\d[:./-]\d|\d{4}")
"""What every date and every time has, and most lines have not."""
_LONGEST_HEAD: Final = 300
"""Characters of a line in which its speaker and time are looked for."""


class Spoken(NamedTuple):
    """Who speaks in a line and when, as far as it says so; ``text`` may follow on the next lines."""

    speaker: str
    date: str
    clock: str
    text: str


def spoken(line: str) -> Spoken | None:
    """Read the head of a line; None if it has none."""
    head, rest = line[:_LONGEST_HEAD], line[_LONGEST_HEAD:]
    return (_timed(head, rest) if _STAMPED.search(head) else None) or _untimed(head, rest)


def _timed(head: str, rest: str) -> Spoken | None:
    """Read the head of a line in which a date or a time stands."""
    for form in _FORMS:
        found = form.fullmatch(head)
        if found is not None:
            return _spoken(found, found["name"], found["text"] + rest)
    for form in _NOBODY:
        found = form.fullmatch(head)
        if found is not None:
            return _spoken(found, "", found["text"] + rest)
    headed = None if rest else _HEADED.fullmatch(head)
    if headed is not None and _is_name(headed["name"]):
        return _spoken(headed, headed["name"], "")
    return None


def _untimed(head: str, rest: str) -> Spoken | None:
    """Read the head of a line that says who, and not when."""
    plain = _PLAIN.fullmatch(head)
    if plain is not None and _is_name(plain["name"]):
        return Spoken(_bare(plain["name"]), "", "", (plain["text"] or "") + rest)
    return None


def day_named(line: str, dates: DateOrder | None) -> datetime | None:
    """Return the day if a line is nothing but a date."""
    found = _DAY.fullmatch(line) if len(line) <= _LONGEST_HEAD and _STAMPED.search(line) else None
    if found is None:
        return None
    day = read_moment(found["date"], dates)
    return None if isinstance(day, Unreadable) else day


def is_speaker(name: str) -> bool:
    """Tell whether words before a colon name somebody, where no time stands beside them."""
    return _is_name(name)


def _spoken(found: re.Match[str], name: str, text: str) -> Spoken:
    """Gather what a form gave."""
    joined = found["joined"]
    return Spoken(_bare(name), joined or found["date"] or "", found["clock"] or found["hour"] or "", text)


def _bare(name: str) -> str:
    """Return a name without marks of emphasis and the marks that chats put around unknown people."""
    return name.strip(" *_~\u200e\u202a\u202c")


def _is_name(name: str) -> bool:
    """Tell whether words look like a person's name or a speaker's label: capitals, few words, no sentence."""
    bare = re.sub(r"\s*\([^()]*\)$", "", _bare(name))  # "Dana (Acme)"
    words = bare.split()
    if not words or len(words) > _WORDS_OF_A_NAME or bare.casefold() in _NO_SPEAKERS:
        return False
    if _SPEAKERS.fullmatch(bare):
        return True
    if re.search(r"[,;!?/\\\"=|]|\d{3}", bare) or re.search(r"[^\W\d_]{4,}\.", bare):
        return False
    return all(word[0].isupper() or word.casefold() in _PARTICLES or not word[0].isascii() for word in words)
