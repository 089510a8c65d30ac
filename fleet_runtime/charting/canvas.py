"""The pen: shapes and texts put on an SVG drawing. Knows nothing of organisations.

drawsvg escapes texts but not attributes: so attributes are only ever numbers, colours and words of our own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Final, Literal, Protocol, cast

from fleet_runtime.charting.words import plain

FONT: Final = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


class _Element(Protocol):
    """What is used of a drawsvg element."""

    def append(self, element: _Element) -> None:
        """Put another element inside."""
        ...

    def append_title(self, text: str) -> None:
        """Say what a viewer shows when one points at it."""
        ...


class _Drawing(_Element, Protocol):
    """What is used of a drawsvg drawing."""

    def append_css(self, css: str) -> None:
        """Add style rules."""
        ...

    def append_title(self, text: str) -> None:
        """Name the whole drawing."""
        ...

    def as_svg(self) -> str:
        """Write it."""
        ...


class _Library(Protocol):
    """What is used of drawsvg, which ships no types."""

    Drawing: Callable[..., _Drawing]
    Group: Callable[..., _Element]
    Rectangle: Callable[..., _Element]
    Circle: Callable[..., _Element]
    Path: Callable[..., _Element]
    Text: Callable[..., _Element]
    Title: Callable[[str], _Element]


class Canvas:
    """An SVG drawing that is being made; coordinates in pixels, y downward."""

    def __init__(self, width: float, height: float, *, title: str, css: str = "") -> None:
        """Begin an empty drawing of that size, with its own background."""
        self._library = cast("_Library", import_module("drawsvg"))
        self._drawing = self._library.Drawing(
            _number(width), _number(height), font_family=FONT, role="img", id_prefix="d"
        )
        self._drawing.append(self._library.Title(_clean(title)))
        if css:
            self._drawing.append_css(css)
        self._layer: _Element = self._drawing
        self.rectangle(0, 0, width, height, fill="#ffffff")

    def group(self, *, kind: str, tooltip: str = "") -> None:
        """Put all that follows into a group of its own, until the next one or `leave`."""
        self._layer = self._library.Group(class_=kind)
        if tooltip:
            self._layer.append_title(_clean(tooltip))
        self._drawing.append(self._layer)

    def leave(self) -> None:
        """Leave the group."""
        self._layer = self._drawing

    def rectangle(  # noqa: PLR0913 - a rectangle has four sides and a look
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        stroke: str = "none",
        thick: float = 1,
        rounded: float = 0,
        dashed: bool = False,
    ) -> None:
        """Draw a rectangle."""
        self._layer.append(
            self._library.Rectangle(
                _number(x),
                _number(y),
                _number(width),
                _number(height),
                rx=rounded or None,
                fill=fill,
                stroke=None if stroke == "none" else stroke,
                stroke_width=None if stroke == "none" else thick,
                stroke_dasharray="5 3" if dashed else None,
            )
        )

    def circle(self, x: float, y: float, radius: float, *, fill: str = "none", stroke: str | None = None) -> None:
        """Draw a circle."""
        self._layer.append(
            self._library.Circle(
                _number(x), _number(y), radius, fill=fill, stroke=stroke, stroke_width=1.6 if stroke else None
            )
        )

    def shape(self, points: Sequence[Point], *, fill: str) -> None:
        """Draw a filled polygon."""
        outline = " L ".join(f"{_number(x)} {_number(y)}" for x, y in points)
        self._layer.append(self._library.Path(f"M {outline} Z", fill=fill))

    def lines(self, lines: Iterable[Sequence[Point]], *, stroke: str, thick: float) -> None:
        """Draw straight lines, all as one element."""
        outline = " ".join("M " + " L ".join(f"{_number(x)} {_number(y)}" for x, y in line) for line in lines)
        if outline:
            self._layer.append(self._library.Path(outline, fill="none", stroke=stroke, stroke_width=thick))

    def curve(self, points: Sequence[Point], *, stroke: str, thick: float, dashed: bool = False) -> None:
        """Draw a curve: a first point, and for each cubic piece two handles and an end."""
        first, *rest = (f"{_number(x)} {_number(y)}" for x, y in points)
        self._layer.append(
            self._library.Path(
                f"M {first} C {', '.join(rest)}",
                fill="none",
                stroke=stroke,
                stroke_width=thick,
                stroke_dasharray="4 3" if dashed else None,
            )
        )

    def text(  # noqa: PLR0913 - a text has a place and a look
        self,
        text: str,
        x: float,
        y: float,
        *,
        size: float,
        fill: str = "#1b1f27",
        bold: bool = False,
        anchor: Anchor = "start",
        tooltip: str = "",
    ) -> None:
        """Write one line of text on the base line ``y``."""
        if not text:
            return
        element = self._library.Text(
            plain(text),
            size,
            _number(x),
            _number(y),
            fill=fill,
            font_weight="bold" if bold else None,
            text_anchor=None if anchor == "start" else anchor,
        )
        if tooltip:
            element.append_title(_clean(tooltip))
        self._layer.append(element)

    def svg(self) -> str:
        """Write the drawing."""
        return self._drawing.as_svg()


def _clean(text: str) -> str:
    """Make each line of a tooltip such as XML may hold."""
    return "\n".join(map(plain, text.split("\n")))


def _number(value: float) -> float | int:
    """Round to what the eye can see, whole numbers without a point."""
    rounded = round(value, 1)
    return int(rounded) if rounded == int(rounded) else rounded
