"""How far a fleet goes: what 1,000, 100,000 and 10,000,000 accounts need, and what gives out first.

Run: ``python benchmarks/capacity.py [--accounts 1000,100000,10000000] [--turns-per-account-day 0.5] [--costs FILE]
[--workers N,N] [--json]``. Every figure comes from the costs file, where each cost stands with the command that
measured it, and each assumption as one; change it for a fleet of your own. The arithmetic is `capacity_model`; waits
are simulated (`capacity_queue`). Nothing is started and nothing is measured here: `capacity_costs` does that.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from capacity_model import (
    Bottleneck,
    Ceilings,
    Costs,
    Habits,
    Need,
    bottlenecks,
    databases_for,
    in_flight,
    need,
    places,
)
from capacity_queue import Waits, around, waits
from pydantic import ValidationError

COSTS = Path(__file__).parents[1] / "tests" / "data" / "capacity" / "costs.json"
ACCOUNTS = "1000,100000,10000000"
MOST_TURNS = 100_000
FEWEST_TURNS = 2_000
PEAK_SECONDS = 3600
SPREAD = 0.8
"""Standard deviation of a turn's time by its mean: short answers, and a few that call tools for long."""

ROWS: tuple[tuple[str, str, str], ...] = (
    ("turns a second, mean", "turns_per_second", ",.2f"),
    ("turns a second, peak", "peak_turns_per_second", ",.2f"),
    ("turns in flight at the peak", "turns_in_flight", ",.0f"),
    ("workers (one to spare)", "workers", ",d"),
    ("gateways", "gateways", ",d"),
    ("database: cores", "database_cores", ",.1f"),
    ("database: transactions/s", "database_transactions_per_second", ",.0f"),
    ("database: rows written/s", "database_row_writes_per_second", ",.0f"),
    ("database: WAL MB/s", "database_wal_megabytes_per_second", ",.2f"),
    ("database: WAL syncs/s", "database_wal_syncs_per_second", ",.0f"),
    ("database: connections", "database_connections", ",.0f"),
    ("database: GB after a year", "database_gigabytes", ",.1f"),
    ("database: GB/year", "database_gigabytes_per_year", ",.1f"),
    ("provider: requests/min", "provider_requests_per_minute", ",.0f"),
    ("provider: tokens/min", "provider_tokens_per_minute", ",.0f"),
)


@dataclass(frozen=True)
class Fleet:
    """What so many accounts need, over how many databases; and how long turns wait at the peak, by workers."""

    need: Need
    databases: int
    waits: dict[int, Waits]


def read_costs(file: Path) -> tuple[Costs, Habits, Ceilings]:
    """Read a costs file: of each entry the value, whatever its source.

    Raises: ValueError naming what is wrong with the file.
    """
    try:
        read: dict[str, dict[str, dict[str, Any]]] = json.loads(file.read_text(encoding="utf-8"))
        costs, habits, ceilings = (
            {name: entry["value"] for name, entry in read[part].items()} for part in ("costs", "habits", "ceilings")
        )
        return Costs.model_validate(costs), Habits.model_validate(habits), Ceilings.model_validate(ceilings)
    except (ValidationError, KeyError, AttributeError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{file}: {error}") from error


def fleet(accounts: int, costs: Costs, habits: Habits, ceilings: Ceilings, workers: Sequence[int] = ()) -> Fleet:
    """Work out one size, and simulate its busiest hour before so many workers.

    Without ``workers``: as many as are needed, the same after one died, and the fewest that keep up at all.
    """
    needed = need(accounts, costs, habits)
    fewest = max(1, math.ceil(in_flight(needed.peak_turns_per_second, costs.turn_seconds) / places(costs, 1.0)))
    tried = sorted(set(workers or (fewest, max(fewest, needed.workers - 1), needed.workers)))
    return Fleet(
        needed,
        databases_for(accounts, costs, habits, ceilings),
        {number: _waits(needed, costs, number) for number in tried},
    )


def _waits(needed: Need, costs: Costs, workers: int) -> Waits:
    """Simulate the peak before so many workers."""
    turns = round(min(MOST_TURNS, max(FEWEST_TURNS, needed.peak_turns_per_second * PEAK_SECONDS)))
    return waits(
        needed.peak_turns_per_second,
        needed.accounts,
        max(1, int(workers * places(costs, 1.0))),
        around(costs.turn_seconds, SPREAD),
        turns=turns,
        seed=1,
    )


def table(fleets: Sequence[Fleet], costs: Costs, first: Sequence[Bottleneck]) -> str:
    """Write the figures as a Markdown table, and below what gives out first."""
    lines = [
        f"| accounts | {' | '.join(f'{one.need.accounts:,d}' for one in fleets)} |",
        f"| --- | {' | '.join('---:' for _ in fleets)} |",
        *(f"| {title} | {' | '.join(format(getattr(one.need, name), form) for one in fleets)} |"
          for title, name, form in ROWS),
        f"| databases | {' | '.join(f'{one.databases:,d}' for one in fleets)} |",
        "",
        "| accounts | workers | places in use at the peak | a turn begins after, p50 / p99 ms |",
        "| ---: | ---: | ---: | ---: |",
        *(f"| {one.need.accounts:,d} | {workers:,d} | {seen.in_use:.0%} | {_ms(seen, costs)} |"
          for one in fleets for workers, seen in one.waits.items()),
        "",
        "| what gives out, of one database or one provider | at accounts |",
        "| --- | ---: |",
        *(f"| {one.name.replace('_', ' ')} | {one.accounts:,.0f} |" for one in first),
    ]  # fmt: skip
    return "\n".join(lines)


def _ms(seen: Waits, costs: Costs) -> str:
    """Write how long turns wait to be begun: for a place, and then for a worker to look."""
    return f"{1000 * (seen.p50 + costs.start_seconds):,.0f} / {1000 * (seen.p99 + costs.start_seconds):,.0f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures for the sizes that were asked for."""
    parser = argparse.ArgumentParser(description="work out what a fleet of some size needs")
    parser.add_argument("--accounts", default=ACCOUNTS, help="sizes, with commas between")
    parser.add_argument("--turns-per-account-day", type=float, help="default: what the costs file says")
    parser.add_argument("--costs", type=Path, default=COSTS, help="a costs file of your own")
    parser.add_argument("--workers", default="", help="simulate the peak before so many, with commas between")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args(arguments)
    try:
        sizes, workers = (
            [int(number) for number in text.split(",") if text] for text in (given.accounts, given.workers)
        )
        costs, habits, ceilings = read_costs(given.costs)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if given.turns_per_account_day is not None:
        habits = habits.model_copy(update={"turns_per_account_day": given.turns_per_account_day})
    if min([*sizes, *workers], default=0) < 1 or not habits.turns_per_account_day > 0:
        print("accounts, workers and turns must be more than nothing", file=sys.stderr)
        return 2
    fleets = [fleet(size, costs, habits, ceilings, workers) for size in sizes]
    first = bottlenecks(costs, habits, ceilings)
    if given.json:
        figures = {"fleets": [asdict(one) for one in fleets], "bottlenecks": [asdict(one) for one in first]}
        print(json.dumps(figures, indent=2))
    else:
        print(table(fleets, costs, first))
    return 0


if __name__ == "__main__":
    sys.exit(main())
