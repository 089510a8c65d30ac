"""fleet_runtime in the overhead harness of Python agent runtimes: a `Peer` for its ``adapters/`` folder.

Every row runs the public path of a turn (`Fleet.open`, `spawn`, `ask`, `stream`), with the stages off that the other
runtimes do not have, by documented settings alone: routing, memory, guard and trace. Nothing is patched, and nothing
private is called. ``common`` is the harness's own module.
"""

# The harness's module is not at hand where this is checked:
# mypy: ignore-errors

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from common import HAND, KEY, STREAM, SYSTEM, SYSTEM_B, TEXT, TOOL, USER, V1, Adapter, script, weather

from fleet_runtime import Fleet, Settings

if TYPE_CHECKING:  # what only the hand-off loads
    from fleet_runtime.messages import ModelReply, ModelRequest
    from fleet_runtime.models.openai_compatible import OpenAICompatibleModel
    from fleet_runtime.ports import Tool

ROLE = """# {title} — fleet role definition

The **{name}** answers travellers (`class: {name}`, `domain: customer`).

## Mandate
1. **Answer travellers** — as your persona says
## Boundaries
- **Does NOT repair ships** — nobody here does
## Persona
{text}
"""
TOOLS = """## Tools
- weather
"""
PROFILE = """id: harbour
title: Harbour
lead: dispatcher
roster:
  - class: dispatcher
"""
CLERK = """  - class: fares-clerk
    reports_to: dispatcher
"""
WHOLE_TALK = 1_000_000
"""Tokens: the harness wants every turn of the session in the request."""


