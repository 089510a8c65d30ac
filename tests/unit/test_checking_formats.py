"""A report in each of its forms, and the page that lists all codes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from organisations import checked, contract, role_source

from fleet_runtime.checking import Report, all_codes, formats, severity_of
from fleet_runtime.checking.codes import SEVERITIES
from fleet_runtime.parsing import Complaint
from fleet_runtime.parsing.complaints import SEVERITIES as PARSING

ROOT = Path(__file__).parents[2]


def report(*, file: str = "roles/a b.md", message: str = "50% of it:\nis wrong") -> Report:
    one = Complaint(file=file, line=7, severity="error", code="dangling-owner", message=message, hint="mend it")
    note = one.model_copy(update={"severity": "info", "code": "few-examples", "line": 1})
    return Report(findings=(note, one), argued=(note,), roles=1, profiles=0)


def test_text_sums_up() -> None:
    lines = formats.as_text(report(message="it is wrong")).splitlines()
    assert lines[1] == "roles/a b.md:7: error[dangling-owner]: it is wrong (mend it)"
    assert lines[-1] == "1 role, 0 profiles: 1 error, 0 warnings, 1 note (1 argued in their files)"


def test_text_says_when_there_is_nothing() -> None:
    assert formats.as_text(Report(findings=(), argued=(), roles=2, profiles=1)) == "2 roles, 1 profile: no findings"


def test_json_has_the_fields_in_order() -> None:
    found: Any = formats.as_json(report())
    assert list(found) == ["findings", "argued", "roles", "profiles"]
    assert list(found["findings"][0]) == ["file", "line", "severity", "code", "message", "hint"]


def test_github_escapes_what_would_end_a_command() -> None:
    lines = formats.as_github(report(file="roles/a,b:c.md")).splitlines()
    assert lines[1] == (
        "::error file=roles/a%2Cb%3Ac.md,line=7,title=dangling-owner::50%25 of it:%0Ais wrong (mend it)"
    )
    assert lines[0].startswith("::notice ")


def test_sarif_names_rules_and_suppresses_what_is_argued() -> None:
    log: Any = formats.as_sarif(report(), version="1.2.3")
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert (log["version"], rules) == ("2.1.0", ["dangling-owner", "few-examples"])
    assert [result["level"] for result in run["results"]] == ["note", "error", "note"]
    assert [rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"]] == [True] * 3
    assert ["suppressions" in result for result in run["results"]] == [False, False, True]
    place = run["results"][1]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "roles/a%20b.md"}, "region": {"startLine": 7}}


def test_sarif_gives_a_file_elsewhere_as_a_whole_address() -> None:
    log: Any = formats.as_sarif(report(file="/srv/roles/a.md"), version="1")
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "file:///srv/roles/a.md"


def test_findings_are_sorted_by_file_and_line() -> None:
    text = contract("a-desk", boundaries=["- **Does NOT mend** — the **x-desk** does."], examples=())
    found = checked(role_source(text, "b.md"), role_source(contract("b-desk", examples=()), "a.md"))
    places = [(one.file, one.line) for one in found.findings]
    assert places == sorted(places)


def test_no_code_is_used_twice() -> None:
    assert not PARSING.keys() & SEVERITIES.keys()
    assert severity_of("no-such-code") is None


def test_the_page_lists_every_code_with_its_severity() -> None:
    page = (ROOT / "docs" / "checking.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (error|warning|info) \| .+ \| .+ \|$", page, re.MULTILINE))
    assert rows == {code: severity_of(code) for code in all_codes()}
