"""E-mail: headers folded and encoded, parts and charsets, what is quoted and signed, and mailboxes of many."""

from __future__ import annotations

import pytest
from imported_files import MARCH_1, events, reads, rejects, told

from fleet_runtime.importing.mail_text import text_of_html, written_anew
from fleet_runtime.importing.reads import LONGEST_BYTES

HEAD = "From: Dana Whitfield <dana@acme.test>\nDate: Mon, 2 Mar 2026 09:30:00 +0100\n"
PARTS = """From: =?utf-8?q?D=C3=A4na?= Whitfield <dana@acme.test>
To: us@example.test
Subject: =?utf-8?b?U2VhdHM=?= and
 =?iso-8859-1?q?Gr=FC=DFe?=
Date: Mon, 2 Mar 2026 09:30:00 +0100 (CET)
Message-ID: <m-1@acme.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: multipart/alternative; boundary="c"

--c
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Wir haben 40 Pl=E4tze.
--c
Content-Type: text/html

<p>not this one</p>
--c--
--b
Content-Type: text/plain
Content-Disposition: attachment; filename="notes.txt"

attached
--b--
"""


def mail(body: str, head: str = HEAD) -> str:
    return f"{head}\n{body}"


def test_headers_are_decoded_and_the_plain_part_is_read() -> None:
    [event] = events(reads(PARTS, name="x.eml"))
    assert event.author == "D\u00e4na Whitfield"
    assert event.text == "Seats and Gr\u00fc\u00dfe\n\nWir haben 40 Pl\u00e4tze."
    assert (event.id, event.kind) == ("m-1@acme.test", "email")
    assert event.at.isoformat() == "2026-03-02T08:30:00+00:00"


def test_without_an_own_id_the_content_is_the_id() -> None:
    [first], [again] = (events(reads(mail("hello"), "eml", size=size)) for size in (3, 300))
    assert first.id == again.id
    assert len(first.id) == 24


def test_html_is_read_where_there_is_nothing_plain() -> None:
    page = "<html><head><title>t</title><style>p</style></head><body><p>We have <b>40</b>&nbsp;seats&amp;more</p>"
    page += "<div>Bye</div><blockquote>old</blockquote></body></html>"
    given = mail(page, f"{HEAD}Content-Type: text/html; charset=utf-8\n")
    assert told(reads(given, "eml"))[0][2] == "We have 40 seats&more\n\nBye"
    assert text_of_html("<head><title>x<body>seen") == "seen"


@pytest.mark.parametrize(
    ("head", "author"),
    [
        ('From: "Whitfield, Dana" <d@x.test>\n', "Whitfield, Dana"),
        ("From: d@x.test\n", "d@x.test"),
        ("From: <d@x.test>\n", "d@x.test"),
        ("From: \u00e9 <d@x.test>\n", "\u00e9"),
        ("", "Me"),
    ],
)
def test_the_author_is_the_name_in_from_else_the_address(head: str, author: str) -> None:
    found = reads(mail("hello", f"{head}Date: Mon, 2 Mar 2026 09:30:00 +0000\n"), "eml", author="Me")
    assert [event.author for event in events(found)] == [author]


def test_a_mail_without_a_date_needs_the_callers() -> None:
    given = mail("hello", "From: Dana <d@x.test>\nDate:\n")
    assert rejects(reads(given, "eml")) == [(1, "the message has no Date: name the day with --at")]
    assert told(reads(given, "eml", at=MARCH_1))[0][0] == "2026-03-01 00:00"


@pytest.mark.parametrize("date", ["sometime", "Mon, 32 Mar 2026 09:30:00 +0000", "1 Jan 0000 00:00:00 +0000"])
def test_a_date_that_is_none_is_a_reject(date: str) -> None:
    [(_, why)] = rejects(reads(mail("hello", f"From: Dana <d@x.test>\nDate: {date}\n"), "eml"))
    assert "no date that can be kept" in why


@pytest.mark.parametrize("charset", ["x-unknown", "utf-8", "ascii", "us-ascii; x=\x01"])
def test_a_charset_that_is_unknown_or_wrong_is_not_the_end(charset: str) -> None:
    given = f"{HEAD}Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n".encode()
    assert told(reads(given + b"Gr\xfcn", "eml"))[0][2] == "Gr\u00fcn"
    assert "charset" in rejects(reads(given + b"\x81", "eml"))[0][1]


