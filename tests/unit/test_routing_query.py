"""A message is cut into address, wish, clauses and context before anything is compared."""

from __future__ import annotations

import pytest

from fleet_runtime.routing import RouteQuery
from fleet_runtime.routing.terms import concepts, spoken_terms, topic_terms


@pytest.mark.parametrize(
    ("text", "address", "wish"),
    [
        ("@support-agent our login is broken", "support-agent", "our login is broken"),
        ("  @Support-Agent: our login is broken", "support-agent", "our login is broken"),
        ("ask @support-agent about it", None, "ask @support-agent about it"),
        ("mail me at a@b.example", None, "mail me at a@b.example"),
        ("@", None, "@"),
    ],
)
def test_only_the_front_of_a_message_is_an_address(text: str, address: str | None, wish: str) -> None:
    query = RouteQuery(text=text)
    assert (query.address(), query.wish()) == (address, wish)


def test_clauses_are_what_could_stand_alone() -> None:
    query = RouteQuery(text="Thanks! The rollout went really well. By the way, the export is broken again.")
    assert query.clauses() == ("The rollout went really well.", "the export is broken again.")


def test_one_clause_is_the_message_itself() -> None:
    assert RouteQuery(text="the export is broken").clauses() == ()


def test_only_a_short_message_leans_on_what_was_said_last() -> None:
    said = ("hello", "our import is stuck")
    assert RouteQuery(text="still not working", history=said).context() == "our import is stuck"
    long = RouteQuery(text="the quarterly report for the northern region shows wrong totals", history=said)
    assert long.context() == ""
    assert RouteQuery(text="still not working").context() == ""


def test_texts_are_message_clauses_and_context_in_that_order() -> None:
    query = RouteQuery(text="ok", history=("our import is stuck",))
    assert query.texts() == ("ok", "our import is stuck")
    assert RouteQuery(text="").texts() == ("",)


def test_a_very_long_message_is_read_at_its_beginning() -> None:
    query = RouteQuery(text="the export is broken. " * 100_000)
    assert len(query.wish()) <= 4_000
    assert len(query.texts()) <= 9


def test_words_that_belong_to_one_matter_meet_in_a_concept() -> None:
    assert set(concepts("it crashes")) & set(concepts("an error since monday")) == {"~fault"}
    assert concepts("the sea is blue") == []


def test_terms_keep_topic_words_and_spoken_terms_keep_all_and_their_pairs() -> None:
    assert topic_terms("I see the seas") == ["sea"]
    assert spoken_terms("how do I") == ["how", "do", "i", "how do", "do i"]
