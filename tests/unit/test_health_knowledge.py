"""Only what was known counts, a row that is missing is no zero, and no data is neither well nor a risk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from health_accounts import (
    COUNT,
    NOW,
    START,
    account,
    as_bytes,
    bent,
    crm,
    event,
    fact,
    falling,
    health,
    in_figures,
    invoice,
    known_from,
    matters,
    midnight,
    promise,
    raised,
    review,
    rules,
    side,
    signs,
    start_of,
    steady,
    weeks,
)

from fleet_runtime.health import Case, end_of, health_by_week
from fleet_runtime.health.seasons import NO_SEASONS, Common, Seasons
from fleet_runtime.records.book import Week

DAY = timedelta(days=1)
FALL = bent(steady(), falling(14, 0.5))


def corrected(rows: Iterable[Week], index: int, known: datetime, **values: float) -> Week:
    """Return a later version of a week."""
    row = next(row for row in rows if row.start == start_of(index))
    return row.model_copy(update={"values": row.values | values, "known_from": known, "source": "later.csv:2"})


def level_of(case: Case, at: datetime) -> tuple[object, ...]:
    """Return what a review says of the moment itself, without how it was four weeks ago."""
    found = review(case, at)
    sides = [one.model_copy(update={"slope": 0.0}) for one in found.health.measures]
    return found.concerns, found.alarm, found.health.score, sides


def test_weeks_count_from_their_end_on() -> None:
    case = account(weeks(FALL))
    assert len(case.weeks(known_from(9) - DAY)) == 9
    assert len(case.weeks(known_from(9))) == 10
    assert len(case.weeks(midnight(START))) == 0
    assert case.weeks(midnight(START)).value("active_users", -1) != case.weeks(NOW).value("active_users", -1)


@pytest.mark.parametrize("index", [4, 10, 15, 18])
def test_later_weeks_change_nothing_as_of_an_earlier_moment(index: int) -> None:
    at = known_from(index) + DAY
    known = account(weeks({name: values[: index + 1] for name, values in FALL.items()}))
    assert as_bytes(review(account(weeks(FALL)), at)) == as_bytes(review(known, at))


def test_a_later_moment_that_was_asked_first_changes_nothing() -> None:
    at = known_from(12)
    fresh = as_bytes(review(account(weeks(FALL)), at))
    case = account(weeks(FALL))
    assert review(case).health
    assert as_bytes(review(case, at)) == fresh


def test_a_crm_row_of_later_changes_nothing_though_it_was_asked_first() -> None:
    later = crm(NOW + 10 * DAY, industry="education", seats=30, champion="Al", renewal_date=date(2026, 7, 1))
    by = rules('seasons: [{name: spring, from: "03-01", to: "05-31", quiet: true, industries: [education]}]')
    fresh = as_bytes(review(account(weeks(FALL)), by=by))
    case = account(weeks(FALL), [crm(), later])
    assert review(case, NOW + 20 * DAY, by=by).health
    assert as_bytes(review(case, by=by)) == fresh


def test_other_rules_are_heeded_though_the_case_was_reviewed_before() -> None:
    quiet = rules('seasons: [{name: all of it, from: "01-01", to: "12-31", quiet: true}]')
    fresh = as_bytes(review(account(weeks(FALL))))
    case = account(weeks(FALL))
    assert as_bytes(review(case, by=quiet)) != fresh
    assert as_bytes(review(case)) == fresh


def test_seasons_are_heeded_though_the_case_was_reviewed_without() -> None:
    moved = Seasons({"retail": {start_of(17 + step): Common(-0.3, -0.3) for step in range(20)}}, {})
    fresh = as_bytes(review(account(weeks(FALL)), seasons=moved))
    case = account(weeks(FALL))
    assert review(case, seasons=NO_SEASONS).health
    assert as_bytes(review(case, seasons=moved)) == fresh


def test_a_feature_that_is_first_measured_later_does_not_count_before() -> None:
    columns = steady() | {"uses_reports": [5.0] * COUNT}
    later = columns | {"uses_alerts": [None] * 16 + [3.0] * (COUNT - 16)}
    at = known_from(14)
    assert as_bytes(review(account(weeks(later)), at)) == as_bytes(review(account(weeks(columns)), at))


def test_a_version_counts_from_when_it_was_known_and_then_as_if_it_had_always_said_so() -> None:
    rows = weeks(steady())
    known = known_from(20) + 2 * DAY
    late = [corrected(rows, index, known, active_users=20.0, logins=80.0) for index in range(14, 20)]
    before, after = known - timedelta(hours=1), known + timedelta(hours=1)
    case = account((*rows, *late))
    assert not case.is_plain
    assert as_bytes(review(case, before)) == as_bytes(review(account(rows), before))
    assert side(case, "engagement", after) != side(account(rows), "engagement", after)
    truth = {row.start: row.model_copy(update={"known_from": known_from(13)}) for row in late}
    plain = account(truth.get(row.start, row) for row in rows)
    assert plain.is_plain
    assert level_of(case, after) == level_of(plain, after)


def test_of_two_corrections_the_later_counts_and_the_first_did_in_between() -> None:
    rows = weeks(steady())
    first = corrected(rows, 20, NOW - 3 * DAY, active_users=10.0)
    second = corrected(rows, 20, NOW - DAY, active_users=50.0)
    case = account((*rows, first, second))
    seen = [case.weeks(NOW - day * DAY).value("active_users", 20) for day in (4, 2, 0)]
    assert seen == [rows[20].values["active_users"], 10.0, 50.0]


def test_a_row_that_came_late_was_not_there_before() -> None:
    rows = list(weeks(steady()))
    rows[18] = rows[18].model_copy(update={"known_from": NOW})
    case = account(rows)
    before = case.weeks(NOW - DAY)
    assert (len(before), before.rows[18]) == (22, None)
    assert case.weeks(NOW).rows[18] == rows[18]


def test_two_rows_near_each_other_do_not_hide_the_one_that_was_known_first() -> None:
    rows = weeks(steady())
    near = rows[-1].model_copy(update={"start": rows[-1].start + 2 * DAY, "known_from": NOW + DAY, "note": "Later."})
    assert as_bytes(review(account((*rows, near)))) == as_bytes(review(account(rows)))


def test_facts_events_promises_and_invoices_count_from_when_they_were_known() -> None:
    rows, later = weeks(steady()), NOW + DAY
    bare = as_bytes(review(account(rows)))
    soon = NOW.date() + 2 * DAY
    full = account(
        rows,
        facts=[fact("seats", "40", later), fact("champion", "Al Stone", later), fact("sentiment", "angry", later)],
        events=[event("e", later)],
        commitments=[promise("p", str(soon), later)],
        invoices=[invoice("7", date(2026, 3, 1), later)],
    )
    assert as_bytes(review(full)) == bare
    assert as_bytes(review(full, later)) != as_bytes(review(account(rows), later))


def test_an_invoice_is_unpaid_until_its_payment_is_known() -> None:
    due = date(2026, 3, 20)
    paid = invoice("7", due, NOW + DAY, paid=date(2026, 6, 23))
    case = account(weeks(steady()), invoices=[invoice("7", due), paid])
    worst, after = (side(case, "commercial", at) for at in (NOW, NOW + 2 * DAY))
    assert worst is not None
    assert after is not None
    assert worst < after - 5


def test_the_crm_of_later_is_a_hint_of_what_does_not_change_and_names_nobody() -> None:
    case = account(weeks(steady()), [crm(NOW + 30 * DAY)])
    assert case.details(NOW) is None
    hint = case.hint(NOW)
    assert hint is not None
    assert hint.industry == "retail"
    renewal = case.renewal(NOW)
    assert renewal is not None
    assert not renewal.stated
    assert "Maria" not in as_bytes(review(case)).decode()
    assert side(case, "relationship") is None


def test_history_is_what_reviews_would_have_said_at_the_end_of_each_day() -> None:
    case = account(weeks(FALL))
    days = [start_of(10) + timedelta(weeks=step) for step in range(8)]
    found = health_by_week(case, NO_SEASONS, rules(), days[0], days[-1])
    assert [one.on for one in found] == days
    seen = [review(account(weeks(FALL)), end_of(day)).health for day in days]
    assert list(found) == [in_figures(one) for one in seen]
    assert health_by_week(case, NO_SEASONS, rules(), days[1], days[0]) == ()


@pytest.mark.parametrize("case", [account(details=()), account(), account(weeks(steady(1)), details=())])
def test_who_next_to_nothing_is_known_of_is_neither_well_nor_at_risk(case: Case) -> None:
    found = review(case)
    assert found.alarm == 0
    assert not [one for one in found.concerns if one.kind in {"risk", "expansion"}]
    assert found.health.score is None or found.health.confidence < 0.3
    assert found.health.trend == "unknown"
    assert all(one.score is None or one.confidence > 0 for one in found.health.measures)


def test_an_empty_case_has_every_side_and_no_score() -> None:
    found = health(account(details=()))
    assert [one.name for one in found.measures] == list(rules().weights)
    assert all(one.score is None and one.says for one in found.measures)
    assert (found.score, found.confidence, found.slope, found.reasons) == (None, 0.0, 0.0, ())


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 8])
def test_missing_weeks_are_no_risk_and_lower_the_confidence(count: int) -> None:
    case = account(weeks(steady(), without=range(COUNT - count, COUNT)))
    assert raised(case, "risk") is None
    assert health(case).confidence < health(account(weeks(steady()))).confidence
    assert ("missing_weeks" in matters(case)) == (count >= 2)
    assert "zeros" not in matters(case)


@pytest.mark.parametrize("weeks_of_none", [2, 4, 5])
def test_a_sudden_stop_may_be_a_meter_and_is_a_doubt_before_it_is_a_risk(weeks_of_none: int) -> None:
    case = account(weeks(bent(steady(), {COUNT - weeks_of_none: 0.0})))
    assert raised(case, "risk") is None
    assert "zeros" in matters(case)


def test_use_that_dwindled_before_it_stopped_is_a_risk_at_once() -> None:
    dwindling = {COUNT - 8: 0.7, COUNT - 7: 0.5, COUNT - 6: 0.3, COUNT - 5: 0.15, COUNT - 4: 0.0}
    found = raised(account(weeks(bent(steady(), dwindling))), "risk")
    assert found is not None
    assert found.matter == "usage_stop"


@pytest.mark.parametrize("weeks_of_none", [7, 8, 10, 14])
def test_use_that_stopped_is_a_risk_for_as_long_as_it_lasts(weeks_of_none: int) -> None:
    case = account(weeks(bent(steady(), {COUNT - weeks_of_none: 0.0})))
    found = raised(case, "risk")
    assert found is not None
    assert found.matter == "usage_stop"
    assert health(case).trend != "up"
    score = health(case).score
    assert score is None or score < 65


def test_one_week_of_zeros_is_asked_about_and_is_no_risk() -> None:
    case = account(weeks(bent(steady(), {COUNT - 1: 0.0})))
    assert raised(case, "risk") is None
    assert "zeros" in matters(case)


def test_a_column_that_is_not_delivered_any_more_says_nothing_of_today() -> None:
    urgent = steady() | {"p1_open": [0.0] * 4 + [3.0] * 4 + [None] * (COUNT - 8)}
    assert "support_load" not in signs(account(weeks(urgent)))
    tickets = steady()
    tickets["tickets_opened"][6:] = [None] * (COUNT - 6)
    measures = {one.name: one for one in health(account(weeks(tickets))).measures}
    assert measures["support"].score is None or measures["support"].confidence < 0.5
    overdue = steady() | {"invoices_overdue": [0.0] * 2 + [1.0] * 8 + [None] * (COUNT - 10)}
    assert review(account(weeks(overdue))).alarm == 0


def test_use_that_is_not_measured_any_more_is_no_gain() -> None:
    columns = steady()
    columns["active_users"][-3:] = [None] * 3
    found, whole = health(account(weeks(columns))), health(account(weeks(steady())))
    assert found.trend != "up"
    assert found.confidence < whole.confidence


def test_rows_that_stopped_coming_long_ago_are_no_good_score() -> None:
    later = NOW + 280 * DAY
    found = health(account(weeks(steady()), events=[event("e", later - 5 * DAY)]), later)
    assert found.confidence < 0.3
    assert found.score is None or found.trend != "up"
    assert "missing_weeks" in matters(account(weeks(steady())), at=later)
    assert all(one.confidence > 0 for one in found.reasons)
    sentiment = next(one for one in found.measures if one.name == "sentiment")
    assert sentiment.score is None or sentiment.confidence < 0.3


def test_a_note_in_a_week_without_figures_does_not_hide_that_they_are_missing() -> None:
    columns = {name: values[: COUNT - 5] + [None] * 5 for name, values in steady().items()}
    noted = dict.fromkeys(range(COUNT - 5, COUNT), ("We spoke of the weather.", ()))
    assert "missing_weeks" in matters(account(weeks(columns, noted)))


def test_moments_in_other_zones_are_the_same_moments() -> None:
    case, at = account(weeks(FALL)), datetime(2026, 6, 22, 9, tzinfo=UTC)
    elsewhere = at.astimezone(datetime.strptime("+0200", "%z").tzinfo)
    assert as_bytes(review(case, elsewhere)) == as_bytes(review(case, at))