def test_a_mail_of_pictures_has_its_subject_or_no_text() -> None:
    given = mail("R0lG", f"{HEAD}Subject: The plan\nContent-Type: image/gif\nContent-Transfer-Encoding: base64\n")
    assert told(reads(given, "eml"))[0][2] == "The plan"
    assert "no text" in rejects(reads(given.replace("Subject: The plan\n", ""), "eml"))[0][1]


def test_an_endless_header_or_body_is_no_trouble() -> None:
    [event] = events(reads(mail("hello", f"{HEAD}Subject: {'(' * 20_000}\n"), "eml", size=9000))
    assert event.text == "hello"
    [event] = events(reads(mail("hello", f"{HEAD}Message-ID: <{'m' * 300}>\n"), "eml"))
    assert len(event.id) == 24
    body = "word " * 20 + "\n"
    [(_, why)] = rejects(reads(mail(body * (LONGEST_BYTES // 100)), "eml", size=60_000))
    assert "longer than 1,000,000 bytes" in why
    [(_, why)] = rejects(reads(mail("x" * (LONGEST_BYTES + 5)), "eml", size=60_000))
    assert "line 4 of the message is longer" in why


def test_a_message_beyond_the_bound_is_told_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleet_runtime.importing.mail._LARGEST_MESSAGE", 300)
    found = reads(f"{MAILBOX.replace('Thanks.', 'long ' * 80)}\n{MAILBOX}", "mbox")
    assert [(number, "attachments" in why) for number, why in rejects(found) if number != 10] == [
        (15, True),
        (31, False),
    ]
    assert len(events(found)) == 3


def test_a_date_at_the_end_of_the_calendar_is_a_reject() -> None:
    given = mail("hello", "From: Dana <d@x.test>\nDate: Fri, 31 Dec 9999 23:30:00 -0500\n")
    assert "outside the calendar" in rejects(reads(given, "eml"))[0][1]


MAILBOX = f"""From dana@acme.test Mon Mar  2 09:30:00 2026
{HEAD}Message-ID: <1@acme.test>

From now on we have 40 seats.

>From June on 55.

From bob@acme.test Mon Mar  2 10:30:00 2026
From: Bob <bob@acme.test>

no date

From MAILER-DAEMON Mon Mar  2 11:30:00 2026
{HEAD}Subject: Re: seats

Thanks.
"""


def test_a_mailbox_is_read_message_by_message() -> None:
    for text in (MAILBOX, MAILBOX.replace("\n", "\r\n")):
        found = reads(text, name="x.mbox")
        assert [event.text for event in events(found)] == [
            "From now on we have 40 seats.\n\nFrom June on 55.",
            "Re: seats\n\nThanks.",
        ]
        assert [number for number, _ in rejects(found)] == [10]


def test_what_is_no_mailbox_says_so() -> None:
    assert 'begins with a "From " line' in rejects(reads("hello\n", "mbox"))[0][1]
    assert reads("\n", "mbox")[0].line == 1


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("We have 40.\n\nOn Sun, 1 Mar 2026 at 10:00, Bob <b@x.test> wrote:\n> How many?\n> Bob", "We have 40."),
        ("We have 40.\n\nOn Sun, 1 Mar 2026 at 10:00, Bob\n<b@x.test> wrote:\n\n> How many?", "We have 40."),
        ("Am 01.03.2026 um 10:00 schrieb Bob Lee:\n> Wie viele?\n\nVierzig.", "Vierzig."),
        ("> How many?\n40.\n> And why?\nGrowth.", "40.\nGrowth."),
        ("40.\n\n-----Original Message-----\nFrom: Bob\nHow many?", "40."),
        ("40.\n\nFrom: Bob\nSent: Sunday\nTo: Dana\nSubject: Seats\n\nHow many?", "40."),
        ("40.\n\nOn 1 March 2026 Bob wrote:\n\nHow many?", "40."),
        ("40.\n-- \nDana\nCEO", "40."),
        ("40.\n\nSent from my iPhone", "40."),
        ("FYI\n\n---------- Forwarded message ---------\nFrom: Bob\nWe leave.", None),
        ("From: Bob\nSent: Sunday\nTo: Dana\n\nWe leave.", None),
        ("Thanks, we have:\n- 40 seats\n- no plans\n\nBest regards,\nDana", None),
        ("On Monday Bob wrote: we have 40 seats.", None),
        ("From: the team. We have 40.\nTo: you", None),
    ],
)
def test_only_what_was_written_anew_is_kept(body: str, kept: str | None) -> None:
    assert written_anew(body) == (body if kept is None else kept)
