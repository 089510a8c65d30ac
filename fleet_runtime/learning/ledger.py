"""The algebra of bi-temporal facts: what changes when something new is learned. Pure; forgets nothing.

Facts of one (subject, key) are kept as a *tiling*: among the rows known at one moment, validities
(half-open, ``valid_from <= t < valid_to``) never overlap. So "what held at T, as known at K" is one
plain comparison of four times, here and in SQL alike, and no row need be weighed against another.

To keep the tiling, a change never edits what was believed. The row that it touches is closed in
known-time (``known_to``), with its validity as it was, and a *further version* of it
(``id#2``, ``id#3`` …, same event and author) states the shortened validity from now on. Only ends
in known-time are ever written to a stored row, and each only once.

* a new value cuts the row that held at its ``valid_from``, and lasts until the next value begins:
  told late, it fits in between;
* a retraction is a row with value None: from then on nothing is known to hold. A value that was told
  after it and holds from before it lasts on: who spoke last knew of the retraction;
* the same value again is a confirmation and changes nothing, unless a retraction stood in between;
* a correction closes the wrong row in known-time alone: it stays what we believed, and is no more
  what held;
* a claim that yields to another (``yields_to``) is kept beside the tiling: it never holds, and cuts nothing.

Known-time never runs backwards: a change made with an earlier clock counts from the latest moment
at which anything about its key was known.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from fleet_runtime.contracts import Value
from fleet_runtime.learning.quantities import same_quantity
from fleet_runtime.records import Commitment, Fact, Learned

_VERSION = re.compile(r"#(\d+)$")
_START = attrgetter("valid_from")
_INSTANT = timedelta.resolution
_PLAIN = re.compile(r"\D*|\d+|\d{4}-\d{2}-\d{2}")


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


class Ledger:
    """An account's facts while they are added to, by (subject, key): a step costs what its own key holds.

    The rows given may be all versions or only those still believed; the steps are the same.
    """

    def __init__(self, stored: Iterable[Fact] = ()) -> None:
        """Open the ledger on the stored rows."""
        self._rows = {row.id: row for row in stored}
        self._stored = frozenset(self._rows)
        self._closed: dict[str, Fact] = {}
        self._lines: dict[tuple[str, str], _Line] = {}
        for row in self._rows.values():
            self._line(row.subject, row.key).put(row)

    def __contains__(self, row_id: str) -> bool:
        """Tell whether a row of that id is kept."""
        return row_id in self._rows

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Return all rows: the stored ones with their ends, then the new ones."""
        return tuple(self._rows.values())

    def holding(self, subject: str, key: str, moment: datetime) -> Fact | None:
        """Return the believed row of one (subject, key) that covers a moment, retractions included."""
        line = self._lines.get((subject, key))
        return line.holding(moment) if line else None

    def holding_at(self, moment: datetime) -> tuple[Fact, ...]:
        """Return the believed row of every (subject, key) that covers a moment, retractions included."""
        rows = (line.holding(moment) for line in self._lines.values())
        return tuple(row for row in rows if row is not None)

    def yielding(self, subject: str, key: str) -> tuple[Fact, ...]:
        """Return the claims of one (subject, key) that yield to another."""
        line = self._lines.get((subject, key))
        return tuple(line.yielding) if line else ()

    def add(self, new: Fact) -> LedgerChange:
        """Take in one new statement.

        Args:
            new: The statement; ``value`` None retracts. ``known_from`` is the present moment; a given
                ``valid_to`` is kept unless a later row begins sooner. A claim that yields is put aside.

        Returns:
            The change, already made here; empty for a confirmation. Rows of another subject or key are never in it.
        """
        line = self._line(new.subject, new.key)
        now = line.moment(new.known_from)
        if new.yields_to:
            return self._made(LedgerChange(added=(_revised(new, known_from=now, known_to=None),)))
        held = line.holding(new.valid_from)
        confirmed = held is not None and same_value(held.value, new.value)
        overtaken = list(line.overtaken(new, confirmed=confirmed))
        if confirmed and not overtaken:
            return LedgerChange()
        following = line.next_start(new.valid_from, len(overtaken))
        end = min((one for one in (new.valid_to, following) if one is not None), default=None)
        closed = [_revised(row, known_to=now) for row in overtaken]
        added = [_revised(new, valid_to=end, known_from=now, known_to=None)]
        if held is not None:
            closed.append(_revised(held, known_to=now))
            if held.valid_from < new.valid_from:
                added.insert(0, _further(held, now, valid_to=new.valid_from))
        return self._made(LedgerChange(closed=tuple(closed), added=tuple(added)))

    def correct(self, wrong: Fact, right: Fact) -> LedgerChange:
        """Put ``right`` in the place of a believed row that was never true, for the whole time that it was set for.

        The same value, or a row that is not believed any more, changes nothing.
        """
        line = self._line(wrong.subject, wrong.key)
        if not line.believes(wrong) or same_value(wrong.value, right.value):
            return LedgerChange()
        now = line.moment(right.known_from)
        placed = _revised(right, valid_from=wrong.valid_from, valid_to=wrong.valid_to, known_from=now, known_to=None)
        return self._made(LedgerChange(closed=(_revised(wrong, known_to=now),), added=(placed,)))

    def withdraw(self, wrong: Fact, now: datetime) -> LedgerChange:
        """Take back a believed row that was never true, without a better value.

        What held just before it, and was only cut short by it, is taken to have gone on in its place.
        """
        line = self._line(wrong.subject, wrong.key)
        if not line.believes(wrong):
            return LedgerChange()
        moment = line.moment(now)
        closed = _revised(wrong, known_to=moment)
        before = line.before(wrong)
        if before is None:
            return self._made(LedgerChange(closed=(closed,)))
        longer = _further(before, moment, valid_to=wrong.valid_to)
        return self._made(LedgerChange(closed=(closed, _revised(before, known_to=moment)), added=(longer,)))

    def learned(self, commitments: Sequence[Commitment] = ()) -> Learned:
        """Return what was done since the ledger was opened, each row once."""
        return Learned(
            facts=tuple(row for name, row in self._rows.items() if name not in self._stored),
            closed=tuple(self._closed.values()),
            commitments=tuple(commitments),
        )

    def _line(self, subject: str, key: str) -> _Line:
        """Return the line of one (subject, key), new where there is none."""
        return self._lines.setdefault((subject, key), _Line())

    def _made(self, change: LedgerChange) -> LedgerChange:
        """Make a change here, and hand it on."""
        for row in change.closed:
            self._line(row.subject, row.key).drop(row)
            if row.id in self._stored:
                self._closed[row.id] = row
        for row in (*change.closed, *change.added):
            self._rows[row.id] = row
            self._line(row.subject, row.key).put(row)
        return change


