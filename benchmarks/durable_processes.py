"""Gateways and workers that can be killed: forked from a parent that has imported everything, so that a start is quick.

The parent has no thread when it forks (`prepared` sees to it); a child opens its own fleet and its own ledger. Nothing
here judges what became of the messages.
"""

from __future__ import annotations

import asyncio
import faulthandler
import gc
import importlib
import mmap
import os
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

from durable_doubles import ROLE, Plan, slow_fleet, text_of, write_roles
from durable_ledger import Ledger, digest, lines

from fleet_runtime import Fleet, Settings
from fleet_runtime.errors import FleetError, WorkerError
from fleet_runtime.runtime.agent import Agent

MOST_TOLD = 600
"""How many characters of an error are kept: a line of the ledger is one write of less than a page."""

BURIED = 3
"""What a worker ends with that was given up for dead by the others."""

WAITING_FOR_MANY = 24
"""How many of its messages may be unanswered before a gateway takes no more."""


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
    write_roles(folder)
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
    asyncio.run(
        _warm(replace(plan, settings=plan.settings.model_copy(update={"database": "none", "engine": "inline"})))
    )
    for name in ["psycopg", "sqlalchemy.dialects.postgresql.psycopg", *(first / "modules").read_text().split()]:
        with suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(5.0)
    if threading.active_count() > 1:
        raise RuntimeError(f"threads are running before the first fork: {threading.enumerate()}")


async def _warm(plan: Plan) -> None:
    """Answer messages here, in memory: what is compiled once for a process is there for all children then."""
    async with slow_fleet(plan, Ledger(plan.folder)) as fleet:
        agent = await fleet.spawn(ROLE, account="warm")
        for number in range(2):
            await agent.ask(text_of(f"warm-{number}", "warm", stamp=True))


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
        faulthandler.register(signal.SIGUSR1)  # a child that hangs can be asked where
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
