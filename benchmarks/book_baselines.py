"""Two usual ways to watch a book of accounts, over the very rows that the product reads: what it has to be better than.

*The fixed-threshold score* is the textbook's: adoption, log-ins and tickets of the last four weeks and NPS of the last
half year are each red, yellow or green by fixed cut-offs, weighed into 0 to 100; an account below 50 is red, below 70
yellow. *Last-value rules* are the alerts that tools offer out of the box: each looks at the last week only. Both skip
what is missing, and both take use of nine seats in ten for upside. Neither reads notes. The cut-offs are usual ones,
and since each is too strict for some and too lax for others, both are measured in two ways: red and yellow, any rule
and two at once.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from operator import mul
from pathlib import Path
from statistics import fmean
from typing import Final, NamedTuple

from book_scores import Alarm, AlarmKind

WEEK: Final = timedelta(weeks=1)
A_MONTH: Final = 4
SURVEY_WEEKS: Final = 26
"""How long a survey counts."""
FULL: Final = 0.9
RED: Final = 50.0
YELLOW: Final = 70.0
FALL: Final = 0.2
LOW_USE: Final = 0.3
ONE_PERSON: Final = 0.5

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Rows:
    """One account's rows: its seats by the CRM, and what is there of each week, by the week's first day."""

    seats: float | None
    weeks: Mapping[date, Figures]

    def last(self, start: date, name: str, weeks: int = 1) -> list[float]:
        """Return what there is of a column in the weeks up to that of ``start``, oldest first."""
        starts = (start - back * WEEK for back in reversed(range(weeks)))
        found = (self.weeks.get(one, {}).get(name) for one in starts)
        return [value for value in found if value is not None]

    def seats_in_use(self, start: date, weeks: int = 1) -> float | None:
        """Return which part of the seats is used."""
        users = self.last(start, "active_users", weeks)
        return fmean(users) / self.seats if users and self.seats else None


def read_rows(folder: Path) -> dict[str, Rows]:
    """Read ``accounts.csv`` and ``weekly.csv``; a cell that is no number, or a row without a week, is left out."""
    with (folder / "accounts.csv").open(encoding="utf-8", newline="") as file:
        seats = {row["account_id"]: _number(row["seats"]) for row in csv.DictReader(file)}
    weeks: dict[str, dict[date, Figures]] = {account: {} for account in seats}
    with (folder / "weekly.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            account, start = row.pop("account_id"), row.pop("week_start")
            row.pop("event")
            figures = {name: found for name, value in row.items() if (found := _number(value)) is not None}
            with suppress(ValueError):
                weeks[account][date.fromisoformat(start)] = figures
    return {account: Rows(seats[account], weeks[account]) for account in seats}


def _number(cell: str | None) -> float | None:
    """Read a cell; None where it holds no number."""
    try:
        return float(cell or "")
    except ValueError:
        return None


class Verdict(NamedTuple):
    """What a way of looking says of one account in one week."""

    risk: bool
    upside: bool
    says: str


Look = Callable[[Rows, date], Verdict]


def alarms(book: Mapping[str, Rows], look: Look, since: date, until: date) -> Iterator[Alarm]:
    """Yield what a way of looking raises: each Monday it sees the weeks that are over."""
    for account, rows in book.items():
        mondays = [since + number * WEEK for number in range((until - since) // WEEK + 1)]
        said = [(monday, look(rows, monday - WEEK)) for monday in mondays]
        yield from _spells(account, "risk", [(day, one.risk, one.says) for day, one in said])
        yield from _spells(account, "expansion", [(day, one.upside, one.says) for day, one in said])


def _spells(account: str, kind: AlarmKind, days: list[tuple[date, bool, str]]) -> Iterator[Alarm]:
    """Make one alarm of each run of days on which something holds."""
    begun: tuple[date, str] | None = None
    for day, holds, says in days:
        if holds and begun is None:
            begun = day, says
        elif not holds and begun is not None:
            yield Alarm(account, begun[0], kind, begun[1], over=day)
            begun = None
    if begun is not None:
        yield Alarm(account, begun[0], kind, begun[1])


def graded(value: float, green: float, yellow: float) -> float:
    """Grade a figure: 100 from ``green`` on, 50 from ``yellow`` on, else 0; turned about where less is better."""
    if green < yellow:
        value, green, yellow = -value, -green, -yellow
    return 100.0 if value >= green else 50.0 if value >= yellow else 0.0


def score(rows: Rows, start: date) -> float | None:
    """Return the textbook's health score at the end of a week; None where nothing is there."""
    parts: list[tuple[float, float]] = []
    used = rows.seats_in_use(start, A_MONTH)
    if used is not None:
        parts.append((40, graded(used, 0.7, 0.4)))
    users, logins = rows.last(start, "active_users", A_MONTH), rows.last(start, "logins", A_MONTH)
    if sum(users):
        parts.append((20, graded(sum(logins) / sum(users), 3.0, 1.5)))
    elif users:
        parts.append((20, 0.0))
    if surveys := rows.last(start, "nps", SURVEY_WEEKS):
        answers = [answers for answers in rows.last(start, "nps_responses", SURVEY_WEEKS) if answers]
        level = sum(map(mul, surveys, answers)) / sum(answers) if len(answers) == len(surveys) else fmean(surveys)
        parts.append((25, graded(level, 30, 0)))
    if tickets := rows.last(start, "tickets_opened", A_MONTH):
        urgent = max(rows.last(start, "p1_open", A_MONTH), default=0.0)
        parts.append((15, 0.0 if urgent else graded(fmean(tickets), 2, 5)))
    return sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts) if parts else None


def fixed_thresholds(rows: Rows, start: date, red: float = RED) -> Verdict:
    """Look at an account by the fixed-threshold score."""
    found, used = score(rows, start), rows.seats_in_use(start, A_MONTH)
    risk = found is not None and found < red
    return Verdict(risk, not risk and used is not None and used > FULL, "score")


def last_values(rows: Rows, start: date, needed: int = 1) -> Verdict:
    """Look at an account by rules on its last week, of which so many must hold for a risk."""
    users, before = rows.last(start, "active_users"), rows.last(start - WEEK, "active_users")
    used = rows.seats_in_use(start)
    rules = {
        "users_fell": bool(users and before) and users[0] <= (1 - FALL) * before[0],
        "few_users": used is not None and used < LOW_USE,
        "nps_below_0": any(value < 0 for value in rows.last(start, "nps")),
        "p1_open": any(rows.last(start, "p1_open")),
        "one_person": any(value >= ONE_PERSON for value in rows.last(start, "top_user_share")),
    }
    holding = [name for name, holds in rules.items() if holds]
    risk = len(holding) >= needed
    return Verdict(risk, not risk and used is not None and used > FULL, "+".join(holding))
