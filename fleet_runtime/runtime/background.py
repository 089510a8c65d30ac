"""Works off what awaits learning, a vector or a digest. Loads only where memory is on."""

from __future__ import annotations

from collections.abc import Callable, Collection

from fleet_runtime.runtime.account_memory import AccountMemory
from fleet_runtime.runtime.indexes import Indexes
from fleet_runtime.runtime.learner import Learner


class MemoryWork:
    """The background work of one open fleet's memory."""

    def __init__(self, learner: Learner, indexes: Indexes, memory: Callable[[str], AccountMemory]) -> None:
        """Keep who learns, what embeds, and how to come to an account's memory."""
        self._learner = learner
        self._indexes = indexes
        self._memory = memory

    async def catch_up(self, spoken_with: Collection[str]) -> None:
        """Learn, embed and sum up what waits.

        Raises: StoreError.
        """
        await self._learner.drain()
        await self._indexes.embed()
        for account in spoken_with:
            await self._memory(account).consolidate()

    async def drain(self) -> None:
        """Learn what still waits, before the fleet closes."""
        await self._learner.drain()
