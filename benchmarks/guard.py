"""Measure the reply guard on hand-labelled replies: how much it finds, how often it cries wolf, and what it costs.

Run: ``python benchmarks/guard.py [--data FOLDER] [--show]``. Each line of a file is one reply with its
evidence, what was done, and whether it is bad. A bad reply counts as found when the guard objects to a
sentence that holds one of its labelled claims (to anything in it, where no claim is labelled); a false alarm is
an objection to a good reply.

``dev*.jsonl`` are read while the guard is improved. What the guard misses in ``held_out*.jsonl`` is not
looked at; once it is, those replies belong to ``dev.jsonl`` and new ones must be written.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

from fleet_runtime.guarding import Evidence, Guard, Readings
from fleet_runtime.guarding.batches import GuardCase, is_hit, score
from fleet_runtime.records import Finding

DATA = Path(__file__).resolve().parent.parent / "tests" / "data" / "guard"
SAID_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LANE = "lane_"
Row = tuple["Labelled", tuple[Finding, ...]]
WORDS_OF_CONTRACT, WORDS_OF_REPLY, ROUNDS = 3000, 60, 50


class Labelled(GuardCase):
    """A labelled reply with its language and what is wrong with it."""

    why: str = ""
    language: str = "en"


def load(file: Path) -> tuple[Labelled, ...]:
    """Read one labelled file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return tuple(Labelled.model_validate_json(line) for line in lines if line.strip())


def measure(replies: Sequence[Labelled]) -> tuple[Row, ...]:
    """Ask the guard about every reply."""
    readings = Readings()
    return tuple(
        (reply, Guard(reply.as_evidence(), reply.said_at or SAID_AT, readings).check(reply.reply)) for reply in replies
    )


def main() -> None:
    """Print the figures of every file, by language and by kind."""
    parser = argparse.ArgumentParser(description="Measure the reply guard on labelled replies.")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with dev*.jsonl and held_out*.jsonl")
    parser.add_argument("--show", action="store_true", help="print the replies it judged wrongly in dev*.jsonl")
    options = parser.parse_args()
    for file in sorted(options.data.glob("*.jsonl")):
        if not file.name.startswith(LANE):
            _report(file, show=options.show and file.name.startswith("dev"))
    _cost()


def _report(file: Path, *, show: bool) -> None:
    """Print one file's figures."""
    replies = load(file)
    started = process_time()
    rows = measure(replies)
    each = 1000 * (process_time() - started) / max(len(rows), 1)
    print(f"{file.stem}: {_counts(rows)}, {each:.1f} ms a reply")
    languages = sorted({reply.language for reply, _ in rows})
    for language in languages if len(languages) > 1 else ():
        print(f"  {language}: {_counts([row for row in rows if row[0].language == language])}")
    for bad, name in ((True, "found"), (False, "alarmed")):
        kinds = score([row for row in rows if row[0].is_bad == bad]).by_kind
        print(f"  {name} by kind: {', '.join(f'{kind} {count}' for kind, count in kinds) or 'none'}")
    for reply, findings in rows if show else ():
        if reply.is_bad != (is_hit(reply, findings) if reply.is_bad else bool(findings)):
            print(f"  {'missed' if reply.is_bad else 'alarm'}: {reply.reply!r} ({reply.why})")
            for finding in findings:
                print(f"    {finding.kind}: {finding.text}")


def _counts(rows: Sequence[Row]) -> str:
    """Say recall and false alarms with their counts."""
    found = score(rows)
    return (
        f"found {found.found}/{found.bad} bad replies ({found.recall:.3f}), "
        f"false alarms {found.alarms}/{found.good} ({found.false_alarms:.3f})"
    )


def _cost() -> None:
    """Print what one check costs where the contract was read before and the rest of the evidence is new."""
    said = "The depot in hall {n} plans route {n} with driver group {n} and reports to the office by 6 pm each day. "
    contract = "".join(said.format(n=n) for n in range(WORDS_OF_CONTRACT // len(said.split())))
    reply = " ".join(
        ("Your seats are planned by route, and the depot in hall 12 reports by 6 pm each day. " * 4).split()[
            :WORDS_OF_REPLY
        ]
    )
    readings = Readings()
    times: list[float] = []
    for turn in range(ROUNDS + 1):
        evidence = Evidence(
            texts=(f"Customer: message {turn}", "The contract renews on 31 March 2027."), system=contract
        )
        started = process_time()
        Guard(evidence, SAID_AT, readings).check(reply)
        times.append(1000 * (process_time() - started))
    print(
        f"cost: {times[0]:.1f} ms CPU at first sight of a contract of {len(contract.split()):,} words, then "
        f"{sorted(times[1:])[ROUNDS // 2]:.2f} ms a reply of {len(reply.split())} words"
    )


if __name__ == "__main__":
    main()
