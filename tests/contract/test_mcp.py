"""Tools of real MCP servers: what is listed, how it is named, results of every kind, servers that go and come back."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import anyio
import pytest
from mcp_sources import CONTEXT, http_server, opened, over_http, over_stdio, run

from fleet_runtime.errors import MissingExtra, ToolError
from fleet_runtime.ports import ToolFailed
from fleet_runtime.settings import McpServer
from fleet_runtime.toolbox.mcp import mcp_tools
from fleet_runtime.toolbox.mcp_connection import McpConnection

pytestmark = [pytest.mark.anyio, pytest.mark.slow]  # nearly each starts a server, a second of CPU


async def test_all_pages_are_read_names_are_made_valid_and_content_is_written() -> None:
    async with opened(**{"pa ged": over_stdio("paged_server")}) as tools:
        names = list(tools)
        assert names[:3] == ["pa_ged_everything", "pa_ged_structured", "pa_ged_silent_failure"]
        assert names[3].startswith("pa_ged_xxxx")
        assert len(names[3]) == 64
        assert names[4].startswith("pa_ged_silent_failure_"), "another tool of the same letters has another name"
        assert tools[names[0]].spec.description == "everything"
        assert (await run(tools[names[0]])).splitlines() == [
            "a text", "[audio, audio/wav, not shown]", "a note", "[resource blob://1, not shown]",
            "[link to manual: https://example.org/manual]",
        ]  # fmt: skip
        assert await run(tools[names[1]]) == '{"rope":3}'
        with pytest.raises(ToolFailed, match="did not say why"):
            await run(tools[names[2]])
        with pytest.raises(ToolFailed):
            await run(tools[names[4]])


async def test_settings_choose_tools_and_those_that_need_a_persons_yes() -> None:
    server = over_stdio(tools=("add", "pid"), needs_approval=("add", "die"), env={"TOLD": "yes"})
    async with opened(count=server, more=over_stdio(tools=("picture",))) as tools:
        assert list(tools) == ["count_add", "count_pid", "more_picture"]
        assert tools["count_add"].rules.needs_approval
        assert not tools["count_pid"].rules.needs_approval
        assert tools["count_add"].rules.repeatable, "the server says that it reads only"
        assert not tools["count_pid"].rules.repeatable, "nothing is said of it"
        assert await run(tools["more_picture"]) == "[image, image/png, not shown]"
        assert await tools["count_add"].run('{"first": 1, "second": 1}', CONTEXT) == "2"


@pytest.mark.parametrize("given", [{"tools": ("add", "substract")}, {"needs_approval": ("substract",)}])
async def test_a_tool_that_the_server_does_not_have_is_told(given: dict[str, Any]) -> None:
    """A slip of the pen in ``needs_approval`` must not let a call pass."""
    with pytest.raises(ToolError, match="'count' has no tool 'substract'") as refused:
        async with opened(count=over_stdio(**given)):
            pass
    assert "key.of.call" in refused.value.hint


async def test_a_server_over_stdio_that_dies_is_started_again_at_the_next_call() -> None:
    async with opened(count=over_stdio()) as tools:
        first = await run(tools["count_pid"])
        failed: list[str] = []
        async with anyio.create_task_group() as side_by_side:
            side_by_side.start_soon(_failing, failed, tools, "count_slow")
            await anyio.sleep(0.1)
            side_by_side.start_soon(_failing, failed, tools, "count_die")
        assert len(failed) == 2, "every call under way is told"
        assert all("may have happened or not" in text for text in failed)
        again = await run(tools["count_pid"])
        assert again != first
        assert await run(tools["count_pid"]) == again


async def test_a_server_over_http_that_is_gone_is_reached_once_it_is_back() -> None:
    with http_server() as (port, process):
        async with opened(count=over_http(port, headers={"X-Told": "yes"})) as tools:
            first = await run(tools["count_pid"])
            with pytest.raises(ToolFailed, match="may have happened or not"):
                await run(tools["count_die"])
            process.wait(10)
            with pytest.raises(ToolFailed, match="out of reach at present: the MCP server 'count'"):
                await run(tools["count_pid"])
            with http_server(port):
                assert await run(tools["count_pid"]) != first


async def _failing(failed: list[str], tools: dict[str, Any], name: str) -> None:
    with pytest.raises(ToolFailed) as error:
        await run(tools[name], **({"seconds": 30} if name == "count_slow" else {}))
    failed.append(str(error.value))


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (McpServer(command="no-such-program-here"), ("FileNotFoundError", "see whether this starts: no-such-program")),
        (McpServer(command=sys.executable, args=("-c", "raise SystemExit(2)")), ("Connection closed", "-c raise")),
        (McpServer(url="http://127.0.0.1:9/mcp"), ("cannot be reached", "answers at http://127.0.0.1:9/mcp")),
        (McpServer(), ("no command and no url", "give one")),
        (McpServer(command="x", url="http://127.0.0.1:9/mcp"), ("both a command and a url", "give one")),
    ],
)
async def test_a_server_that_cannot_be_reached_is_named_with_what_to_do(
    server: McpServer, words: tuple[str, str]
) -> None:
    with pytest.raises(ToolError, match="the MCP server 'bad'") as refused:
        async with opened(bad=server):
            pass
    assert words[0] in refused.value.message
    assert words[1] in refused.value.hint


async def test_one_server_that_fails_ends_the_others_too() -> None:
    with pytest.raises(ToolError, match="'bad'"):
        async with opened(good=over_stdio(), bad=McpServer(command="no-such-program-here")):
            pass


async def test_a_server_that_says_nothing_is_left_after_a_while() -> None:
    silent = McpServer(command=sys.executable, args=("-c", "import time; time.sleep(60)"))
    connection = McpConnection("silent", silent, connect_seconds=0.3)
    with pytest.raises(ToolError, match=r"no answer within 0\.3 s"):
        await connection.list_tools()
    await connection.close()


async def test_who_gives_up_while_a_server_starts_keeps_nobody_waiting() -> None:
    silent = McpServer(command=sys.executable, args=("-c", "import time; time.sleep(60)"))
    connection = McpConnection("silent", silent, connect_seconds=60)
    with anyio.move_on_after(0.3):
        await connection.list_tools()
    with anyio.fail_after(20):
        await connection.close()


async def test_the_blocks_own_error_comes_bare() -> None:
    with pytest.raises(KeyError, match="mine"):
        async with opened(count=over_stdio()):
            raise KeyError("mine")


async def test_without_servers_nothing_is_loaded() -> None:
    async with mcp_tools({}) as tools:
        assert tools == ()


async def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *given: Any, **named: Any) -> Any:
        if name.partition(".")[0] in {"mcp", "mcp_types"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *given, **named)

    for module in ("mcp_source", "mcp_connection"):
        monkeypatch.delitem(sys.modules, f"fleet_runtime.toolbox.{module}", raising=False)
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtra) as missing:
        async with mcp_tools({"count": McpServer(command="x")}):
            pass
    assert missing.value.hint == 'pip install "fleet-runtime[mcp]"'
