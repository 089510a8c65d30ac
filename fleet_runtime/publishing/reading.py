"""Reads a work product's Markdown for publishing: no markup of its own, footnote marks told apart from brackets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from fleet_runtime.products import Chart, Composed

MARK: Final = "mark"
"""The type of a footnote mark's token; its ``content`` is the number."""

_MARK: Final = re.compile(r"\[(\d{1,4})\]")
_CHART: Final = "chart:"


def reader() -> MarkdownIt:
    """Return a reader of Markdown with tables and footnote marks, that takes markup for text."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.inline.ruler.before("link", MARK, _mark)
    return markdown


def tree_of(composed: Composed) -> SyntaxTreeNode:
    """Read a work product as a tree."""
    return SyntaxTreeNode(tokens_of(reader(), composed))


def tokens_of(markdown: MarkdownIt, composed: Composed) -> list[Token]:
    """Read a work product as tokens; a text without a title gets its own."""
    text = composed.text
    if not text.startswith("# "):
        text = f"# {_escaped(composed.title)}\n\n{text}"
    return markdown.parse(text)


def charts_of(composed: Composed) -> Mapping[str, Chart]:
    """Return the charts by the address that the text places them by."""
    return {_CHART + chart.name: chart for chart in composed.charts}


def sources_list(root: SyntaxTreeNode, composed: Composed) -> SyntaxTreeNode | None:
    """Return the list of the sources: the last numbered one that has as many items as there are sources."""
    lists = [node for node in root.children if node.type == "ordered_list"]
    return next((node for node in reversed(lists) if len(node.children) == len(composed.cites)), None)


def _mark(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - as the reader calls its rules
    """Read ``[12]`` as a mark. An escaped bracket never gets here."""
    found = _MARK.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.pending = state.pending.rstrip(" ")
        token = state.push(MARK, "sup", 0)
        token.content = found.group(1)
    state.pos = found.end()
    return True


def _escaped(title: str) -> str:
    """Escape a title, which is no Markdown."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", title)
