"""How early the review sees risk and upside, how often it cries wolf, and what two usual ways of looking come to.

    python benchmarks/book_health.py --stories tests/data/book/stories_dev.yaml [--accounts 200] [--weeks 52]
        [--seeds 1,2,3] [--stories-table] [--json] [--reviews-only]

A book is played from stories (`book_stories`), imported as a user imports it, and ticked week by week from week 8 on;
what was raised is held against the truth (`book_scores`), and so is what the baselines raise on the same rows
(`book_baselines`). No model is called. CPU seconds are those of import and ticks; most of them go into what the shipped
contract's motions write, which ``--reviews-only`` leaves out: what is raised is the same. How good it is, only stories
say that nobody had before their eyes while the review was made; on others the figures say that it does what it should.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, Literal

from book_baselines import YELLOW, Look, alarms, fixed_thresholds, last_values, read_rows
from book_scores import Alarm, AlarmKind, Judged, Scores, Share, by_story, judged, lead_weeks, matters, scores, share
from book_stories import HEALTHY, Truth, write_book
from rich.console import Console
from rich.progress import Progress, TaskID

from fleet_runtime import Fleet, Settings
from fleet_runtime.runtime.motions import Raised

START: Final = date(2026, 1, 5)
FIRST_WEEK: Final = 8
FLEET: Final = "fleet"
ROLES: Final = Path(__file__).parents[1] / "roles"
CSM: Final = "customer-success-manager.md"
REVIEWS: Final = "## Motions\n\n- `weekly-review` (every Monday) — review.\n"
BASELINES: Final[dict[str, Look]] = {
    "fixed-threshold score, red": fixed_thresholds,
    "fixed-threshold score, yellow": partial(fixed_thresholds, red=YELLOW),
    "last-value rules, any": last_values,
    "last-value rules, two at once": partial(last_values, needed=2),
}
KINDS: Final[tuple[AlarmKind, ...]] = ("risk", "expansion", "data_check")

Embeddings = Literal["auto", "none"]
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Asked:
    """What is played: from which stories, how many accounts, for how many weeks, and what share of them healthy."""

    stories: Path
    accounts: int = 200
    weeks: int = 52
    healthy: float = HEALTHY
    embeddings: Embeddings = "auto"
    reviews_only: bool = False


@dataclass(frozen=True)
class Found:
    """What each way of looking came to on one book or several, and what the product's took."""

    accounts: dict[str, tuple[Judged, ...]]
    seconds: float
    weeks_ticked: int

    @property
    def scores(self) -> dict[str, Scores]:
        """Return the scores of each way of looking."""
        return {name: scores(found) for name, found in self.accounts.items()}

    def __add__(self, other: Found) -> Found:
        """Take two books as one."""
        accounts = {name: (*found, *other.accounts[name]) for name, found in self.accounts.items()}
        return Found(accounts, self.seconds + other.seconds, self.weeks_ticked + other.weeks_ticked)


