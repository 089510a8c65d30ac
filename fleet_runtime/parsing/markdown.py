"""Reads Markdown into an outline, on markdown-it-py's token maps. Reads structure; decides no meaning.

HTML, links, tables and indented code are taken as plain text: a contract is prose, and a customer's
example message may hold any sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from fleet_runtime.parsing.outline import Block, Item, Mark, Outline, Prose, Section
from fleet_runtime.parsing.prose import Event, flattened

_OFF: Final = ("code", "html_block", "reference", "lheading", "html_inline", "autolink", "link", "image")


def read_markdown(text: str) -> Outline:
    """Read Markdown ``text`` (with bare newlines) into an outline; any text has one."""
    return _Reader(_parser().parse(text), text.split("\n")).read()


def inline_prose(content: str, line: int) -> Prose:
    """Flatten the text of one block that begins on ``line``."""
    return Prose("", line) if not content else flattened(_events(_parser().parseInline(content)[0]), line)


def prose_of(inline: Token) -> Prose:
    """Flatten one inline token; wrapped lines and runs of blanks become single spaces."""
    return flattened(_events(inline), inline.map[0] + 1 if inline.map else 1)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    """Make the parser. It keeps nothing of what it reads, and looks up its rules here, so that threads may share it."""
    parser = MarkdownIt("commonmark").disable(_OFF)
    parser.parse("# a\n\n- *b*\n")
    return parser


def _events(inline: Token) -> Iterator[Event]:
    """Give the steps through an inline token's text."""
    for child in inline.children or ():
        if child.type == "strong_open":
            yield "open", ""
        elif child.type == "strong_close":
            yield "close", ""
        elif child.type == "code_inline":
            yield "code", child.content
        else:
            yield "text", " " if child.type in ("softbreak", "hardbreak") else child.content


@dataclass(slots=True)
class _OpenSection:
    """A section while its blocks are still coming."""

    title: str
    first: int
    body: int
    level: int
    blocks: list[Block] = field(default_factory=list[Block])


class _Reader:
    """Walks the token stream once, top level only; lists are read by recursion over their items."""

    def __init__(self, tokens: list[Token], lines: list[str]) -> None:
        self._tokens = tokens
        self._lines = lines
        self._at = 0

    def read(self) -> Outline:
        """Read all blocks and sort them under the title and the sections."""
        title: Prose | None = None
        lead: list[Block] = []
        ignored: list[Prose] = []
        sections: list[_OpenSection] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.type == "heading_open":
                heading = prose_of(self._tokens[self._at + 1])
                end = token.map[1] if token.map else heading.line
                if token.tag == "h1" and title is None:
                    title = heading
                    ignored.extend(block.prose for block in lead)
                    lead.clear()
                else:
                    sections.append(_OpenSection(heading.text.strip(), heading.line, end, int(token.tag[1:])))
                self._at += 3
            else:
                (sections[-1].blocks if sections else lead).extend(self._block())
        return Outline(title, tuple(lead), tuple(self._closed(sections)), tuple(ignored))

    def _closed(self, sections: list[_OpenSection]) -> list[Section]:
        """Give each section the source lines up to the next one."""
        ends = [*(section.first - 1 for section in sections), len(self._lines)]
        return [
            Section(
                section.title,
                section.first,
                tuple(section.blocks),
                "\n".join(self._lines[section.body : end]).strip(),
                section.level,
            )
            for section, end in zip(sections, ends[1:], strict=True)
        ]

    def _block(self) -> list[Block]:
        """Read the block that starts here, and step behind it."""
        token = self._tokens[self._at]
        if token.type in ("bullet_list_open", "ordered_list_open"):
            line = token.map[0] + 1 if token.map else 1
            return [Block("list", Prose("", line), tuple(self._items()))]
        if token.type == "blockquote_open":
            return [Block("quote", prose) for prose in self._until("blockquote_close", token.level)]
        self._at += 1
        if token.type == "inline":
            return [Block("paragraph", prose_of(token))]
        if token.type == "fence":
            line = token.map[0] + 1 if token.map else 1
            return [Block("code", Prose(" ".join(token.content.split()), line))]
        return []

    def _until(self, closing: str, level: int) -> list[Prose]:
        """Gather all prose up to the closing token, whatever is nested in it."""
        found: list[Prose] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.type == "inline":
                found.append(prose_of(token))
            elif token.type == closing and token.level == level:
                break
        return found

    def _items(self) -> list[Item]:
        """Read the items of the list that starts here."""
        level = self._tokens[self._at].level
        self._at += 1
        items: list[Item] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.level == level and token.type in ("bullet_list_close", "ordered_list_close"):
                self._at += 1
                break
            items.append(self._item(token))
        return items

    def _item(self, opening: Token) -> Item:
        """Read one item: its paragraphs joined, and the items of lists within it."""
        self._at += 1
        parts: list[Prose] = []
        children: list[Item] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.type == "list_item_close" and token.level == opening.level:
                self._at += 1
                break
            for block in self._block():
                if block.kind == "list":
                    children.extend(block.items)
                else:
                    parts.append(block.prose)
        line = opening.map[0] + 1 if opening.map else 1
        return Item(_joined(parts, line), tuple(children))


def _joined(parts: list[Prose], line: int) -> Prose:
    """Join paragraphs of one item by a blank, moving their marks along."""
    text = ""
    marks: list[Mark] = []
    for part in parts:
        text += " " if text else ""
        marks.extend(Mark(mark.start + len(text), mark.end + len(text), mark.kind) for mark in part.marks)
        text += part.text
    return Prose(text, parts[0].line if parts else line, tuple(marks))
