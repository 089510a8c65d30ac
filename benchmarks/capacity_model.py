"""What a fleet of some size needs, from what one turn was measured to cost. Pure arithmetic: it measures nothing.

Seconds, bytes and milliseconds are what the names say; rates are per second unless they say per minute. All is linear
in turns but for workers and databases, which are whole. `capacity_queue` looks at what no average shows: waiting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from pydantic import Field

from fleet_runtime.contracts import Value

DAY_SECONDS = 86_400
YEAR_DAYS = 365
MEGABYTE = 1e6
GIGABYTE = 1e9

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Weights = tuple[Amount, ...]


class Costs(Value):
    """What one turn takes, in the mean, and what is there beside turns; each is measured, or set by a setting.

    ``worker_cpu_ms``, ``gateway_cpu_ms`` and ``database_cpu_ms`` are CPU of one core. ``transactions``, ``row_writes``,
    ``wal_bytes`` and ``wal_syncs`` are the database's, of gateway and worker together. ``turn_bytes`` stay for good and
    ``event_bytes`` with each event that is recorded besides turns; ``engine_bytes`` stay for ``engine_days``, and so do
    the ``stream_bytes`` of a turn that is streamed, which takes ``stream_transactions`` besides. ``model_seconds`` is
    how long a turn waits for its models in all, ``start_seconds`` from being queued to being begun where a worker is
    free. ``worker_turns`` is the setting.
    """

    worker_cpu_ms: Annotated[float, Field(gt=0)]
    gateway_cpu_ms: Amount
    database_cpu_ms: Amount
    transactions: Amount
    row_writes: Amount
    wal_bytes: Amount
    wal_syncs: Amount
    turn_bytes: Amount
    event_bytes: Amount
    engine_bytes: Amount
    engine_days: Amount
    stream_bytes: Amount
    stream_transactions: Amount
    model_calls: Amount
    prompt_tokens: Amount
    completion_tokens: Amount
    model_seconds: Amount
    start_seconds: Amount
    worker_turns: Annotated[int, Field(ge=1)]
    worker_connections: Amount
    gateway_connections: Amount
    worker_queries_per_second: Amount

    @property
    def turn_seconds(self) -> float:
        """Return how long a turn is in flight at a worker: its models, and the worker's own CPU."""
        return self.model_seconds + self.worker_cpu_ms / 1000


class Ceilings(Value):
    """What one database, and one account at a provider, can take; assumptions to be set to one's own.

    ``queue_turns_per_second`` is how many turns a second one database's queue gives out to all workers together.
    """

    database_cores: Amount
    database_transactions_per_second: Amount
    database_wal_megabytes_per_second: Amount
    database_connections: Amount
    database_gigabytes: Amount
    queue_turns_per_second: Amount
    provider_requests_per_minute: Amount
    provider_tokens_per_minute: Amount


class Habits(Value):
    """How accounts behave. ``hours`` (24) and ``weekdays`` (7, Monday first) are weights; only their ratios count.

    ``busy`` is the share of CPU, and of places for turns, that may be used at the peak. ``streamed`` is the share of
    turns that are streamed to somebody. ``gateway_turns`` is how many waiting callers one gateway process carries.
    """

    turns_per_account_day: Amount
    events_per_account_day: Amount
    hours: Annotated[Weights, Field(min_length=24, max_length=24)]
    weekdays: Annotated[Weights, Field(min_length=7, max_length=7)]
    busy: Annotated[float, Field(gt=0, le=1)]
    streamed: Amount
    gateway_turns: Annotated[int, Field(ge=1)]

    @property
    def peak_factor(self) -> float:
        """Return how many times the mean the busiest hour of the busiest weekday is."""
        return peak_share(self.hours) * peak_share(self.weekdays)


@dataclass(frozen=True)
class Need:
    """What so many accounts need: workers and databases at the peak, storage in the mean."""

    accounts: int
    turns_per_second: float
    peak_turns_per_second: float
    turns_in_flight: float
    workers: int
    gateways: int
    database_cores: float
    database_transactions_per_second: float
    database_row_writes_per_second: float
    database_wal_megabytes_per_second: float
    database_wal_syncs_per_second: float
    database_connections: float
    database_gigabytes: float
    database_gigabytes_per_year: float
    queue_turns_per_second: float
    provider_requests_per_minute: float
    provider_tokens_per_minute: float


@dataclass(frozen=True)
class Bottleneck:
    """What gives out first, and at how many accounts."""

    name: str
    accounts: float


