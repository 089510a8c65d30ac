"""What a turn costs a worker, a gateway and Postgres: measured on real processes, printed as a costs file's entries.

Run: ``python benchmarks/capacity_costs.py [--turns 1000]``. One ``fleet worker`` and one gateway stand before a fresh
Postgres of this benchmark's own (`durable_postgres`) and a model in another process that answers at once; every stage
is on. What the database counts is read before and after, and what an idle worker does in that time is taken off. The
model's own seconds and tokens are not measured here: they are the provider's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from durable_postgres import Server
from overhead_stages import ASKED
from overhead_stub import running

from fleet_runtime import Fleet

ACCOUNTS = 20
AT_A_TIME = 8
WARM_UP = 60
IDLE_SECONDS = 10.0
TICKS = os.sysconf("SC_CLK_TCK")
WORKER = "from fleet_runtime.cli import main; main()"

COUNTED = """
    SELECT (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()),
           (SELECT tup_inserted + tup_updated + tup_deleted FROM pg_stat_database WHERE datname = current_database()),
           (SELECT wal_bytes FROM pg_stat_wal),
           (SELECT coalesce(sum(fsyncs), 0) FROM pg_stat_io WHERE object = 'wal')
"""
KEPT = """
    SELECT coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE n.nspname <> 'dbos'), 0),
           coalesce(sum(pg_total_relation_size(c.oid)) FILTER (WHERE n.nspname = 'dbos'), 0)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
"""
PRESENT = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@dataclass(frozen=True)
class Seen:
    """What was counted up to a moment. CPU is in seconds."""

    at: float
    transactions: float
    row_writes: float
    wal_bytes: float
    wal_syncs: float
    database_cpu: float
    worker_cpu: float

    def since(self, before: Seen, idle: Sequence[float], turns: int) -> list[float]:
        """Return by turn what came since, without what an idle second takes."""
        seconds = self.at - before.at
        return [(now - was - rest * seconds) / turns for now, was, rest in zip(self.all, before.all, idle, strict=True)]

    @property
    def all(self) -> tuple[float, ...]:
        """Return the counters."""
        return (
            self.transactions, self.row_writes, self.wal_bytes, self.wal_syncs, self.database_cpu, self.worker_cpu
        )  # fmt: skip


def cpu_seconds(pid: int, *, children: bool = False) -> float:
    """Return the CPU that a process took so far, with that of its children, living and gone, if they count."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    own = sum(int(field) for field in fields[11 : 15 if children else 13]) / TICKS
    if not children:
        return own
    living = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return own + sum(cpu_seconds(int(child)) for child in living)


class Watch:
    """Reads what the database and a worker took so far."""

    def __init__(self, url: str, server_pid: int, worker_pid: int) -> None:
        """Connect; the connection's own doings are few."""
        self._connection = psycopg.connect(url, autocommit=True)
        self._server_pid = server_pid
        self._worker_pid = worker_pid

    def seen(self) -> Seen:
        """Return what was counted up to now; the server's counters come within a second."""
        time.sleep(1.5)
        transactions, row_writes, wal_bytes, wal_syncs = (float(one) for one in self._row(COUNTED))
        return Seen(
            time.monotonic(), transactions, row_writes, wal_bytes, wal_syncs,
            cpu_seconds(self._server_pid, children=True), cpu_seconds(self._worker_pid),
        )  # fmt: skip

    def kept(self) -> tuple[float, float]:
        """Return the bytes of the store's tables and of the engine's, with their indexes, without dead rows."""
        self._connection.execute("VACUUM FULL")
        store, engine = self._row(KEPT)
        return float(store), float(engine)

    def connections(self) -> int:
        """Return how many others are connected."""
        return int(self._row(PRESENT)[0])

    def workers(self) -> int:
        """Return how many workers are enrolled, or 0 where there is no such table yet."""
        try:
            return int(self._row("SELECT count(*) FROM worker")[0])
        except psycopg.errors.UndefinedTable:
            return 0

    def _row(self, query: str) -> tuple[int, ...]:
        """Return the first row."""
        row = self._connection.execute(query).fetchone()
        if row is None:
            raise RuntimeError(f"nothing came of: {query}")
        return tuple(row)


