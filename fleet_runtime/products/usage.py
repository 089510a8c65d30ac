"""What the weekly signals say of a quarter, beside the quarter before. A week without data is told, never filled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import isnan
from typing import Final, Literal, NamedTuple

import numpy as np

from fleet_runtime.dates import say_date
from fleet_runtime.health import Case, Weeks
from fleet_runtime.products.citing import Cited, Ledger
from fleet_runtime.products.escaping import plain
from fleet_runtime.products.values import Chart, Reference, Series
from fleet_runtime.records.book import Evidence

QUARTER: Final = 13
"""Weeks."""
_RECENT: Final = 4
_CHARTED: Final = 26
_WEEK: Final = timedelta(days=7)

_ACTIVE: Final = "active_users"
_USES: Final = "key_feature_uses"
_TICKETS: Final = "tickets_opened"
_COLUMNS: Final = {
    _ACTIVE: "People active in a week",
    "seats_active": "Seats in use in a week",
    "logins": "Logins in a week",
    _USES: "Uses of key features in a week",
    "top_user_share": "Share of all use by the busiest person",
    "nps": "NPS, over the quarter",
    "csat": "CSAT, over the quarter",
    _TICKETS: "Tickets opened in a week",
}
_OTHERS: Final = {"p1_open": "Urgent tickets open"}
_FEATURES: Final = "uses_"
_SHARES: Final = frozenset({"top_user_share"})
_ASKED: Final = frozenset({"nps", "csat"})
"""Columns that have a value now and then only: their means are over the whole quarter."""
_WHOLE: Final = 0.05
_LARGE: Final = 100
_TURNING: Final = 0.05
"""A change by less than this share is called steady."""

Course = Literal["fell", "held", "rose", "unknown"]


class UsageRow(NamedTuple):
    """One measure of use: the mean of the last four weeks, that of the four weeks a quarter earlier, and the change.

    ``course`` is fell, held, rose or unknown.
    """

    name: str
    now: Cited | None
    before: Cited | None
    change: str
    course: Course


class Usage(NamedTuple):
    """A quarter of signals. ``missing`` of its ``weeks`` have no data; ``latest`` is the last one that has."""

    rows: tuple[UsageRow, ...]
    weeks: int
    missing: Cited | None
    latest: Cited | None
    latest_active: Cited | None
    share: Cited | None
    tickets: Cited | None
    urgent: Cited | None
    active: UsageRow | None


class Grid:
    """The weeks up to a moment, those after the last row as weeks without data."""

    def __init__(self, case: Case, at: datetime) -> None:
        """Read them as they were known at that moment."""
        self._weeks: Weeks = case.weeks(at)
        passed = (at.date() - self._weeks.first).days // 7 if len(self._weeks) else 0
        self.count = max(passed, len(self._weeks))
        self._columns: dict[str, list[float | None]] = {}

    def values(self, name: str) -> list[float | None]:
        """Return a column, oldest first; None where nothing was measured."""
        if name not in self._columns:
            column = [None if isnan(value) else value for value in self._weeks.column(name).tolist()]
            self._columns[name] = column + [None] * (self.count - len(column))
        return self._columns[name]

    def names(self) -> tuple[str, ...]:
        """Return which columns were ever measured, by name."""
        return tuple(sorted(name for name, column in self._weeks.columns.items() if not np.isnan(column).all()))

    def start(self, index: int) -> date:
        """Return the first day of a week."""
        return self._weeks.first + index * _WEEK

    def evidence(self, indices: Sequence[int], name: str) -> Evidence:
        """Say where the values of some weeks come from."""
        first, last = indices[0], indices[-1]
        values = self.values(name)
        said = ", ".join(
            _percent(values[index] or 0.0) if name in _SHARES else _number(values[index]) for index in indices
        )
        spoken = _title(name)
        if first == last:
            return Evidence(text=f"{spoken}: {said}", source=self._weeks.source(first))
        rows = [row.source for row in (self._weeks.rows[first], self._weeks.rows[last]) if row is not None]
        place = f" ({rows[0]} to {rows[-1]})" if all(rows) and rows else ""
        source = f"weeks of {self.start(first)} to {self.start(last)}{place}"
        return Evidence(text=f"{spoken}: {said}", source=source)


def usage_of(case: Case, at: datetime, seats: Cited | None, ledger: Ledger) -> Usage | None:
    """Read a quarter's use; None where no week was ever imported.

    Args:
        case: the account.
        at: as of when.
        seats: how many seats it has, where that is on record.
        ledger: where figures are cited.
    """
    grid = Grid(case, at)
    if not grid.count:
        return None
    return _Reader(grid, ledger).usage(seats)


class _Reader:
    """Reads one account's grid."""

    def __init__(self, grid: Grid, ledger: Ledger) -> None:
        """Keep both."""
        self._grid = grid
        self._ledger = ledger
        self._quarter = range(max(0, grid.count - QUARTER), grid.count)

    def usage(self, seats: Cited | None) -> Usage:
        """Put it together."""
        named = [name for name in self._grid.names() if name.startswith(_FEATURES)]
        rows = [self._row(name, title) for name, title in _COLUMNS.items() if name != _TICKETS]
        rows.insert(list(_COLUMNS).index(_USES) + 1, self._per_user())
        rows += [self._row(name, _title(name)) for name in named]
        known = tuple(row for row in rows if row.now or row.before)
        active = next((row for row in known if row.name == _COLUMNS[_ACTIVE]), None)
        return Usage(
            rows=known,
            weeks=len(self._quarter),
            missing=self._missing(),
            latest=self._latest(),
            latest_active=self._latest_value(_ACTIVE),
            share=self._share(active.now if active else None, seats),
            tickets=self._sum(_TICKETS),
            urgent=self._latest_value("p1_open"),
            active=active,
        )

    def _row(self, name: str, title: str) -> UsageRow:
        """Compare one column with itself a quarter earlier."""
        now, before = (self._mean(name, back) for back in (0, QUARTER))
        return UsageRow(plain(title), now, before, *_change(now, before, points=name in _SHARES | _ASKED))

    def _measured(self, name: str, back: int) -> list[int]:
        """Return which of the weeks up to ``back`` weeks ago have a value: four, or a quarter of what is asked for."""
        values = self._grid.values(name)
        end = max(0, self._grid.count - back)
        span = QUARTER if name in _ASKED else _RECENT
        return [index for index in range(max(0, end - span), end) if values[index] is not None]

    def _mean(self, name: str, back: int) -> Cited | None:
        """Return the mean of four weeks, over those that have data."""
        values = self._grid.values(name)
        found = self._measured(name, back)
        if not found:
            return None
        mean = sum(values[index] or 0.0 for index in found) / len(found)
        shown = _percent(mean) if name in _SHARES else _number(mean)
        when = "now" if back == 0 else "before"
        return self._ledger.cite(f"{name}.{when}", mean, shown, self._grid.evidence(found, name))

    def _per_user(self) -> UsageRow:
        """Compare how much an active person does with the key features."""
        pair: list[Cited | None] = []
        for back, when in ((0, "now"), (QUARTER, "before")):
            uses, users = (self._grid.values(name) for name in (_USES, _ACTIVE))
            both = [index for index in self._measured(_USES, back) if users[index]]
            people = sum(users[index] or 0.0 for index in both)
            if not both or not people:
                pair.append(None)
                continue
            value = sum(uses[index] or 0.0 for index in both) / people
            evidence = (self._grid.evidence(both, name) for name in (_USES, _ACTIVE))
            pair.append(self._ledger.cite(f"key_uses_per_user.{when}", value, _number(value), *evidence))
        return UsageRow("Uses of key features by an active person", pair[0], pair[1], *_change(pair[0], pair[1]))

    def _missing(self) -> Cited | None:
        """Count the weeks of the quarter that have no active users on record."""
        values = self._grid.values(_ACTIVE)
        gaps = [index for index in self._quarter if values[index] is None]
        if not gaps:
            return None
        starts = ", ".join(str(self._grid.start(index)) for index in gaps)
        evidence = Evidence(text=f"no active users in the weeks of {starts}", source="the weekly signals on record")
        return self._ledger.cite("weeks.missing", len(gaps), str(len(gaps)), evidence)

    def _latest(self) -> Cited | None:
        """Return the first day of the last week that has data."""
        values = self._grid.values(_ACTIVE)
        found = [index for index in range(self._grid.count) if values[index] is not None]
        if not found:
            return None
        start = self._grid.start(found[-1])
        return self._ledger.cite("weeks.latest", start, say_date(start), self._grid.evidence(found[-1:], _ACTIVE))

    def _latest_value(self, name: str) -> Cited | None:
        """Return the last value of a column within the quarter."""
        values = self._grid.values(name)
        found = [index for index in self._quarter if values[index] is not None]
        if not found:
            return None
        value = values[found[-1]] or 0.0
        return self._ledger.cite(f"{name}.latest", value, _number(value), self._grid.evidence(found[-1:], name))

    def _sum(self, name: str) -> Cited | None:
        """Add a column up over the quarter."""
        values = self._grid.values(name)
        found = [index for index in self._quarter if values[index] is not None]
        if not found:
            return None
        total = sum(values[index] or 0.0 for index in found)
        return self._ledger.cite(f"{name}.quarter", total, _number(total), self._grid.evidence(found, name))

    def _share(self, active: Cited | None, seats: Cited | None) -> Cited | None:
        """Hold the people who were active against the seats of the contract."""
        if active is None or seats is None or not isinstance(seats.value, int) or seats.value <= 0:
            return None
        share = float(str(active.value)) / seats.value
        return self._ledger.cite("seat_share.now", share, _percent(share), *active.evidence, *seats.evidence)


