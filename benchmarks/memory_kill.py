"""Kill a process with ``kill -9`` amid recording, erasing, embedding and consolidating, and count what is half done.

Run: ``python benchmarks/memory_kill.py [--kills 40] [--seed 1]``. A worker process says on a pipe what it begins and
what is done; it is killed at a random moment, and the file is read by plain SQL, without the code under test: the
events of one call are there all or none, what was acknowledged is there, an erasure took all or nothing, facts,
promises and digests cite stored rows, and counts are true. In the end every account is exported, and erased (again):
no byte of any may be left. Ends with 0 only if nothing is lost or half.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from unittest.mock import patch

from memory_erasure import canaries

from fleet_runtime import Event, Fleet, Settings
from fleet_runtime.ports import Embedder
from fleet_runtime.records import Operation
from fleet_runtime.runtime.exporting import export_file
from fleet_runtime.testing import HashEmbedder

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
START = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)
ACCOUNTS = ("harbor", "meadow", "quarry")
MARK = "zqxkilled"
DEEDS = {"record": 10, "embed": 3, "consolidate": 3, "erase": 2}
LONGEST_LIFE_SECONDS = 1.2
PATIENCE_SECONDS = 120.0

FALSE_COUNTS = """
SELECT account FROM account WHERE
  events <> (SELECT count(*) FROM event WHERE account_number = number)
  OR embedded <> (SELECT count(*) FROM vector WHERE account_number = number)
"""
OF_NOBODY = """
SELECT owner FROM (
  SELECT account_number AS owner FROM event UNION ALL SELECT account_number FROM fact
  UNION ALL SELECT account_number FROM commitment UNION ALL SELECT account_number FROM digest
  UNION ALL SELECT account_number FROM vector UNION ALL SELECT account_number FROM learning
) WHERE owner NOT IN (SELECT number FROM account)
"""
STORED = """
SELECT account, substr(event.id, 1, 6), count(*)
FROM event JOIN account ON account.number = event.account_number GROUP BY 1, 2
"""
CITED = """
SELECT digest.id FROM digest, json_each(digest.cites) AS cite WHERE
  NOT EXISTS (SELECT 1 FROM event WHERE (account_number, id) = (digest.account_number, cite.value))
  AND NOT EXISTS (SELECT 1 FROM fact WHERE (account_number, id) = (digest.account_number, cite.value))
  AND NOT EXISTS (SELECT 1 FROM commitment WHERE (account_number, id) = (digest.account_number, cite.value))
"""


@dataclass
class Ledger:
    """What the workers said: the sizes of acknowledged recordings by account and call, and what was begun last."""

    acked: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    begun: tuple[str, str, str, int] | None = None
    done: int = 0

    def hear(self, line: str) -> None:
        """Take in one line of a worker."""
        said, deed, account, call, size = line.split()
        self.begun = (deed, account, call, int(size)) if said == "begin" else None
        if said == "done":
            self.settle(deed, account, call, int(size))
            self.done += 1

    def settle(self, deed: str, account: str, call: str, size: int) -> None:
        """Count something as done."""
        if deed == "record":
            self.acked[account][call] = size
        elif deed == "erase":
            self.acked[account].clear()

    def half(self, stored: dict[str, dict[str, int]]) -> list[str]:
        """Compare with what is stored; what was under way is done or not, and counts as that from now on."""
        if self.begun is not None:
            deed, account, call, size = self.begun
            if (deed == "record" and call in stored[account]) or (deed == "erase" and not stored[account]):
                self.settle(deed, account, call, size)
            self.begun = None
        return [
            f"{account}: {stored[account]} is stored, {self.acked[account]} was told"
            for account in ACCOUNTS
            if stored[account] != self.acked[account]
        ]


@dataclass(frozen=True)
class Verdict:
    """What came of it; ``wrong`` says everything that is lost, doubled, half or false."""

    kills: int
    amid: int
    done: int
    left: int
    wrong: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Tell whether nothing went wrong."""
        return not self.wrong and not self.left

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"kills {self.kills} amid a deed {self.amid} done {self.done} wrong {len(self.wrong)}"
            f" canaries left after erasure {self.left}"
        )


def settings_of(database: Path) -> Settings:
    """Return the settings of worker and inspector."""
    return Settings(database=str(database), model="none", lease_seconds=0.5)


def events_of(call: str, size: int, chance: random.Random) -> list[Event]:
    """Make the events of one call, each with the mark, and most with something to learn."""
    made: list[Event] = []
    for number in range(size):
        at = START + timedelta(minutes=chance.randrange(400 * 24 * 60))
        operations = (
            Operation(op="set", key="seats", value=f"{MARK} {chance.randrange(9)}"),
            Operation(op="commit", task=f"send {MARK} {chance.randrange(9)}", owner="Ada"),
        )[: chance.randrange(3)]
        text = f"{MARK} spoke. " + "We looked at the filters together. " * chance.choice((0, 1, 30))
        name = f"{call}-{number}"
        made.append(Event(id=name, at=at, kind="note", author=MARK, text=text, operations=operations))
    return made


