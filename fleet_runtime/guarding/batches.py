"""Judge many replies from outside: what a line of a file says, what is found in it, and how that fits its labels.

Reads no file and writes none. A line that cannot be read is an error of its own and keeps no other from its verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import AliasChoices, ConfigDict, Field, ValidationError, field_validator

from fleet_runtime.contracts import Value
from fleet_runtime.errors import MessageError
from fleet_runtime.guarding.cutting import SentenceCutter
from fleet_runtime.guarding.evidence import Evidence
from fleet_runtime.guarding.guard import Guard
from fleet_runtime.guarding.readings import Readings
from fleet_runtime.records import Finding

_HINT = 'write one JSON object a line: {"reply": "...", "evidence": ["..."]}'
_WRONG = frozenset({"bad", "unsupported", "false", "1"})


class GuardCase(Value):
    """One reply with its evidence, and its label where it has one; keys that nobody asks for are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    reply: str
    evidence: tuple[str, ...] = ()
    id: str | int | None = None
    names: tuple[str, ...] = ()
    done: tuple[str, ...] = Field((), validation_alias=AliasChoices("done", "actions"))
    foreign: tuple[str, ...] = Field((), validation_alias=AliasChoices("foreign", "other_accounts"))
    system: str = Field("", validation_alias=AliasChoices("system", "contract"))
    said_at: datetime | None = Field(None, validation_alias=AliasChoices("said_at", "at"))
    bad: bool | None = None
    label: Literal["bad", "good", "unsupported", "supported"] | None = Field(
        None, validation_alias=AliasChoices("label", "expected")
    )
    claims: tuple[str, ...] | None = Field(None, validation_alias=AliasChoices("claims", "unsupported"))

    @field_validator("done", "foreign", "names", "evidence", mode="before")
    @classmethod
    def _listed(cls, given: object) -> object:
        """Take one string for a row of one, and nothing for none."""
        return (given,) if isinstance(given, str) else given or ()

    @field_validator("system", mode="before")
    @classmethod
    def _said(cls, given: object) -> object:
        """Take nothing for no contract."""
        return given or ""

    @property
    def is_bad(self) -> bool | None:
        """Tell what the label says; None where there is none."""
        if self.bad is not None:
            return self.bad
        if self.label is not None:
            return self.label in _WRONG
        return bool(self.claims) if self.claims is not None else None

    def as_evidence(self) -> Evidence:
        """Return what the reply may rest on."""
        return Evidence(texts=self.evidence, names=self.names, done=self.done, foreign=self.foreign, system=self.system)


class GuardVerdict(Value):
    """What was found in one reply; ``released`` are the sentences that pass, as they were written."""

    id: str | int
    ok: bool
    findings: tuple[Finding, ...]
    released: str


class Score(Value):
    """How verdicts fit the labels; a share of nothing is 1 for recall and precision, 0 for false alarms."""

    bad: int
    found: int
    good: int
    alarms: int
    by_kind: tuple[tuple[str, int], ...] = ()

    @property
    def recall(self) -> float:
        """The share (0..1) of bad replies in which a labelled claim was found."""
        return self.found / self.bad if self.bad else 1.0

    @property
    def false_alarms(self) -> float:
        """The share (0..1) of good replies that were objected to."""
        return self.alarms / self.good if self.good else 0.0

    @property
    def precision(self) -> float:
        """The share (0..1) of what was objected to that was bad."""
        objected = self.found + self.alarms
        return self.found / objected if objected else 1.0

    def summary(self) -> str:
        """Say it on one line."""
        kinds = ", ".join(f"{kind} {count}" for kind, count in self.by_kind) or "none"
        return (
            f"found {self.found}/{self.bad} bad replies (recall {self.recall:.3f}), "
            f"false alarms {self.alarms}/{self.good} ({self.false_alarms:.3f}), "
            f"precision {self.precision:.3f}; findings by kind: {kinds}"
        )


def read_cases(text: str, source: str) -> Iterator[tuple[int, GuardCase | MessageError]]:
    """Yield each line's number with its case, or with the error that names ``source`` and the line."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, GuardCase.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            problem = f"{place}: {first['msg']}" if place else first["msg"]
            wrong = MessageError(f"{source}:{number}: {problem}", hint=_HINT)
            wrong.__cause__ = error
            yield number, wrong


def judge(case: GuardCase, number: int, now: datetime, readings: Readings | None = None) -> GuardVerdict:
    """Check one reply.

    Args:
        case: The reply with its evidence.
        number: Its line, which names it where it has no id of its own.
        now: When it was said, unless it says so itself.
        readings: What was read before; see `Guard`.
    """
    said_at = case.said_at or now
    guard = Guard(case.as_evidence(), said_at if said_at.tzinfo else said_at.replace(tzinfo=UTC), readings)
    findings = guard.check(case.reply)
    wrong = {finding.sentence for finding in findings}
    cutter = SentenceCutter()
    pieces = [*cutter.feed(case.reply), cutter.rest()]
    released = "".join(piece for piece in pieces if not any(sentence in piece for sentence in wrong)).strip()
    return GuardVerdict(
        id=number if case.id is None else case.id, ok=not findings, findings=findings, released=released
    )


def is_hit(case: GuardCase, findings: Sequence[Finding]) -> bool:
    """Tell whether a finding lies in a sentence that holds a labelled claim, or anywhere where none is labelled."""
    claims = [_plain(claim) for claim in case.claims or () if claim.strip()]
    if not claims:
        return bool(findings)
    said = [_plain(finding.sentence) for finding in findings]
    return any(claim in sentence or sentence in claim for sentence in said for claim in claims)


def score(judged: Sequence[tuple[GuardCase, Sequence[Finding]]]) -> Score:
    """Count how findings fit the labels; a case without one counts for nothing."""
    bad = [is_hit(case, findings) for case, findings in judged if case.is_bad]
    good = [bool(findings) for case, findings in judged if case.is_bad is False]
    kinds = Counter(kind for _, findings in judged for kind in {finding.kind for finding in findings})
    return Score(bad=len(bad), found=sum(bad), good=len(good), alarms=sum(good), by_kind=tuple(kinds.most_common()))


def _plain(text: str) -> str:
    """Bring blanks to one each, and letters to small ones."""
    return " ".join(text.lower().split())
