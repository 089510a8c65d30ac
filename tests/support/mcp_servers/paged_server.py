"""A real MCP server over stdio that lists its tools one a page, and answers with content of every kind."""

from __future__ import annotations

from typing import Any

import anyio
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolRequestParams,
    CallToolResult,
    EmbeddedResource,
    ListToolsResult,
    PaginatedRequestParams,
    ResourceLink,
    TextContent,
    TextResourceContents,
    Tool,
)

NAMES = ("everything", "structured", "silent failure", "x" * 80, "silent.failure")
RESULTS = {
    "everything": CallToolResult(
        content=[
            TextContent(text="a text"),
            AudioContent(data="", mime_type="audio/wav"),
            EmbeddedResource(resource=TextResourceContents(uri="note://1", text="a note")),
            EmbeddedResource(resource=BlobResourceContents(uri="blob://1", blob="")),
            ResourceLink(name="manual", uri="https://example.org/manual"),
        ]
    ),
    "structured": CallToolResult(content=[], structured_content={"rope": 3}),
    "silent failure": CallToolResult(content=[], is_error=True),
}


async def list_tools(_: ServerRequestContext[Any], params: PaginatedRequestParams | None) -> ListToolsResult:
    """Give one tool, and where the next one is."""
    place = int(params.cursor) if params and params.cursor else 0
    following = str(place + 1) if place + 1 < len(NAMES) else None
    tool = Tool(name=NAMES[place], input_schema={"type": "object"})
    return ListToolsResult(tools=[tool], next_cursor=following)


async def call_tool(_: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
    """Answer as the table says."""
    return RESULTS[params.name]


async def main() -> None:
    """Serve until standard input ends."""
    server = Server("paged", on_list_tools=list_tools, on_call_tool=call_tool)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


if __name__ == "__main__":
    anyio.run(main)
