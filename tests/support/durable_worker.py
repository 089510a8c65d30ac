"""A worker on the guesthouse as a process of its own, and what starts, kills and reads it.

The program's model says who answers, and notes every question in ``asked.txt`` of the house's folder. *Hold* has it
wait until there is a file ``go``. *Pay* has it call a tool that writes its idempotency key to ``paid.txt``, and then
kills the process if there is a file ``die``, which it removes.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from durable_house import Echo, Place, message_of, results_of
from forked import start
from turning import calls

from fleet_runtime import tool
from fleet_runtime.errors import WorkerError
from fleet_runtime.messages import ModelReply, ModelRequest
from fleet_runtime.ports import Tool
from fleet_runtime.records import ToolContext

GIVEN_UP = 70
"""With what a process ends whose worker was given up for dead."""


class Workers:
    """The worker processes of one place."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._all: list[subprocess.Popen[str]] = []

    def start(self, *names: str, **settings: Any) -> dict[str, subprocess.Popen[str]]:
        """Start workers, and wait until they take turns."""
        started: dict[str, subprocess.Popen[str]] = {}
        for name in names:
            told = (str(self.place.folder), self.place.database, name, json.dumps(settings))
            started[name] = start(Path(__file__), *told)
        self._all += started.values()
        for process in started.values():
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", process.communicate(timeout=20)[1]
        return started

    def end(self) -> None:
        """Kill whatever still runs."""
        for process in self._all:
            with suppress(ProcessLookupError):
                process.kill()
            process.communicate()

    def asked(self) -> list[tuple[str, str]]:
        """Return who was asked what, in order."""
        return [_pair(line) for line in _lines(self.place.folder / "asked.txt")]

    def paid(self) -> list[str]:
        """Return the idempotency keys under which was paid."""
        return _lines(self.place.folder / "paid.txt")

    def flag(self, name: str) -> None:
        """Put up a file that the programs look for."""
        (self.place.folder / name).touch()

    def take_down(self, name: str) -> None:
        """Take such a file away."""
        (self.place.folder / name).unlink()


def _lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def _pair(line: str) -> tuple[str, str]:
    name, _, text = line.partition(" ")
    return name, text


@contextmanager
def workers_of(place: Place) -> Generator[Workers]:
    """Give the workers of a place; afterwards none is left."""
    workers = Workers(place)
    try:
        yield workers
    finally:
        workers.end()


def wait_until(condition: Callable[[], object], seconds: float = 30.0) -> float:
    """Wait until something is so, and return how many seconds it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() < begun + seconds, "it does not come about"
        time.sleep(0.02)
    return time.monotonic() - begun


def _note(file: Path, line: str) -> None:
    """Write a line that outlives this process, whatever becomes of it."""
    with file.open("a", encoding="utf-8") as ledger:
        ledger.write(f"{line}\n")


def model_of(folder: Path, name: str) -> Echo:
    """Return the model of a worker."""

    async def answer(request: ModelRequest) -> str | ModelReply:
        text = message_of(request)
        _note(folder / "asked.txt", f"{name} {text}")
        while "Hold" in text and not (folder / "go").exists():  # noqa: ASYNC110 - another process puts it there
            await asyncio.sleep(0.02)
        if "Pay" in text and not results_of(request):
            return calls(("pay", {"amount": 40}))
        return " ".join((f"{name}: {text}", *results_of(request)))

    model = Echo()
    model.on[""] = answer
    return model


def payment(folder: Path, *, repeatable: bool, needs_approval: bool) -> Tool:
    """Return the tool that pays."""

    @tool(repeatable=repeatable, needs_approval=needs_approval)
    def pay(amount: int, context: ToolContext) -> str:
        """Pay money back."""
        _note(folder / "paid.txt", context.idempotency_key)
        if (folder / "die").exists():
            (folder / "die").unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return f"paid {amount}"

    return pay


def say_ready() -> None:
    """Say that turns are taken."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()


async def work(folder: Path, database: str, name: str, settings: dict[str, Any]) -> int:
    """Work until this process is told to end; return its exit code."""
    asked = settings.pop("pay_asks_first", False)
    tools = [payment(folder, repeatable=settings.pop("pay_repeatable", True), needs_approval=asked)]
    async with Place(folder, database).gateway(model_of(folder, name), tools=tools, **settings) as fleet:
        task = asyncio.create_task(fleet.work(worker=name, ready=say_ready))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            return 0
        except WorkerError as error:
            sys.stderr.write(f"{error}\n")
            return GIVEN_UP
    return 1


if __name__ == "__main__":
    raise SystemExit(asyncio.run(work(Path(sys.argv[1]), sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))))