def peak_share(weights: Sequence[float]) -> float:
    """Return how many times the mean the greatest weight is."""
    return max(weights) * len(weights) / sum(weights)


def in_flight(per_second: float, seconds: float) -> float:
    """Return how many are under way at a time (Little's law)."""
    return per_second * seconds


def places(costs: Costs, busy: float) -> float:
    """Return how many turns one worker can carry at a time: what is set, or what its one core can serve."""
    return min(busy * costs.worker_turns, busy * costs.turn_seconds / (costs.worker_cpu_ms / 1000))


def workers_for(per_second: float, costs: Costs, busy: float) -> int:
    """Return how many workers carry so many turns a second, with one to spare for one that dies."""
    return math.ceil(round(in_flight(per_second, costs.turn_seconds) / places(costs, busy), 9)) + 1


def need(accounts: int, costs: Costs, habits: Habits) -> Need:
    """Return what so many accounts need. Storage is as it stands after one year."""
    mean = accounts * habits.turns_per_account_day / DAY_SECONDS
    peak = mean * habits.peak_factor
    waiting = in_flight(peak, costs.turn_seconds)
    workers = workers_for(peak, costs, habits.busy)
    gateways = max(2, math.ceil(max(waiting / habits.gateway_turns, peak * costs.gateway_cpu_ms / 1000 / habits.busy)))
    turns_day = accounts * habits.turns_per_account_day
    kept_day = turns_day * costs.turn_bytes + accounts * habits.events_per_account_day * costs.event_bytes
    passing = turns_day * costs.engine_days * (costs.engine_bytes + habits.streamed * costs.stream_bytes)
    tokens = costs.prompt_tokens + costs.completion_tokens
    transactions = peak * (costs.transactions + habits.streamed * costs.stream_transactions)
    transactions += workers * costs.worker_queries_per_second
    return Need(
        accounts=accounts,
        turns_per_second=mean,
        peak_turns_per_second=peak,
        turns_in_flight=waiting,
        workers=workers,
        gateways=gateways,
        database_cores=peak * costs.database_cpu_ms / 1000,
        database_transactions_per_second=transactions,
        database_row_writes_per_second=peak * costs.row_writes,
        database_wal_megabytes_per_second=peak * costs.wal_bytes / MEGABYTE,
        database_wal_syncs_per_second=peak * costs.wal_syncs,
        database_connections=workers * costs.worker_connections + gateways * costs.gateway_connections,
        database_gigabytes=(kept_day * YEAR_DAYS + passing) / GIGABYTE,
        database_gigabytes_per_year=kept_day * YEAR_DAYS / GIGABYTE,
        queue_turns_per_second=peak,
        provider_requests_per_minute=60 * peak * costs.model_calls,
        provider_tokens_per_minute=60 * peak * tokens,
    )


def bottlenecks(costs: Costs, habits: Habits, ceilings: Ceilings) -> list[Bottleneck]:
    """Return at how many accounts each ceiling is reached, the first to give out first."""
    found = [
        Bottleneck(name, _reached(name, float(getattr(ceilings, name)), costs, habits))
        for name in Ceilings.model_fields
    ]
    return sorted(found, key=lambda one: one.accounts)


def databases_for(accounts: int, costs: Costs, habits: Habits, ceilings: Ceilings) -> int:
    """Return over how many databases so many accounts are spread, so that none is used beyond the share ``busy``.

    Providers are not a database's matter: their limits hold for all databases together.
    """
    own = [one.accounts for one in bottlenecks(costs, habits, ceilings) if not one.name.startswith("provider_")]
    return max(1, math.ceil(accounts / (habits.busy * min(own))))


def home_of(tenant: str, account: str, databases: Sequence[str]) -> str:
    """Return the database that an account lives in, of those that its tenant's accounts are spread over.

    Each database bids for the account by a hash, and the highest bid has it (rendezvous hashing): a database more takes
    its share evenly from all others, and no account moves between two that were there before.
    """
    return max(databases, key=lambda name: sha256(f"{name}\0{tenant}\0{account}".encode()).digest())


def _reached(name: str, ceiling: float, costs: Costs, habits: Habits) -> float:
    """Return at how many accounts a need comes to its ceiling, by halving: workers and gateways are whole."""
    low, high = 0, 1
    while getattr(need(high, costs, habits), name) <= ceiling:
        low, high = high, 2 * high
        if high > 1 << 50:
            return math.inf
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if getattr(need(middle, costs, habits), name) <= ceiling else (low, middle)
    return float(low)
