"""The machine's own clock, timer and randomness, behind plain functions. Nothing else reads them."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

from fleet_runtime.ports import Clock, NewId


def present_time() -> datetime:
    """Return the machine's time, aware."""
    return datetime.now(UTC)


def elapsed() -> float:
    """Return seconds that only ever go up, for measuring."""
    return time.perf_counter()


def id_maker(clock: Clock) -> NewId:
    """Make ids that sort by time."""
    return lambda: f"{clock():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
