"""The command on the role lock and on the contracts that accounts are pinned to. Changes no contract itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from fleet_runtime.cli.layering import place_of
from fleet_runtime.cli.printing import day
from fleet_runtime.cli.running import Running
from fleet_runtime.cli.storing import present_time, store_as_it_stands
from fleet_runtime.contracts import Role
from fleet_runtime.documents import contract_text, layers, read_text
from fleet_runtime.errors import LockError, StoreError
from fleet_runtime.locking import (
    LockChanges,
    LockedRole,
    RoleLock,
    changed_lines,
    contract_diff,
    lock_changes,
    lock_of,
    read_lock,
    write_lock,
)
from fleet_runtime.records import AccountKey, RoleChange
from fleet_runtime.role_library import RoleLibrary
from fleet_runtime.settings import Settings
from fleet_runtime.staffing import contracts_in_force, load_staff

CheckOption = Annotated[bool, typer.Option("--check", help="Write nothing; end with 1 if a contract differs.")]
FileOption = Annotated[Path, typer.Option("--file", metavar="FILE", help="The lock.")]
AcceptOption = Annotated[bool, typer.Option("--accept", help="Pin accounts to the contracts in force.")]
AccountOption = Annotated[
    str | None,
    typer.Option("--account", metavar="A", help="This account's contracts, not the lock.", show_default=False),
]

_SHORT = 12  # characters of a hash that tell contracts apart for the eye
_LOCK = Path("fleet.lock")


async def lock(
    run: Running,
    check: CheckOption = False,
    file: FileOption = _LOCK,
    accept: AcceptOption = False,
    account: AccountOption = None,
) -> None:
    """Lock the contracts in force, or check them.

    The lock holds the hash of every contract of the staff and of the project's own roles. With --account
    it is said instead how the contracts in force differ from those that the account was first answered
    under; --accept pins it, or without --account all accounts, to those in force.
    """
    if check and (accept or account is not None):
        raise typer.BadParameter("--check is about the lock, --accept and --account are about accounts")
    if accept or account is not None:
        await _look_at_accounts(run, account, accept=accept)
        return
    present = _present(run.settings)
    if check:
        await _check(run, present, file)
    else:
        _write(run, present, file)


@dataclass(frozen=True)
class _Present:
    """The lock of what is in force, the roles by class, and all layers."""

    lock: RoleLock
    roles: dict[str, Role]
    layers: RoleLibrary

    def row(self, was: LockedRole, now: LockedRole) -> dict[str, str]:
        """Give a changed role in the form that other programs rely on."""
        return {"class": now.role_class, "was": was.sha256, "now": now.sha256, "file": self.file(now)}

    def file(self, locked: LockedRole) -> str:
        """Say where the contract in force stands."""
        return place_of(self.roles[locked.role_class])


def _present(settings: Settings) -> _Present:
    """Lock what is in force: the staff, and besides it what is not as it was shipped.

    Raises: ContractError.
    """
    given = RoleLibrary(layers("roles", Path(settings.roles)))
    staffed, statuses = {role.role_class for role in _staffed(settings)}, given.statuses
    roles = {name: role for name, role in given.items() if name in staffed or statuses[name] != "baseline"}
    return _Present(lock_of(roles.values(), statuses), roles, given)


def _write(run: Running, present: _Present, file: Path) -> None:
    """Write the lock, and say what changed against the former one; a broken one is as good as none.

    Raises: LockError if the file cannot be written.
    """
    former = RoleLock()
    if file.exists():
        try:
            former = read_lock(read_text(file), source=str(file))
        except LockError as error:
            run.out.note(f"{error.message}; it is written anew")
    try:
        file.write_text(write_lock(present.lock), encoding="utf-8")
    except OSError as error:
        raise LockError(f"cannot be written: {error.strerror}", hint="check the path", where=str(file)) from error
    changes = lock_changes(former, present.lock)
    if run.out.as_json:
        run.out.json(_json(present, changes))
        return
    for line in _lines(present, changes):
        run.out.line(line)
    run.out.line(f"{file}: {len(present.lock.roles)} roles locked")


def _agreed(file: Path) -> RoleLock:
    """Read the lock that is to hold.

    Raises: LockError if there is none, or it is broken.
    """
    if not file.exists():
        raise LockError("there is no lock", hint="write one with: fleet lock", where=str(file))
    return read_lock(read_text(file), source=str(file))


async def _check(run: Running, present: _Present, file: Path) -> None:
    """Say how what is in force differs from the lock.

    Raises: LockError if it does, or there is no sound lock.
    """
    changes = lock_changes(_agreed(file), present.lock)
    if run.out.as_json:
        run.out.json(_json(present, changes))
    else:
        for line in _lines(present, changes):
            run.out.line(line)
        for was, now in changes.changed:
            text = await _former_text(present, was, run.settings)
            if text is not None:
                run.out.line(_diff(present, was, text, now))
    if changes:
        count = len(changes.added) + len(changes.removed) + len(changes.changed)
        raise LockError(
            f"{count} {'role is' if count == 1 else 'roles are'} not as locked",
            hint="put the former contracts back, or agree to those in force with: fleet lock",
            where=str(file),
        )
    if not run.out.as_json:
        run.out.line(f"{file}: {len(present.lock.roles)} roles, all as locked")


def _lines(present: _Present, changes: LockChanges) -> list[str]:
    """Say the changes, one a line."""
    added = [f"added    {one.role_class}: {one.sha256[:_SHORT]} {present.file(one)}" for one in changes.added]
    removed = [f"removed  {one.role_class}: {one.sha256[:_SHORT]} is not in force any more" for one in changes.removed]
    changed = [
        f"changed  {now.role_class}: {was.sha256[:_SHORT]} is {now.sha256[:_SHORT]} in {present.file(now)}"
        for was, now in changes.changed
    ]
    return [*added, *removed, *changed]


def _json(present: _Present, changes: LockChanges) -> dict[str, object]:
    """Give the lock and its changes in the form that other programs rely on."""
    return {
        "locked": [{"class": one.role_class, "status": one.status, "sha256": one.sha256} for one in present.lock.roles],
        "added": [one.role_class for one in changes.added],
        "removed": [one.role_class for one in changes.removed],
        "changed": [present.row(was, now) for was, now in changes.changed],
    }


def _diff(present: _Present, was: LockedRole, text: str, now: LockedRole) -> str:
    """Return how a contract in force differs from its former text."""
    role = present.roles[now.role_class]
    return contract_diff(
        text, contract_text(Path(role.source)), was_name=f"{was.role_class} as locked", now_name=place_of(role)
    )


async def _former_text(present: _Present, was: LockedRole, settings: Settings) -> str | None:
    """Find the text of a locked contract: in a layer below, or where an account is pinned to it."""
    for role in present.layers.contracts(was.role_class):
        if role.content_hash == was.sha256:
            return contract_text(Path(role.source))
    try:
        async with store_as_it_stands(settings) as store:
            kept = None if store is None else await store.contract(was.sha256)
    except StoreError:  # a check of files need not have a store; the text is an extra
        return None
    return kept.text if kept else None


async def _look_at_accounts(run: Running, account: str | None, *, accept: bool) -> None:
    """Say how the contracts in force differ from those that accounts are pinned to, and accept them if told.

    Raises: ContractError, StoreError.
    """
    from fleet_runtime.runtime.pins import Pins  # noqa: PLC0415 - loads the runtime, which --help does not need

    contracts = contracts_in_force(_staffed(run.settings))
    changes: dict[str, tuple[RoleChange, ...]] = {}
    async with store_as_it_stands(run.settings) as store:
        if store is not None:
            pins, tenant = Pins(store, contracts, present_time), run.settings.tenant
            for name in await pins.outdated_accounts(tenant) if account is None else (account,):
                key = AccountKey(tenant=tenant, account=name)
                changes[name] = await (pins.accept(key) if accept else pins.changes(key))
    rows = [(name, change) for name, of_account in changes.items() for change in of_account]
    if run.out.as_json:
        run.out.json([{"account": name, "accepted": accept, **change.model_dump()} for name, change in rows])
        return
    for name, change in rows:
        accepted = "accepted; " if accept else ""
        run.out.line(f"{name}: {accepted}{change.role} has changed since {day(change.since)}: {_extent(change)}")
        if change.diff and not accept:
            run.out.line(change.diff)
    if not rows:
        run.out.line(f"{account or 'every account'} knows the contracts in force")


def _staffed(settings: Settings) -> tuple[Role, ...]:
    """Return the roles at work.

    Raises: ContractError.
    """
    return load_staff(settings).roles


def _extent(change: RoleChange) -> str:
    """Say how much changed."""
    return f"{changed_lines(change.diff)} lines" if change.diff else "its former text is not known"
