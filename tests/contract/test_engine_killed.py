"""A process that is killed in the middle of a turn, and the one that finishes it: real processes, real time."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
from engine_doubles import ACME, Desk, a_turn

from fleet_runtime.engine.inline import InlineEngine
from fleet_runtime.stores.sql.store import open_store

pytestmark = pytest.mark.slow

_DYING = """
import asyncio, sys
from datetime import UTC, datetime
from sqlalchemy import Connection

from fleet_runtime.engine.inline import InlineEngine
from fleet_runtime.records import AccountKey, Reply, Turn
from fleet_runtime.stores.sql.store import SqlStore, open_store

def now():
    return datetime.now(UTC)

async def work(turn, owner):
    print("working", flush=True)
    await asyncio.sleep(60)

async def main(database):
    store = open_store(database, now=now)
    key = AccountKey(tenant="north", account="acme")
    turn = Turn(id="t1", key=key, conversation="c", role="r", speaker="Ada", at=now(), text="t1")
    engine = InlineEngine(store, clock=now, owner="them", lease_seconds=0.5, lease_wait_seconds=1)
    await engine.run(await store.accept(turn), work)

asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_a_killed_process_s_turn_is_finished_by_another(tmp_path: Path) -> None:
    database = str(tmp_path / "fleet.db")
    with subprocess.Popen([sys.executable, "-c", _DYING, database], stdout=subprocess.PIPE) as dying:  # noqa: ASYNC220
        assert dying.stdout is not None
        assert await anyio.to_thread.run_sync(dying.stdout.readline) == b"working\n"
        store = open_store(database, now=lambda: datetime.now(UTC))
        engine = InlineEngine(
            store, clock=lambda: datetime.now(UTC), owner="us", lease_seconds=0.5, lease_wait_seconds=20
        )
        desk = Desk(store)
        dying.send_signal(signal.SIGKILL)
        reply = await engine.run(await store.accept(a_turn("t1")), desk.work)
        state = await store.read(ACME)
        await store.close()
    assert reply.text == "desk answers t1"
    assert [(turn.id, turn.state) for turn in state.turns] == [("t1", "done")]
    assert desk.began == ["t1"]
