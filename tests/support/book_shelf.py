"""Rows and pages of a book on paper, for tests of what is shown: accounts in decline, well, and without any data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import anyio

from fleet_runtime.books import AccountBook
from fleet_runtime.health import Case, Check, case_of
from fleet_runtime.records import AccountKey, AccountState, Commitment, Event
from fleet_runtime.records.book import (
    AccountDetails,
    Concern,
    Evidence,
    Health,
    Measure,
    Notice,
    Severity,
    Signals,
    Week,
    WorkProduct,
)
from fleet_runtime.runtime.book_pages import AccountPage, BookRow, NextMotion, Renewal, Risk
from fleet_runtime.stores.sql.books import SqlBooks
from fleet_runtime.stores.sql.store import open_store

STEADY = tuple(90.0 + number % 3 for number in range(40))
FALLING = (90.0,) * 32 + tuple(90.0 * 0.93**number for number in range(8))
"""Active users, week by week."""

DAY = date(2027, 3, 1)
AT = datetime.combine(DAY, time(9), tzinfo=UTC)
CRM = Evidence(text="renewal_date: 2027-04-11", source="accounts.csv:3")
WHY = 'Maria Ortiz, the champion, leaves in May and nobody follows: "I start elsewhere" (weekly.csv:3311)'
NEXT = NextMotion(role="customer-success-manager", motion="renewal-countdown", due=date(2027, 3, 12))


def row(account: str = "acme", **given: Any) -> BookRow:
    """Return a row of an account in decline whose renewal is near, less what is given otherwise."""
    values: dict[str, Any] = {
        "account": account,
        "company": "Northwind Traders",
        "on": DAY,
        "score": 34,
        "trend": "down",
        "slope": -6.2,
        "confidence": 0.8,
        "history": (70, 66, 66, 60, None, 55, 50, 48, 44, 40, 36, 34),
        "renewal": Renewal(on=date(2027, 4, 11), days=41, stated=True, evidence=CRM),
        "commitments": 3,
        "overdue": 1,
        "next_motion": NEXT,
        "risk": Risk(severity="high", matter="champion", title="The champion leaves", reasons=(WHY,), since=DAY),
        "why": WHY,
        "open": {"risk": 1},
        "arr": Decimal(120000),
        "currency": "EUR",
        "last_contact": AT - timedelta(days=20),
        "attention": 118.0,
        "because": ("high risk, renewal in 41 d: 115", "1 overdue: 5"),
    }
    return BookRow(**(values | given))


def bare(account: str = "bare") -> BookRow:
    """Return the row of an account of which next to nothing is known."""
    return BookRow(account=account, on=DAY, score=None, trend="unknown", slope=0.0, confidence=0.0)


def page(**given: Any) -> AccountPage:
    """Return a full page: more of everything than is shown."""
    says = "{} fell from 84 to 51 within the last eight weeks, which neither the season nor its own past explains"
    measures = tuple(
        Measure(name=name, score=score, weight=1.0, says=says.format(name), evidence=(CRM,))
        for name, score in {
            "adoption": 28.0, "breadth": 50.0, "engagement": 30.0, "sentiment": None, "support": 70.0,
            "people": 10.0, "commercial": None,
        }.items()
    )  # fmt: skip
    names = ("sponsor", "champion", "goals", "adoption", "open issues", "promises", "paperwork", "price")
    states: tuple[Any, ...] = ("ok", "open", "open", "open", "open", "ok", "unknown", "unknown")
    values: dict[str, Any] = {
        "row": row(),
        "details": details(),
        "health": Health(
            on=DAY, score=34, trend="down", slope=-6.2, confidence=0.8, measures=measures, reasons=measures[:3]
        ),
        "notices": tuple(notice(f"n{number}") for number in range(5)),
        "commitments": tuple(promise(f"c{number}", f"2027-02-{26 + number}") for number in range(5)),
        "checks": tuple(
            Check(name=name, state=state, says=f"what is known of the {name}")
            for name, state in zip(names, states, strict=True)
        ),
        "next_motions": (NEXT,) * 5,
        "weeks": tuple(week(number) for number in reversed(range(6))),
        "events": tuple(event(f"e{number}") for number in range(6)),
        "products": tuple(product(f"p{number}") for number in range(4)),
    }
    return AccountPage(**(values | given))


def details(**given: Any) -> AccountDetails:
    """Return a full row of the CRM."""
    values: dict[str, Any] = {
        "company": "Northwind Traders",
        "industry": "retail",
        "segment": "mid-market",
        "arr": Decimal(120000),
        "currency": "EUR",
        "seats": 140,
        "renewal_date": date(2027, 4, 11),
        "csm": "Dana Whitfield",
        "champion": "Maria Ortiz",
        "exec_sponsor": "Ken Adeyemi",
        "source": "accounts.csv:3",
        "known_from": AT - timedelta(days=30),
    }
    return AccountDetails(**(values | given))


def concern(kind: Any = "risk", severity: Severity = "high", matter: str = "champion") -> Concern:
    """Return a concern."""
    return Concern(
        kind=kind, matter=matter, severity=severity, title="The champion leaves", reasons=(WHY,), evidence=(CRM,),
        play="Find who follows her",
    )  # fmt: skip


def notice(name: str, on: date = DAY, *, about: Concern | None = None, closed_on: date | None = None) -> Notice:
    """Return a notice of a weekly review."""
    return Notice(
        id=name, on=on, concern=about or concern(), motion="weekly-review", role="customer-success-manager",
        raised_at=AT, closed_on=closed_on,
    )  # fmt: skip


def promise(name: str, due: str = "", at: datetime = AT) -> Commitment:
    """Return a promise that is open."""
    return Commitment(id=name, task="send the roadmap", owner="Dana", to="Maria", due=due, event_id="e1", at=at)


def week(number: int, values: Mapping[str, float] | None = None) -> Week:
    """Return the week that began so many weeks before the last whole one."""
    start = date(2027, 2, 22) - timedelta(weeks=number)
    measured = {
        "active_users": 51, "logins": 210, "key_feature_uses": 430, "top_user_share": 0.31, "tickets_opened": 4,
        "p1_open": 1, "nps": -10,
    }  # fmt: skip
    return Week(
        start=start,
        values=dict(measured if values is None else values),
        source=f"weekly.csv:{number + 2}",
        known_from=datetime.combine(start + timedelta(days=7), time(), tzinfo=UTC),
    )


def weeks(users: Sequence[float | None], *, last: date = DAY) -> tuple[Week, ...]:
    """Return weeks of so many active users, of which the last ended on a Monday; None is a week without a row."""
    rows: list[Week] = []
    for number, active in enumerate(users):
        start = last - timedelta(weeks=len(users) - number)
        if active is not None:
            rows.append(
                Week(
                    start=start,
                    values={"active_users": active, "logins": active * 4, "key_feature_uses": active * 9},
                    source=f"weekly.csv:{number + 2}",
                    known_from=datetime.combine(start + timedelta(days=7), time(), tzinfo=UTC),
                )
            )
    return tuple(rows)


def put(signals: Mapping[str, Signals], database: str = ".fleet/fleet.db") -> None:
    """Put signals of accounts into a database, by account."""

    async def work() -> None:
        store = open_store(database, now=lambda: AT)
        try:
            books = SqlBooks(store.database, lambda: AT)
            for account, rows in signals.items():
                await books.put_signals(AccountKey(tenant="default", account=account), rows)
        finally:
            await store.close()

    anyio.run(work)


def event(name: str, at: datetime = AT, kind: str = "note") -> Event:
    """Return an event."""
    return Event(id=name, at=at, kind=kind, author="Kim", text="We spoke of the migration\nto the new system. " * 6)


def product(name: str) -> WorkProduct:
    """Return a work product that waits for a yes."""
    return WorkProduct(
        id=name, kind="email", on=DAY, title="How are you?", text="Hello", motion="weekly-review",
        role="customer-success-manager", state="waiting", made_at=AT, changed_at=AT,
    )  # fmt: skip


def case(account: str = "acme", **given: Any) -> Case:
    """Return a case with a CRM row, ten weeks, a note and two promises, less what is given otherwise."""
    key = AccountKey(tenant="default", account=account)
    signals = {"details": (details(),), "weeks": tuple(week(number) for number in reversed(range(10)))}
    rows = {"events": (event("e1", AT - timedelta(days=40), "meeting"),)}
    book: dict[str, Any] = {}
    for name, value in given.items():
        (signals if name in {"details", "weeks"} else book if name in {"notices", "products"} else rows)[name] = value
    return case_of(
        AccountBook(key=key, version=1, signals=Signals.model_validate(signals), **book),
        AccountState(key=key, version=1, **rows),
        (),
    )