async def measured(asked: Asked, seed: int, told: Told = lambda _done, _of: None) -> Found:
    """Play one book, and look at it in every way.

    Args:
        asked: what is played.
        seed: what its draws depend on.
        told: hears (days ticked, days in all).
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        truths = write_book(
            asked.stories, folder, accounts=asked.accounts, weeks=asked.weeks, seed=seed, start=START,
            healthy=asked.healthy,
        )  # fmt: skip
        return await looked_at(folder, truths, START, asked, told)


async def looked_at(
    folder: Path, truths: Sequence[Truth], start: date, asked: Asked, told: Told = lambda _done, _of: None
) -> Found:
    """Look at a book's files in every way, from the ninth week on.

    Args:
        folder: holds ``accounts.csv`` and ``weekly.csv``.
        truths: what is true of the accounts.
        start: the Monday of the first week.
        asked: how notes are read, and whether anything is written.
        told: hears (days ticked, days in all).
    """
    since = start + timedelta(weeks=FIRST_WEEK)
    until = max(truth.end_date for truth in truths)
    began = time.process_time()
    raised = await ticked(folder, since, until, asked, told)
    seconds = time.process_time() - began
    rows = read_rows(folder)
    found = {FLEET: judged(truths, within(truths, _alarms(raised)))}
    for label, look in BASELINES.items():
        found[label] = judged(truths, within(truths, alarms(rows, look, since, until)))
    return Found(found, seconds, (until - since).days // 7 + 1)


async def ticked(folder: Path, since: date, until: date, asked: Asked, told: Told) -> tuple[Raised, ...]:
    """Import a book's files and tick it once a week; return what was raised."""
    given = {"database": "none", "model": "none", "embeddings": asked.embeddings, "routing": "off"}
    if asked.reviews_only:
        given["roles"] = str(_reviewing(folder / "roles"))
    settings = Settings.model_validate(given)
    now = datetime(until.year, until.month, until.day, 12, tzinfo=UTC) + timedelta(days=1)
    async with Fleet.open(settings=settings, clock=lambda: now) as fleet:
        taken = await fleet.book.import_signals(folder / "accounts.csv", folder / "weekly.csv")
        if taken.rejected:
            sys.exit(f"rows were rejected: {taken.rejects[:3]}")
        return await fleet.motions.replay(since, until, every=timedelta(days=7), told=told)


def _reviewing(folder: Path) -> Path:
    """Make a folder of roles with the shipped contract, whose only motion is the weekly review."""
    folder.mkdir()
    text = (ROLES / CSM).read_text(encoding="utf-8")
    (folder / CSM).write_text(text[: text.index("## Motions")] + REVIEWS, encoding="utf-8")
    return folder


def within(truths: Iterable[Truth], raised: Iterable[Alarm]) -> list[Alarm]:
    """Leave out what was raised after an account's story had ended."""
    ends = {truth.account_id: truth.end_date for truth in truths}
    return [one for one in raised if one.on <= ends[one.account]]


def _alarms(raised: Iterable[Raised]) -> list[Alarm]:
    """Bring what the product raised into the form in which everybody is judged."""
    kinds: dict[str, AlarmKind] = {kind: kind for kind in KINDS}
    return [
        Alarm(
            account=account,
            on=notice.on,
            kind=kinds[notice.concern.kind],
            matter=notice.concern.matter,
            says="; ".join(notice.concern.reasons),
            over=notice.closed_on,
        )
        for account, notice, _ in raised
        if notice.concern.kind in kinds
    ]


HEADS: Final = (
    "", "risk >= 4 weeks before", "open 4 weeks before", "lead, weeks", "> 26 weeks before", "false alarms", "decoys",
    "healthy", "risk on growth", "upside found", "upside on well", "upside on decline",
)  # fmt: skip


def table(found: Found) -> list[Sequence[str]]:
    """Return one row for each way of looking, under their heads."""
    rows: list[Sequence[str]] = [HEADS]
    for name, one in found.scores.items():
        elsewhere = one.upside_elsewhere
        on_well = Share(*(sum(parts) for parts in zip(elsewhere["decoy"], elsewhere["healthy"], strict=True)))
        rows.append((
            name, str(one.in_time), str(one.standing), _number(one.lead_weeks), str(one.too_early),
            str(one.false_alarms), str(one.false_on["decoy"]), str(one.false_on["healthy"]), str(one.risks_on_growth),
            str(one.upside_found), str(on_well), str(elsewhere["decline"]),
        ))  # fmt: skip
    return rows


STORY_HEADS: Final = ("kind", "story", "accounts", "risk in time", "lead, weeks", "risk", "upside", "what it was about")


