"""A work product as one HTML page that needs nothing beside it: pictures and styles within, ready to be printed."""

from __future__ import annotations

import base64
from collections.abc import Mapping, MutableMapping, Sequence
from html import escape
from typing import Final

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from markdown_it.utils import OptionsDict

from fleet_runtime.products import Chart, Composed
from fleet_runtime.publishing.drawing import draw
from fleet_runtime.publishing.reading import MARK, charts_of, reader, sources_list, tokens_of

_STYLE: Final = """
:root { color: #222; font: 15px/1.5 "DejaVu Sans", "Segoe UI", Helvetica, Arial, sans-serif; }
body { margin: 0 auto; max-width: 50rem; padding: 2rem 1.5rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { border-bottom: 1px solid #d9dce1; font-size: 1.15rem; margin: 2rem 0 .7rem; padding-bottom: .2rem; }
h1 + p { color: #6b6f76; }
table { border-collapse: collapse; margin: .8rem 0; width: 100%; }
th, td { border-bottom: 1px solid #d9dce1; padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top; }
th { border-bottom-color: #6b6f76; font-weight: 600; }
figure { margin: 1.2rem 0; }
figure img { display: block; height: auto; max-width: 100%; }
sup { font-size: .7em; line-height: 0; }
sup a { color: #0072b2; text-decoration: none; }
.sources { color: #44474d; font-size: .85rem; overflow-wrap: anywhere; }
:target { background: #fff3c4; }
@page { margin: 18mm; size: A4; }
@media print {
  :root { font-size: 10pt; }
  body { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  tr, figure { break-inside: avoid; }
  thead { display: table-header-group; }
}
"""
_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def to_html(composed: Composed) -> str:
    """Publish a work product as HTML.

    Args:
        composed: what to publish. Its text is Markdown; markup in it is shown as it stands.

    Returns:
        One page; the same work product gives the same page.

    Raises: MissingExtra if it has charts, and what draws them is not installed.
    """
    markdown = reader()
    tokens = tokens_of(markdown, composed)
    _sources(tokens, composed)
    charts = charts_of(composed)
    page = _Page(charts)
    body = page.render(tokens, markdown.options, {})
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(composed.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


class _Page(RendererHTML):
    """Renders marks as links to their sources, and charts as pictures within the page."""

    def __init__(self, charts: Mapping[str, Chart]) -> None:
        """Keep the charts by their addresses. Methods are rules by the types of their tokens."""
        super().__init__()
        self._charts = charts

    def mark(
        self,
        tokens: Sequence[Token],
        idx: int,
        options: OptionsDict,  # noqa: ARG002 - so the renderer calls its rules
        env: MutableMapping[str, object],  # noqa: ARG002
    ) -> str:
        """Render a footnote mark."""
        number = escape(tokens[idx].content)
        comma = "," if idx and tokens[idx - 1].type == MARK else ""
        return f'<sup>{comma}<a href="#source-{number}">{number}</a></sup>'

    def image(
        self,
        tokens: Sequence[Token],
        idx: int,
        options: OptionsDict,  # noqa: ARG002 - so the renderer calls its rules
        env: MutableMapping[str, object],  # noqa: ARG002
    ) -> str:
        """Render a chart as a picture; what is no chart of ours is given by its words, since nothing is fetched."""
        token = tokens[idx]
        chart = self._charts.get(str(token.attrGet("src") or ""))
        if chart is None:
            return f"<em>{escape(token.content)}</em>"
        data = base64.b64encode(draw(chart)).decode("ascii")
        return f'<img src="data:image/png;base64,{data}" width="670" alt="{escape(chart.title)}">'


def _sources(tokens: Sequence[Token], composed: Composed) -> None:
    """Give the items of the list of sources their anchors, and paragraphs of a picture alone their frame."""
    found = sources_list(SyntaxTreeNode(list(tokens)), composed)
    if found is not None and found.nester_tokens is not None:
        found.nester_tokens.opening.attrSet("class", "sources")
        for number, item in enumerate(found.children, start=1):
            if item.nester_tokens is not None:
                item.nester_tokens.opening.attrSet("id", f"source-{number}")
    for place, token in enumerate(tokens):
        alone = token.type == "inline" and [child.type for child in token.children or ()] == ["image"]
        if alone:
            tokens[place - 1].tag = tokens[place + 1].tag = "figure"
