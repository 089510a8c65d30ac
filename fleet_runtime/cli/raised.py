"""Says what was raised: in the form that other programs rely on, and in rows for people. Raises nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

from fleet_runtime.cli.printing import one_line
from fleet_runtime.runtime.motion_days import Raised

COLUMNS: Final = ("date", "account", "kind", "severity", "what", "why")


def as_json(one: Raised) -> dict[str, object]:
    """Give a raised thing in the form that other programs rely on."""
    notice, concern = one.notice, one.notice.concern
    return {
        "date": notice.on,
        "account": one.account,
        "kind": concern.kind,
        "severity": concern.severity,
        "title": concern.title,
        "reasons": concern.reasons,
        "evidence": [{"text": item.text, "source": item.source} for item in concern.evidence],
        "matter": concern.matter,
        "play": concern.play,
        "role": notice.role,
        "motion": notice.motion,
        "id": notice.id,
        "new": one.new,
    }


def as_row(one: Raised) -> tuple[str, ...]:
    """Put a raised thing into a row, with its first reason."""
    notice, concern = one.notice, one.notice.concern
    why = concern.reasons[0] if concern.reasons else ""
    said = (concern.kind, concern.severity, concern.title, why)
    return (notice.on.isoformat(), *(one_line(text) for text in (one.account, *said)))


def summary(found: Sequence[Raised], accounts: int, window: tuple[date, date] | None) -> str:
    """Count what was raised, by kind, and say over what."""
    kinds = Counter(one.notice.concern.kind for one in found)
    high = sum(one.notice.concern.severity == "high" for one in found)
    said = ", ".join(f"{kinds[kind]} {kind}" for kind in sorted(kinds))
    known = sum(not one.new for one in found)
    days = f", {(window[1] - window[0]).days + 1} days" if window else ""
    notes = [f"{high} of high severity"] if high else []
    notes += [f"{known} raised before"] if known else []
    beside = f" ({', '.join(notes)})" if notes else ""
    return f"raised: {said or 'nothing'}{beside}; {accounts} account{'' if accounts == 1 else 's'} looked at{days}"
