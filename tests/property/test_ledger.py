"""The ledger against a brute-force replay of random histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from exploring import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime.learning.ledger import Ledger, facts_at, history, same_value
from fleet_runtime.records import Fact

DAY_ZERO = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 8
KEYS = ("seats", "champion")


@dataclass(frozen=True)
class Step:
    """One thing learned on a day: a value (or a retraction) from a day on, or that what held then never did."""

    key: str
    value: str | None
    valid_day: int
    never: bool
    pause: int


steps = st.lists(
    st.builds(
        Step,
        key=st.sampled_from(KEYS),
        value=st.sampled_from(["a", "b", "c", None]),
        valid_day=st.integers(0, DAYS),
        never=st.booleans(),
        pause=st.integers(0, 2),
    ),
    max_size=9,
)


def day(number: int) -> datetime:
    return DAY_ZERO + timedelta(days=number)


def statement(step: Step, number: int, now: datetime) -> Fact:
    """Write a step as a fact, as a rule would hand it in."""
    return Fact(
        id=f"e{number}:{step.key}",
        key=step.key,
        value=step.value,
        event_id=f"e{number}",
        author="Ann",
        at=now,
        valid_from=day(step.valid_day),
        known_from=now,
    )


@dataclass
class Told:
    """One statement of the replay and when it was known."""

    key: str
    value: str | None
    valid_from: datetime
    known_from: datetime
    known_to: datetime | None = None

    def live(self, known_at: datetime) -> bool:
        return self.known_from <= known_at and (self.known_to is None or known_at < self.known_to)


class Replay:
    """Keeps every statement and answers by looking through all of them."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    def holding(self, key: str, as_of: datetime, known_at: datetime | None) -> Told | None:
        options = [
            told
            for told in self.told
            if told.key == key
            and told.valid_from <= as_of
            and (told.known_to is None if known_at is None else told.live(known_at))
        ]
        return max(options, key=lambda told: told.valid_from, default=None)

    def overtaken(self, step: Step, now: datetime, *, confirmed: bool) -> list[Told]:
        """Find the retractions after a value's start and before the next value: whoever speaks now knew of them.

        Who repeats what held says nothing about a retraction that is still ahead.
        """
        later = [
            t for t in self.told if t.key == step.key and t.known_to is None and t.valid_from > day(step.valid_day)
        ]
        next_value = min((told.valid_from for told in later if told.value is not None), default=None)
        return [
            told
            for told in later
            if step.value is not None
            and told.value is None
            and (next_value is None or told.valid_from < next_value)
            and (not confirmed or told.valid_from <= now)
        ]

    def take(self, step: Step, now: datetime) -> None:
        valid_from = day(step.valid_day)
        held = self.holding(step.key, valid_from, None)
        if step.never:
            if held is not None:
                held.known_to = now
            return
        confirmed = held is not None and same_value(held.value, step.value)
        overtaken = self.overtaken(step, now, confirmed=confirmed)
        if confirmed and not overtaken:
            return
        for told in overtaken:
            told.known_to = now
        if held is not None and held.valid_from == valid_from:
            held.known_to = now
        self.told.append(Told(step.key, step.value, valid_from, now))


def run(history_of_steps: Sequence[Step]) -> tuple[tuple[Fact, ...], Replay, int]:
    """Play a history on the ledger and on the replay; return both and the last day."""
    facts: tuple[Fact, ...] = ()
    replay = Replay()
    today = 0
    for number, step in enumerate(history_of_steps):
        today += step.pause
        new = statement(step, number, day(today))
        if step.never:
            held = [row for row in facts_with_none(facts, new.valid_from) if row.key == step.key]
            change = Ledger(facts).withdraw(held[0], day(today)) if held else None
        else:
            change = Ledger(facts).add(new)
        before = facts
        if change is not None:
            assert {row.key for row in (*change.closed, *change.added)} <= {step.key}
            facts = change.apply(facts)
            assert [row for row in facts if row.key != step.key] == [row for row in before if row.key != step.key]
        replay.take(step, day(today))
    return facts, replay, today


