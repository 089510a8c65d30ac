"""Joins the pieces of one block to a prose with single spaces and marks. Reads no Markdown; its readers do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from fleet_runtime.parsing.outline import Mark, Prose

Event = tuple[Literal["text", "code", "open", "close"], str]
"""A step through a block's text: some of it, or where bold begins or ends."""


_BLANKS: Final = re.compile(r"\s+")


def flattened(events: Iterable[Event], line: int) -> Prose:
    """Join the events to a text with single spaces, and note where its markup was."""
    text = ""
    marks: list[Mark] = []
    opened: list[int] = []
    for kind, content in events:
        start = len(text)
        if kind == "open":
            opened.append(start)
        elif kind == "close":
            if opened:
                marks.append(Mark(opened.pop(), start, "bold"))
        else:
            piece = _BLANKS.sub(" ", content)
            text += piece.lstrip(" ") if not text or text.endswith(" ") else piece
            if kind == "code":
                marks.append(Mark(start, len(text), "code"))
    return Prose(text.rstrip(), line, tuple(sorted(marks, key=lambda mark: mark.start)))
