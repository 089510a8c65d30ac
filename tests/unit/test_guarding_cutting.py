"""Sentences cut out of a text, whole and as it arrives: nothing lost, and the same however it comes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.guarding import SentenceCutter
from fleet_runtime.guarding.cutting import sentences

_PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "Hello",
                "We have",
                "12",
                "3.5",
                "Dr",
                "e.g",
                "z. B",
                "M\u00e4rz",
                "No",
                "J",
                "p.m",
                "...",
                "?",
                "!",
                "\n",
            ),
            *(
                "\n\n",
                " ",
                "  ",
                ".",
                ". ",
                "1.",
                "- ",
                "\u00e9t\u00e9",
                "\u201cyes\u201d",
                "Ltd.",
                "x.de",
                "\u2026",
                ") ",
                "am",
            ),
        ]
    ),
    max_size=40,
)


@given(st.one_of(st.text(), _PIECES.map("".join)))
def test_what_is_cut_joins_to_what_was_fed(text: str) -> None:
    cutter = SentenceCutter()
    assert "".join([*cutter.feed(text), cutter.rest()]) == text
    assert cutter.rest() == ""


@given(_PIECES.map("".join), st.lists(st.integers(min_value=1, max_value=7), max_size=60))
def test_it_makes_no_difference_in_which_pieces_a_text_comes(text: str, sizes: list[int]) -> None:
    whole, parted = SentenceCutter(), SentenceCutter()
    expected = [*whole.feed(text), whole.rest()]
    found: list[str] = []
    start = 0
    for size in sizes:
        found += parted.feed(text[start : start + size])
        start += size
    found += parted.feed(text[start:])
    assert [*found, parted.rest()] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there. How are you?", ["Hello there.", "How are you?"]),
        ("Ask Dr. Sieg, e.g. Monday. Then go.", ["Ask Dr. Sieg, e.g. Monday.", "Then go."]),
        ("It grew by 3.5 percent. Good.", ["It grew by 3.5 percent.", "Good."]),
        ("J. R. Hale called. He waits.", ["J. R. Hale called.", "He waits."]),
        ("1. First point.\n2. Second point.", ["1. First point.", "2. Second point."]),
        ("Am 12. M\u00e4rz geht es los. Gut.", ["Am 12. M\u00e4rz geht es los.", "Gut."]),
        ("Es sind 12. Das reicht.", ["Es sind 12.", "Das reicht."]),
        ("No. We cannot. See No. 5 of it.", ["No.", "We cannot.", "See No. 5 of it."]),
        ("At 3 p.m. on Friday. Fine.", ["At 3 p.m. on Friday.", "Fine."]),
        ("Das sind z. B. 1,2 Mio. Euro. Viel.", ["Das sind z. B. 1,2 Mio. Euro.", "Viel."]),
        ("Really?! Yes\u2026 \u201cOh.\u201d Well.", ["Really?!", "Yes\u2026", "\u201cOh.\u201d", "Well."]),
        ("One line\n\n- two\n- three", ["One line", "- two", "- three"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_sentence_is_given_as_soon_as_it_is_whole() -> None:
    cutter = SentenceCutter()
    assert cutter.feed("Your contract renews. ") == []
    assert cutter.feed("On") == ["Your contract renews. "]
    assert cutter.feed(" 12. M") == []
    assert cutter.feed("arch it does. X") == ["On 12. ", "March it does. "]
    assert cutter.rest() == "X"
