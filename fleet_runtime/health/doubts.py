"""Doubts about the data: weeks that are missing, figures that cannot be, a CRM that is behind. Pure.

A doubt is never a risk of the account: it says that we may not see what there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import Final

from fleet_runtime.health.courses import COUNTS, USERS
from fleet_runtime.health.outlook import Outlook, sentence, words
from fleet_runtime.records.book import Concern, Evidence

_LEAST_USUAL: Final = 4
_LEAST_SPIKE: Final = 20
_STEADY: Final = 1.3
_OVER_WEEKS: Final = 3
_MISSING: Final = 2
_SPIKE: Final = 1.75
_OVER: Final = 1.15
_LATE_DAYS: Final = 3


def doubts(view: Outlook) -> Iterator[Concern]:
    """Yield what should be looked into before anybody concludes anything."""
    if view.last >= 0:
        yield from _missing(view)
        yield from _impossible(view)
    yield from _behind(view)


def _missing(view: Outlook) -> Iterator[Concern]:
    """Tell of weeks without a row, at the end or just before it."""
    lately = view.weeks.rows[max(0, view.measured - 3) : view.measured + 1]
    holes = sum(row is None or not row.values for row in lately) + max(0, round(view.behind))
    if holes >= _MISSING:
        last = view.weeks.source(max(0, view.measured))
        yield _doubt(
            "missing_weeks",
            f"No figures for {holes} of the last weeks",
            f"{holes} of the last weeks have no figures: no data, which is neither use nor its absence",
            Evidence(text=f"the last figures are of {view.weeks.start(view.measured)}", source=last),
            "Ask whoever delivers the figures; until then, ask the customer.",
        )


def _impossible(view: Outlook) -> Iterator[Concern]:
    """Tell of figures that contradict each other, or what went before."""
    for name in COUNTS:
        value, usual = view.weeks.value(name, view.last), view.usual(name)
        if isnan(value) or isnan(usual) or usual < _LEAST_USUAL or 0 < value <= _SPIKE * usual:
            continue
        label = name.replace("_", " ")
        if value == 0:
            yield _doubt(
                "zeros",
                f"No {label} at all this week",
                f"{label} is 0 after a usual {usual:.0f}: a fault in the tracking looks like this, and so does a stop",
                view.figures(label, name, usual)(),
                "Check the tracking first, then ask the customer.",
            )
            break
        if usual >= _LEAST_SPIKE and all(_steady(view, one) for one in COUNTS if one != name):
            yield _doubt(
                "spike",
                f"{label.capitalize()} jumped",
                f"{label} is {value:.0f} after a usual {usual:.0f}, and nothing else moved: it may be counted twice",
                view.figures(label, name, usual)(),
                "Check how it is counted before it is told to anybody.",
            )
            break
    seats = view.seats
    users = view.latest(USERS, _OVER_WEEKS)
    if seats is not None and len(users) == _OVER_WEEKS and min(users) > _OVER * seats.number:
        yield _doubt(
            "more_users_than_seats",
            "More people than seats",
            f"{users[-1]:.0f} people are active on {seats.number:.0f} seats: the seats on record may be old",
            seats.evidence(),
            "Check the contract; if the seats are right, it is upside for sales.",
        )


def _steady(view: Outlook, name: str) -> bool:
    """Tell whether a column did not move much in the last week."""
    value, usual = view.weeks.value(name, view.last), view.usual(name)
    return isnan(value) or isnan(usual) or value < _STEADY * usual


def _behind(view: Outlook) -> Iterator[Concern]:
    """Tell of a CRM that a later event has overtaken."""
    renewal = view.case.renewal(view.at)
    overdue = (view.at.date() - renewal.on).days if renewal is not None and renewal.stated else 0
    if renewal is not None and overdue > _LATE_DAYS and not view.noted("renewed", 12):
        yield _doubt(
            "renewal_passed",
            "The renewal date on record has passed",
            f"the renewal of {renewal.on} is {overdue} days ago, and nothing on record says what came of it",
            renewal.evidence,
            "Find out whether it renewed, and have the record put right.",
        )
    for theme, name, label in (
        ("champion_leaving", "champion", "champion"),
        ("sponsor_lost", "exec_sponsor", "sponsor"),
    ):
        told = view.noted(theme, 20)
        named = getattr(view.case.details(view.at), name, "") if told is not None else ""
        if told is None or not set(words(named)[:1]) & set(words(told.row.note)):
            continue
        yield _doubt(
            f"{label}_on_record",
            f"The {label} on record may be gone",
            f"the CRM names {named} as {label}, and a note says otherwise",
            told.evidence(),
            f"Have the {label} on record put right.",
        )


def _doubt(matter: str, title: str, reason: str, evidence: Evidence, play: str) -> Concern:
    """Make a doubt."""
    return Concern(
        kind="data_check",
        matter=matter,
        severity="low",
        title=title,
        reasons=(sentence(reason),),
        evidence=(evidence,),
        play=play,
    )
