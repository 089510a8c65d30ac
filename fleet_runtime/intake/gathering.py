"""Makes rows of what a file says: brings weeks to one first day, joins what is about the same thing, tells what is odd.

Works on a whole file, so that the order of its rows decides nothing but which of two conflicting cells counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, cast

from fleet_runtime.importing import Reject
from fleet_runtime.importing.reads import reject
from fleet_runtime.intake.cells import Number, currency_code
from fleet_runtime.intake.columns import SignalKind
from fleet_runtime.intake.measures import Cell
from fleet_runtime.intake.merging import WEEK, Conflict, Held, absurd, joined
from fleet_runtime.intake.values import Remark, SignalRead, SignalsHow, SignalsRow, Taken
from fleet_runtime.records.book import AccountDetails, Invoice, Week

_MOST: Final = 0.9
"""The share of a file's weeks that begin on one weekday for it to be the first day of all."""
_MONDAY: Final = 0
_LINES_SHOWN: Final = 8
_CELL_SHOWN: Final = 60


class Kept(NamedTuple):
    """One row of the file: which week or invoice of its account it is about, and what it says."""

    identity: Cell
    held: Held


Gathered = dict[str, list[Kept]]
"""By account, the rows in the order of the file."""


def gathered(kept: Gathered, kind: SignalKind, how: SignalsHow) -> Iterator[SignalRead]:
    """Give the rows of a file, account by account in the order of their ids; nothing is left in ``kept``."""
    if kind == "weekly":
        yield from _aligned(kept)
        yield from _out_of_order(kept)
        yield from _to_come(kept, how.now)
    for account in sorted(kept):
        yield from _rows_of(account, kept.pop(account), kind, how)


def _rows_of(account: str, rows: Sequence[Kept], kind: SignalKind, how: SignalsHow) -> Iterator[SignalRead]:
    """Give an account's rows, each once, and say what is odd about them."""
    found: dict[Cell, Held] = {}
    twice: list[int] = []
    for identity, held in rows:
        former = found.get(identity)
        if former is None:
            found[identity] = held
            continue
        found[identity], conflicts = joined(former, held)
        if former.cells == held.cells:
            twice.append(held.line)
        for conflict in conflicts:
            yield Remark(held.line, "conflict", _said(account, identity, conflict))
    if twice:
        yield Remark(twice[0], "duplicate", f"{account}: {_lines(twice)} said before, word for word", len(twice))
    identities = sorted(found, key=str)
    ordered = [found[identity] for identity in identities]
    if kind == "weekly":
        yield from _reasonable(account, ordered)
    for identity, held in zip(identities, ordered, strict=True):
        row = _row(identity, held, kind, how)
        if row is None:
            yield Remark(held.line, "gap", f"{account}: the row of {identity} holds no data, as if it were missing")
        elif isinstance(row, Reject):
            yield row
        else:
            yield Taken(account, kind, held.line, held.rows, row)


def _reasonable(account: str, rows: list[Held]) -> Iterator[Remark]:
    """Take out of ``rows`` what is beyond all that the account shows otherwise."""
    for place, name in absurd(rows):
        held = rows[place]
        cells = dict(held.cells)
        value = cells.pop(name)
        rows[place] = held._replace(cells=cells)
        yield Remark(held.line, "cell", f"{name} {value:g} is far beyond all else of {account} here; left out")


def _row(identity: Cell, held: Held, kind: SignalKind, how: SignalsHow) -> SignalsRow | Reject | None:
    """Make a row of what was read; None where it says nothing."""
    source = f"{how.source}:{held.line}"
    if kind == "accounts":
        return _details(held.cells, source, how.at or how.now)
    if kind == "weekly":
        return _week(cast("date", identity), held.cells, source)
    return _invoice(str(identity), held, source)


def _details(cells: Mapping[str, Cell], source: str, known_from: datetime) -> AccountDetails:
    """Make an account's details; an amount in a currency of its own goes before a plain one."""
    parts = {name: cell for name, cell in cells.items() if not name.startswith("arr")}
    arr, currency = _amount(cells, "arr")
    return AccountDetails.model_validate(
        {**parts, "arr": arr, "currency": currency, "source": source, "known_from": known_from}
    )


