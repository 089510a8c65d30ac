"""What became of what was acknowledged: the harness's ledger held against the database, by plain SQL.

Reads the tables themselves, with the databases' own drivers, and calls nothing of the code under test.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from durable_ledger import Attempt, Book, Message, digest

Row = tuple[object, ...]
Rows = Callable[[str], list[Row]]
"""Asks the store's database."""

TURNS = "SELECT id, account, sequence, state, reply, text FROM turn ORDER BY account, sequence"
EVENTS = """
SELECT account.account, event.id, event.text FROM event JOIN account ON account.number = event.account_number
WHERE event.kind = 'message'
"""
ENGINE_ERRORS = "SELECT workflow_uuid, status FROM {}workflow_status WHERE status NOT IN ('SUCCESS', 'CANCELLED')"
_AFTER = re.compile(r"after (\S+)\.")


@dataclass(frozen=True)
class StoredTurn:
    """A row of ``turn``; ``said`` is the reply's text, ``keys`` the idempotency keys that it names."""

    turn_id: str
    account: str
    sequence: int
    state: str
    text: str
    said: str | None
    keys: tuple[str, ...]


@dataclass
class Stored:
    """What the database holds: turns by account in order, memory rows, and the engine's unfinished workflows."""

    turns: dict[str, list[StoredTurn]]
    events: list[tuple[str, str, str]]
    workflows: list[tuple[str, str]]


@dataclass
class Verdict:
    """What came of it.

    ``wrong`` says each thing in words, ``aside`` what is worth knowing besides, ``told`` what users were told.
    """

    kills: int
    acked: int
    lost: int = 0
    doubled: int = 0
    gaps: int = 0
    overlaps: int = 0
    errors: int = 0
    wrong: list[str] = field(default_factory=list[str])
    aside: str = ""
    told: list[str] = field(default_factory=list[str])

    def __str__(self) -> str:
        """Say it in one line."""
        return f"kills {self.kills} {self.counts}"

    @property
    def counts(self) -> str:
        """Say what was counted, but for the kills."""
        return (
            f"acked {self.acked} lost {self.lost} doubled {self.doubled} gaps {self.gaps} "
            f"overlaps {self.overlaps} errors {self.errors}"
        )

    @property
    def clean(self) -> bool:
        """Tell whether nothing went wrong."""
        return self.lost == self.doubled == self.gaps == self.overlaps == self.errors == 0

    def note(self, kind: str, found: Sequence[str]) -> None:
        """Count what was found, and keep it."""
        setattr(self, kind, getattr(self, kind) + len(found))
        self.wrong += [f"{kind}: {one}" for one in found]


def asks_of(database: str) -> tuple[Rows, Rows]:
    """Return how to ask the store and the engine's tables of a database, given as a file or a URL."""
    if database.startswith("postgresql"):
        url = database.replace("postgresql+psycopg", "postgresql", 1)
        return _postgres(url), _postgres(url)
    return _sqlite(Path(database)), _sqlite(engine_file(Path(database)))


def engine_file(database: Path) -> Path:
    """Return the file that the engine keeps beside a store's."""
    return database.with_name(f"{database.stem}.engine{database.suffix}")


def read(database: str) -> Stored:
    """Read what the database holds."""
    ask_store, ask_engine = asks_of(database)
    schema = "dbos." if database.startswith("postgresql") else ""
    turns: dict[str, list[StoredTurn]] = defaultdict(list)
    for row in ask_store(TURNS):
        turn = _turn(row)
        turns[turn.account].append(turn)
    events = [(str(account), str(event), str(text)) for account, event, text in ask_store(EVENTS)]
    workflows = [(str(one), str(status)) for one, status in ask_engine(ENGINE_ERRORS.format(schema))]
    return Stored(turns, events, workflows)


