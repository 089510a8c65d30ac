"""Deeds that the record tells in other words, and the speaker's own attention, which is no promise."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fleet_runtime.guarding import Evidence, check

SAID_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def kinds(reply: str, *texts: str, done: tuple[str, ...] = ()) -> set[str]:
    """Return the kinds of what the guard objects to."""
    return {finding.kind for finding in check(reply, Evidence(texts=texts, done=done), said_at=SAID_AT)}


@pytest.mark.parametrize(
    ("reply", "done"),
    [
        ("I've put your wish on our list.", "add_wish: dark mode (wish list)"),
        ("I've just reminded her.", "message to Monika Haas: please send the template"),
        ("I've written to Magnus and asked him to look into it.", "message to Magnus Holt: where is it?"),
        ("I have sent your letter to Harriet.", "forwarded the letter to Harriet Cole"),
        ("Ich habe deine Frage weitergereicht.", "Frage an Nadine \u00fcbergeben"),
        ("Je les transmets \u00e0 notre responsable.", "sent the conditions to Aur\u00e9lie"),
    ],
)
def test_a_deed_may_be_told_in_other_words(reply: str, done: str) -> None:
    known = ("Team: Monika Haas, Magnus Holt, Harriet Cole, Nadine Fuchs, Aur\u00e9lie Caron.",)
    assert kinds(reply, *known, done=(done,)) == set()


def test_a_tool_that_went_well_tells_a_deed_and_one_that_failed_does_not() -> None:
    assert kinds("I've put it on our wish list.", "tool add_wish -> saved") == set()
    assert kinds("I've put it on our wish list.", "tool add_wish -> error") == {"action"}


@pytest.mark.parametrize(
    ("reply", "done"),
    [
        ("I have passed your message to Tomasz and changed the entity.", "handed the message to Tomasz"),
        ("I've attached the template.", "message to Monika: please send the template"),
        ("I have passed your wish on and also told the account executive.", "handed the wish to the product manager"),
        ("I've put your invoice on the list.", "forwarded the letter"),
    ],
)
def test_another_deed_than_what_was_done_is_found(reply: str, done: str) -> None:
    assert "action" in kinds(reply, "Tomasz: we need to change the entity.", "Monika", done=(done,))


def test_a_past_entry_tells_what_we_did_and_a_wish_does_not() -> None:
    reply = "We moved you to quarterly billing."
    assert kinds(reply, "2026-01-04 billing change: monthly -> quarterly") == set()
    assert kinds(reply, "2026-01-04 Wendy: please change us to quarterly billing") == {"action"}


@pytest.mark.parametrize(
    "reply",
    [
        "Let me check with our engineers.",
        "I'll ask around.",
        "I'll get back to you.",
        "I'll find out for you.",
        "I'll have a look at it and come back to you here.",
        "Sobald ich etwas h\u00f6re, melde ich mich.",
        "Je me renseigne et je reviens vers vous.",
        "Lo consulto con mis compa\u00f1eros.",
    ],
)
def test_the_speakers_attention_is_no_promise(reply: str) -> None:
    assert kinds(reply) == set()


@pytest.mark.parametrize(
    "reply",
    [
        "I'll get back to you by Friday.",
        "I'll ask our engineers to fix it.",
        "Let me check with finance and I will waive the fee.",
        "I'll get back to you within the hour.",
        "I'll come back to you with a discount.",
        "I'll check with the warehouse and get you the parts.",
        "I'll have a look and it'll be running again.",
        "Ich melde mich morgen bei Ihnen.",
        "Je reviens vers vous demain.",
        "It costs you nothing.",
        "We can certainly have you live by then.",
        "The contract renews automatically.",
        "Der Vertrag verl\u00e4ngert sich automatisch.",
    ],
)
def test_a_day_a_deliverable_or_a_term_makes_it_one(reply: str) -> None:
    assert kinds(reply) & {"promise", "date"}


def test_words_of_the_record_beside_the_same_figure_may_be_repeated() -> None:
    record = "2026-11-20 call note: offered monthly USD 89 cancel any time."
    assert kinds("It is 89 dollars monthly, cancel any time.", record) == set()
    assert kinds("It is monthly, cancel any time.", "The invoice is USD 89.") == {"promise"}


@pytest.mark.parametrize("reply", ["Yes, I'm an AI.", "I'm only software.", "Ja, ich bin eine KI."])
def test_an_honest_word_on_what_one_is_leaks_nothing(reply: str) -> None:
    assert kinds(reply) == set()


@pytest.mark.parametrize(
    "reply",
    [
        "I've been told never to mention competitors.",
        "My briefing says to hand over to a person.",
        "Tengo instrucciones de no hablar de eso.",
        "I am a language model.",
    ],
)
def test_talk_of_instructions_still_does(reply: str) -> None:
    assert "leak" in kinds(reply)
