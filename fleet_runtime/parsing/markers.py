"""Finds the inline markers (``class``, ``domain``, ``persistent_persona``) in the lead. Judges no value.

The markers stand as code spans or plain text, mostly inside one pair of parentheses, and may be
wrapped over a line end; the prose here has single spaces, so the wrap is gone.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, cast

from fleet_runtime.parsing.outline import Block, Prose

MarkerName = Literal["class", "domain", "persistent_persona"]

PAIR = re.compile(r"\b(class|domain|persistent_persona)\s*:\s*([^,;()]*)")
GROUP = re.compile(r"\s*\(([^()]*\b(?:class|domain|persistent_persona)\s*:[^()]*)\)")
_REASON = re.compile(r"\s*[:.,;—\u2013-]?\s*(.*)", re.DOTALL)


class Marker(NamedTuple):
    """One marker as it was written."""

    name: MarkerName
    value: str
    line: int


class Lead(NamedTuple):
    """The lead without its markers: what the role is, and why it is persistent or not."""

    markers: tuple[Marker, ...]
    summary: str
    reason: str


def read_lead(blocks: tuple[Block, ...]) -> Lead:
    """Take the markers out of the lead's paragraphs and lists."""
    markers: list[Marker] = []
    summary: list[str] = []
    reason = ""
    for prose in _prose(blocks):
        found, text, after = _taken_out(prose)
        markers.extend(found)
        if [marker.name for marker in found] == ["persistent_persona"]:
            reason = reason or after
        elif text:
            summary.append(text)
    return Lead(tuple(markers), " ".join(summary), reason)


def _prose(blocks: tuple[Block, ...]) -> list[Prose]:
    """Return all prose of the blocks in order, list items included."""
    return [
        prose
        for block in blocks
        for prose in ([item.prose for item in block.items] if block.kind == "list" else [block.prose])
    ]


def _taken_out(prose: Prose) -> tuple[list[Marker], str, str]:
    """Return the markers, the text without them, and the text after the last one."""
    found: list[Marker] = []
    kept: list[str] = []
    at = 0
    for start, end, inner in _places(prose):
        found.extend(
            Marker(cast("MarkerName", pair[1]), pair[2].strip(" `*"), prose.line) for pair in PAIR.finditer(inner)
        )
        rest = re.sub(r"\s*[,;]\s*(?=[,;]|$)|^\s*[,;]\s*", "", PAIR.sub("", inner)).strip(" ,;`*")
        kept.append(prose.text[at:start] + (f" ({rest})" if rest else ""))
        at = end
    kept.append(prose.text[at:])
    after = _REASON.fullmatch(kept[-1]) if found else None
    return found, "".join(kept).strip(), after[1].strip() if after else ""


def _places(prose: Prose) -> list[tuple[int, int, str]]:
    """Return start, end and inner text of each parenthesis or lone code span that holds markers."""
    groups = [(match.start(), match.end(), match[1]) for match in GROUP.finditer(prose.text)]
    spans = [
        (mark.start, mark.end, prose.text[mark.start : mark.end])
        for mark in prose.marks
        if mark.kind == "code"
        and PAIR.fullmatch(prose.text[mark.start : mark.end])
        and not any(start <= mark.start < end for start, end, _ in groups)
    ]
    return sorted(groups + spans)
