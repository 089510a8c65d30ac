"""Brings files of signals into the book, some accounts at a time. How a file is read is `fleet_runtime.intake`'s.

What is stored already is passed over, so whoever repeats an interrupted import goes on where it stopped. A colleague's
note becomes an event of the account's memory before its week is stored, and so does what changed in the CRM; their ids
come from what they say, so that they are there once. A week is stored with the themes that a note reader finds in it.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import anyio.to_thread

from fleet_runtime.books import Books, Kept
from fleet_runtime.contracts import MemoryKey
from fleet_runtime.errors import MessageError, SettingError
from fleet_runtime.importing import DateOrder, Reject, as_utf8, chosen_format, numbered_lines
from fleet_runtime.importing.reads import reject
from fleet_runtime.intake import (
    Brought,
    ColumnNames,
    News,
    SignalKind,
    SignalRead,
    SignalsHow,
    Taken,
    brought,
    differing,
    news_of,
    read_columns,
    read_signals,
)
from fleet_runtime.ports import Vector
from fleet_runtime.records import AccountKey, Event, Operation
from fleet_runtime.records.book import AccountDetails, Signals, Week
from fleet_runtime.runtime.desk import Desk
from fleet_runtime.runtime.importing import opened
from fleet_runtime.runtime.intake_tally import SignalsImported, Tally
from fleet_runtime.runtime.plain_text import account_id
from fleet_runtime.runtime.recording import record_in_bulk

SignalsTold = Callable[[str, int, int], None]
"""Hears what is done (a file's name, or ``accounts``), how much of it, and how much there is (0: nobody knows)."""

STORED: Final = "accounts"
"""What a `SignalsTold` hears while rows are stored."""
COLLEAGUE: Final = "colleague"
"""Who wrote a note, where no CSM is known."""
CRM: Final = "crm"
_SURE: Final = 0.5
_ACCOUNTS_AT_ONCE: Final = 100
_TEXTS_AT_ONCE: Final = 32  # fewer than what a vector cache would write down
_KEYS: Final = {
    "renewal_date": "renewal_date",
    "seats": "seats",
    "arr": "arr",
    "champion": "champion",
    "exec_sponsor": "exec_sponsor",
    "csm": "csm_owner",
    "go_live_date": "go_live_date",
}
"""By a name of the details, the key under which the memory keeps it, if a role declares that."""


class ThemeReader(Protocol):
    """What tells the themes of notes; `fleet_runtime.noting.NoteReader` is such."""

    @property
    def encoder(self) -> str:
        """Name the encoder whose vectors it reads; another's mean nothing to it."""
        ...

    def beliefs_of(self, texts: Sequence[str], vectors: Sequence[Vector] | None = None) -> list[dict[str, float]]:
        """Return how sure it is of the themes of each text, from 0 to 1."""
        ...


def unheard(_what: str, _done: int, _total: int) -> None:
    """Hear nothing: a `SignalsTold` for those who do not look."""


async def import_signals(  # noqa: PLR0913 - what a caller may know about files
    desk: Desk,
    books: Books,
    reader: ThemeReader,
    *paths: str | Path,
    kind: SignalKind | None = None,
    columns: ColumnNames | str | Path | None = None,
    at: datetime | None = None,
    dates: DateOrder | None = None,
    told: SignalsTold = unheard,
) -> SignalsImported:
    """Take in files of accounts, weeks and invoices.

    Args:
        desk: the runtime's desk.
        books: where signals are kept.
        reader: what tells the themes of notes.
        paths: CSV files; in whatever order they are named, what they say of one account is looked at together.
        kind: what all of them are; default by their headers.
        columns: the files' own column names by kind, or a YAML file that tells them.
        at: when the accounts' details were exported; default now.
        dates: how "03/04/2026" is meant, where a file leaves it open.
        told: hears how far it is; may be called in another thread.

    Returns: what was read, new, known and changed; what was rejected or odd, by file and line. A file that cannot be
        opened is rejected, and keeps none of the others from being taken in.

    Raises: SettingError for ``columns``; MessageError if a file cannot be read on; StoreError. What was stored before
        stays, and is passed over when the import is repeated.
    """
    names = columns if isinstance(columns, Mapping) else await anyio.to_thread.run_sync(_names, columns)
    now, tally = desk.clock(), Tally()
    how = SignalsHow(source="", now=now, at=at, kind=kind, columns=names, dates=dates)
    taker = _Taker(desk, books, reader, tally)
    done = 0
    groups = _by_account(paths, how, tally, told)
    while bulk := await anyio.to_thread.run_sync(lambda: list(islice(groups, _ACCOUNTS_AT_ONCE))):
        await taker.take(bulk, now)
        done += len(bulk)
        told(STORED, done, 0)
    return tally.imported()


async def put_signals(desk: Desk, books: Books, reader: ThemeReader, account: str, signals: Signals) -> Kept:
    """Keep signals of one account as they are given, ``known_from`` included; a note is read and remembered.

    Raises: MessageError for an account id that cannot be kept; StoreError.
    """
    key = desk.key(account_id(account))
    stored = (await books.book(key)).signals.details
    details = (*stored, *signals.details)
    author = details[-1].csm if details else ""
    notes = await _with_themes(desk, reader, list(_notes(key, signals.weeks, author)))
    await record_in_bulk(desk, [(note.key, _event(note)) for note in notes])
    return await books.put_signals(key, _with_notes(key, signals, notes))


async def known_signals(desk: Desk, books: Books, account: str, moment: datetime) -> Signals:
    """Return what was known of an account's signals at a moment, each week and invoice once.

    Raises: MessageError for an account id that cannot be kept; StoreError.
    """
    return (await books.book(desk.key(account_id(account)))).signals.known_at(moment)


class _Note(NamedTuple):
    """A week with a note, whose account it is, and who wrote it."""

    key: AccountKey
    week: Week
    author: str


class _Taker:
    """Stores what is new of some accounts at a time."""

    def __init__(self, desk: Desk, books: Books, reader: ThemeReader, tally: Tally) -> None:
        """Count with ``tally``."""
        self._desk = desk
        self._books = books
        self._reader = reader
        self._tally = tally
        self._declared = {key.name: key for key in desk.memory_keys}

    async def take(self, bulk: Sequence[Brought], now: datetime) -> None:
        """Store what is new of some accounts: first what the memory is told, then the rows.

        Raises: MessageError, StoreError.
        """
        stored = await self._books.books(self._desk.settings.tenant, [one.account for one in bulk])
        found = [(book.key, news_of(book.signals, one, now)) for book, one in zip(stored, bulk, strict=True)]
        fresh = [
            note
            for key, news in found
            for note in _notes(key, news.signals.weeks, news.details.csm if news.details else "")
        ]
        notes = await _with_themes(self._desk, self._reader, fresh)
        crm = [(key, event) for key, news in found if (event := await self._crm_event(key, news)) is not None]
        await record_in_bulk(self._desk, [*crm, *((note.key, _event(note)) for note in notes)])
        for (key, news), book, one in zip(found, stored, bulk, strict=True):
            if news.signals != Signals():
                await self._books.put_signals(key, _with_notes(key, news.signals, notes))
            self._count(one, news, book.signals)

    def _count(self, one: Brought, news: News, stored: Signals) -> None:
        """Count an account."""
        self._tally.account(news.counts, news.remarks)
        if news.details is None:
            self._tally.strange(one.account)
        elif not one.signals.weeks and not stored.weeks:
            self._tally.silent(one.account)

    async def _crm_event(self, key: AccountKey, news: News) -> Event | None:
        """Return what changed in the CRM as an event, if it is anything that the staff remembers.

        A first row is no change: it may be older than what people said, and overrules none of that.
        """
        if not news.signals.details:
            return None
        [details] = news.signals.details
        told = await self._told(key) if news.former is None else frozenset[str]()
        names = (name for name in differing(news.former, details) if _KEYS.get(name, "") not in told)
        said = [(self._declared.get(_KEYS.get(name, "")), name) for name in names]
        values = [(key, value) for key, name in said if key is not None and (value := _value(details, name))]
        if not values:
            return None
        since = news.former.known_from.isoformat() if news.former else ""
        return _crm_event(values, since, details.known_from)

    async def _told(self, key: AccountKey) -> frozenset[str]:
        """Return the keys of which the memory holds a value already."""
        now = self._desk.clock()
        return frozenset(fact.key for fact in await self._desk.store.facts(key, holding_at=now) if fact.value)


def _crm_event(values: Sequence[tuple[MemoryKey, str]], since: str, at: datetime) -> Event:
    """Make an event of what changed in the CRM since then."""
    operations = tuple(Operation(op="set", key=key.name, value=value) for key, value in values)
    text = " ".join(key.say(value) for key, value in values)
    name = _digest(since, *(f"{key.name}={value}" for key, value in values))
    return Event(id=f"crm-{name}", at=at, kind=CRM, author=CRM, text=f"The CRM says: {text}", operations=operations)


def _value(details: AccountDetails, name: str) -> str:
    """Write a part of the details as a fact's value."""
    if name == "arr" and details.arr is not None:
        amount = f"{details.arr:,.2f}".removesuffix(".00")
        return f"{details.currency} {amount}".strip()
    value: object = getattr(details, name)
    return "" if value is None else str(value)


def _notes(key: AccountKey, weeks: Iterable[Week], author: str) -> Iterator[_Note]:
    """Give the notes that are no events yet."""
    return (_Note(key, week, author) for week in weeks if week.note and not week.event_id)


def _with_notes(key: AccountKey, signals: Signals, notes: Iterable[_Note]) -> Signals:
    """Return an account's signals with what was read in its notes."""
    read = {note.week.event_id: note.week for note in notes if note.key == key}
    weeks = tuple(
        week.model_copy(update={"event_id": name, "themes": read[name].themes, "beliefs": read[name].beliefs})
        if week.note and not week.event_id and (name := _event_id(week)) in read
        else week
        for week in signals.weeks
    )
    return signals.model_copy(update={"weeks": weeks})


async def _with_themes(desk: Desk, reader: ThemeReader, notes: Sequence[_Note]) -> list[_Note]:
    """Read what notes are about, and name their events."""
    beliefs: list[dict[str, float]] = []
    embedder = desk.embedder if desk.embedder is not None and desk.embedder.name == reader.encoder else None
    for start in range(0, len(notes), _TEXTS_AT_ONCE):
        texts = [note.week.note for note in notes[start : start + _TEXTS_AT_ONCE]]
        beliefs += reader.beliefs_of(texts, None if embedder is None else await embedder.embed(texts))
    return [
        note._replace(week=note.week.model_copy(update={**_read(found), "event_id": _event_id(note.week)}))
        for note, found in zip(notes, beliefs, strict=True)
    ]


def _read(beliefs: Mapping[str, float]) -> dict[str, object]:
    """Return what a week keeps of what was read in its note."""
    return {"themes": tuple(theme for theme, belief in beliefs.items() if belief >= _SURE), "beliefs": dict(beliefs)}


def _event(note: _Note) -> Event:
    """Make an event of a note: it happened when its week was known."""
    week = note.week
    return Event(
        id=week.event_id or _event_id(week),
        at=week.known_from,
        kind="note",
        author=note.author or COLLEAGUE,
        text=week.note,
    )


def _event_id(week: Week) -> str:
    """Name a note's event: the same note of the same week has the same name."""
    return f"note-{week.start}-{_digest(week.note)[:8]}"


def _digest(*parts: str) -> str:
    """Return a short name for some texts."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def _by_account(paths: Sequence[str | Path], how: SignalsHow, tally: Tally, told: SignalsTold) -> Iterator[Brought]:
    """Read files, and give what they say account by account.

    Raises: MessageError if a file cannot be read on.
    """
    streams = [tally.rows(str(path), _reads(Path(path), how, told)) for path in dict.fromkeys(paths)]
    merged = heapq.merge(*streams, key=_account)
    for account, taken in groupby(merged, key=_account):
        yield brought(account, taken)


def _account(taken: Taken) -> str:
    """Return whose row it is."""
    return taken.account


def _reads(path: Path, how: SignalsHow, told: SignalsTold) -> Iterator[SignalRead]:
    """Read one file; one that cannot be opened, or holds no text, is rejected whole.

    Raises: MessageError if it cannot be read on.
    """
    try:
        source = opened(path, partial(told, path.name))
    except MessageError as error:
        yield reject(0, f"{error.message}: {error.hint}")
        return
    with closing(source):
        found = chosen_format(path.name, source.head, "csv")
        if isinstance(found, Reject):
            yield found
            return
        try:
            yield from read_signals(numbered_lines(as_utf8(source)), how.model_copy(update={"source": path.name}))
        except OSError as error:
            raise MessageError(f"{path} cannot be read on: {error.strerror}", hint="repeat the import") from error


def _names(file: str | Path | None) -> ColumnNames:
    """Read a file of column names.

    Raises: SettingError.
    """
    if file is None:
        return {}
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise SettingError(f"{file} cannot be read: {error}", hint="name a YAML file of column names") from error
    return read_columns(text, source=str(file))