class _Line:
    """What is believed of one (subject, key), in the order of validity; beside it what yields, and the last clock."""

    def __init__(self) -> None:
        self._rows: list[Fact] = []
        self._latest: datetime | None = None
        self.yielding: list[Fact] = []

    def put(self, row: Fact) -> None:
        """Take a row in; one that is not believed any more only moves the clock."""
        moments = (one for one in (row.known_from, row.known_to, self._latest) if one is not None)
        self._latest = max(moments)
        if row.yields_to:
            self.yielding.append(row)
        elif row.known_to is None:
            self._rows.insert(bisect_right(self._rows, row.valid_from, key=_START), row)

    def drop(self, row: Fact) -> None:
        """Take out a row that is no longer believed."""
        at = next(number for number in self._upto(row.valid_from) if self._rows[number].id == row.id)
        del self._rows[at]

    def holding(self, moment: datetime) -> Fact | None:
        """Return the row that covers a moment; of several, which no change of ours leaves, the last to begin."""
        return next((self._rows[at] for at in self._upto(moment) if _holds(self._rows[at], moment)), None)

    def before(self, row: Fact) -> Fact | None:
        """Return the row that ends where another begins."""
        earlier = (self._rows[at] for at in self._upto(row.valid_from))
        return next((one for one in earlier if one.valid_to == row.valid_from), None)

    def believes(self, row: Fact) -> bool:
        """Tell whether a row is among those believed."""
        return any(self._rows[at].id == row.id for at in self._upto(row.valid_from))

    def overtaken(self, new: Fact, *, confirmed: bool) -> Iterator[Fact]:
        """Yield the retractions that a value told later, and holding from before them, sets aside.

        One who says again what held (``confirmed``) sets aside only what had come to pass when speaking: a departure
        still ahead stands.
        """
        if new.value is None:
            return
        bounds = [one for one in (new.valid_to, new.at + _INSTANT if confirmed else None) if one is not None]
        until = min(bounds, default=None)
        for row in self._rows[bisect_right(self._rows, new.valid_from, key=_START) :]:
            beyond = until is not None and row.valid_from >= until
            if row.value is not None or row.at > new.at or beyond:
                return
            yield row

    def next_start(self, moment: datetime, passing: int) -> datetime | None:
        """Return when the next row after a moment begins, ``passing`` over the first few."""
        at = bisect_right(self._rows, moment, key=_START) + passing
        return self._rows[at].valid_from if at < len(self._rows) else None

    def moment(self, now: datetime) -> datetime:
        """Give the moment from which something is known: now, or the latest one known here."""
        return now if self._latest is None else max(now, self._latest)

    def _upto(self, moment: datetime) -> range:
        """Return the places of the rows that begin by a moment, the last first."""
        return range(bisect_right(self._rows, moment, key=_START) - 1, -1, -1)


