"""Recall: what an account's memory holds that bears on a question, as of a moment. Pure; asks no model.

`recall` ranks without the events' texts; `Ranked.tell` is given the few that it needs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.dates import say_date
from fleet_runtime.lexical import stems
from fleet_runtime.ports import Vector
from fleet_runtime.recall.index import EventIndex
from fleet_runtime.recall.question import Question
from fleet_runtime.recall.structured import rank_commitments, rank_facts
from fleet_runtime.records import Commitment, Event, Fact, Recalled

RELEVANT = 0.5
"""An item below this score is weak: it shares words with the question, and seldom answers it."""

_FLOOR = 0.1
_SAME = 0.6
_GIVEN, _REPLACED = 0.45, 0.3
_WANTED = 3
_LAST_TIME = "said last time"


@dataclass(frozen=True)
class Found:
    """One event that bears on a question: its score (0..1), and the signs of it that need no text to be seen.

    ``light`` says why it counts less beside the facts; ``fact_id`` is empty, as in an event's `Recalled`.
    """

    event_id: str
    score: float
    speaker: bool = False
    dated: bool = False
    similar: bool = False
    last_time: bool = False
    light: str = ""
    fact_id: str = ""


@dataclass(frozen=True)
class Ranked:
    """What bears on a question, before the chosen events' texts are known. Made by `recall`."""

    question: Question
    strong: tuple[Recalled, ...]
    weak: tuple[Recalled, ...]
    found: tuple[Found, ...]
    replaced: frozenset[str]
    limit: int

    @property
    def wanted(self) -> tuple[str, ...]:
        """Return the ids of the events whose texts `tell` needs, each once, best first."""
        return tuple(dict.fromkeys(found.event_id for found in self.found))

    def tell(self, events: Mapping[str, Event]) -> tuple[Recalled, ...]:
        """Return the items, best first: matching facts and open commitments, then events.

        Args:
            events: The wanted events by their ids; one that is not there is passed over.

        Returns:
            Items with scores from 0 to 1 and reasons, at most the limit. Below `RELEVANT` an item is weak; where
            nothing answers the question, few or none come, all of them weak.
        """
        told: list[Recalled | Found] = [
            self._in_their_light(found)
            for found in self.found
            if (event := events.get(found.event_id)) is not None and not self._says_the_same(event)
        ]
        rest = sorted((*told, *self.weak), key=lambda item: -item.score)
        items: dict[tuple[str, str], Recalled | Found] = {}
        for item in (*self.strong, *rest):
            if item.score >= _FLOOR:
                items.setdefault((item.fact_id, item.event_id), item)
        return tuple(
            item if isinstance(item, Recalled) else self._remembered(item, events[item.event_id])
            for item in list(items.values())[: self.limit]
        )

    def _remembered(self, found: Found, event: Event) -> Recalled:
        """Give an event as a remembered item, with the reasons why it was picked."""
        if found.last_time:
            reasons = [_LAST_TIME]
        else:
            held = set(stems(f"{event.author} {event.text} {say_date(event.at.date())}"))
            reasons = [f"word {stem}" for stem in (*self.question.stems, *self.question.carried) if stem in held]
            reasons += [f"said by {event.author}"] * found.speaker
            reasons += [f"dated {say_date(event.at.date())}"] * found.dated
            reasons += ["similar meaning"] * found.similar
        light = (found.light,) if found.light else ()
        return Recalled(
            text=event.text,
            event_id=event.id,
            author=event.author,
            at=event.at,
            valid_from=event.at,
            score=round(found.score, 4),
            reasons=(*(reasons or ("stands beside what was asked",)), *light),
        )

    def _in_their_light(self, found: Found) -> Found:
        """Weaken an event whose news a chosen fact gives already, and more so one whose news was replaced."""
        if found.event_id in self.replaced:
            return replace(found, score=min(found.score, _REPLACED), light="told what was replaced since")
        if any(fact.event_id == found.event_id for fact in self.strong):
            return replace(found, score=min(found.score, _GIVEN), light="source of a fact above")
        return found

    def _says_the_same(self, event: Event) -> bool:
        """Tell whether an event only says what a chosen fact from it says already."""
        facts = [fact for fact in self.strong if fact.event_id == event.id]
        if not facts:
            return False
        said = set(stems(event.text))
        known = {stem for fact in facts for stem in stems(f"{fact.text} {fact.value}")}
        return bool(known) and len(said & known) >= _SAME * len(said)


def recall(  # noqa: PLR0913 - each is one plain circumstance of the question
    index: EventIndex,
    facts: Iterable[Fact],
    commitments: Iterable[Commitment],
    question: Question,
    *,
    keys: Sequence[MemoryKey],
    now: datetime,
    as_of: datetime | None = None,
    limit: int = 10,
    vector: Vector | None = None,
) -> Ranked:
    """Rank what bears on a question: matching facts and open commitments first, then events.

    Args:
        index: The account's events.
        facts: Its facts as believed at ``as_of`` (today). Former values may be among them: they answer what asks for
            the past, and an event that told one is weakened.
        commitments: Its commitments, open or not.
        question: What was asked, or said; read as of the same moment.
        keys: The fact keys that a role declares; their names and aliases find facts.
        now: The present moment.
        as_of: Use nothing that was said, learned or valid only after this moment.
        limit: How many items at most.
        vector: The question's unit vector, where an encoder is at hand, the one of the events' vectors.
    """
    moment = _aware(as_of) if as_of else None
    rows = tuple(facts)
    present = moment or _aware(now)
    structured = [
        *rank_facts(rows, question, keys, moment=present, as_of=moment),
        *rank_commitments(commitments, question, moment=present, as_of=moment),
    ]
    order = {key.name: place for place, key in enumerate(keys)}
    structured.sort(key=lambda item: (-item.score, order.get(item.key, len(order)), item.key, item.fact_id))
    strong = tuple(item for item in structured if item.score >= RELEVANT)
    return Ranked(
        question=question,
        strong=strong,
        weak=tuple(structured[len(strong) :]),
        found=_found(index, question, present, moment, limit=_WANTED * limit, vector=vector) if index else (),
        replaced=frozenset() if question.past else _replaced(rows, {item.key for item in strong}, present),
        limit=limit,
    )


def _found(  # noqa: PLR0913 - the same circumstances
    index: EventIndex,
    question: Question,
    present: datetime,
    as_of: datetime | None,
    *,
    limit: int,
    vector: Vector | None,
) -> tuple[Found, ...]:
    """Return the events that bear on a question: those of the last talk, where it asks for them, then the ranked."""
    from fleet_runtime.recall.features import Sight  # noqa: PLC0415 - loads numpy
    from fleet_runtime.recall.ranking import rank  # noqa: PLC0415

    columns = index.columns.until(as_of)
    ids: Sequence[str] = index.rows.ids
    last: Sequence[int] = columns.of_latest_day(present)[:limit] if question.last_time else ()
    ranked = rank(Sight(columns, question, vector), limit)
    return (
        *(Found(ids[place], RELEVANT, last_time=True) for place in last),
        *(Found(ids[one.place], one.score, one.speaker, one.dated, one.similar) for one in ranked),
    )


def _replaced(facts: Iterable[Fact], keys: Collection[str], moment: datetime) -> frozenset[str]:
    """Return the events that told a former value of these keys."""
    ended = (fact for fact in facts if fact.key in keys and fact.valid_to is not None and fact.valid_to <= moment)
    return frozenset(fact.event_id for fact in ended)


def _aware(moment: datetime) -> datetime:
    """Read a naive time as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
