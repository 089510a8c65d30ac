"""The legend: what colours and marks mean, as far as the picture shows them. Draws no role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from fleet_runtime.charting.canvas import Canvas
from fleet_runtime.charting.chart import Chart, marked
from fleet_runtime.charting.marks import nobody, persistent, star
from fleet_runtime.charting.palette import ERROR, WARNING
from fleet_runtime.charting.words import cut, width_of

SMALL: Final = 11.0
_INK: Final = "#1b1f27"
_GREY: Final = "#4b5563"
_LINE: Final = 22.0
_MARK: Final = 26.0  # room for the mark before its text
_BETWEEN: Final = 18.0


class _Sign(NamedTuple):
    """One entry of the legend; only a domain has a colour."""

    kind: str
    text: str
    colour: str = ""


class Legend:
    """The legend of one chart, as wide as it may be."""

    def __init__(self, chart: Chart, colours: Mapping[str | None, str], width: float) -> None:
        """Give each sign its place, line after line."""
        self._placed: list[tuple[_Sign, float, float]] = []
        x, y = 0.0, 0.0
        for sign in _signs(chart, colours):
            wide = _MARK + width_of(sign.text, SMALL) + _BETWEEN
            if sign.kind == "lead" or x + wide > width:
                x, y = 0.0, y + _LINE
            self._placed.append((sign, x, y))
            x += wide
        self.height = y + _LINE

    def draw(self, canvas: Canvas, left: float, top: float) -> None:
        """Draw the domains' colours, then the marks."""
        for sign, x, y in self._placed:
            _draw_sign(canvas, sign, left + x, top + y)
            canvas.text(sign.text, left + x + _MARK, top + y + 4, size=SMALL, fill=_INK)


def _signs(chart: Chart, colours: Mapping[str | None, str]) -> list[_Sign]:
    """Return what the picture needs explained, and no more."""
    faults = marked(chart.all_faults())
    return [
        *(_Sign("domain", cut(domain or "no domain", 200, SMALL), colour) for domain, colour in colours.items()),
        _Sign("lead", "leads"),
        _Sign("persistent", "persistent: remembers each account"),
        _Sign("reports", "reports to"),
        _Sign("hand-off", "hands work to (in the box: the numbers of whom)"),
        *([_Sign("makeshift", "stands in: the owner is not staffed")] if _has_makeshift(chart) else []),
        *([_Sign("nobody", "refuses work that nobody takes")] if any(node.unowned for node in chart.nodes) else []),
        *([_Sign("error", "error")] if any(fault.severity == "error" for fault in faults) else []),
        *([_Sign("warning", "warning")] if any(fault.severity == "warning" for fault in faults) else []),
    ]


def _has_makeshift(chart: Chart) -> bool:
    """Tell whether anybody stands in."""
    return any(line.is_makeshift for line in chart.hand_offs)


def _draw_sign(canvas: Canvas, sign: _Sign, x: float, y: float) -> None:
    """Draw one mark of the legend, its middle at ``y``."""
    middle = x + _MARK / 2 - 3
    if sign.kind == "domain":
        canvas.rectangle(x, y - 6, 20, 12, fill=sign.colour, rounded=3)
    elif sign.kind == "lead":
        star(canvas, middle, y, _INK)
    elif sign.kind == "persistent":
        persistent(canvas, middle, y, _INK)
    elif sign.kind == "nobody":
        nobody(canvas, middle, y, _INK)
    elif sign.kind == "reports":
        canvas.lines([[(x, y), (x + 20, y)]], stroke="#9aa3b2", thick=1.6)
    elif sign.kind in ("hand-off", "makeshift"):
        curve = ((x, y + 4), (x + 8, y + 4), (x + 6, y - 3), (x + 15, y - 3))
        canvas.curve(curve, stroke=_GREY, thick=1.2, dashed=sign.kind == "makeshift")
        canvas.shape(((x + 21, y - 3), (x + 15, y - 6), (x + 15, y)), fill=_GREY)
    else:
        edge = ERROR if sign.kind == "error" else WARNING
        canvas.rectangle(x, y - 6, 20, 12, stroke=edge, thick=2.6, rounded=3)
