"""Finds the HTML comments of a Markdown text and takes them out. Reads no Markdown beyond code spans and fences.

A comment is said to whoever keeps the file, not to the role: it is no contract text. One that never closes is
no comment, and neither is one within a code span, a fence, or behind a backslash.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from fleet_runtime.patterns import pattern

OPENING: Final = "<!--"
CLOSING: Final = "-->"

_SIGN: Final = re.compile(
    r"""\\.                                                                   # a sign that is escaped
    |^(?:[ \t]*(?:[-+*>]|\d{1,9}[.)])[ \t])*[ \t]*(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})  # a fence, maybe in a list
    |(?P<ticks>`+)
    |<!--""",
    re.VERBOSE | re.MULTILINE,
)
_BLOCK_END: Final = pattern(r"\n(?=[ \t]*(?:$|#{1,6}[ \t]|[-+*][ \t]|\d{1,9}[.)][ \t]|>|`{3}|~{3}))", re.MULTILINE)
_TICKS: Final = pattern(r"`+")


class Comment(NamedTuple):
    """One comment: where it stands (``start`` to ``end``), what it says, and the line on which it begins."""

    start: int
    end: int
    text: str
    line: int


def find_comments(text: str) -> tuple[Comment, ...]:
    """Return the comments of ``text`` (with bare newlines) in order."""
    if OPENING not in text:
        return ()
    comments: list[Comment] = []
    for start, end in _places(text):
        line = text.count("\n", 0, start) + 1
        comments.append(Comment(start, end, text[start + len(OPENING) : end - len(CLOSING)].strip(), line))
    return tuple(comments)


def without_comments(text: str) -> str:
    """Return ``text`` without its comments; every line keeps its number, and no blanks are left where one stood."""
    if OPENING not in text:
        return text
    kept: list[str] = []
    touched: list[int] = []
    at = 0
    for start, end in _places(text):
        first, last = text.count("\n", 0, start), text.count("\n", 0, end)
        kept.append(text[at:start] + "\n" * (last - first))
        touched.extend((first, last))
        at = end
    lines = ("".join(kept) + text[at:]).split("\n")
    for number in touched:
        lines[number] = lines[number].rstrip()
    return "\n".join(lines)


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each comment."""
    last_closing = text.rfind(CLOSING)
    spans = _CodeSpans(text)
    at = 0
    while found := _SIGN.search(text, at):
        at = found.end()
        if found["fence"]:
            at = _fence_end(text, found)
        elif found["ticks"]:
            at = spans.end(found)
        elif found[0] == OPENING and last_closing >= found.start() + 2:
            # "<!-->" is a whole comment too, so its closing may begin within its opening.
            at = text.index(CLOSING, found.start() + 2) + len(CLOSING)
            yield found.start(), at


def _fence_end(text: str, opened: re.Match[str]) -> int:
    """Return where a fenced block ends: behind its closing line, or with the text."""
    sign, size = opened["fence"][0], len(opened["fence"])
    closing = re.compile(rf"^[ \t>]*{sign}{{{size},}}[ \t]*$", re.MULTILINE).search(text, opened.end())
    return closing.end() if closing else len(text)


class _CodeSpans:
    """Knows all runs of backticks, so that each one's partner is found without looking through the text again."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._runs: dict[int, list[int]] = {}
        for run in _TICKS.finditer(text):
            self._runs.setdefault(len(run[0]), []).append(run.start())
        self._block_end = -1

    def end(self, opened: re.Match[str]) -> int:
        """Return where the code span ends that a run opens; behind the run itself where it has no partner."""
        start = opened.end()
        if start > self._block_end:
            ends = _BLOCK_END.search(self._text, start)
            self._block_end = ends.start() if ends else len(self._text)
        size = len(opened["ticks"])
        runs = self._runs[size]
        at = bisect_right(runs, opened.start())
        return runs[at] + size if at < len(runs) and runs[at] < self._block_end else start
