"""Read a question: its words by clause, the kind of answer it wants, and the time it asks about."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime

from fleet_runtime.contracts import MemoryKind, Value
from fleet_runtime.dates import DateMention, find_dates
from fleet_runtime.lexical import STOPWORDS, stem, stems, words

_CLAUSE = re.compile(r"[.?!;:]\s+|,\s+|\s+and\s+(?!\w+\s*$)|\n+", re.IGNORECASE)
_FORMERLY = re.compile(
    r"\b(?:before|used\s+to|former(?:ly)?|previous(?:ly)?|original(?:ly)?|earlier|back\s+then|ago|old"
    r"|at\s+(?:first|the\s+start)|last\s+(?:year|quarter|month|spring|summer|autumn|fall|winter))\b",
    re.IGNORECASE,
)
_ONCE_MORE = re.compile(r"\b(?:was|were|did)\b(?=[^?.!;]*\bagain\b)", re.IGNORECASE)
"""The "was" of "what was our goal again?" asks for what holds today."""

_PAST = re.compile(r"\b(?:was|were|did|had|until|once|history|chang\w+)\b", re.IGNORECASE)
_OVERVIEW = re.compile(
    r"\bwhat\s+(?:all\s+)?do\s+(?:you|we)\s+know\s+about\s+(?:us|them|me|our|this\s+account)\b|\bsumm(?:ary|ari[sz]e)\b|\boverview\b"
    r"|\brecap\b|\bsum\s+(?:it\s+)?up\b|\bwhere\s+(?:do|are)\s+we\s+(?:stand|now)\b|\bcatch\s+me\s+up\b",
    re.IGNORECASE,
)
_LAST_TIME = re.compile(
    r"\blast\s+(?:time|call|meeting|conversation|talk|session|review)\b|\bwhen\s+we\s+(?:last\s+)?(?:spoke|talked|met)\b",
    re.IGNORECASE,
)
_FILLER = frozenset(
    stem(word)
    for word in words("""
    again still many much else ever actually really remind remember know believe think thought thank
    thanks hi hello hey help helped please sorry okay ok well anything something everything right exactly
    currently present moment before used previous previously former formerly original originally earlier come happen""")
)
_WANTS: tuple[tuple[re.Pattern[str], tuple[MemoryKind, ...]], ...] = (
    (
        re.compile(r"\b(?:when|what\s+date|which\s+(?:day|date|month)|until\s+when|how\s+long)\b", re.IGNORECASE),
        ("date",),
    ),
    (re.compile(r"\b(?:who|whom|whose)\b", re.IGNORECASE), ("person",)),
    (re.compile(r"\bhow\s+many\b", re.IGNORECASE), ("count",)),
    (re.compile(r"\b(?:how\s+much|what\s+(?:price|amount)|cost)\b", re.IGNORECASE), ("money", "percent")),
)


_LEANS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|then|one|ones|both"
    r"|same|else|either|such)\b",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"\s*(?:and|or|but|so|also|what\s+about|how\s+about|which|why|since\s+when)\b", re.IGNORECASE)
_LONGEST_ELLIPSIS = 4
_TURNS_BACK, _MOST_CARRIED = 3, 12


class Question(Value):
    """A question, read once.

    ``parts`` are the stems of each clause that has any, without filler and dates; ``wants`` are the
    kinds of value it asks for; ``past`` tells that former values are welcome, ``formerly`` that they
    come first; ``overview`` asks for all that is known, ``last_time`` for the latest talk; ``dates``
    are the days it names, ``dated`` their stems. ``carried`` are stems taken over from the turns before, the
    latest first, where the question leans on them; ``spoken`` is its text with what it leans on.
    """

    text: str
    parts: tuple[tuple[str, ...], ...]
    wants: tuple[MemoryKind, ...]
    past: bool
    formerly: bool
    overview: bool
    last_time: bool
    dates: tuple[DateMention, ...]
    dated: tuple[str, ...]
    words: frozenset[str]
    carried: tuple[str, ...] = ()
    spoken: str = ""

    @property
    def stems(self) -> tuple[str, ...]:
        """Give all stems, each once, in order; those of dates come last."""
        return tuple(dict.fromkeys([*(each for part in self.parts for each in part), *self.dated]))

    def past_days(self, today: date) -> tuple[date, ...]:
        """Return the days before ``today`` that the question names."""
        return tuple(mention.value for mention in self.dates if mention.value and mention.value < today)


def read_question(text: str, now: datetime, *, before: Sequence[str] = ()) -> Question:
    """Read a question (or a statement to be met with what is known).

    Args:
        text: What was asked, or said.
        now: The moment of asking, or as of which it is asked; it resolves "last March".
        before: The texts of the conversation's last turns, oldest first. A question that leans on them ("and the
            price?", "when does it end?") takes over their words, which count less than its own.
    """
    formerly = bool(_FORMERLY.search(text))
    looks_back = formerly or bool(_PAST.search(_ONCE_MORE.sub("", text)))
    dates = find_dates(text, now, prefer="past" if looks_back else "nearest")
    plain = text
    for mention in reversed(dates):
        plain = f"{plain[: mention.start]} {plain[mention.end :]}"
    parts = (
        tuple(dict.fromkeys(each for each in stems(clause) if each not in _FILLER)) for clause in _CLAUSE.split(plain)
    )
    own = tuple(part for part in parts if part)
    leant = _leant_on(text, {each for part in own for each in part}, before)
    return Question(
        text=text,
        parts=own,
        wants=tuple(kind for pattern, kinds in _WANTS if pattern.search(text) for kind in kinds),
        formerly=formerly,
        overview=bool(_OVERVIEW.search(text)),
        last_time=bool(_LAST_TIME.search(text)),
        past=looks_back or any(each.value and each.value < now.date() for each in dates),
        dates=dates,
        dated=tuple(each for mention in dates for each in stems(mention.text)),
        words=frozenset(words(text)),
        carried=tuple(leant),
        spoken=" ".join((*leant.values(), text)),
    )


def _leant_on(text: str, own: Collection[str], before: Sequence[str]) -> dict[str, str]:
    """Return the stems, and the words they come from, that a question takes over from the turns before it."""
    elliptic = _ELLIPSIS.match(text) and len(own) <= _LONGEST_ELLIPSIS
    if not (before and (elliptic or not own or _LEANS.search(text))):
        return {}
    found: dict[str, str] = {}
    for turn in reversed(before[-_TURNS_BACK:]):
        for word in words(turn):
            if word not in STOPWORDS and (root := stem(word)) not in _FILLER and root not in own:
                found.setdefault(root, word)
    return dict(list(found.items())[:_MOST_CARRIED])
