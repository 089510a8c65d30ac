"""Tells what kind of file it is: by its name, else by how it begins. Reads no more than the beginning."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final, Literal, get_args

from fleet_runtime.importing.columns import parts_of
from fleet_runtime.importing.reads import Reject, reject
from fleet_runtime.importing.rows import cells
from fleet_runtime.importing.streams import as_utf8
from fleet_runtime.importing.tables import delimiter_of

Format = Literal["jsonl", "csv", "mbox", "eml", "transcript", "export"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_BY_SUFFIX: Final[dict[str, Format]] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".mbox": "mbox",
    ".mbx": "mbox",
    ".eml": "eml",
    ".vtt": "transcript",
    ".srt": "transcript",
}
_EXPORT: Final = re.compile(rb'\{[^\n]*"fleet_memory":')
_MAIL_HEADER: Final = re.compile(
    rb"(?:from|to|date|subject|received|return-path|delivered-to|message-id|mime-version|dkim-signature|x-[\w-]+):\s",
    re.IGNORECASE,
)
_HEADERS_OF_A_MAIL: Final = 2


def chosen_format(name: str, head: bytes, wanted: Format | None = None) -> Format | Reject:
    """Tell the format of a file.

    Args:
        name: its name; the suffix tells most formats.
        head: its first bytes (`HEAD_BYTES` are enough).
        wanted: what the caller says it is; only an export of ours is still told apart from plain JSON lines.

    Returns: the format, or why it cannot be read.
    """
    text = b"".join(as_utf8([head]))
    if not text.strip():
        return reject(1, "the file is empty: there is nothing to read")
    if b"\x00" in text:
        return reject(1, "this is no text file: save it as JSON lines, CSV, e-mail or plain text", text)
    found = wanted or _BY_SUFFIX.get(PurePath(name).suffix.casefold()) or _sniffed(text.lstrip())
    return "export" if found == "jsonl" and _EXPORT.match(text) else found


def _sniffed(head: bytes) -> Format:
    """Tell the format by how the file begins; a transcript is what is nothing else."""
    first, *others = head.split(b"\n")[:10]
    if head.startswith(b"From ") and any(_MAIL_HEADER.match(line) for line in others):
        return "mbox"
    if sum(bool(_MAIL_HEADER.match(line)) for line in (first, *others)) >= _HEADERS_OF_A_MAIL and _MAIL_HEADER.match(
        first
    ):
        return "eml"
    if head.startswith(b"{"):
        return "jsonl"
    header = first.decode("utf-8", "replace").rstrip("\r")
    if {"text", "subject"} & (known := parts_of(cells(header, delimiter_of(header)))).keys() and len(known) > 1:
        return "csv"
    return "transcript"