def judge(book: Book, stored: Stored) -> Verdict:
    """Hold the ledger against the database."""
    verdict = Verdict(book.kills, len(book.acked), aside=_aside(book), told=_told(book))
    by_id = {turn.turn_id: turn for turns in stored.turns.values() for turn in turns}
    verdict.note("lost", lost(book, by_id))
    verdict.note("doubled", doubled(book, by_id, stored))
    verdict.note("gaps", gaps(book, stored))
    verdict.note("overlaps", overlaps(book.attempts))
    verdict.note("errors", errors(book, stored))
    return verdict


def lost(book: Book, by_id: dict[str, StoredTurn]) -> list[str]:
    """Find acknowledged messages without their one whole answer: no row, no reply, no effect that they asked for."""
    stamped = {effect.turn_id for effect in book.effects}
    found: list[str] = []
    for message in book.acked:
        turn = by_id.get(message.turn_id)
        if turn is None:
            found.append(f"{message.turn_id} was acknowledged and is not stored")
        elif turn.said is None:
            found.append(f"{message.turn_id} was acknowledged and is {turn.state}")
        elif message.wants_stamp and message.turn_id not in stamped:
            found.append(f"{message.turn_id} is answered without the effect that it asked for")
        elif (turn.account, turn.sequence) != (message.account, message.sequence):
            found.append(f"{message.turn_id} stands elsewhere than its acknowledgement said")
    return found


def doubled(book: Book, by_id: dict[str, StoredTurn], stored: Stored) -> list[str]:
    """Find what is there twice: memory rows, answers, effects of one call under two keys."""
    counted = Counter((account, text) for account, _, text in stored.events)
    found = [f"{account} remembers {text!r} {many} times" for (account, text), many in counted.items() if many > 1]
    keys: dict[str, set[str]] = defaultdict(set)
    for effect in book.effects:
        keys[effect.turn_id].add(effect.key)
    found += [f"{turn_id} was committed {many} times" for turn_id, many in book.commits.items() if many > 1]
    found += [f"{turn_id} had its effect under {sorted(two)}" for turn_id, two in keys.items() if len(two) > 1]
    for message in book.messages.values():
        turn = by_id.get(message.turn_id)
        said = digest(turn.said) if turn is not None and turn.said is not None else None
        if message.replies - {said}:
            found.append(f"{message.turn_id} was answered otherwise than it is stored")
        done = turn is not None and turn.said is not None and turn.turn_id in keys
        if turn is not None and done and set(turn.keys) != keys[turn.turn_id]:
            found.append(f"{turn.turn_id} says {turn.keys} and did {sorted(keys[turn.turn_id])}")
    return found


def gaps(book: Book, stored: Stored) -> list[str]:
    """Find holes and wrong order, in numbers, in memory, in what was acknowledged, and in when it was worked on."""
    remembered = {(account, event) for account, event, _ in stored.events}
    found: list[str] = []
    for account, turns in stored.turns.items():
        if [turn.sequence for turn in turns] != list(range(1, len(turns) + 1)):
            found.append(f"{account} has the numbers {[turn.sequence for turn in turns]}")
        answered = [turn for turn in turns if turn.said is not None]
        found += [
            f"{turn.turn_id} is answered and not remembered"
            for turn in answered
            if (account, f"{turn.turn_id}:said") not in remembered
        ]
        found += _wrong_history(answered)
        found += _not_as_acknowledged([book.messages[turn.turn_id] for turn in turns if turn.turn_id in book.messages])
    return found + _worked_on_too_early(book, stored)


def overlaps(attempts: Sequence[Attempt]) -> list[str]:
    """Find attempts at turns of one account that ran at the same time, in processes that lived."""
    found: list[str] = []
    by_account: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_account[attempt.account].append(attempt)
    for account, several in by_account.items():
        several.sort(key=lambda attempt: attempt.begin)
        latest = several[0]
        for attempt in several[1:]:
            if attempt.begin < latest.end:
                found.append(f"{account}: {latest.turn_id} and {attempt.turn_id}, by {latest.pid} and {attempt.pid}")
            latest = max(latest, attempt, key=lambda one: one.end)
    return found


