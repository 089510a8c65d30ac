"""Rows of accounts' books for tests. Tests nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from remembered import ACME, NOON

from fleet_runtime.bookkeeping import signals_of
from fleet_runtime.books import AccountBook, Outcome
from fleet_runtime.records import AccountKey
from fleet_runtime.records.book import (
    AccountDetails,
    Concern,
    Evidence,
    Invoice,
    MotionRun,
    Notice,
    Week,
    WorkProduct,
)

MONDAY = date(2026, 1, 5)
DAY = date(2026, 3, 1)


def day_start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def days(count: float) -> datetime:
    """Return the moment so many days after noon of the first of March."""
    return NOON + timedelta(days=count)


def a_week(number: int = 0, users: float = 40.0, known: datetime | None = None, note: str = "") -> Week:
    start = MONDAY + timedelta(weeks=number)
    known = known or day_start(start + timedelta(days=7))
    return Week(
        start=start,
        values={"active_users": users, "top_user_share": 0.1 + 0.2},
        note=note,
        themes=("praise", "price") if note else (),
        event_id=f"note-{number}" if note else "",
        source=f"weekly.csv:{number + 2}",
        known_from=known,
    )


def an_invoice(number: str = "R-1", paid: date | None = None, known: datetime = NOON) -> Invoice:
    return Invoice(
        number=number, issued=DAY, due=DAY + timedelta(days=30), paid=paid, amount=Decimal("1200.50"), currency="EUR",
        source="invoices.csv:2", known_from=known,
    )  # fmt: skip


def some_details(seats: int = 40, known: datetime = NOON) -> AccountDetails:
    return AccountDetails(
        company="Acme Gr\u00f6\u00dfe", industry="tools", segment="smb", arr=Decimal("12000.10"), currency="EUR",
        seats=seats, renewal_date=date(2026, 9, 1), csm="Bo", go_live_date=date(2024, 2, 29), champion="Ada",
        exec_sponsor="Cy", source="accounts.csv:2", known_from=known,
    )  # fmt: skip


def a_notice(name: str = "n1", on: date = DAY, title: str = "Usage falls") -> Notice:
    concern = Concern(
        kind="risk",
        matter="usage",
        severity="high",
        title=title,
        reasons=("Half as many users as in autumn.",),
        evidence=(Evidence(text="40, then 20", source="weekly.csv:2"),),
        play="Call Ada.",
    )
    return Notice(id=name, on=on, concern=concern, motion="weekly-review", role="csm", raised_at=NOON)


def a_product(name: str = "p1", on: date = DAY, text: str = "# Risk\n\n40 users [1]") -> WorkProduct:
    return WorkProduct(
        id=name, kind="risk_memo", on=on, title="Risk memo", text=text, motion="weekly-review", role="csm",
        to="Ada", state="waiting", approval="q1", cites=("weekly.csv:2",), notice="n1", made_at=NOON, changed_at=NOON,
    )  # fmt: skip


def a_run(motion: str = "weekly-review", due: date = DAY) -> MotionRun:
    return MotionRun(
        motion=motion, role="csm", due=due, ran_at=NOON, why="it was due", notices=("n1",), products=("p1",)
    )


def an_outcome(motion: str = "weekly-review", *, key: AccountKey = ACME, due: date = DAY) -> Outcome:
    """Return a run that raises a notice and writes a product, all named after it."""
    return Outcome(
        key,
        a_run(motion, due),
        notices=(a_notice(f"n-{motion}-{due}", due),),
        products=(a_product(f"p-{motion}-{due}", due),),
    )


def a_whole_book(key: AccountKey, word: str = "") -> AccountBook:
    """Return rows of every kind, with a word in their texts."""
    first = a_week(0, note=f"They like it. {word}")
    corrected = a_week(0, 20.0, days(3), note=f"They do not. {word}")
    rows = (
        *(first, corrected, a_week(1)),
        *(an_invoice(f"R-1 {word}"), an_invoice(f"R-1 {word}", DAY, days(2)), an_invoice("R-0")),
        *(some_details().model_copy(update={"champion": f"Ada {word}"}), some_details(55, days(9))),
    )
    notices = (a_notice("n1", title=f"Usage {word}"), a_notice(f"n0 {word}", DAY - timedelta(days=1)))
    return AccountBook(
        key,
        signals=signals_of(rows),
        notices=tuple(sorted(notices, key=lambda one: one.on)),
        runs=(a_run(f"review {word}", DAY - timedelta(days=1)), a_run()),
        products=(a_product(text=f"# Risk {word}"),),
    )
