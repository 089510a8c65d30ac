"""Figures are read by value, whatever their spelling."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.guarding.figures import find_figures


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120 seats", [("number", "120", "")]),
        ("1,200.50 and 1'000", [("number", "1200.50", ""), ("number", "1000", "")]),
        ("one hundred and twenty", [("number", "120", "")]),
        ("two hundred thirty-five thousand", [("number", "235000", "")]),
        ("a dozen, a hundred", [("number", "12", ""), ("number", "100", "")]),
        (
            "30 %, thirty percent, 5 percentage points",
            [("percentage", "30", ""), ("percentage", "30", ""), ("percentage", "5", "")],
        ),
        ("from 9.4 to 8.1 percent", [("percentage", "9.4", ""), ("percentage", "8.1", "")]),
        (
            "$1.2k, EUR 5 and 3 million pounds",
            [("amount", "1200", "USD"), ("amount", "5", "EUR"), ("amount", "3000000", "GBP")],
        ),
        ("at 3 pm, 10:30 or 9.15 am", [("time", "900", ""), ("time", "630", ""), ("time", "555", "")]),
        ("half of your team, by two thirds", [("share", "50.0", ""), ("share", "66.7", "")]),
        ("it tripled", [("share", "300", "")]),
        ("half an hour, the 2nd line, one, T-4471, 3D, hundreds", []),
    ],
)
def test_figures(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = [(figure.kind, figure.value, figure.currency) for figure in find_figures(text)]
    assert found == [(kind, Decimal(value), currency) for kind, value, currency in expected]


def test_spans_can_be_left_out() -> None:
    assert [figure.text for figure in find_figures("31 March, 5 seats", [(0, 8)])] == ["5"]


@given(st.integers(min_value=2, max_value=10**9))
def test_digits_with_and_without_marks_are_the_same(number: int) -> None:
    (plain,), (marked,) = find_figures(f"{number} seats"), find_figures(f"{number:,} seats")
    assert plain.value == marked.value == number


@given(st.text(max_size=120))
def test_spans_are_ordered_and_true_to_the_text(text: str) -> None:
    found = find_figures(text)
    assert all(text[figure.start : figure.end] == figure.text for figure in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
