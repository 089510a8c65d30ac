"""Gateways and workers that can be killed: forked from a parent that has imported everything, so that a start is quick.

The parent starts no thread before it forks (`prepared` says so); a child opens its own fleet and its own ledger. What
stands in for the world outside is here too: a model that takes its time and calls a tool when the message says so, and
a tool whose effect is a line in the ledger, with a pause behind it in which a kill finds the effect done and not kept.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import mmap
import os
import random
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from durable_ledger import Ledger, digest, lines

from fleet_runtime import Fleet, Settings, tool
from fleet_runtime.errors import FleetError, WorkerError
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest, ToolCall
from fleet_runtime.records import ToolContext
from fleet_runtime.runtime.agent import Agent
from fleet_runtime.signals import Signal

ROLE = "desk-clerk"
CONTRACT = """# Desk Clerk — fleet role definition

The **desk-clerk** keeps a desk (`class: desk-clerk`, `domain: desk`).

## Mandate
1. **Keep notes** — all of them
## Boundaries
- **Does NOT sweep floors** — the **desk-sweeper** does.
## Persona
Plain and warm.
## Tools
- stamp
"""
SWEEPER = CONTRACT.replace("Clerk", "Sweeper").replace("desk-sweeper", "desk-c").replace("desk-clerk", "desk-sweeper")
_TAG = re.compile(r"\[(\S+) of (\S+)\]")
MOST_TOLD = 600
STAMP = "Please stamp it."
BURIED = 3
"""What a worker ends with that was given up for dead by the others."""

WAITING_FOR_MANY = 24
"""How many of its messages may be unanswered before a gateway takes no more."""


@dataclass(frozen=True)
class Plan:
    """What all processes of a run have in common. Times are in seconds; ``late`` is the chance of a late
    commit, ``clock_seconds`` how far its clock is off, ``version`` the engine's where it is not the one that is here.
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


class Switch:
    """A few bytes that parent and children share: whether gateways are to rest, and whether they are to end."""

    REST, END = 0, 1

    def __init__(self) -> None:
        """Share memory with the children to come."""
        self._memory = mmap.mmap(-1, 2)

    def turn(self, which: int, *, on: bool) -> None:
        """Turn one of them on or off."""
        self._memory[which] = int(on)

    def on(self, which: int) -> bool:
        """Tell whether one of them is on."""
        return bool(self._memory[which])


