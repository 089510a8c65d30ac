"""Tables of the book: what is kept of accounts besides their memory. Reads and writes nothing.

``body`` is a value of `fleet_runtime.records.book` as JSON, whole; beside it stands only what rows are found by. Days
are ISO dates, which sort as they stand. An account's rows lie side by side, each kind in its own table, so that a
receipt of an erasure can say what went.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, MetaData

from fleet_runtime.stores.schema import shared_tables
from fleet_runtime.stores.schema.columns import Instant, Words
from fleet_runtime.stores.schema.ownership import numbered, of_number

# A week as it was known from a moment on: one that was corrected has several rows. So have invoices and details.
week = numbered(
    "week",
    Column("start", Words, nullable=False),
    Column("known_from", Instant, nullable=False),
    Column("body", Words, nullable=False),
    of_number(),
    identity=("start", "known_from"),
)

invoice = numbered(
    "invoice",
    Column("number", Words, nullable=False),
    Column("known_from", Instant, nullable=False),
    Column("body", Words, nullable=False),
    of_number(),
    identity=("number", "known_from"),
)

details = numbered(
    "details",
    Column("known_from", Instant, nullable=False),
    Column("body", Words, nullable=False),
    of_number(),
    identity="known_from",
)

notice = numbered(
    "notice",
    Column("id", Words, nullable=False),
    Column("day", Words, nullable=False),
    Column("body", Words, nullable=False),
    of_number(),
)

# One run of a motion for one due date: its key is what makes it happen once.
motion_run = numbered(
    "motion_run",
    Column("motion", Words, nullable=False),
    Column("due", Words, nullable=False),
    Column("body", Words, nullable=False),
    of_number(),
    identity=("motion", "due"),
)

work_product = numbered(
    "work_product",
    Column("id", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("body", Words, nullable=False),
    of_number(),
)

# How often an account's rows in the tables above were changed; beyond every version of an account erased before.
portfolio = numbered("portfolio", Column("version", Integer, nullable=False), of_number(), identity=())

Index("notice_day", notice.c.day)
Index("motion_run_due", motion_run.c.due)
Index("work_product_state", work_product.c.state)

BOOK: Final = (week, invoice, details, notice, motion_run, work_product, portfolio)
"""The tables of an account's book."""


def every_table() -> MetaData:
    """Return the whole schema: these tables, those that processes share, and `tables`'s, once that is loaded too."""
    return shared_tables.every_table()
