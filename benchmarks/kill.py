"""Kill ``fleet ask`` with ``kill -9`` at random moments, and count what was lost, doubled, or half done.

Run: ``python benchmarks/kill.py [--kills 50] [--seed 1] [--model none|slow]``. Every ``accepted`` line that
was seen goes at once into a ledger of this program's own, beside the store. After the kills the fleet
is started again, some turns are repeated by their id, and store and ledger are compared by plain SQL, without the
code under test. With ``slow`` the model is an endpoint on loopback that takes its time, so that kills fall into
its calls as well. Ends with 0 only if nothing is lost, doubled or half.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

from fleet_runtime.stores.schema.packing import unpacked

ROLE = "customer-success-manager"
ACCOUNTS = ("harbor", "meadow", "quarry")
TEXTS = (
    "We have {n} seats now.",
    "Our champion is Priya Nair.",
    "the sync is broken again!!",
    "When does our contract renew?",
    "Could your team build us a connector to our warehouse system?",
    "Thanks!",
)
LEASE_SECONDS = 1.0
PROGRAM = (sys.executable, "-c", "from fleet_runtime.cli import main; main()")
SLOWEST_ANSWER_SECONDS = 0.4
PATIENCE_SECONDS = 120.0

HALF = """
SELECT id FROM turn WHERE
  (state = 'done') <> (reply IS NOT NULL)
  OR (state = 'done') <> EXISTS (
    SELECT 1 FROM event JOIN account ON account.number = event.account_number
    WHERE (account.tenant, account.account, event.id) = (turn.tenant, turn.account, turn.id || ':said'))
  OR (state = 'done') <> EXISTS (
    SELECT 1 FROM decision
    WHERE (decision.tenant, decision.account, decision.turn_id) = (turn.tenant, turn.account, turn.id))
  OR (state = 'accepted') AND EXISTS (
    SELECT 1 FROM hand_off
    WHERE (hand_off.tenant, hand_off.account, hand_off.turn_id) = (turn.tenant, turn.account, turn.id))
"""
DOUBLED_FACTS = """
SELECT min(id) FROM fact WHERE known_to IS NULL
GROUP BY account_number, subject, key, value, event_id, valid_from HAVING count(*) > 1
"""
DOUBLED_EVENTS = """
SELECT turn.id FROM turn JOIN account ON (account.tenant, account.account) = (turn.tenant, turn.account)
  JOIN event ON event.account_number = account.number AND event.kind = 'message' AND event.id LIKE turn.id || ':%'
