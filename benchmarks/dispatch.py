"""Measure the dispatcher on labelled messages: accuracy per kind with 95 % intervals, and CPU time per decision.

Run: ``python benchmarks/dispatch.py [--data FILE ...] [--roles FOLDER] [--profile ID] [--words-only] [--show]``.
Each line of a data file has ``id, text, active_role, expected[], kind`` and, where it matters, ``verdict`` and
``history``. Without ``--data`` the committed customer desk is measured: ``dev`` made the weights, ``held_out`` did not.
The second table goes by words alone, as without the ``local`` extra.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import process_time

from fleet_runtime.contracts import Staff, Value
from fleet_runtime.decisions import Decision, Verdict
from fleet_runtime.documents import layers, load_profile, load_roles, staff
from fleet_runtime.embedding import load_embedder
from fleet_runtime.ports import Embedder
from fleet_runtime.routing import RouteQuery, RoutingIndex, VectorTable, build_index, route
from fleet_runtime.settings import Settings
from fleet_runtime.weights import cache_folder

DATA = Path(__file__).resolve().parent.parent / "tests" / "data" / "routing"
DESK = "customer-success-manager"
REDIRECTS = frozenset({"ticket", "commercial", "contract", "feature"})
OWN = frozenset({"own", "follow_up", "small_talk"})
Z = 1.96  # two-sided 95 %


class Message(Value):
    """One labelled message. ``expected`` are the classes that count as right, or ``none``."""

    id: str
    text: str
    active_role: str | None
    expected: tuple[str, ...]
    kind: str
    verdict: Verdict | None = None
    history: tuple[str, ...] = ()

    def query(self) -> RouteQuery:
        """Ask the dispatcher about it."""
        return RouteQuery(text=self.text, active_role=self.active_role, history=self.history)

    def is_right(self, decision: Decision) -> bool:
        """Say whether the decision is one that the label allows; declining is right only where it is asked for."""
        if self.verdict == "decline" or decision.verdict == "decline":
            return self.verdict == decision.verdict
        return (decision.choice or "none") in self.expected


def load(file: Path) -> tuple[Message, ...]:
    """Read one labelled file."""
    return tuple(Message.model_validate(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())


def load_staff(folder: Path | None, profile: str) -> Staff:
    """Staff the profile from the shipped roles, or all roles of a folder with the first as lead."""
    if folder is None:
        return staff(load_roles(layers("roles", None)), load_profile(profile, layers("profiles", None)))
    roles = tuple(load_roles([folder]).values())
    return Staff(roles=roles, lead=roles[0].role_class)


def interval(right: int, of: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    share = right / of
    middle = share + Z * Z / (2 * of)
    spread = Z * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    scale = 1 + Z * Z / of
    return (middle - spread) / scale, (middle + spread) / scale


def line(name: str, judged: Sequence[bool]) -> str:
    """Return one row: how many are right, and between what the true share probably lies."""
    low, high = interval(sum(judged), len(judged))
    return f"  {name:<18}{sum(judged) / len(judged):6.3f}  [{low:.3f}, {high:.3f}]  n={len(judged)}"


def rows(messages: Sequence[Message], judged: Sequence[bool]) -> Iterable[str]:
    """Give the table of one run."""
    pairs = list(zip(messages, judged, strict=True))
    for kind in dict.fromkeys(message.kind for message in messages):
        yield line(kind, [right for message, right in pairs if message.kind == kind])
    yield line("all", judged)
    for name, kinds in (("redirects found", REDIRECTS), ("own kept", OWN)):
        desk = [right for message, right in pairs if message.active_role == DESK and message.kind in kinds]
        if desk:
            yield line(name, desk)


async def decide(
    messages: Sequence[Message], index: RoutingIndex, embedder: Embedder | None
) -> tuple[list[Decision], list[float]]:
    """Decide all messages; the times are CPU milliseconds per decision, the message's own embedding included."""
    vectors = VectorTable(await embedder.embed(index.texts())) if embedder else None
    decisions: list[Decision] = []
    times: list[float] = []
    for message in messages:
        began = process_time()
        query = message.query()
        if embedder:
            query = query.model_copy(update={"message_vectors": tuple(await embedder.embed(query.texts()))})
        decisions.append(route(query, index, vectors=vectors, decision_id=message.id))
        times.append(1000 * (process_time() - began))
    return decisions, sorted(times)


async def measure(files: Sequence[Path], crew: Staff, embedder: Embedder | None, *, show: bool) -> None:
    """Print one table per file."""
    index = build_index(crew)
    for file in files:
        messages = load(file)
        decisions, times = await decide(messages, index, embedder)
        judged = [message.is_right(decision) for message, decision in zip(messages, decisions, strict=True)]
        print(f"{file.name}, {'words and meaning' if embedder else 'words only'}, {len(crew.roles)} roles")
        print(*rows(messages, judged), sep="\n")
        print(f"  CPU ms a decision: p50 {times[len(times) // 2]:.1f}, p95 {times[len(times) * 95 // 100]:.1f}\n")
        for message, decision, right in zip(messages, decisions, judged, strict=True):
            if show and not right:
                print(f"  {message.kind}: {decision.verdict} {decision.choice}: {decision.reason}")


async def main() -> None:
    """Read the arguments and print the tables."""
    parser = argparse.ArgumentParser(description="Measure the dispatcher on labelled messages.")
    parser.add_argument("--data", type=Path, nargs="+", help="labelled files (default: the committed customer desk)")
    parser.add_argument("--roles", type=Path, help="folder of roles, all of them staffed (default: the shipped ones)")
    parser.add_argument("--profile", default="customer", help="profile that staffs the shipped roles")
    parser.add_argument("--words-only", action="store_true", help="leave the embeddings out")
    parser.add_argument("--show", action="store_true", help="print the messages it decided wrongly")
    options = parser.parse_args()
    files = options.data or [DATA / "customer_desk_dev.jsonl", DATA / "customer_desk_held_out.jsonl"]
    crew = load_staff(options.roles, options.profile)
    embedder = None if options.words_only else await load_embedder(Settings(), cache_folder(os.environ))
    if embedder:
        await measure(files, crew, embedder, show=options.show)
    await measure(files, crew, None, show=options.show)


if __name__ == "__main__":
    asyncio.run(main())
