"""What reading a file gives: events, each with the line where it began, and rejects that say what to do.

Whatever a file holds comes out as one of the two; nothing here raises because of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from pydantic import ValidationError

from fleet_runtime.contracts import Value
from fleet_runtime.importing.times import DateOrder
from fleet_runtime.records import Event, Moment, Operation

LONGEST_BYTES: Final = 1_000_000
"""One line of a file, or one event's text."""
_LONGEST_NAME: Final = 200
"""Characters of an id, a kind or an author."""
_SHOWN: Final = 80
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""What steers a terminal or the direction of writing; it is dropped."""


class Reject(Value):
    """A piece of a file that became no event: the line where it begins, why and what to do, and how it looks."""

    line: int
    why: str
    text: str = ""


class Found(NamedTuple):
    """An event, and the line where it begins."""

    line: int
    event: Event


Read = Found | Reject


class How(Value):
    """What the caller knows about a file: ``at`` and ``author`` stand in where it says none.

    ``dates`` tells how "03/04/2026" is meant; None leaves it to the file's own unmistakable dates.
    """

    at: Moment | None = None
    author: str = ""
    dates: DateOrder | None = None


class Imported(Value):
    """What an import did. ``read`` events are ``new`` or ``known`` (already stored, or twice in the file).

    ``rejected`` pieces became none; ``rejects`` holds the first of them.
    """

    read: int = 0
    new: int = 0
    known: int = 0
    rejected: int = 0
    rejects: tuple[Reject, ...] = ()


class Draft(NamedTuple):
    """What a reader found of one event, before it is checked. ``told`` is the time as the file says it."""

    line: int
    told: datetime
    author: str
    text: str
    kind: str = "note"
    id: str = ""
    at: datetime | None = None
    operations: tuple[Operation, ...] | None = None


class Order:
    """Keeps the lines of a file in their order where several were told at the same time."""

    def __init__(self) -> None:
        """Begin before the first line."""
        self._told: datetime | None = None
        self._count = 0

    def place(self, told: datetime) -> datetime:
        """Return the time that sorts behind the line before: the k-th of the same moment is k microseconds later."""
        self._count = self._count + 1 if told == self._told else 0
        self._told = told
        try:
            return told + timedelta(microseconds=self._count)
        except OverflowError:  # the last moment of the year 9999
            return told


def content_id(at: datetime, author: str, text: str) -> str:
    """Return the id of an event that was given none: the same content has the same id, wherever it stands."""
    told = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    said = json.dumps([told.isoformat(), author, text], ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def checked(draft: Draft) -> Read:
    """Make an event of a draft, or say why it is none. Control characters are dropped."""
    author, kind, name = (" ".join(cleaned(part).split()) for part in (draft.author, draft.kind, draft.id))
    text = cleaned(draft.text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    why = _objection(author, text, kind, name)
    if why:
        return reject(draft.line, why, draft.text)
    try:
        event = Event(
            id=name or content_id(draft.told, author, text),
            at=draft.at or draft.told,
            kind=kind or "note",
            author=author,
            text=text,
            operations=draft.operations,
        )
    except (ValidationError, OverflowError) as error:
        return reject(draft.line, f"the time cannot be kept ({_first_line(error)}): mend it", draft.text)
    return Found(draft.line, event)


def reject(line: int, why: str, text: str | bytes = "") -> Reject:
    """Say what is wrong at a line and what to do; of the text only the beginning is shown."""
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    shown = " ".join(cleaned(shown[: _SHOWN * 4]).split())
    shown = shown.encode("utf-8", "replace").decode()
    return Reject(line=line, why=why, text=shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…")


def _objection(author: str, text: str, kind: str, name: str) -> str:
    """Say what keeps an event from being kept, or nothing."""
    if not author:
        return "nobody is named who says it: name one with --author"
    if not text:
        return "there is no text: leave the line out"
    if len(text) > LONGEST_BYTES or len(text.encode("utf-8", "surrogatepass")) > LONGEST_BYTES:
        return f"the text is longer than {LONGEST_BYTES:,} bytes: cut it into several"
    long = max(("author", author), ("kind", kind), ("id", name), key=lambda named: len(named[1]))
    if len(long[1]) > _LONGEST_NAME:
        return f"the {long[0]} is longer than {_LONGEST_NAME} characters: shorten it"
    try:
        f"{author}{text}{kind}{name}".encode()
    except UnicodeEncodeError:
        return "it holds half of a character (a lone surrogate): write the file anew as UTF-8"
    return ""


def cleaned(text: str) -> str:
    """Drop control characters, but tabs and line ends."""
    return _CONTROLS.sub("", text)


def _first_line(error: Exception) -> str:
    """Return the first line of a message."""
    return str(error).partition("\n")[0]
