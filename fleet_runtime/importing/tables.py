"""Reads CSV with a header row; columns are found by their common names. Fields may hold line ends.

A row that cannot be read is a reject, and reading goes on behind it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Final

from fleet_runtime.importing.columns import NAMES, parts_of
from fleet_runtime.importing.decoding import text_of
from fleet_runtime.importing.reads import Draft, How, Order, Read, Reject, checked, reject
from fleet_runtime.importing.streams import Line
from fleet_runtime.importing.times import DateOrder, Unreadable, date_order, read_moment

_DELIMITERS: Final = (",", ";", "\t", "|")
_LOOKED_AT: Final = 200
"""Lines that are looked at to tell whether the day or the month comes first in their dates."""


def read_table(lines: Iterable[Line], how: How) -> Iterator[Read]:
    """Read each row below the header as one event."""
    source = _Texts(lines)
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
    rows = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        source.begin()
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield from source.spoiled
            yield reject(source.first, f"the row cannot be read ({error}): mend its quotation marks", source.last)
            continue
        if row is None or not source.torn:
            yield from source.spoiled
        if row is None:
            return
        if source.torn:
            yield source.spoiled[0]
        elif any(cell.strip() for cell in row):
            yield _read(source.first, _Row(row, columns), how, dates, order)


def delimiter_of(header: str) -> str:
    """Return what stands between the columns: what gives the most known names, else the most columns."""
    found = {delimiter: cells(header, delimiter) for delimiter in _DELIMITERS}
    return max(_DELIMITERS, key=lambda one: (len(parts_of(found[one])), len(found[one])))


def cells(line: str, delimiter: str) -> list[str]:
    """Cut one line into its cells; none where its quotation marks are wrong."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), list[str]())
    except csv.Error:
        return []


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


class _Texts:
    """The lines as text, as the CSV reader asks for them; knows where a row began, and what could not be decoded."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Begin before the first line."""
        self._lines = iter(lines)
        self.begin()

    def begin(self) -> None:
        """Begin a row: its first line is the next one that can be decoded."""
        self.first = 0
        self.last = ""
        self.torn = False
        self.spoiled: list[Reject] = []

    def __iter__(self) -> Iterator[str]:
        """Give the lines."""
        return self

    def __next__(self) -> str:
        """Return the next line that can be decoded, with an end."""
        for line in self._lines:
            text = text_of(line)
            if isinstance(text, Reject):
                self.torn = self.torn or bool(self.first)  # a row that misses a line is none
                self.spoiled.append(text)
                continue
            self.first = self.first or line.number
            self.last = text
            return f"{text}\n"
        raise StopIteration

    def header(self) -> tuple[int, str] | Reject:
        """Return the first line that is not blank, with its number."""
        for text in self:
            if text.strip():
                number, self.first = self.first, 0
                return number, text.rstrip("\n")
            self.begin()
        return self.spoiled[0] if self.spoiled else reject(1, "there is no header row: the file is empty")

    def date_order(self) -> DateOrder | None:
        """Look ahead for a date that leaves no doubt."""
        ahead = list(islice(self._lines, _LOOKED_AT))
        self._lines = chain(ahead, self._lines)
        return date_order(text for text in map(text_of, ahead) if isinstance(text, str))


def _missing(parts: dict[str, str], names: Sequence[str], how: How) -> str:
    """Say which column is missing and what to do, or nothing."""
    there = ", ".join(names[:12])
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
