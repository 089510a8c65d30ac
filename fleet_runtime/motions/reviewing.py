"""What a review makes of concerns: which are raised, and which notices are over. Writes nothing.

One matter is raised once while its notice is open; then not again within four weeks, and while it is open only if it
has become graver since. A notice is over when its matter is gone: a risk for four weeks, anything else at two reviews.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from fleet_runtime.health import Assessment
from fleet_runtime.records.book import Concern, Notice, Severity

WEEK: Final = timedelta(days=7)
APART: Final = timedelta(days=28)
"""How far apart one matter is raised at least, and how long a risk must be gone to be over."""

MILESTONE: Final = "milestone-"
"""How the matters of renewals begin; a review raises and ends none of them."""

_RANKS: Final[dict[Severity, int]] = {"low": 0, "medium": 1, "high": 2}


class Raising(NamedTuple):
    """By what notices are raised: whose motion, for which day it was due, as of which moment, and at what time."""

    motion: str
    role: str
    due: date
    at: datetime
    now: datetime


def rank(severity: Severity) -> int:
    """Return a severity's place, the gravest highest."""
    return _RANKS[severity]


def of_matter(notices: Iterable[Notice], concern: Concern) -> list[Notice]:
    """Return the notices of a concern's matter, the oldest first."""
    same = (one for one in notices if (one.concern.kind, one.concern.matter) == (concern.kind, concern.matter))
    return sorted(same, key=lambda one: (one.on, one.id))


def raised(
    concerns: Iterable[Concern], notices: Sequence[Notice], by: Raising
) -> tuple[tuple[Notice, ...], tuple[Notice, ...]]:
    """Return the notices to raise, and the open ones that they replace, with their ends.

    Args:
        concerns: what was found.
        notices: all that the account ever had.
        by: the motion.
    """
    fresh: dict[str, Notice] = {}
    replaced: list[Notice] = []
    for concern in concerns:
        found = notice_of(concern, by)
        former = of_matter(notices, concern)
        if found.id in fresh or any(abs(one.on - found.on) < APART for one in former):
            continue
        open_now = [one for one in former if one.open_on(found.on)]
        if any(rank(one.concern.severity) >= rank(concern.severity) for one in open_now):
            continue
        fresh[found.id] = found
        replaced += [ended(one, found.on, f"graver since: raised again as {concern.severity}") for one in open_now]
    return tuple(fresh.values()), tuple(replaced)


def gone(
    notices: Iterable[Notice], concerns: Sequence[Concern], at: datetime, assess: Callable[[datetime], Assessment]
) -> tuple[Notice, ...]:
    """Return the open notices whose matter is gone, with their ends.

    Args:
        notices: all of the account.
        concerns: what was found at ``at``.
        at: as of when.
        assess: looks at the account as of an earlier moment; called only for notices whose matter is gone now.
    """
    day, present = at.date(), _matters(concerns)
    over: list[Notice] = []
    for notice in notices:
        matter = (notice.concern.kind, notice.concern.matter)
        span = APART if notice.concern.kind == "risk" else WEEK
        if matter in present or notice.concern.matter.startswith(MILESTONE) or not notice.open_on(day):
            continue
        if day - notice.on < span:
            continue
        earlier = [at - weeks * WEEK for weeks in range(1, span // WEEK + 1)]
        if all(matter not in _matters(assess(moment).concerns) for moment in earlier):
            over.append(ended(notice, day, f"not seen any more since {earlier[-1].date()}"))
    return tuple(over)


def notice_of(concern: Concern, by: Raising) -> Notice:
    """Make the notice of a concern; its id is fixed by the motion, the day it was due, and the matter."""
    return Notice(
        id=f"{by.motion}:{by.due}:{concern.kind}:{concern.matter}",
        on=by.at.date(),
        concern=concern,
        motion=by.motion,
        role=by.role,
        raised_at=by.now,
    )


def ended(notice: Notice, on: date, outcome: str) -> Notice:
    """Return a notice with its end."""
    return notice.model_copy(update={"closed_on": on, "outcome": outcome})


def _matters(concerns: Iterable[Concern]) -> set[tuple[str, str]]:
    """Return what concerns are about."""
    return {(one.kind, one.matter) for one in concerns}
