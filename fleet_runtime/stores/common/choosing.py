"""Which facts are wanted, whichever store keeps them. Reads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from fleet_runtime.records import Fact


class FactFilter(NamedTuple):
    """Which facts are wanted, as in `fleet_runtime.ports.Store.facts`."""

    holding_at: datetime | None = None
    lasting_at: datetime | None = None
    known_at: datetime | None = None
    names: Sequence[str] | None = None

    def takes(self, fact: Fact) -> bool:
        """Tell whether a fact is wanted."""
        if self.known_at is None:
            believed = fact.known_to is None
        else:
            believed = _covers(fact.known_from, fact.known_to, self.known_at)
        return (
            believed
            and (self.holding_at is None or _covers(fact.valid_from, fact.valid_to, self.holding_at))
            and (self.lasting_at is None or fact.valid_to is None or fact.valid_to > self.lasting_at)
            and (self.names is None or fact.key in self.names)
        )


def _covers(start: datetime, end: datetime | None, moment: datetime) -> bool:
    """Tell whether a span, whose end may be open, covers a moment."""
    return start <= moment and (end is None or moment < end)
