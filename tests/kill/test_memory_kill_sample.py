"""A small sample of ``python benchmarks/memory_kill.py``: killed amid recording and erasing, memory is whole."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import memory_kill
import pytest

from fleet_runtime import Fleet


@pytest.mark.slow
def test_no_call_is_half_done(tmp_path: Path) -> None:
    verdict = memory_kill.kill(2, seed=3, folder=tmp_path)
    assert verdict.clean, "\n".join((str(verdict), *verdict.wrong[:9]))
    assert verdict.kills == 2
    assert verdict.done


@pytest.mark.parametrize(
    ("damage", "seen"),
    [
        ("DELETE FROM event WHERE id = '000000-1'", "count"),
        ("DELETE FROM event WHERE id IN (SELECT event_id FROM fact)", "of nothing"),
        ("DELETE FROM event; UPDATE account SET events = 0", "is stored"),
        ("DELETE FROM account", "of nobody"),
        ("UPDATE digest SET cites = '[\"nowhere\"]'", "cites nothing"),
    ],
)
def test_the_inspection_would_notice(tmp_path: Path, damage: str, seen: str) -> None:
    """A benchmark that cannot fail proves nothing: each kind of damage is done by hand, and found."""
    database, ledger = tmp_path / "killed.db", memory_kill.Ledger()
    account = memory_kill.ACCOUNTS[0]
    events = memory_kill.events_of("000000", 20, random.Random(1))  # noqa: S311 - repeatable

    async def fill() -> None:
        settings = memory_kill.settings_of(database).model_copy(update={"embeddings": "none"})
        async with Fleet.open(settings=settings, clock=lambda: memory_kill.NOW) as fleet:
            await fleet.memory(account).record_many(events)
            assert await fleet.memory(account).consolidate()

    asyncio.run(fill())
    for said in ("begin", "done"):
        ledger.hear(f"{said} record {account} 000000 20")
    assert memory_kill.inspected(database, ledger) == []
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(damage)
    assert any(seen in wrong for wrong in memory_kill.inspected(database, ledger))


def test_what_was_under_way_is_done_or_not() -> None:
    ledger = memory_kill.Ledger()
    ledger.hear("begin record harbor 000001 5")
    assert ledger.half({"harbor": {}, "meadow": {}, "quarry": {}}) == []
    ledger.hear("begin record harbor 000002 5")
    assert ledger.half({"harbor": {"000002": 3}, "meadow": {}, "quarry": {}}) != []
    ledger.hear("begin erase harbor 000003 0")
    assert ledger.half({"harbor": {}, "meadow": {}, "quarry": {}}) == []
