"""Draws charts: honest axes, gaps that are seen, names beside the lines instead of a legend."""

# pyright: reportUnknownMemberType=false
# matplotlib's types leave its many keyword arguments open.

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, isfinite
from typing import TYPE_CHECKING, Final, NamedTuple

from fleet_runtime.dates import MONTHS
from fleet_runtime.products import Chart, Series
from fleet_runtime.publishing.canvas import drawable, new_figure, png_of, strip_frame
from fleet_runtime.publishing.colours import FAINT, GAP, INK, LINES, REFERENCE, SOFT

if TYPE_CHECKING:  # an extra, and heavy: loads when something is drawn
    from matplotlib.axes import Axes

WIDTH: Final = 6.7
_HEIGHT: Final = 2.15
_PANEL: Final = 1.12
_HEAD: Final = 0.42
_FOOT: Final = 0.36
_ACROSS: Final = 4
_THREE_ACROSS: Final = frozenset({3, 5, 6, 9})
_HEADROOM: Final = 1.12
_SHORT: Final = 56
"""Days up to which every week has its date."""
_MOST_TICKS: Final = 9
_LABEL_ROOM: Final = 0.11
"""The least distance of two names at the right edge, as a share of the height."""


class _Name(NamedTuple):
    """What stands at the right edge, beside the value that it names."""

    at: float
    text: str
    colour: str


def draw(chart: Chart) -> bytes:
    """Draw a chart.

    Args:
        chart: what to draw; a chart without any value says so in its place.

    Returns:
        A PNG of 1,340 pixels' width; the same chart gives the same bytes.

    Raises: MissingExtra.
    """
    return _panels(chart) if chart.kind == "panels" else _single(chart)


def _single(chart: Chart) -> bytes:
    """Draw all series on one pair of axes."""
    figure = new_figure(WIDTH, _HEIGHT)
    axes = figure.add_axes((0.055, 0.185, 0.80, 0.565))
    figure.text(0.0, 0.975, drawable(chart.title), va="top", fontsize=10, fontweight="bold", color=INK)
    figure.text(0.0, 0.868, drawable(chart.y_label), va="top", fontsize=8, color=SOFT)
    figure.text(0.855, 0.02, drawable(chart.x_label), va="bottom", ha="right", fontsize=7.5, color=SOFT)
    _scale(axes, chart, chart.series)
    names: list[_Name] = []
    for series, colour in zip(chart.series, LINES, strict=False):
        marks = _bars if chart.kind == "bar" else _line
        marks(axes, series, colour)
        if (last := _last(series)) is not None and chart.kind != "bar":
            names.append(_Name(last, _value(last) if len(chart.series) == 1 else series.name, colour))
    for line in chart.references:
        axes.axhline(line.value, color=REFERENCE, linewidth=1, linestyle=(0, (5, 3)), zorder=2)
        names.append(_Name(line.value, f"{line.name} {_value(line.value)}", REFERENCE))
    _name(axes, names)
    return png_of(figure)


def _panels(chart: Chart) -> bytes:
    """Draw each series on axes of its own, all to one scale."""
    across = 3 if len(chart.series) in _THREE_ACROSS else _ACROSS
    down = ceil(len(chart.series) / across) or 1
    height = _HEAD + down * (_PANEL + _FOOT)
    figure = new_figure(WIDTH, height)
    figure.text(0.0, 1 - 0.06 / height, drawable(chart.title), va="top", fontsize=10, fontweight="bold", color=INK)
    figure.text(0.0, 1 - 0.26 / height, drawable(chart.y_label), va="top", fontsize=8, color=SOFT)
    for place, series in enumerate(chart.series):
        row, column = divmod(place, across)
        left = 0.04 + column * 0.96 / across
        bottom = 1 - (_HEAD + row * (_PANEL + _FOOT) + _PANEL) / height
        axes = figure.add_axes((left, bottom, 0.96 / across - 0.035, (_PANEL - 0.18) / height))
        last = _last(series)
        value = "no data" if last is None else _value(last if chart.top is None else round(last))
        said = f"{drawable(series.name)}  {value}"
        axes.set_title(said, loc="left", fontsize=8, color=INK, pad=3)
        _scale(axes, chart, (series,), few=True)
        _line(axes, series, LINES[0])
    return png_of(figure)


