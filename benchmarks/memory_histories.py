"""Seeded histories of accounts, told in the words of a phrasing file, with what a careful reader would know of them.

Each account lives through quarters of set, late, retracted and corrected facts, promises made and kept, small
talk, things that might be, and facts of look-alike companies; each quarter ends with a review, each history with
a private canary. The truth is kept as the row of what was told, and asked by replaying it: nothing of the memory
that is measured is used. The same seed gives the same bytes.

A phrasing file (tests/data/memory/phrasings_*.yaml) holds ``values`` by kind and sentences by act and key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

import yaml

from fleet_runtime.records import Event, Operation

START = datetime(2024, 1, 8, 9, 0, tzinfo=UTC)
QUARTER = timedelta(days=91)
CHANCES = {
    "set": 0.34,
    "retract": 0.06,
    "correct": 0.07,
    "commit": 0.13,
    "close": 0.08,
    "chatter": 0.14,
    "hypothetical": 0.09,
    "foreign": 0.09,
}
LATE_SHARE = 0.12
LATE_DAYS = (3, 20)
PEOPLE_KEYS = frozenset({"champion", "exec_sponsor", "csm_owner"})
PEOPLE_AS_VALUES = 16  # the other names of a phrasing file are those who write
KINDS = ("call", "email", "note")

Sentences = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Phrasings:
    """The words of one file."""

    values: Sentences
    set: Sentences
    retract: Sentences
    correct: Sentences
    plain: Sentences

    @classmethod
    def load(cls, path: Path) -> Phrasings:
        """Read a phrasing file."""
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        plain = {name: data[name] for name in ("late", "commit", "close", "chatter", "hypothetical", "foreign")}
        return cls(data["values"], data["set"], data["retract"], data["correct"], plain)

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys that can be set."""
        return tuple(self.set)


@dataclass
class Span:
    """One value of one key, from ``start`` until ``end``, with the event that told it."""

    value: str
    start: datetime
    told: Event
    end: datetime | None = None


@dataclass
class History:
    """One account: its events, in order, with the operations that a careful reader takes from each."""

    name: str
    csm: str
    canary: str = ""
    events: list[Event] = field(default_factory=list)
    reviews: list[datetime] = field(default_factory=list)

    @property
    def family(self) -> str:
        """Return the first word of the name, which look-alikes share."""
        return self.name.split()[0]

    def spans(self, key: str, known_at: datetime | None = None) -> list[Span]:
        """Replay what was told of a key until a moment (None: all of it); its values, the last told last."""
        spans: list[Span] = []
        for event in self.events:
            if known_at is not None and event.at > known_at:
                break
            for operation in event.operations or ():
                if operation.key == key:
                    _replay(spans, event, operation)
        return spans

    def value(self, key: str, moment: datetime, known_at: datetime | None = None) -> Span | None:
        """Return what held of a key at a moment, as known at another, or None."""
        holding = [s for s in self.spans(key, known_at) if s.start <= moment and (s.end is None or moment < s.end)]
        return holding[-1] if holding else None

    def open_tasks(self) -> set[str]:
        """Return the promises that nobody kept yet."""
        tasks: set[str] = set()
        for event in self.events:
            for operation in event.operations or ():
                if operation.op == "commit":
                    tasks.add(operation.task)
                elif operation.op == "close":
                    tasks.discard(operation.task)
        return tasks

    def touched(self, since: datetime) -> set[str]:
        """Return the keys that were set, retracted or corrected after a moment."""
        later = (event for event in self.events if event.at > since)
        return {one.key for event in later for one in event.operations or () if one.key}


def _replay(spans: list[Span], event: Event, operation: Operation) -> None:
    """Do to the spans of one key what an operation says."""
    since = operation.valid_from or event.at
    value = operation.value or ""
    if operation.op == "correct":
        spans[-1].value, spans[-1].told = value, event
        return
    for span in spans:
        if span.end is None or (operation.op == "set" and span.end > since):
            span.end = since
    if operation.op == "set":
        spans.append(Span(value, since, event))


