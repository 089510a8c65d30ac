"""Ask a model, by JSON schema, for what rules cannot read; and believe only what the text itself says.

Nothing is sent here: `extraction_request` is a request for the caller to fulfil, `facts_from_answer`
judges the answer. A value that is not in the text, or that was copied from an example, is dropped.
Measured weaknesses of a small model are met here: it gives people the wrong place, so a person is
taken only where the place is named, under the key that is named; and it takes loose nouns for moods,
so a single plain word is taken only where it is said *of* somebody ("is livid").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import Field, ValidationError

from fleet_runtime.contracts import MemoryKey, Value
from fleet_runtime.errors import ContractError, ModelGarbled
from fleet_runtime.learning.names import is_name
from fleet_runtime.learning.pieces import UNSAFE, clause_at
from fleet_runtime.learning.reading.passages import Clause, Passage
from fleet_runtime.learning.reading.rules import subject_of
from fleet_runtime.messages import ChatMessage, ModelRequest
from fleet_runtime.records import Event, Fact

MAX_ITEMS = 4
MAX_VALUE = 120
_MAX_TOKENS = 220
_CONFIDENCE = 0.6
_FEWEST_WORDS = 5
_SMALL_TALK = re.compile(
    r"^(?:(?:hi|hello|hey|dear|thanks?|thank you|cheers|ok|okay|great|perfect|sounds good|good (?:morning|"
    r"afternoon|evening)|best|regards|yes|no|sure|"
    r"bye|talk soon|see you|have a (?:nice|good|great))\b.{0,40})$",
    re.IGNORECASE,
)
_SAID_OF = (
    r"\b(?:is|are|am|was|were|'s|'re|'m|been|feels?|felt|sounds?|seems?|gets?|getting|becom\w+|"
    r"remains?)\s+(?:\w+\s+){0,2}"
)


class _Item(Value):
    """One pair of the model's answer."""

    key: str
    value: str


class _Answer(Value):
    """The shape that the schema asks for."""

    facts: tuple[_Item, ...] = Field(max_length=2 * MAX_ITEMS)


class _Examples(Value):
    """The file of examples."""

    examples: tuple[tuple[str, str], ...] = ()


def worth_asking(event: Event, found: Sequence[Fact]) -> bool:
    """Tell whether a model may find more: some plain statement of some length gave no fact.

    Args:
        event: What was said.
        found: What rules took from it.
    """
    passage = Passage(event.text, event.at)
    return any(
        not clause.moods & UNSAFE
        and len(clause.text.split()) >= _FEWEST_WORDS
        and not _SMALL_TALK.match(clause.text)
        and not any(_says(fact, passage.words(clause.start, clause.start + len(clause.text))) for fact in found)
        for clause in passage.clauses
    )


def _says(fact: Fact, words: str) -> bool:
    """Tell whether a fact was taken from these words."""
    return bool(fact.quote) and (fact.quote in words or words in fact.quote)


def load_examples(text: str) -> tuple[tuple[str, str], ...]:
    """Read the examples of the task (prompts/learn.yaml): pairs of text and answer under ``examples``.

    Raises:
        ContractError: The YAML cannot be read, or holds something else.
    """
    try:
        return _Examples.model_validate(yaml.safe_load(text) or {}).examples
    except (yaml.YAMLError, ValidationError) as error:
        raise ContractError(
            f"not a list of pairs under 'examples': {error}",
            hint="write each example as a list of two texts: what was said, and the JSON answer",
            where="prompts/learn.yaml",
        ) from error


def extraction_request(
    event: Event, keys: Sequence[MemoryKey], *, system: str, few_shot: Sequence[tuple[str, str]] = ()
) -> ModelRequest:
    """Write the request for what rules cannot read.

    Args:
        event: What was said.
        keys: The declared keys; those of kind text and person are asked for.
        system: The compiled contract and the rendered task (prompts/learn.md.j2).
        few_shot: Pairs of text and answer.
    """
    shots = [
        message
        for text, answer in few_shot
        for message in (ChatMessage(role="user", content=text), ChatMessage(role="assistant", content=answer))
    ]
    return ModelRequest(
        task="learn",
        messages=(
            ChatMessage(role="system", content=system),
            *shots,
            ChatMessage(role="user", content=event.text),
        ),
        max_tokens=_MAX_TOKENS,
        json_schema=_schema([key.name for key in askable(keys)]),
    )


