"""Where each box of the organisation stands: a tidy tree that is never wider than it may be.

A superior stands above its reports; reports without a team of their own stand in columns, as few rows as there is
room for; teams that do not fit beside each other go on in a further row. Draws nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from fleet_runtime.charting.reporting import Forest

BOX_WIDTH: Final = 136.0
BOX_HEIGHT: Final = 64.0
_BESIDE: Final = 20.0  # between boxes and teams side by side; hand-offs run there
_BELOW: Final = 16.0  # between the boxes of a column
_LEVEL: Final = 48.0  # between a superior and the row of its reports
_BUS: Final = 15.0  # from a superior, or the row above, to the line along the row; arches run below that line
_INDENT: Final = 14.0  # room for the line along a column, or along further rows
_LONGEST_COLUMN: Final = 8
_NARROWEST_TEAM: Final = 2 * (BOX_WIDTH + _INDENT) + _BESIDE + _INDENT


class Box(NamedTuple):
    """A rectangle; y grows downward."""

    x: float
    y: float
    width: float = BOX_WIDTH
    height: float = BOX_HEIGHT

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return self.y + self.height


Point = tuple[float, float]
Line = tuple[Point, ...]


class Layout(NamedTuple):
    """All boxes by class, the reporting lines between them, and the size of the whole."""

    boxes: dict[str, Box]
    lines: tuple[Line, ...]
    width: float
    height: float


class _Unit(NamedTuple):
    """Something placed beside others: a team, or a column of reports; ``entry`` is where its line comes in."""

    width: float
    height: float
    entry: float
    members: tuple[tuple[str, float, float], ...]
    lines: tuple[Line, ...]


class _Team(NamedTuple):
    """A superior with all below it; ``head`` is the left edge of the superior's box."""

    width: float
    height: float
    head: float
    members: tuple[tuple[str, float, float], ...] = ()
    lines: tuple[Line, ...] = ()


def lay_out(forest: Forest, width: float) -> Layout:
    """Place every class of the forest within ``width``, which is at least one box wide."""
    columns = _columns(forest, width)
    limits = _limits(forest, _natural_widths(forest, columns), width)
    teams: dict[str, _Team] = {}
    for name in reversed(forest.order):
        teams[name] = _team(name, forest, teams, columns, limits[name])
    units = [_as_unit(name, teams[name]) for name in forest.roots]
    rows = _rows(units, width)
    boxes: dict[str, Box] = {}
    lines: list[Line] = []
    waiting: list[tuple[str, float, float]] = []
    top = 0.0
    for row in rows:
        left = (width - _row_width(row)) / 2
        for unit in row:
            waiting += [(name, left + dx, top + dy) for name, dx, dy in unit.members]
            left += unit.width + _BESIDE
        top += max(unit.height for unit in row) + _LEVEL
    while waiting:
        name, x, y = waiting.pop()
        team = teams[name]
        boxes[name] = Box(x + team.head, y)
        lines += [tuple((x + px, y + py) for px, py in line) for line in team.lines]
        waiting += [(below, x + dx, y + dy) for below, dx, dy in team.members]
    return Layout({name: boxes[name] for name in forest.order}, tuple(lines), width, max(top - _LEVEL, 0.0))


def _columns(forest: Forest, width: float) -> dict[str, int]:
    """Say in how many columns each superior's reports without a team stand: as many as there is room for."""
    leaves = {name: sum(not forest.team(below) for below in forest.team(name)) for name in forest.reports}
    columns = {name: max(1, math.ceil(count / _LONGEST_COLUMN)) for name, count in leaves.items()}
    slack = width - _natural_width(forest, columns)
    for name in forest.order:
        most = leaves.get(name, 0)
        while slack > 0 and columns.get(name, most) < most:
            wider = columns | {name: columns[name] + 1}
            room = width - _natural_width(forest, wider)
            if room < 0:
                break
            columns, slack = wider, room
    return columns


