"""A year of simulated days over a book of accounts: what it costs, and whether each milestone fires exactly once.

Run: ``python benchmarks/book_year.py [--accounts 1000] [--days 365] [--kills 20] [--seed 1]``. Every day is ticked by
the shipped contracts on SQLite, without a model; CPU time is printed by stage. With ``--kills`` the process that ticks
is killed with ``kill -9`` at random moments and started again, with its clock a week ahead each time. What is on record
in the end is held against a plain walk over the seeds (`book_year_data`).
Ends with 0 only if nothing is missed, doubled or wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar
from unittest.mock import patch

from book_year_data import START, Account, Milestone, expected, seeded

from fleet_runtime import Fleet, Settings
from fleet_runtime.health import end_of
from fleet_runtime.records.book import MotionRun, Notice
from fleet_runtime.runtime import looks
from fleet_runtime.runtime.cases import Cases
from fleet_runtime.runtime.motion_questions import MotionQuestions
from fleet_runtime.stores.sql.books import SqlBooks

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MOTION = "renewal"
PATIENCE_SECONDS = 300.0
KILLED = -9

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass
class Verdict:
    """What is on record, held against what was expected."""

    expected: int = 0
    fired: int = 0
    doubled: int = 0
    missed: int = 0
    wrong: list[str] = field(default_factory=list)
    kills: int = 0
    notices: int = 0
    runs: int = 0

    @property
    def clean(self) -> bool:
        """Tell whether all is as it must be."""
        return not (self.doubled or self.missed or self.wrong) and self.fired == self.expected > 0

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"milestones: expected {self.expected}, fired {self.fired}, doubled {self.doubled}, missed {self.missed}, "
            f"wrong {len(self.wrong)}; {self.notices} notices and {self.runs} runs on record; {self.kills} kills"
        )


class Stages:
    """Counts CPU seconds by stage, those of an inner stage not for the outer one."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._inner = [0.0]

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what is done in a block."""
        began = time.process_time()
        self._inner.append(0.0)
        try:
            yield
        finally:
            whole = time.process_time() - began
            self.seconds[name] += whole - self._inner.pop()  # type: ignore[assignment] # seconds are no whole numbers
            self._inner[-1] += whole
            self.calls[name] += 1

    def of(self, name: str, work: Callable[Given, Result]) -> Callable[Given, Result]:
        """Count each call of a function."""

        @functools.wraps(work)
        def counted(*given: Given.args, **named: Given.kwargs) -> Result:
            with self.stage(name):
                return work(*given, **named)

        return counted

    def of_async(self, name: str, work: Callable[Given, Awaitable[Result]]) -> Callable[Given, Awaitable[Result]]:
        """Count each call of a coroutine function; nothing else runs meanwhile."""

        @functools.wraps(work)
        async def counted(*given: Given.args, **named: Given.kwargs) -> Result:
            with self.stage(name):
                return await work(*given, **named)

        return counted

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count what a tick is made of, for the time of a block."""
        with ExitStack() as stack:
            for owner, name, stage in (
                (looks, "assess", "assess"), (looks, "compose", "write products"), (looks, "readiness", "readiness"),
                (looks, "health_by_week", "health by week"),
            ):  # fmt: skip
                stack.enter_context(patch.object(owner, name, self.of(stage, getattr(owner, name))))
            for kind, name, stage in (
                (SqlBooks, "commit", "commit"), (SqlBooks, "versions", "versions"), (Cases, "some", "read accounts"),
                (SqlBooks, "move_mark", "mark"), (MotionQuestions, "put", "questions"),
            ):  # fmt: skip
                stack.enter_context(patch.object(kind, name, self.of_async(stage, getattr(kind, name))))
            yield


def settings_of(database: Path) -> Settings:
    """Return the settings of a fleet without a model."""
    given = {"database": str(database), "model": "none", "embeddings": "none", "routing": "off"}
    return Settings.model_validate(given)


