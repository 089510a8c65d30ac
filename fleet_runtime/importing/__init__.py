"""Reads files of what happened on an account: JSON lines, CSV, e-mail and transcripts, into events or rejects. Pure."""

from fleet_runtime.importing.choosing import FORMATS, Format, chosen_format
from fleet_runtime.importing.reading import read_events
from fleet_runtime.importing.reads import Found, How, Imported, Read, Reject, content_id
from fleet_runtime.importing.streams import HEAD_BYTES, as_utf8, numbered_lines
from fleet_runtime.importing.times import DateOrder

__all__ = [
    "FORMATS",
    "HEAD_BYTES",
    "DateOrder",
    "Format",
    "Found",
    "How",
    "Imported",
    "Read",
    "Reject",
    "as_utf8",
    "chosen_format",
    "content_id",
    "numbered_lines",
    "read_events",
]
