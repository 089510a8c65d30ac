"""What a customer says that we told or promised is no fact, and a goal is read without the words that lead to it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from open_fleets import CSM, shipped

from fleet_runtime.learning.reading.rules import learn_by_rules
from fleet_runtime.records import Event

AT = datetime(2027, 3, 1, tzinfo=UTC)


def learned(text: str, kind: str = "message") -> dict[str, str | None]:
    """Read one event for the Customer Success Manager."""
    role = shipped()[0].get(CSM)
    assert role is not None
    event = Event(id="e", at=AT, kind=kind, author="Dana", text=text)
    return {one.fact.key: one.fact.value for one in learn_by_rules(event, role.memory, state_facts=(), now=AT)}


@pytest.mark.parametrize(
    "text",
    [
        "As you know, our goal was to save 90,000 euros a year.",
        "You told Priya that our contract covers 300 seats.",
        "But you promised that the contract renews on 4 May 2029.",
        "A minimum of 100 seats was promised.",
    ],
)
def test_what_is_held_against_us_overwrites_nothing(text: str) -> None:
    assert learned(text) == {}


def test_what_holds_is_read_all_the_same() -> None:
    assert learned("As you know, our contract covers 300 seats.") == {"seats": "300"}
    assert learned("What we want to reach is one timetable for all depots.") == {
        "primary_goal": "one timetable for all depots"
    }
