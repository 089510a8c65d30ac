"""``fleet signals import`` and ``show`` on a store of their own; who names the wrong command is told the right one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fleet_runtime.cli.app import build

ACCOUNTS = "account_id,company,arr_eur,seats,renewal_date,csm,region\na1,Acme,48000,50,2026-12-01,Ann Lee,north\n"
WEEKLY = (
    "account_id,week_start,active_users,nps,uses_reports,event\n"
    "a1,2025-01-06,40,,7,\na1,2025-01-13,-1,20,,Calm\x1b[2J.\n,2025-01-13,1,,,\n"
)
INVOICES = "account_id,number,issued,due,paid,amount\na1,R1,2025-01-02,2025-02-01,,100\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of one's own, without a model and without vectors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLEET_MODEL", "none")
    monkeypatch.setenv("FLEET_EMBEDDINGS", "none")
    for name, text in {"accounts": ACCOUNTS, "weekly": WEEKLY, "invoices": INVOICES}.items():
        Path(f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def call(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(build(arguments[0]), arguments, prog_name="fleet")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, re.sub(r"\x1b\[\d*m", "", result.stderr)


def asked(*arguments: str) -> Any:
    code, out, err = call(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_files_are_taken_in_and_what_is_odd_is_told_by_line() -> None:
    code, out, err = call("signals", "import", "weekly.csv", "invoices.csv", "accounts.csv")
    assert code == 0
    assert [line.split() for line in out.splitlines()[1:4]] == [
        ["accounts", "1", "1", "0", "0"],
        ["weekly", "2", "2", "0", "0"],
        ["invoices", "1", "1", "0", "0"],
    ]
    assert out.splitlines()[4].startswith("accounts: 1; rows rejected: 1; cells left out: 1; columns passed over")
    assert err.splitlines() == [
        "weekly.csv:4: account_id '' is empty: mend the row: 2025-01-13 1",
        "weekly.csv:3: cell: active_users '-1' is less than zero; left out",
        "accounts.csv:1: column: the column 'region' is none of accounts: passed over",
    ]
    again = asked("signals", "import", "weekly.csv", "accounts.csv", "--at", "2025-02-01")
    assert (again["read"], again["same"], again["kinds"]["weekly"]["same"]) == (3, 2, 2)
    assert again["rejects"][0]["line"] == 4
    assert {one["matter"] for one in again["warnings"]} == {"cell", "column"}


def test_an_account_is_shown_as_of_a_date() -> None:
    call("signals", "import", "weekly.csv", "invoices.csv", "accounts.csv")
    code, out, _ = call("signals", "show", "a1")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("Acme, ARR EUR 48,000, seats 50, renewal 2026-12-01, CSM Ann Lee (known from ")
    assert lines[1].split() == ["week", "active_users", "nps", "uses_reports", "themes", "note", "source"]
    assert lines[2].split() == ["2025-01-06", "40", "7", "weekly.csv:2"]
    assert "\x1b" not in out
    assert lines[5].split() == ["R1", "2025-01-02", "2025-02-01", "100", "invoices.csv:2"]
    early = asked("signals", "show", "a1", "--as-of", "2025-01-13")
    assert [week["start"] for week in early["weeks"]] == ["2025-01-06"]
    assert early["details"] == []
    code, out, err = call("signals", "show", "b1")
    assert (code, out) == (0, "")
    assert err.startswith("no signals are known of b1")


def test_nothing_read_or_a_file_that_cannot_be_is_a_failure() -> None:
    Path("notes.csv").write_text("at,author,text\n2026-01-01,Ann,Hello.\n", encoding="utf-8")
    code, _, err = call("signals", "import", "notes.csv")
    assert code == 1
    assert "take them in with fleet memory import ACCOUNT" in err
    code, _, err = call("signals", "import", "weekly.csv", "gone.csv")
    assert code == 1
    assert "gone.csv: gone.csv cannot be read: No such file or directory" in err
    code, _, err = call("signals", "import", "weekly.csv", "--kind", "monthly")
    assert code == 2


def test_memory_import_names_this_command_for_such_a_file() -> None:
    code, _, err = call("memory", "import", "a1", "weekly.csv")
    assert code == 1
    assert "take them in with fleet signals import" in err


def test_columns_and_dates_are_told() -> None:
    Path("c.yaml").write_text("weekly:\n  account_id: Customer\n  week_start: from\n", encoding="utf-8")
    Path("own.csv").write_text("Customer,from,nps\na1,03/02/2025,5\n", encoding="utf-8")
    done = asked("signals", "import", "own.csv", "--columns", "c.yaml", "--dates", "day-first")
    assert done["new"] == 1
    assert asked("signals", "show", "a1")["weeks"][0]["start"] == "2025-02-03"
    code, _, err = call("signals", "import", "own.csv", "--columns", "gone.yaml")
    assert code == 1
    assert "error[setting]: gone.yaml cannot be read" in err


def test_many_remarks_are_cut_short() -> None:
    rows = "".join(f"a1,2025-{1 + week // 4:02}-{1 + 7 * (week % 4):02},-1\n" for week in range(30))
    Path("many.csv").write_text(f"account_id,week_start,logins\n{rows}a1,2025-10-01,1\n", encoding="utf-8")
    _, _, err = call("signals", "import", "many.csv")
    assert "cell: and 10 more such remarks (--json tells them)" in err
