"""Let a small model label what code has found in a message, and believe only labels it is sure of.

A small model gives a piece the right key far more often than it writes a fact by itself, and the chance that it
gave a label tells the right from the wrong: a label without a chance, or with a low one, is no fact. Sends nothing:
`label_request` asks, `read_labels` and `labelled` judge. What is said in a clause rather than named (a goal, a
trouble, a mood) is left to the rules: this way a small model finds none of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Literal

import yaml
from pydantic import Field, ValidationError

from fleet_runtime.contracts import MemoryKey, Value
from fleet_runtime.errors import ContractError, ModelGarbled
from fleet_runtime.learning.pieces import GONE, OTHER, Known, Piece, clause_at
from fleet_runtime.learning.reading.passages import Passage
from fleet_runtime.learning.reading.rules import SEVERAL_AT_ONCE, subject_of
from fleet_runtime.messages import ChatMessage, ModelRequest, Token
from fleet_runtime.records import Event, Fact

SURE = 0.97
"""The least chance of a label that counts: at 0.9 the embedded model was wrong about one label in four."""

_RIVAL = 0.15
_TOKENS_A_PIECE = 14
_ALTERNATIVES = 16
_NOTED = frozenset({"note", "call", "usage"})


class LabelExample(Value):
    """One example: what is seen, and the labels of its pieces."""

    situation: str
    labels: tuple[tuple[str, str], ...]


class LabelWords(Value):
    """The file of the labelling task: what each key means, and the examples."""

    hints: dict[str, str] = Field(default_factory=dict)
    examples: tuple[LabelExample, ...] = ()


def load_labels(text: str) -> LabelWords:
    """Read the words of the labelling task (prompts/learn_labels.yaml).

    Raises:
        ContractError: The YAML cannot be read, or holds something else.
    """
    try:
        return LabelWords.model_validate(yaml.safe_load(text) or {})
    except (yaml.YAMLError, ValidationError) as error:
        raise ContractError(
            f"not the words of the labelling task: {error}",
            hint="give 'hints' (key: meaning) and 'examples' (situation, labels)",
            where="prompts/learn_labels.yaml",
        ) from error


class LearnPrompts(Value):
    """How a model is asked: in which ``voice``, under which system message, with which examples.

    ``system`` is the compiled contract and the task, the same for every message, so that it stays cached.
    """

    voice: Literal["free", "assisted"]
    system: str
    few_shot: tuple[tuple[str, str], ...] = ()
    labels: LabelWords = LabelWords()


def label_request(
    event: Event, found: Sequence[Piece], keys: Sequence[MemoryKey], prompts: LearnPrompts, known: Known
) -> ModelRequest:
    """Ask what the pieces of a message are.

    Args:
        event: What was said.
        found: Its pieces.
        keys: The declared keys.
        prompts: The system message and the examples; those for keys that are not declared are left out.
        known: What was known before; the facts on file and the last message are shown.
    """
    names = {key.name for key in keys} | {GONE, OTHER}
    messages = [ChatMessage(role="system", content=prompts.system)]
    for shot in prompts.labels.examples:
        if {label for _, label in shot.labels} <= names:
            messages += _shown(shot)
    texts = [piece.text for piece in found]
    messages.append(ChatMessage(role="user", content=_asked(_situation(event, known), texts)))
    labels = open_labels(found)
    return ModelRequest(
        task="learn",
        messages=tuple(messages),
        max_tokens=16 + sum(_TOKENS_A_PIECE + len(text) // 2 for text in texts),
        grammar=_lines(labels),
        alternatives=_ALTERNATIVES,
    )


def open_labels(found: Sequence[Piece]) -> dict[str, tuple[str, ...]]:
    """Return the labels that each piece may get."""
    return {piece.text: piece.labels for piece in found}


def _lines(labels: Mapping[str, Sequence[str]]) -> str:
    """Return the grammar of one line for each piece: its words, a colon, one of its labels."""
    rules = [
        f"l{number} ::= " + " | ".join(f'"{label}"' for label in given) for number, given in enumerate(labels.values())
    ]
    heads = [f"{json.dumps(text + ': ', ensure_ascii=False)} l{number}" for number, text in enumerate(labels)]
    return "\n".join(["root ::= " + ' "\\n" '.join(heads), *rules])


def _shown(shot: LabelExample) -> list[ChatMessage]:
    """Write an example as the exchange that it would have been."""
    asked = _asked(shot.situation, [text for text, _ in shot.labels])
    answer = "\n".join(f"{text}: {label}" for text, label in shot.labels)
    return [ChatMessage(role="user", content=asked), ChatMessage(role="assistant", content=answer)]


def _asked(situation: str, texts: Sequence[str]) -> str:
    """Join what is seen and the pieces."""
    return f"{situation}\nPieces: {', '.join(texts)}"


def _situation(event: Event, known: Known) -> str:
    """Say what is on file, what was said before, and what is said now."""
    filed = "; ".join(f"{fact.key} {fact.value}" for fact in known.holding if fact.value) or "-"
    last = f"{known.before[-1].author}: {known.before[-1].text}" if known.before else "-"
    how = f" ({event.kind})" if event.kind in _NOTED else ""
    return f"On file: {filed}\nBefore: {last}\nNow: {event.author}{how}: {event.text}"


class Labels(Value):
    """An answer as read: each piece's label, with its chance."""

    labels: dict[str, str]
    chances: dict[str, float]


