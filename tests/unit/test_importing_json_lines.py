"""JSON lines: the usual names, times in every form, operations, and what is wrong, line by line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from imported_files import MARCH_1, events, reads, rejects, told

from fleet_runtime.importing import Reject, content_id
from fleet_runtime.importing.reads import LONGEST_BYTES, Draft, Order, checked


def line(**parts: object) -> str:
    return json.dumps({"at": "2026-03-01T09:30", "author": "Dana", "text": "We have 40 seats."} | parts)


def test_an_event_is_read_with_its_id_and_operations() -> None:
    [event] = events(reads(line(id="crm-1", kind="call", ops=[{"op": "set", "key": "seats", "value": "40"}]), "jsonl"))
    assert (event.id, event.kind, event.author) == ("crm-1", "call", "Dana")
    assert event.at.isoformat() == "2026-03-01T09:30:00+00:00"
    assert event.operations is not None
    assert (event.operations[0].op, event.operations[0].value) == ("set", "40")


def test_without_an_id_the_same_content_has_the_same_id() -> None:
    first, second, other = events(reads("\n".join([line(), line(kind="call"), line(text="55")]), "jsonl"))
    assert first.id == second.id == content_id(first.at, "Dana", "We have 40 seats.")
    assert len(first.id) == 24
    assert other.id != first.id


def test_the_usual_names_are_known() -> None:
    given = json.dumps({"ts": "2026-03-01", "From": "Bob", "body": "Yes.", "type": "email", "Message-ID": "m1"})
    [event] = events(reads(given, "jsonl"))
    assert (event.id, event.author, event.text, event.kind) == ("m1", "Bob", "Yes.", "email")
    both = json.dumps({"date": "2026-03-01", "time": "9:30 pm", "by": "Bob", "subject": "Seats", "note": "40"})
    assert told(reads(both, "jsonl")) == [("2026-03-01 21:30", "Bob", "Seats\n\n40")]


@pytest.mark.parametrize(
    ("at", "read"),
    [
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01T09:30:15.25Z", "2026-03-01T09:30:15.250000+00:00"),
        ("2026-03-01 09:30+02:00", "2026-03-01T07:30:00+00:00"),
        ("2026-03-01 09:30 +0200", "2026-03-01T07:30:00+00:00"),
        ("Mon, 2 Mar 2026 09:30:00 +0100", "2026-03-02T08:30:00+00:00"),
        ("1 March 2026, 9:30 pm", "2026-03-01T21:30:00+00:00"),
        ("March 1st, 2026", "2026-03-01T00:00:00+00:00"),
        ("01.03.2026 12.30", "2026-03-01T12:30:00+00:00"),
        ("3/14/2026 12:05 AM", "2026-03-14T00:05:00+00:00"),
        ("2026/3/1", "2026-03-01T00:00:00+00:00"),
        ("5/5/26", "2026-05-05T00:00:00+00:00"),
        (1772357400, "2026-03-01T09:30:00+00:00"),
        (1772357400000, "2026-03-01T09:30:00+00:00"),
        ("1772357400.000200", "2026-03-01T09:30:00.000200+00:00"),
        ("20260301T0930", "2026-03-01T09:30:00+00:00"),
    ],
)
def test_times_are_read_in_every_unmistakable_form(at: object, read: str) -> None:
    [event] = events(reads(line(at=at), "jsonl"))
    assert event.at.isoformat() == read


@pytest.mark.parametrize(
    "at",
    ["0000-01-01", "10000-01-01", "2026-02-30", "yesterday", "2026-03-01 25:00", "9999-12-31T23:30-05:00", "x" * 99],
)
def test_a_time_outside_the_calendar_is_rejected_with_what_to_do(at: str) -> None:
    [(number, why)] = rejects(reads(line(at=at), "jsonl"))
    assert number == 1
    assert "write it as 2026-03-01T09:30" in why


def test_a_date_that_may_be_read_in_two_ways_is_not_guessed() -> None:
    [(_, why)] = rejects(reads(line(at="03/04/2026"), "jsonl"))
    assert "--dates day-first" in why
    assert told(reads(line(at="03/04/2026"), "jsonl", dates="day-first"))[0][0] == "2026-04-03 00:00"
    assert told(reads(line(at="03/04/2026"), "jsonl", dates="month-first"))[0][0] == "2026-03-04 00:00"


def test_what_the_file_does_not_say_comes_from_the_caller() -> None:
    bare = json.dumps({"text": "We have 40 seats."})
    assert [why for _, why in rejects(reads(bare, "jsonl"))] == [
        "it has no date (at): give it one, or name the day with --at"
    ]
    [(_, why)] = rejects(reads(bare, "jsonl", at=MARCH_1))
    assert "--author" in why
    assert told(reads(bare, "jsonl", at=MARCH_1, author="Me")) == [("2026-03-01 00:00", "Me", "We have 40 seats.")]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("nope", "no JSON"),
        ("[1]", "no JSON object"),
        ("[" * 5000, "no JSON"),
        (line(text=""), "no text"),
        (line(text={"a": 1}), "no text"),
        (line(author="A" * 201), "author is longer than 200"),
        (line(ops=[{"op": "sot"}]), "operations.0.op is wrong"),
        (line(ops="set"), "operations is wrong"),
        ('{"at": "2026-03-01", "author": "A", "text": "\\ud800"}', "no JSON"),
        ('{"row": "fact", "id": "f"}', "whole export"),
        (line(text="x" * LONGEST_BYTES), "longer than 1,000,000 bytes"),
    ],
)
def test_a_wrong_line_is_a_reject_and_reading_goes_on(wrong: str, why: str) -> None:
    found = reads(f"\n{wrong}\n\n{line()}\n", "jsonl", size=4096)
    [(number, said)] = rejects(found)
    assert number == 2
    assert why in said
    assert len(events(found)) == 1


def test_a_list_over_several_lines_is_told_how_to_be_one_object_a_line() -> None:
    assert "jq" in rejects(reads('[\n{"a": 1}\n]', "jsonl"))[0][1]


def test_odd_bytes_are_read_or_rejected() -> None:
    marked = b"\xef\xbb\xbf" + line(text="Gr\u00fcn \U0001f600").encode() + b"\r\n"
    assert told(reads(marked, "jsonl"))[0][2] == "Gr\u00fcn \U0001f600"
    assert told(reads(line().encode("utf-16"), "jsonl"))[0][2] == "We have 40 seats."
    [(number, why)] = rejects(reads(b'{"text": "\xff"}', "jsonl"))
    assert (number, "no JSON" in why) == (1, True)
    [event] = events(reads(line(text="a\x00b\x1b[31mc\td", author="D\na"), "jsonl"))
    assert (event.text, event.author) == ("ab[31mc\td", "D a")


def test_what_no_database_can_hold_is_rejected() -> None:
    found = checked(Draft(line=3, told=MARCH_1, author="Dana", text="half \ud800"))
    assert isinstance(found, Reject)
    assert "lone surrogate" in found.why
    assert found.text == "half ?"
    east = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9)))
    found = checked(Draft(line=3, told=east, author="Dana", text="x"))
    assert isinstance(found, Reject)
    assert "the time cannot be kept" in found.why
    wide = checked(Draft(line=3, told=MARCH_1, author="Dana", text="\u00e9" * (LONGEST_BYTES - 1)))
    assert isinstance(wide, Reject)


def test_lines_of_the_last_moment_keep_it() -> None:
    order, last = Order(), datetime.max.replace(tzinfo=UTC)
    assert [order.place(last), order.place(last)] == [last, last]
    assert order.place(MARCH_1) == MARCH_1
    assert order.place(MARCH_1) == MARCH_1 + timedelta(microseconds=1)


def test_the_rejected_text_is_shown_shortened_and_on_one_line() -> None:
    [reject] = reads("no\x1bpe " * 60, "jsonl")
    text = getattr(reject, "text", "")
    assert text.startswith("nope nope")
    assert len(text) == 81
