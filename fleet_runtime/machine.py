"""The machine's clock, timer, randomness and garbage collector, behind plain functions. Nothing else touches them."""

from __future__ import annotations

import gc
import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
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


@contextmanager
def without_collecting() -> Generator[None]:
    """Spare the garbage collector the looking through of modules while they load, a tenth of what loading costs.

    What was made meanwhile counts as old afterwards, so that the next full collection looks at it. Does nothing where
    the program has turned the collector off, or has frozen objects itself.
    """
    if not gc.isenabled() or gc.get_freeze_count():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.unfreeze()  # into the oldest generation, without a look at each
        gc.enable()