def _week(start: date, cells: Mapping[str, Cell], source: str) -> Week | None:
    """Make a week, known at its end; None where nothing was measured."""
    values = {name: cell for name, cell in cells.items() if isinstance(cell, float)}
    note = str(cells.get("event", ""))
    if not values and not note:
        return None
    return Week(start=start, values=values, note=note, source=source, known_from=beginning(start + WEEK))


def _invoice(number: str, held: Held, source: str) -> Invoice | Reject:
    """Make an invoice, known from its issue; due at once where it says nothing else."""
    cells = held.cells
    amount, currency = _amount(cells, "amount")
    if amount is None:
        return reject(held.line, f"the invoice {number} has no amount: mend the row")
    issued = cast("date", cells["issued"])
    return Invoice.model_validate(
        {
            "number": number,
            "issued": issued,
            "due": cells.get("due", issued),
            "paid": cells.get("paid"),
            "amount": amount,
            "currency": currency_code(str(cells.get("currency", ""))) or currency,
            "source": source,
            "known_from": beginning(issued),
        }
    )


def _amount(cells: Mapping[str, Cell], name: str) -> tuple[Decimal | None, str]:
    """Return an amount and its currency: by the column's name, else by the cell's own sign."""
    for column in sorted((one for one in cells if one.startswith(name)), key=len, reverse=True):
        cell = cells[column]
        if isinstance(cell, Number):
            return cell.value, column.removeprefix(name).strip("_").upper() or cell.currency
    return None, ""


def beginning(day: date) -> datetime:
    """Return the first moment of a day (UTC)."""
    return datetime.combine(day, time.min, tzinfo=UTC)


def _aligned(kept: Gathered) -> Iterator[Remark]:
    """Bring all weeks to one first day: that of nearly all rows, else Monday."""
    days = Counter(cast("date", row.identity).weekday() for rows in kept.values() for row in rows)
    if len(days) <= 1:
        return
    [(common, count)] = days.most_common(1)
    first = common if count >= _MOST * days.total() else _MONDAY
    for account, rows in kept.items():
        for place, row in enumerate(rows):
            day = cast("date", row.identity)
            start = day - timedelta(days=(day.weekday() - first) % WEEK.days)
            if start != day:
                rows[place] = row._replace(identity=start)
                says = f"{account}: {day} is a {day:%A}; taken as the week that begins on {start:%A}, {start}"
                yield Remark(row.held.line, "weekday", says)


def _out_of_order(kept: Gathered) -> Iterator[Remark]:
    """Count the rows that stand behind a later week of their account."""
    late: list[int] = []
    for rows in kept.values():
        latest = date.min
        for row in rows:
            start = cast("date", row.identity)
            if start < latest:
                late.append(row.held.line)
            latest = max(start, latest)
    if late:
        late.sort()
        yield Remark(late[0], "order", f"{_lines(late)} behind a later week of the same account; taken", len(late))


def _to_come(kept: Gathered, now: datetime) -> Iterator[Remark]:
    """Count the weeks that have not begun."""
    lines = sorted(
        row.held.line for rows in kept.values() for row in rows if cast("date", row.identity) > now.date()
    )  # fmt: skip
    if lines:
        yield Remark(
            lines[0], "future", f"{_lines(lines)} of weeks that have not begun; known from their ends", len(lines)
        )


def _lines(lines: Sequence[int]) -> str:
    """Name some lines: "line 7", "lines 7, 9 and 12 more"."""
    shown = ", ".join(str(line) for line in lines[:_LINES_SHOWN])
    more = f" and {len(lines) - _LINES_SHOWN} more" if len(lines) > _LINES_SHOWN else ""
    return f"line{'' if len(lines) == 1 else 's'} {shown}{more}"


def _said(account: str, identity: Cell, conflict: Conflict) -> str:
    """Say which cells contradict each other."""
    of = f"{account}, {identity}" if identity else account
    former, latter = (_written(cell) for cell in (conflict.former, conflict.latter))
    lines = f"line {conflict.former_line} and {latter} in line {conflict.latter_line}"
    return f"{of}: {conflict.name} is {former} in {lines}; the later row counts"


def _written(cell: Cell) -> str:
    """Write a cell's value."""
    if isinstance(cell, Number):
        return f"{cell.value:f} {cell.currency}".strip()
    text = f"{cell:g}" if isinstance(cell, float) else " ".join(str(cell).split())
    return text if len(text) <= _CELL_SHOWN else f"{text[:_CELL_SHOWN]}…"
