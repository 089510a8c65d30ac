"""The rows of an account's book: which row is which, in what order they stand, and what of other rows is new. Pure.

A row is known by its kind, its name within the account and, where it has versions, the moment from which it was known.
What is on record is not rewritten: a signal that says otherwise is a further version, a notice only gets an end, a work
product only what became of it, a run of a motion stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from math import isfinite
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast

from fleet_runtime.books import AccountBook, Kept
from fleet_runtime.errors import StoreError
from fleet_runtime.records.book import AccountDetails, Invoice, MotionRun, Notice, Signals, Week, WorkProduct

SignalRow = AccountDetails | Week | Invoice
"""A row that was imported: it may have several versions."""

BookRow = SignalRow | Notice | MotionRun | WorkProduct
"""A row of any kind."""

KINDS: Final[Mapping[str, type[BookRow]]] = MappingProxyType(
    {
        "details": AccountDetails,
        "week": Week,
        "invoice": Invoice,
        "notice": Notice,
        "motion_run": MotionRun,
        "work_product": WorkProduct,
    }
)
"""The kinds of rows by name, in the order in which an account's rows are told."""

_ORDERS: Final[Mapping[type[BookRow], Callable[[Any], tuple[object, ...]]]] = MappingProxyType(
    {
        AccountDetails: lambda row: (row.known_from,),
        Week: lambda row: (row.start, row.known_from),
        Invoice: lambda row: (row.issued, row.number, row.known_from),
        Notice: lambda row: (row.on, row.id),
        MotionRun: lambda row: (row.due, row.motion),
        WorkProduct: lambda row: (row.on, row.id),
    }
)
_NOT_SAID: Final = {"source", "known_from"}
"""What of a signal may differ though it says the same."""
_BECAME: Final = ("state", "approval", "outcome", "changed_at")
_CHANGING: Final[Mapping[type[BookRow], set[str]]] = MappingProxyType(
    {Notice: {"closed_on", "outcome"}, WorkProduct: set(_BECAME)}
)

RowName = tuple[type[BookRow], str]
"""A row's kind, and its name within that."""

Place = tuple[type[BookRow], str, datetime | None]
"""A row's kind, its name, and which version of it this is."""


class News(NamedTuple):
    """What becomes of a book when rows are laid beside it: the rows to write, each in place of the one it is known by.

    ``kept`` counts the rows that were given.
    """

    kept: Kept
    rows: tuple[BookRow, ...]


def rows_of(book: AccountBook) -> Iterator[BookRow]:
    """Give all rows of a book, kind by kind and each kind in its order."""
    yield from signal_rows(book.signals)
    yield from book.notices
    yield from book.runs
    yield from book.products


def signal_rows(signals: Signals) -> Iterator[SignalRow]:
    """Give all imported rows, kind by kind and each kind in its order."""
    yield from signals.details
    yield from signals.weeks
    yield from signals.invoices


def signals_of(rows: Iterable[BookRow]) -> Signals:
    """Put imported rows in order."""
    by_kind = _sorted_by_kind(rows)
    return Signals.model_construct(
        details=tuple(by_kind[AccountDetails]), weeks=tuple(by_kind[Week]), invoices=tuple(by_kind[Invoice])
    )


def book_of(stands: AccountBook, rows: Iterable[BookRow]) -> AccountBook:
    """Return a book that has these rows instead of its own, each kind in its order."""
    by_kind = _sorted_by_kind(rows)
    return stands._replace(
        signals=signals_of((*by_kind[AccountDetails], *by_kind[Week], *by_kind[Invoice])),
        notices=tuple(by_kind[Notice]),
        runs=tuple(by_kind[MotionRun]),
        products=tuple(by_kind[WorkProduct]),
    )


def name_of(row: BookRow) -> str:
    """Return what a row is called within its kind; versions of one row share it."""
    match row:
        case AccountDetails():
            return ""
        case Week():
            return row.start.isoformat()
        case Invoice():
            return row.number
        case MotionRun():
            return f"{row.due.isoformat()} {row.motion}"
        case _:
            return row.id


def shown(row: BookRow) -> str:
    """Return how a row looks to whoever is told that it was refused."""
    match row:
        case AccountDetails():
            return row.company
        case Notice():
            return row.concern.title
        case WorkProduct():
            return row.title
        case _:
            return name_of(row)


def place_of(row: BookRow) -> Place:
    """Return by what a row is known: a row of the same place is written in its stead."""
    version = row.known_from if isinstance(row, SignalRow) else None
    return type(row), name_of(row), version


