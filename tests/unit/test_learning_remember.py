"""The remember tool: what is taken from a model's hand, and what is refused and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.learning.remember import CONFIDENCE, REMEMBER, Refusal, remember_tool, remembered
from fleet_runtime.records import Event, Fact

AT = datetime(2026, 5, 28, 9, 0, tzinfo=UTC)
KEYS = (
    MemoryKey(name="renewal_date", kind="date", sentence="The contract renews on {value}."),
    MemoryKey(name="seats", kind="count", sentence="{value} seats."),
    MemoryKey(name="arr", kind="money", sentence="Worth {value}."),
    MemoryKey(name="churn", kind="percent", sentence="{value} churn."),
    MemoryKey(name="champion", kind="person", sentence="Champion: {value}."),
    MemoryKey(name="open_issue", sentence="Issue: {value}."),
)
TEXTS = (
    "Dana was here with Mehdi Karoui.",
    "He takes over from June, and we go to ninety seats for  $48k a year. The gate jams. It runs until 31 May 2027.",
    "Would 120 seats be cheaper? If we lose 30% we stop. We do not have 200 seats. A friend at Oakline has 300 seats.",
    "I am the champion now, and 4% leave.",
)
SAID = tuple(
    Event(id=f"e{number}", at=AT + timedelta(hours=number), kind="message", author="Ann Bell", text=text)
    for number, text in enumerate(TEXTS)
)


def judged(key: str, value: str, quote: str, **more: object) -> Fact | Refusal:
    return remembered({"key": key, "value": value, "quote": quote, **more}, said=SAID, keys=KEYS)


def test_the_tool_offers_the_declared_keys() -> None:
    function = remember_tool(KEYS)["function"]
    assert function["name"] == REMEMBER
    assert function["parameters"]["properties"]["key"]["enum"] == [key.name for key in KEYS]
    assert function["parameters"]["required"] == ["key", "value", "quote"]


@pytest.mark.parametrize(
    ("key", "value", "quote", "kept", "cited"),
    [
        ("seats", "90", "we go to ninety seats", "90", "we go to ninety seats"),
        ("seats", "ninety", "WE GO to ninety  seats.", "90", "we go to ninety seats"),
        ("arr", "$48k", "ninety seats for $48k a year", "$48k", "ninety seats for  $48k a year"),
        ("arr", "USD 48000", "for $48k", "$48k", "for  $48k"),
        ("churn", "4%", "4% leave", "4%", "4% leave"),
        ("renewal_date", "2027-05-31", "It runs until 31 May 2027", "2027-05-31", "It runs until 31 May 2027"),
        ("open_issue", "gate jams", "The gate jams", "gate jams", "The gate jams"),
        ("champion", "Mehdi Karoui", "Mehdi Karoui", "Mehdi Karoui", "Mehdi Karoui"),
        (
            "champion",
            "Mehdi Karoui",
            "He takes over",
            "Mehdi Karoui",
            "Dana was here with Mehdi Karoui ... He takes over",
        ),
        ("champion", "Ann Bell", "I am the champion now", "Ann Bell", "I am the champion now"),
    ],
)
def test_what_was_said_is_remembered_in_the_form_of_its_key(
    key: str, value: str, quote: str, kept: str, cited: str
) -> None:
    fact = judged(key, value, quote)
    assert isinstance(fact, Fact)
    assert (fact.value, fact.quote, fact.confidence) == (kept, cited, CONFIDENCE)
    assert fact.known_from == fact.valid_from == fact.at
    assert fact.id == f"{fact.event_id}:{key}" + (f":{fact.subject}" if key == "open_issue" else "")


@pytest.mark.parametrize(
    ("key", "value", "quote", "why"),
    [
        ("weather", "rain", "It runs", "key: none of"),
        ("seats", "", "we go to ninety seats", "give both"),
        ("seats", "90", "", "give both"),
        ("seats", "9" * 200, "we go to ninety seats", "give both"),
        ("seats", "90", "they go to ninety seats", "nobody said"),
        ("seats", "91", "we go to ninety seats", "no count of that size"),
        ("seats", "90", "The gate jams", "no count of that size"),
        ("arr", "$49k", "ninety seats for $48k a year", "no money of that size"),
        ("seats", "120", "Would 120 seats be cheaper", "asked"),
        ("churn", "30%", "If we lose 30% we stop", "supposed"),
        ("seats", "200", "We do not have 200 seats", "denied"),
        ("seats", "300", "A friend at Oakline has 300 seats", "somebody else"),
        ("renewal_date", "31 May 2027", "It runs until 31 May 2027", "YYYY-MM-DD"),
        ("renewal_date", "2027-05-30", "It runs until 31 May 2027", "YYYY-MM-DD"),
        ("champion", "the boss", "He takes over", "the name of a person"),
        ("champion", "Zoe Quist", "He takes over", "nobody of that name"),
        ("open_issue", "door jams", "The gate jams", "word for word"),
    ],
)
def test_what_was_not_said_as_true_is_refused_with_the_reason(key: str, value: str, quote: str, why: str) -> None:
    refusal = judged(key, value, quote)
    assert isinstance(refusal, Refusal)
    assert why in refusal.why


def test_it_holds_from_the_day_that_is_given() -> None:
    fact = judged("seats", "90", "we go to ninety seats", since="2026-06-01")
    assert isinstance(fact, Fact)
    assert fact.valid_from == datetime(2026, 6, 1, tzinfo=UTC)
    refusal = judged("seats", "90", "we go to ninety seats", since="June")
    assert isinstance(refusal, Refusal)
    assert refusal.why.startswith("since")
    assert isinstance(judged("seats", "90", "we go to ninety seats", since=["2026-06-01"]), Refusal)


@given(st.text(max_size=12), st.text(max_size=30), st.sampled_from([key.name for key in KEYS]))
def test_whatever_is_taken_stands_in_what_was_said(value: str, quote: str, key: str) -> None:
    fact = judged(key, value, quote)
    if isinstance(fact, Fact):
        event = next(one for one in SAID if one.id == fact.event_id)
        assert fact.quote.split(" ... ")[-1] in event.text
