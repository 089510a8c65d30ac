"""Floors under the figures that benchmarks/learning.py prints, so that a change of the tables is noticed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet_runtime.learning import learn
from fleet_runtime.parsing import parse_role
from fleet_runtime.records import AccountKey, AccountState, Event

ROOT = Path(__file__).parents[2]
SAID_AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["dev", "held_out"])
def test_what_is_learned_is_in_the_text_and_rarely_more_than_labelled(name: str) -> None:
    role = ROOT / "roles" / "customer-success-manager.md"
    keys = parse_role(role.read_text(encoding="utf-8"), source=str(role)).memory
    unlabelled = taken = 0
    for line in (ROOT / "tests" / "data" / "learning" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        event = Event(id=row["id"], at=SAID_AT, kind=row.get("kind", "message"), author="Sam Reed", text=row["text"])
        state = AccountState(key=AccountKey(tenant="t", account="bench"))
        learned = learn(state, (event,), keys)
        labelled = {key for key, _ in row["facts"]}
        for fact in learned.facts:
            taken += 1
            unlabelled += fact.key not in labelled
            assert fact.quote
            assert fact.quote in row["text"]
    assert taken > 0
    assert unlabelled <= 0.05 * taken
