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
from pathlib import Path
from typing import NamedTuple

from durable_doubles import Plan, settings_of
from durable_ledger import lines
from durable_postgres import Server
from durable_processes import Child
from durable_run import House, Run, Store, house

ACCOUNTS = tuple(f"account-{number}" for number in range(6))
_BALLAST = 1 << 20


class Lost(NamedTuple):
    """A worker that stopped between a tool's effect and the commit of its turn, and when (nanoseconds, monotonic)."""

    worker: Child
    turn_id: str
    since: int


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
    size = "64m" if place.server is None else "160m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "fleet", str(disk)], check=True)  # noqa: S607
    server = Server(disk, small=True) if place.server else None
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
    lost = stopped_amid_a_turn(run)
    worker = lost.worker
    run.ledger.write("stopped", worker.pid)
    run.workers.remove(worker)
    try:
        taken = taken_over(run, lost)
    except RuntimeError:
        worker.kill(run.ledger)  # nobody else looks after it any more
        raise
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
    lost = stopped_amid_a_turn(scene.run)
    _kill_for_ever(scene.run, lost.worker)
    return f"takeover {taken_over(scene.run, lost):.1f} s,"


def version_change(scene: Scene) -> str:
    """Put workers of a newer engine version in the place of all others amid turns; then roll back in the same way."""
    run = scene.run
    here, newer = run.plan, replace(run.plan, version="newer")
    seconds: list[float] = []
    for plan in (newer, here):
        before = list(run.workers)
        lost = stopped_amid_a_turn(run)
        run.plan = plan
        for _ in range(2):
            run.start_worker()
        for child in before:
            _kill_for_ever(run, child)
        seconds.append(taken_over(run, lost))
        run.rest(3.0)
    return f"takeover by the newer {seconds[0]:.1f} s, by the former {seconds[1]:.1f} s (starts included),"


def clock_back(scene: Scene) -> str:
    """Have a worker and a gateway whose clock is an hour behind; each then takes over from the other kind."""
    run = scene.run
    behind = replace(run.plan, clock_seconds=-3600.0)
    in_time = list(run.workers)
    late = [run.start_worker(plan=behind)]
    run.start_gateway("g3", plan=behind)
    run.rest(4.0)
    seconds: list[float] = []
    for among in (in_time, late):
        lost = stopped_amid_a_turn(run, among)
        _kill_for_ever(run, lost.worker)
        seconds.append(taken_over(run, lost))
    return f"an hour behind, takeover {seconds[0]:.1f} and {seconds[1]:.1f} s,"


def disk_full(scene: Scene) -> str:
    """Fill the disk that the database lies on, and make room again after a while."""
    if scene.disk is None:
        raise RuntimeError("a disk that everything lies on is not filled")
    ballast = scene.disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * _BALLAST)
    began = time.monotonic()
    while time.monotonic() - began < 30.0 and not any(line[2] == "told" for line in scene.run.news()):  # noqa: PLR2004
        scene.run.rest(0.5)
    scene.run.rest(4.0)
    ballast.unlink()
    fell = scene.place.server is not None and scene.place.server.ensure()
    return f"full for {time.monotonic() - began:.0f} s,{' the server fell and was started again,' if fell else ''}"


def stopped_amid_a_turn(run: Run, among: Sequence[Child] | None = None) -> Lost:
    """Stop one of those workers, or any, between a tool's effect and the commit, and return it.

    It does not stand in the middle of a write to a file of SQLite's: that would stop everybody, whoever is killed.
    """
    while True:
        worker, turn_id = _amid_a_turn(run, among)
        os.kill(worker.pid, signal.SIGSTOP)
        since = time.monotonic_ns()
        done = any(line.words[0] == turn_id for line in lines(run.plan.folder, {"committed"}))
        if not done and not run.held():
            return Lost(worker, turn_id, since)
        os.kill(worker.pid, signal.SIGCONT)


def taken_over(run: Run, lost: Lost) -> float:
    """Wait until another worker begins with the turn, and return how long that took since the worker stopped."""
    moments: list[int] = []

    def begun() -> bool:
        run.look_after()
        moments.extend(
            line.at
            for line in lines(run.plan.folder, {"attempt"})
            if line.at > lost.since and line.words[0] == lost.turn_id and line.pid != lost.worker.pid
        )
        return bool(moments)

    run.until(begun, 60, f"{lost.turn_id} goes on elsewhere")
    return (moments[0] - lost.since) / 1e9


def _amid_a_turn(run: Run, among: Sequence[Child] | None) -> tuple[Child, str]:
    """Wait for a tool's effect by one of those workers, or by any."""
    found: list[tuple[Child, str]] = []

    def look() -> bool:
        for line in run.news():
            if line[2] == "effect":
                workers = run.workers if among is None else among
                found.extend((worker, line[4]) for worker in workers if worker.pid == int(line[1]))
        return bool(found)

    run.look_after()
    run.news()
    run.until(look, 60, "a tool's effect")
    return found[-1]


def _kill_for_ever(run: Run, worker: Child) -> None:
    """Kill a worker, and start none in its place."""
    run.workers.remove(worker)
    worker.kill(run.ledger)


FAULTS: dict[str, Callable[[Scene], str]] = {
    "postgres-stop": postgres_stop,
    "sigstop": sigstop,
    "worker-gone": worker_gone,
    "version-change": version_change,
    "disk-full": disk_full,
    "clock-back": clock_back,
}
"""The faults by name."""
