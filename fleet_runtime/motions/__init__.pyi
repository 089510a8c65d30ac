# The public names, for type checkers; `__init__.py` finds them when they are first used.

from fleet_runtime.motions.doing import Look, Wanted, Written, after, perform
from fleet_runtime.motions.due import LATE, begin_of, cron_days, due_dates, next_due, next_news, planned
from fleet_runtime.motions.reading import declared_motions, motions_of, read_motions

__all__ = [
    "LATE",
    "Look",
    "Wanted",
    "Written",
    "after",
    "begin_of",
    "cron_days",
    "declared_motions",
    "due_dates",
    "motions_of",
    "next_due",
    "next_news",
    "perform",
    "planned",
    "read_motions",
]
