"""All accounts in memory, and what stands between them: leases, ids of turns, numbers that are never given again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from fleet_runtime.books import AccountBook
from fleet_runtime.errors import MessageError, StoreError
from fleet_runtime.records import AccountChange, AccountKey, Contract, Turn
from fleet_runtime.stores.common.caching import Place
from fleet_runtime.stores.memory.account import AccountRows


class _Lease(NamedTuple):
    """Who has an account, and until when."""

    owner: str
    until: datetime


class Accounts:
    """The accounts that were heard of, by the order in which they were."""

    def __init__(self) -> None:
        """Begin empty."""
        self.contracts: dict[str, Contract] = {}
        self.marks: dict[tuple[str, str], datetime] = {}
        self._rows: dict[AccountKey, AccountRows] = {}
        self._leases: dict[AccountKey, _Lease] = {}
        self._turns: dict[tuple[str, str], AccountKey] = {}
        self._numbers = 0
        self._erased_version = 0

    def get(self, key: AccountKey) -> AccountRows | None:
        """Return an account's rows, or None."""
        return self._rows.get(key)

    def chosen(self, key: AccountKey | None) -> Iterator[AccountRows]:
        """Give one account's rows, if there are any, or those of all."""
        if key is None:
            yield from self._rows.values()
        elif key in self._rows:
            yield self._rows[key]

    def of_tenant(self, tenant: str) -> list[AccountRows]:
        """Return the rows of a tenant's accounts, by account id."""
        mine = (rows for rows in self._rows.values() if rows.key.tenant == tenant)
        return sorted(mine, key=lambda rows: rows.key.account)

    def of_turn(self, tenant: str, turn_id: str) -> AccountRows | None:
        """Return the rows of the account that has the tenant's turn of that id, or None."""
        key = self._turns.get((tenant, turn_id))
        return None if key is None else self._rows[key]

    def accept(self, turn: Turn) -> Turn:
        """Keep a message as the account's next turn, or return the turn that has its id.

        Raises: MessageError if the id belongs to another account of the tenant; StoreError if a text is no Unicode.
        """
        known = self.of_turn(turn.key.tenant, turn.id)
        if known is not None and known.key != turn.key:
            raise MessageError(
                f"turn {turn.id} belongs to another account", hint="give the message a turn id of its own"
            )
        if known is not None:
            return known.turns[known.sequences[turn.id] - 1]
        _check_unicode(turn.text, turn.speaker, turn.conversation)
        rows = self._rows.get(turn.key) or self.opened(turn.key)
        self._turns[turn.key.tenant, turn.id] = turn.key
        return rows.accept(turn)

    def lease(self, key: AccountKey, owner: str, until: datetime, now: datetime) -> bool:
        """Take or renew a lease; False if another has it beyond now."""
        present = self._leases.get(key)
        if present is not None and present.owner != owner and present.until > now:
            return False
        self._leases[key] = _Lease(owner, until)
        return True

    def release(self, key: AccountKey, owner: str) -> None:
        """Give a lease up if it is the owner's."""
        present = self._leases.get(key)
        if present is not None and present.owner == owner:
            del self._leases[key]

    def checked(self, change: AccountChange) -> bool:
        """Refuse a change that cannot be written; tell whether there is anything to write, and it is no repeat.

        Raises: FenceLost, StoreError.
        """
        stored = self._rows.get(change.key)
        rows = stored or AccountRows(change.key, Place(0, 0))
        if rows.repeats(change):
            return False
        present = self._leases.get(change.key)
        rows.refuse(change, present.owner if present else None)
        _check_unicode(*(text for event in change.events for text in (event.text, event.author)))
        if change.reply is not None:
            _check_unicode(change.reply.text, *(part.text for part in change.reply.parts))
        return True

    def write(self, change: AccountChange) -> int:
        """Write a change that was checked, and return the new version."""
        rows = self._rows.get(change.key) or self.opened(change.key)
        version = rows.write(change)
        for contract in change.pinned:
            if contract.text:
                self.contracts.setdefault(contract.content_hash, contract)
        if change.releases and change.lease_owner is not None:
            self.release(change.key, change.lease_owner)
        return version

    def version(self, key: AccountKey) -> int:
        """Return an account's version; 0 for an unknown one."""
        rows = self._rows.get(key)
        return rows.place.version if rows else 0

    def erase(self, key: AccountKey) -> AccountRows | None:
        """Forget an account, and return what was known of it."""
        self._leases.pop(key, None)
        rows = self._rows.pop(key, None)
        if rows is not None:
            self._erased_version = max(self._erased_version, rows.place.version, rows.book.version)
            for turn in rows.turns:
                del self._turns[key.tenant, turn.id]
        return rows

    def opened(self, key: AccountKey) -> AccountRows:
        """Open an account: its number no account ever had, its version comes after all that were erased."""
        self._numbers += 1
        self._rows[key] = AccountRows(key, Place(self._numbers, self._erased_version))
        return self._rows[key]

    def put_book(self, book: AccountBook) -> None:
        """Put an account's changed book in place of the one before; its version comes after all that were erased."""
        rows = self._rows[book.key]
        before = rows.book.version or self._erased_version
        rows.book = book._replace(version=before + 1)


def _check_unicode(*texts: str) -> None:
    """Refuse what no database could keep: nothing is to depend on where a fleet remembers.

    Raises: StoreError.
    """
    try:
        for text in texts:
            text.encode()
    except UnicodeError as error:
        raise StoreError(
            "store in memory: a text is not valid Unicode", hint="remove lone surrogates; nothing was written"
        ) from error
