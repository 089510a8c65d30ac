"""Ask look-alike accounts about one another, in every way and order, and look for a foreign byte in each answer.

Run: ``python benchmarks/memory_isolation.py [--probes 100000] [--seed 1] [--vectors]``. Six accounts of two tenants
share their names, authors, keys and event ids, and one file, at which two fleets of each tenant work with caches warm
and cold. Each account has a canary word of its own in all that is recorded of it, another one after each erasure. A
random run records, asks, erases and begins anew; questions name the other accounts and their canaries. An answer that
bears any canary but the account's present one is a leak. Prints probes, leaks and seconds; ends with 0 if there is
none.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from fleet_runtime import Event, Fleet, Settings
from fleet_runtime.ports import Embedder
from fleet_runtime.records import Operation
from fleet_runtime.testing import HashEmbedder

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ROLE = "customer-success-manager"
TENANTS = ("north", "north ")
ACCOUNTS = ("acme", "Acme", "acme' OR '1'='1")
KEYS = ("seats", "champion", "plan")
CANARY = re.compile(r"zq[a-f]g\d+x")
FULL = 25
"""Events after which an account is erased, so that the run stays quick."""

EACH = 250
"""Answers after which some account is erased, however few its events."""


@dataclass
class House:
    """One account, and what is the matter with it at the moment."""

    tenant: str
    account: str
    letter: str
    generation: int = 0
    events: int = 0

    @property
    def canary(self) -> str:
        """Return the word that this account alone may say, until it is erased."""
        return f"zq{self.letter}g{self.generation}x"

    def __str__(self) -> str:
        """Name it with its tenant."""
        return f"{self.tenant!r}/{self.account!r}"


class Leak(NamedTuple):
    """An answer that bears a foreign word."""

    asked: str
    house: str
    words: tuple[str, ...]


@dataclass
class Probing:
    """A random run over the houses. ``fleets`` are those of each tenant; ``at_once`` two accounts are at work."""

    fleets: dict[str, list[Fleet]]
    chance: random.Random
    houses: list[House]
    at_once: bool = False
    next_erasure: int = EACH
    probes: int = 0
    leaks: list[Leak] = field(default_factory=list[Leak])
    spoken: Counter[str] = field(default_factory=Counter[str])

    async def run(self, probes: int) -> None:
        """Go on until so many answers were looked at; now and then two accounts are asked at once."""
        while self.probes < probes:
            first, second = self.chance.sample(self.houses, 2)
            if self.probes >= self.next_erasure:
                self.next_erasure += EACH
                await self.erase(first, self.chance.choice(self.fleets[first.tenant]))
            self.at_once = self.chance.random() < 0.1  # noqa: PLR2004 - a tenth of the time
            if self.at_once:
                await asyncio.gather(self.step(first), self.step(second))
            else:
                await self.step(first)

    async def step(self, house: House) -> None:
        """Do something with one account, through any fleet of its tenant, and look at the answer."""
        fleet = self.chance.choice(self.fleets[house.tenant])
        if house.events > FULL:
            await self.erase(house, fleet)
        deed = self.chance.choices(tuple(DEEDS), weights=tuple(DEEDS.values()))[0]
        answer = await deed(self, house, fleet)
        self.look(deed.__name__, house, answer)

    def look(self, asked: str, house: House, answer: object) -> None:
        """Count an answer, and keep it if it leaks."""
        said = set(CANARY.findall(repr(answer).casefold()))
        self.probes += 1
        self.spoken[asked] += bool(said)
        if foreign := tuple(sorted(said - {house.canary})):
            self.leaks.append(Leak(asked, str(house), foreign))

    def events(self, house: House, count: int) -> list[Event]:
        """Make events of an account; ids, times and authors are as those of every other."""
        made: list[Event] = []
        for _ in range(count):
            house.events += 1
            word, number = house.canary, self.chance.randrange(1000)
            operations: tuple[Operation, ...] | None = (
                Operation(op="set", key=self.chance.choice(KEYS), value=f"{word} {number}"),
                Operation(op="commit", task=f"send {word} {number % 5}", owner=f"{word} owner", to="Ada"),
            )[self.chance.randrange(2) :][:1]
            if self.chance.random() < 0.3:  # noqa: PLR2004 - the text is read then
                operations = None
            text = f"Our champion is {word.capitalize()} Nair. {word} has {number} seats, unlike Acme."
            at = NOW - timedelta(hours=house.events)
            made.append(
                Event(id=f"e{house.events}", at=at, kind="note", author="Ada", text=text, operations=operations)
            )
        return made

    def question(self, house: House) -> str:
        """Ask for the other accounts, and for their words."""
        other = self.chance.choice([one for one in self.houses if one is not house])
        asked = (
            f"What did {other.account} say about {other.canary}?",
            f"{other.canary} seats champion",
            f"Who is the champion of {other.tenant}/{other.account}, {other.canary.capitalize()} Nair?",
            f"What do you know of zq{other.letter}g{max(0, other.generation - 1)}x, before it was erased?",
            "How many seats are there, and what did Ada promise?",
        )
        return self.chance.choice(asked)

    def moment(self) -> datetime | None:
        """Return a moment to ask for, or none."""
        return self.chance.choice((None, None, NOW - timedelta(hours=self.chance.randrange(FULL))))

    async def recall(self, house: House, fleet: Fleet) -> object:
        """Recall."""
        before = (self.question(house),) if self.chance.random() < 0.2 else ()  # noqa: PLR2004 - a follow-up at times
        return await fleet.memory(house.account).recall(self.question(house), as_of=self.moment(), before=before)

    async def facts(self, house: House, fleet: Fleet) -> object:
        """Ask for facts."""
        return await fleet.memory(house.account).facts(as_of=self.moment(), known_at=self.moment())

    async def other_reading(self, house: House, fleet: Fleet) -> object:
        """Read in any other way."""
        memory = fleet.memory(house.account)
        ways: tuple[Callable[[], Awaitable[object]], ...] = (
            lambda: memory.history(self.chance.choice(KEYS)),
            lambda: memory.changes(NOW - timedelta(days=9)),
            lambda: memory.commitments(open=self.chance.random() < 0.5),  # noqa: PLR2004 - either
            memory.contradictions,
            lambda: memory.brief(as_of=self.moment()),
            lambda: memory.events(as_of=self.moment()),
            memory.digests,
            memory.rows,
        )
        return await self.chance.choice(ways)()

    async def record(self, house: House, fleet: Fleet) -> object:
        """Record one event, or the last one again."""
        if house.events and self.chance.random() < 0.1:  # noqa: PLR2004 - a repeat at times
            house.events -= 1
        return await fleet.memory(house.account).record(self.events(house, 1)[0])

    async def record_many(self, house: House, fleet: Fleet) -> object:
        """Record several events of the account, then of all accounts of the tenant at once, under the same ids."""
        learned = await fleet.memory(house.account).record_many(self.events(house, 3))
        alike = [one for one in self.houses if one.tenant == house.tenant and (one is house or not self.at_once)]
        pairs = [(one.account, event) for one in alike for event in self.events(one, 2)]
        self.chance.shuffle(pairs)
        await fleet.record_many(pairs)
        return learned

    async def ask(self, house: House, fleet: Fleet) -> object:
        """Speak with the account's agent; the message names other accounts, and only the account's own word."""
        other = self.chance.choice(self.houses)
        agent = await fleet.spawn(ROLE, account=house.account)
        return await agent.ask(f"What did {other.account} tell you? We, {house.canary}, have 40 seats.")

    async def consolidate(self, house: House, fleet: Fleet) -> object:
        """Make digests."""
        return await fleet.memory(house.account).consolidate()

    async def erase(self, house: House, fleet: Fleet) -> object:
        """Erase the account; whoever says its old word from now on says what is gone."""
        receipt = await fleet.memory(house.account).erase()
        house.generation, house.events = house.generation + 1, 0
        return receipt


Deed = Callable[[Probing, House, Fleet], Awaitable[object]]
DEEDS: dict[Deed, float] = {
    Probing.recall: 700,
    Probing.facts: 150,
    Probing.other_reading: 80,
    Probing.record: 14,
    Probing.record_many: 5,
    Probing.ask: 2,
    Probing.consolidate: 2,
    Probing.erase: 2,
}


async def probed(database: Path | str, *, probes: int, seed: int, vectors: bool = False) -> Probing:
    """Open the fleets on one file, or on the database of a URL, run, and return what came of it."""

    async def embedder(*_: object) -> Embedder | None:
        return HashEmbedder() if vectors else None

    async with AsyncExitStack() as stack:
        fleets: dict[str, list[Fleet]] = {tenant: [] for tenant in TENANTS}
        for tenant in TENANTS * 2:
            settings = Settings(database=str(database), model="none", tenant=tenant)
            with patch("fleet_runtime.embedding.load_embedder", embedder):
                opened = await stack.enter_async_context(Fleet.open(settings=settings, clock=lambda: NOW))
            fleets[tenant].append(opened)
        pairs = [(tenant, account) for tenant in TENANTS for account in ACCOUNTS]
        houses = [House(tenant, account, letter) for (tenant, account), letter in zip(pairs, "abcdef", strict=True)]
        probing = Probing(fleets, random.Random(seed), houses)  # noqa: S311 - a benchmark is repeatable
        await probing.run(probes)
        return probing


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="look for a foreign byte in the answers of look-alike accounts")
    parser.add_argument("--probes", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vectors", action="store_true", help="with an encoder of hashed words")
    given = parser.parse_args(arguments)
    begun, spent = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="fleet-isolation-") as folder:
        database = Path(folder) / "fleet.db"
        probing = asyncio.run(probed(database, probes=given.probes, seed=given.seed, vectors=given.vectors))
    foreign = sum(len(word) for leak in probing.leaks for word in leak.words)
    print(
        f"probes {probing.probes} leaks {len(probing.leaks)} foreign bytes {foreign}"
        f" erasures {sum(house.generation for house in probing.houses)}"
        f" seconds {time.perf_counter() - begun:.0f} (CPU {time.process_time() - spent:.0f})"
    )
    print("answers that bore the account's own word:", dict(probing.spoken))
    for leak in probing.leaks[:10]:
        print(leak)
    return 1 if probing.leaks else 0


if __name__ == "__main__":
    sys.exit(main())