def askable(keys: Sequence[MemoryKey]) -> tuple[MemoryKey, ...]:
    """Return the keys a model is asked for: words and people. Dates and numbers are read by rules."""
    return tuple(key for key in keys if key.kind in {"text", "person"})


def _schema(names: Sequence[str]) -> dict[str, Any]:
    """Return the JSON schema of a short typed list."""
    item = {
        "type": "object",
        "properties": {
            "key": {"type": "string", "enum": list(names)},
            "value": {"type": "string", "maxLength": MAX_VALUE},
        },
        "required": ["key", "value"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"facts": {"type": "array", "items": item, "maxItems": MAX_ITEMS}},
        "required": ["facts"],
        "additionalProperties": False,
    }


def facts_from_answer(
    answer: str, event: Event, keys: Sequence[MemoryKey], few_shot: Sequence[tuple[str, str]] = ()
) -> tuple[Fact, ...]:
    """Take from a model's answer what the event's text supports.

    Args:
        answer: The model's text, JSON of the asked shape.
        event: What was said.
        keys: The declared keys.
        few_shot: The examples that the model saw; what stands only there was copied.

    Returns:
        The facts, at most one per subject and key, ``known_from`` the event's time until they are merged.

    Raises:
        ModelGarbled: The answer is no JSON of that shape (cut off, empty, something else).
    """
    try:
        items = _Answer.model_validate_json(answer).facts
    except ValidationError as error:
        raise ModelGarbled(
            f"event {event.id}: the answer is not the list of facts that was asked for: {answer[:80]!r}",
            hint="nothing was learned from it; a model that keeps doing this is too small for extraction",
        ) from error
    passage = Passage(event.text, event.at)
    copied = " ".join(words for pair in few_shot for words in pair).casefold()
    asked = askable(keys)
    kinds = {key.name: key for key in asked}
    facts: dict[tuple[str, str], Fact] = {}
    for item in items[:MAX_ITEMS]:
        key = kinds.get(item.key)
        fact = _grounded(key, item.value, event, passage, asked) if key is not None else None
        if fact is not None and (fact.value or "").casefold() not in copied:
            number = 1 + sum(other.key == fact.key for other in facts.values())
            named = fact.model_copy(update={"id": fact.id + (f":{number}" if number > 1 else "")})
            facts.setdefault((fact.subject, fact.key), named)
    return tuple(facts.values())


def _grounded(key: MemoryKey, value: str, event: Event, passage: Passage, asked: Sequence[MemoryKey]) -> Fact | None:
    """Write one pair as a fact if the text says it plainly; else None."""
    words = value.strip(" .,;:!\"'")
    place = re.search(r"\s+".join(re.escape(word) for word in words.split()), event.text, re.IGNORECASE)
    clause = clause_at(passage, place.start()) if words and place is not None else None
    if place is None or clause is None or clause.moods & UNSAFE:
        return None
    if key.kind == "person":
        named = _place_named(clause, asked) if is_name(place[0]) else None
        if named is None:
            return None
        key = named
    elif (
        " " not in words and words.islower() and not re.search(_SAID_OF + re.escape(words), clause.text, re.IGNORECASE)
    ):
        return None
    return Fact(
        id=f"{event.id}:{key.name}",
        subject=subject_of(key.name, place[0]),
        key=key.name,
        value=place[0],
        event_id=event.id,
        author=event.author,
        at=event.at,
        quote=passage.words(clause.start, clause.start + len(clause.text)),
        confidence=_CONFIDENCE,
        valid_from=event.at,
        known_from=event.at,
    )


def _place_named(clause: Clause, asked: Sequence[MemoryKey]) -> MemoryKey | None:
    """Return the person key whose name or alias stands in the clause."""
    for key in asked:
        names = (key.name.replace("_", " "), *key.aliases)
        if key.kind == "person" and any(
            re.search(rf"\b{re.escape(name)}\b", clause.text, re.IGNORECASE) for name in names
        ):
            return key
    return None
