"""The examples run as written, offline and without a model, twice over one store: the second run doubles nothing."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet_runtime.dates import say_date

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = (
    "csm_conversation.py",
    "spawn_agent.py",
    "two_settings.py",
    "dispatch.py",
    "remember.py",
    "sync_notebook_style.py",
    "approvals.py",
    "tools.py",
    "csm_quarter.py",
)
SHORTER = {"csm_quarter.py": ("--weeks", "7")}
"""Arguments that make an example short enough for a test."""


def run(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("FLEET_MODEL", "none")
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *SHORTER.get(name, ())],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=170,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == ""
    assert "Traceback" not in done.stdout
    return done.stdout


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for file in sorted((folder / ".fleet").glob("*.db")):
        with closing(sqlite3.connect(file)) as connection:
            found += connection.execute(query).fetchall()
    return found


def test_no_example_is_forgotten() -> None:
    assert {file.name for file in EXAMPLES.glob("*.py")} == set(NAMES)


def printed_twice(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run an example without a store twice, which must print the same, and return that."""
    first = run(name, folder, monkeypatch)
    assert without_today(run(name, folder, monkeypatch)) == without_today(first)
    assert not (folder / ".fleet").exists()
    return first


@pytest.mark.parametrize("name", NAMES[3:-1])
def test_an_example_without_a_store_prints_the_same_twice(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert printed_twice(name, tmp_path, monkeypatch).strip()


def test_the_smallest_example_doubles_no_fact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run("spawn_agent.py", tmp_path, monkeypatch)
    assert "31 March 2028" in first
    run("spawn_agent.py", tmp_path, monkeypatch)
    believed = rows(tmp_path, "SELECT key, value FROM fact WHERE known_to IS NULL AND valid_to IS NULL")
    assert len(believed) == len(set(believed))
    assert {key for key, _ in believed} >= {"renewal_date", "seats"}


def test_one_script_says_the_same_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before workers on other machines it says the same too: `tests/processes/test_one_script.py`."""
    first = run("two_settings.py", tmp_path, monkeypatch)
    assert "40 seats" in first
    assert run("two_settings.py", tmp_path, monkeypatch) == first
    assert rows(tmp_path, "SELECT count(*) FROM turn WHERE state = 'done'") == [(6,)]


def test_the_main_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three sessions, each in a process of its own; what must be said of memory, routing and truth, not its wording."""
    first = run("csm_conversation.py", tmp_path, monkeypatch)
    assert first.startswith("Model: no")
    assert len(re.findall(r"Session \d", first)) == 3
    turns = rows(tmp_path, "SELECT id, account, state FROM turn ORDER BY sequence")
    assert len(turns) >= 15
    assert {row[2] for row in turns} == {"done"}
    facts = rows(tmp_path, "SELECT id FROM fact")
    replies = rows(tmp_path, "SELECT json_extract(reply, '$.parts') FROM turn")
    assert len(set(replies)) == len(replies), "no reply comes twice"
    brief = first.split("The account brief")[1]
    assert "90 seats" in brief, "the brief says what holds after the last word"
    assert "Priya Nair" in brief
    before = rows(tmp_path, "SELECT key FROM fact WHERE valid_to IS NOT NULL OR known_to IS NOT NULL")
    assert {"champion", "seats"} <= {row[0] for row in before}, "what changed was superseded"
    tickets_terms_and_wishes_went_where_they_belong(tmp_path)
    second = run("csm_conversation.py", tmp_path, monkeypatch)
    assert rows(tmp_path, "SELECT id FROM fact") == facts
    assert rows(tmp_path, "SELECT id, account, state FROM turn ORDER BY sequence") == turns
    assert rows(tmp_path, "SELECT json_extract(reply, '$.parts') FROM turn") == replies
    assert spoken(second) == spoken(first), "a repeated turn id is the same turn"


def test_the_quarter_tells_why_writes_it_down_and_prints_the_same_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The champion's going is told with the colleague's own words, and what is written can be opened."""
    printed = " ".join(printed_twice("csm_quarter.py", tmp_path, monkeypatch).split())
    assert "Week 7, Monday 15 February 2027" in printed
    assert re.search(r"medium risk .{0,40}champion is leaving", printed)
    assert "Nobody has been named to take over" in printed
    assert re.search(r"\d+ risks raised", printed)
    written = tmp_path / "csm-quarter"
    assert (written / "qbr.pdf").read_bytes().startswith(b"%PDF")
    assert (written / "health.png").read_bytes().startswith(b"\x89PNG")


def tickets_terms_and_wishes_went_where_they_belong(folder: Path) -> None:
    """Look at every decision that the conversation's store holds."""
    decided = {
        str(text): (verdict, choice)
        for text, verdict, choice in rows(
            folder,
            "SELECT text, verdict, choice FROM turn JOIN decision"
            " ON (turn.account, turn.id) = (decision.account, turn_id)",
        )
    }
    sales = {"account-executive", "sales-lead", "sales-development-rep"}
    for text, (verdict, choice) in decided.items():
        if "login is broken" in text:
            assert (verdict, choice) == ("hand_off", "support-agent"), text
        elif "30%" in text or "30 %" in text:
            assert verdict == "hand_off", text
            assert choice in sales, text
        elif "build a" in text or "promised us" in text:
            assert verdict in {"decline", "keep"}, text
            assert choice == "customer-success-manager", text
        elif verdict == "hand_off":
            pytest.fail(f"an own matter was handed over: {text!r} to {choice}")


def without_today(printed: str) -> str:
    """Blank the day of the run, which an example may name: midnight may fall between two runs."""
    today = datetime.now(UTC).date()
    days = "|".join(say_date(day).rsplit(" ", 1)[0] for day in (today - timedelta(days=1), today))
    return re.sub(rf"\b(?:{days})\b", "today", printed)


def spoken(printed: str) -> str:
    """Return what was said, without how long it took."""
    return re.sub(r"\d+\.\d s", "", printed)
