"""One run of gateways and workers over one database: starts them, ends them one way or another, waits for the rest.

Every end of a process is noted in the ledger once the process is gone, before another takes its place.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from durable_doubles import Plan, settings_of
from durable_ledger import FILE, Book, Ledger, lines
from durable_postgres import Server
from durable_processes import Child, Switch, be_gateway, be_worker, fork, prepared
from durable_verdict import Rows, Verdict, asks_of, engine_file, judge, read

ACCOUNTS = tuple(f"account-{number}" for number in range(10))
UNDER_WAY = "SELECT count(*) FROM turn WHERE state = 'accepted'"
UNFINISHED = "SELECT count(*) FROM {}workflow_status WHERE status IN ('PENDING', 'ENQUEUED', 'DELAYED')"
MANY_WAIT, FEW_WAIT = 60, 40
"""From how many waiting turns gateways rest, and down to how many."""

Store = Literal["sqlite", "postgres"]


@dataclass(frozen=True)
class House:
    """Where runs take place: a folder, the server if there is one, and the disk that files lie on if it is apart."""

    folder: Path
    server: Server | None = None
    disk: Path | None = None

    def fresh(self, name: str) -> tuple[Path, str]:
        """Return a folder for a run's ledger, and a database that nobody used yet, on the disk if there is one."""
        folder = self.folder / name
        folder.mkdir()
        if self.server is not None:
            return folder, self.server.fresh(name)
        return folder, str((self.disk or folder) / "fleet.db")


@contextmanager
def house(folder: Path, store: Store) -> Iterator[House]:
    """Set up a folder, and a server if one is wanted."""
    folder.mkdir(parents=True, exist_ok=True)
    prepared(folder, lambda database: settings_of(folder, database))
    if store == "sqlite":
        yield House(folder)
        return
    with TemporaryDirectory(prefix="fleet-postgres-") as data:  # its user must get there
        server = Server(Path(data))
        try:
            yield House(folder, server)
        finally:
            server.close()


