"""A guesthouse with a staff of one's choice: role files are written, a real fleet is opened on them.

The only doubles are models: `Speaker` says what it is told, piece by piece when it is streamed, and may break off.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import anyio
from open_fleets import state_of
from told import ToldModel

from fleet_runtime import Fleet, Settings
from fleet_runtime.errors import FleetError
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest
from fleet_runtime.ports import Clock, ModelClient, Tool
from fleet_runtime.signals import Listen, Signal, TextReleased, TurnDone

HOST, COOK, PORTER = "inn-host", "inn-cook", "inn-porter"

CONTRACT = """# {title} — fleet role definition

The **{name}** {does} (`class: {name}`, `domain: inn`).

## Mandate
1. **{does}** — all of it
## Boundaries
- **Does NOT {refuses}** — the **{owner}** does.
## Persona
Plain and warm.
## Tools
{tools}
"""


class Post(NamedTuple):
    """A role of the house: what it does and refuses, who does that instead, and which tools it may use."""

    does: str
    refuses: str
    owner: str
    tools: tuple[str, ...] = ()


HOUSE: Mapping[str, Post] = {
    HOST: Post("Keep guests", "cook meals", COOK),
    COOK: Post("Cook meals", "rent rooms to guests", HOST),
    PORTER: Post("Carry trunks", "clean windows", HOST),
}


class BrokenOff(NamedTuple):
    """A stream that says ``text`` and then fails."""

    text: str
    error: FleetError


class Speaker(ToldModel):
    """A told model of an endpoint, so that it costs; it streams word by word, and breaks off if it is told to."""

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(
            name="told", kind="endpoint", endpoint="nowhere", description="a script", reason="the test", voice="free"
        )

    def break_off(self, task: str, text: str, error: FleetError) -> None:
        """Let the next answer to a task be streamed as far as ``text``, and then fail."""
        self._broken = (task, BrokenOff(text, error))

    _broken: tuple[str, BrokenOff] | None = None

    async def stream(self, request: ModelRequest) -> AsyncGenerator[str | ModelReply]:
        if self._broken is not None and self._broken[0] == request.task:
            _, broken = self._broken
            self._broken = None
            self.calls.append(request)
            for piece in words(broken.text):
                yield piece
            raise broken.error
        reply = await self.complete(request)
        for piece in words(reply.text):
            yield piece
        yield reply


def words(text: str) -> list[str]:
    """Cut a text into words with the blanks after them, as endpoints stream it."""
    return re.findall(r"\S+\s*|\s+", text)


def write_house(folder: Path, house: Mapping[str, Post] = HOUSE) -> None:
    """Write the role files and the profile; the first role leads."""
    roles, profiles = folder / "roles", folder / "profiles"
    roles.mkdir(exist_ok=True)
    profiles.mkdir(exist_ok=True)
    for name, post in house.items():
        tools = "\n".join(f"- {tool}" for tool in post.tools)
        title = name.replace("-", " ").title()
        text = CONTRACT.format(
            name=name, title=title, does=post.does, refuses=post.refuses, owner=post.owner, tools=tools
        )
        _put_whole(roles / f"{name}.md", text)
    roster = "".join(f"  - class: {name}\n" for name in house)
    profile = f"id: inn\ntitle: Inn\nlead: {next(iter(house))}\nroster:\n{roster}"
    _put_whole(profiles / "inn.yaml", profile)


def _put_whole(path: Path, text: str) -> None:
    """Put a file there in one step: workers of one folder write it at once, and read what another is writing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


@asynccontextmanager
async def open_house(  # noqa: PLR0913 - what a test may want to set
    model: ModelClient | None,
    folder: Path,
    *,
    house: Mapping[str, Post] = HOUSE,
    tools: Sequence[Tool] = (),
    listen: Listen | None = None,
    clock: Clock | None = None,
    resume: bool = True,
    **settings: Any,
) -> AsyncGenerator[Fleet]:
    """Open a fleet on the house; in memory, with routing and guard off, unless the settings say otherwise."""
    write_house(folder, house)
    chosen: dict[str, Any] = {
        "database": "none", "model": "none", "embeddings": "none", "learning": "rules", "profile": "inn",
        "roles": str(folder / "roles"), "profiles": str(folder / "profiles"), "routing": "off", "guard": "off",
        "lease_seconds": 1.0, "tool_calling": "native", **settings,
    }  # fmt: skip
    everything = Settings.model_validate(chosen)
    async with Fleet.open(
        settings=everything, model=model, tools=tools, listen=listen, clock=clock, resume=resume
    ) as fleet:
        yield fleet


async def heard(stream: AsyncIterator[Signal]) -> list[Signal]:
    """Listen to a stream until it ends."""
    return [signal async for signal in stream]


def said(signals: Sequence[Signal]) -> str:
    """Join what was said."""
    return "".join(signal.text for signal in signals if isinstance(signal, TextReleased))


def kinds(signals: Sequence[Signal], *, but: Sequence[str] = ("stage",)) -> list[str]:
    """List the kinds of signals in order, tokens in a row as one."""
    found: list[str] = []
    for signal in signals:
        if signal.kind not in but and not (signal.kind == "token" and found and found[-1] == "token"):
            found.append(signal.kind)
    return found


def done(signals: Sequence[Signal]) -> TurnDone:
    """Return the last signal, which says that the turn is done."""
    last = signals[-1]
    assert isinstance(last, TurnDone), last
    return last


async def until_answered(fleet: Fleet, account: str, many: int) -> list[str]:
    """Wait until an account's turns are answered in the background, and return the replies.

    Raises: TimeoutError.
    """
    with anyio.fail_after(5):
        while True:
            turns = (await state_of(fleet, account)).turns
            if sum(turn.state == "done" for turn in turns) == many:
                return [turn.reply.text for turn in turns if turn.reply is not None]
            await anyio.sleep(0.01)
