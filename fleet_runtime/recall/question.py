"""Read a question: its words by clause, the kind of answer it wants, and the time it asks about."""

from __future__ import annotations

import re
from datetime import date, datetime

from fleet_runtime.contracts import MemoryKind, Value
from fleet_runtime.dates import DateMention, find_dates
from fleet_runtime.lexical import stem, stems, words

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


class Question(Value):
    """A question, read once.

    ``parts`` are the stems of each clause that has any, without filler and dates; ``wants`` are the
    kinds of value it asks for; ``past`` tells that former values are welcome, ``formerly`` that they
    come first; ``overview`` asks for all that is known, ``last_time`` for the latest talk; ``dates``
    are the days it names, ``dated`` their stems.
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

    @property
    def stems(self) -> tuple[str, ...]:
        """Give all stems, each once, in order; those of dates come last."""
        return tuple(dict.fromkeys([*(each for part in self.parts for each in part), *self.dated]))

    def past_days(self, today: date) -> tuple[date, ...]:
        """Return the days before ``today`` that the question names."""
        return tuple(mention.value for mention in self.dates if mention.value and mention.value < today)

    def asks_about(self, day: date) -> bool:
        """Tell whether a day lies in a period that the question names."""
        return any(
            mention.value is not None
            and day.year == mention.value.year
            and (mention.precision == "year" or day.month == mention.value.month)
            and (mention.precision != "day" or day == mention.value)
            for mention in self.dates
        )


def read_question(text: str, now: datetime) -> Question:
    """Read a question (or a statement to be met with what is known); ``now`` resolves "last March"."""
    formerly = bool(_FORMERLY.search(text))
    looks_back = formerly or bool(_PAST.search(_ONCE_MORE.sub("", text)))
    dates = find_dates(text, now, prefer="past" if looks_back else "nearest")
    plain = text
    for mention in reversed(dates):
        plain = f"{plain[: mention.start]} {plain[mention.end :]}"
    parts = (
        tuple(dict.fromkeys(each for each in stems(clause) if each not in _FILLER)) for clause in _CLAUSE.split(plain)
    )
    return Question(
        text=text,
        parts=tuple(part for part in parts if part),
        wants=tuple(kind for pattern, kinds in _WANTS if pattern.search(text) for kind in kinds),
        formerly=formerly,
        overview=bool(_OVERVIEW.search(text)),
        last_time=bool(_LAST_TIME.search(text)),
        past=looks_back or any(each.value and each.value < now.date() for each in dates),
        dates=dates,
        dated=tuple(each for mention in dates for each in stems(mention.text)),
        words=frozenset(words(text)),
    )
