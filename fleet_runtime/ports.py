"""The holes in the wall that adapters fill. Protocols only; nothing here does anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest
from fleet_runtime.records import AccountChange, AccountKey, AccountState, Contract, Event, Pin, Reply, Turn

Clock = Callable[[], datetime]
"""Gives the present time, aware."""

NewId = Callable[[], str]
"""Gives a fresh id that sorts by time."""

Vector = Sequence[float]


class TextVectors(NamedTuple):
    """Unit vectors by text, and the name of the encoder that made them."""

    encoder: str
    by_text: Mapping[str, Vector]


"""A unit-length embedding."""

TurnWork = Callable[[Turn, str], Awaitable[Reply]]
"""Answers and commits one turn, given it and the lease owner's token."""


class ModelClient(Protocol):
    """Anything that completes a chat."""

    @property
    def info(self) -> ModelInfo:
        """Say which model this is and why."""
        ...

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer one request, whole.

        Raises: ModelError or one of its kinds.
        """
        ...

    def stream(self, request: ModelRequest) -> AsyncIterator[str | ModelReply]:
        """Give the pieces of the answer as they come, then the whole as a `ModelReply`.

        Raises: ModelError or one of its kinds; a stream that broke off never ends in a `ModelReply`.
        """
        ...

    async def close(self) -> None:
        """Let go of connections; the client is not used afterwards."""
        ...


class Embedder(Protocol):
    """Anything that turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """Name the encoder; part of every cache key."""
        ...

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return one unit vector per text, in order."""
        ...


class Store(Protocol):
    """The memory of all accounts. Every verb is one transaction, or one consistent read."""

    async def accept(self, turn: Turn) -> Turn:
        """Keep a message, or return the turn that already has this id (done or not).

        Raises: StoreFull, StoreError; MessageError if the id belongs to another account.
        """
        ...

    async def read(self, key: AccountKey) -> AccountState:
        """Return the account's rows; an unknown account is an empty state of version 0."""
        ...

    async def apply(self, change: AccountChange) -> int:
        """Write one change whole and return the new version.

        Raises: FenceLost if the version moved on, the lease is no longer ``lease_owner``'s, or the
        turn is already done; then nothing was written. StoreFull, StoreError.
        """
        ...

    async def turn(self, key: AccountKey, turn_id: str) -> Turn | None:
        """Return one turn of the account, or None."""
        ...

    async def unfinished(self, key: AccountKey | None = None) -> list[Turn]:
        """Return accepted turns without a reply, by account and sequence."""
        ...

    async def unlearned(self) -> list[tuple[AccountKey, Event]]:
        """Return events whose follow-up learning was never finished."""
        ...

    async def lease(self, key: AccountKey, owner: str, until: datetime, now: datetime) -> bool:
        """Take or renew the account's lease for ``owner``; False if another holds it beyond ``now``."""
        ...

    async def release(self, key: AccountKey, owner: str) -> None:
        """Give the lease up if it is still ``owner``'s."""
        ...

    async def accounts(self, tenant: str) -> list[str]:
        """Return the tenant's account ids, sorted."""
        ...

    async def pins(self, tenant: str) -> list[tuple[str, Pin]]:
        """Return the pins of the tenant's accounts, each with its account's id, by account and role."""
        ...

    async def contract(self, content_hash: str) -> Contract | None:
        """Return the contract of that hash if an account was ever pinned to it while its text was known, or None."""
        ...

    async def close(self) -> None:
        """Close the store; it is not used afterwards."""
        ...


class Engine(Protocol):
    """Runs accepted turns: one at a time per account, in their order, each until it is done."""

    async def run(self, turn: Turn, work: TurnWork) -> Reply:
        """Answer ``turn`` (and first any older unfinished turn of its account).

        Raises: AccountBusy when another process holds the account past the bounded wait.
        """
        ...

    async def resume(self, work: TurnWork, *, tenant: str | None = None) -> int:
        """Finish what a dead process left behind, as far as leases have lapsed; return how many.

        With ``tenant`` only that tenant's turns: another's roles and model must not answer them.
        """
        ...
