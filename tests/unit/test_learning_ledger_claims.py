"""Who counts when two people say different things, and what is told as a change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning.changes import changes
from fleet_runtime.learning.claims import authority, contradictions, names_change
from fleet_runtime.learning.learn import learn, merge
from fleet_runtime.learning.ledger import Ledger, facts_at
from fleet_runtime.records import AccountKey, AccountState, Event, Fact, Operation

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
LATE = datetime(2027, 1, 1, tzinfo=UTC)
KEYS = (
    MemoryKey(name="seats", kind="count", sentence="{value} seats.", aliases=("seats",)),
    MemoryKey(name="champion", kind="person", sentence="{value} is champion."),
)


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def claim(  # noqa: PLR0913 - the columns of a row
    value: str | None, told: int, author: str, *, key: str = "seats", quote: str = "it is", since: int | None = None
) -> Fact:
    return Fact(
        id=f"e{told}:{key}",
        key=key,
        value=value,
        event_id=f"e{told}",
        author=author,
        at=day(told),
        quote=quote,
        valid_from=day(told if since is None else since),
        known_from=day(told),
    )


def state_of(*facts: Fact, events: tuple[Event, ...] = ()) -> AccountState:
    return AccountState(key=AccountKey(tenant="t", account="acme"), facts=facts, events=events)


def merged(*told: Fact, events: tuple[Event, ...] = ()) -> tuple[Fact, ...]:
    """Take in claims one after the other, as read from text."""
    facts: tuple[Fact, ...] = ()
    for fact in told:
        learned = merge(state_of(*facts, events=events), (fact,), now=fact.at)
        ends = {row.id: row for row in learned.closed}
        facts = (*(ends.get(row.id, row) for row in facts), *learned.facts)
    return facts


def held(facts: tuple[Fact, ...], key: str = "seats") -> list[str | None]:
    return [row.value for row in facts_at(facts, now=LATE) if row.key == key]


def test_among_equals_the_later_word_counts_and_the_earlier_is_shown() -> None:
    facts = merged(claim("120", 0, "Sam"), claim("95", 10, "Lee"))
    assert held(facts) == ["95"]
    (pair,) = contradictions(facts)
    assert (pair.key, pair.winner.value, pair.loser.value, pair.rule) == ("seats", "95", "120", "recency")
    assert contradictions(facts, as_of=day(5)) == ()


def test_a_record_counts_more_than_a_later_word_and_the_word_is_kept_as_a_claim_that_yields() -> None:
    facts = merged(claim("120", 0, "Order form"), claim("95", 10, "Lee"), claim("95", 12, "Lee"))
    assert held(facts) == ["120"]
    assert [row.yields_to for row in facts] == ["", "e0:seats"]
    (pair,) = contradictions(facts)
    assert (pair.winner.value, pair.loser.value, pair.loser.author, pair.rule) == ("120", "95", "Lee", "authority")


def test_a_claim_that_yielded_once_is_judged_anew_against_another_value() -> None:
    facts = merged(
        claim("120", 0, "Order form"), claim("95", 10, "Lee"), claim("200", 100, "Sam"), claim("95", 190, "Lee")
    )
    assert held(facts) == ["95"]


def test_the_kind_of_an_event_tells_a_record_too() -> None:
    event = Event(id="e0", at=day(0), kind="contract", author="Sam", text="120 seats")
    assert held(merged(claim("120", 0, "Sam"), claim("95", 10, "Lee"), events=(event,))) == ["120"]


def test_who_holds_a_place_on_the_account_counts_more_than_anyone_else() -> None:
    champion = claim("Dana Whitfield", 0, "Sam", key="champion")
    facts = merged(champion, claim("120", 1, "Dana Whitfield"), claim("95", 10, "Lee"))
    assert held(facts) == ["120"]
    facts = merged(champion, claim("95", 1, "Lee"), claim("120", 10, "Dana Whitfield"))
    assert held(facts) == ["120"]
    (pair,) = contradictions(facts)
    assert pair.rule == "authority"


@pytest.mark.parametrize(
    ("later", "because"),
    [
        (claim("95", 50, "Lee"), "long after"),
        (claim("95", 10, "Order form"), "of the same author"),
        (claim("95", 10, "Lee", quote="we moved to 95"), "a change"),
        (claim("95", 10, "Lee", quote="we have 95 now"), "a change"),
        (claim("95", 10, "Lee", quote="from 120 to 95"), "a change"),
        (claim("95", 10, "Lee", quote="sorry, it is 95"), "a correction"),
        (claim("95", 10, "Lee", since=5), "a start"),
        (claim("95", 10, "Lee", quote=""), "by operations"),
        (claim(None, 10, "Lee"), "a retraction"),
    ],
)
def test_what_follows_is_no_contradiction(later: Fact, because: str) -> None:
    facts = merged(claim("120", 0, "Order form"), later)
    assert held(facts) == ([] if later.value is None else ["95"]), because
    assert contradictions(facts) == ()


def test_moods_change_and_do_not_contradict() -> None:
    facts = merged(claim("wary", 0, "Order form", key="sentiment"), claim("glad", 3, "Lee", key="sentiment"))
    assert held(facts, "sentiment") == ["glad"]
    assert contradictions(facts) == ()


def test_an_older_reading_of_use_does_not_bar_a_newer_one_and_is_shown() -> None:
    facts = merged(claim("80", 0, "usage report", key="active_users"), claim("35", 9, "Lee", key="active_users"))
    assert held(facts, "active_users") == ["35"]
    assert [pair.rule for pair in contradictions(facts)] == ["recency"]


def test_a_contradiction_is_over_when_the_winner_is() -> None:
    facts = merged(claim("120", 0, "Order form"), claim("95", 10, "Lee"), claim("200", 100, "Sam"))
    assert contradictions(facts) == ()
    assert len(contradictions(facts, as_of=day(50))) == 1
    assert contradictions(facts, as_of=day(5)) == ()


def test_learning_from_text_judges_claims() -> None:
    order = Event(id="e0", at=day(0), kind="order", author="Shop", text="The contract covers 120 seats.")
    word = Event(id="e1", at=day(9), kind="message", author="Lee Ray", text="Our contract covers 95 seats.")
    news = Event(id="e2", at=day(12), kind="message", author="Lee Ray", text="We have moved to 90 seats.")
    learned = learn(state_of(), (order, word), KEYS)
    assert held(learned.facts) == ["120"]
    assert [row.value for row in learned.facts if row.yields_to] == ["95"]
    assert held(learn(state_of(), (order, word, news), KEYS).facts) == ["90"]


def test_authority_has_three_steps() -> None:
    places = ("Dana Whitfield",)
    assert authority(claim("1", 0, "Dana Whitfield"), places, lambda _: "") == 1
    assert authority(claim("1", 0, "Dana"), places, lambda event: f"invoice {event}") == 2
    assert authority(claim("1", 0, "CRM sync"), (), lambda _: "") == 2
    assert authority(claim("1", 0, "Lee"), places, lambda _: "call") == 0
    assert names_change(claim("1", 0, "Lee", quote="")) is True


def test_changes_tell_what_was_set_retracted_and_corrected_with_what_was_before() -> None:
    ledger = Ledger()
    first = claim("120", 0, "Ann")
    ledger.add(first)
    ledger.add(claim("90", 10, "Bo"))
    ledger.add(claim("100", 12, "Cy", since=5))
    standing = ledger.holding("account", "seats", day(12))
    assert standing is not None
    ledger.correct(standing, claim("85", 14, "Bo"))
    ledger.add(claim(None, 20, "Ann"))
    ledger.add(claim("70", 30, "Ann").model_copy(update={"yields_to": "e0:seats"}))
    told = [(one.how, one.value, one.was, one.event_id, one.at) for one in changes(ledger.facts, day(-1))]
    assert told == [
        ("set", "120", None, "e0", day(0)),
        ("set", "90", "120", "e10", day(10)),
        ("set", "100", "120", "e12", day(12)),
        ("correct", "85", "90", "e14", day(14)),
        ("retract", None, "85", "e20", day(20)),
    ]
    assert [one.event_id for one in changes(ledger.facts, day(12))] == ["e14", "e20"]


def test_a_value_that_was_taken_back_is_told_as_corrected() -> None:
    ledger = Ledger()
    ledger.add(claim("120", 0, "Ann"))
    ledger.add(claim("90", 10, "Bo"))
    wrong = ledger.holding("account", "seats", day(11))
    assert wrong is not None
    ledger.withdraw(wrong, day(15))
    (one,) = changes(ledger.facts, day(12))
    assert (one.how, one.value, one.was, one.event_id, one.at) == ("correct", None, "90", "e10", day(15))


def test_a_repeated_value_after_a_retraction_is_a_change() -> None:
    operations = (Operation(op="set", key="plan", value="Pro"),)
    events = tuple(
        Event(id=f"e{n}", at=day(n), kind="call", author="A", text="t", operations=operations) for n in (0, 9)
    )
    gone = Event(
        id="e5", at=day(5), kind="call", author="A", text="t", operations=(Operation(op="retract", key="plan"),)
    )
    learned = learn(state_of(), (events[0], gone, events[1]), ())
    assert [one.event_id for one in changes(learned.facts, day(0))] == ["e5", "e9"]
