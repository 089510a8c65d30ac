"""Upside that is worth handing on, doubts about the data, and rows that nobody should have sent."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from health_accounts import (
    COUNT,
    NOW,
    Column,
    account,
    as_bytes,
    bent,
    crm,
    fact,
    falling,
    health,
    known_from,
    matters,
    midnight,
    raised,
    review,
    rules,
    start_of,
    steady,
    texts,
    weeks,
)

from fleet_runtime.health import NO_SEASONS, case_of, end_of, health_by_week
from fleet_runtime.records.book import Week

CALM = steady()
GROWING = bent(CALM, {8 + step: 1 + 0.04 * step for step in range(15)})
DAY = timedelta(days=1)


def upside(columns: Mapping[str, Column], **given: Any) -> bool:
    """Tell whether upside is raised, and no risk beside it."""
    case = account(weeks(columns), [crm(**given)])
    return raised(case, "expansion") is not None and raised(case, "risk") is None


def test_seats_that_run_out_are_upside_and_cite_use_and_seats() -> None:
    full = steady(use=0.97)
    found = raised(account(weeks(full)), "expansion")
    assert found is not None
    assert found.play
    assert {"accounts.csv:2"} < {item.source for item in found.evidence}
    assert not upside(steady(use=0.7))
    assert not upside(full, seats=None)


def test_steady_growth_is_upside_unless_it_grows_shallow() -> None:
    assert upside(GROWING, seats=120)
    shallow = GROWING | {"key_feature_uses": CALM["key_feature_uses"]}
    assert not upside(shallow, seats=120)
    strong, weak = (
        health(account(weeks(columns), [crm(seats=300)])).measures[1].score for columns in (GROWING, shallow)
    )
    assert (weak or 0) < (strong or 0)
    assert not upside(CALM, seats=300)


def test_growing_into_what_was_bought_is_no_upside() -> None:
    assert not upside(GROWING, seats=300)
    assert upside(GROWING, seats=120)
    assert not upside(GROWING, seats=120, go_live_date=NOW.date() - timedelta(days=100))


def test_deeper_use_by_more_than_one_person_is_upside() -> None:
    deeper = bent(CALM, {10 + step: 1 + 0.08 * step for step in range(13)}, "key_feature_uses")
    full = steady(use=0.9) | {"key_feature_uses": deeper["key_feature_uses"]}
    assert upside(full)
    one = full | {"top_user_share": [0.1] * 12 + [0.6] * 11}
    assert not upside(one)


def test_one_jump_is_no_growth() -> None:
    assert not upside(bent(CALM, {COUNT - 1: 1.8}))


def test_growth_that_a_note_calls_a_single_event_is_less() -> None:
    noted = account(weeks(GROWING, {COUNT - 2: ("Their big campaign.", ("one_off",))}), [crm(seats=300)])
    assert raised(noted, "expansion") is None


def test_a_figure_that_jumps_alone_may_be_counted_twice() -> None:
    jumped = bent(CALM, {COUNT - 1: 2.2}, "active_users")
    assert "spike" in matters(account(weeks(jumped)))
    together = bent(CALM, {COUNT - 1: 2.2})
    assert "spike" not in matters(account(weeks(together)))


@pytest.mark.parametrize("name", ["active_users", "logins", "key_feature_uses"])
def test_a_figure_that_is_suddenly_zero_is_asked_about(name: str) -> None:
    found = raised(account(weeks(bent(CALM, {COUNT - 1: 0.0}, name))), "data_check")
    assert found is not None
    assert (found.matter, found.severity) == ("zeros", "low")
    assert found.play
    few = bent(steady(size=4), {COUNT - 1: 0.0}, "active_users")
    assert "zeros" not in matters(account(weeks(few), [crm(seats=4)]))


def test_a_renewal_date_that_passed_is_a_doubt_and_a_hint_of_one_is_not() -> None:
    passed = NOW.date() - 20 * DAY
    assert "renewal_passed" in matters(account(weeks(CALM), [crm(renewal_date=passed)]))
    assert "renewal_passed" not in matters(account(weeks(CALM), [crm(renewal_date=NOW.date() - DAY)]))
    assert "renewal_passed" not in matters(account(weeks(CALM), [crm(NOW + 5 * DAY, renewal_date=passed)]))


def test_doubts_are_never_risks_and_always_low() -> None:
    case = account(
        weeks(bent(CALM, {COUNT - 1: 0.0}, "active_users"), without=(19, 20)),
        [crm(seats=20, renewal_date=date(2026, 1, 1))],
    )
    found = [one for one in review(case).concerns if one.kind == "data_check"]
    assert {"zeros", "missing_weeks", "renewal_passed"} <= {one.matter for one in found}
    assert all(one.severity == "low" and one.evidence and one.play for one in found)
    assert raised(case, "risk") is None


ODD = [float("nan"), float("inf"), float("-inf"), -5.0, 0.0, 1e-9, 1e12, 1e308]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("name", [*CALM, "csat", "invoices_overdue", "uses_reports"])
def test_odd_values_are_survived_and_told_as_numbers(name: str, value: float) -> None:
    columns = CALM | {"uses_reports": [3.0] * COUNT}
    columns[name] = [*columns.get(name, [1.0] * COUNT)[:-3], value, value, value]
    found = review(account(weeks(columns)))
    score = found.health.score
    assert score is None or 0 <= score <= 100
    assert 0 <= found.alarm <= 1
    assert not [text for text in texts(found) if "nan" in text.split() or "inf" in text.replace("%", "").split()]


@pytest.mark.parametrize("name", ["active_users", "logins", "key_feature_uses"])
def test_counts_below_zero_are_no_data_and_no_jump(name: str) -> None:
    columns = {key: list(values) for key, values in CALM.items()}
    columns[name][-1] = -5.0
    case = account(weeks(columns))
    assert "spike" not in matters(case)
    assert raised(case, "risk") is None


@pytest.mark.parametrize("seats", [0, -5, 10**12])
def test_odd_seats_are_no_measure(seats: int) -> None:
    case = account(weeks(CALM), [crm(seats=seats, go_live_date=NOW.date() - 200 * DAY)])
    if seats <= 0:
        assert "more_users_than_seats" not in matters(case)
        assert as_bytes(review(case)) == as_bytes(
            review(account(weeks(CALM), [crm(seats=None, go_live_date=NOW.date() - 200 * DAY)]))
        )
    assert health(case).score is not None


@pytest.mark.parametrize("day", [date.min, date(1, 2, 3), date(1900, 1, 1), date(2200, 1, 1), date.max])
def test_odd_dates_are_survived(day: date) -> None:
    case = account(
        weeks(CALM),
        [crm(renewal_date=day, go_live_date=day)],
        facts=[fact("renewal_date", str(day))],
    )
    assert health(case).score is not None
    assert review(case, end_of(date.max)).health
    assert review(case, datetime(1, 3, 1, tzinfo=UTC)).health.score is None


@pytest.mark.parametrize("stated", ["", "soon", "2026-13-45", "0000-00-00", "2026-W40-1", "20261001"])
def test_a_date_that_is_none_leaves_the_crms(stated: str) -> None:
    case = account(weeks(CALM), [crm(renewal_date=date(2027, 6, 1))], facts=[fact("renewal_date", stated)])
    found = case.renewal(NOW)
    assert found is not None
    assert found.evidence.source in {"accounts.csv:2", "fact f-renewal_date-20260112"}


def test_an_account_without_industry_is_judged_by_the_seasons_of_all() -> None:
    known, unknown = (account(weeks(CALM), [crm(industry=name)]) for name in ("retail", ""))
    assert as_bytes(review(known)) == as_bytes(review(unknown))


def test_a_week_far_from_the_others_is_survived() -> None:
    stray = Week(
        start=date(1999, 1, 4), values={"active_users": 5.0}, source="old.csv:2", known_from=midnight(date(1999, 1, 11))
    )
    found = review(account((stray, *weeks(CALM)))).health
    assert found.score is not None
    assert abs(found.score - (health(account(weeks(CALM))).score or 0)) <= 5


def test_all_zeros_from_the_first_week_on_are_no_good_score() -> None:
    found = health(account(weeks(bent(CALM, {0: 0.0}))))
    assert found.score is None or found.score < 65


def test_ten_years_of_weeks_are_reviewed_in_time() -> None:
    first = date(2016, 1, 4)
    count = 530
    columns = bent(steady(count), falling(count - 9, 0.4))
    case = account(weeks(columns, first=first), [crm(midnight(first))])
    at = known_from(count - 1, first)
    began = time.perf_counter()
    assert review(case, at).health.score is not None
    assert time.perf_counter() - began < 5
    began = time.perf_counter()
    found = health_by_week(case, NO_SEASONS, rules(), at.date() - timedelta(weeks=20), at.date())
    assert time.perf_counter() - began < 5
    assert len(found) == 21


def test_reviews_of_a_year_take_little_time() -> None:
    case = account(weeks(steady(75), {3: ("Hm.", ("silence",)), 30: ("Good.", ("praise",))}))
    assert review(case, known_from(60)).health
    began = time.perf_counter()
    for index in range(20, 70):
        assert review(case, known_from(index)).concerns is not None
    assert (time.perf_counter() - began) / 50 < 0.1


def test_health_is_worked_out_when_it_is_asked_for_and_once() -> None:
    found = review(account(weeks(CALM)))
    assert found.health is found.health


def test_cases_are_of_the_account_and_its_keys() -> None:
    case = account(weeks(CALM))
    assert case.key == case.book.key == case.state.key
    assert case_of(case.book, case.state, ()).keys == ()
    assert [row.start for row in case.notes(NOW)] == []
    noted = account(weeks(CALM, {3: ("One.", ()), 5: ("Two.", ())}))
    assert [row.start for row in noted.notes(NOW)] == [start_of(5), start_of(3)]
