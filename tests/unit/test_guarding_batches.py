"""Replies judged from outside: lines and labels as they come, verdicts, scores, and the command."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet_runtime.cli.app import build
from fleet_runtime.errors import MessageError
from fleet_runtime.guarding.batches import GuardCase, judge, read_cases, score

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
BAD = '{"id": "a", "reply": "Hello Dana. You have 12 seats.\\nBye.", "evidence": ["Dana has 10 seats."], "bad": true}'
GOOD = '{"reply": "You have 10 seats.", "evidence": "You have 10 seats.", "expected": "good", "at": "2026-01-01"}'


def case(line: str) -> GuardCase:
    ((_, found),) = read_cases(line, "file")
    assert isinstance(found, GuardCase)
    return found


def test_a_verdict_releases_what_passes() -> None:
    verdict = judge(case(BAD), 1, NOW)
    assert (verdict.id, verdict.ok, verdict.released) == ("a", False, "Hello Dana. Bye.")
    assert [finding.kind for finding in verdict.findings] == ["number"]
    assert judge(case(GOOD), 7, NOW).id == 7


@pytest.mark.parametrize(
    ("label", "bad"),
    [
        ('"bad": false', False),
        ('"label": "unsupported"', True),
        ('"expected": "supported"', False),
        ('"claims": ["x"]', True),
        ('"unsupported": []', False),
        ('"language": "de"', None),
    ],
)
def test_labels_are_read_in_every_spelling(label: str, *, bad: bool | None) -> None:
    assert case(f'{{"reply": "x", {label}}}').is_bad is bad


def test_both_spellings_of_the_evidence_are_read() -> None:
    read = case(
        '{"reply": "x", "actions": ["a"], "other_accounts": ["b"], "contract": "c", "at": "2026-01-01T00:00:00"}'
    )
    assert (read.done, read.foreign, read.system) == (("a",), ("b",), "c")
    assert case('{"reply": "x", "names": null, "system": null}').names == ()


def test_a_bad_line_names_its_place_and_keeps_no_other_from_its_verdict() -> None:
    rows = list(read_cases(f"{GOOD}\n\nnonsense\n{BAD}\n", "replies.jsonl"))
    assert [number for number, _ in rows] == [1, 3, 4]
    wrong = rows[1][1]
    assert isinstance(wrong, MessageError)
    assert wrong.message.startswith("replies.jsonl:3: ")


def test_a_score_counts_a_claim_only_where_it_stands() -> None:
    elsewhere = case('{"reply": "You have 12 seats. We will build it.", "bad": true, "claims": ["We will build it"]}')
    assert judge(elsewhere, 1, NOW).findings
    first = judge(elsewhere, 1, NOW).findings[:1]
    found = score([(elsewhere, first), (case(BAD), judge(case(BAD), 1, NOW).findings), (case(GOOD), ())])
    assert (found.bad, found.found, found.good, found.alarms) == (2, 1, 1, 0)
    assert (found.recall, found.false_alarms, found.precision) == (0.5, 0.0, 1.0)
    assert (score([]).recall, score([]).false_alarms, score([]).precision) == (1.0, 0.0, 1.0)
    assert "found 1/2" in found.summary()


def test_the_command_judges_a_file(tmp_path: Path) -> None:
    batch, out = tmp_path / "replies.jsonl", tmp_path / "sub" / "verdicts.jsonl"
    batch.write_text(f"{BAD}\n{GOOD}\n", encoding="utf-8")
    printed = CliRunner().invoke(build("guard"), ["guard", "--batch", str(batch)])
    assert printed.exit_code == 0
    assert [json.loads(line)["ok"] for line in printed.stdout.splitlines()] == [False, True]
    assert "recall 1.000" in printed.stderr
    written = CliRunner().invoke(build("guard"), ["guard", "--batch", str(batch), "--out", str(out)])
    assert written.exit_code == 0
    assert out.read_text(encoding="utf-8") == printed.stdout
    batch.write_text('{"reply": 3}\n', encoding="utf-8")
    failed = CliRunner().invoke(build("guard"), ["guard", "--batch", str(batch)])
    assert failed.exit_code == 1
    assert f"{batch}:1: reply" in failed.stderr


def test_the_command_judges_one_reply(tmp_path: Path) -> None:
    record = tmp_path / "record.txt"
    record.write_text("You have 10 seats.", encoding="utf-8")
    runner = CliRunner()
    good = runner.invoke(build("guard"), ["guard", "You have 10 seats.", "--evidence", str(record)])
    assert (good.exit_code, good.stdout) == (0, "nothing to object to\n")
    bad = runner.invoke(build("guard"), ["guard", "You have 12 seats.", "--evidence", str(record)])
    assert bad.exit_code == 1
    assert "number" in bad.stdout
    as_json = runner.invoke(build("guard"), ["guard", "You have 12 seats.", "--evidence", str(record), "--json"])
    assert json.loads(as_json.stdout)[0]["kind"] == "number"


@pytest.mark.parametrize(
    "arguments",
    [
        ["x", "--batch", "f"],
        ["x", "--out", "f"],
        ["x", "--evidence", "missing.txt"],
        ["--batch", "missing.jsonl"],
        [],
    ],
)
def test_the_command_refuses_what_makes_no_sense(arguments: list[str]) -> None:
    assert CliRunner().invoke(build("guard"), ["guard", *arguments]).exit_code != 0


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    batch = tmp_path / "replies.jsonl"
    batch.write_text(GOOD, encoding="utf-8")
    found = CliRunner().invoke(build("guard"), ["guard", "--batch", str(batch), "--out", str(batch / "x")])
    assert found.exit_code != 0
    assert "cannot be written" in found.stderr
