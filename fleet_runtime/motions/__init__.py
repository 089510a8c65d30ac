"""Motions: work that a role starts by itself, by its contract. Reading, due dates, and what is done. Pure.

Each name is found when it is first used: who reads contracts does not wait for what looks at accounts.
"""

# The names are loaded by __getattr__ and typed in the stub:
# pyright: reportUnsupportedDunderAll=false

from __future__ import annotations

from fleet_runtime.faces import face

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

__getattr__ = face(
    __name__,
    {
        "doing": ("Look", "Wanted", "Written", "after", "perform"),
        "due": ("LATE", "begin_of", "cron_days", "due_dates", "next_due", "next_news", "planned"),
        "reading": ("declared_motions", "motions_of", "read_motions"),
    },
)