class HistoryMaker:
    """Writes histories from one random stream."""

    def __init__(
        self, phrasings: Phrasings, *, accounts: int, quarters: int = 8, per_quarter: int = 12, seed: int = 7
    ) -> None:
        """Draw the names; `histories` writes."""
        self._words = phrasings
        self._rng = Random(seed)  # noqa: S311 - the same seed must give the same histories
        self._quarters = quarters
        self._per_quarter = max(per_quarter, len(phrasings.keys))
        self._names = self._draw_names(accounts)
        self._number = 0
        self._writers: Mapping[str, Callable[[History, datetime, str], bool]] = {
            "set": self._set,
            "retract": self._retract,
            "correct": self._correct,
            "commit": self._commit,
            "close": self._close,
        }

    def histories(self) -> list[History]:
        """Write every account's history."""
        return [self._history(name) for name in self._names]

    def _draw_names(self, count: int) -> list[str]:
        """Give each family's first word every second word in turn, so that names look alike; then number them."""
        companies = self._words.values["company"]
        stems = list(dict.fromkeys(name.split()[0] for name in companies))
        endings = list(dict.fromkeys(name.split(maxsplit=1)[1] for name in companies))
        names = [f"{stem} {ending}" for ending in endings for stem in stems]
        more = (f"{name} {number}" for number in range(2, count) for name in names)
        return [*names, *(name for name, _ in zip(more, range(count), strict=False))][:count]

    def _history(self, name: str) -> History:
        """Write one history."""
        history = History(name, csm=self._rng.choice(self._writers_names()))
        for quarter in range(self._quarters):
            self._quarter(history, START + QUARTER * quarter, quarter)
        history.canary = f"CANARY-{self._rng.getrandbits(48):012x}"
        end = START + QUARTER * self._quarters + timedelta(hours=2)
        self._tell(history, end, history.csm, f"Private note for the file, reference {history.canary}.", kind="note")
        return history

    def _quarter(self, history: History, start: datetime, quarter: int) -> None:
        """Write one quarter: in the first, every key is set; at the end there is a review."""
        rng = self._rng
        minutes = sorted(rng.sample(range(88 * 24 * 60), self._per_quarter))
        for number, minute in enumerate(minutes):
            at = start + timedelta(minutes=minute)
            author = rng.choice([history.csm, *rng.sample(self._writers_names(), 2)])
            if quarter == 0 and number < len(self._words.keys):
                self._set_key(history, at, author, self._words.keys[number], late=False)
                continue
            act = rng.choices(list(CHANCES), list(CHANCES.values()))[0]
            write = self._writers.get(act)
            if write is None or not write(history, at, author):
                self._talk(history, at, author, act if write is None else "chatter")
        held = start + timedelta(days=89, hours=1)
        text = f"Business review no. {quarter + 1} with {history.name} took place today; minutes to follow."
        self._tell(history, held, history.csm, text, (Operation(op="qbr"),), kind="qbr")
        history.reviews.append(held)

    def _tell(  # noqa: PLR0913 - the columns of an event
        self,
        history: History,
        at: datetime,
        author: str,
        text: str,
        operations: tuple[Operation, ...] = (),
        *,
        kind: str = "",
    ) -> None:
        """Put one event on a history; the numbers run through all of them."""
        self._number += 1
        kind = kind or self._rng.choice(KINDS)
        event = Event(id=f"h{self._number:06d}", at=at, kind=kind, author=author, text=text, operations=operations)
        history.events.append(event)

    def _set(self, history: History, at: datetime, author: str) -> bool:
        """Set a key; some of the news is days old."""
        late = at >= START + QUARTER and self._rng.random() < LATE_SHARE
        return self._set_key(history, at, author, self._rng.choice(self._words.keys), late=late)

    def _set_key(self, history: History, at: datetime, author: str, key: str, *, late: bool) -> bool:
        """Set one key to another value than it has."""
        rng = self._rng
        value = self._new_value(key, history, at)
        text = rng.choice(self._words.set[key]).replace("{v}", self._spoken(key, value))
        since = at
        if late:
            day = (at - timedelta(days=rng.randint(*LATE_DAYS))).date()
            spans = history.spans(key)
            backdated = datetime.combine(day, time(), tzinfo=UTC)
            if not spans or backdated > spans[-1].start:
                since = backdated
                text = rng.choice(self._words.plain["late"]).replace("{d}", self._day(day)) + text
        self._tell(history, at, author, text, (Operation(op="set", key=key, value=value, valid_from=since),))
        return True

    def _retract(self, history: History, at: datetime, author: str) -> bool:
        """End a value without a successor, where there is one to end."""
        key, span = self._standing(history, at, self._words.retract)
        if span is None:
            return False
        text = self._filled(self._rng.choice(self._words.retract[key]), o=self._spoken(key, span.value))
        self._tell(history, at, author, text, (Operation(op="retract", key=key, valid_from=at),))
        return True

    def _correct(self, history: History, at: datetime, author: str) -> bool:
        """Replace a value that was never so, where there is one."""
        key, span = self._standing(history, at, self._words.correct)
        if span is None:
            return False
        value = self._new_value(key, history, at)
        sentence = self._rng.choice(self._words.correct[key])
        text = self._filled(sentence, v=self._spoken(key, value), o=self._spoken(key, span.value))
        self._tell(history, at, author, text, (Operation(op="correct", key=key, value=value),))
        return True

    def _commit(self, history: History, at: datetime, author: str) -> bool:
        """Make a promise that is not open already."""
        task = self._rng.choice(self._words.values["task"])
        if task in history.open_tasks():
            return False
        due = (at + timedelta(days=self._rng.randint(7, 60))).date()
        owner = self._rng.choice([history.csm, author])
        sentence = self._rng.choice(self._words.plain["commit"])
        text = self._filled(sentence, owner=owner, task=task, day=self._day(due))
        operation = Operation(op="commit", task=task, owner=owner, due=due.isoformat())
        self._tell(history, at, author, text, (operation,))
        return True

    def _close(self, history: History, at: datetime, author: str) -> bool:
        """Keep a promise, where one is open."""
        tasks = sorted(history.open_tasks())
        if not tasks:
            return False
        task = self._rng.choice(tasks)
        made = [
            one for event in history.events for one in event.operations or () if (one.op, one.task) == ("commit", task)
        ]
        text = self._filled(self._rng.choice(self._words.plain["close"]), owner=made[-1].owner, task=task)
        self._tell(history, at, author, text, (Operation(op="close", task=task),))
        return True

    def _talk(self, history: History, at: datetime, author: str, act: str) -> None:
        """Say what is no fact of this account: small talk, what might be, what is so elsewhere."""
        rng = self._rng
        others = [name for name in self._names if name != history.name and name.split()[0] == history.family]
        text = self._filled(
            rng.choice(self._words.plain[act]),
            n=str(rng.randrange(20, 900, 5)),
            p=rng.choice(self._words.values["person"][:PEOPLE_AS_VALUES]),
            plan=rng.choice(self._words.values["plan"]),
            d=self._day((at + timedelta(days=rng.randint(20, 200))).date()),
            other=rng.choice(others or self._names),
        )
        self._tell(history, at, author, text)

    def _standing(self, history: History, at: datetime, table: Sentences) -> tuple[str, Span | None]:
        """Choose a key of a table that has a value."""
        held = {key: history.value(key, at) for key in table}
        keys = [key for key, span in held.items() if span is not None]
        return (key, held[key]) if keys and (key := self._rng.choice(keys)) else ("", None)

    def _new_value(self, key: str, history: History, at: datetime) -> str:
        """Draw another value than a key has."""
        now = history.value(key, at)
        while True:
            value = self._value(key, at)
            if now is None or value != now.value:
                return value

    def _value(self, key: str, at: datetime) -> str:
        """Draw any value of a key."""
        rng = self._rng
        if key in PEOPLE_KEYS:
            return rng.choice(self._words.values["person"][:PEOPLE_AS_VALUES])
        if key in self._words.values:
            return rng.choice(self._words.values[key])
        if key == "renewal_date":
            return (at + timedelta(days=rng.randint(60, 540))).date().isoformat()
        if key == "arr":
            return f"${rng.randrange(12, 480)}k"
        return str(rng.randint(20, 98) if key == "health_score" else rng.randrange(20, 900, 5))

    def _spoken(self, key: str, value: str) -> str:
        """Write a value as texts do."""
        return self._day(date.fromisoformat(value)) if key == "renewal_date" else value

    def _day(self, day: date) -> str:
        """Write a day in one of the forms in which people do."""
        forms = ("{d} {B} {Y}", "{d} {B} {Y}", "{B} {d}, {Y}", "{d} {b} {Y}", "{Y}-{m}-{D}", "the {d}{th} of {B} {Y}")
        ending = "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")  # noqa: PLR2004
        return self._rng.choice(forms).format(
            d=day.day, D=f"{day.day:02}", m=f"{day.month:02}", b=f"{day:%b}", B=f"{day:%B}", Y=day.year, th=ending
        )

    def _writers_names(self) -> Sequence[str]:
        """Return the names of those who write; none of them is ever a value."""
        return self._words.values["person"][PEOPLE_AS_VALUES:]

    @staticmethod
    def _filled(sentence: str, **words: str) -> str:
        """Put words into a sentence's places."""
        for name, word in words.items():
            sentence = sentence.replace("{" + name + "}", word)
        return sentence
