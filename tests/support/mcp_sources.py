"""Starts the real MCP servers of ``mcp_servers/`` for tests, and calls tools as a turn would."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from fleet_runtime.ports import Tool
from fleet_runtime.records import AccountKey, ToolContext
from fleet_runtime.settings import McpServer
from fleet_runtime.toolbox.mcp import mcp_tools

SERVERS = Path(__file__).parent / "mcp_servers"
CONTEXT = ToolContext(
    key=AccountKey(tenant="t", account="acme"), role="keeper", conversation="c", turn_id="turn", speaker="Dana",
    idempotency_key="turn:1:0",
)  # fmt: skip


def over_stdio(name: str = "counter_server", **given: Any) -> McpServer:
    """Declare a server that is started as a process of its own."""
    command = {"command": sys.executable, "args": (str(SERVERS / f"{name}.py"),)}
    return McpServer.model_validate(command | given)


@contextmanager
def http_server(port: int = 0) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Run the counter server over HTTP on loopback; give its port and process."""
    command = [sys.executable, str(SERVERS / "counter_server.py"), "http", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), process
        finally:
            process.kill()


def over_http(port: int, **given: Any) -> McpServer:
    """Declare the server that listens at a port."""
    return McpServer.model_validate({"url": f"http://127.0.0.1:{port}/mcp"} | given)


@asynccontextmanager
async def opened(**servers: McpServer) -> AsyncGenerator[dict[str, Tool]]:
    """Open servers and give their tools by name."""
    async with mcp_tools(servers) as tools:
        yield {one.spec.name: one for one in tools}


async def run(one: Tool, **arguments: object) -> str:
    """Call a tool."""
    return await one.run(json.dumps(arguments), CONTEXT)
