"""Recall: what an account's memory holds that bears on a question, as of a moment. Pure; asks no model."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import UTC, datetime

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.lexical import stems
from fleet_runtime.recall.events import RecallVectors, rank_events, remembered
from fleet_runtime.recall.question import Question, read_question
from fleet_runtime.recall.structured import rank_commitments, rank_facts
from fleet_runtime.records import AccountState, Event, Fact, Recalled

RELEVANT = 0.5
"""An item below this score is weak: it shares words with the question, and seldom answers it."""

_FLOOR = 0.1
_DENSE_FACT = 0.8
_SAME = 0.6
_GIVEN, _REPLACED = 0.45, 0.3


def recall(  # noqa: PLR0913 - each is one plain circumstance of the question
    state: AccountState,
    question: str,
    *,
    keys: Sequence[MemoryKey],
    now: datetime,
    as_of: datetime | None = None,
    limit: int = 10,
    vectors: RecallVectors | None = None,
) -> tuple[Recalled, ...]:
    """Return what bears on a question, best first: matching facts and open commitments, then events.

    Args:
        state: The account's rows.
        question: What was asked, or said.
        keys: The fact keys that a role declares; their names and aliases find facts.
        now: The present moment.
        as_of: Use nothing that was said, learned or valid only after this moment.
        limit: How many items at most.
        vectors: Unit vectors of question and items, where an encoder is at hand.

    Returns:
        Items with scores from 0 to 1 and reasons. Below `RELEVANT` an item is weak; where nothing
        answers the question, few or none come, all of them weak.
    """
    now = _aware(now)
    moment = _aware(as_of) if as_of else None
    asked = read_question(question, moment or now)
    structured = [
        *rank_facts(state, asked, keys, now=now, as_of=moment),
        *rank_commitments(state, asked, as_of=moment),
    ]
    if vectors:
        structured = [_with_vector(item, vectors) for item in structured]
    order = {key.name: place for place, key in enumerate(keys)}
    structured.sort(key=lambda item: (-item.score, order.get(item.key, len(order)), item.key, item.fact_id))
    strong = [item for item in structured if item.score >= RELEVANT]
    events = [event for event in state.events if moment is None or event.at <= moment]
    stale = () if asked.past else _replaced(state.facts, {item.key for item in strong}, moment or now)
    told = [
        _in_their_light(item, strong, stale)
        for item in (*_of_last_time(events, asked, moment or now), *rank_events(events, asked, vectors))
        if not _says_the_same(item, strong)
    ]
    rest = sorted((*told, *structured[len(strong) :]), key=lambda item: -item.score)
    found = {(item.fact_id, item.event_id): item for item in reversed((*strong, *rest)) if item.score >= _FLOOR}
    return tuple(reversed(found.values()))[:limit]


def _with_vector(item: Recalled, vectors: RecallVectors) -> Recalled:
    """Lift a structured item that is near to the question by meaning."""
    near = _DENSE_FACT * vectors.belief(item.fact_id)
    if near <= item.score:
        return item
    return item.model_copy(update={"score": round(near, 4), "reasons": (*item.reasons, "similar meaning")})


def _of_last_time(events: Sequence[Event], asked: Question, moment: datetime) -> tuple[Recalled, ...]:
    """Return what was said on the latest earlier day, where the question asks for the last talk."""
    earlier = [event for event in events if event.at.date() < moment.date()] if asked.last_time else []
    latest = max((event.at.date() for event in earlier), default=None)
    return tuple(remembered(event, RELEVANT, ("said last time",)) for event in earlier if event.at.date() == latest)


def _replaced(facts: Iterable[Fact], keys: Container[str], moment: datetime) -> frozenset[str]:
    """Return the events that told a former value of these keys."""
    ended = (fact for fact in facts if fact.key in keys and fact.valid_to is not None and fact.valid_to <= moment)
    return frozenset(fact.event_id for fact in ended)


def _in_their_light(event: Recalled, facts: Iterable[Recalled], stale: Container[str]) -> Recalled:
    """Weaken an event whose news a chosen fact gives already, and more so one whose news was replaced."""
    if event.event_id in stale:
        most, reason = _REPLACED, "told what was replaced since"
    elif any(fact.event_id == event.event_id for fact in facts):
        most, reason = _GIVEN, "source of a fact above"
    else:
        return event
    return event.model_copy(update={"score": min(event.score, most), "reasons": (*event.reasons, reason)})


def _says_the_same(event: Recalled, facts: Iterable[Recalled]) -> bool:
    """Tell whether an event only says what a chosen fact from it says already."""
    said = set(stems(event.text))
    known = {stem for fact in facts if fact.event_id == event.event_id for stem in stems(f"{fact.text} {fact.value}")}
    return bool(known) and len(said & known) >= _SAME * len(said)


def _aware(moment: datetime) -> datetime:
    """Read a naive time as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
