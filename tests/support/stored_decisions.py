"""Answered turns with decisions as told, put into a real store."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from small_project import KEEPER

from fleet_runtime.decisions import Decision, RuleHit
from fleet_runtime.records import AccountChange, AccountKey, Reply, Turn
from fleet_runtime.stores.sql.store import SqlStore, open_store

TENANT = "t"
MARCH = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
RULE = RuleHit(role=KEEPER, text="Does NOT write harbour papers", where="roles/lighthouse-keeper.md:13")


@asynccontextmanager
async def store_of(file: Path) -> AsyncGenerator[SqlStore]:
    """Open the store of a file for the time of the block."""
    store = open_store(str(file), now=lambda: MARCH)
    yield store
    await store.close()


def decided(**given: Any) -> Decision:
    """Return a decision: the keeper keeps it, unless told otherwise."""
    usual = {"id": "d", "verdict": "keep", "choice": KEEPER, "stage": "owner", "confidence": 0.9, "reason": "so"}
    return Decision.model_validate(usual | given)


async def keep(  # noqa: PLR0913 - a turn as a test tells it
    store: SqlStore, turn_id: str, text: str, decision: Decision, *, account: str = "acme", role: str = "", day: int = 0
) -> None:
    """Store an answered turn with that decision."""
    key = AccountKey(tenant=TENANT, account=account)
    at = MARCH + timedelta(days=day)
    await store.accept(Turn(id=turn_id, key=key, conversation="main", role=role, speaker="Ada", at=at, text=text))
    reply = Reply(turn_id=turn_id, conversation="main", text="Noted.", role=KEEPER, parts=(), decision=decision)
    seen = (await store.read(key)).version
    await store.apply(AccountChange(key=key, seen_version=seen, now=at, finishes=turn_id, reply=reply))
