"""What every `Tool` holds to: functions, synchronous or not, and tools of MCP servers over both transports."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import anyio
import pytest
from mcp_sources import CONTEXT, http_server, opened, over_http, over_stdio, run

from fleet_runtime.ports import Tool, ToolFailed
from fleet_runtime.records import ToolContext
from fleet_runtime.toolbox.functions import by_name, tool

pytestmark = pytest.mark.anyio

Source = Callable[[], AbstractAsyncContextManager[Mapping[str, Tool]]]


@asynccontextmanager
async def functions() -> AsyncGenerator[Mapping[str, Tool]]:
    @tool(name="count_add")
    def add(first: int, second: int) -> str:
        """Add two whole numbers."""
        return str(first + second)

    @tool(name="count_refuse")
    def refuse(why: str) -> str:
        """Fail, for a reason."""
        raise ValueError(why)

    @tool(name="count_key_of_call")
    def key(context: ToolContext) -> str:
        """Say the idempotency key that came with the call."""
        return context.idempotency_key

    @tool(name="count_slow")
    async def slow(seconds: float) -> str:
        """Take a while."""
        await anyio.sleep(seconds)
        return "slept"

    yield by_name([add, refuse, key, slow])


@asynccontextmanager
async def async_functions() -> AsyncGenerator[Mapping[str, Tool]]:
    @tool(name="count_add")
    async def add(first: int, second: int) -> str:
        """Add two whole numbers."""
        return str(first + second)

    @tool(name="count_refuse")
    async def refuse(why: str) -> str:
        """Fail, for a reason."""
        raise ValueError(why)

    async with functions() as others:
        yield {**others, **by_name([add, refuse])}


@asynccontextmanager
async def stdio() -> AsyncGenerator[Mapping[str, Tool]]:
    async with opened(count=over_stdio()) as tools:
        yield tools


@asynccontextmanager
async def http() -> AsyncGenerator[Mapping[str, Tool]]:
    with http_server() as (port, _):
        async with opened(count=over_http(port)) as tools:
            yield tools


@pytest.mark.parametrize("source", [functions, async_functions, stdio, pytest.param(http, marks=pytest.mark.slow)])
async def test_a_tool_keeps_to_the_contract(source: Source) -> None:
    """One test a source: starting a server takes a second."""
    async with source() as tools:
        add, refuse, slow = tools["count_add"], tools["count_refuse"], tools["count_slow"]
        assert add.spec.description == "Add two whole numbers."
        assert add.spec.parameters["type"] == "object"
        assert set(add.spec.parameters["properties"]) == {"first", "second"}
        assert add.rules.repeatable
        assert not add.rules.needs_approval
        assert await run(add, first=1, second=2) == "3"
        assert await run(tools["count_key_of_call"]) == CONTEXT.idempotency_key
        await _fails(add, "second", first=1)
        await _fails(add, "first", first="one", second=2)
        await _fails(refuse, "no rope", why="no rope")
        for wrong in ('{"first": 1', "[1, 2]"):
            with pytest.raises(ToolFailed):
                await add.run(wrong, CONTEXT)
        with anyio.move_on_after(0.1) as scope:
            await run(slow, seconds=30)
        assert scope.cancelled_caught, "a time-out ends the waiting"
        told: list[str] = []
        async with anyio.create_task_group() as side_by_side:
            for number in range(5):
                side_by_side.start_soon(_noted, told, add, number)
        assert sorted(told) == ["0", "1", "2", "3", "4"], "calls side by side do not mix"


async def _noted(told: list[str], add: Tool, number: int) -> None:
    told.append(await run(add, first=number, second=0))


async def _fails(one: Tool, word: str, **arguments: object) -> None:
    with pytest.raises(ToolFailed, match=word) as failed:
        await run(one, **arguments)
    assert "Traceback" not in str(failed.value)
