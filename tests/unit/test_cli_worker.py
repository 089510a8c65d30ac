"""What `fleet worker` does with signals, probes, logs and an app of the user's. The fleet's part is doubled.

The double works until it is cancelled, and takes a moment to drain, as a fleet does. Each test starts the command as
its own process: how it ends is what is tested.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from forked import start

APP = '''
import asyncio, logging, os, time
from contextlib import asynccontextmanager
from pathlib import Path
import anyio
from fleet_runtime.errors import StoreError, WorkerError
from fleet_runtime.settings import load_settings

log = logging.getLogger("fleet_runtime.double")

class Double:
    """Stands for a fleet. What it is to do is said by files in the working folder."""

    settings = load_settings({}, os.environ)

    async def paused(self):
        if Path("away").exists():
            raise StoreError("store x: the server is away", hint="start it")

    async def work(self, *, worker, ready):
        if Path("taken").exists():
            raise WorkerError("worker is at work already", hint="another id")
        ready()
        try:
            while not Path("buried").exists():
                if Path("stuck").exists():
                    time.sleep(4)
                if Path("defect").exists():
                    raise ValueError("Dana said: my secret")
                await asyncio.sleep(0.02)
            raise ExceptionGroup("tasks", [WorkerError(f"worker {worker} was given up for dead", hint="start it")])
        except asyncio.CancelledError:
            log.warning("draining", extra={"turn": "t1", "account": "acme"})
            with anyio.CancelScope(shield=True):
                await asyncio.sleep(60 if Path("slow").exists() else 0.1)
            Path("drained").touch()
            raise

@asynccontextmanager
async def open_fleet():
    yield Double()
    Path("closed").touch()

@asynccontextmanager
async def opens_slowly():
    print("opening", flush=True)
    await asyncio.sleep(60)
    yield Double()

def no_context(): return 7

@asynccontextmanager
async def no_fleet(): yield 7
'''
PROGRAM = "from fleet_runtime.cli import main; main()"


class Started:
    """A worker that was started; ``told`` is its first line on standard output."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process = process
        self.told = process.stdout.readline()

    def ended(self) -> tuple[int, str]:
        """Wait for the end; return the exit code and what was logged."""
        _, logged = self.process.communicate(timeout=30)
        return self.process.returncode, logged


@contextmanager
def started(folder: Path, *arguments: str, app: str | None = "double:open_fleet") -> Generator[Started]:
    (folder / "double.py").write_text(APP, encoding="utf-8")
    told = ("worker", *(("--app", app) if app else ()), *arguments)
    with start(PROGRAM, *told, environment=os.environ | {"FLEET_MODEL": "none"}, folder=folder) as process:
        killing = threading.Timer(60, process.kill)
        killing.start()
        try:
            yield Started(process)
        finally:
            killing.cancel()
            process.kill()


