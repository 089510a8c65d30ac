"""Reads a file of signals: first what was wrong with its rows, then its rows by account, each account once.

A wrong cell is left out and told; a row is rejected only where nobody can say of whom or of when it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Final, NamedTuple

from fleet_runtime.importing import Reject
from fleet_runtime.importing.columns import plain_name
from fleet_runtime.importing.reads import reject
from fleet_runtime.importing.rows import Row, Texts, best_delimiter, cells, rows_below
from fleet_runtime.importing.streams import Line
from fleet_runtime.intake.cells import Wrong, is_blank
from fleet_runtime.intake.columns import Layout, known_names, laid_out
from fleet_runtime.intake.gathering import Gathered, Kept, gathered
from fleet_runtime.intake.measures import Cell, Habits, ReadCell, cell_reader, habits_of
from fleet_runtime.intake.merging import Held
from fleet_runtime.intake.values import Remark, SignalRead, SignalsHow

_LOOKED_AT: Final = 200
"""Rows that are looked at to tell a file's habits."""
_REMEMBERED: Final = 50_000
"""Different cells of a column whose reading is remembered."""
_SHOWN: Final = 40
_SEPARATOR_TOLD: Final = re.compile(r"\"?sep=.?\"?", re.IGNORECASE)
"""What spreadsheets may write above the header."""
_UNREMEMBERED: Final = frozenset({"event"})
_NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "accounts": ("account_id",),
    "weekly": ("account_id", "week_start"),
    "invoices": ("account_id", "number", "issued"),
}
"""The columns without which nobody can say what a row is about."""


def read_signals(lines: Iterable[Line], how: SignalsHow) -> Iterator[SignalRead]:
    """Read a file of accounts, weeks or invoices.

    Args:
        lines: its numbered lines.
        how: what the caller knows about it.

    Returns: rejects and remarks as they are met; then, account by account in the order of their ids, the rows, each
        week and invoice once, and what is odd about them.
    """
    source = Texts(lines)
    header = source.header()
    if isinstance(header, Reject):
        yield header
        return
    number, text = header
    if _SEPARATOR_TOLD.fullmatch(text.strip()):
        following = source.header()
        number, text = (number, "") if isinstance(following, Reject) else following
    delimiter = best_delimiter(text, lambda names: known_names(names, how.columns))
    layout = laid_out(cells(text, delimiter), how.kind, how.columns)
    if isinstance(layout, str):
        yield reject(number, layout, text)
        return
    yield from _columns_passed_over(layout, number)
    rows = rows_below(source, delimiter, go_back=True)
    ahead = list(islice(rows, _LOOKED_AT))
    first = [row.cells for row in ahead if isinstance(row, Row)]
    reader = _Reader(layout, habits_of(first, layout, delimiter, how), how, _width(layout, first))
    kept: Gathered = {}
    for row in chain(ahead, rows):
        if isinstance(row, Reject):
            yield row
            continue
        found = reader.read(row)
        if isinstance(found, Reject):
            yield found
            continue
        kept.setdefault(found.account, []).append(found.kept)
        if reader.remarks:
            yield from reader.remarks
            reader.remarks.clear()
    yield from gathered(kept, layout.kind, how)


class _Found(NamedTuple):
    """One row, and whose it is."""

    account: str
    kept: Kept


class _Column(NamedTuple):
    """One column: its name, its place, how it is read, and what was read before."""

    name: str
    place: int
    read: ReadCell
    known: dict[str, Cell | Wrong | None]


class _Reader:
    """Reads rows; ``remarks`` are those on the row read last."""

    def __init__(self, layout: Layout, habits: Habits, how: SignalsHow, width: int) -> None:
        """Choose how each column is read; a row of more cells than ``width`` is none."""
        self.remarks: list[Remark] = []
        columns = [
            _Column(name, place, cell_reader(name, habits, how), {}) for name, place in sorted(layout.columns.items())
        ]
        self._width = width
        self._long = "feature" in layout.columns
        names = _NAMED[layout.kind]
        self._named = [column for name in names for column in columns if column.name == name]
        self._others = [column for column in columns if column.name not in names]

    def read(self, row: Row) -> _Found | Reject:
        """Read one row."""
        if len(row.cells) > self._width:
            why = f"the row has {len(row.cells)} cells and the header {self._width}: quote cells that hold separators"
            return reject(row.line, why, " ".join(row.cells))
        names: list[Cell] = []
        for column in self._named:
            name = _cell(column, row.cells)
            if name is None or isinstance(name, Wrong):
                why = name.why if isinstance(name, Wrong) else "is empty"
                shown = _shown(row.cells[column.place]) if column.place < len(row.cells) else ""
                return reject(row.line, f"{column.name} {shown}{why}: mend the row", " ".join(row.cells))
            names.append(name)
        values: dict[str, Cell] = {}
        for column in self._others:
            value = _cell(column, row.cells)
            if isinstance(value, Wrong):
                says = f"{column.name} {_shown(row.cells[column.place])}{value.why}; left out"
                self.remarks.append(Remark(row.line, "cell", says))
            elif value is not None:
                values[column.name] = value
        if self._long and not _features(values):
            return reject(row.line, "the row names no feature: mend it", " ".join(row.cells))
        account, *identity = names
        if len(identity) > 1:
            values["issued"] = identity[1]
        return _Found(str(account), Kept(identity[0] if identity else "", Held(row.line, values)))


def _width(layout: Layout, first: list[list[str]]) -> int:
    """Return how many cells a row may have: those of the header, and an empty one where every row ends in it."""
    ends_in_one = bool(first) and all(len(row) == layout.width + 1 and not row[-1].strip() for row in first)
    return layout.width + ends_in_one


def _cell(column: _Column, cells: list[str]) -> Cell | Wrong | None:
    """Read a row's cell in a column; None for no data."""
    text = cells[column.place] if column.place < len(cells) else ""
    try:
        return column.known[text]
    except KeyError:
        pass
    value = None if is_blank(text) else column.read(text)
    value = None if value == "" else value  # nothing but control characters
    if len(column.known) < _REMEMBERED and column.name not in _UNREMEMBERED:
        column.known[text] = value
    return value


def _features(values: dict[str, Cell]) -> bool:
    """Turn a feature and its uses into one measure; False where no feature is named."""
    feature, uses = values.pop("feature", ""), values.pop("uses", None)
    name = plain_name(str(feature))
    if name and uses is not None:
        values[f"uses_{name}"] = uses
    return bool(name)


def _columns_passed_over(layout: Layout, line: int) -> Iterator[Remark]:
    """Say which columns are passed over, and which the mapping names in vain."""
    for name in layout.ignored:
        yield Remark(line, "column", f"the column {name[:_SHOWN]!r} is none of {layout.kind}: passed over")
    for ours, name in layout.absent:
        yield Remark(line, "column", f"there is no column {name[:_SHOWN]!r}, which is to be {ours}")


def _shown(cell: str) -> str:
    """Quote the beginning of a cell."""
    text = " ".join(cell.split())
    return f"{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'!r} "
