"""Four processes ask one provider as fast as they can: together they stay within its limits, and none goes without."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from pathlib import Path

import anyio
import asking_process
import pytest
from asking_process import CALLERS, CLAIMED, HOST, TOKENS
from forked import start

from fleet_runtime.boards import Claim, ProviderLimit
from fleet_runtime.machine import present_time
from fleet_runtime.stores.sql.gate import SqlGate
from fleet_runtime.stores.sql.store import open_store

PROCESSES = 4
SECONDS = 2.5
LATENESS = 3.0
"""How late a busy machine may be."""

Call = tuple[float, float, int]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_database")
        return url
    return str(tmp_path / "fleet.db")


class Asking:
    """A process that asks; it begins when it is told to."""

    def __init__(self, database: str, limit: ProviderLimit, *, takes: float, holds: float = 60.0) -> None:
        told = (database, str(SECONDS), json.dumps(limit), str(takes), str(holds))
        self.process = start(Path(asking_process.__file__), *told)

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == '"ready"\n'

    def begin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def calls(self) -> list[Call]:
        """Wait for its end, and return its calls."""
        told, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0
        return [(began, ended, tokens) for began, ended, tokens in map(json.loads, told.splitlines())]

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def made(database: str, limit: ProviderLimit, *, takes: float) -> tuple[list[list[Call]], float]:
    """Have four processes ask at once; return the calls of each, and how many seconds they were at it at most."""
    with ExitStack() as stack:
        processes = [Asking(database, limit, takes=takes) for _ in range(PROCESSES)]
        for process in processes:
            stack.callback(process.end)
        for process in processes:
            process.wait_until_ready()
        began = time.monotonic()
        for process in processes:
            process.begin()
        calls = [process.calls() for process in processes]
        return calls, time.monotonic() - began


def allowed(per_minute: int, seconds: float) -> float:
    """Return what may be asked in so many seconds: the pace, and a tenth of a minute's worth ahead of it."""
    return per_minute / 60 * seconds + per_minute / 10


def test_together_they_keep_the_pace_of_requests(database: str) -> None:
    by_process, seconds = made(database, ProviderLimit(requests_per_minute=600), takes=0.0)
    calls = sum(map(len, by_process))
    assert allowed(600, 0.0) <= calls <= allowed(600, seconds)
    assert min(map(len, by_process)) >= 1


def test_together_they_keep_the_pace_of_tokens(database: str) -> None:
    by_process, seconds = made(database, ProviderLimit(tokens_per_minute=300_000), takes=0.01)
    took = sum(tokens for calls in by_process for *_, tokens in calls)
    assert TOKENS / CLAIMED * allowed(300_000, 0.0) <= took <= allowed(300_000, seconds) + CLAIMED
    assert min(map(len, by_process)) >= 1


def test_together_they_never_hold_more_places_than_there_are(database: str) -> None:
    by_process, _ = made(database, ProviderLimit(concurrent=3), takes=0.02)
    calls = [call for calls in by_process for call in calls]
    changes = sorted([(began, 1) for began, *_ in calls] + [(ended, -1) for _, ended, _ in calls])
    held = most = 0
    for _, change in changes:
        held += change
        most = max(most, held)
    assert most == 3
    assert len(calls) >= 10


def test_the_places_of_a_killed_process_are_free_when_its_calls_would_be_over(database: str) -> None:
    holds, limit = 5.0, ProviderLimit(concurrent=len(CALLERS))
    asking = Asking(database, limit, takes=60.0, holds=holds)

    async def killed() -> tuple[bool, float]:
        """Say whether the places were taken once the process was dead, and how long until one was free."""
        store = open_store(database, now=present_time)
        gate = SqlGate(store.database)

        async def refused(seconds: float) -> bool:
            return await gate.admit(HOST, Claim("mine", 1, seconds), limit) > 0

        asking.begin()
        with anyio.fail_after(30):
            while not await refused(0.001):  # noqa: ASYNC110 - another process takes them
                await anyio.sleep(0.02)
            asking.end()
            began, taken = time.monotonic(), await refused(0.001)
            while await refused(60.0):  # noqa: ASYNC110 - nobody gives them back
                await anyio.sleep(0.02)
        await store.close()
        return taken, time.monotonic() - began

    with ExitStack() as stack:
        stack.callback(asking.end)
        asking.wait_until_ready()
        taken, seconds = anyio.run(killed)
    assert taken
    assert seconds < holds + LATENESS
