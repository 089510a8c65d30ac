"""Makes the book's rows of what reviews find, and puts them in order. Pure; assesses nothing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from fleet_runtime.errors import MessageError
from fleet_runtime.health import Assessment, Case, end_of
from fleet_runtime.records import Commitment
from fleet_runtime.records.book import Concern, Health, Notice, NoticeKind, Severity
from fleet_runtime.runtime.attention import Standing, attention
from fleet_runtime.runtime.book_pages import BookOrder, BookRow, NextMotion, Renewal, Risk

GRAVITY: Final[Mapping[Severity, int]] = {"low": 0, "medium": 1, "high": 2}


FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
"""Between these a book may be looked at: beyond, calendars end."""


def last_moment(as_of: date | datetime) -> datetime:
    """Return the moment that is meant: a day is looked at as of its end, UTC; a naive time is UTC.

    Raises: MessageError for a year in which there is no book.
    """
    if not FIRST_YEAR <= as_of.year <= LAST_YEAR:
        raise MessageError(f"there is no book in {as_of.year}", hint=f"name a day from {FIRST_YEAR} to {LAST_YEAR}")
    if not isinstance(as_of, datetime):
        return end_of(as_of)
    utc = end_of(as_of.date()).tzinfo
    return as_of.replace(tzinfo=utc) if as_of.tzinfo is None else as_of.astimezone(utc)


def is_known(case: Case, at: datetime) -> bool:
    """Tell whether anything at all was known of an account at a moment."""
    return bool(
        len(case.weeks(at))
        or case.details(at)
        or any(event.at <= at for event in case.state.events)
        or any(notice.open_on(at.date()) for notice in case.book.notices)
    )


def row_of(case: Case, at: datetime, found: Assessment, next_motion: NextMotion | None) -> BookRow:
    """Make an account's row.

    Args:
        case: the account.
        at: the moment as of which it is looked at, UTC.
        found: what a review says of it at that moment.
        next_motion: what is to come.
    """
    day = at.date()
    hint = case.hint(at)
    promised = case.commitments(at)
    notices = open_notices(case, day)
    raised: dict[NoticeKind, int] = dict(Counter(notice.concern.kind for notice in notices))
    renewal, risk = _renewal(case, at), gravest(found, notices)
    late = sum(is_overdue(one, day) for one in promised)
    health = found.health
    standing = Standing(
        severity=risk.severity if risk else None,
        days=renewal.days if renewal else None,
        score=health.score,
        trend=health.trend,
        overdue=late,
        seen={concern.kind for concern in _all(found, notices)},
    )
    weight = attention(standing)
    return BookRow(
        account=case.key.account,
        company=hint.company if hint else "",
        on=day,
        score=health.score,
        trend=health.trend,
        slope=health.slope,
        confidence=health.confidence,
        renewal=renewal,
        commitments=len(promised),
        overdue=late,
        next_motion=next_motion,
        risk=risk,
        why=_why(risk, health, _all(found, notices)),
        open=raised,
        arr=hint.arr if hint else None,
        currency=hint.currency if hint else "",
        last_contact=case.contact(at),
        attention=weight.points,
        because=weight.because,
    )


def ordered(rows: Iterable[BookRow], order: BookOrder) -> tuple[BookRow, ...]:
    """Sort rows; what cannot be compared for want of data comes last, except for health, where it comes first.

    Rows that are equal stand by the nearer renewal, then by account. The largest ARR comes first, each currency for
    itself.
    """
    nearest = sorted(rows, key=lambda row: (*_by_renewal(row), row.account))
    if order == "attention":
        nearest.sort(key=lambda row: -row.attention)
    elif order == "health":
        nearest.sort(key=lambda row: -1 if row.score is None else row.score)
    elif order == "arr":
        nearest.sort(key=lambda row: (row.arr is None, row.currency, -(row.arr or 0)))
    elif order == "account":
        nearest.sort(key=lambda row: (row.company or row.account).casefold())
    return tuple(nearest)


def open_notices(case: Case, day: date) -> tuple[Notice, ...]:
    """Return what was raised and open on a day, the gravest first, then the latest."""
    found = [notice for notice in case.book.notices if notice.open_on(day)]
    return tuple(sorted(found, key=lambda one: (-GRAVITY[one.concern.severity], -one.on.toordinal(), one.id)))


def gravest(found: Assessment, notices: Sequence[Notice]) -> Risk | None:
    """Return the gravest risk: among what a review finds now and what was raised and is open, the present one first."""
    since = {notice.concern.matter: notice.on for notice in notices if notice.concern.kind == "risk"}
    risks = [concern for concern in _all(found, notices) if concern.kind == "risk"]
    if not risks:
        return None
    worst = max(risks, key=lambda concern: GRAVITY[concern.severity])  # the first of equals
    return Risk(
        severity=worst.severity,
        matter=worst.matter,
        title=worst.title,
        reasons=worst.reasons,
        since=since.get(worst.matter),
    )


def is_overdue(commitment: Commitment, day: date) -> bool:
    """Tell whether an open promise was to be kept before a day; one without a date never is."""
    return bool(commitment.due) and commitment.due[:10] < day.isoformat()


def _renewal(case: Case, at: datetime) -> Renewal | None:
    """Say when the contract renews, as far as it was known."""
    found = case.renewal(at)
    if found is None:
        return None
    days = (found.on - at.date()).days
    return Renewal(on=found.on, days=days, stated=found.stated, evidence=found.evidence)


def _all(found: Assessment, notices: Sequence[Notice]) -> tuple[Concern, ...]:
    """Return what a review finds now, then what was raised and is open."""
    return (*found.concerns, *(notice.concern for notice in notices))


def _why(risk: Risk | None, health: Health, concerns: Sequence[Concern]) -> str:
    """Say in one sentence what stands out: why there is a risk, what else is seen, what is missing, why it falls."""
    if risk is not None:
        return risk.reasons[0] if risk.reasons else risk.title
    if concerns:
        worst = max(concerns, key=lambda concern: GRAVITY[concern.severity])
        return f"{worst.title}: {worst.reasons[0]}" if worst.reasons else worst.title
    if health.score is None:
        missing = [measure.name for measure in health.measures if measure.score is None]
        return f"No data on {', '.join(missing)}." if missing else "Too little is known."
    fallen = min(
        (one for one in health.measures if one.slope < 0), key=lambda one: one.slope * one.weight, default=None
    )
    return f"{fallen.name} {fallen.slope:+.0f}: {fallen.says}" if fallen and health.trend == "down" else ""


def _by_renewal(row: BookRow) -> tuple[bool, int]:
    """Order by the nearer renewal, those whose renewal nobody knows last."""
    return (row.renewal is None, row.renewal.days if row.renewal else 0)
