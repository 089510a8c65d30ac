"""What was erased is in no file any more, whatever happened before, and nothing else has changed: a small sample.

The whole measurement is ``python benchmarks/memory_erasure.py``.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import memory_erasure
import pytest

from fleet_runtime.records import AccountChange, AccountKey, Event
from fleet_runtime.stores.sql.store import open_store

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_no_canary_is_left_in_any_file(tmp_path: Path, seed: int) -> None:
    verdict = asyncio.run(memory_erasure.erasure(tmp_path, seed=seed, events=150, others=8))
    assert verdict.clean, str(verdict)
    kinds = ("event", "fact", "commitment", "vector", "digest", "turn", "decision", "pin", "account")
    assert all(verdict.receipt.counts[kind] for kind in kinds)
    assert verdict.receipt.counts["event"] >= 150
    assert verdict.receipt.counts["week"] == 52
    assert all(verdict.receipt.counts[kind] for kind in ("details", "notice", "motion_run", "work_product"))


@pytest.mark.slow
def test_who_reads_in_another_process_keeps_the_journal_no_longer_than_that(tmp_path: Path) -> None:
    receipt, seconds, left = asyncio.run(memory_erasure.watched_erasure(tmp_path))
    assert (receipt.erased, receipt.journal_cleared, left) == (True, False, 0)
    assert seconds < 10  # it does not wait for the reader


def test_the_count_would_notice(tmp_path: Path) -> None:
    """A benchmark that cannot fail proves nothing: the word is found in the journal, in any case."""
    key, mark = AccountKey(tenant="north", account="acme"), "zqxcanary"
    event = Event(id="e1", at=NOON, kind="note", author="Ada", text=f"{mark.upper()} said so.")

    async def written() -> int:
        store = open_store(str(tmp_path / "fleet.db"), now=lambda: NOON)
        await store.apply(AccountChange(key=key, seen_version=0, now=NOON, events=(event,)))
        found = memory_erasure.canaries(tmp_path, mark)
        await store.close()
        return found

    assert asyncio.run(written()) >= 1


def test_a_broken_off_erasure_is_completed_by_the_next(tmp_path: Path) -> None:
    """A process that dies between the deletion and the sweep leaves bytes behind, and no row."""
    key, mark = AccountKey(tenant="north", account="acme"), "zqxbroken"
    event = Event(id="e1", at=NOON, kind="note", author="Ada", text=f"{mark} said so.")

    async def erased() -> tuple[int, bool, int]:
        store = open_store(str(tmp_path / "fleet.db"), now=lambda: NOON)
        await store.apply(AccountChange(key=key, seen_version=0, now=NOON, events=(event,)))

        async def died() -> bool:
            return False

        whole, store._database.sweep = store._database.sweep, died  # type: ignore[method-assign]
        await store.erase(key, NOON)
        before = memory_erasure.canaries(tmp_path, mark)
        store._database.sweep = whole  # type: ignore[method-assign]
        again = await store.erase(key, NOON)
        found = memory_erasure.canaries(tmp_path, mark)
        await store.close()
        return before, again.erased, found

    before, erased_again, left = asyncio.run(erased())
    assert before >= 1
    assert (erased_again, left) == (False, 0)
