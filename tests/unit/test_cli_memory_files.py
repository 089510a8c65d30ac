"""``fleet memory import``, ``export``, ``erase`` and what looks into a memory, on a store of their own."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fleet_runtime.cli.app import build

PROMISE = '{"op": "commit", "task": "send the plan", "owner": "Dana", "to": "us", "due": "2026-07-01"}'
LINES = (
    '{"id": "e1", "at": "2026-01-12", "author": "Dana Whitfield", "text": "We have 40 seats."}',
    '{"id": "e2", "at": "2026-06-03", "author": "Dana Whitfield", "text": "We have 55 seats."}',
    f'{{"id": "e3", "at": "2026-06-04", "author": "Dana", "text": "A promise.", "operations": [{PROMISE}]}}',
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of one's own, without a model and without vectors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLEET_MODEL", "none")
    monkeypatch.setenv("FLEET_EMBEDDINGS", "none")
    Path("a.jsonl").write_text("\n".join(LINES), encoding="utf-8")
    return tmp_path


def call(*arguments: str, typed: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(build("memory"), ["memory", *arguments], prog_name="fleet", input=typed)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, re.sub(r"\x1b\[\d*m", "", result.stderr)


def asked(*arguments: str) -> Any:
    code, out, err = call(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_files_are_imported_and_rejects_are_told_by_line() -> None:
    Path("b.csv").write_text("at,author,text\n2026-02-01,Bob,fine\n2026-13-01,Bob,no\n", encoding="utf-8")
    code, out, err = call("import", "acme", "a.jsonl", "b.csv")
    assert code == 0
    assert out.splitlines() == [
        "a.jsonl: 3 read, 3 new, 0 known, 0 rejected",
        "b.csv: 1 read, 1 new, 0 known, 1 rejected",
    ]
    assert err.startswith("b.csv:3: '2026-13-01' is no date")
    again = asked("import", "acme", "a.jsonl", "b.csv")["imported"]
    assert [(one["file"], one["new"], one["known"]) for one in again] == [("a.jsonl", 0, 3), ("b.csv", 0, 1)]
    assert again[1]["rejects"][0]["line"] == 3


def test_what_a_file_does_not_say_is_said_by_options() -> None:
    Path("call.txt").write_text("Dana: 40 seats.\n03/04/2026\nthey left\n", encoding="utf-8")
    code, out, err = call("import", "acme", "call.txt", "--dry-run")
    assert (code, out) == (1, "call.txt: 0 read, 0 new, 0 known, 1 rejected\n")
    assert "--at" in err
    options = ("--at", "2026-03-01", "--author", "Bob", "--dates", "day-first", "--format", "transcript")
    assert call("import", "acme", "call.txt", *options)[:2] == (0, "call.txt: 2 read, 2 new, 0 known, 0 rejected\n")
    assert [(event["at"][:10], event["author"]) for event in asked("events", "acme")] == [
        ("2026-03-01", "Dana"),
        ("2026-04-03", "Bob"),
    ]


def test_what_cannot_be_read_is_an_error_and_the_others_are_done() -> None:
    code, out, err = call("import", "acme", "none.csv", "a.jsonl")
    assert code == 1
    assert "a.jsonl: 3 read, 3 new" in out
    assert "error[message]: none.csv cannot be read: No such file or directory" in err
    assert call("import", "acme", "a.jsonl", "--format", "fax")[0] == 2
    assert call("import", "acme", "a.jsonl", "--dates", "never")[0] == 2


def test_many_rejects_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleet_runtime.runtime.importing.REJECTS_KEPT", 1)
    Path("a.jsonl").write_text("x\ny\nz\n", encoding="utf-8")
    code, _, err = call("import", "acme", "a.jsonl")
    assert code == 1
    assert "a.jsonl: and 2 more were rejected" in err


def test_an_export_is_imported_into_another_account() -> None:
    call("import", "acme", "a.jsonl")
    code, printed, _ = call("export", "acme")
    assert code == 0
    assert json.loads(printed.splitlines()[0])["fleet_memory"] == 1
    assert call("export", "acme", "--out", "x.jsonl")[1] == f"{len(printed.splitlines())} lines written to x.jsonl\n"
    assert asked("export", "acme", "--out", "x.jsonl")["file"] == "x.jsonl"
    assert "0 rejected" in call("import", "beta", "x.jsonl")[1]
    for question in (("facts",), ("commitments", "--all"), ("changes", "--since", "2026-01-01")):
        assert asked(question[0], "beta", *question[1:]) == asked(question[0], "acme", *question[1:])
    assert "cannot be written" in call("export", "acme", "--out", "no/x.jsonl")[2]


def test_a_memory_is_looked_into() -> None:
    call("import", "acme", "a.jsonl")
    assert re.search(r"seats +55 +2026-06-03 +Dana Whitfield", call("facts", "acme")[1])
    assert re.search(r"seats +40 +2026-01-12", call("facts", "acme", "--as-of", "2026-03-01")[1])
    assert [fact["value"] for fact in asked("facts", "acme", "--known-at", "2026-03-01")] == ["40"]
    assert re.search(r"40 +2026-01-12 +2026-06-03 +Dana", call("history", "acme", "seats")[1])
    assert [fact["value"] for fact in asked("history", "acme", "seats")] == ["40", "55"]
    assert re.search(r"send the plan +Dana +us +2026-07-01 +open", call("commitments", "acme")[1])
    assert re.search(r"2026-06-03 +set +seats +40 +55", call("changes", "acme", "--since", "2026-02-01")[1])
    assert asked("changes", "acme", "--since", "2026-02-01")[0]["was"] == "40"
    assert asked("contradictions", "acme") == []
    assert call("contradictions", "acme")[1].split() == ["key", "counts", "against", "by"]
    code, out, err = call("digest", "acme")
    assert code == 0
    assert "## 2026-Q1 (1 events)" in out
    assert "2 new, 2 in all" in err
    assert [one["period"] for one in asked("digest", "acme")] == ["2026-Q1", "2026-Q2"]
    assert call("index")[1] == "0 events were given a vector\n"
    assert asked("index") == {"embedded": 0}


def test_two_claims_that_cannot_both_hold_are_shown() -> None:
    said = ('"Dana", "text": "We have 40 seats."', '"Bob", "text": "We have 47 seats."')
    lines = [f'{{"at": "2026-01-{day}", "author": {one}}}' for day, one in zip((12, 13), said, strict=True)]
    Path("a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    call("import", "acme", "a.jsonl")
    assert re.search(
        r"seats +47 \(Bob, 2026-01-13\) +40 \(Dana, 2026-01-12\) +recency", call("contradictions", "acme")[1]
    )


def test_an_erasure_wants_the_accounts_id() -> None:
    call("import", "acme", "a.jsonl")
    code, _, err = call("erase", "acme", typed="acne\n")
    assert code == 1
    assert "acme: 3 events" in err
    assert "error[message]: nothing was erased" in err
    assert len(asked("events", "acme")) == 3
    code, out, _ = call("erase", "acme", typed="acme\n")
    assert code == 0
    assert re.search(r"erased acme at \S+: .*3 events", out)
    assert re.search(r"sha256 of what was there: [0-9a-f]{64}", out)
    assert asked("events", "acme") == []
    assert call("erase", "acme", "--yes")[1] == "nothing is kept of acme\n"
    call("import", "acme", "a.jsonl")
    assert asked("erase", "acme", "--yes")["counts"]["event"] == 3
