"""The store on SQL: the verbs of `fleet_runtime.ports.Store`, each one transaction. Decides nothing about memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from fleet_runtime.ports import AccountWork, Clock, RankingRows
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
    Turn,
)
from fleet_runtime.stores.common.caching import Kept, StateCache
from fleet_runtime.stores.common.choosing import FactFilter
from fleet_runtime.stores.databases.database import Database
from fleet_runtime.stores.databases.opening import open_database
from fleet_runtime.stores.statements import memory_queries, queries, working
from fleet_runtime.stores.statements.changing import apply_change, spend
from fleet_runtime.stores.statements.erasing import erase_account
from fleet_runtime.stores.statements.turning import Lease, accept_turn, begin_turn, release_lease, take_lease
from fleet_runtime.stores.statements.vectors import put_vectors


def open_store(database: str | None, *, now: Clock) -> SqlStore:
    """Open the store of a file, an SQLAlchemy URL (SQLite or Postgres), or None for memory that ends with the store.

    A fresh database gets the schema, an older one is migrated; both may happen in several processes at
    once. Blocks for some milliseconds, or while another process opens the same database. ``now`` stamps
    when a message was accepted.

    Raises: StoreTooNew if a newer version wrote it; StoreError if it is no database, damaged, not
        writable, not reachable, or another program's; MissingExtra if Postgres' driver is not installed.
    """
    return SqlStore(open_database(database), now)


class SqlStore:
    """The memory of all accounts in one database.

    A version grows with every applied change, not with an accepted message: a turn at work is not
    fenced off by the next message that comes in.
    """

    def __init__(self, database: Database, now: Clock) -> None:
        """Speak to an open database; `open_store` makes both."""
        self._database = database
        self._now = now
        self._cache = StateCache()

    @property
    def database(self) -> Database:
        """Return the open database, for what stands beside the memory in it; it is closed with the store."""
        return self._database

    async def accept(self, turn: Turn) -> Turn:
        """Keep a message under the account's next sequence, or return the turn that has its id.

        Raises: MessageError if the id belongs to another account; StoreFull, StoreError.
        """
        now = self._now()
        stored = await self._database.write(lambda connection: accept_turn(connection, turn, now), turn.key)
        self._cache.unseen(turn.key)
        return stored

    async def begin(self, turn: Turn, owner: str, until: datetime, now: datetime) -> tuple[Turn, bool]:
        """Keep a message as `accept` does and ask for the account's lease as `lease` does, in one write.

        The second value says whether ``owner`` has the lease now and no older turn of the account is unfinished. A
        turn that is done already asks for no lease.

        Raises: MessageError if the id belongs to another account; StoreFull, StoreError.
        """
        accepted_at, lease = self._now(), Lease(owner, until, now)
        begun = await self._database.write(
            lambda connection: begin_turn(connection, turn, accepted_at, lease), turn.key
        )
        if begun.place is None:
            self._cache.unseen(turn.key)
        else:
            self._cache.began(begun.turn, begun.place)
        return begun.turn, begun.first

    async def put_step(self, key: AccountKey, turn_id: str, step: Step) -> None:
        """Keep a round of a turn, or complete the one of that number.

        Raises: StoreFull, StoreError.
        """
        await self._database.write(lambda connection: working.put_step(connection, key, turn_id, step), key)

    async def steps(self, key: AccountKey, turn_id: str) -> tuple[Step, ...]:
        """Return the rounds of a turn by number, as they were kept last: one that broke off has no results.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: working.steps(connection, key, turn_id))

    async def spent(self, key: AccountKey, day: date) -> Spent:
        """Return what the account spent on a day (UTC).

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: working.spent(connection, key, day))

    async def spend(self, key: AccountKey, day: date, spent: Spent) -> None:
        """Add to what the account spent on a day (UTC): that of a turn that failed.

        Raises: StoreFull, StoreError; also if the account was never heard of.
        """
        await self._database.write(lambda connection: spend(connection, key, day, spent), key)

    async def work(self, key: AccountKey) -> AccountWork:
        """Return the account's questions, by when they were asked, and all that it spent, by day.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: working.work(connection, key))

    async def approvals(self, tenant: str, *, state: str | None = None) -> list[Approval]:
        """Return the tenant's questions, of one state or of all, by when they were asked.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: working.approvals(connection, tenant, state))

    async def decide(  # noqa: PLR0913 - who decided what, when, and why
        self, tenant: str, approval_id: str, *, approve: bool, by: str, note: str, now: datetime
    ) -> Approval:
        """Decide a waiting question, once; decided the same way again it is returned as it is.

        Raises: ApprovalError if there is none of that id, or it was decided the other way; StoreFull, StoreError.
        """
        return await self._database.write(
            lambda connection: working.decide(
                connection, tenant, approval_id, approve=approve, by=by, note=note, now=now
            )
        )

    async def pause(self, tenant: str, pause: Pause | None) -> None:
        """Turn the switch off, or with None on again.

        Raises: StoreFull, StoreError.
        """
        await self._database.write(lambda connection: working.pause(connection, tenant, pause))

    async def paused(self, tenant: str) -> Pause | None:
        """Return since when, by whom and why the switch is off, or None while it is on.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: working.paused(connection, tenant))

    async def trace(self, tenant: str, turn_id: str) -> tuple[Turn, str] | None:
        """Return a turn of the tenant and its way as JSON (empty if none was kept), or None.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: working.trace(connection, tenant, turn_id))

    async def read(self, key: AccountKey) -> AccountState:
        """Return all of the account's rows as they stood at one moment.

        Events come by time and id, facts by when they were known, turns by sequence. Whoever began a turn of the
        account a moment ago gets, once, what that transaction saw; if somebody changed it since, `apply` says so.

        Raises: StoreError.
        """
        seen = self._cache.just_seen(key)
        if seen is not None:
            return seen
        kept = self._cache.get(key)
        place, state = await self._database.read(lambda connection: memory_queries.state_since(connection, key, kept))
        if place is not None:
            self._cache.put(key, Kept(place, state))
        return state

    async def apply(self, change: AccountChange) -> int:
        """Write a change whole and return the new version; a repeated change returns the present one.

        A change is a repeat if it finishes no turn, every event it brings is stored and every event
        whose learning it ends awaits none: what it learned was learned then, and is not doubled.

        Raises: FenceLost if the version moved on, the lease is another's, or the turn is done;
            StoreFull, StoreError. Nothing was written then.
        """
        version = await self._database.write(lambda connection: apply_change(connection, change), change.key)
        self._cache.applied(change, version)
        return version

    async def apply_many(self, changes: Sequence[AccountChange]) -> None:
        """Write changes of different accounts in one transaction: all, or none.

        Raises: as `apply`.
        """
        versions = await self._database.write(
            lambda connection: [apply_change(connection, change) for change in changes],
            *(change.key for change in changes),
        )
        for change, version in zip(changes, versions, strict=True):
            self._cache.applied(change, version)

    async def events(self, key: AccountKey, ids: Sequence[str]) -> tuple[Event, ...]:
        """Return the account's events of those ids, by time and then by id; unknown ids are passed over.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: memory_queries.events(connection, key, ids))

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
        these keys.

        Raises: StoreError.
        """
        chosen = FactFilter(holding_at, lasting_at, known_at, names)
        return await self._database.read(lambda connection: memory_queries.facts(connection, key, chosen))

    async def commitments(self, key: AccountKey) -> tuple[Commitment, ...]:
        """Return the account's commitments, open or not, by time and then by id.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: memory_queries.commitments(connection, key))

    async def ranking_rows(
        self, key: AccountKey, *, encoder: str = "", unless: int | None = None
    ) -> RankingRows | None:
        """Return the columns by which events are ranked, or None while the account's version is still ``unless``.

        Raises: StoreError.
        """
        return await self._database.read(
            lambda connection: memory_queries.ranking_rows(connection, key, encoder, unless)
        )

    async def unembedded(
        self, encoder: str, limit: int, key: AccountKey | None = None
    ) -> list[tuple[AccountKey, Event]]:
        """Return up to ``limit`` events without a vector by ``encoder``, the newest first, of one account or of all.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: memory_queries.unembedded(connection, encoder, limit, key))

    async def backlog(self, encoder: str, key: AccountKey | None = None) -> int:
        """Return how many events have no vector by ``encoder``, in one account or in all.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: memory_queries.backlog(connection, encoder, key))

    async def put_vectors(self, key: AccountKey, encoder: str, vectors: Mapping[str, bytes]) -> None:
        """Keep packed vectors by event id; those of erased events and those of another encoder go.

        Raises: StoreFull, StoreError.
        """
        await self._database.write(lambda connection: put_vectors(connection, key, encoder, vectors), key)

    async def erase(self, key: AccountKey, now: datetime) -> Receipt:
        """Remove every row of an account and every byte of it from the files; its number is never given again.

        An erasure that was broken off is completed by another one, also where no row is left.

        Raises: StoreError.
        """
        receipt = await self._database.write(lambda connection: erase_account(connection, key, now), key)
        self._cache.drop(key)
        swept = await self._database.sweep()
        return receipt.model_copy(update={"journal_cleared": swept, "remains": self._database.remains})

    async def turn(self, key: AccountKey, turn_id: str) -> Turn | None:
        """Return one turn of the account, or None.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: queries.turn(connection, key, turn_id))

    async def unfinished(self, key: AccountKey | None = None) -> list[Turn]:
        """Return accepted turns without a reply, of one account or of all, by account and sequence.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: queries.unfinished(connection, key))

    async def unlearned(self) -> list[tuple[AccountKey, Event]]:
        """Return the events whose follow-up learning is not done, by account, time and id.

        Raises: StoreError.
        """
        return await self._database.read(memory_queries.unlearned)

    async def lease(self, key: AccountKey, owner: str, until: datetime, now: datetime) -> bool:
        """Take or renew the account's lease; False if another holds it beyond ``now``.

        Raises: StoreFull, StoreError.
        """
        return await self._database.note(lambda connection: take_lease(connection, key, Lease(owner, until, now)), key)

    async def release(self, key: AccountKey, owner: str) -> None:
        """Give the lease up if it is still ``owner``'s.

        Raises: StoreError.
        """
        await self._database.note(lambda connection: release_lease(connection, key, owner), key)

    async def accounts(self, tenant: str) -> list[str]:
        """Return the tenant's account ids, sorted.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: queries.accounts(connection, tenant))

    async def pins(self, tenant: str) -> list[tuple[str, Pin]]:
        """Return the pins of the tenant's accounts, each with its account's id, by account and role.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: queries.pins(connection, tenant))

    async def contract(self, content_hash: str) -> Contract | None:
        """Return the contract of that hash if it is kept, or None.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: queries.contract(connection, content_hash))

    async def close(self) -> None:
        """Close the store when what it has begun is done; a second close does nothing."""
        await self._database.close()
