"""Due work by the calendar: listed once, enqueued once, made up for after a standstill."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from boards_double import Marks
from hypothesis import given, settings
from hypothesis import strategies as st
from open_fleets import open_fleet

from fleet_runtime.errors import AccountBusy, FleetError, Paused, PromptError, StoreError
from fleet_runtime.records import AccountKey
from fleet_runtime.runtime.account_memory import AccountMemory
from fleet_runtime.runtime.ticking import Digests, Due, scan, tick_work

pytestmark = pytest.mark.anyio

START = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


class Daily:
    """Owes an account something at eight each day; notes what was done."""

    name = "review"

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, datetime]] = []
        self.done: list[Due] = []

    async def due(self, since: datetime, until: datetime) -> Sequence[Due]:
        self.asked.append((since, until))
        eight = since.replace(hour=8, minute=0)
        moments = [eight + number * DAY for number in range((until - since).days + 3)]
        return [Due(self.name, "acme", f"{moment:%Y-%m-%d}") for moment in moments if since < moment <= until]

    async def do(self, due: Due) -> None:
        self.done.append(due)


class Queue:
    """Takes work once by its id; ``dies_at`` is the call at which the scanning process is killed."""

    class Killed(BaseException):
        """The process is gone."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.calls = 0
        self.dies_at: int | None = None

    async def enqueue(self, key: AccountKey, kind: str, date: str) -> None:
        self.calls += 1
        if self.calls == self.dies_at:
            raise self.Killed
        name = f"tick:{kind}:{key.tenant}:{key.account}:{date}"
        if name not in self.ids:
            self.ids.append(name)


async def test_the_first_scan_owes_nothing_and_notes_when_it_was() -> None:
    marks, queue = Marks(), Queue()
    assert await scan(marks, "t", Daily(), START, queue.enqueue) == 0
    assert marks.at == {("t", "review"): START}
    assert await scan(marks, "t", Daily(), START + DAY, queue.enqueue) == 1
    assert queue.ids == ["tick:review:t:acme:2026-01-16"]


async def test_what_was_missed_is_made_up_for_day_by_day_and_a_year_back_at_most() -> None:
    marks, queue, source = Marks(), Queue(), Daily()
    marks.at["t", "review"] = START
    assert await scan(marks, "t", source, START + 10 * DAY, queue.enqueue) == 10
    assert all(until - since <= DAY for since, until in source.asked)
    marks.at["t", "review"] = START - 1000 * DAY
    assert await scan(marks, "t", Daily(), START, queue.enqueue) == 365
    assert marks.at["t", "review"] == START


async def test_a_clock_that_was_set_back_lists_nothing_and_moves_no_mark() -> None:
    marks, queue, source = Marks(), Queue(), Daily()
    marks.at["t", "review"] = START
    assert await scan(marks, "t", source, START - 5 * DAY, queue.enqueue) == 0
    assert (marks.at["t", "review"], source.asked) == (START, [])


async def test_a_scan_that_died_is_repeated_without_harm() -> None:
    marks, queue = Marks(), Queue()
    marks.at["t", "review"] = START
    queue.dies_at = 4
    with pytest.raises(Queue.Killed):
        await scan(marks, "t", Daily(), START + 6 * DAY, queue.enqueue)
    assert marks.at["t", "review"] == START + 3 * DAY
    await scan(marks, "t", Daily(), START + 6 * DAY, queue.enqueue)
    assert queue.ids == [f"tick:review:t:acme:2026-01-{day}" for day in range(16, 22)]


async def test_another_process_that_moves_the_mark_is_left_to_it() -> None:
    class Other(Marks):
        async def move_mark(self, tenant: str, scan: str, seen: datetime | None, to: datetime) -> bool:
            await super().move_mark(tenant, scan, seen, to + DAY)  # it was quicker
            return await super().move_mark(tenant, scan, seen, to)

    marks, queue = Other(), Queue()
    marks.at["t", "review"] = START
    assert await scan(marks, "t", Daily(), START + 6 * DAY, queue.enqueue) == 1
    assert marks.at["t", "review"] == START + 2 * DAY


async def test_processes_that_scan_within_a_minute_list_the_same() -> None:
    asked: list[tuple[datetime, datetime]] = []
    for seconds in (1, 59):
        marks, source = Marks(), Daily()
        marks.at["t", "review"] = START
        await scan(marks, "t", source, START + DAY + timedelta(seconds=seconds), Queue().enqueue)
        asked += source.asked
    assert asked == [(START, START + DAY)] * 2


STEPS = st.lists(st.tuples(st.integers(-40, 200), st.one_of(st.none(), st.integers(1, 6))), min_size=1, max_size=12)


