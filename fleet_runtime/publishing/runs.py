"""Text as runs of one style, and runs as lines of a width. Knows no page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal, NamedTuple

from markdown_it.tree import SyntaxTreeNode

from fleet_runtime.dates import MONTHS
from fleet_runtime.publishing.canvas import BOX, characters
from fleet_runtime.publishing.reading import MARK

Style = Literal["", "B", "I", "BI"]
_STYLES: Final[dict[frozenset[str], Style]] = {
    frozenset(): "",
    frozenset("B"): "B",
    frozenset("I"): "I",
    frozenset("BI"): "BI",
}


TIED: Final = "\u00a0"
"""A blank at which no line ends."""

_DATE: Final = re.compile(rf"\b\d{{1,2}} (?:{'|'.join(MONTHS)}) \d{{4}}\b")
_ROUNDING: Final = 0.01
_SMALL: Final = 0.85
"""A column that asks for less than this share of an equal part gets what it asks for."""


class Run(NamedTuple):
    """A piece of text of one style; ``mark`` is the number of a source, 0 where it is none. ``breaks``: a line ends."""

    text: str
    style: Style = ""
    mark: int = 0
    breaks: bool = False


class Line(NamedTuple):
    """What stands on one line, and how wide it is."""

    runs: tuple[Run, ...]
    width: float


Measure = Callable[[Run], float]
"""How wide a run is."""


def runs_of(node: SyntaxTreeNode, styles: frozenset[str] = frozenset()) -> Iterator[Run]:
    """Yield what a node says, as runs."""
    if node.type == MARK:
        comma = "," if node.previous_sibling is not None and node.previous_sibling.type == MARK else ""
        yield Run(comma + node.content, "", int(node.content))
    elif node.type in {"softbreak", "hardbreak"}:
        yield Run(" ", breaks=node.type == "hardbreak")
    elif node.type in {"text", "code_inline", "fence", "code_block"}:
        yield Run(_DATE.sub(lambda date: date.group().replace(" ", TIED), shown(node.content)), _STYLES[styles])
    elif node.type == "image":
        yield Run(shown(node.content), _STYLES[styles | {"I"}])
    else:
        more = {"strong": {"B"}, "em": {"I"}}.get(node.type, set[str]())
        for child in node.children:
            yield from runs_of(child, styles | more)


def shown(text: str) -> str:
    """Return a text in which characters that the font does not have are boxes."""
    known = characters()
    return "".join(one if ord(one) in known or one.isspace() else BOX for one in text)


def lines_of(runs: Sequence[Run], width: float, measure: Measure) -> list[Line]:
    """Lay runs out in lines: broken at blanks, and within a word only where it is wider than a line.

    Args:
        runs: what to lay out.
        width: how wide a line may be.
        measure: how wide a run is.
    """
    lines: list[Line] = []
    line: list[Run] = []
    taken = 0.0
    for word in _words(runs, width, measure):
        size = sum(map(measure, word))
        if line and taken + size - _trailing(word, measure) > width + _ROUNDING:
            lines.append(_ended(line, measure))
            line, taken = [], 0.0
        line.extend(word)
        taken += size
        if any(run.breaks for run in word):
            lines.append(_ended(line, measure))
            line, taken = [], 0.0
    if line:
        lines.append(_ended(line, measure))
    return lines


def widest_word(runs: Sequence[Run], measure: Measure) -> float:
    """Return how wide the widest word is."""
    words = _words(runs, float("inf"), measure)
    return max((sum(map(measure, word)) - _trailing(word, measure) for word in words), default=0.0)


def _words(runs: Sequence[Run], width: float, measure: Measure) -> Iterator[list[Run]]:
    """Yield words, each with the blank and the marks that follow it: what must not be torn apart."""
    word: list[Run] = []
    for run in runs:
        if run.mark or run.breaks:
            word.append(run)
            continue
        pieces = run.text.replace("\n", " ").split(" ")
        for place, piece in enumerate(pieces):
            blank = " " if place < len(pieces) - 1 else ""
            if piece or blank:
                for part in _parts(Run(piece + blank, run.style), width, measure):
                    if word and sum(map(measure, word)) + measure(part) > width + _ROUNDING:
                        yield word
                        word = []
                    word.append(part)
            if blank:
                yield word
                word = []
    if word:
        yield word


def _parts(run: Run, width: float, measure: Measure) -> Iterator[Run]:
    """Cut a word that is wider than a line."""
    while measure(run) > width + _ROUNDING and len(run.text) > 1:
        at = len(run.text) - 1
        while at > 1 and measure(Run(run.text[:at], run.style)) > width:
            at -= 1
        yield Run(run.text[:at], run.style)
        run = Run(run.text[at:], run.style)
    yield run


def _trailing(word: Sequence[Run], measure: Measure) -> float:
    """Return the width of the blank at a word's end."""
    last = word[-1]
    return measure(last) - measure(Run(last.text.rstrip(" "), last.style)) if not last.mark else 0.0


def _ended(line: Sequence[Run], measure: Measure) -> Line:
    """End a line: without the blank at its end, neighbours of one style joined."""
    joined: list[Run] = []
    for run in line:
        if joined and not run.mark and not joined[-1].mark and joined[-1].style == run.style:
            joined[-1] = Run(joined[-1].text + run.text, run.style)
        else:
            joined.append(run)
    if joined and not joined[-1].mark:
        joined[-1] = Run(joined[-1].text.rstrip(" "), joined[-1].style)
    return Line(tuple(joined), sum(map(measure, joined)))


def shared(width: float, least: Sequence[float], whole: Sequence[float]) -> list[float]:
    """Share a width out among columns: to small ones all that they ask for, and the rest by how much text they have.

    Args:
        width: how much there is; more than the sum of ``least``, and less than that of ``whole``.
        least: what a column needs for its widest word.
        whole: what a column needs so that nothing is broken.
    """
    given = dict[int, float]()
    while True:
        left = width - sum(given.values())
        open_ones = [place for place in range(len(whole)) if place not in given]
        needed = sum(least[place] for place in open_ones)
        small = [
            place
            for place in open_ones
            if whole[place] <= _SMALL * left / len(open_ones) and left - whole[place] >= needed - least[place]
        ]
        if not small:
            break
        place = min(small, key=lambda one: whole[one])
        given[place] = whole[place]
    spare = left - needed
    wanted = {place: max(0.0, whole[place] - least[place]) ** 0.7 for place in open_ones}
    total = sum(wanted.values()) or 1.0
    given |= {place: least[place] + spare * wanted[place] / total for place in open_ones}
    return [given[place] for place in range(len(whole))]