def usage_charts(case: Case, at: datetime, seats: Cited | None) -> tuple[Chart, ...]:
    """Give the pictures of half a year: people against seats, depth of use, tickets; none of what was not measured."""
    grid = Grid(case, at)
    span = range(max(0, grid.count - _CHARTED), grid.count)
    days = tuple(grid.start(index) for index in span)
    columns = {name: [grid.values(name)[index] for index in span] for name in grid.names()}
    source = f"weeks of {days[0]} to {days[-1]}" if days else ""
    charts: list[Chart] = []

    def add(name: str, title: str, label: str, values: list[float | None], *lines: Reference) -> None:
        if all(value is None for value in values):
            return
        series = (Series(label, days, tuple(values)),)
        kind: Literal["bar", "line"] = "bar" if name == "tickets" else "line"
        charts.append(Chart(name, kind, title, "week beginning", label, series, lines, source=source))

    if _ACTIVE in columns:
        level = [Reference("seats", float(seats.value))] if seats and isinstance(seats.value, int) else []
        title = "People active each week, against seats" if level else "People active each week"
        add("active_users", title, "people", columns[_ACTIVE], *level)
    if {_ACTIVE, _USES} <= columns.keys():
        pairs = zip(columns[_USES], columns[_ACTIVE], strict=True)
        depth = [uses / users if uses is not None and users else None for uses, users in pairs]
        add("depth", "Uses of key features by an active person", "uses a week", depth)
    if _TICKETS in columns:
        add("tickets", "Tickets opened each week", "tickets", columns[_TICKETS])
    return tuple(charts)


