"""What somebody says of a goal: reached, not reached, or nothing that can be relied on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.health.outcomes import numbers, outcomes_in, topic

AS_SUCH = [
    "We reached our goal.",
    "They have reached their goal!",
    "Goal reached.",
    "Great news: the goals are met.",
    "Dana confirmed on the call that they achieved the goal.",
    "Maria Ortiz told us that their main goal has been met.",
    "The customer has now fully met all of its success criteria.",
    "We exceeded our objectives this quarter.",
    "Kim: the goal was reached last month.",
    "They hit their goal in May.",
]
CERTAIN = [
    "We reached the 80 percent of orders entered digitally that we had aimed at.",
    "The goal of halving month-end reporting was reached.",
    "We met our target for paperless absences.",
    "Sales reached their goal.",
    "Their sales team hit its quarterly target of 40 deals.",
    "We met the team that sets the goals.",
]
MISSED = [
    "We missed our goal.",
    "They did not reach their goal.",
    "The goal was not met.",
    "Goal not reached yet.",
    "We didn't achieve our objectives.",
    "They fell short of their target.",
    "The goal hasn't been reached.",
    "We will not reach our goal.",
    "She says they failed to meet the success criteria.",
    "The goal of halving month-end reporting was missed.",
]
NOTHING = [
    "",
    "Thanks, that helped!",
    "Did we reach our goal?",
    "Our goal is to reach 80 percent.",
    "We want to reach our goal by June.",
    "We hope that the goal is met soon.",
    "If we reached our goal, the board would renew.",
    "Once the goal is reached we talk about more seats.",
    "We almost reached our goal.",
    "They reached half of their goal.",
    "We met 3 of our goals.",
    "They reached 60 percent of our goal.",
    "One of the goals was reached.",
    "We reached our goal, but not in the south.",
    "We did not miss our goal.",
    "They never failed to reach the goal.",
    "Nobody says that we reached our goal.",
    "We will have reached our goal by June.",
    "The goal will be reached in June.",
    "We think we reached our goal.",
    "The goal may be reached.",
    "We could not reach the goal.",
    "They reached last year's goal before we came, the next goal is open.",
    "We met with the sponsor about goals.",
    "We met the sponsor.",
    "The goal: reach every school.",
    "They are on track to meet the goal.",
    "The competitor's customers reached their goals.",
    "What was the goal we wrote down at kick-off",
]


@pytest.mark.parametrize("text", AS_SUCH)
def test_the_goal_as_such_was_reached(text: str) -> None:
    (found,) = outcomes_in(text)
    assert (found.reached, found.about) == (True, frozenset())


@pytest.mark.parametrize("text", CERTAIN)
def test_what_is_said_of_something_certain_tells_of_what(text: str) -> None:
    (found,) = outcomes_in(text)
    assert found.reached
    assert found.about


@pytest.mark.parametrize("text", MISSED)
def test_a_goal_was_missed(text: str) -> None:
    (found,) = outcomes_in(text)
    assert not found.reached
    assert found.about == (topic("halving month-end reporting") if "halving" in text else frozenset())


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_hoped_asked_doubted_or_done_in_part_says_nothing(text: str) -> None:
    assert list(outcomes_in(text)) == []


def test_each_sentence_speaks_for_itself() -> None:
    text = "Did we reach the goal? We missed our goal in spring.\nNow we\n have reached it. Goals met; thank you."
    found = list(outcomes_in(text))
    assert [(one.reached, one.of_all) for one in found] == [(False, False), (True, True)]
    assert [one.sentence for one in found] == ["We missed our goal in spring.", "Goals met;"]


def test_what_a_goal_speaks_of() -> None:
    assert topic("The goal: 80 percent of orders entered digitally in 2027") == topic(
        "80 percent orders enters digital"
    )
    assert numbers("80 percent by 2027, 3.5 days") == {"80", "3.5"}


def test_a_sentence_without_an_end_is_passed_over_at_once() -> None:
    assert list(outcomes_in("We reached half of the goal and " * 20_000)) == []
    assert [one.reached for one in outcomes_in("so and so " * 20_000 + "\nWe reached our goal.")] == [True]


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    for found in outcomes_in(text):
        assert found.sentence
