"""Digests of quarters: when they are due, what they say and cite, and that they know nothing later."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet_runtime.briefing import brief
from fleet_runtime.contracts import MemoryKey
from fleet_runtime.digesting import digests_due, excerpt, quarter_end, quarter_of
from fleet_runtime.learning.learn import learn
from fleet_runtime.records import AccountKey, AccountState, Digest, Event, Operation

KEYS = (MemoryKey(name="renewal_date", kind="date", sentence="The contract renews on {value}."),)
AFTER = datetime(2026, 12, 31, tzinfo=UTC)


def told(iso: str, text: str, *operations: Operation, kind: str = "call", author: str = "Dana") -> Event:
    at = datetime.fromisoformat(iso).replace(tzinfo=UTC)
    return Event(id=f"e{iso}", at=at, kind=kind, author=author, text=text, operations=operations)


def value(key: str, text: str) -> Operation:
    return Operation(op="set", key=key, value=text)


EVENTS = (
    told(
        "2026-01-12", "Seats and renewal are in the order.", value("seats", "120"), value("renewal_date", "2027-03-31")
    ),
    told("2026-02-02", "Cut to [90] seats.", value("seats", "90")),
    told("2026-02-20", "I will send the questionnaire.", Operation(op="commit", task="send the questionnaire")),
    told("2026-03-02", "Sent.", Operation(op="close", task="send the questionnaire"), author="Paul"),
    told("2026-03-20", "It was never 90.", Operation(op="correct", key="seats", value="95")),
    told("2026-03-25", "To support: the login is broken.", kind="hand_off"),
    told("2026-05-04", "Plan is gone.", value("plan", "Pro"), Operation(op="retract", key="seats")),
)


def state_of(events: tuple[Event, ...] = EVENTS, digests: tuple[Digest, ...] = ()) -> AccountState:
    state = AccountState(key=AccountKey(tenant="t", account="acme"), events=events, digests=digests)
    learned = learn(state.model_copy(update={"events": ()}), events, ())
    return state.model_copy(update={"facts": learned.facts, "commitments": learned.commitments})


EXPECTED = """\
2026-Q1, 12 January 2026 to 25 March 2026: 6 on record (5 call, 1 hand_off) [1, 2].
Changed: seats from 120 to 90 [3].
Corrected: seats 95, not 90 [4].
Set: renewal date 31 March 2027 [1]; seats 120 [1].
Promised: send the questionnaire (Dana) [5].
Kept: send the questionnaire [5, 6].
Handed over: To support: the login is broken [2].
Most telling: Dana, 12 January 2026: Seats and renewal are in the order [1]; Dana, 2 February 2026: Cut to (90) seats \
[3]; Dana, 20 February 2026: I will send the questionnaire [7]."""


def test_a_digest_says_what_happened_and_cites_it() -> None:
    first, second = digests_due(state_of(), now=AFTER, keys=KEYS)
    assert (first.id, first.period, first.events, first.made_at) == ("digest:2026-Q1", "2026-Q1", 6, AFTER)
    assert first.text == EXPECTED
    assert second.period == "2026-Q2"
    assert "Ended: seats, formerly 95" in second.text
    state = state_of()
    known = {row.id for rows in (state.events, state.facts, state.commitments) for row in rows}
    for digest in (first, second):
        numbers = {int(n) for refs in re.findall(r"\[([\d, ]+)\]", digest.text) for n in refs.split(",")}
        assert numbers == set(range(1, len(digest.cites) + 1))
        assert set(digest.cites) <= known


def test_a_quarter_must_have_been_over_for_thirty_days() -> None:
    end = quarter_end("2026-Q1")
    assert end == datetime(2026, 4, 1, tzinfo=UTC)
    assert digests_due(state_of(), now=end + timedelta(days=30) - timedelta(seconds=1), keys=KEYS) == ()
    assert [one.period for one in digests_due(state_of(), now=end + timedelta(days=30), keys=KEYS)] == ["2026-Q1"]
    assert quarter_end("2026-Q4") == datetime(2027, 1, 1, tzinfo=UTC)
    assert quarter_of(datetime(2026, 12, 31, 23, tzinfo=UTC)) == "2026-Q4"


def test_what_is_covered_is_not_written_again_until_events_come_late() -> None:
    made = digests_due(state_of(), now=AFTER, keys=KEYS)
    assert digests_due(state_of(digests=made), now=AFTER, keys=KEYS) == ()
    late = told("2026-03-30", "An old mail turned up.")
    (again,) = digests_due(state_of((*EVENTS, late), digests=made), now=AFTER, keys=KEYS)
    assert (again.id, again.events) == (made[0].id, 7)


def test_a_digest_knows_nothing_later_than_its_quarter() -> None:
    (early,) = digests_due(state_of(EVENTS[:6]), now=AFTER, keys=KEYS)
    assert digests_due(state_of(), now=AFTER, keys=KEYS)[0] == early


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=300), st.integers(0, 85)), min_size=1, max_size=25))
def test_a_digest_is_bounded_and_the_order_of_rows_does_not_matter(said: list[tuple[str, int]]) -> None:
    begun = datetime(2026, 1, 2, tzinfo=UTC)
    events = tuple(
        Event(id=f"e{number}", at=begun + timedelta(days=days), kind="note", author="Dana", text=text, operations=ops)
        for number, (text, days) in enumerate(said)
        for ops in [(value("plan", text), Operation(op="commit", task=text)) if text.isalnum() else ()]
    )
    state = state_of(tuple(sorted(events, key=lambda event: (event.at, event.id))))
    (digest,) = digests_due(state, now=AFTER, keys=())
    assert len(digest.text) <= 900
    turned = state.model_copy(
        update={"events": state.events[::-1], "facts": state.facts[::-1], "commitments": state.commitments[::-1]}
    )
    assert digests_due(turned, now=AFTER, keys=()) == (digest,)


def test_an_excerpt_ends_between_pieces_and_cites_what_it_says() -> None:
    digest = digests_due(state_of(), now=AFTER, keys=KEYS)[0]
    text, cites = excerpt(digest, 150)
    assert text == (
        "2026-Q1, 12 January 2026 to 25 March 2026: 6 on record (5 call, 1 hand_off). "
        "Changed: seats from 120 to 90. Corrected: seats 95, not 90."
    )
    assert cites == ("e2026-01-12", "e2026-03-25", "e2026-02-02", "e2026-03-20")
    assert excerpt(digest, 10)[0].startswith("2026-Q1, 12 January 2026")
    whole, everything = excerpt(digest, 2000)
    assert "[" not in whole
    assert set(everything) == set(digest.cites)


def test_the_brief_shows_earlier_quarters_once_they_are_over() -> None:
    state = state_of(digests=digests_due(state_of(), now=AFTER, keys=KEYS))
    assert "## Earlier quarters\n- 2026-Q2, 4 May 2026" in brief(state, keys=KEYS, as_of=AFTER).markdown()
    between = brief(state, keys=KEYS, as_of=datetime(2026, 4, 20, tzinfo=UTC)).markdown()
    assert "- 2026-Q1, 12 January 2026" in between
    assert "2026-Q2" not in between
    assert "Earlier quarters" not in brief(state, keys=KEYS, as_of=datetime(2026, 3, 20, tzinfo=UTC)).markdown()
