"""The capacity model: figures that one can work out by hand, and what must hold whatever a turn costs."""

from __future__ import annotations

import json
import math
from pathlib import Path

import capacity
import pytest
from capacity_costs import Seen
from capacity_model import (
    Ceilings,
    Costs,
    Habits,
    bottlenecks,
    databases_for,
    home_of,
    in_flight,
    need,
    peak_share,
    places,
    workers_for,
)
from capacity_queue import around, at_random, erlang_c, steady, waits
from hypothesis import given, settings
from hypothesis import strategies as st

COSTS = Costs(
    worker_cpu_ms=50, gateway_cpu_ms=10, database_cpu_ms=20, transactions=4, row_writes=10, wal_bytes=10_000,
    wal_syncs=3, turn_bytes=2_000, event_bytes=500, engine_bytes=1_000, engine_days=7, stream_bytes=5_000,
    stream_transactions=30, model_calls=2, prompt_tokens=3_000, completion_tokens=200, model_seconds=1.95,
    start_seconds=0.05, worker_turns=32, worker_connections=10, gateway_connections=5, worker_queries_per_second=20,
)  # fmt: skip
EVEN = Habits(
    turns_per_account_day=1, events_per_account_day=2, hours=(1,) * 24, weekdays=(1,) * 7, busy=0.5, streamed=0.5,
    gateway_turns=100,
)  # fmt: skip
CEILINGS = Ceilings(
    database_cores=8, database_transactions_per_second=1_000, database_wal_megabytes_per_second=50,
    database_connections=500, database_gigabytes=1_000, queue_turns_per_second=50, provider_requests_per_minute=6_000,
    provider_tokens_per_minute=10_000_000,
)  # fmt: skip


def test_the_figures_of_one_turn_a_second_are_those_of_one_turn() -> None:
    """86,400 accounts that say one thing a day, evenly, are one turn a second."""
    needed = need(86_400, COSTS, EVEN)
    assert needed.turns_per_second == needed.peak_turns_per_second == pytest.approx(1)
    assert needed.turns_in_flight == pytest.approx(2)  # 1.95 s of model and 50 ms of its own, once a second
    assert needed.workers == 2  # two places are in use of the sixteen that may be; and one to spare
    assert needed.gateways == 2
    assert needed.database_cores == pytest.approx(0.02)
    assert needed.database_transactions_per_second == pytest.approx(4 + 30 / 2 + 2 * 20)
    assert needed.database_row_writes_per_second == pytest.approx(10)
    assert needed.database_wal_megabytes_per_second == pytest.approx(0.01)
    assert needed.database_wal_syncs_per_second == pytest.approx(3)
    assert needed.database_connections == 2 * 10 + 2 * 5
    assert needed.provider_requests_per_minute == pytest.approx(120)
    assert needed.provider_tokens_per_minute == pytest.approx(60 * 3_200)
    kept = 86_400 * (2_000 + 2 * 500) * 365
    passing = 86_400 * 7 * (1_000 + 5_000 / 2)
    assert needed.database_gigabytes_per_year == pytest.approx(kept / 1e9)
    assert needed.database_gigabytes == pytest.approx((kept + passing) / 1e9)


def test_a_profile_counts_by_its_ratios() -> None:
    assert peak_share((1, 1, 1, 1)) == 1
    assert peak_share((0, 0, 0, 5)) == 4
    day = EVEN.model_copy(update={"hours": (0.0,) * 23 + (7.0,), "weekdays": (3.0, 0, 0, 0, 0, 0, 0)})
    assert day.peak_factor == 24 * 7
    assert need(86_400, COSTS, day).peak_turns_per_second == pytest.approx(168)


def test_a_worker_carries_what_is_set_or_what_its_core_serves() -> None:
    assert places(COSTS, 0.5) == 16  # 2 s a turn, 50 ms of it CPU: the core would serve 40 at a time
    hungry = COSTS.model_copy(update={"worker_cpu_ms": 500, "model_seconds": 1.5})
    assert places(hungry, 0.5) == 2  # half a core serves one turn a second, which is two at a time
    assert in_flight(3, 2) == 6
    assert workers_for(8, COSTS, 0.5) == 2  # sixteen in flight: one worker, and the spare one
    assert workers_for(8.01, COSTS, 0.5) == 3
    assert workers_for(8, hungry, 0.5) == 9