GROUP BY turn.id HAVING count(*) > 1
"""


@dataclass
class Asked:
    """One message whose ``accepted`` line was seen; ``replies`` are the answers that were printed for it."""

    turn_id: str
    account: str
    text: str
    replies: list[str] = field(default_factory=list[str])


@dataclass
class Ledger:
    """What this program saw, written down line by line and flushed before anything else happens."""

    file: Path
    asked: dict[str, Asked] = field(default_factory=dict[str, Asked])

    def accepted(self, turn_id: str, account: str, text: str) -> None:
        """Write down that a message was acknowledged."""
        self.asked.setdefault(turn_id, Asked(turn_id, account, text))
        self._write({"accepted": turn_id, "account": account, "text": text})

    def replied(self, turn_id: str, reply: str) -> None:
        """Write down a reply that was printed whole."""
        self.asked[turn_id].replies.append(reply)
        self._write({"replied": turn_id, "reply": reply})

    def _write(self, line: dict[str, str]) -> None:
        """Append one line, durably."""
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
            stream.flush()
            os.fsync(stream.fileno())


@dataclass(frozen=True)
class Verdict:
    """What came of it."""

    kills: int
    acked: int
    lost: int
    doubled: int
    half: int

    def __str__(self) -> str:
        """Say it in one line."""
        return f"kills {self.kills} acked {self.acked} lost {self.lost} doubled {self.doubled} half {self.half}"

    @property
    def clean(self) -> bool:
        """Tell whether nothing went wrong."""
        return self.lost == self.doubled == self.half == 0


class Run:
    """Asks and kills over one store."""

    def __init__(self, folder: Path, seed: int, environment: dict[str, str]) -> None:
        """Lay store and ledger into ``folder``."""
        self.database = folder / "killed.db"
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.half: set[str] = set()
        self._folder = folder
        self._environment = environment
        self._chance = random.Random(seed)  # noqa: S311 - repeatable moments, no secret
        self._number = 0
        self._start_seconds = self._rest_seconds = 1.0

    def kill_often(self, kills: int) -> int:
        """Ask until so many processes were killed; return how many were asked in all."""
        self._measure()
        killed = asked = 0
        while killed < kills:
            killed += self._ask_and_kill(after_accepted=bool(asked % 2))
            asked += 1
            self.half |= set(self._column(HALF))
        return asked

    def resume(self) -> None:
        """Start again once all leases lapsed: some turns are repeated by their id, the others the start resumes."""
        time.sleep(LEASE_SECONDS + 0.2)
        repeated = list(self.ledger.asked.values())[::3] or [Asked("start", "bystander", "Thanks!")]
        for asked in repeated:
            self._finish(asked)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._column("SELECT id FROM turn WHERE state = 'accepted'") and time.monotonic() < deadline:
            self._finish(Asked(f"again-{time.monotonic_ns()}", "bystander", "Thanks!"))

    def verdict(self, kills: int) -> Verdict:
        """Compare ledger and store."""
        stored = dict(self._rows("SELECT id, reply FROM turn WHERE state = 'done'"))
        lost = [asked for asked in self.ledger.asked.values() if asked.turn_id not in stored]
        twice = [
            asked
            for asked in self.ledger.asked.values()
            if any(reply != _text_of(stored, asked.turn_id) for reply in asked.replies)
        ]
        doubled = len(twice) + len(self._column(DOUBLED_FACTS)) + len(self._column(DOUBLED_EVENTS))
        self.half |= set(self._column(HALF))
        return Verdict(kills, len(self.ledger.asked), len(lost), doubled, len(self.half))

    def _measure(self) -> None:
        """Time one undisturbed run, so that kills fall all over a run's life."""
        begun = time.monotonic()
        process, (account, turn_id, text) = self._start()
        accepted = self._hear_accepted(process, account, turn_id, text)
        self._start_seconds = time.monotonic() - begun
        self._hear_reply(process, turn_id)
        self._rest_seconds = time.monotonic() - begun - self._start_seconds
        if not accepted or process.returncode:
            raise SystemExit("the undisturbed run failed; nothing can be measured")

    def _ask_and_kill(self, *, after_accepted: bool) -> bool:
        """Kill one run at a random moment of its life, or after its acknowledgement; tell whether it was alive."""
        process, (account, turn_id, text) = self._start()
        if after_accepted:
            self._hear_accepted(process, account, turn_id, text)
            time.sleep(self._chance.uniform(0, self._rest_seconds))
        else:
            time.sleep(self._chance.uniform(0, self._start_seconds + self._rest_seconds))
        killed = process.poll() is None
        process.send_signal(signal.SIGKILL)
        if not after_accepted:
            self._hear_accepted(process, account, turn_id, text)
        self._hear_reply(process, turn_id)
        return killed and process.returncode == -signal.SIGKILL

    def _start(self) -> tuple[subprocess.Popen[str], tuple[str, str, str]]:
        """Start one ask of a random account."""
        self._number += 1
        account = self._chance.choice(ACCOUNTS)
        turn_id, text = f"turn-{self._number:04d}", self._chance.choice(TEXTS).format(n=40 + self._number)
        return self._process(account, turn_id, text), (account, turn_id, text)

    def _process(self, account: str, turn_id: str, text: str) -> subprocess.Popen[str]:
        """Start one ask."""
        command = [
            *PROGRAM,
            "ask",
            ROLE,
            text,
            "--account",
            account,
            "--turn-id",
            turn_id,
            "--database",
            str(self.database),
        ]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self._environment, cwd=self._folder
        )

    def _hear_accepted(self, process: subprocess.Popen[str], account: str, turn_id: str, text: str) -> bool:
        """Read standard error up to the acknowledgement; what follows is read with the reply."""
        for line in _opened(process.stderr):
            if line.strip() == f"accepted {turn_id}":
                self.ledger.accepted(turn_id, account, text)
                return True
        return False

    def _hear_reply(self, process: subprocess.Popen[str], turn_id: str) -> None:
        """Read what is left; a process that ended well has printed its whole reply."""
        reply, _ = process.communicate(timeout=PATIENCE_SECONDS)
        if process.returncode == 0 and turn_id in self.ledger.asked:
            self.ledger.replied(turn_id, reply.removesuffix("\n"))

    def _finish(self, asked: Asked) -> None:
        """Ask (again) and let it end."""
        process = self._process(asked.account, asked.turn_id, asked.text)
        self._hear_accepted(process, asked.account, asked.turn_id, asked.text)
        self._hear_reply(process, asked.turn_id)
        if process.returncode:
            raise SystemExit(f"resuming {asked.turn_id} ended with {process.returncode}")

    def _column(self, query: str) -> list[str]:
        """Return a query's first column."""
        return [str(row[0]) for row in self._rows(query)]

    def _rows(self, query: str) -> list[tuple[str, str]]:
        """Ask the file itself; a store that is not there yet has no rows."""
        if not self.database.exists():
            return []
        with closing(sqlite3.connect(self.database, timeout=30)) as connection:
            try:
                return connection.execute(query).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise


