"""What stands in for the world outside in runs of the durable engine: two roles, a model, a tool, and their messages.

The model takes its time, has the tool called when the message says so, and names the message that it saw before, so
that the replies tell in which order they were made. The tool's effect is a line in the ledger, with a pause behind it
in which a kill finds the effect done and not kept.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from durable_ledger import Ledger

from fleet_runtime import Fleet, Settings, tool
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest, ToolCall
from fleet_runtime.records import ToolContext
from fleet_runtime.signals import Signal

ROLE = "desk-clerk"
CONTRACT = """# {title} — fleet role definition

The **{name}** {does} (`class: {name}`, `domain: desk`).

## Mandate
1. **{does}** — all of it
## Boundaries
- **Does NOT {refuses}** — the **{owner}** does.
## Persona
Plain and warm.
## Tools
- stamp
"""
ROLES = {
    ROLE: CONTRACT.format(
        title="Desk Clerk", name=ROLE, does="Keep notes", refuses="sweep floors", owner="desk-sweeper"
    ),
    "desk-sweeper": CONTRACT.format(
        title="Desk Sweeper", name="desk-sweeper", does="Sweep floors", refuses="keep notes", owner=ROLE
    ),
}
_TAG = re.compile(r"\[(\S+) of (\S+)\]")
STAMP = "Please stamp it."


@dataclass(frozen=True)
class Plan:
    """What all processes of a run have in common. Times are in seconds.

    ``late`` is the chance of a late commit, ``clock_seconds`` how far the clock is off, ``version`` the engine's where
    it is not the one that is here.
    """

    folder: Path
    settings: Settings
    accounts: tuple[str, ...]
    model_seconds: tuple[float, float] = (0.005, 0.05)
    tool_seconds: tuple[float, float] = (0.0, 0.12)
    rest_seconds: tuple[float, float] = (0.05, 0.4)
    stamps: float = 0.4
    late: float = 0.0
    late_seconds: float = 0.0
    clock_seconds: float = 0.0
    version: str = ""


def write_roles(folder: Path) -> None:
    """Write the two roles and the profile that staffs them."""
    (folder / "roles").mkdir()
    (folder / "profiles").mkdir()
    for name, text in ROLES.items():
        (folder / "roles" / f"{name}.md").write_text(text, encoding="utf-8")
    roster = "".join(f"  - class: {name}\n" for name in ROLES)
    (folder / "profiles" / "desk.yaml").write_text(f"id: desk\ntitle: Desk\nlead: {ROLE}\nroster:\n{roster}")


def settings_of(folder: Path, database: str, **more: object) -> Settings:
    """Return the settings of all processes; no stage that costs time and keeps nothing."""
    return Settings.model_validate({
        "database": database, "engine": "durable", "model": "none", "profile": "desk", "embeddings": "none",
        "roles": str(folder / "roles"), "profiles": str(folder / "profiles"), "routing": "off", "guard": "off",
        "learning": "rules", "tool_calling": "native", "trace": "off", **more,
    })  # fmt: skip


class SlowModel:
    """A model that takes its time, has the tool called when the message asks for it, and says what it saw before."""

    info = ModelInfo(name="slow", kind="scripted", description="a stand-in", reason="a benchmark", voice="free")

    def __init__(self, plan: Plan, ledger: Ledger) -> None:
        """Keep how slow it is, and where it notes when it was asked."""
        self._seconds = plan.model_seconds
        self._ledger = ledger

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer, after a while."""
        asked = [message.content for message in request.messages if message.role == "user"]
        turn_id, account = _TAG.findall(asked[-1])[-1]
        self._ledger.write("begin", turn_id, account)
        try:
            await asyncio.sleep(random.uniform(*self._seconds))  # noqa: S311
        finally:
            self._ledger.write("end", turn_id, account)
        if STAMP in asked[-1].rpartition("[")[2] and request.messages[-1].role == "user":
            call = ToolCall(id="c", name="stamp", arguments=f'{{"turn_id": "{turn_id}"}}')
            return ModelReply(text="", tool_calls=(call,), finish_reason="tool_calls")
        before = _TAG.findall(asked[-2])[-1][0] if len(asked) > 1 else "nothing"
        return ModelReply(text=f"Noted {turn_id} of {account}, after {before}.")

    async def stream(self, request: ModelRequest) -> AsyncIterator[str | ModelReply]:
        """Answer in one piece."""
        reply = await self.complete(request)
        yield reply.text
        yield reply

    async def close(self) -> None:
        """Hold nothing."""


def text_of(turn_id: str, account: str, *, stamp: bool) -> str:
    """Write a message that says who it is, and whether it wants the tool."""
    return f"Please note this. [{turn_id} of {account}]" + (f" {STAMP}" if stamp else "")


@asynccontextmanager
async def slow_fleet(plan: Plan, ledger: Ledger) -> AsyncGenerator[Fleet]:
    """Open a fleet that can answer: with the slow model, the tool, and a note of each attempt and each commit."""

    @tool
    async def stamp(turn_id: str, context: ToolContext) -> str:
        """Stamp a note."""
        ledger.write("begin", turn_id, context.key.account)
        try:
            ledger.write("effect", context.idempotency_key, turn_id)
            await asyncio.sleep(random.uniform(*plan.tool_seconds))  # noqa: S311
        finally:
            ledger.write("end", turn_id, context.key.account)
        return "stamped"

    def listen(heard: Signal) -> None:
        if heard.kind in {"began", "done"}:
            ledger.write("attempt" if heard.kind == "began" else "committed", heard.turn_id)

    model = SlowModel(plan, ledger)
    async with Fleet.open(settings=plan.settings, model=model, tools=[stamp], listen=listen) as fleet:
        yield fleet
