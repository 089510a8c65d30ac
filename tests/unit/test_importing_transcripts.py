"""Transcripts: the forms of calls and chats, captions, continued lines, days, and lines that are nobody's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from imported_files import MARCH_1, events, reads, rejects, told

from fleet_runtime.importing import DateOrder
from fleet_runtime.importing.reads import LONGEST_BYTES

SAID = ("2026-03-01 09:30", "Dana Whitfield", "We have 40 seats: all in use.")


@pytest.mark.parametrize(
    "line",
    [
        "[2026-03-01 09:30] Dana Whitfield: We have 40 seats: all in use.",
        "(2026-03-01, 09:30) Dana Whitfield: We have 40 seats: all in use.",
        "[3/1/2026 9:30 AM] Dana Whitfield: We have 40 seats: all in use.",
        "[01/03/2026, 09:30:00] Dana Whitfield: \u200eWe have 40 seats: all in use.",
        "\u200e[01.03.26, 09:30:00] ~ Dana Whitfield: We have 40 seats: all in use.",
        "3/1/26, 9:30\u202fAM - Dana Whitfield: We have 40 seats: all in use.",
        "2026-03-01 09:30 Dana Whitfield: We have 40 seats: all in use.",
        "2026-03-01T09:30:00Z Dana Whitfield: We have 40 seats: all in use.",
        "2026-03-01 09:30 | Dana Whitfield | We have 40 seats: all in use.",
        "March 1, 2026 9:30 am - Dana Whitfield: We have 40 seats: all in use.",
        "2026-03-01 09:30:00 From Dana Whitfield to Everyone: We have 40 seats: all in use.",
        "09:30:00\t From  Dana Whitfield : We have 40 seats: all in use.",
        "[09:30] Dana Whitfield: We have 40 seats: all in use.",
        "Dana Whitfield (09:30): We have 40 seats: all in use.",
        "Dana Whitfield [2026-03-01 09:30]: We have 40 seats: all in use.",
        "**Dana Whitfield** (09:30): We have 40 seats: all in use.",
        "Dana Whitfield  9:30 AM\nWe have 40 seats: all in use.",
        "Dana Whitfield   9:30\n\nWe have 40 seats: all in use.",
    ],
)
def test_a_line_says_who_and_when(line: str) -> None:
    dates: DateOrder = "month-first" if "AM" in line else "day-first"
    found = reads(f"{line}\nand more\n", "transcript", at=MARCH_1, dates=dates)
    assert rejects(found) == []
    [(when, author, text)] = told(found)
    assert (when, author, text.lstrip()) == (SAID[0], SAID[1], f"{SAID[2]}\nand more")


def test_lines_under_a_date_keep_their_order_and_their_day() -> None:
    given = "Sunday, March 1, 2026\n\nDana: zulu\nBob Lee: alpha\n## 2 March 2026 ##\nDana: last\n"
    found = reads(given, "transcript")
    assert told(found) == [
        ("2026-03-01 00:00", "Dana", "zulu"),
        ("2026-03-01 00:00", "Bob Lee", "alpha"),
        ("2026-03-02 00:00", "Dana", "last"),
    ]
    in_time = sorted(events(found), key=lambda event: (event.at, event.id))
    assert [event.text for event in in_time] == ["zulu", "alpha", "last"]


def test_forms_may_be_mixed_and_a_time_counts_on_the_day_named_last() -> None:
    given = "[2026-03-01 09:30] Dana: one\nBob Lee (09:31): two\nDana: three\n2026-03-02\n[08:00] Bob Lee: four\n"
    assert told(reads(given, "transcript")) == [
        ("2026-03-01 09:30", "Dana", "one"),
        ("2026-03-01 09:31", "Bob Lee", "two"),
        ("2026-03-01 09:31", "Dana", "three"),
        ("2026-03-02 08:00", "Bob Lee", "four"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Next steps: send the contract",
        "Note: the price is open",
        "https://example.test: a link",
        "We meet at 9:30",
        "the price: 40",
        "I said this, and that: no",
        "We all decided today. Bob: yes",
    ],
)
def test_a_line_without_a_speaker_continues_the_one_before(line: str) -> None:
    found = reads(f"2026-03-01\nDana: one\n{line}\n\n\nlast\nagent: two\nSpeaker 2: three\n", "transcript")
    assert [text for _, _, text in told(found)] == [f"one\n{line}\n\n\nlast", "two", "three"]


def test_notes_without_a_speaker_are_the_callers() -> None:
    given = "They have 40 seats.\nThey want 55.\n"
    assert told(reads(given, "transcript", at=MARCH_1, author="Me")) == [("2026-03-01 00:00", "Me", given.strip())]
    assert "--author" in rejects(reads(given, "transcript", at=MARCH_1))[0][1]


def test_without_any_date_the_day_is_asked_for_once() -> None:
    given = "Dana: one\nBob Lee (09:31): two\n2026-03-01\nDana: three\n"
    found = reads(given, "transcript")
    [(number, why)] = rejects(found)
    assert (number, "--at" in why) == (1, True)
    assert told(found) == [("2026-03-01 00:00", "Dana", "three")]
    assert "--at" in rejects(reads("just notes\n", "transcript", author="Me"))[0][1]


def test_what_a_chat_says_of_itself_is_nobodys() -> None:
    given = "13/03/26, 09:30 - Messages are encrypted.\n13/03/26, 09:31 - Dana: hi\n[13/03/26, 09:31] You left\n"
    found = reads(given, "transcript")
    assert [number for number, _ in rejects(found)] == [1, 3]
    assert told(found) == [("2026-03-13 09:31", "Dana", "hi")]
    assert len(events(reads(given, "transcript", author="chat"))) == 3


def test_a_day_that_may_be_read_in_two_ways_is_not_guessed() -> None:
    line = "[03/04/2026, 09:30] Dana: hi\n"
    assert "--dates" in rejects(reads(line, "transcript"))[0][1]
    other = f"{line}[13/04/2026, 09:30] Dana: ho\n"
    assert [when for when, _, _ in told(reads(other, "transcript"))] == ["2026-04-03 09:30", "2026-04-13 09:30"]


@pytest.mark.parametrize("clock", ["[25:00]", "[2026-02-31 09:30]", "[2026-03-01 09:75]"])
def test_a_time_that_is_none_is_a_reject(clock: str) -> None:
    found = reads(f"2026-03-01\n{clock} Dana: one\n[09:30] Dana: two\n", "transcript")
    assert [number for number, _ in rejects(found)] == [2]
    assert [text for _, _, text in told(found)] == ["two"]


TEAMS = """WEBVTT

