"""What a review makes of concerns: which are raised, and which notices are over. Writes nothing.

What one thing is: the account's risk, its upside, or the matter of any other concern. It is raised once while its
notice is open, and not again within four weeks (upside: half a year). While it is open it is raised again only if it
has become graver, or, a risk, after eight weeks if it is about something else by then. A notice is over when there is
nothing of it any more: a risk for four weeks, anything else at two reviews.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from fleet_runtime.health import Assessment
from fleet_runtime.records.book import Concern, Notice, Severity

WEEK: Final = timedelta(days=7)
APART: Final = timedelta(days=28)
"""How far apart one thing is raised at least, and how long a risk must be gone to be over."""

HALF_YEAR: Final = timedelta(days=182)
"""How far apart upside is raised: who was asked to look at it must be left the time."""

CHANGED: Final = timedelta(days=56)
"""After how long an open risk is raised again because it is about something else by then."""

_WHOLE: Final = frozenset({"risk", "expansion"})
"""Kinds of which an account has one at a time, whatever it is about."""

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


def of_same(notices: Iterable[Notice], concern: Concern) -> list[Notice]:
    """Return the notices of the same thing as a concern, the oldest first."""
    thing = _thing(concern)
    same = (one for one in notices if _thing(one.concern) == thing)
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
    day = by.at.date()
    for concern in concerns:
        former = of_same(notices, concern)
        apart = HALF_YEAR if concern.kind == "expansion" else APART
        if any(abs(one.on - day) < apart for one in former):
            continue
        open_now = [one for one in former if one.open_on(day)]
        if not all(_is_news(one, concern, day) for one in open_now):
            continue
        found = notice_of(concern, by)
        if found.id not in fresh:
            fresh[found.id] = found
            replaced += [ended(one, day, _again(one.concern, concern)) for one in open_now]
    return tuple(fresh.values()), tuple(replaced)


def _again(was: Concern, now: Concern) -> str:
    """Say why a concern is raised again."""
    if rank(now.severity) > rank(was.severity):
        return f"graver since: raised again as {now.severity}"
    return f"about something else since: {now.title}"


def _is_news(former: Notice, now: Concern, on: date) -> bool:
    """Tell whether there is reason to raise again what is open."""
    was = former.concern
    if rank(now.severity) > rank(was.severity):
        return True
    return now.kind == "risk" and now.matter != was.matter and on - former.on >= CHANGED


def gone(
    notices: Iterable[Notice], concerns: Sequence[Concern], at: datetime, assess: Callable[[datetime], Assessment]
) -> tuple[Notice, ...]:
    """Return the open notices of which nothing is there any more, with their ends.

    Args:
        notices: all of the account.
        concerns: what was found at ``at``.
        at: as of when.
        assess: looks at the account as of an earlier moment; called only for notices of which nothing is there now.
    """
    day, present = at.date(), _things(concerns)
    over: list[Notice] = []
    for notice in notices:
        if not notice.open_on(day) or notice.concern.matter.startswith(MILESTONE):
            continue
        thing = _thing(notice.concern)
        span = APART if notice.concern.kind == "risk" else WEEK
        if thing in present:
            continue
        if day - notice.on < span:
            continue
        earlier = [at - weeks * WEEK for weeks in range(1, span // WEEK + 1)]
        if all(thing not in _things(assess(moment).concerns) for moment in earlier):
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


def _thing(concern: Concern) -> tuple[str, str]:
    """Return what a concern is one of."""
    return concern.kind, "" if concern.kind in _WHOLE else concern.matter


def _things(concerns: Iterable[Concern]) -> set[tuple[str, str]]:
    """Return what there is."""
    return {_thing(one) for one in concerns}
