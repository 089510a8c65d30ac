"""What holds for every account and every question."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from exploring import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning.ledger import Ledger
from fleet_runtime.recall import EventIndex, read_question, recall
from fleet_runtime.records import AccountKey, AccountState, Event, Fact, Recalled

START = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = (
    MemoryKey(name="seats", kind="count", sentence="{value} seats are on the contract.", aliases=("licences",)),
    MemoryKey(name="champion", kind="person", sentence="The champion is {value}."),
)
WORDS = ("seats", "champion", "before", "route", "Dana", "Paul", "renew", "90", "when", "March 2026", "who")
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)


@st.composite
def accounts(draw: st.DrawFn) -> AccountState:
    """Build an account whose facts were learned in order, one day apart."""
    events: list[Event] = []
    facts: tuple[Fact, ...] = ()
    for number in range(draw(st.integers(0, 8))):
        at = START + timedelta(days=number)
        author = draw(st.sampled_from(("Dana", "Paul")))
        events.append(Event(id=f"e{number}", at=at, kind="message", author=author, text=draw(texts)))
        if draw(st.booleans()):
            key, value = draw(
                st.sampled_from((("seats", "90"), ("seats", "120"), ("champion", "Dana"), ("champion", None)))
            )
            new = Fact(
                id=f"f{number}", key=key, value=value, event_id=f"e{number}", author=author, at=at,
                valid_from=at, known_from=at
            )  # fmt: skip
            facts = Ledger(facts).add(new).apply(facts)
    return AccountState(key=AccountKey(tenant="t", account="a"), events=tuple(events), facts=facts)


def asked(
    state: AccountState, question: str, *, now: datetime, as_of: datetime | None = None, limit: int = 10
) -> tuple[Recalled, ...]:
    """Ask as a caller does: rank, fetch the wanted texts, tell."""
    index = EventIndex.of_events(state.events)
    read = read_question(question, as_of or now)
    ranked = recall(index, state.facts, state.commitments, read, keys=KEYS, now=now, as_of=as_of, limit=limit)
    return ranked.tell({event.id: event for event in state.events if event.id in ranked.wanted})


@settings(max_examples=examples(60))
@given(accounts(), texts, st.integers(0, 9), st.integers(1, 5))
def test_nothing_of_later_is_recalled(state: AccountState, question: str, days: int, limit: int) -> None:
    moment = START + timedelta(days=days)
    found = asked(state, question, now=START + timedelta(days=30), as_of=moment, limit=limit)
    assert len(found) <= limit
    for item in found:
        assert item.at <= moment
        assert item.valid_from <= moment
        assert 0 <= item.score <= 1
        assert item.reasons


@settings(max_examples=examples(60))
@given(accounts(), texts, st.integers(0, 9))
def test_later_rows_change_nothing_as_of_a_date(state: AccountState, question: str, days: int) -> None:
    moment = START + timedelta(days=days)
    earlier = state.model_copy(update={"events": tuple(event for event in state.events if event.at <= moment)})
    now = START + timedelta(days=30)
    assert asked(state, question, now=now, as_of=moment) == asked(earlier, question, now=now, as_of=moment)


@settings(max_examples=examples(60))
@given(accounts(), texts)
def test_the_same_question_gets_the_same_answer_without_doubles(state: AccountState, question: str) -> None:
    now = START + timedelta(days=30)
    found = asked(state, question, now=now, limit=50)
    assert found == asked(state, question, now=now, limit=50)
    ids = [item.fact_id or item.event_id for item in found]
    assert len(ids) == len(set(ids))