def read_labels(answer: str, labels: Mapping[str, Sequence[str]], tokens: Sequence[Token] = ()) -> Labels:
    """Read an answer to `label_request`.

    Args:
        answer: The model's text, one line for each piece.
        labels: The labels that were open (`open_labels`).
        tokens: The answer's tokens with their chances; without them no label is sure.

    Raises:
        ModelGarbled: A piece got none of its labels.
    """
    given: dict[str, str] = {}
    chances: dict[str, float] = {}
    for name, others in labels.items():
        line = re.search(rf"^{re.escape(name)}:[ ]*({'|'.join(map(re.escape, others))})[ ]*$", answer, re.MULTILINE)
        if line is None:
            raise ModelGarbled(
                f"no label for {name!r} in {answer[:80]!r}", hint="nothing was learned; another model may do better"
            )
        given[name] = line[1]
        chances[name] = _share(line[1], others, _chances_at(line.start(1), tokens))
    return Labels(labels=given, chances=chances)


def _chances_at(place: int, tokens: Sequence[Token]) -> dict[str, float]:
    """Return the chances of the token that begins at a place of the answer, or with the spaces before it."""
    at = 0
    for token in tokens:
        begins = at + len(token.text) - len(token.text.lstrip())
        if begins == place and token.text.strip():
            return token.chances
        at += len(token.text)
    return {}


def _share(label: str, others: Sequence[str], chances: Mapping[str, float]) -> float:
    """Return a label's share among those open; a token counts for the label that it begins."""
    shares = dict.fromkeys(others, 0.0)
    for text, chance in chances.items():
        words = text.strip()
        begun = next((other for other in others if words and other.startswith(words)), None)
        if begun is not None:
            shares[begun] += chance
    total = sum(shares.values())
    return shares[label] / total if total else 0.0


def labelled(event: Event, found: Sequence[Piece], labels: Labels) -> tuple[Fact, ...]:
    """Take the facts of which the model is sure; of two pieces for one key the surer, of two alike none."""
    passage = Passage(event.text, event.at)
    best: dict[tuple[str, str], list[tuple[float, Fact]]] = {}
    for piece in found:
        label, chance = labels.labels.get(piece.text, OTHER), labels.chances.get(piece.text, 0.0)
        if label not in piece.labels or label == OTHER or chance < SURE:
            continue
        fact = _fact(event, passage, piece, label, chance)
        best.setdefault((fact.subject, fact.key), []).append((chance, fact))
    return tuple(sure for rivals in best.values() if (sure := _surest(rivals)) is not None)


def _surest(rivals: Sequence[tuple[float, Fact]]) -> Fact | None:
    """Return the surest of the facts for one key; none if another is nearly as sure."""
    (first, fact), *rest = sorted(rivals, key=lambda rival: -rival[0])
    return None if rest and first - rest[0][0] < _RIVAL else fact


def _fact(event: Event, passage: Passage, piece: Piece, label: str, chance: float) -> Fact:
    """Write a labelled piece as a fact, with its clause as quote."""
    ended = piece.held if label == GONE else None
    key = ended.key if ended is not None else label
    value = None if ended is not None else piece.value
    clause = clause_at(passage, piece.start)
    quote = passage.words(clause.start, clause.start + len(clause.text)) if clause is not None else piece.text
    subject = ended.subject if ended is not None else subject_of(key, piece.value)
    return _written(event, subject=subject, key=key, value=value, quote=quote, confidence=round(chance, 2))


def _written(  # noqa: PLR0913 -- the parts of a fact
    event: Event, *, subject: str, key: str, value: str | None, quote: str, confidence: float
) -> Fact:
    """Write a fact of an event."""
    suffix = "" if key not in SEVERAL_AT_ONCE else f":{subject}"
    return Fact(
        id=f"{event.id}:{key}{suffix}",
        subject=subject,
        key=key,
        value=value,
        event_id=event.id,
        author=event.author,
        at=event.at,
        quote=quote,
        confidence=confidence,
        valid_from=event.at,
        known_from=event.at,
    )
