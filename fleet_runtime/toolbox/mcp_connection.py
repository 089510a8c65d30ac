"""One MCP server: reached, used, and reached again once it broke off. Knows nothing of tools as we have them.

Loads the ``mcp`` package: import it late. Its scopes may not pass between tasks, so each connection is opened, held and
closed by a task of its own, whatever tasks use it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final, cast

import anyio
import httpx2
from mcp import MCPError, StdioServerParameters
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import INVALID_PARAMS, METHOD_NOT_FOUND, CallToolResult, RequestParamsMeta
from mcp_types import Tool as ListedTool

from fleet_runtime.errors import ToolError
from fleet_runtime.settings import McpServer

CONNECT_SECONDS: Final = 30.0
MOST_PAGES: Final = 100
"""A list that never ends would else never be read."""

IDEMPOTENCY_KEY: Final = "fleet-runtime/idempotency-key"
"""Where in a call's ``_meta`` its key stands, for servers that keep to one."""

_WAITS: Final = httpx2.Timeout(CONNECT_SECONDS, read=None)
"""How long an answer may take is for whoever calls to say."""

_ANSWERED: Final = (INVALID_PARAMS, METHOD_NOT_FOUND)
"""Errors by which a server shows that it is there."""


class BrokeOff(Exception):
    """The connection ended, or the server said that it cannot go on."""


class McpConnection:
    """The way to one server. ``name`` is what the settings call it."""

    def __init__(self, name: str, server: McpServer, *, connect_seconds: float = CONNECT_SECONDS) -> None:
        """Check the declaration; nothing is opened yet.

        Raises: ToolError unless it has a command or a URL, and not both.
        """
        if bool(server.command) == bool(server.url):
            raise ToolError(
                f"the MCP server {name!r} has {'both a command and a url' if server.url else 'no command and no url'}",
                hint="give one: command = ... for a program that is started, url = ... for one that runs",
            )
        self.name = name
        self.server = server
        self._seconds = connect_seconds
        self._opening = anyio.Lock()
        self._client: Client | None = None
        self._holder: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()

    async def list_tools(self) -> list[ListedTool]:
        """Return all tools that the server lists, page by page.

        Raises: ToolError if it cannot be reached, or does not answer in time.
        """
        client = await self._connected()
        listed: list[ListedTool] = []
        cursor: str | None = None
        try:
            with anyio.fail_after(self._seconds):
                for _ in range(MOST_PAGES):
                    page = await client.list_tools(cursor=cursor)
                    listed += page.tools
                    cursor = page.next_cursor
                    if not cursor:
                        break
        except (MCPError, TimeoutError) as error:
            raise self._unreachable(error) from error
        return listed

    async def call(self, tool: str, arguments: dict[str, Any], key: str) -> CallToolResult:
        """Call a tool; ``key`` is told to the server as the call's idempotency key.

        Raises: BrokeOff if the server went away meanwhile (the next call reaches for it again); MCPError with its own
        refusal; ToolError if it cannot be reached.
        """
        client = await self._connected()
        try:
            return await client.call_tool(tool, arguments, meta=cast("RequestParamsMeta", {IDEMPOTENCY_KEY: key}))
        except MCPError as error:
            if error.code in _ANSWERED:
                raise
            if self._client is client:  # else another call has seen to it already
                await self.close()
            raise BrokeOff(error.message) from error

    async def close(self) -> None:
        """Let go of the server, and end it if it was started here; it is reached again when it is next used."""
        holder, client = self._holder, self._client
        self._holder = self._client = None
        if holder is None:
            return
        self._enough.set()
        if client is None:  # whoever wanted the connection gave up while it was being made
            holder.cancel()
        # What a broken connection says at its end was said before.
        await asyncio.wait({holder})
        if not holder.cancelled():
            holder.exception()

    async def _connected(self) -> Client:
        """Return a client that is connected, connecting if need be.

        Raises: ToolError.
        """
        async with self._opening:
            if self._client is not None and self._holder is not None and not self._holder.done():
                return self._client
            await self.close()
            self._enough = asyncio.Event()
            ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
            self._holder = asyncio.create_task(self._hold(ready, self._enough))
            either: set[asyncio.Future[Any]] = {self._holder, ready}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                error = self._holder.exception()
                self._holder = None
                raise self._unreachable(error) from error
            self._client = ready.result()
            return self._client

    async def _hold(self, ready: asyncio.Future[Client], enough: asyncio.Event) -> None:
        """Open the connection, give its client, and close it once it is enough."""
        with anyio.fail_after(self._seconds) as opening:
            async with self._opened() as client:
                opening.deadline = float("inf")
                ready.set_result(client)
                await enough.wait()

    @asynccontextmanager
    async def _opened(self) -> AsyncGenerator[Client]:
        """Open a client by whichever way the settings name."""
        server = self.server
        if server.command:
            started = StdioServerParameters(command=server.command, args=list(server.args), env=dict(server.env))
            async with Client(started) as client:
                yield client
            return
        async with (
            httpx2.AsyncClient(headers=dict(server.headers), timeout=_WAITS) as http,
            Client(streamable_http_client(server.url, http_client=http)) as client,
        ):
            yield client

    def _unreachable(self, error: BaseException | None) -> ToolError:
        """Say which server cannot be reached, and why."""
        cause = _innermost(error)
        if isinstance(cause, TimeoutError):
            why = f"no answer within {self._seconds:g} s"
        else:
            why = f"{type(cause).__name__}: {cause}" if cause else "it closed the connection"
        if self.server.command:
            line = " ".join([self.server.command, *self.server.args])
            hint = f"see whether this starts: {line}; what it says itself stands on standard error"
        else:
            hint = f"see whether a streamable HTTP server answers at {self.server.url}"
        return ToolError(f"the MCP server {self.name!r} cannot be reached: {why}", hint=hint)


def _innermost(error: BaseException | None) -> BaseException | None:
    """Return the first error of nested groups: the package runs its transports in task groups."""
    if isinstance(error, BaseExceptionGroup):
        group = cast("BaseExceptionGroup[BaseException]", error)
        return _innermost(group.exceptions[0])
    return error
