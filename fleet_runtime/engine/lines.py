"""Queues of this process, one per account, in order of arrival. Knows no other process and keeps no empty queue."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from fleet_runtime.records import AccountKey


class Lines:
    """Lets one task at a time at each account; the others wait in the order in which they came."""

    def __init__(self) -> None:
        """Begin without any line."""
        self._lines: dict[AccountKey, tuple[anyio.Lock, int]] = {}

    def __len__(self) -> int:
        """Return how many accounts have somebody at work or waiting."""
        return len(self._lines)

    def busy(self, key: AccountKey) -> bool:
        """Tell whether somebody is at work or waiting at an account."""
        return key in self._lines

    @asynccontextmanager
    async def turn_at(self, key: AccountKey) -> AsyncGenerator[None]:
        """Wait for one's turn at the account and hold it for the block."""
        lock, people = self._lines.get(key, (anyio.Lock(), 0))
        self._lines[key] = (lock, people + 1)
        try:
            async with lock:
                yield
        finally:
            _, people = self._lines[key]
            if people == 1:
                del self._lines[key]
            else:
                self._lines[key] = (lock, people - 1)
