"""Erase one account among many, and look for what is left of it in every file of the store.

Run: ``python benchmarks/memory_erasure.py [--runs 5] [--events 1000] [--others 50]``. The account's events bear a
canary word in text, author, id, value and quote; so do its promises, turns, vectors, digests and book. Events of all
accounts come in turns, some accounts are erased on the way, and the write-ahead log is not emptied before. Prints the
time of each erasure, canaries that are left (at once, and after further writes), and whether every other account still
gives the same answers. Ends with 0 only if nothing is left and nothing else has changed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from fleet_runtime import Event, Fleet, Settings
from fleet_runtime.books import AccountBook
from fleet_runtime.records import AccountKey, Operation, Receipt
from fleet_runtime.records.book import AccountDetails, Concern, MotionRun, Notice, Signals, Week, WorkProduct
from fleet_runtime.runtime.account_memory import AccountMemory
from fleet_runtime.stores.sql.books import SqlBooks
from fleet_runtime.stores.sql.store import open_store

START = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ROLE = "customer-success-manager"
VICTIM = "Quarry Works"
QUESTION = "How many seats do they have, and what did we promise?"
CHATTER = (
    "We looked at the new filters together.",
    "They liked last week's webinar on templates.",
    "The import ticket was closed by support, after a while and with some patience on both sides.",
    "Nothing else to report from the call.",
)
# Another process must read the files: closing one here would drop the locks that SQLite holds on it.
COUNT = """
import pathlib, sys
for file in pathlib.Path(sys.argv[1]).iterdir():
    print(file.read_bytes().lower().count(sys.argv[2].encode()), file.name)
"""
READER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN")
print(connection.execute("SELECT count(*) FROM event").fetchone(), flush=True)
sys.stdin.read()
"""


class Verdict(NamedTuple):
    """What one erasure came to; canaries are counted before, at once, and after further writes."""

    receipt: Receipt
    milliseconds: float
    cpu_milliseconds: float
    before: int
    left: int
    left_later: int
    changed: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Tell whether all is gone and nothing else is."""
        return bool(self.before and self.receipt.erased) and not (self.left or self.left_later or self.changed)

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"erased {self.receipt.counts['event']} events in {self.milliseconds:.0f} ms"
            f" ({self.cpu_milliseconds:.0f} ms CPU); canaries before {self.before}, left {self.left},"
            f" after further writes {self.left_later}; other accounts changed {len(self.changed)}"
        )


def settings_of(database: Path) -> Settings:
    """Return settings of a store without model and encoder."""
    return Settings(database=str(database), model="none", embeddings="none")


def events_of(account: str, mark: str, count: int, rng: random.Random) -> list[Event]:
    """Make an account's events, each with the mark in whatever it has."""
    made: list[Event] = []
    for number in range(count):
        at = START + timedelta(minutes=rng.randrange(400 * 24 * 60))
        text = " ".join([f"{mark} and {account} spoke.", *rng.choices(CHATTER, k=rng.choice((1, 1, 2, 3, 20)))])
        operations: tuple[Operation, ...] | None = ()
        share = rng.random()
        if share < 0.5:  # noqa: PLR2004 - half of them say something
            key = rng.choice(("seats", "plan", "champion", "renewal_date"))
            operations = (Operation(op="set", key=key, value=f"{mark} {number}"),)
        elif share < 0.7:  # noqa: PLR2004 - and some promise
            operations = (Operation(op="commit", task=f"send {mark} {number}", owner=f"{mark} owner", to=mark),)
        elif share < 0.8:  # noqa: PLR2004 - or are read, and quoted
            operations, text = None, f"Our champion is {mark.capitalize()} Nair. {text}"
        name = f"{mark}-{rng.getrandbits(48):012x}"
        made.append(Event(id=name, at=at, kind="note", author=f"{mark} author", text=text, operations=operations))
    return made


async def fill(fleet: Fleet, plan: dict[str, list[Event]], rng: random.Random) -> None:
    """Record the accounts' events in turns, some at a time, and erase and fill again a few accounts on the way."""
    waiting = {account: list(events) for account, events in plan.items()}
    while waiting:
        account = rng.choice(list(waiting))
        count = rng.choice((1, 2, 5, 30, 100))
        await fleet.memory(account).record_many(waiting[account][:count])
        waiting[account] = waiting[account][count:]
        if not waiting[account]:
            del waiting[account]
        if account != VICTIM and rng.random() < 0.02:  # noqa: PLR2004 - now and then
            await fleet.memory(account).erase()
            waiting[account] = list(plan[account])


async def complete(fleet: Fleet, database: Path, plan: dict[str, list[Event]], mark: str) -> None:
    """Give the account what comes from elsewhere: turns, digests, vectors, and every account a book."""
    agent = await fleet.spawn(ROLE, account=VICTIM)
    await agent.ask(f"We have 40 seats now. Our champion is {mark.capitalize()} Nair.", speaker=mark)
    await agent.ask(f"Can you give {mark} a discount?", speaker=mark)
    await fleet.memory(VICTIM).consolidate()
    store = open_store(str(database), now=lambda: NOW)
    key = (await fleet.memory(VICTIM).rows()).key
    packed = (mark.encode() * 20)[:192]
    for owner, events in plan.items():
        vectors = {event.id: packed if owner == VICTIM else bytes(192) for event in events[::2]}
        await store.put_vectors(key.model_copy(update={"account": owner}), "encoder", vectors)
        book = book_of_words(key.model_copy(update={"account": owner}), mark if owner == VICTIM else "others")
        await SqlBooks(store.database, lambda: NOW).put_back(book)
    await store.close()


