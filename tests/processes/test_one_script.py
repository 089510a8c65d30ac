"""The same script on a laptop and before workers on other machines; and a machine that cannot be reached any more."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from hosts import POSSIBLE, Host, hosts, reachable
from sqlalchemy import make_url

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "examples" / "two_settings.py"
WORKER = (sys.executable, "-c", "from fleet_runtime.cli import main; main()", "worker")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not POSSIBLE, reason="network namespaces need root and the program ip"),
]


def environment(**settings: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("FLEET_", "OPENAI_"))}
    plain = {"FLEET_MODEL": "none", "FLEET_EMBEDDINGS": "none", "PYTHONPATH": str(ROOT)}
    return own | plain | {f"FLEET_{name.upper()}": value for name, value in settings.items()}


def run_script(folder: Path, **settings: str) -> str:
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        capture_output=True, text=True, check=False, cwd=folder, env=environment(**settings), timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def workers(on: list[Host], url: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Run a worker on each host, which reaches the database through its own line."""
    with reachable(url) as port:
        started: list[subprocess.Popen[str]] = []
        try:
            for host in on:
                database = f"postgresql://postgres@{host.gateway}:{port}/{make_url(url).database}"
                settings = environment(database=database, engine="durable", worker_id=host.name)
                started.append(host.start(WORKER, settings))
            wait_for(url, "SELECT count(*) FROM worker", len(on), seconds=60)
            yield started
        finally:
            for process in started:
                process.send_signal(signal.SIGTERM)
            for process in started:
                process.communicate(timeout=60)


def wait_for(url: str, query: str, expected: object, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        while True:
            row = connection.execute(query.encode()).fetchone()
            if row == (expected,):
                return
            assert time.monotonic() < deadline, f"{query}: {row}, and not {expected}"
            time.sleep(0.1)


def test_one_script_runs_on_a_laptop_and_before_workers_on_three_hosts(tmp_path: Path, postgres_database: str) -> None:
    here = run_script(tmp_path, database=str(tmp_path / "fleet.db"))
    with hosts(3) as on, workers(on, postgres_database):
        elsewhere = run_script(tmp_path, database=postgres_database, engine="durable")
    assert elsewhere == here
    assert re.search(r"40 seats", here)
    with closing(psycopg.connect(postgres_database)) as connection:
        assert connection.execute("SELECT count(*) FROM turn WHERE state = 'done'").fetchone() == (6,)
        assert connection.execute("SELECT count(*) FROM worker").fetchone() == (0,), "each left well"


def test_a_host_that_cannot_be_reached_is_replaced_and_stops_when_it_is_back(
    tmp_path: Path, postgres_database: str
) -> None:
    with hosts(2) as on, workers(on, postgres_database) as processes:
        on[0].cut()
        wait_for(postgres_database, "SELECT count(*) FROM worker", 1, seconds=30)
        run_script(tmp_path, database=postgres_database, engine="durable")
        on[0].join()
        assert processes[0].wait(timeout=60) == 70, "it was given up for dead, and stops by itself"
        assert processes[1].poll() is None
