"""CSV: delimiters, column names, quoted line ends, encodings, and rows that cannot be read."""

from __future__ import annotations

import pytest
from imported_files import MARCH_1, events, reads, rejects, told


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(mark: str) -> None:
    rows = (("Date", "From", "Note"), ("2026-03-01", "Dana", "We have 40 seats."))
    found = reads("\r\n".join(mark.join(row) for row in rows), "csv")
    assert told(found) == [("2026-03-01 00:00", "Dana", "We have 40 seats.")]


def test_fields_may_hold_line_ends_quotes_and_delimiters() -> None:
    given = 'at,author,text,kind\n2026-03-01,Dana,"We, ""the"" team:\r\n40 seats",call\n2026-03-02,Bob,fine,\n'
    assert told(reads(given, "csv")) == [
        ("2026-03-01 00:00", "Dana", 'We, "the" team:\n40 seats'),
        ("2026-03-02 00:00", "Bob", "fine"),
    ]
    assert [event.kind for event in events(reads(given, "csv"))] == ["call", "note"]


def test_spreadsheets_of_other_countries_are_read() -> None:
    given = "\ufeffDatum;Uhrzeit;Autor;Betreff;Notiz\r\n01.03.2026;09:30;J\u00f6rg;Pl\u00e4tze;40\r\n"
    wanted = [("2026-03-01 09:30", "J\u00f6rg", "Pl\u00e4tze\n\n40")]
    assert told(reads(given, name="x.csv")) == wanted
    assert told(reads(given.encode("utf-16"), name="x.csv")) == wanted
    assert told(reads(given[1:].encode("cp1252"), name="x.csv")) == wanted


def test_the_order_of_day_and_month_is_told_by_any_row() -> None:
    given = "at,author,text\n03/04/2026,Dana,one\n03/14/2026,Dana,two\n"
    assert [when for when, _, _ in told(reads(given, "csv"))] == ["2026-03-04 00:00", "2026-03-14 00:00"]
    assert len(rejects(reads("at,author,text\n03/04/2026,Dana,one\n", "csv"))) == 1
    assert told(reads("at,author,text\n03/04/2026,Dana,one\n", "csv", dates="day-first"))[0][0] == "2026-04-03 00:00"


def test_rows_of_one_moment_keep_their_order() -> None:
    given = "at,author,text\n2026-03-01,Dana,zulu\n2026-03-01,Dana,alpha\n2026-03-02,Dana,last\n"
    found = sorted(events(reads(given, "csv")), key=lambda event: (event.at, event.id))
    assert [event.text for event in found] == ["zulu", "alpha", "last"]
    grown = events(reads(f"{given}2026-03-02,Dana,more\n", "csv"))
    assert [event.id for event in grown[:3]] == [event.id for event in events(reads(given, "csv"))]


@pytest.mark.parametrize(
    ("given", "number", "why"),
    [
        ("foo,bar\n1,2\n", 1, "no column holds the text (there are: foo, bar)"),
        ("at,text\n2026-03-01,x\n", 1, "no column says who"),
        ("author,text\nDana,x\n", 1, "no column says when"),
        ("\n\n", 1, "the file is empty"),
        (b"at,author,text\x81\n", 1, "neither UTF-8 nor Windows-1252"),
    ],
)
def test_a_header_that_is_not_enough_says_what_is_missing(given: str | bytes, number: int, why: str) -> None:
    [(line, said)] = rejects(reads(given, "csv"))
    assert line == number
    assert why in said


def test_what_no_column_says_comes_from_the_caller() -> None:
    assert told(reads("text\nhello\n", "csv", at=MARCH_1, author="Me")) == [("2026-03-01 00:00", "Me", "hello")]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ('2026-03-01,Dana,"bad" quote', "mend its quotation marks"),
        (",Dana,no date", "the row has no date"),
        ("2026-13-01,Dana,x", "no date that can be kept"),
        ("2026-03-01,,x", "nobody is named"),
        ("2026-03-01,Dana", "there is no text"),
        (b"2026-03-01,Dana,\x81", "neither UTF-8 nor Windows-1252"),
        ('2026-03-01,Dana,"' + "x" * 140_000 + '"', "field larger than field limit"),
    ],
)
def test_a_wrong_row_is_a_reject_and_reading_goes_on(row: str | bytes, why: str) -> None:
    raw = row if isinstance(row, bytes) else row.encode()
    found = reads(b"at,author,text\n,,\n" + raw + b"\n2026-03-02,Bob,fine\n", "csv", size=9000)
    [(number, said)] = rejects(found)
    assert number == 3
    assert why in said
    assert told(found) == [("2026-03-02 00:00", "Bob", "fine")]


def test_a_quotation_that_is_never_closed_swallows_nothing_silently() -> None:
    found = reads('at,author,text\n2026-03-01,Dana,"open\n2026-03-02,Bob,fine\n', "csv")
    assert events(found) == []
    assert rejects(found)[0][0] == 2


def test_a_row_that_misses_a_line_is_none() -> None:
    found = reads(b'at,author,text\n2026-03-01,Dana,"one\ntw\x81o\nthree"\n2026-03-02,Bob,fine\n', "csv")
    assert [number for number, _ in rejects(found)] == [3]
    assert told(found) == [("2026-03-02 00:00", "Bob", "fine")]
