"""Shows a worker's signs of life from a thread of its own. Looks after nobody else.

The worker's loop may compute for seconds (the first turn of a process loads half a program), and a busy worker is not a
dead one. A loop that stands still for much longer is: then no sign is shown any more, and others take over.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from fleet_runtime.errors import FleetError

HUNG_SECONDS = 60.0
"""How long the worker's loop may stand still before it passes for dead."""

_log = logging.getLogger(__name__)


class Pulse:
    """Beats while its block runs; `lost` is set on the worker's loop once a beat is refused."""

    def __init__(self, beat: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Beat every so many ``seconds``; ``beat`` says whether the worker still counts as living.

        It is awaited on a loop of this thread's own, so it must not belong to another.
        """
        self.lost = asyncio.Event()
        self._beat = beat
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._moved = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fleet-pulse", daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; a beat that is on its way is not waited for."""
        self._over.set()

    def _run(self) -> None:
        """Beat until told to stop."""
        asyncio.run(self._go_on())

    async def _go_on(self) -> None:
        """Beat as long as the worker's loop moves; a database that does not answer is asked again."""
        while not self._over.is_set():
            self._loop.call_soon_threadsafe(self._move)
            if time.monotonic() - self._moved < HUNG_SECONDS:
                try:
                    if not await self._beat():
                        self._loop.call_soon_threadsafe(self.lost.set)
                        return
                except FleetError as error:
                    _log.warning("no sign of life could be shown: %s", error)
            await asyncio.to_thread(self._over.wait, self._seconds)

    def _move(self) -> None:
        """Note that the worker's loop moves."""
        self._moved = time.monotonic()
