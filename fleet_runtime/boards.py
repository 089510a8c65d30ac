"""What processes on one database tell each other through it, besides memory. Protocols and their values only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from fleet_runtime.records import AccountKey, Failure, QueueState, Turn, TurnRecord, TurnState, Worker


class ProviderLimit(NamedTuple):
    """What may be asked of one provider in all, by everybody; None: as much as one likes."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrent: int | None = None


class Claim(NamedTuple):
    """One model call that asks to be let through: its own id, about how many tokens, and when it is over at the latest.

    ``seconds`` bounds how long the call holds a place if its process dies.
    """

    id: str
    tokens: int
    seconds: float


class TurnLog(Protocol):
    """The way of turns, for whoever runs, awaits or oversees them. Every verb is one transaction."""

    async def turns(
        self, tenant: str, *, states: Sequence[TurnState] = (), account: str | None = None, limit: int = 100
    ) -> list[TurnRecord]:
        """Return the tenant's turns, the newest first, of some states (none: all) or of one account."""
        ...

    async def find(self, tenant: str, turn_id: str) -> TurnRecord | None:
        """Return the tenant's turn of that id, or None."""
        ...

    async def stop(self, key: AccountKey, turn_id: str, failure: Failure | None) -> Turn | None:
        """Give an accepted turn up, as failed, or with None as cancelled; return it as it is now, or None.

        A turn that is not ``accepted`` any more stays as it is. Whoever works on it cannot commit it after this.
        """
        ...

    async def reopen(self, key: AccountKey, turn_id: str) -> Turn | None:
        """Make a failed or cancelled turn ``accepted`` again; return it as it is now, or None."""
        ...

    async def settled(self, tenant: str, ids: Sequence[str]) -> list[Turn]:
        """Return those of the tenant's turns that are not ``accepted`` (any more)."""
        ...

    async def heads(self, tenant: str, limit: int) -> list[Turn]:
        """Return the first accepted turn of each account, being worked on or not, the longest waiting first."""
        ...

    async def waiting(self, key: AccountKey, limit: int) -> tuple[int, int]:
        """Count accepted turns, of the account and of its tenant, each up to ``limit``."""
        ...

    async def queue(self, tenant: str) -> QueueState:
        """Return how the tenant's turns fare."""
        ...

    async def put_signals(self, key: AccountKey, turn_id: str, first: int, bodies: Sequence[str]) -> None:
        """Keep packed signals of a turn, numbered from ``first``; numbers that are known are passed over.

        An unknown turn (its account was erased) keeps none, without an error.
        """
        ...

    async def signals(self, key: AccountKey, turn_id: str, after: int) -> list[tuple[int, str]]:
        """Return the packed signals of a turn whose number is greater than ``after``, in order."""
        ...

    async def drop_signals(self, before: datetime) -> int:
        """Forget the signals of turns that are not ``accepted`` and were accepted before that; return how many."""
        ...


class Crew(Protocol):
    """Who works, and up to when each scan for due work has come. Every verb is one transaction."""

    async def enrol(self, worker: Worker) -> bool:
        """Write a worker down; False if another incarnation stands under its id."""
        ...

    async def beat(self, worker_id: str, token: str, *, turns: int, leaving: bool) -> bool:
        """Show a sign of life; False if that incarnation was buried."""
        ...

    async def workers(self, tenant: str | None = None) -> list[Worker]:
        """Return the workers by id, of one tenant or of all."""
        ...

    async def bury(self, worker_id: str, token: str) -> bool:
        """Strike an incarnation and free the accounts that it held; False if it was struck before."""
        ...

    async def mark(self, tenant: str, scan: str) -> datetime | None:
        """Return up to when a scan has come, or None if it never ran."""
        ...

    async def move_mark(self, tenant: str, scan: str, seen: datetime | None, to: datetime) -> bool:
        """Note that a scan has come up to then; False if another process moved it since ``seen``."""
        ...


class Gate(Protocol):
    """Lets model calls through within what their provider allows, counted over all processes."""

    async def admit(self, provider: str, claim: Claim, limit: ProviderLimit) -> float:
        """Let a call through now (0.0), or say in how many seconds to ask again; it is then not counted."""
        ...

    async def leave(self, provider: str, claim: Claim, tokens: int) -> None:
        """Note that a call is over and took so many tokens; what was claimed too much is given back."""
        ...


class Boards(NamedTuple):
    """All three, of one database."""

    log: TurnLog
    crew: Crew
    gate: Gate
