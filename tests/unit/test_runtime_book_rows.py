"""What a row of the book says of an account, and how much it needs somebody. No store, no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from book_shelf import AT, DAY, WHY, bare, case, concern, details, event, notice, promise, row, week
from hypothesis import given
from hypothesis import strategies as st

from fleet_runtime.errors import MessageError
from fleet_runtime.health import Assessment
from fleet_runtime.records.book import Concern, Health, Measure
from fleet_runtime.runtime.attention import Standing, attention, nearness
from fleet_runtime.runtime.book_pages import NextMotion, Renewal
from fleet_runtime.runtime.book_rows import is_known, is_overdue, last_moment, open_notices, ordered, row_of

WELL = Standing(severity=None, days=300, score=85, trend="steady", overdue=0, seen=())
HEALTH = Health(on=DAY, score=72, trend="up", slope=3.0, confidence=0.7)

severities = st.sampled_from([None, "low", "medium", "high"])
standings = st.builds(
    Standing,
    severity=severities,
    days=st.none() | st.integers(-400, 1000),
    score=st.none() | st.integers(0, 100),
    trend=st.sampled_from(["up", "steady", "down", "unknown"]),
    overdue=st.integers(0, 20),
    seen=st.sets(st.sampled_from(["risk", "expansion", "renewal", "data_check"])),
)


def found(*concerns: Concern, health: Health = HEALTH) -> Assessment:
    return Assessment(health, concerns)


class TestAttention:
    def test_who_is_well_and_far_from_a_renewal_needs_nobody(self) -> None:
        assert attention(WELL) == (0.0, ())

    def test_no_data_is_not_well(self) -> None:
        unknown = WELL._replace(score=None, trend="unknown")
        well_and_near = WELL._replace(days=0)
        assert attention(unknown).points > attention(well_and_near).points > 0
        assert attention(unknown).because == ("too little is known of its health: 25",)

    @given(standings)
    def test_the_parts_come_to_the_sum_and_the_largest_comes_first(self, standing: Standing) -> None:
        points, because = attention(standing)
        parts = [float(part.rpartition(": ")[2]) for part in because]
        assert points == pytest.approx(sum(parts), abs=0.06)
        assert parts == sorted(parts, reverse=True)

    @given(standings)
    def test_a_graver_risk_weighs_more_whatever_else_holds(self, standing: Standing) -> None:
        points = [attention(standing._replace(severity=one)).points for one in (None, "low", "medium", "high")]
        assert points == sorted(set(points))

    @given(standings, st.integers(-400, 1000), st.integers(0, 400))
    def test_a_nearer_renewal_never_weighs_less(self, standing: Standing, days: int, later: int) -> None:
        near, far = standing._replace(days=days), standing._replace(days=days + later)
        assert attention(near).points >= attention(far).points

    def test_a_risk_counts_twice_close_to_the_renewal(self) -> None:
        assert [nearness(days) for days in (400, 180, 105, 30, 0, -50)] == [1, 1, 1.5, 2, 2, 2]
        assert nearness(None) == 1.25

    def test_a_high_risk_far_away_comes_before_no_data_and_a_medium_one_close_by_beside_it(self) -> None:
        high = attention(WELL._replace(severity="high")).points
        medium = attention(WELL._replace(severity="medium", days=20)).points
        assert medium > high > attention(WELL._replace(score=None)).points


class TestOrder:
    def test_each_order_has_its_rule(self) -> None:
        near = Renewal(on=DAY, days=3, stated=True, evidence=concern().evidence[0])
        rows = [
            row("a", attention=1.0, score=80, company="Zeta", arr=Decimal(5)),
            row("b", attention=9.0, score=20, company="alpha", arr=None, renewal=None),
            row("c", attention=1.0, score=None, company="", arr=Decimal(7), renewal=near),
        ]
        names = {
            order: "".join(one.account for one in ordered(rows, order))
            for order in ("attention", "health", "renewal", "arr", "account")
        }
        assert names == {"attention": "bca", "health": "cba", "renewal": "cab", "arr": "cab", "account": "bca"}

    def test_currencies_are_not_compared(self) -> None:
        rows = [row("a", arr=Decimal(9), currency="JPY"), row("b", arr=Decimal(1), currency="EUR"), bare("c")]
        assert [one.account for one in ordered(rows, "arr")] == ["b", "a", "c"]

    @given(st.permutations(["a", "b", "c", "d"]))
    def test_equals_stand_the_same_way_whatever_came_first(self, names: list[str]) -> None:
        rows = [row(name) for name in names]
        assert [one.account for one in ordered(rows, "attention")] == ["a", "b", "c", "d"]


class TestRow:
    def test_it_says_what_was_known(self) -> None:
        made = row_of(
            case(commitments=(promise("c1", "2027-02-28"), promise("c2"), promise("c3", "2027-03-01"))),
            AT,
            found(),
            NextMotion(role="csm", motion="weekly-review", due=DAY),
        )
        assert (made.company, made.arr, made.currency) == ("Northwind Traders", Decimal(120000), "EUR")
        assert made.renewal is not None
        assert (made.renewal.on, made.renewal.days, made.renewal.stated) == (date(2027, 4, 11), 41, True)
        assert (made.commitments, made.overdue) == (3, 1)
        assert made.last_contact == AT - timedelta(days=40)
        assert made.risk is None
        assert made.why == ""
        assert made.because == ("renewal in 41 d: 8.2", "1 overdue: 5")

    def test_before_the_crm_was_imported_its_date_is_a_hint(self) -> None:
        made = row_of(case(), AT - timedelta(days=40), found(), None)
        assert made.renewal is not None
        assert (made.renewal.days, made.renewal.stated) == (81, False)

    def test_the_gravest_risk_counts_and_the_present_one_before_a_former(self) -> None:
        was = concern().model_copy(update={"title": "Was"})
        former = notice("n1", DAY - timedelta(days=9), about=was)
        now = row_of(case(notices=(former,)), AT, found(concern(severity="high")), None).risk
        assert now is not None
        assert (now.title, now.since) == ("The champion leaves", DAY - timedelta(days=9))
        lesser = row_of(case(notices=(former,)), AT, found(concern(severity="medium", matter="usage")), None).risk
        assert lesser is not None
        assert lesser.title == "Was"

    def test_what_is_over_or_not_raised_yet_does_not_count(self) -> None:
        rows = case(notices=(notice("n1", closed_on=DAY), notice("n2", DAY + timedelta(days=1))))
        made = row_of(rows, AT, found(), None)
        assert (made.risk, made.open) == (None, {})

    def test_a_reason_is_given_where_one_is_needed(self) -> None:
        sides = (
            Measure(name="support", score=40, weight=0.1, slope=-9, says="More tickets."),
            Measure(name="adoption", score=40, weight=0.5, slope=-8, says="It fell."),
            Measure(name="sentiment", score=90, weight=0.5, slope=4, says="They like it."),
        )
        falls = HEALTH.model_copy(update={"trend": "down", "measures": sides})
        upside = notice("n1", about=concern("expansion"))
        assert row_of(case(), AT, found(concern()), None).why == WHY
        assert row_of(case(notices=(upside,)), AT, found(), None).why == f"The champion leaves: {WHY}"
        assert row_of(case(), AT, found(health=falls), None).why == "adoption -8: It fell."
        unexplained = falls.model_copy(update={"measures": ()})
        assert row_of(case(), AT, found(health=unexplained), None).why == ""
        mute = {"reasons": ()}
        for one in (concern(), concern("expansion")):
            assert row_of(case(), AT, found(one.model_copy(update=mute)), None).why == "The champion leaves"

    def test_an_account_of_which_nothing_is_known_has_a_row_all_the_same(self) -> None:
        unknown = HEALTH.model_copy(update={"score": None, "trend": "unknown"})
        made = row_of(case(details=(), weeks=(), events=()), AT, found(health=unknown), None)
        assert (made.company, made.renewal, made.arr, made.last_contact) == ("", None, None, None)
        assert made.attention == 25
        assert made.why == "Too little is known."
        unmeasured = unknown.model_copy(update={"measures": (Measure(name="adoption", score=None, weight=1),)})
        assert row_of(case(), AT, found(health=unmeasured), None).why == "No data on adoption."

    def test_doubtful_data_is_not_well(self) -> None:
        well = HEALTH.model_copy(update={"score": 90, "trend": "steady"})
        doubted = row_of(case(details=()), AT, found(concern("data_check", "low", "gap"), health=well), None)
        assert doubted.because == ("its data is in doubt: 20",)
        assert doubted.risk is None


def test_only_what_was_known_makes_an_account_known() -> None:
    long_ago = AT - timedelta(days=1000)
    assert is_known(case(), AT)
    assert not is_known(case(), long_ago)
    assert not is_known(case(details=(), weeks=(), events=()), AT)
    assert is_known(case(details=(), weeks=(), events=(event("e1"),)), AT)
    assert is_known(case(details=(), weeks=(week(1),), events=()), AT)
    assert is_known(case(details=(details(),), weeks=(), events=()), AT)
    assert is_known(case(details=(), weeks=(), events=(), notices=(notice("n1"),)), AT)


def test_a_day_is_looked_at_as_of_its_end_and_a_naive_time_is_utc() -> None:
    assert last_moment(DAY) == datetime(2027, 3, 1, 23, 59, 59, 999999, tzinfo=UTC)
    assert last_moment(datetime(2027, 3, 1, 9)) == AT  # noqa: DTZ001 - naive on purpose
    east = datetime.fromisoformat("2027-03-02T01:30:00+02:00")
    assert last_moment(east).date() == DAY
    for beyond in (date.min, date.max, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        with pytest.raises(MessageError, match="there is no book in"):
            last_moment(beyond)


def test_notices_stand_by_gravity_then_the_latest() -> None:
    rows = case(
        notices=(
            notice("a", DAY - timedelta(days=3), about=concern(severity="low")),
            notice("b", DAY - timedelta(days=3)),
            notice("c", DAY - timedelta(days=1)),
        )
    )
    assert [one.id for one in open_notices(rows, DAY)] == ["c", "b", "a"]


def test_a_promise_is_overdue_from_the_day_after() -> None:
    assert not is_overdue(promise("c", "2027-03-01"), DAY)
    assert is_overdue(promise("c", "2027-02-28"), DAY)
    assert not is_overdue(promise("c"), DAY)
