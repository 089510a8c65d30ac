"""How fast and how large is account memory at scale? Prints ingest, bytes and recall's CPU time.

Events of many accounts are made by a seeded generator (facts, promises, rumours, small talk; a few accounts are large
and most small), recorded through `Fleet.record_many`, and asked for through `AccountMemory.recall`. Vectors of a
million events take hours to make, so with ``--vectors`` a stand-in encoder of the same width (hashed words) fills and
asks them; what one real question costs to embed is measured apart, where the encoder is installed.

Run: ``python benchmarks/memory_scale.py [--events 1000000 --accounts 10000 | --one 100000] [--vectors] [--json]``
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import math
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from statistics import quantiles
from typing import Any

from fleet_runtime import Fleet, Settings
from fleet_runtime.embedding import load_embedder
from fleet_runtime.ports import Vector
from fleet_runtime.runtime.account_memory import AccountMemory
from fleet_runtime.weights import cache_folder

START = datetime(2024, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=730)
SKEW = 0.6
FACTS, PROMISES, RUMOURS = 0.6, 0.75, 0.85  # upper edges of their shares
FIRST = ("Mara", "Ilse", "Tomas", "Keiko", "Bram", "Noor", "Pavel", "Ines", "Yusuf", "Linh", "Otto", "Ama")
LAST = ("Voss", "Okoye", "Sandoval", "Brandt", "Ferreira", "Lindahl", "Haruno", "Bianchi", "Demir", "Novotny")
PLANS = ("Starter", "Growth", "Business", "Enterprise")
TASKS = ("send the security answers", "share the roadmap", "book the admin training", "draft the renewal offer")
CHATTER = (
    "We looked at the new filters together.",
    "They liked last week's webinar on templates.",
    "The import ticket was closed by support.",
    "Nothing else to report from the call.",
    "Their office moves to another floor in spring.",
)
QUESTIONS = (
    "When does the contract renew?",
    "How many seats do they have?",
    "Who is our champion?",
    "What plan are they on?",
    "What did we promise to send them?",
    "What did they say about the webinar?",
    "Who is the executive sponsor there?",
    "Is anything open about the security answers?",
)


class StandIn:
    """An encoder that hashes words into 384 numbers: as wide as the real one, and it means nothing."""

    name = "hashed-words-384"

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return one unit vector per text."""
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> Vector:
        """Add up the signs of each word's hash."""
        total = [0.0] * 384
        for word in set(text.lower().split()):
            bits = int.from_bytes(hashlib.sha384(word.encode()).digest(), "big")
            for place in range(384):
                total[place] += 1.0 if bits >> place & 1 else -1.0
        length = math.sqrt(sum(number * number for number in total)) or 1.0
        return [number / length for number in total]


def said(rng: random.Random, at: datetime, author: str) -> tuple[str, list[dict[str, Any]]]:
    """Say one thing, with what it means."""
    share, day = rng.random(), at + timedelta(days=rng.randint(7, 400))
    person = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    facts = (
        ("renewal_date", f"{day:%Y-%m-%d}", f"The contract now renews on {day.day} {day:%B %Y}."),
        ("seats", str(rng.randrange(20, 900, 5)), "They are on {v} seats since the true-up."),
        ("champion", person, "{v} is the champion on the account."),
        ("exec_sponsor", person, "{v} took over as executive sponsor."),
        ("plan", rng.choice(PLANS), "They moved to the {v} plan."),
        ("health_score", str(rng.randint(20, 98)), "The health score is {v} this week."),
    )
    if share < FACTS:
        key, value, text = rng.choice(facts)
        return text.replace("{v}", value), [{"op": "set", "key": key, "value": value, "valid_from": at}]
    if share < PROMISES:
        task = rng.choice(TASKS)
        return f"{author} promised to {task} by {day.day} {day:%B}.", [
            {"op": "commit", "task": task, "owner": author, "due": f"{day:%Y-%m-%d}"}
        ]
    if share < RUMOURS:
        return f"There is talk of {rng.randrange(20, 900, 5)} seats next year, nothing is decided.", []
    return rng.choice(CHATTER), []