async def ask(turns: int) -> None:
    """Be the gateway: warm up, say so, wait for a line, ask, and print the CPU ms that a turn took."""
    async with Fleet.open() as fleet:
        few = asyncio.Semaphore(AT_A_TIME)

        async def one(number: int) -> None:
            async with few:
                agent = await fleet.spawn("customer-success-manager", account=f"account-{number % ACCOUNTS}")
                await agent.ask(ASKED[number // ACCOUNTS % len(ASKED)], conversation=f"c{number // ACCOUNTS // 8}")

        await asyncio.gather(*map(one, range(WARM_UP)))
        print("warm", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        before = time.process_time()
        await asyncio.gather(*map(one, range(WARM_UP, WARM_UP + turns)))
        print(1000 * (time.process_time() - before) / turns, flush=True)
        await asyncio.to_thread(sys.stdin.readline)


@contextmanager
def started(arguments: Sequence[str], environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a Python process for the time of a block."""
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def measured(folder: Path, base_url: str, turns: int) -> dict[str, float]:
    """Measure in a folder of its own, and return the costs by name."""
    server = Server(folder)
    try:
        url = server.fresh("capacity")
        pid = int((folder / "postgres" / "postmaster.pid").read_text(encoding="ascii").split()[0])
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLEET_", "OPENAI_"))}
        environment = kept | {
            "FLEET_DATABASE": url, "FLEET_ENGINE": "durable", "FLEET_MODEL": "text", "FLEET_BASE_URL": base_url,
            "FLEET_API_KEY": "none", "FLEET_EMBEDDINGS": "none", "FLEET_LEARNING": "rules",
            "FLEET_TOOL_CALLING": "native", "XDG_CACHE_HOME": str(folder),
        }  # fmt: skip
        with started(["-c", WORKER, "worker", "--id", "w0"], environment, folder) as worker:
            return _measured(Watch(url, pid, worker.pid), environment, folder, turns)
    finally:
        server.close()


def _measured(watch: Watch, environment: dict[str, str], folder: Path, turns: int) -> dict[str, float]:
    """Measure with the worker started."""
    while not watch.workers():
        time.sleep(0.2)
    time.sleep(3)
    before = watch.seen()
    time.sleep(IDLE_SECONDS)
    idle = [spent / IDLE_SECONDS for spent in watch.seen().since(before, [0.0] * 6, 1)]
    with started([str(Path(__file__).resolve()), "--ask", str(turns)], environment, folder) as gateway:
        if gateway.stdin is None or gateway.stdout is None or gateway.stdout.readline() != "warm\n":
            raise RuntimeError("the gateway was not answered")
        kept = watch.kept()
        before = watch.seen()
        gateway.stdin.write("\n")
        gateway.stdin.flush()
        gateway_ms = float(gateway.stdout.readline())
        spent = watch.seen().since(before, idle, turns)
        both = watch.connections()
        store, engine = (after - was for after, was in zip(watch.kept(), kept, strict=True))
    alone = watch.connections()
    transactions, row_writes, wal_bytes, wal_syncs, database_cpu, worker_cpu = spent
    return {
        "worker_cpu_ms": 1000 * worker_cpu, "gateway_cpu_ms": gateway_ms, "database_cpu_ms": 1000 * database_cpu,
        "transactions": transactions, "row_writes": row_writes, "wal_bytes": wal_bytes, "wal_syncs": wal_syncs,
        "turn_bytes": store / turns, "engine_bytes": engine / turns,
        "worker_connections": alone, "gateway_connections": both - alone,
        "worker_queries_per_second": idle[0],
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the entries."""
    parser = argparse.ArgumentParser(description="measure what a turn costs")
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--ask", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.ask:
        asyncio.run(ask(given.ask))
        return
    with tempfile.TemporaryDirectory(prefix="fleet-capacity-") as name, running() as base_url:
        Path(name).chmod(0o755)  # the server's user must get to its data
        costs = measured(Path(name), base_url, given.turns)
    source = "python benchmarks/capacity_costs.py"
    print(json.dumps({name: {"value": round(value, 1), "source": source} for name, value in costs.items()}, indent=2))


if __name__ == "__main__":
    main()
