"""The holes in the wall that adapters fill. Protocols only; nothing here does anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from fleet_runtime.messages import ModelInfo, ModelReply, ModelRequest, ToolSpec
from fleet_runtime.records import (
    AccountChange,
    AccountKey,
    AccountState,
    Approval,
    Commitment,
    Contract,
    Event,
    Fact,
    Pause,
    Pin,
    Receipt,
    Spent,
    Step,
    ToolContext,
    ToolRules,
    Turn,
)

Clock = Callable[[], datetime]
"""Gives the present time, aware."""

NewId = Callable[[], str]
"""Gives a fresh id that sorts by time."""

Vector = Sequence[float]
"""A unit-length embedding."""


class TextVectors(NamedTuple):
    """Unit vectors by text, and the name of the encoder that made them."""

    encoder: str
    by_text: Mapping[str, Vector]


class RankingRows(NamedTuple):
    """What ranking needs of an account's events, column by column, by time and then by id; their texts stay behind.

    ``version`` tells these rows from all that the account, or another of its name, had before; 0 for an unknown one.
    ``at`` is in microseconds since 1970 (UTC). ``terms`` are what `fleet_runtime.recall.event_terms` made of each
    event, ``vectors`` what `fleet_runtime.recall.packed_vector` made of its embedding by ``encoder``, or None where it
    has none yet.
    """

    version: int
    ids: Sequence[str]
    at: Sequence[int]
    kinds: Sequence[str]
    authors: Sequence[str]
    terms: Sequence[bytes]
    encoder: str = ""
    vectors: Sequence[bytes | None] = ()


class AccountWork(NamedTuple):
    """What an account's turns left besides its memory: questions for a person, and what was spent by day (UTC)."""

    approvals: tuple[Approval, ...] = ()
    spent: tuple[tuple[date, Spent], ...] = ()


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


class Tool(Protocol):
    """Something that a role's model may have done."""

    @property
    def spec(self) -> ToolSpec:
        """Say what a model is told of it."""
        ...

    @property
    def rules(self) -> ToolRules:
        """Say how it is run."""
        ...

    async def run(self, arguments: str, context: ToolContext) -> str:
        """Do it, with arguments as the model wrote them (JSON), and return the result as text.

        Raises: ToolFailed with what the model is to be told: arguments that do not fit, or what went wrong.
        """
        ...


class ToolFailed(Exception):
    """A call came to nothing; its text is told to the model as data. No error of the turn."""


class Store(Protocol):
    """The memory of all accounts. Every verb is one transaction, or one consistent read."""

    async def accept(self, turn: Turn) -> Turn:
        """Keep a message, or return the turn that already has this id (done or not).

        Raises: StoreFull, StoreError; MessageError if the id belongs to another account.
        """
        ...

    async def begin(self, turn: Turn, owner: str, until: datetime, now: datetime) -> tuple[Turn, bool]:
        """Keep a message as `accept` does and ask for the account's lease as `lease` does, in one write.

        The second value says whether ``owner`` has the lease now and no older turn of the account is unfinished.
        """
        ...

    async def put_step(self, key: AccountKey, turn_id: str, step: Step) -> None:
        """Keep a round of a turn, or complete the one of that number; done before anything is done with it.

        Raises: StoreFull, StoreError.
        """
        ...

    async def steps(self, key: AccountKey, turn_id: str) -> tuple[Step, ...]:
        """Return the rounds of a turn by number."""
        ...

    async def spent(self, key: AccountKey, day: date) -> Spent:
        """Return what the account spent on a day (UTC)."""
        ...

    async def spend(self, key: AccountKey, day: date, spent: Spent) -> None:
        """Add to what the account spent: that of a turn that failed."""
        ...

    async def work(self, key: AccountKey) -> AccountWork:
        """Return the account's questions, by when they were asked, and all that it spent, by day."""
        ...

    async def approvals(self, tenant: str, *, state: str | None = None) -> list[Approval]:
        """Return the tenant's questions, of one state or of all, by when they were asked."""
        ...

    async def decide(  # noqa: PLR0913 - who decided what, when, and why
        self, tenant: str, approval_id: str, *, approve: bool, by: str, note: str, now: datetime
    ) -> Approval:
        """Decide a waiting question; decided the same way again it is returned as it is.

        Raises: ApprovalError if there is none of that id, or it was decided the other way.
        """
        ...

    async def pause(self, tenant: str, pause: Pause | None) -> None:
        """Turn the switch off, or with None on again."""
        ...

    async def paused(self, tenant: str) -> Pause | None:
        """Return since when, by whom and why the switch is off, or None while it is on."""
        ...

    async def trace(self, tenant: str, turn_id: str) -> tuple[Turn, str] | None:
        """Return a turn of the tenant and its way as JSON (empty if none was kept), or None."""
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

    async def apply_many(self, changes: Sequence[AccountChange]) -> None:
        """Write changes of different accounts in one transaction: all, or none.

        Raises: as `apply`.
        """
        ...

    async def events(self, key: AccountKey, ids: Sequence[str]) -> tuple[Event, ...]:
        """Return the account's events of those ids, by time and then by id; unknown ids are passed over."""
        ...

    async def facts(
        self,
        key: AccountKey,
        *,
        holding_at: datetime | None = None,
        lasting_at: datetime | None = None,
        known_at: datetime | None = None,
        names: Sequence[str] | None = None,
    ) -> tuple[Fact, ...]:
        """Return the facts that were believed at ``known_at`` (None: today), by key, subject and validity.

        ``holding_at`` keeps those that held then, ``lasting_at`` those that had not ended then, ``names`` those of
        these keys; retractions and claims that yield are among them.
        """
        ...

    async def commitments(self, key: AccountKey) -> tuple[Commitment, ...]:
        """Return the account's commitments, open or not, by time and then by id."""
        ...

    async def ranking_rows(
        self, key: AccountKey, *, encoder: str = "", unless: int | None = None
    ) -> RankingRows | None:
        """Return the columns by which events are ranked, or None while the rows' version is still ``unless``."""
        ...

    async def unembedded(
        self, encoder: str, limit: int, key: AccountKey | None = None
    ) -> list[tuple[AccountKey, Event]]:
        """Return up to ``limit`` events without a vector by ``encoder``, the newest first, of one account or of all."""
        ...

    async def backlog(self, encoder: str, key: AccountKey | None = None) -> int:
        """Return how many events have no vector by ``encoder``, in one account or in all."""
        ...

    async def put_vectors(self, key: AccountKey, encoder: str, vectors: Mapping[str, bytes]) -> None:
        """Keep packed vectors by event id; those of erased events and those of another encoder go."""
        ...

    async def erase(self, key: AccountKey, now: datetime) -> Receipt:
        """Remove every row of an account and every byte of it from the files; its number is never given again.

        Raises: StoreError.
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
