"""Hold thousands of turns against an endpoint that fails at random, and count what came out wrong.

Run: ``python benchmarks/faults.py [--turns 10000] [--accounts 16] [--share 0.25] [--seed 1]``. The fleet is a real one
on a store of its own in a temporary folder; the endpoint is a real server on loopback (``faulty_endpoint.py``). A turn
is asked or streamed; every third has a tool called whose effects are kept outside, by idempotency key. Counted are:

    right   replies that say what the message asked for
    errors  turns that ended in one typed `FleetError`
    other   turns that ended in anything else: another exception, or a reply that says something else
    late    turns that took longer than their time, from their first signal to their last
    half    stored turns that are neither accepted nor done with a reply
    doubled effects that one message had twice, or none though its reply says so
    stuck   conversations that do not answer once the endpoint is healed and failed turns are repeated

Ends with 0 only if all turns were right or typed errors, and the last five counts are 0.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from faulty_endpoint import FaultyEndpoint, faulty_endpoint

from fleet_runtime import Agent, Fleet, FleetError, Reply, Settings, tool
from fleet_runtime.records import ToolContext
from fleet_runtime.signals import Signal, TurnBegan, TurnDone, TurnFailed

ROLE = "clerk"
CONTRACT = """# Clerk

The **clerk** keeps a register (`class: clerk`, `domain: customer`).

It is a **persistent** role (`persistent_persona: true`): it remembers its accounts.

## Mandate
1. **Keep the register** - note and count what customers send.

## Boundaries
- **Does NOT quote prices** - nobody does.

## Persona
Brief and exact.

## Tools
- count
"""
PROFILE = "faults"
PROFILE_TEXT = "id: faults\ntitle: Faults\nlead: clerk\nroster:\n  - class: clerk\n"
TIMEOUT_SECONDS = 0.4
TURN_SECONDS = 6.0
GRACE_SECONDS = 1.0
HANGING_SECONDS = 120.0
"""After so long a message is given up: no turn on its way may take that long."""

HALF = """
SELECT count(*) FROM turn WHERE NOT (
  (state = 'done' AND reply IS NOT NULL) OR (state = 'accepted' AND reply IS NULL))
"""


@dataclass
class Ledger:
    """What the tool did, kept outside the fleet: by idempotency key what was counted, and how often it was asked."""

    effects: dict[str, str] = field(default_factory=dict[str, str])
    repeated: int = 0

    def note(self, key: str, item: str) -> None:
        """Count an item once per key."""
        self.repeated += key in self.effects
        self.effects.setdefault(key, item)

    def times(self) -> Counter[str]:
        """Say how many effects each item had."""
        return Counter(self.effects.values())


class Watch:
    """Listens to the fleet and takes the time of each turn; unanswered ones are taken up again by the next message."""

    def __init__(self) -> None:
        """Begin with no turn."""
        self._began: dict[str, float] = {}
        self.longest = 0.0
        self.late = 0

    def __call__(self, signal: Signal) -> None:
        """Take the time where a turn begins and where it ends, in a reply or an error."""
        if isinstance(signal, TurnBegan):
            self._began[signal.turn_id] = time.perf_counter()
        elif isinstance(signal, TurnDone | TurnFailed):
            spent = time.perf_counter() - self._began.pop(signal.turn_id)
            self.longest = max(self.longest, spent)
            self.late += spent > TURN_SECONDS + GRACE_SECONDS


@dataclass
class Message:
    """One message and what came of it."""

    turn_id: str
    nonce: str
    account: int
    counts: bool
    error: str = ""
    reply: str | None = None

    @property
    def text(self) -> str:
        """What is said."""
        return f"Please count this and note it: {self.nonce}" if self.counts else f"Please note this: {self.nonce}"

    @property
    def right(self) -> bool:
        """Say whether the reply is the one asked for."""
        return self.reply is not None and self.nonce in self.reply


@dataclass
class Outcome:
    """All that was counted."""

    messages: list[Message]
    ledger: Ledger
    late: int = 0
    half: int = 0
    stuck: int = 0

    @property
    def errors(self) -> Counter[str]:
        """Typed errors by their code."""
        return Counter(message.error for message in self.messages if message.error)

    @property
    def right(self) -> int:
        """How many replies are right."""
        return sum(message.right for message in self.messages if not message.error)

    @property
    def doubled(self) -> int:
        """How many messages had their effect more than once, or not though their reply says so."""
        times = self.ledger.times()
        twice = sum(count > 1 for count in times.values())
        never = sum(message.counts and message.right and not times[message.nonce] for message in self.messages)
        return twice + never

    def verdict(self) -> tuple[str, bool]:
        """Say it in one line, and whether it is good."""
        typed = sum(count for code, count in self.errors.items() if not code.startswith("!"))
        other = len(self.messages) - self.right - typed
        line = (
            f"turns {len(self.messages)}  right {self.right}  errors {typed}  other {other}  late {self.late}  "
            f"half {self.half}  doubled {self.doubled}  stuck {self.stuck}"
        )
        return line, not (other or self.late or self.half or self.doubled or self.stuck)


def settings_for(folder: Path, endpoint: FaultyEndpoint) -> Settings:
    """Set a fleet up whose only outside is the endpoint; the stages that ask no endpoint are off."""
    (folder / "roles").mkdir()
    (folder / "roles" / f"{ROLE}.md").write_text(CONTRACT, encoding="utf-8")
    (folder / "profiles").mkdir()
    (folder / "profiles" / f"{PROFILE}.yaml").write_text(PROFILE_TEXT, encoding="utf-8")
    return Settings(
        database=str(folder / "fleet.db"),
        base_url=endpoint.base_url,
        model="faulty",
        profile=PROFILE,
        roles=str(folder / "roles"),
        profiles=str(folder / "profiles"),
        embeddings="none",
        routing="off",
        memory="off",
        guard="off",
        tool_calling="native",  # finding it out would ask an endpoint that fails, and be kept for this machine
        model_timeout_seconds=TIMEOUT_SECONDS,
        model_attempts=3,
        turn_seconds=TURN_SECONDS,
        breaker_failures=8,
        breaker_seconds=0.2,
    )


async def held(turns: int, accounts: int, share: float, seed: int) -> Outcome:
    """Hold the turns, heal the endpoint, repeat what failed, and count."""
    chance = random.Random(seed)  # noqa: S311 - the same run again, no secret
    messages = [
        Message(f"turn-{place}", f"nonce-{chance.randbytes(5).hex()}", place % accounts, counts=place % 3 == 0)
        for place in range(turns)
    ]
    outcome = Outcome(messages, Ledger())

    @tool
    async def count(item: str, context: ToolContext) -> str:
        """Count an item in the register."""
        outcome.ledger.note(context.idempotency_key, item)
        return f"{item} is counted."

    with tempfile.TemporaryDirectory() as name:
        async with faulty_endpoint(seed=seed, share=share) as endpoint:
            settings = settings_for(Path(name), endpoint)
            watch = Watch()
            async with Fleet.open(settings=settings, tools=[count], listen=watch) as fleet:
                agents = [await fleet.spawn(ROLE, account=f"account-{place}") for place in range(accounts)]
                await asyncio.gather(*(_hold(agent, place, outcome) for place, agent in enumerate(agents)))
                print("endpoint:", ", ".join(f"{what} {times}" for what, times in sorted(endpoint.done.items())))
                outcome.half = _half(settings.database)
                endpoint.share = 0.0
                stuck = await asyncio.gather(*(_heals(agent, place, outcome) for place, agent in enumerate(agents)))
                outcome.stuck = sum(stuck)
            outcome.half += _half(settings.database)
            outcome.late = watch.late
            print(f"longest turn {watch.longest:.1f} s of {TURN_SECONDS:.0f}")
    return outcome


async def _hold(agent: Agent, account: int, outcome: Outcome) -> None:
    """Hold one account's turns, one after the other: asked and streamed in turn."""
    for place, message in enumerate(mine for mine in outcome.messages if mine.account == account):
        try:
            async with asyncio.timeout(HANGING_SECONDS):
                asked = _streamed(agent, message) if place % 2 else agent.ask(message.text, turn_id=message.turn_id)
                message.reply = (await asked).text
        except FleetError as error:
            message.error = error.code
        except Exception as error:  # noqa: BLE001 - anything else is just what is to be counted
            message.error = f"!{type(error).__name__}: {error}"


