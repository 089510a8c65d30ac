"""Puts what came of testing roles into lines, table rows and JSON. Prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from fleet_runtime import documents
from fleet_runtime.checking.places import message_lines
from fleet_runtime.cli.role_probes import Outcome
from fleet_runtime.probing import (
    KINDS,
    BrokenReference,
    Bullet,
    BulletResult,
    MutantResult,
    ProbeKind,
    ProbeResult,
)
from fleet_runtime.probing.judging import counted

_SHOWN: Final = 3  # messages of a failure that are quoted
_QUOTED: Final = 90
_PARTS: Final = {"mandate": "mandate bullet", "examples": "section", "boundary": "boundary"}


def table_rows(outcome: Outcome) -> list[tuple[str, ...]]:
    """Give each role its counts, by kind of probe."""
    return [(name, *(_share(*counts[kind]) for kind in KINDS)) for name, counts in _counts(outcome.results).items()]


def report_lines(outcome: Outcome) -> Iterator[str]:
    """Give every failure with its place, what went where and what to do; then mutants; then the sum."""
    for result in outcome.results:
        if result.failed:
            yield from _failure(result, outcome)
    for one in outcome.broken:
        yield from _broken(one, outcome)
    for one in outcome.argued:
        yield f"argued: shipped {one.agreed.bullet.where} {_named(one.agreed.bullet)} is left out"
    if outcome.mutants is not None:
        yield from _mutant_lines(outcome.mutants)
    yield _sum(outcome)


def as_json(outcome: Outcome) -> dict[str, object]:
    """Give all that is known, in the form that other programs rely on."""
    return {
        "words_only": outcome.by_words,
        "failures": outcome.failures,
        "roles": [
            {"class": name, **{kind: {"holds": held, "of": total} for kind, (held, total) in counts.items()}}
            for name, counts in _counts(outcome.results).items()
        ],
        "bullets": [_bullet_json(result) for result in outcome.results],
        "probes": [_probe_json(one) for result in outcome.results for one in result.results],
        "broken": [_broken_json(one) for one in outcome.broken],
        "argued": [_broken_json(one) for one in outcome.argued],
        "mutants": None if outcome.mutants is None else [mutant.model_dump() for mutant in outcome.mutants],
    }


def _failure(result: BulletResult, outcome: Outcome) -> Iterator[str]:
    """Say what of a bullet does not hold, and what to do."""
    bullet = result.bullet
    counts = ", ".join(f"{kind} {_share(*result.count(kind))}" for kind in result.failed)
    yield f"{bullet.where}: {_named(bullet)} does not hold: {counts}"
    missed = [one for one in result.results if one.probe.kind in result.failed and not one.holds]
    yield from _quoted(missed, outcome)
    yield f"  hint: {_advice(result)}"


def _broken(one: BrokenReference, outcome: Outcome) -> Iterator[str]:
    """Say that something agreed to does not hold any more."""
    bullet = one.agreed.bullet
    held = sum(result.holds for result in one.results)
    if one.agreed.origin == "shipped":
        yield f"shipped {bullet.where}: {_named(bullet)} is not in {bullet.role}'s own contract: {_kept(one)}"
        hint = (
            "put it back, say it in words of your own, or argue: <!-- check: allow shipped-boundary-gone — reason -->"
        )
    else:
        gone = "is gone" if one.gone else "is weakened"
        yield f"{bullet.where}: recorded {_named(bullet)} {gone}: {_share(held, len(one.results))} of its probes hold"
        hint = "put it back, or agree to the change with: fleet test-roles --record FILE"
    yield from _quoted([result for result in one.results if not result.holds], outcome)
    yield f"  hint: {hint}"


def _kept(one: BrokenReference) -> str:
    """Say how many messages no boundary moves any more."""
    lost = sum(not result.holds for result in one.results)
    return f"no new boundary moves {lost} of {len(one.results)} messages that it refused"


def _quoted(missed: Sequence[ProbeResult], outcome: Outcome) -> Iterator[str]:
    """Quote a few of the probes that do not hold; a message that is probed twice is quoted once."""
    once = list({one.probe.text: one for one in reversed(missed)}.values())[::-1]
    for one in once[:_SHOWN]:
        yield f"  {_line_of(one, outcome)}'{_short(one.probe.text)}' {one.went}"
    if len(once) > _SHOWN:
        yield f"  and {len(once) - _SHOWN} more"


def _line_of(one: ProbeResult, outcome: Outcome) -> str:
    """Return ``file:line: `` of a contract's own message; nothing for what was made of a bullet."""
    role = outcome.staff.get(one.probe.role)
    if not one.probe.learned or role is None or not role.source:
        return ""
    lines = message_lines(documents.read_text(Path(role.source)), one.probe.learned)
    return f"{one.probe.where.partition(':')[0]}:{lines[-1]}: " if lines else ""


