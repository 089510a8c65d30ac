"""The curves of the hand-offs: from side to side of the boxes, each with a place of its own there. Draws nothing.

Boxes of one row that have others between them are joined by an arch above the row, as far as there is room. Two roles
that hand work to each other share one curve with a head at either end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from fleet_runtime.charting.layout import BOX_WIDTH, Box, Point

Side = Literal["left", "right", "top"]
Pair = tuple[str, str]
Sides = tuple[Side, Side]
Arrow = tuple[Point, Point, Point]

ARROW: Final = 6.0
_UPWARD: Final[Sides] = ("top", "top")
_FIRST_PORT: Final = 22.0  # below a box's head, which holds its number and domain
_LAST_PORT: Final = 6.0
_CORNER: Final = 14.0
_BULGE: Final = 14.0
_WIDEST_BULGE: Final = 26.0
_NEXT: Final = 40.0  # boxes that are no farther apart have nothing between them
_LOWEST_ARCH: Final = 8.0
_HIGHEST_ARCH: Final = 27.0


class Route(NamedTuple):
    """One curve: a first point, then two handles and an end; and the corners of its one or two arrow heads.

    ``pair`` is asker and owner; ``is_mutual`` tells that the owner hands work to the asker as well.
    """

    pair: Pair
    is_mutual: bool
    curve: tuple[Point, Point, Point, Point]
    arrows: tuple[Arrow, ...]


def routes_of(pairs: Iterable[Pair], boxes: Mapping[str, Box]) -> tuple[Route, ...]:
    """Lead a curve from each asker's box to its owner's box."""
    given = dict.fromkeys(pairs)
    order = {name: number for number, name in enumerate(boxes)}
    mutual = {(a, b) for a, b in given if (b, a) in given and order[a] < order[b]}
    wanted = [(a, b) for a, b in given if (b, a) not in mutual]
    arches = {pair: height for pair in wanted if (height := _arch(boxes[pair[0]], boxes[pair[1]], boxes)) > 0}
    sides = {pair: _UPWARD if pair in arches else _sides(boxes[pair[0]], boxes[pair[1]]) for pair in wanted}
    ports = _ports(sides, boxes)
    return tuple(
        _arched(pair, arches[pair], ports, is_mutual=pair in mutual)
        if pair in arches
        else _level(pair, sides[pair], ports, is_mutual=pair in mutual)
        for pair in wanted
    )


def _arch(one: Box, other: Box, boxes: Mapping[str, Box]) -> float:
    """Return how high an arch over what stands between two boxes of a row may be; 0 where none is needed or fits."""
    left, right = min(one.x, other.x), max(one.right, other.right)
    if one.y != other.y or right - left - 2 * BOX_WIDTH <= _NEXT:
        return 0.0
    above = (one.y - box.bottom for box in boxes.values() if box.bottom <= one.y and box.right > left and box.x < right)
    room = min(above, default=_HIGHEST_ARCH) - 3
    height = min(room, _LOWEST_ARCH + (right - left) / 30, _HIGHEST_ARCH)
    return height if height >= _LOWEST_ARCH else 0.0


def _sides(asker: Box, owner: Box) -> Sides:
    """Choose the sides where a curve leaves and arrives: those that face each other, or else one free of lines."""
    if owner.x > asker.right:
        return ("right", "left")
    if owner.right < asker.x:
        return ("left", "right")
    if abs(owner.x - asker.x) < BOX_WIDTH / 2:
        return ("right", "right")
    return ("left", "left") if (owner.x < asker.x) == (owner.y > asker.y) else ("right", "right")


def _ports(sides: Mapping[Pair, Sides], boxes: Mapping[str, Box]) -> dict[tuple[Pair, int], Point]:
    """Give each end of each curve its place at the box's side, in the order of where it leads."""
    at: dict[tuple[str, Side], list[tuple[float, Pair, int]]] = {}
    for pair, ends in sides.items():
        for end, side in enumerate(ends):
            other = boxes[pair[1 - end]]
            at.setdefault((pair[end], side), []).append((other.x if side == "top" else other.y, pair, end))
    ports: dict[tuple[Pair, int], Point] = {}
    for (name, side), ends_here in at.items():
        for number, (_, pair, end) in enumerate(sorted(ends_here)):
            ports[pair, end] = _port(boxes[name], side, (number + 0.5) / len(ends_here))
    return ports


def _port(box: Box, side: Side, share: float) -> Point:
    """Return the point at a box's side; ``share`` (0..1) goes from left to right, or from the head downward."""
    if side == "top":
        return (box.x + _CORNER + (box.width - 2 * _CORNER) * share, box.y)
    height = box.y + _FIRST_PORT + (box.height - _FIRST_PORT - _LAST_PORT) * share
    return (box.x if side == "left" else box.right, height)


def _arched(pair: Pair, height: float, ports: Mapping[tuple[Pair, int], Point], *, is_mutual: bool) -> Route:
    """Draw one arch; it rises and falls upright."""
    foot, tip = ports[pair, 0], ports[pair, 1]
    start = (foot[0], foot[1] - ARROW) if is_mutual else foot
    end = (tip[0], tip[1] - ARROW)
    crown = tip[1] - height * 4 / 3  # a cubic reaches three quarters of its handles' height
    return _with_arrows(pair, (start, (start[0], crown), (end[0], crown), end), foot, tip, is_mutual=is_mutual)


def _level(pair: Pair, sides: Sides, ports: Mapping[tuple[Pair, int], Point], *, is_mutual: bool) -> Route:
    """Draw one curve that leaves and arrives level."""
    away, home = (1 if side == "right" else -1 for side in sides)
    foot, tip = ports[pair, 0], ports[pair, 1]
    start = (foot[0] + away * ARROW, foot[1]) if is_mutual else foot
    end = (tip[0] + home * ARROW, tip[1])
    if away == home:
        bulge = min(_WIDEST_BULGE, _BULGE + abs(end[1] - start[1]) / 20)
        outmost = (max(start[0] * away, end[0] * away) + bulge) * away
        handles = ((outmost, start[1]), (outmost, end[1]))
    else:
        reach = max(_BULGE, abs(end[0] - start[0]) / 2)
        handles = ((start[0] + away * reach, start[1]), (end[0] + home * reach, end[1]))
    return _with_arrows(pair, (start, *handles, end), foot, tip, is_mutual=is_mutual)


def _with_arrows(
    pair: Pair, curve: tuple[Point, Point, Point, Point], foot: Point, tip: Point, *, is_mutual: bool
) -> Route:
    """Join a curve and its heads."""
    arrows = (_arrow(tip, curve[3]), *((_arrow(foot, curve[0]),) if is_mutual else ()))
    return Route(pair, is_mutual, curve, arrows)


def _arrow(tip: Point, end: Point) -> Arrow:
    """Draw a head from where a curve ends to the side of the box."""
    half = ARROW / 2
    if tip[0] == end[0]:
        return (tip, (end[0] - half, end[1]), (end[0] + half, end[1]))
    return (tip, (end[0], end[1] - half), (end[0], end[1] + half))
