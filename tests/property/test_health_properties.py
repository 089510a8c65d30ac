"""Reviews over whatever rows there may be: nothing of later, nothing of chance, no data never a risk, bounds kept."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from exploring import examples
from health_accounts import (
    COUNT,
    START,
    account,
    as_bytes,
    bent,
    crm,
    event,
    fact,
    health,
    in_figures,
    invoice,
    midnight,
    promise,
    review,
    rules,
    start_of,
    steady,
    texts,
    weeks,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fleet_runtime.health import NO_SEASONS, Case, health_by_week, readiness, seasons_of
from fleet_runtime.health.noted import MATTER_OF
from fleet_runtime.records import Commitment, Event, Fact
from fleet_runtime.records.book import AccountDetails, Invoice, Week

LONG = 40
NAMES = (*steady(1), "uses_reports", "uses_alerts", "invoices_overdue", "csat")
THEMES = (*MATTER_OF, "praise", "resolved", "successor", "renewed", "planned_quiet", "data_problem", "one_off")
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
some = settings(max_examples=examples(40))

moments = st.integers(-3, LONG * 7 + 40).map(lambda days: midnight(START) + timedelta(days=days, hours=9))
ordinary = st.integers(0, 300).map(float)
odd = st.sampled_from([float("nan"), float("inf"), -1.0, 1e-9, 0.0, 1e12, 1e300])


class Rows(NamedTuple):
    """An account's rows of any time."""

    weeks: tuple[Week, ...]
    details: tuple[AccountDetails, ...]
    facts: tuple[Fact, ...]
    events: tuple[Event, ...]
    commitments: tuple[Commitment, ...]
    invoices: tuple[Invoice, ...]

    def case(self) -> Case:
        """Return the account."""
        return account(
            self.weeks,
            self.details,
            facts=self.facts,
            events=self.events,
            commitments=self.commitments,
            invoices=self.invoices,
        )

    def known(self, at: datetime) -> Rows:
        """Return the rows that were there at a moment."""
        details = tuple(row for row in self.details if row.known_from <= at)
        return Rows(
            tuple(row for row in self.weeks if row.known_from <= at),
            details or self.details[:1],  # before the first, that one tells what does not change
            tuple(row for row in self.facts if row.known_from <= at),
            tuple(row for row in self.events if row.at <= at),
            tuple(row for row in self.commitments if row.at <= at),
            tuple(row for row in self.invoices if row.known_from <= at),
        )


@st.composite
def tables(draw: st.DrawFn, values: st.SearchStrategy[float] = ordinary) -> tuple[Week, ...]:
    """Draw weeks: a steady account with cells that are missing or say something else, and notes."""
    count = draw(st.integers(0, LONG))
    columns = {name: column for name, column in steady(count).items() if draw(st.integers(0, 5))}
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=4, unique=True)):
        first = draw(st.integers(0, LONG))
        cells = draw(st.lists(st.none() | values, min_size=1, max_size=10))
        column = columns.get(name, [None] * count)
        columns[name] = [*column[:first], *cells, *column[first + len(cells) :]][:count]
    notes = {
        draw(st.integers(0, LONG)): ("A word.", (draw(st.sampled_from(THEMES)),))
        for _ in range(draw(st.integers(0, 3)))
    }
    without = draw(st.sets(st.integers(0, LONG), max_size=8))
    return weeks({name: column for name, column in columns.items() if column}, notes, without=without)


@st.composite
def versions(draw: st.DrawFn, rows: Sequence[Week]) -> tuple[Week, ...]:
    """Draw rows of which some came late, and some were corrected later."""
    found: list[Week] = []
    for row in rows:
        late = draw(st.sampled_from([0, 0, 0, 0, 1, 20]))
        found.append(row.model_copy(update={"known_from": row.known_from + late * DAY}))
        if draw(st.integers(0, 9)) == 0:
            values = row.values | {"active_users": draw(ordinary), "uses_reports": draw(ordinary)}
            later = found[-1].known_from + draw(st.integers(1, 60)) * DAY
            found.append(row.model_copy(update={"values": values, "known_from": later, "source": "later.csv:2"}))
        if row.note and draw(st.booleans()):
            beliefs = draw(st.dictionaries(st.sampled_from(THEMES), st.floats(0, 1), max_size=3))
            found[-1] = found[-1].model_copy(update={"beliefs": beliefs})
    return tuple(found)


