"""Signs of trouble in the figures: use that shrinks, gets shallow or hangs on one person, support that piles up. Pure.

Each sign is a matter, how strongly it speaks (0 to 1), and why. Level and slope both count, against the account's own
past; what a season or a note explains speaks less.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import exp, isnan, log10, sqrt
from typing import Final, NamedTuple

import numpy as np

from fleet_runtime.health.courses import DEPTH, LOGINS, SHARE, TICKETS, URGENT, USERS
from fleet_runtime.health.outlook import Cite, Outlook, seats_in
from fleet_runtime.health.tracks import Survey
from fleet_runtime.records.book import Evidence

_SLOPE_HORIZON: Final = 8
_RAMP_WEEKS: Final = 12
_SETTLED_WEEKS: Final = 9
_NPS_NOISE: Final = 75.0
"""The standard deviation of one answer, in points of the mean."""
_LEAST_RISE: Final = 0.08
_FEW_USERS: Final = 4
_YOUNG_DAYS: Final = 400
_CONTENT: Final = 35
_LEAST_FALL: Final = 0.05
_SUDDEN: Final = 0.6
_LEAST_SURE: Final = 1.5
"""Standard deviations from which on a slope is looked at."""


class Sign(NamedTuple):
    """What speaks for a matter: ``strength`` 0 to 1, in a sentence, with what it rests on."""

    matter: str
    strength: float
    says: str
    evidence: tuple[Cite, ...]


def ramp(value: float, low: float, high: float) -> float:
    """Return 0 up to ``low``, 1 from ``high`` on, and what lies between; 0 for NaN."""
    return 0.0 if isnan(value) else min(1.0, max(0.0, (value - low) / (high - low)))


def either(*strengths: float) -> float:
    """Join strengths of independent signs: all must be wrong for it to be wrong."""
    left = 1.0
    for one in strengths:
        left *= 1.0 - one
    return 1.0 - left


def signs_of_use(view: Outlook) -> Iterator[Sign]:
    """Yield what the figures say; nothing where there are too few."""
    if view.last < 0:
        return
    for sign in (_stop(view), *_falls(view), _concentration(view), _low(view), *_support(view), _nps(view)):
        if sign is not None and sign.strength > 0:
            yield sign


def _falls(view: Outlook) -> Iterator[Sign]:
    """Yield which courses of use fall."""
    forms = (
        ("usage_decline", USERS, "active users", USERS, 0.12, 0.36),
        ("depth_decline", DEPTH, "key feature uses per active user", "key_feature_uses", 0.15, 0.42),
        ("login_decline", LOGINS, "logins per active user", "logins", 0.22, 0.50),
    )
    for matter, name, label, shown, low, high in forms:
        strength, fall = _fall(view, name, low, high)
        if strength <= 0:
            continue
        before = exp(view.tracks[name].high[view.last])
        digits = 0 if name == USERS else 1
        evidence = [view.figures(shown.replace("_", " "), shown, before if name == USERS else None)]
        says = f"{label} fell by {fall:.0%} against the account's own level of the months before"
        if name != USERS:
            says += f" ({before:.{digits}f} before, {before * (1 - fall):.{digits}f} now)"
            evidence.append(view.figures("active users", USERS))
        yield Sign(matter, strength * _unexplained(view, name), says, tuple(evidence))


def _fall(view: Outlook, name: str, low: float, high: float) -> tuple[float, float]:
    """Return how strongly a course falls, and by what share: by its level, and by its slope."""
    course = view.tracks[name]
    change = view.fallen(name)
    if isnan(change) or change > -_LEAST_FALL:
        return 0.0, 0.0
    fall = 1 - exp(change)
    if fall < low / 2:
        return 0.0, 0.0
    strength = level = ramp(fall, low, high) * ramp(-view.significance(name, change), 2.2, 4.2)
    if level < 1.0 and fall > 0.7 * low and view.significance(name, change) < -_LEAST_SURE:
        _slope, _lower, upper = course.slope(view.last)
        ahead = ramp(1 - exp(_SLOPE_HORIZON * min(0.0, upper)), low / 3, high / 1.5) * ramp(fall, low / 2, low)
        ahead *= ramp(-view.significance(name, change), _LEAST_SURE, 3.0)
        strength = max(level, 0.5 * level + 0.6 * ahead) if level else 0.7 * ahead
    kept = _not_recovering(view, name) * _going_on(view, name) * _unheard_of(view, name)
    return min(1.0, strength) * kept, fall


def _going_on(view: Outlook, name: str) -> float:
    """Return a small number where the fall was long ago, and the course has held its level since."""
    course = view.tracks[name]
    then = course.now[max(0, view.last - _SETTLED_WEEKS)]
    if isnan(then):
        return 1.0
    lately = (then - course.now[view.last]) / max(-course.fallen(view.last), 1e-9)
    return 0.3 + 0.7 * ramp(lately, 0.03, 0.22)


def _unheard_of(view: Outlook, name: str) -> float:
    """Return a small number where the course was as low before, and came back: some accounts go by tides."""
    course = view.tracks[name]
    low = course.low[view.last]
    return 1.0 if isnan(low) else 0.4 + 0.6 * ramp(low - course.now[view.last], -0.02, 0.08)


def _not_recovering(view: Outlook, name: str) -> float:
    """Return a small number where one of the last three weeks is back at the old level."""
    course = view.tracks[name]
    last = course.values[max(0, view.last - 2) : view.last + 1]
    last = last[~np.isnan(last)]
    if not last.size:
        return 0.6
    missing = (course.high[view.last] - float(last.max())) / max(-course.fallen(view.last), 1e-9)
    return 0.1 + 0.9 * ramp(float(missing), 0.25, 0.6)


def _unexplained(view: Outlook, name: str) -> float:
    """Return how much of a fall a season or a note leaves unexplained."""
    left = 1.0
    season = view.season()
    if season is not None and name == USERS:
        left *= 0.35 if season.quiet else 0.5
    quiet, trouble = view.noted("planned_quiet", 7), view.noted("adoption_trouble", 7)
    if quiet is not None and (trouble is None or trouble.age > quiet.age):
        left *= 0.3
    if view.noted("data_problem", 10):  # the level that it is measured against stays the old one for long
        left *= 0.35 if view.noted("data_problem", 4) else 0.7
    if view.noted("one_off", 8) and name != DEPTH:
        left *= 0.6
    if view.noted("renewed", 26):
        left *= 0.45
    if name == LOGINS and view.fallen(USERS) > -_LEAST_FALL and view.fallen(DEPTH) > -_LEAST_FALL:
        left *= 0.6  # as many people do as much: only how they log in is another
    if view.noted("praise", 8) or view.noted("resolved", 4):
        left *= 0.65
    return left * _last_year(view) if name == USERS else left


def _last_year(view: Outlook) -> float:
    """Return a small number where the same weeks of the year before fell alike."""
    then = view.last - 52
    if then < 0:
        return 1.0
    course = view.tracks[USERS]
    before, now = course.change(then), course.change(view.last)
    return 1.0 if isnan(before) or before > 0.5 * now else 0.35


def _stop(view: Outlook) -> Sign | None:
    """Tell of an account whose use stopped altogether, for longer than a fault in the tracking lasts."""
    was = next((one for one in reversed(view.tracks[USERS].now[: view.last + 1]) if not isnan(one)), None)
    if not view.has_stopped or was is None:
        return None
    left = 0.3 if view.noted("data_problem", 6) or view.noted("planned_quiet", 9) else 1.0
    left *= ramp(view.idle_weeks, 3, 8) if _is_sudden(view, was) else ramp(view.idle_weeks, 1, 4)
    says = f"nobody has used it for {view.idle_weeks} weeks; {exp(was):.0f} people did before"
    return Sign("usage_stop", left, says, (view.figures("active users", USERS),))


def _is_sudden(view: Outlook, was: float) -> bool:
    """Tell whether use was at its usual height when it stopped: whoever leaves comes less first; a meter just stops."""
    users, height = view.latest(USERS, view.idle_weeks + 2), view.tracks[USERS].high[view.last]
    return bool(users) and users[0] > _SUDDEN * exp(was if isnan(height) else height)


def _concentration(view: Outlook) -> Sign | None:
    """Tell where use came to hang on one person."""
    course = view.tracks[SHARE]
    now, before = course.now[view.last], course.before[view.last]
    if isnan(now) or isnan(before) or now - before < _LEAST_RISE or view.weeks.value(USERS, -1) < _FEW_USERS:
        return None
    strength = (
        ramp(now - before, _LEAST_RISE, 0.25)
        * ramp(view.significance(SHARE, now - before), 2.0, 4.0)
        * ramp(now, 0.15, 0.35)
    )
    says = f"one person does {now:.0%} of all use; it was {before:.0%}"
    left = 0.3 if view.noted("data_problem", 6) or view.noted("one_off", 6) else 1.0
    return Sign(
        "concentration", strength * left, says, (view.figures("share of the busiest user", SHARE, before, digits=2),)
    )


def _low(view: Outlook) -> Sign | None:
    """Tell of an account that never got going: few of its seats are in use, and they do not become more."""
    at = view.at
    details = view.case.hint(at)
    users = view.tracks[USERS]
    now = users.now[view.last]
    if details is None or (details.seats or 0) <= 0 or isnan(now) or view.last < _RAMP_WEEKS:
        return None
    live = details.go_live_date
    if live is not None and (at.date() - live).days < _RAMP_WEEKS * 7:
        return None
    used = exp(now) / (details.seats or 1)
    grown = users.now[view.last] - users.now[max(0, view.last - 8)]
    young = live is not None and (at.date() - live).days < _YOUNG_DAYS
    strength = ramp(0.42 - used, 0.0, 0.22) * (1.0 - ramp(grown, 0.05, 0.2)) * (1.0 if young else 0.55)
    if view.surveys and view.surveys[-1].score >= _CONTENT:
        strength *= 0.6  # few, and glad of it: a pilot looks like this
    if strength <= 0:
        return None
    says = f"{exp(now):.0f} of {details.seats} seats are in use, and it does not get more"
    return Sign("low_adoption", strength, says, (view.figures("active users", USERS), seats_in(details)))


def _support(view: Outlook) -> Iterator[Sign]:
    """Yield urgent tickets that stay open, tickets that pile up, and a customer who stopped asking."""
    urgent = view.latest(URGENT, 6)
    long_open = 0
    for value in reversed(urgent):
        if value <= 0:
            break
        long_open += 1
    if long_open:
        strength = ramp(long_open, 1, 4) * (1.0 if urgent[-1] > 1 else 0.8)
        says = f"an urgent ticket has been open for {long_open} weeks" if long_open > 1 else "an urgent ticket is open"
        yield Sign("support_load", strength, says, (view.figures("urgent tickets open", URGENT),))
    recent = view.latest(TICKETS, 4)
    before = view.courses.means[view.last]
    if not recent or isnan(before):
        return
    count, due = round(4 * sum(recent) / len(recent)), 4 * before
    cited = view.figures("tickets opened", TICKETS, before, digits=1)
    if count > 1.6 * due:
        from scipy.special import pdtrc  # noqa: PLC0415 - loads where it is needed

        odds = float(pdtrc(count - 1, max(due, 0.5)))
        strength = ramp(-log10(max(odds, 1e-12)), 2.5, 6) * ramp(count / max(due, 1.2), 1.6, 3.0)
        if view.noted("one_off", 6) or view.noted("resolved", 3):
            strength *= 0.4
        yield Sign("support_load", strength * 0.8, f"{count} tickets in four weeks; {due:.0f} are usual", (cited,))
    elif before >= 1.0 and count < 0.5 * due:
        from scipy.special import pdtr  # noqa: PLC0415

        strength = ramp(-log10(max(float(pdtr(count, due)), 1e-12)), 1.5, 3.5)
        says = f"{count} tickets in four weeks; {due:.0f} were usual: they stopped asking"
        yield Sign("going_quiet", strength * 0.5, says, (cited,))


def _nps(view: Outlook) -> Sign | None:
    """Tell where those who answer are less content than they were; one answer alone says little."""
    surveys = view.surveys
    found = [_fell(surveys, count) for count in (2, 3) if count < len(surveys)]
    if not found or not view.asked_lately:
        return None
    strength, recent, earlier = max(found)
    if strength <= 0:
        return None
    cited = tuple(partial(surveyed, view, one) for one in surveys[-3:])
    return Sign("nps_fall", strength, f"NPS is {recent:.0f} of late; {earlier:.0f} was usual", cited)


def surveyed(view: Outlook, one: Survey) -> Evidence:
    """Say what came of a survey."""
    text = f"NPS {one.score:.0f} from {one.answers:.0f} answers"
    return Evidence(text=text, source=view.weeks.source(one.week))


def _fell(surveys: Sequence[Survey], count: int) -> tuple[float, float, float]:
    """Return how strongly the last so many surveys fell below those before, and the NPS of both."""
    last, before = surveys[-1], surveys[-count - 1]
    heard, known = last.heard - before.heard, before.heard
    recent, earlier = (last.points - before.points) / heard, before.points / known
    doubt = _NPS_NOISE * sqrt(1 / heard + 1 / known)
    strength = ramp(earlier - recent, 15, 50) * ramp((earlier - recent) / doubt, 1.7, 3.0) * ramp(60 - recent, 0, 50)
    low = 0.5 * ramp(-recent, 0, 40) * ramp(heard, 4, 10)
    return either(strength, low), recent, earlier
