"""What a decision costs: CPU time of embedding and of deciding, memory, and how both grow with the staff.

Run: ``python benchmarks/dispatch_cost.py [--roles 1000] [--words-only] [--folder FOLDER] [--profile ID] [--data FILE]``
prints one line of JSON about this very process; ``dispatch.py`` starts one such process for every row it prints, so
that no row carries the memory of another. ``--slowest`` prints the functions that take the time instead.

A staff of a given size is the shipped roles, and beyond them synthetic ones: the words of the shipped contracts, mixed
at random with a fixed seed, six passages a role. Their vectors are random directions: embedding 60,000 texts would
take minutes and change no cost. Routing accuracy at these sizes is not measured.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import random
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import Any

from dispatch_data import DATA, Message, load, load_staff

from fleet_runtime.contracts import Boundary, MandateItem, Role, Staff, Value
from fleet_runtime.embedding import load_embedder
from fleet_runtime.lexical import words
from fleet_runtime.ports import Embedder
from fleet_runtime.routing import RoutingIndex, VectorTable, build_index, route
from fleet_runtime.settings import Settings
from fleet_runtime.vector_cache import VectorCache
from fleet_runtime.weights import cache_folder

SYNTHETIC = "synthetic"
MANDATES = 3
BOUNDARIES = 2
DIMENSIONS = 384
WARM_UP = 3
SHOWN = 25
MEGABYTE = 1_000_000


class Cost(Value):
    """What one process measured. Times are CPU milliseconds a decision, memory is in MB, building in CPU seconds."""

    roles: int
    passages: int
    with_vectors: bool
    decisions: int
    embedding: tuple[float, float]
    deciding: tuple[float, float]
    together: tuple[float, float]
    building: float
    first: float
    added: float
    peak: float

    def line(self) -> str:
        """Return one row of the table of costs."""
        return (
            f"  {self.roles:>6} roles {self.passages:>6} passages {'meaning' if self.with_vectors else 'words':<8}"
            f"{_pair(self.together)}{_pair(self.embedding)}{_pair(self.deciding)}"
            f"{self.building:>9.2f}{self.first:>9.2f}{self.added:>8.0f}{self.peak:>8.0f}"
        )


HEADING = (
    f"  {'CPU ms a decision, p50 and p95:':<42}{'together':>16}{'embedding':>16}{'deciding':>16}"
    f"{'build s':>9}{'first s':>9}{'MB':>8}{'peak':>8}"
)


def _pair(times: tuple[float, float]) -> str:
    """Write the median and the 95th percentile."""
    return f"{times[0]:>8.1f}{times[1]:>8.1f}"


def middle_and_high(times: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile of some times (the upper of two where it falls between)."""
    ordered = sorted(times)
    return round(ordered[len(ordered) // 2], 2), round(ordered[len(ordered) * 95 // 100], 2)


def resident() -> float:
    """Return how many MB of memory this process holds now (at its peak, where the system does not tell)."""
    file = Path("/proc/self/statm")
    if file.exists():
        return int(file.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE
    return peak()


def peak() -> float:
    """Return how many MB this process held at most; macOS counts bytes, others kilobytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / MEGABYTE if sys.platform == "darwin" else most * 1024 / MEGABYTE


def grown(real: Staff, size: int) -> Staff:
    """Return the first ``size`` of the real roles, or all of them and as many synthetic ones as are missing."""
    if size <= len(real.roles):
        return real.model_copy(update={"roles": real.roles[:size]})
    chance = random.Random(size)  # noqa: S311 - no secret
    vocabulary = sorted({word for role in real.roles for item in role.mandate for word in words(str(item))})
    names = [f"synthetic-{number:05}" for number in range(size - len(real.roles))]
    made = tuple(_synthetic(name, names, vocabulary, chance) for name in names)
    return real.model_copy(update={"roles": (*real.roles, *made)})


def _synthetic(name: str, others: Sequence[str], vocabulary: Sequence[str], chance: random.Random) -> Role:
    """Make a role of a summary, three mandates, and two boundaries that name other synthetic roles."""

    def sentence() -> str:
        return " ".join(chance.choices(vocabulary, k=14))

    def boundary() -> Boundary:
        refused = sentence()
        return Boundary(text=f"Does NOT {refused}", refuses=refused, owners=(chance.choice(others),))

    return Role(
        role_class=name,
        title=name,
        domain=SYNTHETIC,
        summary=sentence(),
        mandate=tuple(MandateItem(title=sentence(), text="") for _ in range(MANDATES)),
        boundaries=tuple(boundary() for _ in range(BOUNDARIES)),
        content_hash=name,
    )


async def vectors_for(index: RoutingIndex, staff: Staff, embedder: Embedder) -> VectorTable:
    """Embed the texts that are real, and give every synthetic one a random direction."""
    import numpy as np  # noqa: PLC0415 - what it takes is part of what is measured

    made = {text for role in staff.roles if role.domain == SYNTHETIC for text in _texts(role)}
    texts = index.texts()
    real = [number for number, text in enumerate(texts) if text not in made]
    rows: Any = np.random.default_rng(7).standard_normal((len(texts), DIMENSIONS), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[real] = await embedder.embed([texts[number] for number in real])
    return VectorTable(rows, encoder=embedder.name)


def _texts(role: Role) -> tuple[str, ...]:
    """Return the texts of a synthetic role."""
    return (role.summary, *map(str, role.mandate), *(boundary.refuses for boundary in role.boundaries))


async def measure(
    real: Staff, size: int, messages: Sequence[Message], *, words_only: bool, profile: cProfile.Profile | None = None
) -> Cost:
    """Measure this process: the messages are decided one after the other, some before the counting begins.

    ``profile`` watches the decisions that are counted, and makes them slower.
    """
    staff = grown(real, size)
    before = resident()
    embedder = None if words_only else await load_embedder(Settings(), cache_folder(os.environ))
    begun = process_time()
    index = build_index(staff)
    building = process_time() - begun
    cached = VectorCache(embedder, cache_folder(os.environ)) if embedder else None
    vectors = await vectors_for(index, staff, cached) if cached else None
    embedding: list[float] = []
    deciding: list[float] = []
    first = 0.0
    for number, message in enumerate([*messages[:WARM_UP], *messages]):
        began = process_time()
        query = message.query()
        if embedder:
            query = query.model_copy(update={"message_vectors": tuple(await embedder.embed(query.texts()))})
        embedded = process_time()
        if profile and number >= WARM_UP:
            profile.enable()
        route(query, index, vectors=vectors, decision_id=message.id)
        if profile:
            profile.disable()
        embedding.append(1000 * (embedded - began))
        deciding.append(1000 * (process_time() - embedded))
        first = first or deciding[0] / 1000
    return Cost(
        roles=len(staff.roles),
        passages=len(index.texts()),
        with_vectors=embedder is not None,
        decisions=len(messages),
        embedding=middle_and_high(embedding[WARM_UP:]),
        deciding=middle_and_high(deciding[WARM_UP:]),
        together=middle_and_high([one + two for one, two in zip(embedding, deciding, strict=True)][WARM_UP:]),
        building=round(building, 3),
        first=round(first, 3),
        added=round(resident() - before, 1),
        peak=round(peak(), 1),
    )


def in_own_process(arguments: Sequence[str]) -> Cost:
    """Measure in a fresh process.

    Raises: SystemExit with what it complained of, if it failed.
    """
    command = [sys.executable, str(Path(__file__).resolve()), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return Cost.model_validate_json(done.stdout)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure this process, and print the figures as JSON or the functions that took the time."""
    parser = argparse.ArgumentParser(description="Measure what a decision costs in this process.")
    parser.add_argument("--roles", type=int, help="how many roles (default: as many as are staffed)")
    parser.add_argument("--folder", type=Path, help="folder of roles (default: the shipped ones)")
    parser.add_argument("--profile", default="customer", help="profile that staffs the shipped roles")
    parser.add_argument("--data", type=Path, default=DATA / "customer_desk_dev.jsonl", help="messages to decide")
    parser.add_argument("--count", type=int, default=100, help="how many of the messages")
    parser.add_argument("--words-only", action="store_true", help="leave the embeddings out")
    parser.add_argument("--slowest", action="store_true", help="print the slowest functions")
    options = parser.parse_args(arguments)
    real = load_staff(options.folder, options.profile)
    known = load(options.data)
    messages = random.Random(3).sample(known, min(options.count, len(known)))  # noqa: S311 - no secret
    watch = cProfile.Profile() if options.slowest else None
    work = measure(real, options.roles or len(real.roles), messages, words_only=options.words_only, profile=watch)
    cost = asyncio.run(work)
    if watch:
        pstats.Stats(watch).strip_dirs().sort_stats("tottime").print_stats(SHOWN)
        print(HEADING, cost.line(), sep="\n")
    else:
        print(json.dumps(cost.model_dump()))


if __name__ == "__main__":
    main()
