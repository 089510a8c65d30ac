"""One message, one decision: nomination, the nominee's boundaries, the shortlist, or nobody.

Pure and deterministic: the same query, index and vectors give the same decision. No model is asked,
and nothing a message says can lift a rule: an address nominates, the nominee's rules always apply.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fleet_runtime.decisions import Candidate, Decision
from fleet_runtime.ports import Vector
from fleet_runtime.routing.index import RoutingIndex
from fleet_runtime.routing.overriding import shipped_detector
from fleet_runtime.routing.query import RouteQuery
from fleet_runtime.routing.readings import LexicalReading, dense_reading
from fleet_runtime.routing.reasons import Story, line
from fleet_runtime.routing.vectors import VectorTable
from fleet_runtime.routing.weighing import Evidence, Outcome

_CANDIDATES = 8
_HOPS = 3  # a message is passed on at most so often before it counts as nobody's
_LINES = 2  # lines quoted for a candidate


class _Walk(NamedTuple):
    """Where a message came to rest: who takes it, what moved it first, and every role that refused it."""

    choice: str | None
    refused_by: tuple[str, ...] = ()
    first: Outcome | None = None
    declined: Outcome | None = None
    belief: float = 0.0


def route(
    query: RouteQuery, index: RoutingIndex, *, vectors: Sequence[Vector] | None = None, decision_id: str
) -> Decision:
    """Decide who takes a message.

    Args:
        query: the message; its ``message_vectors`` are those of ``query.texts()``.
        index: the staff's contracts, from `build_index`.
        vectors: one unit vector per ``index.texts()``, in order; pass the same object each time, and it is read
            once. Without them, or without the message's, words alone decide, with weights and cuts of their own.
        decision_id: the id that the decision shall have.

    Returns:
        The decision with candidates, the rule that decided (if one did) and a reason for people. A
        role whose rule was hit is never the choice, except with the verdict ``decline``.
    """
    dense = dense_reading(query, index, vectors)
    evidence = Evidence(
        query, index, LexicalReading(query, index), dense, override=_override(query, vectors if dense else None)
    )
    return decide(query, evidence, decision_id=decision_id)


def decide(query: RouteQuery, evidence: Evidence, *, decision_id: str) -> Decision:
    """Decide from evidence that was gathered already; arguments and result as of `route`."""
    index = evidence.index
    active = query.active_role if query.active_role in index.classes else None
    addressed = _addressed(query, index)
    nominee = addressed or active
    opening = evidence.outcomes(nominee)
    walk = _walk(nominee, evidence) if nominee is not None else _front(opening, evidence)
    number = walk.first.rule if walk.first is not None else None
    rule = index.rules[number] if number is not None else None
    declined = walk.declined is not None and walk.refused_by == (active,)
    story = Story(
        choice=active if declined else walk.choice,
        active=active,
        addressed=addressed,
        refused_by=walk.refused_by,
        rule=rule,
        moved=walk.first is not None,
        declined=declined,
    )
    candidates = _candidates(opening, evidence)
    involved = (active, addressed, *walk.refused_by, story.choice, *(candidate.role for candidate in candidates))
    return Decision(
        id=decision_id,
        verdict=story.verdict,
        choice=story.choice,
        active_role=active,
        stage=story.stage,
        confidence=round(walk.belief, 4),
        none_score=round(next(one.belief for one in opening if one.kind == "nobody"), 4),
        candidates=candidates,
        rule=rule.hit(round(walk.belief, 4)) if rule is not None else None,
        reason=story.sentence(query.wish()),
        role_hashes={name: index.hashes[name] for name in dict.fromkeys(involved) if name is not None},
    )


def _override(query: RouteQuery, vectors: Sequence[Vector] | None) -> float:
    """Tell how much a message looks like an attempt to talk a role out of its lane, as a logit."""
    encoder = vectors.encoder if isinstance(vectors, VectorTable) else ""
    return shipped_detector(encoder).logit((query.wish(), *query.clauses()), query.message_vectors)


def _addressed(query: RouteQuery, index: RoutingIndex) -> str | None:
    """Return the staffed role addressed in the call or at the message's front; unknown names are mere text."""
    return next((name for name in (query.addressed, query.address()) if name in index.classes), None)


