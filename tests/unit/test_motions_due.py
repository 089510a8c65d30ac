"""When motions are due: each date once, however the time is cut into looks, and by what was known on the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from motion_cases import Looking, case, concern, details, fact, from_day, motion, noon, renewals, weekly

from fleet_runtime.contracts import Motion
from fleet_runtime.health import Case, end_of
from fleet_runtime.motions import due_dates, next_due, next_news, planned
from fleet_runtime.motions.conditions import renewed

DAY = timedelta(days=1)
START = date(2027, 1, 4)
JUNE = date(2027, 6, 1)
RENEWAL = motion("`renewal` (90, 30 days before `renewal_date`) - check the renewal")
QUIET = motion("`quiet` (no contact for 45 days) - draft email")
WEEKLY = motion("`weekly` (every Monday) - review")
RULE = motion("`rule` (when `champion`) - draft risk_memo")


def days(one: Motion, of: Case, since: date, until: date) -> tuple[date, ...]:
    """Return what is due after the end of a day, up to the end of another."""
    return due_dates(one, of, end_of(since), end_of(until))


def cut(one: Motion, of: Case, moments: Sequence[datetime]) -> list[date]:
    """Return what is due when the time is cut at these moments; what ran is not asked for again."""
    ran: dict[date, None] = {}
    for begin, end in pairwise(moments):
        ran.update(dict.fromkeys(due_dates(one, of, begin, end)))
    return list(ran)


def test_dates_before_a_fact() -> None:
    acme = case(rows=renewals((JUNE, noon(date(2026, 1, 1)))))
    assert days(RENEWAL, acme, START, JUNE) == (date(2027, 3, 3), date(2027, 5, 2))
    assert days(RENEWAL, acme, date(2027, 3, 2), date(2027, 3, 3)) == (date(2027, 3, 3),)
    assert days(RENEWAL, acme, date(2027, 3, 3), date(2027, 5, 1)) == ()
    assert next_due(RENEWAL, acme, date(2027, 3, 2)) == date(2027, 3, 3)
    assert next_due(RENEWAL, acme, date(2027, 3, 3)) == date(2027, 5, 2)
    assert next_due(RENEWAL, acme, end_of(date(2027, 5, 2))) is None
    assert days(RENEWAL, case(), START, JUNE) == ()


def test_a_fact_goes_before_the_crm() -> None:
    acme = case(rows=[details(JUNE)], facts=[fact("renewal_date", "2027-07-01")])
    assert days(RENEWAL, acme, START, JUNE) == (date(2027, 4, 2), JUNE)


def test_a_date_that_moves_brings_what_lies_ahead_only() -> None:
    told = noon(date(2027, 4, 10))
    later = case(rows=renewals((JUNE, noon(date(2026, 1, 1))), (date(2027, 8, 1), told)))
    assert days(RENEWAL, later, START, date(2027, 8, 1)) == (
        date(2027, 3, 3),
        date(2027, 5, 3),
        date(2027, 7, 2),
    )
    earlier = case(rows=renewals((date(2027, 9, 1), noon(date(2026, 1, 1))), (JUNE, told)))
    assert days(RENEWAL, earlier, START, date(2027, 9, 1)) == (date(2027, 5, 2),)
    same_day = case(rows=renewals((date(2027, 9, 1), noon(date(2026, 1, 1))), (date(2027, 5, 10), told)))
    assert days(RENEWAL, same_day, START, date(2027, 9, 1)) == (date(2027, 4, 10),)


def test_a_date_that_was_not_known_before_brings_a_month_of_what_it_would_have_brought() -> None:
    known = noon(date(2027, 3, 20))
    acme = case(rows=renewals((JUNE, known)))
    stated = case(facts=[fact("renewal_date", "2027-06-01", known)])
    for one in (acme, stated):
        assert date(2027, 3, 3) in days(RENEWAL, one, date(2027, 3, 19), date(2027, 3, 20))
    late = case(facts=[fact("renewal_date", "2027-06-01", noon(date(2027, 4, 20)))])
    assert days(RENEWAL, late, date(2027, 3, 1), JUNE) == (date(2027, 5, 2),)


def test_no_contact_counts_from_the_last_one() -> None:
    acme = case(contacts=[noon(date(2027, 1, 10)), noon(date(2027, 2, 1))])
    assert days(QUIET, acme, START, JUNE) == (date(2027, 3, 18),)
    assert next_due(QUIET, acme, START) is None  # nobody had been spoken with yet
    assert next_due(QUIET, acme, date(2027, 1, 20)) == date(2027, 2, 24)
    assert days(QUIET, case(), START, JUNE) == ()


def test_the_calendar() -> None:
    assert days(WEEKLY, case(), START, date(2027, 1, 25)) == (
        date(2027, 1, 11),
        date(2027, 1, 18),
        date(2027, 1, 25),
    )
    six = datetime(2027, 1, 11, 6, tzinfo=UTC)
    assert due_dates(WEEKLY, case(), end_of(date(2027, 1, 10)), six - timedelta(minutes=1)) == ()
    assert due_dates(WEEKLY, case(), six - timedelta(minutes=1), six) == (date(2027, 1, 11),)
    assert next_due(WEEKLY, case(), START) == date(2027, 1, 11)
    assert days(RULE, case(), START, date(2027, 1, 11)) == (date(2027, 1, 11),)


def test_what_is_planned_is_what_is_known_now() -> None:
    acme = case(rows=renewals((JUNE, noon(date(2026, 1, 1)))), contacts=[noon(START)])
    until = end_of(JUNE)
    assert planned(RENEWAL, acme, end_of(date(2027, 3, 3)), until) == (date(2027, 5, 2),)
    assert planned(QUIET, acme, end_of(START), until) == (date(2027, 2, 18),)
    assert len(planned(WEEKLY, acme, end_of(START), until)) == 21
    assert planned(RULE, acme, end_of(START), until) == ()


def test_news_are_what_may_move_a_date() -> None:
    told, held = noon(date(2027, 2, 1)), noon(date(2027, 2, 10))
    acme = case(
        rows=renewals((JUNE, noon(date(2026, 1, 1)))),
        facts=[fact("renewal_date", "2027-07-01", told, held), fact("plan", "gold", noon(date(2027, 1, 5)))],
        contacts=[noon(date(2027, 1, 9))],
    )
    at = end_of(START)
    assert next_news((RENEWAL,), acme, at) == told
    assert next_news((RENEWAL,), acme, told) == held
    assert next_news((RENEWAL,), acme, held) is None
    assert next_news((QUIET,), acme, at) == noon(date(2027, 1, 9))


@pytest.mark.parametrize("days_before", [10, 200])
def test_a_note_that_says_renewed_counts_for_the_renewal_that_it_precedes(days_before: int) -> None:
    start = JUNE - timedelta(days=days_before)
    acme = case(
        rows=renewals((JUNE, noon(date(2026, 1, 1)))), weeks=weekly(start, 2, {"active_users": 5}, {0: "renewed"})
    )
    assert not renewed(acme, end_of(start))  # the week is not over
    assert renewed(acme, end_of(start + 7 * DAY))


def test_last_years_renewal_is_not_this_years() -> None:
    old = case(
        rows=renewals((JUNE, noon(date(2026, 1, 1)))), weeks=weekly(date(2026, 5, 4), 2, {"logins": 1}, {0: "renewed"})
    )
    assert not renewed(old, end_of(date(2027, 5, 1)))
    stated = case(rows=[details(JUNE)], facts=[fact("renewal_state", "renewed", noon(date(2026, 5, 20)))])
    assert not renewed(stated, end_of(date(2027, 5, 1)))
    now = case(rows=[details(JUNE)], facts=[fact("renewal_state", "Renewed", noon(date(2027, 4, 20)))])
    assert renewed(now, end_of(date(2027, 5, 1)))


dates = st.dates(date(2027, 1, 10), date(2028, 6, 30))
known = st.dates(date(2026, 11, 1), date(2027, 12, 20))


@st.composite
def accounts(draw: st.DrawFn) -> Case:
    """Make an account whose renewal date is told, and may move, and with which somebody speaks now and then."""
    times = sorted(draw(st.lists(known, max_size=3, unique=True)))
    rows = renewals(*((draw(dates), noon(day)) for day in times))
    contacts = sorted(noon(day) for day in draw(st.lists(known, max_size=4, unique=True)))
    return case(rows=rows, contacts=contacts)


def moments() -> st.SearchStrategy[datetime]:
    """Draw a moment of the year."""
    seconds = st.integers(0, 359 * 24 * 3600)
    return seconds.map(lambda one: datetime(2027, 1, 5, tzinfo=UTC) + timedelta(seconds=one))


def cuts() -> st.SearchStrategy[list[datetime]]:
    """Cut the year at the ends of some days."""
    inner = st.lists(st.dates(START + DAY, date(2027, 12, 30)), max_size=40, unique=True)
    return inner.map(lambda found: [end_of(day) for day in (START, *sorted(found), date(2027, 12, 31))])


@settings(max_examples=25, deadline=None)
@given(accounts(), cuts())
def test_however_the_year_is_cut_the_same_is_due(acme: Case, moments: list[datetime]) -> None:
    for one in (RENEWAL, QUIET):
        assert sorted(cut(one, acme, moments)) == sorted(days(one, acme, START, date(2027, 12, 31)))


@settings(max_examples=40, deadline=None)
@given(accounts(), st.lists(moments(), max_size=30, unique=True))
def test_each_due_date_comes_once_at_any_times_of_the_day(acme: Case, inner: list[datetime]) -> None:
    times = [end_of(START), *sorted(inner), end_of(date(2027, 12, 31))]
    found = [day for begin, end in pairwise(times) for day in due_dates(WEEKLY, acme, begin, end)]
    assert found == list(days(WEEKLY, acme, START, date(2027, 12, 31)))
    if len(acme.book.signals.details) < 2:  # nothing moves
        looking = Looking(acme)
        for begin, end in pairwise(times):
            for day in due_dates(RENEWAL, acme, begin, end):
                if (RENEWAL.name, day) not in {(run.motion, run.due) for run in looking.book.runs}:
                    looking.do(RENEWAL, day, end)
        told = [one.concern.matter for one in looking.notices]
        assert len(told) == len(set(told)) <= 2


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 300), st.integers(0, 120), st.lists(st.integers(1, 7), min_size=60, max_size=60))
def test_looks_at_most_a_week_apart_raise_the_same(first: int, length: int, steps: list[int]) -> None:
    begins = START + timedelta(days=first)
    found = from_day(begins, begins + timedelta(days=length), [concern()])

    def raised(step_days: Sequence[int]) -> list[tuple[str, date | None, str]]:
        looking = Looking(case(), found)
        day = START
        for step in step_days:
            last = day + timedelta(days=step)
            for due in due_dates(WEEKLY, looking.case, end_of(day), end_of(last)):
                looking.do(WEEKLY, due)
            day = last
        return [(one.id, one.closed_on, one.outcome) for one in looking.notices if one.on < START + timedelta(days=60)]

    assert raised(steps) == raised([1] * sum(steps))