def refuse_unmeasured(book: AccountBook) -> None:
    """Refuse a week with a figure that is no number: nothing could be computed with it, and no JSON can hold it.

    Raises: StoreError.
    """
    for week in book.signals.weeks:
        wrong = unmeasured(week)
        if wrong:
            raise StoreError(
                f"account {book.key.account}, week of {week.start}: {wrong}",
                hint="leave out what was not measured; nothing was written",
            )


def unmeasured(row: BookRow) -> str:
    """Say which figure of a row is no number, or nothing."""
    if not isinstance(row, Week):
        return ""
    wrong = (f"{column} is {value}, which is no number" for column, value in row.values.items() if not isfinite(value))
    return next(wrong, "")


def laid_beside(stored: AccountBook, given: AccountBook) -> News:
    """Find out what of some rows is new to a book.

    A signal that says the same as its last version, or as the one that counted when it was known, is passed over, as
    is another row that is on record and not carried on (`carried_on`).
    """
    beside = Beside(stored)
    for row in rows_of(given):
        beside.take(row)
    return beside.news()


def carried_on(stored: BookRow, given: BookRow) -> BookRow | None:
    """Return the row on record with what came later in the given one, or None where nothing did."""
    if isinstance(stored, Notice) and isinstance(given, Notice) and stored.closed_on is None and given.closed_on:
        return stored.model_copy(update={"closed_on": given.closed_on, "outcome": given.outcome})
    if isinstance(stored, WorkProduct) and isinstance(given, WorkProduct) and given.changed_at > stored.changed_at:
        return stored.model_copy(update={name: getattr(given, name) for name in _BECAME})
    return None


def says_the_same(one: SignalRow, other: SignalRow) -> bool:
    """Tell whether two signals differ in nothing but where they come from and since when they are known."""
    return one.model_dump(exclude=_NOT_SAID) == other.model_dump(exclude=_NOT_SAID)


class Beside:
    """A book while rows are laid beside it, one by one."""

    def __init__(self, stored: AccountBook) -> None:
        """Begin with the rows on record."""
        self._kept = Kept()
        self._written: dict[Place, BookRow] = {}
        self._versions: dict[RowName, dict[datetime, SignalRow]] = {}
        self._rows: dict[RowName, BookRow] = {}
        for row in rows_of(stored):
            self._put(row)

    def objection(self, row: BookRow) -> str:
        """Say what speaks against a row that claims to be one on record, or nothing."""
        name = (type(row), name_of(row))
        if isinstance(row, SignalRow):
            version = self._versions.get(name, {}).get(row.known_from)
            return "" if version is None or says_the_same(version, row) else "of this name and moment"
        stored = self._rows.get(name)
        return "" if stored is None or _lasting(stored) == _lasting(row) else "of this name"

    def take(self, row: BookRow) -> None:
        """Count one row, and note what is to be written of it, if anything."""
        name, kept = (type(row), name_of(row)), self._kept
        if isinstance(row, SignalRow):
            versions = self._versions.get(name)
            known = versions is not None
            news: BookRow | None = row if versions is None or _says_otherwise(versions, row) else None
        else:
            stored = self._rows.get(name)
            known = stored is not None
            news = row if stored is None else carried_on(stored, row)
        if news is None:
            self._kept = kept._replace(same=kept.same + 1)
            return
        self._kept = kept._replace(changed=kept.changed + 1) if known else kept._replace(new=kept.new + 1)
        self._written[place_of(news)] = news
        self._put(news)

    def news(self) -> News:
        """Return what was taken."""
        return News(self._kept, tuple(self._written.values()))

    def _put(self, row: BookRow) -> None:
        """Have a row on record."""
        name = (type(row), name_of(row))
        if isinstance(row, SignalRow):
            self._versions.setdefault(name, {})[row.known_from] = row
        else:
            self._rows[name] = row


def _lasting(row: BookRow) -> dict[str, object]:
    """Return what of a row never changes."""
    return row.model_dump(exclude=_CHANGING.get(type(row), set()))


def _says_otherwise(versions: Mapping[datetime, SignalRow], row: SignalRow) -> bool:
    """Tell whether a row says something that neither the last version says nor the one that counted at its time."""
    if says_the_same(versions[max(versions)], row):
        return False
    counted = max((known for known in versions if known <= row.known_from), default=None)
    return counted is None or not says_the_same(versions[counted], row)


def _sorted_by_kind(rows: Iterable[BookRow]) -> dict[type[BookRow], list[Any]]:
    """Tell rows apart by kind, each kind in its order."""
    by_kind: dict[type[BookRow], list[BookRow]] = {kind: [] for kind in KINDS.values()}
    for row in rows:
        by_kind[type(row)].append(row)
    for kind, of_kind in by_kind.items():
        of_kind.sort(key=_ORDERS[kind])
    return cast("dict[type[BookRow], list[Any]]", by_kind)
