"""The ``remember`` tool: a model hands over one fact by itself, and the conversation must bear it out.

The pure part: the tool's schema for a model, and the judgement of its arguments. A value that nobody said, that was
asked or supposed only, or that has not its key's form is refused with the reason, which the model may read.
Stores nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from fleet_runtime.contracts import MemoryKey, Value
from fleet_runtime.learning.ledger import facts_at, same_value
from fleet_runtime.learning.names import clean_person, is_name, same_person
from fleet_runtime.learning.quantities import Quantity, same_quantity
from fleet_runtime.learning.reading.moods import Mood
from fleet_runtime.learning.reading.passages import Clause, Passage
from fleet_runtime.learning.reading.rules import SEVERAL_AT_ONCE, subject_of
from fleet_runtime.records import Event, Fact, Learned

REMEMBER = "remember"
CONFIDENCE = 0.8
_LONGEST_VALUE = 160
_LONGEST_QUOTE = 300
_WHY: Mapping[Mood, str] = {
    "question": "it was asked, not said",
    "hypothetical": "it was supposed, not said as true",
    "foreign": "it was said of somebody else",
    "denied": "it was denied",
}


class Refusal(Value):
    """Why something is not remembered, in words that the model may be given as the tool's result."""

    why: str


@dataclass(frozen=True, slots=True)
class _Quoted:
    """A quote where it was found: the message, how it reads, its words and the clauses it touches."""

    event: Event
    passage: Passage
    text: str
    start: int
    clauses: tuple[Clause, ...]

    @property
    def end(self) -> int:
        """Return where the quote ends in its message."""
        return self.start + len(self.text)


def remember_tool(keys: Sequence[MemoryKey]) -> dict[str, Any]:
    """Return the tool as an OpenAI function.

    Args:
        keys: The declared keys; their names are the choices for ``key``.
    """
    forms = "; ".join(f"{key.name} ({key.kind}): {key.say('...')}" for key in keys)
    return {
        "type": "function",
        "function": {
            "name": REMEMBER,
            "description": (
                "Put one fact on the account's record that somebody stated as true in this conversation. Not for "
                f"questions, suppositions, wishes or other companies. Keys: {forms}"
            ),
            "parameters": {
                "type": "object",
                "properties": {
                    "key": {"type": "string", "enum": [key.name for key in keys]},
                    "value": {
                        "type": "string",
                        "maxLength": _LONGEST_VALUE,
                        "description": "a day as YYYY-MM-DD, a count in digits, a name, else words of the quote",
                    },
                    "quote": {"type": "string", "description": "the words that say it, copied from the message"},
                    "since": {"type": "string", "description": "YYYY-MM-DD, if it holds from another day than today"},
                },
                "required": ["key", "value", "quote"],
                "additionalProperties": False,
            },
        },
    }


def remembered(arguments: Mapping[str, object], *, said: Sequence[Event], keys: Sequence[MemoryKey]) -> Fact | Refusal:
    """Judge what the model wants remembered.

    Args:
        arguments: ``key``, ``value``, ``quote`` and maybe ``since``, as the model gave them.
        said: The conversation's last messages, oldest first; the quote must stand in one, and the value in the
            quote. A person's name may stand in the message before instead ("she takes over").
        keys: The declared keys.

    Returns:
        The fact, known from its event's time and of confidence 0.8, or why not.
    """
    key = next((one for one in keys if one.name == arguments.get("key")), None)
    if key is None:
        return Refusal(why=f"key: none of {', '.join(one.name for one in keys)}")
    value, quote = (" ".join(str(arguments.get(name) or "").split()) for name in ("value", "quote"))
    since = _since(arguments.get("since"))
    if isinstance(since, Refusal):
        return since
    if not value or not quote or len(value) > _LONGEST_VALUE or len(quote) > _LONGEST_QUOTE:
        return Refusal(why="value and quote: give both, the value short, the quote one sentence")
    place = _plainly_said(quote, said)
    if isinstance(place, Refusal):
        return place
    kept, cited = _kept(key, value, place, said)
    if kept is None:
        return Refusal(why=f"value: {cited}")
    event, subject = place.event, subject_of(key.name, kept)
    suffix = f":{subject}" if key.name in SEVERAL_AT_ONCE else ""
    return Fact(
        id=f"{event.id}:{key.name}{suffix}",
        subject=subject,
        key=key.name,
        value=kept,
        event_id=event.id,
        author=event.author,
        at=event.at,
        quote=cited,
        confidence=CONFIDENCE,
        valid_from=since or event.at,
        known_from=event.at,
    )


