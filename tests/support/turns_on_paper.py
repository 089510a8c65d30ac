"""Turns of one account as a person would keep them on paper, while stores are told the same."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Mapping, Sequence
from datetime import timedelta

import pytest
from remembered import ACME, NOON, a_change

from fleet_runtime.decisions import Decision
from fleet_runtime.errors import FenceLost
from fleet_runtime.records import AccountChange, AccountKey, Failure, Part, Reply, Turn
from fleet_runtime.stores.sql.store import SqlStore, open_store
from fleet_runtime.stores.sql.turn_log import SqlTurnLog

FAILURE = Failure(code="model_error", message="no answer", hint="look at the model", at=NOON, attempts=3)
LATER = NOON + timedelta(hours=1)


def a_turn(turn_id: str, key: AccountKey = ACME) -> Turn:
    return Turn(id=turn_id, key=key, conversation="c", role="csm", speaker="Ada", at=NOON, text="We have 40 seats.")


def a_reply(turn_id: str) -> Reply:
    return Reply(
        turn_id=turn_id,
        conversation="c",
        text="Noted.",
        role="csm",
        parts=(Part(role="csm", text="Noted.", kind="answer"),),
        decision=Decision(id="d", verdict="keep", choice="csm", stage="owner", confidence=1.0, reason="owner"),
    )


def an_end(turn_id: str, seen: int = 0, *, key: AccountKey = ACME, owner: str | None = None) -> AccountChange:
    change = a_change(key=key, seen=seen)
    return change.model_copy(update={"finishes": turn_id, "reply": a_reply(turn_id), "lease_owner": owner})


VERBS = ("accept", "begin", "fail", "cancel", "reopen", "finish", "finish", "change")
IDS = ("t1", "t2", "t3")


class Paper:
    """An account's turns as they should be, beside a store that is told the same."""

    def __init__(self) -> None:
        self.turns: dict[str, Turn] = {}

    def accepted(self) -> list[Turn]:
        return [turn for turn in self.turns.values() if turn.state == "accepted"]

    def put(self, name: str) -> Turn:
        fresh = a_turn(name).model_copy(update={"sequence": len(self.turns) + 1})
        return self.turns.setdefault(name, fresh)

    async def move(
        self, name: str, states: Collection[str], moved: Mapping[str, object], verb: Awaitable[Turn | None]
    ) -> None:
        known = self.turns.get(name)
        if known is not None and known.state in states:
            self.turns[name] = known.model_copy(update=moved)
        assert await verb == self.turns.get(name)

    async def finish(self, store: SqlStore, name: str, version: int) -> None:
        known = self.turns.get(name)
        if known is None or known.state != "accepted":
            with pytest.raises(FenceLost):
                await store.apply(an_end(name, version))
            return
        await store.apply(an_end(name, version))
        self.turns[name] = known.model_copy(update={"state": "done", "reply": a_reply(name)})

    async def take(self, store: SqlStore, verb: str, name: str) -> None:
        log, version = SqlTurnLog(store.database), (await store.read(ACME)).version
        match verb:
            case "accept":
                assert await store.accept(a_turn(name)) == self.put(name)
            case "begin":
                turn = self.put(name)
                begun = await store.begin(a_turn(name), "us", LATER, NOON)
                assert begun == (turn, self.accepted()[:1] == [turn])
            case "fail":
                moved = {"state": "failed", "failure": FAILURE}
                await self.move(name, ["accepted"], moved, log.stop(ACME, name, FAILURE))
            case "cancel":
                await self.move(name, ["accepted"], {"state": "cancelled"}, log.stop(ACME, name, None))
            case "reopen":
                moved = {"state": "accepted", "failure": None}
                await self.move(name, ["failed", "cancelled"], moved, log.reopen(ACME, name))
            case "finish":
                await self.finish(store, name, version)
            case _:
                await store.apply(a_change(seen=version))


async def walk(database: str, steps: Sequence[tuple[str, str, int]]) -> None:
    """Take steps with two stores on one database, and hold what both read against turns kept on paper after each."""
    stores = [open_store(database, now=lambda: NOON) for _ in range(2)]
    paper = Paper()
    for verb, name, which in steps:
        await paper.take(stores[which], verb, name)
        for one in stores:
            assert (await one.read(ACME)).turns == tuple(paper.turns.values())
        accepted = paper.accepted()
        assert await stores[which].unfinished() == accepted
        assert await SqlTurnLog(stores[which].database).waiting(ACME, 9) == (len(accepted), len(accepted))
    for one in stores:
        await one.close()
