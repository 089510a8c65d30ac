"""Makes text of a line's bytes: UTF-8, else the older encoding that such files come in. Guesses no other."""

from __future__ import annotations

from typing import Final

from fleet_runtime.importing.reads import LONGEST_BYTES, Reject, reject
from fleet_runtime.importing.streams import Line

_OLDER: Final = "cp1252"


def text_of(line: Line) -> str | Reject:
    """Return a line's text; bytes that are no UTF-8 are read as Windows-1252."""
    if line.too_long:
        return reject(line.number, f"the line is longer than {LONGEST_BYTES:,} bytes: cut it into several", line.raw)
    text = decoded(line.raw)
    if text is None:
        why = "the bytes are neither UTF-8 nor Windows-1252: convert the file, for example with iconv -t UTF-8"
        return reject(line.number, why, line.raw)
    return text


def decoded(raw: bytes, charset: str = "") -> str | None:
    """Return the text of bytes in their charset if one is named and fits, else in UTF-8 or Windows-1252; else None."""
    for encoding in (charset, "utf-8", _OLDER):
        try:
            return raw.decode(encoding) if encoding else raw.decode("utf-8")
        except (UnicodeError, LookupError, ValueError):  # not its encoding, or a charset that nobody knows
            continue
    return None
