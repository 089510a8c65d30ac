"""Propose the pieces of a message that may be facts: dates, numbers, amounts and names, each with what it may be.

Code finds and reads them; a model only says which key a piece belongs to. A piece that is asked,
supposed or said of somebody else is not proposed, nor one that only greets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleet_runtime.contracts import MemoryKey, MemoryKind, Value
from fleet_runtime.dates import DateMention
from fleet_runtime.learning.names import is_name, is_plain_word, same_person
from fleet_runtime.learning.reading.moods import Mood
from fleet_runtime.learning.reading.passages import Clause, Passage
from fleet_runtime.learning.reading.rules import SEVERAL_AT_ONCE, own_names
from fleet_runtime.records import Event, Fact

NAMED = frozenset({"competitor", "plan", "region_rollout"})
"""Keys of words that are names as a rule; the other keys of words are voiced in clauses."""

OTHER = "other"
GONE = "gone"
UNSAFE: frozenset[Mood] = frozenset({"question", "hypothetical", "foreign"})

_CAPITAL = r"(?:(?!_)[^\W\d])"
_NAME_WORD = (
    rf"(?-i:(?=[^\W\d_])(?![a-z\u00df-\u00f6\u00f8-\u00ff]){_CAPITAL}[\w&-]*(?:'(?!s\b|ll\b|re\b|ve\b|d\b|m\b)\w+)?)"
)
_LINK = r"(?:\s+(?:van|von|de|der|den|da|di|del|du|la|le|al|el|bin|ten|ter|zu|dos|and))*"
_NAMES = re.compile(rf"(?<![\w'@/.-]){_NAME_WORD}(?:{_LINK}\s+{_NAME_WORD})*")
_GREETED = re.compile(
    r"(?:\b(?:hi|hello|hey|dear|thanks|thank you|welcome|cheers|regards|sorry|morning|afternoon)\b[\s,]*"
    r"(?:(?:mr|mrs|ms|dr)\.?\s+)?)$",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"(?:^|[.!?:;\n(\"\u201c])\s*$")
_IS_SAID_OF = re.compile(r"\s+(?:is|was|has|had|will|owns|takes|took|isn't|wasn't|hasn't|left)\b|'s\s", re.IGNORECASE)
_TIERS = re.compile(
    r"\b(?:enterprise|business|professional|starter|basic|premium|standard|growth|pro|plus|team|advanced|essentials?)\b",
    re.IGNORECASE,
)
_TITLES = re.compile(r"^(?:(?:Mr|Mrs|Ms|Dr|Prof|Ing|Sir|Madam|Lady)\.?\s+)+")
_EDGE = re.compile(r"\b(?:end|start|beginning)\s+of\b", re.IGNORECASE)
_PROMISED = re.compile(r"\b(?:I|let me|you)(?:'ll|\s+will|\s+shall)?\s+\w", re.IGNORECASE)
_APPOINTED = re.compile(
    r"\b(?:meet(?:ing)?|calls?|see you|train(?:ing|ed)|workshop|webinar|sessions?|demo|visit|booked|invited?)\b",
    re.IGNORECASE,
)
_FORMER = re.compile(
    r"(?:\b(?:was|were) (?:meant|planned|due|set|scheduled)(?: (?:for|on))?|\boriginally|\binstead of|"
    r"\brather than|\bnot|\bprevious(?:ly)?|\bin place of|\breplac(?:es|ed|ing))\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_HEARSAY = re.compile(
    r"(?<!contract )(?<!agreement )(?<!order )(?<!invoice )"
    r"\b(?:says|thinks|reckons|believes?|claims|swears|guess)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"\b(?:alone|of them|of which|of whom|each|per)\b", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s+(?:the\s+)?$", re.IGNORECASE)
_LEAVES = re.compile(
    r"\b(?:left|leav(?:es|ing)|mov(?:ed|es|ing)|gone|off to|retir(?:ed|es|ing)|let go|resign(?:ed|s|ing)|quit|"
    r"departed|stepp?(?:ed|ing) down)\b",
    re.IGNORECASE,
)
_SINCE = re.compile(r"\b(?:since|last|from|as of|effective|starting)\s+(?:on\s+)?$", re.IGNORECASE)
_MOST_PIECES = 8
_SHORTEST_NAME = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a message: its words, its ``value`` in the form of the ledger, and the labels it may get.

    ``held`` is the fact on file that the piece names, for the label ``gone``.
    """

    text: str
    value: str
    start: int
    labels: tuple[str, ...]
    held: Fact | None = None


class Known(Value):
    """What was known when a message came: the messages before it, oldest first, the facts that held, the account."""

    before: tuple[Event, ...] = ()
    holding: tuple[Fact, ...] = ()
    account: str = ""


def pieces(event: Event, keys: Sequence[MemoryKey], known: Known) -> tuple[Piece, ...]:
    """Return the pieces of a message that a model is to label, in their order, each wording once.

    Args:
        event: What was said.
        keys: The declared keys; a piece is proposed only where one takes its kind.
        known: What was known before: a name in it is known to be one, a fact in it may be gone; the account's own
            name is no piece.
    """
    passage = Passage(event.text, event.at)
    spans = [*_measured(passage, keys, event.at.date().isoformat()), *_named(passage, event, keys, known)]
    found: dict[str, Piece] = {}
    for piece in sorted(spans, key=lambda one: one.start):
        clause = clause_at(passage, piece.start)
        former = _FORMER.search(event.text[: piece.start]) is not None
        if clause is not None and not clause.moods & UNSAFE and not former:
            found.setdefault(piece.text, piece)
    return tuple(found.values())[:_MOST_PIECES]


