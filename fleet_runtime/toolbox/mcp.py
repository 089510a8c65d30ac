"""MCP servers as sources of tools, by the ``mcp`` package (the extra ``mcp``), which is loaded when a server is opened.

What stands here is the way in; `fleet_runtime.toolbox.mcp_source` makes tools of what a server lists, and
`fleet_runtime.toolbox.mcp_connection` talks with it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from fleet_runtime.errors import MissingExtra
from fleet_runtime.ports import Tool
from fleet_runtime.settings import McpServer


@asynccontextmanager
async def mcp_tools(servers: Mapping[str, McpServer]) -> AsyncGenerator[tuple[Tool, ...]]:
    """Open all servers for the time of a block and give their tools, in the servers' order; ends what was started.

    A tool is named ``{server}_{tool}``. What a server lists when it is opened counts until the block ends.

    Args:
        servers: by the name that their tools begin with; none at all loads and opens nothing.

    Raises: MissingExtra without the package; ToolError if a server is declared wrongly or cannot be reached.
    """
    if not servers:
        yield ()
        return
    try:
        from fleet_runtime.toolbox.mcp_source import open_sources  # noqa: PLC0415 - loads the mcp package (0.5 s)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("fleet_runtime"):
            raise
        raise MissingExtra(
            "tools of MCP servers need the mcp package", hint='pip install "fleet-runtime[mcp]"'
        ) from error
    async with open_sources(servers) as tools:
        yield tools