@st.composite
def accounts(draw: st.DrawFn, values: st.SearchStrategy[float] = ordinary, *, versioned: bool = True) -> Rows:
    """Draw all rows of an account, each known at a time of its own."""
    table = draw(tables(values))
    times = sorted(draw(st.lists(moments, max_size=3, unique=True)))
    seats = st.none() | st.integers(0, 200)
    renewal = st.none() | st.integers(-50, 500).map(lambda days: START + timedelta(days=days))
    return Rows(
        draw(versions(table)) if versioned else table,
        tuple(crm(at, seats=draw(seats), renewal_date=draw(renewal), champion=draw(people)) for at in times),
        tuple(fact(key, draw(stated), draw(moments)) for key in draw(st.sets(st.sampled_from(KEYS)))),
        tuple(event(f"e{number}", at) for number, at in enumerate(sorted(draw(st.lists(moments, max_size=3))))),
        tuple(
            promise(f"p{number}", str((at + 9 * DAY).date()), at)
            for number, at in enumerate(draw(st.lists(moments, max_size=2)))
        ),
        tuple(invoice(str(number), at.date()) for number, at in enumerate(draw(st.lists(moments, max_size=2)))),
    )


KEYS = ("seats", "champion", "exec_sponsor", "renewal_date", "sentiment", "primary_goal", "open_issue")
people = st.sampled_from(["", " ", "Maria Ortiz", "A"])
stated = st.sampled_from(["", "120", "2026-09-01", "happy", "not content", "soon", "5²", "Ken Adeyemi"])


@settings(max_examples=examples(60))
@given(accounts(), moments)
def test_nothing_of_later_changes_what_was_seen_byte_for_byte(rows: Rows, at: datetime) -> None:
    whole, then = rows.case(), rows.known(at).case()
    assert as_bytes(review(whole, at)) == as_bytes(review(then, at))
    assert readiness(whole, at, review(whole, at)) == readiness(then, at, review(then, at))


@some
@given(accounts(versioned=False), moments, moments)
def test_the_order_in_which_moments_are_asked_for_does_not_matter(rows: Rows, one: datetime, two: datetime) -> None:
    case = rows.case()
    found = [as_bytes(review(case, at)) for at in (one, two, one)]
    assert found == [as_bytes(review(rows.case(), at)) for at in (one, two, one)]


declines = st.builds(
    lambda first, factors: bent(steady(LONG), {first + index: factor for index, factor in enumerate(factors)}),
    st.integers(LONG - 18, LONG - 8),
    st.lists(st.floats(0.3, 1.1), min_size=4, max_size=10),
)


@some
@given(declines, st.lists(st.sampled_from([0, 1, 1, 2, 3, -1]), min_size=3, max_size=8))
def test_an_account_that_is_looked_at_again_and_again_is_seen_as_by_somebody_new(
    columns: dict[str, list[float | None]], steps: list[int]
) -> None:
    rows, shipped = weeks(columns), rules()
    case, at = account(rows), midnight(start_of(LONG - 6))
    for weeks_on in steps:
        at += weeks_on * WEEK
        assert as_bytes(review(case, at, by=shipped)) == as_bytes(review(account(rows), at, by=shipped))


@some
@given(accounts(versioned=False), st.randoms(use_true_random=False), moments)
def test_the_order_of_weeks_does_not_matter(rows: Rows, chance: object, at: datetime) -> None:
    mixed = list(rows.weeks)
    chance.shuffle(mixed)  # type: ignore[attr-defined] # hypothesis types it as object
    assert as_bytes(review(rows._replace(weeks=tuple(mixed)).case(), at)) == as_bytes(review(rows.case(), at))


@some
@given(accounts(), moments)
def test_rows_that_are_there_twice_count_once(rows: Rows, at: datetime) -> None:
    twice = rows._replace(weeks=tuple(row for row in rows.weeks for _ in range(2)))
    assert as_bytes(review(twice.case(), at)) == as_bytes(review(rows.case(), at))


@settings(max_examples=examples(60))
@given(accounts(ordinary | odd), moments)
def test_everything_stays_within_its_bounds_and_reads_as_text(rows: Rows, at: datetime) -> None:
    case = rows.case()
    found = review(case, at)
    seen = found.health
    assert 0 <= found.alarm <= 1
    assert 0 <= seen.confidence <= 1
    assert seen.score is None or 0 <= seen.score <= 100
    assert (seen.trend == "unknown") or seen.score is not None
    assert math.isfinite(seen.slope)
    assert {"up": seen.slope > 0, "down": seen.slope < 0}.get(seen.trend, True)
    for one in seen.measures:
        assert one.score is None or 0 <= one.score <= 100
        assert 0 <= one.confidence <= 1
        assert one.score is None or one.confidence > 0
        assert math.isfinite(one.slope)
    assert len(seen.reasons) <= 3
    for text in texts(found):
        assert text
        assert not re.search(r"(?<![A-Za-z])(nan|inf|None)(?![A-Za-z])", text), text
    for concern in found.concerns:
        assert all(reason.endswith(".") and not reason[0].islower() for reason in concern.reasons)
        assert all(item.source for item in concern.evidence)
        assert concern.kind != "risk" or (concern.severity in {"medium", "high"} and concern.evidence)
        assert concern.kind != "risk" or found.alarm >= rules().bars.raise_
    assert len({(one.kind, one.matter) for one in found.concerns}) == len(found.concerns)
    assert [one.name for one in readiness(case, at, found)] == CHECKS


CHECKS = ["sponsor", "champion", "goals", "adoption", "open issues", "promises", "paperwork", "price"]