def _title(name: str) -> str:
    """Say what a column holds."""
    spoken = name.removeprefix(_FEATURES).replace("_", " ")
    named = _COLUMNS.get(name) or _OTHERS.get(name)
    return named or (f"Uses of {spoken}" if name.startswith(_FEATURES) else spoken)


def _change(now: Cited | None, before: Cited | None, *, points: bool = False) -> tuple[str, Course]:
    """Say how a mean moved, by its share or in points; what nobody can tell is unknown."""
    if now is None or before is None:
        return "not known", "unknown"
    new, old = (float(str(one.value)) for one in (now, before))
    if old == 0 and not points:
        return ("steady", "held") if new == 0 else ("up from nothing", "rose")
    moved = new - old
    scale = max(abs(old), abs(new)) if points else abs(old)
    if abs(moved) < _TURNING * scale or moved == 0:
        return "steady", "held"
    if points:
        count = round(abs(moved) * (100 if max(abs(new), abs(old)) <= 1 else 1))
        size = f"{count} {'point' if count == 1 else 'points'}"
    else:
        size = _percent(abs(moved) / scale)
    return (f"up {size}", "rose") if moved > 0 else (f"down {size}", "fell")


def _number(value: float | None) -> str:
    """Write a number as people do: whole ones whole, large ones without decimals, small ones with one."""
    if value is None:
        return "none"
    whole = round(value)
    return f"{whole:,}" if abs(value - whole) < _WHOLE or abs(value) >= _LARGE else f"{value:,.1f}"


def _percent(share: float) -> str:
    """Write a share as whole percents."""
    return f"{round(100 * share)}%"
