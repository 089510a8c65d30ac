"""What a stored turn came to, for whoever waits for it. Reads nothing."""

from __future__ import annotations

from fleet_runtime.errors import TurnCancelled, error_of
from fleet_runtime.records import Reply, Turn


def outcome(turn: Turn) -> Reply | None:
    """Return a turn's reply, or None while it waits to be answered.

    Raises: TurnCancelled; the error that a turn was given up with.
    """
    if turn.state == "cancelled":
        raise TurnCancelled(
            f"turn {turn.id} was cancelled",
            hint=f"ask anew, or have it answered after all: fleet turns retry {turn.id}",
        )
    if turn.failure is not None:
        raise error_of(turn.failure.code, turn.failure.message, turn.failure.hint)
    return turn.reply