class Run:
    """Processes over one database, and the ledger beside it."""

    def __init__(self, plan: Plan, *, seed: int = 1, late: tuple[float, float] = (0.0, 0.0)) -> None:
        """Open the ledger; nothing is started yet. ``late``: gateways' chance of a late commit, and up to how late."""
        self.plan = plan
        self.late = late
        self.switch = Switch()
        self.ledger = Ledger(plan.folder)
        self.workers: list[Child] = []
        self.gateways: list[Child] = []
        self.chance = random.Random(seed)  # noqa: S311 - repeatable choices, no secret
        self.ask_store, self.ask_engine = asks_of(plan.settings.database)
        self.ended: list[Child] = []
        self.open: set[int] = set()
        self._named = 0
        self._read_up_to = 0

    def start_worker(self, name: str | None = None, plan: Plan | None = None) -> Child:
        """Start a worker under this id, or under one that none had before."""
        if name is None:
            self._named += 1
            name = f"w{self._named}"
        own = plan or self.plan
        child = fork(own, "worker", name, lambda ledger: be_worker(own, name, ledger))
        self.workers.append(child)
        return child

    def start_gateway(self, name: str, plan: Plan | None = None) -> Child:
        """Start a gateway; under the same name it first repeats what was not acknowledged to the one before it."""
        own = replace(plan or self.plan, late=self.late[0], late_seconds=self.late[1])
        child = fork(own, "gateway", name, lambda ledger: be_gateway(own, name, self.switch, ledger))
        self.gateways.append(child)
        return child

    def kill(self, victim: Child) -> None:
        """Kill a process and start another in its place at once: a worker partly under a new id."""
        victim.kill(self.ledger)
        self.replace(victim)

    def replace(self, gone: Child) -> None:
        """Start another in the place of one that is gone."""
        self.ended.append(gone)
        if gone in self.workers:
            self.workers.remove(gone)
            self.start_worker(gone.name if self.chance.random() < 0.65 else None)  # noqa: PLR2004
        else:
            self.gateways.remove(gone)
            self.start_gateway(gone.name)

    def look_after(self) -> None:
        """Note and replace processes that ended by themselves, and let gateways rest while too much waits."""
        for child in [*self.workers, *self.gateways]:
            status = child.gone(wait=False)
            if status is not None:
                child.note(status, self.ledger)
                self.replace(child)
        waiting = counted(self.ask_store, UNDER_WAY)
        if waiting is not None:
            resting = self.switch.on(Switch.REST)
            self.switch.turn(Switch.REST, on=waiting > (FEW_WAIT if resting else MANY_WAIT))

    def rest(self, seconds: float) -> None:
        """Let things run for a while."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.look_after()
            time.sleep(min(0.3, max(0.0, deadline - time.monotonic())))

    def news(self) -> list[list[str]]:
        """Return the ledger's lines since the last look, cut into words."""
        with (self.plan.folder / FILE).open("rb") as file:
            file.seek(self._read_up_to)
            read_now = file.read()
        whole = read_now[: read_now.rfind(b"\n") + 1]
        self._read_up_to += len(whole)
        found = [line.split() for line in whole.decode().splitlines()]
        self.open |= {int(line[1]) for line in found if line[2] == "ready"}
        return found

    def held(self) -> bool:
        """Tell whether somebody is in the middle of a write to a file of SQLite's, and stays there."""
        database = Path(self.plan.settings.database)
        if not database.exists():
            return False
        for file in (database, engine_file(database)):
            with closing(sqlite3.connect(file, timeout=1.0, isolation_level=None)) as connection:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError:
                    return True
                connection.execute("ROLLBACK")
        return False

    def until(self, reached: Callable[[], bool], seconds: float, what: str, pause: float = 0.02) -> float:
        """Look until something is so, and return how long it took.

        Raises: RuntimeError.
        """
        began = time.monotonic()
        while not reached():
            if time.monotonic() - began > seconds:
                raise RuntimeError(f"not within {seconds:g} s: {what}; see {self.plan.folder}")
            time.sleep(pause)
        return time.monotonic() - began

    def drain(self, seconds: float = 240.0) -> None:
        """Take no more messages, have all that were accepted answered, and end everybody as supervisors do."""
        self.switch.turn(Switch.END, on=True)
        deadline = time.monotonic() + seconds
        while (self.gateways or counted(self.ask_store, UNDER_WAY)) and time.monotonic() < deadline:
            for gateway in list(self.gateways):
                status = gateway.gone(wait=False)
                if status is not None:
                    gateway.note(status, self.ledger)
                    self.gateways.remove(gateway)
                    self.ended.append(gateway)
            time.sleep(0.1)
        schema = "dbos." if self.plan.settings.database.startswith("postgresql") else ""
        while counted(self.ask_engine, UNFINISHED.format(schema)) and time.monotonic() < deadline:
            time.sleep(0.2)
        self.end()

    def end(self) -> None:
        """End everybody."""
        for child in [*self.gateways, *self.workers]:
            os.kill(child.pid, signal.SIGCONT)
            child.end(self.ledger)
            self.ended.append(child)
        self.gateways.clear()
        self.workers.clear()

    def verdict(self) -> Verdict:
        """Hold the ledger against the database."""
        verdict = judge(Book(list(lines(self.plan.folder))), read(self.plan.settings.database))
        for wrong in verdict.wrong[:20]:
            print(wrong, file=sys.stderr)
        return verdict


def counted(ask: Rows, query: str) -> int | None:
    """Return a count, or None while the database cannot be asked."""
    import psycopg  # noqa: PLC0415 - heavy, and only here

    try:
        rows = ask(query)
    except (psycopg.Error, sqlite3.Error, OSError):
        return None
    return int(str(rows[0][0])) if rows else 0
