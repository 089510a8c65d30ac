"""Putting one message to a model: the pieces, the labels with their chances, and what is believed of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.errors import ContractError, ModelGarbled
from fleet_runtime.learning.inquiry import Inquiry, inquire
from fleet_runtime.learning.labelling import (
    SURE,
    LabelWords,
    LearnPrompts,
    load_labels,
    open_labels,
    read_labels,
)
from fleet_runtime.learning.pieces import GONE, OTHER, Known, pieces
from fleet_runtime.messages import Token
from fleet_runtime.records import Event, Fact

AT = datetime(2026, 5, 28, 9, 0, tzinfo=UTC)
KEYS = (
    MemoryKey(name="seats", kind="count", sentence="{value}"),
    MemoryKey(name="active_users", kind="count", sentence="{value}"),
    MemoryKey(name="arr", kind="money", sentence="{value}"),
    MemoryKey(name="renewal_date", kind="date", sentence="{value}"),
    MemoryKey(name="champion", kind="person", sentence="{value}"),
    MemoryKey(name="plan", sentence="{value}"),
    MemoryKey(name="competitor", sentence="{value}"),
    MemoryKey(name="open_issue", sentence="{value}"),
    MemoryKey(name="sentiment", sentence="{value}"),
)
SHIPPED = Path(__file__).parents[2] / "prompts" / "learn_labels.yaml"
PROMPTS = LearnPrompts(voice="assisted", system="Task.", labels=load_labels(SHIPPED.read_text(encoding="utf-8")))


def event(text: str, *, kind: str = "message", number: int = 1) -> Event:
    return Event(id=f"e{number}", at=AT + timedelta(hours=number), kind=kind, author="Sam Reed", text=text)


def held(key: str, value: str, subject: str = "account") -> Fact:
    return Fact(
        id=f"h:{key}:{value}",
        subject=subject,
        key=key,
        value=value,
        event_id="h",
        author="Sam Reed",
        at=AT,
        valid_from=AT,
        known_from=AT,
    )


def texts(said: str, before: tuple[Event, ...] = (), holding: tuple[Fact, ...] = ()) -> list[str]:
    known = Known(before=before, holding=holding, account="tindal-foods")
    return [piece.text for piece in pieces(event(said), KEYS, known)]


def begun(said: str, *holding: Fact, found: tuple[Fact, ...] = ()) -> Inquiry:
    return inquire(event(said), KEYS, PROMPTS, found=found, known=Known(holding=holding))


def answer(inquiry: Inquiry, labels: dict[str, str], chance: float = 0.98) -> tuple[str, list[Token]]:
    """Answer as a model would that gives each piece its label (else the last open one) with the same chance."""
    lines: list[str] = []
    tokens: list[Token] = []
    for name, given in open_labels(inquiry.pieces).items():
        label = labels.get(name, given[-1])
        rest = next(other for other in given if other != label)
        lines.append(f"{name}: {label}")
        tokens.append(Token(text=f"{name}:", chances={}))
        tokens.append(Token(text=f" {label}", chances={label: chance, rest: 1 - chance}))
        tokens.append(Token(text="\n", chances={}))
    return "\n".join(lines), tokens


def pairs(facts: tuple[Fact, ...]) -> list[tuple[str, str | None]]:
    return [(fact.key, fact.value) for fact in facts]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Mehdi Karoui takes over, 85 logins, $48k until 31 May 2027.", ["Mehdi Karoui", "85", "$48k", "31 May 2027"]),
        ("Hello Ruth, thank you Dr. Nair, we run 60 desks.", ["60"]),
        ("Is it 85? If we took 90, what then?", []),
        ("A friend at Oakline has 300 seats.", []),
        ("Tindal Foods is on Enterprise since Monday.", ["Enterprise"]),
        ("Lovely. Noted. We're fine, I'll come on Friday.", []),
        ("I will send the list by 31 May.", []),
        ("Clearline is out.", ["Clearline"]),
        ("One of us left.", []),
        ("The go-live was meant for 31 May, so not 60 desks instead of 50.", []),
        ("My colleague says 120, and the contract says 130.", ["130"]),
        ("The training on 31 May is for eleven people.", []),
        ("We went from 40 to 50. Packing alone took 12.", ["50"]),
        ("We are live on 31 June and in Q3.", []),
    ],
)  # fmt: skip
def test_pieces_are_names_numbers_amounts_and_days_of_plain_statements(said: str, found: list[str]) -> None:
    assert texts(said) == found


def test_a_single_word_that_begins_a_sentence_is_a_name_if_it_was_one_before() -> None:
    said = "Lending stays put."
    assert texts(said) == []
    assert texts(said, before=(event("We talk to Lending here.", number=0),)) == ["Lending"]
    assert texts(said, holding=(held("competitor", "Lending"),)) == ["Lending"]


def test_what_is_on_file_may_be_gone() -> None:
    (piece,) = pieces(event("We said farewell to Dana."), KEYS, Known(holding=(held("champion", "Dana Whitlock"),)))
    assert piece.labels[0] == GONE
    assert piece.held is not None
    assert piece.held.value == "Dana Whitlock"


def test_the_request_shows_file_message_and_pieces_under_a_grammar_of_labels() -> None:
    inquiry = begun('Make that "90" for us.', held("seats", "60"))
    assert inquiry.request is not None
    assert inquiry.request.messages[0].content == "Task."
    assert (
        inquiry.request.messages[-1].content
        == 'On file: seats 60\nBefore: -\nNow: Sam Reed: Make that "90" for us.\nPieces: 90'
    )
    assert inquiry.request.grammar == ('root ::= "90: " l0\nl0 ::= "seats" | "active_users" | "other"')


def test_examples_of_keys_that_are_not_declared_are_left_out() -> None:
    request = begun("Make that 90 for us.").request
    assert request is not None
    said = " ".join(message.content for message in request.messages)
    assert "licences as of today" in said
    assert "region_rollout" not in said


def test_sure_labels_become_facts_with_their_clause_as_quote() -> None:
    inquiry = begun("Dr. Mehdi Karoui takes over, and it is 85 logins now.")
    text, tokens = answer(inquiry, {"Mehdi Karoui": "champion", "85": "seats"}, 0.98)
    done = inquiry.answered(text, tokens)
    assert done.request is None
    assert pairs(done.facts) == [("champion", "Mehdi Karoui"), ("seats", "85")]
    assert [fact.quote for fact in done.facts] == ["Dr. Mehdi Karoui takes over", "it is 85 logins now"]
    assert {fact.confidence for fact in done.facts} == {0.98}


def test_a_label_without_a_chance_or_with_a_low_one_is_no_fact() -> None:
    inquiry = begun("It is 85 logins now.")
    text, tokens = answer(inquiry, {"85": "seats"}, SURE - 0.01)
    assert inquiry.answered(text, tokens).facts == ()
    assert inquiry.answered(text).facts == ()
    text, tokens = answer(inquiry, {"85": "seats"}, SURE)
    assert pairs(inquiry.answered(text, tokens).facts) == [("seats", "85")]


def test_two_pieces_for_one_key_that_are_alike_sure_give_none() -> None:
    inquiry = begun("Packing is 105 people, so 235 altogether.")
    text, tokens = answer(inquiry, {"105": "seats", "235": "seats"})
    assert inquiry.answered(text, tokens).facts == ()


def test_who_is_gone_is_retracted_under_the_key_on_file() -> None:
    inquiry = begun("Dana left on a boat.", held("champion", "Dana Whitlock"))
    text, tokens = answer(inquiry, {"Dana": GONE})
    (fact,) = inquiry.answered(text, tokens).facts
    assert (fact.key, fact.value, fact.subject) == ("champion", None, "account")


def test_what_the_rules_read_is_not_asked_nor_taken_again() -> None:
    said = "It is 85 logins now."
    read = held("seats", "85").model_copy(update={"event_id": "e1", "quote": "It is 85 logins now"})
    assert begun(said, found=(read,)).request is None
    other = read.model_copy(update={"value": "84", "quote": "x"})
    inquiry = begun(said, found=(other,))
    text, tokens = answer(inquiry, {"85": "seats"})
    assert inquiry.answered(text, tokens).facts == ()


@pytest.mark.parametrize("said", ["Thanks a lot!", "Phone, before rounds.", "Is anything broken over there?"])
def test_small_talk_and_questions_are_not_worth_a_call(said: str) -> None:
    inquiry = begun(said)
    assert inquiry.request is None
    assert inquiry.answered("anything") is inquiry


def test_a_capable_model_writes_the_list_itself() -> None:
    free = LearnPrompts(voice="free", system="Task.")
    inquiry = inquire(event("The gate at our depot jams."), KEYS, free)
    assert inquiry.request is not None
    assert inquiry.request.json_schema is not None
    done = inquiry.answered(json.dumps({"facts": [{"key": "open_issue", "value": "gate at our depot jams"}]}))
    assert (pairs(done.facts), done.request) == ([("open_issue", "gate at our depot jams")], None)
    assert inquire(event("Good morning."), KEYS, free).request is None


@pytest.mark.parametrize("text", ["", "85 seats", "85: chairs", "85: seats"])
def test_an_answer_that_leaves_a_piece_without_label_is_garbled(text: str) -> None:
    with pytest.raises(ModelGarbled, match="no label"):
        read_labels(text, {"85": ("seats", OTHER), "90": (OTHER,)})


def test_a_token_counts_for_the_label_it_begins() -> None:
    tokens = [
        Token(text="85", chances={}),
        Token(text=":", chances={}),
        Token(text=" se", chances={" se": 0.6, "se": 0.1, " oth": 0.2, " ": 0.1, " x": 0.5}),
        Token(text="ats", chances={"ats": 1.0}),
    ]
    assert read_labels("85: seats", {"85": ("seats", OTHER)}, tokens).chances["85"] == pytest.approx(0.7 / 0.9)


@pytest.mark.parametrize("text", ["examples: [[a]]", "examples: {", "other: 1"])
def test_a_bad_file_of_labels_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match=r"learn_labels\.yaml"):
        load_labels(text)
    assert load_labels("") == LabelWords()


def test_the_shipped_examples_label_what_stands_in_their_message() -> None:
    for shot in PROMPTS.labels.examples:
        now = shot.situation.split("\nNow: ")[1]
        assert all(text in now for text, _ in shot.labels)