def left_out(columns: dict[str, list[float | None]], cells: Iterable[tuple[str, int]]) -> dict[str, list[float | None]]:
    """Return columns without some cells."""
    found = {name: list(values) for name, values in columns.items()}
    for name, index in cells:
        found[name][index] = None
    return found


holes = st.sets(st.tuples(st.sampled_from(sorted(steady(1))), st.integers(0, COUNT - 1)), max_size=60)
gaps = st.sets(st.integers(0, COUNT - 1))


@given(holes, gaps)
@example(set(), set(range(COUNT - 9, COUNT)))
@example({("active_users", index) for index in range(COUNT - 6, COUNT)}, set())
def test_data_that_is_missing_is_never_a_risk_nor_upside_nor_a_trend(
    cells: set[tuple[str, int]], without: set[int]
) -> None:
    case = account(weeks(left_out(steady(), cells), without=without))
    found = review(case)
    assert not [one for one in found.concerns if one.kind in {"risk", "expansion"}]
    assert found.alarm < 0.1
    whole = health(account(weeks(steady())))
    assert found.health.confidence <= whole.confidence
    assert found.health.trend in {"steady", "unknown"}
    assert found.health.score is None or found.health.score <= (whole.score or 0) + 5


@some
@given(st.integers(1, COUNT))
def test_zeros_are_not_missing(count: int) -> None:
    stopped = account(weeks(bent(steady(), {COUNT - count: 0.0})))
    gone = account(weeks(steady(), without=range(COUNT - count, COUNT)))
    assert review(stopped).alarm >= review(gone).alarm
    assert review(gone).alarm == 0
    assert as_bytes(review(stopped)) != as_bytes(review(gone))
    lower, other = health(stopped).score, health(gone).score
    assert count < 3 or lower is None or other is None or lower < other


@some
@given(st.integers(2, 40), st.sampled_from([1.0, 0.8, 0.6, 0.3]), st.integers(8, 18))
def test_ten_times_the_seats_are_judged_alike(times: int, share: float, since: int) -> None:
    def found(size: int) -> Case:
        columns = bent(bent(steady(), {since: share}), {0: float(size)})
        return account(weeks(columns), [crm(seats=100 * size)])

    small, large = review(found(1)), review(found(times))
    assert abs(small.alarm - large.alarm) < 0.15
    assert abs((small.health.score or 0) - (large.health.score or 0)) <= 4


@some
@given(st.sampled_from(sorted(MATTER_OF)), st.integers(0, 12), st.sampled_from([1.0, 0.6]))
def test_a_worry_more_is_never_less_alarm_nor_a_better_score(theme: str, age: int, share: float) -> None:
    columns = bent(steady(), {15: share})
    before = review(account(weeks(columns)))
    after = review(account(weeks(columns, {COUNT - 1 - age: ("A word.", (theme,))})))
    assert after.alarm >= before.alarm
    assert (after.health.score or 0) <= (before.health.score or 0)


@some
@given(st.integers(0, COUNT - 1), st.sampled_from(sorted(steady(1))), st.floats(0, 20))
@example(0, "active_users", 5e-324)
def test_one_wild_cell_raises_neither_risk_nor_upside(index: int, name: str, factor: float) -> None:
    columns = steady()
    was = columns[name][index]
    columns[name][index] = (10.0 if was is None else was) * factor
    if name == "top_user_share":
        columns[name][index] = min(1.0, columns[name][index] or 0.0)
    found = review(account(weeks(columns)))
    assert not [one for one in found.concerns if one.kind in {"risk", "expansion"}]


@some
@given(accounts(), st.integers(0, LONG), st.integers(0, 6))
def test_history_is_what_each_day_saw(rows: Rows, first: int, count: int) -> None:
    days = [start_of(first) + timedelta(weeks=step) for step in range(count)]
    if days:
        found = health_by_week(rows.case(), NO_SEASONS, rules(), days[0], days[-1])
        assert [one.on for one in found] == days
        for one in found:
            seen = health(rows.case(), midnight(one.on) + timedelta(days=1, microseconds=-1))
            assert one == in_figures(seen)


@some
@given(st.lists(accounts(ordinary | odd), max_size=12))
def test_common_moves_are_finite_and_of_whole_weeks(books: list[Rows]) -> None:
    found = seasons_of((rows.case() for rows in books), rules())
    common = [(week, figure) for weeks in found.common.values() for week, one in weeks.items() for figure in one]
    wander = [each for sizes in found.wander.values() for size in sizes for each in size.items()]
    assert all(math.isfinite(figure) and week.weekday() == 0 for week, figure in (*common, *wander))
    assert all(factor > 1 for _, factor in wander)


@some
@given(accounts(), moments)
def test_the_same_rows_come_to_the_same(rows: Rows, at: datetime) -> None:
    case = rows.case()
    assert as_bytes(review(case, at)) == as_bytes(review(case, at)) == as_bytes(review(rows.case(), at))
