"""How one role looks as a box: what stands in it and how it is framed. Places no box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from fleet_runtime.charting.canvas import Canvas
from fleet_runtime.charting.chart import Node, marked
from fleet_runtime.charting.layout import Box
from fleet_runtime.charting.marks import nobody, persistent, star
from fleet_runtime.charting.palette import ERROR, WARNING, tint
from fleet_runtime.charting.words import TIMES, cut, width_of, wrap

HEAD: Final = 17.0
TITLE_SIZE: Final = 12.0
SMALL: Final = 11.0
PAD: Final = 7.0
_INK: Final = "#1b1f27"
_GREY: Final = "#4b5563"


class Face(NamedTuple):
    """What a box shows: the role, its domain's colour, its number, and the numbers of those to whom it hands work."""

    node: Node
    colour: str
    number: int
    targets: tuple[int, ...]


def draw_box(canvas: Canvas, box: Box, face: Face) -> None:
    """Draw one role: head with number, domain and marks; title; to whom it hands work."""
    node, colour, number, targets = face
    faults = marked(node.faults)
    edge = colour if not faults else ERROR if faults[0].severity == "error" else WARNING
    canvas.group(kind=f"b{number}", tooltip=_tooltip(node))
    if node.multiplicity > 1:
        canvas.rectangle(box.x + 4, box.y + 4, box.width, box.height, fill="#ffffff", stroke=colour, rounded=6)
    fill = "#ffffff" if node.vacant else tint(colour, 0.09)
    canvas.rectangle(box.x, box.y, box.width, box.height, fill=fill, rounded=6)
    canvas.rectangle(box.x, box.y, box.width, HEAD, fill=colour, rounded=6)
    canvas.rectangle(box.x, box.y + HEAD - 6, box.width, 6, fill=colour)
    canvas.rectangle(
        box.x, box.y, box.width, box.height, stroke=edge, thick=2.6 if faults else 1, rounded=6, dashed=node.vacant
    )
    _draw_head(canvas, node, box, number)
    lines = wrap(node.title, box.width - 2 * PAD, TITLE_SIZE, most_lines=2, bold=True)
    for row, line in enumerate(lines):
        canvas.text(line, box.x + PAD, box.y + HEAD + 13 + 13.5 * row, size=TITLE_SIZE, bold=True, fill=_INK)
    room = box.width - 2 * PAD - (16 if node.unowned else 0)
    canvas.text(_foot(node, targets, room), box.x + PAD, box.bottom - 6, size=SMALL, fill=_GREY)
    if node.unowned:
        nobody(canvas, box.right - PAD - 5, box.bottom - 10, _GREY)
    if faults:
        canvas.circle(box.right - 3, box.y + 2, 8.5, fill=edge, stroke="#ffffff")
        canvas.text(str(len(faults)), box.right - 3, box.y + 6, size=SMALL, bold=True, fill="#ffffff", anchor="middle")


def _draw_head(canvas: Canvas, node: Node, box: Box, number: int) -> None:
    """Write number and domain, and from the right the marks."""
    y = box.y + 12.5
    right = box.right - PAD - (6 if marked(node.faults) else 0)
    if node.multiplicity > 1:
        text = f"{TIMES}{node.multiplicity}"
        canvas.text(text, right, y, size=SMALL, bold=True, fill="#ffffff", anchor="end")
        right -= width_of(text, SMALL, bold=True) + 5
    if node.persistent:
        persistent(canvas, right - 5, box.y + HEAD / 2, "#ffffff")
        right -= 14
    if node.lead:
        star(canvas, right - 6, box.y + HEAD / 2, "#ffffff")
        right -= 15
    canvas.text(str(number), box.x + PAD, y, size=SMALL, bold=True, fill="#ffffff")
    left = box.x + PAD + width_of(str(number), SMALL, bold=True) + 6
    canvas.text(cut(node.domain or "no domain", right - left, SMALL), left, y, size=SMALL, fill="#ffffff")


def _foot(node: Node, targets: Sequence[int], room: float) -> str:
    """Say by number to whom a role hands work."""
    if node.vacant:
        return cut("no sound role file", room, SMALL)
    return cut(f"→ {' · '.join(map(str, targets))}", room, SMALL) if targets else ""


def _tooltip(node: Node) -> str:
    """Say in words what the box shows."""
    parts = [f"{node.title} ({node.role_class})", node.domain or "no domain"]
    parts += ["leads"] if node.lead else []
    parts += ["persistent"] if node.persistent else []
    parts += ["always at work"] if node.floor else []
    parts += [f"{node.multiplicity} of them"] if node.multiplicity > 1 else []
    return "\n".join([", ".join(parts), *(str(fault) for fault in marked(node.faults))])
