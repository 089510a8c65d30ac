"""Knows whether turns are under way, so that background work can wait for a pause. Runs nothing."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import anyio


class Quiet:
    """Knows whether turns are under way, so that background work can wait for a pause."""

    def __init__(self) -> None:
        """Begin in silence."""
        self._busy = 0
        self._spoken_with: set[str] = set()
        self._begun = anyio.Event()
        self._silence = anyio.Event()
        self._silence.set()

    @contextmanager
    def busy(self, account: str = "") -> Generator[None]:
        """Mark a turn as under way, of an account if it is told."""
        if account:
            self._spoken_with.add(account)
        if self._busy == 0:
            self._silence = anyio.Event()
        self._busy += 1
        self._begun.set()
        try:
            yield
        finally:
            self._busy -= 1
            if self._busy == 0:
                self._silence.set()

    def spoken_with(self) -> set[str]:
        """Return the accounts that were spoken with since this was asked last."""
        accounts, self._spoken_with = self._spoken_with, set()
        return accounts

    async def wait(self) -> None:
        """Wait until no turn is under way."""
        while self._busy:
            await self._silence.wait()

    async def pause(self, seconds: float) -> None:
        """Wait until no turn has been under way for so long."""
        while True:
            await self.wait()
            self._begun = anyio.Event()
            with anyio.move_on_after(seconds):
                await self._begun.wait()
                continue
            return

    async def next_turn(self) -> None:
        """Wait until a turn begins."""
        await self._begun.wait()
