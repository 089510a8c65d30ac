"""The organisation as one SVG picture, 1200 pixels wide, that needs nothing beside itself.

From top to bottom: title and legend, the tree of boxes with its hand-offs, the faults, who hands what to whom. Places
nothing of the tree itself, which is `layout`'s work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from fleet_runtime.charting.boxes import Face, draw_box
from fleet_runtime.charting.canvas import Canvas
from fleet_runtime.charting.chart import Chart, Node, marked
from fleet_runtime.charting.layout import Layout, lay_out
from fleet_runtime.charting.legend import Legend
from fleet_runtime.charting.palette import ERROR, NO_DOMAIN, WARNING, colours_of
from fleet_runtime.charting.reporting import Forest, forest_of
from fleet_runtime.charting.routes import Pair, Route, routes_of
from fleet_runtime.charting.tables import (
    LINE,
    SIZE,
    Block,
    Look,
    columns_of,
    fault_blocks,
    hand_off_blocks,
    height_of,
)
from fleet_runtime.charting.words import cut, wrap

WIDTH: Final = 1200.0
MARGIN: Final = 20.0
_TREE_MARGIN: Final = 26.0  # curves swing out beside the outermost boxes
_COLUMNS: Final = 2
_GUTTER: Final = 30.0
_ROOM: Final = (WIDTH - 2 * MARGIN - _GUTTER * (_COLUMNS - 1)) / _COLUMNS
_GREY: Final = "#4b5563"
_LOOKS: Final[Mapping[Look, str]] = {
    "head": "#1b1f27",
    "plain": "#1b1f27",
    "makeshift": _GREY,
    "unowned": _GREY,
    "error": ERROR,
    "warning": WARNING,
}
_STYLE: Final = ".h{opacity:.45}.h:hover{opacity:1}"
_POINTED_AT: Final = ":has(.b%d:hover) .h:not(.n%d){opacity:.06} :has(.b%d:hover) .n%d{opacity:1}"
"""Pointing at a box singles out its hand-offs, in viewers that know how."""


def to_svg(chart: Chart) -> str:
    """Draw the chart as SVG text; foreign text in it is text, whatever it says."""
    picture = _Picture(chart)
    return picture.draw()


class _Handed(NamedTuple):
    """What one role hands to another, and whether that one only ever stands in for somebody else."""

    is_makeshift: bool
    refused: tuple[str, ...]


class _Picture:
    """One picture that is being made; ``y`` is how far down it is full."""

    def __init__(self, chart: Chart) -> None:
        """Place the tree and give each box its number, in the order of the tree."""
        self.chart = chart
        self.forest: Forest = forest_of(chart)
        self.layout: Layout = lay_out(self.forest, WIDTH - 2 * _TREE_MARGIN)
        self.numbers = {name: number for number, name in enumerate(self.forest.order, start=1)}
        self.colours = colours_of(node.domain for node in chart.nodes)

    def draw(self) -> str:
        """Draw everything, from top to bottom."""
        description = wrap(self.chart.description, WIDTH - 2 * MARGIN, 13, most_lines=4)
        faults = fault_blocks(self.chart, self.numbers, _ROOM)
        hand_offs = hand_off_blocks(self.chart, self.numbers, _ROOM)
        legend_top = 62 + 18 * len(description)
        legend = Legend(self.chart, self.colours, WIDTH - 2 * MARGIN)
        tree_top = legend_top + legend.height + 24
        table_top = tree_top + self.layout.height + 44
        height = table_top + self._table_height(faults) + self._table_height(hand_offs) + MARGIN
        canvas = Canvas(WIDTH, height, title=self.chart.title, css=self._style())
        canvas.text(cut(self.chart.title, 700, 22, bold=True), MARGIN, 40, size=22, bold=True)
        canvas.text(self._summary(), WIDTH - MARGIN, 40, size=13, fill=_GREY, anchor="end")
        for number, line in enumerate(description):
            canvas.text(line, MARGIN, 62 + 18 * number, size=13, fill=_GREY)
        legend.draw(canvas, MARGIN, legend_top)
        self._draw_tree(canvas, tree_top)
        table_top = self._draw_table(canvas, "Faults", faults, table_top)
        self._draw_table(canvas, "Who hands what to whom", hand_offs, table_top)
        return canvas.svg()

    def _style(self) -> str:
        """Say how the hand-offs stand back, and come forward where one points."""
        return "\n".join([_STYLE, *(_POINTED_AT % ((number,) * 4) for number in self.numbers.values())])

    def _summary(self) -> str:
        """Count what is drawn."""
        chart = self.chart
        faults = marked(chart.all_faults())
        errors = sum(fault.severity == "error" for fault in faults)
        counts = [
            (sum(node.multiplicity for node in chart.nodes), "seat"),
            (len({node.domain for node in chart.nodes}), "domain"),
            (len(chart.hand_offs), "hand-off"),
            *([(errors, "error"), (len(faults) - errors, "warning")] if faults else []),
        ]
        return " · ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts)

    def _draw_tree(self, canvas: Canvas, top: float) -> None:
        """Draw reporting lines, hand-offs behind the boxes, and the boxes."""
        boxes = {name: box._replace(x=box.x + _TREE_MARGIN, y=box.y + top) for name, box in self.layout.boxes.items()}
        lines = [[(x + _TREE_MARGIN, y + top) for x, y in line] for line in self.layout.lines]
        canvas.lines(lines, stroke="#9aa3b2", thick=1.6)
        nodes = {node.role_class: node for node in self.chart.nodes}
        pairs = self._pairs()
        for route in routes_of(pairs, boxes):
            self._draw_hand_off(canvas, route, pairs, nodes)
        for name, box in boxes.items():
            canvas.leave()
            targets = [self.numbers[owner] for asker, owner in pairs if asker == name]
            colour = self.colours[nodes[name].domain]
            draw_box(canvas, box, Face(nodes[name], colour, self.numbers[name], tuple(sorted(targets))))
        canvas.leave()

    def _draw_hand_off(
        self, canvas: Canvas, route: Route, pairs: Mapping[Pair, _Handed], nodes: Mapping[str, Node]
    ) -> None:
        """Draw one curve; where two domains hand work to each other it has the colour of neither."""
        ways = [route.pair, *([(route.pair[1], route.pair[0])] if route.is_mutual else [])]
        colours = {self.colours[nodes[asker].domain] for asker, _ in ways}
        colour = colours.pop() if len(colours) == 1 else NO_DOMAIN
        said = [
            f"{nodes[asker].title} → {nodes[owner].title}: {'; '.join(pairs[asker, owner].refused)}"
            for asker, owner in ways
        ]
        numbers = " ".join(f"n{self.numbers[name]}" for name in route.pair)
        canvas.group(kind=f"h {numbers}", tooltip="\n".join(said))
        canvas.curve(route.curve, stroke=colour, thick=1.2, dashed=all(pairs[way].is_makeshift for way in ways))
        for arrow in route.arrows:
            canvas.shape(arrow, fill=colour)

    def _pairs(self) -> dict[Pair, _Handed]:
        """Merge the hand-offs from one role to another."""
        pairs: dict[Pair, _Handed] = {}
        for line in self.chart.hand_offs:
            for owner in line.owners:
                former = pairs.get((line.asker, owner), _Handed(is_makeshift=True, refused=()))
                both = former.is_makeshift and line.is_makeshift
                pairs[line.asker, owner] = _Handed(is_makeshift=both, refused=(*former.refused, line.refused))
        return pairs

    @staticmethod
    def _table_height(blocks: Sequence[Block]) -> float:
        """Return the height of a table with its head; nothing where it is empty."""
        return 34 + max(sum(map(height_of, column)) for column in columns_of(blocks, _COLUMNS)) + 14 if blocks else 0.0

    def _draw_table(self, canvas: Canvas, head: str, blocks: Sequence[Block], top: float) -> float:
        """Draw a table and return where the next one begins."""
        if not blocks:
            return top
        canvas.lines([[(MARGIN, top - 14), (WIDTH - MARGIN, top - 14)]], stroke="#d5dae2", thick=1)
        canvas.text(head, MARGIN, top + 10, size=15, bold=True)
        for number, column in enumerate(columns_of(blocks, _COLUMNS)):
            left, y = MARGIN + number * (_ROOM + _GUTTER), top + 34
            for block in column:
                for entry in block:
                    for line in entry.lines:
                        bold = entry.look == "head"
                        fill = _LOOKS[entry.look]
                        x = left if bold else left + 12
                        canvas.text(line, x, y, size=SIZE, fill=fill, bold=bold, tooltip=entry.tooltip)
                        y += LINE
                y += LINE / 2
        return top + self._table_height(blocks)