def stories_table(accounts: Iterable[Judged]) -> list[Sequence[str]]:
    """Return one row for each story; ``risk`` and ``upside`` count the accounts that had any, of growth in time."""
    rows: list[Sequence[str]] = [STORY_HEADS]
    for (kind, story), of in by_story(accounts).items():
        growth = kind == "growth"
        rows.append((
            kind, story, str(len(of)),
            str(sum(one.in_time for one in of)) if kind == "decline" else "",
            _number(lead_weeks(of)) if kind == "decline" else "",
            str(share(of, lambda one: bool(one.risks)).some),
            str(sum(bool(one.upside if growth else one.upsides) for one in of)),
            matters(of),
        ))  # fmt: skip
    return rows


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Write rows as a Markdown table whose columns stand in line."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|-" + "-|-".join("-" * width for width in widths) + "-|", *lines[1:]])


def _number(value: float | None) -> str:
    """Write a number of weeks."""
    return "-" if value is None else f"{value:.0f}"


def told(found: Found, *, stories: bool) -> dict[str, object]:
    """Return everything in plain values."""
    fleet = found.accounts[FLEET]
    more = (
        {"stories": [dict(zip(STORY_HEADS, row, strict=True)) for row in stories_table(fleet)[1:]]} if stories else {}
    )
    return {
        "accounts": len(fleet),
        "cpu_seconds": round(found.seconds, 1),
        "accounts_per_second": round(len(fleet) / found.seconds, 1),
        "by": {name: one.told() for name, one in found.scores.items()},
        **more,
    }


def _checks(one: Scores) -> str:
    """Say on how many accounts of each kind the data were doubted, and why."""
    said = []
    for kind, counts in one.checks.items():
        why = ", ".join(f"{matter} {count}" for matter, count in sorted(counts.items(), key=lambda pair: -pair[1]))
        said.append(f"  {kind}: {why or 'none'}")
    return "\n".join(["data checks, by accounts:", *said])


def _move(progress: Progress, bar: TaskID, done: int, of: int) -> None:
    """Move a bar."""
    progress.update(bar, completed=done, total=of)


async def _all(asked: Asked, seeds: Sequence[int]) -> Found:
    """Measure several books, with a progress bar on the error channel."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        together: Found | None = None
        for seed in seeds:
            bar = progress.add_task(f"seed {seed}", total=None)
            one = await measured(asked, seed, partial(_move, progress, bar))
            together = one if together is None else together + one
    if together is None:
        sys.exit("no seed")
    return together


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description="Hold what is raised on a book of accounts against what is true.")
    parser.add_argument("--stories", type=Path, required=True, help="a story file")
    parser.add_argument("--accounts", type=int, default=200, help="how many accounts a book has")
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--healthy", type=float, default=HEALTHY, help="the share of plainly healthy accounts")
    parser.add_argument("--seed", dest="seeds", type=lambda text: [int(text)], default=[1])
    parser.add_argument("--seeds", type=lambda text: [int(one) for one in text.split(",")], metavar="1,2,3")
    parser.add_argument(
        "--embeddings", choices=("auto", "none"), default="auto", help="none: notes are read by words only"
    )
    parser.add_argument("--reviews-only", action="store_true", help="write no plans, memos and briefs: faster")
    parser.add_argument("--stories-table", action="store_true", help="also a table by story")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    asked = Asked(
        given.stories, given.accounts, given.weeks, given.healthy, given.embeddings, given.reviews_only
    )  # fmt: skip
    found = asyncio.run(_all(asked, given.seeds))
    if given.json:
        print(json.dumps(told(found, stories=given.stories_table), indent=1))
        return
    count = len(found.accounts[FLEET])
    print(f"{count} accounts of {given.stories.name}, {given.weeks} weeks, seeds {given.seeds}")
    print(markdown(table(found)))
    print(_checks(found.scores[FLEET]))
    if given.stories_table:
        print(markdown(stories_table(found.accounts[FLEET])))
    print(f"{found.seconds:.1f} CPU seconds for import and ticks: {count / found.seconds:.1f} accounts a second")


if __name__ == "__main__":
    main()
