"""The PAUSE switch, as whoever begins something sees it. Turns nothing off or on itself."""

from __future__ import annotations

from collections.abc import Callable

from fleet_runtime.errors import Paused
from fleet_runtime.ports import Store
from fleet_runtime.records import Pause

FRESH_SECONDS = 0.25
"""How long it is gone by that the switch was on: turned off, it acts everywhere within a second; turned on, at once."""


class Switch:
    """Looked at before every dispatch, model call and tool; asks the store a few times a second at most."""

    def __init__(self, store: Store, tenant: str, timer: Callable[[], float]) -> None:
        """Watch the tenant's switch; ``timer`` gives seconds that only ever go up."""
        self._store = store
        self._tenant = tenant
        self._timer = timer
        self._pause: Pause | None = None
        self._asked_at: float | None = None

    def look_again(self) -> None:
        """Ask the store at the next look: it was turned here."""
        self._asked_at = None

    async def check(self) -> None:
        """Do nothing while the switch is on.

        Raises: Paused; StoreError.
        """
        now = self._timer()
        if self._asked_at is None or self._pause is not None or now - self._asked_at >= FRESH_SECONDS:
            if self._asked_at is not None:
                self._asked_at = now  # one asks for all; the others go by the last answer meanwhile
            self._pause = await self._store.paused(self._tenant)
            self._asked_at = now
        if self._pause is not None:
            raise paused_error(self._pause)


def paused_error(pause: Pause) -> Paused:
    """Make the error that says since when, by whom and why nothing is begun."""
    by = f" by {pause.by}" if pause.by else ""
    why = f": {pause.reason}" if pause.reason else ""
    return Paused(
        f"paused since {pause.since:%Y-%m-%d %H:%M} UTC{by}{why}",
        hint="turn it on again with `fleet resume`; what was accepted is kept and answered then",
    )
