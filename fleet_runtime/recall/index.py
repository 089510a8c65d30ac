"""An account's events as ranking sees them: columns, without texts. Reads them; ranks nothing.

The columns are made when something is first ranked: an account without events loads no numpy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from fleet_runtime.ports import RankingRows, Vector
from fleet_runtime.recall.terms import event_terms, microseconds
from fleet_runtime.records import Event

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PIECES = re.compile(r"([0-9]+)|([^0-9]+)")
_LONG_SILENCE = timedelta(days=180)


class EventIndex:
    """The events of one account at one version, by time and then by id. Made by `of` or `of_events`; never changes."""

    def __init__(self, rows: RankingRows) -> None:
        """Keep the rows; they are read when something is first ranked."""
        self.rows = rows

    @classmethod
    def of(cls, rows: RankingRows) -> EventIndex:
        """Index what a store gives for ranking.

        Events of one moment are put in the order in which people number them: "m2" before "m10".
        """
        return cls(_numbered(rows))

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

    def present(self, now: datetime) -> datetime:
        """Return the moment from which a question looks back: now, or the latest event of an account long silent.

        "In July" is asked of the time that is on record; what is two years old had its July then.
        """
        if not len(self):
            return now
        latest = _EPOCH + timedelta(microseconds=self.rows.at[-1])
        return latest if now - latest > _LONG_SILENCE else now

    @cached_property
    def columns(self) -> Any:  # noqa: ANN401 - `Columns`; naming it would load numpy
        """Return the `fleet_runtime.recall.columns.Columns` of the events."""
        from fleet_runtime.recall.columns import Columns  # noqa: PLC0415 - loads numpy

        return Columns.of(self.rows)


def _numbered(rows: RankingRows) -> RankingRows:
    """Order the events of each moment by their ids, numbers in them as numbers."""
    if all(one != other for one, other in pairwise(rows.at)):
        return rows
    places = sorted(range(len(rows.ids)), key=lambda place: (rows.at[place], _counted(rows.ids[place])))
    return rows._replace(
        ids=[rows.ids[place] for place in places],
        at=[rows.at[place] for place in places],
        kinds=[rows.kinds[place] for place in places],
        authors=[rows.authors[place] for place in places],
        terms=[rows.terms[place] for place in places],
        vectors=[rows.vectors[place] for place in places] if rows.vectors else (),
    )


def _counted(event_id: str) -> list[tuple[int, str]]:
    """Return a key that orders ids as people count: digits by their number, all else as it is written."""
    return [(int(digits), "") if digits else (-1, words) for digits, words in _PIECES.findall(event_id)]


def packed_vector(vector: Vector) -> bytes:
    """Return the bytes that are kept of an event's unit vector: a quarter of a byte for each of up to 384 numbers."""
    from fleet_runtime.recall.vectors import pack  # noqa: PLC0415 - loads numpy

    return pack(vector)
