"""The machine's clock, timer, randomness, processes and garbage collector, behind plain functions."""

from __future__ import annotations

import gc
import hashlib
import os
import secrets
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

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


def host_name() -> str:
    """Name what this process's number means something on: the machine since it was started, or the container."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
    with suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return f"{parts[0]}.{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:6]}"


def process_is_gone(host: str, pid: int) -> bool:
    """Tell whether a process of a host (`host_name`) is known to have ended; False where nobody here can know."""
    if host != host_name():
        return False
    if pid == os.getpid():
        return True  # another one, before us: what calls this knows itself
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
