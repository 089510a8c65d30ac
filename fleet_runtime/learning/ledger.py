"""The algebra of bi-temporal facts: what changes when something new is learned. Pure; forgets nothing.

Facts of one (subject, key) are kept as a *tiling*: among the rows known at one moment, validities
(half-open, ``valid_from <= t < valid_to``) never overlap. So "what held at T, as known at K" is one
plain comparison of four times, here and in SQL alike, and no row need be weighed against another.

To keep the tiling, a change never edits what was believed. The row that it touches is closed in
known-time (``known_to``), with its validity as it was, and a *further version* of it
(``id#2``, ``id#3`` …, same event and author) states the shortened validity from now on. Only ends
in known-time are ever written to a stored row, and each only once.

* a new value cuts the row that held at its ``valid_from``, and lasts until the next one begins:
  told late, it fits in between;
* the same value again is a confirmation and changes nothing;
* a retraction is a row with value None: from then on nothing is known to hold;
* a correction (`withdraw`, or a new value from the same ``valid_from``) closes the wrong row in
  known-time alone: it stays what we believed, and is no more what held.

Known-time never runs backwards: a change made with an earlier clock counts from the latest moment
at which anything about its key was known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from fleet_runtime.contracts import Value
from fleet_runtime.records import Fact


class LedgerChange(Value):
    """What one step does: ``closed`` are known rows with their new end, ``added`` the rows to insert.

    ``added`` holds further versions of the closed rows and, last, the new row if there is one.
    """

    closed: tuple[Fact, ...] = ()
    added: tuple[Fact, ...] = ()

    def apply(self, facts: Iterable[Fact]) -> tuple[Fact, ...]:
        """Return ``facts`` with this change made."""
        ends = {fact.id: fact for fact in self.closed}
        return (*(ends.get(fact.id, fact) for fact in facts), *self.added)


def same_value(one: str | None, other: str | None) -> bool:
    """Tell whether two values are the same but for letter case and spaces."""
    if one is None or other is None:
        return one is other
    return one.casefold().split() == other.casefold().split()


def add_fact(facts: Sequence[Fact], new: Fact) -> LedgerChange:
    """Take in one new statement.

    Args:
        facts: The account's rows, all versions.
        new: The statement; ``value`` None retracts. ``known_from`` is the present moment; a given
            ``valid_to`` is kept unless a later row begins sooner.

    Returns:
        The change; empty for a confirmation. Rows of another subject or key are never in it.
    """
    believed = _believed(facts, new.subject, new.key)
    holding = _holding(believed, new.valid_from)
    if holding is not None and same_value(holding.value, new.value):
        return LedgerChange()
    now = _moment(facts, new)
    following = [row.valid_from for row in believed if row.valid_from > new.valid_from]
    ends = [end for end in (new.valid_to, *following) if end is not None]
    row = _revised(new, valid_to=min(ends, default=None), known_from=now, known_to=None)
    if holding is None:
        return LedgerChange(added=(row,))
    closed = _revised(holding, known_to=now)
    if holding.valid_from == new.valid_from:
        return LedgerChange(closed=(closed,), added=(row,))
    cut = _revised(holding, id=_next_version(facts, holding.id), valid_to=new.valid_from, known_from=now, known_to=None)
    return LedgerChange(closed=(closed,), added=(cut, row))


def withdraw(facts: Sequence[Fact], wrong: Fact, now: datetime) -> LedgerChange:
    """Take back a row that was never true, without a better value.

    What held just before it, and was only cut short by it, is taken to have gone on in its place.

    Args:
        facts: The account's rows, all versions.
        wrong: One of them, still believed (``known_to`` None); else nothing changes.
        now: The present moment.
    """
    believed = _believed(facts, wrong.subject, wrong.key)
    if all(row.id != wrong.id for row in believed):
        return LedgerChange()
    moment = _moment(facts, _revised(wrong, known_from=now))
    closed = _revised(wrong, known_to=moment)
    before = next((row for row in believed if row.valid_to == wrong.valid_from), None)
    if before is None:
        return LedgerChange(closed=(closed,))
    longer = _revised(
        before, id=_next_version(facts, before.id), valid_to=wrong.valid_to, known_from=moment, known_to=None
    )
    return LedgerChange(closed=(closed, _revised(before, known_to=moment)), added=(longer,))


def facts_at(
    facts: Iterable[Fact],
    *,
    now: datetime,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
) -> tuple[Fact, ...]:
    """Return what held at a moment, as known at a moment; at most one row per (subject, key).

    Args:
        facts: The account's rows, all versions.
        now: The present moment; stands for ``as_of`` where that is None.
        as_of: When it held.
        known_at: When it was known; None for all that is known today.

    Returns:
        The rows in the order of their subjects and keys; retractions are left out.
    """
    moment = now if as_of is None else as_of
    found: dict[tuple[str, str], Fact] = {}
    for row in facts:
        if not (_known(row, known_at) and _holds(row, moment)):
            continue
        # Rows that came from elsewhere may break the tiling: then the later statement wins.
        rival = found.get((row.subject, row.key))
        if rival is None or (row.valid_from, row.known_from) > (rival.valid_from, rival.known_from):
            found[row.subject, row.key] = row
    return tuple(row for _, row in sorted(found.items()) if row.value is not None)


def history(facts: Iterable[Fact], key: str, subject: str = "account") -> tuple[Fact, ...]:
    """Return the values that one key is now known to have had, oldest first, retractions included."""
    return tuple(sorted(_believed(facts, subject, key), key=lambda row: row.valid_from))


def _believed(facts: Iterable[Fact], subject: str, key: str) -> list[Fact]:
    """Pick the rows of one (subject, key) that are still believed."""
    return [row for row in facts if row.subject == subject and row.key == key and row.known_to is None]


def _holding(believed: Iterable[Fact], moment: datetime) -> Fact | None:
    """Pick the row that holds at a moment."""
    return next((row for row in believed if _holds(row, moment)), None)


def _holds(row: Fact, moment: datetime) -> bool:
    """Tell whether the row's validity covers a moment."""
    return row.valid_from <= moment and (row.valid_to is None or moment < row.valid_to)


def _known(row: Fact, moment: datetime | None) -> bool:
    """Tell whether the row was believed at a moment, or is today."""
    if moment is None:
        return row.known_to is None
    return row.known_from <= moment and (row.known_to is None or moment < row.known_to)


def _moment(facts: Iterable[Fact], new: Fact) -> datetime:
    """Give the moment from which ``new`` is known: its own, or the latest one known for its key."""
    rows = [row for row in facts if row.subject == new.subject and row.key == new.key]
    moments = (moment for row in rows for moment in (row.known_from, row.known_to) if moment is not None)
    return max(new.known_from, max(moments, default=new.known_from))


def _next_version(facts: Iterable[Fact], row_id: str) -> str:
    """Name a further version of a row: the first free ``#n`` after its first name."""
    first_name = re.sub(r"#\d+$", "", row_id)
    taken = {row.id for row in facts}
    number = 2
    while f"{first_name}#{number}" in taken:
        number += 1
    return f"{first_name}#{number}"


def _revised(row: Fact, **changes: object) -> Fact:
    """Copy a row with some fields changed; the values are ours and need no second validation."""
    return row.model_copy(update=changes)
