"""Weigh facts and open commitments against a question. Structured memory comes before ranked events.

A fact is found by its key's name and aliases, by its plain sentence, or by its value ("who is
Dana?"). A word that many keys share tells little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.dates import say_date
from fleet_runtime.lexical import Bm25, stems
from fleet_runtime.recall.question import Question
from fleet_runtime.recall.saying import find_key, say_commitment, say_fact
from fleet_runtime.records import Commitment, Fact, Recalled

_PROMISED = re.compile(
    r"\b(?:still\s+open|open\s+(?:items?|points?|tasks?|actions?|ends)|promis\w*|owes?|owed|commit\w*|due|outstanding|action\s+items?|to-?dos?|follow[\s-]?ups?|still\s+waiting"
    r"|waiting\s+for|agreed|deliver\w*)\b",
    re.IGNORECASE,
)
_ALIAS, _VALUE, _SENTENCE, _PROMISE = 0.9, 0.85, 0.5, 0.9
_OVERVIEW = 0.6
_WANTED = 0.15
_UNCOVERED = 0.35
_OTHER_VERSION, _ANOTHER_TIME = 0.95, 0.8
_CARRIED = 0.85
_KEY_SETS = 64


class _KeyWords:
    """The stems by which each key is asked for, and how much each stem tells among all keys."""

    def __init__(self, keys: Sequence[MemoryKey]) -> None:
        self.phrases = {
            key.name: [row for phrase in (key.name.replace("_", " "), *key.aliases) if (row := stems(phrase))]
            for key in keys
        }
        self.sentences = {key.name: frozenset(stems(key.sentence.replace("{value}", " "))) for key in keys}
        self._weights = Bm25(
            sorted({*self.sentences[key.name], *(stem for row in self.phrases[key.name] for stem in row)})
            for key in keys
        )
        self._most = max(
            (self._weights.idf(stem) for name in self.sentences for stem in self.sentences[name]), default=1
        )

    def rarity(self, stem: str) -> float:
        """Tell how much one stem says about the key (0..1)."""
        return min(1.0, self._weights.idf(stem) / self._most) if self._most else 1.0


@lru_cache(maxsize=_KEY_SETS)
def _key_words(keys: tuple[MemoryKey, ...]) -> _KeyWords:
    """Return the words of a role's keys, read once."""
    return _KeyWords(keys)


def rank_facts(
    facts: Iterable[Fact], question: Question, keys: Sequence[MemoryKey], *, moment: datetime, as_of: datetime | None
) -> Iterator[Recalled]:
    """Yield each fact that bears on the question, with its score (0..1) and reasons, in no order.

    Current facts are those that hold at ``moment``, as believed at ``as_of`` (None: today). Former ones are given
    only when the question asks for the past, and say until when they held.
    """
    rows = tuple(facts)
    believed = [fact for fact in rows if _is_believed(fact, as_of)]
    declared = _key_words(tuple(keys))
    days = question.past_days(moment.date())
    current = [fact for fact in believed if fact.valid_from <= moment and not _has_ended(fact, moment)]
    former = _former(believed, days, moment) if question.past else ()
    for fact in (*current, *_retracted(rows, current, moment, as_of), *former):
        score, reasons = _weigh(fact, question, keys, declared)
        if not score and not question.overview:
            continue  # an account may have many, and few bear on a question
        text = say_fact(fact, keys)
        ended = _has_ended(fact, moment)
        if question.overview and not ended and score < _OVERVIEW:
            score, reasons = _OVERVIEW, (*reasons, "an overview was asked for")
        if days:
            score *= 1.0 if any(_held_on(fact, day) for day in days) else _ANOTHER_TIME
        elif ended != question.formerly:
            named = question.formerly and set(stems(fact.value or "")) & set(question.stems)
            score *= _ANOTHER_TIME**2 if named else _OTHER_VERSION
        if fact.valid_to is not None and ended:
            text = f"{text.rstrip('.')} (until {say_date(fact.valid_to.date())})."
            reasons = (*reasons, "held before")
        yield Recalled(
            text=text,
            event_id=fact.event_id,
            author=fact.author,
            at=fact.at,
            valid_from=fact.valid_from,
            score=round(score, 4),
            reasons=reasons,
            key=fact.key,
            value=fact.value or "",
            fact_id=fact.id,
        )


def rank_commitments(
    commitments: Iterable[Commitment], question: Question, *, moment: datetime, as_of: datetime | None
) -> Iterator[Recalled]:
    """Yield each open commitment that bears on it, with score and reasons; ``key`` is "commitment"."""
    asked = bool(_PROMISED.search(question.text))
    for commitment in commitments:
        was_closed = commitment.closed_at is not None and as_of is not None
        if not (commitment.state == "open" or was_closed) or not commitment.open_at(moment):
            continue
        score, reasons = _weigh_commitment(commitment, question, asked=asked)
        if not score:
            continue  # an account may have many, and few bear on a question
        yield Recalled(
            text=say_commitment(commitment),
            event_id=commitment.event_id,
            author=commitment.owner,
            at=commitment.at,
            valid_from=commitment.at,
            score=round(score, 4),
            reasons=reasons,
            key="commitment",
            value=commitment.task,
            fact_id=commitment.id,
        )


