"""The guard on the hand-labelled replies, held to what the benchmark prints."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet_runtime.guarding import Evidence, check

DATA = Path(__file__).resolve().parent.parent / "data" / "guard"
SAID_AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize(("name", "least_found", "most_alarms"), [("dev", 0.95, 0.05), ("held_out", 0.9, 0.05)])
def test_labelled_replies(name: str, least_found: float, most_alarms: float) -> None:
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    judged: dict[bool, list[bool]] = {True: [], False: []}
    for row in map(json.loads, lines):
        evidence = Evidence(texts=tuple(row["evidence"]), done=tuple(row["done"]))
        judged[row["bad"]].append(bool(check(row["reply"], evidence, said_at=SAID_AT)))
    assert min(len(judged[True]), len(judged[False])) >= 30
    assert sum(judged[True]) >= least_found * len(judged[True])
    assert sum(judged[False]) <= most_alarms * len(judged[False])
