"""Reads e-mail: one message (eml) or many (mbox), through the standard library's parser. Opens no attachment.

The event's time is the Date header, its author the name in From, its text the subject and what the writer wrote anew.
A message's own id makes it known again. An mbox is cut at its "From " lines, one message in memory at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError as BrokenMail
from email.message import EmailMessage
from typing import Final

from fleet_runtime.importing.decoding import decoded
from fleet_runtime.importing.mail_text import text_of_html, written_anew
from fleet_runtime.importing.reads import LONGEST_BYTES, Draft, How, Read, Reject, checked, reject
from fleet_runtime.importing.streams import Line
from fleet_runtime.importing.times import YEAR_ZERO, Unreadable, read_moment

_LARGEST_MESSAGE: Final = 64_000_000
_LONGEST_HEADER: Final = 10_000
_SEPARATOR: Final = re.compile(rb"From \S.*\d{1,2}:\d{2}(?::\d{2})?\s.*\d{4}\s*$")
_ESCAPED: Final = re.compile(rb">+From ")
_PARSER_BREAKS: Final = (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError, BrokenMail)
"""What the parser raises for headers and bodies that follow no rule."""


def read_message(lines: Iterable[Line], how: How) -> Iterator[Read]:
    """Read a file that is one message."""
    yield _gathered(lines, 1).read(how)


def read_mailbox(lines: Iterable[Line], how: How) -> Iterator[Read]:
    """Read a file of messages, each behind its "From " line."""
    letter = _Letter(0)
    behind_blank = True
    for line in lines:
        first = not letter.line and line.raw.startswith(b"From ")
        if first or (behind_blank and _SEPARATOR.match(line.raw)):
            if letter.line:
                yield letter.read(how)
            letter = _Letter(line.number)
        elif letter.line:
            letter.add(line, unescaped=True)
        elif line.raw.strip():
            yield reject(line.number, 'no message begins here: an mbox begins with a "From " line', line.raw)
            return
        behind_blank = not line.raw.strip()
    if letter.line:
        yield letter.read(how)


class _Letter:
    """The lines of one message, up to a bound."""

    def __init__(self, line: int) -> None:
        """Begin at a line; 0 stands for none yet."""
        self.line = line
        self._lines: list[bytes] = []
        self._size = 0
        self._spoiled = ""

    def add(self, line: Line, *, unescaped: bool) -> None:
        """Take in a line; what comes behind the bound is not kept."""
        raw = line.raw[1:] if unescaped and _ESCAPED.match(line.raw) else line.raw
        self._size += len(raw) + 1
        if line.too_long:
            self._spoiled = f"line {line.number} of the message is longer than {LONGEST_BYTES:,} bytes: leave it out"
        elif self._size > _LARGEST_MESSAGE:
            self._spoiled = f"the message is larger than {_LARGEST_MESSAGE:,} bytes: take its attachments out"
        if self._spoiled:
            self._lines = self._lines[:20]
        else:
            self._lines.append(raw)

    def read(self, how: How) -> Read:
        """Read the message."""
        raw = b"\n".join(self._lines)
        if self._spoiled:
            return reject(self.line, self._spoiled, raw)
        try:
            return _read(self.line, message_from_bytes(raw, policy=policy.default), how, raw)
        except _PARSER_BREAKS as error:
            return reject(self.line, f"the message cannot be read ({error!r}): save it anew as eml", raw)


def _gathered(lines: Iterable[Line], first: int) -> _Letter:
    """Gather a file that is one message."""
    letter = _Letter(first)
    for line in lines:
        letter.add(line, unescaped=False)
    return letter


def _read(line: int, message: EmailMessage, how: How, raw: bytes) -> Read:
    """Make an event of a parsed message."""
    told = _told(message, how)
    if isinstance(told, Unreadable):
        return reject(line, told.why, raw)
    body = _body(message)
    if isinstance(body, Unreadable):
        return reject(line, body.why, raw)
    subject = " ".join(_header(message, "subject").split())
    text = "\n\n".join(part for part in (subject, body) if part)
    name = _header(message, "message-id").strip().strip("<>").strip()
    made = checked(Draft(line, told, _author(message) or how.author, text, "email", name))
    if isinstance(made, Reject) and name and len(name) > len(text):
        return checked(Draft(line, told, _author(message) or how.author, text, "email"))
    return made


def _header(message: EmailMessage, name: str) -> str:
    """Return a header's text, unfolded and decoded; empty where it is missing or endless."""
    raw = _as_it_stands(message, name)
    if not raw or len(raw) > _LONGEST_HEADER:  # the parser takes the square of a header's length
        return ""
    try:
        return str(message[name])
    except _PARSER_BREAKS:
        return raw


def _as_it_stands(message: EmailMessage, name: str) -> str:
    """Return a header before it is parsed; empty where it is missing."""
    return next((str(value) for key, value in message.raw_items() if key.casefold() == name), "")


def _author(message: EmailMessage) -> str:
    """Return the name in From, else the address."""
    text = _header(message, "from")
    named = re.match(r'\s*"?(?P<name>[^"<]*?)"?\s*<(?P<address>[^<>]*)>', text)
    return (named["name"].strip() or named["address"].strip()) if named else text.strip()


def _told(message: EmailMessage, how: How) -> datetime | Unreadable:
    """Return when it was sent."""
    text = _header(message, "date")
    if not text.strip():
        return how.at or Unreadable("the message has no Date: name the day with --at")
    try:
        told = message["date"].datetime
    except _PARSER_BREAKS:
        told = None
    if isinstance(told, datetime) and not YEAR_ZERO.search(_as_it_stands(message, "date")):
        try:
            return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
        except OverflowError:
            return Unreadable(f"its Date {text!r} lies outside the calendar: mend it")
    return read_moment(_as_it_stands(message, "date"), how.dates)


def _body(message: EmailMessage) -> str | Unreadable:
    """Return what the writer wrote anew: of the plain part, else of the HTML one."""
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    if len(raw) > LONGEST_BYTES:
        return Unreadable(f"its text is longer than {LONGEST_BYTES:,} bytes: cut it into several")
    text = decoded(raw, part.get_content_charset() or "")
    if text is None:
        return Unreadable("its text is neither in the charset it names nor UTF-8: save it anew as UTF-8")
    return written_anew(text_of_html(text) if part.get_content_subtype() == "html" else text)
