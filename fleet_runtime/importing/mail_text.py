"""Takes from a mail's body what its writer wrote anew: quoted history and signature go. Reads no headers.

Whoever quotes is not the author of the quote, and a memory keeps who said what. What is in doubt stays: only lines
marked as quoted, what follows a header of an earlier mail, and what follows a signature's mark are cut off. Each line
is looked at once or twice, so that no text takes long.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final

_QUOTED: Final = re.compile(r"\s{0,3}>")
_ATTRIBUTION: Final = re.compile(
    r"(?:On|Am|Le|El|Il)\s[^\n]{0,200}\d[^\n]{0,200}"
    r"\s(?:wrote|schrieb(?:\s[^\n]{1,120})?|a écrit|escribió|ha scritto)\s?:",
)
_LONGEST_ATTRIBUTION: Final = 300
_EARLIER_MAIL: Final = re.compile(
    r"\s*-{2,}\s*(?:Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original)\s*-{2,}\s*$",
    re.IGNORECASE,
)
_FROM: Final = re.compile(r"[\s*]*(?:From|Von|De)\s?:", re.IGNORECASE)
_SENT: Final = re.compile(r"[\s*]*(?:Sent|Date|Gesendet|Datum|Envoyé|Enviado)\s?:", re.IGNORECASE)
_TO: Final = re.compile(r"[\s*]*(?:To|An|À|Para|Subject|Betreff|Objet|Asunto)\s?:", re.IGNORECASE)
_HEADER_LINES: Final = 6
_DEVICE: Final = re.compile(
    r"\s*(?:Sent from (?:my|Outlook|Mail)|Get Outlook for|Von meinem .{1,40} gesendet|Gesendet von)\b.{0,80}$",
    re.IGNORECASE,
)


def written_anew(body: str) -> str:
    """Return a plain body without quoted history, signature and what devices add."""
    lines = [line.rstrip().replace("\u00a0", " ") for line in body.replace("\r\n", "\n").split("\n")]
    kept: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if line in {"--", "-- "} or _EARLIER_MAIL.match(line) or _earlier_headers(lines, number, kept):
            break
        length = _attribution(lines, number)
        if length:
            number += length
            following = next((one for one in lines[number:] if one), "")
            if not _QUOTED.match(following):
                break  # the whole earlier mail follows, unmarked
            continue
        if not _QUOTED.match(line):
            kept.append(line)
        number += 1
    while kept and (not kept[-1] or _DEVICE.match(kept[-1])):
        kept.pop()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _attribution(lines: Sequence[str], number: int) -> int:
    """Return over how many lines "On …, somebody wrote:" runs here, or 0."""
    if not lines[number].startswith(("On ", "Am ", "Le ", "El ", "Il ")):
        return 0
    for length in (1, 2, 3):
        said = " ".join(lines[number : number + length])
        if len(said) <= _LONGEST_ATTRIBUTION and _ATTRIBUTION.fullmatch(said):
            return length
    return 0


def _earlier_headers(lines: Sequence[str], number: int, kept: Sequence[str]) -> bool:
    """Tell whether the headers of an earlier mail stand here, below what was written anew."""
    if not _FROM.match(lines[number]) or not any(kept):
        return False
    following = [line for line in lines[number + 1 : number + 1 + _HEADER_LINES] if line]
    return any(map(_SENT.match, following[:2])) and any(map(_TO.match, following))


def text_of_html(page: str) -> str:
    """Return the text of an HTML body, line by line; quotations, styles and scripts are left out."""
    reader = _Text()
    reader.feed(page)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Text(HTMLParser):
    """Gathers what a reader of the page would see."""

    _UNSEEN: Final = frozenset(("script", "style", "head", "title", "blockquote", "template"))
    _BLOCKS: Final = frozenset(("p", "div", "br", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "hr", "pre"))

    def __init__(self) -> None:
        """Begin with nothing seen."""
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's form
        """Note what hides its content, and where a line ends."""
        if tag in self._UNSEEN:
            self._hidden[tag] += 1
        elif tag == "body":
            self._hidden.clear()  # a page's head need not be closed
        elif tag in self._BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Note where hidden content ends, and where a line does."""
        if self._hidden[tag]:
            self._hidden[tag] -= 1
        elif tag in self._BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep text that is seen; line ends in it are spaces."""
        if not self._hidden.total():
            self.pieces.append(" ".join(data.split("\n")))
