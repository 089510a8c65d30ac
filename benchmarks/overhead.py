"""What the runtime itself costs: a fresh process, function calls by the turn, and a turn with everything on.

Run: ``python benchmarks/overhead.py [start|calls|everything ...] [--rounds 9] [--turns 40]``. All is measured in CPU
time of the client's process, against an endpoint in another process that answers at once.

* ``start``: import, agent and first turn in a process of its own, in turns with the bare ``openai`` client doing the
  same; medians. Stages are off by settings (routing, memory, guard, trace), and nothing is stored.
* ``calls``: Python and C function calls of a plain turn, one with a tool, and a hand-off (cProfile); they hardly vary.
* ``everything``: dispatch, recall over 500 events, the guard enforced, decision and turn stored with their trace at
  SQLite's ``synchronous=FULL``; stage by stage.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import itertools
import os
import pstats
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from overhead_stages import ASKED, SAID, StageClock
from overhead_stub import QUESTION, running

from fleet_runtime import Fleet, Settings, tool
from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest
from fleet_runtime.models.openai_compatible import OpenAICompatibleModel

EVENTS = 500
WARM_UP = 5
COUNTED = 4
PARTS = ("start", "calls", "everything")

RULES = " ".join(
    f"When a traveller asks about pier {pier}, name the next departure, the fare in crowns, the steward on duty and "
    "whether bicycles may be taken on board."
    for pier in range(1, 17)
)
ROLE = """# {title} — fleet role definition

The **{name}** answers travellers (`class: {name}`, `domain: customer`).

## Mandate
1. **Answer travellers** — as your persona says
## Boundaries
- **Does NOT repair ships** — nobody here does
## Persona
{text}
## Tools
- weather
"""
PROFILE = """id: harbour
title: Harbour
lead: dispatcher
roster:
  - class: dispatcher
"""
CLERK = """  - class: fares-clerk
    reports_to: dispatcher
"""

BARE = f"""
import asyncio, sys, time
from openai import AsyncOpenAI
imported = time.process_time()
async def main():
    client = AsyncOpenAI(base_url=sys.argv[1], api_key="none")
    made = time.process_time()
    messages = [{{"role": "system", "content": {RULES!r}}}, {{"role": "user", "content": {QUESTION!r}}}]
    answer = await client.chat.completions.create(model="text", messages=messages)
    assert answer.choices[0].message.content
    print(imported, made, time.process_time())
asyncio.run(main())
"""
OURS = f"""
import asyncio, sys, time
from fleet_runtime import Fleet, Settings
imported = time.process_time()
async def main():
    settings = Settings(
        model="text", base_url=sys.argv[1], api_key="none", database="none", embeddings="none", profile="harbour",
        routing="off", memory="off", guard="off", trace="off", tool_calling="native",
    )
    async with Fleet.open(settings=settings) as fleet:
        agent = await fleet.spawn("dispatcher", account="a")
        made = time.process_time()
        reply = await agent.ask({QUESTION!r})
        assert reply.text
        print(imported, made, time.process_time())
asyncio.run(main())
"""


def harbour(folder: Path, *, clerk: bool = False) -> None:
    """Write the role files and the profile of a project."""
    for kind in ("roles", "profiles"):
        (folder / kind).mkdir(exist_ok=True)
    contract = ROLE.format(title="Dispatcher", name="dispatcher", text=RULES)
    (folder / "roles" / "dispatcher.md").write_text(contract, encoding="utf-8")
    (folder / "profiles" / "harbour.yaml").write_text(PROFILE + (CLERK if clerk else ""), encoding="utf-8")
    if clerk:
        contract = ROLE.format(title="Fares clerk", name="fares-clerk", text="You answer questions about fares only.")
        (folder / "roles" / "fares-clerk.md").write_text(contract, encoding="utf-8")


def started(program: str, base_url: str, folder: Path) -> list[float]:
    """Run a program in a fresh process; return its CPU ms until it had imported, made its agent, and was answered."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLEET_", "PYTHONDONTWRITE"))}
    kept["XDG_CACHE_HOME"] = str(folder)  # what was measured of models on this machine is no part of this
    command = [sys.executable, "-c", program, base_url]
    done = subprocess.run(command, cwd=folder, env=kept, check=True, capture_output=True, text=True)
    return [float(seconds) * 1000 for seconds in done.stdout.split()]


def start(base_url: str, rounds: int) -> None:
    """Print what a fresh process costs, beside the bare client's."""
    with tempfile.TemporaryDirectory(prefix="fleet-overhead-") as name:
        harbour(Path(name))
        programs = {"bare openai": BARE, "fleet_runtime": OURS}
        runs: dict[str, list[list[float]]] = {title: [] for title in programs}
        for round_ in range(rounds + 1):
            for title, program in programs.items():
                figures = started(program, base_url, Path(name))
                if round_:  # the first writes bytecode
                    runs[title].append(figures)
    print(f"\nfresh process, CPU ms, medians of {rounds}\n")
    print(f"{'':<16}{'import':>10}{'agent':>10}{'first turn':>12}{'in all':>10}")
    totals = []
    for title, of_title in runs.items():
        imported, made, answered = (median(column) for column in zip(*of_title, strict=True))
        totals.append(answered)
        print(f"{title:<16}{imported:10.1f}{made - imported:10.1f}{answered - made:12.1f}{answered:10.1f}")
    print(f"{'over bare':<16}{totals[1] - totals[0]:42.1f}")


