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
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import NamedTuple

from pydantic import Field

from fleet_runtime.contracts import Value
from fleet_runtime.guarding import Evidence, Guard, Readings
from fleet_runtime.records import Finding

DATA = Path(__file__).resolve().parent.parent / "tests" / "data" / "guard"
SAID_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LANE = "lane_"
WORDS_OF_CONTRACT, WORDS_OF_REPLY, ROUNDS = 3000, 60, 50


class Labelled(Value):
    """One labelled reply."""

    reply: str
    evidence: tuple[str, ...]
    done: tuple[str, ...]
    bad: bool
    why: str = ""
    language: str = "en"
    claims: tuple[str, ...] = ()
    said_at: datetime = SAID_AT
    foreign: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    system: str = ""
    id: str = Field(default="", exclude=True)

    def findings(self, readings: Readings | None = None) -> tuple[Finding, ...]:
        """Ask the guard."""
        evidence = Evidence(
            texts=self.evidence, names=self.names, done=self.done, foreign=self.foreign, system=self.system
        )
        return Guard(evidence, self.said_at, readings).check(self.reply)

    def is_found(self, findings: Sequence[Finding]) -> bool:
        """Tell whether the findings hit a sentence that holds a labelled claim, or anything where none is labelled."""
        if not self.claims:
            return bool(findings)
        return any(_plain(claim) in _plain(finding.sentence) for finding in findings for claim in self.claims)


class Judged(NamedTuple):
    """One reply, what the guard found in it, and whether that is a hit (bad) or an alarm (good)."""

    label: Labelled
    findings: tuple[Finding, ...]
    hit: bool


def load(file: Path) -> tuple[Labelled, ...]:
    """Read one labelled file."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return tuple(Labelled.model_validate_json(line) for line in lines if line.strip())


def judge(replies: Sequence[Labelled]) -> tuple[Judged, ...]:
    """Ask the guard about every reply."""
    readings = Readings()
    rows = [(reply, reply.findings(readings)) for reply in replies]
    return tuple(
        Judged(reply, found, reply.is_found(found) if reply.bad else bool(found)) for reply, found in rows
    )


def counts(rows: Sequence[Judged]) -> str:
    """Say recall and false alarms of a row of replies, with their counts."""
    bad, good = [row for row in rows if row.label.bad], [row for row in rows if not row.label.bad]
    found, alarms = sum(row.hit for row in bad), sum(row.hit for row in good)
    return (
        f"found {found}/{len(bad)} bad replies ({found / max(len(bad), 1):.3f}), "
        f"false alarms {alarms}/{len(good)} ({alarms / max(len(good), 1):.3f})"
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
    rows = judge(replies)
    each = 1000 * (process_time() - started) / max(len(rows), 1)
    print(f"{file.stem}: {counts(rows)}, {each:.1f} ms a reply")
    languages = sorted({row.label.language for row in rows})
    for language in languages if len(languages) > 1 else ():
        print(f"  {language}: {counts([row for row in rows if row.label.language == language])}")
    for bad, name in ((True, "found"), (False, "alarmed")):
        kinds = Counter(kind for row in rows if row.label.bad == bad for kind in {each.kind for each in row.findings})
        print(f"  {name} by kind: {', '.join(f'{kind} {count}' for kind, count in kinds.most_common()) or 'none'}")
    for row in rows if show else ():
        if row.hit != row.label.bad:
            print(f"  {'missed' if row.label.bad else 'alarm'}: {row.label.reply!r} ({row.label.why})")
            for finding in row.findings:
                print(f"    {finding.kind}: {finding.text}")


def _cost() -> None:
    """Print what one check costs where the contract was read before and the rest of the evidence is new."""
    said = "The depot in hall {n} plans route {n} with driver group {n} and reports to the office by 6 pm each day. "
    contract = "".join(said.format(n=n) for n in range(WORDS_OF_CONTRACT // len(said.split())))
    reply = " ".join(("Your seats are planned by route, and the depot in hall 12 reports by 6 pm each day. " * 4).split()[:WORDS_OF_REPLY])
    readings = Readings()
    times: list[float] = []
    for turn in range(ROUNDS + 1):
        evidence = Evidence(texts=(f"Customer: message {turn}", "The contract renews on 31 March 2027."), system=contract)
        started = process_time()
        Guard(evidence, SAID_AT, readings).check(reply)
        times.append(1000 * (process_time() - started))
    print(
        f"cost: {times[0]:.1f} ms CPU at first sight of a contract of {len(contract.split()):,} words, then "
        f"{sorted(times[1:])[ROUNDS // 2]:.2f} ms a reply of {len(reply.split())} words"
    )


def _plain(text: str) -> str:
    """Bring blanks to one each, and letters to small ones."""
    return " ".join(text.lower().split())


if __name__ == "__main__":
    main()
