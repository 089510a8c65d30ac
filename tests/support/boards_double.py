"""Doubles of what processes share: signals and marks kept in this process. Every other verb is an unexpected call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from fleet_runtime.errors import StoreError
from fleet_runtime.records import AccountKey, Failure, QueueState, Turn, TurnRecord, TurnState, Worker


def _unexpected(verb: str) -> NoReturn:
    raise AssertionError(f"unexpected: {verb}")


class SignalLog:
    """A turn log that keeps signals. ``fails`` counts down the calls that the store refuses."""

    def __init__(self) -> None:
        self.kept: dict[tuple[AccountKey, str], dict[int, str]] = {}
        self.writes = 0
        self.reads = 0
        self.fails = 0

    def _serve(self) -> None:
        if self.fails:
            self.fails -= 1
            raise StoreError("the store is away", hint="start it")

    async def put_signals(self, key: AccountKey, turn_id: str, first: int, bodies: Sequence[str]) -> None:
        self._serve()
        self.writes += 1
        known = self.kept.setdefault((key, turn_id), {})
        for number, body in enumerate(bodies, first):
            known.setdefault(number, body)

    async def signals(self, key: AccountKey, turn_id: str, after: int) -> list[tuple[int, str]]:
        self._serve()
        self.reads += 1
        known = self.kept.get((key, turn_id), {})
        return sorted((number, body) for number, body in known.items() if number > after)

    async def turns(
        self, tenant: str, *, states: Sequence[TurnState] = (), account: str | None = None, limit: int = 100
    ) -> list[TurnRecord]:
        _unexpected(f"turns of {tenant}, {states}, {account}, {limit}")

    async def find(self, tenant: str, turn_id: str) -> TurnRecord | None:
        _unexpected(f"find {turn_id} of {tenant}")

    async def stop(self, key: AccountKey, turn_id: str, failure: Failure | None) -> Turn | None:
        _unexpected(f"stop {turn_id} of {key}: {failure}")

    async def reopen(self, key: AccountKey, turn_id: str) -> Turn | None:
        _unexpected(f"reopen {turn_id} of {key}")

    async def settled(self, tenant: str, ids: Sequence[str]) -> list[Turn]:
        _unexpected(f"settled {ids} of {tenant}")

    async def heads(self, tenant: str, limit: int) -> list[Turn]:
        _unexpected(f"heads of {tenant}, {limit}")

    async def waiting(self, key: AccountKey, limit: int) -> tuple[int, int]:
        _unexpected(f"waiting of {key}, {limit}")

    async def queue(self, tenant: str) -> QueueState:
        _unexpected(f"queue of {tenant}")

    async def drop_signals(self, before: datetime) -> int:
        _unexpected(f"drop signals before {before}")


class Marks:
    """A crew that keeps marks."""

    def __init__(self) -> None:
        self.at: dict[tuple[str, str], datetime] = {}

    async def mark(self, tenant: str, scan: str) -> datetime | None:
        return self.at.get((tenant, scan))

    async def move_mark(self, tenant: str, scan: str, seen: datetime | None, to: datetime) -> bool:
        if self.at.get((tenant, scan)) != seen:
            return False
        self.at[tenant, scan] = to
        return True

    async def enrol(self, worker: Worker) -> bool:
        _unexpected(f"enrol {worker}")

    async def beat(self, worker_id: str, token: str, *, turns: int, leaving: bool) -> bool:
        _unexpected(f"beat {worker_id}, {token}, {turns}, {leaving}")

    async def workers(self, tenant: str | None = None) -> list[Worker]:
        _unexpected(f"workers of {tenant}")

    async def bury(self, worker_id: str, token: str) -> bool:
        _unexpected(f"bury {worker_id}, {token}")
