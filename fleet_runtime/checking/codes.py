"""The codes of what is wrong between the files of an organisation, and which findings a file may argue.

What is wrong within one file is parsing's to say; its codes count here too. Finds nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fleet_runtime.parsing.complaints import SEVERITIES as PARSING
from fleet_runtime.parsing.complaints import Complaint, Severity

BOUNDARY_GONE: Final = "shipped-boundary-gone"
"""The one code that a check does not find but `fleet test-roles` does: an argument for it stands in the same files."""

SEVERITIES: Final[Mapping[str, Severity]] = {
    "duplicate-class": "error",
    "profile-id-mismatch": "error",
    "unknown-seat": "error",
    "dangling-owner": "error",
    "owner-not-staffed": "warning",
    "refused-by-everyone": "error",
    "hand-off-cycle": "error",
    "unreachable-class": "warning",
    "overlapping-mandates": "warning",
    "boundary-contradicts-mandate": "error",
    "few-examples": "info",
    "duplicate-example": "warning",
    "example-sent-elsewhere": "warning",
    "prompt-over-budget": "warning",
    "bad-motion": "error",
    "motion-of-unknown-fact": "warning",
    "motion-to-nobody": "warning",
    BOUNDARY_GONE: "error",
    "unused-allow": "warning",
    "allow-without-reason": "error",
    "unknown-allow-code": "error",
}
"""Every code of this package with its severity; the codes are stable."""

ARGUABLE_ERRORS: Final = frozenset(
    {"refused-by-everyone", "hand-off-cycle", "boundary-contradicts-mandate", BOUNDARY_GONE}
)
"""Errors that rest on a likeness of texts, and so may be argued; of the others only warnings and infos may."""

ABOUT_ARGUING: Final = frozenset({"unused-allow", "allow-without-reason", "unknown-allow-code"})
"""Findings about the arguments themselves, which no argument covers."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A complaint with the other files in which it may be argued as well."""

    complaint: Complaint
    also: tuple[str, ...] = ()


def finding(  # noqa: PLR0913 - the parts of one line of output
    code: str, file: str, line: int, message: str, hint: str, *, also: tuple[str, ...] = (), mild: bool = False
) -> Finding:
    """Make a finding; its severity is the code's, or ``info`` where circumstances make it ``mild``.

    Args:
        code: one of `SEVERITIES`.
        file: the file that causes it, as it is printed.
        line: its line, from 1.
        message: what is wrong.
        hint: what to do.
        also: other files that take part, in which it may be argued too.
        mild: True where it is worth no more than a note.
    """
    severity: Severity = "info" if mild else SEVERITIES[code]
    return Finding(
        Complaint(file=file, line=max(line, 1), severity=severity, code=code, message=message, hint=hint), also
    )


def severity_of(code: str) -> Severity | None:
    """Return the severity of any code, parsing's included; None for a code that does not exist."""
    return SEVERITIES.get(code) or PARSING.get(code)


def all_codes() -> tuple[str, ...]:
    """Return every code that a finding can have, parsing's first."""
    return (*PARSING, *SEVERITIES)


def may_be_argued(code: str) -> bool:
    """Tell whether a comment in the file can answer a finding of this code."""
    severity = severity_of(code)
    return code in ARGUABLE_ERRORS or (code not in ABOUT_ARGUING and severity is not None and severity != "error")
