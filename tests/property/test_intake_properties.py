"""Whatever a file holds becomes rows, remarks or rejects; twice is once; the order of rows decides nothing."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from signal_files import NOVEMBER, rows, signals_in

from fleet_runtime.importing import DateOrder, Reject
from fleet_runtime.intake import KINDS, Remark, SignalKind, Taken, brought, news_of
from fleet_runtime.records.book import AccountDetails, Invoice, Signals, Week

SCRAPS = st.sampled_from(
    [
        *("\n", "\r\n", ",", ";", "\t", '"', "\ufeff", "\x00", "\x1b[2J", " ", "-", "%", "(", ")", "'", "."),
        *("account_id", "week_start", "active_users", "top_user_share", "nps", "event", "feature", "uses", "arr_eur"),
        *("account_id,week_start,logins,nps,top_user_share,event\n", "account_id;number;issued;amount\n", "number"),
        *("account_id,seats,arr,renewal_date\n", "account_id,week_start,feature,uses\n", "issued", "amount", "seats"),
        *("a1", "b1", "2026-01-05", "2026-01-06", "05.01.2026", "01/02/2026", "9999-12-31", "0001-01-01", "2026-W02"),
        *("1", "0", "-1", "1,234", "1.234", "0,5", "35%", "1e9", "1e99", "$5", "n/a", "null", "\u0661", "nan", "inf"),
    ]
)
SCRAPPY = st.lists(SCRAPS | st.text(max_size=6), max_size=40).map(lambda some: "".join(some).encode("utf-8", "replace"))
ORDERS: st.SearchStrategy[DateOrder | None] = st.sampled_from(["day-first", "month-first", None])
KIND: st.SearchStrategy[SignalKind | None] = st.sampled_from([*KINDS, None])


@given(raw=st.binary(max_size=300) | SCRAPPY, kind=KIND, dates=ORDERS)
def test_any_bytes_become_rows_remarks_or_rejects(raw: bytes, kind: SignalKind | None, dates: DateOrder | None) -> None:
    lines = raw.count(b"\n") + 1
    seen: set[tuple[str, object]] = set()
    found = signals_in(raw, kind=kind, dates=dates)
    for read in found:
        if isinstance(read, Taken):
            assert read.account.strip()
            assert 1 <= read.line <= lines
            identity = getattr(read.row, "start", getattr(read.row, "number", ""))
            assert (read.account, identity) not in seen
            seen.add((read.account, identity))
            assert type(read.row).model_validate_json(read.row.model_dump_json()) == read.row
            if isinstance(read.row, Week):
                assert all(map(math.isfinite, read.row.values.values()))
                assert all(value >= 0 for name, value in read.row.values.items() if name != "nps")
                assert 0 <= read.row.values.get("top_user_share", 0) <= 1
        else:
            assert isinstance(read, Remark | Reject)
            assert read.says if isinstance(read, Remark) else read.why
            assert 1 <= read.line <= lines
    accounts = [read.account for read in rows(found)]
    assert accounts == sorted(accounts)
    for account in set(accounts):
        news = news_of(Signals(), brought(account, [one for one in rows(found) if one.account == account]), NOVEMBER)
        assert news.signals != Signals() or all(isinstance(one.row, AccountDetails) for one in rows(found))


CELLS = st.sampled_from(["", "0", "7", "12.5", "n/a", "x"])
ROWS = st.dictionaries(
    st.tuples(st.sampled_from(["a1", "b1"]), st.integers(0, 12) | st.integers(46, 49)),
    st.tuples(CELLS, CELLS, st.sampled_from(["", "Fine.", "Champion left"])),
    max_size=10,
)


def file_of(some: dict[tuple[str, int], tuple[str, str, str]], order: list[tuple[str, int]]) -> str:
    days = {week: date(2026, 1, 5) + timedelta(weeks=week) for _, week in some}
    return "account_id,week_start,logins,nps,event\n" + "".join(
        f"{account},{days[week]},{','.join(some[account, week])}\n" for account, week in order
    )


def kept(stored: Signals, file: str, account: str, now: datetime) -> Signals:
    """Take a file in: a version of the same moment replaces the earlier one."""
    taken = [one for one in rows(signals_in(file, now=now)) if one.account == account]
    news = news_of(stored, brought(account, taken), now)
    versions = {(week.start, week.known_from): week for week in (*stored.weeks, *news.signals.weeks)}
    return stored.model_copy(update={"weeks": tuple(versions[place] for place in sorted(versions))})


def told(signals: Signals, moment: datetime) -> list[tuple[date, dict[str, float], str]]:
    """Return what was known, but for where it stood in its file."""
    return [(week.start, week.values, week.note) for week in signals.known_at(moment).weeks]


@given(some=ROWS, data=st.data())
def test_the_order_of_rows_decides_nothing_and_twice_is_once(
    some: dict[tuple[str, int], tuple[str, str, str]], data: st.DataObject
) -> None:
    one, other = sorted(some), data.draw(st.permutations(sorted(some)))
    later = NOVEMBER + timedelta(days=5)
    for account in ("a1", "b1"):
        first = kept(Signals(), file_of(some, one), account, NOVEMBER)
        second = kept(Signals(), file_of(some, list(other)), account, NOVEMBER)
        assert kept(first, file_of(some, list(other)), account, later) == first
        for week in (*range(0, 14, 2), *range(46, 52)):
            moment = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=week)
            assert told(first, moment) == told(second, moment)


@given(some=ROWS, cut=st.integers(0, 12))
def test_what_comes_later_changes_nothing_of_what_was_known(
    some: dict[tuple[str, int], tuple[str, str, str]], cut: int
) -> None:
    later = NOVEMBER + timedelta(days=5)
    order = sorted(some, key=lambda place: hash(place[1]) % 7)
    stored = kept(Signals(), file_of(some, order[:cut]), "a1", NOVEMBER)
    grown = kept(stored, file_of(some, order), "a1", later)
    begun = [row for row in stored.weeks if row.start <= later.date()]
    measured = {name for row in begun for name in (*row.values, *(["event"] if row.note else []))}
    latest = max((row.start for row in begun), default=date.min)
    for week in (*range(13), 46):
        moment = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(weeks=week)
        if moment.date() <= latest:
            before, after = _measured(stored, moment, measured), _measured(grown, moment, measured)
            assert after == before


def _measured(signals: Signals, moment: datetime, names: set[str]) -> dict[date, dict[str, object]]:
    """Return what was known of some measures; a measure that never came before comes in time, and is left out here."""
    found: dict[date, dict[str, object]] = {}
    for start, values, note in told(signals, moment):
        said: dict[str, object] = {**values, **({"event": note} if note else {})}
        kept_of_it = {name: value for name, value in said.items() if name in names}
        if kept_of_it:
            found[start] = kept_of_it
    return found


@given(issued=st.dates(date(2025, 1, 1), date(2026, 6, 1)), days=st.none() | st.integers(-10, 100))
def test_an_invoice_is_never_known_as_paid_before_it_was(issued: date, days: int | None) -> None:
    paid = None if days is None else issued + timedelta(days=days)
    file = f"account_id,number,issued,due,paid,amount\na1,R,{issued},,{paid or ''},5\n"
    news = news_of(Signals(), brought("a1", rows(signals_in(file))), NOVEMBER)
    for month in range(0, 90, 4):
        moment = datetime(2024, 12, 30, tzinfo=UTC) + timedelta(weeks=month)
        found = news.signals.known_at(moment).invoices
        assert len(found) == (moment.date() >= issued)
        if found and paid is not None and paid > moment.date() and paid > issued:
            assert found[0].paid is None
    last = news.signals.invoices[-1]
    assert isinstance(last, Invoice)
    assert last.paid == paid
