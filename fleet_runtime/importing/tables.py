"""Reads CSV with a header row as events; columns are found by their common names.

How rows are cut is `fleet_runtime.importing.rows`'. A table of signals is not read here, only told from one of events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from fleet_runtime.importing.columns import NAMES, parts_of, plain_name
from fleet_runtime.importing.reads import Draft, How, Order, Read, Reject, checked, reject
from fleet_runtime.importing.rows import Texts, best_delimiter, cells, rows_below
from fleet_runtime.importing.streams import Line
from fleet_runtime.importing.times import DateOrder, Unreadable, read_moment


def read_table(lines: Iterable[Line], how: How) -> Iterator[Read]:
    """Read each row below the header as one event."""
    source = Texts(lines)
    header = source.header()
    if isinstance(header, Reject):
        yield header
        return
    delimiter = delimiter_of(header[1])
    names = [name.strip() for name in cells(header[1], delimiter)]
    parts = parts_of(names)
    missing = _missing(parts, names, how)
    if missing:
        yield reject(header[0], missing, header[1])
        return
    columns = {part: names.index(name) for part, name in parts.items() if part != "operations"}
    dates = how.dates or source.date_order()
    order = Order()
    for row in rows_below(source, delimiter):
        yield row if isinstance(row, Reject) else _read(row.line, _Row(row.cells, columns), how, dates, order)


def delimiter_of(header: str) -> str:
    """Return what stands between the columns: what gives the most known names, else the most columns."""
    return best_delimiter(header, lambda names: len(parts_of(names)))


class _Row:
    """One row, whose cells are asked for by what they are."""

    def __init__(self, row: Sequence[str], columns: dict[str, int]) -> None:
        """Keep the row."""
        self._row = row
        self._columns = columns
        self.whole = " ".join(row)

    def __getitem__(self, part: str) -> str:
        """Return a cell; empty where the row is too short or has no such column."""
        column = self._columns.get(part, len(self._row))
        return self._row[column].strip() if column < len(self._row) else ""


def _missing(parts: dict[str, str], names: Sequence[str], how: How) -> str:
    """Say which column is missing and what to do, or nothing."""
    there = ", ".join(names[:12])
    if "account_id" in {plain_name(name) for name in names} and "text" not in parts and "subject" not in parts:
        return f"these are signals of accounts, not events (there are: {there}): take them in with fleet signals import"
    if "text" not in parts and "subject" not in parts:
        return f"no column holds the text (there are: {there}): name one of them {', '.join(NAMES['text'][:5])}"
    if "author" not in parts and not how.author:
        return f"no column says who (there are: {there}): name one of them author, or say --author"
    if parts.keys().isdisjoint(("at", "date", "time")) and how.at is None:
        return f"no column says when (there are: {there}): name one of them at, or say --at"
    return ""


def _read(line: int, row: _Row, how: How, dates: DateOrder | None, order: Order) -> Read:
    """Read one row."""
    told = _told(row, how, dates)
    if isinstance(told, Unreadable):
        return reject(line, told.why, row.whole)
    text = "\n\n".join(part for part in (row["subject"], row["text"]) if part)
    return checked(
        Draft(
            line=line,
            told=told,
            at=order.place(told),
            author=row["author"] or how.author,
            text=text,
            kind=row["kind"],
            id=row["id"],
        )
    )


def _told(row: _Row, how: How, dates: DateOrder | None) -> datetime | Unreadable:
    """Return when it was said: one column, or a date and a time."""
    text = row["at"] or " ".join(part for part in (row["date"], row["time"]) if part)
    if text:
        return read_moment(text, dates)
    return how.at or Unreadable("the row has no date: give it one, or name the day with --at")