def _advice(result: BulletResult) -> str:
    """Say what helps."""
    bullet = result.bullet
    if bullet.part != "boundary":
        return "write more messages of the kind under ## Examples, or say in the mandate whose work it is"
    owners = list(dict.fromkeys(owner for probe in bullet.probes for owner in probe.owners))
    if result.failed == ("hand-off",) and owners:
        return f"write more messages of the kind under the boundary, and as examples of {' or '.join(owners)}"
    return "write more messages of the kind under the boundary, as people say them"


def _mutant_lines(mutants: Sequence[MutantResult]) -> Iterator[str]:
    """Say which boundaries nothing tests, and the share of those that something does."""
    for mutant in mutants:
        if mutant.fate == "survived":
            yield (
                f"{mutant.where}: survives: without '{_short(mutant.label)}'"
                f" {mutant.held} of {mutant.probes} probes still hold"
            )
            yield "  hint: another boundary or mandate covers its messages; write some that only this one refuses"
    fates = [mutant.fate for mutant in mutants]
    killed, judged = fates.count("killed"), len(fates) - fates.count("failing already")
    share = f" ({killed / judged:.0%})" if judged else ""
    failing = fates.count("failing already")
    yield f"mutants: {killed} of {judged} killed{share}" + (f"; {failing} fail already" if failing else "")


def _sum(outcome: Outcome) -> str:
    """Sum up."""
    probes = sum(len(result.results) for result in outcome.results)
    weak = sum(len(result.weak) for result in outcome.results)
    roles = len({result.bullet.role for result in outcome.results})
    by = "by words alone" if outcome.by_words else "by words and vectors"
    failing = f"{outcome.failures} {'failure' if outcome.failures == 1 else 'failures'}"
    return f"{roles} {'role' if roles == 1 else 'roles'}, {probes} probes {by}: {failing}, {weak} single probes weak"


def _counts(results: Sequence[BulletResult]) -> dict[str, dict[ProbeKind, tuple[int, int]]]:
    """Count the probes that hold, by role and kind."""
    of_role: dict[str, list[ProbeResult]] = {}
    for result in results:
        of_role.setdefault(result.bullet.role, []).extend(result.results)
    return {name: {kind: counted(probes, kind) for kind in KINDS} for name, probes in of_role.items()}


def _bullet_json(result: BulletResult) -> dict[str, object]:
    """Give one bullet and its verdict."""
    bullet = result.bullet
    return {
        "role": bullet.role,
        "part": bullet.part,
        "where": bullet.where,
        "text": bullet.text,
        "holds": not result.failed,
        "failed": list(result.failed),
    }


def _probe_json(one: ProbeResult) -> dict[str, object]:
    """Give one probe and what became of it."""
    probe, decision = one.probe, one.decision
    return {
        "id": probe.id,
        "kind": probe.kind,
        "role": probe.role,
        "text": probe.text,
        "allowed": probe.allowed,
        "owners": list(probe.owners),
        "where": probe.where,
        "holds": one.holds,
        "verdict": decision.verdict,
        "choice": decision.choice,
        "stage": decision.stage,
        "rule": decision.rule.where if decision.rule is not None else None,
        "confidence": decision.confidence,
    }


def _broken_json(one: BrokenReference) -> dict[str, object]:
    """Give something agreed to that does not hold any more."""
    bullet = one.agreed.bullet
    return {
        "origin": one.agreed.origin,
        "role": bullet.role,
        "part": bullet.part,
        "where": bullet.where,
        "text": bullet.text,
        "gone": one.gone,
        "probes": [_probe_json(result) for result in one.results],
    }


def _named(bullet: Bullet) -> str:
    """Name a bullet as it is quoted."""
    return f"{_PARTS[bullet.part]} '{_short(bullet.label)}'"


def _share(held: int, total: int) -> str:
    """Write a share of probes."""
    return f"{held}/{total}" if total else "-"


def _short(text: str) -> str:
    """Bring a text onto one line that can be quoted."""
    plain = " ".join(text.split())
    return plain if len(plain) <= _QUOTED else f"{plain[:_QUOTED].rsplit(' ', 1)[0]} ..."
