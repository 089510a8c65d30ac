"""The role lock: which contract of each role was agreed to, by the hash of its text. Reads and writes no file.

Its text form is TOML with one line a role, sorted, so that a change of a contract is a change of one line.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Final, cast

from pydantic import Field, ValidationError

from fleet_runtime.contracts import Role, RoleStatus, Value
from fleet_runtime.errors import LockError
from fleet_runtime.parsing.names import is_class_name

LOCK_VERSION: Final = 1

_HEADER: Final = (
    "# The role lock: which contract of each role was agreed to, by the SHA-256 of its text.\n"
    "# `fleet lock` writes it; `fleet lock --check` fails where a contract in force differs. Keep it with the roles.\n"
)
_AGAIN: Final = "write it anew with: fleet lock"
_LINE: Final = re.compile(r"at line (\d+)")
_CHANGES: Final = ("+", "-")
_NAMES_OF_DIFF: Final = 2  # lines that name the two texts


class LockedRole(Value, defer_build=True):
    """One line of the lock: a class, the layer its contract comes from, and the hash of its text."""

    role_class: str
    status: RoleStatus
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class RoleLock(Value, defer_build=True):
    """All locked roles, by class."""

    roles: tuple[LockedRole, ...] = ()

    def get(self, role_class: str) -> LockedRole | None:
        """Return the line of that class, or None."""
        return next((locked for locked in self.roles if locked.role_class == role_class), None)


class LockChanges(Value, defer_build=True):
    """How a lock differs from a former one, by class; ``changed`` holds (former line, present line).

    A contract that only moved to another layer has the same text, and is no change.
    """

    added: tuple[LockedRole, ...] = ()
    removed: tuple[LockedRole, ...] = ()
    changed: tuple[tuple[LockedRole, LockedRole], ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.added or self.removed or self.changed)


def lock_of(roles: Iterable[Role], statuses: Mapping[str, RoleStatus]) -> RoleLock:
    """Lock roles as they are; ``statuses`` tells the layer of each class."""
    locked = [
        LockedRole(role_class=role.role_class, status=statuses[role.role_class], sha256=role.content_hash)
        for role in roles
    ]
    return RoleLock(roles=tuple(sorted(locked, key=lambda one: one.role_class)))


def lock_changes(former: RoleLock, present: RoleLock) -> LockChanges:
    """Compare two locks."""
    pairs = [(former.get(locked.role_class), locked) for locked in present.roles]
    return LockChanges(
        added=tuple(now for was, now in pairs if was is None),
        removed=tuple(locked for locked in former.roles if present.get(locked.role_class) is None),
        changed=tuple((was, now) for was, now in pairs if was is not None and was.sha256 != now.sha256),
    )


def write_lock(lock: RoleLock) -> str:
    """Return the lock as text: the same lock, the same bytes."""
    lines = [f'{one.role_class} = {{ status = "{one.status}", sha256 = "{one.sha256}" }}\n' for one in lock.roles]
    return f"{_HEADER}\nversion = {LOCK_VERSION}\n\n[role]\n{''.join(lines)}"


def read_lock(text: str, *, source: str) -> RoleLock:
    """Read a lock's text.

    Raises: LockError with ``file:line`` for what is no lock.
    """
    try:
        table: Mapping[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise LockError(f"not valid TOML: {error}", hint=_AGAIN, where=f"{source}:{line}") from error
    if table.get("version") != LOCK_VERSION:
        raise _refused(
            text, source, "version", f"version is {table.get('version')!r}, this program knows {LOCK_VERSION}"
        )
    strange = next((name for name in table if name not in {"version", "role"}), None)
    if strange is not None:
        raise _refused(text, source, strange, f"unknown key {strange!r}")
    roles = table.get("role")
    if not isinstance(roles, dict):
        raise _refused(text, source, "role", "no table [role]")
    rows = cast("Mapping[str, object]", roles)
    locked = [_locked(name, row, text, source) for name, row in rows.items()]
    return RoleLock(roles=tuple(sorted(locked, key=lambda one: one.role_class)))


def contract_diff(was: str, now: str, *, was_name: str, now_name: str) -> str:
    """Return the unified diff from one contract's text to another's; empty if they are the same."""
    lines = difflib.unified_diff(_lines(was), _lines(now), was_name, now_name, lineterm="")
    return "\n".join(lines)


def changed_lines(diff: str) -> int:
    """Count the lines that a unified diff takes away or adds."""
    return sum(line.startswith(_CHANGES) for line in diff.splitlines()[_NAMES_OF_DIFF:])


def _lines(text: str) -> list[str]:
    """Split a text so that no two different texts have the same lines; a last line without an end says so."""
    *lines, last = text.split("\n")
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines


def _locked(name: str, row: object, text: str, source: str) -> LockedRole:
    """Read one line of the lock."""
    columns: Mapping[str, object] = cast("dict[str, object]", row) if isinstance(row, dict) else {}
    if not is_class_name(name):
        raise _refused(text, source, name, f"{name[:64]!r} is no class")
    try:
        return LockedRole.model_validate({**columns, "role_class": name})
    except ValidationError as error:
        raise _refused(text, source, name, f"{name!r} is not locked by a status and a SHA-256") from error


def _refused(text: str, source: str, name: str, message: str) -> LockError:
    """Make the error of what stands on the first line that begins with ``name``, or of the whole file."""
    begins = re.compile(rf'\s*\[*(?:role\s*\.\s*)?["\']?{re.escape(name)}(?![\w-])')
    lines = (number for number, line in enumerate(text.splitlines(), 1) if begins.match(line))
    return LockError(message, hint=_AGAIN, where=f"{source}:{next(lines, 1)}")
