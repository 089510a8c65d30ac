"""What the book shows: one row for each account, and a page of a single one. Values only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from fleet_runtime.contracts import Value
from fleet_runtime.health import Check
from fleet_runtime.records import Commitment, Event
from fleet_runtime.records.book import (
    AccountDetails,
    Evidence,
    Health,
    Notice,
    NoticeKind,
    Severity,
    Trend,
    Week,
    WorkProduct,
)
from fleet_runtime.records.memory import Moment

BookOrder = Literal["attention", "health", "renewal", "arr", "account"]
"""How rows are sorted; the first is the order in which somebody should look at them."""


class NextMotion(Value, defer_build=True):
    """A motion that is to come, and on which day."""

    role: str
    motion: str
    due: date


class Renewal(Value, defer_build=True):
    """When the contract renews, in how many days (negative: that is past), and where the date stands.

    Not ``stated``: it is only the CRM's of a later day.
    """

    on: date
    days: int
    stated: bool
    evidence: Evidence


class Risk(Value, defer_build=True):
    """The gravest risk of an account; ``since`` is the day on which it was raised, None where it was not yet."""

    severity: Severity
    matter: str
    title: str
    reasons: tuple[str, ...]
    since: date | None = None


class BookRow(Value, defer_build=True):
    """One account in the book, as of a day.

    ``score`` is 0 to 100, None where too little is known; ``slope`` in points per four weeks; ``confidence`` 0 to 1.
    ``history`` is the score of the last weeks, the latest last. ``arr`` is in ``currency``. ``open`` counts what was
    raised and is not over, by kind. ``attention`` is how much it needs somebody (0: nothing to do), and ``because``
    says of what that is made.
    """

    account: str
    company: str = ""
    on: date
    score: int | None
    trend: Trend
    slope: float
    confidence: float
    history: tuple[int | None, ...] = ()
    renewal: Renewal | None = None
    commitments: int = 0
    overdue: int = 0
    next_motion: NextMotion | None = None
    risk: Risk | None = None
    why: str = ""
    open: dict[NoticeKind, int] = {}
    arr: Decimal | None = None
    currency: str = ""
    last_contact: Moment | None = None
    attention: float = 0.0
    because: tuple[str, ...] = ()


class AccountPage(Value, defer_build=True):
    """One account as of a day, with all that a person wants at hand before a talk.

    ``details`` are the CRM's as known then; where it was imported later, as of that day. ``notices`` and
    ``commitments`` are those that were open; ``next_motions``, ``weeks``, ``events`` and ``products`` the nearest or
    latest few.
    """

    row: BookRow
    details: AccountDetails | None
    health: Health
    notices: tuple[Notice, ...]
    commitments: tuple[Commitment, ...]
    checks: tuple[Check, ...]
    next_motions: tuple[NextMotion, ...]
    weeks: tuple[Week, ...]
    events: tuple[Event, ...]
    products: tuple[WorkProduct, ...]