def stream(events: int, accounts: int, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Make (account, event) pairs in the order of their time; account n gets a share like 1 / (n + 1) ** 0.6."""
    rng = random.Random(seed)  # noqa: S311 - a benchmark is repeatable
    weights = list(accumulate((number + 1) ** -SKEW for number in range(accounts)))
    owners = range(accounts)
    for number in range(events):
        at = START + SPAN * (number / events)
        author = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
        text, operations = said(rng, at, author)
        more = " ".join([text, *rng.choices(CHATTER, k=rng.choice((0, 0, 1, 2)))])
        owner = rng.choices(owners, cum_weights=weights)[0]
        kind = rng.choice(("call", "email", "note"))
        yield f"account-{owner}", {
            "id": f"e{number:07d}", "at": at, "kind": kind, "author": author, "text": more, "operations": operations,
        }  # fmt: skip


def spread(samples: Sequence[float]) -> dict[str, float]:
    """Return median, 95th percentile and greatest of milliseconds."""
    cuts = quantiles(samples, n=20)
    return {"p50": round(cuts[9], 2), "p95": round(cuts[18], 2), "max": round(max(samples), 2)}


async def asked(memories: Sequence[AccountMemory], questions: Sequence[str]) -> dict[str, dict[str, float]]:
    """Ask each memory its question once; return milliseconds of CPU and of wall time."""
    cpu: list[float] = []
    wall: list[float] = []
    for memory, question in zip(memories, questions, strict=True):
        begun, spent = time.perf_counter(), time.process_time()
        await memory.recall(question)
        cpu.append(1000 * (time.process_time() - spent))
        wall.append(1000 * (time.perf_counter() - begun))
    return {"cpu_ms": spread(cpu), "wall_ms": spread(wall)}


def size_of(folder: Path) -> int:
    """Return the bytes of a folder's files."""
    return sum(file.stat().st_size for file in folder.iterdir())


async def embedding_cost() -> dict[str, float] | str:
    """Return the milliseconds of CPU that one real question takes to embed."""
    embedder = await load_embedder(Settings(embeddings="auto"), cache_folder({}))
    if embedder is None:
        return "no encoder installed"
    samples: list[float] = []
    for question in QUESTIONS * 10:
        spent = time.process_time()
        await embedder.embed([question])
        samples.append(1000 * (time.process_time() - spent))
    return spread(samples)


async def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Record, then ask."""
    events, accounts = (arguments.one, 1) if arguments.one else (arguments.events, arguments.accounts)
    rng = random.Random(arguments.seed + 1)  # noqa: S311 - as above
    settings = Settings(model="none", embeddings="none", database=str(folder / "fleet.db"))
    report: dict[str, Any] = {"events": events, "accounts": accounts}
    async with Fleet.open(settings=settings, resume=False) as fleet:
        making = time.process_time()
        given = list(stream(events, accounts, arguments.seed))
        report["making_s"] = round(time.process_time() - making, 1)
        begun, spent = time.perf_counter(), time.process_time()
        new = await fleet.record_many(given)
        wall, cpu = time.perf_counter() - begun, time.process_time() - spent
        report["ingest"] = {"new": new, "per_s": round(new / wall), "per_cpu_s": round(new / cpu)}
    async with Fleet.open(settings=settings, resume=False) as fleet:
        if arguments.vectors:
            fleet._assembly.indexes._embedder = StandIn()  # noqa: SLF001 - a stand-in is no setting
            await fleet.embed_memory()
        weights = list(accumulate((number + 1) ** -SKEW for number in range(accounts)))
        owners = [
            rng.choices(range(accounts), cum_weights=weights if turn % 2 else None)[0]
            for turn in range(arguments.queries)
        ]
        memories = [fleet.memory(f"account-{owner}") for owner in owners]
        questions = [rng.choice(QUESTIONS) for _ in owners]
        await fleet.memory("nobody").recall("What loads once?")
        if arguments.one:
            report["cold"] = await asked(memories[:2], questions[:2])
        report["recall"] = await asked(memories, questions)
    report["bytes_per_event"] = round(size_of(folder) / events, 1)
    report["embedding_a_question_cpu_ms"] = await embedding_cost()
    return report


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Time account memory at scale.")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--one", type=int, default=0, metavar="EVENTS", help="one account with so many events instead")
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--vectors", action="store_true", help="with vectors of a stand-in encoder")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(measure(arguments, Path(folder)))
    if arguments.json:
        print(json.dumps(report, indent=2))
        return
    for name, value in report.items():
        print(f"{name:28} {value}")


if __name__ == "__main__":
    main()
