"""The ledger of those who kill the durable engine: what was seen from outside, in one file that is only appended to.

Each line is one write of less than a page to a file opened for appending, so that lines of many processes never mix
and a line that was written survives whoever wrote it. Times are nanoseconds of the machine's monotonic clock, which is
one for all processes and cannot be set. Nothing here knows the engine, the store, or the code under test.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

FILE = "ledger.log"


class Line(NamedTuple):
    """One thing that happened: when, in which process, what kind of thing, and its words."""

    at: int
    pid: int
    kind: str
    words: tuple[str, ...]


class Ledger:
    """Writes lines; opened anew by each process, since what a child inherits it shares."""

    def __init__(self, folder: Path) -> None:
        """Open the file of a run for appending."""
        self._file = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._pid = os.getpid()

    def write(self, kind: str, *words: object) -> None:
        """Append one line with one write; those that have blanks come back as several."""
        line = " ".join((str(time.monotonic_ns()), str(self._pid), kind, *(str(word) for word in words)))
        os.write(self._file, line.encode() + b"\n")

    def close(self) -> None:
        """Let the file go."""
        os.close(self._file)


def lines(folder: Path, kinds: Collection[str] = ()) -> Iterator[Line]:
    """Read a ledger from its beginning, or only lines of some kinds; one that is just being written is left out."""
    file = folder / FILE
    if not file.exists():
        return
    for line in file.read_bytes().decode().splitlines(keepends=True):
        at, pid, kind, *words = line.split()
        if line.endswith("\n") and (not kinds or kind in kinds):
            yield Line(int(at), int(pid), kind, tuple(words))


def digest(text: str) -> str:
    """Return a text as one short word."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass
class Message:
    """One message as the one who sent it saw it; ``sequence`` is what the acknowledgement said."""

    turn_id: str
    account: str
    gateway: str
    wants_stamp: bool
    offered_at: int
    acked_at: int | None = None
    sequence: int = 0
    replies: set[str] = field(default_factory=set[str])


@dataclass
class Attempt:
    """One try at an answer, from the first to the last that model and tool saw of it."""

    turn_id: str
    account: str
    pid: int
    begin: int
    end: int = 0
    open: int = 0


class Effect(NamedTuple):
    """A tool's effect: under which idempotency key, for which turn."""

    key: str
    turn_id: str


class Book:
    """A ledger that was read: messages by turn id, attempts, effects, deaths, and what users were told."""

    def __init__(self, read: Iterable[Line]) -> None:
        """Put the lines together."""
        self.messages: dict[str, Message] = {}
        self.attempts: list[Attempt] = []
        self.effects: list[Effect] = []
        self.kills = 0
        self.crashes: list[str] = []
        self.buried = 0
        self.told: Counter[str] = Counter()
        self.sayings: dict[str, str] = {}
        self.commits: Counter[str] = Counter()
        self.ready: list[Line] = []
        self.gone: dict[int, int] = {}
        self._latest: dict[tuple[int, str], Attempt] = {}
        kinds: dict[str, Callable[[Line], None]] = {
            "offer": self._offer, "ack": self._ack, "heard": self._heard, "told": self._was_told,
            "attempt": self._attempt, "begin": self._begin, "end": self._end, "effect": self._effect,
            "killed": self._killed, "ended": self._ended, "stopped": self._ended, "crashed": self._crashed,
            "buried": self._buried, "ready": self._ready, "committed": self._committed,
        }  # fmt: skip
        for line in read:
            if line.kind not in kinds:  # a ledger that is not understood proves nothing
                raise ValueError(f"the ledger has a line of an unknown kind: {line}")
            kinds[line.kind](line)
        self._end_what_is_open()

    @property
    def acked(self) -> list[Message]:
        """List the acknowledged messages."""
        return [message for message in self.messages.values() if message.acked_at is not None]

    def _offer(self, line: Line) -> None:
        """A message is about to be handed over; handed over again it keeps its first time."""
        turn_id, account, gateway, stamp = line.words
        self.messages.setdefault(turn_id, Message(turn_id, account, gateway, stamp == "stamp", line.at))

    def _ack(self, line: Line) -> None:
        """A message was acknowledged."""
        message = self.messages[line.words[0]]
        if message.acked_at is None:
            message.acked_at, message.sequence = line.at, int(line.words[1])

    def _heard(self, line: Line) -> None:
        """A reply came back to whoever waited."""
        self.messages[line.words[0]].replies.add(line.words[1])

    def _was_told(self, line: Line) -> None:
        """Whoever waited was told of trouble."""
        code, *words = line.words
        self.told[code] += 1
        self.sayings.setdefault(code, " ".join(words))

    def _attempt(self, line: Line) -> None:
        """A worker begins with a turn; what it asks of model and tool from now on belongs to a new attempt."""
        self._latest.pop((line.pid, line.words[0]), None)

    def _begin(self, line: Line) -> None:
        """Model or tool is asked."""
        turn_id, account = line.words
        attempt = self._latest.get((line.pid, turn_id))
        if attempt is None:
            attempt = self._latest[line.pid, turn_id] = Attempt(turn_id, account, line.pid, line.at)
            self.attempts.append(attempt)
        attempt.open += 1

    def _end(self, line: Line) -> None:
        """Model or tool is done with it, one way or the other."""
        attempt = self._latest.get((line.pid, line.words[0]))
        if attempt is not None:
            attempt.end = max(attempt.end, line.at)
            attempt.open -= 1

    def _effect(self, line: Line) -> None:
        """A tool did what cannot be taken back."""
        self.effects.append(Effect(*line.words))

    def _committed(self, line: Line) -> None:
        """A worker says that it committed a turn."""
        self.commits[line.words[0]] += 1

    def _buried(self, line: Line) -> None:
        """A worker ended because the others had given it up for dead."""
        self.buried += 1
        self._ended(line)

    def _ready(self, line: Line) -> None:
        """A process is open for work."""
        self.ready.append(line)

    def _killed(self, line: Line) -> None:
        """A process is no more."""
        self.kills += 1
        self._ended(line)

    def _ended(self, line: Line) -> None:
        """A process was ended, or stopped: what it does if it goes on again counts only if it is committed."""
        self.gone.setdefault(int(line.words[0]), line.at)

    def _crashed(self, line: Line) -> None:
        """A process ended though nobody ended it."""
        self.crashes.append(" ".join(line.words[1:]))
        self._ended(line)

    def _end_what_is_open(self) -> None:
        """Let an attempt end when its process did, if that came first."""
        for attempt in self.attempts:
            gone = self.gone.get(attempt.pid)
            if attempt.open and gone is None:
                raise ValueError(f"an attempt at {attempt.turn_id} neither ended nor did its process {attempt.pid}")
            if gone is not None:
                attempt.end = gone if attempt.open else min(attempt.end, gone)