@dataclass
class Child:
    """A process that was forked; ``usage`` is known once it ended."""

    pid: int
    role: str
    name: str
    began: float = field(default_factory=time.monotonic)
    cpu_seconds: float = 0.0

    def kill(self, ledger: Ledger) -> None:
        """End it as a power cut would, and note it once it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        self.gone(wait=True)
        ledger.write("killed", self.pid, self.role, self.name)

    def end(self, ledger: Ledger, seconds: float = 40.0) -> None:
        """Ask it to end, as supervisors do, and note it; one that does not is killed and noted as crashed."""
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while (status := self.gone(wait=False)) is None:
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                self.gone(wait=True)
                ledger.write("crashed", self.pid, self.role, self.name, "did-not-end")
                return
            time.sleep(0.02)
        self.note(status, ledger)

    def note(self, status: int, ledger: Ledger) -> None:
        """Note how it ended by itself."""
        code = os.waitstatus_to_exitcode(status)
        if code in {0, BURIED}:
            ledger.write("buried" if code else "ended", self.pid)
        else:
            ledger.write("crashed", self.pid, self.role, self.name, code)

    def gone(self, *, wait: bool) -> int | None:
        """Return its exit status, or None while it lives."""
        pid, status, usage = os.wait4(self.pid, 0 if wait else os.WNOHANG)
        if not pid:
            return None
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        return status


def prepared(folder: Path, settings: Callable[[str], Settings]) -> None:
    """Write the roles, and load all that children need: a first message is answered by children that say what they had.

    Raises: RuntimeError if a thread is running here then: a child would inherit its locks and not it; or if the first
        message is not answered.
    """
    (folder / "roles").mkdir()
    (folder / "profiles").mkdir()
    for name, text in (("desk-clerk", CONTRACT), ("desk-sweeper", SWEEPER)):
        (folder / "roles" / f"{name}.md").write_text(text, encoding="utf-8")
    roster = "roster:\n  - class: desk-clerk\n  - class: desk-sweeper\n"
    (folder / "profiles" / "desk.yaml").write_text(f"id: desk\ntitle: Desk\nlead: desk-clerk\n{roster}")
    first = folder / "first"
    first.mkdir()
    plan = Plan(first, settings(str(first / "fleet.db")), ("first",), tool_seconds=(0, 0))
    ledger = Ledger(first)
    worker = fork(plan, "worker", "first", lambda own: _and_modules(plan, be_worker(plan, "first", own)))
    gateway = fork(plan, "gateway", "first", lambda own: _and_modules(plan, _ask_once(plan, own)))
    failed = gateway.gone(wait=True)
    worker.end(ledger)
    if failed or any(line.kind == "crashed" for line in lines(first)):
        said = "".join((first / f"{name}-first.txt").read_text() for name in ("gateway", "worker"))
        raise RuntimeError(f"the first message was not answered:\n{said}")
    for name in ["psycopg", "sqlalchemy.dialects.postgresql.psycopg", *(first / "modules").read_text().split()]:
        with suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()
    if threading.active_count() > 1:
        raise RuntimeError(f"threads are running before the first fork: {threading.enumerate()}")


async def _and_modules(plan: Plan, main: Coroutine[object, object, None]) -> None:
    """Do it, and write down which modules that took."""
    try:
        await main
    finally:
        with (plan.folder / "modules").open("a", encoding="utf-8") as file:
            file.writelines(f"{name}\n" for name in sys.modules if name.startswith(("fleet_runtime", "dbos", "sqlal")))


async def _ask_once(plan: Plan, ledger: Ledger) -> None:
    """Have one message answered, with its tool."""
    async with Fleet.open(settings=plan.settings) as fleet:
        agent = await fleet.spawn(ROLE, account="first")
        reply = await agent.ask(text_of("t1", "first", stamp=True), turn_id="t1")
        ledger.write("heard", "t1", digest(reply.text))


def settings_of(folder: Path, database: str, **more: object) -> Settings:
    """Return the settings of all processes; no stage that costs time and keeps nothing."""
    return Settings.model_validate({
        "database": database, "engine": "durable", "model": "none", "profile": "desk", "embeddings": "none",
        "roles": str(folder / "roles"), "profiles": str(folder / "profiles"), "routing": "off", "guard": "off",
        "learning": "rules", "tool_calling": "native", "trace": "off", **more,
    })  # fmt: skip


def fork(plan: Plan, role: str, name: str, main: Callable[[Ledger], Coroutine[object, object, None]]) -> Child:
    """Start a child that runs ``main`` with a ledger of its own and ends by it; its output goes to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        _live(plan, f"{role}-{name}", main)
    return Child(pid, role, name)


