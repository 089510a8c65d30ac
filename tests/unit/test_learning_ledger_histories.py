"""Whole histories told by operations, against a replay that knows nothing of the ledger."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from memory_histories import START, History, HistoryMaker, Phrasings

from fleet_runtime.learning.changes import changes
from fleet_runtime.learning.learn import learn
from fleet_runtime.learning.ledger import facts_at
from fleet_runtime.records import AccountKey, AccountState

WORDS = Path(__file__).parent.parent / "data" / "memory" / "phrasings_dev.yaml"


def histories(seed: int) -> list[History]:
    return HistoryMaker(Phrasings.load(WORDS), accounts=4, seed=seed).histories()


def taught(history: History, batch: int) -> AccountState:
    """Learn a history in batches, keeping what a store would: every row by its id."""
    state = AccountState(key=AccountKey(tenant="t", account=history.name))
    for start in range(0, len(history.events), batch):
        learned = learn(state, history.events[start : start + batch], ())
        facts = {row.id: row for row in (*state.facts, *learned.closed, *learned.facts)}
        promises = {row.id: row for row in (*state.commitments, *learned.commitments)}
        state = state.model_copy(update={"facts": tuple(facts.values()), "commitments": tuple(promises.values())})
    return state


def test_the_same_seed_tells_the_same_histories() -> None:
    assert histories(7) == histories(7)
    assert histories(7) != histories(8)


@pytest.mark.parametrize(("seed", "batch"), [(7, 1), (8, 17), (9, 1000)])
def test_every_key_is_as_told_today_then_and_as_it_was_believed(seed: int, batch: int) -> None:
    for history in histories(seed):
        state = taught(history, batch)
        end = history.events[-1].at + timedelta(days=1)
        keys = sorted({one.key for event in history.events for one in event.operations or () if one.key})
        assert len(keys) == 12
        for days in range(5, 740, 7):
            moment = START + timedelta(days=days)
            for known in (None, moment):
                held = {row.key: row for row in facts_at(state.facts, as_of=moment, known_at=known, now=end)}
                for key in keys:
                    span, row = history.value(key, moment, known), held.get(key)
                    told = (span.value, span.told.id) if span else None
                    assert (row and (row.value, row.event_id)) == told, (history.name, key, moment, known)
        assert {one.task for one in state.commitments if one.state == "open"} == history.open_tasks()
        for since in history.reviews:
            assert {change.key for change in changes(state.facts, since)} == history.touched(since)
