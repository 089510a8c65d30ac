"""The sixty accounts of csm_quarter.py: who they are, and their weeks as tracking, colleagues and the CRM tell them.

Plays accounts.yaml beside this file; the same seed gives the same accounts and weeks. Knows nothing of the fleet.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import yaml

CSM = "Dana Whitfield"
FIRST_MONDAY = date(2027, 1, 4)
HISTORY_WEEKS = 40
WEEK = timedelta(weeks=1)
TALE = yaml.safe_load(Path(__file__).with_name("accounts.yaml").read_text(encoding="utf-8"))
COLUMNS = (
    "active_users", "logins", "key_feature_uses", "top_user_share", "tickets_opened", "p1_open", "nps", "nps_responses",
)  # fmt: skip
ABSOLUTE = ("top_user_share", "p1_open", "nps")
CHATTER = 0.06
"""How often a colleague writes something harmless."""


class Account(NamedTuple):
    """A customer, and what happens to them: ``level`` is their usual week."""

    id: str
    company: str
    industry: str
    seats: int
    renews: date
    names: dict[str, str]
    level: dict[str, float]
    plot: Mapping[str, Any]


def cast(seed: int) -> list[Account]:
    """Give each of the sixty companies its people, its size, its usual week and its plot."""
    rng = random.Random(seed)  # noqa: S311 - a play, no secret
    plots = [plot for plot in TALE["plots"] for _ in range(plot["accounts"])]
    rng.shuffle(plots)
    found = []
    for plot, (place, sector) in zip(plots, product(TALE["places"], TALE["sectors"]), strict=True):
        seats = rng.randrange(20, 240, 5)
        people = rng.sample(TALE["people"], 3)
        users = seats * rng.uniform(0.6, 0.74)
        level = {"active_users": users, "logins": rng.uniform(3, 5), "key_feature_uses": rng.uniform(5, 10)}
        level |= {"top_user_share": rng.uniform(0.06, 0.12), "tickets_opened": rng.uniform(0.5, 2), "p1_open": 0}
        found.append(Account(
            id=f"{place}-{sector}".lower(),
            company=f"{place} {sector}",
            industry=TALE["sectors"][sector],
            seats=seats,
            renews=FIRST_MONDAY + timedelta(days=rng.randrange(40, 400)),
            names=dict(zip(("champion", "sponsor", "next"), people, strict=True)),
            level=level | {"nps": rng.uniform(25, 50)},
            plot=plot,
        ))  # fmt: skip
    return found


def bend(account: Account, name: str, week: int) -> float:
    """Return what the plot makes of a figure in a week: between two points of its line, or beyond the last."""
    line: list[tuple[int, float]] = sorted(account.plot.get("bends", {}).get(name, {0: 1.0}).items())
    before = [point for point in line if point[0] <= week][-1:] or line[:1]
    after = [point for point in line if point[0] > week][:1] or line[-1:]
    (left, low), (right, high) = before[0], after[0]
    return low if left >= right or week <= left else low + (high - low) * (week - left) / (right - left)


def told(account: Account, week: int) -> dict[str, object] | None:
    """Return an account's row of a week as tracking and colleagues deliver it, or None where it is missing."""
    first, last = account.plot.get("missing", (0, -1))
    if first <= week <= last:
        return None
    rng = random.Random(f"{account.id} {week}")  # noqa: S311 - as above
    value = {name: account.level[name] * bend(account, name, week) for name in account.level}
    for name in ABSOLUTE:
        if name in account.plot.get("bends", {}):
            value[name] = bend(account, name, week)
    users = round(value["active_users"] * rng.gauss(1, 0.04))
    row: dict[str, object] = {"active_users": min(users, account.seats)}
    row |= {name: round(users * value[name] * rng.gauss(1, 0.06)) for name in ("logins", "key_feature_uses")}
    row |= {
        "top_user_share": round(value["top_user_share"] * rng.gauss(1, 0.05), 3),
        "p1_open": round(value["p1_open"]),
    }
    row["tickets_opened"] = max(0, round(rng.gauss(value["tickets_opened"], 0.7)))
    if (week + len(account.id)) % 7 == 0:
        row |= {"nps": max(-100, min(100, round(rng.gauss(value["nps"], 8)))), "nps_responses": 7}
    note = account.plot.get("notes", {}).get(week, "")
    if not note and rng.random() < CHATTER:
        note = rng.choice(TALE["chatter"])
    if week_of(account.renews) == week + 3 and "lost" not in account.plot:
        note = "{champion} has signed: the contract is renewed for another year. " + note
    return row | {"event": note.format_map(account.names)}


def week_of(day: date) -> int:
    """Return the number of the week in which a day lies."""
    return (day - FIRST_MONDAY).days // 7


def write_history(folder: Path, accounts: list[Account]) -> Path:
    """Write the weeks before the first Monday, as a warehouse exports them."""
    return _write_weeks(folder / "history.csv", accounts, range(-HISTORY_WEEKS, 0))


def write_week(folder: Path, accounts: list[Account], week: int) -> Path:
    """Write one week that is over."""
    return _write_weeks(folder / "weekly.csv", accounts, range(week, week + 1))


def _write_weeks(file: Path, accounts: list[Account], weeks: range) -> Path:
    """Write some weeks of all accounts as a CSV file."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ("account_id", "week_start", *COLUMNS, "event"))
        writer.writeheader()
        for week, account in product(weeks, accounts):
            if row := told(account, week):
                writer.writerow({"account_id": account.id, "week_start": FIRST_MONDAY + week * WEEK, **row})
    return file


def write_accounts(folder: Path, accounts: list[Account], week: int) -> Path:
    """Write the accounts as the CRM exports them in a week."""
    file = folder / "accounts.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("account_id", "company", "industry", "arr_eur", "seats", "renewal_date", "csm", "champion",
                         "exec_sponsor"))  # fmt: skip
        for one in accounts:
            again = week_of(one.renews) <= week and "lost" not in one.plot
            renews = one.renews.replace(year=one.renews.year + 1) if again else one.renews
            champion = one.names["next" if one.plot.get("follows", week + 1) <= week else "champion"]
            writer.writerow((one.id, one.company, one.industry, one.seats * 420, one.seats, renews, CSM, champion,
                             one.names["sponsor"]))  # fmt: skip
    return file


def kick_offs(accounts: list[Account]) -> Iterator[tuple[str, dict[str, object]]]:
    """Tell what each customer wanted when they began, as events of their memories; some never said."""
    for number, one in enumerate(accounts):
        if number % 5:
            goal = TALE["goals"][number % len(TALE["goals"])]
            event: dict[str, object] = {
                "id": "kick-off",
                "kind": "meeting",
                "author": CSM,
                "text": f"Kick-off. Their goal: {goal}.",
            }
            event |= {"at": str(FIRST_MONDAY - timedelta(days=300 - number))}
            yield one.id, event | {"operations": [{"op": "set", "key": "primary_goal", "value": goal}]}