def _live(plan: Plan, name: str, main: Callable[[Ledger], Coroutine[object, object, None]]) -> NoReturn:
    """Be the child, from here to the end."""
    code = 1
    try:
        output = os.open(plan.folder / f"{name}.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(output, 1)
        os.dup2(output, 2)
        random.seed(os.getpid() ^ time.monotonic_ns())
        _set_clock(plan.clock_seconds)
        _set_version(plan.version)
        if plan.late:
            _commit_late(plan.late, plan.late_seconds)
        asyncio.run(_until_told(main(Ledger(plan.folder))))
        code = 0
    except WorkerError:
        traceback.print_exc()
        code = BURIED
    except BaseException:  # noqa: BLE001 - a child ends here, whatever it met, and must not unwind into its parent
        traceback.print_exc()
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


async def _until_told(main: Coroutine[object, object, None]) -> None:
    """Run until it ends, or cancel it when SIGTERM comes."""
    task = asyncio.ensure_future(main)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


def _set_clock(seconds: float) -> None:
    """Let this process's clock be wrong by so much, before anything asks for it."""
    if not seconds:
        return
    true_time, true_nanoseconds = time.time, time.time_ns
    time.time = lambda: true_time() + seconds
    time.time_ns = lambda: true_nanoseconds() + int(seconds * 1e9)


def _set_version(version: str) -> None:
    """Let this process be of another engine version, as after an upgrade."""
    if version:
        from fleet_runtime.engine.durable.places import ENGINE_VERSION  # noqa: PLC0415 - only here

        for module in list(sys.modules.values()):
            if getattr(module, "ENGINE_VERSION", None) == ENGINE_VERSION:
                setattr(module, "ENGINE_VERSION", version)  # noqa: B010 - a constant, but here


def _commit_late(chance: float, seconds: float) -> None:
    """Let some commits of this process wait, as those of a busy caller do."""
    from sqlalchemy import Engine, event  # noqa: PLC0415 - in the child

    def wait(_connection: object) -> None:
        if random.random() < chance:  # noqa: S311 - no secret
            time.sleep(random.uniform(0, seconds))  # noqa: S311

    event.listen(Engine, "commit", wait)


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


async def be_worker(plan: Plan, name: str, ledger: Ledger) -> None:
    """Answer turns until told to end."""
    async with slow_fleet(plan, ledger) as fleet:
        await fleet.work(worker=name, ready=lambda: ledger.write("ready", "worker", name))


async def be_gateway(plan: Plan, name: str, switch: Switch, ledger: Ledger) -> None:
    """Take messages for all accounts, one at a time for each, until told to end; first those that a kill left open."""
    number, left = _left_open(plan.folder, name)
    async with Fleet.open(settings=plan.settings) as fleet:
        door = _Door(plan, name, switch, ledger)
        ledger.write("ready", "gateway", name)
        agents = {account: await fleet.spawn(ROLE, account=account) for account in plan.accounts}
        async with asyncio.TaskGroup() as group:
            for place, (account, agent) in enumerate(agents.items()):
                group.create_task(door.feed(group, agent, account, f"{name}-{place}", number, left.get(account, [])))


class _Door:
    """What a gateway does for each account."""

    def __init__(self, plan: Plan, name: str, switch: Switch, ledger: Ledger) -> None:
        """Keep what all accounts share."""
        self._plan = plan
        self._name = name
        self._switch = switch
        self._ledger = ledger
        self._open = 0

    async def feed(  # noqa: PLR0913, PLR0917 - one account with all that is its own
        self, group: asyncio.TaskGroup, agent: Agent, account: str, prefix: str, number: int, left: list[str]
    ) -> None:
        """Hand messages over, the ones that were left open first, each once the one before is acknowledged."""
        for turn_id in left:
            await self._hand_over(group, agent, account, turn_id, stamp=turn_id.endswith("s"))
        while not self._switch.on(Switch.END):
            await asyncio.sleep(random.uniform(*self._plan.rest_seconds))  # noqa: S311
            if self._switch.on(Switch.REST) or self._switch.on(Switch.END) or self._open > WAITING_FOR_MANY:
                continue
            number += 1
            stamp = random.random() < self._plan.stamps  # noqa: S311
            turn_id = f"{prefix}-{number}{'s' if stamp else ''}"
            self._ledger.write("offer", turn_id, account, self._name, "stamp" if stamp else "plain")
            await self._hand_over(group, agent, account, turn_id, stamp=stamp)

    async def _hand_over(
        self, group: asyncio.TaskGroup, agent: Agent, account: str, turn_id: str, *, stamp: bool
    ) -> None:
        """Hand one message over until it is acknowledged, and have somebody wait for the reply."""
        while True:
            try:
                turn = await agent.accept(text_of(turn_id, account, stamp=stamp), turn_id=turn_id)
            except FleetError as error:
                self._tell(error)
                await asyncio.sleep(0.2)
            else:
                break
        self._ledger.write("ack", turn_id, turn.sequence)
        self._open += 1

        async def wait() -> None:
            try:
                reply = await agent.answer(turn)
                self._ledger.write("heard", turn_id, digest(reply.text))
            except FleetError as error:
                self._tell(error)
            finally:
                self._open -= 1

        group.create_task(wait())

    def _tell(self, error: FleetError) -> None:
        """Note what whoever asked is told."""
        self._ledger.write("told", error.code, f"{error.message} ({error.hint})"[:MOST_TOLD])


def _left_open(folder: Path, gateway: str) -> tuple[int, dict[str, list[str]]]:
    """Return the last number that this gateway gave before, and the messages that were never acknowledged to it."""
    number = 0
    left: dict[str, list[str]] = {}
    for line in lines(folder, {"offer", "ack"}):
        if line.kind == "offer" and line.words[2] == gateway:
            number = max(number, int(line.words[0].rpartition("-")[2].rstrip("s")))
            left.setdefault(line.words[1], []).append(line.words[0])
        elif line.kind == "ack" and line.words[0].startswith(f"{gateway}-"):
            for several in left.values():
                if line.words[0] in several:
                    several.remove(line.words[0])
    return number, left
