"""How turns fare on their way, and who works on them: failures, queues, workers. Values only; times are aware UTC."""

from __future__ import annotations

from typing import Literal

from fleet_runtime.contracts import Value
from fleet_runtime.records.memory import Moment

TurnState = Literal["accepted", "done", "failed", "cancelled"]
"""``accepted``: waits, or is being worked on. ``failed``: given up until somebody asks for another try."""


class Failure(Value):
    """Why a turn was given up: an error's ``code``, ``message`` and ``hint``, when, and after how many attempts."""

    code: str
    message: str
    hint: str
    at: Moment
    attempts: int = 1


class QueueState(Value, defer_build=True):
    """A tenant's turns at one moment.

    ``waiting`` are accepted and not being worked on, ``running`` are accounts that are being worked on, ``oldest`` is
    when the longest waiting turn was accepted.
    """

    waiting: int = 0
    running: int = 0
    failed: int = 0
    oldest: Moment | None = None


class Worker(Value, defer_build=True):
    """A process that answers queued turns.

    ``id`` is stable over restarts, ``token`` is this incarnation's alone and owns its account leases. ``beat`` grows
    while it lives; ``turns`` is how many it works on; ``leaving``: it takes no new ones. ``version`` is the engine's
    (`docs/operations.md`), ``seen_at`` when the database heard of it last, by the database's clock.
    """

    id: str
    token: str
    tenant: str
    host: str
    pid: int
    version: str
    started_at: Moment
    beat: int = 0
    turns: int = 0
    leaving: bool = False
    seen_at: Moment | None = None
