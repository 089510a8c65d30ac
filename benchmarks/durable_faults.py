"""Hurts what durable turns stand on, one thing at a time, and says for each what was lost and what users were told.

Every fault happens amid traffic of gateways and workers over a database of its own, and is judged as a kill run is. Two
of them need more than most: a small disk is mounted by root only, and Postgres is stopped only where there is one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from durable_doubles import Plan, settings_of
from durable_postgres import Server
from durable_processes import Child
from durable_run import House, Run, Store, house

ACCOUNTS = tuple(f"account-{number}" for number in range(6))
TAKEOVER_SECONDS = 10.0
"""Within what time a lost worker's turns are to go on elsewhere."""

_BALLAST = 1 << 20


class Amid(NamedTuple):
    """A worker that is in the middle of a turn, between a tool's effect and its being kept."""

    worker: Child
    turn_id: str


@dataclass(frozen=True)
class Scene:
    """A run that is under way, where it takes place, and the small disk that its database lies on, if it does."""

    run: Run
    place: House
    disk: Path | None = None


def faults(folder: Path, store: Store, only: Sequence[str]) -> bool:
    """Do each fault, or only some; print a line for each. Tell whether all was well."""
    clean = True
    with house(folder, store) as place:
        for name, fault in FAULTS.items():
            if only and name not in only:
                continue
            reason = _why_not(name, store)
            if reason:
                print(f"fault {name} not tried: {reason}", flush=True)
            else:
                clean &= _tried(place, name, fault)
    return clean


def _why_not(name: str, store: Store) -> str:
    """Say why a fault cannot be had here, or nothing."""
    if name == "postgres-stop" and store == "sqlite":
        return "a file has no server"
    if name == "disk-full" and os.geteuid() != 0:
        return "mounting a small disk takes root"
    return ""


def _tried(place: House, name: str, fault: Callable[[Scene], str]) -> bool:
    """Have a fault amid traffic, let the rest be answered, and judge; tell whether all was well."""
    with _ground(place, name) as (own, disk):
        folder, database = own.fresh(name)
        settings = settings_of(place.folder, database)  # times as a user has them
        plan = Plan(folder, settings, ACCOUNTS, tool_seconds=(0.2, 0.5))
        run = Run(plan)
        for _ in range(2):
            run.start_worker()
        for number in range(2):
            run.start_gateway(f"g{number + 1}")
        try:
            run.until(lambda: any(line[2] == "heard" for line in run.news()), 60, "a first reply")
            run.rest(2.0)
            said = fault(Scene(run, own, disk))
            run.rest(3.0)
            run.drain()
        finally:
            run.end()
        verdict = run.verdict()
    told = "; ".join(verdict.told) or "nothing: replies only came later"
    print(f"fault {name} {verdict.counts} {said} told: {told}", flush=True)
    return verdict.clean


@contextmanager
def _ground(place: House, name: str) -> Iterator[tuple[House, Path | None]]:
    """Give the place for a fault: the common one, or one on a small disk of its own."""
    if name != "disk-full":
        yield place, None
        return
    disk = place.folder / "small-disk"
    disk.mkdir()
    size = "64m" if place.server is None else "400m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "fleet", str(disk)], check=True)  # noqa: S607
    server = Server(disk) if place.server else None
    try:
        yield replace(place, server=server, disk=disk), disk
    finally:
        if server is not None:
            server.close()
        subprocess.run(["umount", "--lazy", str(disk)], check=True)  # noqa: S607


def postgres_stop(scene: Scene) -> str:
    """Stop the server as if its power failed, and start it again after a while."""
    server = scene.place.server
    if server is None:
        raise RuntimeError("a file has no server")
    server.stop("immediate")
    scene.run.rest(6.0)
    server.start()
    return "down 6 s,"


