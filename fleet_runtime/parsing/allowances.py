"""Reads the comments by which a file argues a finding: ``<!-- check: allow CODE — reason -->``. Judges none of them.

In YAML, a profile's or a role file's frontmatter, the same is written ``# check: allow CODE — reason``.
"""

from __future__ import annotations

import re
from typing import Final

from fleet_runtime.contracts import Value
from fleet_runtime.parsing.comments import find_comments
from fleet_runtime.parsing.reading import LARGEST

_WORD: Final = "check"
_ALLOW: Final = re.compile(
    r"check\s*:\s*allow(?!\w)\s*(?P<code>\w+(?:-\w+)*)?\s*(?:[—\u2013:]|-+)?\s*(?P<reason>.*)", re.DOTALL
)
_YAML_COMMENT: Final = re.compile(r"(?:^|\s)#+[ \t]*(check\s*:.*)$", re.MULTILINE)
_YAML_KEY: Final = re.compile(r"[\w-]+[ \t]*:(?:\s|$)")
_FENCE: Final = re.compile(r"^---[ \t]*$", re.MULTILINE)


class Allowance(Value):
    """A finding that a file allows: its code, why, and the line of the comment; what was left out is empty."""

    code: str
    reason: str
    line: int


def read_allowances(text: str) -> tuple[Allowance, ...]:
    """Return what the comments of a role or profile file allow, by line.

    Comments within code spans and fences are text, and allow nothing; neither does a file too large to be read.
    """
    if len(text) > LARGEST or _WORD not in text:
        return ()
    plain = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    start, end = _yaml_part(plain)
    found = [*_in_yaml(plain, start, end), *_in_markdown(plain, end)]
    return tuple(sorted(found, key=lambda allowance: allowance.line))


def _in_markdown(text: str, start: int) -> list[Allowance]:
    """Read the comments of the Markdown that begins at ``start``."""
    above = text.count("\n", 0, start)
    return [
        _allowance(match, comment.line + above)
        for comment in find_comments(text[start:])
        if (match := _ALLOW.fullmatch(comment.text))
    ]


def _in_yaml(text: str, start: int, end: int) -> list[Allowance]:
    """Read the comments of the YAML between two places."""
    found: list[Allowance] = []
    for comment in _YAML_COMMENT.finditer(text, start, end):
        match = _ALLOW.fullmatch(comment[1].strip())
        if match:
            found.append(_allowance(match, text.count("\n", 0, comment.start(1)) + 1))
    return found


def _allowance(match: re.Match[str], line: int) -> Allowance:
    """Make a value of one comment."""
    return Allowance(code=match["code"] or "", reason=" ".join(match["reason"].split()), line=line)


def _yaml_part(text: str) -> tuple[int, int]:
    """Return where the YAML stands: between the frontmatter's fences, or the whole of a file that begins as YAML."""
    fence = _FENCE.match(text)
    closing = _FENCE.search(text, fence.end()) if fence else None
    if fence and closing:
        return fence.end(), closing.start()
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith(("#", "---"))), "")
    return (0, len(text)) if _YAML_KEY.match(first) else (0, 0)
