"""Reads the plain part of Markdown that contracts are written in, line by line. Gives up where it is not sure.

Headings, paragraphs, quotes, and lists of two depths with their wrapped lines: nothing else. On any other line
it returns None, and `markdown` reads the text instead; a property test holds that both say the same.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from fleet_runtime.parsing.inline import read_inline
from fleet_runtime.parsing.outline import Block, Item, Outline, Prose, Section

_ODD_BLANK: Final = re.compile(r"[^\S \n]")
_HEADING: Final = re.compile(r"(#{1,6}) +([^#\s](?:[^#\n]*[^#\s])?) *")
_ITEM: Final = re.compile(r"(-|\d{1,9}\.) (?=\S)")
_UNSURE: Final = re.compile(
    r"#{1,6}(?:\s|$)|>|[+-](?=[\s-]|$)|_(?=[\s_]|$)|\*(?=[\s*]|$)(?!\*[^*\s])|``|~~|\d{1,9}[.)](?:\s|$)"
)
"""What may open a block at the start of a text, or be taken for one."""


class _Text:
    """A paragraph, quote or item while its lines are still coming."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int, first: str) -> None:
        self.line = line
        self.lines = [first]

    def prose(self) -> Prose:
        """Read the markup of what has come."""
        return read_inline("\n".join(self.lines).strip(" \n"), self.line)


class _Item:
    """A list item with the items below it."""

    __slots__ = ("children", "text")

    def __init__(self, text: _Text) -> None:
        self.text = text
        self.children: list[_Text] = []

    def item(self) -> Item:
        """Make a value of it."""
        return Item(self.text.prose(), tuple(Item(child.prose()) for child in self.children))


class _List:
    """A list: the line of its first item, and how its items are marked and indented."""

    __slots__ = ("items", "line", "offset", "ordered")

    def __init__(self, line: int, *, ordered: bool) -> None:
        self.line = line
        self.ordered = ordered
        self.offset = 0
        self.items: list[_Item] = []


class _Opened:
    """A section (or what stands above the first one) while its blocks are still coming."""

    __slots__ = ("blocks", "level", "line", "title")

    def __init__(self, title: str, line: int, level: int = 0) -> None:
        self.title = title
        self.line = line
        self.level = level
        self.blocks: list[Block] = []


def read_quickly(text: str) -> Outline | None:
    """Read Markdown ``text`` (with bare newlines) into an outline, or return None where only a full reader is sure."""
    if _ODD_BLANK.search(text):
        return None
    reader = _Reader(text.split("\n"))
    return reader.outline() if reader.read() else None


def _is_unsure(words: str) -> bool:
    """Tell whether a text may open a block; one that begins with a letter does not."""
    return not words[:1].isalpha() and _UNSURE.match(words) is not None


class _Reader:
    """Reads one text; what is open is closed by a blank line, a heading, or another block."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._title: Prose | None = None
        self._ignored: list[Prose] = []
        self._sections = [_Opened("", 0)]
        self._text: _Text | None = None
        self._kind: Literal["paragraph", "quote"] = "paragraph"
        self._list: _List | None = None
        self._blank = True

    def read(self) -> bool:
        """Read all lines, and tell whether every one of them was sure."""
        for number, line in enumerate(self._lines, 1):
            if not line.strip(" "):
                self._close_text()
                self._blank = True
            elif not (self._indented(line, number) if line[0] == " " else self._flush(line, number)):
                return False
            else:
                self._blank = False
        self._close_text()
        self._close_list()
        return True

    def outline(self) -> Outline:
        """Return what was read."""
        lead, sections = self._sections[0], self._sections[1:]
        ends = [*(section.line - 1 for section in sections), len(self._lines)]
        return Outline(
            self._title,
            tuple(lead.blocks),
            tuple(
                Section(
                    section.title,
                    section.line,
                    tuple(section.blocks),
                    "\n".join(self._lines[section.line : end]).strip(),
                    section.level,
                )
                for section, end in zip(sections, ends[1:], strict=True)
            ),
            tuple(self._ignored),
        )

    def _flush(self, line: str, number: int) -> bool:
        """Read a line that begins at the margin."""
        if line[0] == "#":
            return self._heading(line, number)
        if line.startswith("> "):
            return self._quote(line[2:], number)
        item = _ITEM.match(line)
        if item:
            return self._item(item, number)
        return self._paragraph(line, number)

    def _heading(self, line: str, number: int) -> bool:
        """Read a heading: the title, or the beginning of a section."""
        heading = _HEADING.fullmatch(line)
        if heading is None:
            return False
        self._close_text()
        self._close_list()
        prose = read_inline(heading[2], number)
        if len(heading[1]) == 1 and self._title is None:
            self._title = prose
            lead = self._sections[0].blocks
            self._ignored.extend(block.prose for block in lead)
            lead.clear()
        else:
            self._sections.append(_Opened(prose.text.strip(), number, len(heading[1])))
        return True

    def _paragraph(self, line: str, number: int) -> bool:
        """Begin a paragraph, or go on with one."""
        if _is_unsure(line) or (self._text is not None and self._kind == "quote"):
            return False
        if self._text is not None:
            self._text.lines.append(line)
            return True
        if self._list is not None:
            if not self._blank:
                return False
            self._close_list()
        self._text, self._kind = _Text(number, line), "paragraph"
        return True

    def _quote(self, words: str, number: int) -> bool:
        """Begin a quote, or go on with one."""
        if not words or words.startswith(" ") or _is_unsure(words):
            return False
        if self._text is not None:
            self._text.lines.append(words)
            return self._kind == "quote"
        if not self._blank and self._list is not None:
            return False
        self._close_list()
        self._text, self._kind = _Text(number, words), "quote"
        return True

    def _item(self, sign: re.Match[str], number: int) -> bool:
        """Read an item at the margin: of the list that is open, or of a new one."""
        words = sign.string[sign.end() :]
        ordered = sign[1] != "-"
        if _is_unsure(words) or self._text is not None:
            return False
        if self._list is not None and self._list.ordered != ordered:
            if not self._blank:
                return False
            self._close_list()
        if self._list is None:
            self._list = _List(number, ordered=ordered)
        self._list.offset = sign.end()
        self._list.items.append(_Item(_Text(number, words)))
        return True

    def _indented(self, line: str, number: int) -> bool:
        """Read a line below an item: its text going on, an item under it, or that one's text going on."""
        if self._list is None or self._text is not None:
            return False
        words = line.lstrip(" ")
        depth = len(line) - len(words) - self._list.offset
        item = self._list.items[-1]
        if depth == 0 and (sign := _ITEM.match(words)) and sign[1] == "-":
            item.children.append(_Text(number, words[2:]))
            return not _is_unsure(words[2:])
        if self._blank or _is_unsure(words) or depth != (2 if item.children else 0):
            return False
        (item.children[-1] if item.children else item.text).lines.append(words)
        return True

    def _close_text(self) -> None:
        """End the paragraph or quote that is open."""
        if self._text is not None:
            self._sections[-1].blocks.append(Block(self._kind, self._text.prose()))
            self._text = None

    def _close_list(self) -> None:
        """End the list that is open."""
        if self._list is not None:
            items = tuple(item.item() for item in self._list.items)
            self._sections[-1].blocks.append(Block("list", Prose("", self._list.line), items))
            self._list = None
