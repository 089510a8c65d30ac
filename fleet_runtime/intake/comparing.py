"""Lays what files say of an account beside what is stored of it: what is new, since when it is known, what it replaces.

A week counts as known at its end, although its file came later: that is how it would have come in time. What comes
after a later week of an earlier import, adds to a week that had come, or says otherwise, was not known before now. Only
a measure that the account never had comes in time for all weeks: a second file with other columns is like the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal, NamedTuple

from fleet_runtime.contracts import Value
from fleet_runtime.intake.columns import SignalKind
from fleet_runtime.intake.gathering import beginning
from fleet_runtime.intake.merging import WEEK, gaps, joined_details, joined_invoice, joined_week
from fleet_runtime.intake.values import Remark, SignalsRow, Taken
from fleet_runtime.records.book import AccountDetails, Invoice, Signals, Week

_NOT_SAID: Final = frozenset({"source", "known_from", "themes", "beliefs", "event_id"})
"""What of a row may differ though it says the same."""
_SHOWN: Final = 6


class RowCounts(Value):
    """How many rows of a kind were read, and what became of them: ``new``, known already, or in place of another.

    Rows of the same week, invoice or account count as ``read`` each, and once among the others.
    """

    read: int = 0
    new: int = 0
    same: int = 0
    changed: int = 0


class Brought(NamedTuple):
    """What files say of one account, each week and invoice once; ``rows`` counts their rows by kind."""

    account: str
    signals: Signals
    rows: Mapping[SignalKind, int]
    remarks: tuple[Remark, ...] = ()


class News(NamedTuple):
    """What is to be kept of it. ``former`` are the details known before, ``details`` those known from now on."""

    signals: Signals
    counts: Mapping[SignalKind, RowCounts]
    remarks: tuple[Remark, ...]
    former: AccountDetails | None
    details: AccountDetails | None


def brought(account: str, taken: Iterable[Taken]) -> Brought:
    """Join what several files say of one account; of two cells that conflict, that of the later file counts."""
    details: AccountDetails | None = None
    weeks: dict[date, Week] = {}
    invoices: dict[str, Invoice] = {}
    rows: dict[SignalKind, int] = {}
    remarks: list[Remark] = []
    for one in taken:
        rows[one.kind] = rows.get(one.kind, 0) + one.rows
        match one.row:
            case AccountDetails() as row:
                remarks += _conflicts(account, details, row)
                details = row if details is None else joined_details(details, row)
            case Week() as row:
                former = weeks.get(row.start)
                remarks += _conflicts(account, former, row)
                weeks[row.start] = row if former is None else joined_week(former, row)
            case Invoice() as row:
                known = invoices.get(row.number)
                remarks += _conflicts(account, known, row)
                invoices[row.number] = row if known is None else joined_invoice(known, row)
    signals = Signals(
        details=(details,) if details else (),
        weeks=tuple(weeks[start] for start in sorted(weeks)),
        invoices=tuple(sorted(invoices.values(), key=lambda one: (one.issued, one.number))),
    )
    return Brought(account, signals, rows, tuple(remarks))


def news_of(stored: Signals, given: Brought, now: datetime) -> News:
    """Tell what is new of an account, and since when it is known.

    Args:
        stored: all that is kept of its signals.
        given: what files say.
        now: the present moment.
    """
    former, details = _details(stored, given.signals)
    weeks, week_counts, late = _weeks(stored.weeks, given, now)
    invoices, invoice_counts, corrected = _invoices(stored.invoices, given, now)
    said = given.signals.details
    changed = 0 if details is None else 1
    detail_counts = RowCounts(
        read=given.rows.get("accounts", 0),
        new=changed if former is None else 0,
        changed=0 if former is None else changed,
        same=len(said) - changed,
    )
    counts: dict[SignalKind, RowCounts] = {"accounts": detail_counts, "weekly": week_counts, "invoices": invoice_counts}
    odd = (*_other_weekday(stored.weeks, given), *_missing(stored.weeks, given))
    remarks = (*given.remarks, *late, *corrected, *odd)
    signals = Signals(details=(details,) if details else (), weeks=weeks, invoices=invoices)
    return News(signals, counts, remarks, former, details or former or next(iter(stored.details[-1:]), None))


def differing(former: SignalsRow | None, latter: SignalsRow) -> tuple[str, ...]:
    """Return the names of what two rows say differently; all that is said where there was none."""
    return tuple(
        name
        for name, value in latter
        if name not in _NOT_SAID and (value not in ("", None) if former is None else getattr(former, name) != value)
    )


def _details(stored: Signals, given: Signals) -> tuple[AccountDetails | None, AccountDetails | None]:
    """Return the details that were known when the given ones were exported, and the new ones if they differ."""
    if not given.details:
        return None, None
    [said] = given.details
    earlier = [one for one in stored.details if one.known_from <= said.known_from]
    former = max(earlier, key=lambda one: one.known_from, default=None)
    whole = joined_details(former, said) if former else said
    return former, whole if former is None or differing(former, whole) else None


def _weeks(stored: Sequence[Week], given: Brought, now: datetime) -> tuple[tuple[Week, ...], RowCounts, list[Remark]]:
    """Tell the weeks that are new or say otherwise, each with the moment from which it is known."""
    last = {week.start: week for week in sorted(stored, key=lambda week: week.known_from)}
    begun = [week for week in stored if week.start <= now.date()]
    latest = max((week.start for week in begun), default=date.min)
    measured = {name for week in begun for name in _said(week)}
    fresh: list[Week] = []
    remarks: list[Remark] = []
    changed = 0
    for week in given.signals.weeks:
        former = last.get(week.start)
        if former is None and week.start >= latest:
            fresh.append(_known(week, _in_time(week.start, now)))
            continue
        whole = week if former is None else joined_week(former, week)
        was, now_is = (_said(former) if former else {}), _said(whole)
        if was == now_is:
            continue
        changed += former is not None
        replaced = {name: (value, now_is[name]) for name, value in was.items() if now_is[name] != value}
        late = not measured.isdisjoint(now_is.keys() - was.keys())
        known_from = _in_time(week.start, now) if former is None else max(former.known_from, _in_time(week.start, now))
        known_from = max(known_from, now) if replaced or late else known_from
        fresh.append(_known(whole, known_from))
        of = f"{given.account}, week of {week.start}"
        if replaced:
            remarks.append(_remark(week.source, "changed", f"{of}: {_replaced(replaced)}; known from now on"))
        elif late:
            remarks.append(_remark(week.source, "late", f"{of} came after later weeks; known from now on"))
    read, weeks = given.rows.get("weekly", 0), len(given.signals.weeks)
    counts = RowCounts(read=read, new=len(fresh) - changed, changed=changed, same=weeks - len(fresh))
    return tuple(fresh), counts, remarks


def _invoices(
    stored: Sequence[Invoice], given: Brought, now: datetime
) -> tuple[tuple[Invoice, ...], RowCounts, list[Remark]]:
    """Tell the invoices that are new or say otherwise: known from their issue, and as paid from the day of payment."""
    last = {invoice.number: invoice for invoice in sorted(stored, key=lambda invoice: invoice.known_from)}
    fresh: list[Invoice] = []
    remarks: list[Remark] = []
    new = changed = 0
    for invoice in given.signals.invoices:
        former = last.get(invoice.number)
        if former is None:
            new += 1
            fresh += _as_they_came(invoice)
            continue
        whole = joined_invoice(former, invoice)
        names = differing(former, whole)
        if not names:
            continue
        changed += 1
        known_from = now
        if whole.paid and former.paid is None and names == ("paid",):
            known_from = beginning(whole.paid)
        else:
            values = {name: (getattr(former, name), getattr(whole, name)) for name in names}
            says = f"{given.account}, invoice {invoice.number}: {_replaced(values)}; known from now on"
            remarks.append(_remark(invoice.source, "changed", says))
        fresh.append(whole.model_copy(update={"known_from": max(former.known_from, known_from)}))
    same = len(given.signals.invoices) - new - changed
    return tuple(fresh), RowCounts(read=given.rows.get("invoices", 0), new=new, changed=changed, same=same), remarks


def _as_they_came(invoice: Invoice) -> tuple[Invoice, ...]:
    """Return the versions of an invoice: open from its issue, paid from the day of payment."""
    if invoice.paid is None or invoice.paid <= invoice.issued:
        return (invoice,)
    open_still = invoice.model_copy(update={"paid": None})
    return open_still, invoice.model_copy(update={"known_from": beginning(invoice.paid)})


def _known(week: Week, known_from: datetime) -> Week:
    """Return a week as known from a moment on."""
    return week if week.known_from == known_from else week.model_copy(update={"known_from": known_from})


def _in_time(start: date, now: datetime) -> datetime:
    """Return when a week is known that comes in time: at its end, or now while it is under way."""
    return now if beginning(start) <= now < beginning(start + WEEK) else beginning(start + WEEK)


def _said(week: Week) -> dict[str, float | str]:
    """Return what a week says, by name."""
    return {**week.values, **({"event": week.note} if week.note else {})}


def _missing(stored: Sequence[Week], given: Brought) -> list[Remark]:
    """Say which weeks are missing between the first and the last of the files."""
    starts = [week.start for week in given.signals.weeks]
    if not starts:
        return []
    between = (week.start for week in stored if starts[0] <= week.start <= starts[-1])
    missing = gaps((*starts, *between))
    if not missing:
        return []
    shown = ", ".join(str(start) for start in missing[:_SHOWN])
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    says = f"{given.account}: no data for {len(missing)} week{'' if len(missing) == 1 else 's'} between: {shown}{more}"
    return [Remark(0, "gap", says, len(missing))]


def _other_weekday(stored: Sequence[Week], given: Brought) -> list[Remark]:
    """Say where weeks begin on another day than those that are stored: they overlap."""
    if not stored or not given.signals.weeks:
        return []
    first, last = given.signals.weeks[0], stored[-1].start
    if first.start.weekday() == last.weekday():
        return []
    says = f"{given.account}: weeks begin on {first.start:%A} here, and on {last:%A} in what is stored: they overlap"
    return [_remark(first.source, "weekday", says)]


def _conflicts(account: str, former: SignalsRow | None, latter: SignalsRow) -> list[Remark]:
    """Say what a row of a later file contradicts."""
    if former is None:
        return []
    was, now_is = _parts(former), _parts(latter)
    values = {name: (was[name], value) for name, value in now_is.items() if name in was and was[name] != value}
    if not values:
        return []
    says = f"{account}: {_replaced(values)} (also in {former.source}); the later file counts"
    return [_remark(latter.source, "conflict", says)]


def _parts(row: SignalsRow) -> Mapping[str, object]:
    """Return what a row says, by name."""
    if isinstance(row, Week):
        return _said(row)
    return {name: value for name, value in row if name not in _NOT_SAID and value not in ("", None)}


def _replaced(values: Mapping[str, tuple[object, object]]) -> str:
    """Say what was and what is."""
    told = [f"{name} was {_written(was)}, is {_written(now_is)}" for name, (was, now_is) in sorted(values.items())]
    return "; ".join(told[:_SHOWN]) + (f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else "")


def _written(value: object) -> str:
    """Write a value."""
    if isinstance(value, float):
        return f"{value:g}"
    return repr(" ".join(value.split())[:60]) if isinstance(value, str) else str(value)


def _remark(source: str, matter: Literal["changed", "late", "conflict", "weekday"], says: str) -> Remark:
    """Make a remark on a row by its source, a file and line."""
    file, _, line = source.rpartition(":")
    return Remark(int(line) if line.isdecimal() else 0, matter, says, file=file)
