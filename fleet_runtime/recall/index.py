"""An account's events as ranking sees them: columns, without texts. Reads them; ranks nothing.

The columns are made when something is first ranked: an account without events loads no numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from fleet_runtime.ports import RankingRows, Vector
from fleet_runtime.recall.terms import event_terms, microseconds
from fleet_runtime.records import Event


class EventIndex:
    """The events of one account at one version, by time and then by id. Made by `of` or `of_events`; never changes."""

    def __init__(self, rows: RankingRows) -> None:
        """Keep the rows; they are read when something is first ranked."""
        self.rows = rows

    @classmethod
    def of(cls, rows: RankingRows) -> EventIndex:
        """Index what a store gives for ranking."""
        return cls(rows)

    @classmethod
    def of_events(cls, events: Sequence[Event]) -> EventIndex:
        """Index events that are at hand, in any order, without vectors."""
        ordered = sorted(events, key=lambda event: (event.at, event.id))
        return cls(
            RankingRows(
                version=0,
                ids=[event.id for event in ordered],
                at=[microseconds(event.at) for event in ordered],
                kinds=[event.kind for event in ordered],
                authors=[event.author for event in ordered],
                terms=[event_terms(event) for event in ordered],
            )
        )

    def __len__(self) -> int:
        """Return how many events there are."""
        return len(self.rows.ids)

    @cached_property
    def columns(self) -> Any:  # noqa: ANN401 - `Columns`; naming it would load numpy
        """Return the `fleet_runtime.recall.columns.Columns` of the events."""
        from fleet_runtime.recall.columns import Columns  # noqa: PLC0415 - loads numpy

        return Columns.of(self.rows)


def packed_vector(vector: Vector) -> bytes:
    """Return the bytes that are kept of an event's unit vector: a quarter of a byte for each of up to 384 numbers."""
    from fleet_runtime.recall.vectors import pack  # noqa: PLC0415 - loads numpy

    return pack(vector)
