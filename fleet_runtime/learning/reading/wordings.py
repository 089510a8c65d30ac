"""Read values that are words of the text: plan, regions, goal, mood, rival, each by the forms it is said in.

Every form is an expression with one group ``v``, and its value is kept verbatim. Forms speak of a whole
sentence; in which moods a key may be said stands in the table beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from fleet_runtime.learning.names import is_plain_word
from fleet_runtime.learning.reading import aims, feelings, rivals, scopes
from fleet_runtime.learning.reading.moods import Mood
from fleet_runtime.learning.reading.passages import CLOSE, OPEN, Passage, Sentence
from fleet_runtime.learning.reading.patterns import Found

_EDGES = " \t\n,.;:!?\"'()[]\u201c\u201d\u2018\u2019\u2013\u2014-"
_LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Wording:
    """How one key is said: its ``forms``, a quick ``hint`` without which none can fit, and the moods it bears.

    Forms are kept as they are written: all of them take longer to compile than a turn, and most texts need none.
    """

    key: str
    hint: re.Pattern[str]
    forms: tuple[str, ...]
    bears: frozenset[Mood]
    refuses: re.Pattern[str]
    longest: int
    confidence: float = 0.8


@cache
def wordings() -> Mapping[str, Wording]:
    """Return the wordings by key; their hints are compiled when first used, not at import."""
    tables = (
        ("plan", scopes.PLAN_HINT, scopes.PLAN_FORMS, frozenset[Mood]({"past", "denied"}), scopes.NO_PLAN, 4),
        ("region_rollout", scopes.REGION_HINT, scopes.REGION_FORMS, frozenset[Mood]({"past"}), scopes.NO_REGION, 9),
        ("primary_goal", aims.HINT, aims.FORMS, frozenset[Mood]({"wish", "denied", "past"}), aims.NO_GOAL, 24),
        ("sentiment", feelings.HINT, feelings.FORMS, frozenset[Mood]({"past", "denied", "wish"}), feelings.NO_MOOD, 5),
        ("competitor", rivals.HINT, rivals.FORMS, frozenset[Mood]({"wish", "past"}), rivals.NO_RIVAL, 3),
    )
    return {
        key: Wording(
            key,
            re.compile(hint, re.IGNORECASE),
            tuple(forms),
            bears,
            re.compile(refused, re.IGNORECASE),
            longest,
        )
        for key, hint, forms, bears, refused, longest in tables
    }


@cache
def _compiled(form: str) -> re.Pattern[str]:
    """Compile a form when a text first comes so far."""
    return re.compile(form, re.IGNORECASE)


def read_wording(
    wording: Wording, passage: Passage, sentence: Sentence, former: str = "", known: Sequence[str] = ()
) -> Iterator[Found]:
    """Yield the value that a sentence gives for a key of words, at most one.

    Args:
        wording: How the key is said.
        passage: The text.
        sentence: One of its sentences.
        former: The value that held so far; it is not taken for the new one where a form names both.
        known: Names that are of people, and so of nothing else.
    """
    text, key_is_goal = sentence.text, wording.key == "primary_goal"
    if len(text) > _LONGEST_TEXT or not wording.hint.search(text):
        return
    for form in map(_compiled, wording.forms):
        at = -1
        while (match := form.search(text, at + 1)) is not None:
            at = match.start()
            start, end = _trimmed(text, *match.span("v"), again=wording.key == "sentiment")
            words = passage.words(sentence.start + start, sentence.start + end)
            if not words or len(words.split()) > wording.longest or wording.refuses.search(words) or words in known:
                continue
            if wording.key == "competitor" and is_plain_word(words.split()[0]):
                continue
            if former and key_is_goal and former.casefold() in words.casefold():
                continue  # said again, or said to be over: nothing new either way
            if former and words.casefold() == former.casefold() and form.groups > 1:
                continue
            moods = sentence.moods_at(sentence.start + match.start("v"), weighed=wording.key == "competitor")
            if moods - wording.bears:
                continue
            base = sentence.start
            yield Found(
                wording.key,
                words,
                "",
                base + match.start(),
                base + match.end(),
                base + start,
                base + end,
                wording.confidence,
            )
            return


_TRAILING = re.compile(
    r"(?:[\s,;:(\u2013\u2014-]+(?:(?:as\s+of|since|from|effective|starting|by|on|in|until)\s+(?:the\s+)?"
    rf"{OPEN}d\d+{CLOSE}|{OPEN}d\d+{CLOSE}|now|today|for\s+now|at\s+the\s+moment|at\s+present|these\s+days|right\s+now|"
    r"currently|already|instead|so\s+far|again|too|as\s+well|please|anymore|any\s+more|going\s+forward|from\s+now\s+on|"
    r"as\s+discussed|as\s+agreed|this\s+(?:week|month|quarter|year)|after\s+the\s+call|officially|though|then|overall|"
    r"over\s+there|on\s+the\s+call|at\s+this\s+point|just\s+now|lately|recently|of\s+late|internally|per\s+\w+))+$",
    re.IGNORECASE,
)


def _trimmed(text: str, start: int, end: int, *, again: bool = False) -> tuple[int, int]:
    """Take white space, punctuation and words of time off the edges of a span; ``again`` may be part of the value."""
    while True:
        piece = text[start:end]
        start += len(piece) - len(piece.lstrip(_EDGES))
        end = start + len(text[start:end].rstrip(_EDGES))
        tail = _TRAILING.search(text[start:end])
        if tail is None or tail.start() == 0 or (again and tail[0].split()[-1].lower() == "again"):
            return start, end
        end = start + tail.start()
