"""Signs of upside: seats that run out, use that grows in a healthy way, and what colleagues heard. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import exp, isnan
from typing import Final

from fleet_runtime.health.courses import DEPTH, SHARE, USERS
from fleet_runtime.health.outlook import Outlook
from fleet_runtime.health.signs import Sign, either, ramp, surveyed

_NOTES: Final = {"expansion_interest": 0.8, "growth_news": 0.46, "praise": 0.2}
_NOTED_WEEKS: Final = 12
_SETTLING_DAYS: Final = 150
_ROOM_LEFT: Final = 0.6
_LEAST_GROWTH: Final = 0.06
_LEAST_TOLD: Final = 0.05


def signs_of_upside(view: Outlook) -> Iterator[Sign]:
    """Yield what speaks for more."""
    if view.last >= 0:
        yield from (sign for sign in (_full(view), _growing(view), _deeper(view), _content(view)) if sign is not None)
    for theme, weight in _NOTES.items():
        told = [one for one in view.said if one.row.belief(theme) > 0 and one.age <= _NOTED_WEEKS]
        weights = [weight * one.row.belief(theme) * 0.5 ** (one.age / _NOTED_WEEKS) for one in told]
        if told:
            surest = max(zip(weights, told, strict=True), key=lambda each: each[0])[1]
            says = f"{_SAYS[theme]}: {surest.quote}"
            yield Sign(theme, either(*weights), says, tuple(one.evidence for one in told[:3]))


_SAYS: Final = {
    "expansion_interest": "they ask for more, a colleague notes",
    "growth_news": "their business grows, a colleague notes",
    "praise": "they speak well of it, a colleague notes",
}


def _full(view: Outlook) -> Sign | None:
    """Tell where nearly all seats are in use, and have been for weeks."""
    seats, now = view.seats, view.tracks[USERS].now[view.last]
    if seats is None or isnan(now):
        return None
    used = exp(now) / seats.number
    held = sum(value >= 0.88 * seats.number for value in view.latest(USERS, 4))
    strength = 0.56 * ramp(used, 0.84, 0.97) * ramp(held, 1, 3)
    if strength <= 0:
        return None
    if not seats.stated:
        strength *= 0.75
    says = f"{exp(now):.0f} of {seats.number:.0f} seats are in use"
    return Sign("seats_full", strength, says, (view.figures("active users", USERS), seats.evidence))


def _growing(view: Outlook) -> Sign | None:
    """Tell where more and more people use it, and not more shallowly."""
    course = view.tracks[USERS]
    change = view.change(USERS)
    if isnan(change) or change < _LEAST_GROWTH:
        return None
    depth = view.tracks[DEPTH].change(view.last)
    shallow = 0.0 if isnan(depth) else ramp(-depth, 0.1, 0.35)
    strength = ramp(exp(change) - 1, 0.10, 0.45) * ramp(view.significance(USERS, change), 2, 4)
    if strength < _LEAST_TOLD:
        return None
    _slope, lower, _upper = course.slope(view.last)
    strength *= (0.75 + 0.25 * ramp(lower, 0.0, 0.02)) * (1 - 0.8 * shallow)
    if view.noted("one_off", 8) or view.noted("data_problem", 6) or _settling_in(view):
        strength *= 0.4
    seats = view.seats
    if seats is not None and seats.stated and exp(course.now[view.last]) < _ROOM_LEFT * seats.number:
        strength *= 0.4  # they grow into what they have
    before = exp(course.before[view.last])
    says = f"active users grew by {exp(change) - 1:.0%} against the months before"
    return Sign("growth", 0.8 * strength, says, (view.figures("active users", USERS, before),))


def _settling_in(view: Outlook) -> bool:
    """Tell whether the account went live a short while ago: that it grows into what it bought is no upside yet."""
    details = view.case.hint(view.at)
    live = details.go_live_date if details is not None else None
    return live is not None and 0 <= (view.today - live).days < _SETTLING_DAYS


def _deeper(view: Outlook) -> Sign | None:
    """Tell where the same people do more of what they came for, and more than one of them."""
    course = view.tracks[DEPTH]
    change, share = course.change(view.last), view.tracks[SHARE].change(view.last)
    if isnan(change) or change < _LEAST_GROWTH or view.noted("one_off", 8) or _settling_in(view):
        return None
    strength = ramp(exp(change) - 1, 0.12, 0.6) * ramp(view.significance(DEPTH, change), 2, 4)
    strength *= 1.0 - ramp(0.0 if isnan(share) else share, 0.03, 0.12)
    before, now = exp(course.before[view.last]), exp(course.now[view.last])
    says = f"each active user does {now:.1f} key things a week; {before:.1f} were usual"
    evidence = (view.figures("key feature uses", "key_feature_uses"), view.figures("active users", USERS))
    return Sign("deeper_use", 0.33 * strength, says, evidence) if strength > 0 else None


def _content(view: Outlook) -> Sign | None:
    """Tell where those who are asked are content."""
    if not view.asked_lately:
        return None
    asked = view.surveys[-2:]
    mean = sum(one.score for one in asked) / len(asked)
    strength = 0.2 * ramp(mean, 35, 60)
    cited = tuple(partial(surveyed, view, one) for one in asked)
    return Sign("content", strength, f"NPS is {mean:.0f}", cited) if strength else None
