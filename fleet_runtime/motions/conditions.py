"""What a motion's conditions ask of an account, and whether they hold. Decides nothing about what follows."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from fleet_runtime.contracts import Condition
from fleet_runtime.health import Assessment, Case

RENEWAL_STATE: Final = "renewal_state"
RENEWED: Final = "renewed"

_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

CYCLE: Final = timedelta(days=270)
"""What says that a contract is renewed counts for the date it precedes by no more: the last renewal is another one."""


def renewed(case: Case, at: datetime) -> bool:
    """Tell whether the coming renewal was settled by a moment: a fact says so, or a colleague's note does."""
    due = case.renewal(at)
    since = due.on - CYCLE if due is not None else at.date() - CYCLE
    fact = case.fact(RENEWAL_STATE, at)
    if fact is not None and fact.valid_from.date() > since:
        return (fact.value or "").strip().casefold() == RENEWED
    return any(RENEWED in week.themes for week in case.notes(at) if week.start > since)


def failing(condition: Condition, case: Case, at: datetime, assess: Callable[[datetime], Assessment]) -> str:
    """Say why a condition does not hold at a moment; nothing where it holds.

    Args:
        condition: what is asked.
        case: of which account.
        at: as of when.
        assess: looks at the account; it is called only for health and its measures.
    """
    found = _value(condition.of, case, at, assess)
    if _met(condition, found) != condition.negated:
        return ""
    if found is None:
        return f"{condition.of} is not known"
    wanted = {"known": "known", "is": condition.value, "below": f"below {condition.value}"}
    held = found if isinstance(found, str) else f"{found:g}"
    if condition.negated:
        return f"{condition.of} is {held}"
    return f"{condition.of} is {held}, not {wanted.get(condition.test, f'above {condition.value}')}"


def _met(condition: Condition, found: str | float | None) -> bool:
    """Tell whether a value is as the condition says, its negation left aside."""
    if found is None or condition.test == "known":
        return found is not None
    if condition.test == "is":
        return str(found).strip().casefold() == condition.value.strip().casefold()
    number = _number(found) if isinstance(found, str) else found
    if number is None:
        return False
    return number < float(condition.value) if condition.test == "below" else number > float(condition.value)


def _value(of: str, case: Case, at: datetime, assess: Callable[[datetime], Assessment]) -> str | float | None:
    """Look a name up: health, a measure, what is derived, a fact, the CRM's row, then the weeks' last figure."""
    if of == RENEWAL_STATE:
        fact = case.fact(of, at)
        return RENEWED if renewed(case, at) else fact.value if fact else None
    if of in ("open_commitments", "overdue_commitments"):
        day = at.date().isoformat()
        return float(sum(of[1] == "p" or ("" < one.due < day) for one in case.commitments(at)))
    fact = case.fact(of, at)
    if fact is not None:
        return fact.value
    details: object = getattr(case.hint(at), of, None)
    if details is not None and details != "":
        return str(details)
    last = _last_figure(of, case, at)
    if last is not None:
        return last
    health = assess(at).health
    scores = {"health": health.score, **{measure.name: measure.score for measure in health.measures}}
    score = scores.get(of)
    return None if score is None else float(score)


def _last_figure(of: str, case: Case, at: datetime) -> float | None:
    """Return the last figure of a column that was known at a moment."""
    weeks = case.weeks(at)
    if of not in weeks.columns:
        return None
    return next((float(value) for value in reversed(weeks.column(of)) if not math.isnan(value)), None)


def _number(text: str) -> float | None:
    """Read a fact's value ("EUR 12,000", "80 %") as a number; None where there is none, or more than one."""
    found = _NUMBER.findall(text.replace(",", ""))
    return float(found[0]) if len(found) == 1 else None