class Peer(Adapter):
    """Our runtime, as the harness calls it."""

    name = "fleet_runtime"
    packages = ("fleet-runtime", "openai", "httpx2", "pydantic", "sqlalchemy")
    notes = {
        "all": "settings routing, memory, guard and trace off, tool_calling native; the contract is a role file",
        "W2": "an account of its own for every turn",
        "W4": "the built-in tool hand_off; a client of our own gives each role its model",
        "W5": "own store, SQLite with synchronous=FULL; history_tokens raised so that the whole talk is sent",
        "W6": "an agent for each of n accounts, all of one role",
        "W7": "database none, an account for each conversation",
    }

    async def build(self) -> None:
        """W1: a fleet with one agent."""
        self.numbers = itertools.count()
        self.fleets: dict[str, asyncio.Task[None]] = {}
        self.plain = await self.opened("plain", TEXT)
        await self.plain.spawn("dispatcher", account="first")

    async def turn(self, text: str) -> str:
        """W2: no history."""
        return await self.answered(self.plain, text)

    async def build_tool(self) -> None:
        """W3: a fleet whose role may use one tool."""
        from fleet_runtime import tool  # noqa: PLC0415 - loads with the first tool

        self.handy = await self.opened("handy", TOOL, tools=(tool(weather),))

    async def tool_turn(self, text: str) -> str:
        """W3: one tool call."""
        return await self.answered(self.handy, text)

    async def build_handoff(self) -> None:
        """W4: two roles, each with a model of its own."""
        script(HAND, "hand_off", {"to": "fares-clerk", "why": "It is about a fare.", "asked": USER})
        self.pair = await self.opened("pair", HAND, clerk=True)

    async def handoff(self, text: str) -> str:
        """W4: the dispatcher hands over, the clerk answers."""
        agent = await self.pair.spawn("dispatcher", account=f"a{next(self.numbers)}")
        reply = await agent.ask(text)
        if reply.role != "fares-clerk":
            raise RuntimeError(f"{reply.role} answered, not the clerk")
        return reply.text

    async def session_open(self, path: str, sid: str) -> None:
        """W5: open the store, and the agent of one account."""
        self.kept = await self.opened("kept", TEXT, database=path)
        self.sitting = await self.kept.spawn("dispatcher", account=sid)

    async def session_turn(self, text: str) -> str:
        """W5: one more turn of the account's conversation."""
        return (await self.sitting.ask(text)).text

    async def session_close(self) -> None:
        """W5: close the store."""
        task = self.fleets.pop("kept")
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    def spawn(self, n: int) -> list[object]:
        """W6: idle agents; spawning waits for nothing, so that it can be driven without a loop."""
        agents: list[object] = []
        for number in range(n):
            try:
                self.plain.spawn("dispatcher", account=f"idle{number}").send(None)
            except StopIteration as done:
                agents.append(done.value)
        return agents

    async def conversation(self, i: int, turns: int) -> None:
        """W7: a conversation with its history in memory."""
        agent = await self.plain.spawn("dispatcher", account=f"c{i}.{next(self.numbers)}")
        for k in range(turns):
            await agent.ask(f"{USER} {i}/{k}")

    async def stream(self, text: str) -> AsyncIterator[str]:
        """W8: the pieces of a reply."""
        if "flowing" not in self.fleets:
            self.flowing = await self.opened("flowing", STREAM)
        agent = await self.flowing.spawn("dispatcher", account=f"a{next(self.numbers)}")
        async for signal in agent.stream(text):
            if signal.kind == "token":
                yield signal.text

    async def answered(self, fleet: Fleet, text: str) -> str:
        """Ask an agent whose account has no history."""
        agent = await fleet.spawn("dispatcher", account=f"a{next(self.numbers)}")
        return (await agent.ask(text)).text

    async def opened(
        self, name: str, model: str, *, database: str = "none", tools: Sequence[Tool] = (), clerk: bool = False
    ) -> Fleet:
        """Open a fleet in a task of its own, which keeps it open until it is cancelled."""
        folder = Path(tempfile.mkdtemp(prefix="fleet-bench-"))
        for kind in ("roles", "profiles"):
            (folder / kind).mkdir()
        contract = ROLE.format(title="Dispatcher", name="dispatcher", text=SYSTEM) + (TOOLS if tools else "")
        (folder / "roles" / "dispatcher.md").write_text(contract, encoding="utf-8")
        (folder / "profiles" / "harbour.yaml").write_text(PROFILE + (CLERK if clerk else ""), encoding="utf-8")
        if clerk:
            contract = ROLE.format(title="Fares clerk", name="fares-clerk", text=SYSTEM_B)
            (folder / "roles" / "fares-clerk.md").write_text(contract, encoding="utf-8")
        settings = Settings(
            database=database, model=model, base_url=V1, api_key=KEY, profile="harbour",
            roles=str(folder / "roles"), profiles=str(folder / "profiles"), embeddings="none",
            routing="off", memory="off", guard="off", trace="off", tool_calling="native", history_tokens=WHOLE_TALK,
            model_timeout_seconds=300,
        )  # fmt: skip
        given = {"model": _ModelOfRole(settings)} if clerk else {}
        ready: asyncio.Future[Fleet] = asyncio.get_running_loop().create_future()

        async def keep_open() -> None:
            async with Fleet.open(settings=settings, tools=tools, **given) as fleet:
                ready.set_result(fleet)
                await asyncio.Event().wait()

        self.fleets[name] = task = asyncio.create_task(keep_open())
        await asyncio.wait({ready, task}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        return ready.result()


class _ModelOfRole:
    """A model client that gives each role its own model, as the other runtimes' rows do."""

    def __init__(self, settings: Settings) -> None:
        from fleet_runtime.messages import ModelInfo  # noqa: PLC0415 - loads with the hand-off
        from fleet_runtime.models.openai_compatible import OpenAICompatibleModel  # noqa: PLC0415

        def client(name: str) -> OpenAICompatibleModel:
            info = ModelInfo(
                name=name, kind="endpoint", endpoint=V1, description=name, reason="the harness names it", voice="free"
            )
            return OpenAICompatibleModel(info, api_key=settings.api_key, timeout_seconds=300)

        self._dispatcher, self._clerk = client(HAND), client(TEXT)
        self.info = self._dispatcher.info

    def _of(self, request: ModelRequest) -> OpenAICompatibleModel:
        """Tell by the contract in front whose request it is."""
        return self._clerk if SYSTEM_B in request.messages[0].content else self._dispatcher

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Have the role's model answer."""
        return await self._of(request).complete(request)

    def stream(self, request: ModelRequest) -> AsyncIterator[str | ModelReply]:
        """Have the role's model answer piece by piece."""
        return self._of(request).stream(request)

    async def close(self) -> None:
        """Let both go."""
        await self._dispatcher.close()
        await self._clerk.close()
