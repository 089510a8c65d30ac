"""A real MCP server: over stdio, or with ``http PORT`` over streamable HTTP (it prints its port once it listens).

It dies when told to, and lists its tools on one page; `paged_server.py` has several.
"""

from __future__ import annotations

import os
import socket
import sys
from typing import Literal

import anyio
import uvicorn
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel

server = MCPServer("counter")


class Stock(BaseModel):
    item: str
    count: int


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def add(first: int, second: int) -> str:
    """Add two whole numbers."""
    return str(first + second)


@server.tool()
def stock(item: Literal["rope", "tar"]) -> Stock:
    """Count what is in stock."""
    return Stock(item=item, count=len(item))


@server.tool()
def refuse(why: str) -> str:
    """Fail, for a reason."""
    raise ToolError(why)


@server.tool()
def picture() -> Image:
    """Show a picture."""
    return Image(data=b"none", format="png")


@server.tool(name="key.of.call")
def key_of_call(context: Context) -> str:
    """Say the idempotency key that came with the call."""
    meta = context.request_context.meta or {}
    return str(dict(meta).get("fleet-runtime/idempotency-key"))


@server.tool()
async def slow(seconds: float) -> str:
    """Take a while."""
    await anyio.sleep(seconds)
    return "slept"


@server.tool()
def pid() -> int:
    """Say which process this is."""
    return os.getpid()


@server.tool()
def die() -> str:
    """End the process at once."""
    os._exit(3)


def _serve_http(port: int) -> None:
    """Listen on loopback, at any free port for 0, and print which."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen()
    print(listening.getsockname()[1], flush=True)  # noqa: T201 - whoever started this reads it
    app = server.streamable_http_app()
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    if sys.argv[1:2] == ["http"]:
        _serve_http(int(sys.argv[2]))
    else:
        server.run()