def on_record(fact: Fact, learned: Learned, facts: Sequence[Fact]) -> Fact | Refusal:
    """Return the row that says what was to be remembered, or why there is none.

    Args:
        fact: What `remembered` took.
        learned: What became of it in the ledger (`merge`).
        facts: The account's rows before.

    Returns:
        The new row (one that yields to a weightier claim included), or the one that said the same before.
    """
    new = next((row for row in learned.facts if row.id == fact.id), None)
    if new is not None:
        return new
    held = next(
        (row for row in facts_at(facts, now=fact.valid_from) if (row.subject, row.key) == (fact.subject, fact.key)),
        None,
    )
    if held is not None and same_value(held.value, fact.value):
        return held
    stands = f"on record is {held.value!r}" if held is not None else "what it taught stands"
    return Refusal(why=f"{fact.key}: the message was read already, and {stands}")


def _since(given: object) -> datetime | Refusal | None:
    """Read the day from which it holds."""
    if given is None or given == "":
        return None
    try:
        return datetime.combine(date.fromisoformat(str(given)), time(), tzinfo=UTC)
    except ValueError:
        return Refusal(why="since: a day as YYYY-MM-DD")


def _words(text: str) -> re.Pattern[str]:
    """Return an expression for these words, whatever the spaces and letter case."""
    words = r"\s+".join(re.escape(word) for word in text.split())
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


def _found(quote: str, said: Sequence[Event]) -> _Quoted | None:
    """Find the quote in the newest message that holds it."""
    for event in reversed(said):
        match = _words(quote.strip(" .,;:!?\"'")).search(event.text)
        if match is not None:
            passage = Passage(event.text, event.at)
            touched = tuple(
                clause for clause in passage.clauses if _touches(passage, clause, match.start(), match.end())
            )
            return _Quoted(event, passage, match[0], match.start(), touched)
    return None


def _plainly_said(quote: str, said: Sequence[Event]) -> _Quoted | Refusal:
    """Find the quote, said as true of the account."""
    place = _found(quote, said)
    if place is None:
        return Refusal(why="quote: nobody said these words; copy them from the message")
    moods = {mood for clause in place.clauses for mood in clause.moods}
    why = next((reason for mood, reason in _WHY.items() if mood in moods), None)
    return place if why is None else Refusal(why=f"quote: {why}")


def _touches(passage: Passage, clause: Clause, start: int, end: int) -> bool:
    """Tell whether a clause shares a place with a span of the source."""
    first, last = passage.span(clause.start, clause.start + len(clause.text))
    return first < end and start < last


def _kept(key: MemoryKey, value: str, place: _Quoted, said: Sequence[Event]) -> tuple[str | None, str]:
    """Return the value in the ledger's form and what is cited for it, or None and what is wrong."""
    if key.kind == "date":
        return _day(value, place)
    if key.kind == "person":
        return _person(value, place, said)
    if key.kind == "text":
        match = _words(value.strip(" .,;:!?\"'")).search(place.text)
        return (match[0], place.text) if match else (None, "copy it from the quote, word for word")
    amounts = [one for one in place.passage.quantities if one.kind == key.kind and _inside(one, place)]
    for amount in amounts:
        if same_quantity(value, amount.text):
            return (" ".join(amount.text.split()) if key.kind == "money" else amount.value), place.text
    return None, f"no {key.kind} of that size stands in the quote"


def _inside(amount: Quantity, place: _Quoted) -> bool:
    """Tell whether a quantity stands in the quote."""
    return place.start <= amount.start and amount.end <= place.end


def _day(value: str, place: _Quoted) -> tuple[str | None, str]:
    """Return the day if the quote speaks of it."""
    for mention in (*place.passage.dates, *place.passage.planned):
        inside = place.start <= mention.start and mention.end <= place.end
        if inside and mention.value is not None and mention.value.isoformat() == value:
            return value, place.text
    return None, "a day as YYYY-MM-DD that the quote speaks of"


def _person(value: str, place: _Quoted, said: Sequence[Event]) -> tuple[str | None, str]:
    """Return the person's name, found in the quote or in one of the messages up to it, which is then cited too."""
    name = clean_person(value)
    if name is None or not is_name(name):
        return None, "the name of a person"
    match = _words(name).search(place.text)
    if match is not None:
        return match[0], place.text
    earlier = [event for event in said if event.at <= place.event.at]
    for event in reversed(earlier):
        match = _words(name).search(event.text)
        if match is not None:
            return match[0], f"{event.text[max(match.start() - 40, 0) : match.end()].strip()} ... {place.text}"
    if same_person(name, place.event.author):
        return place.event.author, place.text
    return None, "nobody of that name was spoken of"