def _natural_width(forest: Forest, columns: Mapping[str, int]) -> float:
    """Return how wide the forest is where no row is broken."""
    widths = _natural_widths(forest, columns)
    return sum(widths[root] for root in forest.roots) + _BESIDE * (len(forest.roots) - 1)


def _natural_widths(forest: Forest, columns: Mapping[str, int]) -> dict[str, float]:
    """Return how wide each class with all below it is where no row is broken."""
    widths: dict[str, float] = {}
    for name in reversed(forest.order):
        parts = _parts(name, forest, widths, columns)
        widths[name] = max(BOX_WIDTH, sum(parts) + _BESIDE * (len(parts) - 1))
    return widths


def _parts(name: str, forest: Forest, widths: Mapping[str, float], columns: Mapping[str, int]) -> list[float]:
    """Return the widths of what stands below a superior: its columns of reports, then its teams."""
    teams = [widths[report] for report in forest.team(name) if forest.team(report)]
    count = len(forest.team(name)) - len(teams)
    wide = min(columns.get(name, 1), count)
    return [*(BOX_WIDTH + (_INDENT if count > wide else 0.0) for _ in range(wide)), *teams]


def _limits(forest: Forest, widths: Mapping[str, float], width: float) -> dict[str, float]:
    """Say how wide each class with all below it may be.

    A row that is too wide is kept whole as long as its broadest teams can be narrowed in a sensible way, so that
    the upper levels stay level; only else it is broken.
    """
    limits = dict.fromkeys(forest.roots, width)
    for name in forest.order:
        below = forest.team(name)
        room = max(BOX_WIDTH, limits[name] - _INDENT)
        if widths[name] > limits[name]:
            teams = [widths[report] for report in below if forest.team(report)]
            rest = limits[name] - (widths[name] - sum(teams))
            cap = _cap(teams, rest)
            room = cap if cap >= _NARROWEST_TEAM else room
        limits.update(dict.fromkeys(below, room))
    return limits


def _cap(widths: Sequence[float], room: float) -> float:
    """Return to what width the widest must be narrowed so that all together fit into ``room``."""
    narrow = sorted(widths)
    for number, width in enumerate(narrow):
        share = room / (len(narrow) - number)
        if share <= width:
            return share
        room -= width
    return max(narrow, default=0.0)


def _team(name: str, forest: Forest, teams: dict[str, _Team], columns: dict[str, int], limit: float) -> _Team:
    """Arrange a superior and its reports within ``limit``."""
    below = forest.team(name)
    if not below:
        return _Team(BOX_WIDTH, BOX_HEIGHT, 0.0)
    leaves = [report for report in below if not forest.team(report)]
    indent = max(0.0, min(_INDENT, limit - BOX_WIDTH))
    units = [*_stacks(leaves, columns[name], indent), *(_as_unit(one, teams[one]) for one in below if forest.team(one))]
    if len(units) == 1 and len(leaves) > 1:
        return _hanging(units[0])
    return _broad(units, limit)


def _stacks(leaves: Sequence[str], columns: int, indent: float) -> list[_Unit]:
    """Put reports without a team into columns, each with a line along its left side."""
    units: list[_Unit] = []
    start = 0
    columns = min(columns, len(leaves))
    for column in range(columns):
        count = math.ceil((len(leaves) - start) / (columns - column))
        stack = leaves[start : start + count]
        start += count
        if count == 1:
            units.append(_Unit(BOX_WIDTH, BOX_HEIGHT, BOX_WIDTH / 2, ((stack[0], 0.0, 0.0),), ()))
            continue
        tops = [row * (BOX_HEIGHT + _BELOW) for row in range(count)]
        ticks = tuple(((0.0, top + BOX_HEIGHT / 2), (indent, top + BOX_HEIGHT / 2)) for top in tops)
        spine: Line = ((0.0, 0.0), (0.0, tops[-1] + BOX_HEIGHT / 2))
        members = tuple((report, indent, top) for report, top in zip(stack, tops, strict=True))
        units.append(_Unit(BOX_WIDTH + indent, tops[-1] + BOX_HEIGHT, 0.0, members, (spine, *ticks)))
    return units


