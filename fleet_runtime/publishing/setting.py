"""Sets blocks of text on the pages of a PDF: what belongs together stays together."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from markdown_it.tree import SyntaxTreeNode

from fleet_runtime.products import Chart
from fleet_runtime.publishing.drawing import draw
from fleet_runtime.publishing.runs import TIED, Line, Run, lines_of, runs_of, shared, shown, widest_word

if TYPE_CHECKING:  # an extra: loads when a page is made
    from fpdf import FPDF

_SIZE: Final = 9.5
_CELL: Final = 9.0
_SMALL: Final = 8.0
_HEADINGS: Final = {"h1": 15.0, "h2": 12.5, "h3": 10.5}
_LEADING: Final = 1.42
_POINT: Final = 0.3528
"""Millimetres."""
_FOOT: Final = 16.0
_INDENT: Final = 5.5
_PAD: Final = 1.6
_KEEP: Final = 26.0
"""How much must fit below a heading, in millimetres."""
_KEEP_PICTURE: Final = 60.0
_INK: Final = (34, 34, 34)
_SOFT: Final = (107, 111, 118)
_RULE: Final = (217, 220, 225)
_LINK: Final = (0, 114, 178)
_MARK_SIZE: Final = 0.68


class Setter:
    """Sets one document, block after block."""

    def __init__(self, document: FPDF, charts: Mapping[str, Chart], sources: SyntaxTreeNode | None, count: int) -> None:
        """Take an open document, and what the text refers to.

        Args:
            document: with a page, and a font "body" of four styles.
            charts: by the addresses that the text places them by.
            sources: the list of the sources, if the text has one.
            count: how many sources there are.
        """
        self._pdf = document
        self._charts = charts
        self._sources = sources
        self._links = {number: document.add_link() for number in range(1, count + 1)} if sources is not None else {}
        self._size = _SIZE
        self._width: float = document.epw
        self._left: float = document.l_margin

    def block(self, node: SyntaxTreeNode) -> None:
        """Set a block and what follows it in space."""
        if node.type == "heading":
            self._heading(node)
        elif node.type == "table":
            self._table(node)
        elif node.type in {"bullet_list", "ordered_list"}:
            self._list(node)
        elif node.type == "hr":
            self._rule(self._pdf.get_y() + 1)
            self._pdf.set_y(self._pdf.get_y() + 3)
        elif node.type == "blockquote":
            self._within(node, _INDENT)
        elif node.type == "paragraph" and (chart := self._chart(node)) is not None:
            self._picture(chart)
        elif not (node.type == "paragraph" and self._is_undrawn(node)):
            self._paragraph(node)

    def number_pages(self, title: str) -> None:
        """Write title and page number at the foot of every page."""
        pages = self._pdf.pages_count
        for page in range(1, pages + 1):
            self._pdf.page = page
            self._font(7.5, "B", _SOFT)  # another one first: a page that is left keeps its font, and the document's
            self._font(7.5, "", _SOFT)
            self._pdf.set_xy(self._pdf.l_margin, self._pdf.h - _FOOT + 4)
            right = f"{page} of {pages}"
            room = self._pdf.epw - self._pdf.get_string_width(right) - 6
            text = shown(title)
            while text and self._pdf.get_string_width(text) > room:
                text = text[:-2].rstrip() + "\u2026" if len(text) > 2 else ""  # noqa: PLR2004 - a letter and its dots
            self._pdf.cell(room, 4, text)
            self._pdf.set_xy(self._pdf.l_margin, self._pdf.h - _FOOT + 4)
            self._pdf.cell(self._pdf.epw, 4, right, align="R")

    def _heading(self, node: SyntaxTreeNode) -> None:
        """Set a heading, with room for what it heads."""
        size = _HEADINGS.get(node.tag, _SIZE)
        lines = self._lines(node, self._width, size, bold=True)
        top = 0.0 if node.tag == "h1" else 4.5
        below = node.next_sibling
        is_picture = below is not None and below.type == "paragraph" and self._chart(below) is not None
        self._need(top + self._height(lines, size) + (_KEEP_PICTURE if is_picture else _KEEP))
        if self._pdf.get_y() > self._pdf.t_margin:
            self._pdf.set_y(self._pdf.get_y() + top)
        self._put(lines, self._left, size, _INK)
        if node.tag == "h2":
            self._rule(self._pdf.get_y() + 0.6)
            self._pdf.set_y(self._pdf.get_y() + 1.2)
        self._pdf.set_y(self._pdf.get_y() + 1.6)

    def _paragraph(self, node: SyntaxTreeNode, colour: tuple[int, int, int] = _INK) -> None:
        """Set a paragraph: neither its first nor its last line stands alone on a page."""
        lines = self._lines(node, self._width, self._size)
        height = self._size * _POINT * _LEADING
        while lines:
            room = int((self._bottom() - self._pdf.get_y()) / height)
            fits = len(lines) <= room
            taken = len(lines) if fits else min(room, len(lines) - 2)
            if not fits and taken < 2:  # noqa: PLR2004 - two lines keep each other company
                self._pdf.add_page()
                if self._bottom() - self._pdf.get_y() > len(lines) * height:
                    continue
                taken = min(len(lines), int((self._bottom() - self._pdf.get_y()) / height))
            self._put(lines[:taken], self._left, self._size, colour)
            lines = lines[taken:]
        self._pdf.set_y(self._pdf.get_y() + 2.2)

    def _list(self, node: SyntaxTreeNode) -> None:
        """Set a list; the sources are set smaller, each where its marks lead to."""
        is_sources = node is self._sources
        outer = self._size
        self._size = _SMALL if is_sources else self._size
        start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
        for number, item in enumerate(node.children, start=start):
            self._need(self._size * _POINT * _LEADING * 2)
            if is_sources and (link := self._links.get(number)) is not None:
                self._pdf.set_link(link, y=self._pdf.get_y(), page=self._pdf.page_no())
            sign = f"{number}." if start else "\u2022"
            self._font(self._size, "", _SOFT)
            y = self._pdf.get_y()
            self._pdf.set_xy(self._left, y)
            self._pdf.cell(_INDENT, self._size * _POINT * _LEADING, sign)
            self._pdf.set_y(y)
            page = self._pdf.page_no()
            self._within(item, _INDENT + (1.5 if start else 0.0))
            if self._pdf.page_no() == page and self._pdf.get_y() > y:
                self._pdf.set_y(self._pdf.get_y() - (1.5 if is_sources else 1.0))
        self._size = outer
        self._pdf.set_y(self._pdf.get_y() + 1.6)

    def _within(self, node: SyntaxTreeNode, indent: float) -> None:
        """Set the blocks of a node further in."""
        self._left += indent
        self._width -= indent
        for child in node.children:
            self.block(child)
        self._left -= indent
        self._width += indent

    def _table(self, node: SyntaxTreeNode) -> None:
        """Set a table; a row is not torn apart, and the head stands again on every page."""
        rows = [row for part in node.children for row in part.children]
        if not rows:
            return
        cells = [[list(runs_of(cell)) for cell in row.children] for row in rows]
        cells[0] = [[run if run.mark else Run(run.text, "B") for run in cell] for cell in cells[0]]
        right = [str(cell.attrs.get("style", "")).endswith("right") for cell in rows[0].children]
        widths = self._widths(cells)
        laid = [self._laid(row, widths) for row in cells]
        self._need(sum(self._row_height(row) for row in laid[:3]))
        for place, row in enumerate(laid):
            height = self._row_height(row)
            if place and self._pdf.get_y() + height > self._bottom():
                self._pdf.add_page()
                self._row(laid[0], widths, right, head=True)
            self._row(row, widths, right, head=place == 0)
        self._pdf.set_y(self._pdf.get_y() + 3.2)

    def _laid(self, row: Sequence[Sequence[Run]], widths: Sequence[float]) -> list[list[Line]]:
        """Lay out the cells of a row."""
        self._size = _CELL
        laid = [lines_of(cell, width - 2 * _PAD, self._measure) for cell, width in zip(row, widths, strict=True)]
        self._size = _SIZE
        return laid

    def _widths(self, cells: Sequence[Sequence[Sequence[Run]]]) -> list[float]:
        """Share the width out among columns; a small table is drawn out over the whole width."""
        self._size = _CELL
        columns = list(zip(*cells, strict=True))
        least = [max(widest_word(cell, self._measure) for cell in column) + 2 * _PAD for column in columns]
        whole = [max(sum(map(self._measure, cell)) for cell in column) + 2 * _PAD for column in columns]
        self._size = _SIZE
        if sum(whole) <= self._width:
            spare = self._width - sum(whole)
            return [width + spare * width / sum(whole) for width in whole]
        least = [min(width, self._width / 2) for width in least]
        if sum(least) >= self._width:
            return [self._width * width / sum(least) for width in least]
        return shared(self._width, least, whole)

    def _row(
        self, row: Sequence[Sequence[Line]], widths: Sequence[float], right: Sequence[bool], *, head: bool
    ) -> None:
        """Set a row, and the rule below it."""
        top, height = self._pdf.get_y(), self._row_height(row)
        x = self._left
        for lines, width, to_right in zip(row, widths, right, strict=True):
            self._pdf.set_y(top + _PAD / 2)
            self._put(lines, x, _CELL, _INK, width - 2 * _PAD if to_right else 0.0)
            x += width
        self._pdf.set_draw_color(*(_SOFT if head else _RULE))
        self._pdf.set_line_width(0.25 if head else 0.15)
        self._pdf.line(self._left, top + height, self._left + self._width, top + height)
        self._pdf.set_y(top + height)

    def _row_height(self, row: Sequence[Sequence[Line]]) -> float:
        """Return how high a row is."""
        return max((self._height(lines, _CELL) for lines in row), default=0.0) + _PAD

    def _picture(self, chart: Chart) -> None:
        """Set a chart over the whole width."""
        picture = draw(chart)
        from PIL import Image  # noqa: PLC0415 - comes with the extra

        with Image.open(io.BytesIO(picture)) as image:
            height = self._width * image.height / image.width
        self._need(height + 2)
        self._pdf.image(io.BytesIO(picture), x=self._left, y=self._pdf.get_y(), w=self._width, alt_text=chart.title)
        self._pdf.set_y(self._pdf.get_y() + height + 3)

    def _chart(self, node: SyntaxTreeNode) -> Chart | None:
        """Return the chart that a paragraph is, if it is one alone."""
        inline = node.children[0] if node.children else None
        images = [child for child in inline.children if child.type == "image"] if inline is not None else []
        if inline is None or len(inline.children) != 1 or len(images) != 1:
            return None
        return self._charts.get(str(images[0].attrs.get("src", "")))

    @staticmethod
    def _is_undrawn(node: SyntaxTreeNode) -> bool:
        """Tell whether a paragraph says nothing."""
        return not any(run.text.strip() for run in runs_of(node))

    def _lines(self, node: SyntaxTreeNode, width: float, size: float, *, bold: bool = False) -> list[Line]:
        """Lay out what a node says."""
        outer, self._size = self._size, size
        runs = [Run(run.text, "B", run.mark, run.breaks) if bold and not run.mark else run for run in runs_of(node)]
        lines = lines_of(runs, width, self._measure)
        self._size = outer
        return lines

    def _measure(self, run: Run) -> float:
        """Return how wide a run is at the present size; marks stand smaller, and a little apart."""
        size = self._size * _MARK_SIZE if run.mark else self._size
        self._pdf.set_font("body", run.style, size)
        return float(self._pdf.get_string_width(run.text)) + (0.5 if run.mark else 0.0)

    def _put(
        self, lines: Sequence[Line], x: float, size: float, colour: tuple[int, int, int], right: float = 0.0
    ) -> None:
        """Write lines from the present height on; ``right``: to the right end of that width."""
        outer, self._size = self._size, size
        height = size * _POINT * _LEADING
        for line in lines:
            y, at = self._pdf.get_y(), x + max(0.0, right - line.width)
            for run in line.runs:
                self._write(run, at, y, colour)
                at += self._measure(run)
            self._pdf.set_y(y + height)
        self._size = outer

    def _write(self, run: Run, x: float, y: float, colour: tuple[int, int, int]) -> None:
        """Write a run: a mark raised, in the colour of links, leading to its source."""
        base = y + self._size * _POINT * 1.05
        if not run.mark:
            self._font(self._size, run.style, colour)
            self._pdf.text(x, base, run.text.replace(TIED, " "))
            return
        self._font(self._size * _MARK_SIZE, "", _LINK)
        self._pdf.text(x + 0.3, base - self._size * _POINT * 0.34, run.text)
        if (link := self._links.get(run.mark)) is not None:
            self._pdf.link(x, y, self._measure(run), self._size * _POINT, link)

    def _font(self, size: float, style: str, colour: tuple[int, int, int]) -> None:
        """Choose font and colour."""
        self._pdf.set_font("body", style, size)
        self._pdf.set_text_color(*colour)

    def _rule(self, y: float) -> None:
        """Draw a rule over the whole width."""
        self._pdf.set_draw_color(*_RULE)
        self._pdf.set_line_width(0.2)
        self._pdf.line(self._left, y, self._left + self._width, y)

    def _height(self, lines: Sequence[Line], size: float) -> float:
        """Return how high lines are."""
        return len(lines) * size * _POINT * _LEADING

    def _bottom(self) -> float:
        """Return where the text ends on a page."""
        return float(self._pdf.h) - _FOOT - 2

    def _need(self, height: float) -> None:
        """Go on to the next page where so much does not fit; never past an empty one."""
        if self._pdf.get_y() + height > self._bottom() and self._pdf.get_y() > self._pdf.t_margin + 1:
            self._pdf.add_page()