def test_each_ceiling_is_reached_where_it_stands() -> None:
    found = {one.name: one.accounts for one in bottlenecks(COSTS, EVEN, CEILINGS)}
    assert found["queue_turns_per_second"] == pytest.approx(50 * 86_400, abs=1)
    assert found["provider_requests_per_minute"] == pytest.approx(50 * 86_400, abs=1)
    assert found["database_cores"] == pytest.approx(8 / 0.02 * 86_400, abs=1)
    assert found["database_gigabytes"] == pytest.approx(1e12 / (3_000 * 365 + 7 * 3_500), abs=1)
    assert [one.accounts for one in bottlenecks(COSTS, EVEN, CEILINGS)] == sorted(found.values())
    free = COSTS.model_copy(update={"wal_bytes": 0})
    last = bottlenecks(free, EVEN, CEILINGS)[-1]
    assert (last.name, last.accounts) == ("database_wal_megabytes_per_second", math.inf)


def test_accounts_are_spread_over_as_many_databases_as_the_first_ceiling_asks_for() -> None:
    roomy = CEILINGS.model_copy(update={"provider_requests_per_minute": 1, "database_gigabytes": 1e9})
    own = [one for one in bottlenecks(COSTS, EVEN, roomy) if not one.name.startswith("provider_")]
    least = own[0].accounts
    assert databases_for(1, COSTS, EVEN, roomy) == 1
    assert databases_for(int(least / 2), COSTS, EVEN, roomy) == 1
    assert databases_for(int(least / 2) + 1, COSTS, EVEN, roomy) == 2
    assert databases_for(int(least * 5), COSTS, EVEN, roomy) == 10


AMOUNTS = st.floats(0.01, 1e4)


@given(accounts=st.integers(1, 10**8), more=st.integers(1, 10**8), busy=st.floats(0.1, 0.9), cpu=st.floats(1, 500))
@settings(max_examples=100, deadline=None)
def test_more_accounts_never_need_less(accounts: int, more: int, busy: float, cpu: float) -> None:
    costs, habits = COSTS.model_copy(update={"worker_cpu_ms": cpu}), EVEN.model_copy(update={"busy": busy})
    few, many = need(accounts, costs, habits), need(accounts + more, costs, habits)
    for name, value in vars(few).items():
        assert getattr(many, name) >= value, name
    # A worker that dies at the peak leaves enough for all.
    carried = (many.workers - 1) * places(costs, busy) / costs.turn_seconds
    assert carried >= many.peak_turns_per_second * (1 - 1e-9)


@given(tenant=st.text(max_size=5), accounts=st.lists(st.text(max_size=8), max_size=20), number=st.integers(1, 8))
def test_a_database_more_takes_accounts_and_moves_none_between_the_others(
    tenant: str, accounts: list[str], number: int
) -> None:
    few = [f"db-{place}" for place in range(number)]
    for account in accounts:
        before, after = home_of(tenant, account, few), home_of(tenant, account, [*few, "new"])
        assert after in {before, "new"}
        assert home_of(tenant, account, few[::-1]) == before


def test_accounts_are_spread_evenly() -> None:
    names = [f"db-{number}" for number in range(4)]
    homes = [home_of("t", f"account-{number}", names) for number in range(4_000)]
    assert all(900 < homes.count(name) < 1_100 for name in names)


