"""The whole check: every judge is asked, and what the files argue is set apart. Reads no file and prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from fleet_runtime.checking.arguing import BY_MEANING, Arguments, split
from fleet_runtime.checking.codes import BOUNDARY_GONE, SEVERITIES, Finding
from fleet_runtime.checking.examples import judge_examples
from fleet_runtime.checking.lines import Lines
from fleet_runtime.checking.mandates import judge_contradictions, judge_overlaps
from fleet_runtime.checking.motions import judge_motions
from fleet_runtime.checking.names import judge_classes, judge_owners, judge_profiles
from fleet_runtime.checking.organisation import Organisation
from fleet_runtime.checking.prompts import judge_prompts
from fleet_runtime.checking.refusals import judge_refusals
from fleet_runtime.checking.staffing import judge_reach, judge_staff
from fleet_runtime.contracts import Role, Value
from fleet_runtime.parsing import Complaint
from fleet_runtime.ports import TextVectors

_BY_PROFILE: Final = frozenset({"owner-not-staffed", "unreachable-class"})
"""Codes that depend on the profiles in sight: an argument for one may be for another run."""


class Report(Value):
    """What came of a check: findings that stand and findings that are argued, by file and line; how much was read."""

    findings: tuple[Complaint, ...]
    argued: tuple[Complaint, ...]
    roles: int
    profiles: int

    def count(self, severity: str) -> int:
        """Return how many findings of a severity stand."""
        return sum(one.severity == severity for one in self.findings)


def check(
    organisation: Organisation,
    *,
    prompt_tokens: Callable[[Role], int] | None = None,
    prompt_budget: int = 4000,
    vectors: TextVectors | None = None,
) -> Report:
    """Judge an organisation.

    Args:
        organisation: what `organise` made of the sources.
        prompt_tokens: estimates a role's compiled stable prefix; without it no prompt is judged.
        prompt_budget: how many tokens it may take.
        vectors: unit vectors of `texts_to_embed`; with them lines are compared by meaning as well, and examples
            are sent through the dispatcher.
    """
    found = [*_parsing(organisation), *_judged(organisation, vectors)]
    if prompt_tokens is not None:
        found += judge_prompts(organisation, prompt_tokens, prompt_budget)
    if vectors is not None:
        from fleet_runtime.checking.dispatching import judge_dispatch  # noqa: PLC0415 - loads routing

        found += judge_dispatch(organisation, vectors)
    reported = organisation.reported()
    arguments = Arguments(organisation)
    stand, argued = split((one for one in found if one.complaint.file in reported), arguments)
    unjudged = _unjudged(deep=vectors is not None, prompts=prompt_tokens is not None)
    profiles = {file.file for file, _ in organisation.judged()}
    about = arguments.judge(
        lambda file, code: code not in unjudged or (code == "owner-not-staffed" and file in profiles)
    )
    stand += [one.complaint for one in about if one.complaint.file in reported]
    return Report(
        findings=_ordered(stand),
        argued=_ordered(argued),
        roles=sum(file.file in reported for file in organisation.role_files),
        profiles=sum(file.file in reported for file in organisation.profile_files),
    )


def texts_to_embed(organisation: Organisation) -> tuple[str, ...]:
    """Return the texts whose vectors a deep check looks up, each once; those of one role stand together."""
    from fleet_runtime.checking.dispatching import dispatched_texts  # noqa: PLC0415 - loads routing

    return tuple(dict.fromkeys([*dispatched_texts(organisation), *Lines(organisation).texts]))


def _parsing(organisation: Organisation) -> Iterator[Finding]:
    """Give what reading the files complained of."""
    for file in organisation.files():
        yield from (Finding(complaint) for complaint in file.complaints)


def _judged(organisation: Organisation, vectors: TextVectors | None) -> Iterator[Finding]:
    """Ask every judge that needs nothing but the organisation, and vectors where there are any."""
    lines = Lines(organisation, vectors.by_text if vectors else None)
    yield from judge_classes(organisation)
    yield from judge_owners(organisation)
    yield from judge_profiles(organisation)
    yield from judge_staff(organisation)
    yield from judge_reach(organisation)
    yield from judge_examples(organisation)
    yield from judge_motions(organisation)
    yield from judge_refusals(lines)
    yield from judge_contradictions(lines)
    yield from judge_overlaps(lines)


def _unjudged(*, deep: bool, prompts: bool) -> frozenset[str]:
    """Return the codes for which an argument cannot be called unused after this run."""
    codes = {*_BY_PROFILE, BOUNDARY_GONE}
    if not deep:
        codes |= BY_MEANING | {"example-sent-elsewhere"}
    if not prompts:
        codes.add("prompt-over-budget")
    return frozenset(codes & SEVERITIES.keys())


def _ordered(findings: list[Complaint]) -> tuple[Complaint, ...]:
    """Sort by file and line; those of one line by code and message."""
    return tuple(sorted(findings, key=lambda one: (one.file, one.line, one.code, one.message)))