def same_value(one: str | None, other: str | None) -> bool:
    """Tell whether two values are the same but for letter case, spaces and how an amount is written ("$1.5m")."""
    if one is None or other is None:
        return one is other
    if one.casefold().split() == other.casefold().split():
        return True
    plain = _PLAIN.fullmatch(one) and _PLAIN.fullmatch(other)  # then what is written otherwise is another value
    return not plain and same_quantity(one, other)


def first_name(row_id: str) -> str:
    """Return the id under which a statement came in, of any of its versions."""
    return _VERSION.sub("", row_id)


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
        now: The present moment.
        as_of: When it held; None for ``known_at``, or for the present where that is None too.
        known_at: When it was known; None for all that is known today.

    Returns:
        The rows by key; of several subjects of a key the one that began last stands last. Retractions and claims
        that yield are left out.
    """
    moment = as_of or known_at or now
    found: dict[tuple[str, str], Fact] = {}
    for row in facts:
        if row.yields_to or not (_known(row, known_at) and _holds(row, moment)):
            continue
        # Rows that came from elsewhere may break the tiling: then the later statement wins.
        rival = found.get((row.subject, row.key))
        if rival is None or _lateness(row) > _lateness(rival):
            found[row.subject, row.key] = row
    held = (row for row in found.values() if row.value is not None)
    return tuple(sorted(held, key=lambda row: (row.key, row.valid_from, row.subject)))


def history(facts: Iterable[Fact], key: str, subject: str = "account") -> tuple[Fact, ...]:
    """Return the values that one key is now known to have had, oldest first, retractions included."""
    rows = (row for row in facts if row.subject == subject and row.key == key)
    believed = (row for row in rows if row.known_to is None and not row.yields_to)
    return tuple(sorted(believed, key=_lateness))


def _lateness(row: Fact) -> tuple[datetime, datetime, str]:
    """Order rows by when they began to hold, then by when they were known."""
    return row.valid_from, row.known_from, row.id


def _holds(row: Fact, moment: datetime) -> bool:
    """Tell whether the row's validity covers a moment."""
    return row.valid_from <= moment and (row.valid_to is None or moment < row.valid_to)


def _known(row: Fact, moment: datetime | None) -> bool:
    """Tell whether the row was believed at a moment, or is today."""
    if moment is None:
        return row.known_to is None
    return row.known_from <= moment and (row.known_to is None or moment < row.known_to)


def _further(row: Fact, now: datetime, *, valid_to: datetime | None) -> Fact:
    """Return a further version of a row, with another end, from now on. Of its versions only the last is believed."""
    match = _VERSION.search(row.id)
    number = int(match[1]) + 1 if match else 2
    return _revised(row, id=f"{first_name(row.id)}#{number}", valid_to=valid_to, known_from=now, known_to=None)


def _revised(row: Fact, **changes: object) -> Fact:
    """Copy a row with some fields changed; the values are ours and need no second validation."""
    return row.model_copy(update=changes)