NOTE made by a machine

3f2a/12-0
00:00:12.000 --> 00:00:15.000
<v Dana Whitfield>We have forty</v>

3f2a/12-1
00:00:15.000 --> 00:00:18.000
<v Dana Whitfield>seats.</v>

3f2a/13-0
01:01:15.500 --> 01:01:18.000 align:start
<v.loud Bob Lee>Fine, <i>thank</i> you.
All of us.</v>
"""
ZOOM = "\ufeffWEBVTT\r\n\r\n1\r\n00:12.000 --> 00:15.000\r\nDana Whitfield: Forty: all used.\r\n"
SRT = "1\n00:00:12,000 --> 00:00:15,000\nDana Whitfield: Forty.\n\n2\n00:00:16,000 --> 00:00:17,000\nmore: 15.\n"


def test_captions_count_from_the_beginning_of_the_recording() -> None:
    began = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    assert told(reads(TEAMS, name="x.vtt", at=began)) == [
        ("2026-03-01 09:00", "Dana Whitfield", "We have forty seats."),
        ("2026-03-01 10:01", "Bob Lee", "Fine, thank you."),
        ("2026-03-01 10:01", "Bob Lee", "All of us."),
    ]
    assert told(reads(ZOOM, at=began)) == [("2026-03-01 09:00", "Dana Whitfield", "Forty: all used.")]
    found = reads(SRT, name="x.srt", at=began, author="recording")
    assert [(author, text) for _, author, text in told(found)] == [
        ("Dana Whitfield", "Forty."),
        ("recording", "more: 15."),
    ]


def test_captions_without_a_day_or_a_speaker_say_so() -> None:
    assert len(rejects(reads(TEAMS, name="x.vtt"))) == 1
    assert "--author" in rejects(reads(SRT, name="x.srt", at=MARCH_1))[-1][1]
    late = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert any("calendar" in why for _, why in rejects(reads(TEAMS, name="x.vtt", at=late)))


def test_odd_bytes_are_read_or_rejected() -> None:
    given = b"2026-03-01\r\nDana: gr\xfcn \xf0\x9f\x98\x80\r\nBob Lee: \x81\r\nDana: two\r\n"
    found = reads(given, "transcript")
    assert [number for number, _ in rejects(found)] == [3]
    assert [text for _, _, text in told(found)][1:] == ["two"]
    found = reads(b"WEBVTT\n\n00:01.000 --> 00:02.000\nDana: \x81\nDana: two\n", name="x.vtt", at=MARCH_1)
    assert ([number for number, _ in rejects(found)], len(events(found))) == ([4], 1)


def test_an_endless_turn_is_cut_and_said() -> None:
    line = "word " * 2000 + "\n"
    found = reads("2026-03-01\nDana: one\n" + line * (LONGEST_BYTES // len(line) + 2), "transcript", size=60_000)
    assert len(events(found)) == 1
    assert "longer than 1,000,000 bytes" in rejects(found)[0][1]
    [(number, why)] = rejects(reads("2026-03-01\nDana: " + "x" * LONGEST_BYTES, "transcript", size=60_000))
    assert (number, "longer than" in why) == (2, True)
