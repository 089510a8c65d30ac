"""Which open promise a text says was kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fleet_runtime.learning.reading.closings import read_closings
from fleet_runtime.learning.reading.passages import Passage
from fleet_runtime.records import Commitment, Event

MADE_AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SAID_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def promise(name: str, task: str, owner: str = "Priya Nair") -> Commitment:
    return Commitment(id=name, task=task, owner=owner, event_id="m", at=MADE_AT)


OPEN = (
    promise("list", "send over the revised price list"),
    promise("training", "book a training for the night shift"),
    promise("summary", "write two pages on the outage of May"),
)


def closed(text: str, rows: tuple[Commitment, ...] = OPEN, author: str = "Sam Reed") -> list[str]:
    event = Event(id="e1", at=SAID_AT, kind="note", author=author, text=text)
    found = list(read_closings(event, Passage(text, SAID_AT), rows))
    assert all((row.state, row.closed_at, row.closed_by) == ("done", SAID_AT, "e1") for row in found)
    return [row.id for row in found]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Done: send over the revised price list.", "list"),
        ("Priya sent over the revised price list this morning.", "list"),
        ("The revised price list has arrived, so sending it over is off our list.", "list"),
        ("As promised, the training for the night shift is booked.", "training"),
        ("Book a training for the night shift. Done.", "training"),
        ("The two pages on the outage of May are written; that promise was kept.", "summary"),
        ("\u2713 book a training for the night shift", "training"),
        ("Remember that Priya was going to book a training for the night shift? That's happened.", "training"),
        ("We'd been waiting for Priya to book a training for the night shift, and now it's been done.", "training"),
        ("Did Priya send over the revised price list? Yes, that's done.", "list"),
    ],
)
def test_a_kept_promise_is_told_by_the_words_of_its_task(text: str, name: str) -> None:
    assert closed(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Priya will send over the revised price list tomorrow.",
        "The revised price list has still not been sent over.",
        "Has Priya sent over the revised price list?",
        "Once they have sent over the revised price list, we are done.",
        "If the revised price list is sent over, we are done.",
        "Priya sent over the lunch menu.",
        "Everything is done.",
        "Did Priya send over the revised price list? That is not done.",
        "We are waiting for Priya to send over the revised price list, it is done once it's signed.",
    ],
)
def test_what_is_to_come_or_another_matter_closes_nothing(text: str) -> None:
    assert closed(text) == []


def test_only_promises_that_were_open_then_are_closed_and_each_once() -> None:
    later = OPEN[0].model_copy(update={"at": SAID_AT.replace(day=27)})
    kept = OPEN[1].model_copy(update={"state": "done", "closed_at": MADE_AT.replace(day=9)})
    text = "Done: send over the revised price list. Done: book a training for the night shift."
    assert closed(text, (later, kept)) == []
    assert closed(text) == ["list", "training"]
    assert closed("Done: send over the revised price list. Yes, sent over the revised price list.") == ["list"]
    assert closed("Done.", ()) == []


def test_of_two_that_fit_the_one_of_who_is_named_is_closed() -> None:
    rows = (promise("a", "send the report", "Ada Obi"), promise("b", "send the report", "Bo Li"))
    assert closed("Bo sent the report as promised.", rows) == ["b"]
    assert closed("I sent the report as promised.", rows, author="Ada Obi") == ["a"]
