"""Does an account's memory know what is true, what was true then, what was believed then, who said so, what is open?

Feeds seeded histories (memory_histories.py) through the public SDK, without a model, and asks every account about
every key. ``--mode struct`` hands events over with their operations: storage and the two clocks alone are measured.
``--mode text`` withholds them: the memory must read.

    python benchmarks/memory_temporal.py [--mode text|struct] [--phrasings FILE] [--accounts N] [--seed N] [--json]
    python benchmarks/memory_temporal.py --bench DIR [--mode ...]    # another benchmark's scorer and its histories

``--misses`` prints what was asked, expected and got; use it on the dev phrasings only. In the table, false facts are
the learned statements that the event does not make, over all that were learned; a leak is a recalled item of another
account; erasure must leave no byte of the account's canary in any file. ``DIR`` holds ``score_temporal.py``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from memory_histories import QUARTER, START, History, HistoryMaker, Phrasings

from fleet_runtime.records import Event, Learned
from fleet_runtime.sync import Fleet

PHRASINGS = Path(__file__).resolve().parent.parent / "tests" / "data" / "memory" / "phrasings_dev.yaml"
MOMENTS = 3
PROBE = "What is the private reference of {name}?"
NEVER_TOLD = "csat"


class Marks:
    """Counts right answers by question."""

    def __init__(self) -> None:
        """Begin with none."""
        self._marks: dict[str, list[float]] = defaultdict(list)
        self.misses: list[str] = []

    def mark(self, question: str, right: float, miss: str = "") -> None:
        """Keep one mark (0..1), and what went wrong."""
        self._marks[question].append(right)
        if miss and right < 1:
            self.misses.append(f"{question}: {miss}")

    def means(self) -> dict[str, float]:
        """Return the mean mark of each question."""
        return {name: round(sum(marks) / len(marks), 4) for name, marks in self._marks.items()}


class Scorer:
    """Feeds histories to a fleet, asks it, and marks the answers."""

    def __init__(self, fleet: Fleet, histories: Sequence[History], *, seed: int) -> None:
        """Take the fleet and the histories; `score` does the rest."""
        self._fleet = fleet
        self._histories = histories
        self._rng = Random(seed)  # noqa: S311 - the same seed must ask the same questions
        self.marks = Marks()
        self._learned = self._false = 0

    def score(self, mode: str, files: Path) -> dict[str, Any]:
        """Feed, ask, erase; return the figures.

        Args:
            mode: "text" or "struct".
            files: The folder that holds the fleet's files.
        """
        started = time.perf_counter()
        for history in self._histories:
            self._feed(history, mode)
        seconds = time.perf_counter() - started
        for number, history in enumerate(self._histories):
            self._ask_values(history)
            self._ask_lists(history)
            self._probe(history, self._histories[number - 1])
        events = sum(len(history.events) for history in self._histories)
        return {
            "mode": mode,
            "accounts": len(self._histories),
            "events": events,
            "events_per_s": round(events / seconds),
            **self.marks.means(),
            "learned_facts": self._learned,
            "false_facts": round(self._false / max(self._learned, 1), 4),
            "erasure": self._erase(self._histories[0], files),
        }

    def _feed(self, history: History, mode: str) -> None:
        """Record one history, and judge what each of its events taught."""
        given = history.events if mode == "struct" else [unread(event) for event in history.events]
        learned: Learned = self._fleet.memory(history.name).record_many(given)
        for event in history.events:
            self._judge(event, {(row.key, row.value) for row in learned.news if row.event_id == event.id})

    def _judge(self, event: Event, got: set[tuple[str, str | None]]) -> None:
        """Count what one event taught that it does not say."""
        said = {(one.key, one.value) for one in event.operations or () if one.key}
        self._learned += len(got)
        self._false += len(got - said)
        self.marks.misses.extend(f"false: {key} = {value} from {event.text!r}" for key, value in got - said)
        self.marks.misses.extend(f"missed: {key} = {value} in {event.text!r}" for key, value in said - got)

    def _ask_values(self, history: History) -> None:
        """Ask for every key: today, on days of the past, as it was believed then, and who said so."""
        end = history.events[-1].at
        moments = [START + timedelta(days=self._rng.uniform(40, (end - START).days)) for _ in range(MOMENTS)]
        keys = sorted({one.key for event in history.events for one in event.operations or () if one.key})
        today = self._held(history.name)
        for key in keys:
            span = history.value(key, end + timedelta(days=1))
            row = today.get(key)
            gold, got = span.value if span else None, row.value if row else None
            self.marks.mark("current", same(got, gold), f"{history.name} {key}: {gold!r}, got {got!r}")
            former = {one.value for one in history.spans(key)}
            self.marks.mark("stale", not same(got, gold) and got in former)
            if span is not None:
                source = (span.told.id, span.told.author, span.told.at)
                self.marks.mark("provenance", row is not None and (row.event_id, row.author, row.at) == source)
        for moment in moments:
            then, believed = self._held(history.name, moment), self._held(history.name, moment, moment)
            for key in keys:
                for question, held, span in (
                    ("as_of", then, history.value(key, moment)),
                    ("as_known", believed, history.value(key, moment, moment)),
                ):
                    gold, got = span.value if span else None, held[key].value if key in held else None
                    text = f"{history.name} {key} on {moment:%Y-%m-%d}: {gold!r}, got {got!r}"
                    self.marks.mark(question, same(got, gold), text)

    def _held(self, name: str, as_of: datetime | None = None, known_at: datetime | None = None) -> dict[str, Any]:
        """Return the fact of each key; the newest where several hold."""
        return {row.key: row for row in self._fleet.memory(name).facts(as_of=as_of, known_at=known_at)}

    def _ask_lists(self, history: History) -> None:
        """Ask for the open commitments, and for what changed since the last review but one."""
        memory = self._fleet.memory(history.name)
        wanted, got = history.open_tasks(), {one.task.lower() for one in memory.commitments()}
        text = f"{history.name}: missing {sorted(wanted - got)}, too many {sorted(got - wanted)}"
        for name, value in zip(("P", "R", "F1"), overlap(got, {task.lower() for task in wanted}), strict=True):
            self.marks.mark(f"commitments {name}", value, text if name == "F1" else "")
        since = history.reviews[-2]
        changed = {change.key for change in memory.changes(since)}
        self.marks.mark("changes F1", overlap(changed, history.touched(since))[2])

    def _probe(self, history: History, other: History) -> None:
        """Ask for another account's secret, and for what was never told."""
        memory, own = self._fleet.memory(history.name), {event.id for event in history.events}
        items = memory.recall(PROBE.format(name=other.name))
        foreign = [item for item in items if item.event_id not in own or other.canary in item.text]
        self.marks.mark("leaks", bool(foreign))
        self.marks.mark("abstain", all(row.key != NEVER_TOLD for row in memory.facts()))

    def _erase(self, history: History, files: Path) -> dict[str, Any]:
        """Erase one account; look for its canary in every file."""
        memory = self._fleet.memory(history.name)
        before = holding(files, history.canary)
        started = time.perf_counter()
        receipt = memory.erase()
        return {
            "ms": round(1000 * (time.perf_counter() - started), 1),
            "rows": sum(receipt.counts.values()),
            "files_with_canary_before": before,
            "files_with_canary_after": holding(files, history.canary),
            "still_answers": bool(memory.facts() or memory.commitments() or memory.recall("reference renewal seats")),
        }


