"""Writes a work product to a file, in the form that the file's name asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import quote

from fleet_runtime.errors import SettingError
from fleet_runtime.products import Chart, Composed
from fleet_runtime.publishing.drawing import draw
from fleet_runtime.publishing.html import to_html
from fleet_runtime.publishing.pdf import to_pdf

SUFFIXES: Final = (".md", ".html", ".pdf")


def write_product(composed: Composed, path: Path) -> Path:
    """Write a work product; a file that is there is replaced.

    Args:
        composed: what to write.
        path: where; its suffix says as what: ``.md``, ``.html`` or ``.pdf``.

    Returns:
        The path.

    Charts of Markdown are written beside it (``NAME-chart.png``).

    Raises: SettingError for another suffix, or a place that cannot be written; MissingExtra.
    """
    data = _bytes(composed, path)
    pictures = composed.charts if path.suffix.lower() == ".md" else ()
    try:
        path.write_bytes(data)
        for chart in pictures:
            (path.parent / _beside(path, chart)).write_bytes(draw(chart))
    except OSError as error:
        raise SettingError(
            f"{path} cannot be written: {error.strerror}", hint="choose a folder that is there and may be written"
        ) from error
    return path


def _bytes(composed: Composed, path: Path) -> bytes:
    """Give it the form of a suffix."""
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        return to_pdf(composed)
    if suffix == ".html":
        return to_html(composed).encode()
    if suffix == ".md":
        return _markdown(composed, path).encode()
    raise SettingError(
        f"{path.name}: a work product is not written as {suffix or 'a file without a suffix'}",
        hint=f"let the name end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}",
    )


def _markdown(composed: Composed, path: Path) -> str:
    """Return the text with its title, the charts as files beside it."""
    text = composed.headed
    for chart in composed.charts:
        text = text.replace(f"](chart:{chart.name})", f"]({quote(_beside(path, chart))})")
    return text


def _beside(path: Path, chart: Chart) -> str:
    """Name a chart's file."""
    return f"{path.stem}-{chart.name}.png"
