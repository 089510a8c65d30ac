"""The verdict on a bullet: whether its probes move as they must.

The dispatcher weighs likelihoods, so a single probe may go astray in a sound contract: it is weak, and no failure.
A bullet fails where of one kind of its probes fewer than half hold. Half is where chance tells best: of four messages,
each right three times in four, one bullet in twenty fails by bad luck; with a stricter cut it would be one in four,
and a deleted boundary loses nearly all. Decides no probe itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from fleet_runtime.contracts import Value
from fleet_runtime.decisions import Decision
from fleet_runtime.probing.probes import KINDS, Bullet, Probe, ProbeKind


class ProbeResult(Value):
    """What became of one probe."""

    probe: Probe
    holds: bool
    decision: Decision

    @property
    def went(self) -> str:
        """Say where the message went."""
        decision = self.decision
        if decision.verdict == "decline":
            return f"is declined by {decision.choice}"
        if decision.choice == self.probe.role:
            return f"stays with {decision.choice}"
        by = f" by {decision.rule.where}" if decision.rule is not None else ", by no boundary"
        return f"goes to {decision.choice}{by}" if decision.choice else "is nobody's"


class BulletResult(Value):
    """What became of a bullet's probes."""

    bullet: Bullet
    results: tuple[ProbeResult, ...]

    def count(self, kind: ProbeKind) -> tuple[int, int]:
        """Return how many probes of a kind hold, and how many there are."""
        return counted(self.results, kind)

    @property
    def failed(self) -> tuple[ProbeKind, ...]:
        """Return the kinds of probes of which fewer than half hold."""
        return failed_kinds(self.results)

    @property
    def weak(self) -> tuple[ProbeResult, ...]:
        """Return the single probes that do not hold although their kind does."""
        failed = self.failed
        return tuple(one for one in self.results if not one.holds and one.probe.kind not in failed)


class Decider(Protocol):
    """Whatever decides probes."""

    def decide(self, probe: Probe) -> Decision:
        """Decide about a probe."""
        ...


def judge(bullets: Iterable[Bullet], bench: Decider) -> tuple[BulletResult, ...]:
    """Decide and judge all probes of some bullets."""
    return tuple(
        BulletResult(bullet=bullet, results=tuple(result_of(probe, bench) for probe in bullet.probes))
        for bullet in bullets
    )


def result_of(probe: Probe, bench: Decider) -> ProbeResult:
    """Decide one probe and tell whether it holds."""
    decision = bench.decide(probe)
    return ProbeResult(probe=probe, holds=holds(probe, decision), decision=decision)


def holds(probe: Probe, decision: Decision) -> bool:
    """Tell whether the decision is one that the probe allows.

    A hand-off must be the role's own: by one of its boundaries, to an owner or to whom that owner's contract sends it.
    What only gets there because the owner's mandate was louder is not held by the contract under test.
    """
    kept = decision.choice == probe.role and decision.verdict != "decline"
    if probe.allowed == "keep":
        return kept
    if probe.allowed == "not this role":
        return not kept
    if probe.allowed == "decline":
        return decision.verdict == "decline"
    rule = decision.rule
    if rule is None or rule.role != probe.role or decision.choice in (None, probe.role):
        return False
    return decision.choice in probe.owners or not set(probe.owners).isdisjoint(rule.owners)


def counted(results: Sequence[ProbeResult], kind: ProbeKind) -> tuple[int, int]:
    """Return how many probes of a kind hold, and how many there are."""
    of_kind = [one.holds for one in results if one.probe.kind == kind]
    return sum(of_kind), len(of_kind)


def failed_kinds(results: Sequence[ProbeResult]) -> tuple[ProbeKind, ...]:
    """Return the kinds of probes of which fewer than half hold; a kind without probes does not fail."""
    return tuple(kind for kind in KINDS if _fails(*counted(results, kind)))


def _fails(held: int, total: int) -> bool:
    """Tell whether fewer than half hold."""
    return 2 * held < total
