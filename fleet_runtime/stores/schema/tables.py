"""The one schema of the store, as SQLAlchemy tables. Opens nothing, reads nothing and migrates nothing.

Every row has an owner, and its owner opens its primary key: tenant and account, or the ``account_number``
that stands for both where rows are many (events, facts, commitments, vectors, the book; a million of them
fit in 600 MB so). A number is never given twice, so that what is left of an erased account anywhere belongs to
nobody. SQLite keeps an account's rows side by side (WITHOUT ROWID), which is what a turn reads. Only the
texts of role contracts, the names of encoders and the receipts of erasures have no owner: none holds a
customer's words. Times of memory rows are integers, microseconds since 1970; those of turns are text of
one width, ``2026-03-01T09:30:00.000000+00:00``, always UTC, which sorts as it stands.
Replies are JSON (`packing`), since nothing asks for a part of one; what one may ask of decisions and hand-offs stands
as rows too.

A change here needs a migration, and `SCHEMA_VERSION` is its revision; a test holds the two together.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    text,
)

from fleet_runtime.stores.schema.columns import Blob, Instant, Number, Wide, Words
from fleet_runtime.stores.schema.ownership import (
    cites_event,
    metadata,
    numbered,
    of_account,
    of_number,
    of_turn,
    owned,
    strict,
)

SCHEMA_VERSION = "0006"
"""The revision that this schema is. Revisions are numbers of one width and sort as text."""

schema_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


# ``events`` and ``embedded`` count the account's events, and those of them that have a vector by ``encoder``.
account = Table(
    "account",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("tenant", Words, nullable=False),
    Column("account", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Column("opened_at", Words, nullable=False),
    Column("events", Integer, nullable=False),
    Column("embedded", Integer, nullable=False),
    Column("encoder", Integer, nullable=False),
    UniqueConstraint("tenant", "account", name="account_once_per_tenant"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

encoder = Table(
    "encoder",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("name", Words, nullable=False),
    UniqueConstraint("name", name="encoder_once"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

turn = owned(
    "turn",
    Column("id", Words, nullable=False),
    Column("conversation", Words, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("role", Words, nullable=False),
    Column("speaker", Words, nullable=False),
    Column("at", Words, nullable=False),
    Column("accepted_at", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("reply", Words),
    Column("failure", Words),
    Column("approval", Words, nullable=False, server_default=text("''")),
    Column("output_schema", Words),
    Column("grant", Words),
    Column("trace", Words),
    of_account(),
    UniqueConstraint("tenant", "id", name="turn_id_once_per_tenant"),
    UniqueConstraint("tenant", "account", "sequence", name="turn_sequence_once"),
    # A turn is done exactly if it has a reply, and failed if something says why: the database admits no half turn.
    CheckConstraint(
        "state IN ('accepted', 'done', 'failed', 'cancelled')"
        " AND (state = 'done') = (reply IS NOT NULL) AND (state = 'failed') = (failure IS NOT NULL)",
        name="turn_whole",
    ),
    # All that is asked of turns that wait stands in the index itself, ``state`` too: SQLite reads it from there.
    Index(
        "turn_unfinished",
        *("tenant", "account", "sequence", "accepted_at", "state"),
        sqlite_where=text("state = 'accepted'"),
        postgresql_where=text("state = 'accepted'"),
    ),
    Index(
        "turn_failed",
        *("tenant", "account", "sequence", "state"),
        sqlite_where=text("state = 'failed'"),
        postgresql_where=text("state = 'failed'"),
    ),
)

event = numbered(
    "event",
    Column("id", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("terms", Blob, nullable=False),
    of_number(),
)

fact = numbered(
    "fact",
    Column("id", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("key", Words, nullable=False),
    Column("value", Words),
    Column("event_id", Words, nullable=False),
    Column("author", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("quote", Words, nullable=False),
    Column("confidence", Number, nullable=False),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
    Column("known_from", Instant, nullable=False),
    Column("known_to", Instant),
    Column("yields_to", Words, nullable=False),
    cites_event(),
)

commitment = numbered(
    "commitment",
    Column("id", Words, nullable=False),
    Column("task", Words, nullable=False),
    Column("owner", Words, nullable=False),
    Column("to", Words, nullable=False),
    Column("due", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("event_id", Words, nullable=False),
    Column("at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Words, nullable=False),
    cites_event(),
)

digest = numbered(
    "digest",
    Column("id", Words, nullable=False),
    Column("period", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("cites", Words, nullable=False),
    Column("events", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    of_number(),
)

# All vectors of an account are by its ``encoder``; `fleet_runtime.recall.packed_vector` gives their form.
vector = numbered(
    "vector",
    Column("event_id", Words, nullable=False),
    Column("data", Blob, nullable=False),
    cites_event(),
    identity="event_id",
)

decision = owned(
    "decision",
    Column("turn_id", Words, nullable=False),
    Column("id", Words, nullable=False),
    Column("at", Words, nullable=False),
    Column("verdict", Words, nullable=False),
    Column("choice", Words),
    Column("active_role", Words),
    Column("stage", Words, nullable=False),
    Column("confidence", Number, nullable=False),
    Column("rule_where", Words),
    Column("reason", Words, nullable=False),
    of_turn(),
    identity=("turn_id", "id"),
)

hand_off = owned(
    "hand_off",
    Column("turn_id", Words, nullable=False),
    Column("id", Words, nullable=False),
    Column("position", Integer, nullable=False),
    Column("at", Words, nullable=False),
    Column("from_role", Words, nullable=False),
    Column("to_role", Words, nullable=False),
    Column("why", Words, nullable=False),
    Column("said", Words, nullable=False),
    Column("asked", Words, nullable=False),
    Column("fact_ids", Words, nullable=False),
    Column("rule", Words, nullable=False),
    of_turn(),
    identity=("turn_id", "id"),
)

# A round of a turn in which tools were called; ``body`` is a `fleet_runtime.records.Step` as JSON.
step = owned(
    "step",
    Column("turn_id", Words, nullable=False),
    Column("number", Integer, nullable=False),
    Column("body", Words, nullable=False),
    of_turn(),
    identity=("turn_id", "number"),
)

# A question for a person; ``body`` is a `fleet_runtime.records.Approval` as JSON, its ``state`` stands beside it.
approval = owned(
    "approval",
    Column("id", Words, nullable=False),
    Column("turn_id", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("asked_at", Words, nullable=False),
    Column("body", Words, nullable=False),
    of_turn(),
)

# ``day`` is an ISO date (UTC), ``cost`` in pico-units (10^-12) of the price table's currency.
spent = owned(
    "spent",
    Column("day", Words, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("cost", Wide, nullable=False),
    Column("unpriced", Integer, nullable=False),
    of_account(),
    identity=("day",),
)

# The switch of a tenant, while it is off.
pause = strict(
    "pause",
    Column("tenant", Words, nullable=False),
    Column("since", Words, nullable=False),
    Column("by", Words, nullable=False),
    Column("reason", Words, nullable=False),
    PrimaryKeyConstraint("tenant"),
)

# A lease may be taken before the account has any row, so it is bound to none.
lease = owned(
    "lease",
    Column("owner", Words, nullable=False),
    Column("until", Words, nullable=False),
    identity=(),
)

learning = numbered(
    "learning",
    Column("event_id", Words, nullable=False),
    Column("since", Instant, nullable=False),
    cites_event(),
    identity="event_id",
)

# What was erased, and when, without a word of whose it was. ``version`` is the last of the account, or of its book if
# that came further: those opened later count on from there, so that what was read of an account before it was erased
# never passes for the state of a later one.
erasure = strict(
    "erasure",
    Column("account_number", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("counts", Words, nullable=False),
    Column("content_hash", Words, nullable=False),
    PrimaryKeyConstraint("account_number"),
)

pin = owned(
    "pin",
    Column("role", Words, nullable=False),
    Column("content_hash", Words, nullable=False),
    Column("since", Words, nullable=False),
    of_account(),
    identity=("role",),
)

# A pin may name a contract whose text was not to be had, so it is not bound to this table.
contract = strict(
    "contract",
    Column("content_hash", Words, nullable=False),
    Column("role", Words, nullable=False),
    Column("text", Words, nullable=False),
    PrimaryKeyConstraint("content_hash"),
)