async def work(database: Path, seed: int) -> None:
    """Do one thing after another until killed, and say so."""
    chance = random.Random(seed)  # noqa: S311 - repeatable

    async def embedder(*_: object) -> Embedder:
        return HashEmbedder()

    with patch("fleet_runtime.embedding.load_embedder", embedder):
        opened = Fleet.open(settings=settings_of(database), clock=lambda: NOW)
        fleet = await opened.__aenter__()
    for number in count():
        account, call, size = chance.choice(ACCOUNTS), f"{seed:03}{number:03}", chance.choice((1, 5, 40, 150))
        deed = chance.choices(tuple(DEEDS), weights=tuple(DEEDS.values()))[0]
        memory = fleet.memory(account)
        print("begin", deed, account, call, size, flush=True)
        if deed == "record":
            await memory.record_many(events_of(call, size, chance))
        elif deed == "embed":
            await fleet.embed_memory()
        elif deed == "consolidate":
            await memory.consolidate()
        else:
            await memory.erase()
        print("done", deed, account, call, size, flush=True)


def killed_once(database: Path, seed: int, ledger: Ledger, chance: random.Random) -> bool:
    """Run one worker, kill it, and hear all it said; tell whether it died amid a deed."""
    command = [sys.executable, __file__, "--work", str(database), "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        if worker.stdout is None or not (first := worker.stdout.readline()):
            raise RuntimeError("the worker did not begin")
        ledger.hear(first)
        time.sleep(chance.uniform(0, LONGEST_LIFE_SECONDS))
        worker.send_signal(signal.SIGKILL)
        for line in worker.communicate(timeout=PATIENCE_SECONDS)[0].splitlines():
            ledger.hear(line)
        if worker.returncode != -signal.SIGKILL:
            raise RuntimeError(f"the worker ended by itself with {worker.returncode}")
    return ledger.begun is not None


def inspected(database: Path, ledger: Ledger) -> list[str]:
    """Read the file by plain SQL, and say everything that is wrong."""
    stored: dict[str, dict[str, int]] = defaultdict(dict)
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        wrong = [f"corrupt: {row}" for row in connection.execute("PRAGMA integrity_check") if row != ("ok",)]
        wrong += [f"of nothing: {row}" for row in connection.execute("PRAGMA foreign_key_check")]
        for name, query in (("count", FALSE_COUNTS), ("of nobody", OF_NOBODY), ("cites nothing", CITED)):
            wrong += [f"{name}: {row}" for row in connection.execute(query)]
        for account, call, size in connection.execute(STORED):
            stored[account][call] = size
    return wrong + ledger.half(stored)


async def finished(database: Path, folder: Path) -> list[str]:
    """Open the fleet again, export every account, and erase it, whether it was before or not."""
    wrong: list[str] = []
    async with Fleet.open(settings=settings_of(database).model_copy(update={"embeddings": "none"})) as fleet:
        for account in ACCOUNTS:
            memory = fleet.memory(account)
            events, file = await memory.events(), folder / f"{account}.jsonl"
            await export_file(memory, file, lambda: NOW)
            written = {json.loads(line).get("id") for line in file.read_text(encoding="utf-8").splitlines()}
            file.unlink()
            wrong += [f"{account}: not exported: {event.id}" for event in events if event.id not in written]
            await memory.erase()
            wrong += [f"{account}: still there: {event.id}" for event in await memory.events()]
    return wrong


def kill(kills: int, seed: int, folder: Path) -> Verdict:
    """Kill so often, and look each time."""
    store = folder / "store"
    store.mkdir()
    database, ledger = store / "killed.db", Ledger()
    chance, wrong, amid = random.Random(seed), list[str](), 0  # noqa: S311 - repeatable moments, no secret
    for number in range(kills):
        amid += killed_once(database, number, ledger, chance)
        wrong += inspected(database, ledger)
    time.sleep(settings_of(database).lease_seconds)
    wrong += asyncio.run(finished(database, folder))
    return Verdict(kills, amid, ledger.done, canaries(store, MARK), tuple(wrong))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="kill -9 amid recording and erasing, and look for what is half done")
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.work:
        os.environ["FLEET_EMBEDDINGS"] = "none"
        asyncio.run(work(given.work, given.seed))
    with tempfile.TemporaryDirectory(prefix="fleet-memory-kill-") as folder:
        verdict = kill(given.kills, given.seed, Path(folder))
    print(verdict)
    for wrong in verdict.wrong[:20]:
        print(wrong)
    return 0 if verdict.clean else 1


if __name__ == "__main__":
    sys.exit(main())
