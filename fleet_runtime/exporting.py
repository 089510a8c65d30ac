"""An account's rows as lines of JSON, and back: what was exported and is read again gives the same memory. Pure.

The first line is a header; then one line for each event, fact (all versions), commitment and digest, for each row of
the book, each turn, in the order of their times, and for each question to a person and each day's spending, if there
were any. From the turns on they are there for the reader and are not read back: an answer that was given is not given
again.
Nothing stored is ever rewritten by a file: a row that says otherwise than the stored one of its id is a reject.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Final, NamedTuple, cast

from pydantic import ValidationError

from fleet_runtime.bookkeeping import KINDS, Beside, BookRow, book_of, rows_of, shown, unmeasured
from fleet_runtime.books import AccountBook
from fleet_runtime.importing import Reject
from fleet_runtime.importing.json_lines import object_of
from fleet_runtime.importing.reads import reject
from fleet_runtime.importing.streams import Line
from fleet_runtime.ports import AccountWork
from fleet_runtime.records import AccountChange, AccountState, Commitment, Digest, Event, Fact, Learned, Turn

FORM: Final = 1
"""The version of this form; the header names it."""
NOTE: Final = "turns are for the reader and are not imported again"

Row = Event | Fact | Commitment | Digest
_KINDS: Final[Mapping[str, type[Row]]] = {"event": Event, "fact": Fact, "commitment": Commitment, "digest": Digest}
_ALL_KINDS: Final[Mapping[str, type[Row | BookRow]]] = {**_KINDS, **KINDS}
_NAMES: Final[Mapping[type[Row | BookRow], str]] = {form: kind for kind, form in _ALL_KINDS.items()}
_TURN: Final = "turn"
_FOR_READERS: Final = (_TURN, "approval", "spent")


class ReadRow(NamedTuple):
    """A row of an export, and the line where it stands."""

    line: int
    row: Row | BookRow


class Restored(NamedTuple):
    """What an export brings into an account. ``change`` is None where it brings its memory nothing.

    ``book`` holds the rows that are new to its book, or go on from those that it has; None if there are none.
    """

    change: AccountChange | None
    new: int
    known: int
    rejects: tuple[Reject, ...]
    book: AccountBook | None = None


def export_lines(
    state: AccountState, now: datetime, work: AccountWork | None = None, book: AccountBook | None = None
) -> Iterator[str]:
    """Give an account as lines of canonical JSON, without line ends; the same state gives the same lines.

    Args:
        state: the account's rows.
        now: the moment of the export, which the header names.
        work: what its turns left besides, if that is told too.
        book: what is kept of it besides its memory, if that is told too.
    """
    work = work or AccountWork()
    rows: dict[str, list[Event] | list[Fact] | list[Commitment] | list[Digest] | list[Turn]] = {
        "event": sorted(state.events, key=lambda row: (row.at, row.id)),
        "fact": sorted(state.facts, key=lambda row: (row.known_from, row.at, row.id)),
        "commitment": sorted(state.commitments, key=lambda row: (row.at, row.id)),
        "digest": sorted(state.digests, key=lambda row: (row.period, row.id)),
        _TURN: sorted(state.turns, key=lambda row: (row.sequence, row.id)),
    }
    header = {"fleet_memory": FORM, "account": state.key.account, "exported_at": now.astimezone(UTC).isoformat()}
    of_book = [(_NAMES[type(row)], row) for row in rows_of(book)] if book else []
    counts = {kind: len(of_kind) for kind, of_kind in rows.items()} | Counter(kind for kind, _ in of_book)
    counts |= {kind: len(of_kind) for kind, of_kind in zip(_FOR_READERS[1:], work, strict=True) if of_kind}
    yield json.dumps(header | {"counts": counts, "note": NOTE}, ensure_ascii=False, separators=(",", ":"))
    for kind, of_kind in rows.items():
        if kind == _TURN:
            yield from (_line(name, row.model_dump(mode="json")) for name, row in of_book)
        for row in of_kind:
            said = row.model_dump(mode="json", exclude={"operations", "key"} if kind != "fact" else None)
            yield _line(kind, said)
    for approval in work.approvals:
        yield _line("approval", approval.model_dump(mode="json", exclude={"key"}))
    for day, spent in work.spent:
        yield _line("spent", {"day": day.isoformat(), **spent.model_dump(mode="json")})


def _line(kind: str, said: Mapping[str, object]) -> str:
    """Write a row."""
    return json.dumps({"row": kind, **said}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def read_rows(lines: Iterable[Line]) -> Iterator[ReadRow | Reject]:
    """Read an export; turns are passed over. The last reject tells where the header promised more than there is."""
    stream = (line for line in lines if line.raw.strip())
    first = next(stream, None)
    header = object_of(first) if first is not None else reject(1, "the file is empty: there is nothing to read")
    if isinstance(header, Reject):
        yield header
        return
    if header.get("fleet_memory") != FORM:
        yield reject(1, f"this export has a form other than {FORM}: read it with the version that wrote it")
        return
    seen: Counter[str] = Counter()
    last = 1
    for line in stream:
        last = line.number
        given = object_of(line)
        if isinstance(given, Reject):
            yield given
            continue
        kind = str(given.pop("row", ""))
        seen[kind] += 1
        if kind not in _FOR_READERS:
            yield _row(line, kind, given)
    missing = _missing(header.get("counts"), seen)
    if missing:
        yield reject(last, f"the file ends too early, {missing} are missing: export the account again")


def restored(
    state: AccountState, rows: Iterable[ReadRow | Reject], now: datetime, book: AccountBook | None = None
) -> Restored:
    """Find out what of an export is new to an account, and what contradicts it.

    Args:
        state: the account's rows; empty for a new one.
        rows: what `read_rows` gives.
        now: the moment of the import.
        book: what is kept of it besides its memory; empty for a new one.

    Returns: one change with all that is new; known rows are passed over, and nothing doubles.
    """
    account = _Account(state, book or AccountBook(state.key))
    for read in rows:
        if isinstance(read, Reject):
            account.rejects.append(read)
        else:
            account.take(read)
    return account.restored(now)


class _Account:
    """The rows of an account while those of an export are laid beside them."""

    def __init__(self, state: AccountState, book: AccountBook) -> None:
        """Begin with the stored rows."""
        self._state = state
        self._beside = Beside(book)
        rows: Iterable[Row] = chain(state.events, state.facts, state.commitments, state.digests)
        self._rows: dict[tuple[type[Row], str], Row] = {(type(row), row.id): row for row in rows}
        self._believed: dict[tuple[str, str], list[Fact]] = {}
        for fact in state.facts:
            if fact.known_to is None and not fact.yields_to:
                self._believed.setdefault((fact.subject, fact.key), []).append(fact)
        self._events: list[Event] = []
        self._facts: list[Fact] = []
        self._closed: list[Fact] = []
        self._commitments: list[Commitment] = []
        self._digests: list[Digest] = []
        self._known = 0
        self.rejects: list[Reject] = []

    def take(self, read: ReadRow) -> None:
        """Take in one row."""
        row = read.row
        if not isinstance(row, Row):
            self._take_into_book(read.line, row)
            return
        name = (type(row), row.id)
        stored = self._rows.get(name)
        why = self._objection(row, stored)
        if why:
            self.rejects.append(reject(read.line, why, _shown(row)))
            return
        if stored is not None and not _goes_on(stored, row):
            self._known += 1
            return
        self._rows[name] = row
        match row:
            case Event():
                self._events.append(row)
            case Fact():
                self._take_fact(row, known=stored is not None)
            case Commitment():
                self._commitments.append(row)
            case Digest():
                self._digests.append(row)

    def _take_into_book(self, line: int, row: BookRow) -> None:
        """Take in one row of the book."""
        other, wrong = self._beside.objection(row), unmeasured(row)
        if other:
            wrong = f"the account has another {_kind(row)} {other}: nothing stored is rewritten"
        if wrong:
            self.rejects.append(reject(line, wrong, shown(row)))
        else:
            self._beside.take(row)

    def _take_fact(self, fact: Fact, *, known: bool) -> None:
        """Take in a new fact, or the end of a stored one, which is then no longer believed."""
        if not known:
            self._facts.append(fact)
            return
        self._closed.append(fact)
        believed = self._believed.get((fact.subject, fact.key), [])
        self._believed[fact.subject, fact.key] = [one for one in believed if one.id != fact.id]

    def restored(self, now: datetime) -> Restored:
        """Return what is new."""
        learned = Learned(facts=tuple(self._facts), closed=tuple(self._closed), commitments=tuple(self._commitments))
        new = len(self._events) + len(self._facts) + len(self._closed) + len(self._commitments) + len(self._digests)
        change = AccountChange(
            key=self._state.key,
            seen_version=self._state.version,
            now=now,
            events=tuple(self._events),
            learned=learned,
            digests=tuple(self._digests),
        )
        kept, rows = self._beside.news()
        book = book_of(AccountBook(self._state.key), rows) if rows else None
        known = self._known + kept.same
        return Restored(change if new else None, new + len(rows), known, tuple(self.rejects), book)

    def _objection(self, row: Row, stored: Row | None) -> str:
        """Say what speaks against a row, or nothing."""
        if stored is not None:
            same = _lasting(stored) == _lasting(row)
            return "" if same else f"the account has another {_kind(row)} of this id: nothing stored is rewritten"
        if isinstance(row, Fact | Commitment) and (Event, row.event_id) not in self._rows:
            return f"its event {row.event_id!r} is neither in the account nor in the file: export the account again"
        if isinstance(row, Fact) and row.known_to is None and not row.yields_to:
            other = next((one for one in self._believed.get((row.subject, row.key), ()) if _overlap(one, row)), None)
            if other is not None:
                return f"the account believes {row.key} = {other.value!r} at that time: record the event instead"
        return ""


def _goes_on(stored: Row, row: Row) -> bool:
    """Tell whether a row is the stored one with an end that came later."""
    if isinstance(stored, Fact) and isinstance(row, Fact):
        return stored.known_to is None and row.known_to is not None
    if isinstance(stored, Commitment) and isinstance(row, Commitment):
        return stored.state == "open" and row.state != "open"
    return False


def _overlap(one: Fact, other: Fact) -> bool:
    """Tell whether two facts hold at the same time."""
    begins = max(one.valid_from, other.valid_from)
    return all(end is None or begins < end for end in (one.valid_to, other.valid_to))


def _lasting(row: Row) -> dict[str, object]:
    """Return what of a row never changes."""
    changing = {"operations", "valid_to", "known_to", "state", "closed_at", "closed_by"}
    return row.model_dump(exclude=changing)


def _row(line: Line, kind: str, given: Mapping[str, object]) -> ReadRow | Reject:
    """Read one row."""
    form = _ALL_KINDS.get(kind)
    if form is None:
        return reject(line.number, f"{kind!r} is no kind of row: one of {', '.join(_ALL_KINDS)}", line.raw)
    try:
        return ReadRow(line.number, form.model_validate(given))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        return reject(
            line.number, f"the {kind}'s {where} is wrong ({first['msg']}): export the account again", line.raw
        )


def _missing(counts: object, seen: Counter[str]) -> str:
    """Say how many rows fewer there are than the header counted, or nothing."""
    if not isinstance(counts, dict):
        return ""
    short = [
        f"{counted - seen[kind]} {kind.rstrip('s')}s"
        for kind, counted in cast("dict[str, object]", counts).items()
        if isinstance(counted, int) and counted > seen[kind]
    ]
    return ", ".join(short)


def _kind(row: Row | BookRow) -> str:
    """Name the kind of a row."""
    return _NAMES[type(row)]


def _shown(row: Row) -> str:
    """Return how a row looks in a reject."""
    match row:
        case Fact():
            return f"{row.key} = {row.value}"
        case Commitment():
            return row.task
        case _:
            return row.text
