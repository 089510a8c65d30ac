"""The common shape of Markdown and of rendered pages: a title, a lead, named sections. Knows no role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

MarkKind = Literal["bold", "code"]


class Mark(NamedTuple):
    """A stretch of a prose's text that was set in bold or as code: ``text[start:end]``."""

    start: int
    end: int
    kind: MarkKind


class Prose(NamedTuple):
    """Text without markup and with single spaces; what the markup was stands in ``marks``."""

    text: str
    line: int
    marks: tuple[Mark, ...] = ()

    def tail(self, start: int) -> Prose:
        """Return the text from ``start`` on, with the marks that lie wholly in it."""
        marks = tuple(
            Mark(mark.start - start, mark.end - start, mark.kind) for mark in self.marks if mark.start >= start
        )
        return Prose(self.text[start:], self.line, marks)


class Item(NamedTuple):
    """One list item with the items below it."""

    prose: Prose
    children: tuple[Item, ...] = ()


class Block(NamedTuple):
    """A paragraph, quote or fenced code (its prose), or a list (its items)."""

    kind: Literal["paragraph", "quote", "code", "list"]
    prose: Prose
    items: tuple[Item, ...] = ()


class Section(NamedTuple):
    """What stands under one heading. ``raw`` is its source text as it was written, ``level`` the heading's."""

    title: str
    line: int
    blocks: tuple[Block, ...]
    raw: str = ""
    level: int = 2

    @property
    def name(self) -> str:
        """Give the title in lower case; sections are found by it."""
        return self.title.lower()

    def items(self) -> Iterator[Item]:
        """Yield the items of all lists, in order."""
        for block in self.blocks:
            yield from block.items

    def paragraphs(self) -> Iterator[Prose]:
        """Yield the prose of paragraphs and quotes, in order."""
        for block in self.blocks:
            if block.kind != "list":
                yield block.prose


class Outline(NamedTuple):
    """A whole document. ``lead`` stands between title and sections; ``ignored`` is outside of both."""

    title: Prose | None
    lead: tuple[Block, ...]
    sections: tuple[Section, ...]
    ignored: tuple[Prose, ...] = ()
