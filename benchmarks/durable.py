"""Prove the durable engine: kill its workers and gateways, measure it, and hurt what it stands on.

Run: ``python benchmarks/durable.py kill --kills 1000 --store sqlite|postgres [--seed 1] [--workers 3] [--gateways 2]``
     ``python benchmarks/durable.py throughput --store ... [--workers 1,2,4] [--accounts 200] [--messages 20]``
     ``python benchmarks/durable.py overhead --store ... [--turns 200]``
     ``python benchmarks/durable.py faults --store ... [postgres-stop sigstop ...]``

Each keeps its own ledger outside of engine and store, and holds the database against it by plain SQL (`durable_ledger`,
`durable_verdict`). ``kill`` prints its verdict as the last line and ends with 0 only if nothing is wrong and there were
more acknowledged messages than kills. The folder of a run that went wrong is kept, and named.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: it would start threads in the parent

from durable_doubles import Plan, settings_of
from durable_processes import Child
from durable_run import ACCOUNTS, House, Run, Store, house
from durable_verdict import Verdict

AIMED = 0.4
"""How many of the kills wait for a tool's effect, and then strike before the effect is kept."""


STARTING = 0.15
"""How many of the others may hit a process that is only starting."""

LONGEST_SECONDS = 8.0
"""How long nothing may happen between two kills."""


def kill(place: House, kills: int, *, seed: int, workers: int, gateways: int) -> Verdict:
    """Kill so often, let the rest be answered, and judge."""
    folder, database = place.fresh("kill")
    settings = settings_of(place.folder, database, worker_lapse_seconds=3.0, worker_turns=8)
    late = (0.1, 0.3) if place.server else (0.05, 0.05)  # a file has one writer: all would wait for it
    run = Run(Plan(folder, settings, ACCOUNTS), seed=seed, late=late)
    for _ in range(workers):
        run.start_worker()
    for number in range(gateways):
        run.start_gateway(f"g{number + 1}")
    try:
        run.until(lambda: any(line[2] == "heard" for line in run.news()), 60, "a first reply")
        _kill_often(run, kills)
        print("draining", file=sys.stderr)
        run.drain()
    finally:
        run.end()
    verdict = run.verdict()
    print(verdict.aside, file=sys.stderr)
    return verdict


def _kill_often(run: Run, kills: int) -> None:
    """Kill at random moments, and amid the effects of tools."""
    began = told = time.monotonic()
    for done in range(kills):
        _let_happen(run, run.chance.randint(1, 40), run.chance.uniform(0.05, 0.9))
        victim = _amid_an_effect(run) if run.chance.random() < AIMED else None
        if victim is None:
            everybody = [*run.workers, *run.gateways]
            at_work = [child for child in everybody if child.pid in run.open]
            victim = run.chance.choice(everybody if run.chance.random() < STARTING else at_work or everybody)
        run.kill(victim)
        if time.monotonic() - told > 20:  # noqa: PLR2004 - seconds
            told = time.monotonic()
            print(f"{done + 1} kills in {told - began:.0f} s", file=sys.stderr)


def _let_happen(run: Run, lines: int, seconds: float) -> None:
    """Let so many lines be written and so much time pass, so that a slow machine gets something done between kills."""
    began = time.monotonic()
    run.look_after()
    while (passed := time.monotonic() - began) < LONGEST_SECONDS and (lines > 0 or passed < seconds):
        time.sleep(0.01)
        lines -= len(run.news())


def _amid_an_effect(run: Run) -> Child | None:
    """Wait a little for a tool's effect, and return the worker that has just had it."""
    run.news()
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline:
        pids = {int(line[1]) for line in run.news() if line[2] == "effect"}
        found = next((worker for worker in run.workers if worker.pid in pids), None)
        if found is not None:
            time.sleep(run.chance.uniform(0.0, 0.1))
            return found
        time.sleep(0.003)
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="prove the durable engine by killing it")
    parser.add_argument("what", choices=["kill", "throughput", "overhead", "faults"])
    parser.add_argument("only", nargs="*", help="faults: only these")
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", default=None, help="kill: how many; throughput: how many each time, as 1,2,4")
    parser.add_argument("--gateways", type=int, default=2)
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--messages", type=int, default=20)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--folder", type=Path, default=None, help="keep everything there")
    given = parser.parse_intermixed_args(arguments)
    folder = given.folder or Path(tempfile.mkdtemp(prefix="fleet-durable-"))
    clean, *said = _done(folder, given)
    if not clean:
        print(f"see {folder}", file=sys.stderr, flush=True)
    elif given.folder is None:
        shutil.rmtree(folder)
    print(*said, sep="\n", end="\n" if said else "")
    return 0 if clean else 1


def _done(folder: Path, given: argparse.Namespace) -> tuple[bool, *tuple[str, ...]]:
    """Do what was asked for; tell whether all was well, and what is still to be said."""
    store: Store = given.store
    if given.what == "faults":
        from durable_faults import faults  # noqa: PLC0415 - each loads its own

        return (faults(folder, store, given.only),)
    with house(folder, store) as place:
        if given.what == "kill":
            workers = int(given.workers or 3)
            verdict = kill(place, given.kills, seed=given.seed, workers=workers, gateways=given.gateways)
            return verdict.clean and verdict.acked > verdict.kills, str(verdict)
        from durable_speed import overhead, throughput  # noqa: PLC0415

        if given.what == "overhead":
            return (overhead(place, given.turns),)
        each = [int(number) for number in (given.workers or "1,2,4").split(",")]
        return (throughput(place, each, given.accounts, given.messages),)


if __name__ == "__main__":
    sys.exit(main())
