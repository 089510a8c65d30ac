"""The store of a fleet that keeps nothing when it ends: the verbs of `fleet_runtime.ports.Store` over plain dicts.

It promises what `fleet_runtime.stores.sql.store` promises, within one process, and loads no database. A verb runs
whole, without waiting for anything, so that no other comes in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from fleet_runtime.errors import StoreError
from fleet_runtime.ports import AccountWork, RankingRows
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
from fleet_runtime.stores.common.choosing import FactFilter
from fleet_runtime.stores.common.deciding import decided, not_asked
from fleet_runtime.stores.memory.accounts import Accounts
from fleet_runtime.stores.memory.reading import chosen_facts, ranking_rows, receipt, without_vector


class MemoryStore:
    """The memory of all accounts in one process. Once it is closed every verb raises `StoreError`."""

    def __init__(self) -> None:
        """Begin empty."""
        self._open: Accounts | None = Accounts()
        self._pauses: dict[str, Pause] = {}

    async def accept(self, turn: Turn) -> Turn:
        """Keep a message under the account's next sequence, or return the turn that has its id.

        Raises: MessageError if the id belongs to another account; StoreError.
        """
        return self._accounts.accept(turn)

    async def begin(self, turn: Turn, owner: str, until: datetime, now: datetime) -> tuple[Turn, bool]:
        """Keep a message as `accept` does and ask for the account's lease as `lease` does, in one write.

        The second value says whether ``owner`` has the lease now and no older turn of the account is unfinished. A
        turn that is not ``accepted`` any more asks for no lease.

        Raises: MessageError if the id belongs to another account; StoreError.
        """
        stored = self._accounts.accept(turn)
        if stored.state != "accepted" or not self._accounts.lease(turn.key, owner, until, now):
            return stored, False
        (rows,) = self._accounts.chosen(turn.key)
        return stored, next(iter(rows.open_turns)) == turn.id

    async def put_step(self, key: AccountKey, turn_id: str, step: Step) -> None:
        """Keep a round of a turn, or complete the one of that number."""
        rows = self._accounts.get(key)
        if rows is None or rows.turn(turn_id) is None:
            raise StoreError(
                f"turn {turn_id} is not in the store",
                hint="accept the message before working on it; nothing was written",
            )
        rows.steps.setdefault(turn_id, {})[step.number] = step

    async def steps(self, key: AccountKey, turn_id: str) -> tuple[Step, ...]:
        """Return the rounds of a turn by number, as they were kept last: one that broke off has no results."""
        rows = self._accounts.get(key)
        return tuple(step for _, step in sorted(rows.steps.get(turn_id, {}).items())) if rows else ()

    async def spent(self, key: AccountKey, day: date) -> Spent:
        """Return what the account spent on a day (UTC)."""
        rows = self._accounts.get(key)
        return rows.spent.get(day, Spent()) if rows else Spent()

    async def spend(self, key: AccountKey, day: date, spent: Spent) -> None:
        """Add to what the account spent on a day (UTC): that of a turn that failed.

        Raises: StoreError; also if the account was never heard of.
        """
        rows = self._accounts.get(key)
        if rows is None:
            raise StoreError(
                f"account {key.account} is not in the store", hint="accept a message of it first; nothing was written"
            )
        rows.spend(day, spent)

    async def work(self, key: AccountKey) -> AccountWork:
        """Return the account's questions, by when they were asked, and all that it spent, by day."""
        rows = self._accounts.get(key)
        if rows is None:
            return AccountWork()
        asked = sorted(rows.approvals.values(), key=lambda one: (one.asked_at, one.id))
        return AccountWork(tuple(asked), tuple(sorted(rows.spent.items(), key=lambda one: one[0])))

    async def approvals(self, tenant: str, *, state: str | None = None) -> list[Approval]:
        """Return the tenant's questions, of one state or of all, by when they were asked."""
        asked = (one for rows in self._accounts.of_tenant(tenant) for one in rows.approvals.values())
        wanted = [one for one in asked if state is None or one.state == state]
        return sorted(wanted, key=lambda one: (one.asked_at, one.id))

    async def decide(  # noqa: PLR0913 - who decided what, when, and why
        self, tenant: str, approval_id: str, *, approve: bool, by: str, note: str, now: datetime
    ) -> Approval:
        """Decide a waiting question, once; decided the same way again it is returned as it is.

        Raises: ApprovalError if there is none of that id, or it was decided the other way; StoreError.
        """
        for rows in self._accounts.of_tenant(tenant):
            asked = rows.approvals.get(approval_id)
            if asked is not None:
                rows.approvals[approval_id] = decided(asked, approve=approve, by=by, note=note, now=now)
                return rows.approvals[approval_id]
        raise not_asked(approval_id)

    async def pause(self, tenant: str, pause: Pause | None) -> None:
        """Turn the switch off, or with None on again."""
        self._pauses.pop(tenant, None)
        if pause is not None:
            self._pauses[tenant] = pause

    async def paused(self, tenant: str) -> Pause | None:
        """Return since when, by whom and why the switch is off, or None while it is on."""
        return self._pauses.get(tenant)

    async def trace(self, tenant: str, turn_id: str) -> tuple[Turn, str] | None:
        """Return a turn of the tenant and its way as JSON (empty if none was kept), or None."""
        rows = self._accounts.of_turn(tenant, turn_id)
        turn = rows.turn(turn_id) if rows else None
        return (turn, rows.traces.get(turn_id, "")) if rows and turn else None

    async def read(self, key: AccountKey) -> AccountState:
        """Return all of the account's rows.

        Events come by time and id, facts by when they were known, turns by sequence.
        """
        rows = self._accounts.get(key)
        return rows.state() if rows else AccountState(key=key)

    async def apply(self, change: AccountChange) -> int:
        """Write a change whole and return the new version; a repeated change returns the present one.

        Raises: FenceLost if the version moved on, the lease is another's, or the turn is done; StoreError.
            Nothing was written then.
        """
        accounts = self._accounts
        return accounts.write(change) if accounts.checked(change) else accounts.version(change.key)

    async def apply_many(self, changes: Sequence[AccountChange]) -> None:
        """Write changes of different accounts together: all, or none.

        Raises: as `apply`.
        """
        for change in [change for change in changes if self._accounts.checked(change)]:
            self._accounts.write(change)

    async def events(self, key: AccountKey, ids: Sequence[str]) -> tuple[Event, ...]:
        """Return the account's events of those ids, by time and then by id; unknown ids are passed over."""
        rows = self._accounts.get(key)
        found = [rows.events[name] for name in set(ids) if name in rows.events] if rows else []
        return tuple(sorted(found, key=lambda event: (event.at, event.id)))

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
        """
        rows = self._accounts.get(key)
        return chosen_facts(rows, FactFilter(holding_at, lasting_at, known_at, names)) if rows else ()

    async def commitments(self, key: AccountKey) -> tuple[Commitment, ...]:
        """Return the account's commitments, open or not, by time and then by id."""
        rows = self._accounts.get(key)
        return rows.state().commitments if rows else ()

    async def ranking_rows(
        self, key: AccountKey, *, encoder: str = "", unless: int | None = None
    ) -> RankingRows | None:
        """Return the columns by which events are ranked, or None while the account's version is still ``unless``."""
        rows = self._accounts.get(key)
        if (rows.place.stamp if rows else 0) == unless:
            return None
        return ranking_rows(rows, encoder) if rows else RankingRows(0, (), (), (), (), ())

    async def unembedded(
        self, encoder: str, limit: int, key: AccountKey | None = None
    ) -> list[tuple[AccountKey, Event]]:
        """Return up to ``limit`` events without a vector by ``encoder``, the newest first, of one account or of all."""
        found = [(rows.key, event) for rows in self._accounts.chosen(key) for event in without_vector(rows, encoder)]
        return found[:limit]

    async def backlog(self, encoder: str, key: AccountKey | None = None) -> int:
        """Return how many events have no vector by ``encoder``, in one account or in all."""
        return sum(
            len(rows.events) - (len(rows.vectors) if rows.encoder == encoder else 0)
            for rows in self._accounts.chosen(key)
        )

    async def put_vectors(self, key: AccountKey, encoder: str, vectors: Mapping[str, bytes]) -> None:
        """Keep packed vectors by event id; those of erased events and those of another encoder go."""
        rows = self._accounts.get(key)
        if rows is None or not vectors:
            return
        former = rows.vectors if rows.encoder == encoder else {}
        rows.vectors = {name: data for name, data in vectors.items() if name in rows.events} | former
        rows.encoder = encoder

    async def erase(self, key: AccountKey, now: datetime) -> Receipt:
        """Remove all that is kept of an account; its number is never given again."""
        return receipt(key, self._accounts.erase(key), now)

    async def turn(self, key: AccountKey, turn_id: str) -> Turn | None:
        """Return one turn of the account, or None."""
        rows = self._accounts.get(key)
        return rows.turn(turn_id) if rows else None

    async def unfinished(self, key: AccountKey | None = None) -> list[Turn]:
        """Return ``accepted`` turns, of one account or of all, by account and sequence."""
        chosen = sorted(self._accounts.chosen(key), key=lambda rows: (rows.key.tenant, rows.key.account))
        return [turn for rows in chosen for turn in rows.unfinished()]

    async def unlearned(self) -> list[tuple[AccountKey, Event]]:
        """Return the events whose follow-up learning is not done, by account, time and id."""
        chosen = sorted(self._accounts.chosen(None), key=lambda rows: (rows.key.tenant, rows.key.account))
        return [(rows.key, event) for rows in chosen for event in rows.events_in_order() if event.id in rows.awaiting]

    async def lease(self, key: AccountKey, owner: str, until: datetime, now: datetime) -> bool:
        """Take or renew the account's lease; False if another holds it beyond ``now``."""
        return self._accounts.lease(key, owner, until, now)

    async def release(self, key: AccountKey, owner: str) -> None:
        """Give the lease up if it is still ``owner``'s."""
        self._accounts.release(key, owner)

    async def accounts(self, tenant: str) -> list[str]:
        """Return the tenant's account ids, sorted."""
        return sorted(rows.key.account for rows in self._accounts.of_tenant(tenant))

    async def pins(self, tenant: str) -> list[tuple[str, Pin]]:
        """Return the pins of the tenant's accounts, each with its account's id, by account and role."""
        chosen = sorted(self._accounts.of_tenant(tenant), key=lambda rows: rows.key.account)
        return [(rows.key.account, pin) for rows in chosen for pin in rows.state().pins]

    async def contract(self, content_hash: str) -> Contract | None:
        """Return the contract of that hash if it is kept, or None."""
        return self._accounts.contracts.get(content_hash)

    async def close(self) -> None:
        """Close the store; a second close does nothing."""
        self._open = None

    @property
    def everything(self) -> Accounts:
        """Return all that is kept, for what stands beside the memory in it: `MemoryBooks`.

        Raises: StoreError if the store is closed.
        """
        return self._accounts

    @property
    def _accounts(self) -> Accounts:
        """Return the accounts.

        Raises: StoreError if the store is closed.
        """
        if self._open is None:
            raise StoreError("store in memory: the store is closed", hint="open it again")
        return self._open
