"""Keeps a tool's result within what a prompt can take. Summarises nothing: it cuts, and says so."""

from __future__ import annotations

import re
from typing import Final

_LAST_WORD: Final = re.compile(r"\s+\S*\Z")
_WORD: Final = 100
"""How far back (characters) a word's beginning is looked for: longer runs are no words, and are cut."""


def bounded(text: str, characters: int) -> str:
    """Return ``text`` if it has at most so many ``characters``, else its beginning and how much was left out.

    It is cut between words where there are any. The result, with its note, is never longer than ``characters``; where
    not even the note has room, it is a plain cut.
    """
    text = text.replace("\0", "")  # no database keeps it
    if len(text) <= characters:
        return text
    room = characters - len(_note(len(text), len(text)))
    if room <= 0:
        return text[: max(characters, 0)]
    kept = text[:room]
    if not text[room].isspace():
        kept = kept[:-_WORD] + _LAST_WORD.sub("", kept[-_WORD:])
    kept = kept.rstrip()
    return kept + _note(len(text) - len(kept), len(text))


def _note(left_out: int, total: int) -> str:
    """Say how much is missing."""
    return f" … [{left_out} of {total} characters left out]"
