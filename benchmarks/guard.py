"""Measure the reply guard on hand-labelled replies: how much it finds, and how often it cries wolf.

Run: ``python benchmarks/guard.py [--data FOLDER] [--show]``. Each line of ``dev.jsonl`` and
``held_out.jsonl`` is one reply with its evidence, what was done, and whether it is bad. A bad reply
counts as found when the guard objects to anything in it; a false alarm is an objection to a good one.

``dev.jsonl`` is read while the guard is improved. What the guard misses in ``held_out.jsonl`` is not
looked at; once it is, those replies belong to ``dev.jsonl`` and new ones must be written.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from fleet_runtime.contracts import Value
from fleet_runtime.guarding import Evidence, check
from fleet_runtime.records import Finding

DATA = Path(__file__).resolve().parent.parent / "tests" / "data" / "guard"
SAID_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Labelled(Value):
    """One labelled reply."""

    reply: str
    evidence: tuple[str, ...]
    done: tuple[str, ...]
    bad: bool
    why: str

    def findings(self) -> tuple[Finding, ...]:
        """Ask the guard."""
        return check(self.reply, Evidence(texts=self.evidence, done=self.done), said_at=SAID_AT)


class Outcome(Value):
    """What was counted over one file."""

    bad: int
    found: int
    good: int
    alarms: int

    @property
    def recall(self) -> float:
        """Give the share of bad replies that were found."""
        return self.found / self.bad if self.bad else 1.0

    @property
    def false_alarms(self) -> float:
        """Give the share of good replies that were objected to."""
        return self.alarms / self.good if self.good else 0.0


def load(file: Path) -> tuple[Labelled, ...]:
    """Read one labelled file."""
    return tuple(Labelled.model_validate(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines())


def measure(replies: Sequence[Labelled]) -> Outcome:
    """Count what the guard finds and what it should have left alone."""
    objected = [(reply.bad, bool(reply.findings())) for reply in replies]
    return Outcome(
        bad=sum(bad for bad, _ in objected),
        found=sum(bad and found for bad, found in objected),
        good=sum(not bad for bad, _ in objected),
        alarms=sum(found and not bad for bad, found in objected),
    )


def main() -> None:
    """Print both figures for both files."""
    parser = argparse.ArgumentParser(description="Measure the reply guard on labelled replies.")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with dev.jsonl and held_out.jsonl")
    parser.add_argument("--show", action="store_true", help="print the replies it judged wrongly in dev.jsonl")
    options = parser.parse_args()
    for name in ("dev", "held_out"):
        replies = load(options.data / f"{name}.jsonl")
        started = perf_counter()
        outcome = measure(replies)
        each = 1000 * (perf_counter() - started) / max(len(replies), 1)
        print(
            f"{name}: found {outcome.found}/{outcome.bad} bad replies ({outcome.recall:.3f}), "
            f"false alarms {outcome.alarms}/{outcome.good} ({outcome.false_alarms:.3f}), {each:.1f} ms a reply"
        )
        if options.show and name == "dev":
            _show(replies)


def _show(replies: Sequence[Labelled]) -> None:
    """Print what was judged wrongly."""
    for reply in replies:
        findings = reply.findings()
        if bool(findings) != reply.bad:
            print(f"  {'missed' if reply.bad else 'alarm'}: {reply.reply!r} ({reply.why})")
            for finding in findings:
                print(f"    {finding.kind}: {finding.text}")


if __name__ == "__main__":
    main()
