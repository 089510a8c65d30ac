"""Leads a file to the reader of its format. Opens nothing: it takes bytes as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from fleet_runtime.importing.choosing import Format
from fleet_runtime.importing.json_lines import read_json_lines
from fleet_runtime.importing.reads import How, Read
from fleet_runtime.importing.streams import Line, as_utf8, numbered_lines
from fleet_runtime.importing.tables import read_table
from fleet_runtime.importing.transcripts import read_transcript


def _mailbox(lines: Iterable[Line], how: How) -> Iterator[Read]:
    """Read many mails."""
    from fleet_runtime.importing.mail import read_mailbox  # noqa: PLC0415 - the mail parser takes 30 ms to load

    return read_mailbox(lines, how)


def _message(lines: Iterable[Line], how: How) -> Iterator[Read]:
    """Read one mail."""
    from fleet_runtime.importing.mail import read_message  # noqa: PLC0415 - as above

    return read_message(lines, how)


_READERS: Final[dict[Format, Callable[[Iterable[Line], How], Iterator[Read]]]] = {
    "jsonl": read_json_lines,
    "csv": read_table,
    "mbox": _mailbox,
    "eml": _message,
    "transcript": read_transcript,
    "export": read_json_lines,  # its events alone; the whole of it is `fleet_runtime.exporting`'s
}


def read_events(chunks: Iterable[bytes], form: Format, how: How) -> Iterator[Read]:
    """Read a file, piece by piece.

    Args:
        chunks: its bytes, in pieces of any size.
        form: its format, as `chosen_format` tells it.
        how: what the caller knows about it.

    Returns: events and rejects in the file's order, made as they are asked for.
    """
    return _READERS[form](numbered_lines(as_utf8(chunks)), how)
