"""When motions are due for an account, by what was known. Knows no clock: whoever asks says from when to when.

A date trigger counts from a date as it was known at the end of each day. Where the date moves, what it had brought
before is over, and of the new date only what lies ahead is due. A date that was not known before also brings what it
would have brought in the last thirty days. What has a run on record is not asked here; that is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from fleet_runtime.contracts import Motion, Trigger
from fleet_runtime.health import Case, end_of

DAY: Final = timedelta(days=1)
LATE: Final = timedelta(days=30)
"""How far back a date that was not known before, or a first scan, still brings what it would have brought."""

RULE_DAYS: Final = "0 6 * * 1"
"""When rules are looked at in a role without a review: on Mondays."""

_HORIZON: Final = timedelta(days=400)


def due_dates(motion: Motion, case: Case, since: datetime, until: datetime) -> tuple[date, ...]:
    """Return the days on which a motion was due after ``since``, up to and with ``until``, in order, each once.

    A motion by a rule is due whenever the rule is looked at; whether it begins to hold is seen then.
    """
    trigger = motion.trigger
    if trigger.kind in ("cron", "rule"):
        return cron_days(trigger.cron or RULE_DAYS, since, until)
    found = (day for begin, end in _days(since, until) for day in _brought(trigger, case, begin, end))
    return tuple(dict.fromkeys(found))


def planned(motion: Motion, case: Case, at: datetime, until: datetime) -> tuple[date, ...]:
    """Return the days on which a motion will be due after a moment, by what is known then; none for rules."""
    trigger = motion.trigger
    if trigger.kind == "rule":
        return ()
    if trigger.kind == "cron":
        return cron_days(trigger.cron, at, until)
    return tuple(day for day in _all_days(trigger, case, at) if at < begin_of(day) <= until)


def next_due(motion: Motion, case: Case, at: date | datetime) -> date | None:
    """Return the next day on which a motion will be due after a moment (a day: its end), by what is known then."""
    at = at if isinstance(at, datetime) else end_of(at)
    if motion.trigger.kind in ("cron", "rule"):
        return next_cron(motion.trigger.cron or RULE_DAYS, at).date()
    return min(planned(motion, case, at, at + _HORIZON), default=None)


def next_news(motions: tuple[Motion, ...], case: Case, at: datetime) -> datetime | None:
    """Return when the next thing becomes known by which a date of these motions may move, or None.

    Only in a replay is anything on record that is not known yet.
    """
    facts = {motion.trigger.fact for motion in motions if motion.trigger.kind == "date"}
    moments = [row.known_from for row in case.book.signals.details]
    for fact in case.state.facts:
        if fact.key in facts:
            moments += [one for one in (fact.known_from, fact.known_to, fact.valid_from, fact.valid_to) if one]
    if any(motion.trigger.kind == "silence" for motion in motions) and case.contact(at) is None:
        moments += [event.at for event in case.state.events]
    return min((moment for moment in moments if moment > at), default=None)


def begin_of(day: date) -> datetime:
    """Return the first moment of a day (UTC)."""
    return datetime.combine(day, time.min, tzinfo=UTC)


@lru_cache(maxsize=1024)
def cron_days(cron: str, since: datetime, until: datetime) -> tuple[date, ...]:
    """Return the days of a cron expression (UTC) after ``since``, up to and with ``until``."""
    found: dict[date, None] = {}
    moment = next_cron(cron, since)
    while moment <= until:
        found[moment.date()] = None
        moment = next_cron(cron, moment)
    return tuple(found)


@lru_cache(maxsize=1024)
def next_cron(cron: str, at: datetime) -> datetime:
    """Return the next moment of a cron expression (UTC) after a moment."""
    from croniter import croniter  # noqa: PLC0415 - loads where there is a motion by the calendar

    moment: datetime = croniter(cron, at.astimezone(UTC)).get_next(datetime)
    return moment


def label(trigger: Trigger, days: int, on: date) -> str:
    """Say which of its dates a date trigger was due for; `fired` reads it from the record."""
    side = "before" if days < 0 else "after"
    return f"{abs(days)} days {side} {trigger.fact} {on}"


def due_for(trigger: Trigger, case: Case, day: date, at: datetime) -> tuple[int, date] | None:
    """Return for which of its numbers of days a date trigger is due on a day, and the date that it counts from."""
    found = case.dated(trigger.fact, at)
    if found is None or (day - found.on).days not in trigger.days:
        return None
    return (day - found.on).days, found.on


def fired(motion: Motion, case: Case, days: int, on: date) -> date | None:
    """Return the former date, 30 days from ``on`` at most, for which this number of days was carried out already.

    Read from the runs on record: each begins with `label`.
    """
    head, tail = label(motion.trigger, days, on).rsplit(" ", 1)[0] + " ", len(on.isoformat())
    for run in case.book.runs:
        if run.motion == motion.name and run.outcome == "done" and run.why.startswith(head):
            former = date.fromisoformat(run.why[len(head) : len(head) + tail])
            if former != on and abs(former - on) <= LATE:
                return former
    return None


def _days(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Cut a time at the ends of its days."""
    begin = since
    while begin < until:
        end = min(end_of(begin.date()), until)
        if end <= begin:
            end = min(end_of(begin.date() + DAY), until)
        yield begin, end
        begin = end


def _brought(trigger: Trigger, case: Case, since: datetime, until: datetime) -> Iterator[date]:
    """Yield what was due within one day, by what was known at its end and had been known at its beginning."""
    days = _all_days(trigger, case, until)
    if not days:
        return
    earliest = since
    if trigger.kind == "date":
        now, before = case.dated(trigger.fact, until), case.dated(trigger.fact, since)
        if before is None or (now is not None and now.stated and not before.stated):
            earliest = until - LATE
        elif now is not None and now.on != before.on:
            earliest = min(since, begin_of(until.date()) - timedelta(microseconds=1))
    yield from (day for day in days if earliest < begin_of(day) <= until)


def _all_days(trigger: Trigger, case: Case, at: datetime) -> tuple[date, ...]:
    """Return all days on which a trigger is due, by what was known at a moment."""
    if trigger.kind == "silence":
        contact = case.contact(at)
        return (contact.date() + timedelta(days=trigger.days[0]),) if contact is not None else ()
    found = case.dated(trigger.fact, at)
    return tuple(found.on + timedelta(days=days) for days in trigger.days) if found is not None else ()