def facts_with_none(facts: Sequence[Fact], moment: datetime) -> list[Fact]:
    return [
        row
        for row in facts
        if row.known_to is None and row.valid_from <= moment and (row.valid_to is None or moment < row.valid_to)
    ]


@settings(max_examples=examples(150))
@given(steps)
def test_every_moment_answers_as_the_replay(history_of_steps: list[Step]) -> None:
    facts, replay, last = run(history_of_steps)
    for known in (*range(last + 2), None):
        known_at = None if known is None else day(known)
        for valid in range(DAYS + 2):
            got = {row.key: row.value for row in facts_at(facts, as_of=day(valid), known_at=known_at, now=day(last))}
            expected: dict[str, str | None] = {}
            for key in KEYS:
                held = replay.holding(key, day(valid), known_at)
                if held is not None and held.value is not None:
                    expected[key] = held.value
            assert got == expected, (valid, known)


@settings(max_examples=examples(100))
@given(steps)
def test_the_rows_known_at_one_moment_never_overlap(history_of_steps: list[Step]) -> None:
    facts, _, last = run(history_of_steps)
    assert len({row.id for row in facts}) == len(facts)
    for key in KEYS:
        for known in range(last + 2):
            rows = sorted(
                (
                    row
                    for row in facts
                    if row.key == key
                    and row.known_from <= day(known)
                    and (row.known_to is None or day(known) < row.known_to)
                ),
                key=lambda row: row.valid_from,
            )
            for earlier, later in pairwise(rows):
                assert earlier.valid_to == later.valid_from
        values = history(facts, key)
        assert list(values) == sorted(values, key=lambda row: row.valid_from)


@settings(max_examples=examples(60))
@given(steps)
def test_stored_rows_change_in_their_known_end_only_and_once(history_of_steps: list[Step]) -> None:
    facts: tuple[Fact, ...] = ()
    today = 0
    for number, step in enumerate(history_of_steps):
        today += step.pause
        change = Ledger(facts).add(statement(step, number, day(today)))
        rows = {row.id: row for row in facts}
        for closed in change.closed:
            assert rows[closed.id].known_to is None
            assert closed.model_copy(update={"known_to": None}) == rows[closed.id]
        facts = change.apply(facts)
        again = Ledger(facts).add(statement(step, number, day(today)))
        assert not again.closed
        assert not again.added


def test_a_clock_that_runs_backwards_does_not_rewrite_what_was_known() -> None:
    first = statement(Step("seats", "a", 0, never=False, pause=0), 0, day(5))
    facts = Ledger(()).add(first).apply(())
    second = statement(Step("seats", "b", 1, never=False, pause=0), 1, day(2))
    facts = Ledger(facts).add(second).apply(facts)
    assert {row.known_from for row in facts} == {day(5)}
    assert [row.value for row in facts_at(facts, as_of=day(3), now=day(9))] == ["b"]
    assert [row.value for row in facts_at(facts, as_of=day(0), now=day(9))] == ["a"]


def test_a_given_end_is_kept_and_a_row_that_is_not_believed_cannot_be_withdrawn() -> None:
    until = statement(Step("seats", "a", 0, never=False, pause=0), 0, day(0)).model_copy(update={"valid_to": day(3)})
    facts = Ledger(()).add(until).apply(())
    assert facts_at(facts, as_of=day(4), now=day(9)) == ()
    gone = Ledger(facts).withdraw(facts[0], day(1)).apply(facts)
    assert facts_at(gone, as_of=day(1), now=day(9)) == ()
    assert Ledger(gone).withdraw(gone[0], day(2)).added == ()
    assert Ledger(gone).withdraw(gone[0], day(2)).closed == ()


def test_rows_that_overlap_are_settled_by_the_later_statement() -> None:
    one = statement(Step("seats", "a", 0, never=False, pause=0), 0, day(0))
    other = statement(Step("seats", "b", 2, never=False, pause=0), 1, day(1))
    assert [row.value for row in facts_at((other, one), as_of=day(3), now=day(9))] == ["b"]
