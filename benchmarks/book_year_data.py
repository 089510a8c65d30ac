"""A seeded book of accounts with a year of signals, and by a plain walk of its own when each milestone is to fire.

Nothing here asks the code under test: the walk knows only the contract's words, that a date counts as it was known at
the end of each day, that a date which moves brings only what lies ahead, and that a renewed contract stops them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from fleet_runtime.records.book import AccountDetails, Signals, Week

START = date(2027, 1, 4)
MILESTONES = (180, 120, 90, 60, 30, 14)
LATE = timedelta(days=30)
WEEK = timedelta(days=7)
HISTORY_WEEKS = 26
CYCLE = timedelta(days=270)
MOVED, RENEWED, FALLING, GROWING, MISSING = 0.1, 0.15, 0.1, 0.9, 0.02
INDUSTRIES = ("retail", "logistics", "health", "education", "legal", "hotels", "finance", "public")


class Milestone(NamedTuple):
    """One milestone that is to be on record: its account, the day it is due, which it is, and whether it is moot."""

    account: str
    due: date
    days: int
    renewal: date
    moot: bool


class Account(NamedTuple):
    """An account as it is seeded."""

    name: str
    signals: Signals


def seeded(accounts: int, days: int, seed: int) -> Iterator[Account]:
    """Yield accounts: most are steady, some fall, some grow, some have gaps; some dates move, some contracts renew."""
    draw = random.Random(seed)  # noqa: S311 - repeatable
    first = START - HISTORY_WEEKS * WEEK
    first -= timedelta(days=first.weekday())
    count = HISTORY_WEEKS + days // 7 + 1
    for number in range(accounts):
        name = f"account-{number:05}"
        renewal = START + timedelta(days=draw.randrange(10, 480))
        known = START - timedelta(days=60)
        details = [_details(name, number, renewal, known, draw)]
        if draw.random() < MOVED:
            moved = renewal + timedelta(days=draw.choice((-45, -10, 10, 29, 45, 90)))
            details.append(
                details[0].model_copy(
                    update={
                        "renewal_date": moved,
                        "known_from": _noon(START + timedelta(days=draw.randrange(5, max(6, days - 5)))),
                        "source": f"crm-later.csv:{number + 2}",
                    }
                )
            )
        renewed_on = renewal - timedelta(days=draw.randrange(20, 100)) if draw.random() < RENEWED else None
        weeks = _weeks(draw, first, count, renewed_on)
        yield Account(name, Signals(details=tuple(details), weeks=weeks))


def expected(account: Account, days: int) -> list[Milestone]:
    """Return the milestones that are to be on record after the year, each once."""
    found: dict[tuple[date, int], Milestone] = {}
    for offset in range(1 - LATE.days, days):
        today = START + timedelta(days=offset)
        now, before = _renewal(account, _end(today)), _renewal(account, _end(today - timedelta(days=1)))
        if now is None or before is None:
            continue
        for number in MILESTONES:
            if now - timedelta(days=number) != today:
                continue
            done = any(
                one.days == number and not one.moot and one.renewal != now and abs(one.renewal - now) <= LATE
                for one in found.values()
            )
            moot = done or _renewed(account, now, _end(today))
            found[today, number] = Milestone(account.name, today, number, now, moot)
    return list(found.values())


def _renewal(account: Account, at: datetime) -> date | None:
    """Return the renewal's date as it was known."""
    known = [row.renewal_date for row in account.signals.details if row.known_from <= at]
    return known[-1] if known else None


def _renewed(account: Account, renewal: date, at: datetime) -> bool:
    """Tell whether a note had said that the contract is renewed."""
    return any(
        "renewed" in week.themes and week.known_from <= at and week.start > renewal - CYCLE
        for week in account.signals.weeks
    )


def _details(name: str, number: int, renewal: date, known: date, draw: random.Random) -> AccountDetails:
    """Make the CRM's row."""
    return AccountDetails(
        company=name.replace("-", " ").title(),
        industry=INDUSTRIES[number % len(INDUSTRIES)],
        segment=draw.choice(("small business", "mid-market", "mid-market", "enterprise")),
        arr=Decimal(draw.randrange(5, 200) * 1000),
        currency="EUR",
        seats=draw.randrange(20, 400),
        renewal_date=renewal,
        csm="Ann Weber",
        champion=draw.choice(("Kim Novak", "Lee Park", "")),
        exec_sponsor=draw.choice(("Dana Ruiz", "")),
        source=f"crm.csv:{number + 2}",
        known_from=_noon(known),
    )


def _weeks(draw: random.Random, first: date, count: int, renewed_on: date | None) -> tuple[Week, ...]:
    """Make the weeks of an account: a level with noise, and for some a turn for worse or better."""
    level, course = draw.randrange(15, 300), draw.random()
    turn = draw.randrange(HISTORY_WEEKS, count)
    slope = -0.06 if course < FALLING else 0.03 if course > GROWING else 0.0
    weeks: list[Week] = []
    for index in range(count):
        if draw.random() < MISSING:
            continue
        start = first + index * WEEK
        usual = level * max(0.05, 1 + slope * max(0, index - turn)) * draw.uniform(0.93, 1.07)
        values = {
            "active_users": round(usual), "logins": round(usual * 9), "key_feature_uses": round(usual * 4),
            "top_user_share": round(draw.uniform(0.1, 0.3), 2), "tickets_opened": draw.randrange(4),
        }  # fmt: skip
        if index % 13 == 0:
            values |= {"nps": draw.randrange(-10, 70), "nps_responses": draw.randrange(3, 20)}
        signed = renewed_on is not None and start <= renewed_on < start + WEEK
        weeks.append(
            Week(
                start=start,
                values=values,
                note="They signed the renewal." if signed else "",
                themes=("renewed",) if signed else (),
                source=f"weekly.csv:{index + 2}",
                known_from=datetime.combine(start + WEEK, time.min, tzinfo=UTC),
            )
        )
    return tuple(weeks)


def _noon(day: date) -> datetime:
    """Return noon of a day."""
    return datetime.combine(day, time(12), tzinfo=UTC)


def _end(day: date) -> datetime:
    """Return the end of a day."""
    return datetime.combine(day, time.max, tzinfo=UTC)
