"""A report as text, JSON, SARIF 2.1.0 or GitHub workflow commands. Prints nothing and judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal
from urllib.parse import quote

from fleet_runtime.checking.codes import severity_of
from fleet_runtime.checking.judging import Report
from fleet_runtime.parsing import Complaint
from fleet_runtime.parsing.complaints import Severity

Format = Literal["text", "json", "sarif", "github"]

SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVELS: Final[Mapping[Severity, str]] = {"error": "error", "warning": "warning", "info": "note"}
_COMMANDS: Final[Mapping[Severity, str]] = {"error": "error", "warning": "warning", "info": "notice"}
_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_DATA, ":": "%3A", ",": "%2C"}


def as_text(report: Report) -> str:
    """Give one line a finding, and one that sums up."""
    return "\n".join([*map(str, report.findings), summary(report)])


def summary(report: Report) -> str:
    """Say in one line how much was checked and what was found."""
    argued = f" ({len(report.argued)} argued in their files)" if report.argued else ""
    counts = ", ".join(
        _many(report.count(severity), noun)
        for severity, noun in (("error", "error"), ("warning", "warning"), ("info", "note"))
    )
    counts = counts if report.findings else "no findings"
    return f"{_many(report.roles, 'role')}, {_many(report.profiles, 'profile')}: {counts}{argued}"


def as_json(report: Report) -> dict[str, object]:
    """Give the report as plain values for JSON."""
    return {
        "findings": [_plain(one) for one in report.findings],
        "argued": [_plain(one) for one in report.argued],
        "roles": report.roles,
        "profiles": report.profiles,
    }


def as_sarif(report: Report, *, version: str) -> dict[str, object]:
    """Give the report as a SARIF 2.1.0 log with one run; argued findings are suppressed results.

    ``version`` is that of this package.
    """
    codes = sorted({one.code for one in (*report.findings, *report.argued)})
    driver = {
        "name": "fleet check",
        "version": version,
        "rules": [_rule(code) for code in codes],
    }
    argued = [{"kind": "inSource", "status": "accepted"}]
    results = [
        *(_result(one, codes.index(one.code)) for one in report.findings),
        *(_result(one, codes.index(one.code)) | {"suppressions": argued} for one in report.argued),
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def as_github(report: Report) -> str:
    """Give one workflow command a finding, which GitHub shows beside the line, and the line that sums up."""
    commands = [
        f"::{_COMMANDS[one.severity]} file={_escaped(one.file, _PROPERTY)},line={one.line},"
        f"title={_escaped(one.code, _PROPERTY)}::{_escaped(f'{one.message} ({one.hint})', _DATA)}"
        for one in report.findings
    ]
    return "\n".join([*commands, summary(report)])


def _plain(one: Complaint) -> dict[str, object]:
    """Give a finding's fields in their order."""
    return {
        "file": one.file,
        "line": one.line,
        "severity": one.severity,
        "code": one.code,
        "message": one.message,
        "hint": one.hint,
    }


def _rule(code: str) -> dict[str, object]:
    """Describe a code for SARIF."""
    severity = severity_of(code) or "error"
    return {
        "id": code,
        "shortDescription": {"text": code.replace("-", " ").capitalize()},
        "help": {"text": f"docs/checking.md says what {code} means and what to do."},
        "defaultConfiguration": {"level": _SARIF_LEVELS[severity]},
    }


def _result(one: Complaint, rule: int) -> dict[str, object]:
    """Give a finding as a SARIF result."""
    uri = f"file://{quote(one.file)}" if one.file.startswith("/") else quote(one.file)
    place = {"artifactLocation": {"uri": uri}, "region": {"startLine": one.line}}
    return {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": _SARIF_LEVELS[one.severity],
        "message": {"text": f"{one.message} ({one.hint})"},
        "locations": [{"physicalLocation": place}],
    }


def _escaped(text: str, table: Mapping[str, str]) -> str:
    """Replace the signs that would end a workflow command or one of its properties."""
    return "".join(table.get(sign, sign) for sign in text)


def _many(count: int, noun: str) -> str:
    """Count things."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
