"""Find the dates that a text speaks of, and say a date in plain words.

A mention without a year, or a relative one ("last Friday"), is resolved against the moment when
the text was said. A span that looks like a date but is none ("31 February 2027") is kept with no
value. Refuses to guess from a bare number, and never looks at the clock.
"""

from __future__ import annotations

from fleet_runtime.dates.finding import find_dates
from fleet_runtime.dates.mentions import (
    MONTHS,
    DateMention,
    Precision,
    Prefer,
    say_date,
)

__all__ = ["MONTHS", "DateMention", "Precision", "Prefer", "find_dates", "say_date"]