def errors(book: Book, stored: Stored) -> list[str]:
    """Find what ended in an error: turns, the engine's workflows, and processes that nobody ended."""
    turns = [turn for account in stored.turns.values() for turn in account]
    found = [f"{turn.turn_id} is {turn.state}" for turn in turns if turn.state != "done"]
    found += [f"workflow {workflow} is left {status}" for workflow, status in stored.workflows]
    return found + [f"a process ended by itself: {crash}" for crash in book.crashes]


def _aside(book: Book) -> str:
    """Say what happened besides."""
    unlucky = sum(attempt.pid in book.gone and attempt.end == book.gone[attempt.pid] for attempt in book.attempts)
    again = len(book.effects) - len(set(book.effects))
    return (
        f"{len(book.attempts)} attempts, {unlucky} of them cut off; {len(book.effects)} effects, {again} of them had "
        f"again under the same key; {book.buried} workers stopped as given up; told: {dict(book.told) or 'nothing'}"
    )


def _told(book: Book) -> list[str]:
    """Say what users were told, how often, each kind in the words of its first time."""
    return [f"{many} x {code}: {book.sayings[code]}" for code, many in book.told.most_common()]


def _wrong_history(answered: Sequence[StoredTurn]) -> list[str]:
    """Each reply names the message that its model saw before: it must be the turn before it."""
    found: list[str] = []
    for before, turn in pairwise(answered):
        saw = _AFTER.search(turn.said or "")
        if saw is None or saw[1] != before.turn_id:
            found.append(f"{turn.turn_id} was answered after {saw[1] if saw else 'nothing'}, not {before.turn_id}")
    return found


def _not_as_acknowledged(in_order: Sequence[Message]) -> list[str]:
    """A message that was acknowledged before another was handed over comes before it, whoever took them."""
    found: list[str] = []
    earliest, who = float("inf"), ""
    for message in reversed(in_order):
        if earliest < message.offered_at:
            found.append(f"{message.turn_id} was handed over after {who} was acknowledged, and comes before it")
        if message.acked_at is not None and message.acked_at < earliest:
            earliest, who = message.acked_at, message.turn_id
    return found


def _worked_on_too_early(book: Book, stored: Stored) -> list[str]:
    """No attempt at a turn begins before the last attempt at the turn before it has ended."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for attempt in book.attempts:
        first[attempt.turn_id] = min(attempt.begin, first.get(attempt.turn_id, attempt.begin))
        last[attempt.turn_id] = max(attempt.end, last.get(attempt.turn_id, 0))
    return [
        f"{turn.turn_id} was begun while {before.turn_id} was not done"
        for turns in stored.turns.values()
        for before, turn in pairwise(turns)
        if before.turn_id in last and turn.turn_id in first and first[turn.turn_id] < last[before.turn_id]
    ]


def _turn(row: Row) -> StoredTurn:
    """Read a row of ``turn``."""
    turn_id, account, sequence, state, reply, text = row
    said: str | None = None
    keys: tuple[str, ...] = ()
    if reply is not None:
        packed = json.loads(str(reply))
        said = packed.get("text") or "\n\n".join(part["text"] for part in packed.get("parts", ()))
        keys = tuple(tool["id"] for tool in packed.get("tools", ()))
    return StoredTurn(str(turn_id), str(account), int(str(sequence)), str(state), str(text), said, keys)


def _sqlite(file: Path) -> Rows:
    """Ask a file; one that is not there has no rows."""

    def rows(query: str) -> list[Row]:
        if not file.exists():
            return []
        with closing(sqlite3.connect(file, timeout=30)) as connection:
            try:
                return connection.execute(query).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise

    return rows


def _postgres(url: str) -> Rows:
    """Ask a server; a table that is not there has no rows."""
    import psycopg  # noqa: PLC0415 - only here

    def rows(query: str) -> list[Row]:
        with psycopg.connect(url, connect_timeout=10) as connection:
            try:
                return connection.execute(query.encode()).fetchall()
            except psycopg.errors.UndefinedTable:
                return []

    return rows