def book_of_words(key: AccountKey, mark: str) -> AccountBook:
    """Make a year's book with the mark in whatever text it has."""
    day = START.date()
    weeks = tuple(
        Week(start=day + timedelta(weeks=n), values={mark: n}, note=f"{mark} wrote.", source=mark, known_from=NOW)
        for n in range(52)
    )
    concern = Concern(kind="risk", matter=mark, severity="high", title=mark, reasons=(mark,))
    notice = Notice(id=mark, on=day, concern=concern, motion=mark, role=ROLE, raised_at=NOW)
    run = MotionRun(motion=mark, role=ROLE, due=day, ran_at=NOW, why=mark)
    made = {"on": day, "title": mark, "motion": mark, "role": ROLE, "made_at": NOW, "changed_at": NOW}
    memo = WorkProduct.model_validate({"id": mark, "kind": "risk_memo", "text": f"{mark} " * 500} | made)
    details = AccountDetails(company=mark, known_from=NOW)
    return AccountBook(key, 0, Signals(details=(details,), weeks=weeks), (notice,), (run,), (memo,))


async def answers(memory: AccountMemory) -> tuple[object, ...]:
    """Ask an account whatever it can be asked."""
    return (
        await memory.rows(),
        await memory.facts(),
        await memory.history("seats"),
        await memory.commitments(open=False),
        await memory.contradictions(),
        await memory.recall(QUESTION),
        (await memory.brief()).markdown(),
        await memory.book_rows(),
    )


def canaries(folder: Path, mark: str) -> int:
    """Count a word, in any case, in all files of a folder."""
    command = [sys.executable, "-I", "-c", COUNT, str(folder), mark]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return sum(int(line.split()[0]) for line in lines)


async def erasure(folder: Path, *, seed: int, events: int, others: int) -> Verdict:
    """Fill a store, erase the account, and look."""
    rng = random.Random(seed)  # noqa: S311 - a benchmark is repeatable
    mark, database = f"zqx{seed}wv", folder / "fleet.db"
    plan = {f"account {number}": events_of("they", "others", rng.randrange(20, 200), rng) for number in range(others)}
    names = list(plan)
    names.insert(rng.randrange(others + 1), VICTIM)
    plan = {name: plan.get(name) or events_of(name, mark, events, rng) for name in names}
    async with Fleet.open(settings=settings_of(database), clock=lambda: NOW) as fleet:
        await fill(fleet, plan, rng)
        await complete(fleet, database, plan, mark)
        known = {name: await answers(fleet.memory(name)) for name in names if name != VICTIM}
        before = canaries(folder, mark)
        begun, spent = time.perf_counter(), time.process_time()
        receipt = await fleet.memory(VICTIM).erase()
        took, cpu = 1000 * (time.perf_counter() - begun), 1000 * (time.process_time() - spent)
        left = canaries(folder, mark)
        changed = [name for name, told in known.items() if await answers(fleet.memory(name)) != told]
        await fleet.memory(names[0] if names[0] != VICTIM else names[1]).record_many(
            events_of("they", "others", 50, rng)
        )
        return Verdict(receipt, took, cpu, before, left, canaries(folder, mark), tuple(changed))


@contextmanager
def reading(database: Path) -> Iterator[None]:
    """Let another process read the file for the time of a block."""
    command = [sys.executable, "-I", "-c", READER, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        if reader.stdout is None or not reader.stdout.readline():
            raise RuntimeError("the reader did not begin")
        yield
        reader.kill()


async def watched_erasure(folder: Path) -> tuple[Receipt, float, int]:
    """Erase while another process reads; return the receipt, seconds, and canaries left after it has done."""
    rng, database, mark = random.Random(0), folder / "fleet.db", "zqxwatched"  # noqa: S311 - repeatable
    async with Fleet.open(settings=settings_of(database), clock=lambda: NOW) as fleet:
        await fleet.memory(VICTIM).record_many(events_of(VICTIM, mark, 50, rng))
        await fleet.memory("bystander").record_many(events_of("they", "others", 50, rng))
        with reading(database):
            begun = time.perf_counter()
            receipt = await fleet.memory(VICTIM).erase()
            seconds = time.perf_counter() - begun
        await fleet.memory("bystander").record_many(events_of("they", "others", 1, rng))
        return receipt, seconds, canaries(folder, mark)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="erase an account, and look for what is left of it")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--others", type=int, default=50)
    given = parser.parse_args(arguments)
    clean = True
    for seed in range(given.seed, given.seed + given.runs):
        with tempfile.TemporaryDirectory(prefix="fleet-erasure-") as folder:
            verdict = asyncio.run(erasure(Path(folder), seed=seed, events=given.events, others=given.others))
        print(f"seed {seed}: {verdict}", flush=True)
        clean = clean and verdict.clean
    with tempfile.TemporaryDirectory(prefix="fleet-erasure-") as folder:
        receipt, seconds, left = asyncio.run(watched_erasure(Path(folder)))
    print(f"with a reader: journal cleared {receipt.journal_cleared}, {seconds:.2f} s, left after it has done {left}")
    return 0 if clean and not receipt.journal_cleared and not left else 1


if __name__ == "__main__":
    sys.exit(main())
