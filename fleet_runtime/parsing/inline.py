"""Reads the markup within one block: bold and code. What it is not sure of goes to markdown-it-py.

Most lines of a contract hold no markup, or a bold phrase and a code span; those are read here, and a property
test holds that the result is the same.
"""

from __future__ import annotations

import re
from typing import Final

from fleet_runtime.parsing.outline import Prose
from fleet_runtime.parsing.prose import Event, flattened

_SIGNS: Final = "*`_\\&"
_HARD: Final = re.compile(
    r"""\\                              # escapes
    |&[#\w]+;                           # character references
    |\*{3}|(?<!\*)\*(?!\*)              # emphasis other than bold
    |(?<![a-zA-Z0-9])_|_(?![a-zA-Z0-9])  # underscores that are not within a word
    |``                                 # code spans of several backticks
    """,
    re.VERBOSE,
)
_OPENS: Final = re.compile(r"(?:^|(?<=[\s(]))\*\*(?=[^\W_])")
_CLOSES: Final = re.compile(r"(?<=[^\W_])\*\*(?=[\s!-/:-@\[-`{-~]|$)|(?<=[!-/:-@\[-`{-~])\*\*(?=\s|$)")
_STEP: Final = re.compile(r"\*\*|`")


def read_inline(content: str, line: int) -> Prose:
    """Flatten one block's text, its lines joined by newlines; line ends and runs of blanks become single spaces."""
    if not any(sign in content for sign in _SIGNS):
        return Prose(" ".join(content.split()), line)
    events = _simple(content)
    if events is None:
        from fleet_runtime.parsing.markdown import inline_prose  # noqa: PLC0415 -- an import costs 45 ms, so it is late

        return inline_prose(content, line)
    return flattened(events, line)


def _simple(content: str) -> list[Event] | None:
    """Read bold phrases and code spans that cannot be mistaken, or return None."""
    if _HARD.search(content) or content.count("`") % 2:
        return None
    events: list[Event] = []
    at, bold = 0, False
    while step := _STEP.search(content, at):
        events.append(("text", content[at : step.start()]))
        if step[0] == "`":
            end = content.index("`", step.end())
            events.append(("code", _code(content[step.end() : end])))
            at = end + 1
            continue
        if not (_CLOSES if bold else _OPENS).match(content, step.start()):
            return None
        events.append(("close" if bold else "open", ""))
        bold, at = not bold, step.end()
    events.append(("text", content[at:]))
    return None if bold else events


def _code(content: str) -> str:
    """Take one blank off both sides of a code span that has them on both, as CommonMark does."""
    spaced = content.replace("\n", " ")
    return spaced[1:-1] if spaced.startswith(" ") and spaced.endswith(" ") and spaced.strip(" ") else spaced
