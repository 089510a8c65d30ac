"""Whatever a file holds becomes events or rejects; twice is once, and a longer file only adds."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from imported_files import events, reads

from fleet_runtime.exporting import export_lines, read_rows, restored
from fleet_runtime.importing import FORMATS, Format, Found, Reject, numbered_lines
from fleet_runtime.importing.mail_text import text_of_html, written_anew
from fleet_runtime.importing.reads import LONGEST_BYTES
from fleet_runtime.records import AccountKey, AccountState, Event, Fact, Learned

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
FORMS = st.sampled_from(FORMATS)
SCRAPS = st.sampled_from(
    [
        *("\n", "\r\n", "\n\n", ",", ";", '"', ": ", "{", "}", "[", "]", "\t", "\ufeff", "\x00", "\u200e", " - "),
        *(
            "at,author,text\n",
            "2026-03-01",
            "01/03/2026",
            "9999-12-31",
            "0000-00-00",
            "09:30",
            "25:61",
            "AM",
            "(09:31)",
        ),
        *("Dana", "Bob Lee", "From: ", "From d@x Mon Mar  2 09:30:00 2026\n", "Date: Mon, 2 Mar 2026 09:30:00 +0100\n"),
        *("Content-Type: text/html; charset=x\n", "Content-Transfer-Encoding: base64\n", "Subject: =?utf-8?b?!?=\n"),
        *("Content-Type: multipart/mixed; boundary=b\n", "--b\n", "--b--\n", "WEBVTT\n", "00:01.000 --> 00:02.000\n"),
        *('{"at":', '"text":', '"author":', '"ops":[{"op":"set"}]', '{"fleet_memory":1}\n', "<v Dana>", "> ", "wrote:"),
    ]
)
SCRAPPY = st.lists(SCRAPS | st.text(max_size=8), max_size=30).map(lambda some: "".join(some).encode("utf-8", "replace"))


@given(raw=st.binary(max_size=400) | SCRAPPY, form=FORMS | st.none(), known=st.booleans(), size=st.integers(1, 64))
def test_any_bytes_become_events_or_rejects(raw: bytes, form: Format | None, known: bool, size: int) -> None:  # noqa: FBT001 - drawn
    lines = raw.count(b"\n") + 1
    found = reads(raw, form, at=MOMENT if known else None, author="Me" if known else "", size=size)
    assert len(found) <= 2 * lines + 1
    for read in found:
        assert isinstance(read, Found | Reject)
        assert 1 <= read.line <= lines
        if isinstance(read, Reject):
            assert read.why
            read.model_dump_json()
        else:
            event = read.event
            assert event.id.strip()
            assert event.author.strip()
            assert event.text.strip()
            assert event.at.tzinfo is not None
            assert "\x00" not in f"{event.id}{event.author}{event.kind}{event.text}"
            assert Event.model_validate_json(event.model_dump_json()) == event
            assert len(event.text) <= LONGEST_BYTES


@given(raw=st.binary(max_size=300) | SCRAPPY, form=FORMS, one=st.integers(1, 64), other=st.integers(1, 64))
def test_the_same_bytes_give_the_same_reads_whatever_their_pieces(
    raw: bytes, form: Format, one: int, other: int
) -> None:
    assert reads(raw, form, at=MOMENT, author="Me", size=one) == reads(raw, form, at=MOMENT, author="Me", size=other)


SAID = st.lists(
    st.tuples(st.sampled_from(["Dana", "Bob Lee"]), st.integers(0, 59), st.text("abc ,\"'", min_size=1, max_size=6)),
    min_size=1,
    max_size=12,
).map(lambda said: [one for one in said if one[2].strip()])


@given(said=SAID, more=SAID, form=st.sampled_from(["jsonl", "csv", "transcript"]))
def test_a_file_that_has_grown_only_adds(
    said: list[tuple[str, int, str]], more: list[tuple[str, int, str]], form: Format
) -> None:
    before, after = (_ids(some, form) for some in (said, said + more))
    assert after[: len(before)] == before
    assert len(before) == len(said)


def _ids(said: list[tuple[str, int, str]], form: Format) -> list[str]:
    """Return the ids of a file in which this was said."""
    quote = '"'
    lines = {
        "jsonl": [
            f'{{"at": "2026-03-01T09:{minute:02}", "author": "{who}", "text": "{text.replace(quote, "")}x"}}'
            for who, minute, text in said
        ],
        "csv": [
            "at,author,text",
            *(f'2026-03-01 09:{minute:02},{who},"{text.replace(quote, quote * 2)}x"' for who, minute, text in said),
        ],
        "transcript": [f"[2026-03-01 09:{minute:02}] {who}: {text}x" for who, minute, text in said],
    }
    return [event.id for event in events(reads("\n".join([*lines[form], ""]), form))]


@given(
    body=st.lists(SCRAPS | st.sampled_from(["On 1 March Bob wrote:\n", "-- \n", "text\n"]), max_size=40).map("".join)
)
def test_of_a_mail_only_lines_of_its_own_are_kept(body: str) -> None:
    kept = written_anew(body)
    theirs = {line.strip() for line in body.replace("\r\n", "\n").split("\n")}
    assert {line.strip() for line in kept.split("\n")} - {""} <= theirs
    assert not any(line.startswith(">") for line in kept.split("\n")[1:])
    assert isinstance(text_of_html(body), str)


MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds it
EVENTS = st.lists(
    st.builds(
        Event,
        id=st.text(min_size=1, max_size=4),
        at=MOMENTS,
        kind=st.just("note"),
        author=st.text(max_size=4),
        text=st.text(max_size=9),
    ),
    unique_by=lambda event: event.id,
    min_size=1,
    max_size=5,
)


@given(kept=EVENTS, value=st.text(max_size=5) | st.none(), begins=MOMENTS, known=st.booleans())
def test_an_export_comes_back_as_it_was(kept: list[Event], value: str | None, begins: datetime, known: bool) -> None:  # noqa: FBT001 - drawn
    first = kept[0]
    fact = Fact(
        id="f",
        key="seats",
        value=value,
        event_id=first.id,
        author="A",
        at=first.at,
        valid_from=begins,
        known_from=begins,
    )
    state = AccountState(key=AccountKey(tenant="t", account="a"), events=tuple(kept), facts=(fact,))
    raw = "".join(f"{line}\n" for line in export_lines(state, MOMENT)).encode()
    empty = AccountState(key=AccountKey(tenant="t", account="b"), version=7)
    found = restored(state if known else empty, read_rows(numbered_lines([raw])), MOMENT)
    assert found.rejects == ()
    if known:
        assert found.change is None
        return
    assert found.change is not None
    assert (found.change.seen_version, found.change.learned) == (7, Learned(facts=(fact,)))
    assert sorted(found.change.events, key=lambda event: event.id) == sorted(kept, key=lambda event: event.id)
