"""The figures of a review, computed again from the rows of a real store by code that shares nothing with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from accounts_reviewed import AT, DAY, KEY, KEYS, SIGNALS, STATE
from templates_shipped import PROMPTS, templates

from fleet_runtime.health import (
    RULES_FILE,
    assess,
    case_of,
    health_by_week,
    load_rules,
    readiness,
    seasons_of,
)
from fleet_runtime.products import Composed, Material, compose
from fleet_runtime.records import AccountChange, Learned
from fleet_runtime.stores.sql.books import SqlBooks
from fleet_runtime.stores.sql.store import open_store

pytestmark = pytest.mark.anyio

Row = dict[str, object]


async def reviewed(path: Path) -> Composed:
    """Put the account into a store at a path, read it back, and write its review."""
    store = open_store(str(path), now=lambda: AT)
    try:
        learned = Learned(facts=STATE.facts, commitments=STATE.commitments)
        change = AccountChange(key=KEY, seen_version=0, now=AT, events=STATE.events, learned=learned)
        await store.apply(change)
        books = SqlBooks(store.database, lambda: AT)
        await books.put_signals(KEY, SIGNALS)
        case = case_of(await books.book(KEY), await store.read(KEY), KEYS)
    finally:
        await store.close()
    rules = load_rules([(RULES_FILE, (PROMPTS / RULES_FILE).read_text(encoding="utf-8"))])
    seasons = seasons_of([case], rules)
    found = assess(case, AT, seasons, rules)
    material = Material(
        account=KEY.account,
        role_title="Customer Success Manager",
        company="Northwind Traders",
        at=AT,
        case=case,
        assessment=found,
        history=health_by_week(case, seasons, rules, DAY - timedelta(weeks=25), DAY),
        checks=readiness(case, AT, found),
        commitments=case.commitments(AT),
    )
    return compose("qbr", material, templates())


def rows(path: Path, table: str) -> list[Row]:
    """Return a table's rows as the database has them."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f'SELECT * FROM "{table}"')]  # noqa: S608 - our own tables


def bodies(path: Path, table: str) -> list[Row]:
    """Return what a table's rows hold."""
    return [json.loads(str(row["body"])) for row in rows(path, table)]


def when(micros: object) -> date:
    """Return the day of a stored time."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(str(micros)))).date()


def expected(path: Path) -> dict[str, object]:
    """Compute what a review should state, from the rows alone."""
    weeks = {date.fromisoformat(str(row["start"])): row["values"] for row in bodies(path, "week")}
    facts = {str(row["key"]): row for row in rows(path, "fact")}
    details = bodies(path, "details")[0]
    last = DAY - timedelta(days=(DAY - min(weeks)).days % 7 + 7)

    def values(name: str, first: int, count: int) -> list[float]:
        """Return a column's values in ``count`` weeks, the last of which lies ``first`` weeks back."""
        starts = [last - timedelta(weeks=back) for back in range(first + count - 1, first - 1, -1)]
        found = [weeks[start] for start in starts if start in weeks]
        return [float(str(one[name])) for one in found if isinstance(one, dict) and name in one]

    def mean(name: str, first: int, count: int) -> float:
        found = values(name, first, count)
        return sum(found) / len(found)

    seats = int(str(facts["seats"]["value"]))
    renewal = date.fromisoformat(str(facts["renewal_date"]["value"]))
    means = {
        f"{name}.{which}": mean(name, first, count)
        for name, count in (
            ("active_users", 4),
            ("logins", 4),
            ("key_feature_uses", 4),
            ("top_user_share", 4),
            ("uses_reports", 4),
            ("nps", 13),
        )
        for which, first in (("now", 0), ("before", 13))
    }
    return means | {
        "key_uses_per_user.now": sum(values("key_feature_uses", 0, 4)) / sum(values("active_users", 0, 4)),
        "key_uses_per_user.before": sum(values("key_feature_uses", 13, 4)) / sum(values("active_users", 13, 4)),
        "tickets_opened.quarter": sum(values("tickets_opened", 0, 13)),
        "p1_open.latest": values("p1_open", 0, 1)[0],
        "weeks.missing": 13 - len(values("active_users", 0, 13)),
        "seats": seats,
        "seat_share.now": mean("active_users", 0, 4) / seats,
        "seats.differs": f"{seats} / {details['seats']}",
        "arr": Decimal(str(details["arr"])),
        "go_live_date": date.fromisoformat(str(details["go_live_date"])),
        "exec_sponsor": details["exec_sponsor"],
        "champion": facts["champion"]["value"],
        "primary_goal": facts["primary_goal"]["value"],
        "primary_goal.by": facts["primary_goal"]["author"],
        "primary_goal.on": when(facts["primary_goal"]["at"]),
        "open_issue": facts["open_issue"]["value"],
        "open_issue.by": facts["open_issue"]["author"],
        "open_issue.on": when(facts["open_issue"]["at"]),
        "renewal_date": renewal,
        "renewal_date.days_left": (renewal - DAY).days,
        "contact.last": max(when(row["at"]) for row in rows(path, "event") if row["kind"] in {"message", "meeting"}),
        **{
            f"commitment.{row['id']}.{part}": row[part]
            for row in rows(path, "commitment")
            for part in ("task", "owner", "to", "due")
            if row[part]
        },
    }


JUDGED = ("health.", "concern.", "check.", "play.")
"""What the health rules say: their own tests hold it against the signals."""


async def test_every_figure_of_a_review_is_in_the_rows_of_the_store(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    composed = await reviewed(path)
    wanted = expected(path)
    found = {one.name: one.value for one in composed.figures if not one.name.startswith(JUDGED)}
    assert found.keys() == wanted.keys()
    for name, value in found.items():
        same: Callable[[object], object] = pytest.approx if isinstance(value, float) else lambda one: one
        assert value == same(wanted[name]), name


async def test_every_point_of_a_chart_is_in_the_rows_of_the_store(tmp_path: Path) -> None:
    path = tmp_path / "fleet.db"
    composed = await reviewed(path)
    weeks = {date.fromisoformat(str(row["start"])): row["values"] for row in bodies(path, "week")}
    charts = {chart.name: chart for chart in composed.charts}
    for name, column in (("active_users", "active_users"), ("tickets", "tickets_opened")):
        series = charts[name].series[0]
        assert len(series.days) == 26
        for day, value in zip(series.days, series.values, strict=True):
            row = weeks.get(day)
            assert value == (row[column] if isinstance(row, dict) else None)
    health = charts["health"].series[0]
    score = next(one for one in composed.figures if one.name == "health.score")
    assert health.days[-1] == DAY
    assert health.values[-1] == score.value
    sides = {one.name.removeprefix("health."): one.value for one in composed.figures if one.name.startswith("health.")}
    for series in charts["measures"].series:
        assert series.values[-1] == sides.get(series.name)
