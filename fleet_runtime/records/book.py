"""What the book holds of an account besides its memory: signals, what was noticed, motions run, work products, health.

Values only. Dates are calendar days (UTC); every time is an aware UTC ``datetime``. ``source`` says where a figure
comes from, as a person would look it up: a file and line, a fact's or an event's id.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeVar

from fleet_runtime.contracts import Value
from fleet_runtime.records.memory import Moment


class AccountDetails(Value, defer_build=True):
    """An account's row in the CRM, as it stood when it was exported; empty or None where the row says nothing."""

    company: str = ""
    industry: str = ""
    segment: str = ""
    arr: Decimal | None = None
    currency: str = ""
    seats: int | None = None
    renewal_date: date | None = None
    csm: str = ""
    go_live_date: date | None = None
    champion: str = ""
    exec_sponsor: str = ""
    source: str = ""
    known_from: Moment


class Week(Value, defer_build=True):
    """One week of an account's signals. A name that is missing from ``values`` was not measured: that is not zero.

    ``start`` is its first day. ``values`` are by column (``active_users``, ``nps``, ``uses_reports`` …). ``note`` is
    what a colleague wrote, ``event_id`` the note's event in the memory. ``themes`` are what a note reader found in it,
    ``beliefs`` how sure it was (0 to 1) of these and of others that it did not rule out; empty: it was sure.
    ``known_from``: the end of the week, or later where it came late or was corrected.
    """

    start: date
    values: dict[str, float] = {}
    note: str = ""
    themes: tuple[str, ...] = ()
    beliefs: dict[str, float] = {}
    event_id: str = ""
    source: str = ""
    known_from: Moment

    def belief(self, theme: str) -> float:
        """Return how sure it is that the note has a theme, from 0 to 1."""
        return self.beliefs.get(theme, 0.0) if self.beliefs else float(theme in self.themes)


class Invoice(Value, defer_build=True):
    """An invoice, as it was known from ``known_from`` on; ``paid`` is None while it is not paid."""

    number: str
    issued: date
    due: date
    paid: date | None = None
    amount: Decimal
    currency: str = ""
    source: str = ""
    known_from: Moment


Row = TypeVar("Row", AccountDetails, Week, Invoice)


class Signals(Value, defer_build=True):
    """All that was imported of an account, every version; weeks by start, invoices by issue, details by time."""

    details: tuple[AccountDetails, ...] = ()
    weeks: tuple[Week, ...] = ()
    invoices: tuple[Invoice, ...] = ()

    def known_at(self, moment: datetime) -> Signals:
        """Return what was known then, each week and invoice once, in its latest version, and the latest details."""
        return Signals(
            details=_latest(self.details, lambda _row: 0, moment),
            weeks=_latest(self.weeks, lambda row: row.start, moment),
            invoices=_latest(self.invoices, lambda row: row.number, moment),
        )


def _latest(rows: Iterable[Row], identity: Callable[[Row], Hashable], moment: datetime) -> tuple[Row, ...]:
    """Keep the last version of each row that was known at a moment."""
    last: dict[Hashable, Row] = {}
    for row in rows:
        kept = last.get(identity(row))
        if row.known_from <= moment and (kept is None or kept.known_from <= row.known_from):
            last[identity(row)] = row
    return tuple(last.values())


class Evidence(Value, defer_build=True):
    """One thing that a reason rests on: what it says, and where that can be looked up."""

    text: str
    source: str


Severity = Literal["low", "medium", "high"]
NoticeKind = Literal["risk", "expansion", "data_check", "renewal", "commitment"]


class Concern(Value, defer_build=True):
    """What a review finds on an account at one moment, before anybody knows whether it was raised already.

    ``matter`` names what it is about (``champion``, ``usage_decline``, ``milestone-90`` …); one matter is raised once
    while it is open. ``reasons`` are sentences, the weightiest first; ``play`` says what to do about it.
    """

    kind: NoticeKind
    matter: str
    severity: Severity
    title: str
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()
    play: str = ""


class Notice(Value, defer_build=True):
    """A concern that a motion raised on a day. ``closed_on`` is when it ended, ``outcome`` how."""

    id: str
    on: date
    concern: Concern
    motion: str
    role: str
    raised_at: Moment
    closed_on: date | None = None
    outcome: str = ""

    def open_on(self, day: date) -> bool:
        """Tell whether it had been raised and was still open on a day."""
        return self.on <= day and (self.closed_on is None or self.closed_on > day)


ProductKind = Literal["qbr", "success_plan", "risk_memo", "renewal_plan", "hand_off", "email"]
ProductState = Literal["ready", "waiting", "approved", "rejected", "accepted", "declined", "won", "lost"]
"""``waiting``: for a person's yes. ``accepted`` … ``lost``: what became of a hand-off."""


class WorkProduct(Value, defer_build=True):
    """Something that a motion wrote, as Markdown. ``to`` is a role's class or a person; ``approval`` a question's id.

    ``cites`` are the sources of its figures. ``outcome`` is what became of it, in words, ``changed_at`` when.
    """

    id: str
    kind: ProductKind
    on: date
    title: str
    text: str
    motion: str
    role: str
    to: str = ""
    state: ProductState = "ready"
    approval: str = ""
    cites: tuple[str, ...] = ()
    notice: str = ""
    made_at: Moment
    changed_at: Moment
    outcome: str = ""


class MotionRun(Value, defer_build=True):
    """A motion that was carried out, or found moot, for the day on which it was due."""

    motion: str
    role: str
    due: date
    ran_at: Moment
    outcome: Literal["done", "moot"] = "done"
    why: str = ""
    notices: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


class Measure(Value, defer_build=True):
    """One side of an account's health: ``score`` 0 to 100, None where there is no data; ``confidence`` 0 to 1.

    ``slope`` is in points per four weeks. ``says`` puts it in a sentence.
    """

    name: str
    score: float | None
    weight: float
    slope: float = 0.0
    confidence: float = 0.0
    says: str = ""
    evidence: tuple[Evidence, ...] = ()


Trend = Literal["up", "steady", "down", "unknown"]


class Health(Value, defer_build=True):
    """How an account fares on a day; ``score`` is None where too little is known, which is not well.

    ``slope`` is in points per four weeks; ``reasons`` are up to three, the weightiest first, each with its evidence.
    """

    on: date
    score: int | None
    trend: Trend
    slope: float
    confidence: float
    measures: tuple[Measure, ...] = ()
    reasons: tuple[Measure, ...] = ()
