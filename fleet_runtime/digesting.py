"""Consolidation (being written)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fleet_runtime.contracts import MemoryKey
from fleet_runtime.records import AccountState, Digest


def digests_due(state: AccountState, *, now: datetime, keys: Sequence[MemoryKey]) -> tuple[Digest, ...]:
    """Return nothing yet."""
    del state, now, keys
    return ()
