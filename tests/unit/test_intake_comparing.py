"""What is new beside what is stored, and since when it is known: in time, late, changed, or from a day of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from signal_files import NOVEMBER, rows, signals_in

from fleet_runtime.intake import Brought, News, brought, news_of
from fleet_runtime.records.book import Signals, Week

WEEKLY = "account_id,week_start,active_users,logins,event\n"
ACCOUNTS = "account_id,company,seats,arr_eur,champion,renewal_date\n"
INVOICES = "account_id,number,issued,due,paid,amount\n"


def given(*files: str, now: datetime = NOVEMBER, at: datetime | None = None) -> Brought:
    return brought("a1", [one for file in files for one in rows(signals_in(file, now=now, at=at))])


def laid_beside(stored: Signals, *files: str, now: datetime = NOVEMBER, at: datetime | None = None) -> News:
    return news_of(stored, given(*files, now=now, at=at), now)


def kept(stored: Signals, news: News) -> Signals:
    """Return what a store has afterwards: a version of the same moment replaces the earlier one."""
    versions = {(week.start, week.known_from): week for week in (*stored.weeks, *news.signals.weeks)}
    bills = {(one.number, one.known_from): one for one in (*stored.invoices, *news.signals.invoices)}
    details = {one.known_from: one for one in (*stored.details, *news.signals.details)}
    return Signals(
        details=tuple(details[moment] for moment in sorted(details)),
        weeks=tuple(versions[place] for place in sorted(versions)),
        invoices=tuple(bills[place] for place in sorted(bills)),
    )


def known(signals: Signals, start: str, moment: datetime) -> Week | None:
    day = date.fromisoformat(start)
    return next((week for week in signals.known_at(moment).weeks if week.start == day), None)


def said(news: News) -> list[tuple[int, str, str]]:
    return [(one.line, one.matter, one.says) for one in news.remarks]


def test_weeks_are_known_at_their_ends_and_twice_is_once() -> None:
    file = f"{WEEKLY}a1,2026-01-05,40,,\na1,2026-01-12,41,,Calm\n"
    first = laid_beside(Signals(), file)
    assert [week.known_from for week in first.signals.weeks] == [
        datetime(2026, 1, 12, tzinfo=UTC),
        datetime(2026, 1, 19, tzinfo=UTC),
    ]
    assert (first.counts["weekly"].read, first.counts["weekly"].new) == (2, 2)
    again = laid_beside(kept(Signals(), first), file, now=NOVEMBER + timedelta(days=9))
    assert again.signals == Signals()
    assert (again.counts["weekly"].same, again.remarks) == (2, ())


def test_a_week_under_way_is_known_from_now_and_one_to_come_from_its_end() -> None:
    now = datetime(2026, 1, 14, 8, tzinfo=UTC)
    news = laid_beside(Signals(), f"{WEEKLY}a1,2026-01-12,1,,\na1,2026-01-19,1,,\n", now=now)
    assert [week.known_from for week in news.signals.weeks] == [now, datetime(2026, 1, 26, tzinfo=UTC)]


def test_a_week_that_comes_after_later_ones_was_not_known_before() -> None:
    stored = kept(Signals(), laid_beside(Signals(), f"{WEEKLY}a1,2026-01-05,1,,\na1,2026-01-19,1,,\n"))
    later = NOVEMBER + timedelta(days=7)
    news = laid_beside(stored, f"{WEEKLY}a1,2026-01-12,1,,\na1,2026-01-26,1,,\n", now=later)
    assert [week.known_from for week in news.signals.weeks] == [later, datetime(2026, 2, 2, tzinfo=UTC)]
    assert said(news) == [(2, "late", "a1, week of 2026-01-12 came after later weeks; known from now on")]
    after = kept(stored, news)
    assert known(after, "2026-01-12", NOVEMBER) is None
    assert known(after, "2026-01-12", later) is not None


def test_a_week_that_says_otherwise_counts_from_now_on() -> None:
    stored = kept(Signals(), laid_beside(Signals(), f"{WEEKLY}a1,2026-01-05,40,7,Calm\n"))
    later = NOVEMBER + timedelta(days=7)
    news = laid_beside(stored, f"{WEEKLY}a1,2026-01-05,44,,Stormy\n", now=later)
    assert said(news) == [
        (
            2,
            "changed",
            "a1, week of 2026-01-05: active_users was 40, is 44; event was 'Calm', is 'Stormy'; known from now on",
        )
    ]
    after = kept(stored, news)
    before, now_is = known(after, "2026-01-05", NOVEMBER), known(after, "2026-01-05", later)
    assert before is not None
    assert now_is is not None
    assert (before.values["active_users"], before.note) == (40, "Calm")
    assert (now_is.values, now_is.note) == ({"active_users": 44, "logins": 7}, "Stormy")  # empty takes nothing back
    assert (news.counts["weekly"].changed, news.counts["weekly"].new) == (1, 0)


def test_a_second_file_with_other_columns_comes_in_time() -> None:
    stored = kept(Signals(), laid_beside(Signals(), f"{WEEKLY}a1,2026-01-05,40,,Calm\na1,2026-01-12,41,,\n"))
    stored = stored.model_copy(
        update={"weeks": tuple(week.model_copy(update={"event_id": "n", "themes": ("x",)}) for week in stored.weeks)}
    )
    news = laid_beside(stored, "account_id,week_start,feature,uses\na1,2026-01-05,Reports,7\n")
    [week] = news.signals.weeks
    assert (week.values, week.note, week.event_id, week.themes) == (
        {"active_users": 40, "uses_reports": 7},
        "Calm",
        "n",
        ("x",),
    )
    assert week.known_from == datetime(2026, 1, 12, tzinfo=UTC)
    assert news.remarks == ()


def test_gaps_are_told_unless_what_is_stored_fills_them() -> None:
    file = f"{WEEKLY}a1,2026-01-05,1,,\na1,2026-03-16,1,,\n"
    news = laid_beside(Signals(), file)
    shown = "2026-01-12, 2026-01-19, 2026-01-26, 2026-02-02, 2026-02-09, 2026-02-16 and 3 more"
    assert said(news) == [(0, "gap", f"a1: no data for 9 weeks between: {shown}")]
    assert news.remarks[0].pieces == 9
    stored = kept(Signals(), laid_beside(Signals(), f"{WEEKLY}a1,2026-01-05,1,,\na1,2026-01-12,1,,\n"))
    assert laid_beside(stored, f"{WEEKLY}a1,2026-01-05,1,,\na1,2026-01-19,1,,\n").remarks == ()


def test_weeks_that_begin_on_another_day_than_those_stored_are_told() -> None:
    stored = kept(Signals(), laid_beside(Signals(), f"{WEEKLY}a1,2026-01-05,1,,\n"))
    news = laid_beside(stored, f"{WEEKLY}a1,2026-01-11,1,,\n")
    says = "a1: weeks begin on Sunday here, and on Monday in what is stored: they overlap"
    assert said(news) == [(2, "weekday", says)]


def test_details_are_laid_over_those_known_when_they_were_exported() -> None:
    may, june = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
    first = laid_beside(Signals(), f"{ACCOUNTS}a1,Acme,50,1000,Ann,2026-09-01\n", at=june)
    assert first.former is None
    stored = kept(Signals(), first)
    same = laid_beside(stored, f"{ACCOUNTS}a1,Acme,50,,,\n")
    assert (same.signals, same.counts["accounts"].same) == (Signals(), 1)
    assert same.details == first.details
    changed = laid_beside(stored, f"{ACCOUNTS}a1,Acme,60,,,\n")
    [details] = changed.signals.details
    assert (details.seats, details.champion, details.currency, details.known_from) == (60, "Ann", "EUR", NOVEMBER)
    assert (changed.former, changed.counts["accounts"].changed) == (first.details, 1)
    earlier = laid_beside(stored, f"{ACCOUNTS}a1,Acme,40,,,\n", at=may)
    assert earlier.former is None
    assert [one.known_from for one in earlier.signals.details] == [may]


def test_an_amount_in_no_currency_is_not_given_one() -> None:
    stored = kept(Signals(), laid_beside(Signals(), f"{ACCOUNTS}a1,Acme,50,1000,,\n"))
    [details] = laid_beside(stored, "account_id,arr\na1,2000\n").signals.details
    assert (details.arr, details.currency) == (Decimal(2000), "")
    assert laid_beside(stored, "account_id,arr\na1,1000\n").signals == Signals()


def test_an_invoice_is_open_from_its_issue_and_paid_from_its_payment() -> None:
    paid = f"{INVOICES}a1,R1,2026-01-02,2026-02-01,2026-03-01,100\n"
    news = laid_beside(Signals(), paid)
    stored = kept(Signals(), news)
    for day, is_paid in ((date(2026, 2, 28), None), (date(2026, 3, 1), date(2026, 3, 1))):
        [invoice] = stored.known_at(datetime(day.year, day.month, day.day, 12, tzinfo=UTC)).invoices
        assert invoice.paid == is_paid
    assert stored.known_at(datetime(2026, 1, 1, tzinfo=UTC)).invoices == ()
    assert news.counts["invoices"].new == 1
    assert laid_beside(stored, paid).signals == Signals()
    assert laid_beside(stored, f"{INVOICES}a1,R1,2026-01-02,2026-02-01,,100\n").signals == Signals()


def test_a_payment_that_is_told_later_counts_from_its_day_and_a_correction_from_now() -> None:
    stored = kept(Signals(), laid_beside(Signals(), f"{INVOICES}a1,R1,2026-01-02,2026-02-01,,100\n"))
    paid = laid_beside(stored, f"{INVOICES}a1,R1,2026-01-02,2026-02-01,2026-03-01,100\n")
    assert [one.known_from for one in paid.signals.invoices] == [datetime(2026, 3, 1, tzinfo=UTC)]
    assert paid.remarks == ()
    corrected = laid_beside(stored, f"{INVOICES}a1,R1,2026-01-02,2026-02-01,,120\n")
    assert [one.known_from for one in corrected.signals.invoices] == [NOVEMBER]
    assert said(corrected) == [(2, "changed", "a1, invoice R1: amount was 100, is 120; known from now on")]


def test_files_are_joined_and_the_later_one_counts() -> None:
    found = given(
        f"{WEEKLY}a1,2026-01-05,40,,\n",
        f"{WEEKLY}a1,2026-01-05,41,9,\n",
        f"{ACCOUNTS}a1,Acme,50,,,\n",
        f"{ACCOUNTS}a1,,60,,Ann,\n",
        f"{INVOICES}a1,R1,2026-01-02,,,100\n",
        f"{INVOICES}a1,R1,2026-01-02,,,90\n",
    )
    [week], [details], [invoice] = found.signals.weeks, found.signals.details, found.signals.invoices
    assert week.values == {"active_users": 41, "logins": 9}
    assert (details.company, details.seats, details.champion, invoice.amount) == ("Acme", 60, "Ann", Decimal(90))
    assert [one.says for one in found.remarks] == [
        "a1: active_users was 40, is 41 (also in f.csv:2); the later file counts",
        "a1: seats was 50, is 60 (also in f.csv:2); the later file counts",
        "a1: amount was 100, is 90 (also in f.csv:2); the later file counts",
    ]
    assert found.rows == {"weekly": 2, "accounts": 2, "invoices": 2}