@tool
def weather(city: str) -> str:
    """Report the weather in a city."""
    return f"It is sunny in {city}."


class ByRole:
    """A model client that gives the clerk another model than the dispatcher."""

    def __init__(self, base_url: str) -> None:
        self._dispatcher, self._clerk = (
            OpenAICompatibleModel(
                ModelInfo(
                    name=name, kind="endpoint", endpoint=base_url, description=name, reason="a benchmark", voice="free"
                )
            )
            for name in ("hand", "text")
        )
        self.info = self._dispatcher.info

    def _of(self, request: ModelRequest) -> OpenAICompatibleModel:
        return self._clerk if request.messages[0].content.startswith("# Fares clerk") else self._dispatcher

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Have the role's model answer."""
        return await self._of(request).complete(request)

    def stream(self, request: ModelRequest) -> AsyncIterator[str | ModelReply]:
        """Have the role's model answer piece by piece."""
        return self._of(request).stream(request)

    async def close(self) -> None:
        """Let both go."""
        await self._dispatcher.close()
        await self._clerk.close()


@asynccontextmanager
async def plain_fleet(base_url: str, model: str, *, clerk: bool = False) -> AsyncIterator[Fleet]:
    """Open a fleet of the harbour with the stages off."""
    with tempfile.TemporaryDirectory(prefix="fleet-overhead-") as name:
        folder = Path(name)
        harbour(folder, clerk=clerk)
        settings = Settings(
            model=model, base_url=base_url, api_key="none", database="none", embeddings="none", profile="harbour",
            routing="off", memory="off", guard="off", trace="off", tool_calling="native",
            roles=str(folder / "roles"), profiles=str(folder / "profiles"),
        )  # fmt: skip
        if clerk:
            async with Fleet.open(settings=settings, model=ByRole(base_url)) as fleet:
                yield fleet
        else:
            async with Fleet.open(settings=settings, tools=[weather]) as fleet:
                yield fleet


async def counted(once: Callable[[], Awaitable[object]]) -> float:
    """Return the function calls that doing something once takes, when it was done before."""
    for _ in range(COUNTED):
        await once()
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(COUNTED):
        await once()
    profile.disable()
    return float(pstats.Stats(profile).total_calls) / COUNTED  # type: ignore[attr-defined]


async def bare_turn(base_url: str) -> float:
    """Count what the bare client takes for a plain turn."""
    from openai import AsyncOpenAI  # noqa: PLC0415 - only here

    async with AsyncOpenAI(base_url=base_url, api_key="none") as client:
        return await counted(
            lambda: client.chat.completions.create(
                model="text", messages=[{"role": "system", "content": RULES}, {"role": "user", "content": QUESTION}]
            )
        )


async def calls(base_url: str) -> None:
    """Print the function calls of three kinds of turns."""
    print("\nfunction calls a turn (cProfile)\n")
    print(f"{'bare openai':<16}{await bare_turn(base_url):10,.0f}")
    numbers = itertools.count()
    for title, model in (("plain", "text"), ("with a tool", "tool"), ("hand-off", "hand")):
        async with plain_fleet(base_url, model, clerk=model == "hand") as fleet:

            async def once(fleet: Fleet = fleet) -> None:
                agent = await fleet.spawn("dispatcher", account=f"a{next(numbers)}")
                await agent.ask(QUESTION)

            print(f"{title:<16}{await counted(once):10,.0f}")


async def everything(base_url: str, turns: int) -> None:
    """Print what a turn costs with every stage on."""
    with tempfile.TemporaryDirectory(prefix="fleet-overhead-") as name:
        settings = Settings(
            model="text", base_url=base_url, api_key="none", embeddings="none", learning="rules", tool_calling="native",
            database=str(Path(name) / "fleet.db"), roles=str(Path(name) / "roles"),
        )  # fmt: skip
        clock = StageClock()
        async with Fleet.open(settings=settings, listen=clock) as fleet:
            first = datetime(2025, 1, 6, 9, tzinfo=UTC)
            await fleet.memory("acme").record_many(
                [
                    {"id": f"e{number}", "kind": "message", "author": "Ilse Okoye",
                     "text": SAID[number % len(SAID)].format(number=100 + number),
                     "at": first + timedelta(hours=20 * number)}
                    for number in range(EVENTS)
                ]
            )  # fmt: skip
            agent = await fleet.spawn("customer-success-manager", account="acme")
            for number in range(WARM_UP + turns):
                if number == WARM_UP:
                    clock.spent.clear()
                clock.begin()
                await agent.ask(ASKED[number % len(ASKED)], conversation=f"c{number // len(ASKED)}")
                clock.end()
    print(f"\neverything on, {EVENTS} events, CPU ms a turn, medians and means of {turns}\n")
    for name, figures in clock.spent.items():
        print(f"{name:<26}{median(figures):8.2f}{sum(figures) / len(figures):8.2f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the parts that were asked for."""
    parser = argparse.ArgumentParser(description="measure what the runtime itself costs")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--turns", type=int, default=40)
    given = parser.parse_args(arguments)
    with running() as base_url:
        for part in given.parts or PARTS:
            if part == "start":
                start(base_url, given.rounds)
            elif part == "calls":
                asyncio.run(calls(base_url))
            else:
                asyncio.run(everything(base_url, given.turns))


if __name__ == "__main__":
    main()
