"""Reads what stands in a file as the import does, from bytes in pieces of any size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from fleet_runtime.importing import DateOrder, Format, Found, How, Read, Reject, chosen_format, read_events
from fleet_runtime.records import Event

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)


def pieces(raw: bytes, size: int) -> Iterator[bytes]:
    """Cut bytes into pieces."""
    for start in range(0, len(raw), size):
        yield raw[start : start + size]


def reads(  # noqa: PLR0913 - what a caller may know about a file
    given: str | bytes,
    form: Format | None = None,
    *,
    name: str = "",
    at: datetime | None = None,
    author: str = "",
    dates: DateOrder | None = None,
    size: int = 7,
) -> list[Read]:
    """Read a file of the form, or of the form that it is found to have."""
    raw = given if isinstance(given, bytes) else given.encode()
    found = chosen_format(name, raw, form)
    if isinstance(found, Reject):
        return [found]
    return list(read_events(pieces(raw, size), found, How(at=at, author=author, dates=dates)))


def events(found: list[Read]) -> list[Event]:
    """Return the events."""
    return [read.event for read in found if isinstance(read, Found)]


def rejects(found: list[Read]) -> list[tuple[int, str]]:
    """Return the line and the reason of each reject."""
    return [(read.line, read.why) for read in found if isinstance(read, Reject)]


def told(found: list[Read]) -> list[tuple[str, str, str]]:
    """Return when, who and what of each event; the time to the minute."""
    return [(f"{event.at:%Y-%m-%d %H:%M}", event.author, event.text) for event in events(found)]