def sigstop(scene: Scene) -> str:
    """Let a worker stand still amid a turn until others took it over, and then go on."""
    run = scene.run
    worker, turn_id = amid_a_turn(run)
    os.kill(worker.pid, signal.SIGSTOP)
    run.ledger.write("stopped", worker.pid)
    run.workers.remove(worker)
    try:
        taken = run.until(lambda: taken_over(run, worker, turn_id), 60, "the stopped worker's turn goes on elsewhere")
    finally:
        os.kill(worker.pid, signal.SIGCONT)
    went_on = time.monotonic()
    statuses: list[int] = []

    def ended() -> bool:
        status = worker.gone(wait=False)
        statuses.extend([] if status is None else [status])
        return bool(statuses)

    run.until(ended, 30, "the worker that was stopped ends itself")
    worker.note(statuses[0], run.ledger)
    run.ended.append(worker)
    run.start_worker(worker.name)
    return f"takeover {taken:.1f} s, stopped itself {time.monotonic() - went_on:.1f} s after it went on,"


def worker_gone(scene: Scene) -> str:
    """Kill a worker amid a turn, for ever."""
    run = scene.run
    worker, turn_id = amid_a_turn(run)
    run.workers.remove(worker)
    worker.kill(run.ledger)
    taken = run.until(lambda: taken_over(run, worker, turn_id), 60, "the lost worker's turn goes on elsewhere")
    return f"takeover {taken:.1f} s,"


def version_change(scene: Scene) -> str:
    """Have workers of another engine version beside, kill all of the first amid turns, and go on with the others."""
    run = scene.run
    old = list(run.workers)
    newer = replace(run.plan, version="newer")
    for _ in range(2):
        run.start_worker(plan=newer)
    run.plan = newer
    run.rest(3.0)
    worker, turn_id = amid_a_turn(run, old)
    for child in old:
        run.workers.remove(child)
        child.kill(run.ledger)
    taken = run.until(lambda: taken_over(run, worker, turn_id), 60, "an old worker's turn goes on with a new one")
    return f"takeover by the newer version {taken:.1f} s,"


def clock_back(scene: Scene) -> str:
    """Have a worker and a gateway whose clock is an hour behind; each then takes over from the other kind."""
    run = scene.run
    behind = replace(run.plan, clock_seconds=-3600.0)
    in_time = list(run.workers)
    late = [run.start_worker(plan=behind)]
    run.start_gateway("g3", plan=behind)
    run.rest(4.0)
    seconds: list[float] = []
    for lost in (in_time, late):
        worker, turn_id = amid_a_turn(run, lost)
        run.workers.remove(worker)
        worker.kill(run.ledger)
        seconds.append(
            run.until(partial(taken_over, run, worker, turn_id), 60, "the lost worker's turn goes on elsewhere")
        )
    return f"an hour behind, takeover {seconds[0]:.1f} and {seconds[1]:.1f} s,"


def disk_full(scene: Scene) -> str:
    """Fill the disk that the database lies on, and make room again after a while."""
    if scene.disk is None:
        raise RuntimeError("a disk that everything lies on is not filled")
    ballast = scene.disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * _BALLAST)
    scene.run.rest(6.0)
    ballast.unlink()
    if scene.place.server is not None:
        scene.place.server.ensure()
    return "full for 6 s,"


def amid_a_turn(run: Run, among: Sequence[Child] | None = None) -> Amid:
    """Wait for a tool's effect by one of those workers, or by any, and return it."""
    workers = run.workers if among is None else among
    found: list[Amid] = []

    def look() -> bool:
        run.look_after()
        for line in run.news():
            if line[2] == "effect":
                found.extend(Amid(worker, line[4]) for worker in workers if worker.pid == int(line[1]))
        return bool(found)

    run.until(look, 60, "a tool's effect")
    return found[-1]


def taken_over(run: Run, lost: Child, turn_id: str) -> bool:
    """Tell whether another worker began with the turn meanwhile."""
    return any(line[2] == "attempt" and line[3] == turn_id and int(line[1]) != lost.pid for line in run.news())


FAULTS: dict[str, Callable[[Scene], str]] = {
    "postgres-stop": postgres_stop,
    "sigstop": sigstop,
    "worker-gone": worker_gone,
    "version-change": version_change,
    "disk-full": disk_full,
    "clock-back": clock_back,
}
"""The faults by name."""
