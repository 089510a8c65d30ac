"""Two programs on one file: one account's turns are serialised, other accounts go on, nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from forked import start

CSM = "customer-success-manager"
PROGRAM = "from fleet_runtime.cli import main; main()"
ANSWER_SECONDS = 0.3


class Overlaps(ThreadingHTTPServer):
    """A slow model that notes which accounts wait for it at the same time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Slow)
        self.lock = threading.Lock()
        self.present: list[str] = []
        self.together: list[tuple[str, ...]] = []

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Slow(BaseHTTPRequestHandler):
    server: Overlaps

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        learning = "response_format" in asked
        found = [name for name in ("acme", "other") if f"account {name}" in asked["messages"][-1]["content"]]
        with self.server.lock:
            self.server.present += found
            self.server.together.append(tuple(self.server.present))
        time.sleep(0 if learning else ANSWER_SECONDS)
        with self.server.lock:
            for name in found:
                self.server.present.remove(name)
        text = '{"facts": []}' if learning else "Thank you, I have noted that."
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        body = json.dumps({"id": "c", "object": "chat.completion", "model": "m", "choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


@pytest.fixture
def model() -> Iterator[Overlaps]:
    server = Overlaps()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "shared.db"


def begin(database: Path, *arguments: str, **settings: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "FLEET_LEASE_SECONDS": "1",
        **{f"FLEET_{key}": value for key, value in settings.items()},
    }
    told = (*arguments, "--database", str(database))
    return start(PROGRAM, *told, environment=environment, folder=database.parent)


def ask(database: Path, account: str, turn_id: str, text: str, **settings: str) -> subprocess.Popen[str]:
    return begin(database, "ask", CSM, text, "--account", account, "--turn-id", turn_id, **settings)


def ended(process: subprocess.Popen[str], given: str | None = None) -> tuple[int, str, str]:
    out, err = process.communicate(given, timeout=120)
    return process.returncode, out, err


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def hold(database: Path, account: str, seconds: float) -> None:
    """Take the account's lease as another process would, and never renew it."""
    until = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="microseconds")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("INSERT OR REPLACE INTO lease VALUES ('default', ?, 'a dead process', ?)", (account, until))
        connection.commit()


def test_a_chat_and_asks_on_one_file(database: Path, model: Overlaps) -> None:
    reached = {"MODEL": "m", "BASE_URL": model.base_url, "API_KEY": "k", "LEASE_WAIT_SECONDS": "60"}
    reached["LEASE_SECONDS"] = "10"  # nobody dies here, and a second can pass unnoticed on a busy machine
    chat = begin(database, "chat", CSM, "--account", "acme", **reached)
    assert chat.stdin is not None
    lines = [f"Chat line {number} from our planners." for number in range(4)]
    chat.stdin.write("\n".join(lines) + "\n")
    chat.stdin.close()
    chat.stdin = None
    asks = [
        ask(database, account, f"{account}-{number}", f"Ask {number} from our planners.", **reached)
        for number in range(2)
        for account in ("acme", "other")
    ]
    outcomes = [ended(process) for process in asks]
    talked = ended(chat)
    assert [code for code, _, _ in (*outcomes, talked)] == [0] * 5, (*outcomes, talked)
    acked = {
        line.split()[1]
        for _, _, err in (*outcomes, talked)
        for line in err.splitlines()
        if line.startswith("accepted ")
    }
    stored = rows(database, "SELECT id, account, sequence, state FROM turn")
    assert len(acked) == 8
    assert {row[0] for row in stored} == acked
    assert {row[3] for row in stored} == {"done"}
    for account, count in (("acme", 6), ("other", 2)):
        assert sorted(int(str(row[2])) for row in stored if row[1] == account) == list(range(1, count + 1))
    said = rows(database, "SELECT text FROM event WHERE kind = 'message'")
    assert sorted(str(row[0]) for row in said) == sorted(
        [*lines, *[f"Ask {n} from our planners." for n in (0, 0, 1, 1)]]
    )
    assert not [present for present in model.together if present.count("acme") > 1 or present.count("other") > 1]
    assert [present for present in model.together if {"acme", "other"} <= set(present)], (
        "other accounts run side by side"
    )
    assert rows(database, "SELECT until FROM lease") == [], "leases are given back"


def test_an_account_that_is_held_is_busy_past_the_wait_and_the_message_stays(database: Path) -> None:
    assert ended(ask(database, "acme", "t0", "Thanks!", MODEL="none"))[0] == 0
    hold(database, "acme", seconds=60)
    code, out, err = ended(ask(database, "acme", "t1", "We have 40 seats.", MODEL="none", LEASE_WAIT_SECONDS="0.2"))
    assert (code, out) == (1, "")
    assert err.splitlines()[0] == "accepted t1"
    assert any(line.startswith("error[account-busy]: ") for line in err.splitlines())
    assert any(line.startswith("hint: ") and "t1" in line for line in err.splitlines())
    assert "Traceback" not in err
    assert rows(database, "SELECT state FROM turn WHERE id = 't1'") == [("accepted",)]
    assert ended(ask(database, "other", "t2", "Thanks!", MODEL="none"))[0] == 0, "other accounts go on"


def test_a_dead_processs_lease_lapses_and_its_turn_is_answered(database: Path) -> None:
    assert ended(ask(database, "acme", "t0", "Thanks!", MODEL="none"))[0] == 0
    hold(database, "acme", seconds=60)
    assert ended(ask(database, "acme", "t1", "We have 40 seats.", MODEL="none", LEASE_WAIT_SECONDS="0"))[0] == 1
    hold(database, "acme", seconds=0.5)
    code, _, err = ended(ask(database, "acme", "t2", "We have 55 seats now.", MODEL="none", LEASE_WAIT_SECONDS="30"))
    assert code == 0, err
    assert rows(database, "SELECT id, state FROM turn ORDER BY sequence") == [
        ("t0", "done"),
        ("t1", "done"),
        ("t2", "done"),
    ]
    assert rows(database, "SELECT value FROM fact WHERE key = 'seats' AND known_to IS NULL AND valid_to IS NULL") == [
        ("55",)
    ]
    assert "was 40" in err, "the turn left behind was answered before the new one"
