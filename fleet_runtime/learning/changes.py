"""What was set, retracted and corrected since a moment, read off the versions of an account's facts. Pure.

A cut or lengthened version of a row is the consequence of a change and none itself; a claim that
yields to another changed nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from fleet_runtime.learning.ledger import first_name
from fleet_runtime.records import Change, Fact


def changes(facts: Sequence[Fact], since: datetime) -> tuple[Change, ...]:
    """Return the changes that events after ``since`` made.

    Args:
        facts: The account's rows, all versions.
        since: The moment; what was said at that moment itself is not among them.

    Returns:
        The changes by time, key and subject. A value that was taken back without another in its place is a
        correction that cites the event which had told it, for no row names the event that took it back.
    """
    lines: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for row in facts:
        if not row.yields_to:
            lines[row.subject, row.key].append(row)
    found = (change for rows in lines.values() for change in _of_one_key(rows, since))
    return tuple(sorted(found, key=lambda one: (one.at, one.key, one.subject, one.event_id)))


def _of_one_key(rows: Sequence[Fact], since: datetime) -> Iterator[Change]:
    """Yield the changes of one (subject, key)."""
    closed_with: dict[tuple[datetime, datetime | None], list[Fact]] = defaultdict(list)
    ending: dict[datetime | None, list[Fact]] = defaultdict(list)
    begun: set[tuple[datetime, datetime]] = set()
    for row in rows:
        closed_with[row.valid_from, row.known_to].append(row)
        ending[row.valid_to].append(row)
        begun.add((row.valid_from, row.known_from))
    for row in rows:
        if row.id == first_name(row.id) and row.at > since:
            yield _made(row, closed_with[row.valid_from, row.known_from], ending[row.valid_from])
        ended = row.known_to
        if row.value is not None and ended and ended > since and (row.valid_from, ended) not in begun:
            yield _change(row, "correct", None, row.value, ended)  # withdrawn: nothing came in its place


def _made(row: Fact, closed: Sequence[Fact], earlier: Sequence[Fact]) -> Change:
    """Write the change that a statement made, given the rows that it may have replaced or followed."""
    wrong = next((one for one in closed if one.known_from < row.known_from and one.value is not None), None)
    before = [one for one in earlier if _believed_with(one, row.known_from)]
    former = max(before, key=lambda one: (one.known_from, len(one.id), one.id), default=None)
    if wrong is not None:
        how, was = "correct", wrong.value
    else:
        how, was = "retract" if row.value is None else "set", former.value if former else None
    return _change(row, how, row.value, was, row.at)


def _change(row: Fact, how: str, value: str | None, was: str | None, at: datetime) -> Change:
    """Write one change."""
    return Change.model_validate(
        {
            "how": how,
            "subject": row.subject,
            "key": row.key,
            "value": value,
            "was": was,
            "event_id": row.event_id,
            "author": row.author,
            "at": at,
        }
    )


def _believed_with(row: Fact, moment: datetime) -> bool:
    """Tell whether a row was believed at, or just until, a moment."""
    return row.known_from <= moment and (row.known_to is None or row.known_to >= moment)
