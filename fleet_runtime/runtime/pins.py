"""Which contracts an account is pinned to, and what has changed since. Changes no contract; pins move when told to.

A persistent role's account is pinned, in the transaction of its first turn, to the contract that the turn
was answered under. From then on a contract in force that differs is a change: told, or refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from fleet_runtime.contracts import Role
from fleet_runtime.errors import FenceLost, RoleChanged
from fleet_runtime.ports import Clock, Store
from fleet_runtime.records import AccountChange, AccountKey, AccountState, Contract, Pin, RoleChange, Turn
from fleet_runtime.runtime.desk import Desk


class Pins:
    """The pins of all accounts, held against the contracts in force."""

    def __init__(self, store: Store, contracts: Mapping[str, Contract], clock: Clock) -> None:
        """Keep the store and the contracts in force by class."""
        self._store = store
        self._contracts = contracts
        self._clock = clock

    async def changes(self, key: AccountKey, role_class: str | None = None) -> tuple[RoleChange, ...]:
        """Return what has changed for an account, by role; of one role only, if told.

        Raises: StoreError.
        """
        pins = (await self._store.read(key)).pins
        return tuple([await self._change(pin) for pin in self._outdated(pins, role_class)])

    async def accept(self, key: AccountKey, role_class: str | None = None) -> tuple[RoleChange, ...]:
        """Pin an account to the contracts in force, and return what changed by it; of one role only, if told.

        Raises: StoreError.
        """
        while True:  # a lost fence means that somebody else got on: nobody waits for ever
            state = await self._store.read(key)
            outdated = self._outdated(state.pins, role_class)
            if not outdated:
                return ()
            pinned = tuple(self._contracts[pin.role] for pin in outdated)
            change = AccountChange(key=key, seen_version=state.version, now=self._clock(), pinned=pinned)
            with suppress(FenceLost):
                await self._store.apply(change)
                return tuple([await self._change(pin) for pin in outdated])

    async def outdated_accounts(self, tenant: str) -> tuple[str, ...]:
        """Return the tenant's accounts that are pinned to another contract than the one in force, sorted.

        Raises: StoreError.
        """
        pins = await self._store.pins(tenant)
        return tuple(dict.fromkeys(account for account, pin in pins if self._outdated((pin,), None)))

    def _outdated(self, pins: Iterable[Pin], role_class: str | None) -> tuple[Pin, ...]:
        """Return the pins to another contract than the one in force, of one role only if told."""
        return tuple(pin for pin in outdated(pins, self._contracts) if role_class in {None, pin.role})

    async def _change(self, pin: Pin) -> RoleChange:
        """Say how the contract in force differs from the one pinned to."""
        now = self._contracts[pin.role]
        was = await self._store.contract(pin.content_hash)
        diff = ""
        if was is not None and now.text:
            former = f"{pin.role} of {pin.since:%Y-%m-%d}"
            from fleet_runtime.locking import contract_diff  # noqa: PLC0415 - loads where a contract changed

            diff = contract_diff(was.text, now.text, was_name=former, now_name=f"{pin.role} in force")
        return RoleChange(role=pin.role, since=pin.since, was=pin.content_hash, now=now.content_hash, diff=diff)


def outdated(pins: Iterable[Pin], contracts: Mapping[str, Contract]) -> tuple[Pin, ...]:
    """Return the pins to another contract than the one in force; a role that is not at work any more has none."""
    return tuple(pin for pin in pins if pin.role in contracts and contracts[pin.role].content_hash != pin.content_hash)


def first_pins(state: AccountState, spoke: Iterable[Role], contracts: Mapping[str, Contract]) -> tuple[Contract, ...]:
    """Return the contracts that an account is pinned to by a turn: those of persistent roles new to it that spoke."""
    new = {role.role_class for role in spoke if role.persistent_persona and state.pin(role.role_class) is None}
    return tuple(contracts[role_class] for role_class in sorted(new) if role_class in contracts)


async def admit(turn: Turn, desk: Desk) -> None:
    """Let a message in, unless changes are to be accepted first; a known turn id is the same turn and comes in.

    Raises: RoleChanged, and nothing is stored; StoreError.
    """
    if desk.settings.changed_role == "refuse":
        state = await desk.store.read(turn.key)
        if all(known.id != turn.id for known in state.turns):
            refuse_changed(state, desk)


def refuse_changed(state: AccountState, desk: Desk) -> None:
    """Refuse to answer an account any of whose roles has changed: a message may end with each of them.

    Raises: RoleChanged, if changes are to be accepted first.
    """
    if desk.settings.changed_role != "refuse":
        return
    pins = outdated(state.pins, desk.words.contracts)
    if pins:
        account, roles = state.key.account, ", ".join(f"{pin.role} (of {pin.since:%Y-%m-%d})" for pin in pins)
        raise RoleChanged(
            f"account {account} is pinned to other contracts than those in force: {roles}",
            hint=f"see with: fleet lock --account {account}; then accept with --accept, or put the former files back",
        )
