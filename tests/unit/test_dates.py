"""Dates in running text, resolved against Thursday, 26 November 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.dates import MONTHS, Prefer, find_dates, say_date

SAID_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)

FULL = [
    "2027-03-31",
    "31 March 2027",
    "31st of March 2027",
    "March 31st, 2027",
    "Mar. 31, 2027",
    "31.03.2027",
    "31/03/2027",
    "3/31/27",
    "31 March '27",
    "2027/03/31",
]


@pytest.mark.parametrize("words", FULL)
def test_a_full_date_is_read_in_every_form(words: str) -> None:
    (mention,) = find_dates(f"The contract ends {words}.", SAID_AT)
    assert (mention.value, mention.precision, mention.relative) == (date(2027, 3, 31), "day", False)


@pytest.mark.parametrize(
    ("words", "value", "precision"),
    [
        ("on 31 March", "2027-03-31", "day"),
        ("by the 15th", "2026-12-15", "day"),
        ("since 1 May", "2026-05-01", "day"),
        ("in 2026-06", "2026-06-01", "month"),
        ("since the 15th", "2026-11-15", "day"),
        ("on the 30th", "2026-11-30", "day"),
        ("tomorrow", "2026-11-27", "day"),
        ("the day after tomorrow", "2026-11-28", "day"),
        ("yesterday", "2026-11-25", "day"),
        ("last Friday", "2026-11-20", "day"),
        ("by Friday", "2026-11-27", "day"),
        ("next Friday", "2026-12-04", "day"),
        ("in two weeks", "2026-12-10", "day"),
        ("two weeks ago", "2026-11-12", "day"),
        ("3 months from now", "2027-02-26", "day"),
        ("end of next week", "2026-12-04", "day"),
        ("March 2027", "2027-03-01", "month"),
        ("in March", "2027-03-01", "month"),
        ("end of June 2027", "2027-06-30", "month"),
        ("mid-March", "2027-03-16", "month"),
        ("next March", "2027-03-01", "month"),
        ("last March", "2026-03-01", "month"),
        ("next month", "2026-12-01", "month"),
        ("end of the month", "2026-11-30", "month"),
        ("Q2 2027", "2027-04-01", "quarter"),
        ("the second quarter of 2027", "2027-04-01", "quarter"),
        ("by Q1", "2027-01-01", "quarter"),
        ("last quarter", "2026-07-01", "quarter"),
        ("in 2027", "2027-01-01", "year"),
        ("end of the year", "2026-12-31", "year"),
    ],
)
def test_a_partial_or_relative_date_is_resolved(words: str, value: str, precision: str) -> None:
    (mention,) = find_dates(f"It is due {words}, I think", SAID_AT)
    assert mention.value is not None
    assert (mention.value.isoformat(), mention.precision) == (value, precision)


@pytest.mark.parametrize(
    ("prefer", "day", "month", "fifteenth"),
    [
        ("future", "2027-10-31", "2027-10-01", "2026-12-15"),
        ("past", "2026-10-31", "2026-10-01", "2026-11-15"),
        ("nearest", "2026-10-31", "2026-10-01", "2026-11-15"),
    ],
)
def test_a_missing_year_is_looked_for_where_it_is_preferred(
    prefer: Prefer, day: str, month: str, fifteenth: str
) -> None:
    mentions = find_dates("on 31 October, in October, on the 15th", SAID_AT, prefer)
    assert [str(mention.value) for mention in mentions] == [day, month, fifteenth]
    assert all(mention.relative for mention in mentions)
    (weekday,) = find_dates("on Monday", SAID_AT, prefer)
    assert str(weekday.value) == ("2026-11-23" if prefer == "past" else "2026-11-30")


@pytest.mark.parametrize(
    "text",
    [
        "only 30 may log in",
        "we may march on",
        "10.000.000 rows",
        "version 1.2.3.4",
        "the first of many",
        "in March 30",
        "the month was fine",
        "call 0043 2027",
        "a second opinion",
    ],
)
def test_what_is_no_date_is_left_alone(text: str) -> None:
    assert [mention.text for mention in find_dates(text, SAID_AT)] in ([], ["March 30"])


def test_a_day_that_the_calendar_lacks_is_kept_without_a_value() -> None:
    assert [mention.value for mention in find_dates("31 February 2027 and 99.03.2027", SAID_AT)] == [None, None]
    assert find_dates("on 29 February", SAID_AT)[0].value == date(2028, 2, 29)


def test_counted_people_are_not_the_day_of_a_month() -> None:
    (mention,) = find_dates("in March 30 people came", SAID_AT)
    assert (mention.text, mention.precision) == ("March", "month")


@given(st.dates(date(1950, 1, 1), date(2090, 12, 31)))
def test_what_is_said_is_found_again(day: date) -> None:
    assert [mention.value for mention in find_dates(f"it is {say_date(day)}.", SAID_AT)] == [day]


PIECES = ["March ", "31", " ", ".", "/", "of ", "end ", "may ", "2027", "Q2", "in ", "two weeks"]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_spans_are_in_order_and_cover_their_text(text: str) -> None:
    mentions = find_dates(text, SAID_AT)
    last = 0
    for mention in mentions:
        assert last <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        last = mention.end


def test_months_are_english_whatever_the_locale() -> None:
    assert say_date(date(2027, 3, 1)) == "1 March 2027"
    assert len(MONTHS) == 12
