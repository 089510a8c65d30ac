"""Reads the frame of an HTTP/1.1 answer: its head, and where its body ends. Pure; moves no bytes and reads no body.

What breaks the rules is a ``ValueError``: whoever reads it gives the connection up.
"""

from __future__ import annotations

from typing import NamedTuple

END_OF_LINE = b"\r\n"
END_OF_HEAD = b"\r\n\r\n"
LONGEST_LINE = 16_384
BODILESS = (204, 304)


class Head(NamedTuple):
    """The head of an answer.

    ``length`` is the body's, None if the body tells it itself; ``chunked`` says that it does so piece by piece, else it
    lasts as long as the connection. ``lasting`` says whether another request may follow on the connection.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    length: int | None
    chunked: bool
    lasting: bool

    @property
    def provisional(self) -> bool:
        """Say whether the real answer is still to come."""
        return 100 <= self.status < 200  # noqa: PLR2004 - HTTP's own border


def read_head(text: bytes) -> Head:
    """Read a head, without the empty line that ends it.

    Raises: ValueError.
    """
    first, *lines = text.split(END_OF_LINE)
    version, _, rest = first.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise ValueError(f"no HTTP/1.1 answer: {first[:40]!r}")
    status = int(rest[:3])
    headers: list[tuple[bytes, bytes]] = []
    length: int | None = None
    chunked, lasting = False, version != b"HTTP/1.0"
    for line in lines:
        name, colon, value = line.partition(b":")
        value = value.strip()
        if not colon or not name or name[0] in b" \t":
            raise ValueError(f"no header: {line[:40]!r}")
        headers.append((name, value))
        match name.lower():
            case b"content-length":
                length = _length(value, length)
            case b"transfer-encoding":
                chunked = value.lower().endswith(b"chunked")
            case b"connection":
                lasting = value.lower() != b"close" and (lasting or value.lower() == b"keep-alive")
            case _:
                pass
    if status in BODILESS:
        return Head(status, headers, 0, chunked=False, lasting=lasting)
    length = None if chunked else length
    return Head(status, headers, length, chunked, lasting and (chunked or length is not None))


def _length(value: bytes, before: int | None) -> int:
    """Read a length; a second one may only repeat the first."""
    if not value.isdigit() or before not in (None, int(value)):
        raise ValueError(f"no length: {value[:40]!r}")
    return int(value)


class Chunks:
    """Takes a chunked body out of its frame, however it is cut. ``done`` once its last chunk and trailer came."""

    def __init__(self) -> None:
        """Begin before the first chunk."""
        self.done = False
        self._rest = b""
        self._left = 0
        self._closing = False
        self._trailing = False

    @property
    def rest(self) -> bytes:
        """Return what came and is not yet read; once ``done``, what does not belong to the body."""
        return self._rest

    def feed(self, read: bytes) -> bytes:
        """Return what of the body stands in ``read``.

        Raises: ValueError.
        """
        text, at = self._rest + read, 0
        pieces: list[bytes] = []
        while not self.done:
            if self._left:
                piece = text[at : at + self._left]
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
                if self._left:
                    break
                self._closing = True
            end = text.find(END_OF_LINE, at)
            if end < 0:
                if len(text) - at > LONGEST_LINE:
                    raise ValueError("a chunk's line does not end")
                break
            self._take_line(text[at:end])
            at = end + 2
        self._rest = text[at:]
        return b"".join(pieces)

    def _take_line(self, line: bytes) -> None:
        """Take a line of the frame: the empty one that closes a chunk, a size, or one of the trailer."""
        if self._closing:
            if line:
                raise ValueError("a chunk is longer than it says")
            self._closing = False
        elif self._trailing:
            self.done = not line
        else:
            size = line.partition(b";")[0].strip()
            if not size.isalnum():
                raise ValueError(f"no chunk's size: {line[:40]!r}")
            self._left = int(size, 16)
            self._trailing = not self._left
