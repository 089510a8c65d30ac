"""Foreign text within our Markdown: it reads as it was written, and can begin nothing of its own."""

from __future__ import annotations

import re
from typing import Final

_MEANINGFUL: Final = re.compile(r"[\\`*_\[\]<>|~]|&(?=#|\w+;)|!(?=\[)")
"""What Markdown reads anywhere in a line: emphasis, code, links, marks of ours, markup, cells, entities."""

_OPENING: Final = re.compile(r"\A(?:[#+=:-]|\d{1,9}(?=[.)](?:\s|\Z)))")
"""What makes a heading, list, rule or underline of the start of a line."""

_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]")
"""Control characters, also those that turn the direction of what follows."""

_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")


def one_line(text: str) -> str:
    """Bring a text onto one line, without characters that cannot be seen."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def plain(text: str) -> str:
    """Escape a text so that Markdown prints it as it stands, on one line; nothing in it can begin or end anything."""
    line = _MEANINGFUL.sub(lambda match: f"\\{match.group()}", one_line(text))
    opening = _OPENING.match(line)
    if opening is None:
        return line
    start = opening.group()
    return f"{start}\\{line[len(start) :]}" if start[0].isdigit() else f"\\{line}"


def as_read(markdown: str) -> str:
    """Return a text of ours as a reader sees it, escapes undone: an e-mail is no Markdown when it is sent."""
    return _ESCAPED.sub(r"\1", markdown)


def clipped(text: str, most: int) -> str:
    """Bring a text onto one line of at most ``most`` characters, cut at a word where there is one."""
    line = one_line(text)
    if len(line) <= most:
        return line
    kept = line[: most - 1]
    at = kept.rfind(" ")
    return f"{(kept[:at] if at > most // 2 else kept).rstrip()}\u2026"
