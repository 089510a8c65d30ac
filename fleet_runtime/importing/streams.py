"""Cuts a stream of bytes into numbered lines, with a bound on each. Opens no file.

The whole file is never in memory: a line beyond the bound is passed over to its end, and told as such.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from fleet_runtime.importing.reads import LONGEST_BYTES

HEAD_BYTES: Final = 65_536
"""How much of a file's beginning is looked at to tell its format."""
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Line(NamedTuple):
    """One line without its end, numbered from 1. ``too_long``: it was cut off at the bound."""

    number: int
    raw: bytes
    too_long: bool = False


def as_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Give a file's bytes without a byte order mark; UTF-16, as spreadsheets write it, becomes UTF-8."""
    stream = iter(chunks)
    first = b""
    for chunk in stream:
        first += chunk
        if len(first) >= len(codecs.BOM_UTF8):
            break
    encoding = next((name for mark, name in _UTF16.items() if first.startswith(mark)), "")
    if not encoding:
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from stream
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first[2:]).encode("utf-8", "replace")
    for chunk in stream:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def numbered_lines(chunks: Iterable[bytes], *, longest: int = LONGEST_BYTES) -> Iterator[Line]:
    r"""Give the lines of a file; they end with ``\n`` or ``\r\n``."""
    number = 1
    pieces: list[bytes] = []
    size = 0
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            yield _line(number, [*pieces, piece], longest)
            number, pieces, size = number + 1, [], 0
        if rest and size <= longest:  # what comes behind the bound is not kept
            pieces.append(rest)
        size += len(rest)
    if size:
        yield _line(number, pieces, longest)


def _line(number: int, pieces: list[bytes], longest: int) -> Line:
    """Join the pieces of one line."""
    raw = b"".join(pieces).removesuffix(b"\r")
    return Line(number, raw[:longest], len(raw) > longest)
