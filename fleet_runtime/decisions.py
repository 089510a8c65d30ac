"""The dispatcher's answer as data, with the trace of why. Decides nothing itself."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fleet_runtime.contracts import Value
from fleet_runtime.messages import Usage

Stage = Literal["address", "boundary", "owner", "shortlist", "adjudication", "nobody", "motion"]
Verdict = Literal["keep", "hand_off", "decline", "route", "nobody"]
ResolvedBy = Literal["name", "domain", "domain lead", "reporting line", "lead", "nobody"]


class Candidate(Value):
    """One role that was weighed; ``score`` is its share of belief (0..1), ``reasons`` the lines that spoke for it."""

    role: str
    score: float
    reasons: tuple[str, ...] = ()


class RuleHit(Value):
    """The boundary rule that decided: whose it is, where it stands, and how clearly it matched (0..1).

    ``named`` are the owners in the contract's words, ``owners`` those at work who take it, and ``resolved_by``
    says how the one led to the other: by name, or because nobody named is staffed, by somebody above.
    """

    role: str
    text: str
    where: str
    named: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    owner_domain: str | None = None
    resolved_by: ResolvedBy = "nobody"
    score: float = 0.0


class Decision(Value):
    """Who takes a message, and why.

    verdict: ``keep`` the active role answers; ``hand_off`` a boundary of the active role, or a
    clear mandate elsewhere, moves it to ``choice``; ``decline`` a boundary without an owner:
    ``choice`` stays the active role, which must not do the work; ``route`` no role was active
    and ``choice`` owns it; ``nobody`` no staffed role owns it (``choice`` is None).

    ``none_score`` is the belief that it is nobody's. ``seconds`` is the wall time that deciding took, ``usage``
    what an adjudicating model spent on it (nothing otherwise), ``at`` when it was decided.
    """

    id: str
    verdict: Verdict
    choice: str | None
    active_role: str | None = None
    stage: Stage
    confidence: float
    none_score: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    rule: RuleHit | None = None
    reason: str
    role_hashes: dict[str, str] = {}
    at: datetime | None = None
    seconds: float = 0.0
    usage: Usage = Usage()
