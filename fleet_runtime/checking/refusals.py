"""Topics that nobody takes: refused by both sides, or handed round in a circle. Judges hand-offs only.

Boundaries are nodes; one leads to the boundaries of its owners that refuse the same topic. An owner that
refuses nothing of the kind keeps the work: there the topic has an exit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleet_runtime.checking.codes import Finding, finding
from fleet_runtime.checking.lines import Lines, Refusal, excerpt

_ALIKE: Final = 0.6
"""From here on two boundaries refuse one topic, by their words,"""
_SAME_MEANING: Final = 0.8
"""and here by their meaning."""
_AS_GOOD: Final = 0.1
"""Boundaries of one owner that are so much less alike than its nearest are not meant."""
_LONGEST_CIRCLE: Final = 8


def judge_refusals(lines: Lines) -> Iterator[Finding]:
    """Find the topics without an exit, at every boundary that takes part."""
    onward = [_onward(number, lines) for number in range(len(lines.refusals))]
    closed = _closed(onward, lines)
    for number in sorted(closed):
        mine = lines.refusals[number]
        back = next((other for other in onward[number] or () if _ends_with(lines.refusals[other], mine)), None)
        if back is not None:
            yield _refused_by_both(mine, lines.refusals[back])
            continue
        circle = _circle(number, onward, lines)
        if circle:
            yield _passed_round([lines.refusals[step] for step in circle])


def _onward(number: int, lines: Lines) -> list[int] | None:
    """Return the boundaries that the topic of one leads to; None where somebody keeps it."""
    mine = lines.refusals[number].boundary
    if mine.owner_domain and not mine.owners:
        return None
    found: list[int] = []
    for owner in mine.owners:
        refusing = _refusing(number, owner, lines)
        if not refusing:
            return None
        found.extend(refusing)
    return found


def _refusing(number: int, owner: str, lines: Lines) -> list[int]:
    """Return the boundaries by which an owner refuses what it is handed; the nearest, and those nearly as near."""
    alike: dict[int, float] = {}
    for other in lines.refusals_of.get(owner, ()):
        meaning = lines.meaning(lines.refused(number), lines.refused(other))
        nearness = max(_by_words(number, other, lines) / _ALIKE, meaning / _SAME_MEANING)
        if nearness >= 1:
            alike[other] = nearness
    best = max(alike.values(), default=0.0)
    return [other for other, nearness in alike.items() if nearness >= best - _AS_GOOD]


def _by_words(one: int, other: int, lines: Lines) -> float:
    """Return how alike two boundaries are by their words; one message under both makes them one."""
    mine, theirs = lines.refusals[one].boundary, lines.refusals[other].boundary
    if not set(mine.examples).isdisjoint(theirs.examples):
        return 1.0
    return lines.told(one, other)


def _closed(onward: list[list[int] | None], lines: Lines) -> set[int]:
    """Return the boundaries whose topic never reaches anybody who keeps it."""
    before: dict[int, list[int]] = {}
    for number, after in enumerate(onward):
        for other in after or ():
            before.setdefault(other, []).append(number)
    pending = [number for number, after in enumerate(onward) if after is None]
    closed = set(range(len(lines.refusals))) - set(pending)
    while pending:
        freed = [number for number in before.get(pending.pop(), ()) if number in closed]
        closed.difference_update(freed)
        pending.extend(freed)
    return closed


def _ends_with(theirs: Refusal, mine: Refusal) -> bool:
    """Tell whether a boundary hands the topic back to the role that it came from, or to nobody."""
    boundary = theirs.boundary
    return mine.role.role_class in boundary.owners or not (boundary.owners or boundary.owner_domain)


def _circle(start: int, onward: list[list[int] | None], lines: Lines) -> list[int]:
    """Return the shortest way by which a topic comes back to the role that it left, as boundaries; empty if none."""
    home = lines.refusals[start].role.role_class
    ways = [[start]]
    seen = {start}
    while ways:
        way = ways.pop(0)
        if home in lines.refusals[way[-1]].boundary.owners and len(way) > 1:
            return way
        for other in onward[way[-1]] or ():
            if other not in seen and len(way) < _LONGEST_CIRCLE:
                seen.add(other)
                ways.append([*way, other])
    return []


def _refused_by_both(mine: Refusal, theirs: Refusal) -> Finding:
    """Say that the role that a topic is handed to refuses it too."""
    owner = theirs.role.role_class
    back = "hands it back" if theirs.boundary.owners else "names nobody for it"
    return finding(
        "refused-by-everyone",
        mine.role.source,
        mine.boundary.line,
        f'"{excerpt(mine.label)}" is handed to {owner}, which refuses it as well and {back}:'
        f' {theirs.where} "{excerpt(theirs.label)}"',
        "let one of the two keep the work, or name a third role in both",
        also=(theirs.role.source,),
    )


def _passed_round(circle: list[Refusal]) -> Finding:
    """Say that a topic comes back to where it started."""
    mine = circle[0]
    way = " → ".join(f'{one.role.role_class} ({one.where} "{excerpt(one.label, 50)}")' for one in circle)
    return finding(
        "hand-off-cycle",
        mine.role.source,
        mine.boundary.line,
        f"the topic is passed round and comes back: {way} → {mine.role.role_class}",
        "let one of these roles keep the work: drop the boundary there, or name an owner outside the circle",
        also=tuple(one.role.source for one in circle[1:]),
    )
