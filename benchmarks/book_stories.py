"""A book of customer accounts, played from stories: accounts.csv, weekly.csv, and beside them the truth.

    python benchmarks/book_stories.py tests/data/book/stories_dev.yaml --out FOLDER --accounts 200 --seed 7

The same seed gives the same bytes. Account ids tell nothing of the story, and each account has its own generator, so
one story's draws do not move another's.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from book_story_form import COLUMNS, StoriesError, Story, StoryFile
from book_story_life import Life, Living, printed
from book_story_people import companies, people

CRM = (
    "account_id",
    "company",
    "industry",
    "segment",
    "arr",
    "seats",
    "renewal_date",
    "csm",
    "go_live_date",
    "champion",
    "exec_sponsor",
)
WEEKLY = ("account_id", "week_start", *COLUMNS, "event")
HEALTHY = 0.4
ACCOUNTS_A_CSM = 25
MONDAY = 0


@dataclass(frozen=True)
class Truth:
    """What is true of an account: dates are the Mondays of the weeks; ``end_date`` the Monday after the last week."""

    account_id: str
    story: str
    kind: str
    decision_date: date | None
    qualified_date: date | None
    end_date: date

    def line(self) -> str:
        """Write it as a line of ``truth.jsonl``; a date that the kind does not have is left out."""
        said = {key: str(value) for key, value in vars(self).items() if value is not None}
        return json.dumps(said)


def write_book(  # noqa: PLR0913 - a book's size and place, each named by the caller
    stories: Path,
    folder: Path,
    *,
    accounts: int,
    weeks: int,
    seed: int,
    start: date,
    healthy: float = HEALTHY,
) -> list[Truth]:
    """Play the stories of a file and write ``accounts.csv``, ``weekly.csv`` and ``truth.jsonl`` into a folder.

    Args:
        stories: The story file.
        folder: Where to write; made if missing.
        accounts: How many accounts the book has.
        weeks: How many weeks are played, unless a story says its own.
        seed: What all draws depend on.
        start: The Monday of week 0.
        healthy: The share of the accounts that are given to stories of kind ``healthy``.

    Raises:
        StoriesError: if the file is not in the form, or ``start`` is no Monday.
    """
    if start.weekday() != MONDAY:
        raise StoriesError(f"start {start} is no Monday")
    file = StoryFile.load(stories)
    rng = np.random.default_rng([seed, 0])
    cast = _cast(file, accounts, healthy, rng)
    names, csms = companies(rng, accounts), people(rng, max(2, accounts // ACCOUNTS_A_CSM))
    lives: dict[str, Life] = {}
    truths = []
    for number, story in enumerate(cast):
        own = np.random.default_rng([seed, 1, number])
        account, length = f"acct-{number + 1:04d}", story.weeks or weeks
        living = Living(story, own, start=start, weeks=length)
        lives[account] = living.live(names[number], csms[own.integers(len(csms))], file.chatter)
        truths.append(_truth(account, story, lives[account], start, length))
    folder.mkdir(parents=True, exist_ok=True)
    _write_accounts(folder / "accounts.csv", lives)
    _write_weekly(folder / "weekly.csv", lives, start)
    (folder / "truth.jsonl").write_text("".join(truth.line() + "\n" for truth in truths), encoding="utf-8")
    return truths


def _cast(file: StoryFile, accounts: int, healthy: float, rng: np.random.Generator) -> list[Story]:
    """Give each account its story: evenly over the told ones, the healthy by their share, in no order."""
    well = [story for story in file.stories if story.kind == "healthy"]
    told = [story for story in file.stories if story.kind != "healthy"]
    if not well and not told:
        raise StoriesError("stories: there are none")
    count = round(accounts * healthy) if well and told else accounts * bool(well)
    cast = [*_evenly(well, count, rng), *_evenly(told, accounts - count, rng)]
    return [cast[number] for number in rng.permutation(len(cast))]


def _evenly(stories: Sequence[Story], count: int, rng: np.random.Generator) -> list[Story]:
    """Repeat stories, no one more than once oftener than another."""
    order = rng.permutation(len(stories))
    return [stories[int(order[number % len(order)])] for number in range(count)]


def _truth(account: str, story: Story, life: Life, start: date, weeks: int) -> Truth:
    """Say what is true of a life."""
    turned = {letter: start + timedelta(weeks=week) for letter, week in life.anchors.items()}
    return Truth(
        account_id=account,
        story=story.name,
        kind=story.kind,
        decision_date=turned.get("d"),
        qualified_date=turned.get("q"),
        end_date=start + timedelta(weeks=weeks),
    )


def _write_accounts(path: Path, lives: dict[str, Life]) -> None:
    """Write the CRM of today."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CRM, lineterminator="\n")
        writer.writeheader()
        writer.writerows({"account_id": account, **life.crm} for account, life in lives.items())


def _write_weekly(path: Path, lives: dict[str, Life], start: date) -> None:
    """Write all weeks in their order, those that came late at the end."""
    rows = [(row, account) for account, life in lives.items() for row in life.rows]
    rows.sort(key=lambda pair: (pair[0].late, pair[0].week, pair[1]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(WEEKLY)
        for row, account in rows:
            monday = start + timedelta(weeks=row.week)
            writer.writerow((account, monday.isoformat(), *printed(row.cells), row.event))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write a book from the command line."""
    parser = argparse.ArgumentParser(description="Write a book of accounts, played from a story file.")
    parser.add_argument("stories", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--accounts", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--start", type=date.fromisoformat, default=date(2026, 1, 5))
    parser.add_argument("--healthy", type=float, default=HEALTHY)
    asked = parser.parse_args(arguments)
    truths = write_book(
        asked.stories,
        asked.out,
        accounts=asked.accounts,
        weeks=asked.weeks,
        seed=asked.seed,
        start=asked.start,
        healthy=asked.healthy,
    )
    kinds = [truth.kind for truth in truths]
    print(", ".join(f"{kind}: {kinds.count(kind)}" for kind in sorted(set(kinds))), "->", asked.out)


if __name__ == "__main__":
    main()
