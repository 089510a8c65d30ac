"""The ledger by hand: what tombstones, corrections and yielding claims do; and that a step costs its own key only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time

import pytest

from fleet_runtime.learning.ledger import Ledger, facts_at, history, same_value
from fleet_runtime.records import Commitment, Fact

FIRST = datetime(2026, 3, 1, tzinfo=UTC)
LATE = datetime(2027, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def said(
    value: str | None, told: int, *, since: int | None = None, key: str = "plan", subject: str = "account"
) -> Fact:
    return Fact(
        id=f"e{told}:{key}:{value}",
        subject=subject,
        key=key,
        value=value,
        event_id=f"e{told}",
        author="Ann",
        at=day(told),
        valid_from=day(told if since is None else since),
        known_from=day(told),
    )


def ledger_of(*facts: Fact) -> Ledger:
    ledger = Ledger()
    for fact in facts:
        ledger.add(fact)
    return ledger


def values(ledger: Ledger, moment: int, known: int | None = None) -> list[str | None]:
    known_at = None if known is None else day(known)
    return [row.value for row in facts_at(ledger.facts, as_of=day(moment), known_at=known_at, now=LATE)]


def test_a_value_told_after_a_retraction_and_holding_from_before_it_lasts_on() -> None:
    ledger = ledger_of(said("Basic", 0), said(None, 10), said("Pro", 12, since=8))
    assert [values(ledger, moment) for moment in (5, 9, 11, 30)] == [["Basic"], ["Pro"], ["Pro"], ["Pro"]]
    assert values(ledger, 11, known=11) == []
    assert values(ledger, 9, known=11) == ["Basic"]


def test_a_value_told_late_fits_in_before_the_next_value() -> None:
    ledger = ledger_of(said("Basic", 0), said("Max", 10), said("Pro", 12, since=8))
    assert [values(ledger, moment) for moment in (5, 9, 11)] == [["Basic"], ["Pro"], ["Max"]]


def test_a_retraction_between_two_values_is_set_aside_up_to_the_next_value() -> None:
    ledger = ledger_of(said("Basic", 0), said(None, 5), said("Max", 10), said("Pro", 12, since=3))
    assert [values(ledger, moment) for moment in (2, 4, 7, 11)] == [["Basic"], ["Pro"], ["Pro"], ["Max"]]


def test_a_retraction_told_later_stands_whenever_it_is_read() -> None:
    ledger = ledger_of(said("Basic", 0), said(None, 10), said("Pro", 6))
    assert [values(ledger, moment) for moment in (5, 7, 11)] == [["Basic"], ["Pro"], []]


def test_the_same_value_again_ends_a_retraction_that_had_come_to_pass_and_cites_who_says_so() -> None:
    ledger = ledger_of(said("Basic", 0), said(None, 10), said("Basic", 12, since=8))
    (row,) = facts_at(ledger.facts, now=day(20))
    assert (row.value, row.event_id, row.valid_from) == ("Basic", "e12", day(8))
    assert values(ledger, 5) == ["Basic"]


def test_who_repeats_what_holds_does_not_take_back_a_departure_that_is_still_ahead() -> None:
    ledger = ledger_of(said("Dana", 0), said(None, 2, since=30))
    assert ledger.add(said("Dana", 5)).added == ()
    assert values(ledger, 31) == []
    ledger.add(said("Priya", 6))
    assert values(ledger, 31) == ["Priya"]


def test_a_given_end_before_a_retraction_leaves_it_alone() -> None:
    ledger = ledger_of(said("Basic", 0), said(None, 10))
    ledger.add(said("Pro", 12, since=5).model_copy(update={"valid_to": day(7)}))
    assert [values(ledger, moment) for moment in (4, 6, 8, 11)] == [["Basic"], ["Pro"], [], []]


def test_a_correction_takes_the_place_of_the_wrong_row_for_its_whole_time() -> None:
    ledger = ledger_of(said("Basic", 0), said("Pro", 10))
    wrong = ledger.holding("account", "plan", day(5))
    assert wrong is not None
    ledger.correct(wrong, said("Max", 20))
    assert [values(ledger, moment) for moment in (5, 11)] == [["Max"], ["Pro"]]
    assert values(ledger, 5, known=15) == ["Basic"]
    assert ledger.correct(wrong, said("Mini", 21)).added == ()  # not believed any more
    (right,) = (row for row in ledger.facts if row.value == "Max")
    assert ledger.correct(right, said("max", 22)).added == ()


def test_a_claim_that_yields_never_holds_and_cuts_nothing() -> None:
    ledger = ledger_of(said("Basic", 0))
    claim = said("Pro", 5).model_copy(update={"yields_to": "e0:plan:Basic"})
    assert ledger.add(claim).closed == ()
    assert values(ledger, 6) == values(ledger, 6, known=6) == ["Basic"]
    assert [row.value for row in history(ledger.facts, "plan")] == ["Basic"]
    assert ledger.yielding("account", "plan") == (claim,)
    assert Ledger(ledger.facts).yielding("account", "plan") == (claim,)
    assert ledger.yielding("account", "seats") == ()
    assert ledger.holding("account", "seats", day(0)) is None


def test_known_at_alone_asks_for_what_held_then() -> None:
    ledger = ledger_of(said("Basic", 0), said("Pro", 10))
    assert [row.value for row in facts_at(ledger.facts, known_at=day(5), now=LATE)] == ["Basic"]


def test_facts_come_by_key_and_the_one_that_began_last_stands_last() -> None:
    ledger = ledger_of(
        said("Zeta", 5, key="competitor", subject="a"),
        said("Alpha", 1, key="competitor", subject="z"),
        said("Pro", 9),
        said("x", 0, key="arr"),
    )
    assert [row.value for row in facts_at(ledger.facts, now=LATE)] == ["x", "Alpha", "Zeta", "Pro"]


def test_the_rows_still_believed_are_enough_to_go_on_with() -> None:
    whole = ledger_of(said("Basic", 0), said("Pro", 10), said("Max", 20, since=5))
    believed = Ledger(row for row in whole.facts if row.known_to is None)
    new = said("Mini", 30, since=2)
    assert believed.add(new) == whole.add(new)
    assert len({row.id for row in whole.facts}) == len(whole.facts)


def test_what_a_batch_taught_is_told_apart_and_holds_no_row_twice() -> None:
    ledger = Ledger(ledger_of(said("Basic", 0)).facts)
    ledger.add(said("Pro", 10))
    ledger.add(said("Max", 10, since=12))
    promise = Commitment(id="c", task="call", owner="Ann", event_id="e10", at=day(10))
    learned = ledger.learned((promise,))
    assert [row.value for row in learned.closed] == ["Basic"]
    ids = [row.id for row in (*learned.facts, *learned.closed)]
    assert len(set(ids)) == len(ids)
    assert [row.value for row in learned.news] == ["Pro", "Max"]
    assert learned.commitments == (promise,)
    assert "e10:plan:Pro" in ledger
    assert "e11:plan:Pro" not in ledger


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Growth ", "growth", True),
        ("$113k", "USD 113,000", True),
        ("EUR 48,000", "48k EUR", True),
        ("1,200", "1200", True),
        ("$113k", "$114k", False),
        ("120", "121", False),
        ("2027-03-31", "2027-03-30", False),
        (None, None, True),
        (None, "", False),
    ],
)
def test_values_are_compared_by_what_they_amount_to(one: str | None, other: str | None, same: bool) -> None:  # noqa: FBT001
    assert same_value(one, other) is same


def test_six_thousand_values_are_taken_in_within_two_seconds() -> None:
    started = process_time()
    ledger = Ledger()
    for number in range(6000):
        ledger.add(said(f"{number}", number, since=number - number % 3, key=f"key{number % 5}"))
    assert process_time() - started < 2
    assert len(facts_at(ledger.facts, now=day(7000))) == 5
