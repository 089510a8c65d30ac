"""A small sample of ``python benchmarks/book_year.py --kills 20``: killed amid ticks, every milestone fires once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import book_year
import pytest
from book_year_data import Milestone, expected, seeded

from fleet_runtime.records.book import Concern, MotionRun, Notice

NOW = datetime(2027, 3, 3, tzinfo=UTC)
DUE = date(2027, 3, 3)
ONE = Milestone("account-00000", DUE, 90, date(2027, 6, 1), moot=False)
RUN = MotionRun(motion="renewal", role="csm", due=DUE, ran_at=NOW)
NOTICE = Notice(
    id="n", on=DUE, motion="renewal", role="csm", raised_at=NOW,
    concern=Concern(kind="renewal", matter="milestone-90", severity="low", title="Renewal", reasons=("So it is.",)),
)  # fmt: skip


@pytest.mark.slow
def test_killed_amid_ticks_every_milestone_fires_once(tmp_path: Path) -> None:
    accounts = list(seeded(100, 35, seed=3))
    verdict = book_year.survived(tmp_path / "book.db", accounts, 35, kills=2, seed=3)
    assert verdict.clean, "\n".join((str(verdict), *verdict.wrong[:9]))
    assert verdict.kills == 2
    assert verdict.expected > 25


@pytest.mark.parametrize(
    ("runs", "notices", "told"),
    [
        (1, 1, (1, 0, 0, 0)),
        (0, 0, (0, 0, 1, 0)),
        (1, 0, (1, 0, 1, 0)),
        (2, 1, (1, 1, 0, 0)),
        (1, 2, (1, 1, 0, 0)),
    ],
)
def test_the_verdict_would_notice(runs: int, notices: int, told: tuple[int, int, int, int]) -> None:
    """A benchmark that cannot fail proves nothing: each kind of damage is put before it."""
    name = ONE.account
    verdict = book_year.judged([ONE], [(name, RUN)] * runs, [(name, NOTICE)] * notices)
    assert (verdict.fired, verdict.doubled, verdict.missed, len(verdict.wrong)) == told
    assert verdict.clean is (told == (1, 0, 0, 0))


def test_what_nobody_expected_is_wrong() -> None:
    other = RUN.model_copy(update={"due": DUE + timedelta(days=1)})
    moot = RUN.model_copy(update={"outcome": "moot"})
    name = ONE.account
    assert len(book_year.judged([ONE], [(name, RUN), (name, other)], [(name, NOTICE)]).wrong) == 1
    assert len(book_year.judged([ONE], [(name, moot)], [(name, NOTICE)]).wrong) == 1
    assert len(book_year.judged([ONE._replace(moot=True)], [(name, moot)], [(name, NOTICE)]).wrong) == 1
    assert len(book_year.judged([], [], [(name, NOTICE)]).wrong) == 1


def test_the_seeds_hold_every_kind_of_story() -> None:
    accounts = list(seeded(200, 365, seed=1))
    found = [one for account in accounts for one in expected(account, 365)]
    assert any(one.moot for one in found)
    assert any(len(account.signals.details) > 1 for account in accounts)
    assert len({one.days for one in found}) == 6
    assert not expected(accounts[0]._replace(signals=accounts[0].signals.model_copy(update={"details": ()})), 365)