def _text_of(stored: dict[str, str], turn_id: str) -> str | None:
    """Return the text of a stored reply, or None where there is none."""
    return unpacked(stored[turn_id], turn_id).text if turn_id in stored else None


def _opened(stream: IO[str] | None) -> IO[str]:
    """Return a stream that was asked for."""
    if stream is None:
        raise RuntimeError("the process was started without its streams")
    return stream


class _SlowModel(BaseHTTPRequestHandler):
    """Answers every chat completion after a while, and knows nothing."""

    def do_POST(self) -> None:
        """Wait, then answer."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(random.uniform(0.05, SLOWEST_ANSWER_SECONDS))  # noqa: S311 - no secret
        text = '{"facts": []}' if "response_format" in asked else "Thank you, I have noted that."
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        body = json.dumps({"id": "c", "object": "chat.completion", "model": "slow", "choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked was killed

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


@contextmanager
def environment_of(model: str) -> Iterator[dict[str, str]]:
    """Give the processes' environment; for ``slow`` run the endpoint meanwhile."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("FLEET_", "OPENAI_"))}
    own |= {"FLEET_LEASE_SECONDS": str(LEASE_SECONDS), "FLEET_EMBEDDINGS": "none", "FLEET_MODEL": model}
    if model != "slow":
        yield own
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), _SlowModel)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield own | {"FLEET_BASE_URL": f"http://127.0.0.1:{server.server_address[1]}/v1", "FLEET_API_KEY": "none"}
    finally:
        server.shutdown()
        server.server_close()


def kill(kills: int, seed: int, model: str, folder: Path) -> Verdict:
    """Kill so often, resume, and compare."""
    with environment_of(model) as environment:
        run = Run(folder, seed, environment)
        asked = run.kill_often(kills)
        print(f"{asked} asked, {kills} killed; resuming", file=sys.stderr)
        run.resume()
    return run.verdict(kills)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="kill -9 the program, and read the ledger")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="none", help="none, slow (an endpoint on loopback), or any model's name")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="fleet-kill-") as folder:
        verdict = kill(given.kills, given.seed, given.model, Path(folder))
    print(verdict)
    return 0 if verdict.clean else 1


if __name__ == "__main__":
    sys.exit(main())
