"""Tables through which the processes on one database work together (`fleet_runtime.boards`). Reads and writes nothing.

Times are microseconds since 1970 by the database's own clock, or by this machine's on SQLite.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, MetaData, PrimaryKeyConstraint

from fleet_runtime.stores.schema.columns import Instant, Wide, Words
from fleet_runtime.stores.schema.ownership import metadata, of_turn, owned, strict

# What is heard of a streamed turn while it runs; ``body`` is a packed signal.
signal = owned(
    "signal",
    Column("turn_id", Words, nullable=False),
    Column("number", Integer, nullable=False),
    Column("body", Words, nullable=False),
    of_turn(),
    identity=("turn_id", "number"),
)

worker = strict(
    "worker",
    Column("id", Words, nullable=False),
    Column("token", Words, nullable=False),
    Column("tenant", Words, nullable=False),
    Column("host", Words, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", Words, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("beat", Integer, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("leaving", Integer, nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("id"),
)

# Up to when a scan for due work has come.
mark = strict(
    "mark",
    Column("tenant", Words, nullable=False),
    Column("scan", Words, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "scan"),
)

# When a provider would have worked off all that it was asked, at the pace that it allows (GCRA), in microseconds.
provider = strict(
    "provider",
    Column("name", Words, nullable=False),
    Column("requests_until", Wide, nullable=False),
    Column("tokens_until", Wide, nullable=False),
    PrimaryKeyConstraint("name"),
)

# A model call that is under way; after ``until`` it does not count any more.
call = strict(
    "call",
    Column("provider", Words, nullable=False),
    Column("id", Words, nullable=False),
    Column("until", Wide, nullable=False),
    PrimaryKeyConstraint("provider", "id"),
)

Index("call_until", call.c.provider, call.c.until)


def every_table() -> MetaData:
    """Return the whole schema: these tables, and those of other modules of this package once they are loaded."""
    return metadata
