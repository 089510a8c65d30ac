"""The voice's text work never fails, loses nothing, and never turns the customer into us."""

from __future__ import annotations

import re

from exploring import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from open_fleets import shipped
from scenes import assisted, decided, fact, scene, staffed

from fleet_runtime.messages import ModelReply
from fleet_runtime.prompting import inline, quoted
from fleet_runtime.records import Part
from fleet_runtime.runtime.agent import pieces
from fleet_runtime.voicing import Speaking
from fleet_runtime.voicing.bank import fill, least_heard
from fleet_runtime.voicing.forms import courtesy, is_question, is_wish, sentences, tone_of, without_greeting
from fleet_runtime.voicing.turning import reflectable, wished_for, you_form

BANK = shipped()[1].bank(staffed().role_class)
WORDS = st.sampled_from(
    [
        *(
            "I",
            "we",
            "our",
            "us",
            "you",
            "your",
            "can",
            "could",
            "build",
            "please",
            "thanks",
            "hi",
            "Dana",
            "the",
            "login",
        ),
        *(
            "is",
            "broken",
            "when",
            "what",
            "so",
            "and",
            "but",
            "need",
            "seats",
            "40",
            "30%",
            "off",
            "e.g.",
            "Dr.",
            "No.",
        ),
        *(
            "ok:",
            ";",
            "!",
            "?",
            ".",
            ",",
            "\n",
            "{x}",
            "{{",
            "}}",
            '"',
            "'",
            "(",
            ")",
            "\\",
            "\u2028",
            "\x00",
            "é",
            "数",
        ),
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=30).map(" ".join))
ANSWERS = st.one_of(st.none(), TEXTS, st.sampled_from(['{"kind": "bad_news"}', '{"kind": "asks_record"}', "[]", "{"]))


@given(TEXTS)
def test_every_form_takes_every_text(text: str) -> None:
    for look in (sentences, is_question, is_wish, without_greeting, you_form, reflectable, wished_for):
        look(text)
    courtesy(text, BANK)
    tone_of(text, BANK)


@given(TEXTS)
def test_sentences_lose_nothing_but_the_space_between_them(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
    at = 0
    for sentence in sentences(text):
        at = text.index(sentence, at) + len(sentence)


@given(TEXTS)
def test_a_clause_that_is_given_back_speaks_of_the_customer_only(text: str) -> None:
    clause = reflectable(text)
    if clause is None:
        return
    assert clause
    assert not re.search(r"\b(?:I|we|us|our|ours|my|me|mine|ourselves|myself)\b", clause, re.IGNORECASE)
    assert not set(clause) & set("?;\n")


@given(TEXTS)
def test_a_salutation_leaves_the_rest_as_it_was(text: str) -> None:
    rest, greeted = without_greeting(text)
    assert text.endswith(rest)
    assert greeted == (rest != text)


@given(TEXTS)
def test_streamed_pieces_join_to_the_reply(text: str) -> None:
    part = Part(role="r", text=text, kind="k")
    assert "".join(pieces(part, first=True)) == text
    assert "".join(pieces(part, first=False)) == f"\n\n{text}"
    assert all(pieces(part, first=True))


@given(TEXTS)
def test_quoted_text_begins_no_line_of_ours(text: str) -> None:
    assert all(line.startswith("> ") for line in quoted(text).splitlines())
    assert quoted(text).splitlines()
    assert len(inline(text).splitlines()) <= 1


@given(st.dictionaries(st.sampled_from(["a", "b"]), TEXTS, min_size=2, max_size=2))
def test_a_filled_phrase_holds_its_values_as_they_are(values: dict[str, str]) -> None:
    assert fill("x {a} y {b} z", values) == f"x {values['a']} y {values['b']} z"


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=4, unique=True), st.lists(TEXTS, max_size=6))
def test_the_least_heard_phrase_is_one_of_them(phrases: list[str], heard: list[str]) -> None:
    assert least_heard(phrases, heard) in phrases


@settings(max_examples=examples(60))
@given(
    TEXTS.filter(lambda text: text.strip()),
    st.lists(ANSWERS, min_size=6, max_size=6),
    st.sampled_from(["keep", "decline", "hand_off", "nobody"]),
)
def test_whatever_is_said_and_answered_the_voice_speaks_in_its_own_name(
    text: str, answers: list[str | None], verdict: str
) -> None:
    choice = {"hand_off": "support-agent", "nobody": None}.get(verdict, staffed().role_class)
    there = scene(text, decision=decided(verdict, choice), recalled=(fact("The contract renews on 31 January 2028."),))
    voice = Speaking(assisted(there))
    for answer in answers:
        if voice.request is None:
            break
        voice.answer(None if answer is None else ModelReply(text=answer))
    part = voice.result.part
    assert part.role == staffed().role_class
    assert part.text.strip()
    assert all(sentence in part.text for sentence in part.model_written)
