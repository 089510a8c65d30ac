"""Promises by their parts: who, what, until when; and what only sounds like one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fleet_runtime.learning.reading.commitments import read_commitments
from fleet_runtime.learning.reading.passages import Passage
from fleet_runtime.records import Event

SAID_AT = datetime(2025, 2, 3, 10, 0, tzinfo=UTC)
AUTHOR, MIA, DUE = "Sam Reed", "Mia Lund", "2025-03-04"
TASK = "review the draft of the policy"


def promised(text: str) -> list[tuple[str, str, str]]:
    event = Event(id="e1", at=SAID_AT, kind="note", author=AUTHOR, text=text)
    return [(row.owner, row.task.lower(), row.due) for row in read_commitments(event, Passage(text, SAID_AT))]


@pytest.mark.parametrize(
    "text",
    [
        "Mia Lund -> review the draft of the policy, due 4 March 2025",
        "Review the draft of the policy - Mia Lund - by 4 March 2025",
        "To do Mia Lund, 4 March 2025: review the draft of the policy",
        "Down for Mia Lund: review the draft of the policy (4 March 2025).",
        "4 March 2025: Mia Lund to review the draft of the policy.",
        "Deadline 4 March 2025 for Mia Lund to review the draft of the policy.",
        "Per Mia Lund: she'll review the draft of the policy by 4 March 2025.",
        "Mia Lund: 'I will review the draft of the policy by 4 March 2025'",
        '"I\'ll review the draft of the policy by 4 March 2025," said Mia Lund.',
        "Then Mia Lund told everyone: I'll review the draft of the policy by 4 March 2025.",
        "Mia Lund's commitment, made on the call: review the draft of the policy by 4 March 2025.",
        "We have Mia Lund's word: she will review the draft of the policy by 4 March 2025.",
        "It falls to Mia Lund to review the draft of the policy before 4 March 2025.",
        "The outcome is that Mia Lund will review the draft of the policy, and that we'll have it by 4 March 2025.",
        "Mia Lund promised us to review the draft of the policy. Due date is 4 March 2025.",
        "Mia Lund has promised to review the draft of the policy; it is due on 4 March 2025.",
        "The ask was to review the draft of the policy. Mia Lund said yes, by 4 March 2025.",
        "Someone has to review the draft of the policy by 4 March 2025, and Mia Lund volunteered.",
        "Our ask to review the draft of the policy was accepted by Mia Lund, who named 4 March 2025 as the deadline.",
        "By 4 March 2025, Mia Lund will review the draft of the policy; Bo wrote it down.",
        "Mia Lund from the data team will review the draft of the policy by 4 March 2025.",
    ],
)
def test_owner_task_and_day_are_told_apart(text: str) -> None:
    assert promised(text) == [(MIA, TASK, DUE)]


@pytest.mark.parametrize("text", [f"I promise to {TASK} by 4 March 2025.", f"We'll {TASK} by 4 March 2025."])
def test_i_and_we_are_the_author(text: str) -> None:
    assert promised(text) == [(AUTHOR, TASK, DUE)]


def test_two_people_promise_in_one_sentence() -> None:
    text = "Mia Lund promised to send the list by 4 March 2025, and Bo Li will book the room by 5 March 2025."
    assert promised(text) == [(MIA, "send the list", DUE), ("Bo Li", "book the room", "2025-03-05")]


def test_a_period_in_the_task_is_not_its_day() -> None:
    text = "Mia Lund will export the last quarter of usage figures by 4 March 2025."
    assert promised(text) == [(MIA, "export the last quarter of usage figures", DUE)]


def test_what_the_other_side_will_have_gives_the_day() -> None:
    assert promised("I'll ask the product team and you'll have word by 4 March 2025.") == [
        (AUTHOR, "ask the product team", DUE)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Could Mia Lund review the draft of the policy by 4 March 2025?",
        "Mia Lund might review the draft of the policy by 4 March 2025.",
        "If the budget is approved, Mia Lund will review the draft of the policy by 4 March 2025.",
        "Mia Lund didn't promise to review the draft of the policy by 4 March 2025.",
        "Mia Lund refused to review the draft of the policy by 4 March 2025.",
        "Mia Lund asked us to review the draft of the policy by 4 March 2025.",
        "We want Mia Lund to review the draft of the policy by 4 March 2025.",
        "Mia Lund has kept her promise to review the draft of the policy by 4 March 2025.",
        "We asked Mia Lund to review the draft of the policy and it is finished, thank you.",
        "Mia Lund will send the chart around some time.",
        "Mia Lund agreed to be our champion by 4 March 2025.",
        "The renewal is due 4 March 2025 and Mia Lund likes to review the draft of the policy in the morning.",
        "Since 4 March 2024 Mia Lund was asking how you'd normally review the draft.",
    ],
)
def test_what_only_sounds_like_a_promise_is_none(text: str) -> None:
    assert promised(text) == []
