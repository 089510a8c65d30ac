"""Mandates that claim what another mandate claims, or what the role's own boundaries refuse. Judges no hand-off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleet_runtime.checking.codes import Finding, finding
from fleet_runtime.checking.lines import Claim, Lines, Refusal, excerpt
from fleet_runtime.lexical import words

_TITLES: Final = 0.62
"""From here on two titles name the same work, if the whole items are alike as well."""
_TITLES_TOUCH: Final = 0.2
"""Below this the items are not looked at: titles that name different work are meant to."""
_ITEMS: Final = 0.45
_SAME_ITEMS: Final = 0.54
_SAME_MEANING: Final = 0.8
_REFUSED: Final = 0.75
"""The share of what a boundary refuses that must stand in the mandate's title."""
_CLAIMED: Final = 0.5
"""The share of the title that the boundary must refuse."""
_THINGS: Final = 3
"""So many things at least must a boundary name to be held against the whole item, and not its title alone."""
_REFUSED_MEANING: Final = 0.82

_QUALIFYING: Final = frozenset(
    words("""
    without unless before until beyond alone itself himself herself except outside instead only unreviewed untested
    every else again twice during while after against
    """)
)
"""Words by which a boundary refuses a way of doing the work, and not the work."""

_PASSING_ON: Final = frozenset(words("delegate pass hand route brief escalate refer assign commission send ask"))
"""Verbs by which a mandate claims to give work away, which no refusal of that work contradicts."""


def judge_overlaps(lines: Lines) -> Iterator[Finding]:
    """Find pairs of mandate items of two roles that claim the same work; said in both files."""
    for one, other, titles in _pairs(lines):
        mine, theirs = lines.claims[one], lines.claims[other]
        if mine.role.role_class != theirs.role.role_class and _same_work(one, other, titles, lines):
            yield _overlap(mine, theirs)
            yield _overlap(theirs, mine)


def judge_contradictions(lines: Lines) -> Iterator[Finding]:
    """Find boundaries that refuse what the mandate of the same role claims."""
    claims: dict[str, list[int]] = {}
    for number, claim in enumerate(lines.claims):
        claims.setdefault(claim.role.role_class, []).append(number)
    for number, refusal in enumerate(lines.refusals):
        if _QUALIFYING.intersection(words(refusal.text)):
            continue
        refused = lines.refused(number)
        for claimed in claims.get(refusal.role.role_class, ()):
            if _contradicts(refused, claimed, lines):
                yield _contradiction(refusal, lines.claims[claimed])
                break


def _pairs(lines: Lines) -> Iterator[tuple[int, int, float]]:
    """Give the pairs of mandate items worth comparing and how alike their titles are; with vectors all pairs."""
    for one in range(len(lines.claims)):
        near = lines.likeness.near(one)
        others = range(one + 1, len(lines.claims)) if lines.has_vectors else near
        for other in others:
            titles = near.get(other, 0.0)
            if one < other < len(lines.claims) and (lines.has_vectors or titles >= _TITLES_TOUCH):
                yield one, other, titles


def _same_work(one: int, other: int, titles: float, lines: Lines) -> bool:
    """Tell whether two mandate items claim the same work."""
    if titles >= _TITLES_TOUCH:
        items = lines.likeness.whole(one, other)
        if items >= _SAME_ITEMS or (titles >= _TITLES and items >= _ITEMS):
            return True
    return lines.meaning(one, other) >= _SAME_MEANING


def _contradicts(refused: int, claimed: int, lines: Lines) -> bool:
    """Tell whether a boundary refuses a mandate item: it says little else, and little of the item is left."""
    likeness = lines.likeness
    if not likeness.shared(refused, claimed):
        return lines.meaning(refused, claimed) >= _REFUSED_MEANING
    if _PASSING_ON.intersection(words(lines.claims[claimed].item.title)[:1]):
        return False
    if likeness.shared(refused, claimed) >= _THINGS and likeness.said(refused, claimed) >= _REFUSED:
        return True
    if likeness.covered(refused, claimed) >= _REFUSED and likeness.covered(claimed, refused) >= _CLAIMED:
        return True
    return lines.meaning(refused, claimed) >= _REFUSED_MEANING


def _overlap(mine: Claim, theirs: Claim) -> Finding:
    """Say that another role claims the same work."""
    return finding(
        "overlapping-mandates",
        mine.role.source,
        mine.item.line,
        f'"{excerpt(mine.text)}" is claimed by {theirs.role.role_class} too: {theirs.where} "{excerpt(theirs.text)}"',
        "say which part is whose, or leave the work to one of them and name it as owner in a boundary of the other",
        also=(theirs.role.source,),
    )


def _contradiction(refusal: Refusal, claim: Claim) -> Finding:
    """Say that a role refuses its own work."""
    return finding(
        "boundary-contradicts-mandate",
        refusal.role.source,
        refusal.boundary.line,
        f'"{excerpt(refusal.label)}" refuses what the mandate claims in line {claim.item.line}:'
        f' "{excerpt(claim.text)}"',
        "drop one of the two, or say in the boundary which part of the work is meant",
    )