class Told:
    """A clock that stands where it was set."""

    def __init__(self) -> None:
        """Stand at the beginning."""
        self.now = datetime(START.year, START.month, START.day, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


async def fill(database: Path, accounts: Sequence[Account]) -> None:
    """Seed the book."""
    async with Fleet.open(settings=settings_of(database), clock=Told()) as fleet:
        desk = fleet._desk  # noqa: SLF001 - rows with the times at which they became known
        for account in accounts:
            if desk.books is not None:
                await desk.books.put_signals(desk.key(account.name), account.signals)


async def ticked(database: Path, since: date, until: date, stages: Stages | None = None) -> None:
    """Tick each day from ``since`` to ``until``, both included, on a clock that says that day; tell each on a pipe."""
    clock = Told()
    clock.now = end_of(since)
    async with Fleet.open(settings=settings_of(database), clock=clock) as fleet:
        if stages is None:
            print("open", flush=True)
        day = since
        while day <= until:
            clock.now = end_of(day)
            if stages is None:
                await fleet.motions.tick(day)
                print(day, flush=True)
            else:
                with stages.stage("rest of the tick"):
                    await fleet.motions.tick(day)
            day += DAY


async def inspected(database: Path, accounts: Sequence[Account], days: int) -> Verdict:
    """Hold what is on record against the plain walk."""
    async with Fleet.open(settings=settings_of(database), clock=Told(), resume=False) as fleet:
        runs = await fleet.motions.history()
        books = fleet._desk.books  # noqa: SLF001 - the whole record
        found = await books.notices("default", date.min, date.max) if books else []
    wanted = [one for account in accounts for one in expected(account, days)]
    return judged(wanted, runs, [(key.account, notice) for key, notice in found])


def judged(
    wanted: Sequence[Milestone], runs: Sequence[tuple[str, MotionRun]], notices: Sequence[tuple[str, Notice]]
) -> Verdict:
    """Count what is missed, doubled or wrong: one run for each milestone, and one notice unless it is moot."""
    verdict = Verdict(expected=len(wanted), notices=len(notices), runs=len(runs))
    ran = Counter((name, run.due) for name, run in runs if run.motion == MOTION)
    raised = Counter((name, one.on, one.concern.matter) for name, one in notices if one.motion == MOTION)
    by_day = {(name, run.due): run for name, run in runs if run.motion == MOTION}
    for one in wanted:
        times = ran.pop((one.account, one.due), 0)
        told = raised.pop((one.account, one.due, f"milestone-{one.days}"), 0)
        verdict.fired += times > 0
        verdict.missed += not times or (not one.moot and not told)
        verdict.doubled += times > 1 or told > 1
        run = by_day.get((one.account, one.due))
        if run is not None and (run.outcome == "moot") != one.moot:
            verdict.wrong.append(f"{one}: {run.outcome}, {run.why}")
        if one.moot and told:
            verdict.wrong.append(f"{one}: raised, though it is moot")
    verdict.wrong += [f"a run that nobody expected: {name}" for name in ran]
    verdict.wrong += [f"a notice that nobody expected: {name}" for name in raised]
    return verdict


def killed(database: Path, days: int, kills: int, draw: random.Random) -> int:
    """Have processes tick through the year, kill each at a random moment, and set the next one's clock a week ahead."""
    day, last, done = START, START + (days - 1) * DAY, 0
    while day <= last:
        left = kills - done
        process = subprocess.Popen(
            [sys.executable, __file__, "--ticking", str(database), "--since", str(day), "--until", str(last)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        lives = draw.randrange(0, max(1, ((last - day).days - 7 * left) // max(1, left))) if left > 0 else None
        day = _watched(process, day, lives, draw)
        if process.returncode == 0:
            break
        if process.returncode != KILLED:
            raise RuntimeError(f"the ticking process ended with {process.returncode}")
        done += 1
        day += WEEK
        day = min(day, last) if day - WEEK < last else day
    return done


def _watched(process: subprocess.Popen[str], day: date, lives: int | None, draw: random.Random) -> date:
    """Wait until a process has ticked so many days and a moment more, and kill it; return the day it had come to.

    None is killed before it has opened the store: that of its day nobody was there, none of the others could know.
    """
    told = process.stdout
    assert told is not None  # noqa: S101 - it was asked for
    count = 0
    told.readline()
    if lives == 0:
        time.sleep(draw.uniform(0.1, 2.5))
    while lives is None or count < lives:
        line = told.readline()
        if not line:
            break
        day, count = date.fromisoformat(line.strip()), count + 1
    if lives is not None and process.poll() is None:
        time.sleep(draw.uniform(0, 0.15))
        process.kill()
    process.wait(PATIENCE_SECONDS)
    rest = told.read().split()
    told.close()
    return date.fromisoformat(rest[-1]) if rest else day


def measured(database: Path, accounts: Sequence[Account], days: int) -> tuple[Verdict, Stages]:
    """Tick through the year in this process, and count what it costs."""
    stages = Stages()
    with stages.stage("seed (not counted)"):
        asyncio.run(fill(database, accounts))
    with stages.watching():
        asyncio.run(ticked(database, START, START + (days - 1) * DAY, stages))
    return asyncio.run(inspected(database, accounts, days)), stages


def survived(database: Path, accounts: Sequence[Account], days: int, kills: int, seed: int) -> Verdict:
    """Tick through the year with kills in between."""
    asyncio.run(fill(database, accounts))
    done = killed(database, days, kills, random.Random(seed))  # noqa: S311 - repeatable
    verdict = asyncio.run(inspected(database, accounts, days))
    verdict.kills = done
    return verdict


def main() -> int:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ticking", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--since", type=date.fromisoformat, help=argparse.SUPPRESS)
    parser.add_argument("--until", type=date.fromisoformat, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ticking:
        asyncio.run(ticked(given.ticking, given.since, given.until))
        return 0
    accounts = list(seeded(given.accounts, given.days, given.seed))
    print(f"{len(accounts)} accounts, {given.days} days, seed {given.seed}")
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        if given.kills:
            verdict = survived(Path(folder) / "book.db", accounts, given.days, given.kills, given.seed)
            print(f"wall {time.perf_counter() - began:.1f} s")
        else:
            verdict, stages = measured(Path(folder) / "book.db", accounts, given.days)
            for name, seconds in sorted(stages.seconds.items(), key=lambda one: -one[1]):
                print(f"  {name:20} {seconds:8.2f} s CPU {stages.calls[name]:8} calls")
            ticks = sum(seconds for name, seconds in stages.seconds.items() if "not counted" not in name)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"  all ticks {ticks:.1f} s CPU; peak {peak:.0f} MB")
    print(verdict)
    for line in verdict.wrong[:20]:
        print(" ", line)
    return 0 if verdict.clean else 1


if __name__ == "__main__":
    sys.exit(main())
