"""Cut a text into clauses that can be read: where each stands, and in which mood it is said.

Dates and quantities are replaced by marks first (``[d0]``, ``[n1]`` in unusual brackets), so that
patterns can name them as slots and no full stop inside of them ends a sentence. Every mark and
every clause knows its place in the source, so that what is read can be quoted verbatim.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from fleet_runtime.dates import DateMention, find_dates
from fleet_runtime.learning.quantities import Quantity, find_quantities
from fleet_runtime.learning.reading.moods import Mood, moods_of, moods_of_statement, opens_question, sets_condition

OPEN, CLOSE = "\u27e6", "\u27e7"
MARK_LETTERS = {"date": "d", "count": "n", "money": "m", "percent": "p"}

_SHORT_WORDS = ("mr", "mrs", "ms", "dr", "prof", "e\\.g", "i\\.e", "approx", "no", "st", "vs", "[a-z]")
_NO_ABBREVIATION = "".join(f"(?<!\\b{word})" for word in _SHORT_WORDS)
_SENTENCE_END = re.compile(
    rf"(?:(?<=[!?\u2026])|{_NO_ABBREVIATION}(?<=\w)\.|(?<=[^\w\s])\.)[\"'\u201d\u2019)]*(?=\s|$)|\s*\n+\s*|"
    r"[!?](?=\s|$)",
    re.IGNORECASE,
)
_STRONG_BREAK = re.compile(
    r"\s*;\s*|\s+[-\u2013]{1,2}\s+|\s*\u2014\s*|,?\s+but\s+|,\s*(?:though|however|although|yet)\s*,?\s+", re.IGNORECASE
)
_NEW_SUBJECT = (
    r"(?:we|we're|we've|we'll|i|i'm|i've|i'll|you|it|she|he|they|there|can|could|would|please|let\s+me|"
    r"let\s+us)\b"
)
_WEAK_BREAK = re.compile(
    rf",\s+(?:and\s+|so\s+)?(?={_NEW_SUBJECT})"
    rf"|\s+(?:and|so|while|whereas)\s+(?=(?:{_NEW_SUBJECT}|(?:our|my|the|your|that)\s+\w))",
    re.IGNORECASE,
)
_TAG = re.compile(r",\s*(?:okay|ok|yeah|alright|all\s+right|you\s+know)\W*$", re.IGNORECASE)
_ADDED = re.compile(
    r",\s+(?:(?:so|and|because|which|who|that's|since|though|even|as|um+|uh+|okay|ok|right|you\s+know|i\s+mean|well|mind\s+you|"
    r"full\s+stop)\b(?!,?\s+(?:(?:it|that|this|they|we|which)\s+)?(?:may|might|could|would|isn't|wasn't|not|never|is\s+not|was\s+not|if|unless)\b))|"
    r"\s+(?:because|even\s+though)\s",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the marked text and of the source that it stands for."""

    marked: int
    source: int
    length: int
    source_length: int


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the marked text: ``text`` begins at ``start``; ``moods`` say how it is meant."""

    text: str
    start: int
    moods: frozenset[Mood]
    sentence: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the marked text with its clauses; ``text`` begins at ``start``."""

    text: str
    start: int
    clauses: tuple[Clause, ...]

    def moods_at(self, *positions: int, weighed: bool = False) -> frozenset[Mood]:
        """Return the moods of the clauses that hold the given places of the marked text (see `moods_of_statement`)."""
        moods: set[Mood] = set()
        for position in positions:
            clause = max((c for c in self.clauses if c.start <= position), key=lambda c: c.start)
            said = _up_to_an_aside(clause.text, max(position - clause.start, 0))
            moods |= moods_of_statement(said, weighed=weighed) | (clause.moods & {"question"})
            if sets_condition(clause.text) or ("hypothetical" in clause.moods and sets_condition(self.text)):
                moods.add("hypothetical")
        return frozenset(moods)


def _up_to_an_aside(text: str, position: int) -> str:
    """Cut off what a clause adds after a place, where that cannot take back what it said: ", so Milan asked …"."""
    added = _ADDED.search(text, position)
    return text if added is None else text[: added.start()]