class Adapter:
    """The memory as another benchmark's contract asks for it: plain mappings, times as ISO texts."""

    def __init__(self, fleet: Fleet, files: Path) -> None:
        """Take an open fleet and the folder of its files."""
        self._fleet = fleet
        self._files = files

    def remember(self, account: str, event: dict[str, Any]) -> None:
        """Take in one event."""
        self._fleet.memory(account).record(
            {
                "id": event["id"],
                "at": event["ts"],
                "kind": event["kind"],
                "author": event["author"],
                "text": event["text"],
                "operations": event.get("ops"),
            }
        )

    def recall(self, account: str, question: str, as_of: str | None = None) -> list[dict[str, str]]:
        """Return what bears on a question."""
        found = self._fleet.memory(account).recall(question, as_of=moment_of(as_of))
        return [{"text": one.text, "src": one.event_id, "valid_from": minute(one.valid_from)} for one in found]

    def facts(self, account: str, as_of: str | None = None, known_at: str | None = None) -> list[dict[str, str]]:
        """Return the facts that hold at a moment, as believed at another."""
        rows = self._fleet.memory(account).facts(as_of=moment_of(as_of), known_at=moment_of(known_at))
        return [
            {"key": row.key, "value": row.value, "src": row.event_id, "author": row.author, "ts": minute(row.at)}
            for row in rows
        ]

    def commitments(self, account: str) -> list[dict[str, str]]:
        """Return the open commitments."""
        return [{"task": one.task} for one in self._fleet.memory(account).commitments()]

    def changes(self, account: str, since: str) -> list[dict[str, str]]:
        """Return the keys that changed."""
        return [{"key": one.key} for one in self._fleet.memory(account).changes(moment_of(since))]

    def forget(self, account: str) -> None:
        """Erase an account."""
        self._fleet.memory(account).erase()

    def storage_paths(self) -> Iterator[Path]:
        """Yield every file that may hold account data."""
        yield from (path for path in self._files.rglob("*") if path.is_file())