@given(steps=STEPS)
@settings(max_examples=150, deadline=None)
async def test_however_scans_are_cut_killed_and_repeated_each_date_is_enqueued_once(
    steps: list[tuple[int, int | None]],
) -> None:
    """Each step turns the clock by hours (also back) and scans, killed at its n-th enqueue or not."""
    marks, queue, source = Marks(), Queue(), Daily()
    marks.at["t", "review"] = now = latest = START
    for hours, killed in steps:
        now += timedelta(hours=hours)
        latest = max(latest, now)
        queue.dies_at = None if killed is None else queue.calls + killed
        before = marks.at["t", "review"]
        with suppress(Queue.Killed):
            await scan(marks, "t", source, now, queue.enqueue)
        assert before <= marks.at["t", "review"] <= latest
    queue.dies_at = None
    await scan(marks, "t", source, latest, queue.enqueue)
    owed = [f"tick:review:t:acme:{due.date}" for due in await Daily().due(START, latest)]
    assert queue.ids == owed
    work = tick_work([source])
    for name in queue.ids:
        await work(AccountKey(tenant="t", account="acme"), "review", name.rsplit(":", 1)[1])
    assert [due.date for due in source.done] == [name.rsplit(":", 1)[1] for name in owed]


async def test_work_of_an_unknown_kind_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    source = Daily()
    with caplog.at_level(logging.WARNING):
        await tick_work([source])(AccountKey(tenant="t", account="acme"), "renewal", "2026-01-16")
    assert source.done == []
    assert [record.getMessage() for record in caplog.records] == [
        "due work of kind renewal for account acme (2026-01-16) is not known here"
    ]


class Waiting(Daily):
    """Due work that cannot be done at first."""

    def __init__(self, *errors: FleetError) -> None:
        super().__init__()
        self._errors = list(errors)

    async def do(self, due: Due) -> None:
        if self._errors:
            raise self._errors.pop()
        await super().do(due)


@pytest.mark.parametrize("kind", [Paused, AccountBusy, StoreError])
async def test_what_cannot_be_done_yet_is_done_later(kind: type[FleetError], monkeypatch: pytest.MonkeyPatch) -> None:
    """It was listed, and is not listed again: passed over it would never be done."""
    monkeypatch.setattr("fleet_runtime.runtime.ticking.LOOK_SECONDS", 0.0)
    source = Waiting(*(kind("not now", hint="wait") for _ in range(20)))
    await tick_work([source])(AccountKey(tenant="t", account="acme"), "review", "2026-01-16")
    assert source.done == [Due("review", "acme", "2026-01-16")]


async def test_what_stays_wrong_is_told() -> None:
    source = Waiting(PromptError("no template", hint="write it"))
    with pytest.raises(PromptError):
        await tick_work([source])(AccountKey(tenant="t", account="acme"), "review", "2026-01-16")
    assert source.done == []


def nobody(account: str) -> AccountMemory:
    raise AssertionError(f"unexpected: memory of {account}")


class Accounts:
    """Lists accounts, and counts how often it was asked to."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.asked = 0

    async def list(self) -> Sequence[str]:
        self.asked += 1
        return self.names


NAMES = st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=4, unique=True)


@given(names=NAMES, cuts=st.lists(st.integers(1, 24 * 90), max_size=5))
@settings(max_examples=60, deadline=None)
async def test_each_account_is_due_once_in_each_month_however_the_time_is_cut(
    names: list[str], cuts: list[int]
) -> None:
    digests = Digests(Accounts(*names).list, nobody)
    begin, end = datetime(2025, 12, 31, 23, 59, tzinfo=UTC), datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    edges = [begin, *sorted({begin + timedelta(hours=hours, minutes=7) for hours in cuts} - {end}), end]
    found = [due for since, until in itertools.pairwise(edges) for due in await digests.due(since, until)]
    expected = sorted((name, f"2026-{month:02}") for name in names for month in (1, 2, 3))
    assert sorted((due.account, due.date[:7]) for due in found) == expected
    assert [due.date for due in found] == sorted(due.date for due in found)


async def test_digests_are_spread_over_the_month_and_accounts_are_listed_only_where_an_hour_begins() -> None:
    accounts = Accounts(*(f"account-{number}" for number in range(2800)))
    digests = Digests(accounts.list, nobody)
    month = datetime(2026, 2, 1, tzinfo=UTC)
    by_day = [len(await digests.due(month + day * DAY, month + (day + 1) * DAY)) for day in range(28)]
    assert all(60 < count < 140 for count in by_day)
    asked = accounts.asked
    assert not await digests.due(START, START + timedelta(minutes=29))
    assert accounts.asked == asked


async def test_times_of_another_zone_are_the_same_times() -> None:
    digests = Digests(Accounts("a", "b", "c").list, nobody)
    zone = timezone(timedelta(hours=5, minutes=30))
    since, until = START, START + 31 * DAY
    assert await digests.due(since.astimezone(zone), until.astimezone(zone)) == await digests.due(since, until)


async def test_a_month_that_is_due_writes_the_digests_of_quarters_that_are_over() -> None:
    async with open_fleet() as fleet:
        event = {"id": "e1", "kind": "note", "author": "Dana", "at": datetime(2024, 2, 1, tzinfo=UTC)}
        await fleet.memory("acme").record({**event, "text": "Our renewal date is 1 March 2025."})
        digests = Digests(Accounts("acme", "empty").list, fleet.memory)
        work = tick_work([digests])
        for account in ("acme", "acme", "empty"):
            await work(AccountKey(tenant="default", account=account), "digest", "2026-01-16")
        assert [digest.period for digest in await fleet.memory("acme").digests()] == ["2024-Q1"]
        assert await fleet.memory("empty").digests() == ()
