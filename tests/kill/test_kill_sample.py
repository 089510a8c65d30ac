"""A small sample of ``make kill``: the program dies at random moments, and nothing is lost, doubled or half done."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))  # kill.py is a script, not a module of the package

import kill


@pytest.mark.parametrize(("model", "kills"), [("none", 2), ("slow", 1)])
def test_nothing_is_lost_doubled_or_half_done(model: str, kills: int, tmp_path: Path) -> None:
    verdict = kill.kill(kills, seed=7, model=model, folder=tmp_path)
    assert verdict.clean, str(verdict)
    assert verdict.kills == kills
    assert verdict.acked >= 1
    acked = {json.loads(line).get("accepted") for line in (tmp_path / "ledger.jsonl").read_text().splitlines()} - {None}
    assert len(acked) == verdict.acked


def test_the_ledger_would_notice(tmp_path: Path) -> None:
    """A benchmark that cannot fail proves nothing: each kind of damage is done by hand, and found."""
    with kill.environment_of("none") as environment:
        run = kill.Run(tmp_path, 1, environment)
        run.kill_often(0)
        assert run.verdict(0).clean
        run.ledger.accepted("never-stored", "harbor", "text")
        assert run.verdict(0).lost == 1
        turn_id = next(iter(run.ledger.asked))
        run.ledger.replied(turn_id, "another answer")
        assert run.verdict(0).doubled == 1
        with closing(sqlite3.connect(run.database)) as connection:
            connection.execute("DELETE FROM decision WHERE turn_id = ?", (turn_id,))
            connection.commit()
        assert run.verdict(0).half == 1