class Passage:
    """One text, marked and cut; a date without a year is kept in both its readings."""

    def __init__(self, source: str, said_at: datetime, own_names: Sequence[str] = ()) -> None:
        """Mark dates, quantities and the account's own names in ``source``, and cut it into clauses."""
        self.source = source
        self.dates: Sequence[DateMention] = find_dates(source, said_at)
        open_year = any(day.relative for day in self.dates)
        self.planned = find_dates(source, said_at, prefer="future") if open_year else self.dates
        self.quantities: Sequence[Quantity] = _outside(find_quantities(source), self.dates)
        self.text, self._pieces = _marked(source, self.dates, self.quantities, own_names)
        self._starts = [piece.marked for piece in self._pieces]
        self.clauses: Sequence[Clause] = tuple(_clauses(self.text))
        self.sentences: Sequence[Sentence] = tuple(_sentences(self.text, self.clauses))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Turn a span of the marked text into the span of the source that it stands for."""
        return self._place(start, after=False), self._place(end, after=True)

    def words(self, start: int, end: int) -> str:
        """Return the source words of a span of the marked text."""
        first, last = self.span(start, end)
        return self.source[first:last].strip()

    def _place(self, position: int, *, after: bool) -> int:
        """Find a position's place in the source; inside a mark, its near or far end."""
        index = bisect_right(self._starts, position - 1 if after else position) - 1
        piece = self._pieces[max(index, 0)]
        offset = position - piece.marked
        if piece.length == piece.source_length:
            return piece.source + offset
        return piece.source + (piece.source_length if after else 0)


def _outside(quantities: Sequence[Quantity], dates: Sequence[DateMention]) -> list[Quantity]:
    """Drop the quantities that are part of a date."""
    ends = [day.end for day in dates]
    kept: list[Quantity] = []
    for item in quantities:
        index = bisect_right(ends, item.start)  # the first date that ends after the quantity begins
        if index == len(dates) or dates[index].start >= item.end:
            kept.append(item)
    return kept


def _marked(
    source: str, dates: Sequence[DateMention], quantities: Sequence[Quantity], own_names: Sequence[str]
) -> tuple[str, list[Piece]]:
    """Put marks for dates, quantities and own names; return the marked text and its pieces."""
    marks = [(day.start, day.end, f"{OPEN}d{number}{CLOSE}") for number, day in enumerate(dates)]
    for number, item in enumerate(quantities):
        marks.append((item.start, item.end, f"{OPEN}{MARK_LETTERS[item.kind]}{number}{CLOSE}"))
    for name in own_names:
        own = re.compile(rf"(?<!\w)(?:{name})(?!\w)", re.IGNORECASE)
        marks += [(match.start(), match.end(), f"{OPEN}o{CLOSE}") for match in own.finditer(source)]
    parts: list[str] = []
    pieces: list[Piece] = []
    marked_at = source_at = 0
    for start, end, mark in [*sorted(marks), (len(source), len(source), "")]:
        if start < source_at:
            continue  # an own name that holds a number
        for text, length in ((_plain(source[source_at:start]), start - source_at), (mark, end - start)):
            pieces.append(Piece(marked_at, source_at, len(text), length))
            parts.append(text)
            marked_at, source_at = marked_at + len(text), source_at + length
    return "".join(parts), [piece for piece in pieces if piece.length] or pieces[:1]


def _plain(text: str) -> str:
    """Write typographic apostrophes as plain ones, and take our brackets out of the source's mouth; same length."""
    return text.translate({0x2019: "'", 0x2018: "'", ord(OPEN): "[", ord(CLOSE): "]"})


def _split(text: str, start: int, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield the spans between the matches of a pattern, trimmed, none empty."""
    last = 0
    for match in [*pattern.finditer(text), None]:
        end = len(text) if match is None else match.start()
        piece = text[last:end]
        if piece.strip(" \t,.\"'"):
            lead = len(piece) - len(piece.lstrip())
            yield start + last + lead, start + last + len(piece.rstrip())
        last = end if match is None else match.end()


def _sentences(text: str, clauses: Sequence[Clause]) -> Iterator[Sentence]:
    """Join clauses to the sentences that they were cut from."""
    for _, group in groupby(clauses, key=lambda clause: clause.sentence):
        parts = tuple(group)
        start, last = parts[0].start, parts[-1]
        yield Sentence(text[start : last.start + len(last.text)], start, parts)


def _clauses(text: str) -> Iterator[Clause]:
    """Cut the marked text into clauses with their moods."""
    for number, (first, last) in enumerate(_split(text, 0, _SENTENCE_END)):
        asked = text[last : last + 2].lstrip().startswith("?") or text[first:last].endswith("?")
        asked = asked and _TAG.search(text[first:last]) is None
        spans: list[tuple[int, int, bool]] = []
        for start, end in _split(text[first:last], first, _STRONG_BREAK):
            condition = sets_condition(text[start:end])
            spans += [(a, b, condition) for a, b in _split(text[start:end], start, _WEAK_BREAK)]
        opening = [index for index, (a, b, _) in enumerate(spans) if opens_question(text[a:b])]
        question_from = (opening[0] if opening else 0) if asked else len(spans)
        for index, (start, end, condition) in enumerate(spans):
            moods = set(moods_of(text[start:end]))
            if index >= question_from or index in opening:
                moods.add("question")
            if condition:
                moods.add("hypothetical")
            yield Clause(text[start:end].rstrip("?!. "), start, frozenset(moods), number)
