"""Reads the text of a rendered contract page: no ``#``, no bold, no code, page chrome around. Guesses no words.

The page is cut at what a contract surely holds: its title, its section names, its doctrine line. What
stands above the title and below the last paragraph is chrome, and is given back as ignored.
"""

from __future__ import annotations

import re
from typing import Final

from fleet_runtime.parsing.outline import Block, Item, Outline, Prose, Section
from fleet_runtime.patterns import pattern

_HEADING: Final = pattern(r"^[ ]{0,3}#{1,6}\s", re.MULTILINE)
_SECTION: Final = pattern(r"\s*(Mandate|Boundaries|Persona|Examples|Tools|Memory|Motions)\s*:?\s*", re.IGNORECASE)
_NEEDED: Final = pattern(r"^\s*(?:Mandate|Boundaries)\s*:?\s*$", re.IGNORECASE | re.MULTILINE)
_TITLE: Final = pattern(r"\s*\S.*[—\u2013-]\s*fleet role definition\s*", re.IGNORECASE)
_MARKER: Final = pattern(r"\bclass\s*:\s*[a-z]")
_BULLET: Final = pattern(r"(?P<indent>\s*)(?P<sign>[-*•◦▪‣·o\u2013]|\d{1,2}[.)])\s+(?P<text>\S.*)")
_DOCTRINE: Final = pattern(r"\s*>?\s*Doctrine\s*:", re.IGNORECASE)
_PERSISTENCE: Final = pattern(r"\s*It is an?\b.*\brole\b", re.IGNORECASE)
_REFUSAL: Final = pattern(r"(?:It\s+)?(?:does|do|must|will)\s+not\b|never\b", re.IGNORECASE)
_LISTS: Final = ("mandate", "boundaries", "examples", "tools", "memory")


def is_rendered(text: str) -> bool:
    """Tell whether ``text`` is a page that lost its markup: section names alone on a line, and no heading signs."""
    return _NEEDED.search(text) is not None and _HEADING.search(text) is None


def read_rendered(text: str) -> Outline:
    """Read a rendered page into an outline."""
    lines = text.split("\n")
    starts = [at for at, line in enumerate(lines) if _SECTION.fullmatch(line)]
    title_at = _title_line(lines[: starts[0]])
    title = None if title_at is None else _prose(lines[title_at], title_at)
    above = [_prose(line, at) for at, line in enumerate(lines[: title_at or 0]) if line.strip()]
    lead_from = 0 if title_at is None else title_at + 1
    sections: list[Section] = []
    below: list[Prose] = []
    for at, start in enumerate(starts):
        end = starts[at + 1] if at + 1 < len(starts) else len(lines)
        name = lines[start].strip().rstrip(":").strip()
        runs = _runs(lines, start + 1, end, listed=name.lower() in _LISTS)
        blocks, rest = (_listed(runs, name), []) if name.lower() in _LISTS else _told(runs, last=end == len(lines))
        below.extend(rest)
        sections.append(Section(name, start + 1, blocks, "\n".join(lines[start + 1 : end]).strip()))
    lead = tuple(Block("paragraph", part.prose()) for part in _runs(lines, lead_from, starts[0]))
    return Outline(title, lead, tuple(sections), (*above, *below))


def _title_line(lines: list[str]) -> int | None:
    """Find the title: the line with the known tail, else the last short one before the class marker."""
    for at, line in enumerate(lines):
        if _TITLE.fullmatch(line):
            return at
    marked = next((at for at, line in enumerate(lines) if _MARKER.search(line)), None)
    if marked is None:
        return None
    begin = marked
    while begin > 0 and lines[begin - 1].strip():
        begin -= 1
    return next((at for at in range(begin - 1, -1, -1) if lines[at].strip()), None)


class _Run:
    """Lines that belong together: a paragraph, or a bullet with its wrapped lines."""

    __slots__ = ("depth", "line", "words")

    def __init__(self, line: int, depth: int | None, first: str) -> None:
        self.line = line
        self.depth = depth
        self.words = [first]

    def prose(self) -> Prose:
        """Join the lines."""
        return Prose(" ".join(" ".join(self.words).split()), self.line)


def _prose(line: str, at: int) -> Prose:
    """Make prose of one line; ``at`` counts from 0."""
    return Prose(" ".join(line.split()), at + 1)


def _runs(lines: list[str], start: int, end: int, *, listed: bool = False) -> list[_Run]:
    """Cut lines into runs: at blank lines, bullets, the doctrine; in a list that lost its bullets, at every line."""
    by_line = listed and not any(_BULLET.fullmatch(line) for line in lines[start:end])
    runs: list[_Run] = []
    opened = False
    for at in range(start, end):
        line = lines[at]
        bullet = _BULLET.fullmatch(line)
        doctrine = _DOCTRINE.match(line) is not None
        if not line.strip():
            opened = False
        elif bullet:
            depth = len(bullet["indent"].expandtabs(4)) + (1 if bullet["sign"] in "◦o" else 0)
            runs.append(_Run(at + 1, depth, bullet["text"]))
            opened = True
        elif opened and not (doctrine or by_line or _PERSISTENCE.match(line)):
            runs[-1].words.append(line)
        else:
            runs.append(_Run(at + 1, None, line.strip().lstrip("> ")))
            opened = not doctrine
    return runs


def _listed(runs: list[_Run], name: str) -> tuple[Block, ...]:
    """Read a list section: bullets are items; where all bullets are lost, every line is one."""
    plain = all(run.depth is None for run in runs)
    top = min((run.depth for run in runs if run.depth is not None), default=0)
    items: list[Item] = []
    blocks: list[Block] = []
    for run in runs:
        prose = run.prose()
        if run.depth is not None and run.depth > top and items:
            items[-1] = Item(items[-1].prose, (*items[-1].children, Item(prose)))
        elif run.depth is not None or (plain and _is_item(prose.text, name)):
            items.append(Item(prose))
        else:
            blocks.append(Block("paragraph", prose))
    if items:
        blocks.insert(0, Block("list", Prose("", items[0].prose.line), tuple(items)))
    return tuple(blocks)


def _is_item(text: str, name: str) -> bool:
    """Tell whether a line without a bullet is an item: no doctrine and, among boundaries, a refusal."""
    return not _DOCTRINE.match(text) and (name.lower() != "boundaries" or _REFUSAL.match(text) is not None)


def _told(runs: list[_Run], *, last: bool) -> tuple[tuple[Block, ...], list[Prose]]:
    """Read a section of paragraphs; at the page's end only the first one and the doctrine are no chrome."""
    prose = [run.prose() for run in runs]
    if not last:
        return tuple(Block("paragraph", part) for part in prose), []
    kept = prose[:1] + [part for part in prose[1:] if _DOCTRINE.match(part.text)]
    return tuple(Block("paragraph", part) for part in kept), [part for part in prose if part not in kept]
