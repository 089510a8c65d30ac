"""Tools of ours, made of what MCP servers list. Loads the ``mcp`` package: import it late."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final, cast

from mcp import MCPError
from mcp_types import (
    AudioContent,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
)
from mcp_types import Tool as ListedTool
from pydantic import ValidationError

from fleet_runtime.errors import ToolError
from fleet_runtime.messages import ToolSpec
from fleet_runtime.ports import Tool, ToolFailed
from fleet_runtime.records import ToolContext, ToolRules
from fleet_runtime.settings import McpServer
from fleet_runtime.toolbox.mcp_connection import BrokeOff, McpConnection
from fleet_runtime.tools.results import as_text, failure_text

LONGEST_NAME: Final = 64


@asynccontextmanager
async def open_sources(servers: Mapping[str, McpServer]) -> AsyncGenerator[tuple[Tool, ...]]:
    """Open the servers side by side and give their tools, in the servers' order.

    Raises: ToolError.
    """
    connections = [McpConnection(name, server) for name, server in servers.items()]
    async with AsyncExitStack() as stack:
        for connection in connections:
            stack.push_async_callback(connection.close)
        found = await asyncio.gather(*(_tools(connection) for connection in connections), return_exceptions=True)
        for failed in found:
            if isinstance(failed, BaseException):
                raise failed
        yield tuple(tool for tools in found if not isinstance(tools, BaseException) for tool in tools)


class McpTool:
    """One tool of an MCP server."""

    def __init__(self, connection: McpConnection, listed: ListedTool, name: str) -> None:
        """Take what the server lists, under the ``name`` that models call it by."""
        self._connection = connection
        self._listed = listed
        hints = listed.annotations
        self._spec = ToolSpec(
            name=name,
            description=listed.description or listed.title or listed.name.replace("_", " "),
            parameters=listed.input_schema,
        )
        self._rules = ToolRules(
            needs_approval=listed.name in connection.server.needs_approval,
            # Whether a server keeps to an idempotency key is not known; that it reads only, or may be asked twice, is.
            repeatable=bool(hints and (hints.read_only_hint or hints.idempotent_hint)),
        )

    @property
    def spec(self) -> ToolSpec:
        """What a model is told of it."""
        return self._spec

    @property
    def rules(self) -> ToolRules:
        """How it is run: again after a crash only if the server says that it reads only, or is idempotent."""
        return self._rules

    async def run(self, arguments: str, context: ToolContext) -> str:
        """Call it on its server, and return the texts of the result; other content is named.

        Raises: ToolFailed with what the server says went wrong, or that it went away.
        """
        try:
            result = await self._connection.call(self._listed.name, _read_arguments(arguments), context.idempotency_key)
        except BrokeOff as error:
            raise ToolFailed(
                f"The tool's server broke off ({error}); what was asked may have happened or not. "
                "Look it up before you call it again."
            ) from error
        except ToolError as error:
            raise ToolFailed(f"The tool is out of reach at present: {error.message}.") from error
        except (MCPError, ValidationError, RuntimeError) as error:
            raise ToolFailed(failure_text(error)) from error
        text = _text(result)
        if result.is_error:
            raise ToolFailed(text or "The tool failed and did not say why.")
        return text


async def _tools(connection: McpConnection) -> list[Tool]:
    """List a server's tools and keep those that the settings want.

    Raises: ToolError if it cannot be reached, or the settings name tools that it does not have.
    """
    listed = await connection.list_tools()
    names = [one.name for one in listed]
    server = connection.server
    absent = [name for name in (*(server.tools or ()), *server.needs_approval) if name not in names]
    if absent:
        raise ToolError(
            f"the MCP server {connection.name!r} has no tool {absent[0]!r}",
            hint=f"correct tools or needs_approval; it has: {', '.join(names) or 'none'}",
        )
    kept = [one for one in listed if server.tools is None or one.name in server.tools]
    return [McpTool(connection, one, name) for one, name in zip(kept, _named(connection.name, kept), strict=True)]


def _named(server: str, listed: Iterable[ListedTool]) -> list[str]:
    """Name the tools ``{server}_{tool}`` in the letters that models take, each another; what is changed is hashed."""
    names: list[str] = []
    for one in listed:
        whole = f"{server}_{one.name}"
        name = re.sub(r"[^A-Za-z0-9_-]", "_", whole)
        if len(name) > LONGEST_NAME or name in names:
            digest = hashlib.blake2b(whole.encode(), digest_size=4).hexdigest()
            name = f"{name[: LONGEST_NAME - len(digest) - 1]}_{digest}"
        names.append(name)
    return names


def _read_arguments(arguments: str) -> dict[str, Any]:
    """Read a model's JSON; no text at all stands for no arguments.

    Raises: ToolFailed if it is no JSON object; whether it fits, the server says.
    """
    try:
        read: object = json.loads(arguments) if arguments.strip() else {}
    except ValueError as error:
        raise ToolFailed(f"The arguments are no valid JSON ({error}). Call the tool again.") from error
    if not isinstance(read, dict):
        raise ToolFailed("The arguments are no JSON object. Call the tool again with an object.")
    return cast("dict[str, Any]", read)


def _text(result: CallToolResult) -> str:
    """Write a result as text: its texts, with all else named; its structured content where it has no text."""
    structured = result.structured_content
    if structured is not None and not any(isinstance(block, TextContent) for block in result.content):
        return "\n".join([as_text(structured), *map(_block_text, result.content)])
    return "\n".join(map(_block_text, result.content))


def _block_text(block: ContentBlock) -> str:
    """Write a piece of content: a text as it is, of all else what it is."""
    if isinstance(block, TextContent):
        return as_text(block.text)
    if isinstance(block, (ImageContent, AudioContent)):
        return f"[{block.type}, {block.mime_type}, not shown]"
    if isinstance(block, EmbeddedResource):
        held = block.resource
        return as_text(held.text) if isinstance(held, TextResourceContents) else f"[resource {held.uri}, not shown]"
    return f"[link to {block.name}: {block.uri}]"
