"""The marks of the picture, each drawn in one place: its legend and its boxes show the same. Places nothing."""

from __future__ import annotations

import math

from fleet_runtime.charting.canvas import Canvas


def star(canvas: Canvas, x: float, y: float, fill: str) -> None:
    """Draw the lead's mark."""
    canvas.shape(
        [
            (x + radius * math.sin(step * math.pi / 5), y - radius * math.cos(step * math.pi / 5))
            for step in range(10)
            for radius in (6.5 if step % 2 == 0 else 2.8,)
        ],
        fill=fill,
    )


def persistent(canvas: Canvas, x: float, y: float, colour: str) -> None:
    """Draw the mark of a role that remembers: a ring with a core."""
    canvas.circle(x, y, 4.4, stroke=colour)
    canvas.circle(x, y, 1.8, fill=colour)


def nobody(canvas: Canvas, x: float, y: float, colour: str) -> None:
    """Draw the mark of refused work that nobody takes: a ring that is struck through."""
    canvas.circle(x, y, 4.4, stroke=colour)
    canvas.lines([[(x - 5, y + 5), (x + 5, y - 5)]], stroke=colour, thick=1.6)
