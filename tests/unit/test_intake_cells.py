"""Cells: numbers of any country where they leave no doubt, days, and cells that say nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from fleet_runtime.intake.cells import (
    DecimalMark,
    Number,
    Wrong,
    decimal_mark,
    is_blank,
    read_day,
    read_name,
    read_note,
    read_number,
)


@pytest.mark.parametrize(
    ("cell", "mark", "value"),
    [
        ("0", "", "0"),
        ("12.5", "", "12.5"),
        ("12,5", "", "12.5"),
        (".5", "", "0.5"),
        ("12.", "", "12"),
        ("1,234,567", "", "1234567"),
        ("1.234.567", "", "1234567"),
        ("1,234.50", "", "1234.5"),
        ("1.234,50", "", "1234.5"),
        ("1 234,5", "", "1234.5"),
        ("1\u202f234", "", "1234"),
        ("1'234.50", "", "1234.5"),
        ("0,350", "", "0.35"),
        ("1234,567", "", "1234.567"),
        ("1,234", ".", "1234"),
        ("1.234", ".", "1.234"),
        ("1.234", ",", "1234"),
        ("1,234", ",", "1.234"),
        ("(5)", "", "-5"),
        ("\u22125", "", "-5"),
        ("$ -5", "", "-5"),
        ("48k", "", "48000"),
        ("1.2m", "", "1200000"),
        ("1.2E+05", "", "120000"),
        ("5 %", "", "5"),
    ],
)
def test_numbers_are_read_as_they_are_written(cell: str, mark: DecimalMark, value: str) -> None:
    read = read_number(cell, mark)
    assert isinstance(read, Number)
    assert read.value == Decimal(value)


@pytest.mark.parametrize("cell", ["x", "1.2.3", "1,23,4", "1,234,5", "12 34", "1-2", "(5", "1e999", "\u0661", "5" * 41])
def test_what_is_no_number_is_none(cell: str) -> None:
    assert isinstance(read_number(cell, ""), Wrong)


def test_one_separator_before_three_digits_is_in_doubt_but_for_whole_numbers() -> None:
    read = read_number("1,234", "")
    assert read == Wrong("may be 1234 or 1.234: write it without separators")
    assert read_number("1.234", "", whole=True) == Number(Decimal(1234))


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("\u20ac1.234,50", Number(Decimal("1234.50"), currency="EUR")),
        ("1,234.50 USD", Number(Decimal("1234.50"), currency="USD")),
        ("US$ 12", Number(Decimal(12), currency="USD")),
        ("35 %", Number(Decimal(35), percent=True)),
    ],
)
def test_signs_are_told_apart(cell: str, number: Number) -> None:
    assert read_number(cell, "") == number


def test_the_decimal_mark_is_that_of_the_first_number_without_doubt() -> None:
    assert decimal_mark(["x", "1,234", "0,5", "1.5"]) == ","
    assert decimal_mark(["1,234.5"]) == "."
    assert decimal_mark(["1,234", "12", "1.234.567"]) == ""


@pytest.mark.parametrize("cell", ["", "  ", "-", "n/a", "N/A", "null", "NaN", "#N/A", "None", "\u2014"])
def test_cells_that_say_nothing(cell: str) -> None:
    assert is_blank(cell)


@pytest.mark.parametrize("cell", ["0", "no", "x", "-1"])
def test_cells_that_say_something(cell: str) -> None:
    assert not is_blank(cell)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-01-05", date(2026, 1, 5)),
        ("2026-01-05T23:00:00-08:00", date(2026, 1, 5)),
        ("20260105", date(2026, 1, 5)),
        ("2026-W02", date(2026, 1, 5)),
        ("5 January 2026", date(2026, 1, 5)),
        ("05.01.2026", date(2026, 1, 5)),
    ],
)
def test_days_are_read_in_many_forms(cell: str, day: date) -> None:
    assert read_day(cell, None, date(1990, 1, 1), date(2030, 1, 1)) == day


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("2026-02-30", "is no date"),
        ("03/04/2026", "whether the day or the month comes first"),
        ("soon", "is no date"),
        ("2062-01-05", "is out of reason (2062-01-05; taken are dates from 1990-01-01 to 2030-01-01)"),
        ("1900-01-00", "is no date"),
        ("1900-01-01", "is out of reason"),
    ],
)
def test_days_that_cannot_be_say_why(cell: str, why: str) -> None:
    read = read_day(cell, None, date(1990, 1, 1), date(2030, 1, 1))
    assert isinstance(read, Wrong)
    assert why in read.why


def test_texts_lose_what_steers_a_terminal_and_have_a_length() -> None:
    assert read_name(" Ann\x1b \t Lee ") == "Ann Lee"
    assert isinstance(read_name("x" * 201), Wrong)
    assert read_note(" one\r\ntwo\x00 ") == "one\ntwo"
    assert isinstance(read_note("x" * 1_000_001), Wrong)