def clause_at(passage: Passage, position: int) -> Clause | None:
    """Return the clause in which a place of the source stands."""
    for clause in passage.clauses:
        start, end = passage.span(clause.start, clause.start + len(clause.text))
        if start <= position < end:
            return clause
    return None


def _of_kind(keys: Sequence[MemoryKey], kind: MemoryKind) -> tuple[str, ...]:
    """Return the names of the keys of a kind."""
    return tuple(key.name for key in keys if key.kind == kind)


def _measured(passage: Passage, keys: Sequence[MemoryKey], said_on: str) -> Iterator[Piece]:
    """Yield days to come and quantities with the declared keys of their kind; no promises, appointments, hearsay."""
    dated = _of_kind(keys, "date")
    for mention in passage.planned if dated else ():
        day = _exact(mention)
        begun = _SINCE.search(passage.source[: mention.start]) is not None
        if day > said_on and not begun and not _in_passing(passage, mention.start, _PROMISED, _HEARSAY):
            yield Piece(mention.text, day, mention.start, (*dated, OTHER))
    for item in passage.quantities:
        names = _of_kind(keys, item.kind)
        was = _FROM.search(passage.source[: item.start]) is not None
        if names and item.number > 1 and not was and not _in_passing(passage, item.start, _HEARSAY, _PART):
            value = " ".join(item.text.split()) if item.kind == "money" else item.value
            yield Piece(item.text, value, item.start, (*names, OTHER))


def _in_passing(passage: Passage, place: int, *cues: re.Pattern[str]) -> bool:
    """Tell whether the clause of a place speaks of an appointment, or has one of the other cues."""
    clause = clause_at(passage, place)
    return clause is not None and any(cue.search(clause.text) for cue in (_APPOINTED, *cues))


def _exact(mention: DateMention) -> str:
    """Return the day of a mention that means one day, as ISO; else nothing."""
    if mention.value is None or (mention.precision != "day" and not _EDGE.search(mention.text)):
        return ""
    return mention.value.isoformat()


def _named(passage: Passage, event: Event, keys: Sequence[MemoryKey], known: Known) -> Iterator[Piece]:
    """Yield names: of people, products, plans and places."""
    people = _of_kind(keys, "person")
    others = tuple(key.name for key in keys if key.name in NAMED)
    taken = [*((day.start, day.end) for day in passage.dates), *((item.start, item.end) for item in passage.quantities)]
    names = _known_names(event, known)
    own = re.compile("|".join(own_names(known.account)) or r"(?!)", re.IGNORECASE)
    for match in _NAMES.finditer(event.text):
        text, start = _trimmed(match[0], match.start())
        end = start + len(text)
        if not text or any(first < end and start < last for first, last in taken) or own.fullmatch(text):
            continue
        if _GREETED.search(event.text[:start]) or not _is_named(text, start, event.text, names):
            continue
        person = _TITLES.sub("", text)
        places = () if _in_passing(passage, start, _LEAVES) or not is_name(person) else people
        labels = (*places, *others, OTHER)
        held = _on_file(text, known.holding, keys)
        yield Piece(text, person if is_name(person) else text, start, labels if held is None else (GONE, *labels), held)


def _known_names(event: Event, known: Known) -> frozenset[str]:
    """Return the words that are names here: of authors, of what is on file, and capitals within earlier sentences."""
    words = {word for fact in known.holding for word in (fact.value or "").split() if word[:1].isupper()}
    for one in (*known.before, event):
        words.update(one.author.split())
        words.update(
            word
            for match in _NAMES.finditer(one.text)
            if not _BEGINS.search(one.text[: match.start()])
            for word in match[0].split()
            if not is_plain_word(word)
        )
    return frozenset(words)


def _trimmed(text: str, start: int) -> tuple[str, int]:
    """Leave out the plain words with which a run of capitals begins or ends; a plan's name stays."""
    words = text.split(" ")
    while words and is_plain_word(words[0].strip(".,")) and not _TIERS.fullmatch(words[0]):
        start += len(words.pop(0)) + 1
    while words and (is_plain_word(words[-1]) or words[-1] == "and") and not _TIERS.fullmatch(words[-1]):
        words.pop()
    return " ".join(words), start


def _is_named(text: str, start: int, source: str, names: frozenset[str]) -> bool:
    """Tell whether capitals make a name; a single word that begins a sentence must be a known name, or be a subject."""
    if len(text) < _SHORTEST_NAME or text.isdigit() or _TITLES.fullmatch(f"{text} "):
        return False
    if " " in text or not _BEGINS.search(source[:start]):
        return True
    return text in names or _IS_SAID_OF.match(source, start + len(text)) is not None


def _on_file(text: str, holding: Sequence[Fact], keys: Sequence[MemoryKey]) -> Fact | None:
    """Return the held person, or matter of a key that holds several, that a name stands for."""
    endable = {*_of_kind(keys, "person"), *(SEVERAL_AT_ONCE & NAMED)}
    return next(
        (fact for fact in holding if fact.value and fact.key in endable and same_person(fact.value, text)), None
    )
