"""What every gate promises: calls follow each other as a provider allows, whoever makes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from postgres import OnPostgres
from sqlalchemy import Connection, func, insert, select, update

from fleet_runtime.boards import Claim, Gate, ProviderLimit
from fleet_runtime.models.in_process_gate import InProcessGate
from fleet_runtime.stores.schema.columns import micros
from fleet_runtime.stores.schema.shared_tables import call, provider
from fleet_runtime.stores.sql.gate import SqlGate
from fleet_runtime.stores.sql.store import SqlStore, open_store

pytestmark = pytest.mark.anyio

HOST = "api.example.com"
SLOW = ProviderLimit(requests_per_minute=20)
"""A request each three seconds; two at once."""

THRIFTY = ProviderLimit(tokens_per_minute=6000)
"""A hundred tokens a second; six hundred ahead of that."""

NARROW = ProviderLimit(concurrent=2)

SQLITE_FULL = 2


def machine_time() -> datetime:
    return datetime.now(UTC)


_numbers = count()


def claim(tokens: int = 600, seconds: float = 60.0) -> Claim:
    return Claim(f"call-{next(_numbers)}", tokens, seconds)


async def admitted(gate: Gate, limit: ProviderLimit, *, tokens: int = 600, provider: str = HOST) -> Claim:
    """Have a call let through at once."""
    asked = claim(tokens)
    assert await gate.admit(provider, asked, limit) == 0
    return asked


class GateContract:
    """Subclasses give the gate; its clock is a real one."""

    @pytest.fixture
    def gate(self) -> Gate:
        raise NotImplementedError

    async def test_requests_follow_the_pace_of_their_limit(self, gate: Gate) -> None:
        await admitted(gate, SLOW)
        await admitted(gate, SLOW)
        assert 0 < await gate.admit(HOST, claim(), SLOW) <= 3

    async def test_who_waits_as_told_is_let_through(self, gate: Gate) -> None:
        brisk = ProviderLimit(requests_per_minute=600)
        while not (pause := await gate.admit(HOST, claim(), brisk)):
            pass
        assert pause <= 0.1
        await asyncio.sleep(pause)
        await admitted(gate, brisk)

    async def test_tokens_follow_the_pace_of_their_limit(self, gate: Gate) -> None:
        await admitted(gate, THRIFTY)
        await admitted(gate, THRIFTY)
        assert 0 < await gate.admit(HOST, claim(), THRIFTY) <= 6

    async def test_a_call_of_more_than_a_minute_allows_is_let_through_and_paid_for_with_a_minute(
        self, gate: Gate
    ) -> None:
        await admitted(gate, THRIFTY, tokens=1_000_000)
        assert 40 < await gate.admit(HOST, claim(1), THRIFTY) <= 54

    async def test_both_limits_count_together(self, gate: Gate) -> None:
        both = ProviderLimit(requests_per_minute=20, tokens_per_minute=6000)
        await admitted(gate, both, tokens=1200)
        assert 3 < await gate.admit(HOST, claim(), both) <= 6

    async def test_a_refused_call_is_not_counted(self, gate: Gate) -> None:
        await admitted(gate, THRIFTY, tokens=1200)
        first = await gate.admit(HOST, claim(), THRIFTY)
        for _ in range(20):
            assert 0 < await gate.admit(HOST, claim(), THRIFTY) <= first

    async def test_places_are_taken_and_given_back(self, gate: Gate) -> None:
        first = await admitted(gate, NARROW)
        await admitted(gate, NARROW)
        late = claim()
        assert 0 < await gate.admit(HOST, late, NARROW) < 1
        await gate.leave(HOST, first, 10)
        assert await gate.admit(HOST, late, NARROW) == 0
        assert await gate.admit(HOST, claim(), NARROW) > 0

    async def test_a_place_that_nobody_gives_back_lapses(self, gate: Gate) -> None:
        for _ in range(2):
            assert await gate.admit(HOST, claim(seconds=0.05), NARROW) == 0
        await asyncio.sleep(0.06)
        await admitted(gate, NARROW)
        await admitted(gate, NARROW)
        assert await gate.admit(HOST, claim(), NARROW) > 0

    async def test_a_call_without_a_place_costs_neither_requests_nor_tokens(self, gate: Gate) -> None:
        limit = ProviderLimit(requests_per_minute=20, tokens_per_minute=6000, concurrent=1)
        first = await admitted(gate, limit)
        for _ in range(5):
            assert await gate.admit(HOST, claim(), limit) < 1  # for want of a place only
        await gate.leave(HOST, first, 600)
        await admitted(gate, limit)

    async def test_tokens_that_were_claimed_too_much_are_given_back(self, gate: Gate) -> None:
        greedy = await admitted(gate, THRIFTY, tokens=3000)
        assert await gate.admit(HOST, claim(), THRIFTY) > 10
        await gate.leave(HOST, greedy, 10)
        await admitted(gate, THRIFTY)

    async def test_tokens_that_were_claimed_too_little_are_charged(self, gate: Gate) -> None:
        modest = await admitted(gate, THRIFTY, tokens=1)
        await gate.leave(HOST, modest, 3000)
        assert 15 < await gate.admit(HOST, claim(), THRIFTY) <= 24

    async def test_a_call_is_over_once(self, gate: Gate) -> None:
        limit = ProviderLimit(tokens_per_minute=6000, concurrent=2)
        greedy = await admitted(gate, limit, tokens=3000)
        await gate.leave(HOST, greedy, 1500)
        waits = await gate.admit(HOST, claim(), limit)
        await gate.leave(HOST, greedy, 0)
        await gate.leave(HOST, claim(3000), 0)  # was never let through
        assert waits - 5 < await gate.admit(HOST, claim(), limit) <= waits

    async def test_providers_do_not_count_together(self, gate: Gate) -> None:
        await admitted(gate, NARROW)
        await admitted(gate, NARROW)
        await admitted(gate, NARROW, provider="127.0.0.1:8080")

    async def test_without_a_limit_all_are_let_through(self, gate: Gate) -> None:
        for _ in range(50):
            await gate.leave(HOST, await admitted(gate, ProviderLimit()), 10**9)

    async def test_a_limit_that_is_raised_counts_at_once(self, gate: Gate) -> None:
        for _ in range(2):
            await admitted(gate, SLOW)
        assert await gate.admit(HOST, claim(), SLOW) > 0
        await admitted(gate, SLOW._replace(requests_per_minute=None))


class TestInProcessGate(GateContract):
    @pytest.fixture
    def gate(self) -> Gate:
        return InProcessGate()

    async def test_a_clock_that_is_set_back_holds_nobody_up_for_long(self) -> None:
        seconds = [100_000.0]
        gate = InProcessGate(clock=lambda: seconds[0])
        limit = ProviderLimit(requests_per_minute=20, tokens_per_minute=6000, concurrent=1)
        await admitted(gate, limit)
        seconds[0] -= 86_400
        pause = await gate.admit(HOST, claim(), limit)
        assert 0 < pause <= 60
        seconds[0] += pause
        await admitted(gate, limit)


class SqlGateContract(GateContract):
    """The gate of a database; subclasses say where that lies."""

    @pytest.fixture
    def database(self, tmp_path: Path) -> str | None:
        return str(tmp_path / "fleet.db")

    @pytest.fixture
    async def store(self, database: str | None) -> AsyncGenerator[SqlStore]:
        store = open_store(database, now=machine_time)
        yield store
        await store.close()

    @pytest.fixture
    def gate(self, store: SqlStore) -> Gate:
        return SqlGate(store.database)


class SharedGateContract(SqlGateContract):
    """Gates on one database, of whichever process, are one gate."""

    async def test_two_gates_count_together(self, gate: Gate, database: str | None) -> None:
        other_store = open_store(database, now=machine_time)
        other = SqlGate(other_store.database)
        limit = ProviderLimit(requests_per_minute=20, tokens_per_minute=6000, concurrent=2)
        first = await admitted(gate, limit)
        await admitted(other, limit)
        assert await gate.admit(HOST, claim(), limit) > 0
        assert await other.admit(HOST, claim(), limit) > 0
        await gate.leave(HOST, first, 600)
        assert await other.admit(HOST, claim(), NARROW) == 0
        await other_store.close()

    async def test_a_clock_that_was_set_back_holds_nobody_up_for_long(self, gate: Gate, store: SqlStore) -> None:
        limit = ProviderLimit(requests_per_minute=20, tokens_per_minute=6000, concurrent=1)
        future = micros(machine_time() + timedelta(days=1))
        await admitted(gate, ProviderLimit(requests_per_minute=20))
        await store.database.write(
            lambda connection: (
                connection.execute(update(provider).values(requests_until=future, tokens_until=future)),
                connection.execute(insert(call).values(provider=HOST, id="of a dead process", until=future)),
            )
        )
        assert 50 < await gate.admit(HOST, claim(), limit) <= 60
        standing = await store.database.read(
            lambda connection: connection.execute(select(provider.c.requests_until, provider.c.tokens_until)).one()
        )
        in_a_minute = micros(machine_time() + timedelta(seconds=67))
        assert max(standing) < in_a_minute  # so that it is over in a minute, however far the clock was set back
        await admitted(gate, NARROW)
        await admitted(gate, NARROW)
        assert await gate.admit(HOST, claim(), NARROW) > 0

    async def test_lapsed_places_are_cleared_away(self, gate: Gate, store: SqlStore) -> None:
        for _ in range(2):
            assert await gate.admit(HOST, claim(seconds=0.01), NARROW) == 0
        await asyncio.sleep(0.02)
        await admitted(gate, NARROW)
        rows = await store.database.read(lambda connection: connection.execute(select(func.count(call.c.id))).scalar())
        assert rows == 1

    async def test_what_ends_without_a_correction_or_a_place_writes_nothing(self, gate: Gate, store: SqlStore) -> None:
        exact = await admitted(gate, THRIFTY)
        await store.close()
        await gate.leave(HOST, exact, 600)

    async def test_many_at_once_are_counted_each(self, gate: Gate) -> None:
        limit = ProviderLimit(requests_per_minute=200, concurrent=15)
        pauses = await asyncio.gather(*(gate.admit(HOST, claim(), limit) for _ in range(40)))
        assert pauses.count(0.0) == 15


class TestSqliteGate(SharedGateContract):
    """On one file."""

    async def test_only_what_the_gate_counts_waits_for_no_disk(self, gate: Gate, store: SqlStore) -> None:
        def waits_for_disk(connection: Connection) -> bool:
            return connection.exec_driver_sql("PRAGMA synchronous").scalar() == SQLITE_FULL

        assert not await store.database.note(waits_for_disk)
        await admitted(gate, SLOW)
        assert await store.database.write(waits_for_disk)


class TestSqliteGateInMemory(SqlGateContract):
    @pytest.fixture
    def database(self, tmp_path: Path) -> str | None:
        del tmp_path
        return None


class TestPostgresGate(OnPostgres, SharedGateContract):
    """On a server, by the server's clock."""

    async def test_the_machines_clock_does_not_count(self, store: SqlStore) -> None:
        one = SqlGate(store.database, now=lambda: datetime(2001, 1, 1, tzinfo=UTC))
        other = SqlGate(store.database, now=lambda: datetime(2101, 1, 1, tzinfo=UTC))
        await admitted(one, SLOW)
        await admitted(other, SLOW)
        assert await one.admit(HOST, claim(), SLOW) > 0
        assert await other.admit(HOST, claim(), SLOW) > 0
