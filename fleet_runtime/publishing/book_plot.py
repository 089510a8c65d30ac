"""The health of a whole book on one page: a strip for each account, a column for each week."""

# pyright: reportUnknownMemberType=false
# matplotlib's types leave its many keyword arguments open.

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from fleet_runtime.dates import MONTHS
from fleet_runtime.publishing.canvas import drawable, new_figure, png_of
from fleet_runtime.publishing.colours import INK, NO_DATA, SOFT

if TYPE_CHECKING:  # an extra, and heavy: loads when something is drawn
    from matplotlib.axes import Axes

_WIDTH: Final = 8.3
_ROW: Final = 0.17
_LONGEST_NAME: Final = 30
_LONGEST_NOTE: Final = 34
_COLOURS: Final = "RdYlBu"
"""From red to blue: told apart also by those who do not see red or green."""


class HealthRow(NamedTuple):
    """An account's strip: a score for each day, None where there is none, and what is to be read beside it."""

    name: str
    scores: tuple[int | None, ...]
    note: str = ""


def health_plot(rows: Sequence[HealthRow], days: Sequence[date], title: str = "Health of the book") -> bytes:
    """Draw the health of many accounts over some weeks.

    Args:
        rows: the accounts, from the top down: the one that needs most attention first.
        days: the days of the scores, oldest first; as many as each row has.
        title: what stands above.

    Returns:
        A PNG; the same rows give the same bytes.

    Raises: MissingExtra.
    """
    from matplotlib import colormaps  # noqa: PLC0415 - an extra
    from matplotlib.colors import Normalize  # noqa: PLC0415 - an extra

    count = max(1, len(rows))
    height = 1.25 + _ROW * count
    figure = new_figure(_WIDTH, height)
    figure.text(0.015, 1 - 0.1 / height, drawable(title), va="top", fontsize=12, fontweight="bold", color=INK)
    axes = figure.add_axes((0.235, 0.42 / height, 0.44, _ROW * count / height))
    colours = colormaps[_COLOURS].with_extremes(bad=NO_DATA)
    cells = [[float("nan") if score is None else float(score) for score in row.scores] for row in rows]
    width = max(1, len(days))
    if rows and days:
        image = axes.imshow(
            cells, cmap=colours, norm=Normalize(0, 100), aspect="auto", interpolation="none",
            extent=(-0.5, width - 0.5, count - 0.5, -0.5),
        )  # fmt: skip
        scale = figure.add_axes((0.435, 1 - 0.5 / height, 0.24, 0.1 / height))
        bar = figure.colorbar(image, cax=scale, orientation="horizontal", ticks=[0, 50, 100])
        bar.outline.set_visible(False)
        scale.tick_params(length=0, labelsize=7, labelcolor=SOFT, pad=1)
        figure.text(0.427, 1 - 0.45 / height, "health", ha="right", va="center", fontsize=7.5, color=SOFT)
    axes.set_xlim(-0.5, width - 0.5)
    axes.set_ylim(count - 0.5, -0.5)
    _write_beside(axes, rows, width)
    for spine in axes.spines.values():
        spine.set_visible(False)
    ticks = [place for place, day in enumerate(days) if place == 0 or day.month != days[place - 1].month]
    axes.set_xticks(ticks, [_month(days, place) for place in ticks])
    axes.tick_params(length=0, labelsize=7.5, labelcolor=SOFT)
    axes.set_yticks([])
    figure.text(0.015, 1 - 0.36 / height, "grey: no data", va="top", fontsize=7.5, color=SOFT)
    return png_of(figure)


def _write_beside(axes: Axes, rows: Sequence[HealthRow], width: int) -> None:
    """Write beside each strip whose it is, its last score, and what is to be read."""
    for place, row in enumerate(rows):
        last = row.scores[-1] if row.scores else None
        axes.text(-1.0, place, _cut(row.name, _LONGEST_NAME), ha="right", va="center", fontsize=7.5, color=INK)
        said = "none" if last is None else str(last)
        axes.text(width + 0.2, place, said, va="center", fontsize=7.5, color=INK if last is not None else SOFT)
        axes.text(width + 3.4, place, _cut(row.note, _LONGEST_NOTE), va="center", fontsize=7, color=SOFT)
        axes.axhline(place + 0.5, color="white", linewidth=0.8)


def _month(days: Sequence[date], place: int) -> str:
    """Name the month of a column, with its year where that is new."""
    day = days[place]
    name = MONTHS[day.month - 1][:3]
    return f"{name}\n{day.year}" if place == 0 or day.year != days[place - 1].year else name


def _cut(text: str, most: int) -> str:
    """Bring a text to a length, told by an ellipsis."""
    line = drawable(text)
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}\u2026"
