"""Files of signals: kinds told by headers, odd cells left out, rows joined, weeks brought to one first day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from signal_files import NOVEMBER, invoices, rejects, remarks, rows, signals_in, weeks

from fleet_runtime.errors import SettingError
from fleet_runtime.intake import read_columns
from fleet_runtime.records.book import AccountDetails

WEEKLY = "account_id,week_start,active_users,logins,top_user_share,nps,event\n"


def test_accounts_with_an_amount_in_any_form() -> None:
    given = (
        "Account ID;Company;ARR_EUR;Seats;renewal_date;CSM;go_live_date;champion;exec_sponsor;region\n"
        "a1;Acme;48.000,50;1.200;01.09.2026;Ann Lee;n/a;-;null;north\n"
    )
    reads = signals_in(given, at=datetime(2026, 6, 1, tzinfo=UTC))
    [row] = rows(reads)
    assert (row.account, row.kind, row.line, row.rows) == ("a1", "accounts", 2, 1)
    assert row.row == AccountDetails(
        company="Acme",
        arr=Decimal("48000.50"),
        currency="EUR",
        seats=1200,
        renewal_date=date(2026, 9, 1),
        csm="Ann Lee",
        source="f.csv:2",
        known_from=datetime(2026, 6, 1, tzinfo=UTC),
    )
    assert remarks(reads) == [(1, "the column 'region' is none of accounts: passed over")]


def test_the_sign_in_a_cell_names_the_currency() -> None:
    [row] = rows(signals_in('account_id,arr,champion\na1,"$48,000",Bo\n'))
    assert isinstance(row.row, AccountDetails)
    assert (row.row.arr, row.row.currency, row.row.known_from) == (Decimal(48000), "USD", NOVEMBER)


def test_weeks_hold_what_was_measured_and_nothing_else() -> None:
    given = (
        "account_id,week_start,week_no,active_users,seats_active,logins,key_feature_uses,top_user_share,tickets_opened,"
        "p1_open,nps,nps_responses,csat,csat_responses,invoices_overdue,uses_Reports,event\n"
        "a1,2026-01-05,2,40,50,160,80,35%,0,,-12,5,92%,7,1,12,Champion leaves\n"
        "a1,2026-01-12,3,,,,,,,,,,,,,,\n"
    )
    reads = signals_in(given)
    week = weeks(reads)["a1", "2026-01-05"]
    assert week.values == {
        "active_users": 40,
        "seats_active": 50,
        "logins": 160,
        "key_feature_uses": 80,
        "top_user_share": 0.35,
        "tickets_opened": 0,
        "nps": -12,
        "nps_responses": 5,
        "csat": 92,
        "csat_responses": 7,
        "invoices_overdue": 1,
        "uses_reports": 12,
    }
    assert (week.note, week.source, week.known_from) == (
        "Champion leaves",
        "f.csv:2",
        datetime(2026, 1, 12, tzinfo=UTC),
    )
    assert len(rows(reads)) == 1
    assert remarks(reads, "gap") == [(3, "a1: the row of 2026-01-12 holds no data, as if it were missing")]
    assert remarks(reads, "column") == [(1, "the column 'week_no' is none of weekly: passed over")]


def test_usage_by_feature_may_stand_in_a_long_form() -> None:
    given = (
        "account_id,week_start,feature,uses\na1,2026-01-05,Reports,12\na1,2026-01-05,Data export,3\n"
        "a1,2026-01-05,,4\na1,2026-01-12,Reports,\n"
    )
    reads = signals_in(given)
    assert weeks(reads)["a1", "2026-01-05"].values == {"uses_reports": 12, "uses_data_export": 3}
    assert rows(reads)[0].rows == 2
    assert rejects(reads) == [(4, "the row names no feature: mend it")]


def test_invoices() -> None:
    given = (
        "account_id,number,issued,due,paid,amount,currency\n"
        'a1,R-1,2026-01-02,2026-02-01,2026-03-01,"1,200.00",EUR\na1,R-2,2026-01-03,,,(50),$\na1,R-3,2026-01-03,,,x,\n'
    )
    reads = signals_in(given)
    found = invoices(reads)
    assert (found["R-1"].amount, found["R-1"].paid, found["R-1"].currency) == (
        Decimal(1200),
        date(2026, 3, 1),
        "EUR",
    )
    assert found["R-1"].known_from == datetime(2026, 1, 2, tzinfo=UTC)
    assert (found["R-2"].amount, found["R-2"].due, found["R-2"].paid) == (Decimal(-50), date(2026, 1, 3), None)
    assert found["R-2"].currency == "USD"
    assert rejects(reads) == [(4, "the invoice R-3 has no amount: mend the row")]
    assert remarks(reads, "cell") == [(4, "amount 'x' is no number; left out")]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("-1,10,0.5,0,", "active_users '-1' is less than zero"),
        ("x,10,0.5,0,", "active_users 'x' is no number"),
        ("99999999999,10,0.5,0,", "active_users '99999999999' is beyond all reason"),
        ("1,$10,0.5,0,", "logins '$10' is no count"),
        ("1,10,1.35,0,", "top_user_share '1.35' is no share from 0 to 1"),
        ("1,10,140,0,", "top_user_share '140' is no share from 0 to 1"),
        ("1,10,EUR 1,0,", "top_user_share 'EUR 1' is no share"),
        ("1,10,0.5,101,", "nps '101' is no score from -100 to 100"),
        ("1,10,0.5,x,", "nps 'x' is no number"),
    ],
)
def test_a_wrong_cell_is_no_data_and_the_rest_of_its_row_is_taken(cells: str, says: str) -> None:
    good = "".join(f"a1,2026-0{month}-0{day},5,6,0.5,1,\n" for month, day in ((2, 2), (2, 9), (3, 2)))
    reads = signals_in(f"{WEEKLY}{good}a1,2026-01-05,{cells}\n")
    assert remarks(reads, "cell") == [(5, f"{says}; left out")]
    name = says.split(" ", maxsplit=1)[0]
    week = weeks(reads)["a1", "2026-01-05"]
    assert week.values.keys() == {"active_users", "logins", "top_user_share", "nps"} - {name}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (",2026-01-05,1,1,,,", "account_id '' is empty: mend the row"),
        ("a1,,1,1,,,", "week_start '' is empty: mend the row"),
        ("a1", "week_start is empty: mend the row"),
        ("a1,soon,1,1,,,", "week_start 'soon' is no date"),
        ("a1,2099-01-05,1,1,,,", "week_start '2099-01-05' is out of reason"),
        ("a1,2026-01-05,1,234,1,,,", "the row has 8 cells and the header 7: quote cells that hold separators"),
        ('a1,2026-01-05,"1', "the row cannot be read"),
    ],
)
def test_a_row_without_account_or_week_is_rejected(row: str, why: str) -> None:
    reads = signals_in(f"{WEEKLY}a1,2026-01-12,1,1,,,\n{row}\n")
    [(line, said)] = rejects(reads)
    assert line == 3
    assert said.startswith(why)
    assert len(rows(reads)) == 1


@pytest.mark.parametrize(
    ("cells", "shares"),
    [
        (("35%", "0.35", "35"), (0.35, 0.35, 0.35)),
        (("35", "1", "80"), (0.35, 0.01, 0.8)),
        (("0.35", "1", "0"), (0.35, 1, 0)),
    ],
)
def test_shares_are_told_by_sign_and_by_the_rest_of_the_file(cells: tuple[str, ...], shares: tuple[float, ...]) -> None:
    given = "".join(f"a1,2026-01-{5 + 7 * n:02},1,1,{cell},,\n" for n, cell in enumerate(cells))
    found = weeks(signals_in(WEEKLY + given))
    assert tuple(week.values["top_user_share"] for week in found.values()) == shares


def test_decimal_commas_are_told_by_the_file() -> None:
    given = "account_id;week_start;csat;logins\na1;05.01.2026;4,5;1.234\na1;12.01.2026;3,250;12\n"
    found = weeks(signals_in(given))
    assert found["a1", "2026-01-05"].values == {"csat": 4.5, "logins": 1234}
    assert found["a1", "2026-01-12"].values == {"csat": 3.25, "logins": 12}
    doubtful = signals_in("account_id;week_start;csat\na1;2026-01-05;3,250\n")
    assert remarks(doubtful, "cell")[0][1].startswith("csat '3,250' may be 3250 or 3.250")


def test_weeks_of_one_weekday_stay_and_others_are_brought_together() -> None:
    sundays = "".join(f"a1,2026-01-{day:02},1,,,,\n" for day in (4, 11, 18, 25))
    assert [start for _, start in weeks(signals_in(WEEKLY + sundays))] == [
        "2026-01-04",
        "2026-01-11",
        "2026-01-18",
        "2026-01-25",
    ]
    mixed = signals_in(f"{WEEKLY}{sundays}a1,2026-02-04,1,,,,\n")
    assert list(weeks(mixed)) == [
        ("a1", start) for start in ("2025-12-29", "2026-01-05", "2026-01-12", "2026-01-19", "2026-02-02")
    ]
    assert len(remarks(mixed, "weekday")) == 5
    assert remarks(mixed, "weekday")[-1] == (
        6,
        "a1: 2026-02-04 is a Wednesday; taken as the week that begins on Monday, 2026-02-02",
    )
    many = "".join(f"a{n},2026-01-04,1,,,,\n" for n in range(20))
    nearly = signals_in(f"{WEEKLY}{many}b1,2026-01-05,1,,,,\n")
    assert weeks(nearly)["b1", "2026-01-04"].values == {"active_users": 1}


def test_duplicates_are_counted_and_of_conflicts_the_later_row_counts() -> None:
    given = (
        "a1,2026-01-05,1,2,,,\na1,2026-01-05,1,2,,,\na1,2026-01-05,1,3,,,New\na1,2026-01-05,,,0.5,,\n"
        "a1,2026-01-12,1,,,,\n"
    )
    reads = signals_in(WEEKLY + given)
    week = weeks(reads)["a1", "2026-01-05"]
    assert week.values == {"active_users": 1, "logins": 3, "top_user_share": 0.5}
    assert week.note == "New"
    assert rows(reads)[0].rows == 4
    assert remarks(reads) == [
        (4, "a1, 2026-01-05: logins is 2 in line 2 and 3 in line 4; the later row counts"),
        (3, "a1: line 3 said before, word for word"),
    ]
    accounts = signals_in("account_id,arr_eur,csm\na1,1,Ann\na1,2,Bo\n")
    assert [says for _, says in remarks(accounts)] == [
        "a1: arr_eur is 1 in line 2 and 2 in line 3; the later row counts",
        "a1: csm is Ann in line 2 and Bo in line 3; the later row counts",
    ]


def test_rows_out_of_order_are_counted_and_weeks_to_come_are_known_from_their_ends() -> None:
    reads = signals_in(f"{WEEKLY}a1,2026-01-12,1,,,,\na1,2026-01-05,1,,,,\nb1,2026-12-07,1,,,,\n")
    assert [start for _, start in weeks(reads)] == ["2026-01-05", "2026-01-12", "2026-12-07"]
    assert remarks(reads, "order") == [(3, "line 3 behind a later week of the same account; taken")]
    assert remarks(reads, "future") == [(4, "line 4 of weeks that have not begun; known from their ends")]
    assert weeks(reads)["b1", "2026-12-07"].known_from == datetime(2026, 12, 14, tzinfo=UTC)


def test_a_count_beyond_all_else_of_its_account_is_left_out() -> None:
    days = [f"2026-{month:02}-{day:02}" for month, day in ((1, 5), (1, 12), (1, 19), (1, 26), (2, 2), (2, 9), (2, 16))]
    given = "".join(f"a1,{day},40,,,,\n" for day in days)
    reads = signals_in(f"{WEEKLY}{given}a1,2026-02-23,99999,,,,\na1,2026-03-02,60,7,,,\n")
    assert remarks(reads, "cell") == [(9, "active_users 99999 is far beyond all else of a1 here; left out")]
    assert ("a1", "2026-02-23") not in weeks(reads)
    growing = "".join(f"a1,{day},{20 if day < '2026-02-09' else 1500},,,,\n" for day in days)
    assert remarks(signals_in(f"{WEEKLY}{growing}a1,2026-02-23,1600,,,,\n")) == []
    begun = "".join(f"a1,{day},0,,,,\n" for day in days)
    assert remarks(signals_in(f"{WEEKLY}{begun}a1,2026-02-23,1600,,,,\n")) == []
    few = signals_in(f"{WEEKLY}a1,2026-01-05,40,,,,\na1,2026-01-12,99999,,,,\n")
    assert weeks(few)["a1", "2026-01-12"].values == {"active_users": 99999}


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("", "there is no header row: the file is empty"),
        ("foo,bar", "the columns tell no kind of signals (there are: foo, bar; needed are accounts: account_id"),
        ("account_id", "the columns tell no kind of signals"),
        (
            "at,author,text",
            "these are events, not signals (there are: at, author, text): take them in with fleet",
        ),
        ("account_id,number,issued", "the columns tell no kind of signals"),
    ],
)
def test_a_header_that_tells_no_kind_says_what_is_needed(header: str, why: str) -> None:
    [(line, said)] = rejects(signals_in(f"{header}\n"))
    assert line == 1
    assert said.startswith(why)


def test_a_named_kind_says_what_it_lacks() -> None:
    [(_, said)] = rejects(signals_in("account_id,logins\na1,1\n", kind="weekly"))
    assert said.startswith("a file of weekly needs week_start (there are: account_id, logins)")
    assert (
        rows(signals_in("account_id,week_start,company\na1,2026-01-05,Acme\n", kind="accounts"))[0].kind == "accounts"
    )


def test_columns_are_named_by_a_mapping() -> None:
    names = read_columns(
        "weekly:\n  account_id: Customer No.\n  week_start: from\n  active_users: WAU\n  nps: Score\n"
        "  uses_reports: Report clicks\n",
        source="c.yaml",
    )
    reads = signals_in("customer no;From;WAU;logins;report-clicks\na1;2026-01-05;7;8;9\n", columns=names)
    assert weeks(reads)["a1", "2026-01-05"].values == {"active_users": 7, "logins": 8, "uses_reports": 9}
    assert remarks(reads) == [(1, "there is no column 'Score', which is to be nps")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("weekly:\n  wau: X\n", "c.yaml:2: weekly has no column 'wau' (known are account_id, week_start"),
        ("monthly:\n  nps: X\n", "c.yaml:1: 'monthly' is no kind of signals"),
        ("weekly: nps\n", "c.yaml:1: 'weekly' is no kind of signals"),
        ("weekly:\n  nps: [a, b]\n", "c.yaml:2: 'nps' is not told one column"),
        ("weekly: {", "c.yaml:2: not YAML"),
    ],
)
def test_a_mapping_that_names_nothing_is_an_error(text: str, why: str) -> None:
    with pytest.raises(SettingError) as raised:
        read_columns(text, source="c.yaml")
    assert str(raised.value).startswith(why)


def test_a_spreadsheet_may_name_its_separator_above_the_header() -> None:
    assert len(rows(signals_in("sep=;\naccount_id;week_start;p1_open\na1;2026-01-05;yes\na1;2026-01-12;2\n"))) == 2
    [(line, why)] = rejects(signals_in("sep=;\n"))
    assert (line, why.partition(" (")[0]) == (1, "the columns tell no kind of signals")


def test_flags_count_as_none_or_one() -> None:
    given = "a1,2026-01-05,yes,No,yes\na1,2026-01-12,2,FALSE,3\n"
    reads = signals_in(f"account_id,week_start,p1_open,invoices_overdue,logins\n{given}")
    assert [week.values for week in weeks(reads).values()] == [
        {"p1_open": 1, "invoices_overdue": 0},
        {"p1_open": 2, "invoices_overdue": 0, "logins": 3},
    ]


def test_every_row_may_end_in_a_separator() -> None:
    assert len(rows(signals_in(f"{WEEKLY}a1,2026-01-05,1,,,,,\na1,2026-01-12,1,,,,,\n"))) == 2
    assert len(rejects(signals_in(f"{WEEKLY}a1,2026-01-05,1,,,,,\na1,2026-01-12,1,,,,\n"))) == 1


def test_a_quotation_mark_that_is_not_closed_costs_one_row() -> None:
    given = 'a1,2026-01-05,1,,,,"open\na1,2026-01-12,1,,,,"A note,\nof two lines"\na1,2026-01-19,1,,,,"open\n'
    reads = signals_in(f"{WEEKLY}{given}a1,2026-01-26,1,,,,\n")
    assert [line for line, _ in rejects(reads)] == [2, 5]
    assert {start: week.note for (_, start), week in weeks(reads).items()} == {
        "2026-01-12": "A note,\nof two lines",
        "2026-01-26": "",
    }


def test_lines_that_cannot_be_decoded_are_rejected_and_reading_goes_on() -> None:
    reads = signals_in(f"{WEEKLY}a1,2026-01-05,1,,,,\n".encode() + b"a1,\x81\n" + b"a1,2026-01-12,1,,,,\n")
    assert [line for line, _ in rejects(reads)] == [3]
    assert len(weeks(reads)) == 2