def _as_unit(name: str, team: _Team) -> _Unit:
    """See a whole team as one unit."""
    return _Unit(team.width, team.height, team.head + BOX_WIDTH / 2, ((name, 0.0, 0.0),), ())


def _hanging(stack: _Unit) -> _Team:
    """Hang one column of reports below the superior's left edge."""
    top = BOX_HEIGHT + _BELOW
    spine = _INDENT / 2  # clear of the superior's rounded corner
    entry: Line = ((spine, BOX_HEIGHT), (spine, top))
    lines = (entry, *(tuple((max(x, spine), y + top) for x, y in line) for line in stack.lines))
    members = tuple((name, dx, dy + top) for name, dx, dy in stack.members)
    return _Team(stack.width, top + stack.height, 0.0, members, lines)


def _broad(units: Sequence[_Unit], limit: float) -> _Team:
    """Put the units into rows below the superior."""
    rows = _rows(units, limit)
    trunk = 0.0
    if len(rows) > 1:
        trunk = max(0.0, min(_INDENT, limit - max(unit.width for unit in units)))
        rows = _rows(units, limit - trunk)
    width = max(BOX_WIDTH, trunk + max(map(_row_width, rows)))
    members: list[tuple[str, float, float]] = []
    lines: list[Line] = []
    entries: list[list[float]] = []
    top = BOX_HEIGHT + _LEVEL
    buses: list[float] = []
    for row in rows:
        left = trunk + max(0.0, (width - trunk - _row_width(row)) / 2 if len(rows) == 1 else 0.0)
        buses.append(top - _LEVEL + _BUS)
        entries.append([])
        for unit in row:
            members += [(name, left + dx, top + dy) for name, dx, dy in unit.members]
            lines += [tuple((left + x, top + y) for x, y in line) for line in unit.lines]
            lines.append(((left + unit.entry, buses[-1]), (left + unit.entry, top)))
            entries[-1].append(left + unit.entry)
            left += unit.width + _BESIDE
        top += max(unit.height for unit in row) + _LEVEL
    middle = (entries[0][0] + entries[0][-1]) / 2 if len(rows) == 1 else width / 2
    head = min(max(0.0, middle - BOX_WIDTH / 2), width - BOX_WIDTH)
    foot = head + BOX_WIDTH / 2
    lines.append(((foot, BOX_HEIGHT), (foot, buses[0])))
    for bus, row_entries in zip(buses, entries, strict=True):
        ends = [*row_entries, *([foot] if bus == buses[0] else []), *([0.0] if len(rows) > 1 else [])]
        lines.append(((min(ends), bus), (max(ends), bus)))
    if len(rows) > 1:
        lines.append(((0.0, buses[0]), (0.0, buses[-1])))
    return _Team(width, top - _LEVEL, head, tuple(members), tuple(lines))


def _rows(units: Sequence[_Unit], limit: float) -> list[list[_Unit]]:
    """Break units into as few rows as fit into ``limit``, and those as even as they can be."""
    rows = _filled(units, limit)
    low, high = max((unit.width for unit in units), default=0.0), limit
    while high - low > 1:
        middle = (low + high) / 2
        if len(_filled(units, middle)) > len(rows):
            low = middle
        else:
            high = middle
    return _filled(units, high)


def _filled(units: Sequence[_Unit], limit: float) -> list[list[_Unit]]:
    """Fill row after row."""
    rows: list[list[_Unit]] = []
    for unit in units:
        if rows and _row_width([*rows[-1], unit]) <= limit:
            rows[-1].append(unit)
        else:
            rows.append([unit])
    return rows


def _row_width(row: Sequence[_Unit]) -> float:
    """Return the width of units side by side."""
    return sum(unit.width for unit in row) + _BESIDE * (len(row) - 1)
