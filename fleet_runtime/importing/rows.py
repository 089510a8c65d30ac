"""Cuts CSV into rows, each with the line where it began. Knows no column by name.

Fields may hold line ends. A row that cannot be read is a reject, and reading goes on behind it.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, NamedTuple

from fleet_runtime.importing.decoding import text_of
from fleet_runtime.importing.reads import Reject, reject
from fleet_runtime.importing.streams import Line
from fleet_runtime.importing.times import DateOrder, date_order

_DELIMITERS: Final = (",", ";", "\t", "|")
_LOOKED_AT: Final = 200
"""Lines that are looked at to tell whether the day or the month comes first in their dates."""


class Row(NamedTuple):
    """One row's cells, and the line where it begins."""

    line: int
    cells: list[str]


def rows_below(source: Texts, delimiter: str, *, go_back: bool = False) -> Iterator[Row | Reject]:
    """Read the rows below the header; blank ones are none.

    Args:
        source: the lines.
        delimiter: what stands between the cells.
        go_back: behind a row that cannot be read, go on with the line behind its first: a quotation mark that is not
            closed takes in many rows. Else with the line behind its last, where fields of many lines are usual.
    """
    rows = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        source.begin()
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield from source.spoiled
            shown = source.begun_with if go_back else source.last
            yield reject(source.first, f"the row cannot be read ({error}): mend its quotation marks", shown)
            if go_back:
                source.go_back()
                rows = csv.reader(source, delimiter=delimiter, strict=True)  # the old one is within a field still
            continue
        if row is None or not source.torn:
            yield from source.spoiled
        if row is None:
            return
        if source.torn:
            yield source.spoiled[0]
        elif any(cell.strip() for cell in row):
            yield Row(source.first, row)


def best_delimiter(header: str, known: Callable[[Sequence[str]], int]) -> str:
    """Return what stands between the columns: what gives the most ``known`` names, else the most columns."""
    found = {delimiter: cells(header, delimiter) for delimiter in _DELIMITERS}
    return max(_DELIMITERS, key=lambda one: (known(found[one]), len(found[one])))


def cells(line: str, delimiter: str) -> list[str]:
    """Cut one line into its cells; none where its quotation marks are wrong."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), list[str]())
    except csv.Error:
        return []


class Texts:
    """The lines as text, as the CSV reader asks for them; knows where a row began, and what could not be decoded."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Begin before the first line."""
        self._lines = iter(lines)
        self._again: deque[Line] = deque()
        self.begin()

    def begin(self) -> None:
        """Begin a row: its first line is the next one that can be decoded."""
        self.first = 0
        self.begun_with = self.last = ""
        self.torn = False
        self.spoiled: list[Reject] = []
        self._taken: list[Line] = []

    def __iter__(self) -> Iterator[str]:
        """Give the lines."""
        return self

    def __next__(self) -> str:
        """Return the next line that can be decoded, with an end."""
        while (line := self._again.popleft() if self._again else next(self._lines, None)) is not None:
            text = text_of(line)
            if isinstance(text, Reject):
                self.torn = self.torn or bool(self.first)  # a row that misses a line is none
                self.spoiled.append(text)
                continue
            if not self.first:
                self.first, self.begun_with = line.number, text
            self.last = text
            self._taken.append(line)
            return f"{text}\n"
        raise StopIteration

    def go_back(self) -> None:
        """Have all lines of the row but its first once more: a quotation mark that is not closed takes in many."""
        self._again.extendleft(reversed(self._taken[1:]))

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