async def _streamed(agent: Agent, message: Message) -> Reply:
    """Stream one turn to its end."""
    reply: Reply | None = None
    async for signal in agent.stream(message.text, turn_id=message.turn_id):
        if isinstance(signal, TurnDone):
            reply = signal.reply
    if reply is None:
        raise AssertionError("the stream ended without a reply")
    return reply


async def _heals(agent: Agent, account: int, outcome: Outcome) -> bool:
    """Repeat an account's failed turns, and say one thing more; True if any of it does not come right."""
    await asyncio.sleep(0.5)  # the breaker's time
    fresh = Message(f"healed-{account}", f"nonce-h{account}", account, counts=False)
    failed = [mine for mine in outcome.messages if mine.account == account and mine.error]
    for message in (*failed, fresh):
        try:
            message.reply = (await agent.ask(message.text, turn_id=message.turn_id)).text
        except FleetError as error:
            print(f"stuck: {message.turn_id}: {error}")
            return True
        if not message.right:
            print(f"stuck: {message.turn_id}: {message.reply!r}")
            return True
    return False


def _half(database: str) -> int:
    """Count half turns by plain SQL, without the code under test."""
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(HALF).fetchone()[0])


def _told(errors: Mapping[str, int]) -> str:
    """Word the errors by their code."""
    return ", ".join(f"{code} {times}" for code, times in sorted(errors.items())) or "none"


def main() -> int:
    """Run, print the verdict, and return 0 only if it is good."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=10_000)
    parser.add_argument("--accounts", type=int, default=16)
    parser.add_argument("--share", type=float, default=0.25)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.getLogger("fleet_runtime").setLevel(logging.ERROR)  # it warns of each turn that stays unfinished
    began = time.perf_counter()
    outcome = asyncio.run(held(given.turns, given.accounts, given.share, given.seed))
    for message in outcome.messages:
        if message.error.startswith("!") or not (message.error or message.right):
            print(f"other: {message.turn_id}: {message.error or repr(message.reply)}")
    errors = outcome.errors
    print(f"errors: {_told(errors)}; the tool was asked again {outcome.ledger.repeated} times")
    print(f"{time.perf_counter() - began:.0f} s in all")
    line, good = outcome.verdict()
    print(line)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
