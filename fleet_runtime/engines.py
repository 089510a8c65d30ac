"""The port through which turns are run: here, or by workers elsewhere. Protocols only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from fleet_runtime.records import AccountKey, Reply, Turn
from fleet_runtime.signals import Listen

TurnWork = Callable[[Turn, str], Awaitable[Reply]]
"""Answers and commits one turn, given it and the lease owner's token."""

TickWork = Callable[[AccountKey, str, str], Awaitable[None]]
"""Does due work once, given the account, the kind of work and the date for which it is due."""


Attempt = Callable[[AccountKey, str, bool], Awaitable[None]]
"""Works on a queued turn until it is settled, given its account, its id, and whether it is listened to elsewhere."""


class AtWork(NamedTuple):
    """What a worker works on: the ids of turns, and the token by which it took them."""

    token: str
    turns: Collection[str]


class Left(NamedTuple):
    """A turn that worker after worker left unfinished."""

    key: AccountKey
    turn_id: str


class TurnQueue(Protocol):
    """What is queued for workers: ids, in each account's order. The store knows what they stand for."""

    async def put(self, turn: Turn, *, streams: bool = False, anew: bool = False) -> None:
        """Queue an accepted turn; what is queued stays as it is, and with ``anew`` what is over is queued again.

        Raises: StoreError.
        """
        ...

    async def put_tick(self, key: AccountKey, kind: str, due: str) -> None:
        """Queue due work, once, however often it is put.

        Raises: StoreError.
        """
        ...

    async def mend(self, turns: Sequence[Turn], living: Mapping[str, str], mine: AtWork) -> list[Left]:
        """Queue anew what was left by workers that do not live, and those of ``turns`` that nobody would answer.

        ``living`` are the workers' engine versions by token. Returns the turns that were left so too often.

        Raises: StoreError.
        """
        ...

    async def drop(self, turn: Turn) -> None:
        """Take a turn out, and interrupt whoever works on it.

        Raises: StoreError.
        """
        ...

    async def interrupt(self, key: AccountKey) -> None:
        """Take all of an account out, and interrupt whoever works on it.

        Raises: StoreError.
        """
        ...

    async def forget(self, key: AccountKey) -> dict[str, int]:
        """Remove all that is known of an account, queued, running or done; return how many rows went, by kind.

        Raises: StoreError.
        """
        ...

    async def trim(self, before: datetime) -> int:
        """Forget what was finished before that; return how much it was.

        Raises: StoreError.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Engine(Protocol):
    """Runs accepted turns: one at a time per account, in their order, each until it is done."""

    async def accept(self, turn: Turn, *, streams: bool = False) -> Turn:
        """Keep a message as `Store.accept` does, and get ready to `run` it at once; whoever accepts need not run it.

        ``streams``: whoever runs it is to be listened to (`run`).

        Raises: as `Store.accept`; Overloaded if as many wait as may (nothing was stored).
        """
        ...

    async def run(self, turn: Turn, work: TurnWork, *, heard: Listen | None = None) -> Reply:
        """Answer ``turn`` (and first any older unfinished turn of its account), or have it answered elsewhere.

        ``heard`` is told the signals of a turn that is answered elsewhere, if it was accepted so.

        Raises: AccountBusy when another process holds the account past the bounded wait; NotAnswered if nobody
            answered within it; TurnCancelled; what ``work`` raised, here or elsewhere.
        """
        ...

    def alone(self, key: AccountKey) -> AbstractAsyncContextManager[None]:
        """Hold an account for the time of a block: no turn of it runs anywhere meanwhile.

        Raises: AccountBusy when another process holds the account past the bounded wait.
        """
        ...

    async def stop(self, key: AccountKey, turn_id: str | None = None) -> None:
        """Have whoever works on a turn, or on any of the account, let it go: it is given up in the store, or will be.

        Raises: StoreError.
        """
        ...

    async def forget(self, key: AccountKey) -> dict[str, int]:
        """Remove all that the engine itself keeps of an account; return how many rows went, by kind.

        Raises: StoreError; forget it again.
        """
        ...

    async def resume(self, work: TurnWork, *, tenant: str | None = None) -> int:
        """Finish what a dead process left behind, as far as leases have lapsed; return how many.

        With ``tenant`` only that tenant's turns: another's roles and model must not answer them.
        """
        ...

    async def close(self) -> None:
        """Let go of what was accepted and not run; the engine is not used afterwards, and its store is closed later."""
        ...
