"""A work product as a PDF: A4, numbered pages, tables, charts, footnote marks that lead to their sources."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final

from fleet_runtime.products import Composed
from fleet_runtime.publishing.canvas import font_file
from fleet_runtime.publishing.extras import needing_reports
from fleet_runtime.publishing.reading import charts_of, sources_list, tree_of
from fleet_runtime.publishing.setting import Setter

if TYPE_CHECKING:  # an extra: loads when a page is made
    from fpdf import FPDF

_FONTS: Final = {
    "": "DejaVuSans.ttf",
    "B": "DejaVuSans-Bold.ttf",
    "I": "DejaVuSans-Oblique.ttf",
    "BI": "DejaVuSans-BoldOblique.ttf",
}
_NO_DAY: Final = date(2000, 1, 1)


def to_pdf(composed: Composed) -> bytes:
    """Publish a work product as a PDF.

    Args:
        composed: what to publish. Characters that the embedded font (DejaVu Sans) lacks are shown as boxes.

    Returns:
        The file; the same work product gives the same bytes. It is dated by the day as of which it was written.

    Raises: MissingExtra.
    """
    document = _document(composed)
    root = tree_of(composed)
    setter = Setter(document, charts_of(composed), sources_list(root, composed), len(composed.cites))
    for block in root.children:
        setter.block(block)
    setter.number_pages(composed.title)
    buffer = io.BytesIO()
    document.output(buffer)
    return buffer.getvalue()


def _document(composed: Composed) -> FPDF:
    """Open an empty document with our fonts."""
    with needing_reports("a PDF"):
        from fpdf import FPDF  # noqa: PLC0415 - an extra

    document = FPDF(format="A4", unit="mm")
    for style, name in _FONTS.items():
        document.add_font("body", style, str(font_file(name)))
    document.set_title(composed.title)
    document.set_lang("en")
    document.set_creator("fleet_runtime")
    document.set_creation_date(datetime.combine(composed.on or _NO_DAY, time(), tzinfo=UTC))
    document.set_auto_page_break(auto=False)
    document.set_margins(20, 18)
    document.c_margin = 0
    document.add_page()
    return document
