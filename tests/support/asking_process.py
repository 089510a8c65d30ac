"""A process that makes calls through the gate of a database as fast as it is let, and tells when each began and ended.

Run: ``python asking_process.py DATABASE SECONDS LIMIT CALL_SECONDS PLACE_SECONDS``; LIMIT is JSON. It says ``ready``,
and begins when it is told anything. Each call is a line of JSON: when it was let through and when it was over, by the
machine's monotonic clock, and how many tokens it took.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from datetime import UTC, datetime
from functools import partial

from fleet_runtime.boards import Claim, Gate, ProviderLimit
from fleet_runtime.stores.sql.gate import SqlGate
from fleet_runtime.stores.sql.store import open_store

HOST = "api.example.com"
CALLERS = "abc"
TOKENS = 500
CLAIMED = 800


def say(value: object) -> None:
    print(json.dumps(value), flush=True)  # noqa: T201 - this is how it answers


async def main(database: str, seconds: float, limit: ProviderLimit, call_seconds: float, place_seconds: float) -> None:
    store = open_store(database, now=lambda: datetime.now(UTC))
    gate = SqlGate(store.database)
    say("ready")
    sys.stdin.readline()
    until = time.monotonic() + seconds
    ask = partial(caller, gate, until, limit, call_seconds=call_seconds, place_seconds=place_seconds)
    await asyncio.gather(*(ask(name) for name in CALLERS))
    await store.close()


async def caller(  # noqa: PLR0913 - all that one needs
    gate: Gate, until: float, limit: ProviderLimit, name: str, *, call_seconds: float, place_seconds: float
) -> None:
    """Make one call after the other; ask sooner than told, as nobody should."""
    made = 0
    while time.monotonic() < until:
        claim = Claim(f"{name}-{made}-{random.random()}", CLAIMED, place_seconds)  # noqa: S311 - no secret
        pause = await gate.admit(HOST, claim, limit)
        if pause:
            await asyncio.sleep(min(pause * random.random(), until - time.monotonic(), 0.05))  # noqa: S311 - the same
            continue
        began = time.monotonic()
        made += 1
        await asyncio.sleep(call_seconds)
        say([began, time.monotonic(), TOKENS])
        await gate.leave(HOST, claim, TOKENS)


if __name__ == "__main__":
    _, place, lasts, told, takes, holds = sys.argv
    asyncio.run(main(place, float(lasts), ProviderLimit(*json.loads(told)), float(takes), float(holds)))
