"""Motions by workers that are processes: two that scan, one that is killed, days without any, a switch, a question."""

from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import anyio
import pytest
from durable_worker import wait_until
from motion_cases import details, noon, weekly
from motion_worker import Inn

from fleet_runtime import Fleet
from fleet_runtime.records.book import Signals

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PATIENCE = 60.0
"""Within how many seconds whatever is awaited has come, even where the machine is busy."""

JUNE = date(2027, 6, 1)
FIRST, SECOND, THIRD = (JUNE - timedelta(days=days) for days in (12, 8, 4))
LETTER = JUNE - timedelta(days=6)
DAY = timedelta(days=1)
BEFORE = noon(FIRST - DAY)
FOUR = ("acme", "brook", "cedar", "dunes")

AT_FIRST = [("renewal", FIRST)]
AT_SECOND = [*AT_FIRST, ("renewal", SECOND), ("renewal-plan", SECOND)]
ALL = [*AT_SECOND, ("letter", LETTER), ("renewal", THIRD)]
"""What is done by then, by day and motion."""


async def seed(fleet: Fleet, accounts: Sequence[str]) -> None:
    """Have accounts whose contracts renew in June."""
    books = fleet._desk.books
    assert books is not None
    rows = Signals(
        details=(details(JUNE, noon(date(2026, 6, 1))),),
        weeks=weekly(date(2026, 7, 6), 30, {"active_users": 40.0, "logins": 400.0}),
    )
    for name in accounts:
        await books.put_signals(fleet._desk.key(name), rows)


async def until_done(fleet: Fleet, runs: Sequence[tuple[str, date]], accounts: Sequence[str]) -> None:
    """Wait until just that was carried out for each of the accounts, and what it brings is on record, once.

    Raises: TimeoutError.
    """
    wanted = Counter((account, *run) for account in accounts for run in runs)
    with anyio.fail_after(PATIENCE):
        while (done := Counter((name, run.motion, run.due) for name, run in await fleet.motions.history())) != wanted:
            assert done <= wanted
            await anyio.sleep(0.05)
    books = fleet._desk.books
    assert books is not None
    notices = await books.notices("default", date.min, date.max)
    raised = Counter((key.account, "renewal", one.on) for key, one in notices if one.concern.kind == "renewal")
    assert raised == Counter(run for run in wanted if run[1] == "renewal")
    written = Counter((name, one.motion, one.on) for name, one in await fleet.motions.products())
    assert written == Counter(run for run in wanted if run[1] != "renewal")


def until_scanned(inn: Inn, *workers: str) -> None:
    """Wait until each of the workers scanned from now on."""
    since = inn.now().isoformat()
    wait_until(lambda: {name for name, at in inn.noted("scanned") if at >= since} >= set(workers), PATIENCE)


def killed(workers: dict[str, subprocess.Popen[str]]) -> str:
    """Wait until one of the workers was killed, take it out, and say which."""
    wait_until(lambda: any(process.poll() is not None for process in workers.values()), PATIENCE)
    name = next(name for name, process in workers.items() if process.poll() is not None)
    assert workers.pop(name).returncode == -signal.SIGKILL
    return name


def printed(process: subprocess.Popen[str], *, code: int = 0) -> str:
    """Wait for a call of the program, and return what it printed."""
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, err
    return out


async def answered_elsewhere(inn: Inn, fleet: Fleet) -> None:
    """Have two people approve one letter at a time, each by a process of his own: it goes out once."""
    with anyio.fail_after(PATIENCE):
        while len(await fleet.approvals.list()) < len(FOUR):  # noqa: ASYNC110 - other processes write it
            await anyio.sleep(0.05)
    letter = next(one for name, one in await fleet.motions.products(("waiting",)) if name == "acme")
    listed = json.loads(printed(inn.program("approvals", "list", "--json")))
    assert {one["id"]: one["draft"] for one in listed}[letter.approval] == letter.text
    for call in [inn.program("approvals", "approve", letter.approval, "--by", name) for name in ("Ada", "Bo")]:
        assert letter.text.strip() in printed(call)
    turns = await fleet.turns.list(account="acme")
    assert [record.turn.state for record in turns] == ["done", "done"], "the question, and its answer"
    assert len(await fleet.approvals.list()) == len(FOUR) - 1
    ((_, sent),) = await fleet.motions.products(("approved",))
    assert (sent.id, sent.outcome.removeprefix("approved by ") in ("Ada", "Bo")) == (letter.id, True)


class MotionsByWorkers:
    async def test_two_that_scan_do_all_once_and_nothing_while_paused_and_ask(self, inn: Inn) -> None:
        async with inn.opened() as fleet:
            await seed(fleet, FOUR)
            with inn.at_work("w1", "w2"):
                until_scanned(inn, "w1", "w2")
                for moment, done in ((noon(FIRST), AT_FIRST), (noon(SECOND), AT_SECOND)):
                    inn.set(moment)
                    await until_done(fleet, done, FOUR)
                until_scanned(inn, "w1", "w2")
                wait_until(lambda: len(inn.noted("did")) == len(inn.noted("began")), PATIENCE)
                begun = len(inn.noted("began"))

                await fleet.pause(reason="the provider is down", by="Ada")
                inn.set(noon(THIRD))
                wait_until(lambda: len(inn.noted("began")) >= begun + len(FOUR), PATIENCE)
                assert len(inn.noted("did")) == begun, "it was begun and held back"
                await until_done(fleet, AT_SECOND, FOUR)
                await fleet.resume()
                await until_done(fleet, ALL, FOUR)
                await answered_elsewhere(inn, fleet)

    async def test_what_killed_workers_were_at_is_finished_by_others_and_days_without_any_are_made_up_for(
        self, inn: Inn
    ) -> None:
        """One is killed before its commit, and the other finishes; that one is killed after its commit, and none is
        left. Days later one comes back.
        """
        async with inn.opened() as fleet:
            await seed(fleet, FOUR)
            with inn.at_work("w1", "w2") as left:
                until_scanned(inn, "w1", "w2")
                inn.flag("die-before")
                inn.set(noon(FIRST))
                dead = killed(left)
                await until_done(fleet, AT_FIRST, FOUR)
                inn.flag("die-after")
                inn.set(noon(SECOND))
                killed(left)
                assert not left
                inn.set(noon(THIRD))
                inn.workers(dead)
                await until_done(fleet, ALL, FOUR)


class TestOnSqlite(MotionsByWorkers):
    @pytest.fixture
    def inn(self, tmp_path: Path) -> Inn:
        return Inn(tmp_path, str(tmp_path / "fleet.db"), BEFORE)


class TestOnPostgres(MotionsByWorkers):
    @pytest.fixture
    def inn(self, tmp_path: Path, postgres_database: str) -> Inn:
        return Inn(tmp_path, postgres_database, BEFORE)
