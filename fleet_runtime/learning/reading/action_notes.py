"""Read promises that are noted with labels: "Action for Priya: send the list, due Friday".

The task is what is left when the owner, the day and the labels are taken away. A note without an owner or a day is
none, nor is one that asks or supposes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fleet_runtime.learning.names import PERSON, person_within
from fleet_runtime.learning.reading.deadlines import DUE, EDGES, LEADS_IN, exact_day
from fleet_runtime.learning.reading.moods import sets_condition
from fleet_runtime.learning.reading.passages import Passage, Sentence
from fleet_runtime.learning.reading.promise_bars import is_barred

Promise = tuple[str, str, str, str, int, int]
"""Owner, whom, task, due, and where the promise stands in the marked text."""

_LABEL = re.compile(
    r"\b(?:action(?:\s+(?:item|point))?s?|AI|AP|to-?do|to\s+do(?=\s*:|\s+(?-i:[A-Z]))|task|next\s+step|follow-?up|promise[ds]?|"
    r"commitment|committed|"
    r"deliverable|pledge[d]?|owed|owes(?:\s+(?:us|them|you|me))?(?:\s+(?:this|that|the\s+following))?|owner|assignee|"
    r"assigned|due|deadline|takeaway|homework|logged|noted|recorded|"
    r"responsible|agreed|on\s+the\s+hook|taken\s+on|new|item|minuted|open|tracker|date|when|who|what)\b",
    re.IGNORECASE,
)
_SURELY_LABEL = re.compile(
    r"\b(?:action(?:\s+(?:item|point))?s?\b|AI\b|AP\b|to-?do\b|to\s+do(?=\s*:|\s+(?-i:[A-Z]))|task\b|next\s+step|follow-?up\b|"
    r"promise[ds]?\b|commitment|"
    r"committed|deliverable|pledge|owed|owes(?:\s+(?:us|them|you|me))?(?:\s+(?:this|that|the\s+following))?|owner|"
    r"assignee|assigned|homework|takeaway|on\s+the\s+hook|minuted|"
    r"responsible)",
    re.IGNORECASE,
)
_LABELLED_OWNER = re.compile(
    r"(?:\b(?:owner|owned\s+by|assigned\s+to|assignee|who|responsible|promised\s+by|taken\s+(?:on\s+)?by|made\s+by|"
    rf"from|for|by|on|with|to)\b[\s:=]*|@|[([])?\s*(?P<who>{PERSON})(?:'s)?[)\]]?",
    re.IGNORECASE,
)
_CARRIES_ON = re.compile(
    r"^(?:to-?\s?do|task|action|promise|what|deliverable|commitment|due|deadline|owner|by|target|eta|date|assignee|"
    r"responsible|who|when|that's due)\b",
    re.IGNORECASE,
)
_AFTER_LABEL = re.compile(r"(?:item|point|for|from|by|with|on|logged|noted|recorded|new|to)\b")
_NO_TASK = re.compile(
    r"(?:promised|committed|took|takes|said|says|told|gave|gives|for\s+it|it\b|it's|is|was|are|were|has|had|and|they|he|she|"
    r"we|I|who|who'll|who's|that|as|asked|was|off|list)\b",
    re.IGNORECASE,
)
_NEAR_THE_START = 40
_FEWEST_WORDS, _MOST_WORDS = 2, 40


def read_note(passage: Passage, index: int) -> tuple[Promise, int] | None:
    """Read the note that a sentence begins, if it bears a label; return it with the number of its last sentence."""
    if not _SURELY_LABEL.search(passage.sentences[index].text):
        return None
    last = _end_of_note(passage.sentences, index)
    note = _noted(passage, passage.sentences[index : last + 1])
    return None if note is None else (note, last)


def _end_of_note(sentences: Sequence[Sentence], first: int) -> int:
    """Return the index of the last sentence of a note: those that go on with "Due: …", "Owner: …"."""
    last = first
    while last + 1 < len(sentences) and (
        _CARRIES_ON.match(sentences[last + 1].text) or not re.search(r"\w\s+\w", sentences[last].text[-60:])
    ):
        last += 1
    if last == first and first + 1 < len(sentences) and len(sentences[first].text.split()) <= _FEWEST_WORDS + 4:
        last += 1  # "Action for Priya." and the task in a sentence of its own
    return last


def _noted(passage: Passage, sentences: Sequence[Sentence]) -> Promise | None:
    """Read a note with labels: the task is the longest piece that is neither owner, nor day, nor label."""
    start, last = sentences[0].start, sentences[-1]
    text = passage.text[start : last.start + len(last.text)]
    if any("question" in clause.moods or sets_condition(clause.text) for s in sentences for clause in s.clauses):
        return None
    owner, taken = "", list[tuple[int, int]]()
    for match in _LABELLED_OWNER.finditer(text):
        found = person_within(match["who"])
        alone = " " not in (found or "") and not match["who"][len(found or "") :] and match.start("who") == 0
        if found and not owner and not alone and (place := match["who"].find(found)) >= 0:
            owner, at = found, match.start("who") + place
            end = at + len(found)
            taken.append((match.start() if place == 0 else at, match.end() if match.end("who") == end else end))
    due = ""
    for match in DUE.finditer(text):
        due = exact_day(passage, int(match["date"]))
        taken.append(match.span())
    if not owner or not due:
        return None
    taken += [match.span() for match in _LABEL.finditer(text) if _stands_as_label(text, match)]
    pieces = [(a, b) for a, b in _left_over(text, taken) if _FEWEST_WORDS <= len(text[a:b].split()) <= _MOST_WORDS]
    if not pieces:
        return None
    first, last_place = max(pieces, key=lambda piece: piece[1] - piece[0])
    lead = LEADS_IN.match(text[first:last_place])
    if _NO_TASK.match(text[first:last_place]) or is_barred(text[:first]):
        return None
    words = passage.words(start + first + (lead.end() if lead else 0), start + last_place).strip(EDGES)
    return (owner, "", words, due, start, start + len(text)) if words else None


def _stands_as_label(text: str, match: re.Match[str]) -> bool:
    """Tell whether a word is used as a label: at an edge of the note, or next to a mark of punctuation."""
    before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip()
    if not before or not after or before[-1] in ":;,.|([\u2014\u2013-/" or after[0] in ":=|\u2014\u2013-)]/,":
        return True
    return match.start() < _NEAR_THE_START and _AFTER_LABEL.match(after) is not None


def _left_over(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans that nothing has taken, without marks of punctuation at their edges."""
    at = 0
    for start, end in [*sorted(taken), (len(text), len(text))]:
        piece = text[at:start] if start > at else ""
        if piece.strip(EDGES):
            first = at + len(piece) - len(piece.lstrip(EDGES))
            yield first, at + len(piece.rstrip(EDGES))
        at = max(at, end)
