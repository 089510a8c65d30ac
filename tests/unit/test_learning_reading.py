"""Quantities, names, clauses and their moods: what the rules stand on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.learning.names import clean_person, is_name, same_person
from fleet_runtime.learning.quantities import find_quantities, same_quantity
from fleet_runtime.learning.reading.passages import Passage

SAID_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("120", "120"),
        ("1,200", "1200"),
        ("one hundred and twenty", "120"),
        ("twenty-five", "25"),
        ("two thousand three hundred", "2300"),
        ("a dozen", "12"),
        ("half a dozen", "6"),
        ("two dozen", "24"),
        ("12k", "12000"),
        ("1.5 million", "1500000"),
        ("$48,000", "$48,000"),
        ("48k EUR", "48k EUR"),
        ("\u20ac 48.000", "\u20ac 48.000"),
        ("1.200,50 EUR", "1.200,50 EUR"),
        ("$1.5m", "$1.5m"),
        ("forty thousand dollars", "forty thousand dollars"),
        ("CHF 900", "CHF 900"),
        ("\u00a375", "\u00a375"),
        ("30 %", "30%"),
        ("12.5 per cent", "12.5%"),
        ("thirty percent", "30%"),
    ],
)
def test_a_quantity_is_brought_to_one_plain_form(words: str, value: str) -> None:
    (quantity,) = find_quantities(f"It was {words} then")
    assert (quantity.value, quantity.text) == (value, words)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("$48k", "USD 48,000", True),
        ("\u20ac 48.000", "48k EUR", True),
        ("forty thousand dollars", "$40k", True),
        ("$48k", "EUR 48,000", False),
        ("$48k", "48000", False),
        ("120", "one hundred and twenty", True),
        ("30 %", "30%", True),
        ("about $48k", "$48k", False),
        ("Summit", "Summit", False),
    ],
)
def test_quantities_are_the_same_however_they_are_written(one: str, other: str, same: bool) -> None:  # noqa: FBT001 -- a table
    assert same_quantity(one, other) is same
    assert same_quantity(other, one) is same


@pytest.mark.parametrize("text", ["v2.3 of it", "at 10:30", "ticket #4711", "A4 paper"])
def test_numbers_in_names_and_times_are_no_counts(text: str) -> None:
    assert find_quantities(text) == ()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Priya Nair", "Priya Nair"),
        ("Unfortunately Dana", "Dana"),
        ("Dr. Lena Hoffmann", "Lena Hoffmann"),
        ("Jean-Luc de la Tour", "Jean-Luc de la Tour"),
        ("Operations", None),
        ("SSO", None),
        ("Our Team", None),
        ("Marie-Claire Dubois", "Marie-Claire Dubois"),
        ("\u015eeyda \u0130nan", "\u015eeyda \u0130nan"),
        ("Jo\u00e3o Miguel Serra", "Jo\u00e3o Miguel Serra"),
    ],
)
def test_a_name_is_told_from_other_capitals(words: str, name: str | None) -> None:
    assert clean_person(words) == name


def test_names_of_one_person_may_differ_in_length() -> None:
    assert same_person("Dana", "Dana Whitfield")
    assert same_person("Ms. Whitfield", "Dana Whitfield")
    assert not same_person("Dana Smith", "Dana Whitfield")
    assert not same_person("", "Dana Whitfield")
    assert is_name("Dana Whitfield")
    assert not is_name("dana@example.org")


@pytest.mark.parametrize(
    ("text", "moods"),
    [
        ("We have 120 seats", set()),
        ("Do we have 120 seats?", {"question"}),
        ("can you give us 30 % off", {"question"}),
        ("We might go to 400 seats", {"hypothetical"}),
        ("If we renew, we take 400 seats", {"hypothetical"}),
        ("We want 400 seats", {"wish"}),
        ("We do not have 400 seats", {"denied"}),
        ("We used to have 400 seats", {"past"}),
        ("Our sister company has 400 seats", {"foreign"}),
        ("We have 120 seats, let me know if you need a list", set()),
    ],
)
def test_the_mood_of_a_clause_is_told(text: str, moods: set[str]) -> None:
    clause = Passage(text, SAID_AT).clauses[-1] if text.startswith("If") else Passage(text, SAID_AT).clauses[0]
    assert clause.moods == moods


def test_clauses_have_moods_of_their_own() -> None:
    clauses = Passage("We might add more, but we have 120 seats; can you send the list?", SAID_AT).clauses
    assert [set(clause.moods) for clause in clauses] == [{"hypothetical"}, set(), {"question"}]


def test_full_stops_in_dates_amounts_and_titles_end_no_sentence() -> None:
    passage = Passage("Dr. Hoffmann pays \u20ac 48.000 until 31.03.2027. All good.", SAID_AT, ("Northwind",))
    assert [clause.sentence for clause in passage.clauses] == [0, 1]


@given(
    st.text(max_size=80)
    | st.text(alphabet="We have 12 seats. Our renewal\u2019s 3 May 2027? \u27e6d0\u27e7 $48,000, and but", max_size=80)
)
def test_every_clause_is_found_again_in_its_source(text: str) -> None:
    passage = Passage(text, SAID_AT, ("have", "seats"))
    last = 0
    for clause in passage.clauses:
        start, end = passage.span(clause.start, clause.start + len(clause.text))
        assert 0 <= last <= start <= end <= len(text)
        assert passage.words(clause.start, clause.start + len(clause.text)) in text
        last = end
