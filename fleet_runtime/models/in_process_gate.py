"""The gate where there is no database: `fleet_runtime.boards.Gate` in memory. Knows nothing of other processes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

from fleet_runtime.boards import Claim, ProviderLimit
from fleet_runtime.pacing import FULL, LONGEST_CALL, SECOND, Standing, asked, corrected


class InProcessGate:
    """Lets model calls through within what their provider allows. For one event loop.

    ``clock`` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing asked of anybody."""
        self._clock = clock
        self._standings: defaultdict[str, Standing] = defaultdict(Standing)
        self._places: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._under_way: dict[tuple[str, str], ProviderLimit] = {}

    async def admit(self, provider: str, claim: Claim, limit: ProviderLimit) -> float:
        """Let a call through now (0.0), or say in how many seconds to ask again; it is then not counted."""
        now = self._time()
        wait, after = asked(self._standings[provider], claim.tokens, limit, now)
        if not wait and limit.concurrent is not None:
            places = self._places[provider]
            if sum(now < until <= now + LONGEST_CALL for until in places.values()) >= limit.concurrent:
                return FULL / SECOND
            places[claim.id] = now + min(round(claim.seconds * SECOND), LONGEST_CALL)
        self._standings[provider] = after
        if not wait:
            self._under_way[provider, claim.id] = limit
        return wait / SECOND

    async def leave(self, provider: str, claim: Claim, tokens: int) -> None:
        """Note that a call is over and took so many tokens; what was claimed too much is given back.

        A call that was never let through, or is over already, changes nothing.
        """
        limit = self._under_way.pop((provider, claim.id), None)
        if limit is None:
            return
        self._places[provider].pop(claim.id, None)
        standing = self._standings[provider]
        self._standings[provider] = corrected(standing, tokens - claim.tokens, limit, self._time())

    def _time(self) -> int:
        """Return the time in microseconds."""
        return round(self._clock() * SECOND)
