"""The names under which files give an event's parts; letter case and marks do not count. Reads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "at": ("at", "ts", "timestamp", "datetime", "date_time", "sent_at", "created_at", "created", "sent", "when"),
    "date": ("date", "day", "datum"),
    "time": ("time", "uhrzeit"),
    "author": ("author", "from", "by", "sender", "speaker", "name", "user", "said_by", "created_by", "autor", "von"),
    "text": ("text", "body", "note", "notes", "message", "content", "comment", "description", "notiz", "nachricht"),
    "subject": ("subject", "title", "betreff"),
    "kind": ("kind", "type", "channel", "category"),
    "id": ("id", "event_id", "message_id", "uuid"),
    "operations": ("operations", "ops"),
}
"""The first name of a part that is there counts."""


def parts_of(names: Iterable[str]) -> dict[str, str]:
    """Return which of a file's names gives which part, as far as they are known."""
    plain = {plain_name(name): name for name in reversed(list(names))}
    found = {part: next((plain[known] for known in knowns if known in plain), None) for part, knowns in NAMES.items()}
    return {part: name for part, name in found.items() if name is not None}


def plain_name(name: str) -> str:
    """Bring a name into the form of the table."""
    return re.sub(r"[\W_]+", "_", name.strip().casefold()).strip("_")
