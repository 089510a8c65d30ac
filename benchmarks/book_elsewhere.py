"""How the review does on books whose accounts others made up, with programs of their own that know nothing of this one.

    python benchmarks/book_elsewhere.py [--books tests/data/book/elsewhere_c.zip ...] [--embeddings none]
        [--stories-table]

Each book holds ``accounts.csv``, ``weekly.csv`` and ``truth.csv`` (240 accounts, 52 or 78 weeks). Three authors wrote
the generators from a description of the columns alone: other noise, other seasons, other wordings, gaps, duplicates
and wrong cells. Labels: churn and downsell are declines, faults in the data are decoys. Upside counts from sixteen
weeks before its deadline to the deadline. Columns and baselines are those of `book_health`.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import tempfile
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from book_health import FLEET, Asked, looked_at, markdown, stories_table, table
from book_scores import UPSIDE_TO
from book_stories import Truth

DATA: Final = Path(__file__).parents[1] / "tests/data/book"
BOOKS: Final = tuple(DATA / f"elsewhere_{author}.zip" for author in "abc")
KINDS: Final[Mapping[str, str]] = {
    "churn": "decline",
    "downsell": "decline",
    "expansion": "growth",
    "healthy": "healthy",
    "decoy": "decoy",
    "data_fault": "decoy",
}
WEEK: Final = timedelta(weeks=1)


def read_truths(folder: Path) -> tuple[list[Truth], date]:
    """Return what is true of a book's accounts, and the Monday of its first week."""
    with (folder / "weekly.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["week"], row["week_start"]) for row in csv.DictReader(file)]
    mondays = _mondays(rows)
    end = max(mondays.values()) + WEEK
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        truths = [_truth(row, mondays, end) for row in csv.DictReader(file)]
    return truths, min(mondays.values())


def _mondays(rows: Sequence[tuple[str, str]]) -> dict[int, date]:
    """Return the Monday of each week's number, as most rows have it: some rows are wrong."""
    counts = Counter(row for row in rows if row[0].isdigit() and len(row[1]) == len("2026-01-05"))
    found: dict[int, date] = {}
    for (number, start), _ in counts.most_common():
        found.setdefault(int(number), date.fromisoformat(start))
    return found


def _truth(row: Mapping[str, str], mondays: Mapping[int, date], end: date) -> Truth:
    """Bring what another author says of an account into our form."""
    decided = mondays[int(row["decision_week"])] if row["decision_week"] else None
    deadline = mondays[int(row["deadline_week"])] if row["deadline_week"] else None
    return Truth(
        account_id=row["account_id"],
        story=row["story"],
        kind=KINDS[row["label"]],
        decision_date=decided,
        qualified_date=deadline - UPSIDE_TO if deadline else None,
        end_date=end,
    )


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description="Hold what is raised on others' books against what is true.")
    parser.add_argument("--books", type=Path, nargs="+", default=BOOKS, help="zip files")
    parser.add_argument("--embeddings", choices=("auto", "none"), default="auto", help="none: read notes by words only")
    parser.add_argument("--stories-table", action="store_true", help="also a table by story")
    given = parser.parse_args()
    for book in given.books:
        with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(book) as archive:
            archive.extractall(name)
            truths, start = read_truths(Path(name))
            asked = Asked(stories=book, embeddings=given.embeddings, reviews_only=True)
            found = asyncio.run(looked_at(Path(name), truths, start, asked))
        print(f"{len(truths)} accounts of {book.name}")
        print(markdown(table(found)))
        if given.stories_table:
            print(markdown(stories_table(found.accounts[FLEET])))


if __name__ == "__main__":
    main()
