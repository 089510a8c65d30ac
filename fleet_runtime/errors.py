"""Every error that fleet_runtime raises on purpose. Knows no exit codes and no HTTP statuses.

FleetError
├── ContractError           a role, profile or prompt file is missing or malformed
│   ├── UnknownRole         no such class in the roster (near names are suggested)
│   ├── UnknownProfile      no such profile
│   └── LockError           the role lock's file is missing or malformed
├── SettingError            a setting is unknown or has a bad value
├── PromptError             a template cannot be rendered (unset variable, bad syntax)
├── MessageError            a message that cannot be accepted (empty, too large, NUL bytes)
├── ModelError              the model gave no usable answer
│   ├── ModelUnreachable    nothing answers at the endpoint
│   ├── ModelRefused        the endpoint refused the key or the request
│   ├── ModelTimeout        no answer within the time allowed
│   ├── ModelGarbled        an answer came that is not what was asked for
│   ├── OutputInvalid       no answer of the model became a valid object of the wanted type
│   └── WeightsError        the embedded model's file cannot be had, or is not the pinned one
├── StoreError              the store cannot do what was asked
│   ├── StoreFull           no space left on the disk
│   ├── StoreTooNew         the store was written by a newer version
│   └── FenceLost           another writer changed the account in between
├── RoleChanged             the account is pinned to another contract than the one in force
├── AccountBusy             another process holds the account past the bounded wait
├── TurnCancelled           somebody cancelled the turn
├── NotAnswered             no worker answered within the bounded wait
├── Overloaded              more turns wait than may; nothing was stored
├── WorkerError             a worker cannot start under its id, or was given up for dead
├── Paused                  the switch is off: nothing new is begun until it is on again
├── BudgetSpent             a budget has no room for what is asked (the turn's answer says so; few callers see this)
├── ToolError               a tool is declared wrongly, or its source cannot be reached
├── ApprovalError           no such question waits, it was decided already, or somebody else is to decide it
├── MissingExtra            an optional package is not installed
└── RunningLoopError        the synchronous face was called inside a running event loop
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar


class FleetError(Exception):
    """Root of all errors. ``code`` is stable; ``hint`` says what to do.

    The foreign error, where there is one, is the ``__cause__``.
    """

    code: ClassVar[str] = "fleet"

    def __init__(self, message: str, *, hint: str) -> None:
        """Keep what went wrong (``message``) apart from what to do about it (``hint``)."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Say what is wrong and what to do, in one line."""
        return f"{self.message} ({self.hint})"


class ContractError(FleetError):
    """A role, profile or prompt file is missing or malformed; ``where`` is ``file:line``."""

    code = "contract"

    def __init__(self, message: str, *, hint: str, where: str = "") -> None:
        """Put the place in front of the message, as compilers do."""
        super().__init__(f"{where}: {message}" if where else message, hint=hint)
        self.where = where


class UnknownRole(ContractError):
    """No role of that class is in the roster."""

    code = "unknown-role"


class UnknownProfile(ContractError):
    """No profile of that id exists."""

    code = "unknown-profile"


class LockError(ContractError):
    """The role lock's file is missing or malformed; ``where`` is ``file:line``."""

    code = "lock"


class SettingError(FleetError):
    """A setting is unknown or has a bad value."""

    code = "setting"


class PromptError(FleetError):
    """A template cannot be rendered."""

    code = "prompt"


class MessageError(FleetError):
    """A message cannot be accepted; nothing was stored."""

    code = "message"


class ModelError(FleetError):
    """The model gave no usable answer."""

    code = "model"


class ModelUnreachable(ModelError):
    """Nothing answers at the endpoint."""

    code = "model-unreachable"


class ModelRefused(ModelError):
    """The endpoint refused the key or the request; repeating it would not help."""

    code = "model-refused"


class ModelTimeout(ModelError):
    """No answer came within the time allowed."""

    code = "model-timeout"


class ModelGarbled(ModelError):
    """An answer came that is not what was asked for (empty, truncated, not JSON)."""

    code = "model-garbled"


class OutputInvalid(ModelError):
    """No answer of the model became a valid object of the wanted type; ``answer`` is the last one."""

    code = "output-invalid"

    def __init__(self, message: str, *, hint: str, answer: str = "") -> None:
        """Keep the last answer for whoever looks into it."""
        super().__init__(message, hint=hint)
        self.answer = answer


class WeightsError(ModelError):
    """The embedded model's file cannot be had, or is not the pinned one."""

    code = "weights"


class StoreError(FleetError):
    """The store cannot do what was asked; what it had accepted before is kept."""

    code = "store"


class StoreFull(StoreError):
    """No space is left where the store lives."""

    code = "store-full"


class StoreTooNew(StoreError):
    """The store was written by a newer version of this package."""

    code = "store-too-new"


class FenceLost(StoreError):
    """Another writer changed the account since it was read; nothing was written."""

    code = "fence-lost"


class RoleChanged(FleetError):
    """The account is pinned to another contract than the one in force, and changes are to be accepted first."""

    code = "role-changed"


class AccountBusy(FleetError):
    """Another process holds the account past the bounded wait; the message stays accepted."""

    code = "account-busy"


class TurnCancelled(FleetError):
    """Somebody cancelled the turn; it is kept and not answered, unless it is retried."""

    code = "turn-cancelled"


class NotAnswered(FleetError):
    """No worker answered within the bounded wait; the message stays accepted."""

    code = "not-answered"


class Overloaded(FleetError):
    """More turns wait than may; nothing was stored."""

    code = "overloaded"


class WorkerError(FleetError):
    """A worker cannot start under its id, or was given up for dead by the others."""

    code = "worker"


class Paused(FleetError):
    """The switch is off: nothing new is begun. An accepted message stays accepted."""

    code = "paused"


class BudgetSpent(FleetError):
    """A budget has no room for what is asked."""

    code = "budget-spent"


class ToolError(FleetError):
    """A tool is declared wrongly, or the source of tools cannot be reached."""

    code = "tool"


class ApprovalError(FleetError):
    """No such question waits for a person, it was decided already, or somebody else is to decide it."""

    code = "approval"


class MissingExtra(FleetError):
    """An optional package is needed and not installed."""

    code = "missing-extra"


class RunningLoopError(FleetError):
    """The synchronous face was called inside a running event loop."""

    code = "running-loop"


def error_of(code: str, message: str, hint: str) -> FleetError:
    """Return the error of a stored ``code``: what another process met, for whoever asked."""

    def kinds(of: type[FleetError]) -> Iterator[type[FleetError]]:
        yield of
        for kind in of.__subclasses__():
            yield from kinds(kind)

    kind = next((kind for kind in kinds(FleetError) if kind.code == code), FleetError)
    return kind(message, hint=hint)