def _scale(axes: Axes, chart: Chart, series: Sequence[Series], *, few: bool = False) -> None:
    """Set the axes: from zero, with room above; dates in words; weeks without data in grey."""
    strip_frame(axes, SOFT)
    known = [value for one in series for value in one.values if value is not None and isfinite(value)]
    levels = [*known, *(line.value for line in chart.references)]
    top = chart.top if chart.top is not None else _HEADROOM * max(levels, default=0.0)
    bottom = min(0.0, _HEADROOM * min(known, default=0.0))
    axes.set_ylim(bottom, max(top, bottom) if max(top, bottom) > bottom else bottom + 1)
    days = sorted({day for one in series for day in one.days})
    if not known:
        axes.text(0.5, 0.5, "no data", transform=axes.transAxes, ha="center", va="center", fontsize=9, color=SOFT)
    if days:
        step = _step(days)
        axes.set_xlim(_number(days[0] - step / 2), _number(days[-1] + step / 2))
        ticks = _ticks(days, few=few)
        axes.set_xticks([_number(day) for day, _ in ticks], [text for _, text in ticks])
    else:
        axes.set_xticks([])
    axes.grid(visible=True, axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.locator_params(axis="y", nbins=3 if few else 5, integer=max(levels, default=0.0) >= _MOST_TICKS)
    if few:
        axes.tick_params(labelsize=6.5)
    if known:
        _gaps(axes, series, named=not few)


def _gaps(axes: Axes, series: Sequence[Series], *, named: bool) -> None:
    """Shade the days on which no series has a value, and name the first such stretch."""
    values: dict[date, bool] = {}
    for one in series:
        for day, value in zip(one.days, one.values, strict=True):
            values[day] = values.get(day, False) or value is not None
    days = sorted(values)
    half = _step(days) / 2
    blank = [day for day in days if not values[day]]
    stretches: list[tuple[date, date]] = []
    for day in blank:
        if stretches and day - stretches[-1][1] <= 2 * half:
            stretches[-1] = (stretches[-1][0], day)
        else:
            stretches.append((day, day))
    for place, (first, last) in enumerate(stretches):
        start, end = _number(first - half), _number(last + half)
        axes.axvspan(start, end, color=GAP, linewidth=0, zorder=0)
        if named and place == 0:
            low, high = axes.get_ylim()
            at = low + 0.03 * (high - low)
            axes.text((start + end) / 2, at, "no data", rotation=90, ha="center", va="bottom", fontsize=6.5, color=SOFT)


def _line(axes: Axes, series: Series, colour: str) -> None:
    """Draw a line that is broken where there is no value; a value between two gaps is a dot."""
    points = [(_number(day), float("nan") if value is None else value) for day, value in _pairs(series)]
    axes.plot([x for x, _ in points], [y for _, y in points], color=colour, linewidth=1.8, zorder=3, clip_on=False)
    blank = [True, *(value is None for value in series.values), True]
    alone = [
        point
        for place, point in enumerate(points, start=1)
        if not blank[place] and blank[place - 1] and blank[place + 1]
    ]
    known = [point for point in points if point[1] == point[1]][-1:]  # only NaN differs from itself
    dots = [*alone, *known]
    axes.plot([x for x, _ in dots], [y for _, y in dots], "o", color=colour, markersize=3.2, zorder=4, clip_on=False)


def _bars(axes: Axes, series: Series, colour: str) -> None:
    """Draw bars; a day without a value has none."""
    known = [(day, value) for day, value in _pairs(series) if value is not None]
    width = 0.72 * _step(series.days).days
    axes.bar([_number(day) for day, _ in known], [value for _, value in known], width=width, color=colour, zorder=3)


def _name(axes: Axes, names: Sequence[_Name]) -> None:
    """Write names at the right edge, moved apart where they would overlap."""
    low, high = axes.get_ylim()
    ordered = sorted(names)
    places = apart([one.at for one in ordered], least=_LABEL_ROOM * (high - low), top=high)
    for one, place in zip(ordered, places, strict=True):
        axes.annotate(
            drawable(one.text), (1.0, place), xycoords=("axes fraction", "data"), xytext=(5, 0),
            textcoords="offset points", va="center", fontsize=8, color=one.colour, annotation_clip=False,
        )  # fmt: skip


def apart(places: Sequence[float], *, least: float, top: float) -> list[float]:
    """Move places apart so that names at them do not overlap, and none stands above the top.

    Args:
        places: where they would stand, from below.
        least: how far apart two must be.
        top: above which none may be.
    """
    moved = list(places)
    for here in range(1, len(moved)):
        moved[here] = max(moved[here], moved[here - 1] + least)
    for here in range(len(moved) - 1, -1, -1):
        moved[here] = min(moved[here], top if here == len(moved) - 1 else moved[here + 1] - least)
    return moved


def _ticks(days: Sequence[date], *, few: bool) -> list[tuple[date, str]]:
    """Return where the axis of time has marks, and what they say: months, or weeks where there are few."""
    if (days[-1] - days[0]).days <= _SHORT and not few:
        return [(day, f"{day.day} {MONTHS[day.month - 1][:3]}") for day in days]
    firsts = [day for before, day in pairwise([days[0] - timedelta(days=31), *days]) if day.month != before.month]
    months = [first.replace(day=1) if first.day <= 7 else first for first in firsts]  # noqa: PLR2004 - a week
    months = [max(month, days[0]) for month in months]
    if len(months) > 1 and (months[1] - months[0]).days < 20:  # noqa: PLR2004 - too near to write two
        months = months[1:]
    every = ceil(len(months) / (3 if few else _MOST_TICKS))
    kept = months[::every]
    said: list[tuple[date, str]] = []
    for place, month in enumerate(kept):
        text = MONTHS[month.month - 1][:3]
        new_year = place == 0 or month.year != kept[place - 1].year
        said.append((month, f"{text}\n{month.year}" if new_year else text))
    return said


def _pairs(series: Series) -> list[tuple[date, float | None]]:
    """Return days with their values."""
    return list(zip(series.days, series.values, strict=True))


def _last(series: Series) -> float | None:
    """Return the last value that is there."""
    return next((value for value in reversed(series.values) if value is not None), None)


def _step(days: Sequence[date]) -> timedelta:
    """Return the distance of neighbouring days; a week where there is only one."""
    return min((after - before for before, after in pairwise(sorted(days))), default=timedelta(days=7))


def _number(day: date) -> float:
    """Return a day as a number of the axis."""
    return float(day.toordinal())


def _value(value: float) -> str:
    """Write a value: whole where it is whole or large, else with one decimal."""
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:,.1f}"  # noqa: PLR2004 - large