def _front(opening: Sequence[Outcome], evidence: Evidence) -> _Walk:
    """Nominate the likeliest role for a message that nobody holds yet, if it is not likelier nobody's.

    Where the nominee refuses and its contract names no owner, the role whose work is of that kind takes it.
    """
    best = next((one for one in opening if one.kind == "role" and one.role is not None), None)
    nobody = next(one.belief for one in opening if one.kind == "nobody")
    if best is None or best.role is None or best.belief < nobody:
        return _Walk(choice=None, belief=nobody)
    walk = _walk(best.role, evidence)
    kin = evidence.kin_of(walk.declined.rule) if walk.declined is not None else None
    if kin is None or kin == best.role:
        return walk
    return _Walk(choice=kin, refused_by=walk.refused_by, first=walk.first, belief=walk.belief)


def _walk(nominee: str, evidence: Evidence) -> _Walk:
    """Apply the nominee's rules, then those of whoever they lead to, until a role may keep the message.

    ``belief`` is that of the first move, or of staying. A rule without an owner stops the nominee only:
    whoever the message was handed to takes it with that refusal in force.
    """
    first: Outcome | None = None
    refused_by: tuple[str, ...] = ()
    holder = nominee
    for _ in range(_HOPS + 1):
        outcomes = evidence.outcomes(holder, without=frozenset(refused_by))
        move = _move(outcomes, onward=evidence.model.onward, passing=first is not None)
        if move is None or (move.kind == "refused" and first is not None):
            kept = next(one.belief for one in outcomes if one.kind == "own")
            return _Walk(choice=holder, refused_by=refused_by, first=first, belief=first.belief if first else kept)
        if move.kind == "refused":
            return _Walk(choice=None, refused_by=(holder,), first=move, declined=move, belief=move.belief)
        if move.role is None:
            return _Walk(choice=None, belief=move.belief)
        first = first or move
        refused_by = (*refused_by, holder)
        holder = move.role
    return _Walk(choice=None, refused_by=refused_by, first=first, belief=first.belief if first else 0.0)


def _move(outcomes: Sequence[Outcome], *, onward: float, passing: bool) -> Outcome | None:
    """Return what takes the message away from its holder, or None when it stays: whatever is believed most.

    ``passing``: the message is already on its way; then only a rule of the holder moves it further, and
    one whose share against staying and nobody is at least ``onward``.
    """
    kept = next(one for one in outcomes if one.kind == "own")
    nobody = next(one for one in outcomes if one.kind == "nobody")
    hit = _strongest_rule(outcomes)
    if passing:
        clear = hit is not None and hit.belief >= onward * (hit.belief + kept.belief + nobody.belief)
        return hit if clear and hit is not None and hit.belief > kept.belief else None
    elsewhere = next((one for one in outcomes if one.kind == "role" and one.rule is None), None)
    likeliest = max((one for one in (kept, hit, elsewhere, nobody) if one is not None), key=lambda one: one.belief)
    return None if likeliest is kept else likeliest


def _strongest_rule(outcomes: Sequence[Outcome]) -> Outcome | None:
    """Return the likeliest outcome under a rule, with the belief in all outcomes that the same rule leads to."""
    shares: dict[int, float] = {}
    for one in outcomes:
        if one.rule is not None:
            shares[one.rule] = shares.get(one.rule, 0.0) + one.belief
    if not shares:
        return None
    rule = max(shares, key=lambda number: (shares[number], -number))
    likeliest = next(one for one in outcomes if one.rule == rule)
    return likeliest._replace(belief=shares[rule])


def _candidates(opening: Sequence[Outcome], evidence: Evidence) -> tuple[Candidate, ...]:
    """Return the likeliest roles with the lines of theirs that came nearest."""
    believed: dict[str, float] = {}
    for one in opening:
        if one.kind in ("own", "role") and one.role is not None:
            believed[one.role] = believed.get(one.role, 0.0) + one.belief
    best = sorted(believed, key=lambda name: (-believed[name], name))[:_CANDIDATES]
    return tuple(
        Candidate(
            role=name,
            score=round(believed[name], 4),
            reasons=tuple(
                line(evidence.index.passages[number], name) for _, number in evidence.spoke_for(name)[:_LINES]
            ),
        )
        for name in best
    )
