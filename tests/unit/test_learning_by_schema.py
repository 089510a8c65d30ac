"""Extraction by a model: what is asked, and what of the answer is believed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.errors import ContractError, ModelGarbled
from fleet_runtime.learning.by_schema import extraction_request, facts_from_answer, load_examples, worth_asking
from fleet_runtime.records import Event, Fact

SAID_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
KEYS = (
    MemoryKey(name="open_issue", kind="text", sentence="{value}"),
    MemoryKey(name="sentiment", kind="text", sentence="{value}"),
    MemoryKey(name="champion", kind="person", sentence="{value}"),
    MemoryKey(name="seats", kind="count", sentence="{value}"),
)
EXAMPLES = Path(__file__).parents[2] / "prompts" / "learn.yaml"


def event(text: str) -> Event:
    return Event(id="e1", at=SAID_AT, kind="message", author="Sam Reed", text=text)


def answer(*pairs: tuple[str, str]) -> str:
    return json.dumps({"facts": [{"key": key, "value": value} for key, value in pairs]})


def values(text: str, *pairs: tuple[str, str], shots: tuple[tuple[str, str], ...] = ()) -> list[tuple[str, str | None]]:
    return [(fact.key, fact.value) for fact in facts_from_answer(answer(*pairs), event(text), KEYS, shots)]


def test_the_request_asks_for_a_short_list_of_declared_words_and_people() -> None:
    request = extraction_request(event("It rains in."), KEYS, system="Contract.\n\nTask.", few_shot=[("a", "b")])
    assert [message.role for message in request.messages] == ["system", "user", "assistant", "user"]
    assert request.messages[0].content == "Contract.\n\nTask."
    assert request.json_schema is not None
    facts = request.json_schema["properties"]["facts"]
    assert facts["items"]["properties"]["key"]["enum"] == ["open_issue", "sentiment", "champion"]
    assert facts["maxItems"] == 4


def test_what_the_text_says_is_believed_with_its_clause_as_quote() -> None:
    text = "The gate jams  every morning, and we are livid."
    (fact,) = facts_from_answer(answer(("open_issue", "the gate JAMS every")), event(text), KEYS)
    assert (fact.value, fact.quote, fact.id) == (
        "The gate jams  every",
        "The gate jams  every morning",
        "e1:open_issue",
    )


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("The gate jams.", ("open_issue", "the door jams")),
        ("The gate jams.", ("open_issue", "")),
        ("The gate jams.", ("seats", "gate")),
        ("The gate jams.", ("weather", "gate")),
        ("The gate jams.", ("champion", "gate")),
        ("Does the gate jam?", ("open_issue", "the gate jam")),
        ("The gate might jam.", ("open_issue", "gate might jam")),
        ("Priya Nair pushes this.", ("champion", "Priya Nair")),
        ("She signs everything, so ask about budget.", ("sentiment", "budget")),
    ],
)
def test_what_the_text_does_not_say_is_dropped(text: str, pair: tuple[str, str]) -> None:
    assert values(text, pair) == []


def test_a_person_goes_to_the_place_that_is_named() -> None:
    keys = (*KEYS, MemoryKey(name="exec_sponsor", kind="person", sentence="{value}", aliases=("sponsor",)))
    text = event("Our sponsor these days is called Priya Nair.")
    (fact,) = facts_from_answer(answer(("champion", "Priya Nair")), text, keys)
    assert (fact.key, fact.id) == ("exec_sponsor", "e1:exec_sponsor")


def test_what_was_copied_from_an_example_is_dropped() -> None:
    shots = (("we are livid", "{}"),)
    assert values("Now we are livid.", ("sentiment", "livid"), shots=shots) == []
    assert values("Now we are livid.", ("sentiment", "livid")) == [("sentiment", "livid")]


def test_several_facts_have_ids_of_their_own_and_one_per_matter() -> None:
    text = "The gate jams. The lift hangs. Everyone is livid. Priya Nair runs it as champion."
    facts = facts_from_answer(
        answer(
            ("open_issue", "the gate jams"),
            ("open_issue", "the lift hangs"),
            ("sentiment", "livid"),
            ("champion", "Priya Nair"),
            ("sentiment", "runs it"),
        ),
        event(text),
        KEYS,
    )
    assert [fact.id for fact in facts] == ["e1:open_issue", "e1:open_issue:2", "e1:sentiment", "e1:champion"]


@pytest.mark.parametrize("text", ["", "no", '{"facts": [{"key": "a"', '{"other": 1}', '{"facts": "x"}', "[]"])
def test_a_garbled_answer_is_said_to_be_one(text: str) -> None:
    with pytest.raises(ModelGarbled) as caught:
        facts_from_answer(text, event("The gate jams."), KEYS)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("The gate at our depot jams every morning.", True),
        ("Does the gate at our depot jam every morning?", False),
        ("Thanks a lot for the call!", False),
        ("Good morning.", False),
        ("Perhaps we will do something about the gate.", False),
    ],
)
def test_only_statements_of_some_length_are_worth_a_question(text: str, worth: bool) -> None:  # noqa: FBT001 -- a table
    assert worth_asking(event(text), ()) is worth


def test_what_rules_have_read_is_not_asked_again() -> None:
    text = "The gate at our depot jams."
    fact = Fact(
        id="e1:open_issue",
        key="open_issue",
        value="x",
        event_id="e1",
        author="Sam Reed",
        at=SAID_AT,
        quote="The gate at our depot jams",
        valid_from=SAID_AT,
        known_from=SAID_AT,
    )
    assert not worth_asking(event(text), (fact,))
    assert worth_asking(event(text + " The night crew goes back to paper."), (fact,))


def test_the_shipped_examples_answer_in_the_asked_shape_with_words_of_their_text() -> None:
    examples = load_examples(EXAMPLES.read_text(encoding="utf-8"))
    keys = [
        MemoryKey(name=name, sentence="{value}")
        for name in ("open_issue", "primary_goal", "sentiment", "requested_feature", "plan", "region_rollout")
    ]
    for text, shot in examples:
        asked = json.loads(shot)["facts"]
        assert len(facts_from_answer(shot, event(text), keys)) == len(asked)


@pytest.mark.parametrize("text", ["examples: [[a]]", "examples: {", "other: 1"])
def test_a_bad_file_of_examples_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match=r"prompts/learn\.yaml"):
        load_examples(text)
    assert load_examples("") == ()