class TestWaits:
    """The queue in small against what is known of queues."""

    def test_where_there_is_room_nobody_waits(self) -> None:
        seen = waits(1, 10**9, 1_000, steady(1), turns=1_000, seed=1)
        assert (seen.turns, seen.mean, seen.p50, seen.p99, seen.most) == (1_000, 0, 0, 0, 0)
        assert seen.in_use == pytest.approx(0.001, rel=0.1)

    def test_one_place_and_steady_times_wait_as_pollaczek_and_khinchine_say(self) -> None:
        """M/D/1: the mean wait is half of what it is with exponential times: rho / (2 (1 - rho)) of a turn."""
        seen = waits(0.8, 10**9, 1, steady(1), turns=200_000, seed=1)
        assert seen.mean == pytest.approx(0.8 / (2 * 0.2), rel=0.05)
        assert seen.in_use == pytest.approx(0.8, rel=0.02)

    def test_several_places_and_random_times_wait_as_erlang_says(self) -> None:
        """M/M/c: the mean wait is the chance to wait, by the places that are free in the mean."""
        assert erlang_c(1, 0.8) == pytest.approx(0.8)
        assert erlang_c(2, 1) == pytest.approx(1 / 3)
        seen = waits(8, 10**9, 10, at_random(1), turns=200_000, seed=1)
        assert seen.mean == pytest.approx(erlang_c(10, 8) / (10 - 8), rel=0.1)

    def test_steady_times_in_several_places_wait_about_half_as_long(self) -> None:
        """M/D/c."""
        seen = waits(9, 10**9, 10, steady(1), turns=100_000, seed=2)
        assert seen.mean == pytest.approx(erlang_c(10, 9) / (10 - 9) / 2, rel=0.1)

    def test_one_account_waits_behind_itself_however_many_places_there_are(self) -> None:
        seen = waits(0.8, 1, 1_000, steady(1), turns=100_000, seed=1)
        assert seen.mean == pytest.approx(0.8 / (2 * 0.2), rel=0.1)

    def test_times_around_a_mean_have_it(self) -> None:
        seen = waits(1, 10**9, 1_000, around(2, 0.8), turns=50_000, seed=1)
        assert seen.in_use * 1_000 == pytest.approx(2, rel=0.05)  # Little's law

    @given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 3))
    @settings(max_examples=30, deadline=None)
    def test_more_places_never_make_a_steady_queue_wait_longer(self, few: int, more: int, seed: int) -> None:
        less, greater = (waits(2, 50, count, steady(1.5), turns=2_000, seed=seed) for count in (few, few + more))
        assert greater.mean <= less.mean + 1e-9
        assert less.p50 <= less.p99 <= less.most


def test_the_costs_that_are_kept_are_whole_and_each_says_where_it_comes_from() -> None:
    costs, habits, ceilings = capacity.read_costs(capacity.COSTS)
    assert costs.worker_turns == 32
    assert habits.peak_factor > 1
    assert ceilings.queue_turns_per_second > 0
    kept = json.loads(capacity.COSTS.read_text(encoding="utf-8"))
    assert all(entry["source"] for part in kept.values() for entry in part.values())


def test_what_an_idle_worker_does_is_no_cost_of_a_turn() -> None:
    """Ten seconds at 8 transactions and 40 ms of CPU each are not the hundred turns'."""
    before = Seen(0, 1_000, 10, 5_000, 7, 1.0, 2.0)
    after = Seen(10, 1_580, 1_210, 905_000, 307, 3.0, 6.4)
    spent = after.since(before, (8, 0, 0, 0, 0, 0.04), turns=100)
    assert spent == pytest.approx([5, 12, 9_000, 3, 0.02, 0.04])


def test_the_page_shows_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert capacity.main([]) == 0
    page = (Path(__file__).parents[2] / "docs" / "capacity.md").read_text(encoding="utf-8")
    for block in capsys.readouterr().out.strip().split("\n\n"):
        assert block in page


def test_sizes_and_workers_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert capacity.main(["--accounts", "500,70000", "--turns-per-account-day", "2", "--workers", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["need"]["accounts"] for one in told["fleets"]] == [500, 70_000]
    assert told["fleets"][1]["need"]["turns_per_second"] == pytest.approx(140_000 / 86_400)
    assert [list(one["waits"]) for one in told["fleets"]] == [["3"], ["3"]]
    assert {one["name"] for one in told["bottlenecks"]} == set(Ceilings.model_fields)


@pytest.mark.parametrize(
    "wrong",
    [["--accounts", "0"], ["--accounts", "many"], ["--accounts", ""], ["--workers", "-1"], ["--costs", "none.json"],
     ["--turns-per-account-day", "0"], ["--turns-per-account-day", "nan"]],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert capacity.main(wrong) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    "change", [{"transactions": {"value": -1}}, {"transactions": {}}, {"tempo": {"value": 1}}, {"transactions": 1}]
)
def test_a_costs_file_that_is_wrong_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    kept = json.loads(capacity.COSTS.read_text(encoding="utf-8"))
    kept["costs"] |= change
    file = tmp_path / "costs.json"
    file.write_text(json.dumps(kept), encoding="utf-8")
    with pytest.raises(ValueError, match=r"costs\.json"):
        capacity.read_costs(file)