def _retracted(
    rows: Iterable[Fact], current: Iterable[Fact], moment: datetime, known_at: datetime | None
) -> Iterator[Fact]:
    """Yield what is known to hold no more, for keys that have no other value: better than a stale answer."""
    held = {fact.key for fact in current}
    for fact in rows:
        gone = fact.value is None and fact.key not in held and _spans(fact.valid_from, fact.valid_to, moment)
        if gone and (fact.known_to is None if known_at is None else _spans(fact.known_from, fact.known_to, known_at)):
            yield fact


def _is_believed(fact: Fact, known_at: datetime | None) -> bool:
    """Tell whether a statement was known and not yet corrected at a moment (None: today), and yields to no other."""
    known = fact.known_to is None if known_at is None else _spans(fact.known_from, fact.known_to, known_at)
    return known and fact.value is not None and not fact.yields_to


def _has_ended(fact: Fact, moment: datetime) -> bool:
    """Tell whether a fact no longer holds at a moment."""
    return fact.valid_to is not None and fact.valid_to <= moment


def _spans(first: datetime, last: datetime | None, moment: datetime) -> bool:
    """Tell whether a moment lies in a time that may be open at its end."""
    return first <= moment and (last is None or moment < last)


def _former(believed: Iterable[Fact], days: Sequence[date], moment: datetime) -> tuple[Fact, ...]:
    """Return what held before ``moment``; on the days asked for, if any are named."""
    ended = (fact for fact in believed if _has_ended(fact, moment))
    return tuple(fact for fact in ended if not days or any(_held_on(fact, day) for day in days))


def _held_on(fact: Fact, day: date) -> bool:
    """Tell whether a fact held on a day."""
    return fact.valid_from.date() <= day and (fact.valid_to is None or day < fact.valid_to.date())


def _weigh(
    fact: Fact, question: Question, keys: Sequence[MemoryKey], declared: _KeyWords
) -> tuple[float, tuple[str, ...]]:
    """Score a fact by the clause that it fits best."""
    key = find_key(keys, fact.key)
    best, why = 0.0, tuple[str, ...]()
    for part, trust in _askings(question):
        asked = frozenset(part)
        matched, strength, reasons = _fit(fact, asked, declared)
        if not strength:
            continue
        if key and key.kind in question.wants:
            strength = min(1.0, strength + _WANTED)
        score = trust * strength * (_UNCOVERED + (1 - _UNCOVERED) * len(matched) / len(asked))
        if score > best:
            best, why = score, reasons
    return best, why


def _askings(question: Question) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield what is asked clause by clause, and how far to trust it: less where it needs what was carried over."""
    for part in question.parts:
        yield part, 1.0
    for stem in question.carried:
        for part in question.parts or ((),):
            yield (*part, stem), _CARRIED


def _fit(fact: Fact, asked: frozenset[str], declared: _KeyWords) -> tuple[frozenset[str], float, tuple[str, ...]]:
    """Return which asked stems a fact answers, how strongly by its best field, and why."""
    phrases = declared.phrases.get(fact.key) or [stems(fact.key.replace("_", " "))]
    sentence = declared.sentences.get(fact.key, frozenset())
    value = _stems_of(fact.value or "")
    by_alias = _alias_fit(fact.key, asked, declared)
    by_value = _VALUE * len(value & asked) / min(len(value), 2) if value & asked else 0.0
    by_sentence = _SENTENCE * max((declared.rarity(stem) for stem in sentence & asked), default=0.0)
    matched = asked & (value | sentence | {stem for row in phrases for stem in row})
    reasons = [f"word {stem}" for stem in sorted(matched)]
    if by_alias:
        reasons.insert(0, f"key {fact.key}")
    return matched, max(by_alias, min(by_value, _VALUE), by_sentence), tuple(reasons)


@lru_cache(maxsize=4096)
def _alias_fit(name: str, asked: frozenset[str], declared: _KeyWords) -> float:
    """Tell how much of a key's name or of an alias was asked for; the same for all of its values."""
    phrases = declared.phrases.get(name) or [stems(name.replace("_", " "))]
    return max((_phrase_fit(row, asked, declared) for row in phrases), default=0.0)


def _phrase_fit(phrase: Sequence[str], asked: frozenset[str], declared: _KeyWords) -> float:
    """Tell how much of a name or alias was asked for; a half-said one counts by how much its words tell."""
    said = [stem for stem in phrase if stem in asked]
    if len(said) == len(phrase):
        return _ALIAS
    return _ALIAS * len(said) / len(phrase) * max((declared.rarity(stem) for stem in said), default=0.0)


@lru_cache(maxsize=50_000)
def _stems_of(text: str) -> frozenset[str]:
    """Return the stems of a value or a promise; the same ones are weighed against every question."""
    return frozenset(stems(text))


def _weigh_commitment(commitment: Commitment, question: Question, *, asked: bool) -> tuple[float, tuple[str, ...]]:
    """Score a commitment by its task's words, and by the question asking for promises at all."""
    people = f"{commitment.to} {commitment.owner}" if asked else ""
    task = _stems_of(f"{commitment.task} {people}")
    best, why = (_PROMISE * 0.8, ("open commitment",)) if asked else (0.0, tuple[str, ...]())
    for part, trust in _askings(question):
        matched = task & frozenset(part)
        score = trust * _PROMISE * len(matched) / len(part)
        if asked and matched:
            score = min(1.0, score + _PROMISE * 0.5)
        if score > best:
            best, why = score, ("open commitment", *(f"word {stem}" for stem in sorted(matched)))
    return best, why
