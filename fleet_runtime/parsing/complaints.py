"""What can be wrong with a contract file, said as compilers say it. Finds nothing itself; raises nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from fleet_runtime.contracts import Value

Severity = Literal["error", "warning", "info"]

SEVERITIES: Final[Mapping[str, Severity]] = {
    "not-text": "error",
    "too-large": "error",
    "bad-frontmatter": "error",
    "unknown-frontmatter-key": "error",
    "no-class-marker": "warning",
    "two-class-markers": "error",
    "bad-class-name": "error",
    "bad-persistence-value": "error",
    "unknown-domain": "warning",
    "missing-title": "warning",
    "missing-section": "error",
    "missing-persona": "warning",
    "duplicate-section": "error",
    "empty-section": "error",
    "unknown-section": "warning",
    "boundary-without-refusal": "warning",
    "boundary-without-owner": "info",
    "self-hand-off": "error",
    "bad-memory-key": "error",
    "ignored-text": "info",
    "ignored-frontmatter-key": "info",
    "missing-persistence": "warning",
    "not-a-role": "warning",
    "bad-profile": "error",
    "unknown-profile-key": "error",
    "missing-profile-key": "error",
    "lead-outside-roster": "error",
    "floor-outside-roster": "error",
    "reports-to-outside-roster": "error",
    "reports-to-cycle": "error",
    "duplicate-seat": "error",
    "bad-multiplicity": "error",
}
"""Every code with its severity; the codes are stable."""


class Complaint(Value, defer_build=True):
    """One finding in a contract file: where, how bad, what is wrong, what to do. Lines count from 1."""

    file: str
    line: int
    severity: Severity
    code: str
    message: str
    hint: str

    @property
    def where(self) -> str:
        """Give the place as ``file:line``."""
        return f"{self.file}:{self.line}"

    def __str__(self) -> str:
        """Say it in one line: ``file:line: severity[code]: message (hint)``."""
        return f"{self.where}: {self.severity}[{self.code}]: {self.message} ({self.hint})"


class ComplaintBook:
    """Collects the complaints about one file while it is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._entries: list[Complaint] = []

    def add(self, code: str, line: int, message: str, hint: str) -> None:
        """Write one complaint down; its severity is the code's."""
        self._entries.append(
            Complaint(file=self.file, line=line, severity=SEVERITIES[code], code=code, message=message, hint=hint)
        )

    @property
    def broken(self) -> bool:
        """Tell whether an error is among them, so that no role can be built."""
        return any(entry.severity == "error" for entry in self._entries)

    def entries(self) -> tuple[Complaint, ...]:
        """Return all complaints by line; those of one line in the order of finding."""
        return tuple(sorted(self._entries, key=lambda entry: entry.line))
