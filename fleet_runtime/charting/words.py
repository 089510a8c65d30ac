"""Foreign text made fit for a drawing: one clean line, cut or wrapped by its measured width. Escapes nothing.

Widths are those of DejaVu Sans, the widest of the usual sans-serif fonts, so that text measured here also fits
where a viewer has only a narrower one.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

ELLIPSIS: Final = "…"
TIMES: Final = "\N{MULTIPLICATION SIGN}"

_REGULAR: Final = (
    "28ijl 29'IJ 32,.· 34/:;\\| 35f 36- 39()[]t 40! 41r 46\" 50*_` 52sz“” 53? 55c 56L 58Fk 59vxy 60P 61TYao 62e "
    "63ESbdghnpqu 64$0123456789{} 66K 68AV 69BRXZ 70C 73U 75HN 77DG 78& 79OQ 82w 84#+<=>^~→ 86M 95% 97m 99W"
)
_BOLD: Final = (
    "31' 34ijl 37/IJ\\| 38,.· 40:; 42- 44f 46!()[] 48t 49r 50_` 52\"* 58?z 59c 60s 64L 65vxy 66“” 67ak 68EFTe 69o "
    "70$0123456789 71hnu{} 72SYbdgpq 73CPZ 76B 77AKRVX 81U 82G 83D 84#+<=>HN^~→ 85OQ 87& 92w 100%@M… 104m 110W"
)
_UNKNOWN: Final = 105
"""Hundredths of an em for a sign that is not in the tables; nearly all are narrower."""


def plain(text: str) -> str:
    """Bring text onto one line, without control, format and unassigned characters.

    What is left may stand in XML and cannot steer a terminal or turn the writing direction.
    """
    kept = "".join(sign if not unicodedata.category(sign).startswith("C") else " " for sign in text)
    return " ".join(kept.split())


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of one line of text in the unit of ``size``; generous rather than exact."""
    table = _table(bold=bold)
    return sum(_em(sign, table) for sign in text) * size / 100


def cut(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Return the text, shortened with an ellipsis until it fits into ``room``; nothing where not even that fits."""
    if width_of(text, size, bold=bold) <= room:
        return text
    table = _table(bold=bold)
    left = room * 100 / size - _em(ELLIPSIS, table)
    if left < 0:
        return ""
    kept: list[str] = []
    for sign in text:
        left -= _em(sign, table)
        if left < 0:
            break
        kept.append(sign)
    return "".join(kept).rstrip() + ELLIPSIS


def wrap(text: str, room: float, size: float, *, most_lines: int, bold: bool = False) -> tuple[str, ...]:
    """Break text at its spaces into lines that fit into ``room``.

    A word that is too long is cut, and so is the last line where ``most_lines`` are not enough.
    """
    lines: list[str] = []
    words = text.split()
    while words:
        line = words.pop(0)
        if len(lines) == most_lines - 1:
            line, words = " ".join([line, *words]), []
        while words and width_of(f"{line} {words[0]}", size, bold=bold) <= room:
            line = f"{line} {words.pop(0)}"
        lines.append(cut(line, room, size, bold=bold))
    return tuple(lines)


def shortened(text: str, most: int) -> str:
    """Return the text, cut at a word to at most ``most`` characters."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    return (head[: head.rfind(" ")] if " " in head else head).rstrip(",;:") + ELLIPSIS


def _em(sign: str, table: dict[str, int]) -> int:
    """Return a sign's width in hundredths of an em; an accented letter is as wide as its letter."""
    known = table.get(sign)
    if known is not None:
        return known
    base = unicodedata.normalize("NFD", sign)[0]
    return table.get(base, _UNKNOWN)


@lru_cache(maxsize=2)
def _table(*, bold: bool) -> dict[str, int]:
    """Read a font's widths by sign."""
    table: dict[str, int] = {" ": 35 if bold else 32, "\N{EN DASH}": 50, TIMES: 84}
    for entry in (_BOLD if bold else _REGULAR).split():
        digits = 3 if entry.startswith("1") else 2
        table |= dict.fromkeys(entry[digits:], int(entry[:digits]))
    return table
