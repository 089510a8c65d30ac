"""A matplotlib figure of our own: no pyplot, no global state, one font; characters that it lacks become boxes."""

# pyright: reportUnknownMemberType=false
# matplotlib's types leave its many keyword arguments open.

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fleet_runtime.publishing.extras import needing_reports

if TYPE_CHECKING:  # an extra, and heavy: loads when something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI: Final = 200
FONT: Final = "DejaVu Sans"
BOX: Final = "\u25a1"


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure on white; sizes in inches.

    Raises: MissingExtra.
    """
    with needing_reports("a chart"):
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - an extra
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra

    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def png_of(figure: Figure) -> bytes:
    """Return a figure as PNG; the same figure gives the same bytes."""
    for text in figure.findobj(_is_text):
        text.set_parse_math(False)  # type: ignore[attr-defined]  # found as texts, typed as artists
        text.set_fontfamily(FONT)  # type: ignore[attr-defined]
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def drawable(text: str) -> str:
    """Return a text on one line in which characters that the font does not have are boxes."""
    known = characters()
    return "".join(one if ord(one) in known else BOX for one in " ".join(text.split()))


def strip_frame(axes: Axes, colour: str) -> None:
    """Leave only the base line of some axes."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(colour)
    axes.tick_params(length=0, labelsize=8, labelcolor=colour)


def font_file(name: str) -> Path:
    """Return where matplotlib keeps a font that it ships.

    Raises: MissingExtra.
    """
    with needing_reports("a page"):
        import matplotlib as mpl  # noqa: PLC0415 - an extra

    return Path(mpl.get_data_path()) / "fonts" / "ttf" / name


@cache
def characters() -> frozenset[int]:
    """Return the characters that the font has."""
    path = font_file("DejaVuSans.ttf")
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415 - an extra

    return frozenset(FT2Font(str(path)).get_charmap())


def _is_text(artist: object) -> bool:
    """Tell whether an artist is a text."""
    return hasattr(artist, "set_parse_math")
