"""Findings that a file answers with a comment: ``check: allow CODE — reason``. Finds no fault but in the comments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from fleet_runtime.checking.codes import Finding, all_codes, finding, may_be_argued
from fleet_runtime.checking.names import near
from fleet_runtime.checking.organisation import Organisation
from fleet_runtime.parsing import Complaint
from fleet_runtime.parsing.allowances import Allowance

BY_MEANING: Final = frozenset(
    {"refused-by-everyone", "hand-off-cycle", "boundary-contradicts-mandate", "overlapping-mandates"}
)
"""Codes that vectors find more of: without them an argument for one may only seem unused."""


class Arguments:
    """The allow comments of all files; each is sound, or a finding itself."""

    def __init__(self, organisation: Organisation) -> None:
        """Collect the comments by file."""
        self._given: dict[str, tuple[Allowance, ...]] = {file.file: file.allowances for file in organisation.files()}
        self._used: set[tuple[str, str]] = set()

    def covers(self, found: Finding) -> bool:
        """Tell whether a file that takes part argues the finding; its comments then count as used."""
        code = found.complaint.code
        if not may_be_argued(code):
            return False
        files = [file for file in (found.complaint.file, *found.also) if self._allows(file, code)]
        self._used.update((file, code) for file in files)
        return bool(files)

    def judge(self, judged: Callable[[str, str], bool]) -> Iterator[Finding]:
        """Find comments without a reason, for codes that do not exist, and for findings that are not there.

        ``judged`` tells of a file and a code whether this run looked for it there; nothing else can be unused.
        """
        for file, allowances in self._given.items():
            for allowance in allowances:
                yield from _unsound(file, allowance) or self._unused(file, allowance, judged)

    def _allows(self, file: str, code: str) -> bool:
        """Tell whether a file argues a code with a reason."""
        return any(allowance.code == code and allowance.reason for allowance in self._given.get(file, ()))

    def _unused(self, file: str, allowance: Allowance, judged: Callable[[str, str], bool]) -> Iterable[Finding]:
        """Say that a comment answers nothing."""
        code = allowance.code
        if not may_be_argued(code):
            message, hint = f"{code} cannot be argued", "mend what it finds, and delete the comment"
        elif judged(file, code) and (file, code) not in self._used:
            message, hint = f"there is no finding {code} in this file", "delete the comment"
        else:
            return ()
        return (finding("unused-allow", file, allowance.line, message, hint),)


def _unsound(file: str, allowance: Allowance) -> tuple[Finding, ...]:
    """Say what a comment lacks."""
    known = all_codes()
    if allowance.code not in known:
        message = f"{allowance.code[:40]!r} is no code of a finding"
        return (finding("unknown-allow-code", file, allowance.line, message, near(allowance.code, known)),)
    if not allowance.reason:
        form = f"check: allow {allowance.code} — why it is right here"
        return (finding("allow-without-reason", file, allowance.line, "no reason is given", f"write: {form}"),)
    return ()


def split(found: Iterable[Finding], arguments: Arguments) -> tuple[list[Complaint], list[Complaint]]:
    """Return the findings that stand, and those that are argued."""
    stand: list[Complaint] = []
    argued: list[Complaint] = []
    for one in found:
        (argued if arguments.covers(one) else stand).append(one.complaint)
    return stand, argued
