"""Whether a customer's goals were reached, as far as the record says so in words. Works nothing out from figures. Pure.

A goal of which nobody said what became of it is neither reached nor missed: it is one to ask about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from fleet_runtime.health.case import Case
from fleet_runtime.health.outcomes import Outcome, numbers, outcomes_in, topic
from fleet_runtime.health.outlook import cite_of
from fleet_runtime.health.talk import MOST_TEXTS, SPOKEN
from fleet_runtime.records import Fact
from fleet_runtime.records.book import Evidence

STATE: Final = "goal_state"
"""The key of a fact by which somebody says outright what became of the goal."""

_KEYS: Final = ("goal", "objective", "success_criteria")
"""What the key of a fact that states a goal has in it."""
_REACHED: Final = frozenset({"reached", "met", "achieved", "exceeded"})
_MISSED: Final = frozenset({"missed", "not reached", "not met", "not achieved", "failed"})
_SHARED: Final = 0.6
"""The share of a goal's words that a sentence on that goal has; two of them at least."""
_SAME: Final = 0.75
"""The share of common words from which on a promise is the goal itself."""


class Word(NamedTuple):
    """What is on record of what became of a goal: since when, where, and whether it was a promise that was kept."""

    on: date
    reached: bool
    evidence: Evidence


class Goal(NamedTuple):
    """A goal on record, and the last word on it; None where nothing tells."""

    fact: Fact
    word: Word | None


class _Said(NamedTuple):
    """A text on an account's record, and where it stands."""

    on: date
    text: str
    source: str


def goals_of(case: Case, at: datetime) -> tuple[Goal, ...]:
    """Return the goals on record at a moment, each with the last word on it: of the same day, the worse one.

    What was said before a goal was on record is about another one.
    """
    facts = case.facts(at)
    goals = [one for one in facts if one.value and one.key != STATE and any(part in one.key for part in _KEYS)]
    if not goals:
        return ()
    told = [(said, outcome) for said in _said(case, at) for outcome in outcomes_in(said.text)]
    found: list[Goal] = []
    for goal in goals:
        words = [*_stated(goal, facts), *_kept(goal, case, at), *_told(goal, told, alone=len(goals) == 1)]
        since = goal.at.date()
        last = max((one for one in words if one.on >= since), key=lambda one: (one.on, not one.reached), default=None)
        found.append(Goal(goal, last))
    return tuple(found)


def _stated(goal: Fact, facts: Sequence[Fact]) -> Iterator[Word]:
    """Yield what a fact says outright."""
    for fact in facts:
        state = " ".join((fact.value or "").casefold().split())
        if fact.key == STATE and fact.subject == goal.subject and state in _REACHED | _MISSED:
            evidence = Evidence(text=fact.quote or f"{STATE}: {fact.value}", source=f"fact {fact.id}")
            yield Word(fact.at.date(), state in _REACHED, evidence)


def _kept(goal: Fact, case: Case, at: datetime) -> Iterator[Word]:
    """Yield the promises to do what the goal says that were kept."""
    aim = topic(goal.value or "")
    for one in case.state.commitments:
        task = topic(one.task)
        same = len(aim & task) >= _SAME * len(aim | task) > 0
        if same and one.state == "done" and one.closed_at is not None and one.closed_at <= at:
            on = one.closed_at.date()
            text = f"{one.task}, promised by {one.owner} and done on {on}"
            yield Word(on, reached=True, evidence=Evidence(text=text, source=f"event {one.closed_by or one.event_id}"))


def _told(goal: Fact, told: Sequence[tuple[_Said, Outcome]], *, alone: bool) -> Iterator[Word]:
    """Yield what was said of a goal; ``alone``: there is no other that could be meant."""
    aim, figures = topic(goal.value or ""), numbers(goal.value or "")
    for said, outcome in told:
        if outcome.about:
            shared = len(aim & outcome.about)
            meant = outcome.numbers <= figures and shared >= max(_SHARED * len(aim), min(2, len(aim)), 1)
        else:
            meant = alone or outcome.of_all
        if meant:
            evidence = Evidence(text=f'"{outcome.sentence}" ({said.on})', source=said.source)
            yield Word(said.on, outcome.reached, evidence)


def _said(case: Case, at: datetime) -> Iterator[_Said]:
    """Yield the notes that were known at a moment, and the latest of what had been said."""
    noted: set[str] = set()
    for row in case.notes(at):
        noted.add(row.event_id)
        yield _Said(row.start, row.note, cite_of(row))
    spoken = [event for event in case.events(at) if event.kind in SPOKEN and event.id not in noted]
    for event in spoken[-MOST_TEXTS:]:
        yield _Said(event.at.date(), event.text, f"event {event.id}")
