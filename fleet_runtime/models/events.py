"""Splits a stream of bytes into server-sent events, however it is cut. Reads no event's content.

Of the fields only ``data`` counts here; comments, with which endpoints keep a connection alive, are passed over. An
event that the stream's end cuts off was not sent whole, and is not given.
"""

from __future__ import annotations


class EventReader:
    """Keeps what is not yet a whole event between two reads."""

    def __init__(self) -> None:
        """Begin at the start of a stream."""
        self._rest = b""
        self._lines: list[bytes] = []

    def feed(self, read: bytes) -> list[bytes]:
        """Return the data of the events that ``read`` completes, in their order; several data lines are joined."""
        text = self._rest + read
        lines = text.splitlines(keepends=True)
        # A line without its end waits for it; so does a last \r, which may be half of \r\n.
        self._rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        events: list[bytes] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._lines.append(line[6:] if line.startswith(b"data: ") else line[5:])
            elif line in (b"\n", b"\r\n", b"\r") and self._lines:
                events.append(b"".join(self._lines).rstrip(b"\r\n"))
                self._lines.clear()
        return events
