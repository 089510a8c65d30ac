"""Which format a file has, by its name and by how it begins; and how bytes become numbered lines."""

from __future__ import annotations

import pytest
from imported_files import pieces

from fleet_runtime.importing import Reject, as_utf8, chosen_format, numbered_lines

EXPORT = b'{"fleet_memory":1,"account":"acme","counts":{}}\n'
MAIL = b"From: Dana <d@x.test>\nDate: Mon, 2 Mar 2026 09:30:00 +0100\n\nhello\n"


@pytest.mark.parametrize(
    ("name", "head", "form"),
    [
        ("a.jsonl", b"x", "jsonl"),
        ("a.NDJSON", b"x", "jsonl"),
        ("a.csv", b"x", "csv"),
        ("a.tsv", b"x", "csv"),
        ("folder.csv/a.mbox", b"x", "mbox"),
        ("a.eml", b"x", "eml"),
        ("a.vtt", b"x", "transcript"),
        ("a.txt", b'\n{"at": 1}\n', "jsonl"),
        ("a.jsonl", EXPORT, "export"),
        ("a", b"\xef\xbb\xbf" + EXPORT, "export"),
        ("a.txt", b'{"text": "\\"fleet_memory\\": 1"}', "jsonl"),
        ("a.txt", b"From d@x.test Mon Mar  2 09:30:00 2026\n" + MAIL, "mbox"),
        ("a.txt", MAIL, "eml"),
        ("a.txt", b"From the beginning on\nwe talked.\n", "transcript"),
        ("a.txt", b"Date: 2026-03-01\nDana: hello\n", "transcript"),
        ("a.txt", b"at;author;text\n", "csv"),
        ("a.txt", "Datum\tAutor\tNotiz\r\n".encode("utf-16"), "csv"),
        ("a.txt", b"text\n", "transcript"),
        ("a.log", b'"open\n', "transcript"),
    ],
)
def test_a_format_is_told_by_name_or_beginning(name: str, head: bytes, form: str) -> None:
    assert chosen_format(name, head) == form


def test_the_caller_overrides_but_an_export_stays_one() -> None:
    assert chosen_format("a.csv", b"Dana: hello", "transcript") == "transcript"
    assert chosen_format("a.csv", EXPORT, "jsonl") == "export"


@pytest.mark.parametrize("head", [b"", b" \r\n", b"\xef\xbb\xbf", b"PK\x03\x04\x00\x00"])
def test_an_empty_file_and_one_that_is_no_text_are_rejected(head: bytes) -> None:
    found = chosen_format("a.csv", head)
    assert isinstance(found, Reject)
    assert found.line == 1


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_lines_are_the_same_whatever_the_pieces(size: int) -> None:
    raw = "\ufeffone\r\n\r\ntw\u00f6\nthree".encode()
    lines = [(line.number, line.raw.decode()) for line in numbered_lines(as_utf8(pieces(raw, size)))]
    assert lines == [(1, "one"), (2, ""), (3, "tw\u00f6"), (4, "three")]
    wide = "\ufeffone\r\ntw\u00f6".encode("utf-16-be")
    assert [line.raw.decode() for line in numbered_lines(as_utf8(pieces(wide, size)))] == ["one", "tw\u00f6"]


@pytest.mark.parametrize("size", [1, 4, 64])
def test_a_line_beyond_the_bound_is_passed_over(size: int) -> None:
    lines = list(numbered_lines(pieces(b"0123456789abcdef\nnext\n0123456789", size), longest=10))
    assert [(line.number, line.raw, line.too_long) for line in lines] == [
        (1, b"0123456789", True),
        (2, b"next", False),
        (3, b"0123456789", False),
    ]
