"""The store on SQL: the verbs of `fleet_runtime.ports.Store`, each one transaction. Decides nothing about memory."""

from __future__ import annotations

from datetime import datetime

from fleet_runtime.ports import Clock
from fleet_runtime.records import AccountChange, AccountKey, AccountState, Contract, Event, Pin, Turn
from fleet_runtime.stores import queries
from fleet_runtime.stores.changing import accept_turn, apply_change, release_lease, take_lease
from fleet_runtime.stores.connection import Database, locate
from fleet_runtime.stores.upgrading import bring_up_to_date


def open_store(database: str | None, *, now: Clock) -> SqlStore:
    """Open the store of a file, an SQLAlchemy URL, or None for memory that ends with the store.

    A fresh file gets the schema, an older one is migrated; both may happen in several processes at
    once. Blocks for some milliseconds, or while another process opens the same file. ``now`` stamps
    when a message was accepted.

    Raises: StoreTooNew if a newer version wrote it; StoreError if it is no database, damaged, not
        writable, or another program's.
    """
    url, place = locate(database)
    opened = Database(url, place)
    opened.start(bring_up_to_date)
    return SqlStore(opened, now)


class SqlStore:
    """The memory of all accounts in one database.

    A version grows with every applied change, not with an accepted message: a turn at work is not
    fenced off by the next message that comes in.
    """

    def __init__(self, database: Database, now: Clock) -> None:
        """Speak to an open database; `open_store` makes both."""
        self._database = database
        self._now = now

    async def accept(self, turn: Turn) -> Turn:
        """Keep a message under the account's next sequence, or return the turn that has its id.

        Raises: MessageError if the id belongs to another account; StoreFull, StoreError.
        """
        now = self._now()
        return await self._database.write(lambda connection: accept_turn(connection, turn, now))

    async def read(self, key: AccountKey) -> AccountState:
        """Return all of the account's rows as they stood at one moment.

        Events come by time and id, facts by when they were known, turns by sequence.

        Raises: StoreError.
        """
        return await self._database.read(lambda connection: queries.account_state(connection, key))

    async def apply(self, change: AccountChange) -> int:
        """Write a change whole and return the new version; a repeated change returns the present one.

        A change is a repeat if it finishes no turn, every event it brings is stored and every event
        whose learning it ends awaits none: what it learned was learned then, and is not doubled.

        Raises: FenceLost if the version moved on, the lease is another's, or the turn is done;
            StoreFull, StoreError. Nothing was written then.
        """
        return await self._database.write(lambda connection: apply_change(connection, change))

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
        return await self._database.read(queries.unlearned)

    async def lease(self, key: AccountKey, owner: str, until: datetime, now: datetime) -> bool:
        """Take or renew the account's lease; False if another holds it beyond ``now``.

        Raises: StoreFull, StoreError.
        """
        return await self._database.write(lambda connection: take_lease(connection, key, owner, until, now))

    async def release(self, key: AccountKey, owner: str) -> None:
        """Give the lease up if it is still ``owner``'s.

        Raises: StoreError.
        """
        await self._database.write(lambda connection: release_lease(connection, key, owner))

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
