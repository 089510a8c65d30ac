"""Joins what several rows say of the same account, week or invoice. An empty cell takes nothing back.

Nothing here knows what is stored or what time it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import inf
from typing import Final, NamedTuple

from fleet_runtime.intake.measures import Cell
from fleet_runtime.records.book import AccountDetails, Invoice, Week

WEEK: Final = timedelta(days=7)
_ABSURD_FROM: Final = 1000
_ABSURD_TIMES: Final = 50
_WEEKS_TO_JUDGE: Final = 8
_ONE_IN: Final = 10


class Held(NamedTuple):
    """A row as it was read: its line, its cells by our names, and how many rows of the file became it."""

    line: int
    cells: Mapping[str, Cell]
    rows: int = 1


class Conflict(NamedTuple):
    """Two cells of rows that are about the same thing, and say different things; the later one counts."""

    name: str
    former: Cell
    former_line: int
    latter: Cell
    latter_line: int


def joined(former: Held, latter: Held) -> tuple[Held, tuple[Conflict, ...]]:
    """Lay a later row over an earlier one."""
    found = tuple(
        Conflict(name, former.cells[name], former.line, cell, latter.line)
        for name, cell in latter.cells.items()
        if former.cells.get(name, cell) != cell
    )
    return Held(former.line, {**former.cells, **latter.cells}, former.rows + latter.rows), found


def absurd(rows: Sequence[Held]) -> list[tuple[int, str]]:
    """Find counts that are beyond all that the same account shows otherwise, as (place in rows, name)."""
    found: list[tuple[int, str]] = []
    columns: dict[str, list[tuple[int, float]]] = {}
    for place, row in enumerate(rows):
        for name, cell in row.cells.items():
            if isinstance(cell, float):
                columns.setdefault(name, []).append((place, cell))
    for name, cells in columns.items():
        bound = _bound([value for _, value in cells])
        found += [(place, name) for place, value in cells if value >= bound]
    return found


def _bound(values: Sequence[float]) -> float:
    """Return from where on values are absurd: few of them, far above all the others; a slow start is no such gap."""
    if len(values) < _WEEKS_TO_JUDGE or max(values) < _ABSURD_FROM:
        return inf
    few = max(1, len(values) // _ONE_IN)
    ordered = sorted(value for value in values if value > 0)
    for lower, upper in pairwise(ordered[-few - 1 :]):
        if upper >= _ABSURD_FROM and upper > _ABSURD_TIMES * lower:
            return upper
    return inf


def gaps(starts: Iterable[date]) -> tuple[date, ...]:
    """Return the weeks that are missing between others."""
    ordered = sorted(set(starts))
    return tuple(
        one + WEEK * step for one, other in pairwise(ordered) for step in range(1, round((other - one) / WEEK))
    )


def joined_week(former: Week, latter: Week) -> Week:
    """Lay a week over one that says something of the same days."""
    values = {**former.values, **latter.values}
    if latter.note and latter.note != former.note:
        return latter.model_copy(update={"values": values})
    kept = {"note": former.note, "themes": former.themes, "beliefs": former.beliefs, "event_id": former.event_id}
    return latter.model_copy(update={"values": values, **kept})


def joined_details(former: AccountDetails, latter: AccountDetails) -> AccountDetails:
    """Lay an account's details over older ones."""
    said = {name: value for name, value in latter if value not in {None, ""}}
    if "arr" in said and not latter.currency:
        said["currency"] = former.currency if former.arr == latter.arr else ""
    return former.model_copy(update=said)


def joined_invoice(former: Invoice, latter: Invoice) -> Invoice:
    """Lay an invoice over an older version of it."""
    kept = {"paid": latter.paid or former.paid, "currency": latter.currency or former.currency}
    return latter.model_copy(update=kept)
