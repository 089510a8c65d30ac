"""Reads plain transcripts of calls and chats: who said what, when. Understands nothing of it.

Forms: "[2026-03-01 09:30] Dana: …", "Dana (09:31): …", "Dana: …" under a line that is a date, the exports of WhatsApp,
Zoom, Teams and Slack, and captions (WebVTT, SRT). A line without a speaker continues the one before. A time of day
counts on the day that was named last, else on the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from itertools import chain, islice
from typing import Final

from fleet_runtime.importing.captions import captioned, is_caption_file
from fleet_runtime.importing.decoding import text_of
from fleet_runtime.importing.reads import LONGEST_BYTES, Draft, How, Order, Read, Reject, checked, reject
from fleet_runtime.importing.spoken import Spoken, day_named, spoken
from fleet_runtime.importing.streams import Line
from fleet_runtime.importing.times import Unreadable, date_order, read_clock, read_moment

_LOOKED_AT: Final = 200
_NO_DATE: Final = "it has no date, and none stands above it: name the day with --at (nor is what follows undated read)"
_NO_SPEAKER: Final = "nobody is named who says it: name one with --author"


def read_transcript(lines: Iterable[Line], how: How) -> Iterator[Read]:
    """Read what was said, one event for each time that somebody speaks."""
    stream = iter(lines)
    ahead = list(islice(stream, _LOOKED_AT))
    texts = [text for text in map(text_of, ahead) if isinstance(text, str)]
    dates = how.dates or date_order(texts)
    reader = _Reader(how.model_copy(update={"dates": dates}))
    numbered = ((line, text_of(line)) for line in chain(ahead, stream))
    if is_caption_file(texts):
        yield from captioned(numbered, reader.captions)
    for line, text in numbered:
        if isinstance(text, Reject):
            yield from reader.end()
            yield text
        else:
            yield from reader.take(line.number, text.strip().lstrip("\ufeff\u200e\u200f"))
    yield from reader.end()


class _Reader:
    """Takes a transcript line by line, and gives an event when the next one begins."""

    def __init__(self, how: How) -> None:
        """Begin on the caller's day, if there is one."""
        self._how = how
        self._day = how.at
        self._told_last = how.at
        self._order = Order()
        self._open: Draft | None = None
        self._texts: list[str] = []
        self._size = 0
        self._said_undated = False

    def take(self, number: int, line: str) -> Iterator[Read]:
        """Take a line."""
        if not line:
            if self._open is not None:
                self._texts.append("")
            return
        day = day_named(line, self._how.dates)
        if day is not None:
            yield from self.end()
            self._day, self._told_last, self._said_undated = day, day, False
            return
        said = spoken(line)
        if said is None:
            yield from self._continued(number, line)
            return
        yield from self.end()
        told = self._told(said)
        if isinstance(told, Unreadable):
            yield from self._undated(number, line, told)
        elif not said.speaker and not self._how.author:
            yield reject(number, _NO_SPEAKER, line)
        else:
            self._begin(number, told, said.speaker or self._how.author, said.text)

    def captions(self, number: int, speaker: str, since: timedelta, text: str) -> Iterator[Read]:
        """Take what captions show, at a time since the beginning."""
        speaker = speaker or self._how.author
        if self._day is None:
            yield from self._undated(number, text, Unreadable(_NO_DATE))
            return
        if not speaker:
            yield reject(number, _NO_SPEAKER, text)
            return
        if self._open is not None and self._open.author == speaker and not self._texts[-1].endswith((".", "?", "!")):
            self._texts[-1] += f" {text}"
            self._size += _size_of(text)
            if self._size <= LONGEST_BYTES:
                return
        yield from self.end()
        try:
            self._begin(number, self._day + since, speaker, text)
        except OverflowError:
            yield reject(number, "its time lies outside the calendar: mend --at", text)

    def end(self) -> Iterator[Read]:
        """Give the event that is open."""
        if self._open is not None:
            yield checked(self._open._replace(text="\n".join(self._texts)))
        self._open, self._texts, self._size = None, [], 0

    def _begin(self, number: int, told: datetime, speaker: str, text: str) -> None:
        """Open an event."""
        self._told_last = told
        self._open = Draft(number, told, speaker, "", "message", at=self._order.place(told))
        self._texts, self._size = [text] if text else [], _size_of(text)

    def _continued(self, number: int, line: str) -> Iterator[Read]:
        """Add a line without a speaker to what is being said; where nobody speaks, the caller's author does."""
        self._size += _size_of(line)
        if self._open is not None and self._size <= LONGEST_BYTES:
            self._texts.append(line)
        elif self._open is not None:
            yield from self.end()
            yield reject(number, f"what is said is longer than {LONGEST_BYTES:,} bytes: cut it into several", line)
        elif self._day is None:
            yield from self._undated(number, line, Unreadable(_NO_DATE))
        elif not self._how.author:
            yield reject(number, _NO_SPEAKER, line)
        else:
            self._begin(number, self._day, self._how.author, line)

    def _undated(self, number: int, line: str, unreadable: Unreadable) -> Iterator[Read]:
        """Reject a line without a date; of those that only lack one, the first stands for all."""
        if unreadable.why == _NO_DATE:
            if not self._said_undated:
                yield reject(number, _NO_DATE, line)
            self._said_undated = True
        else:
            yield reject(number, unreadable.why, line)

    def _told(self, said: Spoken) -> datetime | Unreadable:
        """Return when something was said, and remember its day for what follows."""
        if said.date:
            told = read_moment(f"{said.date} {said.clock}".strip(), self._how.dates)
            if not isinstance(told, Unreadable):
                self._day, self._said_undated = datetime.combine(told.date(), time.min, told.tzinfo), False
            return told
        if self._day is None or self._told_last is None:
            return Unreadable(_NO_DATE)
        if not said.clock:
            return self._told_last
        since_midnight = read_clock(said.clock)
        if isinstance(since_midnight, Unreadable):
            return since_midnight
        return datetime.combine(self._day.date(), time.min, self._day.tzinfo) + since_midnight


def _size_of(line: str) -> int:
    """Return how many bytes a line takes, its end included."""
    return len(line.encode("utf-8", "surrogatepass")) + 1
