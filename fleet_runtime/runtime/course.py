"""What has come of a turn so far. It is filled while the turn runs, and read once at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fleet_runtime.messages import Usage
from fleet_runtime.records import Approval, Finding, HandOff, Part, Recalled, Step, ToolUse, Turn
from fleet_runtime.signals import Listen

WAITING = "This waits for a person's approval and has not been done."
"""What a model is told of a call that nobody has said yes to."""

Timer = Callable[[], float]
"""Gives seconds that only ever go up; where they begin is of no matter."""


@dataclass
class Course:
    """One turn under way. ``trace`` gives its way so far as JSON; ``releases``: the commit gives the lease up.

    ``grant`` are the only tools that it may use (None: whatever the roles may). ``streams``: pieces of text are
    listened for. ``steps`` are the rounds of tools that an earlier attempt made, ``packets`` the hand-offs that models
    asked for, ``told`` what colleagues answered. ``ends_at`` is the timer's reading at which its time is over, and
    ``exhausted`` the budget that ended the turn early, or nothing.
    """

    turn: Turn
    listen: Listen
    streams: bool = False
    grant: frozenset[str] | None = None
    trace: Callable[[], str] = str
    releases: bool = False
    complaint: Callable[[str], str | None] | None = None
    steps: list[Step] = field(default_factory=list[Step])
    parts: list[Part] = field(default_factory=list[Part])
    recalled: list[Recalled] = field(default_factory=list[Recalled])
    findings: list[Finding] = field(default_factory=list[Finding])
    uses: list[ToolUse] = field(default_factory=list[ToolUse])
    asks: list[Approval] = field(default_factory=list[Approval])
    packets: list[HandOff] = field(default_factory=list[HandOff])
    told: list[str] = field(default_factory=list[str])
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    exhausted: str = ""
    ends_at: float | None = None

    def begun_by(self, role: str) -> tuple[Step, ...]:
        """Return the rounds of a role that are known already, in their order."""
        return tuple(step for step in self.steps if step.role == role)