def unread(event: Event) -> Event:
    """Return an event without its operations."""
    return event.model_copy(update={"operations": None})


def same(one: str | None, other: str | None) -> bool:
    """Tell whether two values are the same text, regardless of case."""
    return one is other if one is None or other is None else one.casefold() == other.casefold()


def overlap(got: set[str], wanted: set[str]) -> tuple[float, float, float]:
    """Return precision, recall and F1; nothing for nothing is perfect."""
    hit = len(got & wanted)
    precision = hit / len(got) if got else float(not wanted)
    recall = hit / len(wanted) if wanted else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall) if hit or not (got or wanted) else 0.0


def holding(files: Path, word: str) -> int:
    """Count the files that hold a word."""
    return sum(word.encode() in path.read_bytes() for path in files.rglob("*") if path.is_file())


def moment_of(text: str | None) -> datetime | None:
    """Read a time as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def minute(moment: datetime) -> str:
    """Write a time to the minute, without its zone."""
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")


def run_own(given: argparse.Namespace, files: Path) -> None:
    """Score our own histories, and print the figures."""
    maker = HistoryMaker(Phrasings.load(given.phrasings), accounts=given.accounts, seed=given.seed)
    now = START + QUARTER * 9
    with Fleet.open(database=files / "fleet.db", model=None, clock=lambda: now) as fleet:
        scorer = Scorer(fleet, maker.histories(), seed=given.seed)
        figures = scorer.score(given.mode, files)
    if given.misses:
        print("\n".join(scorer.marks.misses))
        print(Counter(miss.split(":")[0] for miss in scorer.marks.misses))
    print(json.dumps(figures, indent=2) if given.json else "\n".join(f"{k:<16} {v}" for k, v in figures.items()))


def run_other(given: argparse.Namespace, files: Path) -> None:
    """Let another benchmark's scorer score the memory through its contract, and print its report."""
    sys.path.insert(0, str(given.bench.resolve()))
    temporal, scoring = importlib.import_module("temporal"), importlib.import_module("score_temporal")
    histories = importlib.import_module("histories")
    benchmark = temporal.make(histories.Shape(accounts=given.accounts, seed=given.seed))
    with Fleet.open(database=files / "fleet.db", model=None) as fleet:
        report = scoring.TemporalScorer(Adapter(fleet, files), benchmark).score(given.mode)
    if given.json:
        print(json.dumps(report, indent=2))
    else:
        scoring.print_report(report)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--mode", choices=["text", "struct"], default="text")
    parser.add_argument("--phrasings", type=Path, default=PHRASINGS)
    parser.add_argument("--bench", type=Path, help="folder of another benchmark with a score_temporal.py")
    parser.add_argument("--accounts", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--embeddings", choices=["none", "auto"], default="none", help="how recall compares meanings")
    parser.add_argument("--misses", action="store_true", help="print what went wrong")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    os.environ["FLEET_EMBEDDINGS"] = given.embeddings
    with tempfile.TemporaryDirectory(prefix="fleet-temporal-") as name:
        (run_other if given.bench else run_own)(given, Path(name))


if __name__ == "__main__":
    main()
