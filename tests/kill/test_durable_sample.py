"""A small sample of ``make kill`` on the durable engine, and proof that its verdict would notice what may go wrong.

The runs themselves are processes of the benchmark's own: it forks, and this process has threads.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from durable_ledger import FILE, Book, Line, lines
from durable_verdict import Verdict, engine_file, judge, read

pytestmark = pytest.mark.slow

DURABLE = Path(__file__).parents[2] / "benchmarks" / "durable.py"


def durable(*arguments: object) -> str:
    """Run the benchmark, and return what it printed."""
    command = [sys.executable, str(DURABLE), *(str(argument) for argument in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr[-6000:]
    return done.stdout


@pytest.mark.parametrize(("store", "kills"), [("sqlite", 4), ("postgres", 2)])
def test_nothing_is_lost_doubled_or_out_of_order(store: str, kills: int, tmp_path: Path) -> None:
    said = durable("kill", "--kills", kills, "--store", store, "--seed", 7, "--folder", tmp_path / "run")
    verdict = re.fullmatch(
        r"kills (\d+) acked (\d+) lost 0 doubled 0 gaps 0 overlaps 0 errors 0", said.splitlines()[-1]
    )
    assert verdict is not None, said
    assert int(verdict[1]) == kills
    assert int(verdict[2]) > kills
    written = list(lines(tmp_path / "run" / "kill"))
    assert sum(line.kind == "killed" for line in written) == kills
    assert {line.words[1] for line in written if line.kind == "killed"} <= {"worker", "gateway"}
    assert len({line.words[0] for line in written if line.kind == "ack"}) == int(verdict[2])


class Clean(NamedTuple):
    """What is left of a run in which nobody was killed; a test damages its own copy."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "fleet.db"

    def verdict(self) -> Verdict:
        return judge(Book(lines(self.folder)), read(str(self.database)))

    @property
    def turns(self) -> list[str]:
        """Return the turns of the first account in order."""
        with closing(sqlite3.connect(self.database)) as connection:
            found = connection.execute("SELECT id FROM turn ORDER BY account, sequence").fetchall()
        return [turn_id for (turn_id,) in found]

    def store(self, statement: str, *values: str) -> None:
        self._execute(self.database, statement, values)

    def engine(self, statement: str) -> None:
        self._execute(engine_file(self.database), statement, ())

    def ledger(self, *written: str) -> None:
        with (self.folder / FILE).open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in written)

    def without(self, kind: str) -> None:
        kept = [line for line in (self.folder / FILE).read_text().splitlines() if line.split()[2] != kind]
        (self.folder / FILE).write_text("\n".join(kept) + "\n")

    def _execute(self, file: Path, statement: str, values: tuple[str, ...]) -> None:
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute(statement, values).rowcount, "nothing was damaged"
            connection.commit()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    said = durable("kill", "--kills", 0, "--workers", 1, "--folder", folder)
    assert said.splitlines()[-1].startswith("kills 0 acked ")
    return folder / "kill"


LATER = 9 * 10**18

DAMAGES: dict[str, tuple[str, Callable[[Clean], None]]] = {
    "a turn without its reply": (
        "lost",
        lambda run: run.store("UPDATE turn SET state = 'accepted', reply = NULL WHERE id = ?", run.turns[0]),
    ),
    "a turn that is gone": ("lost", lambda run: run.store("DELETE FROM turn WHERE id = ?", run.turns[0])),
    "a message that never arrived": (
        "lost",
        lambda run: run.ledger("1 1 offer never account-0 g1 plain", "2 1 ack never 1"),
    ),
    "an effect that was never had": ("lost", lambda run: run.without("effect")),
    "a message remembered twice": (
        "doubled",
        lambda run: run.store(
            "INSERT INTO event SELECT account_number, id || '-again', at, kind, author, text, terms FROM event LIMIT 1"
        ),
    ),
    "an effect under two keys": (
        "doubled",
        lambda run: run.ledger(f"1 1 effect other:1:0 {_one(run, 'effect').words[1]}"),
    ),
    "a turn committed twice": (
        "doubled",
        lambda run: run.ledger(f"1 1 committed {_one(run, 'committed').words[0]}"),
    ),
    "another answer than was heard": (
        "doubled",
        lambda run: run.store("UPDATE turn SET reply = replace(reply, 'Noted', 'Denied')"),
    ),
    "a hole in the numbers": (
        "gaps",
        lambda run: run.store("UPDATE turn SET sequence = sequence + 1000 WHERE id = ?", run.turns[0]),
    ),
    "a turn in another's place": (
        "gaps",
        lambda run: run.store("UPDATE turn SET sequence = -1 WHERE id = ?", run.turns[1]),
    ),
    "an answer that is not remembered": (
        "gaps",
        lambda run: run.store("DELETE FROM event WHERE id = ? || ':said'", run.turns[0]),
    ),
    "an answer to another history": (
        "gaps",
        lambda run: run.store("UPDATE turn SET reply = replace(reply, 'after g', 'after x')"),
    ),
    "a turn begun before the one before it was done": (
        "gaps",
        lambda run: run.ledger(f"{LATER} 2 begin {run.turns[0]} account-0", f"{LATER + 1} 2 end {run.turns[0]}"),
    ),
    "two at work at once": (
        "overlaps",
        lambda run: run.ledger(
            f"{_one(run, 'begin').at + 1} 1 begin other {_one(run, 'begin').words[1]}", f"{LATER} 1 ended 1"
        ),
    ),
    "a turn that was given up": (
        "errors",
        lambda run: run.store(
            "UPDATE turn SET state = 'failed', reply = NULL, failure = '{}' WHERE id = ?", run.turns[0]
        ),
    ),
    "a workflow that ended in an error": (
        "errors",
        lambda run: run.engine("UPDATE workflow_status SET status = 'ERROR' WHERE status = 'SUCCESS'"),
    ),
    "a workflow that never ended": (
        "errors",
        lambda run: run.engine("UPDATE workflow_status SET status = 'PENDING' WHERE status = 'SUCCESS'"),
    ),
    "a process that fell by itself": ("errors", lambda run: run.ledger(f"{LATER} 1 crashed 1 worker w1 1")),
}


def _one(run: Clean, kind: str) -> Line:
    """Return the first line of a kind."""
    return next(iter(lines(run.folder, {kind})))


def test_the_verdict_would_notice(run: Path, tmp_path: Path, subtests: pytest.Subtests) -> None:
    """A verdict that cannot be bad proves nothing: each kind of damage is done by hand, and found."""
    before = Clean(run).verdict()
    assert before.clean, before.wrong
    assert before.acked
    for number, (damage, (kind, do)) in enumerate(DAMAGES.items()):
        with subtests.test(damage):
            damaged = Clean(Path(shutil.copytree(run, tmp_path / f"damaged-{number}")))
            do(damaged)
            after = damaged.verdict()
            assert getattr(after, kind), str(after)
            assert not after.clean


@pytest.mark.parametrize(
    ("written", "complaint"), [("1 1 shrugged at it", "unknown kind"), ("1 1 begin other account-0", "neither ended")]
)
def test_a_ledger_that_is_not_understood_proves_nothing(written: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(f"{written}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        Book(lines(tmp_path))