def asked(url: str) -> tuple[int, dict[str, Any]]:
    """Ask an endpoint; return the status and the JSON."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own endpoint
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_it_drain_and_close(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, "--id", "w-0", "--turns", "3", "--database", "x.db") as worker:
        assert worker.told.startswith("worker w-0 is ready: process ")
        assert worker.told.endswith("3 turns at a time, x.db (tenant default)\n")
        worker.process.send_signal(number)
        code, logged = worker.ended()
    assert code == 0, logged
    assert (tmp_path / "drained").exists()
    assert (tmp_path / "closed").exists()
    assert f"takes no new turns: {number.name}" in logged
    assert "worker w-0 has left" in logged


@pytest.mark.slow
def test_a_real_fleet_is_worked_for_and_left(tmp_path: Path) -> None:
    with started(tmp_path, "--id", "w-0", "--health", "127.0.0.1:0", "--log", "json", app=None) as worker:
        told = json.loads(worker.told)
        assert (told["worker"], told["database"]) == ("w-0", ".fleet/fleet.db")
        assert asked(f"http://{told['health']}/ready") == (200, {"ready": True})
        worker.process.send_signal(signal.SIGTERM)
        code, logged = worker.ended()
    assert code == 0, logged
    assert [json.loads(line)["worker"] for line in logged.splitlines()][-1] == "w-0"
    assert (tmp_path / ".fleet" / "fleet.engine.db").exists()


@pytest.mark.slow
def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    (tmp_path / "slow").touch()
    with started(tmp_path, "--id", "w-0") as worker:
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.stderr is not None
        assert "takes no new turns" in worker.process.stderr.readline()
        worker.process.send_signal(signal.SIGTERM)
        code, _ = worker.ended()
    assert code == 130
    assert not (tmp_path / "drained").exists()


@pytest.mark.slow
@pytest.mark.parametrize("why", ["taken", "buried"])
def test_a_worker_that_is_given_up_ends_at_once_with_70(tmp_path: Path, why: str) -> None:
    (tmp_path / why).touch()
    with started(tmp_path, "--id", "w-0", "--log", "json") as worker:
        code, logged = worker.ended()
    assert code == 70
    (line,) = [json.loads(line) for line in logged.splitlines()]
    assert line["level"] == "critical"
    assert line["worker"] == "w-0"
    assert not (tmp_path / "closed").exists()
    assert bool(worker.told) == (why == "buried")


@pytest.mark.slow
def test_probes_are_told_how_it_fares(tmp_path: Path) -> None:
    with started(tmp_path, "--id", "w-0", "--health", "127.0.0.1:0", "--json") as worker:
        told = json.loads(worker.told)
        assert told["ready"] is True
        url = f"http://{told['health']}"
        assert asked(f"{url}/live") == (200, {"live": True})
        assert asked(f"{url}/ready") == (200, {"ready": True})
        assert asked(f"{url}/metrics")[0] == 404
        (tmp_path / "away").touch()
        assert asked(f"{url}/ready") == (503, {"ready": False, "why": "store x: the server is away"})
        (tmp_path / "away").unlink()
        (tmp_path / "stuck").touch()
        for _ in range(10):  # the next look of the double
            status, body = asked(f"{url}/live")
            if status != 200:
                break
        assert (status, body) == (503, {"live": False, "why": "the event loop does not answer within 2 s"})
        (tmp_path / "stuck").unlink()
        (tmp_path / "slow").touch()
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.stderr is not None
        worker.process.stderr.readline()
        assert asked(f"{url}/ready") == (503, {"ready": False, "why": "it is leaving"})
        assert asked(f"{url}/live") == (200, {"live": True})


@pytest.mark.slow
def test_logs_for_machines_are_json_and_a_defect_repeats_no_text(tmp_path: Path) -> None:
    with started(tmp_path, "--id", "w-0", "--log", "json") as worker:
        assert json.loads(worker.told)["worker"] == "w-0"
        (tmp_path / "defect").touch()
        code, logged = worker.ended()
    assert code == 1
    (line,) = [json.loads(line) for line in logged.splitlines()]
    assert line["error"]["kind"] == "builtins.ValueError"
    assert any("double.py" in place for place in line["error"]["at"])
    assert "secret" not in logged


@pytest.mark.slow
def test_what_a_line_is_about_stands_in_it(tmp_path: Path) -> None:
    with started(tmp_path, "--id", "w-0", "--log", "json") as worker:
        worker.process.send_signal(signal.SIGTERM)
        _, logged = worker.ended()
    lines = [json.loads(line) for line in logged.splitlines()]
    draining = next(line for line in lines if line["message"] == "draining")
    assert (draining["turn"], draining["account"], draining["worker"]) == ("t1", "acme", "w-0")
    assert (draining["level"], draining["logger"]) == ("warning", "fleet_runtime.double")
    assert draining["time"].endswith("+00:00")


@pytest.mark.slow
def test_a_signal_ends_the_opening(tmp_path: Path) -> None:
    with started(tmp_path, "--id", "w-0", app="double:opens_slowly") as worker:
        assert worker.told == "opening\n"
        worker.process.send_signal(signal.SIGTERM)
        code, logged = worker.ended()
    assert code == 0, logged
    assert not (tmp_path / "drained").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("app", "says"),
    [
        ("double", "is not MODULE:NAME"),
        ("nowhere:open_fleet", "nowhere cannot be imported"),
        ("double:nothing", "double has no callable nothing"),
        ("double:no_context", "returns int, which async with cannot open"),
        ("double:no_fleet", "no fleet but int"),
    ],
)
def test_an_app_that_is_none_is_refused(tmp_path: Path, app: str, says: str) -> None:
    with started(tmp_path, app=app) as worker:
        code, logged = worker.ended()
    assert code == 1
    assert logged.startswith("error[setting]: --app: ")
    assert says in logged


@pytest.mark.slow
def test_what_ends_it_is_logged_where_logs_are_for_machines(tmp_path: Path) -> None:
    with started(tmp_path, "--log", "json", app="double:nothing") as worker:
        code, logged = worker.ended()
    assert code == 1
    assert json.loads(logged)["message"].startswith("--app: double has no callable nothing")


@pytest.mark.slow
def test_an_address_that_cannot_be_listened_at_is_refused(tmp_path: Path) -> None:
    with started(tmp_path, "--health", "192.0.2.1:80") as worker:
        code, logged = worker.ended()
    assert code == 1
    assert logged.startswith("error[setting]: --health: cannot listen at 192.0.2.1:80")
    with started(tmp_path, "--health", "8080") as worker:
        code, logged = worker.ended()
    assert code == 2
