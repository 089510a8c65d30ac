"""A stored decision beside what would be decided today, as a value. Decides nothing, and judges neither."""

from __future__ import annotations

from fleet_runtime.contracts import Value
from fleet_runtime.decisions import Decision
from fleet_runtime.records import Moment


class Replayed(Value):
    """A stored decision and what would be decided about the same message today.

    ``changed`` are the roles whose contract was another then, or that are not at work any more.
    """

    account: str
    turn_id: str
    at: Moment
    text: str
    was: Decision
    now: Decision
    changed: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """Say whether another role would take it, or the same one would now do, or refuse, the work."""
        return (self.was.choice, self.was.verdict == "decline") != (self.now.choice, self.now.verdict == "decline")
