"""What each column holds, and within which bounds: how its cells are read. Knows nothing of the rows around a cell.

Two habits of a file are told from its first rows: what stands before decimals, and whether shares are in per cent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

from fleet_runtime.importing import DateOrder
from fleet_runtime.importing.times import date_order
from fleet_runtime.intake.cells import (
    DecimalMark,
    Number,
    Wrong,
    decimal_mark,
    is_blank,
    read_day,
    read_name,
    read_note,
    read_number,
)
from fleet_runtime.intake.columns import Layout
from fleet_runtime.intake.values import SignalsHow

Cell = float | int | str | date | Number
"""What a cell was read as."""
ReadCell = Callable[[str], Cell | Wrong]

EARLIEST: Final = date(1990, 1, 1)
_AHEAD: Final = timedelta(days=1100)
"""How far ahead of now a week or an invoice may lie: a simulated clock may stand behind its data."""
_FAR_AHEAD: Final = timedelta(days=20 * 366)
_DATES: Final = {
    "renewal_date": _FAR_AHEAD,
    "go_live_date": _FAR_AHEAD,
    "due": _FAR_AHEAD,
    "week_start": _AHEAD,
    "issued": _AHEAD,
    "paid": _AHEAD,
}
_COUNTS: Final = frozenset(
    (
        *("active_users", "seats_active", "logins", "key_feature_uses", "tickets_opened", "p1_open", "nps_responses"),
        *("csat_responses", "invoices_overdue", "uses", "seats"),
    )
)
_OFTEN_FLAGS: Final = frozenset({"p1_open", "invoices_overdue"})
_FLAGS: Final = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
"""What some systems write instead of a count."""
_SCORES: Final = {"nps": (-100, 100), "csat": (0, 100)}
_HIGHEST_COUNT: Final = 1_000_000_000
_HIGHEST_MONEY: Final = Decimal(10**13)
_HUNDRED: Final = 100
_LEAST_PERCENT: Final = 5
"""In a file whose shares are fractions, a whole number from this on is one in per cent; below, it is a mistake."""


class Habits(NamedTuple):
    """How a file writes what can be written in several ways."""

    mark: DecimalMark
    dates: DateOrder | None
    shares_in_percent: bool


def habits_of(rows: Sequence[Sequence[str]], layout: Layout, delimiter: str, how: SignalsHow) -> Habits:
    """Tell a file's habits from its first rows."""

    def column(*names: str) -> list[str]:
        """Return the cells of some columns that say something."""
        places = [layout.columns[name] for name in names if name in layout.columns]
        return [row[place] for row in rows for place in places if place < len(row) and not is_blank(row[place])]

    numbers = column(*(name for name in layout.columns if name not in _DATES and is_number(name)))
    mark = decimal_mark(numbers) or ("." if delimiter == "," else "")
    shares = [read_number(cell, mark) for cell in column("top_user_share")]
    plain = [one.value for one in shares if isinstance(one, Number) and not one.percent]
    in_percent = sum(value > 1 for value in plain) * 2 > len(plain)
    return Habits(mark, how.dates or date_order(column(*_DATES)), in_percent)


def is_number(name: str) -> bool:
    """Tell whether a column holds numbers."""
    open_names = name.startswith(("uses_", "arr_", "amount_"))
    return open_names or name in _COUNTS or name in _SCORES or name in {"arr", "amount", "top_user_share"}


def cell_reader(name: str, habits: Habits, how: SignalsHow) -> ReadCell:
    """Return what reads the cells of a column."""
    if name in _DATES:
        latest = date.min + min(how.now.date() - date.min + _DATES[name], date.max - date.min)
        return partial(read_day, dates=habits.dates, earliest=EARLIEST, latest=latest)
    if is_number(name):
        return _number_reader(name, habits)
    return read_note if name == "event" else read_name


def _number_reader(name: str, habits: Habits) -> ReadCell:
    """Return what reads the cells of a column of numbers."""
    if name == "top_user_share":
        return partial(_share, habits=habits)
    if name in _SCORES:
        return partial(_score, mark=habits.mark, bounds=_SCORES[name])
    if name.startswith(("arr", "amount")):
        return partial(_money, mark=habits.mark, negative=name.startswith("amount"))
    count = partial(_count, mark=habits.mark, whole=name == "seats")
    return partial(_flag, count=count) if name in _OFTEN_FLAGS else count


def _count(cell: str, mark: DecimalMark, *, whole: bool) -> float | int | Wrong:
    """Read how many; averages may have decimals, seats have none."""
    read = read_number(cell, mark, whole=True)
    if isinstance(read, Wrong):
        return read
    if read.percent or read.currency:
        return Wrong("is no count")
    if read.value < 0:
        return Wrong("is less than zero")
    if read.value > _HIGHEST_COUNT:
        return Wrong("is beyond all reason")
    if not whole:
        return float(read.value)
    return int(read.value) if read.value == int(read.value) else Wrong("is no whole number")


def _flag(cell: str, count: ReadCell) -> Cell | Wrong:
    """Read whether there is any, or how many."""
    flag = _FLAGS.get(cell.strip().casefold())
    return count(cell) if flag is None else flag


def _share(cell: str, habits: Habits) -> float | Wrong:
    """Read a share as 0 to 1, from 35 %, 0.35 or 35."""
    read = read_number(cell, habits.mark)
    if isinstance(read, Wrong):
        return read
    if read.currency:
        return Wrong("is no share")
    whole = read.value == read.value.to_integral_value() and read.value >= _LEAST_PERCENT
    in_percent = read.percent or habits.shares_in_percent or whole
    value = read.value / _HUNDRED if in_percent else read.value
    return float(value) if 0 <= value <= 1 else Wrong("is no share from 0 to 1")


def _score(cell: str, mark: DecimalMark, bounds: tuple[int, int]) -> float | Wrong:
    """Read a score within its bounds; a percent sign says nothing more."""
    read = read_number(cell, mark)
    if isinstance(read, Wrong):
        return read
    lowest, highest = bounds
    within = lowest <= read.value <= highest and not read.currency
    return float(read.value) if within else Wrong(f"is no score from {lowest} to {highest}")


def _money(cell: str, mark: DecimalMark, *, negative: bool) -> Number | Wrong:
    """Read an amount; only a credit note's is less than zero."""
    read = read_number(cell, mark)
    if isinstance(read, Wrong):
        return read
    if read.percent:
        return Wrong("is no amount of money")
    if read.value < 0 and not negative:
        return Wrong("is less than zero")
    return read if abs(read.value) <= _HIGHEST_MONEY else Wrong("is beyond all reason")
